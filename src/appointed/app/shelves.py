"""Finds the few routes that an address may belong to: trying each of hundreds costs more than an answer."""

from collections.abc import Iterable
from typing import Final

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

# So many segments of a path tell one shelf from another.
MOST_SEGMENTS: Final = 5
Prefix = tuple[str, ...]


class Shelves:
    """An ASGI application: routes in their order, sorted by the fixed segments that their paths begin with.

    What a route says stays the route's: it alone tells whether it takes a path, its case and its verb.
    """

    def __init__(self, routes: Iterable[BaseRoute], default: ASGIApp) -> None:
        kept = [(_fixed(route), route) for route in routes]
        self._shelves: dict[Prefix, Router] = {}
        for prefix in {(), *(prefix for prefix, _route in kept)}:
            fitting = [route for own, route in kept if prefix[: len(own)] == own]
            self._shelves[prefix] = Router(fitting, redirect_slashes=False, default=default)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the first route that takes the request."""
        await self.shelf(scope["path"])(scope, receive, send)

    def shelf(self, path: str) -> Router:
        """Give the routes that a path may belong to, in their order."""
        segments = _segments(path)[:MOST_SEGMENTS]
        while segments not in self._shelves:
            segments = segments[:-1]
        return self._shelves[segments]


def _fixed(route: BaseRoute) -> Prefix:
    segments = _segments(route.path) if isinstance(route, Route) else ()
    places = (place for place, segment in enumerate(segments) if "{" in segment)
    return segments[: min(next(places, MOST_SEGMENTS), MOST_SEGMENTS)]


def _segments(path: str) -> Prefix:
    return tuple(path.lower().strip("/").split("/", MOST_SEGMENTS))
