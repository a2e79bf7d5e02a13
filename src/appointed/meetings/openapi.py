"""The addresses of meetings, for the OpenAPI document of the server."""

from collections.abc import Iterable
from typing import Any, Final

from appointed.domain.call import INVITED
from appointed.domain.meeting import AGENT_LIVE_PATH, AGENT_PATH, JOIN_PATH
from appointed.meetings.server import FORM, LONGEST_NAME, PREFIX

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
NAME: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
SECOND: Final[Schema] = {"type": "number", "minimum": 0, "description": "Unix seconds."}
LINKS: Final = "Links of people"
SERVER: Final = "Meeting server"
TAGS: Final = ({"name": LINKS}, {"name": SERVER})
SECURITY_SCHEME: Final[Schema] = {
    "meetingServer": {"type": "http", "scheme": "bearer", "description": "The secret of the settings."}
}

# Status → what it says; all have the body `Problem`.
FAILURES: Final = {
    400: "What was sent cannot be read.",
    401: "The secret is missing or wrong.",
    404: "The room is none of ours.",
    408: "The request did not arrive in time.",
    409: "The time is taken.",
    413: "The body is too large.",
    415: "The body is in a form that is not read.",
    422: "A text holds a character that cannot be kept.",
    429: "Too many requests (`Retry-After`).",
    431: "The head of the request is too large.",
    503: "The store is not available.",
    507: "The store is full.",
}
READ: Final = (400, 431, 503)
EVENT: Final = (400, 401, 404, 408, 409, 413, 415, 422, 429, 431, 503, 507)

OCCUPANT: Final[Schema] = {
    "type": "object",
    "properties": {"id": {"type": ["string", "null"]}, "joined_at": SECOND},
}
_TOLD: Final[Schema] = {"room_name": NAME, "is_breakout": {"type": "boolean"}}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required or properties)}


SCHEMAS: Final[Schema] = {
    "RoomWanted": _object({"name": NAME, "start_time": TEXT, "mail_owner": TEXT}, "name"),
    "Reservation": _object(
        {
            "id": TEXT,
            "name": TEXT,
            "mail_owner": TEXT,
            "start_time": {"type": "string", "format": "date-time"},
            "duration": {"type": "integer", "minimum": 1, "description": "Seconds."},
        }
    ),
    "RoomRefused": _object({"message": TEXT}),
    "RoomState": _object({"page": TEXT, "meeting": {"type": ["object", "null"]}}),
    "RoomEvent": _object(_TOLD, "room_name"),
    "OccupantJoined": _object(_TOLD | {"occupant": OCCUPANT}, "room_name", "occupant"),
    "RoomDestroyed": _object(
        _TOLD | {"destroyed_at": SECOND, "all_occupants": {"type": "array", "items": OCCUPANT}}, "room_name"
    ),
}

_EVENTS: Final = (
    ("roomCreated", "room/created", "A room has opened: moves nothing", "RoomEvent"),
    (
        "roomDestroyed",
        "room/destroyed",
        "A room is empty: ends a session both sides were in",
        "RoomDestroyed",
    ),
    ("occupantJoined", "occupant/joined", "Somebody came: an agent begins the session", "OccupantJoined"),
    ("occupantLeft", "occupant/left", "Somebody left: moves nothing", "RoomEvent"),
)


def paths() -> Schema:
    """Describe the links of people and the door of the meeting server."""
    return _links() | _reservations() | dict(_event(*row) for row in _EVENTS)


def _links() -> Schema:
    agent = [_parameter("agent_key", "path")]
    role = _parameter("role", "path") | {"schema": {"enum": [side.value for side in INVITED]}}
    told = {"application/json": {"schema": _named("RoomState")}, "text/event-stream": {"schema": TEXT}}
    state = {"description": "How things stand; as a stream, events `state`.", "content": told}
    invited = [role, _parameter("join_key", "path")]
    return {
        AGENT_PATH: {"get": _page("openAgentLink", "Join a meeting as an agent", agent)},
        AGENT_LIVE_PATH: {
            "get": {
                "operationId": "agentRoomState",
                "summary": "How things stand in a room, for the script of an agent's page",
                "tags": [LINKS],
                "parameters": agent,
                "responses": {"200": state} | _failures((400, 404, 429, 431, 503)),
            }
        },
        JOIN_PATH: {"get": _page("openJoinLink", "Join a meeting as an interpreter or guest", invited)},
    }


def _page(name: str, summary: str, parameters: list[Schema]) -> Schema:
    answers = {
        "200": _html("The meeting, for an agent in a frame, or why it is not open yet."),
        "303": _leads("Into the meeting, or after it where the office wants the agent to go."),
        "404": _html("The link is not known."),
        "410": _html("The meeting is over."),
        "429": _page_or_problem(429),
    }
    return {
        "operationId": name,
        "summary": summary,
        "tags": [LINKS],
        "parameters": parameters,
        "responses": answers | _failures(READ),
    }


def _reservations() -> Schema:
    refused = {"application/json": {"schema": _named("RoomRefused")}}
    answers = {
        "200": {
            "description": "The room may open now, for so long.",
            "content": {"application/json": {"schema": _named("Reservation")}},
        },
        "403": {"description": "Not now.", "content": refused},
        "404": {"description": "The room is none of ours.", "content": refused},
    }
    failures = _failures((400, 401, 408, 413, 415, 429, 431, 503))
    return {
        f"{PREFIX}/conference": {
            "post": _called("reserveRoom", "May this room open, and for how long?", answers | failures)
            | {"requestBody": {"required": True, "content": {FORM: {"schema": _named("RoomWanted")}}}}
        },
        f"{PREFIX}/conference/{{room}}": {
            "delete": _called("releaseRoom", "A room is gone: nothing to do", _done((401, 429, 431, 503)))
            | {"parameters": [_parameter("room", "path")]}
        },
    }


def _event(name: str, path: str, summary: str, schema: str) -> tuple[str, Schema]:
    body = {"required": True, "content": {"application/json": {"schema": _named(schema)}}}
    return f"{PREFIX}/events/{path}", {"post": _called(name, summary, _done(EVENT)) | {"requestBody": body}}


def _called(name: str, summary: str, answers: Schema) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [SERVER],
        "security": [{"meetingServer": []}],
        "responses": answers,
    }


def _done(statuses: Iterable[int]) -> Schema:
    return {"204": {"description": "Taken."}} | _failures(statuses)


def _parameter(name: str, place: str) -> Schema:
    return {"name": name, "in": place, "required": True, "schema": TEXT}


def _html(description: str) -> Schema:
    return {"description": description, "content": {"text/html": {"schema": TEXT}}}


def _page_or_problem(status: int) -> Schema:
    # People who try too many links are shown a page; a server with too much to do says so as to programs.
    problem = _failures([status])[str(status)]["content"]
    return {"description": FAILURES[status], "content": problem | _html("")["content"]}


def _leads(description: str) -> Schema:
    return {"description": description, "headers": {"Location": {"required": True, "schema": TEXT}}}


def _failures(statuses: Iterable[int]) -> Schema:
    headers = {"Appointed-Error": {"required": True, "schema": TEXT}}
    problem = {"application/problem+json": {"schema": _named("Problem")}}
    return {
        str(status): {"description": FAILURES[status], "content": problem, "headers": headers}
        for status in statuses
    }


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
