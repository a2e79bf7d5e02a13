"""Write docs/contracts/*/coverage.md: which test shows which clause of the two contracts.

A test names its clauses with `@pytest.mark.clause("SO-PATCH-012")`. The tests are read, not run, so ids are
written out in full: in the marker, or in a table of the same module that the marked test uses.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from tools import agent_methods

TOP = Path(__file__).parent.parent
TABLES = {"superoffice": "SuperOffice", "sqod": "SQOD"}
# What a page tells beside the clauses.
MORE = {"superoffice": agent_methods.section}
CLAUSE = re.compile(r"(SO|SQ)-[A-Z]+-\w+(-\w+)*")

HEAD = """# {contract}: which test shows which clause

The clauses are those of `tests/data/clauses_{folder}.toml`. {shown} of {count} have a test.

This page is made by `make docs`.
"""


class Clause(msgspec.Struct, frozen=True):
    """One promise of a contract: its id, the section it stands in, and what it says."""

    id: str
    section: str
    text: str


def clauses(folder: str, top: Path = TOP) -> tuple[Clause, ...]:
    """Read the clauses of the contract in `folder`, in the document's order."""
    sections = tomllib.loads((top / "tests" / "data" / f"clauses_{folder}.toml").read_text())
    return tuple(
        Clause(key, section, text) for section, rows in sections.items() for key, text in rows.items()
    )


def reasons(top: Path = TOP) -> dict[str, str]:
    """Read why some clauses have no test."""
    found: dict[str, str] = tomllib.loads((top / "tests" / "data" / "clauses_without_test.toml").read_text())
    return found


@cache
def shown(top: Path = TOP) -> dict[str, tuple[str, ...]]:
    """Map every clause id that a test is marked with to the tests' names (`path::test`), sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted((top / "tests").rglob("test_*.py")):
        for test, ids in marked(path.read_text()):
            for key in ids:
                found.setdefault(key, set()).add(f"{path.relative_to(top)}::{test}")
    return {key: tuple(sorted(tests)) for key, tests in found.items()}


def marked(source: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Give the name and the clause ids of every test in a module that the marker is on."""
    module = ast.parse(source)
    named = dict(_named(module))
    for test in _tests(module):
        parts = list(_reached(test, named))
        if any(isinstance(part, ast.Attribute) and part.attr == "clause" for part in parts):
            yield test.name, frozenset(filter(CLAUSE.fullmatch, _strings(parts)))


def _named(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.lower().startswith("test"):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _tests(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield node


def _reached(test: ast.AST, named: dict[str, ast.AST]) -> Iterator[ast.AST]:
    waiting, seen = [test], {"pytestmark"}
    if "pytestmark" in named:
        waiting.append(named["pytestmark"])
    while waiting:
        for node in ast.walk(waiting.pop()):
            yield node
            if isinstance(node, ast.Name) and node.id in named and node.id not in seen:
                seen.add(node.id)
                waiting.append(named[node.id])


def _strings(nodes: list[ast.AST]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def page(folder: str, top: Path = TOP) -> str:
    """Give the text of the contract's coverage page."""
    rows, tests = clauses(folder, top), shown(top)
    without = [clause for clause in rows if clause.id not in tests]
    head = HEAD.format(
        contract=TABLES[folder], folder=folder, shown=len(rows) - len(without), count=len(rows)
    )
    more = MORE[folder]() if folder in MORE else ()
    return head + "".join((*_without(without, reasons(top)), *_sections(rows, tests), *more))


def _without(rows: list[Clause], why: dict[str, str]) -> Iterator[str]:
    if rows:
        yield "\n## Without a test\n\n| Clause | What it says | Why |\n|---|---|---|\n"
        yield from (f"| `{clause.id}` | {clause.text} | {why.get(clause.id, '–')} |\n" for clause in rows)


def _sections(rows: tuple[Clause, ...], tests: dict[str, tuple[str, ...]]) -> Iterator[str]:
    section = ""
    for clause in rows:
        if clause.section != section:
            section = clause.section
            yield f"\n## {section}\n\n| Clause | What it says | Shown by |\n|---|---|---|\n"
        names = "<br>".join(f"`{name.removeprefix('tests/')}`" for name in tests.get(clause.id, ()))
        yield f"| `{clause.id}` | {clause.text} | {names or '–'} |\n"


def place(folder: str, top: Path = TOP) -> Path:
    """Say where the contract's page stands."""
    return top / "docs" / "contracts" / folder / "coverage.md"


def main() -> None:
    """Write both pages."""
    for folder in TABLES:
        place(folder).parent.mkdir(parents=True, exist_ok=True)
        place(folder).write_text(page(folder))


if __name__ == "__main__":
    main()
