"""axe on a page of the agents, and where pictures of it are kept for people to look at."""

import os
from pathlib import Path

from playwright.async_api import Page

from appointed.domain.appointment import Appointment
from appointed.domain.meeting import agent_url
from tests.console.agents.world import place

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


def paths_of(called: Appointment, waiting: Appointment) -> dict[str, str]:
    """Name the pages to look at, two of them of somebody who is in a call and of somebody who waits."""
    return {
        "board": "/agent-web",
        "empty": "/agent-web?day=2001-01-01",
        "call": place(called),
        "waiting": place(waiting),
        "edit": place(called, "/edit"),
        "reschedule": place(called, "/reschedule"),
        "cancel": place(called, "/cancel"),
        "account": "/agent-web/account",
        "book": "/agent-web/book",
        "audit": "/agent-web/audit",
        "departments": "/agent-web/departments",
        "department": "/agent-web/departments/1",
        "users": "/agent-web/users",
        "user": "/agent-web/users/new",
        "room": agent_url(called.meeting, 1, called.id, ""),
    }


async def demand_accessible(page: Page) -> None:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []


def pictured(name: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / f"{name}.png"
