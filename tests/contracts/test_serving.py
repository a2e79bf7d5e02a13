"""Servers and commands as processes: their start, what they refuse, how they stop, who works beside them."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.postgres_server import PostgresServer
from tests.running import APPOINTED, PATIENCE_SECONDS, Running, free_port, running, surroundings, until

pytestmark = pytest.mark.server

DEMO = ("demo", "demo")
ELSEWHERE = "0.0.0.0"


def appointed(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the store in `folder`; it must end by itself."""
    environment = surroundings() | {"APPOINTED_DATA": str(folder / "data"), "COLUMNS": "200", **settings}
    return subprocess.run(
        [APPOINTED, *words],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def refusal(folder: Path, *words: str, **settings: str) -> str:
    """Run a command that must fail in one line, without a traceback, and give what it says."""
    done = appointed(folder, *words, **settings)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    return done.stderr


def entity(server: Running, number: int = 1, auth: tuple[str, str] = DEMO) -> dict[str, object]:
    answer = httpx.get(f"{server.url}/api/v1/Appointment/{number}", auth=auth)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the demo tenant on SQLite."""
    with running(tmp_path_factory.mktemp("serving")) as started:
        yield started


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo store that no server uses."""
    folder = tmp_path_factory.mktemp("stopped")
    with running(folder):
        pass
    return folder


@pytest.mark.clause("SO-SAMPLE-004")
def test_the_status_line_says_what_became_of_an_entity(server: Running) -> None:
    url, body = f"{server.url}/api/v1/Appointment/3", {"Location": "Room 4"}
    with httpx.Client(auth=("demo", "demo")) as client:
        read = client.get(url)
        changed, put = client.patch(url, json=body), client.put(url, json=read.json())
        others = client.get(url, headers={"If-None-Match": put.headers["ETag"]}), client.get(f"{url}/Simple")
        refused = client.patch(url, json=[{"op": "test", "path": "Location", "value": "x"}])
        gone = url.replace("Appointment/3", "Contact/99999")
        deleted = client.delete(url)
        lost = client.get(gone), client.head(gone), client.get(gone, headers={"Accept": "text/xml"})
    assert read.reason_phrase == "AppointmentEntity found."
    assert changed.reason_phrase == put.reason_phrase == "AppointmentEntity updated."
    assert [(one.status_code, one.reason_phrase) for one in (*others, refused, deleted, *lost)] == [
        (304, "Not Modified"),
        (200, "OK"),
        (409, "Conflict"),
        (204, "AppointmentEntity deleted."),
        *[(404, "Contact Not Found")] * 3,
    ]


class TestStart:
    def test_the_two_calls_on_the_screen_work_when_pasted(self, server: Running) -> None:
        calls = [line for line in server.output.splitlines() if line.startswith("curl ")]
        assert len(calls) == 2
        answers = []
        for line in calls:
            done = subprocess.run(
                f"{line} --fail-with-body --silent --show-error",
                shell=True,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            answers.append(json.loads(done.stdout))
        changed, seen = answers[0], answers[1]["data"]
        assert changed["Location"] == "Room with a view"
        assert seen["duration_in_minutes"] == 45
        # One appointment, two contracts: each shows what the other changed.
        now = entity(server)
        assert now["Location"] == "Room with a view"
        assert now["CustomFields"]["x_uid"] == seen["id"]
        minutes = [int(now[name][11:13]) * 60 + int(now[name][14:16]) for name in ("StartDate", "EndDate")]
        assert minutes[1] - minutes[0] == 45

    def test_the_screen_says_where_it_listens_and_who_may_call(self, server: Running) -> None:
        assert f"Appointed listens on {server.url} " in server.output
        assert (
            "Demo logins (password = name): demo, kari, ola. OAuth client: demo, secret demo."
            in server.output
        )
        assert "There is no meeting provider yet" in server.output
        for name in ("demo", "kari", "ola"):
            assert httpx.get(f"{server.url}/api/v1/User/currentPrincipal", auth=(name, name)).is_success
        granted = httpx.post(
            f"{server.url}/oauth2/token", data={"grant_type": "client_credentials"}, auth=DEMO
        )
        assert granted.is_success

    def test_a_second_start_keeps_what_was_changed(self, tmp_path: Path) -> None:
        with running(tmp_path) as first:
            patch = {"Title": "Kept", "Description": "Kept too"}
            httpx.patch(f"{first.url}/api/v1/Appointment/1", json=patch, auth=DEMO).raise_for_status()
            count = httpx.get(f"{first.url}/api/v1/appointments", auth=DEMO).json()["meta"]["total"]
        with running(tmp_path) as second:
            assert entity(second)["Title"] == "Kept"
            page = httpx.get(f"{second.url}/api/v1/appointments", auth=DEMO).json()
            assert page["meta"]["total"] == count

    def test_a_log_line_is_json_with_the_requests_id_and_nothing_personal(self, server: Running) -> None:
        headers = {"X-Request-Id": "log-line-1"}
        body = {"Title": "Dr. Secret", "CustomFields": {"x_claimant_name": "Ada Secret"}}
        address = f"{server.url}/api/v1/Appointment?$select=Secret"
        httpx.post(address, json=body, headers=headers, auth=DEMO).raise_for_status()
        # The line is written when the answer has gone.
        until(lambda: "log-line-1" in server.output.rpartition("\n")[0])
        line = next(line for line in server.output.splitlines() if "log-line-1" in line)
        told = json.loads(line)
        assert (told["method"], told["route"], told["status"]) == ("POST", "/api/v1/Appointment", 200)
        assert {"timestamp", "level", "milliseconds", "tenant"} <= told.keys()
        assert "Secret" not in server.output


class TestRefusals:
    def test_a_demo_is_not_started_beyond_loopback(self, tmp_path: Path) -> None:
        told = refusal(tmp_path, "serve", "--demo", "--host", ELSEWHERE, "--port", str(free_port()))
        assert "loopback" in told
        assert not (tmp_path / "data" / "appointed.db").exists()

    def test_a_store_with_the_demo_tenant_is_not_served_beyond_loopback(self, stopped: Path) -> None:
        port = free_port()
        told = refusal(stopped, "serve", "--host", ELSEWHERE, "--port", str(port))
        assert "demo tenant" in told
        assert "loopback" in told
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0

    def test_a_store_without_the_demo_tenant_may_be(self, tmp_path: Path) -> None:
        done = appointed(tmp_path, "tenant", "create", "Real", "--login", "ada", "--password", "long enough")
        assert done.returncode == 0, done.stderr
        port = free_port()
        command = [APPOINTED, "serve", "--host", ELSEWHERE, "--port", str(port)]
        usual = {"APPOINTED_DATA": str(tmp_path / "data"), "APPOINTED_DRAIN_NOTICE_SECONDS": "0"}
        environment = surroundings() | usual
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            assert line.startswith(f"Appointed listens on http://{ELSEWHERE}:{port}")
            # Nothing of a demo is told where there is none.
            answer = httpx.get(
                f"http://127.0.0.1:{port}/api/v1/User/currentPrincipal", auth=("ada", "long enough")
            )
            assert answer.json()["Associate"] == "ada"
        finally:
            process.terminate()
            rest, _errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert b"curl" not in rest

    def test_a_second_server_on_the_same_file_does_not_start(self, server: Running) -> None:
        folder = server.log.parent
        told = refusal(folder, "serve", "--demo", "--port", str(free_port()))
        assert "in use" in told
        assert entity(server)["AppointmentId"] == 1

    def test_a_port_that_is_taken_is_told(self, server: Running, tmp_path: Path) -> None:
        port = server.url.rpartition(":")[2]
        told = refusal(tmp_path, "serve", "--demo", "--port", port)
        assert f"could not listen on 127.0.0.1:{port}" in told

    def test_several_processes_on_one_file_are_refused(self, tmp_path: Path) -> None:
        assert "PostgreSQL" in refusal(tmp_path, "serve", "--workers", "2", "--port", str(free_port()))

    @pytest.mark.parametrize(
        ("settings", "named"),
        [({"APPOINTED_POTR": "1"}, "potr"), ({"APPOINTED_PORT": "many"}, "APPOINTED_PORT: ")],
    )
    def test_a_wrong_setting_is_named(self, tmp_path: Path, settings: dict[str, str], named: str) -> None:
        assert named in refusal(tmp_path, "serve", **settings)


class TestStop:
    def half_sent(self, server: Running, body: bytes) -> socket.socket:
        """Send a PATCH but for the last byte of its body."""
        host, port = server.url.removeprefix("http://").split(":")
        wire = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
        head = (
            f"PATCH /api/v1/Appointment/1 HTTP/1.1\r\nHost: {host}:{port}\r\n"
            "Authorization: Basic ZGVtbzpkZW1v\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        wire.sendall(head.encode() + body[:-1])
        return wire

    def test_a_request_under_way_is_answered_and_kept(self, tmp_path: Path) -> None:
        body = b'{"Title": "Before the end"}'
        with running(tmp_path) as server:
            entity(server)
            with self.half_sent(server, body) as wire:
                await_in_flight(server)
                server.process.send_signal(signal.SIGTERM)
                await_refused(server)
                with pytest.raises(subprocess.TimeoutExpired):
                    server.process.wait(1)
                wire.sendall(body[-1:])
                answer = read_all(wire)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b'"Title":"Before the end"' in answer
            assert server.process.wait(PATIENCE_SECONDS) == 0
        with running(tmp_path) as again:
            assert entity(again)["Title"] == "Before the end"

    def test_a_request_that_never_ends_holds_it_no_longer_than_set(self, tmp_path: Path) -> None:
        # Unless set, it would be for 25 seconds.
        with running(tmp_path, APPOINTED_DRAIN_SECONDS="1") as server:
            title = entity(server)["Title"]
            with self.half_sent(server, b'{"Title": "Never"}'):
                await_in_flight(server)
                server.process.send_signal(signal.SIGTERM)
                server.process.wait(20)
        with running(tmp_path) as again:
            assert entity(again)["Title"] == title

    def test_before_it_closes_the_door_it_says_so(self, tmp_path: Path) -> None:
        with running(tmp_path, APPOINTED_DRAIN_NOTICE_SECONDS="3") as server:
            server.process.send_signal(signal.SIGTERM)
            until(lambda: readiness(server).status_code != 200)
            assert readiness(server).json() == {"status": "not ready", "detail": "stopping"}
            assert entity(server)["AppointmentId"] == 1
            assert server.process.wait(PATIENCE_SECONDS) == 0

    def test_a_person_at_the_keyboard_does_not_wait_for_proxies(self, tmp_path: Path) -> None:
        # Far longer than this test would wait.
        with running(tmp_path, APPOINTED_DRAIN_NOTICE_SECONDS="3600") as server:
            assert server.stop(signal.SIGINT) == 0

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_nothing_is_left_behind(self, tmp_path: Path, how: signal.Signals) -> None:
        # Whoever started the tests may keep it from them, as nohup does, and so from what they start.
        usual = signal.signal(how, signal.SIG_DFL)
        try:
            with running(tmp_path) as server:
                assert (tmp_path / "data" / "appointed.sock").is_socket()
                assert server.stop(how) == 0
        finally:
            signal.signal(how, usual)
        assert "Traceback" not in server.output
        assert not (tmp_path / "data" / "appointed.sock").exists()
        with closing(sqlite3.connect(tmp_path / "data" / "appointed.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def readiness(server: Running) -> httpx.Response:
    return httpx.get(f"{server.url}/healthz/ready")


def await_in_flight(server: Running) -> None:
    """Wait until the server works on one request besides the one that asks."""

    def has_arrived() -> bool:
        text = httpx.get(f"{server.url}/metrics").text
        found = re.search(r"^appointed_requests_in_flight (\d+)", text, re.MULTILINE)
        return found is not None and int(found[1]) >= 2

    until(has_arrived)


def await_refused(server: Running) -> None:
    """Wait until the server takes no new connections."""

    def is_refused() -> bool:
        try:
            httpx.get(f"{server.url}/healthz/live")
        except httpx.TransportError:
            return True
        return False

    until(is_refused)


def read_all(wire: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    parts = []
    while part := wire.recv(65_536):
        parts.append(part)
    return b"".join(parts)


NEW = "--password=long enough"


class TestCommands:
    def report(self, done: subprocess.CompletedProcess[str]) -> dict[str, str]:
        """Read the table that a command prints."""
        assert done.returncode == 0, done.stdout + done.stderr
        rows = [line.strip("│ ").split("│") for line in done.stdout.splitlines() if line.startswith("│")]
        return {name.strip(): value.strip() for name, value in rows}

    def test_a_tenant_its_users_and_clients_are_made_before_the_first_start(self, tmp_path: Path) -> None:
        made = self.report(appointed(tmp_path, "tenant", "create", "Acme", "--login", "ada", NEW))
        assert made == {"tenant": "1", "login": "ada", "department": "1"}
        user = self.report(appointed(tmp_path, "user", "create", "bob", NEW, "--role", "agent"))
        assert (user["tenant"], user["login"]) == ("1", "bob")
        client = self.report(appointed(tmp_path, "client", "create", "desk"))
        with running(tmp_path) as server:
            for login in ("ada", "bob"):
                who = httpx.get(f"{server.url}/api/v1/User/currentPrincipal", auth=(login, "long enough"))
                assert who.json()["Associate"] == login
            token = httpx.post(
                f"{server.url}/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=("desk", client["client_secret"]),
            ).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert httpx.get(f"{server.url}/api/v1/appointments", headers=headers).is_success
            # The store was not empty, so the demo was not planted.
            assert httpx.get(f"{server.url}/api/v1/appointments", auth=DEMO).status_code == 401

    def test_beside_a_running_server_they_are_made_by_it(self, server: Running) -> None:
        folder = server.log.parent
        made = self.report(appointed(folder, "tenant", "create", "Acme", "--login", "ada", NEW))
        number = made["tenant"]
        assert int(number) > 1
        user = self.report(appointed(folder, "user", "create", "bob", NEW, "--tenant", number))
        client = self.report(appointed(folder, "client", "create", "desk", "--tenant", number))
        assert user["tenant"] == client["tenant"] == number
        for login in ("ada", "bob"):
            auth = (login, "long enough")
            who = httpx.get(f"{server.url}/api/v1/User/currentPrincipal", auth=auth).json()
            assert (who["Associate"], who["DatabaseContextIdentifier"]) == (login, f"Tenant{number}")
            page = httpx.get(f"{server.url}/api/v1/appointments", auth=auth).json()
            assert page["meta"]["total"] == 0
        granted = httpx.post(
            f"{server.url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=("desk", client["client_secret"]),
        )
        assert granted.is_success

    @pytest.mark.parametrize("is_beside", [True, False])
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("user", "create", "demo", NEW), "The login demo exists already."),
            (("user", "create", "new", NEW, "--tenant", "77"), "There is no tenant 77."),
            (("client", "create", "new", "--department", "9"), "There is no department 9."),
            (("client", "create", "demo"), "The client demo exists already."),
        ],
    )
    def test_what_cannot_be_made_is_told(
        self,
        server: Running,
        stopped: Path,
        is_beside: bool,
        words: tuple[str, ...],
        told: str,
    ) -> None:
        assert told in refusal(server.log.parent if is_beside else stopped, *words)

    def test_changes_and_commands_at_once_lose_nothing(self, server: Running) -> None:
        folder = server.log.parent
        wrong: list[int] = []

        def patch() -> None:
            for number in range(20):
                body = [{"op": "replace", "path": "/Agenda", "value": f"{number}"}]
                answer = httpx.patch(f"{server.url}/api/v1/Appointment/2", json=body, auth=DEMO)
                wrong.extend([answer.status_code] if answer.status_code != 200 else [])

        patching = threading.Thread(target=patch)
        patching.start()
        self.report(appointed(folder, "user", "create", "carl", NEW))
        patching.join(PATIENCE_SECONDS)
        assert wrong == []
        assert entity(server, 2)["Agenda"] == "19"
        assert httpx.get(
            f"{server.url}/api/v1/User/currentPrincipal", auth=("carl", "long enough")
        ).is_success

    def test_nobody_else_may_command(self, server: Running) -> None:
        path = server.log.parent / "data" / "appointed.sock"
        assert path.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(str(path))
            wire.sendall(b'{"type": "format disk"}\n')
            assert b"refused" in read_all(wire)
        assert entity(server)["AppointmentId"] == 1

    def test_check_tells_the_settings_and_whether_the_store_is_ready(
        self, server: Running, tmp_path: Path
    ) -> None:
        done = appointed(server.log.parent, "check", APPOINTED_PORT="8123")
        form = r"(?s)port\s*│\s*8123.+\nkey \w+: current, wraps \d+\nThe store is ready\.\n$"
        assert (done.returncode, bool(re.search(form, done.stdout))) == (0, True), done.stderr
        assert "no store yet" in refusal(tmp_path, "check")
        assert not (tmp_path / "data").exists()

    @pytest.mark.parametrize("form", ["ada:hush@127.0.0.1:{}/none", "127.0.0.1:{}/none?password=hush@"])
    def test_check_keeps_a_databases_password_to_itself(self, tmp_path: Path, form: str) -> None:
        address = "postgresql://" + form.format(free_port())
        done = appointed(tmp_path, "check", "--database", address)
        assert done.returncode == 1
        assert "not ready" in done.stdout
        assert "hush" not in done.stdout + done.stderr

    def test_migrate_makes_the_schema_and_may_be_repeated(self, tmp_path: Path) -> None:
        for _ in range(2):
            done = appointed(tmp_path, "migrate")
            assert (done.returncode, done.stdout.strip()) == (0, "The schema is up to date.")
        with closing(sqlite3.connect(tmp_path / "data" / "appointed.db")) as database:
            names = {
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
        assert "appointment" in {name.removesuffix("s") for name in names}

    def test_migrate_beside_a_running_server_says_that_the_store_is_in_use(self, server: Running) -> None:
        assert "in use" in refusal(server.log.parent, "migrate")


class TestPostgres:
    @pytest.fixture
    def postgres_empty(self, postgres_server: PostgresServer) -> Iterator[str]:
        """The URL of a database with nothing in it."""
        yield postgres_server.create("serving_empty", template="template1")
        postgres_server.drop("serving_empty")

    def test_migrate_commands_and_serve_work_on_it(self, postgres_empty: str, tmp_path: Path) -> None:
        database = {"APPOINTED_DATABASE": postgres_empty}
        assert "migrate" in refusal(tmp_path, "user", "create", "bob", NEW, **database)
        assert appointed(tmp_path, "migrate", **database).returncode == 0
        done = appointed(tmp_path, "tenant", "create", "Acme", "--login", "ada", NEW, **database)
        assert done.returncode == 0, done.stderr
        with running(tmp_path, **database) as server:
            beside = appointed(tmp_path, "user", "create", "bob", NEW, **database)
            assert beside.returncode == 0, beside.stderr
            for login in ("ada", "bob"):
                auth = (login, "long enough")
                assert httpx.get(f"{server.url}/api/v1/User/currentPrincipal", auth=auth).is_success

    def test_several_processes_serve_and_stop_together(self, postgres_dsn: str, tmp_path: Path) -> None:
        with running(tmp_path, "--workers", "2", APPOINTED_DATABASE=postgres_dsn) as server:
            for number in range(20):
                body = {"Agenda": str(number)}
                answer = httpx.patch(f"{server.url}/api/v1/Appointment/1", json=body, auth=DEMO)
                assert answer.status_code == 200, answer.text
            assert entity(server)["Agenda"] == "19"
            assert server.stop() == 0
        assert server.output.count("curl ") == 2
        assert "Traceback" not in server.output

    def test_any_process_tells_the_measurements_of_all(self, postgres_dsn: str, tmp_path: Path) -> None:
        counted = re.compile(r'appointed_requests_total{method="PATCH",.*} (\S+)')
        with running(tmp_path, "--workers", "2", APPOINTED_DATABASE=postgres_dsn) as server:
            for number in range(20):
                body = {"Agenda": str(number)}
                httpx.patch(f"{server.url}/api/v1/Appointment/1", json=body, auth=DEMO).raise_for_status()
            told = {
                count for _ in range(20) for count in counted.findall(httpx.get(f"{server.url}/metrics").text)
            }
        assert told == {"20.0"}
