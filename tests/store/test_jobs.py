"""What is due in a tenant and whose turn it is: nothing of another's."""

from datetime import timedelta
from uuid import UUID

from appointed.domain.meeting import Meeting
from tests.store.world import NOW, START, AnyStore, a_claimant, create

MINUTE = timedelta(minutes=1)
ONE, OTHER = UUID(int=7), UUID(int=8)
MEETING = Meeting(id="m", room_name="room", agent_key="agents")


async def test_a_tenants_own_rows_alone_wait_for_a_time(store: AnyStore) -> None:
    for tenant_id in (1, 2, 2):
        await create(store, tenant_id=tenant_id, claimant=a_claimant(), meeting=MEETING)
    for tenant_id in (1, 2):
        assert len(await store.jobs.timed(tenant_id, START, START)) == tenant_id


async def test_who_has_a_job_of_one_tenant_keeps_it_when_another_is_given_back(store: AnyStore) -> None:
    for tenant_id in (1, 2):
        assert await store.jobs.take(tenant_id, "job", ONE, NOW, NOW + tenant_id * MINUTE) is None
    for tenant_id in (1, 2):
        assert await store.jobs.take(tenant_id, "job", OTHER, NOW, NOW) == NOW + tenant_id * MINUTE
    await store.jobs.rest(1, "job", ONE, NOW)
    assert await store.jobs.take(1, "job", OTHER, NOW, NOW + MINUTE) is None
    assert await store.jobs.take(2, "job", OTHER, NOW, NOW + MINUTE) == NOW + 2 * MINUTE
