"""Accounts and tickets."""

from datetime import timedelta

from msgspec.structs import replace

from appointed.usecases.ports import Account, Ticket
from tests.store.world import NOW, AnyStore, World

ACCOUNT = Account(kind="login", name="ada", tenant_id=1, associate_id=1, secret="$argon2id$")
TICKET = Ticket(
    tenant_id=1,
    id="t",
    kind="ticket",
    secret_hash=b"\x00\xff",
    associate_id=1,
    expires_at=NOW + timedelta(hours=6, microseconds=1),
)


async def test_an_account_is_found_by_kind_and_name(store: AnyStore) -> None:
    await store.put_account(ACCOUNT)
    assert await store.account("login", "ada") == ACCOUNT
    assert await store.account("client", "ada") is None
    assert await store.account("login", "Ada") is None
    other = Account(kind="login", name="ada", tenant_id=2, associate_id=2, secret=None)
    await store.put_account(other)
    assert await store.account("login", "ada") == other


async def test_a_ticket_lives_until_it_is_dropped(store: AnyStore) -> None:
    await store.put_ticket(TICKET)
    assert await store.ticket(1, "t") == TICKET
    assert await store.ticket(2, "t") is None
    await store.drop_ticket(2, "t")
    assert await store.ticket(1, "t") == TICKET
    await store.drop_ticket(1, "t")
    assert await store.ticket(1, "t") is None


async def test_tickets_that_have_ended_are_forgotten(store: AnyStore, world: World) -> None:
    ends = {"old": NOW - timedelta(days=1), "now": NOW, "new": NOW + timedelta(hours=1)}
    for tenant_id in (1, 2):
        for name, end in ends.items():
            await store.put_ticket(replace(TICKET, tenant_id=tenant_id, id=name, expires_at=end))
    await store.forget_tickets(NOW)
    assert [await store.ticket(2, name) is None for name in ends] == [True, False, False]
    await store.forget_tickets(NOW + timedelta(microseconds=1))
    assert [await store.ticket(1, name) is None for name in ends] == [True, True, False]
    assert world.count("ticket") == 2
