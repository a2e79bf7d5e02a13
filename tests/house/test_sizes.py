"""Files and functions stay small, and rooms are named for what they hold."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.files import TOP, named, ours

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
NO_ROOM_IS_CALLED = {"utils", "util", "common", "helpers", "helper", "core", "base", "manager", "misc"}

LONG = "def f():\n" + "    pass\n" * 60 + "class C:\n    async def g(self):\n        pass\n"


def lengths(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_lengths_are_counted_from_def_to_the_last_line() -> None:
    assert dict(lengths(LONG)) == {"f": 61, "g": 2}


def test_no_file_is_too_long() -> None:
    counts = {named(path): len(path.read_text().splitlines()) for path in ours("*.py")}
    assert {name: count for name, count in counts.items() if count > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{named(path)}::{name}": length
        for path in ours("*.py")
        for name, length in lengths(path.read_text())
        if length > LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("top", ["src", "tests", "tools", "bench"])
def test_no_room_has_a_name_that_says_nothing(top: str) -> None:
    # Whatever the clone itself is called.
    paths = [path.relative_to(TOP) for path in ours(f"{top}/*.py")]
    rooms = {part for path in paths for part in (*path.parent.parts, path.stem)}
    assert rooms & NO_ROOM_IS_CALLED == set()
