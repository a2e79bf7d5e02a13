"""Searches answer as a plain list of rows would, whatever is asked; and none takes the store down."""

import random

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.usecases.ports import NoRows
from appointed.usecases.query import Query
from appointed.usecases.query_fields import place
from tests.random_queries import a_node, an_order, answer, varied
from tests.store.world import AnyStore, a_change, a_draft, adding, create, edit

SEED = 20_260_303
ROWS, QUERIES = 60, 300


@pytest.fixture
async def rows(store: AnyStore) -> list[Appointment]:
    luck = random.Random(SEED)
    drafts = [varied(luck, a_draft()) for _number in range(ROWS)]
    found = (await store.change(a_change(adding(*drafts), NoRows()))).rows
    await create(store, tenant_id=2)
    changed = {row.id: (await edit(store, row.id, agenda="Endret")).rows[0] for row in found[::3]}
    return [changed.get(row.id, row) for row in found]


async def test_random_searches_answer_as_the_rows_would(store: AnyStore, rows: list[Appointment]) -> None:
    luck = random.Random(SEED)
    sizes = set()
    for number in range(QUERIES):
        query = Query(
            tenant_id=1,
            where=a_node(luck, rows),
            order=an_order(luck, rows),
            limit=luck.choice((5, ROWS)),
            offset=luck.choice((0, 0, 2)),
            wants_total=True,
        )
        wanted = answer(query, rows)
        page = await store.page(query)
        told = (SEED, number, query)
        assert page.total == len(wanted), told
        cut = wanted[query.offset : query.offset + query.limit]
        assert [row.id for row in page.rows] == [row.id for row in cut], told
        sizes.add(len(wanted))
        if wanted:
            behind = luck.randrange(len(wanted))
            after = place(wanted[behind], query.order)
            rest = await store.page(replace(query, after=after, offset=0, limit=ROWS))
            assert [row.id for row in rest.rows] == [row.id for row in wanted[behind + 1 :]], told
    assert len(sizes) > ROWS / 3
