"""The whole server in this process, once per module and engine."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contracts.served import Served, serving


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server with the demo tenant, called through its ASGI application."""
    is_postgres = request.param == "postgres"
    database = request.getfixturevalue("module_database") if is_postgres else "sqlite:"
    async with serving(tmp_path_factory.mktemp("served"), database) as made:
        yield made
