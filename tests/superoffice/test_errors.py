"""Every failure has its status, phrase, type and words (PATCH Appointment/{id}, Response)."""

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from lxml import etree

from appointed.domain import errors as e
from appointed.superoffice.errors import WORDINGS, body, headers, phrase_of, reply_to, wording_of
from appointed.superoffice.problems import SENTENCES, WIRE_NAMES, messages, sentence, summary, wire_path
from tests.contracts.xml_answers import problems

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PROBLEMS = (e.Problem("starts_at", "date", "x"), e.Problem("Participants.0.PersonId", "exists", 9))


def leaves(kind: type[e.AppointedError]) -> list[type[e.AppointedError]]:
    below = kind.__subclasses__()
    return [kind] if not below else [leaf for child in below for leaf in leaves(child)]


# Those that are raised although others stand below them.
RAISED_ABOVE = [e.AppointedError, e.Unauthenticated, e.InvalidAppointment, e.StoreFailed]

ROWS = {
    e.AppointedError: (500, "Exception"),
    e.Unauthenticated: (401, "SoAuthenticationException"),
    e.CrossSiteRequest: (401, "SoAuthenticationException"),
    e.Forbidden: (403, "SoSentryException"),
    e.AppointmentNotFound: (404, "SoNotFoundException"),
    e.RecordNotFound: (404, "SoNotFoundException"),
    e.RecordInUse: (409, "SoConflictException"),
    e.PreconditionFailed: (412, "SoPreconditionException"),
    e.InvalidAppointment: (400, "ArgumentException"),
    e.UrlNotAllowed: (400, "ArgumentException"),
    e.MoveRefused: (400, "ArgumentException"),
    e.InvalidPatch: (400, "ArgumentException"),
    e.OperationNotSupported: (400, "NotSupportedException"),
    e.TooManyOperations: (400, "ArgumentException"),
    e.InvalidPointer: (400, "ArgumentException"),
    e.PathNotFound: (400, "ArgumentException"),
    e.ReadOnlyMember: (400, "ArgumentException"),
    e.TestFailed: (409, "SoConflictException"),
    e.MalformedJson: (400, "JsonReaderException"),
    e.DuplicateKey: (400, "JsonReaderException"),
    e.InvalidString: (400, "ArgumentException"),
    e.MissingBody: (400, "ArgumentException"),
    e.BodyTooLarge: (413, "ArgumentException"),
    e.TooManyParts: (413, "ArgumentException"),
    e.MalformedMultipart: (400, "ArgumentException"),
    e.UnsupportedMediaType: (415, "UnsupportedMediaTypeException"),
    e.InvalidRequest: (400, "ArgumentException"),
    e.RouteNotFound: (404, "SoNotFoundException"),
    e.NotProvided: (400, "NotSupportedException"),
    e.MethodNotAllowed: (405, "NotSupportedException"),
    e.NotAcceptable: (406, "NotSupportedException"),
    e.InvalidIdempotencyKey: (400, "ArgumentException"),
    e.IdempotencyKeyReused: (400, "ArgumentException"),
    e.AnswerErased: (400, "ArgumentException"),
    e.IdempotencyKeyInUse: (409, "SoConflictException"),
    e.TimeHeld: (409, "SoConflictException"),
    e.TooManyRequests: (429, "SoServerException"),
    e.TooManyAttempts: (429, "SoServerException"),
    e.RateLimited: (429, "SoServerException"),
    e.RequestTimeout: (408, "SoServerException"),
    e.HeadersTooLarge: (431, "ArgumentException"),
    e.StoreFailed: (503, "SoServerException"),
    e.StoreBusy: (503, "SoServerException"),
    e.SearchTooSlow: (503, "SoServerException"),
    e.OutcomeUnknown: (503, "SoServerException"),
    e.StorageFull: (507, "SoServerException"),
    e.SealBroken: (500, "Exception"),
}

GIVEN = {
    e.AppointmentNotFound: (99999,),
    e.RecordNotFound: ("contact", 99999),
    e.RecordInUse: ("department", {"users": 2}),
    e.PreconditionFailed: (7,),
    e.InvalidAppointment: (PROBLEMS,),
    e.UrlNotAllowed: (PROBLEMS,),
    e.MoveRefused: ("waiting", "late", ("being_seen", "no_show")),
    e.RouteNotFound: ("/api/v1/Nothing",),
    e.NotProvided: ("mail inbox",),
    e.MethodNotAllowed: ("PURGE", "/api/v1/Appointment/1", ("GET", "PATCH")),
    e.TimeHeld: (3, 17),
    e.TooManyRequests: (9,),
    e.TooManyAttempts: (9, 10, NOON),
    e.RateLimited: (9, 10, NOON),
}


def raised(kind: type[e.AppointedError]) -> e.AppointedError:
    return kind(*GIVEN.get(kind, ()))


