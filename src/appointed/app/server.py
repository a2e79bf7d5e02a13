"""Run the server's processes, and the commands that work without one."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from socket import socket
from types import FrameType

import msgspec
import uvicorn
from starlette.types import ASGIApp

from appointed import commands
from appointed.app import delivery
from appointed.app.addresses import application, error_body
from appointed.app.background import working
from appointed.app.leaving import Farewell, Workers, ask_parent, hear_closed_terminal, obey
from appointed.app.memory import freeze_what_is_loaded, give_back_large_blocks
from appointed.app.parts import (
    CannotStart,
    Parts,
    assemble,
    demand_keys,
    is_loopback,
    limits_of,
    socket_path,
    started,
)
from appointed.domain.errors import AppointmentNotFound, StoreBusy
from appointed.http.health import DISK_FULL, free_percent_of
from appointed.http.logs import StandardHandler, open_log
from appointed.http.metrics import SHARED_FOLDER
from appointed.http.protocol import server_config
from appointed.settings import PREFIX, Settings, load
from appointed.store.migrations import migrate_postgres
from appointed.store.schema import StoreInUse, StoreUnusable
from appointed.usecases.administer import Command, CommandRefused, Report
from appointed.usecases.administer_protection import CheckStore, ListKeys
from appointed.usecases.ports import ById, Health

Announce = Callable[[list[str]], None]
# What tells that keys are missing cannot demand them; whatever else would find nobody and seal for nobody.
TELLS_OF_KEYS = (CheckStore, ListKeys)


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until told to stop; raises CannotStart."""
    _demand_sound(settings)
    give_back_large_blocks()
    if settings.is_postgres and settings.demo:
        migrate(settings)
    if settings.workers > 1:
        _serve_many(settings, announce)
        return
    _log_libraries(settings.log_level)
    parts = assemble(settings)
    server = Server(_config(application(parts), settings), parts, announce)
    freeze_what_is_loaded()
    server.run()


def migrate(settings: Settings) -> None:
    """Bring the schema to the newest form; raises CannotStart."""
    try:
        if settings.is_postgres:
            migrate_postgres(settings.database)
        else:
            asyncio.run(_open_and_close(settings))
    except StoreUnusable as error:
        raise CannotStart(str(error)) from error


def deliver(settings: Settings, announce: Announce) -> None:
    """Deliver webhooks and letters and do what is due until told to stop, without serving.

    Raises CannotStart.
    """
    _log_libraries(settings.log_level)
    asyncio.run(_deliver(settings, announce))


async def _deliver(settings: Settings, announce: Announce) -> None:
    parts = assemble(settings)
    try:
        await parts.store.open()
    except StoreInUse as error:
        raise CannotStart(f"{error}. {ONE_PROCESS}") from error
    except StoreUnusable as error:
        raise CannotStart(str(error)) from error
    try:
        await demand_keys(parts)
        alone = "" if settings.is_postgres else f" Meanwhile no server can use {settings.sqlite_path}."
        announce([f"Appointed delivers webhooks and letters, and does what is due.{alone}"])
        async with working(msgspec.structs.replace(parts.background, runs=True)):
            await delivery.deliver(parts.webhooks, parts.store)
    finally:
        await parts.store.close()
        parts.passwords.close()


async def check(settings: Settings) -> tuple[Health, Report]:
    """Tell whether the store could take a change now, and how its keys stand where that can be told.

    A server that uses it is asked.
    """
    try:
        report = await command(settings, CheckStore())
    except (CannotStart, CommandRefused, StoreBusy) as error:
        return Health(is_ready=False, detail=str(error)), {}
    keys = report.pop("keys", {})
    if (
        not settings.is_postgres
        and free_percent_of(settings.sqlite_path.parent)() < settings.ready_disk_percent
    ):
        return DISK_FULL, keys
    return msgspec.convert(report, Health), keys


async def command(settings: Settings, wanted: Command) -> Report:
    """Carry out a command, through the server that uses the store if there is one.

    Raises CommandRefused, and CannotStart where the store cannot be used or is sealed with other keys.
    """
    parts = assemble(settings)
    try:
        await parts.store.open()
    except StoreInUse:
        return await commands.send(socket_path(settings), wanted)
    except StoreUnusable as error:
        raise CannotStart(str(error)) from error
    try:
        if not isinstance(wanted, TELLS_OF_KEYS):
            await demand_keys(parts)
        return await parts.administrator.run(wanted)
    finally:
        await parts.store.close()


def from_environment() -> ASGIApp:
    """Make the application of one worker process, whose settings are all in its environment."""
    give_back_large_blocks()
    settings = load(os.environ)
    _log_libraries(settings.log_level)
    parts = assemble(settings)
    app = application(parts, _worker_life(parts))
    freeze_what_is_loaded()
    return app


@contextlib.asynccontextmanager
async def _worker_life(parts: Parts) -> AsyncIterator[None]:
    async with started(parts, lambda: ask_parent(parts, os.getppid())):
        # uvicorn makes a worker's server by itself.
        obey(parts)
        yield


