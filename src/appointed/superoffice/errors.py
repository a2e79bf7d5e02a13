"""How SuperOffice words every failure (PATCH Appointment/{id}, Response; Web API error body)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from appointed.domain import errors as e
from appointed.http.conditional import etag
from appointed.superoffice.problems import WIRE_NAMES, messages, summary
from appointed.superoffice.xml import write_xml
from appointed.usecases.ports import Reply

Headers = tuple[tuple[str, str], ...]
Json = dict[str, Any]

JSON: Final = "application/json; charset=utf-8"
XML: Final = "application/xml; charset=utf-8"
ROOT: Final = "Error"
SOURCE: Final = "Appointed"
LONGEST_PATH: Final = 256
LONGEST_KIND: Final = 64

_NOT_PLAIN: Final = re.compile("[^ -~]")

ARGUMENT: Final = "ArgumentException"
NOT_FOUND: Final = "SoNotFoundException"
NOT_READABLE: Final = "JsonReaderException"
UNAVAILABLE: Final = "SoServerException"

CHALLENGE: Final[Headers] = (("WWW-Authenticate", 'Basic realm="Appointed", charset="UTF-8"'),)
RETRY: Final[Headers] = (("Retry-After", "1"),)
CLOSE: Final[Headers] = (("Connection", "close"),)


class Wording(msgspec.Struct, frozen=True):
    """One failure's status, reason phrase, `ErrorType`, message, and what else its answer has."""

    status: int
    phrase: str
    error_type: str
    message: str | Callable[[Any], str]
    headers: Headers | Callable[[Any], Headers] = ()
    members: Callable[[Any], Json] | None = None


def _with_reason(text: str) -> Callable[[Any], str]:
    return lambda error: f"{text}: {error.reason.rstrip('.')}." if error.reason else f"{text}."


def _operation(text: str) -> Callable[[Any], str]:
    def word(error: e.PatchRejected) -> str:
        parts = [] if error.index is None else [f"Operation {error.index}"]
        if error.path is not None:
            parts.append(f"path '{error.path[:LONGEST_PATH]}'")
        said = ", ".join(parts) or "Bad patch"
        return f"{said}: {text}: {error.reason.rstrip('.')}." if error.reason else f"{said}: {text}."

    return word


def _operation_members(error: e.PatchRejected | e.InvalidString) -> Json:
    return _index_member(error) | ({} if error.path is None else {"OperationPath": error.path[:LONGEST_PATH]})


def _index_member(error: e.PatchRejected | e.InvalidString) -> Json:
    return {} if error.index is None else {"OperationIndex": error.index}


def _held(error: e.TimeHeld) -> Json:
    """Write who holds the time, and the free times as patches that can be sent as they are."""
    found: Json = {}
    if error.held_by is not None:
        by = error.held_by
        found["Held"] = {
            "AssociateId": error.resource,
            "AppointmentId": by.id,
            "StartDate": _utc(by.starts_at),
            "EndDate": _utc(by.ends_at),
            "Title": by.title,
        }
    if error.wanted is not None:
        found["Offers"] = [_offer(_utc(slot.starts_at), _utc(slot.ends_at)) for slot in error.offers]
    return found


def _offer(starts_at: str, ends_at: str) -> Json:
    times = {"StartDate": starts_at, "EndDate": ends_at}
    steps = [{"op": "replace", "path": f"/{name}", "value": at} for name, at in times.items()]
    return {**times, "Patch": steps}


def _utc(at: datetime) -> str:
    # No zone was asked for where errors are worded, so the time says its own.
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _bad_patch(text: str, error_type: str = ARGUMENT) -> Wording:
    return Wording(400, "Bad Request", error_type, _operation(text), members=_operation_members)


def _bad_body(text: str, error_type: str = NOT_READABLE) -> Wording:
    return Wording(400, "Bad Request", error_type, _with_reason(text))


def _forbidden(error: e.Forbidden) -> str:
    if not error.members:
        return f"The caller may not do this with this {error.thing}."
    names = sorted(WIRE_NAMES.get(name, name).partition(".")[0] for name in error.members)
    return f"The caller may not change {', '.join(dict.fromkeys(names))} of this {error.thing}."


def _stale(error: e.PreconditionFailed) -> str:
    if error.is_by_date:
        # The contract's own sentence.
        since = "has changed since the requested If-Unmodified-Since timestamp"
    else:
        since = "is not at the revision that the request's ETag demands (If-Match, If-None-Match)"
    return f"Update aborted because {error.thing}Entity {since}."


