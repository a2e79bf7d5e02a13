"""Every operator of every restriction type, in every spelling, on values (Restriction types)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.columns import NAMED
from appointed.superoffice.archive.grammar import UNARY, Condition, Group, parse_filter
from appointed.superoffice.archive.meaning import Meaning
from appointed.superoffice.archive.operators import OPERATORS, meaning_of
from appointed.usecases.query_fields import FieldKind
from tests.superoffice.archive.rows import ADMIN, Caller

TEXT, NUMBER, FLAG, INSTANT = FieldKind.TEXT, FieldKind.NUMBER, FieldKind.FLAG, FieldKind.INSTANT
NAMES = (None, "", "A", "Ask", "owl", "Owls", "S", "Tawny owl", "Ærlig")
NUMBERS = (0, 1, 4, 5, 6, 7)


def meaning(restriction: str, type_name: str, kind: FieldKind, who: Caller = ADMIN) -> Meaning:
    tree = parse_filter(f"x {restriction}")
    assert isinstance(tree, Condition)
    return meaning_of(tree, type_name, kind, who.asked())


def kept(restriction: str, type_name: str, kind: FieldKind, values: Any, who: Caller = ADMIN) -> list[Any]:
    found = meaning(restriction, type_name, kind, who)
    return [value for value in values if found.holds(value)]


def each(spellings: str, operand: str, expected: Any) -> list[Any]:
    return [
        pytest.param(f"{word} {operand}".strip(), expected, id=f"{word} {operand}")
        for word in spellings.split()
    ]


@pytest.mark.parametrize("type_name", ["string", "positiveString", "stringorPK", NAMED])
@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        *each("is IS eq = == equals set", "'OWL'", ["owl"]),
        *each("is eq", "''", [None, ""]),
        *each("isNot ne != <> unequals notEquals", "'owl'", [n for n in NAMES if n != "owl"]),
        *each("isNot", "''", [n for n in NAMES if n]),
        *each("begins startsWith", "'OW'", ["owl", "Owls"]),
        *each("notBegins notStartsWith", "'ow'", [n for n in NAMES if n not in ("owl", "Owls")]),
        *each("contains", "'OWL'", ["owl", "Owls", "Tawny owl"]),
        *each("contains", "æR", ["Ærlig"]),
        *each("contains", "'%'", []),
        *each("notContains", "'owl'", [None, "", "A", "Ask", "S", "Ærlig"]),
        *each("ends endsWith", "'OWL'", ["owl", "Tawny owl"]),
        *each("notEnds notEndsWith", "'owl'", [None, "", "A", "Ask", "Owls", "S", "Ærlig"]),
        *each("between", "('A','S')", ["A", "Ask", "owl", "Owls", "S"]),
        *each("notBetween", "('A','S')", [None, "", "Tawny owl", "Ærlig"]),
        *each("in oneOf", "('a', 'OWLS')", ["A", "Owls"]),
        *each("notIn notOneOf", "('a','OWLS')", [None, "", "Ask", "owl", "S", "Tawny owl", "Ærlig"]),
        *each("lt <", "'b'", ["", "A", "Ask"]),
        *each("less", "'b'", ["", "A", "Ask"]),
        *each("le <= lessOrEqual lessOrEquals", "'ask'", ["", "A", "Ask"]),
        *each("gt > greater", "'tawny owl'", ["Ærlig"]),
        *each("ge >= greaterOrEqual greaterOrEquals", "'tawny owl'", ["Tawny owl", "Ærlig"]),
        *each("isNull", "", [None, ""]),
        *each("eq", "null", [None, ""]),
        *each("isNotNull", "", [n for n in NAMES if n]),
        *each("ne", "null", [n for n in NAMES if n]),
        *each("is", "'null'", []),
    ],
)
def test_texts(type_name: str, restriction: str, expected: list[Any]) -> None:
    assert kept(restriction, type_name, TEXT, NAMES) == expected


@pytest.mark.parametrize("type_name", ["int", "decimal", "listAny", "userGroup", "associate", "timeSpan"])
@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        *each("eq = == equals set is", "5", [5]),
        *each("eq", "'5'", [5]),
        *each("ne != <> unequals notEquals isNot", "5", [0, 1, 4, 6, 7]),
        *each("lt < less", "5", [0, 1, 4]),
        *each("le <= lessOrEqual lessOrEquals", "5", [0, 1, 4, 5]),
        *each("gt > greater", "5", [6, 7]),
        *each("ge >= greaterOrEqual greaterOrEquals", "5", [5, 6, 7]),
        *each("between", "('4',6)", [4, 5, 6]),
        *each("notBetween", "(4,6)", [0, 1, 7]),
        *each("in oneOf", "(1,6)", [1, 6]),
        *each("oneOf", "3", []),
        *each("notIn notOneOf", "(1,6)", [0, 4, 5, 7]),
        *each("isNull", "", [0]),
        *each("isNotNull", "", [1, 4, 5, 6, 7]),
    ],
)
def test_numbers(type_name: str, restriction: str, expected: list[int]) -> None:
    assert kept(restriction, type_name, NUMBER, NUMBERS) == expected


@pytest.mark.parametrize(
    ("type_name", "restriction", "values", "expected"),
    [
        ("associate", "associateIsOneOf (1,6)", NUMBERS, [1, 6]),
        ("associate", "associateIsOneOf ('demo', 'KARI')", NUMBERS, [1]),
        ("associate", "associateIsNotOneOf (1,6)", NUMBERS, [0, 4, 5, 7]),
        ("associate", "currentAssociate", NUMBERS, [1]),
        ("userGroup", "userGroupIsOneOf (1,6)", NUMBERS, [1, 6]),
        ("userGroup", "userGroupIsNotOneOf (1,6)", NUMBERS, [0, 4, 5, 7]),
        ("userGroup", "currentUserGroup", NUMBERS, [1]),
        ("decimal", "gt 1.5", (1, 1.5, 1.75), [1.75]),
        ("decimal", "between (-0.5, 1e0)", (-1.0, 0.0, 1.0), [0.0, 1.0]),
        ("timeSpan", "eq '01:30:00'", (5400, 5401), [5400]),
        ("timeSpan", "ge PT1H", (3599, 3600), [3600]),
    ],
)
def test_further_numbers(type_name: str, restriction: str, values: Any, expected: list[Any]) -> None:
    assert kept(restriction, type_name, NUMBER, values) == expected


@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        *each("set eq = == equals is", "true", [True]),
        *each("set", "'False'", [False]),
        *each("set", "1", [True]),
        *each("set SET", "", [True]),
        *each("ne != <> unequals isNot", "true", [False]),
    ],
)
def test_truths(restriction: str, expected: list[bool]) -> None:
    assert kept(restriction, "bool", FLAG, (False, True)) == expected


def at(text: str) -> datetime:
    """Read a wall time of the base zone, two hours before UTC on these days."""
    return datetime.fromisoformat(text + "+02:00").astimezone(UTC)


# NOW is Wednesday, 15 October 2025, 15:30 in Oslo.
MOMENTS = tuple(
    map(
        at,
        (
            "2024-12-31T23:59:59",
            "2025-01-01T00:00:00",
            "2025-09-30T12:00:00",
            "2025-10-05T12:00:00",
            "2025-10-06T00:00:00",
            "2025-10-12T23:59:59",
            "2025-10-13T00:00:00",
            "2025-10-14T23:59:59",
            "2025-10-15T00:00:00",
            "2025-10-15T15:00:00",
            "2025-10-15T23:59:59",
            "2025-10-16T00:00:00",
            "2025-10-20T00:00:00",
            "2025-11-01T12:00:00",
            "2026-01-01T12:00:00",
            "2026-12-31T12:00:00",
        ),
    )
)
(
    LAST_YEAR,
    NEW_YEAR,
    SEPTEMBER,
    SUNDAY,
    LAST_MONDAY,
    LAST_SUNDAY,
    MONDAY,
    YESTERDAY,
    MORNING,
    THREE,
    EVENING,
    TOMORROW,
    NEXT_MONDAY,
    NOVEMBER,
    JANUARY,
    NEXT_YEAR,
) = MOMENTS
# On the two days at the ends of the year the clock is an hour from UTC: both lie an hour earlier there.
TODAY = [MORNING, THREE, EVENING]
DAY = "'2025-10-15'"


def from_to(first: datetime, last: datetime) -> list[datetime]:
    return [moment for moment in MOMENTS if first <= moment <= last]


@pytest.mark.parametrize("type_name", ["date", "datetime", "unlimitedDate"])
@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        *each("date equals eq = == is set", DAY, TODAY),
        *each("date", "2025-10-15T22:00:00", TODAY),
        *each("date", "2025-10-15T22:30:00Z", [TOMORROW]),
        *each("ne != <> unequals isNot", DAY, from_to(LAST_YEAR, YESTERDAY) + from_to(TOMORROW, NEXT_YEAR)),
        *each("before lt < less", DAY, from_to(LAST_YEAR, YESTERDAY)),
        *each("after gt > greater", DAY, from_to(TOMORROW, NEXT_YEAR)),
        *each("beforeOrEqual to le <= lessOrEqual", DAY, from_to(LAST_YEAR, EVENING)),
        *each("afterOrEqual from ge >= greaterOrEqual", DAY, from_to(MORNING, NEXT_YEAR)),
        *each("between dateBetween", "('2025-10-13','2025-10-15')", from_to(MONDAY, EVENING)),
        *each("between", "('2025-10-15','2025-10-13')", []),
        *each("between", "('2025-10-15T15:00:00','2025-10-15T15:00:00')", [THREE]),
        *each("gt", "'2025-10-15T15:00:00'", from_to(EVENING, NEXT_YEAR)),
        *each("le", "'2025-10-15T15:00:00+02:00'", from_to(LAST_YEAR, THREE)),
        *each("eq", "'2025-10-15T15:00:00'", [THREE]),
        *each("afterTime", "'2025-10-15T15:00:00'", from_to(THREE, NEXT_YEAR)),
        *each("afterTime", "'2025-10-15T15:00:01'", from_to(EVENING, NEXT_YEAR)),
        *each("afterTime", "'2025-10-15Z15:00:00'", from_to(THREE, NEXT_YEAR)),
        *each("afterTime", "'2025-10-15'", from_to(MORNING, NEXT_YEAR)),
        *each("afterTime", "'2025.10.15 15:00'", from_to(THREE, NEXT_YEAR)),
        *each("afterTime", "'2025.10.5'", from_to(SUNDAY, NEXT_YEAR)),
        *each("after gt", "'2025.10.5'", from_to(LAST_MONDAY, NEXT_YEAR)),
        *each("after", "'2025-10-5'", from_to(LAST_MONDAY, NEXT_YEAR)),
        *each("date", "2025/10/15", TODAY),
        *each("dateBetween", "('2025.10.13','2025.10.15')", from_to(MONDAY, EVENING)),
        *each("beforeTime", "'2025-10-15T15:00:00'", from_to(LAST_YEAR, MORNING)),
        *each("dateTime", "'2025-10-15T15:00:00'", [THREE]),
        *each("beforeToday", "", from_to(LAST_YEAR, YESTERDAY)),
        *each("today TODAY", "", TODAY),
        *each("afterToday", "", from_to(TOMORROW, NEXT_YEAR)),
        *each("lastWeek", "", from_to(LAST_MONDAY, LAST_SUNDAY)),
        *each("thisWeek", "", from_to(MONDAY, TOMORROW)),
        *each("nextWeek", "", [NEXT_MONDAY]),
        *each("lastMonth", "", [SEPTEMBER]),
        *each("thisMonth", "", from_to(SUNDAY, NEXT_MONDAY)),
        *each("nextMonth", "", [NOVEMBER]),
        *each("lastQuarter", "", [SEPTEMBER]),
        *each("thisQuarter", "", from_to(SUNDAY, NOVEMBER)),
        *each("nextQuarter", "", [JANUARY]),
        *each("lastHalf", "", []),
        *each("thisHalf", "", from_to(SEPTEMBER, NOVEMBER)),
        *each("nextHalf", "", [JANUARY]),
        *each("lastYear", "", [LAST_YEAR, NEW_YEAR]),
        *each("thisYear", "", from_to(SEPTEMBER, NOVEMBER)),
        *each("nextYear", "", [JANUARY, NEXT_YEAR]),
        *each("thisPeriod this", "week", from_to(MONDAY, TOMORROW)),
        *each("nextPeriod", "(2,weeks)", [NEXT_MONDAY, NOVEMBER]),
        *each("previousPeriod", "('1','wk')", from_to(LAST_MONDAY, LAST_SUNDAY)),
        *each("thisAndNext", "(1,days)", [*TODAY, TOMORROW]),
        *each("thisAndPrevious", "(2,1)", from_to(MONDAY, EVENING)),
        *each("thisPreviousAndNext", "day", from_to(YESTERDAY, TOMORROW)),
        *each("isNull", "", []),
        *each("isNotNull", "", list(MOMENTS)),
    ],
)
def test_dates(type_name: str, restriction: str, expected: list[datetime]) -> None:
    assert kept(restriction, type_name, INSTANT, MOMENTS) == expected


@pytest.mark.parametrize("word", [*sorted(set(OPERATORS["date"]) & UNARY), "eq '2025-10-15'"])
def test_no_date_is_never_in_a_period(word: str) -> None:
    assert not meaning(word, "date", INSTANT).holds(None)


def test_days_of_a_field_know_no_zone() -> None:
    days = (None, "2025-10-14", "2025-10-15", "2025-10-16")
    for word, expected in {
        "today": ["2025-10-15"],
        "before '2025-10-15'": ["2025-10-14"],
        "afterTime '2025-10-15T22:00:00'": ["2025-10-15", "2025-10-16"],
        "beforeTime '2025-10-15T22:00:00'": ["2025-10-14"],
        "dateTime '2025-10-15T22:00:00'": ["2025-10-15"],
        "gt '2025-10-15T22:00:00'": ["2025-10-16"],
        "isNull": [None],
    }.items():
        assert kept(word, "date", TEXT, days) == expected, word


def test_a_day_begins_when_it_does_in_the_callers_zone() -> None:
    midnight = datetime(2025, 10, 15, 4, tzinfo=UTC)
    times = (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=24))
    assert kept("date '2025-10-15'", "date", INSTANT, times, Caller(zone="US-NY")) == [midnight]


@pytest.mark.parametrize("zone", ["UTC", "NO", "AU-ACT", "US-NY"])
def test_nothing_is_before_the_calendar(zone: str) -> None:
    moments = (None, *MOMENTS)
    for word, expected in {
        "before '0001-01-01'": [],
        "lt '0001-01-01'": [],
        "beforeTime '0001-01-01T00:00:00'": [],
        "afterOrEqual '0001-01-01'": list(MOMENTS),
    }.items():
        assert kept(word, "date", INSTANT, moments, Caller(zone=zone)) == expected, word


def test_a_stamp_is_in_the_second_that_it_is_shown_as() -> None:
    second = datetime(2025, 10, 15, 15, 0, 40, tzinfo=UTC)
    before, inside, after = (second + timedelta(milliseconds=more) for more in (-1, 400, 1000))
    at = f"'{second:%Y-%m-%dT%H:%M:%S}Z'"
    for word, expected in {
        f"eq {at}": [inside],
        f"dateTime '{second:%Y-%m-%dT%H:%M:%S}.000Z'": [inside],
        f"eq '{second:%Y-%m-%dT%H:%M:%S}.250Z'": [inside],
        f"ne {at}": [None, before, after],
        f"lt {at}": [before],
        f"le {at}": [before, inside],
        f"gt {at}": [after],
        f"ge {at}": [inside, after],
        f"between ({at},{at})": [inside],
    }.items():
        assert kept(word, "date", INSTANT, (None, before, inside, after)) == expected, word


def test_the_ends_of_the_calendar() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for word, expected in {
        "after '9999-12-31'": [],
        "beforeOrEqual '9999-12-31'": [first, last],
        "afterOrEqual '0001-01-01'": [first, last],
        "before '0001-01-01'": [],
        "dateTime '9999-12-31T23:59:59Z'": [last],
        "gt '9999-12-31T23:59:59Z'": [],
        "le '9999-12-31T23:59:59Z'": [first, last],
        "nextPeriod (10000,year)": [last],
        "previousPeriod (10000,year)": [first],
    }.items():
        assert kept(word, "date", INSTANT, (first, last), Caller(zone="UTC")) == expected, word


@pytest.mark.parametrize(
    ("restriction", "type_name", "said"),
    [
        ("like 'x'", "string", "'like': a column of type string has no such operator"),
        ("begins 'x'", "int", "'begins'"),
        ("today", "int", "'today'"),
        ("oneOf (1)", "bool", "'oneOf'"),
        ("eq 'x'", "int", "'x': a whole number"),
        ("eq 1.5", "int", "'1.5': a whole number"),
        ("eq 1234567890123456789", "int", "a whole number"),
        ("eq ١", "int", "a whole number"),
        ("eq x", "decimal", "'x': a number"),
        ("eq nan", "decimal", "'nan': a number"),
        ("eq inf", "decimal", "'inf': a number"),
        ("eq 1e300", "decimal", "a number"),
        ("set maybe", "bool", "'maybe': true or false"),
        ("before 'yesterday'", "date", "'yesterday': a date"),
        ("before '2025-02-30'", "date", "'2025-02-30': there is no such date"),
        ("before '20250230'", "date", "'20250230': a date"),
        ("before '2025.2.30'", "date", "'2025.2.30': there is no such date"),
        ("before '2025.2-3'", "date", "'2025.2-3': a date"),
        ("before '2025-3-4xx'", "date", "'2025-3-4xx': a date"),
        ("before '2025-3-4Z'", "date", "'2025-3-4Z': a date"),
        ("set", "int", "'set': the operator takes 1 value(s)"),
        ("set", "string", "'set': the operator takes 1 value(s)"),
        ("afterTime '2025-10-15T25:00:00'", "date", "a date and time"),
        ("between ('2025-10-15')", "date", "'between': the operator takes 2 value(s)"),
        ("between (1,2,3)", "int", "'between': the operator takes 2 value(s)"),
        ("eq (1,2)", "int", "'eq': the operator takes 1 value(s)"),
        ("thisPeriod fortnight", "date", "'fortnight': a period"),
        ("nextPeriod (x,week)", "date", "'x': a number of periods"),
        ("nextPeriod (-1,week)", "date", "'-1': a number of periods"),
        ("nextPeriod (10001,week)", "date", "'10001': a number of periods"),
        ("nextPeriod week", "date", "the operator takes 2 value(s)"),
        ("associateIsOneOf ('nobody')", "associate", "'nobody': there is no such associate"),
        ("is 'Norway'", "listAny", "'Norway': the id of the list's item is expected here"),
        ("eq soon", "timeSpan", "'soon': a time span"),
        ("is 'a\0b'", "string", "cannot be searched for"),
        ("eq 1", "", "the column cannot be searched by"),
    ],
)
def test_what_makes_no_sense(restriction: str, type_name: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as failed:
        meaning(restriction, type_name, INSTANT if type_name == "date" else NUMBER)
    assert said in failed.value.reason, failed.value.reason


def test_every_operator_that_takes_no_value_is_known_to_the_grammar() -> None:
    without = {word for rules in OPERATORS.values() for word, rule in rules.items() if rule.most == 0}
    assert without <= UNARY


# The reference's own lists; "from" and "to" are of its newer one.
REFERENCE = {
    "bool": "set",
    "int": "eq = ne le lt gt ge set equals greater less unequals between !=",
    "decimal": "equals greater less unequals between = !=",
    "string": "begins contains is notBegins notContains isNot between in ends notEnds",
    "associate": "currentAssociate associateIsOneOf associateIsNotOneOf",
    "listAny": "oneOf notOneOf equals",
    "date": (
        "before date after dateBetween between beforeOrEqual beforeToday today afterToday lastWeek thisWeek "
        "nextWeek lastMonth thisMonth nextMonth lastQuarter thisQuarter nextQuarter thisHalf thisYear from to "
        "equals thisPeriod thisPreviousAndNext thisAndNext thisAndPrevious nextPeriod previousPeriod"
    ),
    "datetime": "afterTime beforeTime dateTime",
    "unlimitedDate": "before date after dateBetween today thisYear",
}


@pytest.mark.parametrize("type_name", sorted(REFERENCE))
def test_every_operator_of_the_reference_is_known(type_name: str) -> None:
    assert {
        word for word in REFERENCE[type_name].lower().split() if word not in OPERATORS[type_name]
    } == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("next(x,week)", "character 1, 'next': the function takes 2 value(s) beside the column"),
        ("a eq 1 or Previous(x,1,week,2)", "character 11, 'Previous': the function takes 2 value(s)"),
        ("next(x,1,fortnight)", "character 10, 'fortnight': a period"),
        ("startswith(x,'2025')", "character 1, 'startswith': a column of type date has no such operator"),
        ("substringof('2025',x)", "'substringof': a column of type date"),
    ],
)
def test_a_function_is_named_as_it_was_written(text: str, said: str) -> None:
    tree = parse_filter(text)
    condition = tree.nodes[-1] if isinstance(tree, Group) else tree
    assert isinstance(condition, Condition)
    with pytest.raises(InvalidRequest) as failed:
        meaning_of(condition, "date", INSTANT, ADMIN.asked())
    assert said in failed.value.reason
