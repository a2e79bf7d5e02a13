"""One server per engine and module for the tests of fields: new ones would stand in every appointment."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contracts.served import Served, serving
from tests.contracts.superoffice.desk import Desk


@pytest_asyncio.fixture(scope="module", loop_scope="package", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server with the demo tenant, called through its ASGI application."""
    is_postgres = request.param == "postgres"
    database = request.getfixturevalue("module_database") if is_postgres else "sqlite:"
    async with serving(tmp_path_factory.mktemp("served"), database) as made:
        yield made


@pytest.fixture
def desk(served: Served) -> Desk:
    """The administrator's way to call."""
    return Desk(served)
