"""A server per engine that may call loopback, and a receiver for each test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contracts.served import Served, serving
from tests.contracts.webhooks.hooks import Hooks
from tests.postgres_server import PostgresServer
from tests.webhooks.receiver import Receiver, receiving

NAME = "webhooks_contract"
SETTINGS = {
    "webhook_networks": ("127.0.0.0/8",),
    "webhook_ports": (),
    "webhook_plain_http": True,
    "webhook_poll_seconds": 0.05,
}


@pytest_asyncio.fixture(scope="package", loop_scope="package", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server with the demo tenant, called through its ASGI application."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        async with serving(folder, "sqlite:", SETTINGS) as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with serving(folder, server.create(NAME), SETTINGS) as made:
        yield made
    server.drop(NAME)


@pytest_asyncio.fixture(loop_scope="package")
async def receiver() -> AsyncIterator[Receiver]:
    """Somebody who answers 200."""
    async with receiving() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="package", autouse=True)
async def no_webhooks(served: Served) -> AsyncIterator[None]:
    """Leave no webhook behind."""
    yield
    for hook in await served.parts.store.webhooks.all(1):
        await served.parts.store.webhooks.delete(1, hook.contract, hook.id)


@pytest.fixture
def hooks(served: Served, receiver: Receiver) -> Hooks:
    return Hooks(served, receiver)
