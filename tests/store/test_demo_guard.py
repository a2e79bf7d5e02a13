"""A store that a public server uses never holds the demo tenant, whose passwords everyone knows."""

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Tenant
from appointed.store.schema import DemoPresent, StoreUnusable
from tests.store.test_faults import cut_off
from tests.store.world import RECORDS, AnyStore, World, settled

DEMO = Tenant(id=1, name="Demo", is_demo=True)


async def test_a_store_with_the_demo_tenant_says_so(world: World) -> None:
    store = await world.open()
    await store.keep_demo_out()
    await store.create_tenant(replace(DEMO, is_demo=False), RECORDS)
    await store.keep_demo_out()
    await world.close()
    other = await world.open()
    await other.create_tenant(replace(DEMO, id=2), RECORDS)
    with pytest.raises(DemoPresent):
        await other.keep_demo_out()


async def test_no_demo_is_planted_behind_a_public_server(postgres_world: World) -> None:
    public, others, demo = [await postgres_world.open() for _store in range(3)]
    await public.keep_demo_out()
    await others.keep_demo_out()
    with pytest.raises(StoreUnusable, match="used by a server beyond loopback"):
        await demo.create_tenant(DEMO, RECORDS)
    assert await demo.tenants() == ()
    await demo.create_tenant(replace(DEMO, is_demo=False, id=2), RECORDS)
    await public.close()
    with pytest.raises(StoreUnusable):
        await demo.create_tenant(DEMO, RECORDS)
    await others.close()
    assert await demo.create_tenant(DEMO, RECORDS) == 1


async def test_a_demo_that_came_while_the_guard_was_cut_off_is_found(postgres_world: World) -> None:
    public, demo = [await postgres_world.open() for _store in range(2)]
    await public.keep_demo_out()
    cut_off(postgres_world)
    await settled([demo.tenants()])
    await demo.create_tenant(DEMO, RECORDS)
    with pytest.raises(DemoPresent):
        await public.keep_demo_out()


async def test_of_a_public_server_and_a_demo_that_start_at_once_only_one_stays(postgres_world: World) -> None:
    for number in range(1, 11):
        public: AnyStore = await postgres_world.open()
        demo: AnyStore = await postgres_world.open()
        guarded, planted = await settled(
            [public.keep_demo_out(), demo.create_tenant(replace(DEMO, id=number), RECORDS)]
        )
        assert isinstance(guarded, DemoPresent) is (planted == number)
        await public.close()
        postgres_world.run("DELETE FROM record")
        postgres_world.run("DELETE FROM record_event")
        postgres_world.run("DELETE FROM tenant")
