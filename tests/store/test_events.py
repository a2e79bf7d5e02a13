"""The event log: what readers get, and that they miss nothing."""

import asyncio

from msgspec.structs import replace

from appointed.domain.events import Event, replaced
from appointed.domain.participant import InvitationStatus, Participant
from appointed.usecases.ports import ById
from tests.store.world import (
    AnyStore,
    World,
    a_change,
    a_claimant,
    create,
    deleting,
    edit,
    editing,
    plant,
    row_held,
)


async def follow(store: AnyStore, position: str = "", limit: int = 3) -> tuple[list[Event], str]:
    """Read page by page until nothing more comes."""
    found: list[Event] = []
    while True:
        events, position = await store.events(1, position, limit)
        if not events:
            return found, position
        found += events


async def test_all_events_come_once_in_order_and_page_by_page(store: AnyStore) -> None:
    rows = [await create(store) for _row in range(4)]
    await create(store, tenant_id=2)
    for row in rows:
        await edit(store, row.id, title="x")
    events, position = await follow(store)
    assert [(event.appointment_id, event.revision) for event in events] == [
        *((row.id, 1) for row in rows),
        *((row.id, 2) for row in rows),
    ]
    assert [event.id for event in events] == sorted({event.id for event in events})
    assert await follow(store, position) == ([], position)
    await edit(store, rows[0].id, title="y")
    later, _position = await follow(store, position)
    assert [event.revision for event in later] == [3]


async def test_a_quiet_log_gives_the_position_back(store: AnyStore) -> None:
    assert await store.events(1) == ((), "")
    await create(store)
    _events, position = await store.events(1)
    assert await store.events(1, position) == ((), position)


async def test_the_latest_events_of_one_row_can_be_asked_for(store: AnyStore) -> None:
    row = await create(store)
    for title in ("a", "b", "c"):
        await edit(store, row.id, title=title)
    await create(store)
    for latest, revisions in ((1, [4]), (3, [2, 3, 4]), (9, [1, 2, 3, 4]), (0, [1, 2, 3, 4])):
        found = await store.history(1, row.id, latest)
        assert [event.revision for event in found] == revisions
    assert await store.history(2, row.id, 1) == ()


async def test_undoing_all_events_gives_the_first_document(store: AnyStore) -> None:
    row = await create(store, claimant=a_claimant())
    await edit(store, row.id, title="one", location="there")
    await edit(store, row.id, claimant=a_claimant(2, name="Other"), title="two")
    await store.change(a_change(deleting, ById((row.id,))))
    created, *_others, deleted = events = await store.history(1, row.id)
    assert deleted.patch == ({"op": "remove", "path": ""},)
    document = deleted.inverse[0]["value"]
    for event in reversed(events[1:-1]):
        for operation in event.inverse:
            assert operation["op"] == "replace"
            document = replaced(document, operation["path"], operation["value"])
    first = created.patch[0]["value"]
    stamps = ("revision", "updated_at", "updated_by")
    assert {name: value for name, value in document.items() if name in first and name not in stamps} == {
        name: value for name, value in first.items() if name not in stamps
    }


async def test_a_reader_misses_none_when_the_earlier_id_commits_later(postgres_world: World) -> None:
    slow, fast = await postgres_world.open(), await postgres_world.open()
    await plant(slow)
    first, second, third = [await create(slow) for _row in range(3)]
    _events, position = await follow(fast)
    async with row_held(postgres_world.dsn, second.id) as somebody_waits:
        # Locks `first` and so begins its transaction, then waits at `second`.
        late = asyncio.create_task(slow.change(a_change(editing(title="late"), ById((first.id, second.id)))))
        await somebody_waits()
        await edit(fast, third.id, title="early")
        seen, position = await follow(fast, position)
        assert seen == [], "another transaction began before and could still commit"
    await late
    events, position = await follow(fast, position)
    assert {event.appointment_id for event in events} == {first.id, second.id, third.id}
    assert await follow(fast, position) == ([], position)


async def test_of_a_list_that_stays_as_long_only_the_items_that_changed_are_told(store: AnyStore) -> None:
    people = tuple(Participant(key=key, associate_id=key) for key in (1, 2, 3))
    row = await create(store, participants=people)
    seen = replace(people[1], invitation_status=InvitationStatus.SEEN)
    await edit(store, row.id, participants=(people[0], seen, people[2]))
    await edit(store, row.id, participants=(people[0], seen))
    _created, one, less = await store.history(1, row.id)
    assert [step["path"] for step in (*one.patch, *one.inverse)] == ["/participants/1"] * 2
    assert one.patch[0]["value"]["invitation_status"] == "seen"
    assert "invitation_status" not in one.inverse[0]["value"]
    assert [(step["path"], len(step["value"])) for step in less.patch] == [("/participants", 2)]
