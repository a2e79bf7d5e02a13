"""Short ways to call the SQOD contract: an appointment of one's own, changed, refused and read again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from appointed.domain.appointment import Appointment
from appointed.domain.principal import Role
from appointed.usecases.administer import CreateClient, CreateTenant
from appointed.usecases.ports import ByUid
from tests.contracts.served import Served
from tests.contracts.sqod.outside import CLIENT as OUTSIDER

BASE = "/api/v1/appointments"
NOTHING: Any = object()
UNKNOWN = "0f000000-0000-4000-8000-0000000000ff"

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)

# Departments of the demo tenant and the data fields they ask for.
FIRST, SECOND = "0d000000-0000-4000-8000-000000000001", "0d000000-0000-4000-8000-000000000002"
CASE, PREFERRED, MEMBER, REMARKS = (f"0f000000-0000-4000-8000-00000000000{number}" for number in range(1, 5))

# The least that makes an appointment.
LEAST = {
    "appointment_at": "2026-04-20T09:00:00.000000Z",
    "duration_in_minutes": 60,
    "claimant": {"name": "Jane Roe"},
}


class Hands:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def move(self, **by: float) -> datetime:
        """Go forward; gives the new time."""
        self.now += timedelta(**by)
        return self.now


def written(instant: datetime) -> str:
    """Write an instant as the contract does."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Caller:
    """One caller by its Authorization header; `served` is who answers."""

    served: Served
    authorization: str
    headers: dict[str, str] = field(default_factory=dict)

    def sending(self, **headers: str) -> "Caller":
        """The same with further headers; underscores stand for hyphens."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return Caller(self.served, self.authorization, self.headers | named)

    async def call(
        self, method: str, path: str = "", body: Any = NOTHING, *, query: str = "", **options: Any
    ) -> httpx.Response:
        """Send one request; `body` goes as JSON, `options` (content, data, files) as httpx takes them."""
        if body is not NOTHING:
            options["json"] = body
        sent = {"Accept": "application/json", "Authorization": self.authorization} | self.headers
        sent |= options.pop("headers", {})
        return await self.served.client.request(method, BASE + path + query, headers=sent, **options)

    async def new(self, **members: Any) -> str:
        """Create an appointment and give its id."""
        return str((await self.made(**members))["id"])

    async def made(self, **members: Any) -> dict[str, Any]:
        """Create an appointment and give it."""
        return data(await self.call("POST", body=LEAST | members), 201)

    async def read(self, uid: str) -> dict[str, Any]:
        """Give an appointment as it stands."""
        return data(await self.call("GET", f"/{uid}"))

    async def patch(self, uid: str, body: Any = NOTHING, **options: Any) -> dict[str, Any]:
        """Change an appointment and give it as answered."""
        return data(await self.call("PATCH", f"/{uid}", body, **options))

    async def cancel(self, uid: str, reason: str | None = None) -> dict[str, Any]:
        """Cancel an appointment and give it as answered."""
        return data(await self.call("POST", f"/{uid}/cancel", {"cancellation_reason": reason}))

    async def refused(
        self,
        uid: str,
        body: Any = NOTHING,
        status: int = 422,
        code: str = "invalid_value",
        method: str = "PATCH",
        **options: Any,
    ) -> dict[str, Any]:
        """Check that a change is refused like this and leaves no trace; gives the error's body."""
        before = await self.history(uid)
        answer = await self.call(method, f"/{uid}", body, **options)
        assert (answer.status_code, answer.headers.get("Appointed-Error")) == (status, code), answer.text
        self.served.assert_body("sqod", answer)
        assert await self.history(uid) == before
        return dict(answer.json())

    async def stored(self, uid: str, tenant_id: int = 1) -> Appointment:
        """Give an appointment as it is kept."""
        return (await self.served.parts.store.read(tenant_id, ByUid(UUID(uid)))).row

    async def history(self, uid: str) -> Any:
        """Give all that ever happened to an appointment."""
        return await self.served.parts.store.history(1, (await self.stored(uid)).id)

    async def page(self, query: str = "") -> dict[str, Any]:
        """Give one page of the list."""
        answer = await self.call("GET", query=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def listed(self, per_page: int = 100) -> list[dict[str, Any]]:
        """Give every appointment of the list, page by page."""
        rows: list[dict[str, Any]] = []
        page = await self.page(f"?per_page={per_page}")
        rows += page["data"]
        while page["links"]["next"]:
            answer = await self.served.client.get(
                page["links"]["next"], headers={"Authorization": self.authorization}
            )
            page = answer.json()
            rows += page["data"]
        return rows


def data(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Check that a request was accepted and give the appointment it answers."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["data"]
    return dict(body["data"])


def parts(members: dict[str, str]) -> dict[str, tuple[None, str]]:
    """Make the `files` that httpx sends as multipart/form-data without file names."""
    return {name: (None, value) for name, value in members.items()}


async def newcomer(served: Served, name: str) -> Caller:
    """Make a tenant without appointments and give its only client."""
    command = CreateTenant(name=name, zone="Europe/London", login=name, password=name)
    tenant = await served.parts.administrator.run(command)
    return await client(served, name, Role.SCHEDULER, (1,), tenant["tenant"])


async def client(
    served: Served, name: str, role: Role, departments: tuple[int, ...], tenant_id: int = 1
) -> Caller:
    """Make a client whose secret is its name, and give it with a token."""
    command = CreateClient(
        tenant_id=tenant_id, client_id=name, secret=name, role=role, department_ids=departments
    )
    await served.parts.administrator.run(command)
    return await signed_in(served, name)


async def signed_in(served: Served, name: str) -> Caller:
    """Give a client with a token."""
    answer = await served.client.post(
        "/oauth2/token", data={"grant_type": "client_credentials"}, headers=served.basic(name)
    )
    return Caller(served, f"Bearer {answer.json()['access_token']}")


async def sign_in(served: Served) -> dict[str, Caller]:
    """Make clients and give all callers of the tests by their names.

    "demo" schedules for both departments, "second" for the second one; "agent" is an agent of the first,
    "head" an administrator. "kari" is a login of the second department. "other" is the client of tenant 2,
    "nobody" shows nothing that counts. For the client "outsider" an outside issuer vouches.
    """
    outside = CreateClient(tenant_id=1, client_id=OUTSIDER, department_ids=(1,), is_outside=True)
    await served.parts.administrator.run(outside)
    return {
        "demo": await signed_in(served, "demo"),
        "second": await client(served, "second", Role.SCHEDULER, (2,)),
        "agent": await client(served, "agent", Role.AGENT, (1,)),
        "head": await client(served, "head", Role.ADMINISTRATOR, (1,)),
        "kari": Caller(served, served.basic("kari")["Authorization"]),
        "other": await newcomer(served, "other"),
        "nobody": Caller(served, "Bearer nothing"),
    }
