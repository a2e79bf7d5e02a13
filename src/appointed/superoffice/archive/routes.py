"""The addresses of lists: the appointments, what hangs on one, and the archives behind (OData, Archive)."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import View
from appointed.domain.errors import InvalidRequest, RecordNotFound, RouteNotFound
from appointed.domain.rights import Access
from appointed.http.body import media_type_of, read_body
from appointed.http.door import Door
from appointed.http.headers import headers_of
from appointed.http.json_body import parse_json
from appointed.http.resource import Handler, Resource, route_any_case
from appointed.superoffice.answer import write_error
from appointed.superoffice.archive.listing import page_of_parts
from appointed.superoffice.archive.meaning import Asked, asked_by
from appointed.superoffice.archive.metadata import archives, metadata
from appointed.superoffice.archive.options import Options, read_options
from appointed.superoffice.archive.pages import FIND, columns_of, name_of, page_of, source_of
from appointed.superoffice.archive.parts import PROVIDERS
from appointed.superoffice.archive.written import wants_xml, write_answer, write_page
from appointed.superoffice.request import manner_of, number_of
from appointed.usecases.read_appointment import read_appointment

ROOT = "/api/v1"
ARCHIVE = f"{ROOT}/Archive"
APPOINTMENT = f"{ROOT}/Appointment"
METADATA = "$metadata"
FORM = "application/x-www-form-urlencoded"
# What the roots of other answers in XML are called.
LISTED, COLUMNS = "ArchiveNames", "Dictionary"

Json = Any


class ArchiveRoutes:
    """Answers requests for lists."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make the routes; `find` itself belongs to the appointments' own address."""
        both = {"GET": self.archive, "POST": self.archive}
        table = {
            f"{APPOINTMENT}/{{id}}/Participants": {"GET": self.participants},
            f"{APPOINTMENT}/{{id}}/Links": {"GET": self.links},
            ARCHIVE: {"GET": self.archives},
            f"{ARCHIVE}/{{provider}}/{METADATA}": {"GET": self.metadata},
            f"{ARCHIVE}/{{provider}}": both,
        }
        return [route_any_case(path, Resource(verbs, write_error)) for path, verbs in table.items()]

    async def find(self, request: Request) -> ASGIApp:
        """GET Appointment: the archive FindAppointment."""
        options = read_options(request.query_params.multi_items())
        return await self._listed(request, FIND, options)

    def records(self, kind: str) -> Handler:
        """Make the answer to GET Contact, Person, Project or Sale: the archive of the kind."""

        async def find(request: Request) -> ASGIApp:
            options = read_options(request.query_params.multi_items())
            return await self._listed(request, kind, options)

        return find

    async def participants(self, request: Request) -> ASGIApp:
        """GET Appointment/{id}/Participants."""
        return await self._of_one(request, "Participants")

    async def links(self, request: Request) -> ASGIApp:
        """GET Appointment/{id}/Links."""
        return await self._of_one(request, "Links")

    async def archives(self, request: Request) -> ASGIApp:
        """GET Archive: the names of the archives."""
        asked = await self._asked(request)
        return write_answer(archives(asked.manner.base_url), LISTED, is_xml=wants_xml(request))

    async def metadata(self, request: Request) -> ASGIApp:
        """GET Archive/{provider}/$metadata: its columns."""
        return await self._metadata(request, request.path_params["provider"])

    async def archive(self, request: Request) -> ASGIApp:
        """GET or POST Archive/{provider}: its rows; with the suffix `$metadata` its columns."""
        name = request.path_params["provider"].lower()
        if name == METADATA:
            return await self.archives(request)
        if name.endswith(METADATA):
            return await self._metadata(request, name.removesuffix(METADATA))
        options = read_options([*request.query_params.multi_items(), *await self._body(request)])
        return await self._listed(request, name, options)

    async def _listed(self, request: Request, name: str, options: Options) -> ASGIApp:
        asked = await self._asked(request)
        try:
            page = await page_of(name, self._door.store, options, asked)
        except RecordNotFound:
            raise RouteNotFound(request.url.path) from None
        return write_page(request, page, options, asked, _described(name_of(name)))

    async def _of_one(self, request: Request, name: str) -> ASGIApp:
        number = number_of(request)
        options = read_options(request.query_params.multi_items())
        asked = await self._asked(request)
        reading, granted = await read_appointment(self._door.store, asked.manner.principal, number)
        # Who sees the times only sees nobody there.
        provider, is_read = PROVIDERS[name.lower()], granted >= Access.READ
        sources = [await source_of(provider, reading.row, self._door.store, asked)] if is_read else []
        page = page_of_parts(provider, sources, options, asked)
        return write_page(request, page, options, asked, _described(name))

    async def _metadata(self, request: Request, name: str) -> ASGIApp:
        asked = await self._asked(request)
        try:
            columns = columns_of(name, asked)
        except RecordNotFound:
            raise RouteNotFound(request.url.path) from None
        return write_answer(metadata(columns, asked), COLUMNS, is_xml=wants_xml(request))

    async def _asked(self, request: Request) -> Asked:
        principal = await self._door.callers.principal(request.scope)
        manner = manner_of(request, principal, self._door.base_url(request.scope))
        view = View(await self._door.store.directory(principal.tenant_id), self._door.clock())
        return asked_by(manner, view)

    async def _body(self, request: Request) -> list[tuple[str, Json]]:
        if request.method != "POST":
            return []
        limits = self._door.limits
        body = await read_body(request.scope, request.receive, limits)
        if not body.strip():
            return []
        if media_type_of(headers_of(request.scope)) == FORM:
            return _form(body, limits.form_parts)
        value = parse_json(body, limits, fold_keys=True)
        if not isinstance(value, dict):
            raise InvalidRequest("the body must be an object of options, or a form")
        return list(value.items())


def _form(body: bytes, most: int) -> list[tuple[str, Json]]:
    try:
        return list(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=most))
    except ValueError:
        raise InvalidRequest(f"the form has more than {most} fields") from None


def _described(name: str) -> str:
    return f"{ARCHIVE}/{name}/{METADATA}"
