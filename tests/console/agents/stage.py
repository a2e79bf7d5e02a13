"""A stage for stories: our server on loopback with a clock of its own, and a Jitsi that people enter by browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from appointed.app import assemble, started
from appointed.app.addresses import application, error_body
from appointed.http.limits import DEFAULT_LIMITS
from appointed.http.protocol import server_config
from appointed.settings import Settings
from tests.console.agents.world import MovingClock, World
from tests.contracts.served import Served
from tests.meetings.fake_jitsi import APP_SECRET, DOOR_SECRET, URL, FakeJitsi, Person, opened
from tests.running import free_port

# What a browser sees of a meeting: who it is there, which buttons there are, and a way out.
ROOM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Meeting</title>
<link rel="icon" href="data:,"><h1>Meeting</h1><p id="role">…</p><p id="buttons"></p>
<script>
fetch("/enter", {method: "POST", body: location.href}).then((answer) => answer.json()).then((told) => {
  document.getElementById("role").textContent = told.role ?? told.refused;
  document.getElementById("buttons").textContent = (told.buttons ?? []).join(" ");
  addEventListener("pagehide", () => navigator.sendBeacon("/leave", told.number));
});
</script></html>"""


@dataclass
class Jitsi:
    """The meeting server's own site: it lets browsers in as Prosody does, and tells our server."""

    url: str
    clock: MovingClock
    fake: FakeJitsi | None = None
    people: dict[str, Person] = field(default_factory=dict)
    count: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def site(self) -> Starlette:
        """Make its pages."""
        return Starlette(
            routes=[
                Route("/enter", self.enter, methods=["POST"]),
                Route("/leave", self.leave, methods=["POST"]),
                Route("/{room}", self.room),
            ]
        )

    async def room(self, _request: Request) -> Response:
        return HTMLResponse(ROOM)

    async def enter(self, request: Request) -> Response:
        address = (await request.body()).decode().replace(self.url, URL, 1)
        person = opened(address, self.clock())
        assert self.fake is not None
        await self.fake.join(person)
        self.count += 1
        number = str(self.count)
        self.people[number] = person
        role = person.claims["context"]["user"]["name"]
        return JSONResponse({"number": number, "role": role, "buttons": person.config["toolbarButtons"]})

    async def leave(self, request: Request) -> Response:
        person = self.people.pop((await request.body()).decode())
        assert self.fake is not None
        await self.fake.leave(person)
        self.left.set()
        return Response(status_code=204)


@dataclass
class Stage:
    """Everything that a story needs."""

    world: World
    url: str
    jitsi: Jitsi

    @property
    def hosts(self) -> set[str]:
        """Whom a page may ask for anything."""
        return {self.url.removeprefix("http://"), self.jitsi.url.removeprefix("http://")}


@asynccontextmanager
async def on_stage(folder: Path, **more: Any) -> AsyncIterator[Stage]:
    """Run both servers in this loop, with the demo tenant."""
    clock, port, other = MovingClock(), free_port(), free_port()
    jitsi = Jitsi(f"http://127.0.0.1:{other}", clock)
    (folder / "app").write_text(APP_SECRET)
    (folder / "door").write_text(DOOR_SECRET)
    settings = Settings(
        data=str(folder / "data"),
        demo=True,
        log_level="error",
        meetings_provider="jitsi",
        meetings_url=jitsi.url,
        meetings_app_secret_file=str(folder / "app"),
        meetings_door_secret_file=str(folder / "door"),
        failed_logins_per_minute=1_000,
        **more,
    )
    parts = assemble(settings, clock=clock)
    url = f"http://127.0.0.1:{port}"
    ours = server_config(
        application(parts),
        DEFAULT_LIMITS,
        error_body,
        port=port,
        lifespan="off",
        interface="asgi3",
        log_config=None,
    )
    theirs = uvicorn.Config(jitsi.site(), port=other, lifespan="off", log_config=None)
    async with (
        started(parts),
        _serving(ours),
        _serving(theirs),
        httpx.AsyncClient(base_url=url) as client,
    ):
        jitsi.fake = FakeJitsi(client, clock)
        served = Served(parts, client)
        await served.start()
        yield Stage(World(served, clock), url, jitsi)
        await parts.live.stop()


@asynccontextmanager
async def _serving(config: uvicorn.Config) -> AsyncIterator[None]:
    server = uvicorn.Server(config)
    # Its own way to serve would take the signals of the tests.
    running = asyncio.create_task(server._serve())
    while not server.started:
        assert not running.done(), "the server ended at its start"
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await running
