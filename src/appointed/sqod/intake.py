"""What SQOD's addresses take from a request: its fields, the verb a POST stands for, the key of a retry."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request

from appointed.domain.errors import AppointedError
from appointed.http.body import read_body
from appointed.http.headers import headers_of
from appointed.http.idempotency import fingerprint, read_idempotency_key
from appointed.http.limits import Limits
from appointed.sqod.forms import NO_FIELDS, Fields
from appointed.sqod.input import is_form, read_input, read_query, requested_verb
from appointed.usecases.ports import Idempotency, Outcome, Reply

Writer = Callable[[Outcome], Reply]

_BODY: Final = "appointed.sqod.body"


class Intake:
    """Reads requests within the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def fields(self, request: Request) -> Fields:
        """Read the members of the body, once per request."""
        # The verb of a POST may stand in its body, so the body may have been read before.
        kept: Fields | AppointedError | None = request.scope.get(_BODY)
        if kept is None:
            kept = request.scope[_BODY] = await self._read(request)
        if isinstance(kept, AppointedError):
            raise kept
        return kept

    async def _read(self, request: Request) -> Fields | AppointedError:
        headers = headers_of(request.scope)
        try:
            body = await read_body(request.scope, request.receive, self._limits, is_form=is_form(headers))
            return read_input(headers, body, self._limits)
        except AppointedError as error:
            return error

    def query(self, request: Request) -> Fields:
        """Read the query string as PHP does."""
        return read_query(request.scope["query_string"], self._limits)

    async def verb(self, request: Request) -> str:
        """Give the verb that a POST stands for; see `requested_verb`.

        A body that cannot be read names none; where nothing else does, that is the failure.
        """
        try:
            fields = await self.fields(request)
        except AppointedError:
            verb = requested_verb(headers_of(request.scope), self.query(request), NO_FIELDS)
            if verb == "POST":
                raise
            # Who calls comes before what is sent: the body's failure is met again, in its turn.
            return verb
        return requested_verb(headers_of(request.scope), self.query(request), fields)


def idempotency_of(request: Request, fields: Fields, write: Writer) -> Idempotency | None:
    """Give the caller's key for this request, None without one; raises InvalidIdempotencyKey."""
    key = read_idempotency_key(headers_of(request.scope))
    if key is None:
        return None
    return Idempotency(key, fingerprint(request.scope, fields.values), write)
