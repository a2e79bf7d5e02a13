"""The board of a day with who waits, its live stream, and the search."""

from datetime import date, time, timedelta
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from appointed.console.agents.alike import Boards
from appointed.console.agents.board import (
    ALL,
    Wanted,
    departments_heard,
    departments_seen,
    read_wanted,
)
from appointed.console.agents.booking_form import bookable
from appointed.console.agents.desk import HOME, Desk, leads
from appointed.console.agents.find import PER_PAGE, read_found
from appointed.console.agents.pieces import Piece, Pieces
from appointed.console.agents.session import Visitor
from appointed.domain.recurrence import instant_on
from appointed.domain.rights import departments_of
from appointed.domain.status import Status
from appointed.sealing.notes import NONCE_BYTES, open_note, seal_note
from appointed.usecases.live import Topic
from appointed.usecases.presence import others_of

NOON: Final = time(12)
LONGEST_SEARCH: Final = 255
LONGEST_NOTE: Final = 2_048
SEARCH: Final = f"{HOME}/search"
DAY: Final = timedelta(days=1)


class BoardPages(msgspec.Struct, frozen=True):
    """Answers the board's addresses."""

    desk: Desk
    boards: Boards
    pieces: Pieces

    async def board(self, request: Request) -> Response:
        """Show a day: today, unless another is asked for."""
        visitor = await self.desk.sessions.visitor(request)
        values = await self._board(request, visitor)
        return self.desk.page(request, "agents_board.html", visitor, **values)

    async def piece(self, request: Request) -> Response:
        """Write the changing part of the board anew."""
        visitor = await self.desk.sessions.visitor(request)
        wanted, _today = self.wanted(request, visitor)
        zone = self.desk.zone(request, visitor)
        seen = await self.boards.shared(visitor, wanted, zone)
        piece = Piece(
            language=self.desk.language(request).code,
            zone=zone,
            directory=visitor.directory,
            board=seen.board,
            present=others_of(seen.present, visitor.principal, visitor.directory),
            missed=seen.missed,
            steps=seen.steps,
        )
        text = self.pieces.text(piece, visitor.token)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type="text/html")

    async def live(self, request: Request) -> ASGIApp:
        """Tell the board of changes in its departments."""

        async def topic_of(visitor: Visitor) -> Topic:
            wanted, _today = self.wanted(request, visitor)
            heard = departments_heard(wanted, visitor.who, visitor.principal, visitor.directory)
            return Topic(tenant_id=visitor.principal.tenant_id, department_ids=heard)

        return await self.desk.stream(request, topic_of)

    async def search(self, request: Request) -> Response:
        """Lead to what was found: names belong into no address, so that of the page has them sealed."""
        visitor, form = await self.desk.sessions.posted(request)
        text = form.text("text")[:LONGEST_SEARCH]
        nonce = self.desk.door.ids.token().encode()[:NONCE_BYTES]
        note = seal_note(self.desk.sessions.xsrf_key, visitor.token, text, nonce)
        return leads(f"{SEARCH}?found={note}")

    async def found(self, request: Request) -> Response:
        """Show what is found by reference, name or e-mail; without words of this session the day."""
        visitor, query = await self.desk.sessions.visitor(request), request.query_params
        note = query.get("found", "")[:LONGEST_NOTE]
        text, page = open_note(self.desk.sessions.xsrf_key, visitor.token, note), _page(query.get("page", ""))
        if text is None:
            return leads(HOME)
        found = await read_found(self.desk.door.store, visitor.principal, text, page)
        return self.desk.page(
            request,
            "agents_found.html",
            visitor,
            searched=text,
            again=f"{SEARCH}?found={note}",
            page=page,
            pages=max(1, -(-found.total // PER_PAGE)),
            rows=found.rows,
            total=found.total,
        )

    def wanted(self, request: Request, visitor: Visitor) -> tuple[Wanted, date]:
        """Read what is asked for, and which day is today where the agent is."""
        today = self.desk.now().astimezone(self.desk.zone(request, visitor)).date()
        return read_wanted(request.query_params, today, visitor.directory), today

    async def _board(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        # The stream goes on where the page was read: nothing is missed in between.
        position = await self.desk.live.position(visitor.principal.tenant_id)
        wanted, today = self.wanted(request, visitor)
        zone = self.desk.zone(request, visitor)
        seen = await self.boards.own(visitor, wanted, zone)
        departments = departments_seen(visitor.principal, visitor.directory)
        mine = set(departments_of(visitor.who))
        return {
            "board": seen.board,
            "wanted": wanted,
            "today": today,
            "day_at": instant_on(wanted.day, NOON, zone),
            "steps": seen.steps,
            "after_position": position,
            "before": wanted.day - DAY,
            "after": wanted.day + DAY,
            "present": others_of(seen.present, visitor.principal, visitor.directory),
            "missed": seen.missed,
            "departments": departments,
            "has_others": any(one.id not in mine for one in departments),
            "statuses": tuple(Status),
            "may_book": bool(bookable(visitor.principal, visitor.directory)),
            "all": ALL,
        }


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
