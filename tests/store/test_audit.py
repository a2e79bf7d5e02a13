"""The audit log and the seals over it and the event log: whatever is done to a row afterwards is found."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.audit import Act, Anchor, Tampering, Wanted, read_anchor
from appointed.domain.directory import Contact, Department
from appointed.domain.principal import Principal
from appointed.store.audit_scripts import MANY, add, seals
from appointed.store.audit_sql import LOGS
from appointed.store.seals import hash_of
from appointed.usecases.ports import RecordChange, RecordDecision
from tests.store.world import ADA, KARI, NOW, AnyStore, World, create, edit, plant

GUARDS = {"sqlite": "DROP TRIGGER {}_{}", "postgres": "ALTER TABLE {} DISABLE TRIGGER {}_is_kept"}


def unguard(world: World, *tables: str) -> None:
    """Take away what keeps rows from being changed, as an owner of the database could."""
    for table in tables:
        for verb in ("update", "delete")[: 2 if world.engine == "sqlite" else 1]:
            world.run(GUARDS[world.engine].format(table, verb if world.engine == "sqlite" else table))


async def sealed(store: AnyStore) -> int:
    """Seal until nothing is left."""
    count = 0
    while some := await store.audit.seal():
        count += some
    return count


async def faults(store: AnyStore, log: str, *anchors: Anchor) -> list[Tampering]:
    (verdict,) = [one for one in await store.audit.verify(1, anchors) if one.anchor.log == log]
    return [fault.kind for fault in verdict.faults]


async def busy(store: AnyStore, count: int = 5) -> list[UUID]:
    """Fill both logs; gives the entries' references."""
    row = await create(store)
    for number in range(count - 1):
        await edit(store, row.id, title=f"Title {number}")
    return [(await store.audit.write(1, Act.COMMAND, ADA, details={"n": n})).id for n in range(count)]


async def test_entries_are_listed_newest_first_by_who_what_when_and_appointment(
    store: AnyStore, world: World
) -> None:
    for by, act, appointment_id, hours in (
        (ADA, Act.CLAIMANT_READ, 7, 0),
        (KARI, Act.CLAIMANT_READ, 7, 1),
        (ADA, Act.COMMAND, 0, 2),
        (ADA, Act.CLAIMANT_READ, 8, 3),
    ):
        world.clock.now = NOW + timedelta(hours=hours)
        await store.audit.write(1, act, by, appointment_id=appointment_id, details={"hours": hours})
    await store.audit.write(2, Act.COMMAND, ADA)

    async def hours(**wanted: Any) -> list[int]:
        return [entry.details["hours"] for entry in await store.audit.entries(1, Wanted(**wanted))]

    assert await hours() == [3, 2, 1, 0]
    assert await hours(by=KARI) == [1]
    assert await hours(acts=(Act.COMMAND,)) == [2]
    assert await hours(acts=(Act.COMMAND, Act.CLAIMANT_READ), by=ADA) == [3, 2, 0]
    assert await hours(appointment_id=7) == [1, 0]
    assert await hours(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3)) == [2, 1]
    assert await hours(limit=1) == [3]
    (newest, *_others) = await store.audit.entries(1, Wanted())
    assert await hours(before=newest.id, limit=2) == [2, 1]


async def test_entries_of_a_department_are_those_about_its_appointments(store: AnyStore) -> None:
    first, second = await create(store), await create(store, department_id=2, owner_id=KARI)
    # Another customer's of the same number stands in the other department.
    assert (await create(store, tenant_id=2, department_id=2)).id == first.id
    for row in (first, second):
        await store.audit.write(1, Act.CLAIMANT_READ, ADA, appointment_id=row.id)
    await store.audit.write(1, Act.COMMAND, ADA)
    await store.audit.write(2, Act.CLAIMANT_READ, ADA, appointment_id=first.id)

    async def told(**wanted: Any) -> list[int]:
        return [entry.appointment_id for entry in await store.audit.entries(1, Wanted(**wanted))]

    assert await told(departments=(1,)) == [first.id]
    assert await told(departments=(1, 2), acts=(Act.CLAIMANT_READ,), by=ADA) == [second.id, first.id]
    assert await told(departments=(1, 2), limit=1) == [second.id]
    assert await told(departments=(2,), appointment_id=first.id) == []
    assert await told(departments=()) == []


async def test_what_is_noted_is_written_once_it_is_flushed(store: AnyStore, world: World) -> None:
    for _again in range(3):
        store.audit.note(1, Act.CLAIMANT_READ, ADA, appointment_id=7, once_in=timedelta(minutes=5))
    store.audit.note(0, Act.SIGN_IN_FAILED, 0, address="203.0.113.9")
    assert await store.audit.entries(1, Wanted()) == ()
    await store.audit.flush()
    (entry,) = await store.audit.entries(1, Wanted())
    assert (entry.at, entry.act, entry.by, entry.appointment_id) == (NOW, Act.CLAIMANT_READ, ADA, 7)
    (other,) = await store.audit.entries(0, Wanted())
    assert other.address == "203.0.113.9"


