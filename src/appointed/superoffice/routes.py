"""The addresses of `/api/v1/Appointment` (PATCH Appointment/{id} and what belongs to it)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import View
from appointed.domain.errors import InvalidAppointment, InvalidPatch, MissingBody, ReadOnlyMember
from appointed.domain.principal import Principal
from appointed.domain.rights import Access
from appointed.http.conditional import read_precondition
from appointed.http.door import APPOINTMENT, Door, note_fixed
from appointed.http.dry_run import wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.idempotency import fingerprint, read_idempotency_key
from appointed.http.lost import lost_header
from appointed.http.preferences import heeds_strict
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Resource, route_any_case
from appointed.superoffice.answer import (
    DELETED,
    UPDATED,
    Seen,
    answer,
    entity_answer,
    read_answer,
    write_error,
    writer_of,
)
from appointed.superoffice.archive.routes import ArchiveRoutes
from appointed.superoffice.batch import BatchRoute
from appointed.superoffice.context import Manner
from appointed.superoffice.culprit import blame
from appointed.superoffice.defaults import default_appointment
from appointed.superoffice.dialect import (
    asks_conflict,
    edit_of_entity,
    edit_of_patch,
    new_of_entity,
    validate,
)
from appointed.superoffice.habits import read_habits
from appointed.superoffice.one_row import OneRowRoutes
from appointed.superoffice.request import (
    json_of,
    manner_of,
    meaning_of,
    number_of,
    reach_of,
    wish_of,
)
from appointed.superoffice.seen import seen_of, with_blockers
from appointed.superoffice.sent_back import as_it_was_read
from appointed.superoffice.service import write_value
from appointed.superoffice.trial import tell
from appointed.usecases.change_appointment import Call, Edit, change_appointment, delete_appointment
from appointed.usecases.create_appointment import create_appointment, new_names
from appointed.usecases.ports import Idempotency, Reply
from appointed.usecases.read_appointment import read_appointment

DOOR = "superoffice"
BASE = "/api/v1/Appointment"
FINDINGS = "map<string,string>"
# What no id is in an appointment's address.
OTHERS = ("default", "Validate", "Batch", "CustomField", "UdefLayout")
Json = Any


class SuperOfficeRoutes:
    """Answers SuperOffice's requests for appointments."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make the routes of this contract's appointments."""
        lists = ArchiveRoutes(self._door)
        one = {"GET": self.read, "PUT": self.put, "PATCH": self.patch, "DELETE": self.delete}
        table = {
            BASE: {"GET": lists.find, "POST": self.create},
            f"{BASE}/default": {"GET": self.default},
            f"{BASE}/Validate": {"POST": self.validate},
            f"{BASE}/Batch": {"POST": BatchRoute(self._door).post},
        }
        # The one that is called most is found first.
        return [
            route_any_case(BASE + "/{id}", Resource(one, write_error), but_not=OTHERS),
            *(route_any_case(path, Resource(verbs, write_error)) for path, verbs in table.items()),
            *lists.routes(),
            *OneRowRoutes(self._door).routes(),
        ]

    async def read(self, request: Request) -> ASGIApp:
        """GET Appointment/{id}: the entity, or 304 when the caller has it already."""
        principal, manner = await self._caller(request)
        wish = wish_of(request)
        reading, granted = await read_appointment(
            self._door.store, principal, number_of(request), wants_conflict=True
        )
        headers = headers_of(request.scope)
        if granted >= Access.READ:
            # Whether a guess at a row's revision was right is told to its readers alone.
            read_precondition(headers, for_write=False).demand(reading.row)
        view = View(reading.directory, self._door.clock())
        return read_answer(headers, await seen_of(self._door.store, reading, view), manner, wish)

    async def default(self, request: Request) -> ASGIApp:
        """GET Appointment/default: what a new appointment would be."""
        principal, manner = await self._caller(request)
        wish = wish_of(request)
        view = View(await self._door.store.directory(principal.tenant_id), self._door.clock())
        habits = await read_habits(self._door.store, principal, view.directory)
        row = default_appointment(new_names(self._door.ids, view.now), principal, view, habits)
        return entity_answer(Seen(row, view, False), manner, wish)

    async def create(self, request: Request) -> ASGIApp:
        """POST Appointment: defaults, then the members of the body; answers 200."""
        principal, manner = await self._caller(request)
        wish = wish_of(request)
        entity, _body = await self._entity(request)
        names = new_names(self._door.ids, self._door.clock())
        write = writer_of(manner, wish, self._door.clock)
        call = self._call(request, principal, entity, write)
        directory = await self._door.store.directory(principal.tenant_id)
        habits = await read_habits(self._door.store, principal, directory)
        draft = new_of_entity(entity, manner.context, principal, habits)
        outcome = await create_appointment(self._door.store, call, names, draft)
        if call.idempotency is None:
            outcome = await with_blockers(self._door.store, outcome)
        return answer(outcome, write)

    async def put(self, request: Request) -> ASGIApp:
        """PUT Appointment/{id}: the whole entity as the caller wants it."""
        principal, manner = await self._caller(request)
        number = number_of(request)
        entity, body = await self._entity(request)
        manner = await self._knowing(manner, entity, body, number)
        was = await as_it_was_read(self._door.store, entity, manner, number)
        edit = edit_of_entity(entity, manner.context, was)
        return await self._change(request, principal, manner, number, edit, entity)

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH Appointment/{id}: an array of operations, or an object to merge."""
        principal, manner = await self._caller(request)
        number = number_of(request)
        document, body = await json_of(request, self._door.limits)
        if not isinstance(document, dict | list):
            raise InvalidPatch(reason="the body must be an array of operations or an object")
        manner = await self._knowing(manner, document, body, number)
        edit = edit_of_patch(document, manner.context)
        return await self._change(request, principal, manner, number, edit, document)

    async def delete(self, request: Request) -> ASGIApp:
        """DELETE Appointment/{id}: 204; the event log keeps it."""
        principal, _manner = await self._caller(request)
        headers = headers_of(request.scope)
        is_dry = wants_dry_run(headers)
        call = Call(
            principal=principal,
            door=DOOR,
            precondition=read_precondition(headers),
            ids=self._door.ids,
            reach=reach_of(request),
            dry_run=is_dry,
            wants_conflicts=is_dry,
        )
        outcome = await delete_appointment(self._door.store, call, number_of(request))
        gone = Reply(204, lost_header(outcome), b"")
        return tell(request, (outcome,), WholeAnswer(gone)) if call.dry_run else WholeAnswer(gone, DELETED)

    async def validate(self, request: Request) -> ASGIApp:
        """POST Appointment/Validate: what is wrong with an entity, by member; empty when it can be saved."""
        principal, manner = await self._caller(request)
        wish = wish_of(request)
        entity, _body = await self._entity(request)
        view = View(await self._door.store.directory(principal.tenant_id), self._door.clock())
        names = new_names(self._door.ids, view.now)
        return write_value(validate(entity, manner.context, principal, names, view), FINDINGS, wish)

    async def _knowing(self, manner: Manner, document: Json, body: bytes, number: int) -> Manner:
        # Only a document that speaks of conflicts is worth looking for them before the change.
        if b"conflict" not in body.lower() or not asks_conflict(document):
            return manner
        reading, _access = await read_appointment(
            self._door.store, manner.principal, number, wants_conflict=True, is_shown=False
        )
        view = View(reading.directory, self._door.clock())
        seen = await seen_of(self._door.store, reading, view)
        return msgspec.structs.replace(manner, has_conflict=seen.has_conflict, blockers=seen.blockers)

    async def _change(
        self, request: Request, principal: Principal, manner: Manner, number: int, edit: Edit, content: Json
    ) -> ASGIApp:
        write = writer_of(manner, wish_of(request), self._door.clock)
        call = self._call(request, principal, content, write)
        try:
            outcome = await change_appointment(self._door.store, call, number, edit)
            if call.idempotency is None:
                outcome = await with_blockers(self._door.store, outcome)
            return answer(outcome, write, UPDATED)
        except InvalidAppointment as error:
            blame(error, content)
            raise
        except ReadOnlyMember as error:
            note_fixed(self._door, request.scope, principal, APPOINTMENT, number, error.members)
            raise

    async def _caller(self, request: Request) -> tuple[Principal, Manner]:
        principal = await self._door.callers.principal(request.scope)
        return principal, manner_of(request, principal, self._door.base_url(request.scope), self._door.ids)

    def _call(self, request: Request, principal: Principal, content: Json, write: Any) -> Call:
        headers = headers_of(request.scope)
        # PUT replaces by itself; the key is for requests that would do something twice.
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
            wants_conflicts=True,
            ids=self._door.ids,
            reach=reach_of(request),
            is_strict=heeds_strict(request.scope),
            dry_run=wants_dry_run(headers),
        )

    async def _entity(self, request: Request) -> tuple[dict[str, Json], bytes]:
        value, body = await json_of(request, self._door.limits)
        if not isinstance(value, dict):
            raise MissingBody
        return value, body
