"""Rules and readers (Request fields; Patch update conventions; bad input 7, 8, 26)."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from appointed.domain.meeting import Bandwidth
from appointed.domain.status import Status
from appointed.sqod.rules import CANCEL, CREATE, PATCH, SWITCHES
from appointed.sqod.validation import validate

FIELD = "0f000000-0000-4000-8000-000000000001"


def problems(given, table=PATCH):
    return [(problem.path, problem.rule) for problem in validate(given, table)[1]]


def values(given, table=PATCH):
    read, found = validate(given, table)
    assert found == []
    return read


@pytest.mark.clause("SQ-INPUT-integer")
@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("appointment_at", "2025-08-19T16:50:00.000000", datetime(2025, 8, 19, 16, 50, tzinfo=UTC)),
        ("duration_in_minutes", 60, 60),
        ("duration_in_minutes", "60", 60),
        ("duration_in_minutes", 60.0, 60),
        ("duration_in_minutes", "+60", 60),
        ("duration_in_minutes", 1, 1),
        ("duration_in_minutes", 525_600, 525_600),
        ("department_id", 1, 1),
        ("department_id", "1", "1"),
        ("department_id", FIELD, FIELD),
        ("interpreter_language", "English", "English"),
        ("interpreter_language", 5, "5"),
        ("status", "being_seen", Status.BEING_SEEN),
        ("features_bandwidth", "low", Bandwidth.LOW),
        ("custom_user_post_call_redirect_url", "https://example.com", "https://example.com"),
    ],
)
def test_values_are_read(name, given, expected):
    read = values({name: given})[name]
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.clause("SQ-INPUT-boolean")
@pytest.mark.parametrize(
    "given",
    ["true", "TRUE", "True", "1", "on", "Yes", True, 1],
)
def test_yes_in_every_spelling(given):
    assert values({"is_interpreter_needed": given}) == {"is_interpreter_needed": True}


@pytest.mark.clause("SQ-INPUT-boolean")
@pytest.mark.parametrize("given", ["false", "False", "0", "OFF", "no", False, 0])
def test_no_in_every_spelling(given):
    assert values({"features_messages_chat_enable": given}) == {"features_messages_chat_enable": False}


@pytest.mark.parametrize(
    ("name", "given", "rule"),
    [
        ("appointment_at", "2026-02-30", "date"),
        ("appointment_at", "10000-01-01T00:00:00Z", "date"),
        ("appointment_at", "2026-04-20T10:00:61", "date"),
        ("appointment_at", 1745143200, "date"),
        ("appointment_at", "1745143200", "date"),
        ("appointment_at", ["2026-04-20"], "date"),
        ("appointment_at", True, "date"),
        ("duration_in_minutes", True, "integer"),
        ("duration_in_minutes", 60.5, "integer"),
        ("duration_in_minutes", "60.5", "integer"),
        ("duration_in_minutes", "60.0", "integer"),
        ("duration_in_minutes", "060", "integer"),
        ("duration_in_minutes", "abc", "integer"),
        ("duration_in_minutes", "\u0666\u0660", "integer"),
        ("duration_in_minutes", "9" * 5000, "integer"),
        ("duration_in_minutes", [60], "integer"),
        ("duration_in_minutes", {}, "integer"),
        ("duration_in_minutes", -1, "between"),
        ("duration_in_minutes", 0, "between"),
        ("duration_in_minutes", "0", "between"),
        ("duration_in_minutes", 2**63, "between"),
        ("duration_in_minutes", 1e300, "between"),
        ("duration_in_minutes", 525_601, "between"),
        ("department_id", True, "exists"),
        ("department_id", 1.5, "exists"),
        ("department_id", [1], "exists"),
        ("is_interpreter_needed", "maybe", "boolean"),
        ("is_interpreter_needed", 2, "boolean"),
        ("is_interpreter_needed", 1.0, "boolean"),
        ("is_interpreter_needed", [True], "boolean"),
        ("interpreter_language", True, "string"),
        ("interpreter_language", ["English"], "string"),
        ("interpreter_language", {"0": "English"}, "string"),
        ("interpreter_language", "x" * 256, "max"),
        ("status", "gone", "in"),
        ("status", "Waiting", "in"),
        ("status", 5, "in"),
        ("status", ["waiting"], "in"),
        ("features_bandwidth", "huge", "in"),
        ("claimant", "John", "array"),
        ("claimant", 5, "array"),
        ("claimant", ["John"], "array"),
        ("custom_agent_post_call_redirect_url", "https://e.com/" + "x" * 2048, "max"),
    ],
)
def test_what_breaks_its_rule_is_named(name, given, rule):
    assert problems({name: given}) == [(name, rule)]


@pytest.mark.parametrize(
    ("name", "given", "rule"),
    [
        ("email", "john", "email"),
        ("email", "john@", "email"),
        ("email", "@example.com", "email"),
        ("email", "john@@example.com", "email"),
        ("email", "john doe@example.com", "email"),
        ("email", "john..doe@example.com", "email"),
        ("email", ".john@example.com", "email"),
        ("email", "john@example.com\r\nBcc: x@y.z", "email"),
        ("email", "john@-example.com", "email"),
        ("email", "john@example..com", "email"),
        ("email", "john@exa_mple.com", "email"),
        ("email", "j" * 65 + "@example.com", "email"),
        ("email", "j@" + "e" * 64 + ".com", "email"),
        ("email", "j@" + "e." * 130 + "com", "max"),
        ("email", 5, "email"),
        ("name", True, "string"),
        ("name", "x" * 256, "max"),
        ("phone_number", ["1"], "string"),
        ("date_of_birth", "01/01/1990", "date"),
        ("date_of_birth", "1990-02-30", "date"),
        ("date_of_birth", 19900101, "date"),
        ("data", "x", "array"),
        ("data", 5, "array"),
    ],
)
def test_the_claimants_members_are_named_with_a_dot(name, given, rule):
    assert problems({"claimant": {name: given}}) == [(f"claimant.{name}", rule)]


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("email", "test@test.com", "test@test.com"),
        ("email", "O'Neil+tag@sub.example.co.uk", "O'Neil+tag@sub.example.co.uk"),
        ("email", "josé@bücher.example", "josé@bücher.example"),
        ("email", "root@localhost", "root@localhost"),
        ("name", "John Doe", "John Doe"),
        ("name", 5, "5"),
        ("phone_number", "+442071234567", "+442071234567"),
        ("phone_number", 1234567890, "1234567890"),
        ("phone_number", 1234567890.0, "1234567890"),
        ("phone_number", 1.5, "1.5"),
        ("date_of_birth", "1990-01-01", date(1990, 1, 1)),
    ],
)
def test_the_claimants_members_are_read(name, given, expected):
    assert values({"claimant": {name: given}}) == {"claimant": {name: expected}}


CLEARED = {
    "is_interpreter_needed": False,
    "interpreter_language": None,
    "custom_user_post_call_redirect_url": None,
    "custom_agent_post_call_redirect_url": None,
}
KEPT = ("status", "features_bandwidth", "department_id")
REFUSED = ("appointment_at", "duration_in_minutes", "use_custom_post_call_redirect", "claimant", *SWITCHES)


def test_what_null_means_covers_every_member():
    assert len(SWITCHES) == 9
    assert set(PATCH) == {*CLEARED, *KEPT, *REFUSED}


@pytest.mark.parametrize("name", CLEARED)
def test_null_clears(name):
    assert values({name: None}) == {name: CLEARED[name]}


@pytest.mark.parametrize("name", KEPT)
def test_null_leaves(name):
    assert values({name: None}) == {}


@pytest.mark.clause("SQ-INPUT-null")
@pytest.mark.parametrize("name", REFUSED)
def test_null_is_refused(name):
    assert problems({name: None}) == [(name, "required")]


def test_null_within_the_claimant():
    given = {"email": None, "phone_number": None, "date_of_birth": None, "data": None}
    expected = {"email": None, "phone_number": None, "date_of_birth": None}
    assert values({"claimant": given}) == {"claimant": expected}
    assert problems({"claimant": {"name": None}}) == [("claimant.name", "required")]


def test_answers_come_as_a_list_or_by_index():
    rows = [{"id": FIELD, "value": "a"}, {"id": FIELD.upper(), "value": None}]
    expected = [("0", {"id": UUID(FIELD), "value": "a"}), ("1", {"id": UUID(FIELD), "value": None})]
    assert values({"claimant": {"data": rows}}) == {"claimant": {"data": expected}}
    assert values({"claimant": {"data": {"0": rows[0], "1": rows[1]}}}) == {"claimant": {"data": expected}}
    assert values({"claimant": {"data": []}}) == {"claimant": {"data": []}}


def test_answers_are_judged_one_by_one():
    data = [{"value": "a"}, {"id": "1"}, {"id": FIELD, "value": ["a"]}, 5, None, {"id": f"{{{FIELD}}}"}]
    assert problems({"claimant": {"data": data}}) == [
        ("claimant.data.0.id", "required"),
        ("claimant.data.1.id", "uuid"),
        ("claimant.data.2.value", "string"),
        ("claimant.data.3", "array"),
        ("claimant.data.4", "array"),
        ("claimant.data.5.id", "uuid"),
    ]
    data = {"999999999": {"value": "x"}}
    assert problems({"claimant": {"data": data}}) == [("claimant.data.999999999.id", "required")]


def test_every_problem_is_found_and_the_rest_is_read():
    given = {
        "features_bandwidth": "huge",
        "duration_in_minutes": "abc",
        "claimant": {"email": "x", "name": "Jane"},
        "status": "late",
        "unknown": {"a": 1},
        "_method": "PATCH",
    }
    read, found = validate(given, PATCH)
    assert read == {"claimant": {"name": "Jane"}, "status": Status.LATE}
    assert [problem.path for problem in found] == [
        "duration_in_minutes",
        "claimant.email",
        "features_bandwidth",
    ]


def test_patch_has_no_reference_and_create_has_no_status():
    assert values({"reference": "x", "id": "y", "created_at": 1, "tenant_id": 2}) == {}
    least = {"appointment_at": "2026-01-01", "duration_in_minutes": 5, "claimant": {"name": "J"}}
    assert "status" not in values(least | {"status": "late"}, CREATE)
    assert values(least | {"reference": 123456789}, CREATE)["reference"] == "123456789"
    assert "reference" not in values(least | {"reference": None}, CREATE)


@pytest.mark.parametrize(
    "given", [{}, {"claimant": {}}, {"claimant": None, "appointment_at": None}, {"claimant": []}]
)
def test_create_needs_a_time_a_duration_and_a_name(given):
    assert problems(given, CREATE) == [
        ("appointment_at", "required"),
        ("duration_in_minutes", "required"),
        ("claimant.name", "required"),
    ]


def test_create_takes_everything_that_patch_takes_but_status():
    assert {*CREATE} == {*PATCH, "reference"} - {"status"}


def test_a_reason_for_cancelling_is_optional():
    assert values({}, CANCEL) == {}
    assert values({"cancellation_reason": None}, CANCEL) == {"cancellation_reason": None}
    assert values({"cancellation_reason": "Booking declined — no"}, CANCEL) == {
        "cancellation_reason": "Booking declined — no"
    }
    assert problems({"cancellation_reason": ["x"]}, CANCEL) == [("cancellation_reason", "string")]
    assert problems({"cancellation_reason": "x" * 4001}, CANCEL) == [("cancellation_reason", "max")]
