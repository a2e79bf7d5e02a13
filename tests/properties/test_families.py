"""What any sequence of edits leaves of series and bookings, and that the last change can be undone."""

import os
import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, BookingType
from appointed.domain.booking import Answer, answer, answer_for
from appointed.domain.errors import InvalidAppointment, TimeHeld
from appointed.domain.events import replaced
from appointed.domain.participant import InvitationStatus
from appointed.domain.recurrence import Series, days_left, days_of
from appointed.domain.series import Reach
from appointed.domain.status import Status
from appointed.store.document import to_row
from appointed.store.recording import STAMPS, event_of
from appointed.usecases.ports import ById, Change, Decision
from tests.builders import ADMIN, KARI, NOW, OLA, ROOM, principal
from tests.usecases.fake_store import Pairs
from tests.usecases.families import FIRST, GUESTS, IDS, OSLO, WEEKLY, Ledger, later, ruled

IS_FULL = os.environ.get("APPOINTED_TEST_SIZE") == "full"
SEEDS, STEPS = (6000, 25) if IS_FULL else (250, 14)
GONE = (InvitationStatus.CANCELLED, InvitationStatus.DECLINED, InvitationStatus.HIDDEN)
ENDED = (InvitationStatus.CANCELLED, InvitationStatus.HIDDEN)
REFUSALS = (InvitationStatus.DECLINED, InvitationStatus.HIDDEN)
CHANGE = Change(
    tenant_id=1,
    principal=principal(OLA),
    door="test",
    scope=ById(()),
    permit=lambda _rows, _view: None,
    decide=lambda _rows, _view: Decision(),
)


