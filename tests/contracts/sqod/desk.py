"""Short ways to call the addresses of departments, waiting areas and users."""

from typing import Any

import httpx

from appointed.domain.principal import Role
from appointed.usecases.administer import CreateUser
from tests.contracts.served import Served
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


async def department_keeper(served: Served, login: str) -> None:
    """Make a user who administers the second department; the password is the login."""
    command = CreateUser(
        tenant_id=1,
        login=login,
        password=login,
        full_name="Keeper",
        role=Role.DEPARTMENT_ADMINISTRATOR,
        department_id=2,
    )
    await served.parts.administrator.run(command)
