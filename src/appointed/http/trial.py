"""Requests that only want to know, where a handler knows nothing of them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from msgspec.structs import replace
from starlette.requests import Request
from starlette.types import ASGIApp

from appointed.http.door import Door
from appointed.http.dry_run import dry_run_answer, wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.resource import Handler
from appointed.usecases.ports import Outcome, Store

Routes = TypeVar("Routes")
Tell = Callable[[Request, Sequence[Outcome], ASGIApp], ASGIApp]


def rehearsing(door: Door) -> tuple[Door, list[Outcome]]:
    """Make a door for one request of which nothing stays; gives it, and the list of what would be changed."""
    trial = door.store.rehearsing()
    store = cast("Store", trial)
    desk = replace(door.webhooks, store=store, is_rehearsal=True)
    return replace(door, store=store, webhooks=desk), trial.tried


def tell_in_json(_request: Request, tried: Sequence[Outcome], real: ASGIApp) -> ASGIApp:
    """Tell what would happen instead of a whole answer."""
    return dry_run_answer(tried, real)


def or_tried(
    door: Door,
    make: Callable[[Door], Routes],
    handler: Callable[[Routes, Request], Awaitable[ASGIApp]],
    tell: Tell = tell_in_json,
) -> Handler:
    """Make the handler of a write: who only wants to know has it on a door of which nothing stays."""
    own = make(door)

    async def answer(request: Request) -> ASGIApp:
        if not wants_dry_run(headers_of(request.scope)):
            return await handler(own, request)
        trial, tried = rehearsing(door)
        return tell(request, tried, await handler(make(trial), request))

    return answer
