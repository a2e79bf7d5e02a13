"""A real server in a process of its own, as `make serve` starts it, on a free loopback port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

APPOINTED = Path(sys.executable).parent / "appointed"
# Far more than a start takes, so that a slow machine is no failure.
PATIENCE_SECONDS = 60
# Below those that Linux and IANA give out by themselves.
FIRST_PORT, PORTS, PORTS_OF_ONE = 12_000, 20_000, 50
_ports = count()


@dataclass
class Running:
    """A server that answers at `url`; `output` is what it has printed so far."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        """Give everything printed so far."""
        return self.log.read_text()

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the server and give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)


def free_port() -> int:
    """Give a port that nothing listens on just now, and that hardly any other test process will give meanwhile.

    A server is seconds on its way to it, more on a busy machine: ports that systems hand out by themselves, also
    to whoever calls somebody, would be somebody else's by then.
    """
    while True:
        port = FIRST_PORT + (os.getpid() * PORTS_OF_ONE + next(_ports) % PORTS_OF_ONE) % PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def surroundings() -> dict[str, str]:
    """Give the environment without settings: those of the tests themselves are none of the server's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("APPOINTED_")}


@contextmanager
def running(folder: Path, *words: str, port: int = 0, **settings: str) -> Iterator[Running]:
    """Run `appointed serve --demo` with its data in `folder`; ends it by process id."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    # No proxy sends requests here, so none has to be given notice.
    usual = {"APPOINTED_DATA": str(folder / "data"), "APPOINTED_DRAIN_NOTICE_SECONDS": "0"}
    environment = surroundings() | usual | settings
    command = [str(APPOINTED), "serve", "--demo", "--port", str(port), *words]
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = Running(f"http://127.0.0.1:{port}", process, log)
    try:
        await_ready(server)
        yield server
    finally:
        server.stop()


def await_ready(server: Running) -> None:
    """Wait until the server says that it is ready; fails with its output when it ended instead."""

    def is_ready() -> bool:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended at its start:\n{server.output}")
        try:
            return httpx.get(f"{server.url}/healthz/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    until(is_ready)


def until(is_so: Callable[[], bool]) -> None:
    """Ask again and again until something is so; fails when patience is at its end."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < limit, f"not so after {PATIENCE_SECONDS} s"
        time.sleep(0.02)
