"""Files that pages load: kept in memory, at an address that names their contents, so that browsers keep them.

One digest stands for all files together: modules find each other by plain relative names.
"""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.domain.errors import RouteNotFound

PREFIX: Final = "/pages"
PATH: Final = PREFIX + "/{digest}/{name}"
KINDS: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
# A page of another release asks for other contents; it gets today's, and keeps them for itself alone.
FOR_NOW: Final = "no-cache"


class Assets(msgspec.Struct, frozen=True):
    """All files by name; names are unlike each other in all folders."""

    contents: Mapping[str, bytes]
    digest: str

    def url(self, name: str) -> str:
        """Give the address of a file."""
        if name not in self.contents:
            raise KeyError(name)
        return f"{PREFIX}/{self.digest}/{name}"

    def routes(self) -> list[Route]:
        """Make the route that serves them."""
        return [Route(PATH, self.serve, methods=["GET"])]

    async def serve(self, request: Request) -> Response:
        """Send one file."""
        name, digest = request.path_params["name"], request.path_params["digest"]
        body = self.contents.get(name)
        if body is None:
            raise RouteNotFound(request.url.path)
        headers = {"Cache-Control": FOR_EVER if digest == self.digest else FOR_NOW}
        return Response(body, headers=headers, media_type=KINDS[name.rpartition(".")[2]])


def load_assets(folders: Iterable[Traversable]) -> Assets:
    """Read all files of some folders."""
    contents: dict[str, bytes] = {}
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.rpartition(".")[2] not in KINDS or file.name in contents:
                raise ValueError(f"{file.name} is of no kind that pages load, or there twice")
            contents[file.name] = file.read_bytes()
    digest = hashlib.sha256()
    for name, body in sorted(contents.items()):
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    return Assets(contents, digest.hexdigest()[:16])
