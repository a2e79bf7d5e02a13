"""Which answers a department's data fields take."""

from uuid import UUID

import pytest

from appointed.domain.data_fields import FLAGS, broken_rule, kept
from appointed.domain.directory import DataField, DataFieldType

T = DataFieldType
GOOD = [
    (T.TEXT, "anything"),
    (T.NUMBER, "-12.50"),
    (T.NUMBER, "+7"),
    (T.DATE, "2028-02-29"),
    (T.BOOLEAN, "Yes"),
    (T.SELECT, "red"),
]
BAD = [
    (T.NUMBER, "1e3", "numeric"),
    (T.NUMBER, "1.", "numeric"),
    (T.NUMBER, "nan", "numeric"),
    (T.DATE, "2026-02-29", "date"),
    (T.DATE, "20260228", "date"),
    (T.DATE, "2026-W09-1", "date"),
    (T.BOOLEAN, "maybe", "boolean"),
    (T.SELECT, "Red", "in"),
]


def a_field(kind: DataFieldType, *, is_required: bool = False) -> DataField:
    return DataField(
        id=UUID(int=1), name="Question", type=kind, is_required=is_required, choices=("red", "green")
    )


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_an_answer_that_fits_is_taken(kind: DataFieldType, value: str) -> None:
    assert broken_rule(a_field(kind), value) is None
    assert broken_rule(a_field(kind, is_required=True), value) is None


@pytest.mark.parametrize(("kind", "value", "rule"), BAD)
def test_an_answer_that_does_not_fit_names_its_rule(kind: DataFieldType, value: str, rule: str) -> None:
    assert broken_rule(a_field(kind), value) == rule


@pytest.mark.parametrize("kind", DataFieldType)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_only_who_must_answer_may_not_leave_it_empty(kind: DataFieldType, value: str | None) -> None:
    assert broken_rule(a_field(kind), value) is None
    assert broken_rule(a_field(kind, is_required=True), value) == "required"


@pytest.mark.parametrize("kind", [None, *DataFieldType])
def test_true_itself_answers_what_is_true_or_false_and_nothing_else(kind: DataFieldType | None) -> None:
    rules = {T.TEXT: "string", T.NUMBER: "numeric", T.DATE: "date", T.SELECT: "in", None: "string"}
    field = a_field(kind) if kind else None
    assert [broken_rule(field, value) for value in (True, False)] == [rules.get(kind)] * 2


@pytest.mark.parametrize(
    ("kind", "given", "stays"),
    [
        (T.BOOLEAN, True, "true"),
        (T.BOOLEAN, False, "false"),
        (T.BOOLEAN, "Yes", "true"),
        (T.BOOLEAN, "OFF", "false"),
        (T.BOOLEAN, "1", "true"),
        (T.BOOLEAN, "  ", None),
        (T.BOOLEAN, None, None),
        (T.TEXT, "Yes", "Yes"),
        (T.TEXT, None, None),
        (None, "Yes", "Yes"),
    ],
)
def test_what_is_true_or_false_is_kept_in_one_spelling(
    kind: DataFieldType | None, given: str | bool | None, stays: str | None
) -> None:
    assert kept(a_field(kind) if kind else None, given) == stays


@pytest.mark.parametrize("kind", [None, T.TEXT])
def test_any_text_will_do_where_nobody_asks(kind: DataFieldType | None) -> None:
    assert broken_rule(a_field(kind) if kind else None, "x") is None


@pytest.mark.parametrize("value", sorted(FLAGS))
def test_every_usual_word_is_a_flag(value: str) -> None:
    assert broken_rule(a_field(T.BOOLEAN), value.upper()) is None
