"""No test measures time: what is slow on a busy machine would be a failure. Work is counted, and waiting is patient."""

import re

import pytest

from tests.house.files import named, ours

CLOCK = re.compile(
    r"\b(process_time|perf_counter|thread_time|monotonic|default_timer|timeit)(_ns)?\b|\btime\.time\("
)
# What waits until something is so or goes on for a while, and demands nothing of how long it took.
PATIENT = {
    "tests/http/virtual_time.py",
    "tests/house/test_clocks.py",
    "tests/postgres_server.py",
    "tests/running.py",
    "tests/store/test_history.py",
}
# What a loop's clock says holds where that clock counts and does not run (tests/http/virtual_time.py).
LOOP = re.compile(r"loop(\(\))?\.time\(\)")


def test_no_test_asks_for_the_time_that_something_took() -> None:
    sources = {named(path): path.read_text() for path in ours("tests/*.py") if named(path) not in PATIENT}
    asked = [
        f"{name}:{number}: {line.strip()}"
        for name, source in sources.items()
        for number, line in enumerate(source.splitlines(), 1)
        if CLOCK.search(line) or is_real(source, line)
    ]
    assert asked == []


def is_real(source: str, line: str) -> bool:
    return LOOP.search(line) is not None and "virtual_time" not in source


@pytest.mark.parametrize(
    "line",
    [
        "from time import process_time",
        "    started = time.perf_counter()",
        "    limit = time.monotonic() + 1",
        "    started = time.time()",
        "    assert asyncio.get_running_loop().time() - started < 1",
        "    lasted = loop.time() - began",
    ],
)
def test_each_clock_is_found(line: str) -> None:
    assert CLOCK.search(line) or is_real("", line)
