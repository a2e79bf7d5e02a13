"""Who has which appointment open: told to everybody of the tenant, on any process, for a short time."""

from datetime import timedelta

from msgspec.structs import replace

from appointed.usecases.ports import Presence
from tests.store.world import NOW, AnyStore, World

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
HERE = Presence(tenant_id=1, appointment_id=7, associate_id=2, until=NOW + SECOND)


async def test_a_presence_counts_until_its_end(store: AnyStore) -> None:
    await store.put_presence(HERE)
    assert await store.presences(1, NOW) == (HERE,)
    assert await store.presences(1, HERE.until - MICROSECOND) == (HERE,)
    assert await store.presences(1, HERE.until) == ()
    assert await store.presences(2, NOW) == ()


async def test_a_presence_is_prolonged_and_kept_apart_from_others(store: AnyStore) -> None:
    longer = replace(HERE, until=NOW + 9 * SECOND)
    others = (replace(longer, associate_id=3), replace(longer, appointment_id=8))
    for one in (HERE, longer, *others, replace(longer, tenant_id=2)):
        await store.put_presence(one)
    assert await store.presences(1, NOW + 2 * SECOND) == (longer, *others)


async def test_presences_that_have_ended_are_forgotten(store: AnyStore, world: World) -> None:
    for tenant_id in (1, 2):
        await store.put_presence(replace(HERE, tenant_id=tenant_id))
        await store.put_presence(replace(HERE, tenant_id=tenant_id, associate_id=3, until=NOW))
    await store.forget_presences(NOW + MICROSECOND)
    assert world.count("presence") == 2
    assert await store.presences(2, NOW) == (replace(HERE, tenant_id=2),)
