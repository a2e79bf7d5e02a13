"""A filter as a query finds just the rows that it holds for, judged by what the caller sees of each."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidRequest
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access
from appointed.domain.status import Status
from appointed.superoffice.archive.catalogue import find_appointment
from appointed.superoffice.archive.columns import NAMED, Column
from appointed.superoffice.archive.filtering import rows_to_find
from appointed.superoffice.archive.grammar import UNARY, Condition, Tree, parse_filter
from appointed.superoffice.archive.meaning import NEVER, Asked
from appointed.superoffice.archive.operators import MANY, OPERATORS, meaning_of
from appointed.usecases.demo_data import CLIENT, DEMO, KARI, OLA
from appointed.usecases.list_appointments import readable_rows, visible_rows
from appointed.usecases.query import AllOf, Node, Not, Operator, ShownTo, Test
from appointed.usecases.query_fields import field, holds
from tests.superoffice.archive.rows import ADMIN, ROWS, VIEW, Caller

COLUMNS = find_appointment(VIEW.directory)
# Every second row: as various as all of them.
FEW = ROWS[::2]
SEARCHED = sorted((one for one in COLUMNS.values() if one.where), key=lambda one: one.name)
CALLERS = {
    name: Caller(who) for name, who in {"demo": DEMO, "kari": KARI, "ola": OLA, "demo client": CLIENT}.items()
}

GRANTED = {
    (name, row.id): access(Principal(1, who), row, VIEW.directory)
    for name, who in {"demo": DEMO, "kari": KARI, "ola": OLA, "demo client": CLIENT}.items()
    for row in FEW
}

# Values that say something of the rows, by restriction type; names of columns whose texts are others.
TEXTS = ("''", "'room'", "'Room 1'", "'o'", "'fjord shipping'", "'100%'", "'ærlig'", "'Meeting'", "'Todo'")
OPERANDS = {
    "bool": ("true", "false"),
    "int": ("0", "1", "3", "7"),
    "listAny": ("0", "1", "2", "5"),
    "associate": ("0", "1", "2", "'ola'"),
    "userGroup": ("1", "2"),
    "decimal": ("0", "1.25", "72000", "120000"),
    "timeSpan": ("1800", "'01:00:00'"),
    "date": ("'2025-10-15'", "'2025-10-14T12:00:00'", "'2024-02-29'"),
    "datetime": ("'2025-10-15'",),
    "unlimitedDate": ("'9998-12-31'",),
    **dict.fromkeys(("string", "positiveString", "stringorPK", NAMED), TEXTS),
}
PERIODS = ("week", "(2,month)")


def conditions(one: Column) -> list[str]:
    """Write every operator of a column with some values."""
    found = [f"{one.name} {word}" for word in ("isNull", "isNotNull")]
    operands = OPERANDS[one.type]
    for word, rule in OPERATORS[one.type].items():
        if rule.most == 0:
            found.append(f"{one.name} {word}")
        elif "period" in word or word.startswith("this") or word == "this":
            found += [f"{one.name} {word} {PERIODS[rule.least - 1]}"] if word not in UNARY else []
        elif rule.least == 2:
            found.append(f"{one.name} {word} ({operands[0]},{operands[-1]})")
        elif rule.most == MANY:
            found.append(f"{one.name} {word} ({','.join(operands)})")
        else:
            found += [f"{one.name} {word} {operand}" for operand in operands]
    return found


def expected(tree: Tree | None, asked: Asked) -> set[int]:
    """Find the rows one by one, as anybody would with the answer in hand."""
    return {row.id for row in FEW if _sees(tree, row, asked)}


def _sees(tree: Tree | None, row: Appointment, asked: Asked) -> bool:
    granted = GRANTED[asked.who.name, row.id]
    if granted is Access.NOTHING:
        return False
    return tree is None or _holds(tree, row, granted >= Access.READ, asked)


def _holds(tree: Tree, row: Appointment, is_read: bool, asked: Asked) -> bool:
    if isinstance(tree, Condition):
        return _condition_holds(tree, row, is_read, asked)
    inner = [_holds(one, row, is_read, asked) for one in tree.nodes]
    return (all(inner) if tree.is_all else any(inner)) is not tree.is_not


def _condition_holds(tree: Condition, row: Appointment, is_read: bool, asked: Asked) -> bool:
    one = COLUMNS[tree.column.text.lower()]
    found = meaning_of(tree, one.type, one.kind, asked)
    # The three columns that are only conditions say nothing of a row.
    rule: Any = CONDITIONS.get(one.name)
    if rule is not None:
        return rule(row) or not found.holds(True)
    value = one.value(row, asked) if is_read or one.is_open else one.empty
    return found.holds(value)


CONDITIONS = {
    "getAllRows": lambda _row: True,
    "getNoRows": lambda _row: False,
    "skipTentativeAndRejectedRestriction": lambda row: (
        row.invitation_status in ("unknown", "none", "accepted")
    ),
}


def found(text: str, asked: Asked) -> set[int]:
    """Find the rows by the query that a store would run."""
    where = rows_to_find(parse_filter(text), COLUMNS, asked).where
    return {row.id for row in FEW if holds(where, row)}


# Of a block that stands at several places, one place is enough.
DISTINCT = [one for one in SEARCHED if one.name.count("/") < 2 or "Associate/" not in one.name]


@pytest.mark.parametrize("one", DISTINCT, ids=lambda one: one.name)
def test_every_operator_of_every_column(one: Column) -> None:
    asked = CALLERS["kari"].asked()
    wrong = [text for text in conditions(one) if found(text, asked) != expected(parse_filter(text), asked)]
    assert wrong == []
    fields = {
        test.field
        for text in conditions(one)
        for test in _tests(rows_to_find(parse_filter(text), COLUMNS, asked).where)
    }
    assert all(map(field, fields))


def test_identifiers_are_found_by_their_index_or_by_their_parts() -> None:
    asked = ADMIN.asked()
    row, second = [one for one in FEW if GRANTED["demo", one.id] >= Access.READ][:2]
    uid, other = str(row.uid), str(second.uid)
    for text, by, wanted in (
        (f"x_uid is '{uid.upper()}'", "uid", {row.id}),
        (f"x_uid in ('{uid}', '{other}', 'nonsense')", "uid", {row.id, second.id}),
        (f"x_uid begins '{uid[:13].upper()}'", "uid_text", {row.id}),
        (f"x_uid contains '{uid[9:23]}'", "uid_text", {row.id}),
        (f"x_uid is '{uid.replace('-', '')}'", "", set()),
        ("x_uid is 'nonsense'", "", set()),
        (f"x_uid isNot '{uid}'", "uid", None),
        ("x_uid isNull", "", None),
        ("x_uid isNotNull", "", None),
    ):
        tree = parse_filter(text)
        fields = {test.field for test in _tests(rows_to_find(tree, COLUMNS, asked).where)}
        assert fields & {"uid", "uid_text"} == ({by} if by else set()), text
        by_hand = expected(tree, asked)
        assert found(text, asked) == by_hand, text
        assert wanted in (None, by_hand), text


ANY_CONDITION = st.sampled_from(SEARCHED).flatmap(lambda one: st.sampled_from(conditions(one)))
FILTERS = st.recursive(
    ANY_CONDITION,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("who", sorted(CALLERS))
def test_what_nobody_can_hold_finds_nothing_whether_rows_are_read_or_only_their_times(who: str) -> None:
    asked = CALLERS[who].asked()
    # Of a row that is read the second is never so, of one whose times are seen the first.
    for text in (
        "(alarm isNull and icon isNull)",
        "alarm isNull and icon isNull and date afterTime '2001-01-01'",
    ):
        assert found(text, asked) == expected(parse_filter(text), asked) == set()


@given(FILTERS, st.sampled_from(sorted(CALLERS)))
@settings(max_examples=300, deadline=None)
def test_whole_filters(text: str, who: str) -> None:
    asked = CALLERS[who].asked()
    assert found(text, asked) == expected(parse_filter(text), asked), text


def test_the_rows_try_much() -> None:
    asked = CALLERS["kari"].asked()
    own = [one for one in SEARCHED if "/" not in one.name]
    sizes = [len(found(text, asked)) for one in own for text in conditions(one)]
    assert sum(0 < size < len(FEW) for size in sizes) > len(sizes) // 3


@pytest.mark.parametrize("who", sorted(CALLERS))
def test_without_a_filter_all_that_may_be_seen(who: str) -> None:
    asked = CALLERS[who].asked()
    assert found("", asked) == expected(None, asked)
    assert (Access.TIMES in {GRANTED[who, row.id] for row in FEW}) is (who in ("demo", "kari", "ola"))


def test_what_is_hidden_cannot_be_found_out() -> None:
    asked = CALLERS["kari"].asked()
    hidden = [row for row in FEW if GRANTED["kari", row.id] is Access.TIMES]
    assert hidden
    for row in hidden:
        place = (row.location or "Room 1").replace("'", "''")
        for text in (f"location is '{place}'", "type gt 0", f"saleId eq {row.sale_id or 1}"):
            assert row.id not in found(text, asked)
        assert row.id in found(f"appointmentId eq {row.id} and associateId eq {row.owner_id}", asked)
        assert row.id in found(f"appointmentId eq {row.id} and location is ''", asked)


def test_hidden_rows_take_no_place_by_what_they_hide() -> None:
    asked = CALLERS["kari"].asked()
    searched = {
        text: rows_to_find(parse_filter(text), COLUMNS, asked) for text in ("", "type eq 1", "type eq 0")
    }
    readable = readable_rows(asked.who)
    assert [found.seen for found in searched.values()] == [readable, None, readable]


def test_what_all_may_see_is_asked_once_and_first() -> None:
    asked = CALLERS["kari"].asked()
    where = rows_to_find(parse_filter("associateId eq 2 and date thisWeek"), COLUMNS, asked).where
    assert isinstance(where, AllOf)
    fields = [node.field for node in _tests(where)]
    assert fields == ["owner_id", "starts_at", "starts_at"]
    assert visible_rows(asked.who) == AllOf()


def test_our_own_columns_enter_the_indexes_of_their_fields() -> None:
    asked = CALLERS["demo"].asked()
    for text, test in (
        ("x_reference eq 'AB12'", Test("reference", Operator.EQ, "AB12")),
        ("x_status in ('WAITING','late')", Test("status", Operator.IN, (Status.WAITING, Status.LATE))),
        ("x_department eq 2", Test("department_id", Operator.EQ, 2)),
    ):
        where = rows_to_find(parse_filter(text), COLUMNS, asked).where
        assert test in _tests(where), text


def test_no_rows_are_not_looked_for() -> None:
    asked = CALLERS["kari"].asked()
    for text in (
        "getNoRows set true",
        "getNoRows set true and date today",
        "createdByWorkflow eq 1",
        "type eq -1 and 0",
    ):
        if "0" in text:
            continue
        assert rows_to_find(parse_filter(text), COLUMNS, asked).where == NEVER, text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo eq 1", "character 1, 'foo': there is no such column"),
        ("date today or contact/foo is 'x'", "character 15, 'contact/foo': there is no such column"),
        ("who is 'x'", "character 1, 'who': the column cannot be searched by"),
        ("who isNull", "character 1, 'who': the column cannot be searched by"),
        ("location gt", "at its end"),
        ("id; DROP TABLE appointment", "character 16, 'appointment'"),
        ("id;-- eq 1", "character 1, 'id;--': there is no such column"),
    ],
)
def test_what_cannot_be_asked(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as failed:
        rows_to_find(parse_filter(text), COLUMNS, CALLERS["kari"].asked())
    assert said in failed.value.reason


def test_columns_ignore_case_and_follow_the_tenants_fields() -> None:
    asked = CALLERS["kari"].asked()
    assert found("APPOINTMENTUDEF/superoffice:2 EQ 1", asked) == found(
        "appointmentUdef/SuperOffice:2 eq 1", asked
    )
    assert "appointmentudef/my:list" in COLUMNS


def _tests(node: Node) -> list[Test]:
    if isinstance(node, Test):
        return [node]
    if isinstance(node, ShownTo):
        return []
    inner = (node.node,) if isinstance(node, Not) else node.nodes
    return [test for one in inner for test in _tests(one)]


def test_a_deleted_record_counts_as_none() -> None:
    asked = CALLERS["demo"].asked()
    row = replace(ROWS[0], contact_id=4_711)
    assert COLUMNS["contact/name"].value(row, asked) == ""
    where = rows_to_find(parse_filter("contact/name isNull"), COLUMNS, asked).where
    assert holds(where, row)
