"""Who has which appointment open: told to everybody of the tenant, on any process, for a short time."""

from datetime import timedelta

from msgspec.structs import replace

from appointed.store.presence_scripts import MANY
from appointed.usecases.presence import MISSED_FOR
from appointed.usecases.presence_ports import CLAIMANT, Presence
from tests.store.world import NOW, AnyStore, World

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
HERE = Presence(tenant_id=1, appointment_id=7, associate_id=2, until=NOW + SECOND)


async def test_a_presence_counts_until_its_end(store: AnyStore) -> None:
    await store.put_presences([HERE])
    assert await store.presences(1, NOW) == (HERE,)
    assert await store.presences(1, HERE.until - MICROSECOND) == (HERE,)
    assert await store.presences(1, HERE.until) == ()
    assert await store.presences(2, NOW) == ()


async def test_a_presence_is_prolonged_and_kept_apart_from_others(store: AnyStore) -> None:
    longer = replace(HERE, until=NOW + 9 * SECOND)
    others = (replace(longer, associate_id=3), replace(longer, appointment_id=8))
    for one in (HERE, longer, *others, replace(longer, tenant_id=2)):
        await store.put_presences([one])
    assert await store.presences(1, NOW + 2 * SECOND) == (longer, *others)


async def test_presences_that_have_ended_are_forgotten(store: AnyStore, world: World) -> None:
    for tenant_id in (1, 2):
        await store.put_presences([replace(HERE, tenant_id=tenant_id)])
        await store.put_presences([replace(HERE, tenant_id=tenant_id, associate_id=3, until=NOW)])
    await store.forget_presences(NOW + MICROSECOND)
    assert world.count("presence") == 2
    assert await store.presences(2, NOW) == (replace(HERE, tenant_id=2),)


async def test_claimants_are_told_apart_and_since_when_they_are_gone(store: AnyStore) -> None:
    here, gone = replace(HERE, associate_id=CLAIMANT), replace(HERE, associate_id=CLAIMANT, appointment_id=8)
    await store.put_presences([HERE, here, replace(gone, until=NOW - SECOND), replace(here, tenant_id=2)])
    assert await store.presences(1, NOW) == (HERE,)
    assert await store.claimants_present(1, [7]) == (here,)
    assert await store.claimants_present(1, [8, 9, 7]) == (here, replace(gone, until=NOW - SECOND))
    assert await store.claimants_present(2, [8, 9]) == ()


async def test_claimants_by_the_hundred_are_prolonged_whole(store: AnyStore) -> None:
    many = [replace(HERE, appointment_id=one, associate_id=CLAIMANT) for one in range(1, 2 * MANY + 4)]
    for seconds in (0, 5):
        longer = [replace(one, until=one.until + seconds * SECOND) for one in many]
        await store.put_presences(longer)
        numbers = [one.appointment_id for one in many]
        assert await store.claimants_present(1, numbers) == tuple(longer)


async def test_claimants_that_are_gone_are_remembered_for_hours(store: AnyStore) -> None:
    await store.put_presences([HERE, replace(HERE, associate_id=CLAIMANT)])
    await store.forget_presences(NOW + MISSED_FOR)
    assert await store.presences(1, NOW) == ()
    assert len(await store.claimants_present(1, [7])) == 1
    await store.forget_presences(NOW + MISSED_FOR + 2 * SECOND)
    assert await store.claimants_present(1, [7]) == ()
