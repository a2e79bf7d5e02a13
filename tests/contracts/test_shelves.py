"""What is looked up on its shelf is what trying every route in turn would find."""

import re
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from appointed.app.addresses import router
from appointed.app.parts import assemble
from appointed.app.shelves import Shelves
from appointed.settings import Settings

VERBS = ("GET", "PATCH", "BREW")
VALUES = ("7", "me", "default", "Validate", "0190a0a0-0000-7000-8000-000000000001")
STRANGE = (
    "",
    "/",
    "//",
    "/api",
    "/api/",
    "/API/v1",
    "/api/v1/agents",
    "/nowhere/at/all",
    "//api/v1/Appointment/1",
)
# So few routes are tried for any address.
MOST_TRIED = 25


async def _nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError


def first(routes: Iterable[BaseRoute], verb: str, path: str) -> BaseRoute | None:
    """Find the route that takes it as Starlette does: the first that fits whole, or else in part."""
    scope = {"type": "http", "method": verb, "path": path}
    found = [(route.matches(scope)[0], route) for route in routes]
    whole, part = ([route for match, route in found if match is kind] for kind in (Match.FULL, Match.PARTIAL))
    return next(iter(whole + part), None)


def paths_of(route: Route) -> Iterator[str]:
    for value in VALUES:
        path = re.sub(r"\{[^}]*\}", value, route.path)
        yield from (path, path + "/", path.upper(), path.lower())


def test_every_address_finds_the_same_route(tmp_path: Path) -> None:
    routes = router(assemble(Settings(data=str(tmp_path))), nullcontext()).routes
    shelves = Shelves(routes, _nobody)
    paths = {path for route in routes if isinstance(route, Route) for path in paths_of(route)}
    assert len(paths) > len(routes)
    found = 0
    for path in sorted(paths | set(STRANGE)):
        shelf = shelves.shelf(path).routes
        assert len(shelf) <= MOST_TRIED, path
        for verb in VERBS:
            wanted = first(routes, verb, path)
            assert first(shelf, verb, path) is wanted, (verb, path)
            found += wanted is not None
    assert found > len(routes)
