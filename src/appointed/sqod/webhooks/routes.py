"""The addresses of `/api/v1/webhooks`: subscriptions, their secrets, tests, and what was not delivered."""

import base64
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.errors import InvalidAppointment, Problem, RecordNotFound, UrlNotAllowed
from appointed.domain.principal import Principal
from appointed.domain.webhook import Contract, DeliveryState, Webhook
from appointed.http.door import Door
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Handler, Resource, route
from appointed.http.trial import or_tried
from appointed.sqod.input import cleaned, read_query
from appointed.sqod.intake import Intake
from appointed.sqod.paging import MOST_PER_PAGE, envelope, read_paging
from appointed.sqod.routes import write_error
from appointed.sqod.validation import Table, validate
from appointed.sqod.webhooks.carrier import (
    DeliveryPage,
    PingEnvelope,
    PingResult,
    Redelivered,
    RedeliveredEnvelope,
    WebhookEnvelope,
    edited,
    show,
    show_delivery,
    with_key,
)
from appointed.sqod.webhooks.rules import STORE, UPDATE
from appointed.usecases.manage_webhooks import WebhookDesk
from appointed.usecases.ports import Reply

BASE: Final = "/api/v1/webhooks"
CONTRACT: Final = Contract.SQOD
JSON_TYPE: Final = ("Content-Type", "application/json")
LONGEST_ID: Final = 15
SECRET_BYTES: Final = 32
# Both secrets sign for so long, so that a receiver can change over.
ROTATION: Final = timedelta(hours=24)


