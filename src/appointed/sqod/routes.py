"""The addresses of `/api/v1/appointments` (SQOD API: list, create, read, update, cancel)."""

from uuid import UUID

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.errors import AppointedError, AppointmentNotFound
from appointed.domain.precondition import NO_PRECONDITION
from appointed.domain.principal import Principal
from appointed.domain.rights import access, keys
from appointed.domain.series import Reach
from appointed.http.conditional import etag, not_modified, read_precondition
from appointed.http.dates import http_date
from appointed.http.door import Door
from appointed.http.dry_run import dry_run_reply, is_told, wants_dry_run, would_be
from appointed.http.headers import headers_of
from appointed.http.preferences import heeds_strict
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Resource, route
from appointed.sqod.availability import AvailabilityRoute
from appointed.sqod.batch import UUID_TEXT, read_items
from appointed.sqod.batch import reach_of as read_reach
from appointed.sqod.carrier import AppointmentResource, Envelope, render
from appointed.sqod.dialect import reference_of, to_cancellation, to_draft, to_edit
from appointed.sqod.errors import reply_to
from appointed.sqod.forms import Fields
from appointed.sqod.input import cleaned
from appointed.sqod.intake import Intake, Writer, idempotency_of
from appointed.sqod.listing import to_select
from appointed.sqod.paging import envelope, read_paging
from appointed.usecases.change_appointment import Call, Edit, change_appointment
from appointed.usecases.change_many import change_many
from appointed.usecases.create_appointment import create_appointment, new_names
from appointed.usecases.list_appointments import list_appointments
from appointed.usecases.ports import Outcome, Reply
from appointed.usecases.read_appointment import read_appointment

DOOR = "sqod"
BASE = "/api/v1/appointments"
JSON = "application/json"
JSON_TYPE = ("Content-Type", JSON)
REPLAYED = ("Idempotent-Replayed", "true")


