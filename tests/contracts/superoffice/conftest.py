"""One server per file and engine: some tests count what is there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contracts.served import Served, serving
from tests.contracts.superoffice.desk import Desk
from tests.postgres_server import PostgresServer

NAME = "superoffice_contract"


@pytest_asyncio.fixture(scope="module", loop_scope="package", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server with the demo tenant, called through its ASGI application."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        async with serving(folder, "sqlite:") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with serving(folder, server.create(NAME)) as made:
        yield made
    server.drop(NAME)


@pytest.fixture
def desk(served: Served) -> Desk:
    """The administrator's way to call."""
    return Desk(served)
