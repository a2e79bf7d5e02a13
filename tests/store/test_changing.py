"""One change: what it does, what it refuses, and that a refusal leaves nothing."""

from datetime import date
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from appointed.domain.directory import View
from appointed.domain.errors import (
    AppointmentNotFound,
    Forbidden,
    InvalidAppointment,
    PreconditionFailed,
    Problem,
    Unauthenticated,
)
from appointed.domain.events import EventKind
from appointed.domain.precondition import Precondition
from appointed.domain.recurrence import Pattern, Rule, Series
from appointed.domain.status import Status
from appointed.usecases.ports import ByFamily, ById, ByUid, Decision, NoRows, Rows
from tests.store.world import (
    HOUR,
    KARI,
    NOW,
    START,
    AnyStore,
    World,
    a_change,
    a_claimant,
    a_draft,
    adding,
    create,
    deleting,
    edit,
    editing,
    nothing,
    read,
    refusing,
)


async def test_what_was_created_is_read_by_id_and_by_uid(store: AnyStore) -> None:
    draft = a_draft(claimant=a_claimant(), custom_fields={"a": 1.5, "b": "æ"}, lead_minutes=5)
    outcome = await store.change(a_change(adding(draft), NoRows()))
    expected = replace(draft, id=1)
    assert outcome.rows == (expected,)
    assert outcome.changed_ids == {1}
    assert (await store.read(1, ById((1,)))).row == expected
    assert (await store.read(1, ByUid(draft.uid))).row == expected


async def test_a_change_gets_the_next_revision_and_stamps(store: AnyStore, world: World) -> None:
    row = await create(store)
    world.clock.now = NOW + HOUR
    outcome = await store.change(a_change(editing(title="New"), ByUid(row.uid), by=KARI))
    expected = replace(
        row,
        title="New",
        revision=2,
        updated_at=(NOW + HOUR).replace(microsecond=0),
        updated_by=KARI,
    )
    assert outcome.rows == (expected,)
    assert outcome.changed_ids == {row.id}
    assert outcome.directory is not None
    assert outcome.directory.tenant.name == "Test"
    assert await read(store, row.id) == expected


async def test_every_indexed_member_can_change(store: AnyStore) -> None:
    row = await create(store)
    changes = {
        "starts_at": START + HOUR,
        "ends_at": START + 3 * HOUR,
        "owner_id": KARI,
        "department_id": 2,
        "status": Status.CANCELLED,
        "is_free": True,
        "claimant": a_claimant(),
    }
    outcome = await edit(store, row.id, **changes)
    assert await read(store, row.id) == outcome.rows[0]
    assert msgspec.structs.asdict(outcome.rows[0]) | changes == msgspec.structs.asdict(outcome.rows[0])


async def test_a_deleted_row_is_gone_and_its_id_is_never_used_again(store: AnyStore) -> None:
    row = await create(store)
    outcome = await store.change(a_change(deleting, ById((row.id,))))
    assert outcome.deleted == (row,)
    assert outcome.rows == ()
    with pytest.raises(AppointmentNotFound):
        await store.read(1, ById((row.id,)))
    with pytest.raises(AppointmentNotFound):
        await edit(store, row.id, title="x")
    assert (await create(store)).id == row.id + 1


async def test_what_is_not_there_is_not_found(store: AnyStore) -> None:
    for scope in (ById((77,)), ByUid(UUID(int=77))):
        with pytest.raises(AppointmentNotFound):
            await store.read(1, scope)
        with pytest.raises(AppointmentNotFound):
            await store.change(a_change(nothing, scope))


async def test_nobody_changes_for_an_unknown_tenant(store: AnyStore) -> None:
    with pytest.raises(Unauthenticated):
        await store.change(a_change(adding(a_draft()), NoRows(), tenant_id=99))
    with pytest.raises(Unauthenticated):
        await store.directory(99)


