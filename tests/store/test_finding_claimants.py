"""Claimants are found by their whole e-mail address or whole words of their name, though both are sealed."""

from uuid import UUID

import pytest

from appointed.domain.participant import Claimant
from appointed.usecases.ports import NoRows
from appointed.usecases.query import Operator, Query, Test
from tests.store.world import AnyStore, a_change, a_draft, adding, edit

JANE = Claimant(id=UUID(int=901), name="Jane Ann O'Roe", email="Jane@Example.com")
JOHN = Claimant(id=UUID(int=902), name="John Roe", email="john@example.com")


@pytest.fixture
async def ids(store: AnyStore) -> tuple[int, ...]:
    drafts = (a_draft(claimant=JANE), a_draft(claimant=JOHN), a_draft())
    return tuple(row.id for row in (await store.change(a_change(adding(*drafts), NoRows()))).rows)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("roe", (1, 0)),
        ("ROE", (1, 0)),
        ("ann jane", (0,)),
        ("John Jane", ()),
        ("jan", ()),
        ("jane@example.com", (0,)),
        (" JOHN@example.COM ", (1,)),
        ("example.com", ()),
        ("", ()),
        ("!?", ()),
        ("a b c d e f g h i", ()),
        ("'; DROP TABLE claimant_word; --", ()),
    ],
)
async def test_claimants_are_found(
    store: AnyStore, ids: tuple[int, ...], text: str, places: tuple[int, ...]
) -> None:
    assert await store.find_claimants(1, text) == tuple(ids[place] for place in places)
    assert await store.find_claimants(2, text) == ()


async def test_a_name_that_was_changed_finds_no_more(store: AnyStore, ids: tuple[int, ...]) -> None:
    await edit(store, ids[1], claimant=Claimant(id=JOHN.id, name="John Doe"))
    assert await store.find_claimants(1, "roe") == (ids[0],)
    assert await store.find_claimants(1, "john@example.com") == ()
    assert await store.find_claimants(1, "doe") == (ids[1],)


async def test_rows_with_a_claimant_can_be_asked_for(store: AnyStore, ids: tuple[int, ...]) -> None:
    page = await store.page(Query(tenant_id=1, where=Test("has_claimant", Operator.EQ, True)))
    assert [row.id for row in page.rows] == list(ids[:2])
