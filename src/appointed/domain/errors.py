"""Every way a request can fail, as one tree; each contract words the leaves at its own door.

AppointedError
├── Unauthenticated
│   └── CrossSiteRequest
├── Forbidden
├── AppointmentNotFound · RecordNotFound
├── PreconditionFailed
├── RecordInUse                   carries what stands in the way of its end
├── InvalidAppointment            carries every Problem
│   ├── UrlNotAllowed             all of them about where a redirect leads
│   └── MoveRefused               carries the states that are allowed
├── PatchRejected                 carries the operation's index and path
│   ├── InvalidPatch · OperationNotSupported · TooManyOperations
│   ├── InvalidPointer · PathNotFound · ReadOnlyMember
│   └── TestFailed
├── BodyRejected
│   ├── MalformedJson · DuplicateKey · InvalidString · MissingBody
│   ├── BodyTooLarge · TooManyParts · MalformedMultipart
│   └── UnsupportedMediaType
├── InvalidRequest · RouteNotFound · MethodNotAllowed · NotAcceptable · NotProvided
├── IdempotencyRejected
│   ├── InvalidIdempotencyKey · IdempotencyKeyReused · IdempotencyKeyInUse · AnswerErased
├── TimeHeld
├── TooManyRequests · TooManyAttempts · RateLimited · RequestTimeout · HeadersTooLarge
└── StoreFailed
    ├── StoreBusy · SearchTooSlow · OutcomeUnknown · StorageFull · SealBroken
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from appointed.domain.held import Blocker, WantedTime
from appointed.domain.hours import Slot


class Problem(msgspec.Struct, frozen=True):
    """One broken rule: a dotted member path, the rule's name, the value given and what the rule allows."""

    path: str
    rule: str
    value: Any = None
    allowed: Any = None


# What a title says is for the caller, and for no log.
UNLOGGED = frozenset({"held_by", "offers", "wanted", "would"})


class AppointedError(Exception):
    """Root of the tree; `code` is stable and public (header `Appointed-Error`)."""

    code: ClassVar[str] = "internal"
    # Which item of several that were asked for together failed, from 0.
    item: int | None = None

    def __str__(self) -> str:
        """Name the class and its data; for logs and tests, never for the wire."""
        data = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if name not in UNLOGGED)
        return f"{type(self).__name__}({data})"


class Unauthenticated(AppointedError):
    """Nobody we know is calling: no credential, or one that is broken, expired or revoked.

    `detail` says more, to whoever may hear it.
    """

    code = "unauthenticated"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class CrossSiteRequest(Unauthenticated):
    """A cookie session without its XSRF value, or called from another site."""

    code = "xsrf"


class Forbidden(AppointedError):
    """The caller is known and may not do this with this `thing`; `members` are what they may not change."""

    code = "forbidden"

    def __init__(self, thing: str = "appointment", members: tuple[str, ...] = ()) -> None:
        super().__init__(thing, members)
        self.thing = thing
        self.members = members


class AppointmentNotFound(AppointedError):
    """No such appointment in the caller's tenant; an id of another tenant looks just the same."""

    code = "not_found"

    def __init__(self, ref: object) -> None:
        super().__init__(ref)
        self.ref = ref


class RecordNotFound(AppointedError):
    """No such small record in the caller's tenant; `kind` as the directory names it ("contact")."""

    code = "record_not_found"

    def __init__(self, kind: str, ref: object) -> None:
        super().__init__(kind, ref)
        self.kind = kind
        self.ref = ref


class RecordInUse(AppointedError):
    """A small record cannot go while others refer to it; `by` counts them, by what they are."""

    code = "record_in_use"

    def __init__(self, kind: str, by: Mapping[str, int]) -> None:
        super().__init__(kind, dict(by))
        self.kind = kind
        self.by = dict(by)


class PreconditionFailed(AppointedError):
    """The appointment, or whatever `thing` is, is no longer what the caller last saw.

    `is_by_date`: the caller told when they saw it, and no revision.
    """

    code = "precondition_failed"

    def __init__(self, revision: int | None, thing: str = "Appointment", *, is_by_date: bool = False) -> None:
        super().__init__(revision, thing)
        self.revision = revision
        self.thing = thing
        self.is_by_date = is_by_date


