"""`$filter` read as a tree: precedence, brackets, spellings, and the place of every mistake."""

import pytest

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive import tokens
from appointed.superoffice.archive.grammar import (
    DEEPEST,
    FUNCTIONS,
    MOST_CONDITIONS,
    MOST_VALUES,
    UNARY,
    Condition,
    Tree,
    parse_filter,
)
from tests.work import no_hang, steps

# A line of Python for each of the 10,000 characters that a filter may have, and no more than seven.
MOST_STEPS = 70_000


def told(tree: Tree | None) -> str:
    """Write a tree in one way, every group in brackets."""
    if tree is None:
        return ""
    if isinstance(tree, Condition):
        return f"{tree.column.text} {tree.operator.text} [{'|'.join(value.text for value in tree.values)}]"
    inner = (" & " if tree.is_all else " / ").join(map(told, tree.nodes))
    return f"{'!' if tree.is_not else ''}({inner})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t\r\n ", ""),
        ("contactId eq 5", "contactId eq [5]"),
        ("contactId=5", "contactId = [5]"),
        ("contactId >= -5", "contactId >= [-5]"),
        ("contactId<>5", "contactId <> [5]"),
        ("name is 'Owl'", "name is [Owl]"),
        ("name is 'O''Brien, (and) or'", "name is [O'Brien, (and) or]"),
        ('name is "Owl\'s"', "name is [Owl's]"),
        ("name is ''", "name is []"),
        ("name in ('a', 'b',3)", "name in [a|b|3]"),
        ("category oneOf(3,6)", "category oneOf [3|6]"),
        ("date today", "date today []"),
        ("date TODAY and a eq 1", "(date TODAY [] & a eq [1])"),
        ("registeredBy currentAssociate", "registeredBy currentAssociate []"),
        ("contact/name is 'x'", "contact/name is [x]"),
        ("appointmentUdef/SuperOffice:1 is 'x'", "appointmentUdef/SuperOffice:1 is [x]"),
        ("date between ('2020-05-11','2020-05-31')", "date between [2020-05-11|2020-05-31]"),
        ("date afterTime 2020-05-28T15:00:00+02:00", "date afterTime [2020-05-28T15:00:00+02:00]"),
        ("date gt datetime'2020-05-28T15:00:00'", "date gt [2020-05-28T15:00:00]"),
        ("date date '2020-05-28'", "date date [2020-05-28]"),
        ("date dateTime '2020-05-28T15:00:00'", "date dateTime [2020-05-28T15:00:00]"),
        ("a eq 1 and b eq 2 or c eq 3", "((a eq [1] & b eq [2]) / c eq [3])"),
        ("a eq 1 or b eq 2 and c eq 3", "(a eq [1] / (b eq [2] & c eq [3]))"),
        ("(a eq 1 or b eq 2) AND c eq 3", "((a eq [1] / b eq [2]) & c eq [3])"),
        ("((a eq 1))", "a eq [1]"),
        ("not a eq 1 and b eq 2", "(!(a eq [1]) & b eq [2])"),
        ("not (a eq 1 or b eq 2)", "!((a eq [1] / b eq [2]))"),
        ("not not a eq 1", "a eq [1]"),
        ("completed", "completed set [true]"),
        (
            "completed and (alarm or not isFree)",
            "(completed set [true] & (alarm set [true] / !(isFree set [true])))",
        ),
        ("getAllRows=true", "getAllRows = [true]"),
        ("a eq 'O''Brien'", "a eq [O'Brien]"),
        # A backslash before a quote, as a sample has it; at the end of a text it is one of its letters.
        (r"a contains 'L\'Air' and b eq 1", "(a contains [L'Air] & b eq [1])"),
        (r"a eq 'C:\' and b in ('D:\','\')", r"(a eq [C:\] & b in [D:\|\])"),
        (r"a eq 'x\''y'", r"a eq [x\'y]"),
        ("startswith(name,'x')", "name begins [x]"),
        ("startswith(name, 'x') eq true", "name begins [x]"),
        ("endswith(name,'x') eq false", "!(name ends [x])"),
        ("endswith(name,'x') ne true", "!(name ends [x])"),
        ("substringof('x', name) = true and a eq 1", "(name contains [x] & a eq [1])"),
        ("contains(name,'x')", "name contains [x]"),
        ("this(date,week)", "date thisPeriod [week]"),
        ("next(date,2,'months')", "date nextPeriod [2|months]"),
        ("previous(date, 3, day)", "date previousPeriod [3|day]"),
        ("thisAndNext(date,1,quarter)", "date thisAndNext [1|quarter]"),
        ("thisAndPrevious(date,1,year)", "date thisAndPrevious [1|year]"),
        ("thisAndPreviousAndNext(date,month)", "date thisPreviousAndNext [month]"),
        # A column may have the name of a function, or of a word.
        ("this eq 1 and next eq 2", "(this eq [1] & next eq [2])"),
    ],
)
def test_filters(text: str, expected: str) -> None:
    assert told(parse_filter(text)) == expected


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("a eq", "at its end", "a value is expected"),
        ("a eq and b eq 1", "character 10, 'b'", "'and', 'or'"),
        ("a eq (", "at its end", "a value is expected"),
        ("a in (1", "at its end", "',' or ')'"),
        ("a in (1,", "at its end", "a value is expected"),
        ("a in ()", "character 7, ')'", "a value is expected"),
        ("a in (1 2)", "character 9, '2'", "',' or ')'"),
        ("a eq 'x", "character 6, ''x'", "never closed"),
        (r"a eq 'x\'y", "character 10, 'y'", "'and', 'or'"),
        ('a eq "x', "character 6, '\"x'", "never closed"),
        ("a ! 3", "character 3, '! 3'", "belongs nowhere"),
        ("a (1)", "character 3, '('", "an operator is expected"),
        ("a , 1", "character 3, ','", "an operator is expected"),
        ("a eq 1 b", "character 8, 'b'", "'and', 'or'"),
        ("a eq 1)", "character 7, ')'", "'and', 'or'"),
        ("(a eq 1", "character 1, '('", "never closed"),
        ("()", "character 2, ')'", "a column is expected"),
        ("and a eq 1", "character 1, 'and'", "a column is expected"),
        ("a eq 1 or or", "character 11, 'or'", "a column is expected"),
        ("a eq 1 and", "at its end", "a column is expected"),
        ("'a' eq 1", "character 1, 'a'", "a column is expected"),
        ("= 1", "character 1, '='", "a column is expected"),
        ("startswith('x')", "character 1, 'startswith'", "needs a column"),
        ("substringof('x')", "character 1, 'substringof'", "needs a column"),
        ("startswith(a,'x') eq 2", "character 22, '2'", "true or false"),
        ("not", "at its end", "a column is expected"),
    ],
)
def test_mistakes_name_their_place(text: str, place: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as failed:
        parse_filter(text)
    assert failed.value.reason.startswith("$filter, " + place), failed.value.reason
    assert reason in failed.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000 + "a eq 1" + ")" * 1_000,
        "(" * 1_000,
        "not " * 2_000 + "(" * 1_000,
        "a eq 1 and " * 900 + "a eq 1",
        "a in (" + "1," * 4_000 + "1)",
        "a eq '" + "x" * 9_990,
        "'" * 9_999,
        "a eq 1 " * 1_400,
        " " * 10_001,
        "x" * 10_001,
        ")" * 10_000,
        "a!" * 5_000,
    ],
    ids=lambda text: f"{text[:6].strip()} {len(text)}",
)
def test_long_and_deep_ones_are_refused_at_once(text: str) -> None:
    with steps() as work, pytest.raises(InvalidRequest) as failed:
        parse_filter(text)
    assert work.number <= MOST_STEPS
    assert len(failed.value.reason) < 200


