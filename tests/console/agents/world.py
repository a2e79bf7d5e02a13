"""The agents' pages without a browser: forms with their tokens, and what comes back."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx

from appointed.domain.appointment import Appointment
from appointed.usecases.ports import ById, ByUid
from tests.contracts.served import Served

HOME = "/agent-web"
# What a browser of today says of a form that stands on one of our pages.
BROWSER = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


class MovingClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Agent:
    """Somebody with a browser of their own: cookies, and the token of the forms that they saw last."""

    served: Served
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return self._took(await self.served.client.get(path, headers=self._headers() | headers))

    async def post(self, path: str, **values: str) -> httpx.Response:
        """Send a form with the token that was last seen."""
        return await self.send(path, {"token": self.token} | values)

    async def find(self, text: str, more: str = "") -> httpx.Response:
        """Search as the form of every page does, and go where it leads."""
        led = await self.post(f"{HOME}/search", text=text)
        assert led.status_code == 303, led.text
        return await self.get(led.headers["location"] + more)

    async def send(self, path: str, values: dict[str, str], **headers: str) -> httpx.Response:
        sent = self._headers() | BROWSER | headers
        answer = await self.served.client.post(path, data=values, headers=sent)
        return self._took(answer)

    async def sign_in(self, name: str, password: str | None = None, path: str = "") -> httpx.Response:
        await self.get(f"{HOME}/sign-in{path}")
        answer = await self.post(
            f"{HOME}/sign-in{path}", name=name, password=name if password is None else password
        )
        if answer.status_code == 303:
            await self.get(HOME)
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _took(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, _equals, rest = line.partition("=")
            value, _semicolon, more = rest.partition(";")
            if "Max-Age=0" in more:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        self.served.client.cookies.clear()
        found = re.search(r'name="token" value="([0-9a-f]+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer


@dataclass
class World:
    """A server, its clock, and short ways to make and see appointments."""

    served: Served
    clock: MovingClock

    async def agent(self, name: str) -> Agent:
        """Sign somebody in."""
        agent = Agent(self.served)
        answer = await agent.sign_in(name)
        assert answer.status_code == 303, answer.text
        return agent

    async def book(self, minutes: int = 10, **more: Any) -> Appointment:
        """Book a claimant for so many minutes from now, through the API."""
        body = {
            "appointment_at": (self.clock.now + timedelta(minutes=minutes)).isoformat(),
            "duration_in_minutes": 30,
            "claimant": {"name": "Jane Roe", "email": "jane@example.com"},
        } | more
        answer = await self.served.sq("POST", json=body)
        assert answer.status_code == 201, answer.text
        return (await self.served.parts.store.read(1, ByUid(UUID(answer.json()["data"]["id"])))).row

    async def again(self, row: Appointment) -> Appointment:
        return (await self.served.parts.store.read(1, ById((row.id,)))).row

    async def patch(self, row: Appointment, **members: Any) -> None:
        answer = await self.served.sq("PATCH", f"/{row.uid}", json=members)
        assert answer.status_code == 200, answer.text


def place(row: Appointment, rest: str = "") -> str:
    """Give the address of an appointment's page."""
    return f"{HOME}/appointments/{row.uid}{rest}"


def fields_of(page: str) -> dict[str, str]:
    """Read a form as a browser would send it back untouched."""
    values: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        attributes = {name: unescape(text) for name, text in re.findall(r'([a-z]+)="([^"]*)"', tag)}
        name = attributes.get("name", "")
        if not name or (attributes.get("type") in ("checkbox", "radio") and " checked" not in tag):
            continue
        text = attributes.get("value", "")
        # What is shown in one line loses its line ends; hidden texts keep them.
        values[name] = text if attributes.get("type") == "hidden" else text.replace("\n", "")
    for name, body in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        values[name] = unescape(chosen[1]) if chosen else ""
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        values[name] = unescape(text)
    values.pop("text", None)
    return values
