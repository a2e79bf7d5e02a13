"""Short ways to call the SuperOffice contract: an appointment of one's own, changed, refused and read again."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from appointed.domain.appointment import Appointment
from appointed.usecases.ports import ById
from tests.contracts.served import Served

BASE = "/api/v1/Appointment"
JSON = "application/json"
NOTHING: Any = object()

ACCEPTED = 200


@dataclass(frozen=True)
class Desk:
    """One caller, by login name, with the headers of every call; `served` is who answers."""

    served: Served
    name: str = "demo"
    headers: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> "Desk":
        """The same for another login."""
        return Desk(self.served, name, self.headers)

    def sending(self, **headers: str) -> "Desk":
        """The same with further headers; underscores stand for hyphens."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return Desk(self.served, self.name, self.headers | named)

    async def call(
        self,
        method: str,
        at: int | str = "",
        body: Any = NOTHING,
        *,
        content: Any = None,
        query: str = "",
        **headers: str,
    ) -> httpx.Response:
        """Send one request; `body` goes as JSON, `content` as it is."""
        sent = self.served.basic(self.name) | self.headers
        if body is not NOTHING:
            content, sent = json.dumps(body), {"Content-Type": JSON} | sent
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        path = f"{BASE}/{at}" if at != "" else BASE
        return await self.served.client.request(method, path + query, content=content, headers=sent)

    async def new(self, **members: Any) -> int:
        """Create an appointment and give its id."""
        return int((await self.made(**members))["AppointmentId"])

    async def made(self, **members: Any) -> dict[str, Any]:
        """Create an appointment and give it."""
        return entity(await self.call("POST", body={"Title": "Made"} | members))

    async def read(self, number: int, query: str = "", **headers: str) -> dict[str, Any]:
        """Give an appointment as it stands."""
        return entity(await self.call("GET", number, query=query, **headers))

    async def patch(self, number: int, body: Any, query: str = "", **headers: str) -> dict[str, Any]:
        """Change an appointment and give it as answered."""
        return entity(await self.call("PATCH", number, body, query=query, **headers))

    async def replace(self, number: int, path: str, value: Any, **headers: str) -> dict[str, Any]:
        """Change one member by a JSON Patch."""
        return await self.patch(number, [{"op": "replace", "path": path, "value": value}], **headers)

    async def refused(
        self, number: int, body: Any, status: int = 400, code: str = "invalid_value", **headers: str
    ) -> dict[str, Any]:
        """Check that a patch is refused like this and leaves no trace; gives the error's body."""
        before = await self.history(number)
        answer = await self.call("PATCH", number, body, **headers)
        assert (answer.status_code, answer.headers.get("Appointed-Error")) == (status, code), answer.text
        self.served.assert_body("superoffice", answer)
        assert await self.history(number) == before
        return dict(answer.json())

    async def history(self, number: int) -> Any:
        """Give all that ever happened to an appointment."""
        return await self.served.parts.store.history(1, number)

    async def stored(self, number: int) -> Appointment:
        """Give an appointment as it is kept."""
        return (await self.served.parts.store.read(1, ById((number,)))).row

    async def seen_by_sqod(self, number: int) -> dict[str, Any]:
        """Give the same appointment as the other contract shows it to its own client."""
        uid = (await self.read(number))["CustomFields"]["x_uid"]
        answer = await self.served.sq("GET", f"/{uid}")
        assert answer.status_code == ACCEPTED, answer.text
        return dict(answer.json()["data"])


def entity(answer: httpx.Response) -> dict[str, Any]:
    """Check that a request was accepted and give the entity it answers."""
    assert answer.status_code == ACCEPTED, answer.text
    return dict(answer.json())


def step(op: str, path: str, value: Any = NOTHING) -> dict[str, Any]:
    """Write one operation."""
    return {"op": op, "path": path} | ({} if value is NOTHING else {"value": value})
