"""Short ways to call the addresses of a kind of record."""

from typing import Any, NamedTuple

import httpx
import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.desk import entity


class Example(NamedTuple):
    """A record of a kind: what it needs, a text of it, and what is computed from that."""

    least: dict[str, Any]
    text: str
    follows: tuple[str, ...] = ()


EXAMPLES = {
    "Contact": Example({"Name": "Acme"}, "Department", ("FullName",)),
    "Person": Example({"Lastname": "Hopper"}, "Firstname", ("FullName", "FormalName")),
    "Project": Example({"Name": "Move"}, "Description"),
    "Sale": Example({"Title": "Ships"}, "Number"),
}
# What each kind shows whole besides its members.
REFERENCES = {
    "Contact": ["Associate"],
    "Person": ["Contact", "Associate"],
    "Project": ["Associate"],
    "Sale": ["Contact", "Person", "Project", "Associate"],
}
every = pytest.mark.parametrize("name", sorted(EXAMPLES))


class Shelf:
    """A kind of record, called as the administrator or as another login."""

    def __init__(self, served: Served, name: str, login: str = "demo") -> None:
        self.served = served
        self.name = name
        self.login = login

    async def call(self, method: str, at: Any = "", body: Any = None, **headers: str) -> httpx.Response:
        place, question, query = str(at).partition("?")
        path = f"/api/v1/{self.name}" + (f"/{place}" if place else "") + question + query
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        options: dict[str, Any] = {"headers": self.served.basic(self.login) | sent}
        if isinstance(body, str):
            options["content"] = body
        elif body is not None:
            options["json"] = body
        return await self.served.client.request(method, path, **options)

    async def new(self, **members: Any) -> int:
        return int((await self.made(**members))[f"{self.name}Id"])

    async def made(self, **members: Any) -> dict[str, Any]:
        return entity(await self.call("POST", body=EXAMPLES[self.name].least | members))

    async def read(self, number: int, **headers: str) -> dict[str, Any]:
        return entity(await self.call("GET", number, **headers))

    async def patch(self, number: int, body: Any, **headers: str) -> dict[str, Any]:
        return entity(await self.call("PATCH", number, body, **headers))

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
        return await self.served.parts.store.record_history(1, self.name.lower(), number)


def difference(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name, value in after.items() if before[name] != value}
