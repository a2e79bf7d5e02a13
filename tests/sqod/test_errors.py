"""Failures in Laravel's words (401 and 403 as the document says; bodies as Laravel's defaults)."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from appointed.domain import errors as e
from appointed.sqod.errors import WORDINGS, reply_to
from appointed.sqod.messages import MESSAGES, errors_of, summary

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
UID = UUID("9a0f170e-0aa0-47db-ab14-4ddcdcbad061")
PROBLEMS = (
    e.Problem("duration_in_minutes", "integer"),
    e.Problem("features_bandwidth", "in"),
)

# One of each leaf, made as its raisers make it, with what the caller sees.
EXAMPLES = [
    (e.Unauthenticated(), 401, "Unauthenticated."),
    (e.CrossSiteRequest(), 401, "Unauthenticated: XSRF value missing or wrong."),
    (e.Forbidden(), 403, "This action is unauthorized."),
    (e.AppointmentNotFound(UID), 404, rf"No query results for model [App\Models\Appointment] {UID}"),
    (e.AppointmentNotFound("x"), 404, r"No query results for model [App\Models\Appointment] x"),
    (e.RecordNotFound("contact", 5), 404, r"No query results for model [App\Models\Contact] 5"),
    (e.PreconditionFailed(7), 412, "The appointment was changed since it was last read."),
    (e.PreconditionFailed(7, "WaitingArea"), 412, "The waiting area was changed since it was last read."),
    (e.PreconditionFailed(7, "Associate"), 412, "The user was changed since it was last read."),
    (e.PreconditionFailed(None, "Claimant"), 412, "The claimant was changed since it was last read."),
    (e.PreconditionFailed(None), 412, "The appointment was changed since it was last read."),
    (
        e.RecordInUse("department", {"appointments": 12, "waiting_areas": 1}),
        409,
        "The department is in use: 12 appointments, 1 waiting areas.",
    ),
    (
        e.InvalidAppointment(PROBLEMS),
        422,
        "The duration in minutes field must be an integer. (and 1 more error)",
    ),
    (
        e.UrlNotAllowed((e.Problem("custom_user_post_call_redirect_url", "url_not_allowed"),)),
        422,
        "The custom user post call redirect url field must be an allowed https URL.",
    ),
    (
        e.MoveRefused("waiting", "late", ("being_seen", "no_show")),
        422,
        "The status cannot become this now; it may become: being_seen, no_show.",
    ),
    (e.InvalidPatch(0), 400, "The patch document is not one of this contract."),
    (e.OperationNotSupported(0), 400, "The patch document is not one of this contract."),
    (e.TooManyOperations(), 400, "The patch document is not one of this contract."),
    (e.InvalidPointer(0, "x"), 400, "The patch document is not one of this contract."),
    (e.PathNotFound(0, "/x"), 400, "The patch document is not one of this contract."),
    (e.ReadOnlyMember(0, "/x"), 400, "The patch document is not one of this contract."),
    (e.TestFailed(0, "/x"), 400, "The patch document is not one of this contract."),
    (e.MalformedJson("not an object"), 400, "The request body is not valid JSON: not an object."),
    (e.MalformedJson(), 400, "The request body is not valid JSON."),
    (e.DuplicateKey("a"), 400, "The request body names a member twice: a."),
    (e.InvalidString("claimant.name"), 422, "The claimant.name field must not contain the character U+0000."),
    (e.InvalidString(), 422, "The body field must not contain the character U+0000."),
    (e.MissingBody(), 400, "The request body is missing."),
    (e.BodyTooLarge("1048576"), 413, "The request body is too large."),
    (e.TooManyParts("200"), 413, "The form has too many parts, or one with too large headers."),
    (e.MalformedMultipart("boundary"), 400, "The multipart body is malformed: boundary."),
    (e.UnsupportedMediaType("text/xml"), 415, "The request body must be JSON, form-urlencoded or multipart."),
    (e.InvalidRequest("_method"), 400, "The request is malformed: _method."),
    (e.RouteNotFound("/api/v1/foo"), 404, "The route api/v1/foo could not be found."),
    (e.NotProvided("mail inbox"), 400, "The server does not provide this."),
    (
        e.MethodNotAllowed("PUT", "/api/v1/appointments", ("GET", "POST", "HEAD")),
        405,
        "The PUT method is not supported for route api/v1/appointments. Supported methods: GET, HEAD, POST.",
    ),
    (e.NotAcceptable(), 406, "The answer is available as application/json only."),
    (
        e.InvalidIdempotencyKey(),
        422,
        "The Idempotency-Key header must be 1 to 255 printable ASCII characters.",
    ),
    (e.IdempotencyKeyReused(), 422, "The Idempotency-Key was used before with another request."),
    (
        e.AnswerErased(),
        422,
        "The request with this Idempotency-Key was carried out before; its answer spoke of a claimant who has "
        "been erased since.",
    ),
    (e.IdempotencyKeyInUse(), 409, "A request with this Idempotency-Key is still running."),
    (e.TimeHeld(4, 10), 409, "The time is already taken."),
    (e.TooManyRequests(7), 429, "Too Many Attempts."),
    (e.TooManyAttempts(7, 10, NOON), 429, "Too Many Attempts."),
    (e.RateLimited(7, 10, NOON), 429, "Too Many Attempts."),
    (e.RequestTimeout(), 408, "The request took too long."),
    (e.HeadersTooLarge(), 431, "The request line or headers are too large."),
    (e.StoreBusy(), 503, "Service Unavailable"),
    (e.SearchTooSlow(), 503, "Service Unavailable"),
    (e.OutcomeUnknown(), 503, "The change may or may not have been made."),
    (e.StorageFull(), 507, "The store is full."),
    (e.SealBroken(), 500, "Server Error"),
    (e.AppointedError(), 500, "Server Error"),
]


def leaves(kind=e.AppointedError):
    below = kind.__subclasses__()
    return {leaf for child in below for leaf in leaves(child)} if below else {kind}


def test_every_leaf_of_the_tree_is_worded_here():
    assert leaves() <= set(WORDINGS)
    assert leaves() <= {type(error) for error, _status, _message in EXAMPLES}


@pytest.mark.parametrize(("error", "status", "message"), EXAMPLES)
def test_each_failure_has_its_status_words_and_code(error, status, message):
    reply = reply_to(error)
    body = msgspec.json.decode(reply.body)
    headers = dict(reply.headers)
    assert (reply.status, body["message"]) == (status, message)
    assert headers["Appointed-Error"] == error.code
    assert headers["Content-Type"] == "application/json"
    more = {"in_use"} if isinstance(error, e.RecordInUse) else set()
    assert set(body) - more == ({"message", "errors"} if status == 422 else {"message"})


def header(error, name):
    return dict(reply_to(error).headers).get(name)


def test_headers_say_what_to_do():
    assert header(e.MethodNotAllowed("PUT", "/x", ("POST", "GET", "HEAD")), "Allow") == "GET, HEAD, POST"
    assert header(e.PreconditionFailed(7), "ETag") == '"7"'
    assert header(e.PreconditionFailed(None), "ETag") is None
    assert header(e.TooManyRequests(7), "Retry-After") == "7"
    assert header(e.StoreBusy(), "Retry-After") == "1"
    held = dict(reply_to(e.TooManyAttempts(7, 10, NOON)).headers)
    assert (held["Retry-After"], held["X-RateLimit-Limit"], held["X-RateLimit-Remaining"]) == ("7", "10", "0")
    assert held["X-RateLimit-Reset"] == "1772452800"
    assert header(e.BodyTooLarge(), "Connection") == "close"
    assert header(e.Unauthenticated(), "WWW-Authenticate") == "Bearer"


@pytest.mark.clause("SQ-ERROR-500")
def test_an_error_of_no_leaf_is_worded_as_its_kind():
    assert reply_to(e.StoreFailed()).status == 503
    answer = reply_to(e.BodyRejected())
    assert (answer.status, msgspec.json.decode(answer.body)) == (500, {"message": "Server Error"})


def test_problems_stand_by_path_in_their_order():
    problems = [
        e.Problem("claimant.name", "required"),
        e.Problem("duration_in_minutes", "between", allowed=(1, 525_600)),
        e.Problem("claimant.data.0.id", "exists"),
        e.Problem("claimant.name", "max", allowed=255),
        e.Problem("starts_at", "odd"),
    ]
    errors = errors_of(problems)
    assert errors == {
        "claimant.name": [
            "The claimant.name field is required.",
            "The claimant.name field must not be greater than 255 characters.",
        ],
        "duration_in_minutes": ["The duration in minutes field must be between 1 and 525600."],
        "claimant.data.0.id": ["The selected claimant.data.0.id is invalid."],
        "appointment_at": ["The appointment at field is invalid."],
    }
    assert summary(errors) == "The claimant.name field is required. (and 4 more errors)"


@pytest.mark.clause("SQ-ERROR-422")
def test_one_problem_needs_no_count():
    assert summary(errors_of(PROBLEMS[:1])) == "The duration in minutes field must be an integer."


def test_every_rule_of_the_source_has_words():
    source = Path(__file__).parents[2] / "src" / "appointed"
    texts = "".join(
        path.read_text()
        for room in ("domain", "store", "sqod", "usecases")
        for path in (source / room).rglob("*.py")
    )
    rules = set(re.findall(r'Problem\(\s*[^()]*?(?:\[\d\])?, "([a-z_]+)"', texts))
    rules |= set(re.findall(r'Broken\("([a-z_]+)"', texts))
    assert {"required", "unique", "move", "integer"} <= rules
    assert rules <= set(MESSAGES)
