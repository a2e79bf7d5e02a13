"""The store of a request that only wants to know: all is decided as ever, and writes are taken back."""

from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from appointed.domain.directory import Directory
from appointed.domain.preference import Preference
from appointed.store import preference_scripts
from appointed.store.record_change import change_records
from appointed.store.scripts import Script
from appointed.usecases.ports import Change, Outcome, RecordChange, RecordsChange

Answer = TypeVar("Answer")
# What is only read is the store's own; nothing else is known, so that nothing is written unseen. Of who read
# a claimant the trail is told also in a trial.
READS = frozenset(
    {
        "audit",
        "blockers",
        "busy",
        "directory",
        "find_claimants",
        "history",
        "page",
        "preferences",
        "presences",
        "read",
        "record_history",
    }
)


class TakenBack(Exception):
    """Ends a transaction that was only tried; `answer` is what it would have come to."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


class Rehearsal:
    """One request's store, of either engine (`real`); `tried` are the changes that it would have made."""

    def __init__(self, real: Any) -> None:
        self.tried: list[Outcome] = []
        self.webhooks = real.webhooks.on(self)
        self._real = real
        self._look, self._scan = real._look, real._scan

    def __getattr__(self, name: str) -> Any:
        if name not in READS:
            raise AttributeError(f"a rehearsal does not know {name}")
        return getattr(self._real, name)

    async def change(self, change: Change) -> Outcome:
        """Decide one change and write nothing; its conflicts are told, whoever looks for them."""
        outcome: Outcome = await self._real.change(replace(change, dry_run=True, wants_conflicts=True))
        if not change.dry_run:
            self.tried.append(outcome)
        return outcome

    async def change_record(self, change: RecordChange) -> Outcome:
        """Decide one change of a record and write nothing."""
        outcome: Outcome = await self._real.change_record(replace(change, dry_run=True))
        self.tried.append(outcome)
        return outcome

    async def change_records(self, change: RecordsChange) -> Directory:
        """Change records and take it back; gives the directory that would have stood."""
        known, tools = self._real._directories.get(change.tenant_id), self._real._tools
        # What is taken back misses nothing.
        return await self._write(change_records(change, known, tools, self._real._hold, is_between=True))

    async def put_preferences(
        self, tenant_id: int, wanted: Sequence[Preference], *, drops_nearer: bool = False
    ) -> None:
        """Keep preferences and take it back."""
        await self._write(preference_scripts.put_preferences(tenant_id, wanted, drops_nearer=drops_nearer))

    async def _write(self, script: Script[Answer]) -> Answer:
        self.tried.append(Outcome(pairs=()))
        try:
            await self._real._write(_taken_back(script))
        except TakenBack as done:
            answer: Answer = done.answer
            return answer
        raise RuntimeError("a rehearsal was kept")


def _taken_back(script: Script[Any]) -> Script[None]:
    answer = yield from script
    raise TakenBack(answer)
