"""A board's changing part is written once for all who see the same of it at the same moment."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from appointed.console.agents.pieces import KEPT, Piece, Pieces


class Writer:
    """Numbers what it writes."""

    languages = SimpleNamespace(by_code={"en": "English", "cy": "Cymraeg"})

    def __init__(self) -> None:
        self.count = 0

    def write(self, _template: str, language: str, *, visitor: Any, **_values: Any) -> str:
        self.count += 1
        return f"{language} {self.count} {visitor.token}"


def a_piece(language: str = "en") -> Piece:
    values: Any = {
        "zone": UTC,
        "directory": None,
        "board": SimpleNamespace(wanted=1),
        "present": {},
        "missed": {},
        "steps": {},
    }
    return Piece(language=language, **values)


def test_equal_pieces_are_written_once_for_a_while_each_with_the_own_token() -> None:
    now, writer = [datetime(2026, 3, 2, tzinfo=UTC)], Writer()
    made: Any = writer
    pieces = Pieces(made, lambda: now[0], lambda: "nobody's")
    assert [pieces.text(a_piece(), token) for token in ("mine", "yours")] == [
        "English 1 mine",
        "English 1 yours",
    ]
    assert pieces.text(a_piece("cy"), "mine") == "Cymraeg 2 mine"
    now[0] += KEPT
    assert pieces.text(a_piece(), "mine") == "English 3 mine"
