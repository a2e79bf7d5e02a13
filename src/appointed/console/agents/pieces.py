"""The changing part of a board, written once for all agents who see the same of it."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.console.agents.board import Board
from appointed.console.agents.steps import Step
from appointed.console.look.pages import Pages
from appointed.domain.directory import Directory

TEMPLATE: Final = "agents_board_live.html"
# Agents hear of a change at the same moment; later it is another board, and nothing stays without need.
KEPT: Final = timedelta(seconds=5)
MOST_KEPT: Final = 32


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the template may name but the token: those who see equal pieces read one text."""

    language: str
    zone: ZoneInfo
    directory: Directory
    board: Board
    present: dict[int, tuple[str, ...]]
    missed: dict[int, datetime]
    steps: dict[int, tuple[Step, ...]]


class _Anybody(msgspec.Struct, frozen=True):
    token: str


class Pieces:
    """Writes pieces; `token` makes a text that no page has, to hold the place of each visitor's own."""

    def __init__(self, pages: Pages, now: Callable[[], datetime], token: Callable[[], str]) -> None:
        self._pages = pages
        self._now = now
        self._mark = token()
        self._kept: deque[tuple[datetime, Piece, str]] = deque(maxlen=MOST_KEPT)

    def text(self, piece: Piece, token: str) -> str:
        """Give a piece as HTML, with a visitor's token in its forms."""
        now = self._now()
        while self._kept and self._kept[-1][0] + KEPT <= now:
            self._kept.pop()
        found = next((text for _at, one, text in self._kept if one == piece), None)
        if found is None:
            found = self._written(piece)
            self._kept.appendleft((now, piece, found))
        return found.replace(self._mark, token)

    def _written(self, piece: Piece) -> str:
        language = self._pages.languages.by_code[piece.language]
        return self._pages.write(
            TEMPLATE,
            language,
            visitor=_Anybody(self._mark),
            zone=piece.zone,
            directory=piece.directory,
            board=piece.board,
            wanted=piece.board.wanted,
            present=piece.present,
            missed=piece.missed,
            steps=piece.steps,
        )
