"""Series and bookings over the fake store: one caller's words for making, changing and looking at them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import TimeHeld
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.recurrence import Pattern, Rule, Series
from appointed.domain.series import Reach
from appointed.usecases.change_appointment import Call, Edited, change_appointment, delete_appointment
from appointed.usecases.create_appointment import blank, create_appointment, new_names
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Change, Outcome
from appointed.usecases.presumed import TimeLetGo
from tests.builders import ADMIN, KARI, NOW, OLA, ROOM, principal
from tests.usecases.fake_store import FakeStore

OSLO = ZoneInfo("Europe/Oslo")
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 3, 16, 10, tzinfo=OSLO).astimezone(UTC)
WEEKLY = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 16), weekdays=1, count=4)
OWNER = Participant(key=1, associate_id=OLA, invitation_status=InvitationStatus.ACCEPTED)
GUESTS = {
    KARI: Participant(key=2, associate_id=KARI, person_id=2),
    ROOM: Participant(key=3, associate_id=ROOM),
    ADMIN: Participant(key=4, associate_id=ADMIN),
    0: Participant(key=5, email_address="a@example.org"),
}
IDS = seeded("families")


class Ledger(FakeStore):
    """The fake store of one owner; `taken` are times of a resource that somebody else holds."""

    taken: frozenset[tuple[int, datetime]] = frozenset()
    # Whoever holds it lets go as soon as somebody has asked for it.
    is_let_go = False
    holder = 999

    async def change(self, change: Change) -> Outcome:
        before = dict(self.rows)
        outcome = await super().change(change)
        lost = [
            row
            for _old, row in self.pairs
            if row
            and (row.owner_id, held_from(row)) in self.taken
            and row.invitation_status is not InvitationStatus.DECLINED
        ]
        presumed = self.decisions[-1].presumed
        freed = tuple(time for time in presumed if (time.resource_id, time.starts_at) not in self.taken)
        refusal = self.refusal(*lost) if lost else None
        if lost or freed:
            self.rows, self.pairs = before, []
        if refusal is not None:
            self.taken = frozenset() if self.is_let_go else self.taken
            raise refusal
        if freed:
            raise TimeLetGo(freed)
        return outcome

    def refusal(self, *lost: Appointment) -> TimeHeld:
        """Refuse rows their time, as the store does."""
        clashes = tuple((row.owner_id, held_from(row), self.holder) for row in lost)
        held = TimeHeld(clashes[0][0], self.holder, clashes, tuple(row.id for row in lost))
        held.bookings = tuple(self.rows.get(row.mother_id, row).uid for row in lost)
        return held

    def call(self, by: int = OLA, reach: Reach = Reach.THIS, **changes: Any) -> Call:
        return Call(principal=principal(by), door="test", ids=IDS, reach=reach, **changes)

    async def create(
        self, *guests: int, rule: Rule | None = None, by: int = OLA, strict: bool = False, **members: Any
    ) -> Appointment:
        series = Series(rule=rule, zone="Europe/Oslo", on=rule.starts_on) if rule else None
        listed = (OWNER, *(GUESTS[guest] for guest in guests))

        def make(names, view):
            row = blank(names, view, 1, by, OLA, FIRST)
            values = {
                "ends_at": FIRST + HOUR,
                "title": "T",
                "participants": listed,
                "series": series,
            } | members
            return Edited(replace(row, **values))

        names = new_names(IDS, NOW)
        outcome = await create_appointment(self, self.call(by, is_strict=strict), names, make)
        return outcome.rows[0]

    async def edit(
        self, row: Appointment, edit: Callable[[Appointment], Appointment] | None = None, **call: Any
    ) -> Outcome:
        made = edit or (lambda row: row)
        return await change_appointment(
            self, self.call(**call), row.id, lambda before, _view: Edited(made(before))
        )

    async def set(self, row: Appointment, reach: Reach = Reach.THIS, **members: Any) -> Outcome:
        return await self.edit(row, lambda before: replace(before, **members), reach=reach)

    async def move(self, row: Appointment, reach: Reach = Reach.THIS, **by: float) -> Outcome:
        shift = timedelta(**by)

        def edit(before: Appointment) -> Appointment:
            return replace(
                before, starts_at=later(before.starts_at, shift), ends_at=later(before.ends_at, shift)
            )

        return await self.edit(row, edit, reach=reach)

    async def delete(self, row: Appointment, by: int = OLA, reach: Reach = Reach.THIS) -> Outcome:
        return await delete_appointment(self, self.call(by, reach), row.id)

    def masters(self) -> list[Appointment]:
        return sorted(
            (row for row in self.rows.values() if not row.is_booking_row), key=lambda row: row.starts_at
        )

    def guests(self, owner_id: int) -> list[Appointment]:
        found = [row for row in self.rows.values() if row.is_booking_row and row.owner_id == owner_id]
        return sorted(found, key=lambda row: row.starts_at)

    def statuses(self, owner_id: int) -> list[str]:
        return [row.invitation_status.value for row in self.guests(owner_id)]

    def days(self) -> list[str]:
        return [row.starts_at.astimezone(OSLO).date().isoformat() for row in self.masters()]

    def titles(self) -> list[str | None]:
        return [row.title for row in self.masters()]


def held_from(row: Appointment) -> datetime:
    return row.starts_at - timedelta(minutes=row.lead_minutes)


def later(at: datetime, shift: timedelta) -> datetime:
    """Move an instant by the clock on the wall."""
    return (at.astimezone(OSLO) + shift).astimezone(UTC)


def ruled(row: Appointment, **rule: Any) -> Series:
    assert row.series is not None
    return replace(row.series, rule=replace(row.series.rule, **rule))
