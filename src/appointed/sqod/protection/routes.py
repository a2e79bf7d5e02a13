"""The addresses of the audit log, single claimants and settings; for administrators (ours: ADR 0151)."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.audit import Wanted
from appointed.domain.department import find_department
from appointed.domain.directory import Directory
from appointed.domain.errors import (
    Forbidden,
    InvalidAppointment,
    PreconditionFailed,
    RecordNotFound,
)
from appointed.domain.principal import Principal
from appointed.domain.rights import audited, may_administer
from appointed.http.door import Door
from appointed.http.dry_run import dry_run_answer, wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Resource, route
from appointed.sqod.input import cleaned
from appointed.sqod.organisation.desk import Desk
from appointed.sqod.paging import read_paging
from appointed.sqod.protection.carrier import (
    AuditEnvelope,
    AuditPage,
    ClaimantExport,
    FoundClaimants,
    show_entry,
    show_erasure,
    show_found,
    show_settings,
)
from appointed.sqod.protection.rules import AUDIT, SEARCH, SETTINGS
from appointed.sqod.readers import read_uuid
from appointed.sqod.routes import DOOR, JSON_TYPE, write_error
from appointed.sqod.validation import Broken, Table, validate
from appointed.usecases.administer_protection import set_redirect_hosts
from appointed.usecases.ports import Reply
from appointed.usecases.protect_claimants import (
    KIND,
    erase_claimant,
    export_claimant,
    find_claimants,
    show_export,
)
from appointed.usecases.read_audit import ENTRY, number_of, read_audit, read_entry

AUDIT_LOG: Final = "/api/v1/audit"
# What says where a page of the log begins; the address of the next one says it anew.
PLACES: Final = ("after", "page")
CLAIMANTS: Final = "/api/v1/claimants"
SETTINGS_PATH: Final = "/api/v1/settings"


class ProtectionRoutes:
    """Answers these requests."""

    def __init__(self, door: Door) -> None:
        self._desk = Desk(door)
        self._store = door.store

    def routes(self) -> list[Route]:
        """Make the routes."""
        table = {
            AUDIT_LOG: {"GET": self.entries},
            AUDIT_LOG + "/{reference}": {"GET": self.entry},
            CLAIMANTS + "/search": {"POST": self.search},
            CLAIMANTS + "/{claimant}": {"GET": self.export, "DELETE": self.erase},
            SETTINGS_PATH: {"GET": self.settings, "PATCH": self.set},
        }
        verb = self._desk.intake.verb
        return [
            # A POST may stand for a PATCH where there is one.
            route(path, Resource(verbs, write_error, override=verb if "PATCH" in verbs else None))
            for path, verbs in table.items()
        ]

    async def entries(self, request: Request) -> ASGIApp:
        """GET /api/v1/audit: entries, newest first; a department's administrators get those of theirs."""
        principal, directory = await self._desk.caller(request)
        # Who may not read it hears that, and not what was wrong with the question.
        audited(principal, directory)
        given = self._desk.intake.query(request)
        values = _valid(cleaned(given.values), AUDIT)
        paging = read_paging(given)
        limit = paging.per_page
        named = values.get("appointment")
        wanted = Wanted(
            by=values.get("user"),
            acts=values.get("action", ()),
            since=values.get("from"),
            until=values.get("to"),
            appointment_id=await number_of(self._store, principal.tenant_id, str(named)) if named else None,
            departments=_departments(values.get("department"), directory),
            before=values.get("after"),
            limit=limit + 1,
            offset=(paging.page - 1) * limit,
        )
        found = await read_audit(self._store, principal, directory, wanted)
        rows = [show_entry(entry, directory) for entry in found[:limit]]
        following = self._following(request, given.values, rows[-1].reference) if found[limit:] else None
        return _answer(AuditPage(rows, following))

    def _following(self, request: Request, given: Any, last: str) -> str:
        kept = {name: value for name, value in given.items() if isinstance(value, str) and name not in PLACES}
        address = self._desk.door.base_url(request.scope) + AUDIT_LOG
        return f"{address}?{urlencode(kept | {'after': last})}"

    async def entry(self, request: Request) -> ASGIApp:
        """GET /api/v1/audit/{reference}."""
        principal, directory = await self._desk.caller(request)
        reference = _uuid(request, "reference", ENTRY)
        entry = await read_entry(self._store, principal, directory, reference)
        return _answer(AuditEnvelope(show_entry(entry, directory)))

    async def search(self, request: Request) -> ASGIApp:
        """POST /api/v1/claimants/search: by e-mail, name or reference, which stand in no address."""
        principal, _directory = await self._administrator(request, KIND)
        fields = await self._desk.intake.fields(request)
        values = _valid(cleaned(fields.values), SEARCH)
        found = await find_claimants(self._store, principal, values["by"], values["text"])
        return _answer(FoundClaimants([show_found(one) for one in found]))

    async def export(self, request: Request) -> ASGIApp:
        """GET /api/v1/claimants/{claimant}: all that is kept; the tag is what an erasure asks for."""
        principal, directory = await self._administrator(request, KIND)
        export = await export_claimant(self._store, principal, _uuid(request, "claimant", KIND))
        content = ClaimantExport(show_export(export, directory))
        return _answer(content, ("ETag", f'"{export.tag}"'), ("Cache-Control", "no-store"))

    async def erase(self, request: Request) -> ASGIApp:
        """DELETE /api/v1/claimants/{claimant}: for ever; `If-Match` says what the caller has seen."""
        principal, _directory = await self._administrator(request, KIND)
        claimant_id = _uuid(request, "claimant", KIND)
        headers = headers_of(request.scope)
        if wants_dry_run(headers):
            tried = await erase_claimant(self._store, principal, claimant_id, DOOR, dry_run=True)
            told = dry_run_answer((), _answer(show_erasure(tried)))
            # What the erasure itself asks for is what this one has seen.
            return WholeAnswer(replace(told.reply, headers=(*told.reply.headers, ("ETag", f'"{tried.tag}"'))))
        tag = headers.get(b"if-match", b"").decode("latin-1").strip().strip('"')
        if not tag:
            raise PreconditionFailed(None, "Claimant")
        done = await erase_claimant(self._store, principal, claimant_id, DOOR, tag, dry_run=False)
        return _answer(show_erasure(done))

    async def settings(self, request: Request) -> ASGIApp:
        """GET /api/v1/settings: what holds for the whole customer."""
        _principal, directory = await self._administrator(request, "settings")
        return _answer(show_settings(directory.tenant))

    async def set(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/settings: to which hosts people may be led after a call."""
        principal, directory = await self._administrator(request, "settings")
        fields = await self._desk.intake.fields(request)
        values = _valid(cleaned(fields.values), SETTINGS)
        hosts = values.get("redirect_hosts", directory.tenant.redirect_hosts)
        if wants_dry_run(headers_of(request.scope)):
            return dry_run_answer((), _answer(show_settings(replace(directory.tenant, redirect_hosts=hosts))))
        if hosts == directory.tenant.redirect_hosts:
            return _answer(show_settings(directory.tenant))
        tenant = await set_redirect_hosts(
            self._store, principal.tenant_id, principal.associate_id, DOOR, hosts
        )
        return _answer(show_settings(tenant))

    async def _administrator(self, request: Request, kind: str) -> tuple[Principal, Directory]:
        principal, directory = await self._desk.caller(request)
        if not may_administer(principal, directory):
            raise Forbidden(kind)
        return principal, directory


def _departments(named: Any, directory: Directory) -> tuple[int, ...] | None:
    """Give the departments that are asked for, None for any."""
    if named is None:
        return None
    found = find_department(directory, named)
    return (found.id,) if found else ()


def _valid(given: Any, table: Table) -> dict[str, Any]:
    values, problems = validate(given, table)
    if problems:
        raise InvalidAppointment(tuple(problems))
    return values


def _uuid(request: Request, name: str, kind: str) -> UUID:
    given = request.path_params[name]
    read = read_uuid(given)
    if isinstance(read, Broken):
        raise RecordNotFound(kind, given)
    return read


def _answer(content: msgspec.Struct, *more: tuple[str, str]) -> ASGIApp:
    return WholeAnswer(Reply(200, (JSON_TYPE, *more), msgspec.json.encode(content)))
