"""The OpenAPI document says what the tables do, and what is answered stands inside it."""

from copy import deepcopy
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from appointed.domain import errors as e
from appointed.domain.appointment import Privacy
from appointed.domain.directory import Directory, View
from appointed.domain.principal import Principal
from appointed.domain.rights import caller
from appointed.http.limits import DEFAULT_LIMITS
from appointed.patching.operations import MOST_OPERATIONS
from appointed.superoffice.catalogue import ENTITY, TYPES
from appointed.superoffice.context import Manner
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.errors import WORDINGS, body
from appointed.superoffice.openapi import ERROR, PRINCIPAL, document
from appointed.superoffice.render import entity, entity_tree
from appointed.superoffice.schemas import ANSWER, ENTITY_INPUT, PATCH
from appointed.superoffice.select import parse_select
from appointed.superoffice.session import principal_carrier
from appointed.superoffice.texts import Language
from appointed.superoffice.wiretime import parse_zone_header, style_of
from appointed.usecases import demo_data as demo
from appointed.usecases.identifiers import seeded
from appointed.usecases.plant_demo import Sower
from tests.builders import NOW

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """Allow no member that is not described, so that an answer with a new one is told."""
    closed = deepcopy(document)
    for schema in closed["components"]["schemas"].values():
        if "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
    return closed


def validator(name: str, document: dict[str, Any] = DOCUMENT) -> Draft202012Validator:
    return Draft202012Validator(document | {"$ref": f"#/components/schemas/{name}"})


ANSWERED = validator(ANSWER, strict(DOCUMENT))
SENT, PATCHED = validator(ENTITY_INPUT), validator(PATCH)


def directory() -> Directory:
    kinds: dict[str, dict[int, Any]] = {}
    for record in demo.RECORDS:
        kinds.setdefault(type(record).__name__.lower(), {})[record.id] = record
    return Directory(demo.TENANT, 1, kinds)


VIEW = View(directory(), NOW)
ROWS = [
    msgspec.structs.replace(row, id=number)
    for number, row in enumerate(Sower(VIEW, seeded("demo"), NOW).rows(), start=1)
]


def manner(zone: str = "", language: str = "", who: int = demo.DEMO) -> Manner:
    return Manner(
        principal=Principal(1, who),
        base_url="https://host",
        style=lambda found: style_of(parse_zone_header(zone), found.zone),
        language=Language((language,)) if language else None,
        has_conflict=False,
    )


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


def test_every_member_of_the_entity_stands_in_the_answer() -> None:
    schema = SCHEMAS[ANSWER]
    assert list(schema["properties"]) == schema["required"] == [member.name for member in MEMBERS]
    kept = {name for name, one in schema["properties"].items() if one.get("readOnly")}
    assert kept == {member.name for member in MEMBERS if member.read is None}


def test_a_default_entity_has_no_links() -> None:
    row, ctx = ROWS[0], manner().context(ROWS[0], VIEW)
    tree = msgspec.json.decode(entity(row, ctx, with_links=False))
    assert SCHEMAS[ENTITY]["required"] == [member.name for member in MEMBERS if member.name != "_Links"]
    validator(ENTITY, strict(DOCUMENT)).validate(tree)
    assert not ANSWERED.is_valid(tree)


def test_a_request_has_every_member_that_can_be_set_and_needs_none() -> None:
    schema = SCHEMAS[ENTITY_INPUT]
    assert set(schema["properties"]) == {member.name for member in MEMBERS if member.read is not None}
    assert "required" not in schema


@pytest.mark.parametrize("name", [name for name in TYPES if name != ENTITY])
def test_every_carrier_is_described_whole(name: str) -> None:
    assert SCHEMAS[name]["required"] == list(SCHEMAS[name]["properties"]) == list(TYPES[name])


def test_enums_are_their_names() -> None:
    used = {kind[5:] for members in TYPES.values() for kind in members.values() if kind.startswith("enum:")}
    for name in used - {"Weekday"}:
        assert SCHEMAS[name]["enum"] == list(ENUMS[name].numbers)
    Draft202012Validator(SCHEMAS["Weekday"]).validate("Monday, Sunday")
    assert not Draft202012Validator(SCHEMAS["Weekday"]).is_valid("Monday,Moonday")


def test_every_failure_stands_with_a_patch() -> None:
    described = {
        int(status) for status in DOCUMENT["paths"]["/api/v1/Appointment/{id}"]["patch"]["responses"]
    }
    assert described == {200} | {wording.status for wording in WORDINGS.values()} - {405, 500}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.id))
def test_answers_of_the_demo_tenant_fit(row: Any) -> None:
    ANSWERED.validate(msgspec.json.decode(entity(row, manner().context(row, VIEW))))