async def test_what_programs_fetch_by_the_hundred_is_written_whole_and_twice_never(store: AnyStore) -> None:
    count = 2 * MANY + 3
    for row in range(1, count + 1):
        store.audit.note(1, Act.CLAIMANT_FETCHED, ADA, appointment_id=row, once_in=timedelta(hours=1))
    await store.audit.flush()
    entries = await store.audit.entries(1, Wanted(limit=1_000))
    assert sorted(entry.appointment_id for entry in entries) == list(range(1, count + 1))
    await store._write(add(entries))
    assert await store.audit.entries(1, Wanted(limit=1_000)) == entries


async def test_what_cannot_be_written_waits(world: World) -> None:
    store = await world.open()
    await plant(store)
    store.audit.note(1, Act.COMMAND, ADA)
    await store.close()
    await store.audit.flush()
    await store.open()
    await store.audit.flush()
    assert len(await store.audit.entries(1, Wanted())) == 1


async def test_administered_records_leave_an_entry_without_their_contents(store: AnyStore) -> None:
    def renamed(before: Any, _view: Any) -> RecordDecision:
        return RecordDecision(Department(id=1, uid=before.uid, name="Canary", default_associate_id=ADA))

    def added(_before: Any, _view: Any) -> RecordDecision:
        return RecordDecision(Contact(id=0, name="Canary"))

    for kind, record_id, decide in (("department", 1, renamed), ("contact", 0, added)):
        change = RecordChange(
            tenant_id=1,
            principal=Principal(1, ADA),
            door="test",
            kind=kind,
            record_id=record_id,
            permit=lambda _record, _view: None,
            decide=decide,
        )
        await store.change_record(change)
    (entry,) = await store.audit.entries(1, Wanted())
    assert (entry.act, entry.by, entry.door) == (Act.RECORD_CHANGED, ADA, "test")
    assert entry.details == {
        "kind": "department",
        "id": 1,
        "revision": 2,
        "change": "changed",
        "members": ["name"],
    }


async def test_an_untouched_log_is_whole(store: AnyStore) -> None:
    assert [verdict.rows for verdict in await store.audit.verify(1)] == [0, 0]
    await busy(store)
    await create(store, tenant_id=2)
    assert [(one.rows, one.unsealed) for one in await store.audit.verify(1)] == [(0, 5), (0, 5)]
    assert await sealed(store) == 11
    await busy(store, 2)
    assert await sealed(store) == 4
    verdicts = await store.audit.verify(1)
    assert [(one.anchor.log, one.anchor.number, one.rows, one.unsealed) for one in verdicts] == [
        ("event", 2, 7, 0),
        ("audit", 2, 7, 0),
    ]
    assert [one.faults for one in verdicts] == [(), ()]
    anchors = tuple(read_anchor(str(one.anchor)) for one in verdicts)
    await busy(store)
    await sealed(store)
    assert [one.faults for one in await store.audit.verify(1, anchors)] == [(), ()]


async def test_each_customers_logs_have_seals_of_their_own(store: AnyStore) -> None:
    for _again in range(2):
        for tenant_id in (1, 2):
            await create(store, tenant_id=tenant_id)
            await store.audit.write(tenant_id, Act.COMMAND, ADA)
        await sealed(store)
    for tenant_id in (1, 2):
        verdicts = await store.audit.verify(tenant_id)
        assert [(one.anchor.number, one.rows, one.unsealed, one.faults) for one in verdicts] == [
            (2, 2, 0, ())
        ] * 2


THIRD = {
    "event": "tenant_id = 1 AND revision = 3",
    "audit": "tenant_id = 1 AND position = (SELECT min(a.position) FROM audit a)",
}
LAST = {
    "event": "tenant_id = 1 AND revision = 5",
    "audit": "tenant_id = 1 AND position = (SELECT max(a.position) FROM audit a)",
}
CHANGE = "UPDATE {log} SET by = 77 WHERE {row}"
REMOVE = "DELETE FROM {log} WHERE {row}"
# A place between two others exists in PostgreSQL alone: in SQLite another row has to leave it first.
INSERT = {
    "event": "INSERT INTO event SELECT 1, position, gen_random_uuid(), appointment_id, 99, kind, at, by, door,"
    " patch, inverse FROM event WHERE {row}",
    "audit": "INSERT INTO audit SELECT 1, position, gen_random_uuid(), at, act, by, door, appointment_id,"
    " address, details FROM audit WHERE {row}",
}
REPLACE = "UPDATE {log} SET id = zeroblob(16) WHERE {row}"


async def test_whatever_is_done_to_a_sealed_row_is_found(store: AnyStore, world: World) -> None:
    await busy(store)
    await sealed(store)
    for number, log in enumerate(LOGS):
        unguard(world, log)
        world.run(CHANGE.format(log=log, row=THIRD[log]))
        assert await faults(store, log) == [Tampering.ROW_CHANGED]
        assert [bool(one.faults) for one in await store.audit.verify(1)][number + 1 :] == [False] * (
            1 - number
        )
        if world.engine == "sqlite":
            world.run(REPLACE.format(log=log, row=THIRD[log]))
            put_in = [Tampering.ROW_INSERTED, Tampering.ROW_REMOVED]
        else:
            world.run(INSERT[log].format(row=THIRD[log]))
            put_in = [Tampering.ROW_CHANGED, Tampering.ROW_INSERTED]
        assert sorted(await faults(store, log)) == put_in


