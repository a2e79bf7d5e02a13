"""GET Appointment/{id}: the whole entity (Response body, Sample response); HEAD and OPTIONS."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DATA = Path(__file__).parents[2] / "data"
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": float,
    "null": type(None),
}


MISSING = object()


def found(value: Any, path: str) -> Any:
    """Give what stands at a dotted path; `[]` leads to the first element of a list."""
    for name in path.replace("[]", ".[]").split("."):
        if name == "[]" and isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return MISSING
    return value


def rows(name: str) -> list[dict[str, str]]:
    lines = (DATA / name).read_text().splitlines()
    return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))


@pytest.mark.clause("SO-SAMPLE-006", "SO-CARRIER-002")
async def test_every_member_is_there_in_the_documents_order(desk: Desk) -> None:
    entity = await desk.read(await desk.new())
    names = [
        row["member"] for row in rows("superoffice_carriers.tsv") if row["carrier"] == "AppointmentEntity"
    ]
    assert sorted(entity) == sorted(names)
    assert [name for name, value in entity.items() if value is None] == [
        "Contact",
        "UpdatedBy",
        "Person",
        "Priority",
        "Project",
        "AssignedBy",
        "PreferredTZLocationData",
        "Sale",
    ]


@pytest.mark.clause("SO-SAMPLE-006")
async def test_every_member_of_a_real_answer_is_there_with_its_type(desk: Desk) -> None:
    hour = {"StartDate": "2002-03-31T18:00:00", "EndDate": "2002-03-31T19:00:00"}
    await desk.new(**hour)
    # The real one was in conflict too.
    number = await desk.new(
        Contact={"ContactId": 2},
        Person={"PersonId": 4},
        Project={"ProjectId": 1},
        Links=[{"EntityName": "sale", "Id": 1, "ExtraInfo": ""}],
        **hour,
    )
    entity = await desk.read(number)
    wrong = []
    for row in rows("superoffice_observed.tsv"):
        value = found(entity, row["path"])
        # What is null in one answer has a value in another.
        if value is MISSING or (row["type"] != "null" and not isinstance(value, KINDS[row["type"]])):
            wrong.append((row["path"], row["type"], value))
    assert wrong == []


@pytest.mark.clause("SO-SAMPLE-007")
async def test_values_of_lists_are_names(desk: Desk) -> None:
    entity = await desk.read(1)
    enums = {row["enum"]: set() for row in rows("superoffice_enums.tsv")}
    for row in rows("superoffice_enums.tsv"):
        enums[row["enum"]].add(row["name"])
    for row in rows("superoffice_carriers.tsv"):
        if row["carrier"] == "AppointmentEntity" and row["type"].startswith("enum:"):
            assert entity[row["member"]] in enums[row["type"].removeprefix("enum:")], row


@pytest.mark.clause("SO-SAMPLE-005", "SO-OP-007")
async def test_the_answers_headers(desk: Desk) -> None:
    answer = await desk.call("GET", 1)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Last-Modified"].endswith(" GMT")
    assert answer.headers["X-Request-Id"]


async def test_head_answers_what_get_would(desk: Desk) -> None:
    got, asked = await desk.call("GET", 1), await desk.call("HEAD", 1)
    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Vary"):
        assert asked.headers[name] == got.headers[name]
    assert (await desk.call("HEAD", 99_999)).status_code == 404
    assert (await desk.call("HEAD", 1, If_None_Match=got.headers["ETag"])).status_code == 304


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (1, {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
        ("", {"GET", "HEAD", "POST"}),
        ("default", {"GET", "HEAD"}),
        ("Validate", {"POST"}),
    ],
)
async def test_options_lists_the_verbs_and_others_are_405(
    desk: Desk, at: int | str, allowed: set[str]
) -> None:
    answer = await desk.call("OPTIONS", at)
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == allowed
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed:
        refused = await desk.call(method, at)
        assert (refused.status_code, refused.headers["Appointed-Error"]) == (405, "method_not_allowed"), (
            method
        )
        assert set(refused.headers["Allow"].split(", ")) == allowed
        desk.served.assert_body("superoffice", refused)


async def test_a_read_writes_nothing(desk: Desk) -> None:
    before = await desk.served.snapshot()
    for at in (1, "default"):
        await desk.call("GET", at)
    assert await desk.served.snapshot() == before


@pytest.mark.clause("SO-OP-007")
async def test_foreign_keys_may_be_asked_for(desk: Desk) -> None:
    number = await desk.new(ExtraFields={"x_foobar": "kept"})
    plain = await desk.call("GET", number)
    asked = await desk.call("GET", number, query="?fk=true&FK=1")
    assert (asked.status_code, asked.json(), asked.headers["ETag"]) == (
        200,
        plain.json(),
        plain.headers["ETag"],
    )
    assert asked.json()["ExtraFields"]["x_foobar"] == "kept"
