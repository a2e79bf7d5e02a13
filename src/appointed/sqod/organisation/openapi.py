"""Departments, waiting areas and users in the OpenAPI document."""

from typing import Any, Final

from appointed.domain.directory import DataFieldType
from appointed.domain.login import LONGEST_LOGIN
from appointed.domain.meeting import Bandwidth
from appointed.sqod.openapi_parts import (
    CONDITIONS,
    FLAG,
    KEY,
    PAGING,
    TEXT,
    VERB,
    Failure,
    Page,
    Schema,
    bodies,
    carriers,
    named,
    parameter,
    request_of,
)
from appointed.sqod.organisation import diary_input, user_input, waiting_area_input
from appointed.sqod.organisation.carrier import (
    ROLES,
    DepartmentDetail,
    DepartmentEnvelope,
    DiaryEnvelope,
    DiaryResource,
    UserEnvelope,
    UserResource,
    WaitingAreaEnvelope,
    WaitingAreaResource,
)
from appointed.sqod.organisation.rules import (
    DATA_FIELD,
    HOLIDAY,
    LANGUAGE,
    MOST_CHOICES,
    MOST_DAYS,
    MOST_ID,
    MOST_MINUTES,
    MOST_REMINDER_MINUTES,
    MOST_ROWS,
    OPENING,
    REDIRECTS,
    STORE,
    UPDATE,
    WEEKDAYS,
)
from appointed.sqod.rules import SWITCHES
from appointed.sqod.validation import Rule, Table

TAG: Final = "Organisation"
TIME: Final[Schema] = {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}
MINUTES: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": MOST_MINUTES}
URL: Final[Schema] = {"type": "string", "format": "uri"}
REFERENCE: Final[Schema] = {"anyOf": [{"type": "integer"}, TEXT], "description": "Number or UUID."}

MEMBERS: Final[dict[str, Schema]] = {
    "name": TEXT,
    "default_user_id": {"type": "integer", "minimum": 1, "maximum": MOST_ID},
    "late_after_minutes": MINUTES | {"description": "After the start; then the claimant is late."},
    "no_show_after_minutes": MINUTES | {"description": "After the end; then it is a no-show."},
    "invite_by_email": FLAG | {"description": "Tell claimants of their appointments by mail."},
    "invite_by_sms": FLAG | {"description": "Tell claimants of their appointments by SMS."},
    "reminder_minutes": {
        "type": "integer",
        "minimum": 0,
        "maximum": MOST_REMINDER_MINUTES,
        "description": "Before the start, by the same ways; 0: no reminder.",
    },
    "language": TEXT | {"pattern": LANGUAGE, "description": "Of what claimants are told."},
    "support_text": TEXT | {"description": "Whom claimants ask for help."},
    **dict.fromkeys((*SWITCHES, REDIRECTS[0]), FLAG),
    **dict.fromkeys(REDIRECTS[1:], URL),
    "retention_days": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_DAYS,
        "description": "After the end; then the claimant is erased. null keeps claimants.",
    },
    "features_bandwidth": {"enum": [str(bandwidth) for bandwidth in Bandwidth]},
    "id": {"type": "string", "format": "uuid"},
    "type": {"enum": [str(kind) for kind in DataFieldType]},
    "required": FLAG,
    "choices": {"type": "array", "items": TEXT, "maxItems": MOST_CHOICES},
    "weekday": {"enum": list(WEEKDAYS)},
    "opens": TIME,
    "closes": TIME,
    "date": {"type": "string", "format": "date"},
    "department_id": REFERENCE,
    "welcome_text": TEXT | {"maxLength": waiting_area_input.LONGEST_WELCOME},
    "message": TEXT | {"maxLength": waiting_area_input.LONGEST_MESSAGE},
    "opens_before_minutes": MINUTES | {"description": "Before the start of an appointment."},
    "login": {"type": "string", "pattern": "^[^\\s:]+$", "maxLength": LONGEST_LOGIN},
    "role": {"enum": list(ROLES.values())},
    "department_ids": {
        "type": "array",
        "items": REFERENCE,
        "minItems": 1,
        "maxItems": user_input.MOST_DEPARTMENTS,
        "description": "The first is the home.",
    },
    "is_exclusive": FLAG | {"description": "Its time is given away once."},
    "is_active": FLAG | {"description": "Who is not cannot sign in."},
    "current_password": {
        "type": "string",
        "format": "password",
        "maxLength": user_input.LONGEST_CURRENT,
        "writeOnly": True,
    },
    "password": {
        "type": "string",
        "format": "password",
        "minLength": user_input.SHORTEST_PASSWORD,
        "maxLength": user_input.LONGEST_PASSWORD,
        "writeOnly": True,
    },
}
ROWS: Final = {
    "opening_hours": OPENING,
    diary_input.HOURS: OPENING,
    "holidays": HOLIDAY,
    "data_fields": DATA_FIELD,
}
MOST: Final = MOST_ROWS | {diary_input.HOURS: diary_input.MOST_HOURS}
READING: Final = (400, 401, 403, 404, 405, 408, 412, 429, 431, 503)
WRITING: Final = (*READING, 409, 413, 415, 422, 507)
# What no key repeats: once a password is changed, the one that was shown is wrong.
UNREPEATED: Final = "OwnPassword"


