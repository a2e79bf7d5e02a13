"""Rows that tell of a booking called off go in one change, as far as the caller may."""

import pytest
from msgspec.structs import replace

from appointed.domain.participant import InvitationStatus
from appointed.usecases import clear_away as room
from appointed.usecases.change_appointment import Call
from appointed.usecases.clear_away import clear_away
from appointed.usecases.identifiers import seeded
from tests.builders import KARI, OLA, appointment, principal
from tests.usecases.fake_store import FakeStore

CALLED_OFF = appointment(id=1, owner_id=KARI, mother_id=99, invitation_status=InvitationStatus.CANCELLED)
BY_KARI = Call(principal=principal(KARI), door="test", ids=seeded("clear"))


def a_store() -> FakeStore:
    rows = [
        replace(CALLED_OFF, id=1),
        replace(CALLED_OFF, id=2),
        replace(CALLED_OFF, id=3, invitation_status=InvitationStatus.ACCEPTED),
        replace(CALLED_OFF, id=4, mother_id=0),
        replace(CALLED_OFF, id=5, owner_id=OLA),
    ]
    return FakeStore(rows={row.id: row for row in rows})


async def test_what_was_called_off_goes_in_one_change() -> None:
    store = a_store()
    assert await clear_away(store, BY_KARI, [1, 2, 2, 3, 4]) == 2
    assert sorted(store.rows) == [3, 4, 5]
    (change,) = store.changes
    assert not change.alone


async def test_what_another_may_delete_stays() -> None:
    store = a_store()
    assert await clear_away(store, BY_KARI, [5, 1]) == 1
    assert sorted(store.rows) == [2, 3, 4, 5]


async def test_what_is_no_more_stops_nothing() -> None:
    store = a_store()
    assert await clear_away(store, BY_KARI, [7, 1, 8, 2]) == 2
    assert await clear_away(store, BY_KARI, [1]) == 0


async def test_when_all_are_gone_it_is_asked_once_which_are_left() -> None:
    store = a_store()
    assert await clear_away(store, BY_KARI, range(100, 1_100)) == 0
    assert (len(store.changes), len(store.queries)) == (1, 1)


async def test_more_than_one_change_may_write_goes_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ROWS", 2)
    monkeypatch.setattr(room, "FEW", 1)
    store = FakeStore(rows={number: replace(CALLED_OFF, id=number) for number in range(1, 6)})
    assert await clear_away(store, BY_KARI, range(1, 6)) == 5
    assert [len(decision.deletions) for decision in store.decisions] == [2, 2, 1]
    assert [change.alone for change in store.changes] == [True, True, False]
