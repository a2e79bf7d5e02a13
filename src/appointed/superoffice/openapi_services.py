"""The operations that are services, in the OpenAPI document: what a client needs to start, and the agents."""

import re

from appointed.http.lost import LOST
from appointed.superoffice.agents.appointment_table import AGENT_ASKED, AGENT_SHAPES, REFUSED
from appointed.superoffice.agents.archives import ARCHIVE_SHAPES
from appointed.superoffice.agents.routes import BASE
from appointed.superoffice.agents.table import AGENTS
from appointed.superoffice.archive.openapi import PARAMETERS as LIST_PARAMETERS
from appointed.superoffice.carriers.shape import Shape
from appointed.superoffice.catalogue import ENTITY, TYPES
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.fields.table import FIELD_SHAPES
from appointed.superoffice.members import RIGHTS
from appointed.superoffice.openapi_parts import (
    FAILURES,
    FORM,
    XML,
    failure,
    headed,
    parameter,
    said,
    xml,
)
from appointed.superoffice.records.agent import REFUSED as RECORDS_REFUSED
from appointed.superoffice.schemas import (
    ENTITY_INPUT,
    INPUT,
    NULL,
    TEXT,
    Schema,
    listed,
    named,
    nullable,
    read,
    record,
    written,
)
from appointed.superoffice.service import ARCHIVE, NOTHING, Service, root_of
from appointed.superoffice.start.items import SHAPES as ITEM_SHAPES
from appointed.superoffice.start.list_entities import LIST_SHAPES
from appointed.superoffice.start.people import PEOPLE_SHAPES
from appointed.superoffice.start.preferences import PREFERENCE_SHAPES
from appointed.superoffice.start.table import ADDRESSES, ROOT
from appointed.superoffice.start.zone_services import PREFERRED_TIME_ZONE

# Conditions and names of requests belong to appointments.
REFUSALS = FAILURES - {409, 412}
JSON = "application/json"
_NUMBERS = frozenset({"id"})
_HTML = "text/html"
_DESCRIPTION: Schema = {
    "description": "A text.",
    "content": {"text/plain": {"schema": TEXT}, XML: {"schema": xml("string")}},
}
_FIELD_ITEMS = "List/{name}/Items"
# Carriers that are sent too, and enums that stand in no other part of the contract.
_SENT = ("Preference", "PreferenceSpec", "UserDefinedFieldInfo", "ListItemEntity")
_ENUMS = (
    "PreferenceLevel",
    "PrefDescValueType",
    "OrderBySortType",
    "InterRestrictionOperator",
    "CustomFieldType",
    "UDefFieldType",
    "UDefType",
    "UdefJustification",
    "AppointmentStatus",
    "RecurrenceUpdateMode",
)
# Groups of operations that others describe.
_NAMED = frozenset({"Appointment", "Contact", "Person", "Project", "Sale", "User"})
# Addresses of any list that, with the name of one list, are described on their own too.
_EITHER = {"List/{name}/Items": "TaskListItem[]", "List/{name}/Items/{id}": "TaskListItem"} | {
    "List/{name}/Items/default": "TaskListItem"
}
# Carriers that are only sent.
_ASKED: dict[str, dict[str, str]] = AGENT_ASKED | {
    "ArchiveOrderByInfo": {"Name": "string", "Direction": "enum:OrderBySortType"},
    "ArchiveRestrictionInfo": {
        "Name": "string",
        "Operator": "string",
        "Values": "string[]",
        "IsActive": "bool",
        "SubRestrictions": "ArchiveRestrictionInfo[]",
        "InterParenthesis": "int32",
        "InterOperator": "enum:InterRestrictionOperator",
    },
}

SERVICE_SHAPES: dict[str, Shape] = {
    **ITEM_SHAPES,
    **PEOPLE_SHAPES,
    **LIST_SHAPES,
    **PREFERENCE_SHAPES,
    **FIELD_SHAPES,
    **ARCHIVE_SHAPES,
    "PreferredTimeZone": PREFERRED_TIME_ZONE,
    **AGENT_SHAPES,
}


def service_paths() -> Schema:
    """Describe every address of a service, and those that say what there is."""
    return _version_paths() | _start_paths() | _agent_paths()


def service_tags() -> list[Schema]:
    """Name the groups of these operations."""
    names = {path.partition("/")[0]: None for path in ADDRESSES} | {
        f"Agent {agent}": None for agent in AGENTS
    }
    return [{"name": name} for name in names if name not in _NAMED] + [{"name": "API"}]


def service_schemas() -> Schema:
    """Describe the carriers that services answer beside those of the entity."""
    found = {name: shape for name, shape in SERVICE_SHAPES.items() if name not in TYPES}
    return {
        **{
            name: record({field.name: nullable(written(field.type)) for field in shape}, is_whole=True)
            for name, shape in found.items()
        },
        **{name: {"type": "string", "enum": list(ENUMS[name].numbers)} for name in _ENUMS},
        **{name + INPUT: _input(name) for name in _SENT},
        **{
            name + INPUT: record(
                {member: nullable(read(kind)) for member, kind in members.items()}, is_whole=False
            )
            for name, members in _ASKED.items()
        },
        **{name + INPUT: {"type": ["string", "integer"]} for name in _ENUMS},
    }


