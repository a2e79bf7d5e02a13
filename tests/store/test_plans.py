"""No statement of the request path scans: the engines say themselves how they run each one."""

import json
import re
from collections.abc import Iterator
from typing import Any

import apsw
import msgspec
import pytest

from appointed.domain.directory import Associate, Contact
from appointed.domain.principal import Principal
from appointed.store.directory_scripts import NEWER
from appointed.store.sqlite_batch import CONFLICT
from appointed.usecases.list_appointments import list_appointments
from appointed.usecases.ports import (
    Account,
    ByFamily,
    ById,
    ByUid,
    Idempotency,
    NoRows,
    RecordChange,
    RecordDecision,
    Reply,
    Ticket,
    Time,
)
from appointed.usecases.presence_ports import Presence
from appointed.usecases.query import Operator, Query, Test
from tests.postgres_server import PostgresServer
from tests.store.world import (
    ADA,
    HOUR,
    NOW,
    ROOM,
    START,
    AnyStore,
    World,
    a_change,
    a_claimant,
    a_draft,
    adding,
    create,
    deleting,
    editing,
    plant,
)

# Statements that give all a tenant has, or walk its rows in order until a page is full; an index led by the
# tenant is all they need.
WHOLE = (
    "FROM record WHERE tenant_id = $1 AND NOT is_gone",
    "FROM record WHERE tenant_id = ?1 AND NOT",
    " OFFSET ",
    "position FROM event",
    "count(*) FROM appointment",
)
# What upkeep asks now and then, and no request.
UPKEEP = "SELECT id FROM tenant ORDER BY id"


def is_whole(statement: str) -> bool:
    return any(words in statement for words in WHOLE)


async def requests(store: AnyStore) -> None:
    """Do everything that a request may ask of a store."""
    row = await create(store, claimant=a_claimant(), owner_id=ROOM)
    slave = await create(store, mother_id=row.id)
    keyed = Idempotency("key", b"print", lambda _outcome: Reply(200, (), b""))
    for _twice in range(2):
        await store.change(
            a_change(
                editing(title="x", starts_at=START - HOUR, claimant=a_claimant(name="New")),
                ByUid(row.uid),
                wants_conflicts=True,
                idempotency=keyed,
            )
        )
    await store.change(a_change(editing(title="plain"), ById((row.id, slave.id)), wants_conflicts=True))
    await store.change(a_change(editing(title="y"), ByFamily(row.id), dry_run=True, wants_conflicts=True))
    probe = Time(starts_at=START, ends_at=START + HOUR, owner_id=ROOM)
    await store.blockers(1, (probe, probe))
    await store.busy(1, (ROOM, ADA), probe)
    for scope in (ById((row.id,)), ByUid(row.uid)):
        await store.read(1, scope, wants_conflict=True)
    await store.change(a_change(adding(a_draft()), NoRows()))
    await list_appointments(store, Principal(1, ADA), 1, 50)
    for field in ("owner_id", "department_id", "status", "reference"):
        where = Test(field, Operator.EQ, getattr(row, field))
        await store.page(Query(tenant_id=1, where=where, wants_total=True))
    await store.change(a_change(deleting, ById((row.id,))))
    await store.history(1, row.id)
    await store.events(1)
    await store.put_records(1, (Associate(id=0, name="new", full_name="New"),))
    await store.directory(1)
    await store.put_records(1, (Associate(id=1, name="new", full_name="New"),))
    await store.directory(1)
    await store.change_record(
        RecordChange(
            tenant_id=1,
            principal=Principal(1, ADA),
            door="test",
            kind="contact",
            permit=lambda _record, _view: None,
            decide=lambda _record, _view: RecordDecision(Contact(id=-1, name="New")),
            idempotency=msgspec.structs.replace(keyed, key="record"),
        )
    )
    await store.record_history(1, "contact", 1)
    await store.put_account(Account(kind="login", name="a", tenant_id=1, associate_id=1, secret=None))
    await store.account("login", "a")
    ticket = Ticket(tenant_id=1, id="t", kind="k", secret_hash=b"", associate_id=1, expires_at=NOW)
    await store.put_ticket(ticket)
    await store.ticket(1, "t")
    await store.drop_ticket(1, "t")
    await store.forget_tickets(NOW)
    presence = Presence(tenant_id=1, appointment_id=1, associate_id=1, until=NOW)
    await store.put_presences([presence])
    await store.claimants_present(1, [1])
    await store.presences(1, NOW)
    await store.find_claimants(1, "Jane Roe")
    await store.history(1, 1, 30)
    await store.forget_presences(NOW)
    await store.forget_idempotency(NOW)


class Tracing:
    """Notes every statement that any SQLite connection runs."""

    def __init__(self) -> None:
        self.statements: set[str] = set()

    def __call__(self, connection: apsw.Connection) -> None:
        connection.exec_trace = self.note

    def note(self, _cursor: apsw.Cursor, statement: str, _values: Any) -> bool:
        self.statements.add(statement)
        return True


@pytest.fixture
def tracing() -> Iterator[Tracing]:
    tracing = Tracing()
    apsw.connection_hooks.append(tracing)
    yield tracing
    if tracing in apsw.connection_hooks:
        apsw.connection_hooks.remove(tracing)


