"""Reading the audit log: whose departments, which appointment, and that reading is noted."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.audit import Act, Wanted
from appointed.domain.directory import Directory
from appointed.domain.errors import Forbidden, RecordNotFound
from appointed.domain.principal import Role
from appointed.usecases.query import Operator, Test
from appointed.usecases.read_audit import (
    NOWHERE,
    number_by_reference,
    number_of,
    read_audit,
    read_entry,
    verify_logs,
)
from tests.builders import ADMIN, KARI, OLA, appointment, directory, principal
from tests.usecases.fake_store import FakeStore, with_rows


def keeper() -> Directory:
    """Make Kari the administrator of department 2."""
    found = directory()
    found.associates[KARI] = replace(found.associates[KARI], role=Role.DEPARTMENT_ADMINISTRATOR)
    return found


@pytest.mark.parametrize(
    ("who", "asked", "departments"),
    [(ADMIN, None, None), (ADMIN, (1,), (1,)), (KARI, None, (2,)), (KARI, (2,), (2,)), (KARI, (), ())],
    ids=["all", "one", "own", "own-by-name", "none"],
)
async def test_entries_are_those_of_departments_that_one_may_read_of(
    who: int, asked: tuple[int, ...] | None, departments: tuple[int, ...] | None
) -> None:
    store: Any = FakeStore()
    found = await read_audit(store, principal(who), keeper(), Wanted(departments=asked, by=7))
    assert [one.by for one in found] == [2]
    assert store.audit.wanted == [Wanted(departments=departments, by=7)]
    assert store.audit.told == [(Act.AUDIT_READ, who, 0, {})]


@pytest.mark.parametrize(("who", "asked"), [(KARI, (1,)), (KARI, (1, 2)), (OLA, None)])
async def test_nobody_reads_of_others_departments(who: int, asked: tuple[int, ...] | None) -> None:
    store: Any = FakeStore()
    with pytest.raises(Forbidden):
        await read_audit(store, principal(who), keeper(), Wanted(departments=asked))
    assert store.audit.wanted == store.audit.told == []


async def test_an_entry_is_found_by_its_reference_alone() -> None:
    store: Any = FakeStore()
    assert (await read_entry(store, principal(KARI), keeper(), UUID(int=1))).id == UUID(int=1)
    assert store.audit.wanted == [Wanted(before=UUID(int=2), departments=(2,), limit=1)]
    assert store.audit.told == [(Act.AUDIT_READ, KARI, 0, {})]
    for other in (UUID(int=5), UUID(int=2**128 - 1)):
        with pytest.raises(RecordNotFound):
            await read_entry(store, principal(), keeper(), other)
    with pytest.raises(Forbidden):
        await read_entry(store, principal(OLA), keeper(), UUID(int=1))


async def test_an_appointment_is_named_by_number_uuid_or_reference() -> None:
    store: Any = with_rows(appointment(id=10))
    assert [await number_of(store, 1, named) for named in ("7", str(UUID(int=10)), "REF10")] == [7, 10, 10]
    assert store.queries[-1].where == Test("reference", Operator.EQ, "REF10")
    assert await number_of(store, 1, str(UUID(int=11))) == NOWHERE
    empty: Any = FakeStore()
    for nothing in ("nothing", "1" * 16, "²"):
        assert await number_of(empty, 1, nothing) == NOWHERE
    assert await number_by_reference(empty, 1, "7") == NOWHERE


async def test_what_no_reference_can_hold_is_not_looked_for() -> None:
    store: Any = with_rows(appointment())
    assert await number_by_reference(store, 1, "a\0") == NOWHERE
    assert store.queries == []


async def test_administrators_of_all_see_whether_the_logs_are_whole() -> None:
    store: Any = FakeStore()
    assert [one.tenant_id for one in await verify_logs(store, principal(), keeper())] == [1]
    with pytest.raises(Forbidden):
        await verify_logs(store, principal(KARI), keeper())
