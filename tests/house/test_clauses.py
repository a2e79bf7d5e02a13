"""Every clause marker names a clause, and the coverage pages tell the truth."""

import re
from collections import Counter

import pytest
from tools import coverage_of_clauses as coverage

MARKED = """
import pytest

TABLE = [("SO-PATCH-001", 1), ("SO-PATCH-002", 2)]
UNUSED = ["SO-PATCH-003"]


def case(id, value):
    return pytest.param(value, marks=pytest.mark.clause(id))


@pytest.mark.clause("SQ-BODY-status-1", "SQ-CONV-005")
async def test_direct(): ...


@pytest.mark.parametrize("value", [case(*row) for row in TABLE])
def test_by_table(value): ...


def test_without_a_marker():
    assert "SO-PATCH-004"


class TestGroup:
    @pytest.mark.clause("SO-PROP-Links_")
    def test_inside(self): ...
"""


def test_ids_are_found_in_markers_and_in_tables_that_a_marked_test_uses() -> None:
    assert dict(coverage.marked(MARKED)) == {
        "test_direct": {"SQ-BODY-status-1", "SQ-CONV-005"},
        "test_by_table": {"SO-PATCH-001", "SO-PATCH-002"},
        "test_inside": {"SO-PROP-Links_"},
    }


def test_a_mark_on_the_module_is_on_every_test() -> None:
    source = "pytestmark = pytest.mark.clause('SO-PATCH-001')\ndef test_a(): ...\ndef test_b(): ...\n"
    assert dict(coverage.marked(source)) == {"test_a": {"SO-PATCH-001"}, "test_b": {"SO-PATCH-001"}}


def test_ids_are_well_formed_and_given_once() -> None:
    ids = Counter(clause.id for folder in coverage.TABLES for clause in coverage.clauses(folder))
    assert [key for key, count in ids.items() if count > 1 or not coverage.CLAUSE.fullmatch(key)] == []


def test_every_clause_is_one_sentence() -> None:
    for folder in coverage.TABLES:
        for clause in coverage.clauses(folder):
            assert re.fullmatch(r"\S.*\.", clause.text), clause.id


def test_every_marker_names_a_clause() -> None:
    known = {clause.id for folder in coverage.TABLES for clause in coverage.clauses(folder)}
    assert {key: tests for key, tests in coverage.shown().items() if key not in known} == {}


def test_every_clause_has_a_test_or_a_reason_for_none() -> None:
    known = {clause.id for folder in coverage.TABLES for clause in coverage.clauses(folder)}
    assert set(coverage.reasons()) == known - set(coverage.shown())


@pytest.mark.parametrize("folder", coverage.TABLES)
def test_the_coverage_page_is_up_to_date(folder: str) -> None:
    assert coverage.place(folder).read_text() == coverage.page(folder), "run make docs"
