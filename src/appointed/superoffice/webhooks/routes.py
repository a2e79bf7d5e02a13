"""The addresses of `/api/v1/Webhook`: subscriptions, test events, signals and the last error."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import View
from appointed.domain.errors import (
    AppointmentNotFound,
    InvalidAppointment,
    InvalidPatch,
    InvalidRequest,
    MissingBody,
    RecordNotFound,
)
from appointed.domain.principal import Principal
from appointed.domain.webhook import Webhook
from appointed.http.body import read_body
from appointed.http.door import Door
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Handler, Resource, route_any_case
from appointed.http.trial import or_tried
from appointed.superoffice.answer import JSON, VARY, XML, header_list, write_error
from appointed.superoffice.context import Context, Manner
from appointed.superoffice.culprit import blame
from appointed.superoffice.entities import Made
from appointed.superoffice.enums import read_enum
from appointed.superoffice.request import Wish, json_of, manner_of, number_of, wish_of
from appointed.superoffice.trial import tell
from appointed.superoffice.webhooks.members import WEBHOOK, written
from appointed.superoffice.webhooks.rules import (
    CONTRACT,
    DEFAULT_EVENTS,
    UNFILTERED,
    finished,
    is_wanted,
)
from appointed.superoffice.webhooks.signals import read_signal
from appointed.superoffice.xml import write_xml
from appointed.usecases.manage_webhooks import WebhookDesk
from appointed.usecases.ports import Reply

BASE: Final = "/api/v1/Webhook"
ROOT: Final = "Webhook"
RESULT: Final = "WebhookResult"

Json = Any
Work = Callable[[Webhook, Context], Made[Webhook]]


class WebhookRoutes:
    """Answers SuperOffice's requests for webhooks; administrators only."""

    def __init__(self, door: Door, desk: WebhookDesk) -> None:
        self._door = door
        self._desk = desk

    def routes(self) -> list[Route]:
        """Make the routes."""
        write: Callable[[Any], Handler] = partial(or_tried, self._door, _of_door, tell=tell)
        one: dict[str, Handler] = {
            "GET": self.read,
            "PUT": write(WebhookRoutes.put),
            "PATCH": write(WebhookRoutes.patch),
            "DELETE": write(WebhookRoutes.delete),
        }
        table: dict[str, dict[str, Handler]] = {
            BASE: {"GET": self.list, "POST": write(WebhookRoutes.create)},
            f"{BASE}/default": {"GET": self.default},
            f"{BASE}/Test": {"POST": write(WebhookRoutes.test)},
            f"{BASE}/{{id}}/LastError": {"GET": self.last_error},
            f"{BASE}/{{event}}/{{id}}": {"POST": write(WebhookRoutes.signal)},
        }
        return [
            *(route_any_case(path, Resource(verbs, write_error)) for path, verbs in table.items()),
            route_any_case(BASE + "/{id}", Resource(one, write_error), but_not=("default", "Test")),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET Webhook: all of them, or those of a name, an event or a state."""
        principal, ctx, wish = await self._caller(request)
        found = [
            tree
            for hook in await self._desk.all(principal, CONTRACT)
            if _is_wanted(tree := written(hook, ctx), request)
        ]
        return _answer([_selected(tree, wish) for tree in found], f"ArrayOf{ROOT}", wish)

    async def default(self, request: Request) -> ASGIApp:
        """GET Webhook/default: what a new webhook would be."""
        principal, ctx, wish = await self._caller(request)
        blank = replace(self._desk.blank(principal, CONTRACT), events=DEFAULT_EVENTS)
        return self._shown(blank, ctx, wish)

    async def read(self, request: Request) -> ASGIApp:
        """GET Webhook/{id}."""
        principal, ctx, wish = await self._caller(request)
        return self._shown(await self._desk.read(principal, CONTRACT, _number(request)), ctx, wish)

    async def create(self, request: Request) -> ASGIApp:
        """POST Webhook: subscribe; the target must answer a test event with 200."""
        principal, ctx, wish = await self._caller(request)
        document = await self._object(request)
        made = WEBHOOK.part(document)(self._desk.blank(principal, CONTRACT), ctx)
        hook = await self._desk.create(principal, finished(made.row), must_answer=True)
        return self._shown(hook, ctx, wish, made.ignored)

    async def put(self, request: Request) -> ASGIApp:
        """PUT Webhook/{id}: the whole webhook as the caller wants it; a secret left out stays."""
        principal, ctx, wish = await self._caller(request)
        number = _number(request)
        work = WEBHOOK.whole(await self._object(request))
        return await self._change(principal, ctx, wish, number, work)

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH Webhook/{id}: an array of operations, or an object to merge."""
        principal, ctx, wish = await self._caller(request)
        number = _number(request)
        document, _body = await json_of(request, self._door.limits)
        if not isinstance(document, dict | list):
            raise InvalidPatch(reason="the body must be an array of operations or an object")
        try:
            return await self._change(principal, ctx, wish, number, WEBHOOK.patch(document))
        except InvalidAppointment as error:
            blame(error, document)
            raise

    async def delete(self, request: Request) -> ASGIApp:
        """DELETE Webhook/{id}: nothing more is sent, not even what waits."""
        principal, _ctx, _wish = await self._caller(request)
        await self._desk.delete(principal, CONTRACT, _number(request))
        return Response(status_code=204)

    async def test(self, request: Request) -> ASGIApp:
        """POST Webhook/Test: send a test event to the target of a webhook, stored or not."""
        principal, ctx, wish = await self._caller(request)
        document = await self._object(request)
        blank = self._desk.blank(principal, CONTRACT)
        hook = finished(WEBHOOK.part(document)(blank, ctx).row)
        answer = await self._desk.test(principal, hook)
        message = answer.error or f"HTTP {answer.status}"
        return _answer({"Success": not answer.error, "Message": message}, RESULT, wish)

    async def signal(self, request: Request) -> ASGIApp:
        """POST Webhook/{eventName}/{primaryKey}: tell every webhook that listens to this name."""
        principal, _ctx, _wish = await self._caller(request)
        number = number_of(request)
        body = await read_body(request.scope, request.receive, self._door.limits)
        signal = read_signal(request.path_params["event"], number, body, self._door.limits)
        await self._desk.signal(principal, replace(signal, by=principal.associate_id))
        return Response(status_code=204)

    async def last_error(self, request: Request) -> ASGIApp:
        """GET Webhook/{id}/LastError: what went wrong last, or an empty text."""
        principal, _ctx, wish = await self._caller(request)
        hook = await self._desk.read(principal, CONTRACT, _number(request))
        return _answer(hook.usage.last_error, "string", wish)

    async def _change(
        self, principal: Principal, ctx: Context, wish: Wish, number: int, work: Work
    ) -> ASGIApp:
        ignored: tuple[str, ...] = ()

        def edit(hook: Webhook) -> Webhook:
            nonlocal ignored
            made = work(hook, ctx)
            ignored = made.ignored
            return finished(made.row)

        hook = await self._desk.change(principal, CONTRACT, number, edit, must_answer=True)
        return self._shown(hook, ctx, wish, ignored)

    def _shown(self, hook: Webhook, ctx: Context, wish: Wish, ignored: tuple[str, ...] = ()) -> ASGIApp:
        more = (("Appointed-Ignored", header_list(ignored)),) if ignored else ()
        return _answer(_selected(written(hook, ctx), wish), ROOT, wish, more)

    async def _object(self, request: Request) -> dict[str, Json]:
        document, _body = await json_of(request, self._door.limits)
        if not isinstance(document, dict):
            raise MissingBody
        return document

    async def _caller(self, request: Request) -> tuple[Principal, Context, Wish]:
        principal = await self._door.callers.principal(request.scope)
        directory = await self._desk.directory(principal)
        manner: Manner = manner_of(request, principal, self._door.base_url(request.scope))
        return principal, manner.general(View(directory, self._door.clock())), wish_of(request)


def _of_door(door: Door) -> WebhookRoutes:
    return WebhookRoutes(door, door.webhooks)


def _is_wanted(tree: dict[str, Json], request: Request) -> bool:
    asked = {name.lower().removesuffix("filter"): value for name, value in request.query_params.items()}
    try:
        state = read_enum("WebhookState", asked.get("status") or UNFILTERED)
    except ValueError:
        raise InvalidRequest("The status must be a value of WebhookState.") from None
    return is_wanted(tree, asked.get("name", ""), asked.get("event", ""), state)


def _number(request: Request) -> int:
    try:
        return number_of(request)
    except AppointmentNotFound as error:
        raise RecordNotFound("webhook", error.ref) from error


def _selected(tree: dict[str, Json], wish: Wish) -> dict[str, Json]:
    return wish.selection.trimmed(tree) if wish.selection is not None else tree


def _answer(value: Json, root: str, wish: Wish, headers: tuple[tuple[str, str], ...] = ()) -> ASGIApp:
    media_type, body = (XML, write_xml(root, value)) if wish.is_xml else (JSON, msgspec.json.encode(value))
    return WholeAnswer(Reply(200, (("Content-Type", media_type), VARY, *headers), body))
