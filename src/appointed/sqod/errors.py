"""How SQOD words every failure: Laravel's statuses and bodies where it has one, `{"message"}` elsewhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from appointed.domain import errors as e
from appointed.domain.hours import Slot
from appointed.http.conditional import etag
from appointed.sqod.messages import errors_of, summary
from appointed.sqod.moments import write_instant
from appointed.usecases.ports import Reply

Headers = tuple[tuple[str, str], ...]

JSON: Headers = (("Content-Type", "application/json"),)
RETRY_SECONDS = 1
CLOSE: Headers = (("Connection", "close"),)
MINUTE = timedelta(minutes=1)
# What this contract calls otherwise than the domain.
THINGS = {"Associate": "user", "WaitingArea": "waiting area"}
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Wording(msgspec.Struct, frozen=True):
    """The status of one failure, its message, and what else its answer says."""

    status: int
    message: str | Callable[[Any], str]
    headers: Headers | Callable[[Any], Headers] = ()
    errors: Callable[[Any], dict[str, list[str]]] | None = None
    more: Callable[[Any], dict[str, Any]] | None = None


def _verbs(error: e.MethodNotAllowed) -> str:
    known = [verb for verb in VERBS if verb in error.allowed]
    return ", ".join(known)


def _wrong_verb(error: e.MethodNotAllowed) -> str:
    return (
        f"The {error.method} method is not supported for route {error.path.strip('/')}. "
        f"Supported methods: {_verbs(error)}."
    )


def _model(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def _changed(error: e.PreconditionFailed) -> str:
    return f"The {THINGS.get(error.thing, error.thing.lower())} was changed since it was last read."


def _attempts(error: e.TooManyAttempts | e.RateLimited) -> Headers:
    return (
        ("Retry-After", str(error.retry_after)),
        ("X-RateLimit-Limit", str(error.limit)),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", str(int(error.resets_at.timestamp()))),
    )


def _named(text: str) -> Callable[[Any], str]:
    def word(error: Any) -> str:
        return f"{text}: {error.reason}." if error.reason else f"{text}."

    return word


def _key_errors(text: str) -> Callable[[Any], dict[str, list[str]]]:
    return lambda _error: {"Idempotency-Key": [text]}


def _counts(error: e.RecordInUse) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in error.by.items())


def _held(error: e.TimeHeld) -> dict[str, Any]:
    """Write who holds the time, and the free times as bodies that can be sent as they are."""
    found: dict[str, Any] = {}
    if error.held_by is not None:
        by = error.held_by
        found["held"] = {
            "appointment_id": str(by.uid) if by.title is not None else None,
            "appointment_at": write_instant(by.starts_at),
            "ends_at": write_instant(by.ends_at),
        }
    if error.wanted is not None:
        found["offers"] = [_offer(slot) for slot in error.offers]
    return found


def _offer(slot: Slot) -> dict[str, Any]:
    starts_at = write_instant(slot.starts_at)
    minutes = (slot.ends_at - slot.starts_at) // MINUTE
    patch = {"appointment_at": starts_at, "duration_in_minutes": minutes}
    return {"appointment_at": starts_at, "ends_at": write_instant(slot.ends_at), "patch": patch}


BAD_KEY = "The Idempotency-Key header must be 1 to 255 printable ASCII characters."
USED_KEY = "The Idempotency-Key was used before with another request."
ERASED_ANSWER = (
    "The request with this Idempotency-Key was carried out before; its answer spoke of a claimant who has "
    "been erased since."
)
PATCH_FORM = Wording(400, "The patch document is not one of this contract.")
BUSY: Headers = (("Retry-After", str(RETRY_SECONDS)),)
CHALLENGE: Headers = (("WWW-Authenticate", "Bearer"),)

# A failure is worded by the nearest of its classes that stands here.
WORDINGS: dict[type[e.AppointedError], Wording] = {
    e.AppointedError: Wording(500, "Server Error"),
    e.Unauthenticated: Wording(401, "Unauthenticated.", CHALLENGE),
    e.CrossSiteRequest: Wording(401, "Unauthenticated: XSRF value missing or wrong.", CHALLENGE),
    e.Forbidden: Wording(403, "This action is unauthorized."),
    e.AppointmentNotFound: Wording(
        404, lambda error: rf"No query results for model [App\Models\Appointment] {error.ref}"
    ),
    e.RecordNotFound: Wording(
        404, lambda error: rf"No query results for model [App\Models\{_model(error.kind)}] {error.ref}"
    ),
    e.PreconditionFailed: Wording(
        412,
        _changed,
        lambda error: () if error.revision is None else (("ETag", etag(error.revision)),),
    ),
    e.RecordInUse: Wording(
        409,
        lambda error: f"The {error.kind.replace('_', ' ')} is in use: {_counts(error)}.",
        more=lambda error: {"in_use": error.by},
    ),
    e.InvalidAppointment: Wording(422, "", errors=lambda error: errors_of(error.problems)),
    e.UrlNotAllowed: Wording(422, "", errors=lambda error: errors_of(error.problems)),
    e.MoveRefused: Wording(422, "", errors=lambda error: errors_of(error.problems)),
    e.InvalidPatch: PATCH_FORM,
    e.OperationNotSupported: PATCH_FORM,
    e.TooManyOperations: PATCH_FORM,
    e.InvalidPointer: PATCH_FORM,
    e.PathNotFound: PATCH_FORM,
    e.ReadOnlyMember: PATCH_FORM,
    e.TestFailed: PATCH_FORM,
    e.MalformedJson: Wording(400, _named("The request body is not valid JSON")),
    e.DuplicateKey: Wording(400, _named("The request body names a member twice")),
    e.InvalidString: Wording(
        422, "", errors=lambda error: errors_of([e.Problem(error.reason or "body", "characters")])
    ),
    e.MissingBody: Wording(400, "The request body is missing."),
    e.BodyTooLarge: Wording(413, "The request body is too large.", CLOSE),
    e.TooManyParts: Wording(413, "The form has too many parts, or one with too large headers."),
    e.MalformedMultipart: Wording(400, _named("The multipart body is malformed")),
    e.UnsupportedMediaType: Wording(415, "The request body must be JSON, form-urlencoded or multipart."),
    e.InvalidRequest: Wording(400, _named("The request is malformed")),
    e.RouteNotFound: Wording(404, lambda error: f"The route {error.path.strip('/')} could not be found."),
    e.MethodNotAllowed: Wording(405, _wrong_verb, lambda error: (("Allow", _verbs(error)),)),
    e.NotAcceptable: Wording(406, "The answer is available as application/json only."),
    e.NotProvided: Wording(400, "The server does not provide this."),
    e.InvalidIdempotencyKey: Wording(422, "", errors=_key_errors(BAD_KEY)),
    e.IdempotencyKeyReused: Wording(422, "", errors=_key_errors(USED_KEY)),
    e.AnswerErased: Wording(422, "", errors=_key_errors(ERASED_ANSWER)),
    e.IdempotencyKeyInUse: Wording(409, "A request with this Idempotency-Key is still running.", BUSY),
    e.TimeHeld: Wording(409, "The time is already taken.", more=_held),
    e.TooManyRequests: Wording(
        429, "Too Many Attempts.", lambda error: (("Retry-After", str(error.retry_after)),)
    ),
    e.TooManyAttempts: Wording(429, "Too Many Attempts.", _attempts),
    e.RateLimited: Wording(429, "Too Many Attempts.", _attempts),
    e.RequestTimeout: Wording(408, "The request took too long.", CLOSE),
    e.HeadersTooLarge: Wording(431, "The request line or headers are too large.", CLOSE),
    e.StoreFailed: Wording(503, "Service Unavailable", BUSY),
    e.StoreBusy: Wording(503, "Service Unavailable", BUSY),
    e.SearchTooSlow: Wording(503, "Service Unavailable"),
    e.OutcomeUnknown: Wording(503, "The change may or may not have been made.", BUSY),
    e.StorageFull: Wording(507, "The store is full."),
    e.SealBroken: Wording(500, "Server Error"),
}


def wording_of(error: e.AppointedError) -> Wording:
    """Find how a failure is worded."""
    return next(WORDINGS[kind] for kind in type(error).__mro__ if kind in WORDINGS)


def reply_to(error: e.AppointedError) -> Reply:
    """Write the whole answer to a failure; its code stands in `Appointed-Error`."""
    wording = wording_of(error)
    body: dict[str, Any] = {
        "message": wording.message if isinstance(wording.message, str) else wording.message(error)
    }
    if wording.errors is not None:
        errors = wording.errors(error)
        body = {"message": summary(errors), "errors": errors}
    if error.item is not None:
        body["item"] = error.item
    if wording.more is not None:
        body |= wording.more(error)
    more = wording.headers if isinstance(wording.headers, tuple) else wording.headers(error)
    headers = (*JSON, ("Appointed-Error", error.code), *more)
    return Reply(wording.status, headers, msgspec.json.encode(body))
