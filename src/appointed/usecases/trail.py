"""What is still to be written into the audit log: noted in memory, so that nobody waits for it (ADR 0147)."""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from appointed.domain.appointment import Appointment
from appointed.domain.audit import Act, Entry
from appointed.domain.directory import AssociateType, Directory
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access
from appointed.usecases.ports import Clock, IdSource, Outcome, Store

# Who looks at the same thing again within this time has looked once; a list renews itself on a screen.
READ_ONCE_IN = timedelta(minutes=5)
LISTED_ONCE_IN = timedelta(hours=1)
# Programs ask for the same all day long.
FETCHED_ONCE_IN = timedelta(hours=1)
MOST_WAITING = 20_000
MOST_KNOWN = 50_000

_Key = tuple[int, Act, int, int, str]


class Trail:
    """Entries that wait to be written, at most so many, and what was noted lately."""

    def __init__(
        self, clock: Clock, ids: IdSource, most_waiting: int = MOST_WAITING, most_known: int = MOST_KNOWN
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._most_waiting = most_waiting
        self._most_known = most_known
        self._waiting: deque[Entry] = deque()
        # Apart, so that a program which reads a whole diary pushes out nothing that is known of people.
        self._known: defaultdict[Act, OrderedDict[_Key, datetime]] = defaultdict(OrderedDict)
        self._lost: Counter[int] = Counter()

    def note(
        self,
        tenant_id: int,
        act: Act,
        by: int,
        *,
        appointment_id: int = 0,
        address: str = "",
        door: str = "",
        details: dict[str, Any] | None = None,
        once_in: timedelta | None = None,
    ) -> None:
        """Let an entry wait; one that says the same as another within `once_in` is left out.

        When too many wait, it is counted as lost, which becomes an entry itself.
        """
        now = self._clock()
        if once_in is not None and self._was_noted(
            (tenant_id, act, by, appointment_id, address), now, once_in
        ):
            return
        if len(self._waiting) >= self._most_waiting:
            self._lost[tenant_id] += 1
            return
        self._waiting.append(
            Entry(
                id=self._ids.uuid7(now),
                tenant_id=tenant_id,
                at=now,
                act=act,
                by=by,
                door=door,
                appointment_id=appointment_id,
                address=address,
                details=details or {},
            )
        )

    def unnoted(self, tenant_id: int, act: Act, by: int, numbers: Iterable[int]) -> list[int]:
        """List those of these appointments of which `note` would not leave out the same for what it knows."""
        now, known = self._clock(), self._known[act]
        return [
            number
            for number in numbers
            if (until := known.get((tenant_id, act, by, number, ""))) is None or until <= now
        ]

    def take(self, most: int) -> tuple[Entry, ...]:
        """Give the oldest entries that wait, and how many were lost."""
        taken = [self._waiting.popleft() for _entry in range(min(most, len(self._waiting)))]
        lost, self._lost = self._lost, Counter()
        now = self._clock()
        for tenant_id, count in lost.items():
            told = {"count": count}
            taken.append(
                Entry(
                    id=self._ids.uuid7(now), tenant_id=tenant_id, at=now, act=Act.ENTRIES_LOST, details=told
                )
            )
        return tuple(taken)

    def give_back(self, entries: Iterable[Entry]) -> None:
        """Let entries wait again that could not be written."""
        self._waiting.extendleft(reversed(list(entries)))

    def _was_noted(self, key: _Key, now: datetime, once_in: timedelta) -> bool:
        known = self._known[key[1]]
        until = known.get(key)
        if until is not None and now < until:
            return True
        known[key] = now + once_in
        known.move_to_end(key)
        if len(known) > self._most_known:
            known.popitem(last=False)
        return False


def note_read(store: Store, principal: Principal, directory: Directory, row: Appointment) -> None:
    """Note that somebody was shown an appointment whose claimant they may see."""
    _note(store, principal, directory, (row,), (Act.CLAIMANT_READ, READ_ONCE_IN), _tells)


def note_listed(
    store: Store, principal: Principal, directory: Directory, rows: Iterable[Appointment]
) -> None:
    """Note that somebody was shown a list, for each appointment in it whose claimant they could see."""

    def is_seen(row: Appointment) -> bool:
        return _tells(row) and access(principal, row, directory) >= Access.READ

    _note(store, principal, directory, rows, (Act.CLAIMANTS_LISTED, LISTED_ONCE_IN), is_seen)


def note_answered(store: Store, principal: Principal, outcome: Outcome, rows: Iterable[Appointment]) -> None:
    """Note that somebody was shown rows by a write that changed none of them: no event tells of it.

    A repeated answer has no rows; who was shown it is known from the first.
    """
    if outcome.directory is None:
        return
    for row in rows:
        note_read(store, principal, outcome.directory, row)


def _tells(row: Appointment) -> bool:
    claimant = row.claimant
    return claimant is not None and any(getattr(claimant, name) for name in claimant.__struct_fields__[1:])


def _note(
    store: Store,
    principal: Principal,
    directory: Directory,
    rows: Iterable[Appointment],
    of_people: tuple[Act, timedelta],
    is_seen: Callable[[Appointment], bool],
) -> None:
    associate = directory.associates.get(principal.associate_id)
    if associate is None:
        # The server itself shows nobody anything.
        return
    act, once_in = of_people
    if associate.type is AssociateType.SYSTEM:
        act, once_in = Act.CLAIMANT_FETCHED, FETCHED_ONCE_IN
    # A list on a screen renews itself all the time, and hardly ever shows something new.
    shown = {row.id: row for row in rows}
    for row_id in store.audit.unnoted(principal.tenant_id, act, principal.associate_id, shown):
        if is_seen(shown[row_id]):
            store.audit.note(
                principal.tenant_id, act, principal.associate_id, appointment_id=row_id, once_in=once_in
            )
