"""Reading and listing as far as the caller may see."""

import pytest

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.errors import AppointmentNotFound, Forbidden
from appointed.domain.rights import Access
from appointed.usecases.list_appointments import (
    has_own_elsewhere,
    has_private,
    list_appointments,
    list_for_members,
)
from appointed.usecases.query import Operator, Test
from appointed.usecases.query_fields import holds
from appointed.usecases.read_appointment import read_appointment
from tests.builders import ADMIN, CLIENT, KARI, OLA, START, appointment, directory, principal
from tests.usecases.fake_store import uid, with_rows

ROWS = [
    appointment(id=n, owner_id=owner, created_by=owner, department_id=department, privacy=privacy, kind=kind)
    for n, (owner, department, privacy, kind) in enumerate(
        (owner, department, privacy, kind)
        for owner, department in ((ADMIN, 1), (OLA, 1), (KARI, 2), (OLA, 2), (KARI, 1))
        for privacy in Privacy
        for kind in (Kind.DIARY, Kind.CHECKLIST)
    )
]


@pytest.mark.parametrize("who", [ADMIN, KARI, OLA, CLIENT])
async def test_the_list_shows_exactly_what_a_read_would(who) -> None:
    store = with_rows(*ROWS)
    await list_appointments(store, principal(who), page=3, per_page=20)
    (query,) = store.queries
    assert (query.tenant_id, query.limit, query.offset, query.wants_total) == (1, 20, 40, True)
    listed = {row.id for row in ROWS if holds(query.where, row)}
    readable = set()
    for row in ROWS:
        try:
            await read_appointment(store, principal(who), row.id, hides_foreign=True)
        except AppointmentNotFound:
            continue
        readable.add(row.id)
    assert listed == readable
    assert 0 < len(listed) < len(ROWS)


@pytest.mark.parametrize("departments", [(1,), (1, 2)])
async def test_members_list_what_is_open_to_all_of_them(departments) -> None:
    store = with_rows(*ROWS)
    scope = Test("department_id", Operator.IN, departments)
    await list_for_members(store, 1, 2, 10, scope)
    (query,) = store.queries
    assert (query.tenant_id, query.limit, query.offset, query.wants_total) == (1, 10, 10, True)
    listed = {row.id for row in ROWS if holds(query.where, row)}
    assert listed == {
        row.id
        for row in ROWS
        if row.department_id in departments and row.privacy is not Privacy.OWNER and row.kind is Kind.DIARY
    }


async def test_it_is_asked_whether_members_read_differently() -> None:
    time = Test("starts_at", Operator.GE, START)
    for store, is_any in ((with_rows(*ROWS), True), (with_rows(), False)):
        assert await has_private(store, 1, Test("department_id", Operator.EQ, 2), time) is is_any
        assert await has_own_elsewhere(store, 1, directory().associates[OLA], (1,), time) is is_any
        private, elsewhere = store.queries
        assert (private.limit, elsewhere.limit) == (1, 1)
        found = [row for row in ROWS if holds(private.where, row)]
        assert {(row.department_id, row.privacy, row.kind) for row in found} == {
            (2, Privacy.OWNER, Kind.DIARY)
        }
        found = [row for row in ROWS if holds(elsewhere.where, row)]
        assert {(row.department_id, row.owner_id, row.kind) for row in found} == {(2, OLA, Kind.DIARY)}


async def test_read_tells_how_far_one_may_go() -> None:
    store = with_rows(appointment())
    reading, granted = await read_appointment(store, principal(KARI), uid(10), wants_conflict=True)
    assert (reading.row.id, reading.has_conflict, granted) == (10, True, Access.READ)
    assert reading.directory.tenant == directory().tenant


async def test_private_rows_of_others_show_their_times() -> None:
    store = with_rows(appointment(privacy=Privacy.OWNER))
    _reading, granted = await read_appointment(store, principal(ADMIN), 10)
    assert granted is Access.TIMES


async def test_what_may_not_be_seen_at_all_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        await read_appointment(
            with_rows(appointment(owner_id=ADMIN, created_by=ADMIN)), principal(CLIENT), 10
        )


async def test_a_missing_row() -> None:
    with pytest.raises(AppointmentNotFound):
        await read_appointment(with_rows(), principal(), 10)


def test_tests_of_a_filter_are_plain_values() -> None:
    assert Test("id", Operator.EQ, 1) == Test("id", Operator.EQ, 1)
