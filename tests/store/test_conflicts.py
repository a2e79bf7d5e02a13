"""When an appointment overlaps others of its owner's diary."""

from datetime import timedelta
from typing import Any

import pytest

from appointed.domain.appointment import Kind
from appointed.domain.status import Status
from appointed.usecases.ports import ById
from tests.store.world import (
    HOUR,
    KARI,
    START,
    AnyStore,
    a_change,
    create,
    editing,
    nothing,
    read,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


async def conflict(store: AnyStore, row_id: int) -> bool:
    """Ask by reading and by changing; both must say the same."""
    reading = await store.read(1, ById((row_id,)), wants_conflict=True)
    outcome = await store.change(a_change(nothing, ById((row_id,)), wants_conflicts=True))
    assert (row_id in outcome.conflicts) is reading.has_conflict
    return reading.has_conflict


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, True),
        ({"starts_at": START - HOUR, "ends_at": START + MINUTE}, True),
        ({"starts_at": START - HOUR, "ends_at": START}, False),
        ({"starts_at": START + HOUR, "ends_at": START + 2 * HOUR}, False),
        ({"starts_at": START + HOUR - MINUTE, "ends_at": START + 2 * HOUR}, True),
        ({"starts_at": START + HOUR, "ends_at": START + 2 * HOUR, "lead_minutes": 1}, True),
        ({"starts_at": START - HOUR, "ends_at": START, "lag_minutes": 1}, True),
        ({"starts_at": START + 30 * DAY, "ends_at": START + 31 * DAY, "lead_minutes": 44_640}, True),
        ({"starts_at": START - DAY, "ends_at": START + MINUTE}, True),
        ({"starts_at": START - 9 * DAY, "ends_at": START + MINUTE}, True),
        ({"starts_at": START - 9 * DAY, "ends_at": START}, False),
        ({"starts_at": START + HOUR / 2, "ends_at": START + HOUR / 2}, False),
        ({"owner_id": KARI}, False),
        ({"is_free": True}, False),
        ({"status": Status.CANCELLED}, False),
        ({"mother_id": 1}, False),
        ({"kind": Kind.CHECKLIST}, False),
        ({"kind": Kind.NOTE}, False),
    ],
)
async def test_what_overlaps(store: AnyStore, other: dict[str, Any], expected: bool) -> None:
    row = await create(store)
    await create(store, **other)
    assert await conflict(store, row.id) is expected


async def test_rows_of_another_tenant_do_not_conflict(store: AnyStore) -> None:
    row = await create(store)
    for _row in range(2):
        await create(store, tenant_id=2)
    assert not await conflict(store, row.id)


async def test_its_own_lead_and_lag_do_not_count(store: AnyStore) -> None:
    row = await create(store, lead_minutes=60, lag_minutes=60)
    await create(store, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    assert not await conflict(store, row.id)


async def test_a_free_row_conflicts_with_nothing(store: AnyStore) -> None:
    row = await create(store, is_free=True)
    await create(store)
    assert not await conflict(store, row.id)


async def test_rows_of_one_booking_do_not_conflict(store: AnyStore) -> None:
    await create(store)
    first, second = await create(store, mother_id=1), await create(store, mother_id=1)
    for row in (first, second):
        assert not await conflict(store, row.id)


async def test_a_change_is_told_of_conflicts_as_it_leaves_them(store: AnyStore) -> None:
    one = await create(store)
    two = await create(store, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    move = editing(starts_at=START, ends_at=START + HOUR)
    outcome = await store.change(a_change(move, ById((two.id,)), wants_conflicts=True))
    assert outcome.conflicts == {two.id}
    unasked = await store.change(a_change(editing(title="x"), ById((two.id,))))
    assert unasked.conflicts == frozenset()
    assert (await read(store, one.id)).revision == 1
