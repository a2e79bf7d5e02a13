"""The OpenAPI document says what the tables do."""

from openapi_spec_validator import validate

from appointed.http.dry_run import DryRun, WouldChange
from appointed.http.limits import DEFAULT_LIMITS
from appointed.sqod.carrier import AppointmentResource
from appointed.sqod.errors import WORDINGS
from appointed.sqod.openapi import MEMBERS, TABLES, document


def test_the_document_is_valid() -> None:
    validate(document())


def test_every_plain_member_of_a_request_is_described_and_no_other() -> None:
    plain = {
        name
        for table in TABLES.values()
        for name, rule in table.items()
        if rule.members is None and rule.rows is None
    }
    assert set(MEMBERS) == plain


def test_every_failure_stands_with_a_patch() -> None:
    described = {
        int(status)
        for status in document()["paths"]["/api/v1/appointments/{appointment}"]["patch"]["responses"]
    }
    assert described == {200} | {wording.status for wording in WORDINGS.values()} - {406, 500, 501}


# What is written of in the contract itself; everything else under our addresses is ours.
THEIRS = {
    "/api/v1/appointments",
    "/api/v1/appointments/{appointment}",
    "/api/v1/appointments/{appointment}/cancel",
}


def test_what_is_ours_says_so() -> None:
    paths = document()["paths"]
    unmarked = {
        path
        for path, operations in paths.items()
        for operation in operations.values()
        if "summary" in operation and not operation["summary"].startswith("Ours: ")
    }
    assert unmarked <= THEIRS
    assert "/api/v1/webhooks" in paths


def test_all_29_members_of_an_answer_are_required() -> None:
    schema = document()["components"]["schemas"]["AppointmentResource"]
    assert len(AppointmentResource.__struct_fields__) == 29
    assert set(schema["required"]) == set(AppointmentResource.__struct_fields__)


def test_what_callers_may_demand_and_are_told_stands_there() -> None:
    made = document()
    one = made["paths"]["/api/v1/appointments/{appointment}"]
    asked = {each["name"] for each in one["get"]["parameters"]}
    assert asked == {"If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"}
    assert all(each["description"] for verb in ("get", "patch") for each in one[verb]["parameters"])
    told = {status: set(answer["headers"]) for status, answer in one["patch"]["responses"].items()}
    assert {"ETag", "Last-Modified", "Idempotent-Replayed"} <= told["200"]
    assert {"Appointed-Error", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Reset"} <= told["429"]
    assert {"Appointed-Error", "Retry-After"} <= told["503"]
    assert all("Appointed-Error" in names for status, names in told.items() if status != "200")
    flow = made["components"]["securitySchemes"]["client"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/oauth2/token"
    assert f"{DEFAULT_LIMITS.body_bytes:,} bytes" in made["info"]["description"]


def test_what_a_dry_run_answers_stands_there() -> None:
    parts = document()["components"]
    told = parts["responses"]["DryRun"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(parts["schemas"][told]["required"]) == set(DryRun.__struct_fields__)
    assert set(parts["schemas"]["WouldChange"]["required"]) == set(WouldChange.__struct_fields__)
