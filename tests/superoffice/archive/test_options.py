"""The options of a list as callers write them (Query String Parameters)."""

from typing import Any

import pytest

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.options import (
    MOST_TOP,
    USUAL_TOP,
    Mode,
    Options,
    Sorted,
    Wanted,
    read_options,
)


def read(**given: Any) -> Options:
    return read_options([(f"${name}", value) for name, value in given.items()])


def names(text: str) -> list[str] | None:
    found = read(select=text).select
    return None if found is None else [wanted.name for wanted in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("*", None),
        (" , ?", None),
        ("date", ["date"]),
        ("date, type,text,contact/name?", ["date", "type", "text", "contact/name"]),
        ("appointmentUdef/SuperOffice:1,date", ["appointmentUdef/SuperOffice:1", "date"]),
        ("date:Footer", ["date"]),
    ],
)
def test_select(text: str, expected: list[str] | None) -> None:
    assert names(text) == expected


def test_counts() -> None:
    wanted = read(select="Count(category):HideDetail:Footer,CountAll(date)").select
    assert wanted == (
        Wanted("category", "Count", frozenset({"hidedetail", "footer"})),
        Wanted("date", "CountAll"),
    )


@pytest.mark.parametrize("name", ["$ORDERBY", "$orderby", "$orderBy", "orderBy"])
def test_names_ignore_case(name: str) -> None:
    assert read_options([(name, "date desc,location")]).orders == (Sorted("date", True), Sorted("location"))


def test_nothing_said() -> None:
    assert read_options([]) == Options()
    assert (Options().top, Options().mode, Options().select) == (USUAL_TOP, Mode.SLIM, None)


def test_numbers() -> None:
    assert (read(top="5").top, read(top=5).top, read(top="0").top) == (5, 5, 0)
    assert read(top="50000000").top == MOST_TOP
    assert read(skip=" 7 ").skip == 7


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"options": "GrandTotal=true"}, True),
        ({"options": "a=b;grandtotal=TRUE"}, True),
        ({"options": "GrandTotal=false"}, False),
        ({"inlineCount": "allpages"}, True),
        ({"inlineCount": "true"}, True),
        ({"inlineCount": "none"}, False),
        ({}, False),
    ],
)
def test_totals(given: dict[str, str], expected: bool) -> None:
    assert read(**given).wants_total is expected


def test_the_rest() -> None:
    found = read(
        mode="FULL", jsonSafe="true", output="Display", format="application/xml", entities="Appointment, x"
    )
    assert (found.mode, found.is_json_safe, found.is_display, found.form) == (Mode.FULL, True, True, "xml")
    assert found.entities == {"appointment", "x"}
    assert read(mode="wide").mode is Mode.WIDE
    assert read(jsonSafe=True, select=["date", "type"]).select == (Wanted("date"), Wanted("type"))


def test_the_last_word_counts_and_what_is_no_option_is_left_alone() -> None:
    found = read_options(
        [("$top", "1"), ("foo", "bar"), ("context", "x"), ("$context", "y"), ("$top", "2"), ("$skip", None)]
    )
    assert (found.top, found.given) == (2, (("top", "2"), ("context", "y")))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"top": "-1"}, "$top must be a whole number"),
        ({"top": "many"}, "$top must be a whole number"),
        ({"top": "1" * 10}, "$top must be a whole number"),
        ({"skip": "1.5"}, "$skip must be a whole number"),
        ({"mode": "fat"}, "$mode must be one of slim, wide, full"),
        ({"output": "x"}, "$output must be one of"),
        ({"format": "atom"}, "$format must be one of"),
        ({"jsonSafe": "perhaps"}, "$jsonSafe must be true or false"),
        ({"inlineCount": "some"}, "$inlineCount must be one of"),
        ({"select": "x" * 10_001}, "$select is too long"),
        ({"select": ",".join(["x"] * 301)}, "$select names more than 300 columns"),
        ({"select": "Sum(amount)"}, "only Count and CountAll"),
        ({"select": "Count(a):Sideways"}, "no modifier 'sideways'"),
        ({"context": "x" * 1_001}, "$context is too long"),
        ({"filter": {"a": 1}}, "$filter must be a text"),
        ({"select": [1]}, "$select must be a text"),
        ({"top": 1.5}, "$top must be a text"),
    ],
)
def test_what_cannot_be_asked(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest) as failed:
        read(**given)
    assert said in failed.value.reason
