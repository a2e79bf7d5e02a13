import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.http.virtual_time import run

from appointed.domain.errors import TooManyRequests
from appointed.http.body import close_after_answer, read_body
from appointed.http.gate import Gate, admit_tenant, note_attempt
from appointed.http.limits import Limits
from appointed.http.logs import open_log
from appointed.http.metrics import RequestMetrics

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class Route:
    path = "/api/v1/appointments/{id}"


async def plain(scope: dict[str, Any], _receive: Any, send: Any, **extra: Any) -> None:
    scope["route"] = Route
    headers = [(b"content-type", b"text/plain"), *extra.get("headers", [])]
    await send({"type": "http.response.start", "status": extra.get("status", 200), "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def error_body(path: str, status: int, code: str, _id: str, accept: bytes) -> tuple[str, bytes]:
    said = {"path": path, "status": status, "code": code} | ({"accept": accept.decode()} if accept else {})
    return "application/json", json.dumps(said).encode()


class Answer:
    """What a caller saw."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        start = messages[0]
        self.status: int = start["status"]
        self.pairs: list[tuple[bytes, bytes]] = start["headers"]
        self.headers = {name.decode(): value.decode() for name, value in self.pairs}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])


class World:
    """A gate before an application, with its log and metrics."""

    def __init__(self, app: App = plain, limits: Limits | None = None, **options: Any) -> None:
        self.lines = io.BytesIO()
        self.registry = CollectorRegistry()
        self.gate = Gate(
            app,  # type: ignore[arg-type]
            limits or Limits(),
            error_body,
            open_log(self.lines),
            RequestMetrics(self.registry),
            **({"new_id": lambda: "made"} | options),
        )

    async def ask(self, method: str = "GET", path: str = "/x", receive: Any = None, **headers: str) -> Answer:
        messages: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        await self.gate(scope, receive or _nothing, send)  # type: ignore[arg-type]
        return Answer(messages)

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_an_answer_leaves_with_its_id_and_safe_headers() -> None:
    answer = await World().ask()
    assert answer.status == 200
    assert answer.body == b"ok"
    assert answer.headers == {
        "content-type": "text/plain",
        "x-request-id": "made",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "private, no-cache",
        "vary": "authorization, cookie",
    }


async def test_a_page_may_have_its_own_policy() -> None:
    async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await plain(scope, receive, send, headers=[(b"content-security-policy", b"default-src 'self'")])

    assert (await World(page).ask()).headers["content-security-policy"] == "default-src 'self'"


async def test_a_server_that_leaves_keeps_no_connection() -> None:
    leaving = False
    world = World(is_leaving=lambda: leaving)
    assert "connection" not in (await world.ask()).headers
    leaving = True
    assert (await world.ask()).headers["connection"] == "close"


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    answer = await World(is_https=True).ask()
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("given", ["abc", "8E03978E-40d5.43_8", "x" * 64])
async def test_a_sane_request_id_is_kept(given: str) -> None:
    assert (await World().ask(x_request_id=given)).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\n", "<script>", "a@example.com"])
async def test_any_other_request_id_is_replaced(given: str) -> None:
    assert (await World().ask(x_request_id=given)).headers["x-request-id"] == "made"


async def test_a_refused_attempt_has_a_line_of_its_own() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        admit_tenant(scope, 7)
        note_attempt(scope, {"associate": 3, "appointment": 9, "members": ("CreatedBy",)})
        await plain(scope, receive, send, status=400, headers=[(b"appointed-error", b"read_only")])

    world = World(app)
    await world.ask("PATCH")
    attempt, request = world.log
    assert (attempt["event"], attempt["level"], request["event"]) == ("attempt", "warning", "request")
    assert attempt["request_id"] == request["request_id"] == "made"
    assert (attempt["tenant"], attempt["associate"], attempt["appointment"]) == (7, 3, 9)
    assert (attempt["members"], attempt["error"]) == (["CreatedBy"], "read_only")


async def test_made_ids_differ() -> None:
    world = World(new_id=Gate.__init__.__kwdefaults__["new_id"])
    first, second = (await world.ask()).headers["x-request-id"], (await world.ask()).headers["x-request-id"]
    assert first != second
    assert len(first) == 16


async def test_a_log_line_names_the_route_and_nothing_of_the_caller() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        admit_tenant(scope, 7)
        await plain(scope, receive, send, status=422, headers=[(b"appointed-error", b"invalid_value")])

    world = World(app)
    await world.ask(
        "PATCH",
        "/api/v1/appointments/canary-path",
        authorization="Bearer canary-token",
        cookie="session=canary-cookie",
        user_agent="canary-agent",
    )
    (line,) = world.log
    assert line.pop("milliseconds") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "made",
        "method": "PATCH",
        "route": "/api/v1/appointments/{id}",
        "status": 422,
        "tenant": 7,
        "error": "invalid_value",
    }
    assert b"canary" not in world.lines.getvalue()


async def test_an_unknown_address_is_logged_without_its_text() -> None:
    async def app(_scope: dict[str, Any], receive: Any, send: Any) -> None:
        await plain({}, receive, send, status=404)

    world = World(app)
    await world.ask(path="/canary")
    assert world.log[0]["route"] == "unmatched"
    assert b"canary" not in world.lines.getvalue()


async def test_requests_are_counted_by_route() -> None:
    world = World()
    for _ in range(3):
        await world.ask("PATCH")
    await world.ask("BREW")
    labels = {"method": "PATCH", "route": Route.path}
    assert world.metric("appointed_requests_total", **labels, status="200") == 3
    assert world.metric("appointed_request_seconds_count", **labels) == 3
    assert world.metric("appointed_requests_total", method="other", route=Route.path, status="200") == 1
    assert world.metric("appointed_requests_in_flight") == 0


async def test_verbs_made_up_by_callers_make_no_new_counters() -> None:
    world = World()
    for number in range(20):
        await world.ask(f"BREW{number}")
    assert world.metric("appointed_requests_total", method="other", route=Route.path, status="200") == 20
    assert world.gate._metrics._children == {}


class Waiting:
    """An application whose requests wait until they are let go."""

    def __init__(self, tenant_id: int | None = None) -> None:
        self.gone = asyncio.Event()
        self.tenant_id = tenant_id
        self.entered = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        tenant_id = int(dict(scope["headers"]).get(b"tenant", b"0"))
        try:
            if tenant_id:
                admit_tenant(scope, tenant_id)
        except TooManyRequests:
            await plain(scope, receive, send, status=429)
            return
        self.entered += 1
        await self.gone.wait()
        await plain(scope, receive, send)


async def test_more_requests_than_the_process_takes_are_refused() -> None:
    waiting = Waiting()
    world = World(waiting, Limits(in_flight=2))
    first = [asyncio.ensure_future(world.ask()) for _ in range(2)]
    await asyncio.sleep(0)
    assert world.metric("appointed_requests_in_flight") == 2
    refused = await world.ask(path="/api/v1/x")
    assert refused.status == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["appointed-error"] == "too_many_requests"
    assert refused.headers["x-request-id"] == "made"
    assert json.loads(refused.body) == {"path": "/api/v1/x", "status": 429, "code": "too_many_requests"}
    assert world.log[0]["status"] == 429
    waiting.gone.set()
    assert [answer.status for answer in await asyncio.gather(*first)] == [200, 200]
    assert (await world.ask()).status == 200
    assert waiting.entered == 3


async def test_one_tenant_cannot_take_all_places() -> None:
    waiting = Waiting()
    world = World(waiting, Limits(in_flight=10, in_flight_per_tenant=2))
    crowd = [asyncio.ensure_future(world.ask(tenant="1")) for _ in range(2)]
    await asyncio.sleep(0)
    assert (await world.ask(tenant="1")).status == 429
    other = asyncio.ensure_future(world.ask(tenant="2"))
    await asyncio.sleep(0)
    waiting.gone.set()
    assert [answer.status for answer in await asyncio.gather(*crowd, other)] == [200, 200, 200]
    assert (await world.ask(tenant="1")).status == 200
    assert world.gate._crowd._of_tenant == {}
    assert world.gate._crowd.total == 0


async def test_a_request_counts_once_for_its_tenant() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        admit_tenant(scope, 1)
        admit_tenant(scope, 1)
        await plain(scope, receive, send)

    world = World(app, Limits(in_flight_per_tenant=1))
    assert (await world.ask()).status == 200
    assert world.gate._crowd._of_tenant == {}
    admit_tenant({}, 1)


async def _for_ever(_scope: dict[str, Any], _receive: Any, _send: Any) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(("method", "code"), [("GET", "store_busy"), ("PATCH", "outcome_unknown")])
def test_a_handler_that_does_not_end_is_answered_for(method: str, code: str) -> None:
    async def main() -> tuple[Answer, float]:
        answer = await world.ask(method, "/p")
        return answer, asyncio.get_running_loop().time()

    world = World(_for_ever, Limits(handler_seconds=10, body_seconds=15))
    answer, seconds = run(main())
    assert answer.status == 503
    assert answer.headers["appointed-error"] == code
    assert answer.headers["retry-after"] == "1"
    assert json.loads(answer.body) == {"path": "/p", "status": 503, "code": code}
    assert seconds == pytest.approx(10 if method == "GET" else 25, abs=0.3)


def test_the_time_to_answer_counts_from_the_end_of_the_body() -> None:
    async def app(scope: dict[str, Any], receive: Any, _send: Any) -> None:
        await read_body(scope, receive, limits)
        await asyncio.Event().wait()

    async def slowly() -> dict[str, Any]:
        await asyncio.sleep(4)
        return await _nothing()

    async def main() -> float:
        await world.ask("PATCH", receive=slowly)
        return asyncio.get_running_loop().time()

    limits = Limits(handler_seconds=10)
    world = World(app, limits)
    assert run(main()) == pytest.approx(14, abs=0.3)


def test_what_shields_itself_goes_on_behind_a_timeout() -> None:
    done = []

    async def commit() -> None:
        await asyncio.sleep(20)
        done.append("committed")

    async def app(_scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        await asyncio.shield(commits[0])

    async def main() -> None:
        commits.append(asyncio.ensure_future(commit()))
        assert (await World(app).ask()).status == 503
        assert done == []
        await commits[0]

    commits: list[asyncio.Future[None]] = []
    run(main())
    assert done == ["committed"]


async def test_whoever_words_a_failure_knows_what_is_accepted() -> None:
    async def app(_scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        raise KeyError

    answer = await World(app).ask(path="/p", accept="application/xml")
    assert json.loads(answer.body)["accept"] == "application/xml"


async def test_a_failure_is_answered_without_its_text() -> None:
    async def app(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        scope["route"] = Route
        raise KeyError("canary")

    world = World(app)
    answer = await world.ask(path="/p")
    assert answer.status == 500
    assert answer.headers["appointed-error"] == "internal"
    assert json.loads(answer.body) == {"path": "/p", "status": 500, "code": "internal"}
    failed, request = world.log
    assert (failed["event"], failed["failure"], failed["route"]) == ("failed", "KeyError", Route.path)
    assert any("test_gate.py" in place for place in failed["where"])
    assert request["status"] == 500
    assert b"canary" not in world.lines.getvalue()
    assert world.metric("appointed_requests_in_flight") == 0


async def test_a_failure_in_the_middle_of_an_answer_breaks_the_connection() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await plain(scope, receive, send)
        raise KeyError

    world = World(app)
    with pytest.raises(KeyError):
        await world.ask()
    assert [line["event"] for line in world.log] == ["failed", "request"]


async def test_a_request_that_demands_it_is_the_last_of_its_connection() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        close_after_answer(scope)
        await plain(scope, receive, send)

    async def telling(scope: dict[str, Any], receive: Any, send: Any) -> None:
        close_after_answer(scope)
        await plain(scope, receive, send, headers=[(b"connection", b"close")])

    for last in (app, telling):
        answer = await World(last).ask()
        assert [pair for pair in answer.pairs if pair[0] == b"connection"] == [(b"connection", b"close")]
    assert "connection" not in (await World().ask()).headers


async def test_other_than_http_passes_untouched() -> None:
    seen = []

    async def app(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    world = World(app)
    await world.gate({"type": "lifespan"}, _nothing, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]
    assert world.log == []


async def test_a_cancelled_request_leaves_its_place() -> None:
    world = World(_for_ever)
    asking = asyncio.ensure_future(world.ask())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert world.gate._crowd.total == 0
    assert world.log[0]["status"] == 0
