"""What is noted for the audit log, and what of it is left out or lost."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Privacy
from appointed.domain.audit import Act
from appointed.domain.participant import Claimant
from appointed.domain.principal import Principal, server
from appointed.usecases.answer_invitation import Said, answer_invitations
from appointed.usecases.change_appointment import Call, Edited, change_appointment
from appointed.usecases.change_many import Item, change_many
from appointed.usecases.identifiers import seeded
from appointed.usecases.list_appointments import list_appointments
from appointed.usecases.ports import Change, Outcome, Reply
from appointed.usecases.read_appointment import read_appointment
from appointed.usecases.trail import Trail, note_answered, note_listed
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, appointment, directory, principal
from tests.usecases.fake_store import FakeStore

MINUTE = timedelta(minutes=1)
SHOWN = appointment(id=5, created_by=CLIENT, claimant=Claimant(id=UUID(int=5), name="Canary"))
BARE = appointment(id=6, created_by=CLIENT, claimant=Claimant(id=UUID(int=6)))
NONE = appointment(id=7)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


def test_the_same_within_a_while_is_one_entry(clock) -> None:
    trail = Trail(clock, seeded("trail"))
    for minutes in (0, 4, 5, 6):
        clock.now = NOW + minutes * MINUTE
        trail.note(1, Act.CLAIMANT_READ, 2, appointment_id=7, once_in=5 * MINUTE)
    trail.note(1, Act.CLAIMANT_READ, 3, appointment_id=7, once_in=5 * MINUTE)
    trail.note(1, Act.COMMAND, 2)
    trail.note(1, Act.COMMAND, 2)
    told = [(entry.by, entry.at - NOW) for entry in trail.take(100)]
    assert told == [(2, 0 * MINUTE), (2, 5 * MINUTE), (3, 6 * MINUTE), (2, 6 * MINUTE), (2, 6 * MINUTE)]
    assert trail.take(100) == ()


def test_it_says_for_which_rows_a_note_would_be_new(clock) -> None:
    trail = Trail(clock, seeded("trail"))
    trail.note(1, Act.CLAIMANT_READ, 2, appointment_id=7, once_in=5 * MINUTE)
    assert trail.unnoted(1, Act.CLAIMANT_READ, 2, (7, 8)) == [8]
    others = ((2, Act.CLAIMANT_READ, 2), (1, Act.CLAIMANTS_LISTED, 2), (1, Act.CLAIMANT_READ, 3))
    assert [trail.unnoted(*other, (7,)) for other in others] == [[7]] * 3
    clock.now = NOW + 5 * MINUTE
    assert trail.unnoted(1, Act.CLAIMANT_READ, 2, (7, 8)) == [7, 8]


def test_what_was_noted_longest_ago_is_forgotten_first(clock) -> None:
    trail = Trail(clock, seeded("trail"), most_known=2)
    for row in (1, 2, 3, 3, 1):
        trail.note(1, Act.CLAIMANT_READ, 2, appointment_id=row, once_in=5 * MINUTE)
    assert [entry.appointment_id for entry in trail.take(100)] == [1, 2, 3, 1]


def test_what_finds_no_room_is_counted_and_the_count_is_an_entry(clock) -> None:
    trail = Trail(clock, seeded("trail"), most_waiting=2)
    for _entry in range(5):
        trail.note(1, Act.COMMAND, 2)
    first, second, lost = trail.take(100)
    assert (first.act, second.act) == (Act.COMMAND, Act.COMMAND)
    assert (lost.act, lost.tenant_id, lost.details) == (Act.ENTRIES_LOST, 1, {"count": 3})
    trail.give_back((first, second))
    assert trail.take(1) == (first,)
    assert trail.take(1) == (second,)


async def read(store: FakeStore, who: Principal, row_id: int) -> list[tuple[Act, int, int]]:
    await read_appointment(store, who, row_id)
    return [told[:3] for told in store.audit.told]


async def test_who_reads_a_claimant_is_noted_but_not_the_server() -> None:
    store = FakeStore(rows={row.id: row for row in (SHOWN, BARE, NONE)})
    assert await read(store, principal(OLA), 5) == [(Act.CLAIMANT_READ, OLA, 5)]
    for who, row_id in ((principal(OLA), 6), (principal(OLA), 7), (principal(CLIENT), 6), (server(1), 5)):
        assert await read(store, who, row_id) == [(Act.CLAIMANT_READ, OLA, 5)]
    assert (await read(store, principal(CLIENT), 5))[1:] == [(Act.CLAIMANT_FETCHED, CLIENT, 5)]


def test_what_programs_fetch_pushes_out_nothing_that_is_known_of_people(clock) -> None:
    trail = Trail(clock, seeded("trail"), most_known=2)
    trail.note(1, Act.CLAIMANTS_LISTED, OLA, appointment_id=7, once_in=5 * MINUTE)
    for row in range(5):
        trail.note(1, Act.CLAIMANT_FETCHED, CLIENT, appointment_id=row, once_in=5 * MINUTE)
    trail.note(1, Act.CLAIMANTS_LISTED, OLA, appointment_id=7, once_in=5 * MINUTE)
    assert [entry.by for entry in trail.take(100)] == [OLA] + 5 * [CLIENT]


@pytest.mark.parametrize(("title", "dry_run", "noted"), [("A", False, 0), ("A", True, 1), ("", False, 1)])
async def test_a_write_that_changes_nothing_shows_the_claimant_and_no_event_tells_of_it(
    title: str, dry_run: bool, noted: int
) -> None:
    def edit(row, _view):
        return Edited(replace(row, title=title) if title else row)

    fetched = [(Act.CLAIMANT_FETCHED, CLIENT, 5)] * noted
    store = FakeStore(rows={5: SHOWN})
    call = Call(principal=principal(CLIENT), door="sqod", dry_run=dry_run)
    await change_appointment(store, call, 5, edit)
    assert [told[:3] for told in store.audit.told] == fetched

    store = FakeStore(rows={5: SHOWN})
    await change_many(store, call, [Item(5, edit)])
    assert [told[:3] for told in store.audit.told] == fetched


class Rehearsed(FakeStore):
    """A store of which nothing stays, whatever the call says."""

    async def change(self, change: Change) -> Outcome:
        return await super().change(replace(change, dry_run=True))


@pytest.mark.parametrize(("is_shown", "noted"), [(True, 1), (False, 0)])
async def test_what_is_only_tried_is_noted_as_far_as_it_is_shown(is_shown: bool, noted: int) -> None:
    store = Rehearsed(rows={5: SHOWN})
    call = Call(principal=principal(CLIENT), door="superoffice", is_shown=is_shown)
    await change_appointment(store, call, 5, lambda row, _view: Edited(replace(row, title="A")))
    assert len(store.audit.told) == noted
    store = Rehearsed(rows={5: SHOWN})
    await change_many(store, call, [Item(5, lambda row, _view: Edited(replace(row, title="A")))])
    assert len(store.audit.told) == noted


async def test_who_only_says_that_they_have_seen_it_is_shown_nothing() -> None:
    store = FakeStore(rows={5: SHOWN})
    call = Call(principal=principal(CLIENT), door="superoffice", ids=seeded("seen"))
    await answer_invitations(store, call, [5], Said.SEEN)
    assert store.audit.told == []


def test_a_repeated_answer_is_known_from_the_first() -> None:
    store = FakeStore()
    note_answered(store, principal(OLA), Outcome(replayed=Reply(200, (), b"{}")), ())
    assert store.audit.told == []


async def test_who_is_only_asked_for_their_rights_reads_nothing() -> None:
    store = FakeStore(rows={5: SHOWN})
    await read_appointment(store, principal(OLA), 5, is_shown=False)
    assert store.audit.told == []


async def test_who_sees_the_times_alone_is_not_noted() -> None:
    hidden = replace(SHOWN, privacy=Privacy.OWNER, owner_id=OLA, created_by=OLA)
    store = FakeStore(rows={5: hidden})
    assert await read(store, principal(KARI), 5) == []
    note_listed(store, principal(KARI), directory(), [hidden])
    assert store.audit.told == []
    note_listed(store, principal(OLA), directory(), [hidden, NONE])
    assert [told[:3] for told in store.audit.told] == [(Act.CLAIMANTS_LISTED, OLA, 5)]


async def test_a_list_is_noted_for_each_claimant_in_it() -> None:
    store = FakeStore(rows={row.id: row for row in (SHOWN, BARE)})
    await list_appointments(store, principal(ADMIN), page=1, per_page=20)
    await list_appointments(store, principal(CLIENT), page=1, per_page=20)
    assert [told[:3] for told in store.audit.told] == [
        (Act.CLAIMANTS_LISTED, ADMIN, 5),
        (Act.CLAIMANT_FETCHED, CLIENT, 5),
    ]