class InvalidAppointment(AppointedError):
    """The appointment as asked for breaks rules; carries all of them, never only the first.

    `index` and `path` are of the operation that did it, where operations did.
    """

    code = "invalid_value"
    index: int | None = None
    path: str | None = None

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems


class UrlNotAllowed(InvalidAppointment):
    """Every broken rule is about an address that may not be led to."""

    code = "url_not_allowed"


class MoveRefused(InvalidAppointment):
    """A step that the appointment's state does not allow; `allowed` are the states that steps lead to."""

    code = "move_refused"

    def __init__(self, before: str, wanted: str, allowed: tuple[str, ...]) -> None:
        super().__init__((Problem("status", "step", wanted, ", ".join(allowed) or "nothing"),))
        self.before = before
        self.wanted = wanted
        self.allowed = allowed


def invalid(problems: Iterable[Problem]) -> InvalidAppointment:
    """Make the error that fits these problems: UrlNotAllowed when all are about addresses."""
    found = tuple(problems)
    is_about_urls = all(problem.rule == UrlNotAllowed.code for problem in found)
    return UrlNotAllowed(found) if found and is_about_urls else InvalidAppointment(found)


class PatchRejected(AppointedError):
    """A patch cannot be applied; `index` counts operations from 0, `path` is as the caller wrote it."""

    code = "invalid_patch"

    def __init__(self, index: int | None = None, path: str | None = None, reason: str = "") -> None:
        super().__init__(index, path, reason)
        self.index = index
        self.path = path
        self.reason = reason


class InvalidPatch(PatchRejected):
    """The document is not a patch: no list of operations, an operation without op, path or value."""


class OperationNotSupported(PatchRejected):
    """`move` and `copy` (PATCH Appointment/{id}: "not supported")."""

    code = "operation_not_supported"


class TooManyOperations(PatchRejected):
    """More operations, or more work in them, than the limits allow."""

    code = "too_many_operations"


class InvalidPointer(PatchRejected):
    """The path is not a JSON Pointer, or holds an index that is none (RFC 6901 §3, §4)."""

    code = "invalid_pointer"


class PathNotFound(PatchRejected):
    """The path names nothing that exists or could be added."""

    code = "path_not_found"


class ReadOnlyMember(PatchRejected):
    """The operation changes a member that is fixed; `members` are all that the patch would have changed."""

    code = "read_only"

    def __init__(
        self,
        index: int | None = None,
        path: str | None = None,
        reason: str = "",
        members: tuple[str, ...] = (),
    ) -> None:
        super().__init__(index, path, reason)
        self.members = members


class TestFailed(PatchRejected):
    """A `test` operation found another value."""

    code = "test_failed"
    __test__ = False


class BodyRejected(AppointedError):
    """The request body cannot be read."""

    code = "malformed_json"

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class MalformedJson(BodyRejected):
    """Not JSON, or JSON past the limits of depth, size or number."""


class DuplicateKey(BodyRejected):
    """One object names a member twice; `reason` is the name."""

    code = "duplicate_key"


class InvalidString(BodyRejected):
    """A string holds U+0000; `index` and `path` are of the operation, where operations did."""

    code = "invalid_string"

    def __init__(self, reason: str = "", index: int | None = None, path: str | None = None) -> None:
        super().__init__(reason)
        self.index = index
        self.path = path


class MissingBody(BodyRejected):
    """A body is needed and there is none."""

    code = "missing_body"


class BodyTooLarge(BodyRejected):
    """More bytes than the limit."""

    code = "body_too_large"


class TooManyParts(BodyRejected):
    """More form parts, or larger part headers, than the limits."""

    code = "too_many_parts"


class MalformedMultipart(BodyRejected):
    """A multipart body without a usable boundary or end."""

    code = "malformed_multipart"


class UnsupportedMediaType(BodyRejected):
    """A body in a form this contract does not read (XML, compressed, an odd charset)."""

    code = "unsupported_media_type"


class InvalidRequest(AppointedError):
    """The request line, a header or a query parameter is not usable; `reason` names it."""

    code = "invalid_request"

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class RouteNotFound(AppointedError):
    """No such address."""

    code = "route_not_found"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class MethodNotAllowed(AppointedError):
    """The address exists, the verb does not; `allowed` lists those that do."""

    code = "method_not_allowed"

    def __init__(self, method: str, path: str, allowed: tuple[str, ...]) -> None:
        super().__init__(method, path, allowed)
        self.method = method
        self.path = path
        self.allowed = allowed