class SqodWebhookRoutes:
    """Answers requests for subscriptions; administrators only."""

    def __init__(self, door: Door, desk: WebhookDesk) -> None:
        self._door = door
        self._desk = desk
        self._intake = Intake(door.limits)

    def routes(self) -> list[Route]:
        """Make the routes."""
        write: Callable[[Any], Handler] = partial(or_tried, self._door, _of_door)
        update, redeliver = write(SqodWebhookRoutes.update), write(SqodWebhookRoutes.redeliver)
        one: dict[str, Handler] = {
            "GET": self.show,
            "PUT": update,
            "PATCH": update,
            "DELETE": write(SqodWebhookRoutes.destroy),
        }
        table: dict[str, dict[str, Handler]] = {
            BASE: {"GET": self.index, "POST": write(SqodWebhookRoutes.store)},
            BASE + "/{webhook}": one,
            BASE + "/{webhook}/rotate": {"POST": write(SqodWebhookRoutes.rotate)},
            BASE + "/{webhook}/test": {"POST": write(SqodWebhookRoutes.test)},
            BASE + "/{webhook}/deliveries": {"GET": self.deliveries},
            BASE + "/{webhook}/redeliver": {"POST": redeliver},
            BASE + "/{webhook}/deliveries/{delivery}/redeliver": {"POST": redeliver},
        }
        verb = self._intake.verb
        return [
            # A POST may stand for a PATCH where there is one.
            route(path, Resource(verbs, write_error, override=verb if "PATCH" in verbs else None))
            for path, verbs in table.items()
        ]

    async def index(self, request: Request) -> ASGIApp:
        """GET /api/v1/webhooks: one page of the tenant's subscriptions."""
        principal = await self._caller(request)
        query_string = request.scope["query_string"]
        paging = read_paging(read_query(query_string, self._door.limits))
        hooks = await self._desk.all(principal, CONTRACT)
        start = (paging.page - 1) * paging.per_page
        rows = [show(hook) for hook in hooks[start : start + paging.per_page]]
        address = self._door.base_url(request.scope) + BASE
        return _answer(envelope(rows, len(hooks), paging, address, query_string))

    async def show(self, request: Request) -> ASGIApp:
        """GET /api/v1/webhooks/{webhook}."""
        principal = await self._caller(request)
        return _answer(WebhookEnvelope(show(await self._found(principal, request))))

    async def store(self, request: Request) -> ASGIApp:
        """POST /api/v1/webhooks: subscribe; the answer alone shows the secret."""
        principal = await self._caller(request)
        values = await self._values(request, STORE)
        secret = self._new_secret()
        hook = with_key(edited(self._desk.blank(principal, CONTRACT), values), secret)
        try:
            made = await self._desk.create(principal, hook, must_answer=False)
        except UrlNotAllowed as error:
            raise _about_url(error) from error
        return _answer(WebhookEnvelope(show(made, secret)), 201)

    async def update(self, request: Request) -> ASGIApp:
        """PUT or PATCH /api/v1/webhooks/{webhook}: set the members that are given."""
        principal = await self._caller(request)
        number = _number(request, "webhook")
        values = await self._values(request, UPDATE)
        try:
            hook = await self._desk.change(
                principal, CONTRACT, number, lambda hook: edited(hook, values), must_answer=False
            )
        except UrlNotAllowed as error:
            raise _about_url(error) from error
        return _answer(WebhookEnvelope(show(hook)))

    async def destroy(self, request: Request) -> ASGIApp:
        """DELETE /api/v1/webhooks/{webhook}: nothing more is sent, not even what waits."""
        principal = await self._caller(request)
        await self._desk.delete(principal, CONTRACT, _number(request, "webhook"))
        return Response(status_code=204)

    async def rotate(self, request: Request) -> ASGIApp:
        """POST /api/v1/webhooks/{webhook}/rotate: a new secret; the one before signs for a day more."""
        principal = await self._caller(request)
        secret, ends_at = self._new_secret(), self._door.clock() + ROTATION

        def edit(hook: Webhook) -> Webhook:
            older = tuple(replace(key, ends_at=ends_at) for key in hook.secrets.keys[:1])
            return with_key(hook, secret, older)

        number = _number(request, "webhook")
        hook = await self._desk.change(principal, CONTRACT, number, edit, must_answer=False)
        return _answer(WebhookEnvelope(show(hook, secret)))

    async def test(self, request: Request) -> ASGIApp:
        """POST /api/v1/webhooks/{webhook}/test: send a test event now, and tell what was answered."""
        principal = await self._caller(request)
        hook = await self._found(principal, request)
        try:
            answer = await self._desk.test(principal, hook)
        except UrlNotAllowed as error:
            raise _about_url(error) from error
        result = PingResult(not answer.error, answer.status or None, answer.error or None)
        return _answer(PingEnvelope(result))

    async def deliveries(self, request: Request) -> ASGIApp:
        """GET /api/v1/webhooks/{webhook}/deliveries: what was not delivered, of either contract."""
        principal = await self._caller(request)
        hook = await self._any(principal, request)
        query = read_query(request.scope["query_string"], self._door.limits).values
        state, after = _state(query.get("status")), _after(query.get("after"))
        per_page = read_paging(read_query(request.scope["query_string"], self._door.limits)).per_page
        limit = min(per_page, MOST_PER_PAGE)
        found = await self._desk.deliveries(principal, hook, state, after, limit + 1)
        rows, more = found[:limit], found[limit:]
        address = f"{self._door.base_url(request.scope)}{BASE}/{hook.id}/deliveries"
        following = f"{address}?status={state}&per_page={limit}&after={rows[-1].id}" if more else None
        return _answer(DeliveryPage([show_delivery(row) for row in rows], following))

    async def redeliver(self, request: Request) -> ASGIApp:
        """POST …/redeliver: try what is dead again, of either contract; one delivery, or all."""
        principal = await self._caller(request)
        hook = await self._any(principal, request)
        one = _number(request, "delivery") if "delivery" in request.path_params else 0
        count = await self._desk.redeliver(principal, hook, one)
        return _answer(RedeliveredEnvelope(Redelivered(count)), 202)

    async def _caller(self, request: Request) -> Principal:
        principal = await self._door.callers.principal(request.scope)
        await self._desk.directory(principal)
        return principal

    async def _found(self, principal: Principal, request: Request) -> Webhook:
        return await self._desk.read(principal, CONTRACT, _number(request, "webhook"))

    async def _any(self, principal: Principal, request: Request) -> Webhook:
        # The list of what was not delivered is one for both contracts.
        number = _number(request, "webhook")
        for hook in await self._desk.all(principal, None):
            if hook.id == number:
                return hook
        raise RecordNotFound("webhook", number)

    async def _values(self, request: Request, table: Table) -> dict[str, Any]:
        fields = await self._intake.fields(request)
        values, problems = validate(cleaned(fields.values), table)
        if problems:
            raise InvalidAppointment((*await self._refused(values), *problems))
        return values

    async def _refused(self, values: dict[str, Any]) -> tuple[Problem, ...]:
        # What is wrong with the address is told with the rest, not at the next attempt.
        try:
            if "url" in values:
                await self._desk.targets.demand_allowed(values["url"])
        except UrlNotAllowed as error:
            return _about_url(error).problems
        return ()

    def _new_secret(self) -> bytes:
        return base64.urlsafe_b64decode(self._door.ids.token(SECRET_BYTES) + "=")


def _of_door(door: Door) -> SqodWebhookRoutes:
    return SqodWebhookRoutes(door, door.webhooks)


def _about_url(error: UrlNotAllowed) -> UrlNotAllowed:
    return UrlNotAllowed(
        tuple(Problem("url", problem.rule, allowed=problem.allowed) for problem in error.problems)
    )


def _number(request: Request, name: str) -> int:
    text = request.path_params[name]
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise RecordNotFound(name, text)
    return int(text)


def _state(given: Any) -> DeliveryState:
    return DeliveryState.WAITING if given == DeliveryState.WAITING else DeliveryState.DEAD


def _after(given: Any) -> int:
    is_number = isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= LONGEST_ID
    return int(given) if is_number else 0


def _answer(content: Any, status: int = 200) -> ASGIApp:
    return WholeAnswer(Reply(status, (JSON_TYPE,), msgspec.json.encode(content)))
