"""Short ways to call the addresses of departments, waiting areas and users."""

from typing import Any

import httpx

from tests.contracts.sqod.caller import Caller

DEPARTMENTS = "/api/v1/departments"
NEW = {"name": "New", "default_user_id": 1}


class Desk:
    """One caller of these addresses."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": self._caller.authorization} | options.pop("headers", {})
        if body is not None:
            options["json"] = body
        return await self._caller.served.client.request(method, path, headers=headers, **options)

    async def get(self, path: str) -> Any:
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def new(self, **members: Any) -> dict[str, Any]:
        answer = await self.call("POST", DEPARTMENTS, NEW | members)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    async def refused(self, method: str, path: str, body: Any) -> dict[str, list[str]]:
        answer = await self.call(method, path, body)
        assert answer.status_code == 422, answer.text
        return dict(answer.json()["errors"])
