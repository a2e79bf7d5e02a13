"""The lists a tenant starts with, in seven languages; whoever runs it changes them as they like."""

import importlib.resources
from typing import Final

from appointed.domain.directory import Priority, Task


def _read_texts() -> dict[str, str]:
    table = (importlib.resources.files(__package__) / "stock_texts.tsv").read_text("utf-8")
    (_key, *languages), *lines = (line.split("\t") for line in table.splitlines())
    return {
        key: "".join(f'{code}:"{text}";' for code, text in zip(languages, texts, strict=True))
        for key, *texts in lines
    }


# Each text in every language at once, as lists hold it: US:"Meeting";NO:"Møte";…
TEXTS: Final = _read_texts()

TASKS: Final = (
    Task(id=1, value=TEXTS["meeting"], rank=1, intent_id=1),
    Task(id=2, value=TEXTS["call"], type="Phone", direction="Outgoing", rank=2),
    Task(id=3, value=TEXTS["todo"], type="ToDo", rank=3),
    Task(id=4, value=TEXTS["video"], rank=4, default_video_status="VideoMeetingOn"),
)
PRIORITIES: Final = (
    Priority(id=1, value=TEXTS["low"], rank=1),
    Priority(id=2, value=TEXTS["medium"], rank=2),
    Priority(id=3, value=TEXTS["high"], rank=3),
)