def test_every_leaf_of_the_tree_has_a_row_of_its_own() -> None:
    assert set(WORDINGS) == {*leaves(e.AppointedError), *RAISED_ABOVE} == set(ROWS)


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
@pytest.mark.clause("SO-ERROR-001")
def test_each_failure_is_a_whole_answer(kind) -> None:
    error = raised(kind)
    status, error_type = ROWS[kind]
    reply = reply_to(error)
    answered = json.loads(reply.body)
    assert reply.status == wording_of(error).status == status
    assert list(answered)[:5] == ["Error", "ErrorType", "ErrorMessage", "Message", "ErrorSource"]
    assert answered["Error"] is True
    assert answered["ErrorType"] == error_type
    assert answered["ErrorMessage"] == answered["Message"]
    assert 5 < len(answered["Message"]) < 500
    assert answered["ErrorSource"] == "Appointed"
    assert reply.headers[:2] == (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Appointed-Error", error.code),
    )
    if kind is not e.AppointmentNotFound:
        assert wording_of(error).phrase in (HTTPStatus(status).phrase, "Content Too Large")


def test_a_class_without_a_row_is_worded_by_its_parent() -> None:
    assert wording_of(e.IdempotencyRejected()) is WORDINGS[e.AppointedError]


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_the_same_in_xml(kind) -> None:
    reply = reply_to(raised(kind), is_xml=True)
    root = etree.fromstring(reply.body)
    assert root.tag == "Error"
    assert root.findtext("Error") == "true"
    assert root.findtext("Message") == body(raised(kind))["Message"]
    assert reply.headers[0] == ("Content-Type", "application/xml; charset=utf-8")
    assert problems(reply.body) == []


TEXTS = {
    e.TestFailed(
        2, "Title"
    ): "Update blocked because a 'test' operation has detected a conflict with the entity value.",
    e.PreconditionFailed(7, is_by_date=True): (
        "Update aborted because AppointmentEntity has changed since the requested If-Unmodified-Since timestamp."
    ),
    e.PreconditionFailed(7): (
        "Update aborted because AppointmentEntity is not at the revision that the request's ETag demands "
        "(If-Match, If-None-Match)."
    ),
    e.MissingBody(): "Bad request. Entity to save is not in request body.",
    e.AppointmentNotFound(99999): "Appointment id 99999 not found",
    e.RecordNotFound("contact", 99999): "Contact id 99999 not found",
    e.Forbidden("contact"): "The caller may not do this with this contact.",
    e.PreconditionFailed(7, "Contact", is_by_date=True): (
        "Update aborted because ContactEntity has changed since the requested If-Unmodified-Since timestamp."
    ),
    e.MalformedJson("unexpected token before character 4"): (
        "The request body is not valid JSON: unexpected token before character 4."
    ),
    e.DuplicateKey("op"): "The request body names a member twice: op.",
    e.InvalidRequest(
        "The id must be a whole number."
    ): "The request is invalid: The id must be a whole number.",
    e.InvalidRequest(): "The request is invalid.",
    e.TimeHeld(3, 17): "The time is already taken in the diary of associate id 3.",
}


@pytest.mark.parametrize(("error", "text"), TEXTS.items(), ids=lambda value: type(value).__name__)
def test_texts(error, text) -> None:
    assert body(error)["Message"] == text


@pytest.mark.clause("SO-ERROR-002")
def test_a_missing_appointment_has_the_documented_phrase() -> None:
    assert wording_of(e.AppointmentNotFound(1)).phrase == "Appointment Not Found"


BAD_PATCHES = [
    (e.PathNotFound(3, "/Foo"), "Operation 3, path '/Foo': there is no such member."),
    (
        e.InvalidPatch(0, None, "path must be a string"),
        "Operation 0: the body is not a patch: path must be a string.",
    ),
    (e.InvalidPatch(None, None, "it is a number."), "Bad patch: the body is not a patch: it is a number."),
    (e.InvalidPatch(), "Bad patch: the body is not a patch."),
    (e.ReadOnlyMember(1, "AppointmentId"), "Operation 1, path 'AppointmentId': the member is read-only."),
    (
        e.OperationNotSupported(0, "a"),
        "Operation 0, path 'a': only add, replace, remove and test are supported.",
    ),
    (
        e.InvalidPointer(0, "~2", "bad escape"),
        "Operation 0, path '~2': the path is not a JSON Pointer: bad escape.",
    ),
    (e.InvalidPointer(None, "~2"), "path '~2': the path is not a JSON Pointer."),
    (e.TooManyOperations(100, None, "at most 100"), "Operation 100: too many operations: at most 100."),
]


@pytest.mark.parametrize(("error", "text"), BAD_PATCHES)
def test_a_bad_patch_names_its_operation(error, text) -> None:
    answered = body(error)
    assert answered["Message"] == text
    assert answered.get("OperationIndex") == error.index
    assert answered.get("OperationPath") == error.path
    assert ("OperationIndex" in answered) is (error.index is not None)
    assert ("OperationPath" in answered) is (error.path is not None)