@pytest.mark.parametrize("which", [THIRD, LAST], ids=["middle", "last"])
async def test_a_removed_row_is_found(store: AnyStore, world: World, which: dict[str, str]) -> None:
    await busy(store)
    await sealed(store)
    unguard(world, *LOGS)
    for log in LOGS:
        world.run(REMOVE.format(log=log, row=which[log]))
        assert await faults(store, log) == [Tampering.ROW_REMOVED]
    await busy(store)
    await sealed(store)
    for log in LOGS:
        assert Tampering.ROW_REMOVED in await faults(store, log)


async def test_seals_cannot_be_changed_or_cut_off(store: AnyStore, world: World) -> None:
    log = "event"
    await busy(store)
    await sealed(store)
    await busy(store)
    await sealed(store)
    verdicts = await store.audit.verify(1)
    (anchor,) = [one.anchor for one in verdicts if one.anchor.log == log]
    unguard(world, "seal", log)
    world.run(f"UPDATE seal SET at = at WHERE log = '{log}'")
    assert await faults(store, log) == []
    # The last seal goes, and the head is written back to the one before it.
    ((number, digest),) = world.run(
        f"SELECT number, hash FROM seal WHERE log = '{log}' AND tenant_id = 1 AND number = 1"
    )
    text = bytes(digest).hex()
    spelt = f"x'{text}'" if world.engine == "sqlite" else f"'\\x{text}'"
    world.run(f"DELETE FROM seal WHERE log = '{log}' AND number = 2")
    assert await faults(store, log) == [Tampering.SEAL_REMOVED]
    world.run(f"UPDATE seal_head SET number = {number}, hash = {spelt} WHERE log = '{log}'")
    assert await faults(store, log) == [Tampering.SEAL_CHANGED]
    assert await faults(store, log, anchor) == [Tampering.SEAL_REMOVED]
    world.run(f"DELETE FROM seal_head WHERE log = '{log}'")
    assert await faults(store, log) == [Tampering.SEAL_REMOVED]
    world.run(f"UPDATE seal SET number = 2 WHERE log = '{log}'")
    assert Tampering.SEAL_REMOVED in await faults(store, log)


async def test_a_seal_that_was_made_without_the_key_is_found(store: AnyStore, world: World) -> None:
    await busy(store)
    await sealed(store)
    unguard(world, "seal")
    spelt = "zeroblob(32)" if world.engine == "sqlite" else "decode(repeat('00', 32), 'hex')"
    world.run(f"UPDATE seal SET hash = {spelt} WHERE log = 'audit'")
    assert Tampering.SEAL_CHANGED in await faults(store, "audit")
    anchor = Anchor("event", 1, "00" * 32)
    assert await faults(store, "event", anchor) == [Tampering.SEAL_CHANGED]


async def test_a_seal_of_another_copy_of_the_log_does_not_fit(store: AnyStore, world: World) -> None:
    """Whoever has a copy that went another way has seals with the right key; they follow other seals."""
    await busy(store)
    await sealed(store)
    await busy(store)
    await sealed(store)
    first, _second = await store._scan(seals(1, "event", 0, 10))
    other = replace(first, at=first.at + timedelta(seconds=1))
    spelt = hash_of(world.sealer, other, b"").hex()
    at = "at + 1000000" if world.engine == "sqlite" else "at + interval '1 second'"
    digest = f"x'{spelt}'" if world.engine == "sqlite" else f"'\\x{spelt}'"
    unguard(world, "seal")
    world.run(f"UPDATE seal SET at = {at}, hash = {digest} WHERE log = 'event' AND number = 1")
    (verdict, _audit) = await store.audit.verify(1)
    assert [(fault.kind, fault.seal) for fault in verdict.faults] == [(Tampering.SEAL_CHANGED, 2)]


async def test_the_database_refuses_to_change_what_is_written_down(store: AnyStore, world: World) -> None:
    await busy(store)
    await sealed(store)
    before = world.dump()
    for table in (*LOGS, "seal"):
        for statement in (f"UPDATE {table} SET tenant_id = 2", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match="never changed or removed"):
                world.run(statement)
    assert world.dump() == before


async def test_of_two_that_seal_at_once_one_wins(store: AnyStore, world: World) -> None:
    await busy(store)
    head = (1, 0, 0, None, None)
    assert [await store.audit._seal("event", head) for _try in range(2)] == [5, 0]
    assert [one.faults for one in await store.audit.verify(1)] == [(), ()]
    assert world.count("seal") == 1


@pytest.mark.parametrize("text", ["", "event", "event:x:ab", "event:1", "event:9999999999999999:ab"])
def test_what_is_no_anchor_is_none(text: str) -> None:
    assert read_anchor(text) is None
