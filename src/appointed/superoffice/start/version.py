"""What answers here, and at which addresses, for callers whom nobody knows yet (GET /api, GET /api/v1)."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed import __version__
from appointed.http.headers import Scope, headers_of
from appointed.http.resource import Resource, route_any_case
from appointed.superoffice.answer import JSON, XML, write_error
from appointed.superoffice.xml import write_xml

HTML: Final = "text/html; charset=utf-8"
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
PRODUCT: Final = f"Appointed {__version__}"
# There is one set of services, and this is its newest.
SERVICES: Final = "v1"

PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><dl>{items}</dl></body>
</html>
"""

Json = dict[str, Any]
BaseUrl = Callable[[Scope], str]


class VersionRoutes:
    """Answers `/api` and `/api/v1`; `document` is this contract's OpenAPI document."""

    def __init__(self, base_url: BaseUrl, document: Json) -> None:
        self._base_url = base_url
        self._paths = documented(document)

    def routes(self) -> list[Route]:
        """Make the two routes."""
        return [
            route_any_case("/api", Resource({"GET": self.version}, write_error)),
            route_any_case("/api/v1", Resource({"GET": self.addresses}, write_error)),
        ]

    async def version(self, request: Request) -> ASGIApp:
        """GET /api: which version answers; a page unless JSON or XML is asked for."""
        return _answer(request, PRODUCT, versions(self._base_url(request.scope)), html_first=True)

    async def addresses(self, request: Request) -> ASGIApp:
        """GET /api/v1: every address with its verbs; JSON unless a page or XML is asked for."""
        base_url = self._base_url(request.scope)
        found = {base_url + path: verbs for path, verbs in self._paths.items()}
        return _answer(request, f"{PRODUCT}: addresses", found, html_first=False)


def versions(base_url: str) -> dict[str, str]:
    """Write the block of versions; this server has one number for all of its parts."""
    return {
        "v1": f"{base_url}/api/v1",
        "Version": __version__,
        "NetServerVersion": __version__,
        "NetServerAssembly": PRODUCT,
        "NetServerDate": "",
        "NetServerLabel": PRODUCT,
        "NetServer": PRODUCT,
        "Services": SERVICES,
        "ServicesCurrent": SERVICES,
    }


def documented(document: Json) -> dict[str, dict[str, str]]:
    """List what an OpenAPI document describes: path → verb → what it does."""
    return {
        path: {verb.upper(): one["summary"] for verb, one in verbs.items() if verb != "parameters"}
        for path, verbs in document["paths"].items()
    }


def _answer(request: Request, title: str, value: Mapping[str, Any], *, html_first: bool) -> Response:
    form = _form(headers_of(request.scope).get(b"accept", b"")) or (b"html" if html_first else b"json")
    if form == b"xml":
        return Response(write_xml("Dictionary", value), headers={"Content-Type": XML, "Vary": "Accept"})
    if form == b"html":
        headers = {"Content-Type": HTML, "Content-Security-Policy": POLICY, "Vary": "Accept"}
        return Response(_page(title, value), headers=headers)
    return Response(msgspec.json.encode(value), headers={"Content-Type": JSON, "Vary": "Accept"})


def _form(accept: bytes) -> bytes | None:
    # Read leniently: official samples ask for `application/html`.
    wishes = accept[:1_000].lower()
    places = {form: wishes.find(form) for form in (b"html", b"json", b"xml")}
    asked = [form for form, place in places.items() if place >= 0]
    return min(asked, key=lambda form: places[form], default=None)


def _page(title: str, value: Mapping[str, Any]) -> str:
    items = "".join(f"<dt>{escape(name)}</dt><dd>{_told(told)}</dd>" for name, told in value.items())
    return PAGE.format(title=escape(title), items=items)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "<br>".join(f"<b>{escape(verb)}</b> {escape(text)}" for verb, text in value.items())
    return escape(str(value))
