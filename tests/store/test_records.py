"""Small records: changed one by one on the newest revision, with a history, seen by every snapshot."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Associate, Contact, Directory, Person, Record, Tenant, View
from appointed.domain.errors import (
    Forbidden,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    PreconditionFailed,
    RecordInUse,
    RecordNotFound,
    Unauthenticated,
)
from appointed.domain.events import EventKind, RecordEvent
from appointed.domain.precondition import Precondition
from appointed.domain.principal import Principal
from appointed.store.directory_scripts import NEWER
from appointed.usecases.ports import ById, Decision, Idempotency, Outcome, RecordChange, RecordDecision, Reply
from tests.store.world import (
    ADA,
    KARI,
    NOW,
    ROOM,
    START,
    AnyStore,
    World,
    a_change,
    create,
    edit,
    plant,
    row_held,
    settled,
)

FLOOR = NOW.replace(microsecond=0)
SECOND = timedelta(seconds=1)


def a_record_change(decide: Any, record_id: int = 0, **more: Any) -> RecordChange:
    """Wrap a decision about a contact; by Ada of tenant 1 unless told otherwise."""
    tenant_id = more.pop("tenant_id", 1)
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "principal": Principal(tenant_id, more.pop("by", ADA)),
        "door": "test",
        "kind": "contact",
        "permit": lambda _record, _view: None,
        "decide": decide,
        "record_id": record_id,
    }
    return RecordChange(**(values | more))


def making(**values: Any) -> Any:
    return lambda _record, _view: RecordDecision(Contact(id=-1, **({"name": "Acme"} | values)))


def setting(**values: Any) -> Any:
    return lambda record, _view: RecordDecision(replace(record, **values))


def removing(_record: Record | None, _view: View) -> RecordDecision:
    return RecordDecision(None)


async def make(store: AnyStore, **values: Any) -> Contact:
    outcome = await store.change_record(a_record_change(making(**values)))
    assert isinstance(outcome.record, Contact)
    return outcome.record


async def contacts(store: AnyStore, tenant_id: int = 1) -> dict[int, Contact]:
    return (await store.directory(tenant_id)).contacts


async def test_a_new_record_gets_the_next_id_and_its_stamps(store: AnyStore) -> None:
    before = await store.directory(1)
    outcome = await store.change_record(a_record_change(making()))
    made = Contact(id=1, name="Acme", created_at=NOW, created_by=ADA)
    assert outcome.record == made
    assert outcome.directory is not None
    assert outcome.directory.contacts == {1: made}
    assert (await make(store, name="Second")).id == 2
    assert [name.name for name in (await contacts(store)).values()] == ["Acme", "Second"]
    assert (before.contacts, (await contacts(store, 2))) == ({}, {})
    assert (await store.directory(1)).revision == before.revision + 2


async def test_each_change_is_a_revision_with_a_second_of_its_own(store: AnyStore) -> None:
    made = await make(store)
    for revision in (2, 3):
        outcome = await store.change_record(a_record_change(setting(phone=str(revision)), made.id, by=KARI))
        assert outcome.record == replace(
            made,
            phone=str(revision),
            revision=revision,
            updated_at=FLOOR + (revision - 1) * SECOND,
            updated_by=KARI,
        )
    assert (await contacts(store))[1] == outcome.record


async def test_a_change_of_nothing_leaves_everything_as_it_was(store: AnyStore, world: World) -> None:
    made = await make(store)
    before = world.dump()
    outcome = await store.change_record(a_record_change(setting(name="Acme"), made.id))
    assert (outcome.record, outcome.ignored) == (made, ())
    assert world.dump() == before


async def test_a_dry_run_decides_and_writes_nothing(store: AnyStore, world: World) -> None:
    made = await make(store)
    before = world.dump()
    key = Idempotency("key", b"print", lambda _outcome: Reply(200, (), b""))
    dry = a_record_change(setting(name="Other"), made.id, dry_run=True, idempotency=key)
    tried = (await store.change_record(dry)).record
    assert world.dump() == before
    # As the change itself leaves it, its next revision included.
    done = await store.change_record(a_record_change(setting(name="Other"), made.id))
    stamps = {"revision": 2, "updated_at": FLOOR + SECOND, "updated_by": ADA}
    assert tried == done.record == replace(made, name="Other", **stamps)


async def test_one_that_is_gone_is_gone_everywhere_and_its_id_is_not_used_again(store: AnyStore) -> None:
    made = await make(store)
    last = await make(store, name="Last")
    outcome = await store.change_record(a_record_change(removing, last.id))
    assert outcome.record is None
    assert outcome.directory is not None
    assert set(outcome.directory.contacts) == set(await contacts(store)) == {made.id}
    with pytest.raises(RecordNotFound):
        await store.change_record(a_record_change(setting(name="x"), last.id))
    assert (await make(store)).id == last.id + 1


async def test_who_puts_one_back_goes_on_with_its_revisions(store: AnyStore) -> None:
    made = await make(store)
    await store.change_record(a_record_change(removing, made.id))
    await store.put_records(1, (Contact(id=made.id, name="Again"),))
    back = (await contacts(store))[made.id]
    assert (back.name, back.revision, back.created_by) == ("Again", 3, ADA)
    kinds = [event.kind for event in await store.record_history(1, "contact", made.id)]
    assert kinds == [EventKind.CREATED, EventKind.DELETED, EventKind.CREATED]


@pytest.mark.parametrize("ref", [(1, 9), (2, 1)], ids=["unknown", "foreign"])
async def test_what_is_not_there_is_not_found(store: AnyStore, world: World, ref: tuple[int, int]) -> None:
    await make(store)
    before = world.dump()
    tenant_id, record_id = ref
    with pytest.raises(RecordNotFound) as raised:
        await store.change_record(a_record_change(setting(name="x"), record_id, tenant_id=tenant_id))
    assert (raised.value.kind, raised.value.ref) == ("contact", record_id)
    with pytest.raises(Unauthenticated):
        await store.change_record(a_record_change(making(), tenant_id=9))
    assert world.dump() == before


async def test_a_refusal_leaves_nothing(store: AnyStore, world: World) -> None:
    made = await make(store)
    before = world.dump()

    def refuse(record: Record | None, view: View) -> None:
        assert (record, view.directory.contacts, view.now) == (made, {made.id: made}, NOW)
        raise Forbidden("contact")

    def fail(_record: Record | None, _view: View) -> RecordDecision:
        raise KeyError("broken")

    with pytest.raises(Forbidden):
        await store.change_record(a_record_change(setting(name="x"), made.id, permit=refuse))
    with pytest.raises(KeyError):
        await store.change_record(a_record_change(fail, made.id))
    assert world.dump() == before


@pytest.mark.parametrize(
    ("demand", "holds"),
    [
        (Precondition(if_match=(2,)), True),
        (Precondition(if_match=(1,)), False),
        (Precondition(unmodified_since=FLOOR + SECOND), True),
        (Precondition(unmodified_since=FLOOR), False),
    ],
    ids=["tag", "old tag", "date", "old date"],
)
async def test_a_precondition_is_held_against_the_newest(
    store: AnyStore, demand: Precondition, holds: bool
) -> None:
    made = await make(store)
    await store.change_record(a_record_change(setting(phone="1"), made.id))
    change = a_record_change(setting(phone="2"), made.id, precondition=demand)
    if holds:
        assert isinstance((await store.change_record(change)).record, Contact)
    else:
        with pytest.raises(PreconditionFailed) as raised:
            await store.change_record(change)
        assert (raised.value.revision, raised.value.thing) == (2, "Contact")


async def test_of_eight_with_the_same_tag_one_wins_and_without_any_none_is_lost(store: AnyStore) -> None:
    made = await make(store)
    tagged = a_record_change(setting(phone="won"), made.id, precondition=Precondition(if_match=(1,)))
    answers = await settled(store.change_record(tagged) for _writer in range(8))
    assert sorted(type(answer).__name__ for answer in answers) == ["Outcome"] + 7 * ["PreconditionFailed"]

    def longer(record: Any, _view: View) -> RecordDecision:
        return RecordDecision(replace(record, department=record.department + "x"))

    answers = await settled(store.change_record(a_record_change(longer, made.id)) for _writer in range(8))
    assert all(isinstance(answer, Outcome) for answer in answers)
    (stands,) = (await contacts(store)).values()
    assert (stands.department, stands.revision) == (8 * "x", 10)


async def test_the_history_tells_every_change_and_how_to_undo_it(store: AnyStore) -> None:
    made = await make(store, phone="1")
    await store.change_record(a_record_change(setting(phone="2"), made.id, by=KARI))
    await store.change_record(a_record_change(removing, made.id))
    created, changed, deleted = await store.record_history(1, "contact", made.id)
    assert changed == RecordEvent(
        tenant_id=1,
        record_kind="contact",
        record_id=made.id,
        revision=2,
        kind=EventKind.CHANGED,
        at=NOW,
        by=KARI,
        door="test",
        patch=({"op": "replace", "path": "/phone", "value": "2"},),
        inverse=({"op": "replace", "path": "/phone", "value": "1"},),
    )
    assert (created.kind, created.revision, created.patch[0]["value"]["name"]) == ("created", 1, "Acme")
    assert (deleted.kind, deleted.revision, deleted.inverse[0]["value"]["phone"]) == ("deleted", 3, "2")
    assert await store.record_history(2, "contact", made.id) == ()


async def test_what_a_command_puts_there_is_told_too(store: AnyStore) -> None:
    made = await make(store)
    await store.put_records(1, (Contact(id=made.id, name="Renamed"), Person(id=0, first_name="Eva")))
    stands = (await contacts(store))[made.id]
    assert stands == Contact(
        id=made.id, name="Renamed", revision=2, created_at=NOW, created_by=ADA, updated_at=FLOOR + SECOND
    )
    event = (await store.record_history(1, "contact", made.id))[-1]
    assert (event.revision, event.by, event.door) == (2, 0, "command")
    assert [event.by for event in await store.record_history(1, "person", 1)] == [0]
    with pytest.raises(PreconditionFailed):
        await store.change_record(
            a_record_change(setting(name="x"), made.id, precondition=Precondition(if_match=(1,)))
        )


def keyed(change: RecordChange, fingerprint: bytes = b"print") -> RecordChange:
    values = {name: getattr(change, name) for name in change.__struct_fields__}
    return RecordChange(**(values | {"idempotency": Idempotency("key", fingerprint, answer)}))


def answer(outcome: Outcome) -> Reply:
    assert isinstance(outcome.record, Contact)
    return Reply(200, (("ETag", f'"{outcome.record.revision}"'),), outcome.record.name.encode())


async def test_a_twin_gets_the_first_answer_and_changes_nothing(store: AnyStore, world: World) -> None:
    change = keyed(a_record_change(making()))
    assert (await store.change_record(change)).replayed is None
    await store.change_record(a_record_change(setting(name="Other"), 1))
    before = world.dump()
    assert (await store.change_record(change)).replayed == Reply(200, (("ETag", '"1"'),), b"Acme")
    with pytest.raises(IdempotencyKeyReused):
        await store.change_record(keyed(a_record_change(making()), fingerprint=b"other"))
    assert world.dump() == before
    by_another = keyed(a_record_change(making(), by=KARI))
    assert (await store.change_record(by_another)).replayed is None


async def test_a_key_is_one_for_appointments_and_records(store: AnyStore) -> None:
    row = await create(store)
    key = Idempotency("key", b"row", lambda _outcome: Reply(200, (), b""))
    await store.change(a_change(lambda _rows, _view: Decision(), ById((row.id,)), idempotency=key))
    with pytest.raises(IdempotencyKeyReused):
        await store.change_record(keyed(a_record_change(making())))
    assert await contacts(store) == {}


async def test_twins_at_once_are_done_once(store: AnyStore) -> None:
    change = keyed(a_record_change(making()))
    answers = await settled(store.change_record(change) for _twin in range(4))
    done = [one for one in answers if isinstance(one, Outcome) and one.replayed is None]
    assert len(done) == 1
    assert all(isinstance(one, Outcome | IdempotencyKeyInUse) for one in answers)
    assert len(await contacts(store)) == 1


async def test_an_appointment_answers_with_what_was_changed_before(store: AnyStore) -> None:
    row = await create(store)
    made = await make(store)
    await store.change_record(a_record_change(setting(name="Renamed"), made.id))
    outcome = await edit(store, row.id, contact_id=made.id)
    assert outcome.directory is not None
    assert outcome.directory.contacts[made.id].name == "Renamed"


async def test_a_snapshot_takes_over_what_did_not_change(store: AnyStore) -> None:
    await store.put_records(1, (Contact(id=1, name="One"), Contact(id=2, name="Two"), Person(id=1)))
    before = await store.directory(1)
    await store.put_records(1, (Contact(id=2, name="Zwei"),))
    after = await store.directory(1)
    assert after.persons is before.persons
    assert after.contacts[1] is before.contacts[1]
    assert (before.contacts[2].name, after.contacts[2].name) == ("Two", "Zwei")
    assert list(after.contacts) == [1, 2]
    assert after.memo == {}


async def test_only_newer_records_are_read(world: World) -> None:
    here, there = await world.open(), None
    await plant(here)
    await here.put_records(1, tuple(Contact(id=0, name=str(number)) for number in range(50)))
    known = await here.directory(1)
    if world.engine == "postgres":
        there = await world.open()
        assert (await there.directory(1)).contacts == known.contacts
    await here.put_records(1, (Contact(id=7, name="Seven"),))
    await here.change_record(a_record_change(removing, 8))
    statement = NEWER.replace("$1", "1").replace("$2", str(known.revision))
    assert sorted(row[1] for row in world.run(statement)) == [7, 8]
    for store in (here, there or here):
        directory = await store.directory(1)
        assert directory.contacts[7].name == "Seven"
        assert 8 not in directory.contacts
        assert len(directory.contacts) == 49


async def test_a_store_set_back_to_an_earlier_day_is_read_anew(store: AnyStore, world: World) -> None:
    await store.put_records(1, (Contact(id=1, name="One"),))
    earlier = await store.directory(1)
    await store.put_records(1, (Contact(id=1, name="Late"), Contact(id=2, name="Later")))
    assert (await contacts(store))[1].name == "Late"
    world.run("DELETE FROM record WHERE tenant_id = 1 AND kind = 'contact' AND id = 2")
    world.run(
        f'UPDATE record SET body = \'{{"id":1,"name":"One"}}\', directory_revision = {earlier.revision}'
        " WHERE tenant_id = 1 AND kind = 'contact'"
    )
    world.run(f"UPDATE tenant SET directory_revision = {earlier.revision} WHERE id = 1")
    assert [contact.name for contact in (await contacts(store)).values()] == ["One"]


async def test_a_snapshot_follows_its_own_tenants_records_alone(store: AnyStore) -> None:
    await store.directory(1)
    for name in ("One", "Two"):
        await store.put_records(2, (Contact(id=1, name=name),))
    await store.put_records(1, (Contact(id=2, name="Ours"),))
    assert set(await contacts(store)) == {2}


async def test_several_processes_change_records_without_losing_any(postgres_world: World) -> None:
    here, there = await postgres_world.open(), await postgres_world.open()
    await plant(here)
    made = await make(here)

    def longer(record: Any, _view: View) -> RecordDecision:
        return RecordDecision(replace(record, department=record.department + "x"))

    changes = [
        store.change_record(a_record_change(longer, made.id)) for store in (here, there) for _ in range(6)
    ]
    news = [store.change_record(a_record_change(making())) for store in (here, there) for _ in range(3)]
    answers = await asyncio.gather(*changes, *news)
    ids = sorted(answer.record.id for answer in answers[12:] if answer.record)
    assert ids == [2, 3, 4, 5, 6, 7]
    one, other = await here.directory(1), await there.directory(1)
    assert one.contacts == other.contacts
    assert one.contacts[made.id].department == 12 * "x"


async def test_a_diary_that_becomes_exclusive_holds_its_time(store: AnyStore, world: World) -> None:
    await create(store, owner_id=KARI, starts_at=START)
    kari = (await store.directory(1)).associates[KARI]
    exclusive = a_record_change(setting(is_exclusive=True), KARI, kind="associate")
    outcome = await store.change_record(exclusive)
    assert outcome.record == replace(kari, is_exclusive=True, revision=2, updated_at=FLOOR, updated_by=ADA)
    assert world.count("claim") == 1
    await store.put_records(1, (Associate(id=ROOM + 1, name="new", full_name="New", is_exclusive=True),))
    await store.change_record(a_record_change(removing, KARI, kind="associate"))
    assert KARI not in (await store.directory(1)).associates


async def test_a_departments_own_appointments_alone_are_counted(store: AnyStore) -> None:
    for values in ({}, {"department_id": 2}, {"tenant_id": 2}):
        await create(store, **values)
    counts: list[int] = []
    for number in (1, 2):
        change = a_record_change(
            setting(name="Kept"),
            number,
            kind="department",
            counted=lambda count, _view: counts.append(count),
            dry_run=True,
        )
        await store.change_record(change)
    assert counts == [1, 1]


def test_a_following_snapshot_of_one_kind_shares_the_others() -> None:
    first = Directory(Tenant(id=1, name="Test"), 1, {"contact": {1: Contact(id=1, name="One")}})
    second = first.followed(first.tenant, 2, [("contact", 1, None), ("contact", 9, None)])
    assert (second.contacts, second.revision, set(first.contacts)) == ({}, 2, {1})
    assert second.records("sale") == {}


async def test_appointments_are_counted_between_changes_and_not_beside_them(postgres_world: World) -> None:
    """One that is being written is counted; one that comes meanwhile waits until the department is gone."""
    slow, fast = await postgres_world.open(), await postgres_world.open()
    await plant(slow)
    row = await create(slow)
    counts: list[int] = []

    def gone(_record: Record | None, _view: View) -> RecordDecision:
        return RecordDecision(record=None)

    removal = a_record_change(gone, 2, kind="department", counted=lambda count, _view: counts.append(count))
    async with row_held(postgres_world.dsn, row.id) as somebody_waits:
        under_way = asyncio.create_task(edit(slow, row.id, department_id=2))
        await somebody_waits()
        removed = asyncio.create_task(fast.change_record(removal))
        await somebody_waits(2)
    await asyncio.gather(under_way, removed)
    assert counts == [0, 1], "the one under way was not seen at first"
    assert 2 not in (await fast.directory(1)).departments


def by_nobody(_record: Record | None, _view: View) -> None:
    raise Forbidden("record")


def not_empty(_appointments: int, _view: View) -> None:
    raise RecordInUse("department", {"appointments": 1})


STALE = Precondition(if_match=(9,))
DIARY = {"kind": "associate", "record_id": KARI, "decide": setting(is_exclusive=True)}
DEPARTMENT = {"kind": "department", "record_id": 2, "decide": removing, "counted": lambda *_asked: None}


REFUSED_OR_TRIED = [
    (DEPARTMENT | {"permit": by_nobody}, Forbidden),
    (DEPARTMENT | {"precondition": STALE}, PreconditionFailed),
    (DEPARTMENT | {"record_id": 9}, RecordNotFound),
    (DEPARTMENT | {"counted": not_empty}, RecordInUse),
    (DEPARTMENT | {"dry_run": True}, Outcome),
    (DIARY | {"permit": by_nobody}, Forbidden),
    (DIARY | {"precondition": STALE}, PreconditionFailed),
    (DIARY | {"record_id": 99}, RecordNotFound),
    (DIARY | {"dry_run": True}, Outcome),
    (DIARY | {"decide": setting(full_name="Kari")}, Outcome),
]


async def test_nobody_waits_for_changes_that_are_refused_or_tried(postgres_world: World) -> None:
    """Whoever may ask anything at all could stop all writers of all tenants."""
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    async with row_held(postgres_world.dsn, row.id):
        for asked, expected in REFUSED_OR_TRIED:
            (said,) = await settled([store.change_record(a_record_change(**asked))])
            assert isinstance(said, expected), (asked, said)