def _input(name: str) -> Schema:
    members = ((field.name, field.type) for field in SERVICE_SHAPES[name] if field.name not in RIGHTS)
    return record({member: nullable(read(kind)) for member, kind in members}, is_whole=False)


def _start_paths() -> Schema:
    return {
        ROOT + path: {
            **_path_parameters(path),
            **{verb.lower(): _start_operation(path, verb, service) for verb, service in verbs.items()},
        }
        for path, verbs in ADDRESSES.items()
    }


def _start_operation(path: str, verb: str, service: Service) -> Schema:
    operation = _operation(_name(verb, path), service, path.partition("/")[0], _EITHER.get(path, ""))
    if path.startswith(_FIELD_ITEMS) and verb != "GET":
        # The names of the lists that everyone has stand at this place too, and their items are only read.
        operation["responses"]["405"] = failure(405)
    return operation


def _called(agent: str, method: str, service: Service) -> Schema:
    operation = _operation(f"{agent}_{method}", service, f"Agent {agent}")
    if method in ({"Appointment": REFUSED} | RECORDS_REFUSED).get(agent, {}):
        operation["responses"] = _failures()
    return operation


def _agent_paths() -> Schema:
    return {
        f"{BASE}/{agent}/{method}": {
            "post": _called(agent, method, service),
            "get": {
                "operationId": f"describe_{agent}_{method}",
                "summary": f"Say what the method does: {service.summary}",
                "tags": [f"Agent {agent}"],
                "responses": {"200": _DESCRIPTION} | _failures(),
            },
        }
        for agent, methods in AGENTS.items()
        for method, service in methods.items()
    }


def _version_paths() -> Schema:
    rows = (("/api", "getVersion", "Which version answers"), ("/api/v1", "getAddresses", "All addresses"))
    forms = {
        JSON: {"schema": {"type": "object"}},
        _HTML: {"schema": TEXT},
        XML: {"schema": xml("Dictionary")},
    }
    shown = {"200": {"description": "As a page, as JSON or as XML.", "content": forms}}
    return {
        path: {
            "get": {
                "operationId": name,
                "summary": summary,
                "tags": ["API"],
                "security": [],
                "responses": shown | _failures(),
            }
        }
        for path, name, summary in rows
    }


def _operation(name: str, service: Service, tag: str, also: str = "") -> Schema:
    operation: Schema = {
        "operationId": name,
        "summary": service.summary,
        "tags": [tag],
        "parameters": LIST_PARAMETERS if service.answers == ARCHIVE else [*_query(service.query), *FORM],
        "responses": _answers(service, also) | _failures(),
    }
    body = _body(service)
    return operation | ({"requestBody": body} if body else {})


def _answers(service: Service, also: str) -> Schema:
    lost = {"headers": headed(LOST)} if service.may_lose else {}
    if service.answers == NOTHING:
        return {"204": {"description": "Done."} | lost}
    kinds = [kind for kind in (service.answers, also) if kind]
    answer = said(service.summary, {"anyOf": [*(written(kind) for kind in kinds), NULL]})
    answer["content"][XML] = {"schema": xml(root_of(service.answers))}
    return {"200": answer | lost}


def _failures() -> Schema:
    return {str(status): failure(status) for status in sorted(REFUSALS)}


def _body(service: Service) -> Schema | None:
    if service.raw:
        return {"required": True, "content": {JSON: {"schema": _taken(service.raw)}}}
    if service.body:
        members = {name: nullable(_taken(kind)) for name, kind in _arguments(service.body)}
        return {"required": False, "content": {JSON: {"schema": record(members, is_whole=False)}}}
    return None


def _taken(kind: str) -> Schema:
    if kind.endswith("[]"):
        return listed(_taken(kind[:-2]))
    return named(ENTITY_INPUT) if kind == ENTITY else read(kind)


def _arguments(text: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, _colon, kind in (item.partition(":") for item in text.split())]


def _query(text: str) -> list[Schema]:
    given = [parameter(name, "", "query", _taken(kind)) for name, kind in _arguments(text)]
    return [one for one in given if one["name"] != "$select"]


def _path_parameters(path: str) -> Schema:
    names = re.findall(r"{(\w+)}", path)
    kinds = [{"type": "integer"} if name in _NUMBERS else TEXT | {"minLength": 1} for name in names]
    given = [parameter(name, "", "path", kind) for name, kind in zip(names, kinds, strict=True)]
    return {"parameters": given} if given else {}


def _name(verb: str, path: str) -> str:
    return "_".join([verb.lower(), *re.findall(r"\w+", path)])
