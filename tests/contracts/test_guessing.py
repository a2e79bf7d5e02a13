"""Wrong passwords are counted alike at every door, and who is held up is told so in the words of the door."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from appointed.app.parts import utc_now
from tests.contracts.served import Served, serving

Try = Callable[[Served, str, str], Awaitable[httpx.Response]]
PROXY, GUESSER, OTHER, THIRD = "127.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9"
WRONG_STATUS = {"token": 400}


class Clock:
    """The machine's time, with the seconds of a test's own added."""

    ahead = timedelta()

    def __call__(self):
        return utc_now() + self.ahead


@pytest.fixture
async def guessed(tmp_path: Path):
    """A server behind a proxy, so that a test can call from anywhere; with its clock."""
    clock = Clock()
    settings = {"trusted_proxies": (PROXY,), "failed_logins_per_minute": 10}
    async with serving(tmp_path, "sqlite:", settings, clock=clock) as served:
        yield served, clock


def from_address(address: str, **more: str) -> dict[str, str]:
    return {"X-Forwarded-For": address, "Accept": "application/json"} | more


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


async def superoffice(served: Served, password: str, address: str) -> httpx.Response:
    headers = from_address(address, **basic("demo", password))
    return await served.client.get("/api/v1/User/currentPrincipal", headers=headers)


async def sqod(served: Served, password: str, address: str) -> httpx.Response:
    headers = from_address(address, **basic("demo", password))
    return await served.client.get("/api/v1/appointments", headers=headers)


async def login(served: Served, password: str, address: str) -> httpx.Response:
    body = {"username": "demo", "password": password}
    answer = await served.client.post("/login", json=body, headers=from_address(address))
    served.client.cookies.clear()
    return answer


async def token(served: Served, password: str, address: str) -> httpx.Response:
    body = {"grant_type": "client_credentials", "client_id": "none", "client_secret": password}
    return await served.client.post("/oauth2/token", data=body, headers=from_address(address))


DOORS = (superoffice, sqod, login, token)


@pytest.mark.parametrize("guess", DOORS)
async def test_the_eleventh_guess_of_a_minute_is_held_up(guessed: Any, guess: Try) -> None:
    served, clock = guessed
    for number in range(10):
        answer = await guess(served, f"guess {number}", GUESSER)
        assert answer.status_code == WRONG_STATUS.get(guess.__name__, 401), answer.text
    answer = await guess(served, "guess", GUESSER)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (429, "too_many_attempts")
    assert 1 <= int(answer.headers["Retry-After"]) <= 6
    for other in DOORS:
        assert (await other(served, "from here", GUESSER)).status_code == 429
    clock.ahead += timedelta(seconds=6)
    assert (await guess(served, "guess", GUESSER)).status_code != 429


@pytest.mark.clause("SQ-ERROR-429")
async def test_each_contract_says_it_in_its_words(guessed: Any) -> None:
    served, _clock = guessed
    for number in range(10):
        await login(served, f"guess {number}", GUESSER)
    served.assert_body("superoffice", await superoffice(served, "guess", GUESSER))
    answer = await sqod(served, "guess", GUESSER)
    assert answer.json() == {"message": "Too Many Attempts."}
    assert (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]) == ("10", "0")
    assert int(answer.headers["X-RateLimit-Reset"]) > 1_700_000_000
    answer = await login(served, "guess", GUESSER)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "too_many_attempts"
    # Clients of the token's address read one member, whatever went wrong.
    answer = await token(served, "guess", GUESSER)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"error": "temporarily_unavailable"}


async def test_a_credential_that_was_right_before_is_let_in_from_anywhere(guessed: Any) -> None:
    served, clock = guessed
    assert (await superoffice(served, "demo", OTHER)).status_code == 200
    clock.ahead += timedelta(hours=1)
    for number in range(11):
        answer = await login(served, f"guess {number}", GUESSER)
    assert answer.status_code == 429
    for guess in (superoffice, sqod):
        assert (await guess(served, "demo", OTHER)).status_code == 200
        assert (await guess(served, "demo", GUESSER)).status_code == 200
    assert (await login(served, "demo", GUESSER)).status_code == 204
    assert (await served.sq("GET", headers=from_address(GUESSER))).status_code == 200


async def test_two_processes_on_one_database_count_together(tmp_path: Path, module_database: str) -> None:
    settings = {"trusted_proxies": (PROXY,), "failed_logins_per_minute": 10}
    async with (
        serving(tmp_path, module_database, settings) as first,
        serving(tmp_path, module_database, settings) as second,
    ):
        for number in range(10):
            answer = await login((first, second)[number % 2], f"guess {number}", GUESSER)
            assert answer.status_code == 401
        for served in (first, second):
            assert (await login(served, "one more", GUESSER)).status_code == 429
            assert (await login(served, "demo", GUESSER)).status_code == 429
        limit = first.parts.door.limits.wrong_links_per_minute
        headers = from_address(OTHER)
        seen = []
        for number in range(limit + 2):
            client = (first, second)[number % 2].client
            url = f"/client-web/schedule/pre-call/summary?reference=1&key=1-1-x{number}"
            seen.append((await client.get(url, headers=headers)).status_code)
        assert seen == [404] * limit + [429] * 2
        # A login that reads like what stands for a caller of links is somebody else's.
        named = from_address(THIRD, **basic(f"caller {OTHER}", "a guess"))
        for served in (first, second):
            answer = await served.client.get("/api/v1/User/currentPrincipal", headers=named)
            assert answer.status_code == 401
        body = {
            "appointment_at": f"{utc_now() + timedelta(days=2):%Y-%m-%dT%H:%M}",
            "duration_in_minutes": 30,
        }
        made = await first.sq("POST", json=body | {"claimant": {"name": "Jane Roe"}})
        link = made.json()["data"]["url"]
        path = "/client-web/" + link.partition("/client-web/")[2]
        assert (await second.client.get(path, headers=headers)).status_code == 429
        assert (await second.client.get(path, headers=from_address(GUESSER))).status_code == 200
