"""What an open page of a claimant is told: its own state, whenever it is another one."""

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from appointed.console.claimants.lines import Lines
from appointed.console.claimants.shown import State
from appointed.domain.call import Side, Welcome
from appointed.domain.errors import AppointmentNotFound
from appointed.http.event_stream import ServerEvent
from appointed.usecases.live import Message, Moved, Topic
from appointed.usecases.meetings import Calls, Visit

# So often, in seconds, is a place in the line told where only others come and go: nobody runs for it.
LINE_SECONDS = 3.0
# What no page is: the script loads its page again, which says where things stand.
ELSEWHERE = State(page="", when="", place=0, messages=[], asks_consent=False)


class Telling:
    """Follows one appointment, and while its claimant waits the line in their department."""

    def __init__(
        self,
        key: str,
        calls: Calls,
        state_of: Callable[[Visit], Awaitable[State]],
        lines: Lines,
    ) -> None:
        self._key = key
        self._calls = calls
        self._state_of = state_of
        self._lines = lines
        self._told: State | None = None
        self._visit: Visit | None = None
        self.topic = Topic(tenant_id=0)

    async def first(self) -> Iterable[ServerEvent]:
        """Read how things stand; raises AppointmentNotFound."""
        self._visit = visit = await self._calls.visit(Side.CLAIMANT, self._key)
        row, waits = visit.row, visit.welcome is Welcome.WAIT
        self.topic = Topic(
            tenant_id=row.tenant_id,
            appointment_ids=frozenset({row.id}),
            department_ids=frozenset({row.department_id}) if waits else frozenset(),
            patience=LINE_SECONDS,
        )
        return self._events(await self._state_of(visit))

    async def may_hear(self) -> bool:
        """Tell whether the link still leads here: it has not expired, nor been found to lead elsewhere."""
        return self._visit is not None and self._calls.clock() < self._visit.closes_at

    async def render(self, batch: tuple[Message, ...]) -> Iterable[ServerEvent]:
        """Tell what has changed for this page; of others it learns its own place alone."""
        if any(self._is_own(message) for message in batch):
            return self._events(await self._read_again())
        visit, told = self._visit, self._told
        if visit is None or told is None or not self.topic.department_ids:
            return ()
        line = self.topic.tenant_id, visit.row.department_id
        # Another page may have had the line read anew already: then its change is not seen in the batch.
        is_other = self._lines.known(*line, visit.row.id) != told.place
        if not is_other and not any(self._lines.may_move(*line, moved) for moved in _moved(batch)):
            return ()
        return self._events(await self._state_of(visit))

    def _is_own(self, message: Message) -> bool:
        return not isinstance(message, Moved) or message.appointment_id in self.topic.appointment_ids

    async def _read_again(self) -> State:
        former, self._visit = self._visit, None
        try:
            visit = await self._calls.visit(Side.CLAIMANT, self._key)
        except AppointmentNotFound:
            return ELSEWHERE
        # Another department has another line: a new stream follows that one.
        if former is None or visit.row.department_id != former.row.department_id:
            return ELSEWHERE
        self._visit = visit
        return await self._state_of(visit)

    def _events(self, state: State) -> Iterable[ServerEvent]:
        if state == self._told:
            return ()
        self._told = state
        return (ServerEvent(msgspec.json.encode(state).decode(), "state"),)


def _moved(batch: tuple[Message, ...]) -> Iterable[Moved]:
    return (message for message in batch if isinstance(message, Moved))
