"""Preferences are kept by level, owner and name, all of a call or none."""

import pytest

from appointed.domain.errors import InvalidRequest
from appointed.domain.preference import MOST_PER_OWNER, Level, Preference
from tests.store.world import AnyStore, World

MINE = (Level.INDIVIDUAL, 1)
GROUPS = (Level.GROUP, 1)
TENANTS = (Level.TENANT, 0)


def one(value: str, owner: tuple[Level, int] = MINE, key: str = "Key") -> Preference:
    return Preference(level=owner[0], owner_id=owner[1], section="Section", key=key, value=value)


async def test_they_are_kept_and_replaced_whatever_the_case(store: AnyStore) -> None:
    await store.put_preferences(1, (one("a"), one("b", GROUPS), one("c", key="Other")))
    assert await store.preferences(1, (MINE,)) == (one("a"), one("c", key="Other"))
    assert await store.preferences(1, (MINE, GROUPS), "section\nkey") == (one("b", GROUPS), one("a"))
    await store.put_preferences(1, (one("new", key="KEY"),))
    assert await store.preferences(1, (MINE,), "section\nkey") == (one("new", key="KEY"),)
    assert await store.preferences(1, (TENANTS,)) == ()


async def test_each_tenant_has_its_own(store: AnyStore) -> None:
    await store.put_preferences(1, (one("a"),))
    assert await store.preferences(2, (MINE,)) == ()
    await store.put_preferences(2, (one("b", TENANTS),), drops_nearer=True)
    assert await store.preferences(1, (MINE, TENANTS)) == (one("a"),)


async def test_nearer_ones_are_dropped_on_demand(store: AnyStore) -> None:
    others = (Level.INDIVIDUAL, 2)
    await store.put_preferences(1, (one("a"), one("b", others), one("c", GROUPS), one("d", key="Other")))
    await store.put_preferences(1, (one("all", TENANTS),))
    assert len(await store.preferences(1, (MINE, others, GROUPS, TENANTS))) == 5
    await store.put_preferences(1, (one("all", TENANTS),), drops_nearer=True)
    assert await store.preferences(1, (MINE, others, GROUPS, TENANTS)) == (
        one("d", key="Other"),
        one("all", TENANTS),
    )


async def test_an_owner_has_only_so_many_and_all_of_a_call_are_kept_or_none(
    store: AnyStore, world: World
) -> None:
    await store.put_preferences(1, tuple(one("", key=str(number)) for number in range(MOST_PER_OWNER)))
    before = world.dump()
    with pytest.raises(InvalidRequest):
        await store.put_preferences(1, (one("changed", key="0"), one("", key="one more")))
    assert world.dump() == before
    # Other owners have as many, of this customer and of another.
    await store.put_preferences(1, (one("changed", key="0"), one("", GROUPS)))
    await store.put_preferences(2, (one("", key="one more"),))
    assert len(await store.preferences(1, (MINE,))) == MOST_PER_OWNER


async def test_any_text_is_kept(store: AnyStore) -> None:
    strange = "'; DROP TABLE preference; --\n\t\"\\ é 𝄞"
    await store.put_preferences(1, (one(strange),))
    assert await store.preferences(1, (MINE,)) == (one(strange),)