@pytest.mark.parametrize(
    ("zone", "language", "select"),
    [
        ("NO, includeTZOffset", "", ""),
        ("UTC,includeTZOffset", "en", ""),
        (
            "",
            "",
            "AppointmentId,Contact/Name,Contact/Address/Street,CustomFields/x_status,Participants/PersonId",
        ),
    ],
)
def test_other_forms_of_an_answer_fit(zone: str, language: str, select: str) -> None:
    tree = entity_tree(ROWS[0], manner(zone, language).context(ROWS[0], VIEW))
    selection = parse_select(select)
    ANSWERED.validate(
        msgspec.json.decode(msgspec.json.encode(selection.trimmed(tree) if selection else tree))
    )


def test_what_is_shown_of_a_strangers_private_row_fits() -> None:
    row = msgspec.structs.replace(ROWS[0], privacy=Privacy.OWNER)
    tree = msgspec.json.decode(entity(row, manner(who=demo.KARI).context(row, VIEW)))
    assert tree["Title"] == ""
    ANSWERED.validate(tree)


def test_an_answer_that_strays_is_told() -> None:
    tree = msgspec.json.decode(entity(ROWS[0], manner().context(ROWS[0], VIEW)))
    for stray in (
        {"AlarmLeadTime": "PT15M"},
        {"StartDate": "2026-03-31"},
        {"Completed": 1},
        {"Unheard": 1},
        {"Priority": {"Id": 1}},
        {"CustomFields": {"x_status": 1}},
    ):
        assert not ANSWERED.is_valid(tree | stray), stray
    del tree["Title"]
    assert not ANSWERED.is_valid(tree)


def test_the_entity_sent_back_whole_is_a_request() -> None:
    SENT.validate(msgspec.json.decode(entity(ROWS[0], manner().context(ROWS[0], VIEW))))


@pytest.mark.parametrize(
    "sent",
    [
        {"Task": {"TaskListItemId": 2}},
        {"Contact": {"ContactId": 2}, "Description": "Hello world!"},
        {"Associate": {"AssociateId": "10"}, "InvitationStatus": 5, "AlarmLeadTime": "PT15M"},
        {"Task": {"Value": "Meeting"}, "Person": None, "unheard": [1]},
        {"Recurrence": {"WeekPattern": {"Weekdays": 21}}},
    ],
)
def test_what_clients_send_is_a_request(sent: dict[str, Any]) -> None:
    SENT.validate(sent)


@pytest.mark.parametrize("name", ["StartDate", "EndDate"])
def test_an_appointment_without_its_times_is_no_request(name: str) -> None:
    assert not SENT.is_valid({name: None})


@pytest.mark.parametrize(
    ("sent", "fits"),
    [
        ([{"op": "replace", "path": "Associate", "value": {"AssociateId": "10"}}], True),
        ([{"op": "remove", "path": "/Person"}], True),
        ([{"op": "move", "from": "/Title", "path": "/Agenda"}], False),
        ([{"op": "replace", "path": "/Title"}], False),
        ([{"op": "remove", "path": "/Title"}] * 101, False),
    ],
)
def test_a_patch_is_described(sent: list[Any], fits: bool) -> None:
    assert PATCHED.is_valid(sent) is fits


def test_the_caller_fits() -> None:
    for who in (demo.DEMO, demo.CLIENT):
        carrier = principal_carrier(caller(Principal(1, who), VIEW.directory), VIEW.directory)
        validator(PRINCIPAL, strict(DOCUMENT)).validate(carrier)


@pytest.mark.parametrize(
    "error",
    [
        e.Unauthenticated(),
        e.AppointmentNotFound(7),
        e.InvalidAppointment((e.Problem("Title", "string", 1), e.Problem("starts_at", "date"))),
        e.PathNotFound(0, "/Titel"),
        e.TestFailed(2, "/Title"),
        e.MalformedJson("depth"),
    ],
)
def test_failures_fit(error: e.AppointedError) -> None:
    validator(ERROR, strict(DOCUMENT)).validate(body(error))


def test_limits_and_what_to_do_later_stand_there() -> None:
    told = DOCUMENT["info"]["description"]
    for limit in (DEFAULT_LIMITS.body_bytes, DEFAULT_LIMITS.json_nodes, DEFAULT_LIMITS.json_depth):
        assert f" {limit:,} " in told
    assert f"{MOST_OPERATIONS} operations" in told
    patch = DOCUMENT["paths"]["/api/v1/Appointment/{id}"]["patch"]
    assert "SO-Culture" in {each["name"] for each in patch["parameters"]}
    for status in ("429", "503"):
        shared = patch["responses"][status]["$ref"].rpartition("/")[2]
        assert "Retry-After" in DOCUMENT["components"]["responses"][shared]["headers"]
