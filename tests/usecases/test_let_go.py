"""A room that was held when it was asked, and let go before it could decline."""

from datetime import timedelta

from msgspec.structs import replace

from appointed.domain.claims import Claim, free_of
from appointed.domain.participant import InvitationStatus
from appointed.usecases.change_appointment import Edited
from appointed.usecases.change_many import Item, change_many
from tests.builders import ROOM
from tests.usecases.families import FIRST, GUESTS, HOUR, WEEKLY, Ledger

WEEK = timedelta(days=7)
DECLINED, ACCEPTED = InvitationStatus.DECLINED, InvitationStatus.ACCEPTED


def said(store: Ledger) -> list[InvitationStatus]:
    return [row.invitation_status for row in store.guests(ROOM)]


async def test_the_room_is_asked_again() -> None:
    store = Ledger()
    store.taken, store.is_let_go = frozenset({(ROOM, FIRST)}), True
    await store.create(ROOM)
    assert said(store) == [ACCEPTED]


async def test_it_declines_what_is_held_still() -> None:
    store = Ledger()
    store.taken = frozenset({(ROOM, FIRST + WEEK)})
    await store.create(ROOM, rule=WEEKLY)
    assert said(store) == [ACCEPTED, DECLINED, ACCEPTED, ACCEPTED]
    (time,) = store.decisions[-1].presumed
    assert (time.resource_id, time.starts_at, time.ends_at) == (ROOM, FIRST + WEEK, FIRST + WEEK + HOUR)


async def test_each_item_of_several_asks_its_room_again() -> None:
    store = Ledger()
    one = await store.create()
    store.taken, store.is_let_go = frozenset({(ROOM, FIRST)}), True
    room = Item(
        one.id,
        lambda row, _view: Edited(replace(row, participants=(*row.participants, GUESTS[ROOM]))),
    )
    await change_many(store, store.call(), [room])
    assert said(store) == [ACCEPTED]


def test_times_that_touch_or_are_of_others_do_not_hold_each_other() -> None:
    wanted = tuple(Claim(ROOM, 0, FIRST + number * HOUR, FIRST + (number + 1) * HOUR) for number in range(3))
    held = Claim(ROOM, 7, FIRST + HOUR / 2, FIRST + HOUR)
    assert free_of(wanted, [held]) == wanted[1:]
    assert free_of(wanted, [replace(held, resource_id=ROOM + 1)]) == wanted