async def test_a_stale_revision_is_refused(store: AnyStore) -> None:
    row = await create(store)
    await edit(store, row.id, title="theirs")
    for ref in (row.id, row.uid):
        change = a_change(
            editing(title="mine"),
            ByUid(row.uid),
            preconditions=((ref, Precondition(if_match=(1,))),),
        )
        with pytest.raises(PreconditionFailed) as caught:
            await store.change(change)
        assert caught.value.revision == 2
    assert (await read(store, row.id)).title == "theirs"


async def test_a_precondition_on_a_row_outside_the_scope_fails(store: AnyStore) -> None:
    row, other = await create(store), await create(store)
    change = a_change(
        editing(title="mine"), ById((row.id,)), preconditions=((other.id, Precondition(if_match=(1,))),)
    )
    with pytest.raises(PreconditionFailed):
        await store.change(change)


async def test_permission_is_asked_before_preconditions(store: AnyStore) -> None:
    row = await create(store)

    def deny(_rows: object, _view: object) -> None:
        raise Forbidden

    change = a_change(
        nothing, ById((row.id,)), permit=deny, preconditions=((row.id, Precondition(if_match=(9,))),)
    )
    with pytest.raises(Forbidden):
        await store.change(change)


async def test_one_stale_precondition_of_three_undoes_all(store: AnyStore, world: World) -> None:
    ids = tuple([(await create(store)).id for _row in range(3)])
    await edit(store, ids[1], title="moved on")
    before = world.dump()
    fresh = Precondition(if_match=(1,))
    change = a_change(editing(title="all"), ById(ids), preconditions=tuple((row_id, fresh) for row_id in ids))
    with pytest.raises(PreconditionFailed):
        await store.change(change)
    assert world.dump() == before


@pytest.mark.parametrize("error", [InvalidAppointment((Problem("title", "longest"),)), RuntimeError("bug")])
async def test_a_failure_leaves_nothing(store: AnyStore, world: World, error: Exception) -> None:
    row = await create(store)
    before = world.dump()
    with pytest.raises(type(error)):
        await store.change(a_change(refusing(error), ById((row.id,))))
    assert world.dump() == before


async def test_an_event_and_its_outbox_row_come_exactly_with_a_real_change(
    store: AnyStore, world: World
) -> None:
    row = await create(store)
    assert (world.count("event"), world.count("outbox")) == (1, 1)
    outcome = await edit(store, row.id, title=row.title)
    assert outcome.rows == (row,)
    assert outcome.changed_ids == frozenset()
    assert (world.count("event"), world.count("outbox")) == (1, 1)
    await edit(store, row.id, title="New", location="There")
    await store.change(a_change(deleting, ById((row.id,))))
    events = await store.history(1, row.id)
    assert [(event.kind, event.revision) for event in events] == [
        (EventKind.CREATED, 1),
        (EventKind.CHANGED, 2),
        (EventKind.DELETED, 3),
    ]
    assert events[1].patch == (
        {"op": "replace", "path": "/title", "value": "New"},
        {"op": "replace", "path": "/location", "value": "There"},
    )
    assert events[1].inverse == (
        {"op": "replace", "path": "/title", "value": "Draft"},
        {"op": "replace", "path": "/location", "value": ""},
    )
    assert [(event.by, event.door, event.at) for event in events] == [(1, "test", NOW)] * 3
    assert events[0].patch[0]["value"]["title"] == "Draft"
    assert events[2].inverse[0]["value"]["title"] == "New"
    announced = world.run("SELECT appointment_id, revision, topic FROM outbox ORDER BY revision")
    assert announced == [(row.id, 1, "created"), (row.id, 2, "changed"), (row.id, 3, "deleted")]


