"""Signing in and out, and what no form of another site may do."""

from datetime import timedelta
from pathlib import Path

import pytest

from appointed.usecases.administer import CreateUser
from appointed.usecases.authenticate import TICKET_LIFETIME
from tests.console.agents.world import BROWSER, HOME, Agent, MovingClock, World, place
from tests.contracts.served import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


FORMS = ("message", "presence", "invitation", "step", "cancel", "edit", "reschedule")
PAGES = ("", "/piece", "/cancel", "/edit", "/reschedule")


async def test_somebody_signs_in_and_out(world: World) -> None:
    agent = Agent(world.served)
    asked = await agent.get(HOME)
    assert (asked.status_code, asked.headers["location"]) == (303, f"{HOME}/sign-in")
    answer = await agent.sign_in("kari")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    cookie = next(
        line for line in answer.headers.get_list("set-cookie") if line.startswith("appointed_session")
    )
    for word in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={int(TICKET_LIFETIME.total_seconds())}"):
        assert word in cookie
    board = await agent.get(HOME)
    assert "Kari Nordmann" in board.text
    assert (await agent.get(f"{HOME}/sign-in")).headers["location"] == HOME
    left = dict(agent.cookies)
    assert (await agent.post(f"{HOME}/sign-out")).status_code == 303
    assert "appointed_session" not in agent.cookies
    agent.cookies = left
    assert (await agent.get(HOME)).status_code == 303, "the session is over for whoever kept its cookie, too"


async def test_over_https_cookies_keep_to_this_host(tmp_path: Path) -> None:
    async with serving(tmp_path, "sqlite:", {"public_url": "https://time.example"}) as served:
        agent = Agent(served)
        answer = await agent.sign_in("kari")
        assert answer.status_code == 303
        for name in ("__Host-appointed_session", "__Host-appointed_visit"):
            assert name in agent.cookies
        assert all("; Secure" in line for line in answer.headers.get_list("set-cookie"))
        assert (await agent.get(HOME)).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/departments", 403, "You may not do this"),
        ("/nothing", 404, "This is not there"),
        ("/appointments/x", 404, "There is no such appointment"),
        ("/appointments/x/nothing", 404, "This is not there"),
    ],
)
async def test_what_went_wrong_is_told_among_the_other_pages(
    world: World, path: str, status: int, title: str
) -> None:
    agent = await world.agent("ola")
    answer = await agent.get(HOME + path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in answer.text
    for shown in ("<span>Demo</span>", "Sign out", f'<a class="button" href="{HOME}">Back to the day</a>'):
        assert shown in answer.text, shown
    assert 'placeholder="Reference, name or e-mail" value=""' in answer.text, (
        "what is told is not searched for"
    )
    if status == 404:
        nobody = await Agent(world.served).get(f"{HOME}/nothing")
        assert (nobody.status_code, "Sign out" in nobody.text) == (404, False)
        assert f'<a class="button" href="{HOME}">Back to the day</a>' in nobody.text


async def test_a_form_for_no_page_is_told_so_and_a_wrong_verb_is_one(world: World) -> None:
    agent = await world.agent("ola")
    answer = await agent.post(f"{HOME}/nothing")
    assert (answer.status_code, "<h1>This is not there</h1>" in answer.text) == (404, True)
    wrong = await agent.post(f"{HOME}/board")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/client-web", "/client-web/foo", "/client-web/schedule/pre-call"])
async def test_a_part_of_a_claimants_link_says_that_it_leads_nowhere(world: World, path: str) -> None:
    answer = await world.served.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This link leads nowhere" in answer.text
    assert "Back to the day" not in answer.text


@pytest.mark.parametrize(("name", "password"), [("kari", "wrong"), ("nobody", "x"), ("", ""), ("kari", "")])
async def test_what_was_wrong_is_not_told(world: World, name: str, password: str) -> None:
    agent = Agent(world.served)
    answer = await agent.sign_in(name, password)
    assert answer.status_code == 401
    assert "The name or the password is not right" in answer.text
    assert "appointed_session" not in agent.cookies


async def test_signing_in_ends_the_session_before_it(world: World) -> None:
    first = await world.agent("kari")
    late = Agent(world.served)
    await late.get(f"{HOME}/sign-in")
    # The same browser, where the form had been open since before the first time.
    late.cookies |= {"appointed_session": first.cookies["appointed_session"]}
    assert (await late.post(f"{HOME}/sign-in", name="ola", password="ola")).status_code == 303
    assert late.cookies["appointed_session"] != first.cookies["appointed_session"]
    assert (await late.get(HOME)).status_code == 200
    assert (await first.get(HOME)).status_code == 303


async def test_a_session_ends_by_itself_and_leads_back(world: World) -> None:
    row = await world.book()
    agent = await world.agent("kari")
    begun = world.clock.now
    try:
        world.clock.now += TICKET_LIFETIME + timedelta(seconds=1)
        asked = await agent.get(place(row, "/edit"))
        assert asked.headers["location"] == f"{HOME}/sign-in?next={place(row, '/edit')}"
        sent = await agent.post(place(row, "/edit"), **{"was.status": "scheduled", "status": "late"})
        assert sent.status_code == 401
        assert "Your session has ended" in sent.text
        answer = await agent.sign_in("kari", path=f"?next={place(row, '/edit')}")
        assert answer.headers["location"] == place(row, "/edit")
    finally:
        world.clock.now = begun
    assert (await world.again(row)).status == "scheduled"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/agent-web//evil.example",
        "/docs",
        "/agent-web/../docs",
        "x",
    ],
)
async def test_signing_in_leads_to_our_own_pages_alone(world: World, path: str) -> None:
    answer = await Agent(world.served).sign_in("ola", path=f"?next={path}")
    assert answer.headers["location"] == HOME


