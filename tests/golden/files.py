"""Whole answers as files; `make golden` rewrites them, and the diff is reviewed."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent
REWRITES = bool(os.environ.get("APPOINTED_REWRITE_GOLDEN"))


def assert_golden(name: str, text: str) -> None:
    """Compare a text with the file of that name below this folder, or write the file anew when told so."""
    path = FOLDER / name
    if REWRITES:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
