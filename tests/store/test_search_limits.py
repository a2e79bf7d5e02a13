"""No search holds a reader for ever, keeps the writer waiting, or asks more than an engine can take."""

import asyncio
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import psycopg
import pytest
from msgspec.structs import replace

from appointed.domain.errors import InvalidRequest, SearchTooSlow, StoreBusy
from appointed.store.search.filters import DEEPEST, MOST_TESTS
from appointed.store.sqlite_search import AT_ONCE, Searchers
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, Order, Query, Test
from tests.filling import fill
from tests.store.world import HOUR, START, AnyStore, World, create, edit, plant, read

# Never ends by itself.
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
SLOW = Query(tenant_id=1, where=Test("description", Operator.CONTAINS, "not there"))


async def test_a_slow_search_is_given_up_and_harms_nobody(world: World) -> None:
    world.options = {"search_seconds": 0.0}
    store = await world.open()
    await plant(store)
    await fill(world.place, 10_000)
    for _try in range(12):
        with pytest.raises(SearchTooSlow):
            await store.page(SLOW)
    await edit(store, 1, title="x")
    assert (await read(store, 1)).title == "x"
    world.options = {}
    await store.close()
    assert (await (await world.open()).page(SLOW)).rows == ()


async def test_a_search_that_waits_for_a_lock_is_given_up(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    await store.close()
    postgres_world.options = {"search_seconds": 0.05}
    store = await postgres_world.open()
    with psycopg.connect(postgres_world.dsn) as other:
        other.execute("LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE")
        for _try in range(12):
            with pytest.raises(SearchTooSlow):
                await store.page(Query(tenant_id=1))
        assert (await store.directory(1)).tenant.id == 1
    assert (await create(store)).id == 1


@pytest.fixture
async def file(tmp_path: Path) -> World:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    await create(store)
    return world


def endless(connection: apsw.Connection) -> Any:
    return connection.execute(ENDLESS).fetchall()


def number_of_rows(connection: apsw.Connection) -> Any:
    return connection.execute("SELECT count(*) FROM appointment").fetchall()[0][0]


async def test_an_endless_search_ends(file: World) -> None:
    assert isinstance(file.place, Path)
    searchers = Searchers(file.place, 0.01)
    with pytest.raises(SearchTooSlow):
        await searchers.run(endless)
    assert await searchers.run(number_of_rows) == 1
    searchers.close()
    await file.close()


async def test_a_search_that_nobody_waits_for_any_more_ends(file: World) -> None:
    assert isinstance(file.place, Path)
    searchers = Searchers(file.place, 3600.0)
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def begin(connection: apsw.Connection) -> Any:
        loop.call_soon_threadsafe(begun.set)
        return endless(connection)

    task = asyncio.create_task(searchers.run(begin))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await searchers.run(number_of_rows) == 1
    await asyncio.to_thread(searchers.close)
    await file.close()


async def test_searches_never_block_the_writer_and_only_so_many_wait(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    row = await create(store)
    searchers = Searchers(tmp_path / "appointed.db", 3600.0, waiting_seconds=0.01)
    gate, reading = threading.Event(), threading.Barrier(AT_ONCE + 1)

    def hold(connection: apsw.Connection) -> Any:
        with connection:
            before = number_of_rows(connection)
            reading.wait(30)
            gate.wait(30)
            return before, number_of_rows(connection)

    tasks = [asyncio.create_task(searchers.run(hold)) for _number in range(AT_ONCE)]
    await asyncio.to_thread(reading.wait, 30)
    with pytest.raises(StoreBusy):
        await searchers.run(number_of_rows)
    await create(store)
    assert (await edit(store, row.id, title="written")).rows[0].title == "written"
    gate.set()
    assert await asyncio.gather(*tasks) == [(1, 1)] * AT_ONCE
    assert await searchers.run(number_of_rows) == 2
    searchers.close()
    await world.close()


def nested(depth: int) -> Node:
    node: Node = Test("id", Operator.EQ, 1)
    for _level in range(depth):
        node = Not(AllOf((node, Test("id", Operator.GT, 0))))
    return node


async def test_large_searches_are_answered_and_larger_ones_refused(store: AnyStore) -> None:
    row = await create(store)
    tests = tuple(Test("reference", Operator.EQ, f"no{number}") for number in range(MOST_TESTS - 1))
    hit = Test("id", Operator.EQ, row.id)
    assert (await store.page(Query(tenant_id=1, where=AnyOf((*tests, hit)), wants_total=True))).total == 1
    chain: Node = hit
    for test in tests:
        chain = AnyOf((test, chain))
    assert len((await store.page(Query(tenant_id=1, where=chain))).rows) == 1
    many = Test("id", Operator.IN, tuple(range(50_000)))
    assert len((await store.page(Query(tenant_id=1, where=many))).rows) == 1
    assert len((await store.page(Query(tenant_id=1, where=nested(DEEPEST // 2)))).rows) == 1
    for where in (AnyOf((*tests, hit, hit)), nested(DEEPEST // 2 + 1), nested(1000)):
        with pytest.raises(InvalidRequest):
            await store.page(Query(tenant_id=1, where=where))


REFUSED: dict[str, Node] = {
    "text for a number": Test("owner_id", Operator.EQ, "1"),
    "flag for a number": Test("owner_id", Operator.EQ, True),
    "number for a text": Test("title", Operator.CONTAINS, 1),
    "number for a flag": Test("is_free", Operator.EQ, 1),
    "day for an instant": Test("starts_at", Operator.GE, "2026-03-03"),
    "text for a UUID": Test("uid", Operator.EQ, str(UUID(int=1))),
    "part of a number": Test("owner_id", Operator.BEGINS, 1),
    "no number": Test("owner_id", Operator.LT, float("nan")),
    "no end": Test("custom.number.x", Operator.IN, (1, float("inf"))),
    "zero character": Test("title", Operator.EQ, "a\0b"),
    "half a character": Test("location", Operator.CONTAINS, "\ud83d"),
    "half a key": Test("extra.\ud83d", Operator.EQ, "x"),
    "kind of custom field": Test("custom.color.x", Operator.EQ, "x"),
    "custom field without a name": Test("custom.text.", Operator.EQ, "x"),
    "member of the document": Test("body", Operator.EQ, "x"),
    "sealed member": Test("claimant.name", Operator.EQ, "x"),
}


async def test_what_cannot_be_compared_is_refused(store: AnyStore) -> None:
    await create(store)
    answers = {}
    for name, where in REFUSED.items():
        try:
            answers[name] = str(await store.page(Query(tenant_id=1, where=where)))
        except InvalidRequest:
            continue
    assert answers == {}


async def test_a_page_far_behind_the_end_is_empty(store: AnyStore) -> None:
    await create(store)
    page = await store.page(Query(tenant_id=1, offset=10**30, wants_total=True))
    assert (page.rows, page.total) == ((), 1)


async def test_days_in_the_order_of_ids(store: AnyStore) -> None:
    rows = [await create(store, starts_at=START + HOUR * (number % 3)) for number in range(6)]
    span = (Test("starts_at", Operator.GE, START), Test("starts_at", Operator.LT, START + 2 * HOUR))
    query = Query(tenant_id=1, where=AllOf(span), order=(Order(field="id"),))
    assert [row.id for row in (await store.page(query)).rows] == [rows[at].id for at in (0, 1, 3, 4)]
    behind = replace(query, after=(rows[1].id,))
    assert [row.id for row in (await store.page(behind)).rows] == [rows[3].id, rows[4].id]
    none = replace(query, where=AllOf((*span, Test("starts_at", Operator.GE, None))))
    assert (await store.page(none)).rows == ()


async def test_a_place_that_is_none_of_the_order_is_refused(store: AnyStore) -> None:
    for after in ((START,), (START, 1, 2), (None, 1), ("x", 1), (START, "x")):
        with pytest.raises(InvalidRequest):
            await store.page(Query(tenant_id=1, after=after))
    with pytest.raises(InvalidRequest):
        await store.page(Query(tenant_id=1, order=(Order(field="nothing"),)))


def letters() -> Iterator[str]:
    for code in range(1, 0x1FFFF):
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co"):
            yield chr(code)


def test_both_engines_know_the_same_lower_case(postgres_world: World) -> None:
    every = list(letters())
    words = ["ΟΔΟΣ ΟΔΟΣ.", "Σ", "ΑΣΑ", "İSTANBUL", "ǅUNGLA", "ÆRLIG ØDEGÅRD ÅSE", "STRASSE ẞ"]
    with psycopg.connect(postgres_world.dsn) as connection:
        statement = 'SELECT array_agg(lower(c COLLATE "und-x-icu") ORDER BY n)' + (
            " FROM unnest(%s::text[]) WITH ORDINALITY AS w (c, n)"
        )
        ((told,),) = connection.execute(statement.encode(), ([*every, *words],)).fetchall()
    assert len(every) > 75_000
    different = [(text, one) for text, one in zip([*every, *words], told, strict=True) if text.lower() != one]
    assert different == []