@pytest.mark.parametrize(
    "wrong",
    [
        ({}, {}),
        ({"token": ""}, {}),
        ({"token": "0" * 64}, {}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Origin": "https://evil.example"}),
    ],
    ids=["without", "empty", "wrong", "cross-site", "other-origin"],
)
async def test_a_form_that_is_not_ours_does_nothing(
    world: World, wrong: tuple[dict[str, str] | None, dict[str, str]]
) -> None:
    row = await world.book(claimant={"name": "Jane Roe"})
    agent = await world.agent("demo")
    token, headers = wrong
    values = {"step": "admitted", "message": "x", "reason": "x", "text": "Roe", "was.status": "scheduled"}
    values |= {"status": "late", "minutes": "60", "slot": "own", "own": "2030-01-01T10:00"}
    values |= {"token": agent.token} if token is None else token
    paths = [place(row, f"/{form}") for form in FORMS] + [f"{HOME}/search", f"{HOME}/sign-out"]
    for path in paths:
        answer = await agent.send(path, values, **headers)
        assert answer.status_code == 403, path
        # What the browser says of a form of our own is kept, and names its appointment to whoever may see it.
        assert "Please press once more" in answer.text or "Jane Roe" not in answer.text
    assert await world.again(row) == row
    assert (await agent.get(HOME)).status_code == 200, "the session lasts"


async def test_the_form_for_signing_in_is_guarded_too(world: World) -> None:
    agent = Agent(world.served)
    await agent.get(f"{HOME}/sign-in")
    for values in ({}, {"token": "0" * 64}):
        answer = await agent.send(f"{HOME}/sign-in", values | {"name": "kari", "password": "kari"})
        assert answer.status_code == 403
        assert "appointed_session" not in agent.cookies
    other = Agent(world.served)
    await other.get(f"{HOME}/sign-in")
    stolen = await agent.send(
        f"{HOME}/sign-in", {"token": other.token, "name": "kari", "password": "kari"}, **BROWSER
    )
    assert stolen.status_code == 403


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_sees_a_page_without_signing_in(world: World, path: str) -> None:
    row = await world.book()
    answer = await Agent(world.served).get(place(row, path))
    assert answer.status_code == 303
    assert "Roe" not in answer.text
    piece = await Agent(world.served).get(place(row, path), **{"X-Requested-With": "fetch"})
    assert piece.status_code == 401


async def test_another_tenants_appointment_is_none(world: World) -> None:
    row = await world.book()
    await world.served.foreign_row()
    agent = Agent(world.served)
    await agent.sign_in("other", "other")
    for path in PAGES:
        assert (await agent.get(place(row, path))).status_code == 404
    for form, values in (("step", {"step": "admitted"}), ("message", {"message": "x"}), ("presence", {})):
        assert (await agent.post(place(row, f"/{form}"), **values)).status_code == 404
    assert await world.again(row) == row
    found = await agent.find("Roe")
    assert "Jane Roe" not in found.text


@pytest.mark.parametrize("ref", ["x", "00000000-0000-0000-0000-000000000000", "{uid}".upper()])
async def test_what_is_no_appointment_is_none(world: World, ref: str) -> None:
    agent = await world.agent("kari")
    answer = await agent.get(f"{HOME}/appointments/{ref}")
    assert answer.status_code == 404
    assert "There is no such appointment" in answer.text


async def test_guessing_is_slowed_down_as_at_the_other_doors(tmp_path: Path) -> None:
    clock = MovingClock()
    async with serving(tmp_path, "sqlite:", {"failed_logins_per_minute": 3}, clock=clock) as served:
        agent = Agent(served)
        answers = [(await agent.sign_in("kari", str(number))).status_code for number in range(4)]
        assert answers == [401, 401, 401, 429]
        refused = await agent.sign_in("kari")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
        assert "20 seconds" in refused.text


async def test_an_agent_changes_their_own_password(world: World) -> None:
    user = CreateUser(tenant_id=1, login="changer", password="changer", full_name="Changer")
    await world.served.parts.administrator.run(user)
    agent, other = await world.agent("changer"), await world.agent("changer")
    page = await agent.get(f"{HOME}/account")
    assert ("Changer" in page.text, page.status_code) == (True, 200)
    new = {"password": "a better one", "again": "a better one"}
    for sent, said in (
        ({"current_password": "changer", "password": "a better one", "again": "b"}, "are not the same"),
        ({"current_password": "wrong"} | new, "This is not your current password"),
        ({"current_password": "changer", "password": "short", "again": "short"}, "at least 8 characters"),
    ):
        refused = await agent.post(f"{HOME}/account", **sent)
        assert (refused.status_code, said in refused.text) == (422, True), said
        assert "a better one" not in refused.text
    stolen = await agent.send(f"{HOME}/account", {"token": "0" * 64, "current_password": "changer"} | new)
    assert stolen.status_code == 403
    done = await agent.post(f"{HOME}/account", current_password="changer", **new)
    assert (done.status_code, done.headers["location"]) == (303, f"{HOME}/sign-in?done=password")
    assert "Your password is changed" in (await agent.get(done.headers["location"])).text
    for one in (agent, other):
        assert (await one.get(HOME)).status_code == 303, "every session has ended"
    assert (await agent.sign_in("changer", "changer")).status_code == 401
    assert (await agent.sign_in("changer", "a better one")).status_code == 303
