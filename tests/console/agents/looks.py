"""axe on a page of the agents, and where pictures of it are kept for people to look at."""

import os
from pathlib import Path

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(os.environ.get("APPOINTED_TEST_PICTURES", "test-output")) / "agents"
WIDTHS = {"desktop": 1280, "phone": 390}
LONG_NAME = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
SOME = (
    ("light", "desktop", ("board", "call", "reschedule", "book")),
    ("dark", "phone", ("board", "edit", "account", "room", "department")),
)
ALL = (
    *("board", "empty", "call", "waiting", "edit", "reschedule", "cancel", "account", "room"),
    *("book", "audit", "departments", "department", "users", "user"),
)


async def demand_accessible(page: Page) -> None:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []


def pictured(name: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / f"{name}.png"