class Server(uvicorn.Server):
    """Opens its parts and closes them, tells when it listens, and drains before it closes the door."""

    def __init__(self, config: uvicorn.Config, parts: Parts, announce: Announce) -> None:
        super().__init__(config)
        self._parts = parts
        self._announce = announce
        self._opened = contextlib.AsyncExitStack()
        self._farewell = Farewell(parts, self, self._leave)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then say so; raises CannotStart."""
        await self._opened.enter_async_context(started(self._parts))
        hear_closed_terminal(self.handle_exit)
        try:
            await super().startup(sockets)
        except SystemExit:
            await self._opened.aclose()
            where = f"{self._parts.settings.host}:{self._parts.settings.port}"
            raise CannotStart(f"The server could not listen on {where}. {ANOTHER_PORT}") from None
        if not self.should_exit:
            self._announce(await greeting(self._parts))

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Answer what is under way, then close the parts."""
        await super().shutdown(sockets)
        await self._opened.aclose()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop: first say not ready, so that a proxy looks elsewhere; a further one means now."""
        # Whoever presses Ctrl-C is no proxy, and need not be given notice.
        self._farewell.say(is_sudden=sig == signal.SIGINT)

    def _leave(self) -> None:
        # Unlike uvicorn's own this keeps the signal to itself: an orderly end is a success.
        self.force_exit = self.should_exit
        self.should_exit = True


ANOTHER_PORT = "Where another program has the port, say --port (`make serve PORT=…`) with one that is free."
ONE_PROCESS = (
    "With SQLite one process uses the file: leave webhook_delivery and background_work on, and the server "
    "delivers by itself. A process of its own for that needs PostgreSQL."
)
# What a server leaves undone by a setting, and nobody else can do while a SQLite file is its own.
LEFT_UNDONE = {
    "webhook_delivery": "webhooks and letters wait",
    "background_work": "nothing is done that is due by the clock",
}
NO_MEETINGS = (
    "There is no meeting provider yet: the pages of a call say so (docs/meetings.md tells how to set one up)."
)
NO_DEMO = "This store has tenants of its own: the demo tenant and its logins come into an empty one alone."


async def greeting(parts: Parts) -> list[str]:
    """Say where the server listens; for a demo also who may call, and two calls that work when pasted."""
    host = parts.settings.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{parts.settings.port}"
    lines = [f"Appointed listens on {url} (documentation: {url}/docs)", *_left_undone(parts.settings)]
    tenants = await parts.store.tenants()
    if not any(tenant.is_demo for tenant in tenants):
        return [*lines, *([NO_DEMO] if parts.settings.demo else [])]
    try:
        first = (await parts.store.read(1, ById((1,)))).row
    except AppointmentNotFound:
        return lines
    return [
        *lines,
        "",
        "Demo logins (password = name): demo, kari, ola. OAuth client: demo, secret demo.",
        *([NO_MEETINGS] if parts.settings.meetings_provider == "none" else []),
        "Change appointment 1 through SuperOffice's JSON Patch, then through SQOD's partial update:",
        "",
        f"curl -u demo:demo -X PATCH {url}/api/v1/Appointment/1 -H 'Content-Type: application/json' "
        """-d '[{"op":"replace","path":"/Location","value":"Room with a view"}]'""",
        "",
        f"curl -u demo:demo -X PATCH {url}/api/v1/appointments/{first.uid} "
        """-H 'Content-Type: application/json' -d '{"duration_in_minutes":45}'""",
        "",
    ]


def _left_undone(settings: Settings) -> list[str]:
    if settings.is_postgres:
        return []
    undone = [(name, what) for name, what in LEFT_UNDONE.items() if not getattr(settings, name)]
    return [f"As {name} is off, {what} as long as this server runs. {ONE_PROCESS}" for name, what in undone]


def _log_libraries(level: str) -> None:
    # What libraries say goes the same way as our own log, without what callers sent.
    root = logging.getLogger()
    root.handlers = [StandardHandler(open_log(sys.stderr.buffer, level))]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


def _demand_sound(settings: Settings) -> None:
    if settings.demo and not is_loopback(settings.host):
        raise CannotStart(f"--demo listens on loopback only, not on {settings.host}.")
    if settings.workers > 1 and not settings.is_postgres:
        raise CannotStart("Several workers need PostgreSQL; a SQLite file has one process.")


def _config(app: ASGIApp | str, settings: Settings) -> uvicorn.Config:
    return server_config(
        app,
        limits_of(settings),
        error_body,
        factory=isinstance(app, str),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        backlog=2048,
    )


def _serve_many(settings: Settings, announce: Announce) -> None:
    # A worker is a new interpreter: it takes its settings from the environment.
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    os.environ.update({PREFIX + name.upper(): _text(value) for name, value in values.items()})
    asyncio.run(_plant(settings, announce))
    config = _config("appointed.app.server:from_environment", settings)
    sockets = [config.bind_socket()]
    with tempfile.TemporaryDirectory(prefix="appointed-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        Workers(config, sockets).run()


async def _plant(settings: Settings, announce: Announce) -> None:
    parts = assemble(settings)
    async with started(parts):
        announce(await greeting(parts))


async def _open_and_close(settings: Settings) -> None:
    parts = assemble(settings)
    await parts.store.open()
    await parts.store.close()


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
