"""One suite, both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.world import AnyStore, World, plant

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.server)]


@pytest.fixture(params=ENGINES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    is_file = request.param == "sqlite"
    world = World(
        request.param, tmp_path / "appointed.db" if is_file else request.getfixturevalue("postgres_dsn")
    )
    yield world
    await world.close()


@pytest.fixture
async def store(world: World) -> AnyStore:
    """A store of two tenants with the same records."""
    store = await world.open()
    await plant(store, tenants=2)
    return store


@pytest.fixture
async def postgres_world(postgres_dsn: str) -> AsyncIterator[World]:
    """What only several processes can show."""
    world = World("postgres", postgres_dsn)
    yield world
    await world.close()
