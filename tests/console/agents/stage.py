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

# What a browser sees of a meeting: who it is there, which buttons there are, and a way out. It talks with the page
# around it by the messages of Jitsi's IFrame API, takes the documented commands and no other, and does for members
# nothing that moderators alone may do.
ROOM = r"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Meeting</title>
<link rel="icon" href="data:,"><h1>Meeting</h1><p id="role">…</p><p id="buttons"></p>
<button id="let-go">Let everybody</button> <button id="hangup">Hang up</button>
<script>
const number = /[#&]jitsi_meet_external_api_id=(\d+)/.exec(location.hash);
const envelope = { postis: true, scope: number && "jitsi_meet_external_api_" + number[1] };
const say = (method, params) => parent.postMessage(JSON.stringify({ ...envelope, method, params }), "*");
const tell = (name, more) => say("message", { type: "event", data: { name, ...more } });
const show = (buttons) => { document.getElementById("buttons").textContent = buttons.join(" "); };
const post = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) }).then((one) => one.json());
let me = null;
const media = ["audio", "video"];
const moderate = async (isOn, medium) => {
  if (!media.includes(medium) || typeof isOn !== "boolean") throw new Error("toggle-moderation");
  const told = await post("/moderate", { number: me, command: ["toggle-moderation", isOn, medium] });
  if (told.changed) tell("moderation-status-changed", { mediaType: medium, enabled: isOn });
};
const commands = {
  "overwrite-config": (config) => show(config.toolbarButtons),
  "toggle-moderation": moderate,
};
const asking = number && setInterval(() => say("__ready__", "7"), 50);
let ready;
const isReady = new Promise((done) => { ready = done; });
addEventListener("message", (event) => {
  const told = JSON.parse(event.data);
  if (!told.postis || told.scope !== envelope.scope) return;
  if (told.method === "__ready__") {
    clearInterval(asking);
    ready();
  } else if (told.params.type === "event") {
    const { name, data } = told.params.data;
    if (!(name in commands)) throw new Error(`no command ${name}`);
    commands[name](...data);
  }
});
post("/enter", location.href).then(async (told) => {
  document.getElementById("role").textContent = told.role ?? told.refused;
  show(told.buttons ?? []);
  me = told.number;
  addEventListener("pagehide", () => navigator.sendBeacon("/leave", told.number));
  if (!number) return;
  await isReady;
  // The role comes before or after the joining: both are documented, no order is.
  tell("participant-role-changed", { id: `p${me}`, role: told.moderates ? "moderator" : "participant" });
  tell("video-conference-joined", { id: `p${me}`, roomName: "x", displayName: told.role });
});
document.getElementById("let-go").addEventListener("click", () => moderate(false, "video"));
document.getElementById("hangup").addEventListener("click", () => {
  tell("video-conference-left", { roomName: "x" });
  tell("video-ready-to-close");
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
    # What moderators have done, by room, and what is moderated there.
    done: dict[str, list[list[Any]]] = field(default_factory=dict)
    moderated: dict[str, set[str]] = field(default_factory=dict)

    def site(self) -> Starlette:
        """Make its pages."""
        return Starlette(
            routes=[
                Route("/enter", self.enter, methods=["POST"]),
                Route("/leave", self.leave, methods=["POST"]),
                Route("/moderate", self.moderate, methods=["POST"]),
                Route("/{room}", self.room),
            ]
        )

    async def room(self, _request: Request) -> Response:
        return HTMLResponse(ROOM)

    async def enter(self, request: Request) -> Response:
        address = str(await request.json()).replace(self.url, URL, 1)
        person = opened(address, self.clock())
        assert self.fake is not None
        await self.fake.join(person)
        self.count += 1
        number = str(self.count)
        self.people[number] = person
        user = person.claims["context"]["user"]
        told = {"number": number, "role": user["name"], "buttons": person.config["toolbarButtons"]}
        return JSONResponse(told | {"moderates": user["moderator"] == "true"})

    async def moderate(self, request: Request) -> Response:
        """Do what a moderator wants, as the server does: for nobody else."""
        told = await request.json()
        person = self.people[told["number"]]
        assert person.claims["context"]["user"]["moderator"] == "true"
        self.done.setdefault(person.room, []).append(told["command"])
        _name, is_on, medium = told["command"]
        held = self.moderated.setdefault(person.room, set())
        was_on = medium in held
        (held.add if is_on else held.discard)(medium)
        return JSONResponse({"changed": was_on != is_on})

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
