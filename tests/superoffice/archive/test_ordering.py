"""Orders and continuations: which place a row has, and that nobody can make one up."""

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.catalogue import find_appointment
from appointed.superoffice.archive.columns import ranked
from appointed.superoffice.archive.options import Options, read_options
from appointed.superoffice.archive.ordering import (
    Continuation,
    mark_of,
    order_of,
    read_token,
    write_token,
)
from appointed.usecases.query import AllOf, Order
from appointed.usecases.query_fields import place
from tests.superoffice.archive.rows import ADMIN, ROWS, VIEW

COLUMNS = find_appointment(VIEW.directory)
SORTABLE = sorted(one.name for one in COLUMNS.values() if one.order is not None)


def options(text: str, **more: str) -> Options:
    return read_options([("$orderBy", text), *((f"${name}", value) for name, value in more.items())])


def order(text: str, seen: Any = None) -> tuple[Order, ...]:
    return order_of(options(text), COLUMNS, ADMIN.asked(), seen)


def fields(text: str) -> list[tuple[str, bool]]:
    return [(one.field, one.is_descending) for one in order(text)]


def test_orders() -> None:
    assert fields("") == [("id", False)]
    assert fields("date") == [("starts_at", False), ("id", False)]
    assert fields("DATE desc, location ASC,") == [("starts_at", True), ("location", False), ("id", False)]
    assert fields("date,time desc") == [("starts_at", False), ("id", False)]
    assert fields("appointmentId desc,date") == [("id", True)]
    assert fields("createdByWorkflow") == [("id", False)]
    assert fields("recurring") == [("is_in_series", False), ("id", False)]
    assert fields("rawStatus") == [
        ("assignment_status", False),
        ("invitation_status", False),
        ("status", False),
        ("id", False),
    ]


def test_ranks_tell_less_than_nothing_from_nothing() -> None:
    assert ranked([(1, 120.5), (2, 0), (3, -50), (4, -7.5), (5, None)]) == ((1, 1), (3, -2), (4, -1))
    assert ranked([(1, "b"), (2, ""), (3, "A"), (4, "B")]) == ((1, 2), (3, 1), (4, 2))
    assert ranked([(1, True), (2, False)]) == ((1, 1),)


def test_two_columns_of_one_record_both_count() -> None:
    found = order("contact/name,contact/streetAddress/city desc")
    assert [one.field for one in found] == ["contact_id", "contact_id", "id"]
    assert found[0].ranks == ((1, 1), (2, 2), (3, 3))
    assert found[1].ranks == ((1, 3), (2, 1), (3, 2))


def test_records_are_ordered_by_what_is_shown_in_the_callers_language() -> None:
    (by_type, _id) = order("type")
    assert by_type.ranks == ((1, 1), (2, 2), (3, 3), (4, 4))
    (by_priority, _id) = order("priority")
    assert by_priority.ranks == ((1, 1), (2, 2), (3, 3))


def test_only_readers_contents_decide_a_place() -> None:
    seen = AllOf()
    assert [one.seen for one in order("location,date,contact/name", seen)] == [seen, None, seen, None]


@pytest.mark.parametrize("name", SORTABLE)
def test_every_place_can_be_written_and_read_back(name: str) -> None:
    wanted = order(f"{name} desc")
    for row in ROWS:
        there = place(row, wanted)
        token = write_token(Continuation(7, 1, row.id, there))
        found = read_token(token, 7, wanted)
        assert (found.row_id, found.place) == (row.id, there)
        assert len(token) < 1_000


def test_a_continuation_belongs_to_one_list() -> None:
    first = options("date", filter="date today")
    token = write_token(Continuation(mark_of(first, "a"), 1, 1, (AWARE, 1)))
    assert read_token(token, mark_of(options("date", filter="date today", top="5"), "A"), order("date"))
    for other, path in (
        (options("date", filter="date thisWeek"), "a"),
        (options("date desc", filter="date today"), "a"),
        (options("date", filter="date today", entities="x"), "a"),
        (first, "b"),
    ):
        with pytest.raises(InvalidRequest):
            read_token(token, mark_of(other, path), order("date"))


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(parts)).decode().rstrip("=")


AWARE = datetime(2025, 1, 1, tzinfo=UTC)
NAIVE = datetime(2025, 1, 1)  # noqa: DTZ001 # that is the point


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "é",
        "%%%",
        "A" * 4_001,
        "AAAA",
        forged(7, 1, 1),
        forged(7, 1, 1, ["2025-01-01", 1]),
        forged(7, 1, 1, [1, 1]),
        forged(7, 1, 1, [NAIVE, 1]),
        forged(7, 1, 1, [AWARE, "1"]),
        forged(7, 1, 1, [AWARE, True]),
        forged(7, 1, 1, [AWARE, 2**60]),
        forged(7, 1, 1, [AWARE, float("nan")]),
        forged(7, 1, 1, [AWARE]),
        forged(7, 1, 1, [AWARE, 1, 1]),
        forged(8, 1, 1, [AWARE, 1]),
        forged("7", 1, 1, [AWARE, 1]),
    ],
    ids=map(str, range(18)),
)
def test_what_is_no_continuation(token: str) -> None:
    with pytest.raises(InvalidRequest):
        read_token(token, 7, order("date"))


def test_texts_of_a_continuation_can_be_asked_for() -> None:
    wanted = order("location")
    for text in ("x" * 101, "a\0b"):
        with pytest.raises(InvalidRequest):
            read_token(forged(7, 1, 1, [text, 1]), 7, wanted)
    assert read_token(forged(7, 1, 1, [None, 1]), 7, wanted).place == (None, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo", "'foo': there is no such column"),
        ("who", "'who': rows cannot be ordered by this column"),
        ("getAllRows", "'getAllRows': rows cannot be ordered"),
        ("date sideways", "'date sideways': a column and asc or desc"),
        ("date asc desc", "a column and asc or desc"),
        (",".join(["date"] * 9), "more than 8 columns"),
        ("id; DROP TABLE appointment", "a column and asc or desc"),
    ],
)
def test_what_cannot_be_ordered_by(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as failed:
        order(text)
    assert said in failed.value.reason
