"""What the addresses of departments, users and waiting areas have in common (ours: ADR 0116)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from appointed.domain.directory import Directory, Record
from appointed.domain.errors import RecordNotFound
from appointed.domain.principal import Principal
from appointed.domain.rights import caller
from appointed.http.conditional import etag, not_modified, read_precondition
from appointed.http.door import Door
from appointed.http.dry_run import dry_run_reply, wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.replies import WholeAnswer
from appointed.sqod.forms import Fields
from appointed.sqod.intake import Intake, Writer, idempotency_of
from appointed.sqod.paging import envelope, read_paging
from appointed.sqod.routes import DOOR, JSON_TYPE, REPLAYED
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Outcome, Reply

LONGEST_ID: Final = 15

# A record and the directory of the same moment → the body that shows it.
Show = Callable[[Any, Directory], msgspec.Struct]


class Desk:
    """Reads requests for records and words their answers; the same for every kind."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.intake = Intake(door.limits)

    async def caller(self, request: Request) -> tuple[Principal, Directory]:
        """Give who calls, and the newest directory of their tenant; raises Unauthenticated."""
        principal = await self.door.callers.principal(request.scope)
        directory = await self.door.store.directory(principal.tenant_id)
        caller(principal, directory)
        return principal, directory

    def page(
        self, request: Request, path: str, seen: Sequence[Any], show: Callable[[Any], msgspec.Struct]
    ) -> ASGIApp:
        """Answer one page of what the caller may know of."""
        paging = read_paging(self.intake.query(request))
        start = (paging.page - 1) * paging.per_page
        rows = [show(one) for one in seen[start : start + paging.per_page]]
        address = self.door.base_url(request.scope) + path
        body = envelope(rows, len(seen), paging, address, request.scope["query_string"])
        return WholeAnswer(Reply(200, (JSON_TYPE,), msgspec.json.encode(body)))

    def call(self, request: Request, principal: Principal, fields: Fields, write: Writer) -> Call:
        """Make the call of a change: its conditions, its key, and whether it is a dry run."""
        headers = headers_of(request.scope)
        return Call(
            principal=principal,
            door=DOOR,
            precondition=read_precondition(headers),
            idempotency=idempotency_of(request, fields, write),
            dry_run=wants_dry_run(headers),
        )


def shown(request: Request, record: Record, content: msgspec.Struct) -> ASGIApp:
    """Answer a read, under its conditions; names of other records that it shows are outside its tag."""
    headers = headers_of(request.scope)
    read_precondition(headers, for_write=False).demand(record)
    tag = etag(record.revision)
    if not_modified(headers, tag, None if record.is_second_shared else record.modified_at):
        return Response(status_code=304, headers={"ETag": tag})
    return WholeAnswer(Reply(200, (JSON_TYPE, ("ETag", tag)), msgspec.json.encode(content)))


def writer(status: int, show: Show) -> Writer:
    """Make what words the answer to a change."""

    def write(outcome: Outcome) -> Reply:
        record = outcome.record
        if record is None or outcome.directory is None:
            raise TypeError("the store answered a change without its record")
        body = msgspec.json.encode(show(record, outcome.directory))
        return Reply(status, (JSON_TYPE, ("ETag", etag(record.revision))), body)

    return write


def gone(_outcome: Outcome) -> Reply:
    """Word the answer to a removal."""
    return Reply(204, (), b"")


def answered(outcome: Outcome, write: Writer) -> ASGIApp:
    """Answer a change, again what its earlier twin was answered, or what a dry run found."""
    if outcome.pairs is not None:
        return WholeAnswer(dry_run_reply((outcome,), write(outcome)))
    replayed = outcome.replayed
    if replayed is None:
        return WholeAnswer(write(outcome))
    return WholeAnswer(Reply(replayed.status, (*replayed.headers, REPLAYED), replayed.body))


def number(given: str, kind: str) -> int:
    """Read the number of a record in an address; raises RecordNotFound."""
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_ID):
        raise RecordNotFound(kind, given)
    return int(given)
