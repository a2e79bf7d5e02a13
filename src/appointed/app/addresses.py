"""All addresses in one flat table, and the words for failures that no contract's own route met."""

import re
import sys
from contextlib import AbstractAsyncContextManager, nullcontext
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from appointed.app.console import claimants_of, desk_of, links_of, pages
from appointed.app.openapi import document as server_document
from appointed.app.openapi import with_server
from appointed.app.parts import Parts
from appointed.app.shelves import Shelves
from appointed.console.agents.routes import agent_routes
from appointed.domain import errors as e
from appointed.http import reference
from appointed.http.cors import Cors
from appointed.http.gate import Gate, request_id_of
from appointed.http.logs import open_log
from appointed.http.metrics import RequestMetrics
from appointed.meetings.server import MeetingServer
from appointed.sqod import errors as sqod_errors
from appointed.sqod.openapi import document as sqod_document
from appointed.sqod.organisation.routes import OrganisationRoutes
from appointed.sqod.protection.routes import ProtectionRoutes
from appointed.sqod.routes import SqodRoutes
from appointed.sqod.routes import write_error as sqod_error
from appointed.sqod.token import NO_STORE, TokenEndpoint, refusal
from appointed.sqod.token import PATH as TOKEN_PATH
from appointed.sqod.webhooks.routes import SqodWebhookRoutes
from appointed.superoffice import errors as superoffice_errors
from appointed.superoffice.agents.routes import AgentRoutes
from appointed.superoffice.answer import wants_xml
from appointed.superoffice.answer import write_error as superoffice_error
from appointed.superoffice.openapi import document as superoffice_document
from appointed.superoffice.records.routes import RecordRoutes
from appointed.superoffice.routes import SuperOfficeRoutes
from appointed.superoffice.session import SessionRoutes
from appointed.superoffice.start.routes import StartRoutes
from appointed.superoffice.start.version import VersionRoutes
from appointed.superoffice.webhooks.routes import WebhookRoutes
from appointed.superoffice.xsd import xml_schema

# First path segments in lower-case plural are SQOD's, all others SuperOffice's.
_SQOD = re.compile(r"/api/v1/(?:[a-z_-]*s|availability|audit|me)(?:/|$)")
_SUPEROFFICE = re.compile(r"/api/v1(?:/|$)", re.IGNORECASE | re.ASCII)
JSON, PROBLEM = "application/json", "application/problem+json"


def application(parts: Parts, life: AbstractAsyncContextManager[None] | None = None) -> ASGIApp:
    """Make the whole server as one ASGI application; `life` spans its own where it opens the parts itself."""
    inner = Cors(_Doors(router(parts, life or nullcontext())), parts.settings.cors_origins)
    log = open_log(sys.stderr.buffer, parts.settings.log_level)
    is_https = parts.settings.public_url.startswith("https:")
    return Gate(
        inner,
        parts.door.limits,
        error_body,
        log,
        RequestMetrics(parts.registry),
        is_https=is_https,
        is_leaving=lambda: parts.watch.is_draining,
    )


def router(parts: Parts, life: AbstractAsyncContextManager[None]) -> Router:
    """Make the table of all addresses."""
    token = TokenEndpoint(
        parts.authenticator,
        parts.signer,
        parts.clock,
        parts.door.limits,
        parts.settings.token_lifetime_seconds,
        parts.origins.client_address,
    )
    documents = {
        name: with_server(described, parts.settings.public_url)
        for name, described in (
            ("superoffice", superoffice_document()),
            ("sqod", sqod_document()),
            ("server", server_document()),
        )
    }

    made = pages()
    return Router(
        [
            *SuperOfficeRoutes(parts.door).routes(),
            *RecordRoutes(parts.door).routes(),
            *SqodRoutes(parts.door, parts.settings.sqod_created_status).routes(),
            *OrganisationRoutes(parts.door, parts.passwords, parts.fingerprint_key).routes(),
            *ProtectionRoutes(parts.door).routes(),
            *WebhookRoutes(parts.door, parts.webhooks.desk).routes(),
            *SqodWebhookRoutes(parts.door, parts.webhooks.desk).routes(),
            *SessionRoutes(parts.door, parts.authenticator, parts.xsrf_key).routes(),
            *AgentRoutes(parts.door).routes(),
            *StartRoutes(parts.door).routes(),
            *VersionRoutes(parts.origins.base_url, documents["superoffice"]).routes(),
            *token.routes(),
            *links_of(parts, made).routes(),
            *_meeting_server(parts).routes(),
            *made.routes(),
            *agent_routes(desk_of(parts, made)),
            *claimants_of(parts, made).routes(),
            *parts.watch.routes(),
            *reference.routes(documents, {"superoffice": xml_schema(documents["superoffice"])}),
        ],
        redirect_slashes=False,
        default=_nowhere,
        lifespan=lambda _app: life,
    )


