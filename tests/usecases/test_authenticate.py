"""All ways to prove who one is."""

from datetime import timedelta

import pytest

from appointed.domain.errors import Unauthenticated
from appointed.usecases.authenticate import TICKET_LIFETIME, Authenticator
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Account
from tests.builders import NOW, principal
from tests.usecases.fake_store import FakeStore


class PlainPasswords:
    """Knows one hash form; counts how often it was asked."""

    asked = 0

    async def verify(self, hashed, name, password, address) -> bool:
        self.asked += 1
        return hashed == f"hash:{password}"

    async def hash(self, password) -> str:
        return f"hash:{password}"


class OneToken:
    async def client_of(self, token: str) -> str:
        if token not in ("good", "orphan"):
            raise Unauthenticated
        return "app" if token == "good" else "gone"


class Moving:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
async def door() -> Authenticator:
    store = FakeStore()
    await store.put_account(Account(kind="login", name="ola", tenant_id=1, associate_id=3, secret="hash:pw"))
    await store.put_account(Account(kind="client", name="app", tenant_id=1, associate_id=5, secret="hash:s"))
    return Authenticator(store, PlainPasswords(), OneToken(), Moving(), seeded("auth"))


async def test_password(door) -> None:
    assert await door.password("OLA", "pw", "10.0.0.1") == principal(3)


@pytest.mark.parametrize(("name", "password"), [("ola", "no"), ("nobody", "pw")])
async def test_wrong_password_or_name(door, name, password) -> None:
    with pytest.raises(Unauthenticated):
        await door.password(name, password, "")
    assert door.passwords.asked == 1


async def test_client(door) -> None:
    assert (await door.client("app", "s", "")).associate_id == 5
    for client_id, secret in (("app", "x"), ("none", "s")):
        with pytest.raises(Unauthenticated):
            await door.client(client_id, secret, "")


async def test_bearer(door) -> None:
    assert await door.bearer("good") == principal(5)
    for token in ("bad", "orphan"):
        with pytest.raises(Unauthenticated):
            await door.bearer(token)


async def test_a_ticket_opens_until_it_ends_or_is_revoked(door) -> None:
    text, expires_at = await door.issue(principal(3))
    assert expires_at == NOW + TICKET_LIFETIME
    assert await door.ticket(text) == await door.bearer(text) == principal(3)
    door.clock.now = NOW + TICKET_LIFETIME - timedelta(seconds=1)
    assert await door.ticket(text) == principal(3)
    door.clock.now = NOW + TICKET_LIFETIME
    with pytest.raises(Unauthenticated):
        await door.ticket(text)
    door.clock.now = NOW
    await door.revoke(text)
    with pytest.raises(Unauthenticated):
        await door.ticket(text)


async def test_only_the_hash_of_a_ticket_is_kept(door) -> None:
    text, _end = await door.issue(principal(3))
    assert text.split(".")[2] not in repr(door.store.tickets)


async def test_a_session_is_no_ticket(door) -> None:
    text, _end = await door.issue(principal(3), kind="session")
    assert await door.ticket(text, kind="session") == principal(3)
    with pytest.raises(Unauthenticated):
        await door.ticket(text)


@pytest.mark.parametrize(
    "damage", ["", "7T:", "7T:1.2", "7T:x.y.z", "7T:1.2.3.4", "7T:²2.a.b", "7T:" + "9" * 19 + ".a.b"]
)
async def test_damaged_tickets(door, damage) -> None:
    with pytest.raises(Unauthenticated):
        await door.ticket(damage)


async def test_a_ticket_with_another_secret(door) -> None:
    text, _end = await door.issue(principal(3))
    with pytest.raises(Unauthenticated):
        await door.ticket(text[:-1] + ("A" if text[-1] != "A" else "B"))