def test_a_long_path_is_cut() -> None:
    answered = body(e.InvalidPointer(0, "/x" * 5_000))
    assert len(answered["OperationPath"]) == 256
    assert len(answered["Message"]) < 400


def test_a_failed_test_tells_nothing_about_the_value_or_the_path() -> None:
    answers = {
        json.dumps(body(e.TestFailed(0, path, reason)))
        for path, reason in [("a", ""), ("b", "x"), (None, "")]
    }
    assert len(answers) == 1
    assert body(e.TestFailed(0, "a"))["OperationIndex"] == 0


@pytest.mark.parametrize(
    ("error", "more"),
    [
        (e.PreconditionFailed(7), [("ETag", '"7"')]),
        (e.PreconditionFailed(None), []),
        (e.MethodNotAllowed("PURGE", "/", ("GET", "PATCH")), [("Allow", "GET, PATCH")]),
        (e.TooManyRequests(9), [("Retry-After", "9")]),
        (e.TooManyAttempts(9, 10, NOON), [("Retry-After", "9")]),
        (e.RateLimited(9, 10, NOON), [("Retry-After", "9")]),
        (e.StoreBusy(), [("Retry-After", "1")]),
        (e.OutcomeUnknown(), [("Retry-After", "1")]),
        (e.IdempotencyKeyInUse(), [("Retry-After", "1")]),
        (e.Unauthenticated(), [("WWW-Authenticate", 'Basic realm="Appointed", charset="UTF-8"')]),
        (e.BodyTooLarge(), [("Connection", "close")]),
        (e.Forbidden(), []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_headers_say_what_to_do_next(error, more) -> None:
    assert list(headers(error)) == [("Appointed-Error", error.code), *more]


def test_all_problems_are_told_under_their_wire_names() -> None:
    answered = body(e.InvalidAppointment(PROBLEMS))
    assert answered["Problems"] == {
        "StartDate": "is not a date or time that exists",
        "Participants.0.PersonId": "names nothing that exists",
    }
    assert answered["Message"] == (
        "StartDate is not a date or time that exists; Participants.0.PersonId names nothing that exists."
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (e.Problem("title", "longest", 5000, 4000), "is too long; the most is 4000"),
        (
            e.Problem("ends_at", "longest", None, timedelta(days=365)),
            "is too long; the most is 365 days",
        ),
        (e.Problem("color_index", "range", 1, (-32768, 32767)), "must be from -32768 to 32767"),
        (e.Problem("Type", "enum", "x", ("A", "B")), "must be one of A, B"),
        (e.Problem("Type", "enum", "x"), "is not a known value"),
        (e.Problem("status", "move", "waiting", "cancelled"), "cannot be changed any more"),
        (e.Problem("status", "step", "late", "no_show"), "cannot become this now; it may become: no_show"),
        (e.Problem("x", "a rule of tomorrow"), "is not valid"),
    ],
)
def test_sentences(problem, text) -> None:
    assert sentence(problem) == text


def test_every_sentence_can_be_said() -> None:
    for rule in SENTENCES:
        for allowed in (None, (1, 2)):
            assert sentence(e.Problem("x", rule, None, allowed))


def test_values_are_not_repeated() -> None:
    secret = "jane@example.org"
    for rule in SENTENCES:
        assert secret not in summary([e.Problem("x", rule, secret)])


def test_a_member_is_named_once_and_a_long_list_is_cut() -> None:
    assert messages([e.Problem("title", "string"), e.Problem("title", "longest")]) == {
        "Title": "must be a text"
    }
    many = [e.Problem(f"Participants.{n}", "object") for n in range(23)]
    assert summary(many).endswith("Participants.19 must be an object; and 3 more.")
    assert len(body(e.InvalidAppointment(tuple(many)))["Problems"]) == 23


def test_wire_names_are_members_of_the_entity() -> None:
    assert wire_path(e.Problem("lag_minutes", "range")) == "LagTime"
    assert wire_path(e.Problem("CustomFields.x_status", "enum")) == "CustomFields.x_status"
    assert all(name[0].isupper() for name in WIRE_NAMES.values())


def test_the_phrase_names_what_was_not_found() -> None:
    assert phrase_of(e.AppointmentNotFound(1)) == b"Appointment Not Found"
    assert phrase_of(e.RecordNotFound("contact", 9)) == b"Contact Not Found"
    assert phrase_of(e.RouteNotFound("/x")) == b"Not Found"
    assert (
        phrase_of(e.RecordNotFound("for\r\nsl\u00e5tt" + "x" * 99, 9))
        == b"For??sl?tt" + b"x" * 54 + b" Not Found"
    )
