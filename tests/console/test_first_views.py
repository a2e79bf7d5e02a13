"""Everything that the first view of a page fetches is at most 100 kB."""

import httpx
import pytest

from tests.console.agents.world import BROWSER
from tests.console.weighing import first_view
from tests.running import Running

pytestmark = pytest.mark.server

MOST = 100_000
LEAST = 8_000


def demand_small(client: httpx.Client, page: str, *names: str) -> None:
    fetched: list[str] = []

    def get(path: str) -> httpx.Response:
        fetched.append(path)
        return client.get(path)

    size, count = first_view(get, page)
    assert LEAST < size <= MOST, (page, size)
    assert count == len(fetched)
    for name in names:
        assert any(path.endswith(f"/{name}") for path in fetched), (page, name)


def test_first_views_are_small(server: Running) -> None:
    with httpx.Client(base_url=server.url) as client:
        token = client.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=("demo", "demo")
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        body = {
            "appointment_at": "2099-01-01T10:00:00Z",
            "duration_in_minutes": 30,
            "claimant": {"name": "Jo"},
        }
        made = client.post("/api/v1/appointments", json=body, headers=headers).json()["data"]
        demand_small(client, made["url"], "look.css", "claimant.js", "live.js")
        demand_small(client, made["url"] + "&step=check", "check.js")
        demand_small(client, "/agent-web/sign-in", "agents.css")
        found = client.get("/agent-web/sign-in").text.partition('name="token" value="')[2].partition('"')[0]
        form = {"name": "demo", "password": "demo", "token": found}
        signed = client.post("/agent-web/sign-in", data=form, headers=BROWSER)
        assert signed.status_code == 303, signed.text
        one = f"/agent-web/appointments/{made['id']}"
        plain = ("", "/account", "/book", "/audit", "/departments/1", "/users", "/users/new")
        for page in (one, *(f"/agent-web{rest}" for rest in plain)):
            demand_small(client, page, "agents.css", "agents_live.js", "agents_call.js", "meeting.js")
