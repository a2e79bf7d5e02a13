"""A server and a browser for each module, and a page for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import Watched, chromium, watched
from tests.console.claimants_office import Office
from tests.contracts.served import serving
from tests.contracts.test_meetings import MovingClock, settings_of
from tests.running import Running, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the demo tenant."""
    with running(tmp_path_factory.mktemp("console")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser without a screen."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Watched]:
    """A page that remembers what went wrong on it."""
    async with watched(browser) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """What stands behind claimants' pages, in this process and without a browser."""
    folder, clock = tmp_path_factory.mktemp("claimants"), MovingClock()
    async with serving(folder, "sqlite:", settings_of(folder), clock=clock) as made:
        yield Office(made, clock)