def _problems(error: e.InvalidAppointment) -> Json:
    placed = (
        {}
        if error.index is None
        else {"OperationIndex": error.index, "OperationPath": (error.path or "")[:LONGEST_PATH]}
    )
    return {"Problems": messages(error.problems)} | placed


INVALID: Final = Wording(
    400,
    "Bad Request",
    ARGUMENT,
    lambda error: summary(error.problems),
    members=_problems,
)
UNKNOWN_CALLER: Final = "The caller is not known: no credential, or one that is wrong, expired or revoked."

# A failure is worded by the nearest of its classes that stands here.
WORDINGS: Final[dict[type[e.AppointedError], Wording]] = {
    e.AppointedError: Wording(500, "Internal Server Error", "Exception", "The server failed."),
    e.Unauthenticated: Wording(401, "Unauthorized", "SoAuthenticationException", UNKNOWN_CALLER, CHALLENGE),
    e.CrossSiteRequest: Wording(
        401,
        "Unauthorized",
        "SoAuthenticationException",
        "The XSRF value is missing or wrong, or the call comes from another site (X-XSRF-TOKEN).",
        CHALLENGE,
    ),
    e.Forbidden: Wording(
        403,
        "Forbidden",
        "SoSentryException",
        _forbidden,
    ),
    e.AppointmentNotFound: Wording(
        404, "Appointment Not Found", NOT_FOUND, lambda error: f"Appointment id {error.ref} not found"
    ),
    e.RecordNotFound: Wording(
        404,
        "Not Found",
        NOT_FOUND,
        lambda error: f"{error.kind.capitalize()} id {error.ref} not found",
    ),
    e.RecordInUse: Wording(
        409,
        "Conflict",
        "SoConflictException",
        lambda error: f"The {error.kind} is in use: {', '.join(error.by)}.",
        members=lambda error: {"InUse": error.by},
    ),
    e.PreconditionFailed: Wording(
        412,
        "Precondition Failed",
        "SoPreconditionException",
        _stale,
        lambda error: () if error.revision is None else (("ETag", etag(error.revision)),),
    ),
    e.InvalidAppointment: INVALID,
    e.UrlNotAllowed: INVALID,
    e.MoveRefused: INVALID,
    e.InvalidPatch: _bad_patch("the body is not a patch"),
    e.OperationNotSupported: _bad_patch(
        "only add, replace, remove and test are supported", "NotSupportedException"
    ),
    e.TooManyOperations: _bad_patch("too many operations"),
    e.InvalidPointer: _bad_patch("the path is not a JSON Pointer"),
    e.PathNotFound: _bad_patch("there is no such member"),
    e.ReadOnlyMember: _bad_patch("the member is read-only"),
    # What the caller may not read must answer like what is wrong: the path stays out.
    e.TestFailed: Wording(
        409,
        "Conflict",
        "SoConflictException",
        "Update blocked because a 'test' operation has detected a conflict with the entity value.",
        members=_index_member,
    ),
    e.MalformedJson: _bad_body("The request body is not valid JSON"),
    e.DuplicateKey: _bad_body("The request body names a member twice"),
    e.InvalidString: Wording(
        400,
        "Bad Request",
        ARGUMENT,
        _with_reason("The request body holds a character that cannot be kept"),
        members=_operation_members,
    ),
    e.MissingBody: Wording(
        400, "Bad Request", ARGUMENT, "Bad request. Entity to save is not in request body."
    ),
    e.BodyTooLarge: Wording(413, "Content Too Large", ARGUMENT, "The request body is too large.", CLOSE),
    e.TooManyParts: Wording(413, "Content Too Large", ARGUMENT, "The form has too many parts."),
    e.MalformedMultipart: _bad_body("The multipart body is malformed", ARGUMENT),
    e.UnsupportedMediaType: Wording(
        415,
        "Unsupported Media Type",
        "UnsupportedMediaTypeException",
        _with_reason("The request body must be JSON in UTF-8, and not compressed"),
    ),
    e.InvalidRequest: _bad_body("The request is invalid", ARGUMENT),
    e.RouteNotFound: Wording(
        404,
        "Not Found",
        NOT_FOUND,
        lambda error: f"No resource was found at '{error.path[:LONGEST_PATH]}'.",
    ),
    e.MethodNotAllowed: Wording(
        405,
        "Method Not Allowed",
        "NotSupportedException",
        lambda error: f"The resource does not support the method {error.method[:20]}.",
        lambda error: (("Allow", ", ".join(error.allowed)),),
    ),
    e.NotAcceptable: Wording(
        406, "Not Acceptable", "NotSupportedException", "The answer is available as JSON and XML only."
    ),
    e.NotProvided: Wording(
        400,
        "Bad Request",
        "NotSupportedException",
        lambda error: f"This server has no {error.needs}.",
    ),
    e.InvalidIdempotencyKey: Wording(
        400, "Bad Request", ARGUMENT, "The Idempotency-Key must be 1 to 255 printable ASCII characters."
    ),
    e.IdempotencyKeyReused: Wording(
        400, "Bad Request", ARGUMENT, "The Idempotency-Key was used before with another request."
    ),
    e.AnswerErased: Wording(
        400,
        "Bad Request",
        ARGUMENT,
        "The request with this Idempotency-Key was carried out before; its answer spoke of a claimant who "
        "has been erased since.",
    ),
    e.IdempotencyKeyInUse: Wording(
        409, "Conflict", "SoConflictException", "A request with this Idempotency-Key is still running.", RETRY
    ),
    e.TimeHeld: Wording(
        409,
        "Conflict",
        "SoConflictException",
        lambda error: f"The time is already taken in the diary of associate id {error.resource}.",
        members=_held,
    ),
    e.TooManyRequests: Wording(
        429,
        "Too Many Requests",
        UNAVAILABLE,
        "Too many requests; try again later.",
        lambda error: (("Retry-After", str(error.retry_after)),),
    ),
    e.TooManyAttempts: Wording(
        429,
        "Too Many Requests",
        UNAVAILABLE,
        "Too many wrong passwords; try again later.",
        lambda error: (("Retry-After", str(error.retry_after)),),
    ),
    e.RateLimited: Wording(
        429,
        "Too Many Requests",
        UNAVAILABLE,
        "Too many requests in this minute; try again later.",
        lambda error: (("Retry-After", str(error.retry_after)),),
    ),
    e.RequestTimeout: Wording(408, "Request Timeout", UNAVAILABLE, "The request took too long.", CLOSE),
    e.HeadersTooLarge: Wording(
        431,
        "Request Header Fields Too Large",
        ARGUMENT,
        "The request line or headers are too large.",
        CLOSE,
    ),
    e.StoreFailed: Wording(503, "Service Unavailable", UNAVAILABLE, "The store failed; try again.", RETRY),
    e.StoreBusy: Wording(503, "Service Unavailable", UNAVAILABLE, "The store is busy; try again.", RETRY),
    e.SearchTooSlow: Wording(
        503,
        "Service Unavailable",
        UNAVAILABLE,
        "The search takes too long; ask for less, such as fewer days.",
    ),
    e.OutcomeUnknown: Wording(
        503,
        "Service Unavailable",
        UNAVAILABLE,
        "The change was sent to the store and its answer never came: it may or may not stand.",
        RETRY,
    ),
    e.StorageFull: Wording(507, "Insufficient Storage", UNAVAILABLE, "The store is full."),
    e.SealBroken: Wording(
        500, "Internal Server Error", "Exception", "What is kept of the claimant cannot be read."
    ),
}


