"""Keys, single claimants and retention: what the use cases decide, and what commands tell."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.audit import Act
from appointed.domain.directory import Directory
from appointed.domain.errors import Forbidden, PreconditionFailed, RecordNotFound, StoreBusy
from appointed.domain.participant import Answer, Claimant, Message
from appointed.domain.principal import server
from appointed.sealing.keys import KeyFileError
from appointed.usecases.administer import CommandRefused
from appointed.usecases.administer_audit import ListAudit, VerifyAudit
from appointed.usecases.administer_claimants import (
    EraseClaimant,
    ExportClaimant,
    FindClaimant,
    RunRetention,
)
from appointed.usecases.administer_protection import (
    CheckStore,
    ListKeys,
    PrepareKeys,
    RetireKeys,
    RotateKeys,
)
from appointed.usecases.claimant_ports import Lookup
from appointed.usecases.ports import Change, Health, Outcome
from appointed.usecases.protect_claimants import erase_claimant, export_claimant, find_claimants, tag_of
from appointed.usecases.retain import Retained, past_their_time, retain, retain_one
from appointed.usecases.rotate_keys import KeysInUse, demand_own_keys
from tests.builders import ADMIN, KARI, NOW, appointment, directory, principal
from tests.usecases.fake_protection import FakeClaimants, FakeRing, FakeWrapped, administrator
from tests.usecases.fake_store import FakeStore

GRACE, ADA, GONE = UUID(int=91), UUID(int=92), UUID(int=93)
DAY = timedelta(days=1)
FIELD = (
    directory().departments[1].data_fields[0].id if directory().departments[1].data_fields else UUID(int=7)
)
PERSON = Claimant(
    id=GRACE,
    name="Grace Hopper",
    email="grace@navy.example",
    answers=(Answer(FIELD, "a"), Answer(GONE, "b")),
    messages=(Message(NOW, ADMIN, "Two minutes"),),
)


class SafeStore(FakeStore):
    """Has claimants, and departments with the retention that a test wants."""

    def __init__(self, *rows: Any, days: dict[int, int] | None = None, loose: tuple[UUID, ...] = ()) -> None:
        super().__init__(rows={row.id: row for row in rows})
        self.claimants = FakeClaimants(self, *loose)
        self.days = days or {}
        self.tenant = directory().tenant
        self.keys: Any = None
        self.how = Health(True)

    async def health(self) -> Health:
        return self.how

    async def directory(self, tenant_id: int) -> Directory:
        plain = directory()
        kept = [replace(one, retention_days=self.days.get(one.id)) for one in plain.departments.values()]
        return plain.followed(self.tenant, 1, [("department", one.id, one) for one in kept])

    async def tenants(self) -> tuple[Any, ...]:
        return (self.tenant,)

    async def change_tenant(self, tenant_id: int, edit: Any) -> Any:
        self.tenant = edit(self.tenant)
        return self.tenant

    @property
    def left(self) -> list[int]:
        return [row.id for row in self.rows.values() if row.claimant is not None]


def row(number: int, claimant: UUID | None = GRACE, days_ago: int = 10, department: int = 1) -> Any:
    """Make an appointment that ended so many days ago."""
    person = None if claimant is None else replace(PERSON, id=claimant)
    ends_at = NOW - days_ago * DAY
    return appointment(
        id=number,
        claimant=person,
        department_id=department,
        starts_at=ends_at - timedelta(hours=1),
        ends_at=ends_at,
        reference=f"R{number}",
    )


@pytest.mark.parametrize(
    ("by", "text"), [(Lookup.EMAIL, "grace@navy.example"), (Lookup.NAME, "Hopper"), (Lookup.REFERENCE, "R1")]
)
async def test_administrators_find_claimants_and_leave_an_entry_without_the_words(by, text) -> None:
    store = SafeStore(row(1), row(2), row(3, None))
    (found,) = await find_claimants(store, principal(ADMIN), by, text)
    assert (found.claimant.id, [one.id for one in found.rows]) == (GRACE, [1, 2])
    ((act, by_whom, _row, details),) = [
        told for told in store.audit.told if told[0] is Act.CLAIMANTS_SEARCHED
    ]
    assert (act, by_whom) == (Act.CLAIMANTS_SEARCHED, ADMIN)
    assert details == {"by": by, "claimants": [str(GRACE)]}


async def test_one_who_went_meanwhile_is_not_found() -> None:
    store = SafeStore(row(1))

    async def find(*_arguments: Any) -> tuple[UUID, ...]:
        return (GONE,)

    store.claimants.find = find  # type: ignore[method-assign] # as if erased just now
    assert await find_claimants(store, principal(ADMIN), Lookup.NAME, "x") == ()


async def test_others_may_not() -> None:
    store = SafeStore(row(1))
    who = principal(KARI)
    with pytest.raises(Forbidden):
        await find_claimants(store, who, Lookup.NAME, "Grace")
    with pytest.raises(Forbidden):
        await export_claimant(store, who, GRACE)
    with pytest.raises(Forbidden):
        await erase_claimant(store, who, GRACE, "test", dry_run=False)
    assert store.left == [1]


async def test_an_export_has_all_in_clear_and_no_secrets() -> None:
    store = SafeStore(row(1), row(2))
    report = await administrator(store, "x").run(ExportClaimant(tenant_id=1, claimant_id=GRACE))
    told = json.loads(report["export"])
    assert told["claimant"]["name"] == "Grace Hopper"
    assert [one["answer"] for one in told["claimant"]["answers"]] == ["a", "b"]
    assert [one["reference"] for one in told["appointments"]] == ["R1", "R2"]
    assert told["appointments"][1]["claimant"] == told["claimant"]
    assert [one["text"] for one in told["claimant"]["messages"]] == ["Two minutes"]
    assert told["history"][0]["changes"] == [
        {"path": "", "op": "add", "value": {"id": 1, "claimant": {"name": "Canary"}}}
    ]
    assert "link_key" not in report["export"]
    assert store.audit.told[-1] == (
        Act.CLAIMANT_EXPORTED,
        0,
        0,
        {"claimant": str(GRACE), "appointments": [1, 2]},
    )


async def test_nobody_is_neither_exported_nor_erased() -> None:
    store = SafeStore(row(1))
    for command in (
        ExportClaimant(tenant_id=1, claimant_id=GONE),
        EraseClaimant(tenant_id=1, claimant_id=GONE, is_sure=True),
    ):
        with pytest.raises(CommandRefused):
            await administrator(store, "x").run(command)
    with pytest.raises(RecordNotFound):
        await export_claimant(store, server(1), GONE)


async def test_an_erasure_is_tried_first_and_then_takes_what_was_seen() -> None:
    store = SafeStore(*(row(number) for number in range(1, 61)), row(70, ADA))
    tried = await erase_claimant(store, principal(ADMIN), GRACE, "test", dry_run=True)
    assert (tried.is_done, len(tried.appointment_ids), len(store.left)) == (False, 60, 61)
    with pytest.raises(PreconditionFailed):
        await erase_claimant(store, principal(ADMIN), GRACE, "test", "old", dry_run=False)
    done = await erase_claimant(store, principal(ADMIN), GRACE, "test", tried.tag, dry_run=False)
    assert done.is_done
    assert store.left == [70]
    assert store.claimants.keys == {ADA}
    assert {change.door for change in store.changes} == {"test"}
    assert [told[0] for told in store.audit.told] == [Act.ERASURE_TRIED, Act.CLAIMANT_ERASED]
    # A row whose claimant went meanwhile stays as it is.
    (change, *_others) = store.changes
    assert change.decide((row(1, None), row(2, ADA)), None).replacements == ()
    change.permit((), None)


async def test_whom_no_appointment_names_any_more_is_erased_all_the_same() -> None:
    store = SafeStore(row(1), loose=(GONE,))
    tried = await erase_claimant(store, principal(ADMIN), GONE, "test", dry_run=True)
    assert (tried.is_done, tried.appointment_ids, GONE in store.claimants.keys) == (False, (), True)
    assert (await erase_claimant(store, principal(ADMIN), GONE, "test", tried.tag, dry_run=False)).is_done
    assert store.claimants.keys == {GRACE}
    with pytest.raises(RecordNotFound):
        await erase_claimant(store, principal(ADMIN), GONE, "test", tried.tag, dry_run=False)


async def test_all_whom_no_appointment_names_go_by_a_word_of_their_own() -> None:
    store = SafeStore(row(1, GRACE, 10), days={1: 50}, loose=(GONE,))
    admin = administrator(store, "x")
    for command, told in (
        (RunRetention(is_sure=True), "0 past their time erased, 0 named by no appointment erased"),
        (
            RunRetention(unnamed=True),
            "0 past their time to be erased, 1 named by no appointment to be erased",
        ),
        (
            RunRetention(unnamed=True, is_sure=True),
            "0 past their time erased, 1 named by no appointment erased",
        ),
    ):
        assert await admin.run(command) == {"tenant 1": told}
    assert store.claimants.keys == {GRACE}


async def test_no_erasure_is_untold() -> None:
    class Stopped(SafeStore):
        async def change(self, _change: Change) -> Outcome:
            raise StoreBusy

    store = Stopped(row(1, GRACE, 10), days={1: 5})
    with pytest.raises(StoreBusy):
        await erase_claimant(store, principal(ADMIN), GRACE, "test", dry_run=False)
    with pytest.raises(StoreBusy):
        await retain(store, lambda: NOW, 1)
    assert [told[0] for told in store.audit.told] == [Act.CLAIMANT_ERASED] * 2


async def test_the_tag_follows_the_rows() -> None:
    store = SafeStore(row(1))
    before = await store.claimants.holdings(1, GRACE)
    store.rows[1] = replace(store.rows[1], revision=2)
    assert tag_of(before) != tag_of(await store.claimants.holdings(1, GRACE))


async def test_commands_tell_what_was_found_and_done() -> None:
    store = SafeStore(row(1), row(2, ADA))
    store.rows[2] = replace(store.rows[2], claimant=Claimant(id=ADA))
    admin = administrator(store, "x")
    found = await admin.run(FindClaimant(tenant_id=1, by=Lookup.REFERENCE, text="R1"))
    assert found == {str(GRACE): f"Grace Hopper, grace@navy.example, R1 {NOW - 10 * DAY:%Y-%m-%d}"}
    (line,) = (await admin.run(FindClaimant(tenant_id=1, by=Lookup.REFERENCE, text="R2"))).values()
    assert line.startswith("(no name), (no e-mail), R2")
    tried = await admin.run(EraseClaimant(tenant_id=1, claimant_id=GRACE))
    assert (tried["erased"], tried["appointments"]) == ("not yet: say --yes", "1")
    done = await admin.run(EraseClaimant(tenant_id=1, claimant_id=GRACE, is_sure=True))
    assert done["erased"] == "yes"
    assert store.left == [2]


async def test_who_is_kept_no_longer_goes() -> None:
    """Department 1 keeps 5 days, department 2 for ever; ADA is also seen in department 2."""
    store = SafeStore(
        row(1, GRACE, 10),
        row(2, GRACE, 6),
        row(3, ADA, 10),
        row(4, ADA, 10, department=2),
        row(5, UUID(int=94), 4),
        row(6, None, 10),
        row(7, UUID(int=95), 5),
        row(8, UUID(int=96), 10, department=9),
        days={1: 5},
        loose=(GONE,),
    )
    assert await retain(store, lambda: NOW, 1, dry_run=True) == Retained(1, 0)
    assert len(store.left) == 7
    assert await retain(store, lambda: NOW, 1) == Retained(1, 0)
    assert store.left == [3, 4, 5, 7, 8]
    assert GONE in store.claimants.keys
    assert await retain(store, lambda: NOW, 1) == Retained(0, 0)
    assert store.audit.told == [(Act.CLAIMANT_ERASED, 0, 0, {"claimant": str(GRACE), "appointments": [1, 2]})]


async def test_who_is_named_by_nothing_goes_where_nobody_is_kept_for_ever() -> None:
    store = SafeStore(row(1, GRACE, 10), row(2, ADA, 1), days={1: 5, 2: 5}, loose=(GONE,))
    admin = administrator(store, "x")
    tried = await admin.run(RunRetention())
    assert tried == {"tenant 1": "1 past their time to be erased, 1 named by no appointment to be erased"}
    done = await admin.run(RunRetention(tenant_id=1, is_sure=True))
    assert done == {"tenant 1": "1 past their time erased, 1 named by no appointment erased"}
    assert store.claimants.keys == {ADA}
    assert [told[2] for told in store.audit.told] == [1, 0]


async def test_background_work_erases_one_by_one_and_looks_again_at_each() -> None:
    store = SafeStore(
        row(1, GRACE, 10), row(2, ADA, 10), row(3, UUID(int=94), 1), days={1: 5, 2: 5}, loose=(GONE,)
    )
    assert await past_their_time(store, 1, NOW, 2) == (GRACE, ADA)
    assert await past_their_time(store, 1, NOW, 9) == (GRACE, ADA, GONE)
    # Seen again between the look and the act.
    store.rows[2] = replace(store.rows[2], ends_at=NOW)
    for one in (GRACE, ADA, GONE):
        await retain_one(store, 1, one, NOW)
    assert store.left == [2, 3]
    assert store.claimants.keys == {ADA, UUID(int=94)}
    assert [told[2:] for told in store.audit.told] == [
        (1, {"claimant": str(GRACE), "appointments": [1]}),
        (0, {"claimant": str(GONE), "appointments": []}),
    ]
    # Where somebody is kept for ever by now, who is named by nothing stays.
    store.claimants.keys.add(GONE)
    store.days = {1: 5}
    await retain_one(store, 1, GONE, NOW)
    assert GONE in store.claimants.keys
    assert await past_their_time(store, 1, NOW, 9) == ()


@pytest.fixture
def ring() -> FakeRing:
    return FakeRing()


async def test_a_rotation_wraps_everything_anew_and_the_old_key_can_go(ring) -> None:
    store = SafeStore()
    store.keys = FakeWrapped(ring, {"a": 7})
    admin = administrator(store, "x", ring)
    assert await admin.run(ListKeys()) == {"key a": "current, wraps 7"}
    report = await admin.run(PrepareKeys())
    assert report["key b"] == "next: copy the key file to all machines, then rotate"
    report = await admin.run(RotateKeys())
    assert report == {
        "key b": "current, wraps 7",
        "key a": "older, can be removed: keys retire",
        "wrapped anew": 7,
    }
    assert await admin.run(RetireKeys()) == {"key b": "current, wraps 7"}
    assert ring.older_ids == ()
    acts = [(told[0], told[3]["command"]) for told in store.audit.told]
    assert acts == [(Act.COMMAND, f"keys {verb}") for verb in ("prepare", "rotate", "retire")]


async def test_a_rotation_that_was_stopped_is_finished_before_another_begins(ring) -> None:
    store = SafeStore()
    store.keys = FakeWrapped(ring, {"a": 7}, steps=2)
    admin = administrator(store, "x", ring)
    report = await admin.run(RotateKeys())
    assert report["key a"] == "older, still wraps 3"
    report = await admin.run(RetireKeys())
    assert report["key a"] == "older, still wraps 3"
    store.keys.steps = 100
    report = await admin.run(RotateKeys())
    assert ring.current_id == "b"
    assert report["key a"] == "older, can be removed: keys retire"


async def test_no_key_is_removed_that_a_server_may_still_wrap_with(ring) -> None:
    store = SafeStore()
    store.keys = FakeWrapped(ring, {"a": 7})
    admin = administrator(store, "x", ring)
    await admin.run(RotateKeys())
    ring.is_settled = False
    with pytest.raises(CommandRefused, match="wait a minute"):
        await admin.run(RetireKeys())
    assert ring.older_ids == ("a",)


async def test_nothing_is_rotated_while_keys_are_missing(ring) -> None:
    store = SafeStore()
    store.keys = FakeWrapped(ring, {"a": 7, "z": 1})
    admin = administrator(store, "x", ring)
    with pytest.raises(CommandRefused, match="z"):
        await admin.run(RotateKeys())
    assert ring.current_id == "a"
    assert (await admin.run(ListKeys()))["key z"] == "MISSING, wraps 1: nothing opens these"


@pytest.mark.parametrize("uses", [{}, {"a": 1}, {"b": 1}, {"n": 1}, {"a": 1, "z": 9}])
async def test_a_server_serves_a_store_that_its_keys_open(ring, uses) -> None:
    ring.older_ids, ring.next_id = ("b",), "n"
    await demand_own_keys(ring, FakeWrapped(ring, uses))
    assert ring.refreshed == 1


async def test_a_server_refuses_a_store_that_none_of_its_keys_opens(ring) -> None:
    ring.older_ids, ring.next_id = ("b",), "n"
    with pytest.raises(KeysInUse, match=r"sealed with other keys than these \(a\)"):
        await demand_own_keys(ring, FakeWrapped(ring, {"y": 1, "z": 9}))


@pytest.mark.parametrize(
    ("health", "uses", "told"),
    [
        (
            Health(True),
            {"a": 1},
            {"is_ready": True, "detail": "", "keys": {"key a": "current, wraps 1"}},
        ),
        (Health(False, "full"), {"z": 1}, {"is_ready": False, "detail": "full"}),
        (
            Health(True),
            {"z": 1},
            {
                "is_ready": False,
                "detail": "no key of the server opens some of it: z",
                "keys": {
                    "key a": "current, wraps 0",
                    "key z": "MISSING, wraps 1: nothing opens these",
                },
            },
        ),
    ],
    ids=["well", "failing", "sealed"],
)
async def test_a_check_tells_how_the_store_is(ring, health: Health, uses, told) -> None:
    store = SafeStore()
    store.keys, store.how = FakeWrapped(ring, uses), health
    assert await administrator(store, "x", ring).run(CheckStore()) == told
    assert store.audit.told == []


class RotatedMeanwhile(FakeRing):
    """Another process has rotated after the first look at the file."""

    def refresh(self) -> None:
        super().refresh()
        if self.refreshed == 2:
            self.rotate()


@pytest.mark.parametrize("command", [CheckStore(), ListKeys()], ids=["check", "list"])
async def test_a_key_that_came_while_it_was_counted_is_not_missing(command: CheckStore | ListKeys) -> None:
    store, ring = SafeStore(), RotatedMeanwhile()
    store.keys = FakeWrapped(ring, {"b": 2})
    told = await administrator(store, "x", ring).run(command)
    keys = {"key b": "current, wraps 2", "key a": "older, can be removed: keys retire"}
    assert told == (keys if command == ListKeys() else {"is_ready": True, "detail": "", "keys": keys})


@pytest.mark.parametrize("command", [CheckStore(), ListKeys()], ids=["check", "list"])
async def test_a_key_file_that_cannot_be_read_is_told(ring, command: CheckStore | ListKeys) -> None:
    store = SafeStore()
    store.keys = FakeWrapped(ring, {"a": 1})

    def unreadable() -> None:
        raise KeyFileError("sealing.toml is no key file")

    ring.refresh = unreadable
    with pytest.raises(CommandRefused, match="no key file"):
        await administrator(store, "x", ring).run(command)


async def test_a_key_file_that_cannot_be_written_is_told(ring) -> None:
    store = SafeStore()
    store.keys = FakeWrapped(ring, {"a": 1})

    def full() -> None:
        raise OSError("no space left")

    ring.prepare = full
    with pytest.raises(CommandRefused, match="no space left"):
        await administrator(store, "x", ring).run(PrepareKeys())


@pytest.mark.parametrize(
    "command",
    [
        FindClaimant(tenant_id=9, by=Lookup.NAME, text="Grace"),
        FindClaimant(tenant_id=0, by=Lookup.NAME, text="Grace"),
        ExportClaimant(tenant_id=9, claimant_id=GRACE),
        EraseClaimant(tenant_id=9, claimant_id=GRACE, is_sure=True),
        RunRetention(tenant_id=9, is_sure=True),
        ListAudit(tenant_id=9),
        VerifyAudit(tenant_id=9),
    ],
    ids=["find", "find for none", "export", "erase", "retention", "list", "verify"],
)
async def test_a_tenant_that_is_not_there_is_named(command) -> None:
    with pytest.raises(CommandRefused, match=f"no tenant {command.tenant_id}"):
        await administrator(SafeStore(row(1)), "x").run(command)
