"""The addresses of `/api/v1/Contact`, `Person`, `Project` and `Sale`: list, read, create, replace, patch."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import Record, View
from appointed.domain.errors import (
    AppointmentNotFound,
    InvalidAppointment,
    InvalidPatch,
    MissingBody,
    ReadOnlyMember,
    RecordNotFound,
)
from appointed.domain.principal import Principal
from appointed.domain.rights import Access
from appointed.http.conditional import read_precondition
from appointed.http.door import Door, note_fixed
from appointed.http.dry_run import wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.idempotency import fingerprint, read_idempotency_key
from appointed.http.resource import Handler, Resource, route_any_case
from appointed.superoffice.answer import answer, write_error
from appointed.superoffice.archive.routes import ArchiveRoutes
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.context import Manner
from appointed.superoffice.culprit import blame
from appointed.superoffice.entities import Work
from appointed.superoffice.records.answer import draft_answer, read_answer, writer_of
from appointed.superoffice.records.tables import KINDS, Kind
from appointed.superoffice.request import json_of, manner_of, meaning_of, number_of, wish_of
from appointed.superoffice.routes import DOOR
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_record import (
    EditedRecord,
    RecordEdit,
    change_record,
    create_record,
    demand_access,
    read_record,
)
from appointed.usecases.ports import Idempotency, Outcome, Reply

Write = Callable[[Outcome], Reply]
# What no id is in a record's address.
OTHERS = ("default", "CustomField", "UdefLayout")


class RecordRoutes:
    """Answers SuperOffice's requests for the small records."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make the routes of all kinds."""
        return [route for kind in KINDS for route in self._routes_of(kind)]

    def _routes_of(self, kind: Kind) -> list[Route]:
        one = {"GET": self._read(kind), "PUT": self._put(kind), "PATCH": self._patch(kind)}
        every = {"GET": ArchiveRoutes(self._door).records(kind.kind), "POST": self._create(kind)}
        return [
            route_any_case(kind.path + "/{id}", Resource(one, write_error), but_not=OTHERS),
            route_any_case(f"{kind.path}/default", Resource({"GET": self._default(kind)}, write_error)),
            route_any_case(kind.path, Resource(every, write_error)),
        ]

    def _read(self, kind: Kind) -> Handler:
        async def read(request: Request) -> ASGIApp:
            principal, manner = await self._caller(request)
            wish, number = wish_of(request), _number(request, kind)
            headers = headers_of(request.scope)
            view = await self._view(principal)
            call = Call(
                principal=principal, door=DOOR, precondition=read_precondition(headers, for_write=False)
            )
            record = read_record(call, view, kind.kind, number)
            return read_answer(headers, kind, record, view, manner, wish)

        return read

    def _default(self, kind: Kind) -> Handler:
        async def default(request: Request) -> ASGIApp:
            principal, manner = await self._caller(request)
            wish, view = wish_of(request), await self._view(principal)
            demand_access(Call(principal=principal, door=DOOR), view, kind.kind, Access.CHANGE)
            return draft_answer(kind, kind.new(principal.associate_id), view, manner, wish)

        return default

    def _create(self, kind: Kind) -> Handler:
        async def create(request: Request) -> ASGIApp:
            principal, manner = await self._caller(request)
            write = _writer(self._door, request, kind, manner)
            document, _body = await json_of(request, self._door.limits)
            if not isinstance(document, dict):
                raise MissingBody
            work = kind.entity.part(document)

            def draft(view: View) -> EditedRecord:
                return EditedRecord(*work(kind.new(principal.associate_id), manner.general(view)))

            call = self._call(request, principal, document, write)
            return answer(await create_record(self._door.store, call, kind.kind, draft), write)

        return create

    def _put(self, kind: Kind) -> Handler:
        async def put(request: Request) -> ASGIApp:
            principal, manner = await self._caller(request)
            number = _number(request, kind)
            document, _body = await json_of(request, self._door.limits)
            if not isinstance(document, dict):
                raise MissingBody
            work = kind.entity.whole(document)
            return await self._change(request, principal, manner, kind, number, work, document)

        return put

    def _patch(self, kind: Kind) -> Handler:
        async def patch(request: Request) -> ASGIApp:
            principal, manner = await self._caller(request)
            number = _number(request, kind)
            document, _body = await json_of(request, self._door.limits)
            if not isinstance(document, dict | list):
                raise InvalidPatch(reason="the body must be an array of operations or an object")
            work = kind.entity.patch(document)
            return await self._change(request, principal, manner, kind, number, work, document)

        return patch

    async def _change(
        self,
        request: Request,
        principal: Principal,
        manner: Manner,
        kind: Kind,
        number: int,
        work: Work[Record],
        content: Json,
    ) -> ASGIApp:
        write = _writer(self._door, request, kind, manner)
        call = self._call(request, principal, content, write)
        edit = _edit(work, manner)
        try:
            return answer(await change_record(self._door.store, call, kind.kind, number, edit), write)
        except InvalidAppointment as error:
            blame(error, content)
            raise
        except ReadOnlyMember as error:
            note_fixed(self._door, request.scope, principal, kind.kind, number, error.members)
            raise

    def _call(self, request: Request, principal: Principal, content: Json, write: Write) -> Call:
        headers = headers_of(request.scope)
        key = read_idempotency_key(headers) if request.method in ("POST", "PATCH") else None
        idempotency = None
        if key is not None:
            asked = fingerprint(request.scope, content, meaning_of(headers))
            idempotency = Idempotency(key, asked, write)
        return Call(
            principal=principal,
            door=DOOR,
            precondition=read_precondition(headers),
            idempotency=idempotency,
            dry_run=wants_dry_run(headers),
        )

    async def _caller(self, request: Request) -> tuple[Principal, Manner]:
        principal = await self._door.callers.principal(request.scope)
        return principal, manner_of(request, principal, self._door.base_url(request.scope))

    async def _view(self, principal: Principal) -> View:
        return View(await self._door.store.directory(principal.tenant_id), self._door.clock())


def _writer(door: Door, request: Request, kind: Kind, manner: Manner) -> Write:
    return writer_of(kind, manner, wish_of(request), door.clock)


def _edit(work: Work[Record], manner: Manner) -> RecordEdit:
    return lambda record, view: EditedRecord(*work(record, manner.general(view)))


def _number(request: Request, kind: Kind) -> int:
    try:
        number = number_of(request)
    except AppointmentNotFound as error:
        raise RecordNotFound(kind.kind, error.ref) from error
    if not number:
        # Inside 0 is a record that is still to be made.
        raise RecordNotFound(kind.kind, number)
    return number