async def test_new_rows_of_one_change_refer_to_each_other(store: AnyStore) -> None:
    master = a_draft()
    slaves = [a_draft(mother_id=master.id, owner_id=KARI) for _slave in range(2)]
    await create(store)
    outcome = await store.change(a_change(adding(replace(master, mother_id=master.id), *slaves), NoRows()))
    assert [(row.id, row.mother_id) for row in outcome.rows] == [(2, 2), (3, 2), (4, 2)]
    found = await store.change(a_change(editing(title="all"), ByFamily(2)))
    assert [row.id for row in found.rows] == [2, 3, 4]
    assert [(await read(store, row_id)).title for row_id in (1, 2, 3, 4)] == ["Draft", "all", "all", "all"]


async def test_a_family_that_is_not_there_is_empty(store: AnyStore) -> None:
    outcome = await store.change(a_change(nothing, ByFamily(55)))
    assert outcome.rows == ()


async def test_a_row_joins_a_booking_that_is_made_in_the_same_change(store: AnyStore) -> None:
    row = await create(store)
    master = a_draft()

    def decide(rows: Rows, _view: object) -> Decision:
        return Decision(creations=(master,), replacements=(replace(rows[0], mother_id=master.id),))

    outcome = await store.change(a_change(decide, ById((row.id,))))
    assert [(row.id, row.mother_id) for row in outcome.rows] == [(1, 2), (2, 0)]


@pytest.mark.parametrize(
    "decision",
    [
        Decision(replacements=(a_draft(id=2),)),
        Decision(deletions=(2,)),
        Decision(creations=(a_draft(tenant_id=2),)),
        Decision(replacements=(a_draft(id=1, tenant_id=2),)),
    ],
)
async def test_a_decision_reaches_only_its_scope_and_tenant(
    store: AnyStore, world: World, decision: Decision
) -> None:
    await create(store)
    await create(store)
    before = world.dump()
    with pytest.raises(ValueError, match=r"scope|tenant"):
        await store.change(a_change(lambda _rows, _view: decision, ById((1,))))
    assert world.dump() == before


async def test_what_no_engine_can_keep_is_refused_by_name(store: AnyStore, world: World) -> None:
    row = await create(store, description="a \\u0000 in clear is no zero")
    before = world.dump()
    with pytest.raises(InvalidAppointment) as caught:
        await edit(store, row.id, title="a\0b", custom_fields={"k": "\0"}, location="fine")
    assert [problem.path for problem in caught.value.problems] == ["title", "custom_fields"]
    assert world.dump() == before


async def test_ignored_names_come_back(store: AnyStore) -> None:
    outcome = await store.change(a_change(lambda _r, _v: Decision(ignored=("CreatedBy",)), NoRows()))
    assert outcome.ignored == ("CreatedBy",)


async def test_a_series_has_an_id_of_its_own_and_is_found_by_it(store: AnyStore) -> None:
    rule = Rule(pattern=Pattern.DAILY, starts_on=date(2026, 3, 3), count=3)
    place = Series(rule=rule, zone="Europe/Oslo", on=date(2026, 3, 3))
    drafts = [a_draft(series_id=-9, series=place) for _occurrence in range(2)]
    outcome = await store.change(a_change(adding(*drafts), NoRows()))
    ids = {row.series_id for row in outcome.rows}
    assert ids == {3}
    assert [row.id for row in outcome.rows] == [1, 2]
    alone = await create(store)
    assert alone.id == 4
    found = await store.change(a_change(editing(title="all"), ByFamily(3)))
    assert [row.id for row in found.rows] == [1, 2]
    assert found.rows[0].series == place

    def splitting(rows: Rows, _view: View) -> Decision:
        return Decision(replacements=(replace(rows[1], series_id=-5),))

    split = await store.change(a_change(splitting, ByFamily(3)))
    assert [row.series_id for row in split.rows] == [3, 5]
    assert [row.id for row in (await store.change(a_change(editing(title="one"), ByFamily(5)))).rows] == [2]


async def test_a_uid_is_taken_in_its_own_tenant_alone(store: AnyStore) -> None:
    row = await create(store)
    await create(store, tenant_id=2)
    other = await create(store, tenant_id=2, uid=row.uid)
    assert (row.id, other.id, other.uid) == (1, 2, row.uid)
