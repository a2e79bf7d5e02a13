"""One server for each module of tests without a browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.console.agents.world import MovingClock, World
from tests.contracts.served import serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    clock = MovingClock()
    async with serving(tmp_path_factory.mktemp("agents"), "sqlite:", clock=clock) as made:
        yield World(made, clock)