class Story:
    """A series or a booking, and what people do to it, one random thing after another."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.store = Ledger()
        weeks = self.source.sample(range(8), 2)
        self.store.taken = frozenset((ROOM, FIRST + timedelta(weeks=week)) for week in weeks)
        self.told: list[str] = []
        self.changed = 0

    async def begin(self) -> None:
        guests = [guest for guest in GUESTS if self.source.random() < 0.7]
        days = self.source.choice([1, 0b101, 0b1001001])
        rule = replace(WEEKLY, weekdays=days, count=self.source.randint(2, 6))
        await self.store.create(*guests, rule=rule if self.source.random() < 0.8 else None)

    async def go_on(self) -> None:
        acts: list[Callable[[Appointment, Reach], Awaitable[object]]] = [
            self.write, self.write, self.shift, self.shift, self.rule, self.rule_and_day, self.guests, self.guests, self.note,
            self.delete, self.stop, self.cancel, self.leave, self.reply, self.reply, self.reply, self.outside, self.assign,
        ]  # fmt: skip
        masters = self.store.masters()
        if not masters:
            await self.begin()
            return
        act, row = self.source.choice(acts), self.source.choice(masters)
        reach = self.source.choice(list(Reach))
        self.told.append(f"{act.__name__} {row.id} {reach}")
        self.changed = row.id
        before = dict(self.store.rows)
        try:
            await act(row, reach)
        except (InvalidAppointment, TimeHeld):
            # What is refused leaves nothing.
            assert self.store.rows == before

    async def write(self, row: Appointment, reach: Reach) -> None:
        await self.store.set(row, reach, title=f"T{self.source.randint(0, 3)}")

    async def shift(self, row: Appointment, reach: Reach) -> None:
        source = self.source
        by = {"hours": source.randint(-3, 3)} if source.random() < 0.5 else {"days": source.randint(-8, 8)}
        await self.store.move(row, reach, **by)

    async def rule(self, row: Appointment, reach: Reach) -> None:
        if row.series is None:
            await self.store.set(row, reach, series=weekly_from(row.starts_at.date()))
        elif self.source.random() < 0.15:
            await self.store.set(row, reach, series=None)
        else:
            rule = {
                "weekdays": self.source.randint(1, 127),
                "count": self.source.randint(1, 7),
                "ends_on": None,
            }
            await self.store.set(row, reach, series=ruled(row, **rule))

    async def rule_and_day(self, row: Appointment, reach: Reach) -> None:
        if row.series is not None:
            days = timedelta(days=self.source.randint(-4, 4))
            new = {
                "weekdays": self.source.randint(1, 127),
                "count": self.source.randint(1, 9),
                "ends_on": None,
            }
            times = {"starts_at": later(row.starts_at, days), "ends_at": later(row.ends_at, days)}
            await self.store.set(row, reach, series=ruled(row, **new), **times)

    async def guests(self, row: Appointment, reach: Reach) -> None:
        wanted = [guest for guest in GUESTS if self.source.random() < 0.6]
        key = row.last_participant_key
        kept = [
            one for one in row.participants if one.associate_id in wanted and one.associate_id != row.owner_id
        ]
        here = {row.owner_id, *(one.associate_id for one in kept)}
        new = [guest for guest in wanted if guest not in here]
        made = [replace(GUESTS[guest], key=key + place) for place, guest in enumerate(new, 1)]
        own = next(one for one in row.participants if one.associate_id == row.owner_id)
        await self.store.set(row, reach, participants=(own, *kept, *made))

    async def assign(self, row: Appointment, reach: Reach) -> None:
        await self.store.set(row, reach, owner_id=self.source.choice([OLA, OLA, KARI, ADMIN]))

    async def note(self, row: Appointment, reach: Reach) -> None:
        status = self.source.choice([InvitationStatus.ACCEPTED, InvitationStatus.DECLINED])
        noted = tuple(
            replace(one, invitation_status=status)
            if one.associate_id != row.owner_id and self.source.random() < 0.5
            else one
            for one in row.participants
        )
        await self.store.set(row, reach, participants=noted)

    async def delete(self, row: Appointment, reach: Reach) -> None:
        await self.store.delete(row, reach=self.source.choice([Reach.THIS, Reach.THIS, reach]))

    async def stop(self, row: Appointment, _reach: Reach) -> None:
        await self.store.edit(row, reach=Reach.STOP)

    async def cancel(self, row: Appointment, reach: Reach) -> None:
        if self.source.random() < 0.3:
            await self.store.set(row, reach, status=Status.CANCELLED)

    async def leave(self, row: Appointment, _reach: Reach) -> None:
        found = [row for row in self.store.rows.values() if row.is_booking_row]
        if found:
            guest = self.source.choice(found)
            await self.store.delete(guest, by=guest.owner_id)

    async def reply(self, row: Appointment, _reach: Reach) -> None:
        found = [row for row in self.store.rows.values() if row.is_booking_row]
        if found:
            guest = self.source.choice(found)
            said = self.source.choice(list(Answer))
            family = [row for row in self.store.rows.values() if guest.mother_id in (row.id, row.mother_id)]
            await self._write(answer(family, guest, said, "No time"))

    async def outside(self, row: Appointment, _reach: Reach) -> None:
        outsider = next((one for one in row.participants if not one.associate_id), None)
        if outsider is not None:
            family = [one for one in self.store.rows.values() if row.id in (one.id, one.mother_id)]
            await self._write(answer_for(family, outsider.key, self.source.choice(REFUSALS[:1])))

    async def _write(self, rows: tuple[Appointment, ...]) -> None:
        call = self.store.call()
        change = Change(
            tenant_id=1,
            principal=call.principal,
            door="test",
            scope=ById(tuple(row.id for row in rows)),
            permit=lambda _rows, _view: None,
            decide=lambda _rows, _view: Decision(replacements=rows),
        )
        if rows:
            await self.store.change(change)


def weekly_from(day: date) -> Series:
    rule = replace(WEEKLY, starts_on=day, weekdays=1 << day.weekday())
    return Series(rule=rule, zone="Europe/Oslo", on=day)


def off_their_day(rows: dict[int, Appointment]) -> set[int]:
    return {
        row.id
        for row in rows.values()
        if row.series and not row.is_booking_row and row.starts_at.astimezone(OSLO).date() != row.series.on
    }


def demand_sound(store: Ledger) -> None:
    """Look at every row: the series' first, then the bookings'."""
    masters = {row.id: row for row in store.masters()}
    for series_id in {row.series_id for row in masters.values()} - {0}:
        demand_sound_series([row for row in masters.values() if row.series_id == series_id])
    for row in masters.values():
        assert (row.series is None) == (row.series_id == 0)
        demand_sound_booking(row, [one for one in store.rows.values() if one.mother_id == row.id != one.id])
    for row in store.rows.values():
        if row.is_booking_row and row.mother_id in masters:
            assert row.mother_owner_id == masters[row.mother_id].owner_id
            assert row.booking_type is BookingType.PARTICIPANT
        if row.mother_id and row.mother_id not in masters:
            # Whose appointment is no more was told so, and may have put that away.
            assert row.invitation_status in ENDED, row


def demand_sound_series(rows: list[Appointment]) -> None:
    assert len(rows) > 1
    (rule,) = {row.series.rule for row in rows if row.series}
    days = [row.series.on for row in rows if row.series]
    assert len(set(days)) == len(days)
    # The rule says of every day whether it has a date.
    assert sorted(days) == days_left(rule)


def demand_none_came_back(
    before: dict[int, Appointment], after: dict[int, Appointment], changed: int
) -> None:
    """See that a new rule gives no date to a day that the former one had and that somebody took out."""
    was, now = before.get(changed), after.get(changed)
    if was is None or now is None or was.series is None or now.series is None:
        return
    gone = set(days_of(was.series.rule)) - days_with_dates(before, was.series_id)
    made = days_with_dates(after, now.series_id)
    # A rule that has no other day goes for these.
    assert not made & gone or made <= gone, sorted(made & gone)


def days_with_dates(rows: dict[int, Appointment], series_id: int) -> set[date]:
    found = (row for row in rows.values() if row.series_id == series_id and not row.is_booking_row)
    return {row.series.on for row in found if row.series}


def demand_sound_booking(master: Appointment, guests: list[Appointment]) -> None:
    invited = {one.associate_id: one for one in master.participants if one.associate_id != master.owner_id}
    assert (master.mother_id == master.id) == (master.booking_type is BookingType.OWNER) == bool(invited)
    refusals = sum(one.invitation_status in REFUSALS for one in master.participants)
    assert master.reject_counter == refusals
    keys = [one.key for one in master.participants]
    assert len(set(keys)) == len(keys)
    assert not keys or max(keys) <= master.last_participant_key
    assert len({row.owner_id for row in guests}) == len(guests)
    for row in guests:
        if row.invitation_status is InvitationStatus.CANCELLED or row.owner_id not in invited:
            assert master.status is Status.CANCELLED or row.owner_id not in invited
            assert row.invitation_status in GONE
        elif master.status is not Status.CANCELLED:
            assert row.participants == master.participants
            assert row.invitation_status is invited[row.owner_id].invitation_status
            assert (row.starts_at, row.ends_at, row.title) == (master.starts_at, master.ends_at, master.title)
            assert (row.series, row.series_id) == (master.series, master.series_id)
    if master.status is not Status.CANCELLED:
        # Only who deleted their own row has none.
        without = set(invited) - {0} - {row.owner_id for row in guests}
        assert all(invited[each].invitation_status in REFUSALS for each in without)


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_any_sequence_of_edits_leaves_sound_families(seed: int) -> None:
    story = Story(seed)
    await story.begin()
    for _step in range(STEPS):
        before = dict(story.store.rows)
        story.store.pairs = []
        await story.go_on()
        try:
            demand_sound(story.store)
            # Only the one that somebody moved by itself stands on another day than the rule's.
            assert off_their_day(story.store.rows) <= off_their_day(before) | {story.changed}
            if story.told and story.told[-1].startswith("rule "):
                demand_none_came_back(before, story.store.rows, story.changed)
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {'; '.join(story.told)}: {broken}") from broken
        after = dict(story.store.rows)
        demand_undone(story.store.pairs, before, after)


def demand_undone(pairs: Pairs, before: dict[int, Appointment], after: dict[int, Appointment]) -> None:
    """Take what the events of the last change say back, the last first: it is what stood before, and all of it."""
    undone = {row_id: told(row) for row_id, row in after.items()}
    for old, new in reversed(pairs):
        (number,) = {row.id for row in (old, new) if row}
        event = event_of(CHANGE, old and to_row(old, None), new and to_row(new, None), NOW, IDS)
        for step in msgspec.json.decode(event.inverse):
            if step["op"] == "remove":
                del undone[number]
            elif step["op"] == "add":
                undone[number] = without_stamps(step["value"])
            else:
                undone[number] = replaced(undone[number], step["path"], step["value"])
    assert {number: filled(row) for number, row in undone.items()} == {
        number: filled(told(row)) for number, row in before.items()
    }


def told(row: Appointment) -> dict[str, Any]:
    """Write a row as the event log does."""
    return without_stamps(msgspec.to_builtins(row))


def without_stamps(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in STAMPS}


def filled(document: dict[str, Any]) -> Appointment:
    return msgspec.convert(document, Appointment)
