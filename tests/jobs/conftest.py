"""The stores that background work is tried on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.conftest import postgres_world, store, world
from tests.store.world import World

__all__ = ["postgres_world", "store", "world"]


@pytest.fixture
async def file_world(tmp_path: Path) -> AsyncIterator[World]:
    """What is the same on every engine."""
    made = World("sqlite", tmp_path / "appointed.db")
    yield made
    await made.close()