class SqodRoutes:
    """Answers SQOD's requests; `created_status` is what a create answers (200 or 201)."""

    def __init__(self, door: Door, created_status: int = 201) -> None:
        self._door = door
        self._intake = Intake(door.limits)
        self._created_status = created_status
        self._encoder = msgspec.json.Encoder()

    def routes(self) -> list[Route]:
        """Make the routes of this contract."""
        one = {"GET": self.read, "PATCH": self.patch}
        return [
            route(BASE, Resource({"GET": self.list, "POST": self.create}, write_error)),
            route(BASE + "/batch", Resource({"POST": self.batch}, write_error)),
            route(BASE + "/{uid}", Resource(one, write_error, override=self._intake.verb)),
            route(BASE + "/{uid}/cancel", Resource({"POST": self.cancel}, write_error)),
            *AvailabilityRoute(self._door, write_error).routes(),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET /api/v1/appointments: one page of what is asked for, as far as the caller's role reaches."""
        principal = await self._door.callers.principal(request.scope)
        query_string = request.scope["query_string"]
        query = self._intake.query(request)
        paging, select = read_paging(query), to_select(cleaned(query.values))
        page = await list_appointments(self._door.store, principal, paging.page, paging.per_page, select)
        base_url = self._door.base_url(request.scope)
        rows = [_shown(row, page.directory, base_url, principal) for row in page.rows]
        body = envelope(rows, page.total, paging, base_url + BASE, query_string)
        return Response(self._encoder.encode(body), media_type=JSON)

    async def create(self, request: Request) -> ASGIApp:
        """POST /api/v1/appointments: a new appointment with its meeting."""
        principal = await self._door.callers.principal(request.scope)
        fields = await self._intake.fields(request)
        given = cleaned(fields.values)
        draft, reference = to_draft(given, principal), reference_of(given)
        names = new_names(self._door.ids, self._door.clock())
        write = self._writer(request, principal, self._created_status)
        call = self._call(request, principal, fields, write)
        outcome = await create_appointment(self._door.store, call, names, draft, reference=reference)
        return _answer(outcome, write)

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/appointments/{appointment}."""
        principal = await self._door.callers.principal(request.scope)
        reading, granted = await read_appointment(
            self._door.store, principal, _uid(request), hides_foreign=True
        )
        headers = headers_of(request.scope)
        read_precondition(headers, for_write=False).demand(reading.row)
        tag = etag(reading.row.revision)
        if not_modified(headers, tag, None if reading.row.is_second_shared else reading.row.modified_at):
            return WholeAnswer(Reply(304, _tags(reading.row), b""))
        base_url = self._door.base_url(request.scope)
        shown = render(reading.row, reading.directory, base_url, keys(principal, reading.row, granted))
        body = self._encoder.encode(Envelope(shown))
        return _response(Reply(200, _tags(reading.row), body))

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/appointments/{appointment}, also as POST with `_method=PATCH`."""
        principal = await self._door.callers.principal(request.scope)
        uid = _uid(request)
        fields = await self._intake.fields(request)
        edit = to_edit(cleaned(fields.values), self._door.ids)
        return await self._change(request, principal, fields, uid, edit)

    async def cancel(self, request: Request) -> ASGIApp:
        """POST /api/v1/appointments/{appointment}/cancel; again it answers the same."""
        principal = await self._door.callers.principal(request.scope)
        uid = _uid(request)
        fields = await self._intake.fields(request)
        edit = to_cancellation(cleaned(fields.values))
        return await self._change(request, principal, fields, uid, edit)

    async def batch(self, request: Request) -> ASGIApp:
        """POST /api/v1/appointments/batch: every update or none."""
        principal = await self._door.callers.principal(request.scope)
        fields = await self._intake.fields(request)
        items = read_items(cleaned(fields.values), self._door.ids)
        write = self._batch_writer(request, principal, tuple(item.ref for item in items))
        call = replace(self._call(request, principal, fields, write), precondition=NO_PRECONDITION)
        outcome, _ids = await change_many(self._door.store, call, items)
        return _answer(outcome, write)

    async def _change(
        self, request: Request, principal: Principal, fields: Fields, uid: UUID, edit: Edit
    ) -> ASGIApp:
        write = self._writer(request, principal, 200)
        call = self._call(request, principal, fields, write)
        return _answer(await change_appointment(self._door.store, call, uid, edit), write)

    def _call(self, request: Request, principal: Principal, fields: Fields, write: Writer) -> Call:
        headers = headers_of(request.scope)
        return Call(
            principal=principal,
            door=DOOR,
            precondition=read_precondition(headers),
            idempotency=idempotency_of(request, fields, write),
            hides_foreign=True,
            ids=self._door.ids,
            reach=_reach(request),
            is_strict=heeds_strict(request.scope),
            dry_run=wants_dry_run(headers),
            wants_conflicts=wants_dry_run(headers),
        )

    def _batch_writer(self, request: Request, principal: Principal, uids: tuple[int | UUID, ...]) -> Writer:
        base_url = self._door.base_url(request.scope)

        def write(outcome: Outcome) -> Reply:
            directory = _directory(outcome)
            rows = {row.uid: row for row in outcome.rows}
            told = [
                {"etag": etag(row.revision), "appointment": _shown(row, directory, base_url, principal)}
                for row in (rows[uid] for uid in uids if isinstance(uid, UUID))
            ]
            return Reply(200, (), self._encoder.encode({"data": told}))

        return write

    def _writer(self, request: Request, principal: Principal, status: int) -> Writer:
        base_url = self._door.base_url(request.scope)

        def write(outcome: Outcome) -> Reply:
            row = outcome.rows[0]
            directory = _directory(outcome)
            body = self._encoder.encode(Envelope(_shown(row, directory, base_url, principal)))
            return Reply(status, _tags(row), body)

        return write


def _shown(
    row: Appointment, directory: Directory, base_url: str, principal: Principal
) -> AppointmentResource:
    return render(row, directory, base_url, keys(principal, row, access(principal, row, directory)))


def _tags(row: Appointment) -> tuple[tuple[str, str], ...]:
    return (("ETag", etag(row.revision)), ("Last-Modified", http_date(row.modified_at)))


def _reach(request: Request) -> Reach:
    """Read how far in a series a change goes: `series`; this one without it."""
    value = request.query_params.get("series", "") if request.scope["query_string"] else ""
    # What is sent empty is not sent, here as in every other place.
    return read_reach(value.strip() or "this")


def _answer(outcome: Outcome, write: Writer) -> ASGIApp:
    if outcome.pairs is not None:
        return WholeAnswer(dry_run_reply((outcome,), write(outcome)))
    if outcome.replayed is None:
        return _response(write(outcome))
    replayed = outcome.replayed
    return _response(Reply(replayed.status, (*replayed.headers, REPLAYED), replayed.body))


def _directory(outcome: Outcome) -> Directory:
    if outcome.directory is None:
        raise TypeError("the store answered a change without its directory")
    return outcome.directory


def _uid(request: Request) -> UUID:
    text = request.path_params["uid"]
    # UUID() reads braces, prefixes and missing dashes too; an address has one spelling.
    if UUID_TEXT.fullmatch(text) is None:
        raise AppointmentNotFound(text)
    return UUID(text)


def _response(reply: Reply) -> ASGIApp:
    return WholeAnswer(Reply(reply.status, (*reply.headers, JSON_TYPE), reply.body))


def write_error(request: Request, error: AppointedError) -> ASGIApp:
    """Word a failure as SQOD does, or tell of it where a dry run asked for it."""
    reply = reply_to(error)
    if is_told(request.scope, reply.status):
        return WholeAnswer(dry_run_reply(would_be(error), reply, error))
    return WholeAnswer(reply)
