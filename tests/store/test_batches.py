"""Many changes in one transaction: they follow each other, and none suffers for another."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidAppointment, Problem
from appointed.domain.precondition import Precondition
from appointed.domain.status import Status
from appointed.usecases.ports import ByFamily, ById, Decision, NoRows, Outcome, Rows
from tests.store.world import (
    KARI,
    AnyStore,
    World,
    a_change,
    a_draft,
    adding,
    create,
    deleting,
    edit,
    editing,
    read,
    refusing,
    settled,
    together,
)


def adding_to_title(text: str, views: list[Any] | None = None) -> Any:
    def decide(rows: Rows, view: Any) -> Decision:
        if views is not None:
            views.append(view)
        return Decision(replacements=tuple(replace(row, title=(row.title or "") + text) for row in rows))

    return decide


async def test_changes_of_one_row_follow_each_other_in_order_of_arrival(
    store: AnyStore, world: World
) -> None:
    row = await create(store, title="")
    views: list[Any] = []
    outcomes = await together(
        store, *(a_change(adding_to_title(letter, views), ById((row.id,))) for letter in "abc")
    )
    assert len(set(map(id, views))) == 1, "the test needs one batch"
    assert [outcome.rows[0].title for outcome in outcomes] == ["a", "ab", "abc"]
    assert [outcome.rows[0].revision for outcome in outcomes] == [2, 3, 4]
    assert (await read(store, row.id)).title == "abc"
    assert [event.revision for event in await store.history(1, row.id)] == [1, 2, 3, 4]
    assert world.count("outbox") == 4


async def test_a_bad_member_spares_the_rest(store: AnyStore) -> None:
    rows = [await create(store) for _row in range(6)]
    found = await together(
        store,
        a_change(editing(title="one"), ById((rows[0].id,))),
        a_change(refusing(InvalidAppointment((Problem("title", "longest"),))), ById((rows[1].id,))),
        a_change(refusing(RuntimeError("bug")), ById((rows[2].id,))),
        a_change(editing(title="x"), ById((999,))),
        a_change(
            editing(title="x"),
            ById((rows[3].id,)),
            preconditions=((rows[3].id, Precondition(if_match=(7,))),),
        ),
        a_change(editing(owner_id=2**70), ById((rows[4].id,))),
        a_change(editing(title="last"), ById((rows[5].id,))),
    )
    assert [type(result).__name__ for result in found] == [
        "Outcome",
        "InvalidAppointment",
        "RuntimeError",
        "AppointmentNotFound",
        "PreconditionFailed",
        type(found[5]).__name__,
        "Outcome",
    ]
    assert isinstance(found[5], Exception)
    titles = [(await read(store, row.id)).title for row in rows]
    assert titles == ["one", "Draft", "Draft", "Draft", "Draft", "last"]


async def test_a_refused_member_leaves_no_trace_for_those_behind_it(store: AnyStore) -> None:
    row = await create(store, title="")
    other = await create(store)

    def change_and_clash(rows: Rows, _view: Any) -> Decision:
        return Decision(
            replacements=(replace(rows[0], title="never"),), creations=(a_draft(reference=other.reference),)
        )

    refused, follower = await together(
        store,
        a_change(change_and_clash, ById((row.id,))),
        a_change(adding_to_title("b"), ById((row.id,))),
    )
    assert isinstance(refused, InvalidAppointment)
    assert (follower.rows[0].title, follower.rows[0].revision) == ("b", 2)
    assert (await create(store)).id == other.id + 1


async def test_a_clash_of_names_is_told_as_a_problem(store: AnyStore) -> None:
    row = await create(store)
    twin = a_change(adding(a_draft(reference=row.reference, uid=row.uid)), NoRows())
    with pytest.raises(InvalidAppointment) as caught:
        await store.change(twin)
    assert caught.value.problems == (
        Problem("uid", "unique", row.uid),
        Problem("reference", "unique", row.reference),
    )
    first, second = await together(
        store,
        a_change(adding(a_draft(reference="SAME")), NoRows()),
        a_change(adding(a_draft(reference="SAME")), NoRows()),
    )
    assert isinstance(first, Outcome)
    assert isinstance(second, InvalidAppointment)
    one_change = a_change(adding(a_draft(reference="TWICE"), a_draft(reference="TWICE")), NoRows())
    with pytest.raises(InvalidAppointment):
        await store.change(one_change)


async def test_a_cancelled_or_renamed_row_gives_its_reference_free(store: AnyStore) -> None:
    row = await create(store, reference="GOOD")
    cancelled, taken = await together(
        store,
        a_change(editing(status=Status.CANCELLED), ById((row.id,))),
        a_change(adding(a_draft(reference="GOOD")), NoRows()),
    )
    assert isinstance(cancelled, Outcome)
    assert isinstance(taken, Outcome)
    assert isinstance(await create(store, reference="GOOD", status=Status.CANCELLED), object)
    with pytest.raises(InvalidAppointment):
        await edit(store, row.id, status=Status.SCHEDULED)
    await edit(store, taken.rows[0].id, reference="BETTER")
    assert (await edit(store, row.id, status=Status.SCHEDULED)).rows[0].reference == "GOOD"


async def test_the_same_names_in_another_tenant_do_not_clash(store: AnyStore) -> None:
    row = await create(store)
    twin = await create(store, tenant_id=2, reference=row.reference, uid=row.uid)
    assert twin.id == row.id == 1


async def test_a_batch_of_two_tenants_touches_each_only_its_own(store: AnyStore) -> None:
    mine, theirs = await create(store), await create(store, tenant_id=2)
    await create(store)
    assert mine.id == theirs.id
    results = await together(
        store,
        a_change(editing(title="mine"), ById((1,))),
        a_change(editing(title="theirs"), ById((1,)), tenant_id=2),
        a_change(editing(title="absent"), ById((2,)), tenant_id=2),
    )
    assert isinstance(results[2], AppointmentNotFound)
    assert ((await read(store, 1)).title, (await read(store, 1, 2)).title) == ("mine", "theirs")
    assert (await read(store, 2)).title == "Draft"
    assert [event.tenant_id for event in (await store.events(2))[0]] == [2, 2]


async def test_a_row_made_changed_and_deleted_in_one_batch(store: AnyStore, world: World) -> None:
    master = a_draft()
    made, changed, deleted = await together(
        store,
        a_change(adding(master, a_draft(mother_id=master.id, owner_id=KARI)), NoRows()),
        a_change(editing(title="changed"), ByFamily(1)),
        a_change(deleting, ByFamily(1)),
    )
    assert [row.id for row in made.rows] == [1, 2]
    assert [(row.id, row.revision) for row in changed.rows] == [(1, 2), (2, 2)]
    assert [row.title for row in deleted.deleted] == ["changed", "changed"]
    assert world.count("appointment") == 0
    assert world.count("event") == 6
    assert (await create(store)).id == 3


async def test_a_row_deleted_in_the_batch_is_not_found_behind(store: AnyStore) -> None:
    row = await create(store)
    deleted, late = await together(
        store, a_change(deleting, ById((row.id,))), a_change(editing(title="late"), ById((row.id,)))
    )
    assert isinstance(deleted, Outcome)
    assert isinstance(late, AppointmentNotFound)


async def test_a_large_change_runs_beside_the_batch(store: AnyStore) -> None:
    master = a_draft()
    many = [a_draft(mother_id=master.id, owner_id=KARI) for _slave in range(60)]
    first = await create(store)
    small, large = await together(
        store,
        a_change(editing(title="small"), ById((first.id,))),
        a_change(adding(master, *many), NoRows()),
    )
    assert small.rows[0].title == "small"
    assert [row.id for row in large.rows] == list(range(2, 63))
    changed, after = await together(
        store,
        a_change(adding_to_title("+"), ByFamily(2)),
        a_change(adding_to_title("!"), ById((first.id,))),
    )
    assert len(changed.rows) == 61
    assert after.rows[0].title == "small!"


async def test_eight_writers_lose_nothing(store: AnyStore) -> None:
    row = await create(store, title="")

    async def write(letter: str) -> list[int]:
        return [
            (await store.change(a_change(adding_to_title(letter), ById((row.id,))))).rows[0].revision
            for _time in range(25)
        ]

    revisions = await asyncio.gather(*(write(letter) for letter in "abcdefgh"))
    assert sorted(number for numbers in revisions for number in numbers) == list(range(2, 202))
    title = (await read(store, row.id)).title or ""
    assert {letter: title.count(letter) for letter in "abcdefgh"} == dict.fromkeys("abcdefgh", 25)
    assert [event.revision for event in await store.history(1, row.id)] == list(range(1, 202))


async def test_of_eight_with_the_same_precondition_one_wins(store: AnyStore) -> None:
    row = await create(store)
    guard = ((row.id, Precondition(if_match=(1,))),)
    results = await settled(
        store.change(a_change(editing(title=str(number)), ById((row.id,)), preconditions=guard))
        for number in range(8)
    )
    assert sum(isinstance(result, Outcome) for result in results) == 1
    assert (await read(store, row.id)).revision == 2


async def test_a_refusal_is_told_to_its_own_caller_only(store: AnyStore) -> None:
    row = await create(store)
    results = await together(
        store,
        *(a_change(refusing(Forbidden()), ById((row.id,))) for _time in range(3)),
        a_change(editing(title="x"), ById((row.id,))),
    )
    assert len({id(result) for result in results}) == 4
    assert [isinstance(result, Forbidden) for result in results] == [True, True, True, False]


async def test_whoever_goes_away_does_not_cancel_the_change(store: AnyStore) -> None:
    rows = [await create(store) for _row in range(2)]
    tasks = [asyncio.create_task(store.change(a_change(editing(title="x"), ById((row.id,))))) for row in rows]
    await asyncio.sleep(0)
    tasks[0].cancel()
    results = await settled(tasks)
    assert isinstance(results[0], asyncio.CancelledError)
    assert isinstance(results[1], Outcome)
    assert [(await read(store, row.id)).title for row in rows] == ["x", "x"]
