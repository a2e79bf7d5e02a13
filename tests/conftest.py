"""What tests of several folders share: a throw-away PostgreSQL and its databases."""

from collections.abc import Iterator
from itertools import count

import hypothesis
import pytest

from tests.postgres_server import PostgresServer

_numbers = count(1)

# The same examples in every run; a busy machine is no failure.
hypothesis.settings.register_profile("tests", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("tests")


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database server, so that the fast loop can leave it out."""
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)