def wording_of(error: e.AppointedError) -> Wording:
    """Find how a failure is worded."""
    return next(WORDINGS[kind] for kind in type(error).__mro__ if kind in WORDINGS)


def phrase_of(error: e.AppointedError) -> bytes:
    """Give the phrase of the status line: `Contact Not Found` for a record."""
    said = wording_of(error).phrase
    if isinstance(error, e.RecordNotFound):
        # A list has the name that its administrators gave it.
        kind = _NOT_PLAIN.sub("?", error.kind[:LONGEST_KIND])
        said = f"{kind[:1].upper()}{kind[1:]} {said}"
    return said.encode("ascii")


def body(error: e.AppointedError) -> Json:
    """Make the object that answers a failure.

    The message stands under both names that clients read.
    """
    wording = wording_of(error)
    text = wording.message if isinstance(wording.message, str) else wording.message(error)
    members = wording.members(error) if wording.members else {}
    if error.item is not None:
        members = members | {"Item": error.item}
    return {
        "Error": True,
        "ErrorType": wording.error_type,
        "ErrorMessage": text,
        "Message": text,
        "ErrorSource": SOURCE,
    } | members


def headers(error: e.AppointedError) -> Headers:
    """Make the headers of the answer, its content type apart; `Appointed-Error` has the stable code."""
    wording = wording_of(error)
    more = wording.headers(error) if callable(wording.headers) else wording.headers
    return (("Appointed-Error", error.code), *more)


def reply_to(error: e.AppointedError, *, is_xml: bool = False) -> Reply:
    """Write the whole answer to a failure; in XML its root is `Error`."""
    written = body(error)
    media_type, data = (XML, write_xml(ROOT, written)) if is_xml else (JSON, msgspec.json.encode(written))
    return Reply(wording_of(error).status, (("Content-Type", media_type), *headers(error)), data)
