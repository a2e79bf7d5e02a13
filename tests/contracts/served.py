"""The whole server in this process, on either engine, with the demo tenant; and short ways to call it."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

from appointed.app import Parts, assemble, started
from appointed.app.addresses import application
from appointed.settings import Settings
from appointed.usecases.administer import CreateTenant
from appointed.usecases.ports import ById
from tests.contracts.xml_answers import judge

SO, SQ = "superoffice", "sqod"
HOST = "http://127.0.0.1:8000"


@dataclass
class Served:
    """A running server: `client` calls it, `parts` are its insides."""

    parts: Parts
    client: httpx.AsyncClient
    token: str = ""
    paths: dict[str, str] = field(default_factory=dict)

    async def start(self) -> None:
        """Fetch a token and find a video appointment that both contracts speak of."""
        answer = await self.client.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, headers=self.basic("demo")
        )
        self.token = answer.json()["access_token"]
        self.number = await self.video_row()
        reading = await self.parts.store.read(1, ById((self.number,)))
        self.paths = {
            SO: f"/api/v1/Appointment/{self.number}",
            SQ: f"/api/v1/appointments/{reading.row.uid}",
        }

    async def video_row(self) -> int:
        """Give the id of a scheduled appointment with a claimant, later than today."""
        for number in range(1, 100):
            row = (await self.parts.store.read(1, ById((number,)))).row
            if row.claimant and row.status == "scheduled" and row.starts_at > self.parts.clock():
                return number
        raise AssertionError("the demo tenant has no such row")

    def basic(self, name: str, password: str | None = None) -> dict[str, str]:
        """Make the header of a login whose password is its name."""
        pair = f"{name}:{name if password is None else password}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    @property
    def bearer(self) -> dict[str, str]:
        """Make the header of the demo client's token."""
        return {"Authorization": f"Bearer {self.token}"}

    async def send(
        self,
        contract: str,
        method: str,
        *,
        content: Any = None,
        headers: dict[str, str] | None = None,
        query: str = "",
    ) -> httpx.Response:
        """Call the video appointment through one contract, as JSON unless `headers` say otherwise."""
        sent = {"Content-Type": "application/json", "Accept": "application/json"}
        sent |= (self.basic("demo") if contract == SO else self.bearer) | (headers or {})
        return await self.client.request(method, self.paths[contract] + query, content=content, headers=sent)

    async def so(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call any SuperOffice address as the administrator."""
        options["headers"] = self.basic("demo") | options.get("headers", {})
        return await self.client.request(method, f"/api/v1/{path}", **options)

    async def sq(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        """Call any SQOD address as the demo client."""
        options["headers"] = {"Accept": "application/json"} | self.bearer | options.get("headers", {})
        return await self.client.request(method, f"/api/v1/appointments{path}", **options)

    async def snapshot(self) -> list[Any]:
        """Give all that is stored of the demo tenant's appointments, revisions and events included."""
        rows = []
        for number in range(1, 80):
            events = await self.parts.store.history(1, number)
            if events:
                rows.append(events)
        return rows

    def assert_body(self, contract: str, answer: httpx.Response) -> None:
        """Check that an error has its contract's own body and tells nothing of the insides."""
        body = answer.json()
        if contract == SO:
            assert body["Error"] is True
            assert body["Message"] == body["ErrorMessage"]
            assert {"ErrorType", "ErrorSource"} <= set(body)
        else:
            assert isinstance(body["message"], str)
        for inside in ("Traceback", ".py", "asyncpg", "apsw", "sqlite"):
            assert inside not in answer.text

    async def private_of_kari(self) -> int:
        """Create a private appointment of Kari's and give its id."""
        answer = await self.client.post(
            "/api/v1/Appointment",
            json={"Title": "Secret talk", "Private": "PrivateUser"},
            headers=self.basic("kari"),
        )
        assert answer.status_code == 200, answer.text
        return int(answer.json()["AppointmentId"])

    async def foreign_row(self) -> tuple[int, str]:
        """Create another tenant with rows up to an id that the demo tenant has not, and name the last."""
        command = CreateTenant(name="Other", zone="Europe/London", login="other", password="other")
        await self.parts.administrator.run(command)
        answer = None
        for _ in range(70):
            answer = await self.client.post(
                "/api/v1/Appointment", json={"Title": "Foreign"}, headers=self.basic("other")
            )
        assert answer is not None
        number = int(answer.json()["AppointmentId"])
        reading = await self.parts.store.read(2, ById((number,)))
        return number, str(reading.row.uid)

    async def session(self, name: str) -> tuple[str, str]:
        """Sign in with a cookie session; gives the Cookie header and the XSRF value."""
        answer = await self.client.post("/login", json={"username": name, "password": name})
        assert answer.status_code in (200, 204), answer.text
        cookies = dict(answer.cookies)
        self.client.cookies.clear()
        return "; ".join(f"{key}={value}" for key, value in cookies.items()), cookies["XSRF-TOKEN"]

    def sign(self, claims: dict[str, Any], headers: dict[str, Any]) -> str:
        """Sign a token with the server's own key, whatever it says."""
        key = (self.parts.settings.keys_folder / "tokens.pem").read_bytes()
        kid = self.parts.signer.jwks()["keys"][0]["kid"]
        # PyJWT looks after some headers itself; a forger would not.
        return jwt.api_jws.PyJWS().encode(
            json.dumps(claims).encode(), key, algorithm="RS256", headers={"kid": kid} | headers
        )


@asynccontextmanager
async def serving(
    folder: Path, database: str, more: dict[str, Any] | None = None, **around: Any
) -> AsyncIterator[Served]:
    """Run a server with the demo tenant, called through its ASGI application.

    `more` are further settings, `around` its clock and ids.
    """
    # Tests show far more wrong passwords a minute than people do, and say themselves when time has its turn.
    options: dict[str, Any] = {
        "log_level": "error",
        "failed_logins_per_minute": 1_000,
        "background_work": False,
    } | (more or {})
    settings = Settings(data=str(folder), database=database, demo=True, **options)
    parts = assemble(settings, **around)
    async with started(parts):
        transport = httpx.ASGITransport(application(parts), client=("127.0.0.1", 50_000))
        hooks = {"response": [judge]}
        async with httpx.AsyncClient(transport=transport, base_url=HOST, event_hooks=hooks) as client:
            made = Served(parts, client)
            await made.start()
            yield made
