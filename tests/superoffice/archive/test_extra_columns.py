"""Which `x_` names are columns of a list, and what they hold (ExtraFields)."""

import pytest
from msgspec.structs import replace

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.catalogue import Columns, find_appointment
from appointed.superoffice.archive.extra_columns import with_extras
from appointed.superoffice.archive.options import read_options
from tests.superoffice.archive.rows import ADMIN, ROWS, VIEW

COLUMNS = find_appointment(VIEW.directory)


def extended(columns: Columns = COLUMNS, **given: str) -> Columns:
    return with_extras(columns, read_options([(f"${name}", value) for name, value in given.items()]))


def test_names_are_found_wherever_a_list_is_asked_by_them() -> None:
    made = extended(
        select="x_a,date",
        filter="date today and (x_b.c is '1' or not (x_d isNull and x_b.c is '2'))",
        orderBy="X_e desc",
    )
    assert {one.name for name, one in made.items() if name not in COLUMNS} == {"x_a", "x_b.c", "x_d", "x_e"}


@pytest.mark.parametrize(
    "name", ["date", "x_status", "X_UID", "x_Claimant_email", "x_a b", "x_", "x_é", "y_a"]
)
def test_other_names_add_nothing(name: str) -> None:
    assert extended(select=name) is COLUMNS


def test_a_row_has_its_text_or_none() -> None:
    asked = ADMIN.asked()
    one = extended(select="x_foobar")["x_foobar"]
    bare, full = (replace(ROWS[0], extra_fields=held) for held in ({}, {"x_foobar": "baz", "x_FooBar": "no"}))
    assert [one.value(row, asked) for row in (bare, full)] == ["", "baz"]
    assert one.order is not None
    assert [order.field for order in one.order(asked)] == ["extra.x_foobar"]
    assert not one.is_open


def test_one_name_has_one_spelling() -> None:
    with pytest.raises(InvalidRequest, match="'x_fooBar' is spelt in two ways") as failed:
        extended(select="x_foobar", orderBy="x_fooBar")
    assert "x_fooBar" in failed.value.reason


def test_a_defined_field_is_meant_by_its_name() -> None:
    defined = COLUMNS["appointmentudef/my:list"]
    made = extended(COLUMNS | {"appointmentudef/x_size": defined}, filter="x_Size gt 3")
    assert made["x_size"] == replace(defined, name="x_Size")
