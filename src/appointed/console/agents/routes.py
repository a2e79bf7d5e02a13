"""The addresses of the agents' pages."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.console.agents.account_pages import ACCOUNT, AccountPages
from appointed.console.agents.alike import Boards
from appointed.console.agents.appointment_pages import AppointmentPages
from appointed.console.agents.audit_pages import AUDIT, AUDITED, AuditPages
from appointed.console.agents.board_pages import SEARCH, BoardPages
from appointed.console.agents.booking_pages import BOOK, BookingPages
from appointed.console.agents.change_pages import ChangePages
from appointed.console.agents.department_pages import DEPARTMENT, DEPARTMENTS, DepartmentPages
from appointed.console.agents.desk import HOME, Desk, leads
from appointed.console.agents.failures import wording_of
from appointed.console.agents.moving_pages import MovingPages
from appointed.console.agents.pieces import Pieces
from appointed.console.agents.sign_pages import SIGN_IN, SIGN_OUT, SignPages
from appointed.console.agents.user_pages import NEW, ONE_USER, USERS, UserPages
from appointed.console.look.failures import TOO_MANY, failure
from appointed.domain.errors import AppointedError, CrossSiteRequest, RouteNotFound, Unauthenticated

Handler = Callable[[Request], Awaitable[ASGIApp]]
ONE: Final = f"{HOME}/appointments/{{uid}}"
ELSEWHERE: Final = f"{HOME}/{{elsewhere:path}}"
TEMPLATE: Final = "agents_error.html"


def agent_routes(desk: Desk) -> list[Route]:
    """Make the routes."""
    sign, one, moving = SignPages(desk), AppointmentPages(desk), MovingPages(desk)
    boards = Boards(desk.door.store, desk.now, desk.calls.window)
    board = BoardPages(desk, boards, Pieces(desk.pages, desk.now, desk.door.ids.token))
    changing, account, booking = ChangePages(desk, one), AccountPages(desk), BookingPages(desk)
    audit, departments, users = AuditPages(desk), DepartmentPages(desk), UserPages(desk)
    pages: tuple[tuple[str, str, Callable[[Request], Awaitable[ASGIApp]]], ...] = (
        ("GET", SIGN_IN, sign.form),
        ("POST", SIGN_IN, sign.sign_in),
        ("POST", SIGN_OUT, sign.sign_out),
        ("GET", ACCOUNT, account.page),
        ("POST", ACCOUNT, account.change),
        ("GET", HOME, board.board),
        ("GET", f"{HOME}/", home),
        ("GET", f"{HOME}/board", board.piece),
        ("GET", f"{HOME}/live", board.live),
        ("GET", SEARCH, board.found),
        ("POST", SEARCH, board.search),
        ("GET", BOOK, booking.form),
        ("POST", BOOK, booking.book),
        ("GET", AUDIT, audit.page),
        ("POST", AUDIT, audit.verify),
        ("GET", AUDITED, audit.appointment),
        ("GET", DEPARTMENTS, departments.list),
        ("GET", DEPARTMENT, departments.form),
        ("POST", DEPARTMENT, departments.save),
        ("GET", USERS, users.list),
        ("GET", NEW, users.new),
        ("POST", NEW, users.add),
        ("GET", ONE_USER, users.form),
        ("POST", ONE_USER, users.save),
        ("GET", ONE, one.page),
        ("GET", f"{ONE}/piece", one.piece),
        ("GET", f"{ONE}/live", one.live),
        ("GET", f"{ONE}/message", one.back),
        ("POST", f"{ONE}/message", one.message),
        ("POST", f"{ONE}/presence", one.presence),
        ("POST", f"{ONE}/invitation", one.invitation),
        ("GET", f"{ONE}/ask", one.back),
        ("POST", f"{ONE}/ask", one.ask),
        ("GET", f"{ONE}/step", one.back),
        ("POST", f"{ONE}/step", changing.step),
        ("GET", f"{ONE}/cancel", changing.cancel_form),
        ("POST", f"{ONE}/cancel", changing.cancel),
        ("GET", f"{ONE}/edit", changing.edit_form),
        ("POST", f"{ONE}/edit", changing.edit),
        ("GET", f"{ONE}/reschedule", moving.form),
        ("POST", f"{ONE}/reschedule", moving.move),
        ("GET", ELSEWHERE, nowhere),
    )
    routes = [Route(path, _worded(desk, sign, page), methods=[verb]) for verb, path, page in pages]
    shown = [route for route in routes[:-1] if "GET" in (route.methods or ())]

    async def unknown(request: Request) -> ASGIApp:
        if any(route.path_regex.match(request.url.path) for route in shown):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        return await nowhere(request)

    return [*routes, Route(ELSEWHERE, _worded(desk, sign, unknown), methods=["POST"])]


async def home(_request: Request) -> ASGIApp:
    """Lead to the board from an address that only takes forms."""
    return leads(HOME)


async def nowhere(request: Request) -> ASGIApp:
    """Say that there is no such page."""
    raise RouteNotFound(request.url.path)


def _worded(desk: Desk, sign: SignPages, page: Handler) -> Handler:
    """Let a failure be a page, too; whoever has no session is asked to sign in."""

    async def answer(request: Request) -> ASGIApp:
        try:
            return await page(request)
        except AppointedError as error:
            if isinstance(error, CrossSiteRequest):
                return await sign.once_more(request) or await _failed(desk, request, error)
            if isinstance(error, Unauthenticated):
                return await sign.again(request)
            return await _failed(desk, request, error)

    return answer


async def _failed(desk: Desk, request: Request, error: AppointedError) -> Response:
    """Show what went wrong, with the way back; to whoever has signed in, as a page among the others."""
    wording, language = wording_of(error), desk.language(request)
    try:
        # A server that has too much to do is asked for no more than the words.
        visitor = await desk.sessions.again(request) if wording.status < TOO_MANY.status else None
    except AppointedError:
        visitor = None
    if visitor is None:
        return failure(desk.pages, language, wording, error, back=HOME)
    around = desk.around(request, visitor)
    return failure(desk.pages, language, wording, error, TEMPLATE, visitor=visitor, **around)
