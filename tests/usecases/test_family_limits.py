"""What a change of a series or a booking may not do: too much, off the calendar, or to rows of others."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidAppointment
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.recurrence import Pattern, Rule
from appointed.domain.series import Reach
from appointed.domain.validity import LAST
from appointed.usecases import family as family_module
from appointed.usecases.ports import ByFamily
from tests.builders import ADMIN, KARI, OLA, ROOM
from tests.usecases.families import HOUR, OWNER, WEEKLY, Ledger, ruled

MONDAYS = ["2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"]
TUESDAYS = ["2026-03-17", "2026-03-24", "2026-03-31", "2026-04-07"]
S = InvitationStatus


def paths(refused: InvalidAppointment) -> list[tuple[str, str]]:
    return [(problem.path, problem.rule) for problem in refused.problems]


# What cannot be


async def test_more_rows_than_one_change_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_module, "MOST_ROWS", 11)
    store = Ledger()
    with pytest.raises(InvalidAppointment) as refused:
        await store.create(KARI, ROOM, rule=WEEKLY)
    assert paths(refused.value) == [("series", "most")]
    assert (refused.value.problems[0].value, refused.value.problems[0].allowed) == (12, 11)
    assert store.rows == {}
    await store.create(KARI, ROOM, rule=replace(WEEKLY, count=3))
    assert len(store.rows) == 9


async def test_a_date_that_would_have_too_many_guests_refuses_the_whole_change() -> None:
    store = Ledger()
    await store.create(rule=WEEKLY)

    def crowd(first: int, size: int) -> tuple[Participant, ...]:
        return tuple(
            Participant(key=key, email_address=f"g{key}@example.org") for key in range(first, first + size)
        )

    await store.set(store.masters()[2], participants=(OWNER, *crowd(10, 300)))
    before = dict(store.rows)
    with pytest.raises(InvalidAppointment) as refused:
        await store.set(store.masters()[0], Reach.ALL, participants=(OWNER, *crowd(1000, 200)))
    assert paths(refused.value) == [("participants", "most")]
    assert store.rows == before


@pytest.mark.parametrize("reach", [Reach.ALL, Reach.FOLLOWING])
async def test_a_series_cannot_leave_the_calendar(reach: Reach) -> None:
    store = await late(10)
    before = dict(store.rows)
    with pytest.raises(InvalidAppointment) as refused:
        await store.move(store.masters()[1], reach=reach, days=9)
    assert set(paths(refused.value)) == {("starts_at", "calendar"), ("ends_at", "calendar")}
    assert store.rows == before


async def test_nor_begin_within_it_and_leave_it() -> None:
    with pytest.raises(InvalidAppointment) as refused:
        await late(13)
    assert set(paths(refused.value)) == {("starts_at", "calendar"), ("ends_at", "calendar")}


async def test_nor_can_the_day_that_a_moved_date_stands_for() -> None:
    store = await late(2)
    for master in store.masters():
        await store.move(master, days=-400)
    await store.move(store.masters()[0], reach=Reach.ALL, days=375)
    with pytest.raises(InvalidAppointment) as refused:
        await store.move(store.masters()[0], reach=Reach.ALL, days=2)
    assert paths(refused.value) == [("series", "calendar")]


async def test_a_row_that_went_meanwhile_is_not_found() -> None:
    class Hasty(Ledger):
        def _scope(self, scope):
            rows = super()._scope(scope)
            return () if isinstance(scope, ByFamily) else rows

    store = Hasty()
    row = await store.create(KARI)
    with pytest.raises(AppointmentNotFound):
        await store.set(row, title="New")


# Rights: what one may not do to a row alone one may not do to it by way of another


async def test_who_may_change_but_not_delete_cannot_stop_a_series() -> None:
    store = Ledger()
    await store.create(rule=WEEKLY, by=ADMIN, owner_id=ADMIN, participants=())
    second = store.masters()[1]
    before = dict(store.rows)
    for edit, reach in (
        (lambda row: row, Reach.STOP),
        (lambda row: replace(row, series=ruled(row, count=2)), Reach.ALL),
    ):
        with pytest.raises(Forbidden):
            await store.edit(second, edit, by=OLA, reach=reach)
    with pytest.raises(Forbidden):
        await store.delete(second, by=OLA, reach=Reach.FOLLOWING)
    assert store.rows == before
    await store.edit(second, lambda row: replace(row, title="New"), by=OLA, reach=Reach.ALL)
    assert store.titles() == ["New"] * 4


async def test_a_date_in_somebody_elses_diary_is_not_changed_by_way_of_the_series() -> None:
    store = Ledger()
    await store.create(rule=WEEKLY, by=ADMIN, owner_id=ADMIN, participants=())
    third = store.masters()[2]
    store.rows[third.id] = replace(third, owner_id=KARI, department_id=2, participants=())
    before = dict(store.rows)
    second = store.masters()[1]
    with pytest.raises(Forbidden) as refused:
        await store.edit(second, lambda row: replace(row, title="New"), by=OLA, reach=Reach.FOLLOWING)
    assert refused.value.members == ("title",)
    assert store.rows == before
    # That the rule ends earlier is no change of the dates that stay.
    fourth = store.masters()[3]
    store.rows[fourth.id] = replace(fourth, created_by=OLA, owner_id=OLA)
    await store.delete(fourth)
    assert store.rows[third.id].series.rule.ends_on == date(2026, 3, 30)


async def test_a_guest_may_say_that_they_are_done_and_no_more() -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    guest = store.guests(KARI)[0]
    await store.edit(guest, lambda row: replace(row, has_alarm=True), by=KARI, reach=Reach.ALL)
    assert [row.has_alarm for row in store.guests(KARI)] == [True] * 4
    with pytest.raises(Forbidden) as refused:
        await store.edit(guest, lambda row: replace(row, title="Mine", location="Here"), by=KARI)
    assert set(refused.value.members) == {"title", "location"}
    assert store.titles() == ["T"] * 4


async def late(count: int) -> Ledger:
    """Make a daily series that begins twelve days before the last that an appointment can have."""
    first = LAST - timedelta(days=12)
    store = Ledger()
    rule = Rule(pattern=Pattern.DAILY, starts_on=first.date(), count=count)
    await store.create(rule=rule, starts_at=first, ends_at=first + HOUR)
    return store
