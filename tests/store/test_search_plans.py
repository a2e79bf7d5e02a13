"""Everyday searches enter an index by all they know, also behind a key; the engines say themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
from msgspec.structs import replace

from appointed.store.schema import PLAIN
from appointed.store.search import engines
from appointed.store.search.pages import Page
from appointed.store.sqlite import numbered
from appointed.usecases.query import AllOf, AnyOf, Operator, Order, Query, ShownTo, Test
from tests.filling import FIRST, fill
from tests.postgres_server import PostgresServer
from tests.store.test_plans import explain_into_the_log, plans_in
from tests.store.world import ADA, HOUR, World, plant

SPAN = (Test("starts_at", Operator.GE, FIRST), Test("starts_at", Operator.LT, FIRST + HOUR))
# As doors order a list by date, newest first.
MIXED = (Order(field="starts_at", is_descending=True), Order(field="id"))
BY_ID = (Order(field="id"),)
NEWEST_FIRST = (Order(field="starts_at", is_descending=True), Order(field="id", is_descending=True))
BY_CREATION = (Order(field="created_at"), Order(field="id"))
# As doors add it: what the caller may read.
READABLE = AnyOf(
    (Test("privacy", Operator.EQ, "public"), Test("owner_id", Operator.EQ, ADA), ShownTo((ADA, -1)))
)
FILLED = 20_000


def at(name: str, value: Any, *more: Any) -> Query:
    return Query(tenant_id=1, where=AllOf((Test(name, Operator.EQ, value), *more, READABLE)), limit=100)


def behind(query: Query) -> Query:
    return replace(query, after=(FIRST, 7))


# A search, the index it enters, and what it enters it by besides the tenant.
OWNER, DEPARTMENT = at("owner_id", 3, *SPAN), at("department_id", 2, *SPAN)
CONTACT, ALL = at("contact_id", 5), Query(tenant_id=1, limit=100)
SEARCHES: dict[str, tuple[Query, str, tuple[str, ...]]] = {
    "owner": (OWNER, "appointment_owner", ("owner_id", "starts_at")),
    "owner behind a key": (behind(OWNER), "appointment_owner", ("owner_id", "starts_at")),
    "owner newest first": (
        replace(OWNER, order=NEWEST_FIRST),
        "appointment_owner",
        ("owner_id", "starts_at"),
    ),
    "owner newest first behind a key": (
        behind(replace(at("owner_id", 3), order=NEWEST_FIRST)),
        "appointment_owner",
        ("owner_id", "starts_at"),
    ),
    "owner newest day first": (replace(OWNER, order=MIXED), "appointment_owner", ("owner_id", "starts_at")),
    "owner newest day first behind a key": (
        behind(replace(at("owner_id", 3), order=MIXED)),
        "appointment_owner",
        ("owner_id", "starts_at"),
    ),
    "days by id": (
        Query(tenant_id=1, where=AllOf((*SPAN, READABLE)), order=BY_ID, limit=100),
        "appointment_start",
        ("starts_at",),
    ),
    "department": (DEPARTMENT, "appointment_department", ("department_id", "starts_at")),
    "department behind a key": (behind(at("department_id", 2)), "appointment_department", ("department_id",)),
    "status": (at("status", "waiting", *SPAN), "appointment_status", ("status", "starts_at")),
    "status newest first": (
        replace(at("status", "waiting", *SPAN), order=NEWEST_FIRST),
        "appointment_status",
        ("status", "starts_at"),
    ),
    "reference": (at("reference", "7"), "appointment_reference", ("reference",)),
    "contact": (CONTACT, "appointment_contact", ("contact_id",)),
    "contact behind a key": (behind(CONTACT), "appointment_contact", ("contact_id", "starts_at")),
    "person": (at("person_id", 5), "appointment_person", ("person_id",)),
    "project": (at("project_id", 5), "appointment_project", ("project_id",)),
    "sale": (at("sale_id", 5), "appointment_sale", ("sale_id",)),
    "mother": (at("mother_id", 5), "appointment_mother", ("mother_id",)),
    "created": (
        Query(tenant_id=1, where=Test("created_at", Operator.GE, FIRST), order=BY_CREATION, limit=100),
        "appointment_created",
        ("created_at",),
    ),
    "all": (ALL, "appointment_start", ()),
    "all behind a key": (behind(ALL), "appointment_start", ("starts_at",)),
}
# An index gives the rows of all others as the order wants them, and nothing is sorted.
SORTED = {
    "mother",
    "reference",
    "owner newest day first",
    "owner newest day first behind a key",
    "days by id",
}


async def test_sqlite_enters_the_index(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    await (await world.open()).close()
    for name, (query, index, columns) in SEARCHES.items():
        steps = sqlite_steps(world, query)
        (entry,) = (step for step in steps if f" INDEX {index} (" in step)
        terms = entry.partition(f" INDEX {index} (")[2]
        found = [column for column in ("tenant_id", *columns) if not re.search(rf"\b{column}\b", terms)]
        assert found == [], (name, steps)
        assert any("TEMP B-TREE" in step for step in steps) == (name in SORTED), (name, steps)


def sqlite_steps(world: World, query: Query) -> list[str]:
    text, values = Page(query, engines.SQLITE).rows()
    connection = apsw.Connection(str(world.place))
    rows = connection.execute(f"EXPLAIN QUERY PLAN {numbered(text)}", (None,) * len(values)).fetchall()
    connection.close()
    return [str(row[3]) for row in rows]


async def test_postgres_enters_the_index(postgres_world: World, postgres_server: PostgresServer) -> None:
    explain_into_the_log(postgres_world)
    store = await postgres_world.open()
    await plant(store)
    await fill(postgres_world.place, FILLED)
    for name, (query, index, columns) in SEARCHES.items():
        before = len(postgres_server.log)
        await store.page(query)
        (plan,) = (
            plan for plan in plans_in(postgres_server.log[before:]) if " OFFSET " in plan["Query Text"]
        )
        nodes = list(nodes_of(plan["Plan"]))
        entry = next((node for node in nodes if node.get("Index Name") == index), {})
        asked = entry.get("Index Cond", "")
        found = [column for column in ("tenant_id", *columns) if not re.search(rf"\b{column}\b", asked)]
        assert found == [], (name, plan)
        (page,) = (node for node in nodes if node["Node Type"] == "Limit")
        is_sorted = any("Sort" in node["Node Type"] for node in nodes_of(page))
        assert is_sorted == (name in SORTED), (name, plan)


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes_of(child)


async def test_no_index_holds_what_every_change_writes(world: World) -> None:
    """An UPDATE of the texts of an appointment then touches no index (on PostgreSQL: HOT)."""
    await (await world.open()).close()
    made = (
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'appointment' AND sql <> ''"
        if world.engine == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE tablename = 'appointment'"
    )
    indexes = [str(sql) for (sql,) in world.run(made)]
    assert len(indexes) > 10
    assert [sql for sql in indexes if re.search(rf"\b({'|'.join(PLAIN)})\b", sql.partition("(")[2])] == []
