"""The addresses of `/api/v1/departments`, `/api/v1/users` and `/api/v1/me` (ours: ADR 0116)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.department import find_department
from appointed.domain.directory import Associate, Department, Directory
from appointed.domain.errors import RecordNotFound
from appointed.domain.principal import Principal
from appointed.domain.rights import caller, may_see_department
from appointed.http.body import read_body
from appointed.http.conditional import etag, not_modified, read_precondition
from appointed.http.door import Door
from appointed.http.dry_run import APPLIED, wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.idempotency import fingerprint, read_idempotency_key
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Resource, route
from appointed.sqod.forms import Fields
from appointed.sqod.input import cleaned, is_form, read_input, read_query, requested_verb
from appointed.sqod.organisation.carrier import (
    DepartmentEnvelope,
    UserEnvelope,
    show_department,
    show_user,
)
from appointed.sqod.organisation.dialect import to_department_edit, to_new_department
from appointed.sqod.paging import envelope, read_paging
from appointed.sqod.routes import DOOR, JSON_TYPE, REPLAYED, write_error
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_department import (
    KIND,
    USER,
    change_department,
    create_department,
    departments_seen,
    read_department,
    read_user,
    users_seen,
)
from appointed.usecases.ports import Idempotency, Outcome, Reply

DEPARTMENTS: Final = "/api/v1/departments"
USERS: Final = "/api/v1/users"
ME: Final = "/api/v1/me"
MYSELF: Final = "me"
LONGEST_ID: Final = 15
_BODY: Final = "appointed.sqod.organisation.body"

Writer = Callable[[Outcome], Reply]


class OrganisationRoutes:
    """Answers requests for departments, users and the caller."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make the routes."""
        every = {"GET": self.departments, "POST": self.create}
        one = {"GET": self.department, "PATCH": self.patch}
        return [
            route(DEPARTMENTS, Resource(every, write_error)),
            route(DEPARTMENTS + "/{department}", Resource(one, write_error, override=self._verb)),
            route(USERS, Resource({"GET": self.users}, write_error)),
            route(USERS + "/{user}", Resource({"GET": self.user}, write_error)),
            route(ME, Resource({"GET": self.me}, write_error)),
        ]

    async def departments(self, request: Request) -> ASGIApp:
        """GET /api/v1/departments: one page of those the caller may know of."""
        principal, directory = await self._caller(request)
        seen = departments_seen(principal, directory)
        return self._page(request, DEPARTMENTS, seen, show_department)

    async def department(self, request: Request) -> ASGIApp:
        """GET /api/v1/departments/{department}, by number or UUID."""
        principal, directory = await self._caller(request)
        found = read_department(principal, directory, _department_id(request, principal, directory))
        return _record_answer(request, found, DepartmentEnvelope(show_department(found)))

    async def create(self, request: Request) -> ASGIApp:
        """POST /api/v1/departments: customer admins only."""
        principal, _directory = await self._caller(request)
        fields = await self._read(request)
        edit = to_new_department(cleaned(fields.values), self._door.ids)
        write = _writer(201, is_dry=wants_dry_run(headers_of(request.scope)))
        call = self._call(request, principal, fields, write)
        return _answer(await create_department(self._door.store, call, edit), write)

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/departments/{department}, also as POST with `_method=PATCH`."""
        principal, directory = await self._caller(request)
        number = _department_id(request, principal, directory)
        fields = await self._read(request)
        edit = to_department_edit(cleaned(fields.values), self._door.ids)
        write = _writer(200, is_dry=wants_dry_run(headers_of(request.scope)))
        call = self._call(request, principal, fields, write)
        return _answer(await change_department(self._door.store, call, number, edit), write)

    async def users(self, request: Request) -> ASGIApp:
        """GET /api/v1/users: one page of those the caller may know of."""
        principal, directory = await self._caller(request)
        seen = users_seen(principal, directory)
        return self._page(request, USERS, seen, lambda user: show_user(user, directory))

    async def user(self, request: Request) -> ASGIApp:
        """GET /api/v1/users/{user}; `me` stands for the caller."""
        principal, directory = await self._caller(request)
        given = request.path_params["user"]
        number = principal.associate_id if given == MYSELF else _number(given, USER)
        return self._user(request, read_user(principal, directory, number), directory)

    async def me(self, request: Request) -> ASGIApp:
        """GET /api/v1/me: who is calling."""
        principal, directory = await self._caller(request)
        return self._user(request, caller(principal, directory), directory)

    def _user(self, request: Request, user: Associate, directory: Directory) -> ASGIApp:
        return _record_answer(request, None, UserEnvelope(show_user(user, directory)))

    def _page(
        self, request: Request, path: str, seen: Sequence[Any], show: Callable[[Any], msgspec.Struct]
    ) -> ASGIApp:
        query_string = request.scope["query_string"]
        paging = read_paging(read_query(query_string, self._door.limits))
        start = (paging.page - 1) * paging.per_page
        rows = [show(one) for one in seen[start : start + paging.per_page]]
        address = self._door.base_url(request.scope) + path
        body = envelope(rows, len(seen), paging, address, query_string)
        return WholeAnswer(Reply(200, (JSON_TYPE,), msgspec.json.encode(body)))

    async def _caller(self, request: Request) -> tuple[Principal, Directory]:
        principal = await self._door.callers.principal(request.scope)
        directory = await self._door.store.directory(principal.tenant_id)
        caller(principal, directory)
        return principal, directory

    async def _verb(self, request: Request) -> str:
        fields = await self._read(request)
        query = read_query(request.scope["query_string"], self._door.limits)
        return requested_verb(headers_of(request.scope), query, fields)

    async def _read(self, request: Request) -> Fields:
        # The verb of a POST may stand in its body, so the body may have been read before.
        kept: Fields | None = request.scope.get(_BODY)
        if kept is None:
            headers, limits = headers_of(request.scope), self._door.limits
            body = await read_body(request.scope, request.receive, limits, is_form=is_form(headers))
            kept = request.scope[_BODY] = read_input(headers, body, limits)
        return kept

    def _call(self, request: Request, principal: Principal, fields: Fields, write: Writer) -> Call:
        headers = headers_of(request.scope)
        key = read_idempotency_key(headers)
        idempotency = None
        if key is not None:
            idempotency = Idempotency(key, fingerprint(request.scope, fields.values), write)
        return Call(
            principal=principal,
            door=DOOR,
            precondition=read_precondition(headers),
            idempotency=idempotency,
            dry_run=wants_dry_run(headers),
        )


def _record_answer(request: Request, record: Department | None, content: msgspec.Struct) -> ASGIApp:
    """Answer a read; a user's answer shows names of departments too, and has no tag of its own."""
    body = msgspec.json.encode(content)
    if record is None:
        return WholeAnswer(Reply(200, (JSON_TYPE,), body))
    headers = headers_of(request.scope)
    read_precondition(headers, for_write=False).demand(record)
    tag = etag(record.revision)
    if not_modified(headers, tag, None if record.is_second_shared else record.modified_at):
        return Response(status_code=304, headers={"ETag": tag})
    return WholeAnswer(Reply(200, (JSON_TYPE, ("ETag", tag)), body))


def _writer(status: int, *, is_dry: bool) -> Writer:
    def write(outcome: Outcome) -> Reply:
        if not isinstance(outcome.record, Department):
            raise TypeError("the store answered a change without its department")
        body = msgspec.json.encode(DepartmentEnvelope(show_department(outcome.record)))
        if is_dry:
            return Reply(200, (JSON_TYPE, APPLIED), body)
        return Reply(status, (JSON_TYPE, ("ETag", etag(outcome.record.revision))), body)

    return write


def _answer(outcome: Outcome, write: Writer) -> ASGIApp:
    replayed = outcome.replayed
    if replayed is None:
        return WholeAnswer(write(outcome))
    return WholeAnswer(Reply(replayed.status, (*replayed.headers, REPLAYED), replayed.body))


def _department_id(request: Request, principal: Principal, directory: Directory) -> int:
    given = request.path_params["department"]
    found = find_department(directory, given)
    # One that is hidden is told by the name it was asked by, as one that does not exist.
    if found is None or not may_see_department(principal, found.id, directory):
        raise RecordNotFound(KIND, given)
    return found.id


def _number(given: str, kind: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_ID):
        raise RecordNotFound(kind, given)
    return int(given)
