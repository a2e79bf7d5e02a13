"""What a page says when something is wrong: a table of errors, and a door that words them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from appointed.console.look.languages import Language
from appointed.console.look.pages import HTML, Pages
from appointed.console.look.policy import policy
from appointed.domain import errors as e

Endpoint = Callable[[Request], Awaitable[ASGIApp]]
BUSY_SECONDS: Final = 5


class Wording(msgspec.Struct, frozen=True):
    """The status of an answer, and the keys of its title and its text."""

    status: int
    key: str


NOT_FOUND: Final = Wording(404, "error.not_found")
REFUSED: Final = Wording(400, "error.refused")
TOO_MANY: Final = Wording(429, "error.too_many")
BUSY: Final = Wording(503, "error.busy")

# What stands here is a page; any other error is worded as for every other address.
WORDINGS: Final[Mapping[type[e.AppointedError], Wording]] = {
    e.AppointmentNotFound: NOT_FOUND,
    e.InvalidRequest: REFUSED,
    e.BodyRejected: REFUSED,
    e.InvalidAppointment: REFUSED,
    e.TooManyRequests: TOO_MANY,
    e.TooManyAttempts: TOO_MANY,
    e.RateLimited: TOO_MANY,
    e.StoreBusy: BUSY,
}


def shown(pages: Pages, endpoint: Endpoint, language_of: Callable[[Request], Language]) -> Endpoint:
    """Make an endpoint whose failures are pages in the reader's language."""

    async def answer(request: Request) -> ASGIApp:
        try:
            return await endpoint(request)
        except e.AppointedError as error:
            wording = next((WORDINGS[kind] for kind in type(error).__mro__ if kind in WORDINGS), None)
            if wording is None:
                raise
            return failure(pages, language_of(request), wording, error)

    return answer


def failure(
    pages: Pages,
    language: Language,
    wording: Wording,
    error: e.AppointedError,
    template: str = "error.html",
    **values: Any,
) -> Response:
    """Show the page of a failure; `values` are what its template names besides."""
    headers = {"Appointed-Error": error.code}
    if wording.status in (TOO_MANY.status, BUSY.status):
        headers["Retry-After"] = str(getattr(error, "retry_after", BUSY_SECONDS))
    title, text = language.text(wording.key), language.text(f"{wording.key}_text")
    # No page in other languages is offered: its address would repeat what was asked.
    page = pages.write(template, language, switches=(), title=title, text=text, **values)
    return Response(page, wording.status, policy() | headers, HTML)
