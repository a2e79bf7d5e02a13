"""What tests of several folders share: a throw-away PostgreSQL and its databases."""

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.postgres_server import PostgresServer
from tests.sharing import SHARED, SPLIT, TogetherByServer

_numbers = count(1)
TOP = Path(__file__).parent.parent

# The same examples in every run; a busy machine is no failure.
hypothesis.settings.register_profile("tests", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("tests")

# Looking for garbage among what lives to the end, twenty thousand tests, takes a fifth of all time.
OLDEST_SELDOM = (700, 10, 1_000)
gc.disable()


def pytest_collection_finish() -> None:
    """Set what was collected aside, and look for garbage from here on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*OLDEST_SELDOM)
    gc.enable()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process; fails where PostgreSQL is not installed."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def postgres_dsn(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh database with the newest schema."""
    name = f"test_{next(_numbers)}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(scope="module")
def module_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh database with the newest schema, for a whole module."""
    name = f"module_{next(_numbers)}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Share the tests out to the workers by the servers that they need."""
    return TogetherByServer(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database server, so that the fast loop can leave it out; let workers share out the rest.

    Only those that show every branch of the inner rooms are traced: a tracer makes all others slow as well.
    What takes long comes first, so that no worker waits for another at the end.
    """
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)
        if not _place(item).startswith(COVERING):
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=_rank)


# What covers domain, patching and usecases (pyproject.toml demands all of them).
COVERING = (
    "tests/domain/",
    "tests/usecases/",
    "tests/patching/",
    "tests/properties/",
    "tests/ical/",
    "tests/sealing/",
    "tests/meetings/",
    "tests/store/test_taking_replies.py",
    "tests/contracts/test_meetings.py",
    "tests/console/test_claimant_answers.py",
)
LONG_FIRST = (
    SPLIT,
    "tests/contracts/test_bad_doors",
    *SHARED,
    "tests/contracts",
    "tests/clients",
    "tests/console",
    "tests/store",
)


def _rank(item: pytest.Item) -> int:
    file = _place(item)
    return next((place for place, start in enumerate(LONG_FIRST) if file.startswith(start)), len(LONG_FIRST))


def _place(item: pytest.Item) -> str:
    return item.path.relative_to(TOP).as_posix()
