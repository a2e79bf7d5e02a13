"""The OpenAPI documents, an interactive page for each, and schemas of XML; works without a network."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from appointed.domain.errors import RouteNotFound

# Swagger UI sets styles on elements; scripts come from this server alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/{name}/start.js"></script>
</body>
</html>
"""

START = """window.ui = SwaggerUIBundle({{
  url: "/openapi/{name}.json",
  dom_id: "#page",
  docExpansion: "{expansion}",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
}});
"""

INDEX = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Appointed</title></head>
<body><h1>Appointed</h1><ul>{items}</ul></body>
</html>
"""

ITEM = '<li><a href="/docs/{name}">{title}</a> (<a href="/openapi/{name}.json">OpenAPI</a>)</li>'

ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}

# A longer document shows its groups closed: to draw them all would take a browser many seconds.
MOST_DRAWN = 100

Documents = Mapping[str, dict[str, Any]]


def routes(documents: Documents, schemas: Mapping[str, bytes]) -> list[Route]:
    """Make the routes of `/docs` and `/openapi`, one page for each document; `schemas` are of XML answers."""
    pages = _Pages(documents, schemas)
    return [
        Route("/docs", pages.index),
        # There is one for each contract: the page names them.
        Route("/openapi.json", lambda _request: RedirectResponse("/docs")),
        Route("/openapi", lambda _request: RedirectResponse("/docs")),
        Route("/docs/assets/{asset}", pages.asset),
        Route("/docs/{name}", pages.page),
        Route("/docs/{name}/start.js", pages.start),
        Route("/openapi/{name}.json", pages.document),
        Route("/openapi/{name}.xsd", pages.schema),
        Route("/", lambda _request: RedirectResponse("/docs")),
    ]


class _Pages:
    def __init__(self, documents: Documents, schemas: Mapping[str, bytes]) -> None:
        self._schemas = schemas
        self._expansions = {name: _expansion(document) for name, document in documents.items()}
        self._titles = {name: document["info"]["title"] for name, document in documents.items()}
        self._encoded = {name: msgspec.json.encode(document) for name, document in documents.items()}

    async def index(self, _request: Request) -> Response:
        items = "".join(ITEM.format(name=name, title=escape(title)) for name, title in self._titles.items())
        return _html(INDEX.format(items=items))

    async def page(self, request: Request) -> Response:
        name = self._known(request)
        return _html(PAGE.format(title=escape(self._titles[name]), name=name))

    async def start(self, request: Request) -> Response:
        name = self._known(request)
        script = START.format(name=name, expansion=self._expansions[name])
        return Response(script, media_type="text/javascript")

    async def document(self, request: Request) -> Response:
        return Response(self._encoded[self._known(request)], media_type="application/json")

    async def schema(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._schemas:
            raise RouteNotFound(request.url.path)
        return Response(self._schemas[name], media_type="application/xml")

    async def asset(self, request: Request) -> Response:
        name = request.path_params["asset"]
        if name not in ASSETS:
            raise RouteNotFound(request.url.path)
        body = files("swagger_ui").joinpath("static", name).read_bytes()
        return Response(body, media_type=ASSETS[name], headers={"Cache-Control": "max-age=86400"})

    def _known(self, request: Request) -> str:
        name: str = request.path_params["name"]
        if name not in self._titles:
            raise RouteNotFound(request.url.path)
        return name


def _html(text: str) -> Response:
    return Response(text, media_type="text/html", headers={"Content-Security-Policy": POLICY})


def _expansion(document: dict[str, Any]) -> str:
    operations = sum(len(path.keys() - {"parameters"}) for path in document["paths"].values())
    return "list" if operations <= MOST_DRAWN else "none"
