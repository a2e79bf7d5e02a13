"""The office behind claimants' pages, without a browser."""

import html
import re
from typing import Any

import httpx

from appointed.usecases.ports import ById
from tests.console.claimant_forms import token_of
from tests.contracts.served import Served
from tests.contracts.test_meetings import MINUTE, MovingClock, number_of


class Office:
    """A server with a meeting server's settings, and short ways to book and to change."""

    def __init__(self, served: Served, clock: MovingClock) -> None:
        self.served, self.clock = served, clock

    async def book(self, minutes: int = 10, **more: Any) -> dict[str, Any]:
        body = {
            "appointment_at": (self.clock.now + minutes * MINUTE).isoformat(),
            "duration_in_minutes": 30,
            "claimant": {"name": "Jane Roe", "email": "jane@example.com"},
        } | more
        answer = await self.served.sq("POST", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def patch(self, made: dict[str, Any], **members: Any) -> None:
        answer = await self.served.sq("PATCH", f"/{made['id']}", json=members)
        assert answer.status_code == 200, answer.text

    async def status(self, made: dict[str, Any]) -> str:
        return (await self.row(made)).status.value

    async def row(self, made: dict[str, Any]) -> Any:
        return (await self.served.parts.store.read(1, ById((number_of(made),)))).row

    async def get(self, made: dict[str, Any], more: str = "", **headers: str) -> httpx.Response:
        return await self.served.client.get(made["url"] + more, headers=headers)

    async def post(self, made: dict[str, Any], **options: Any) -> httpx.Response:
        if "content" not in options:
            token = token_of(self.served.parts, made["url"])
            options["data"] = {"token": token} | options.get("data", {})
        return await self.served.client.post(made["url"], **options)

    async def state(self, made: dict[str, Any]) -> Any:
        answer = await self.served.client.get(made["url"].replace("/summary", "/summary/live"))
        assert answer.status_code == 200, answer.text
        return answer.json()


def title(answer: httpx.Response) -> str:
    found = re.search("<title>(.*)</title>", answer.text)
    assert found
    return html.unescape(found[1])
