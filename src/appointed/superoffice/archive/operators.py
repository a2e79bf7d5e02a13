"""The operators of every restriction type, in every spelling (Archive providers, Restriction types).

A rule makes what an operator with its values means, as a filter over one value. Those that the reference
lists and the vendor's own server refuses (le, ge, notEnds) work here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.columns import NAMED
from appointed.superoffice.archive.grammar import EQUAL, UNEQUAL, Condition
from appointed.superoffice.archive.literals import (
    Reader,
    has_time,
    local_day,
    midnight,
    read_associate,
    read_boolean,
    read_count,
    read_day,
    read_decimal,
    read_integer,
    read_item,
    read_moment,
    read_period,
    read_seconds,
    read_text,
)
from appointed.superoffice.archive.meaning import NEVER, VALUE, Asked, Meaning, either
from appointed.superoffice.archive.periods import AROUND, HALF, MONTH, QUARTER, WEEK, YEAR, Days, days_around
from appointed.superoffice.archive.periods import day_after as after_day
from appointed.superoffice.archive.tokens import Token, wrong
from appointed.superoffice.wiretime import LAST
from appointed.usecases.query import AllOf, Node, Not, Operator, Test
from appointed.usecases.query_fields import FieldKind

MANY = 1_000_000
SECOND = timedelta(seconds=1)
Values = tuple[Token, ...]
Make = Callable[[Values, Asked, FieldKind], Node]


class Rule(NamedTuple):
    """How many values an operator takes (`least` to `most`), and what it means with them."""

    make: Make
    least: int = 1
    most: int = 1


Rules = dict[str, Rule]


def _rules(*spelled: tuple[str, Rule]) -> Rules:
    """Make a table out of rows, each with all spellings of one operator."""
    return {word.lower(): rule for words, rule in spelled for word in words.split()}


def _against(operator: Operator, read: Reader) -> Rule:
    return Rule(lambda values, asked, _kind: Test(VALUE, operator, read(values[0], asked)))


def _opposite(rule: Rule) -> Rule:
    return Rule(lambda values, asked, kind: Not(rule.make(values, asked, kind)), rule.least, rule.most)


def _between(read: Reader) -> Rule:
    def make(values: Values, asked: Asked, _kind: FieldKind) -> Node:
        low, high = (read(value, asked) for value in values)
        return AllOf((Test(VALUE, Operator.GE, low), Test(VALUE, Operator.LE, high)))

    return Rule(make, 2, 2)


def _one_of(read: Reader) -> Rule:
    def make(values: Values, asked: Asked, _kind: FieldKind) -> Node:
        return Test(VALUE, Operator.IN, tuple(read(value, asked) for value in values))

    return Rule(make, 1, MANY)


def _ordered(read: Reader) -> Rules:
    """Make the operators of values that stand in an order."""
    equal, one_of = _against(Operator.EQ, read), _one_of(read)
    return _rules(
        ("eq = == equals set is", equal),
        ("ne != <> unequals notEquals isNot", _opposite(equal)),
        ("lt < less", _against(Operator.LT, read)),
        ("le <= lessOrEqual lessOrEquals", _against(Operator.LE, read)),
        ("gt > greater", _against(Operator.GT, read)),
        ("ge >= greaterOrEqual greaterOrEquals", _against(Operator.GE, read)),
        ("between", _between(read)),
        ("notBetween", _opposite(_between(read))),
        ("in oneOf", one_of),
        ("notIn notOneOf", _opposite(one_of)),
    )


def _same(read: Reader) -> Rule:
    def make(values: Values, asked: Asked, _kind: FieldKind) -> Node:
        # Nothing is as good as an empty text.
        text = read(values[0], asked)
        return Test(VALUE, Operator.EQ, text) if text else either("", None)

    return Rule(make)


def _texts(read: Reader) -> Rules:
    """Make the operators of texts; whole ones are read by `read`, parts of one are any text."""
    begins, contains, ends = (
        _against(operator, read_text) for operator in (Operator.BEGINS, Operator.CONTAINS, Operator.ENDS)
    )
    return _ordered(read) | _rules(
        ("eq = == equals set is", _same(read)),
        ("ne != <> unequals notEquals isNot", _opposite(_same(read))),
        ("begins startsWith", begins),
        ("notBegins notStartsWith", _opposite(begins)),
        ("contains", contains),
        ("notContains", _opposite(contains)),
        ("ends endsWith", ends),
        ("notEnds notEndsWith", _opposite(ends)),
    )


_TEXT = _texts(read_text)

_TRUTH = _against(Operator.EQ, read_boolean)
# What is set is true.
_SET = Rule(
    lambda values, asked, kind: (
        _TRUTH.make(values, asked, kind) if values else Test(VALUE, Operator.EQ, True)
    ),
    least=0,
)
_BOOLEAN: Rules = _rules(
    ("set", _SET),
    ("eq = == equals is", _TRUTH),
    ("ne != <> unequals isNot", _opposite(_TRUTH)),
)

_NUMBER = _ordered(read_integer)


def _themselves(_values: Values, asked: Asked, _kind: FieldKind) -> Node:
    return Test(VALUE, Operator.EQ, asked.who.id)


def _own_group(_values: Values, asked: Asked, _kind: FieldKind) -> Node:
    return Test(VALUE, Operator.EQ, asked.who.group_id)


_ASSOCIATE: Rules = _ordered(read_associate) | _rules(
    ("associateIsOneOf", _one_of(read_associate)),
    ("associateIsNotOneOf", _opposite(_one_of(read_associate))),
    ("currentAssociate", Rule(_themselves, 0, 0)),
)
_GROUP: Rules = _NUMBER | _rules(
    ("userGroupIsOneOf", _one_of(read_integer)),
    ("userGroupIsNotOneOf", _opposite(_one_of(read_integer))),
    ("currentUserGroup", Rule(_own_group, 0, 0)),
)


def _within(days: Days, asked: Asked, kind: FieldKind) -> Node:
    """Say that the value lies in these days; a column of days (texts) knows no zone."""
    ends: list[object] = [
        None if day is None else day.isoformat() if kind is FieldKind.TEXT else midnight(day, asked)
        for day in days
    ]
    # East of Greenwich the calendar's first day begins before every instant: nothing ends by then.
    is_before_all = days.end is not None and ends[-1] is None
    if is_before_all or (days.first is not None and days.first == days.end):
        return NEVER
    tests = [
        Test(VALUE, operator, end)
        for operator, end in zip((Operator.GE, Operator.LT), ends, strict=True)
        if end is not None
    ]
    return AllOf(tuple(tests)) if tests else Test(VALUE, Operator.NE, None)


def _by_day(days_of: Callable[[Values, Asked], Days], least: int = 1, most: int = 1) -> Rule:
    return Rule(lambda values, asked, kind: _within(days_of(values, asked), asked, kind), least, most)


def _on(values: Values, asked: Asked) -> Days:
    day = read_day(values[0], asked)
    return Days(day, after_day(day))


def _after(values: Values, asked: Asked) -> Days:
    day = read_day(values[0], asked)
    following = after_day(day)
    return Days(day, day) if following is None else Days(following)


def _from_to(values: Values, asked: Asked) -> Days:
    first, last = (read_day(value, asked) for value in values)
    return Days(first, after_day(last)) if first <= last else Days(first, first)


def _around(operator: str, *, takes_count: bool) -> Rule:
    def make(values: Values, asked: Asked) -> Days:
        count = read_count(values[0]) if takes_count else 1
        return _days(asked, read_period(values[-1]), *AROUND[operator](count))

    needed = 2 if takes_count else 1
    return _by_day(make, needed, needed)


def _period(period: str, first: int, last: int) -> Rule:
    return _by_day(lambda _values, asked: _days(asked, period, first, last), 0, 0)


def _days(asked: Asked, period: str, first: int, last: int) -> Days:
    return days_around(local_day(asked.now, asked), period, first, last)


def _today(asked: Asked) -> Days:
    return _days(asked, "day", 0, 0)


def _timed(by_moment: Rule, by_day: Rule) -> Rule:
    """Compare moments where a value has a time of day, and days where none has."""

    def make(values: Values, asked: Asked, kind: FieldKind) -> Node:
        is_timed = kind is FieldKind.INSTANT and any(has_time(value) for value in values)
        return (by_moment if is_timed else by_day).make(values, asked, kind)

    return Rule(make, by_day.least, by_day.most)


def _moment(operator: Operator, by_day: Rule) -> Rule:
    """Compare moments; a column of days (texts) takes the day."""

    def make(values: Values, asked: Asked, kind: FieldKind) -> Node:
        if kind is FieldKind.TEXT:
            return by_day.make(values, asked, kind)
        return _SECONDS[operator](_read_second(values[0], asked))

    return Rule(make)


def _read_second(value: Token, asked: Asked) -> datetime:
    return read_moment(value, asked).replace(microsecond=0)


def _since(at: datetime) -> Node:
    return Test(VALUE, Operator.GE, at)


def _later(at: datetime) -> Node:
    return _since(at + SECOND) if at < LAST else NEVER


def _until(at: datetime) -> Node:
    return Test(VALUE, Operator.LT, at + SECOND) if at < LAST else Test(VALUE, Operator.NE, None)


def _between_seconds(values: Values, asked: Asked, _kind: FieldKind) -> Node:
    first, last = (_read_second(value, asked) for value in values)
    return AllOf((_since(first), _until(last)))


# The wire has whole seconds: a stamp that is shown as one is in it, whatever it has behind the point.
_SECONDS: dict[Operator, Callable[[datetime], Node]] = {
    Operator.EQ: lambda at: AllOf((_since(at), _until(at))),
    Operator.LT: lambda at: Test(VALUE, Operator.LT, at),
    Operator.LE: _until,
    Operator.GT: _later,
    Operator.GE: _since,
}

_ON = _by_day(_on)
_BEFORE = _by_day(lambda values, asked: Days(None, read_day(values[0], asked)))
_AFTER = _by_day(_after)
_TO = _by_day(lambda values, asked: Days(None, after_day(read_day(values[0], asked))))
_FROM = _by_day(lambda values, asked: Days(read_day(values[0], asked)))
_FROM_TO = _by_day(_from_to, 2, 2)
_EQUAL = _timed(_moment(Operator.EQ, _ON), _ON)

_DATE: Rules = _rules(
    ("date", _ON),
    ("equals eq = == is set", _EQUAL),
    ("ne != <> unequals isNot", _opposite(_EQUAL)),
    ("before", _BEFORE),
    ("after", _AFTER),
    ("beforeOrEqual to", _TO),
    ("afterOrEqual from", _FROM),
    ("lt < less", _timed(_moment(Operator.LT, _BEFORE), _BEFORE)),
    ("le <= lessOrEqual", _timed(_moment(Operator.LE, _TO), _TO)),
    ("gt > greater", _timed(_moment(Operator.GT, _AFTER), _AFTER)),
    ("ge >= greaterOrEqual", _timed(_moment(Operator.GE, _FROM), _FROM)),
    ("between dateBetween", _timed(Rule(_between_seconds, 2, 2), _FROM_TO)),
    ("afterTime", _moment(Operator.GE, _FROM)),
    ("beforeTime", _moment(Operator.LT, _BEFORE)),
    ("dateTime", _moment(Operator.EQ, _ON)),
    ("beforeToday", _by_day(lambda _values, asked: Days(None, _today(asked).first), 0, 0)),
    ("today", _by_day(lambda _values, asked: _today(asked), 0, 0)),
    ("afterToday", _by_day(lambda _values, asked: Days(_today(asked).end), 0, 0)),
    *(
        (f"{which}{period}", _period(period, place, place))
        for which, place in (("last", -1), ("this", 0), ("next", 1))
        for period in (WEEK, MONTH, QUARTER, HALF, YEAR)
    ),
    *((name, _around(name, takes_count=True)) for name in AROUND if name.startswith(("next", "prev"))),
    ("thisAndNext", _around("thisandnext", takes_count=True)),
    ("thisAndPrevious", _around("thisandprevious", takes_count=True)),
    ("thisPeriod this", _around("thisperiod", takes_count=False)),
    ("thisPreviousAndNext", _around("thispreviousandnext", takes_count=False)),
)

# Restriction type → its operators; a type without any cannot be searched by.
OPERATORS: dict[str, Rules] = {
    "bool": _BOOLEAN,
    "int": _NUMBER,
    "decimal": _ordered(read_decimal),
    "string": _TEXT,
    "positiveString": _TEXT,
    "stringorPK": _TEXT,
    # No ids are kept: a number is an id that no item has.
    NAMED: _texts(read_text),
    "associate": _ASSOCIATE,
    "listAny": _ordered(read_item),
    "userGroup": _GROUP,
    "date": _DATE,
    "datetime": _DATE,
    "unlimitedDate": _DATE,
    "timeSpan": _ordered(read_seconds),
}
# What stands for nothing, by kind of value.
NOTHING: dict[FieldKind, tuple[object, ...]] = {
    FieldKind.TEXT: (None, ""),
    FieldKind.WORD: (None, ""),
    FieldKind.NUMBER: (None, 0),
}


def meaning_of(condition: Condition, type_name: str, kind: FieldKind, asked: Asked) -> Meaning:
    """Find what a condition means for a column of this type; raises InvalidRequest naming the place."""
    word = condition.operator.text.lower()
    if condition.operator.at == condition.column.at and type_name != "bool":
        raise wrong("an operator is expected after this column", condition.column)
    is_null = [value.kind == "word" and value.text.lower() == "null" for value in condition.values] == [True]
    if word in ("isnull", "isnotnull") or (is_null and word in EQUAL | UNEQUAL):
        nothing = either(*NOTHING.get(kind, (None,)))
        return Meaning(nothing if word == "isnull" or word in EQUAL else Not(nothing), kind)
    rule = OPERATORS.get(type_name, {}).get(word)
    if rule is None:
        raise _unknown(condition, type_name)
    if not rule.least <= len(condition.values) <= rule.most:
        needed = "one or more values" if rule.most == MANY else f"{rule.most} value(s)"
        is_function = bool(condition.operator.written)
        said = (
            f"the function takes {needed} beside the column"
            if is_function
            else f"the operator takes {needed}"
        )
        raise wrong(said, condition.operator)
    return Meaning(rule.make(condition.values, asked, kind), kind)


def _unknown(condition: Condition, type_name: str) -> InvalidRequest:
    if type_name not in OPERATORS:
        return wrong("the column cannot be searched by", condition.column)
    return wrong(f"a column of type {type_name} has no such operator", condition.operator)
