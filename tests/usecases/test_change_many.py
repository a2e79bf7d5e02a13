"""Several changes at once that concern others: guests' rows, whole series, rooms that have no time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import AppointmentNotFound, InvalidRequest, TimeHeld
from appointed.domain.series import Reach
from appointed.usecases.change_appointment import Edited
from appointed.usecases.change_many import MOST_ITEMS, Item, change_many
from appointed.usecases.ports import ByMany, Change, Outcome
from tests.builders import CLIENT, KARI, OLA, ROOM
from tests.usecases.families import FIRST, GUESTS, HOUR, OWNER, WEEKLY, Ledger, later

Edits = Callable[[Appointment], Appointment]


def item(row: Appointment, edit: Edits | None = None, reach: Reach = Reach.THIS, **members: Any) -> Item:
    made = edit or (lambda before: replace(before, **members))
    return Item(row.id, lambda before, _view: Edited(made(before)), reach=reach)


def inviting(*guests: int) -> Edits:
    return lambda row: replace(row, participants=(*row.participants, *(GUESTS[guest] for guest in guests)))


async def two(store: Ledger, *guests: int) -> tuple[Appointment, Appointment]:
    """Make two appointments, an hour apart."""
    times = {"starts_at": FIRST + HOUR, "ends_at": FIRST + 2 * HOUR}
    return await store.create(*guests), await store.create(*guests, **times)


async def test_each_item_brings_its_own_guests() -> None:
    store = Ledger()
    one, other = await two(store)
    store.changes.clear()
    _outcome, ids = await change_many(
        store, store.call(), [item(one, inviting(KARI)), item(other, inviting(KARI, ROOM))]
    )
    assert ids == (one.id, other.id)
    assert [row.mother_id for row in store.guests(KARI)] == [one.id, other.id]
    assert [row.mother_id for row in store.guests(ROOM)] == [other.id]
    assert len({row.uid for row in store.rows.values()}) == 5
    # All were asked first, so that the families' rows were fetched once.
    scopes = [change.scope for change in store.changes]
    assert scopes == [ByMany(ids), ByMany(ids, ids)]


async def test_an_item_may_take_rows_away() -> None:
    store = Ledger()
    one, other = await two(store, KARI)
    await change_many(
        store, store.call(), [item(one, participants=(OWNER,)), item(other, title="New", starts_at=FIRST)]
    )
    assert [row.mother_id for row in store.guests(KARI)] == [other.id]
    assert [row.title for row in store.guests(KARI)] == ["New"]
    assert store.titles() == ["T", "New"]


async def test_an_item_may_go_for_its_whole_series() -> None:
    store = Ledger()
    first = await store.create(rule=WEEKLY)
    alone = await store.create(starts_at=later(FIRST, timedelta(days=1)), title="Alone")
    store.changes.clear()
    await change_many(
        store, store.call(), [item(first, reach=Reach.ALL, title="All"), item(alone, title="Still alone")]
    )
    assert sorted(filter(None, store.titles())) == ["All"] * 4 + ["Still alone"]
    # A series may be long: nobody waits behind it.
    assert [change.alone for change in store.changes] == [False, True]


async def test_a_room_without_time_declines_where_it_has_none() -> None:
    store = Ledger()
    one, other = await two(store)
    store.taken = frozenset({(ROOM, FIRST)})
    items = [item(one, inviting(ROOM)), item(other, inviting(ROOM))]
    await change_many(store, store.call(), items)
    assert store.statuses(ROOM) == ["declined", "accepted"]


async def test_whoever_is_strict_takes_the_room_or_nothing() -> None:
    store = Ledger()
    one, other = await two(store)
    store.taken = frozenset({(ROOM, FIRST)})
    items = [item(one, inviting(ROOM)), item(other, title="New")]
    with pytest.raises(TimeHeld):
        await change_many(store, store.call(is_strict=True), items)
    assert store.guests(ROOM) == []
    assert store.titles() == ["T", "T"]


async def test_an_owner_without_time_cannot_decline() -> None:
    store = Ledger()
    one, other = await two(store)
    store.taken = frozenset({(OLA, FIRST - HOUR), (ROOM, FIRST + HOUR)})
    move = item(one, starts_at=FIRST - HOUR, ends_at=FIRST)
    with pytest.raises(TimeHeld) as caught:
        await change_many(store, store.call(), [move, item(other, inviting(ROOM))])
    assert caught.value.resource == OLA
    assert (store.guests(ROOM), store.rows[one.id]) == ([], one)


class Stubborn(Ledger):
    """A ledger that says the room is taken, whoever declined."""

    asked = 0

    async def change(self, change: Change) -> Outcome:
        before = dict(self.rows)
        outcome = await super().change(change)
        if rooms := self.guests(ROOM):
            self.asked += 1
            refusal = self.refusal(*rooms)
            self.rows = before
            raise refusal
        return outcome


async def test_declining_that_does_not_help_is_not_tried_for_ever() -> None:
    store = Stubborn()
    one = await store.create()
    store.taken = frozenset({(ROOM, FIRST)})
    with pytest.raises(TimeHeld):
        await change_many(store, store.call(), [item(one, inviting(ROOM))])
    # Once more after it had declined, and then no more.
    assert store.asked == 1


@pytest.mark.parametrize("count", [0, MOST_ITEMS + 1])
async def test_there_are_some_items_and_not_too_many(count: int) -> None:
    store = Ledger()
    row = await store.create()
    store.changes.clear()
    with pytest.raises(InvalidRequest):
        await change_many(store, store.call(), [item(row)] * count)
    assert store.changes == []


async def test_an_appointment_is_named_once() -> None:
    store = Ledger()
    row = await store.create()
    by_name = Item(row.uid, lambda before, _view: Edited(before))
    with pytest.raises(InvalidRequest, match="twice"):
        await change_many(store, store.call(), [item(row), by_name])


async def test_what_the_caller_must_not_know_of_is_not_there_and_the_item_is_named() -> None:
    store = Ledger()
    one, other = await two(store)
    call = store.call(CLIENT, hides_foreign=True)
    with pytest.raises(AppointmentNotFound) as caught:
        await change_many(store, call, [item(one, title="New"), item(other)])
    assert (caught.value.ref, caught.value.item) == (one.uid, 0)
    assert store.titles() == ["T", "T"]
