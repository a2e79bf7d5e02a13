"""Dates of one change that meet each other in a room: one of them has it, whoever else holds what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.participant import InvitationStatus
from appointed.domain.principal import Principal
from appointed.domain.recurrence import Pattern
from appointed.domain.series import Reach
from appointed.usecases.change_appointment import Call, Edited, change_appointment
from appointed.usecases.change_many import Item, change_many
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Outcome
from tests.store.acts import EDITS, ORGANISERS, PEOPLE, ROOM, TENANT, Act, do
from tests.store.world import HOUR, AnyStore

ONE, TWO = ORGANISERS
HELD, FREE = InvitationStatus.DECLINED, InvitationStatus.ACCEPTED
IDS = seeded("dates that meet")


@pytest.fixture
async def people(store: AnyStore) -> AnyStore:
    await store.create_tenant(TENANT, PEOPLE)
    return store


def answers(outcome: Outcome, room: int = ROOM) -> list[InvitationStatus]:
    """What the room says to each date, in order of time."""
    found = [row for row in outcome.rows if row.owner_id == room]
    found.sort(key=lambda row: (row.starts_at, abs(row.mother_id)))
    return [row.invitation_status for row in found]


def asking(row: Appointment, _view: Any) -> Edited:
    return Edited(EDITS["ask"](row, ROOM))


def call(reach: Reach = Reach.THIS, *, dry_run: bool = False) -> Call:
    return Call(principal=Principal(1, ONE), door="test", ids=IDS, reach=reach, dry_run=dry_run)


async def two_at_once(store: AnyStore) -> Callable[..., Any]:
    """Two meetings at one time, which ask the room together."""
    made = [await do(store, Act("create", ONE, value=(0, False, ())), IDS) for _meeting in range(2)]
    items = [Item(one.rows[0].id, asking) for one in made]

    async def ask(**how: Any) -> Outcome:
        outcome, _ids = await change_many(store, call(**how), items)
        return outcome

    return ask


async def a_series_with_two_on_one_day(store: AnyStore) -> Callable[..., Any]:
    """A series whose third date was moved to the time of the second, and that asks the room."""
    made = await do(store, Act("create", ONE, value=(0, True, ())), IDS)
    await do(store, Act("move", ONE, made.rows[2].id, value={"days": -7}), IDS)

    async def ask(**how: Any) -> Outcome:
        return await change_appointment(store, call(Reach.ALL, **how), made.rows[0].id, asking)

    return ask


@pytest.mark.parametrize(
    ("made", "said"),
    [(two_at_once, [FREE, HELD]), (a_series_with_two_on_one_day, [FREE, FREE, HELD, FREE, FREE])],
    ids=["two at once", "a series"],
)
async def test_of_two_at_the_same_time_the_first_has_the_room(
    people: AnyStore, made: Any, said: list[InvitationStatus]
) -> None:
    ask = await made(people)
    assert answers(await ask(dry_run=True)) == said
    assert answers(await ask()) == said


async def test_who_has_the_room_keeps_it_when_another_date_asks_for_the_same_time(people: AnyStore) -> None:
    made = await do(people, Act("create", ONE, value=(0, True, (ROOM,))), IDS)
    dates = sorted((row for row in made.rows if not row.is_booking_row), key=lambda row: row.starts_at)
    await do(people, Act("ask", ONE, dates[1].id, value=ROOM), IDS)
    await do(people, Act("move", ONE, dates[1].id, value={"days": 7}), IDS)

    def ask(row: Appointment, _view: Any) -> Edited:
        return Edited(EDITS["ask"](replace(row, title="Both"), ROOM))

    outcome = await change_appointment(people, call(Reach.ALL), dates[1].id, ask)
    assert sorted(answers(outcome)) == sorted([FREE, FREE, HELD, FREE, FREE])
    masters = {row.id: row for row in outcome.rows if not row.is_booking_row}
    said = {row.mother_id: row.invitation_status for row in outcome.rows if row.owner_id == ROOM}
    assert (said[dates[1].id], said[dates[2].id]) == (HELD, FREE)
    assert {row.title for row in masters.values()} == {"Both"}


async def test_whoever_is_in_nobodys_way_has_the_room_when_an_earlier_date_has_not(people: AnyStore) -> None:
    """Each date lasts into the next; the first is held by somebody else."""
    await do(people, Act("create", TWO, value=(0, False, (ROOM,))), IDS)
    made = await do(people, Act("create", ONE, value=(0, False, ())), IDS)

    def repeat(row: Appointment, _view: Any) -> Edited:
        ruled = EDITS["rule"](row, (0, 12))
        assert ruled.series is not None
        daily = replace(ruled.series.rule, pattern=Pattern.DAILY)
        times = {"starts_at": row.starts_at, "ends_at": row.starts_at + timedelta(days=1) + HOUR}
        asked = EDITS["ask"](ruled, ROOM)
        return Edited(replace(asked, series=replace(ruled.series, rule=daily), **times))

    outcome = await change_appointment(people, call(), made.rows[0].id, repeat)
    assert answers(outcome) == [HELD, FREE] * 6
