"""What is told of a held time, who may know of free ones, and what many changes do when rows go meanwhile."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from appointed.domain.appointment import Appointment, Privacy
from appointed.domain.errors import (
    AppointmentNotFound,
    Forbidden,
    InvalidAppointment,
    InvalidRequest,
    StoreBusy,
    TimeHeld,
)
from appointed.domain.free_time import Wish
from appointed.domain.held import WantedTime
from appointed.domain.hours import Span
from appointed.usecases import change_many as many
from appointed.usecases.change_appointment import Call, Edited
from appointed.usecases.change_many import Item, change_many
from appointed.usecases.free_time import blockers_of, conflicts_on, free_time
from appointed.usecases.held_time import explain
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Outcome, Reading
from tests.builders import CLIENT, KARI, NOW, OLA, START, appointment, directory, principal, view

HOUR = timedelta(hours=1)


class Answering:
    """A store that answers what it is given; an error is raised."""

    def __init__(self, row: Appointment | Exception, change: Any = None) -> None:
        self.row, self.outcome = row, change

    async def read(self, _tenant_id: int, _scope: Any) -> Reading:
        if isinstance(self.row, Exception):
            raise self.row
        return Reading(self.row, directory())

    async def directory(self, _tenant_id: int) -> Any:
        return directory()

    async def busy(self, *_asked: Any) -> tuple[Span, ...]:
        return ()

    async def change(self, change: Any) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        rows = (self.row,)
        change.permit(rows, view())
        after = change.decide(rows, view()).replacements
        return Outcome(rows=after, changed_ids=frozenset(row.id for row in after), directory=directory())


def a_store(row: Appointment | Exception, change: Any = None) -> Any:
    return Answering(row, change)


def held(**more: Any) -> TimeHeld:
    error = TimeHeld(OLA, 10, ((OLA, START, 10),))
    plain: dict[str, Any] = {
        "associate_ids": (OLA,),
        "family_id": 0,
        "starts_at": START,
        "ends_at": START + HOUR,
    }
    plain |= {"lead_minutes": 0, "lag_minutes": 0, "is_all_day": False, "at": NOW}
    error.wanted = WantedTime(**(plain | more))
    return error


def wish(**more: Any) -> Wish:
    plain: dict[str, Any] = {"since": START, "until": START + 30 * HOUR, "length": HOUR}
    return Wish(**(plain | more))


async def test_the_blocker_is_told_as_far_as_the_caller_sees_it() -> None:
    row = appointment(title="Theirs")
    told = await explain(a_store(row), principal(), held())
    assert told.held_by is not None
    assert (told.held_by.title, len(told.offers)) == ("Theirs", 3)
    private = appointment(title="Theirs", privacy=Privacy.OWNER)
    told = await explain(a_store(private), principal(KARI), held())
    assert told.held_by is not None
    assert told.held_by.title is None
    assert "Theirs" not in str(told)
    # To a program from outside the row does not exist, nor does that diary.
    told = await explain(a_store(row), principal(CLIENT), held())
    assert (told.held_by, told.offers) == (None, ())


async def test_what_went_meanwhile_is_not_told_and_too_much_not_offered() -> None:
    gone = a_store(AppointmentNotFound(10))
    assert (await explain(gone, principal(), held())).held_by is None
    none = held()
    none.wanted = None
    assert (await explain(gone, principal(), none)).offers == ()
    assert (await explain(gone, principal(), held(ends_at=START + 900 * HOUR))).offers == ()


async def test_dates_of_a_series_are_offered_one_time_for_all_of_them() -> None:
    day = START.date()
    days = {"days": (day, day + 7 * timedelta(days=1)), "zone": "Europe/Oslo", "series_id": 10}
    told = await explain(a_store(appointment()), principal(), held(**days))
    assert [slot.starts_at for slot in told.offers] == [START, START + HOUR, START + 2 * HOUR]
    assert told.offers[0].ends_at == START + HOUR
    nobody = await explain(a_store(appointment()), principal(), held(**days, associate_ids=(OLA, 99)))
    assert nobody.offers == ()


async def test_of_a_date_that_shows_on_the_day_after_its_own_the_own_day_is_offered() -> None:
    # In Nuuk the clock goes from eleven to midnight on Saturday, 28 March 2026: half past eleven shows on Sunday.
    nuuk, shown, day = ZoneInfo("America/Nuuk"), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 3, 28)
    days = {"days": (day - timedelta(7), day), "zone": nuuk.key, "series_id": 10}
    asked = held(**days, starts_at=shown, ends_at=shown + HOUR)
    told = await explain(a_store(appointment()), principal(), asked)
    assert {slot.starts_at.astimezone(nuuk).date() for slot in told.offers} == {day}


async def test_outsiders_know_of_their_own_departments() -> None:
    store = a_store(appointment())
    assert await free_time(store, principal(CLIENT), view(), (KARI,), wish())
    assert await free_time(store, principal(CLIENT), view(), (CLIENT,), wish())
    with pytest.raises(Forbidden):
        await free_time(store, principal(CLIENT), view(), (OLA,), wish())


async def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        await free_time(a_store(appointment()), principal(), view(), (OLA,), wish(until=START))


async def test_it_looks_a_year_ahead_and_no_farther() -> None:
    whole = a_store(appointment())
    whole.busy = always_busy
    far = wish(until=START + timedelta(days=3000))
    assert await free_time(whole, principal(), view(), (OLA,), far) == ()


async def always_busy(_tenant_id: int, _owners: Any, time: Any) -> tuple[Span, ...]:
    return (Span(time.starts_at, time.ends_at),)


async def test_what_takes_no_time_conflicts_with_nothing() -> None:
    store, zone, day = a_store(appointment()), ZoneInfo("Europe/Oslo"), datetime(2026, 3, 3, tzinfo=UTC)
    row = appointment(is_free=True)
    assert await blockers_of(store, row) == ()
    assert await conflicts_on(store, row, [day.date()], zone) == {day.date(): ()}


def item(ref: Any = 10, **changes: Any) -> Item:
    def edit(row: Appointment, _view: Any) -> Edited:
        return Edited(appointment(**({"id": row.id} | changes)))

    return Item(ref, edit)


def call() -> Call:
    return Call(principal=principal(), door="test", ids=seeded("many"))


async def test_a_row_that_went_meanwhile_is_told_as_it_was_named() -> None:
    uid = UUID(int=10)
    with pytest.raises(AppointmentNotFound) as caught:
        await change_many(a_store(appointment(), AppointmentNotFound(10)), call(), [item(uid)])
    assert (caught.value.ref, caught.value.item) == (uid, 0)
    with pytest.raises(AppointmentNotFound) as caught:
        await change_many(a_store(AppointmentNotFound(uid)), call(), [item(uid)])
    assert (caught.value.ref, caught.value.item) == (uid, 0)


async def test_what_never_settles_is_busy() -> None:
    store = a_store(appointment(), many._Concern([]))
    with pytest.raises(StoreBusy):
        await change_many(store, call(), [item()])


async def test_a_batch_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, ids = await change_many(a_store(appointment()), call(), [item(title="New")])
    assert ([row.title for row in outcome.rows], ids) == (["New"], (10,))
    monkeypatch.setattr(many, "MOST_ROWS", 0)
    with pytest.raises(InvalidAppointment):
        await change_many(a_store(appointment()), call(), [item(title="New")])


async def test_no_items_and_too_many_are_refused_here_too() -> None:
    for count in (0, many.MOST_ITEMS + 1):
        with pytest.raises(InvalidRequest):
            await change_many(a_store(appointment()), call(), [item(10 + place) for place in range(count)])


async def test_an_item_that_is_known_already_stays() -> None:
    error = AppointmentNotFound(10)
    error.item = 7
    with pytest.raises(AppointmentNotFound) as caught:
        await change_many(a_store(appointment(), error), call(), [item()])
    assert caught.value.item == 7
