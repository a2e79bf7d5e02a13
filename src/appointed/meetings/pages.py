"""The plain pages that a link shows when it does not lead into the meeting: no script, nothing personal."""

from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from appointed.domain.call import INVITED, Side, Welcome
from appointed.usecases.meetings import Visit

# A page that waits for somebody looks again after so long.
REFRESH_SECONDS = 5
PRIVATE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
HTML: Final = "text/html; charset=utf-8"

_INVITED: Final[dict[Welcome, tuple[int, str, str]]] = {
    Welcome.EARLY: (200, "You are early", "The appointment is at {when}. This link opens at {opens}."),
    Welcome.WAIT: (
        200,
        "The meeting has not begun",
        "The appointment is at {when}. The meeting opens here as soon as it begins.",
    ),
    Welcome.OVER: (410, "This appointment is over", "There is nothing more to join."),
}

# Status, title, text; {when} and {opens} are wall times of the tenant.
PAGES: Final[dict[tuple[Side, Welcome], tuple[int, str, str]]] = {
    (Side.AGENT, Welcome.EARLY): (
        200,
        "Too early",
        "The appointment is at {when}. This link opens at {opens}.",
    ),
    (Side.AGENT, Welcome.WAIT): (
        200,
        "Nobody is waiting yet",
        "The appointment is at {when}. The meeting opens here as soon as the other side has arrived.",
    ),
    (Side.AGENT, Welcome.OVER): (410, "This appointment is over", "There is nothing more to join."),
    **{(side, found): shown for side in INVITED for found, shown in _INVITED.items()},
}
UNKNOWN: Final = (404, "This link leads nowhere", "Please check that you have copied all of it.")
# Without a server nobody can be let in, and trying again does not help.
NO_SERVER: Final = (
    404,
    "No video meeting",
    "This server has no video meetings. Please ask the office how to meet.",
)


def page_of(visit: Visit, side: Side) -> Response:
    """Show why this visit does not lead into the meeting, or not yet."""
    if visit.welcome is Welcome.ENTER:
        return page(*NO_SERVER)
    zone = ZoneInfo(visit.directory.tenant.zone)
    times = {
        name: f"{instant.astimezone(zone):%d.%m.%Y, %H:%M} ({zone.key})"
        for name, instant in (("when", visit.row.starts_at), ("opens", visit.opens_at))
    }
    status, title, text = PAGES[side, visit.welcome]
    return page(
        status,
        title,
        text.format(**times),
        refreshes=visit.welcome is Welcome.WAIT,
    )


def page(status: int, title: str, text: str, *, refreshes: bool = False) -> Response:
    """Write one page."""
    headers = PRIVATE | ({"Refresh": str(REFRESH_SECONDS)} if refreshes else {})
    shown = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body></html>\n"
    )
    return Response(shown, status, headers, HTML)