def _meeting_server(parts: Parts) -> MeetingServer:
    meetings = parts.meetings
    return MeetingServer(
        calls=meetings.calls, clock=parts.clock, limits=parts.door.limits, secret=meetings.door_secret
    )


async def _nowhere(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise e.RouteNotFound(scope["path"])


class _Doors:
    """Words the failures that leave a route unworded, each as the contract of its address does."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._shelves = Shelves(router.routes, _nowhere)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # With an application in its scope a route raises what is wrong, and does not word it by itself.
        scope["app"] = self._router
        try:
            if scope["type"] == "http":
                await self._shelves(scope, receive, send)
            else:
                await self._router(scope, receive, send)
        except e.AppointedError as error:
            await write_error(Request(scope, receive), error)(scope, receive, send)
        except HTTPException as refused:
            wrong_verb = _wrong_verb(scope, refused)
            await write_error(Request(scope, receive), wrong_verb)(scope, receive, send)


def _wrong_verb(scope: Scope, refused: HTTPException) -> e.AppointedError:
    # The one thing that a route refuses by itself.
    allowed = (refused.headers or {}).get("Allow", "")
    return e.MethodNotAllowed(scope["method"], scope["path"], tuple(allowed.split(", ")))


def write_error(request: Request, error: e.AppointedError) -> ASGIApp:
    """Word a failure as the contract of the address does, elsewhere as RFC 9457 says."""
    path = request.scope["path"]
    if _SQOD.match(path):
        return sqod_error(request, error)
    if _SUPEROFFICE.match(path):
        return superoffice_error(request, error)
    reply = sqod_errors.reply_to(error)
    headers = {name: value for name, value in reply.headers if name != "Content-Type"}
    if path == TOKEN_PATH:
        return Response(refusal(reply.status), reply.status, headers | NO_STORE, JSON)
    body = problem(reply.status, error, request_id_of(request.scope))
    return Response(body, reply.status, headers, PROBLEM)


def problem(status: int, error: e.AppointedError, request_id: str) -> bytes:
    """Write a problem document (RFC 9457 §3); `request_id` is what the log knows this request by."""
    said = error.detail if isinstance(error, e.Unauthenticated) else ""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": said or superoffice_errors.body(error)["Message"],
        "code": error.code,
    }
    return msgspec.json.encode(content | ({"request_id": request_id} if request_id else {}))


def error_body(path: str, status: int, code: str, request_id: str, accept: bytes) -> tuple[str, bytes]:
    """Word a failure that came before any route: (content type, body); see ErrorBody."""
    error = _BY_CODE.get(code, e.AppointedError)()
    if _SQOD.match(path):
        return JSON, sqod_errors.reply_to(error).body
    if _SUPEROFFICE.match(path):
        reply = superoffice_errors.reply_to(error, is_xml=wants_xml({b"accept": accept}))
        return dict(reply.headers)["Content-Type"], reply.body
    if path == TOKEN_PATH:
        return JSON, refusal(status)
    return PROBLEM, problem(status, error, request_id)


# The failures that happen before any route, all of which need no data.
_BY_CODE: dict[str, type[e.AppointedError]] = {
    kind.code: kind
    for kind in (
        e.AppointedError,
        e.BodyTooLarge,
        e.HeadersTooLarge,
        e.InvalidRequest,
        e.OutcomeUnknown,
        e.RequestTimeout,
        e.StoreBusy,
        e.TooManyRequests,
    )
}