class NotAcceptable(AppointedError):
    """None of the answer's media types is acceptable to the caller."""

    code = "not_acceptable"


class NotProvided(AppointedError):
    """What is asked for belongs to a system that this product does not have; `needs` names it."""

    code = "not_provided"

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


class IdempotencyRejected(AppointedError):
    """An `Idempotency-Key` that cannot be honoured."""

    code = "idempotency_key"


class InvalidIdempotencyKey(IdempotencyRejected):
    """The key is empty, longer than 255 characters, or not printable ASCII."""

    code = "invalid_idempotency_key"


class IdempotencyKeyReused(IdempotencyRejected):
    """The key came before with another request."""

    code = "idempotency_key_reused"


class IdempotencyKeyInUse(IdempotencyRejected):
    """The first request with this key is still running."""

    code = "idempotency_key_in_use"


class AnswerErased(IdempotencyRejected):
    """The request was done, and its answer went with a claimant who was erased since."""

    code = "idempotency_answer_erased"


class TimeHeld(AppointedError):
    """An exclusive diary already holds this time; `blocker` is the appointment id that holds it.

    `clashes` are all of them: (resource, start of the wanted time with its lead, blocker); `losers` are the
    rows that wanted each, and `bookings` the uids of their bookings, which the store fills in. What the
    caller is told of the blocker, and which times are free instead, is filled in once nothing can decline. A
    dry run says in `would` what the change would be if the time were free.
    """

    code = "time_held"

    def __init__(
        self,
        resource: int,
        blocker: int,
        clashes: tuple[tuple[int, datetime, int], ...] = (),
        losers: tuple[int, ...] = (),
    ) -> None:
        super().__init__(resource, blocker)
        self.resource = resource
        self.blocker = blocker
        self.clashes = clashes
        self.losers = losers
        self.bookings: tuple[UUID, ...] = ()
        self.wanted: WantedTime | None = None
        self.held_by: Blocker | None = None
        self.offers: tuple[Slot, ...] = ()
        self.would: Any = None


class TooManyRequests(AppointedError):
    """Too much asked for in too short a time; come back after `retry_after` seconds."""

    code = "too_many_requests"

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class TooManyAttempts(AppointedError):
    """None of `limit` wrong passwords a minute is left until `resets_at`, in `retry_after` seconds."""

    code = "too_many_attempts"

    def __init__(self, retry_after: int, limit: int, resets_at: datetime) -> None:
        super().__init__(retry_after, limit, resets_at)
        self.retry_after = retry_after
        self.limit = limit
        self.resets_at = resets_at


class RateLimited(AppointedError):
    """None of the caller's `limit` requests a minute is left until `resets_at`, in `retry_after` seconds."""

    code = "rate_limited"

    def __init__(self, retry_after: int, limit: int, resets_at: datetime) -> None:
        super().__init__(retry_after, limit, resets_at)
        self.retry_after = retry_after
        self.limit = limit
        self.resets_at = resets_at


class RequestTimeout(AppointedError):
    """The request did not arrive, or was not answered, in time."""

    code = "request_timeout"


class HeadersTooLarge(AppointedError):
    """The request line or headers exceed their limits."""

    code = "headers_too_large"


class StoreFailed(AppointedError):
    """The store could not do it; nothing was changed unless a leaf says otherwise."""

    code = "store_failed"


class StoreBusy(StoreFailed):
    """No connection, or three lost races for locks; try again."""

    code = "store_busy"


class SearchTooSlow(StoreFailed):
    """A search was given up after the time that one may take; narrower, it may succeed."""

    code = "search_too_slow"


class OutcomeUnknown(StoreFailed):
    """The commit was sent and its answer never came; the change may or may not stand."""

    code = "outcome_unknown"


class StorageFull(StoreFailed):
    """The disk is full."""

    code = "storage_full"


class SealBroken(StoreFailed):
    """A sealed value cannot be opened: its key is gone or another, or it was tampered with."""

    code = "seal_broken"
