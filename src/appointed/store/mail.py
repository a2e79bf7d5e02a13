"""The MailStore port on either engine."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from appointed.domain.appointment import Appointment
from appointed.domain.letter import Channel, Item, Letter, LetterName, LetterState, Mailing, SeriesTold
from appointed.sealing.sealer import Sealer
from appointed.store.document import Row, open_claimant
from appointed.store.mail_scripts import MailScripts
from appointed.store.scripted import ScriptedStore
from appointed.store.webhook_facts import change
from appointed.usecases.mail_ports import Attempt, Moment


class StoredMail:
    """Runs the scripts of letters through a store of either engine."""

    def __init__(self, store: ScriptedStore, skip: str, sealer: Sealer, channels: frozenset[Channel]) -> None:
        self.channels = channels
        self._store = store
        self._sealer = sealer
        self._scripts = MailScripts(skip, sealer)

    async def add(self, mailing: Mailing) -> bool:
        """Keep what shall be told; False, and nothing kept, when its key was told before."""
        return await self._store._write(self._scripts.add(mailing))

    async def known(self, tenant_id: int, keys: Sequence[str]) -> frozenset[str]:
        """Tell which of these keys were told before."""
        return await self._store._scan(self._scripts.known(tenant_id, keys)) if keys else frozenset()

    async def work(self, at: datetime) -> tuple[int, ...]:
        """Name the tenants that have something to tell now."""
        return await self._store._look(self._scripts.work(at))

    async def fresh(self, tenant_id: int, limit: int) -> tuple[Mailing, ...]:
        """List mailings whose letters are not known yet, oldest first."""
        return await self._store._scan(self._scripts.fresh(tenant_id, limit))

    async def spread(self, mailing: Mailing, letters: Sequence[LetterName], at: datetime) -> None:
        """Write down which letters a mailing has, due at once; a second time changes nothing."""
        await self._store._write(self._scripts.spread(mailing, letters, at))

    async def claim(
        self, tenant_id: int, at: datetime, until: datetime, lease: UUID, limit: int
    ) -> tuple[tuple[Letter, Mailing], ...]:
        """Take due letters for oneself until an instant; the oldest first."""
        return await self._store._write(self._scripts.claim(tenant_id, at, until, lease, limit))

    async def begin(self, letter: Letter) -> bool:
        """Write down that the end of a letter is on its way; False when the claim is not ours any more."""
        return await self._store._write(self._scripts.begin(letter))

    async def settle(self, letter: Letter, attempt: Attempt) -> None:
        """Write down what came of a letter; what another has claimed since stays as it is."""
        await self._store._write(self._scripts.settle(letter, attempt))

    async def letters(
        self, tenant_id: int, states: Sequence[LetterState], limit: int = 100
    ) -> tuple[Letter, ...]:
        """List letters, the newest mailings first."""
        return await self._store._scan(self._scripts.letters(tenant_id, states, limit))

    async def again(self, tenant_id: int, at: datetime) -> int:
        """Let all that were refused or are unsure be tried again; gives their number."""
        return await self._store._write(self._scripts.again(tenant_id, at))

    async def moment(self, tenant_id: int, item: Item) -> Moment | None:
        """Read what an item speaks of; None when it is not there any more."""
        found = await self._store._scan(change(tenant_id, item.appointment_id, item.revision))
        if found is None:
            return None
        before, after, wrapped = found
        return Moment(
            before=self._opened(before, wrapped),
            after=self._opened(after, wrapped),
            directory=await self._store.directory(tenant_id),
        )

    async def series(self, tenant_id: int, series_id: int) -> tuple[Appointment, ...]:
        """Read the dates of a series as they are now, guests' own rows left out."""
        rows = await self._store._scan(self._scripts.series(tenant_id, series_id))
        return tuple(row.appointment for row in rows if not row.appointment.is_booking_row)

    async def told(self, letter: Letter) -> SeriesTold | None:
        """Read what this letter's lane has told of a series; without dates, or None, when nobody knows."""
        return await self._store._scan(self._scripts.told(letter))

    async def forget(self, before: datetime) -> None:
        """Drop mailings and letters of the time before, and what was told of series that ended before."""
        await self._store._write(self._scripts.forget(before))

    def _opened(self, row: Row | None, wrapped: dict[UUID, bytes]) -> Appointment | None:
        if row is None:
            return None
        key = wrapped.get(row.claimant.id) if row.claimant else None
        return open_claimant(row, key, self._sealer).appointment