def organisation_paths(failure: Failure) -> Schema:
    """Describe every address; `failure` describes the answer of a status."""
    return {
        **_paths(failure, "departments", "department", "Department", "Number or UUID.", is_removed=True),
        **_paths(failure, "waiting-areas", "waiting area", "WaitingArea", "Number.", is_removed=True),
        **_paths(failure, "users", "user", "User", "Number, or `me`."),
        **_diary_paths(failure),
        "/api/v1/me": {
            "get": _operation(failure, "getMe", "tell who is calling", "UserEnvelope", CONDITIONS),
            "patch": _operation(
                failure, "patchMe", "change one's own password", "UserEnvelope", CONDITIONS, UNREPEATED
            ),
            "post": _operation(
                failure,
                "patchMeViaPost",
                "change one's own password by POST",
                "UserEnvelope",
                [VERB, *CONDITIONS],
                UNREPEATED,
            ),
        },
    }


def organisation_schemas(page: Page) -> Schema:
    """Describe carriers and requests; `page` wraps a carrier's name in the envelope of lists."""
    return {
        **carriers(DepartmentEnvelope, UserEnvelope, WaitingAreaEnvelope, DiaryEnvelope),
        "DepartmentPage": page(DepartmentDetail.__name__),
        "WaitingAreaPage": page(WaitingAreaResource.__name__),
        "UserPage": page(UserResource.__name__),
        "DiaryPage": page(DiaryResource.__name__),
        "DiaryUpdate": _request(diary_input.UPDATE),
        "DepartmentStore": _request(STORE),
        "DepartmentUpdate": _request(UPDATE),
        "WaitingAreaStore": _request(waiting_area_input.STORE),
        "WaitingAreaUpdate": _request(waiting_area_input.UPDATE),
        "UserStore": _request(user_input.STORE),
        "UserUpdate": _request(user_input.UPDATE),
        UNREPEATED: _request(user_input.OWN_PASSWORD),
    }


def _paths(
    failure: Failure, plural: str, word: str, root: str, described: str, *, is_removed: bool = False
) -> Schema:
    """Describe the addresses of one kind: its list, and one of it."""
    base, name, envelope = f"/api/v1/{plural}", word.replace(" ", "_"), f"{root}Envelope"

    def one(verb: str, summary: str, more: Any = (), body: str = "") -> Schema:
        return _operation(failure, f"{verb}{root}", f"{summary} a {word}", envelope, more, body)

    removed = _operation(failure, f"delete{root}", f"remove a {word}", "", CONDITIONS)
    return {
        base: {
            "get": _operation(failure, f"get{root}s", f"list {word}s", f"{root}Page", PAGING),
            "post": one("create", "make", (), f"{root}Store"),
        },
        f"{base}/{{{name}}}": {
            "parameters": [parameter(name, "path", TEXT) | {"description": described}],
            "get": one("get", "read", CONDITIONS),
            "patch": one("patch", "change some members of", CONDITIONS, f"{root}Update"),
            "post": _operation(
                failure,
                f"patch{root}ViaPost",
                f"change a {word} by POST",
                envelope,
                [VERB, *CONDITIONS],
                f"{root}Update",
            ),
            **({"delete": removed} if is_removed else {}),
        },
    }


def _diary_paths(failure: Failure) -> Schema:
    """Describe the addresses of diaries, which come and go with their owners."""
    described = _paths(failure, "diaries", "diary", "Diary", "Its owner's number, or `me`.")
    read = described["/api/v1/diaries"]["get"]
    listed = read | {"operationId": "getDiaries", "summary": "Ours: list diaries"}
    return described | {"/api/v1/diaries": {"get": listed}}


def _operation(
    failure: Failure, name: str, summary: str, answer: str, more: Any = (), body: str = ""
) -> Schema:
    done: Schema = {"description": "Done."}
    if answer:
        done["content"] = {"application/json": {"schema": named(answer)}}
    status = "201" if body.endswith("Store") else "200" if answer else "204"
    is_read = bool(answer) and not body
    # A text that cannot be kept is refused in a query too.
    failures = WRITING if not is_read else (*READING, 422) if more is PAGING else READING
    described: Schema = {
        "operationId": name,
        "summary": f"Ours: {summary}",
        "tags": [TAG],
        "parameters": [*more, *([KEY] if body and body != UNREPEATED else [])],
        "responses": {
            status: done,
            **{str(code): failure(code) for code in failures},
        },
    }
    if is_read and more is CONDITIONS:
        described["responses"]["304"] = {"description": "The caller has this very revision."}
    return described | ({"requestBody": bodies(body)} if body else {})


def _request(table: Table) -> Schema:
    def describe(name: str, rule: Rule) -> Schema:
        if rule.rows is None:
            return MEMBERS[name]
        return {
            "type": "array",
            "maxItems": MOST[name],
            "items": _request(ROWS[name]),
        }

    return request_of(table, describe)
