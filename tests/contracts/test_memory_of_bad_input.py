"""What nobody should send is forgotten: however much of it comes, the server keeps no memory of it.

Memory is what Python has allocated (tracemalloc), so it is much the same on every machine. What is kept on
purpose, the latest 256 choices of members for one, is bounded, and its share lies below the limit here.
"""

import gc
import tracemalloc
import urllib.parse
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.contracts.bad_requests import OPERATIONS, Operation, Try, tries
from tests.contracts.served import Served, serving
from tests.contracts.test_bad_doors import sent
from tests.contracts.test_bad_inputs import ROWS, SO, SQ, Bad

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


# What is refused hardly comes as far as a store: the other engine belongs to the long tests.
ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.long)]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server on either engine."""
    is_postgres = request.param == "postgres"
    database = request.getfixturevalue("module_database") if is_postgres else "sqlite:"
    async with serving(tmp_path_factory.mktemp("served"), database) as made:
        yield made


# Of each group of addresses one operation, and so many of its bad requests.
TRIES = 2
ROUNDS = 3
# Whoever keeps a request, an answer or an error keeps kilobytes.
MOST_BYTES_A_REQUEST = 1_000


class Sent(NamedTuple):
    """One bad request, as it was made for the test that says what it answers."""

    one: Operation | str
    bad: Try | Bad


async def send(served: Served, request: Sent, number: int) -> int:
    """Send a request with texts that were never sent before; gives the status."""
    one, bad = request
    if isinstance(one, Operation) and isinstance(bad, Try):
        return (await sent(served, one, varied(bad, number))).status_code
    assert isinstance(one, str)
    assert isinstance(bad, Bad)
    content = bad.body() + b" " * number
    answer = await served.send(one, bad.method, content=content, headers=bad.headers, query=bad.query)
    return answer.status_code


def varied(bad: Try, number: int) -> Try:
    def text(value: str) -> str:
        return value.replace("xxxx", f"{number:04}", 1).replace("DROP", f"DROP{number:04}", 1)

    content = bad.content and bad.content.replace(b"xxxx", b"%04d" % number)
    return Try(text(bad.path), {name: text(value) for name, value in bad.query.items()}, content)


async def refused_ones(served: Served) -> list[Sent]:
    """Choose requests of all doors of both contracts that are refused."""
    found = [Sent(SO, row) for row in ROWS[::5] if row.so] + [Sent(SQ, row) for row in ROWS[::5] if row.sq]
    for group in sorted(OPERATIONS):
        one = max(OPERATIONS[group], key=lambda each: (each.verb, each.path))
        every = list(tries(one))
        found += [Sent(one, bad) for bad in every[:: max(1, len(every) // TRIES)]]
    return [request for request in found if await send(served, request, 0) >= 400]


async def test_nothing_is_kept_of_what_is_refused(served: Served) -> None:
    requests = await refused_ones(served)
    assert len(requests) > 50
    limit = MOST_BYTES_A_REQUEST * len(requests)
    kept: list[bytearray] = []

    async def a_round(number: int, size: int = 0) -> int:
        before = allocated()
        for request in requests:
            await send(served, request, number)
            kept.extend([bytearray(size)] if size else [])
        return allocated() - before

    tracemalloc.start(1)
    try:
        grown = [await a_round(number) for number in range(1, 1 + ROUNDS)]
        # What is read once, as the records after a change, grows once; what is kept grows each time.
        assert min(grown) < limit, grown
        # The measure sees it when somebody keeps as much.
        assert await a_round(9, MOST_BYTES_A_REQUEST * 2) > limit
    finally:
        tracemalloc.stop()


def allocated() -> int:
    """Give the bytes that Python has allocated and something still refers to."""
    # The test's own client keeps its last addresses there.
    urllib.parse.clear_cache()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
