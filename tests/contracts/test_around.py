"""What stands around the two contracts: health, metrics, documents, origins, and failures off the track."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from shutil import disk_usage
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route

from appointed.app import assemble, started
from appointed.app.addresses import application, router
from appointed.app.openapi import document as server_document
from appointed.app.parts import Parts
from appointed.app.server import NO_DEMO, greeting
from appointed.domain.directory import Tenant
from appointed.http.health import free_percent_of
from appointed.settings import Settings
from tests.contracts.served import serving

HOST = "http://127.0.0.1:8000"
DEMO = httpx.BasicAuth("demo", "demo")
DESK = "https://desk.example"
DOCUMENTS = ("superoffice", "sqod", "server")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def called(folder: Path, **settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
    """A server with the demo tenant in this process, and who calls it from 127.0.0.1."""
    values = {"demo": True, "log_level": "error", "background_work": False} | settings
    parts = assemble(Settings(data=str(folder), **values))
    async with started(parts):
        transport = httpx.ASGITransport(application(parts), client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HOST, auth=DEMO) as client:
            yield client, parts


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
    async with called(tmp_path_factory.mktemp("around")) as pair:
        yield pair


@pytest.fixture
def client(server: tuple[httpx.AsyncClient, Parts]) -> httpx.AsyncClient:
    return server[0]


@pytest.fixture
def parts(server: tuple[httpx.AsyncClient, Parts]) -> Parts:
    return server[1]


async def first_uid(client: httpx.AsyncClient) -> str:
    return (await client.get("/api/v1/appointments?per_page=1")).json()["data"][0]["id"]


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Check that this is a problem document and give it (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", answer.status_code)
    assert problem["code"] == answer.headers["appointed-error"]
    assert problem["detail"].endswith(".")
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem


class TestHealth:
    async def test_a_running_server_lives_and_is_ready(self, client: httpx.AsyncClient) -> None:
        for name in ("live", "ready"):
            answer = await client.get(f"/healthz/{name}")
            assert (answer.status_code, answer.json()) == (200, {"status": name})
            assert answer.headers["cache-control"] == "no-store"

    async def test_a_draining_server_lives_and_is_not_ready(
        self, client: httpx.AsyncClient, parts: Parts
    ) -> None:
        parts.watch.is_draining = True
        try:
            answer = await client.get("/healthz/ready")
            assert answer.status_code == 503
            assert answer.json() == {"status": "not ready", "detail": "stopping"}
            assert (await client.get("/healthz/live")).status_code == 200
        finally:
            parts.watch.is_draining = False

    async def test_with_an_almost_full_disk_a_server_is_not_ready(self, tmp_path: Path) -> None:
        async with called(tmp_path, ready_disk_percent=100.0) as (client, _parts):
            answer = await client.get("/healthz/ready")
            assert (answer.status_code, answer.json()["detail"]) == (503, "the disk is almost full")
            assert (await client.get("/healthz/live")).status_code == 200
            assert (await client.get("/api/v1/Appointment/1")).status_code == 200
        free = free_percent_of(tmp_path)()
        assert free == pytest.approx(100 * disk_usage(tmp_path).free / disk_usage(tmp_path).total, abs=1)

    async def test_without_its_store_a_server_is_not_ready(self, tmp_path: Path) -> None:
        async with called(tmp_path) as (client, parts):
            await parts.store.close()
            answer = await client.get("/healthz/ready")
            assert answer.status_code == 503
            assert answer.json()["status"] == "not ready"
            assert (await client.get("/healthz/live")).status_code == 200


class TestMetrics:
    async def test_requests_are_counted_by_route_and_status(self, client: httpx.AsyncClient) -> None:
        def count(text: str) -> float:
            wanted = {"method": "GET", "route": "/api/v1/Appointment/{id}", "status": "404"}
            families = text_string_to_metric_families(text)
            samples = [sample for family in families for sample in family.samples]
            found = [one for one in samples if one.name == "appointed_requests_total"]
            return sum(one.value for one in found if one.labels == wanted)

        before = count((await client.get("/metrics")).text)
        await client.get("/api/v1/Appointment/987654")
        answer = await client.get("/metrics")
        assert count(answer.text) == before + 1
        assert answer.headers["content-type"].startswith("text/plain; version=")

    async def test_nothing_that_callers_send_becomes_a_label(self, client: httpx.AsyncClient) -> None:
        await client.get("/api/v1/Appointment/987654", headers={"X-Request-Id": "trace-987654"})
        await client.get("/secret-987654?who=ada")
        text = (await client.get("/metrics")).text
        assert 'route="unmatched"' in text
        assert "987654" not in text
        for name in ("appointed_request_seconds_bucket", "appointed_requests_in_flight"):
            assert name in text


class TestRequestId:
    async def test_a_callers_id_comes_back(self, client: httpx.AsyncClient) -> None:
        for path in ("/api/v1/Appointment/1", "/nowhere", "/healthz/live"):
            answer = await client.get(path, headers={"X-Request-Id": "Trace-1.a_b"})
            assert answer.headers["x-request-id"] == "Trace-1.a_b"

    @pytest.mark.parametrize("given", [None, "two words", "a" * 65, "ø"])
    async def test_without_a_usable_one_each_request_gets_its_own(
        self, client: httpx.AsyncClient, given: str | None
    ) -> None:
        headers = {} if given is None else {"X-Request-Id": given.encode()}
        ids = {(await client.get("/healthz/live", headers=headers)).headers["x-request-id"] for _ in range(3)}
        assert len(ids) == 3
        assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)


class TestOrigins:
    ASKING = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match",
    }

    @pytest.mark.clause("SO-AUTH-004")
    async def test_pages_of_a_configured_origin_may_call(self, tmp_path: Path) -> None:
        async with called(tmp_path, cors_origins=(DESK,)) as (client, _parts):
            uid = await first_uid(client)
            for path in ("/api/v1/Appointment/1", f"/api/v1/appointments/{uid}", "/oauth2/token"):
                answer = await client.options(path, headers=self.ASKING | {"Origin": DESK}, auth=None)
                assert answer.status_code == 204
                assert answer.headers["access-control-allow-origin"] == DESK
                assert "PATCH" in answer.headers["access-control-allow-methods"]
                assert answer.headers["access-control-allow-headers"] == "authorization, if-match"
            for path in ("/api/v1/Appointment/1", f"/api/v1/appointments/{uid}", "/api/v1/Appointment/99999"):
                answer = await client.get(path, headers={"Origin": DESK})
                assert answer.headers["access-control-allow-origin"] == DESK
                assert "ETag" in answer.headers["access-control-expose-headers"]
                assert "origin" in answer.headers["vary"].lower()

    @pytest.mark.parametrize("origins", [(), (DESK,)])
    async def test_pages_of_no_other_origin_may(self, tmp_path: Path, origins: tuple[str, ...]) -> None:
        async with called(tmp_path, cors_origins=origins) as (client, _parts):
            for origin in ("https://evil.example", f"{DESK}.evil.example", "null"):
                asked = await client.options(
                    "/api/v1/Appointment/1", headers=self.ASKING | {"Origin": origin}, auth=None
                )
                got = await client.get("/api/v1/Appointment/1", headers={"Origin": origin})
                for answer in (asked, got):
                    assert not [name for name in answer.headers if name.startswith("access-control")]


class TestDocuments:
    @pytest.mark.parametrize("name", DOCUMENTS)
    async def test_the_page_needs_this_server_alone(self, client: httpx.AsyncClient, name: str) -> None:
        page = await client.get(f"/docs/{name}", auth=None)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        wanted = re.findall(r"(?:src|href)=\"([^\"]*)\"", page.text)
        assert len(wanted) == 3
        for address in wanted:
            assert re.match(r"/[^/]", address)
            asset = await client.get(address, auth=None)
            assert asset.status_code == 200
            assert asset.headers["content-type"].split(";")[0] in ("text/css", "text/javascript")
            assert asset.content

    @pytest.mark.parametrize("name", DOCUMENTS)
    async def test_the_browser_is_told_to_load_nothing_from_elsewhere(
        self, client: httpx.AsyncClient, name: str
    ) -> None:
        policy = (await client.get(f"/docs/{name}", auth=None)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        sources = {word for part in policy.split(";") for word in part.split()[1:]}
        assert sources <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
        assert "script-src 'self';" in policy

    @pytest.mark.parametrize("name", DOCUMENTS)
    async def test_the_page_shows_the_document_that_is_served(
        self, client: httpx.AsyncClient, name: str
    ) -> None:
        script = (await client.get(f"/docs/{name}/start.js", auth=None)).text
        assert f'url: "/openapi/{name}.json"' in script
        assert "validatorUrl: null" in script
        document = (await client.get(f"/openapi/{name}.json", auth=None)).json()
        assert document["openapi"] == "3.1.0"

    async def test_the_first_page_leads_to_all(self, client: httpx.AsyncClient) -> None:
        first = await client.get("/", auth=None)
        assert (first.status_code, first.headers["location"]) == (307, "/docs")
        for path in ("/openapi.json", "/openapi"):
            guessed = await client.get(path, auth=None)
            assert (guessed.status_code, guessed.headers["location"]) == (307, "/docs")
        page = (await client.get("/docs", auth=None)).text
        for name in DOCUMENTS:
            assert f'href="/docs/{name}"' in page

    @pytest.mark.parametrize(
        "path", ["/docs/none", "/docs/none/start.js", "/docs/assets/index.html", "/openapi/none.json"]
    )
    async def test_there_is_no_other(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)
        assert (answer.status_code, problem_of(answer)["code"]) == (404, "route_not_found")

    async def test_every_address_is_described_with_all_its_verbs(
        self, client: httpx.AsyncClient, parts: Parts
    ) -> None:
        described: dict[str, set[str]] = {}
        for name in DOCUMENTS:
            paths = (await client.get(f"/openapi/{name}.json")).json()["paths"]
            for path, verbs in paths.items():
                described[re.sub(r"\{.*?\}", "1", path)] = {verb.upper() for verb in verbs} - {"PARAMETERS"}
        served = {}
        for route in router(parts, nullcontext()).routes:
            assert isinstance(route, Route)
            if route.methods is not None and not re.match(
                "/(docs|openapi|pages/|agent-web(?!/room|/join)|client-web(/{|$)|$)", route.path
            ):
                served[re.sub(r"\{.*?\}", "1", route.path)] = route.methods - {"HEAD"}
            elif route.path.startswith("/api"):
                path = re.sub(r"\{.*?\}", "1", route.path)
                allowed = (await client.options(path)).headers["allow"].split(", ")
                served[path] = set(allowed) - {"HEAD", "OPTIONS"}
        assert served == described

    @pytest.mark.parametrize("name", DOCUMENTS)
    async def test_each_says_where_its_addresses_are(
        self, client: httpx.AsyncClient, tmp_path: Path, name: str
    ) -> None:
        address = f"/openapi/{name}.json"
        assert (await client.get(address)).json()["servers"] == [{"url": "/"}]
        async with called(tmp_path, public_url="https://time.example/app/") as (other, _parts):
            assert (await other.get(address)).json()["servers"] == [{"url": "https://time.example/app"}]

    async def test_the_servers_own_is_valid(self) -> None:
        validate(server_document())


class TestSessions:
    @pytest.mark.parametrize(
        ("content", "content_type", "status", "code"),
        [
            (b'{"username": "demo", "password": "no"}', "application/json", 401, "unauthenticated"),
            (b"username=demo", "application/x-www-form-urlencoded", 401, "unauthenticated"),
            (b"{", "application/json", 400, "malformed_json"),
            (b"[]", "application/json", 400, "invalid_request"),
            (b"<a/>", "application/xml", 415, "unsupported_media_type"),
        ],
    )
    async def test_a_refused_login_is_a_problem_document(
        self, client: httpx.AsyncClient, content: bytes, content_type: str, status: int, code: str
    ) -> None:
        answer = await client.post(
            "/login", content=content, headers={"Content-Type": content_type}, auth=None
        )
        assert (answer.status_code, answer.headers["appointed-error"]) == (status, code)
        assert problem_of(answer)["code"] == code
        assert "set-cookie" not in answer.headers

    async def test_a_refused_login_says_what_is_wrong_and_not_who_exists(
        self, client: httpx.AsyncClient
    ) -> None:
        async def said(**posted: str) -> str:
            answer = await client.post("/login", json=posted, auth=None)
            return str(problem_of(answer)["detail"])

        wrong = await said(username="demo", password="no")
        assert "password is wrong" in wrong
        assert await said(username="nobody", password="no") == wrong
        assert await said(username="demo") == "A username and a password are needed."

    async def test_so_is_a_refused_logout_and_a_wrong_verb(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/logout", auth=None)
        assert (answer.status_code, problem_of(answer)["code"]) == (401, "unauthenticated")
        for path in ("/login", "/logout"):
            answer = await client.get(path, auth=None)
            assert (answer.status_code, problem_of(answer)["code"]) == (405, "method_not_allowed")
            assert answer.headers["allow"] == "POST"

    async def test_a_token_is_refused_as_oauth_says(self, client: httpx.AsyncClient) -> None:
        asked = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "no"}
        answer = await client.post("/oauth2/token", data=asked, auth=None)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


class TestPublicUrl:
    async def links_of(self, client: httpx.AsyncClient, **headers: str) -> list[str]:
        """Give every address that answers of both contracts hold."""
        entity = (await client.get("/api/v1/Appointment/1", headers=headers)).json()
        made = (await client.post("/api/v1/Appointment", json={"Title": "Made"}, headers=headers)).json()
        page = (await client.get("/api/v1/appointments", headers=headers)).json()
        video = next(row for row in page["data"] if row["meeting"])
        one = (await client.get(f"/api/v1/appointments/{video['id']}", headers=headers)).json()["data"]
        listed = [page["links"]["first"], page["links"]["last"], page["meta"]["path"]]
        links = [*entity["_Links"].values(), *made["_Links"].values(), *listed]
        return [*links, video["url"], one["url"], one["meeting"]["room_url"]]

    async def test_every_link_starts_with_it(self, tmp_path: Path) -> None:
        async with called(tmp_path, public_url="https://time.example/app/") as (client, _parts):
            for link in await self.links_of(client, Host="evil.example"):
                assert re.match("https://time.example/app/[^/]", link)

    async def test_without_it_links_lead_to_where_the_caller_is(self, client: httpx.AsyncClient) -> None:
        for link in await self.links_of(client, Host="desk.local:81"):
            assert re.match("http://desk.local:81/[^/]", link)

    async def test_what_a_stranger_forwards_counts_for_nothing(self, client: httpx.AsyncClient) -> None:
        forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        for link in await self.links_of(client, **forwarded):
            assert link.startswith(HOST + "/")

    async def test_what_a_trusted_proxy_forwards_counts(self, tmp_path: Path) -> None:
        async with called(tmp_path, trusted_proxies=("127.0.0.0/8",)) as (client, _parts):
            forwarded = {"X-Forwarded-Host": "time.example", "X-Forwarded-Proto": "https"}
            for link in await self.links_of(client, **forwarded):
                assert link.startswith("https://time.example/")

    async def test_over_https_browsers_are_told_to_stay_there(self, tmp_path: Path) -> None:
        async with called(tmp_path, public_url="https://time.example") as (client, _parts):
            answer = await client.get("/healthz/live")
            assert "max-age=" in answer.headers["strict-transport-security"]


class TestNowhere:
    @pytest.mark.clause("SQ-ERROR-404-route")
    @pytest.mark.parametrize("path", ["widgets", "widgets/1", "appointment-types", "appointments//"])
    async def test_plural_addresses_fail_in_laravels_words(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(f"/api/v1/{path}")
        assert answer.status_code == 404
        assert answer.json() == {"message": f"The route api/v1/{path.strip('/')} could not be found."}
        assert answer.headers["appointed-error"] == "route_not_found"

    @pytest.mark.parametrize(
        "path", ["Widget", "Widgets", "Appointment/1/Nothing", "appointment", "nothing", "apPointments"]
    )
    async def test_all_others_fail_in_superoffices(self, client: httpx.AsyncClient, path: str) -> None:
        method = "TRACE" if path == "appointment" else "GET"
        answer = await client.request(method, f"/api/v1/{path}")
        body = answer.json()
        assert body["Error"] is True
        assert body["Message"] == body["ErrorMessage"]
        assert {"ErrorType", "ErrorSource"} <= body.keys()
        assert answer.status_code == (405 if path == "appointment" else 404)

    async def test_superoffices_addresses_ignore_case(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/API/V1/aPPointment/1/")).json()["AppointmentId"] == 1
        assert (await client.get("/API/V1/Nothing")).json()["ErrorType"] == "SoNotFoundException"

    @pytest.mark.parametrize(
        "path", ["/nowhere", "/apis", "/api/v10/appointments", "/api/v2/Appointment/1", "//"]
    )
    async def test_elsewhere_failures_are_problem_documents(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(HOST + path)
        assert (answer.status_code, problem_of(answer)["title"]) == (404, "Not Found")


class TestVerbs:
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PATCH", "/api/v1/Appointment", {"GET", "HEAD", "POST"}),
            ("POST", "/api/v1/Appointment/1", {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
            ("DELETE", "/api/v1/User/currentPrincipal", {"GET", "HEAD"}),
        ],
    )
    async def test_a_wrong_verb_fails_in_superoffices_words(
        self, client: httpx.AsyncClient, method: str, path: str, allowed: set[str]
    ) -> None:
        answer = await client.request(method, path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allowed
        assert answer.json()["ErrorType"] == "NotSupportedException"
        assert answer.headers["appointed-error"] == "method_not_allowed"

    @pytest.mark.clause("SQ-ROUTE-delete", "SQ-ERROR-405", "SQ-ERROR-put")
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", "/api/v1/appointments", "GET, HEAD, POST"),
            ("DELETE", "/api/v1/appointments/{uid}", "GET, HEAD, PATCH"),
            ("POST", "/api/v1/appointments/{uid}", "GET, HEAD, PATCH"),
            ("GET", "/api/v1/appointments/{uid}/cancel", "POST"),
        ],
    )
    async def test_a_wrong_verb_fails_in_laravels_words(
        self, client: httpx.AsyncClient, method: str, path: str, allowed: str
    ) -> None:
        path = path.format(uid=await first_uid(client))
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        told = f"The {method} method is not supported for route {path[1:]}. Supported methods: {allowed}."
        assert answer.json() == {"message": told}

    @pytest.mark.parametrize("path", ["/healthz/live", "/metrics", "/docs", "/openapi/sqod.json"])
    async def test_a_wrong_verb_elsewhere_is_a_problem_document(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.delete(path)
        assert problem_of(answer)["status"] == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}

    async def test_options_lists_the_verbs(self, client: httpx.AsyncClient) -> None:
        uid = await first_uid(client)
        for path, verbs in (
            ("/api/v1/Appointment/1", "GET HEAD PUT PATCH DELETE"),
            (f"/api/v1/appointments/{uid}", "GET HEAD PATCH POST"),
            ("/api/v1/appointments", "GET HEAD POST"),
        ):
            answer = await client.options(path, auth=None)
            assert (answer.status_code, answer.content) == (200, b"")
            assert set(answer.headers["allow"].split(", ")) == set(verbs.split())

    async def test_head_says_what_get_would(self, client: httpx.AsyncClient) -> None:
        uid = await first_uid(client)
        for path in ("/api/v1/Appointment/1", f"/api/v1/appointments/{uid}", "/api/v1/appointments"):
            got, headed = await client.get(path), await client.head(path)
            assert headed.status_code == 200
            told = {name: value for name, value in got.headers.items() if name != "x-request-id"}
            assert {name: headed.headers[name] for name in told} == told
        headers = {"If-None-Match": (await client.head("/api/v1/Appointment/1")).headers["etag"]}
        assert (await client.head("/api/v1/Appointment/1", headers=headers)).status_code == 304


async def test_an_address_with_colons_stands_in_brackets_on_the_screen(tmp_path: Path) -> None:
    async with called(tmp_path, host="::1", port=8123) as (_client, parts):
        first, *more = await greeting(parts)
    assert first.startswith("Appointed listens on http://[::1]:8123 ")
    assert sum("http://[::1]:8123/api/v1/" in line for line in more) == 2


async def test_a_store_with_tenants_of_its_own_says_that_the_demo_is_not_there(tmp_path: Path) -> None:
    async with called(tmp_path, demo=False, background_work=True) as (_client, parts):
        await parts.store.create_tenant(Tenant(id=0, name="Own", zone="Europe/Oslo"), ())
        asked = replace(parts, settings=replace(parts.settings, demo=True))
        assert (await greeting(parts))[1:] == []
        assert (await greeting(asked))[1:] == [NO_DEMO]


@pytest.mark.clause("SQ-ERROR-500")
async def test_what_nobody_foresaw_tells_nothing_of_the_insides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_values: object, **_more: object) -> None:
        raise RuntimeError("SELECT secret FROM insides")

    async with serving(tmp_path, "sqlite:") as served:
        uid = "01a1fd8c-6900-703d-b569-9ba37ba73bc5"
        for name in ("read", "page", "change"):
            # As if the store had a fault that nobody thought of.
            monkeypatch.setattr(served.parts.store, name, broken)
        for method, path, body in (
            ("GET", "", None),
            ("GET", f"/{uid}", None),
            ("PATCH", f"/{uid}", {"duration_in_minutes": 30}),
        ):
            answer = await served.sq(method, path, json=body)
            assert (answer.status_code, answer.json()) == (500, {"message": "Server Error"})
            assert "secret" not in str(answer.headers)
