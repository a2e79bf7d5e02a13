"""Lists: filters, order, pages, totals."""

from datetime import datetime
from typing import Any

import pytest

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.errors import InvalidRequest, Unauthenticated
from appointed.domain.status import Status
from appointed.usecases.query import AllOf, AnyOf, Node, Operator, Order, Query, Test
from appointed.usecases.query_fields import FIELDS
from tests.store.world import HOUR, KARI, START, AnyStore, a_claimant, create, edit


def by(*names: str) -> tuple[Order, ...]:
    return tuple(Order(field=name.lstrip("-"), is_descending=name.startswith("-")) for name in names)


async def ids(store: AnyStore, where: Node, **more: Any) -> list[int]:
    page = await store.page(Query(tenant_id=1, where=where, **more))
    return [row.id for row in page.rows]


@pytest.fixture
async def rows(store: AnyStore) -> None:
    await create(store, reference="A", starts_at=START + 2 * HOUR, ends_at=START + 3 * HOUR)
    await create(store, reference="B", owner_id=KARI, department_id=2, privacy=Privacy.GROUP)
    await create(store, reference="C", kind=Kind.NOTE, status=Status.CANCELLED, claimant=a_claimant())
    await create(store, reference="D", mother_id=2, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    await create(store, tenant_id=2, reference="A")
    await edit(store, 4, title="changed")


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (AllOf(), [2, 3, 4, 1]),
        (AnyOf(), []),
        (Test("reference", Operator.EQ, "A"), [1]),
        (Test("reference", Operator.NE, "A"), [2, 3, 4]),
        (Test("id", Operator.IN, (1, 3)), [3, 1]),
        (Test("id", Operator.IN, ()), []),
        (Test("status", Operator.EQ, Status.CANCELLED), [3]),
        (Test("kind", Operator.IN, (Kind.DIARY, Kind.BOOKING_FOR_DIARY)), [2, 4, 1]),
        (Test("privacy", Operator.EQ, Privacy.GROUP), [2]),
        (Test("starts_at", Operator.GE, START + HOUR), [4, 1]),
        (Test("starts_at", Operator.LT, START + HOUR), [2, 3]),
        (Test("ends_at", Operator.LE, START + HOUR), [2, 3]),
        (Test("ends_at", Operator.GT, START + 2 * HOUR), [1]),
        (Test("is_booking_row", Operator.EQ, True), [4]),
        (Test("is_booking_row", Operator.EQ, False), [2, 3, 1]),
        (Test("is_busy", Operator.EQ, False), [3]),
        (Test("mother_id", Operator.EQ, 2), [4]),
        (Test("revision", Operator.GT, 1), [4]),
        (Test("owner_id", Operator.EQ, KARI), [2]),
        (AllOf((Test("owner_id", Operator.EQ, 1), Test("id", Operator.GT, 1))), [3, 4]),
        (AnyOf((Test("owner_id", Operator.EQ, KARI), AllOf((Test("id", Operator.EQ, 1),)))), [2, 1]),
    ],
)
async def test_filters(store: AnyStore, where: Node, expected: list[int]) -> None:
    assert await ids(store, where) == expected


@pytest.mark.usefixtures("rows")
async def test_order_pages_and_totals(store: AnyStore) -> None:
    assert await ids(store, AllOf(), order=by("-id")) == [4, 3, 2, 1]
    assert await ids(store, AllOf(), order=by("owner_id", "-starts_at", "id")) == [1, 4, 3, 2]
    page = await store.page(Query(tenant_id=1, limit=2, offset=1, wants_total=True))
    assert ([row.id for row in page.rows], page.total) == ([3, 4], 4)
    assert page.rows[0].claimant == a_claimant()
    assert page.directory.tenant.id == 1
    assert (await store.page(Query(tenant_id=1, limit=2))).total == 0


async def test_every_field_can_be_asked_and_ordered_by(store: AnyStore) -> None:
    row = await create(store)
    row = (await edit(store, row.id, title="x")).rows[0]
    for field in FIELDS:
        value = FIELDS[field].value(row)
        test = Test(field, Operator.GE if isinstance(value, datetime) else Operator.EQ, value)
        assert await ids(store, test, order=by(field, "id")) == [row.id], field


async def test_unknown_fields_are_refused(store: AnyStore) -> None:
    for query in (
        Query(tenant_id=1, where=Test("body", Operator.EQ, "x")),
        Query(tenant_id=1, order=by("id; DROP TABLE appointment")),
    ):
        with pytest.raises(InvalidRequest):
            await store.page(query)


async def test_values_are_never_part_of_the_statement(store: AnyStore) -> None:
    await create(store)
    assert await ids(store, Test("reference", Operator.EQ, "' OR 1=1 --")) == []


async def test_an_unknown_tenant_has_no_lists(store: AnyStore) -> None:
    with pytest.raises(Unauthenticated):
        await store.page(Query(tenant_id=9))