async def test_sqlite_searches_by_index(tmp_path: Any, tracing: Tracing) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    tracing.statements.clear()
    await requests(store)
    await world.close()
    apsw.connection_hooks.remove(tracing)
    connection = apsw.Connection(str(world.place))
    found = [
        (problem, statement)
        for statement in tracing.statements
        if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE") and statement != UPKEEP
        for problem in sqlite_problems(connection, statement)
    ]
    assert len(tracing.statements) > 30
    assert found == []
    steps = explained(connection, f"SELECT {CONFLICT}")
    assert [step for step in steps if "appointment_busy" in step and "busy_from>?" in step]
    (step,) = explained(connection, NEWER.replace("$", "?"))
    assert "record_newer (tenant_id=? AND directory_revision>?)" in step
    (listing,) = (text for text in tracing.statements if "OFFSET" in text and "mother_id <>" in text)
    seen = listing.partition("WHERE ")[2].partition(" ORDER")[0]
    for text in (listing, f"SELECT count(*) FROM appointment a WHERE {seen}"):
        steps = explained(connection, text)
        assert [step for step in steps if "USING COVERING INDEX appointment_start" in step], steps
    connection.close()


def sqlite_problems(connection: apsw.Connection, statement: str) -> list[str]:
    steps = explained(connection, statement)
    # The log is read in its own order; sorting it would mean reading all of it for one page.
    sorted_log = [step for step in steps if "TEMP B-TREE" in step and "FROM event" in statement]
    return sorted_log + [step for step in steps if is_sqlite_scan(step, is_whole(statement))]


def explained(connection: apsw.Connection, statement: str) -> list[str]:
    numbered = [int(number) for number in re.findall(r"\?(\d+)", statement)]
    values = (None,) * max(numbered, default=statement.count("?"))
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def is_sqlite_scan(step: str, is_whole: bool) -> bool:
    if step.startswith("SCAN"):
        # "p" is a page that was found already, "e" the times of a JSON array, the others what was found by them.
        return step.split()[1] not in ("CONSTANT", "json_each", "p", "e", "found", "few")
    terms = re.search(r"^SEARCH .*\((.*)\)$", step)
    if terms is None:
        return False
    return "tenant_id=?" not in terms[1] if is_whole else terms[1] == "tenant_id=?"


async def test_postgres_searches_a_new_database_by_index(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    explain_into_the_log(postgres_world)
    store = await postgres_world.open()
    await plant(store)
    before = len(postgres_server.log)
    await requests(store)
    demand_searches(postgres_world, plans_in(postgres_server.log[before:]))


async def test_postgres_searches_a_grown_database_by_index(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    explain_into_the_log(postgres_world)
    store = await postgres_world.open()
    await plant(store)
    await requests(store)
    await store.close()
    # Let each table and index look as if it had a million rows.
    postgres_world.run(
        "UPDATE pg_class SET reltuples = 1000000, relpages = 1"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')"
    )
    store = await postgres_world.open()
    before = len(postgres_server.log)
    await requests(store)
    plans = plans_in(postgres_server.log[before:])
    demand_searches(postgres_world, plans)
    texts = [json.dumps(plan["Plan"]) for plan in plans]
    assert [text for text in texts if "appointment_busy" in text and re.search(r"busy_from > \(\w", text)]
    assert [
        plan for plan in plans if plan["Query Text"] == NEWER and "record_newer" in json.dumps(plan["Plan"])
    ]


def demand_searches(world: World, plans: list[dict[str, Any]]) -> None:
    second = dict(world.run("SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attnum = 2"))
    found = [
        (problem, plan["Query Text"])
        for plan in plans
        if "pg_catalog." not in plan["Query Text"] and plan["Query Text"] != UPKEEP
        for problem in postgres_problems(plan["Plan"], second, is_whole(plan["Query Text"]))
    ]
    assert len(plans) > 30
    assert found == []


def plans_in(log: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in re.findall(r"plan:\n((?:\t.*\n)+)", log)]


def explain_into_the_log(world: World) -> None:
    settings = {
        "session_preload_libraries": "auto_explain",
        "auto_explain.log_min_duration": "0",
        "auto_explain.log_format": "json",
    }
    for name, value in settings.items():
        world.run(f"ALTER DATABASE {world.dsn.rpartition('/')[2]} SET {name} = '{value}'")


def postgres_problems(node: dict[str, Any], second: dict[str, str], is_whole: bool) -> list[str]:
    problem = f"{node['Node Type']} {node.get('Index Name')} {node.get('Index Cond')}"
    found = [problem] if is_postgres_scan(node, second, is_whole) else []
    children = (postgres_problems(child, second, is_whole) for child in node.get("Plans", ()))
    return found + [problem for child in children for problem in child]


def is_postgres_scan(node: dict[str, Any], second: dict[str, str], is_whole: bool) -> bool:
    """Tell whether a node reads more than its index leads to: its second column must be asked for too."""
    if node["Node Type"] == "Seq Scan":
        return True
    if "Index" not in node["Node Type"]:
        return False
    columns = set(re.findall(r"\((?:\w+\.)?\"?(\w+)\"?[ ,]", node.get("Index Cond", "")))
    if is_whole:
        return "tenant_id" not in columns
    return second.get(node["Index Name"], "tenant_id") not in columns and node["Index Name"] != "tenant_pkey"
