"""The whole server in this process, once per module and engine."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from appointed.app import assemble, started
from appointed.app.addresses import application
from appointed.settings import Settings
from tests.contracts.served import Served

HOST = "http://127.0.0.1:8000"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server with the demo tenant, called through its ASGI application."""
    database = "sqlite:"
    if request.param == "postgres":
        database = request.getfixturevalue("module_database")
    folder = tmp_path_factory.mktemp("served")
    parts = assemble(Settings(data=str(folder), database=database, demo=True, log_level="error"))
    async with started(parts):
        transport = httpx.ASGITransport(application(parts), client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            made = Served(parts, client)
            await made.start()
            yield made