def test_as_much_as_is_allowed_is_read() -> None:
    deep = "(" * DEEPEST + "a eq 1" + ")" * DEEPEST
    assert told(parse_filter(deep)) == "a eq [1]"
    wide = " and ".join(["a eq 1"] * MOST_CONDITIONS)
    assert told(parse_filter(wide)).count("&") == MOST_CONDITIONS - 1
    long = f"a in ({','.join(['1'] * MOST_VALUES)})"
    assert told(parse_filter(long)).count("|") == MOST_VALUES - 1
    for one_more in (f"({deep})", f"{wide} and a eq 1", f"{long} and a eq 1"):
        with pytest.raises(InvalidRequest):
            parse_filter(one_more)


def test_tables_are_folded() -> None:
    assert {word for word in (*UNARY, *FUNCTIONS) if word != word.lower()} == set()


@pytest.mark.parametrize("text", ["'", "''", " ", " '", '"', '" ', "a!", "(", "not ", "a eq 1 "], ids=repr)
def test_no_expression_tries_again_and_again(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A million characters, which are refused elsewhere: what tried each with each would never be done.
    monkeypatch.setattr(tokens, "LONGEST", 2_000_000)
    with no_hang(), pytest.raises(InvalidRequest):
        parse_filter("a eq 1 and " + text * (1_000_000 // len(text)) + "!")
