"""A throw-away PostgreSQL on a free loopback port, with fsync on, stopped by its process id."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from appointed.store.migrations import migrate_postgres
from tests.running import free_port

OLDEST = 15
INSTALLED = Path("/usr/lib/postgresql")
USER = "postgres"
TEMPLATE = "appointed_template"
# Far more than a start takes, so that a slow machine is no failure.
PATIENCE_SECONDS = 60


class PostgresServer:
    """One server with its data in a temporary folder."""

    def __init__(self) -> None:
        self._programs = find_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="appointed-postgres-"))
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER, USER)
        self._run(
            "initdb", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        self.start()
        with self._administer() as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate_postgres(self.dsn(TEMPLATE))

    def dsn(self, database: str) -> str:
        """Give the URL of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = TEMPLATE) -> str:
        """Make a database with the newest schema and give its URL."""
        with self._administer() as connection:
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
        return self.dsn(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected."""
        with self._administer() as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")

    @property
    def log(self) -> str:
        """Give what the server has said so far."""
        return (self._folder / "log").read_text()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "300",
            "shared_buffers": "64MB",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = (self._folder / "log").open("ab")
        command = self._command("postgres", *options)
        self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        self._await_ready(self._process)

    def kill(self) -> None:
        """End the server as a power cut would: no process of it gets to do anything more."""
        process = self._alive()
        # Stopped it makes no more children while they are listed.
        process.send_signal(signal.SIGSTOP)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait(PATIENCE_SECONDS)
        # The next one does not start while a process of this one has its memory still.
        limit = time.monotonic() + PATIENCE_SECONDS
        while any(map(_is_alive, children)) and time.monotonic() < limit:
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the server and remove its data."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _alive(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server was not started"
        return self._process

    def _administer(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.dsn("postgres"), autocommit=True, connect_timeout=10)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(self._command(program, *words), check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _command(self, program: str, *words: str) -> list[str]:
        command = [str(self._programs / program), "-D", str(self._data), *words]
        if os.geteuid() != 0:
            return command
        # The server refuses to run as root.
        user = pwd.getpwnam(USER)
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return [*become, "--pdeathsig=INT", *command]

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            if process.poll() is not None:
                raise RuntimeError(f"PostgreSQL ended at its start:\n{self.log}")
            try:
                self._administer().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL is not ready after {PATIENCE_SECONDS} s")


def find_programs() -> Path:
    """Find the folder of the newest PostgreSQL installed; raises RuntimeError when there is none."""
    versions = sorted(int(path.name) for path in INSTALLED.glob("*") if path.name.isdigit())
    usable = [version for version in versions if version >= OLDEST]
    if not usable:
        raise RuntimeError(f"PostgreSQL {OLDEST} or newer is needed in {INSTALLED}: run make setup-debian")
    return INSTALLED / str(usable[-1]) / "bin"


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
