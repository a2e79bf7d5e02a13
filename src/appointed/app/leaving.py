"""How a server ends: one process, and several under one parent, by the same signals."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from socket import socket
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from appointed.app.parts import Parts

# What a worker is told, each more than the one before. To hear the same again changes nothing: a terminal
# and a service manager tell the workers as well as their parent.
WITH_NOTICE, AT_ONCE, UNANSWERED = signal.SIGTERM, signal.SIGINT, signal.SIGUSR1
STEPS = (WITH_NOTICE, AT_ONCE, UNANSWERED)
# A terminal that is closed says the third.
ENDINGS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
LOOK_SECONDS = 0.1


class Farewell:
    """Ends one process: it says so, waits for the notice to pass, closes the door, and ends by `leave`."""

    def __init__(self, parts: Parts, server: uvicorn.Server, leave: Callable[[], None]) -> None:
        self._parts = parts
        self._server = server
        self._leave = leave
        self._notice: asyncio.TimerHandle | None = None

    def say(self, *, is_sudden: bool = False) -> None:
        """Begin to end; a further time means now."""
        watch = self._parts.watch
        is_further, watch.is_draining = watch.is_draining, True
        seconds = self._parts.settings.drain_notice_seconds
        if is_further or is_sudden or seconds == 0:
            self._end()
        else:
            self._notice = asyncio.get_running_loop().call_later(seconds, self._end)

    def _end(self) -> None:
        if self._notice is not None:
            self._notice.cancel()
        # Streams would go on as long as their pages are open.
        self._parts.live.close()
        close_door(self._server)
        self._leave()


def close_door(server: uvicorn.Server) -> None:
    """Take no more connections, except those that the system has made already: it would break them."""
    tasks = server.server_state.tasks
    for listener in getattr(server, "servers", ()):
        for door in listener.sockets:
            for wire in _waiting_at(door.fileno()):
                task = asyncio.get_running_loop().create_task(_let_in(server, wire))
                task.add_done_callback(tasks.discard)
                tasks.add(task)
        listener.close()


def _waiting_at(door: int) -> Iterator[socket]:
    # Whatever keeps them from being let in, the door still closes.
    with suppress(OSError), socket(fileno=os.dup(door)) as opened:
        opened.setblocking(False)
        while True:
            wire, _address = opened.accept()
            yield wire


async def _let_in(server: uvicorn.Server, wire: socket) -> None:
    loop = asyncio.get_running_loop()
    made: Any = server.config.http_protocol_class
    state = {"server_state": server.server_state, "app_state": server.lifespan.state}
    await loop.connect_accepted_socket(partial(made, config=server.config, _loop=loop, **state), wire)


def obey(parts: Parts) -> None:
    """Have this worker end as its parent says; uvicorn's own handler, which is set, knows how."""
    leave: Any = signal.getsignal(signal.SIGTERM)
    farewell = Farewell(parts, leave.__self__, lambda: leave(signal.SIGTERM, None))

    def hear(number: int, _frame: FrameType | None) -> None:
        if number == UNANSWERED:
            leave(signal.SIGINT, None)
        elif number == AT_ONCE or not parts.watch.is_draining:
            farewell.say(is_sudden=number == AT_ONCE)

    for number in STEPS:
        signal.signal(number, hear)
    hear_closed_terminal(hear)


def hear_closed_terminal(hear: Callable[[int, FrameType | None], None]) -> None:
    """End in good order when the terminal goes, unless the server was started to outlive it (nohup)."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, hear)


def ask_parent(parts: Parts, parent: int) -> None:
    """End a worker by way of its parent, which would replace one that ends alone."""
    # A further signal would hurry the others; a worker that ends has been told by the parent.
    if not parts.watch.is_draining:
        os.kill(parent, signal.SIGTERM)


class Workers(Multiprocess):
    """The parent of several processes: ends them with itself, and sooner when it is told again."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().__init__(config, sockets)
        if outlives_terminal:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._step = 0

    def handle_int(self) -> None:
        """End at once: whoever sits at the keyboard is no proxy that needs notice."""
        super().handle_int()
        self._step = STEPS.index(AT_ONCE)

    def handle_hup(self) -> None:
        """End: nobody sits at the terminal any more."""
        self.handle_term()

    def terminate_all(self) -> None:
        """Tell the workers to end; the door is theirs alone from now on, and closes with the last of them."""
        for door in self.sockets:
            door.close()
        self._tell()

    def join_all(self) -> None:
        """Wait until all have ended; each further signal hurries them."""
        while alive := self._alive():
            alive[0].process.join(LOOK_SECONDS)
            if ENDINGS.intersection(self.signal_queue):
                self.signal_queue.clear()
                self._step = min(self._step + 1, len(STEPS) - 1)
                self._tell()

    def _tell(self) -> None:
        for worker in self._alive():
            os.kill(worker.process.pid, STEPS[self._step])

    def _alive(self) -> list[Any]:
        return [worker for worker in self.processes if worker.process.is_alive()]
