"""Every page and every form, walked: what browsers may do there, and that nothing personal is where it must not be."""

import contextlib
import html
import io
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from starlette.routing import Route

from appointed import console
from appointed.app.addresses import router
from appointed.console.agents.routes import ELSEWHERE
from appointed.domain.appointment import Appointment
from tests.console.agents.world import BROWSER, HOME, Agent, MovingClock, World, fields_of, place
from tests.console.claimant_forms import token_of
from tests.contracts.served import serving
from tests.contracts.test_meetings import settings_of
from tests.meetings.fake_jitsi import URL

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = {
    "name": "Kanarya Vogelsang",
    "email": "kanarya@cage.example",
    "phone_number": "+4798765432",
    "date_of_birth": "1971-02-03",
}
MESSAGE, SUPPORT = "Sapphire eyes", "+4411122233"
TRACES = ("kanarya", "vogelsang", "98765432", "1971-02-03", "sapphire")
CONSOLE = Path(console.__file__).parent
SUMMARY = "/client-web/schedule/pre-call/summary"
# No pages: streams, redirects to pages, and files.
LEFT_OUT = re.compile(
    r".*/live|.*/assets/.*|/agent-web/|/agent-web/(search|appointments/\{uid\}/(ask|message|step))"
)
OUTSIDE = ("/agent-web", "/client-web")


@dataclass
class Story:
    """A server whose log is kept, with one claimant; what was asked of it, and which pages it showed."""

    world: World
    log: io.BytesIO
    row: Appointment
    link: str
    pages: dict[str, httpx.Response] = field(default_factory=dict)
    token: str = ""

    async def see(self, agent: Agent | None, path: str, **headers: str) -> httpx.Response:
        """Open a page and keep it."""
        asked = agent.get(path, **headers) if agent else self.world.served.client.get(path, headers=headers)
        answer = await asked
        self.pages[f"GET {path} {answer.status_code} {len(self.pages)}"] = answer
        if agent is None:
            self.token = fields_of(answer.text).get("token", self.token)
        return answer

    async def send(self, agent: Agent | None, path: str, values: dict[str, str]) -> httpx.Response:
        """Send a form as its own page would, and keep what came back."""
        if agent:
            answer = await agent.post(path, **values)
        else:
            sent = {"token": self.token} | values
            answer = await self.world.served.client.post(path, data=sent, headers=BROWSER)
        self.pages[f"POST {path} {answer.status_code} {len(self.pages)}"] = answer
        return answer


@contextlib.contextmanager
def kept_log() -> Any:
    stream, kept = io.BytesIO(), sys.stderr
    sys.stderr = io.TextIOWrapper(stream, write_through=True)
    try:
        yield stream
    finally:
        sys.stderr = kept


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """A claimant's whole story, told once: every page that there is was seen in it."""
    folder, clock = tmp_path_factory.mktemp("safety"), MovingClock()
    with kept_log() as log:
        async with serving(folder, "sqlite:", settings_of(folder, log_level="debug"), clock=clock) as served:
            world = World(served, clock)
            row = await world.book(claimant=PERSON, features_call_recording=True)
            link = (await served.sq("GET", f"/{row.uid}")).json()["data"]["url"]
            told = Story(world, log, row, link.removeprefix(str(served.client.base_url).rstrip("/")))
            await tell(told)
            yield told


async def tell(story: Story) -> None:
    row, link, nobody = story.row, story.link, Agent(story.world.served)
    await story.see(nobody, f"{HOME}/sign-in")
    await story.send(nobody, f"{HOME}/sign-in", {"name": "demo", "password": "wrong"})
    agent = await story.world.agent("demo")
    for path in (HOME, f"{HOME}/board", f"{HOME}/account", place(row), place(row, "/piece")):
        await story.see(agent, path)
    await story.send(agent, f"{HOME}/account", {"password": "kanarya vogelsang"})
    for path in ("/edit", "/cancel", "/reschedule", "/no-such-page"):
        await story.see(agent, place(row, path))
    await story.see(agent, place(row).replace("appointments/", "appointments/0"))
    led = await story.send(agent, f"{HOME}/search", {"text": PERSON["name"]})
    await story.see(agent, led.headers["location"])
    await story.send(agent, place(row, "/presence"), {})
    await story.see(None, link)
    await story.see(None, f"{link}&step=check")
    for act in ("arrive", "leave", "consent"):
        await story.send(None, link, {"do": act, "token": ""})
    await story.send(None, link, {"do": "arrive"})
    await story.send(None, link, {"do": "arrive", "consent": "yes"})
    await story.send(agent, place(row, "/message"), {"message": MESSAGE})
    await story.send(agent, place(row, "/invitation"), {})
    await story.send(agent, place(row, "/ask"), {"role": "guest", "to": PERSON["email"]})
    await story.see(None, link)
    await story.see(None, link.replace("/summary?", "/summary/live?"))
    page = (await story.see(agent, place(row))).text
    joins = re.findall(r'value="http://[^"/]*(/agent-web/join/[^"]*)"', page)
    room = (await story.world.again(row)).meeting
    assert room is not None
    for path in (*joins, f"{HOME}/room/{room.agent_key}", f"{HOME}/room/1-1-none", f"{HOME}/join/guest/x"):
        await story.see(None, path)
    edit = fields_of((await story.see(agent, place(row, "/edit"))).text)
    await story.send(agent, place(row, "/edit"), edit | {"claimant.email": "kanarya", "claimant.name": "K"})
    await story.see(agent, f"{HOME}/book?since=2035-01-01")
    book = {f"claimant.{name}": text for name, text in PERSON.items()}
    book |= {f"was.{name}": "" for name in book} | {"do": "book", "claimant.email": "kanarya"}
    await story.send(agent, f"{HOME}/book", book)
    await story.send(agent, place(row, "/reschedule"), {"slot": "own", "own": "kanarya", "minutes": "x"})
    await story.send(agent, place(row, "/step"), {"step": "admitted"})
    await story.see(agent, place(row))
    await story.see(None, link)
    for path in (*joins, f"{HOME}/room/{room.agent_key}"):
        await story.see(None, path)
    await story.world.served.parts.store.audit.flush()
    await story.see(agent, f"{HOME}/audit?reference={row.reference}")
    await story.send(agent, f"{HOME}/audit", {})
    await story.see(agent, f"{HOME}/audit/appointments/{row.id}")
    await story.see(agent, f"{HOME}/departments")
    await story.see(agent, f"{HOME}/departments/1")
    await story.send(agent, f"{HOME}/departments/1", {"was.name": "x", "name": ""})
    for path in ("users", "users/new", "users/2"):
        await story.see(agent, f"{HOME}/{path}")
    for path in ("users/new", "users/2"):
        await story.send(agent, f"{HOME}/{path}", {"was.name": "x", "name": ""})
    await story.send(agent, place(row, "/cancel"), {"reason": ""})
    await story.send(agent, place(row, "/step"), {"step": "completed"})
    await story.see(None, link)
    for path in (f"{SUMMARY}?reference={row.reference}", "/client-web", "/client-web/foo"):
        await story.see(None, path)
    await story.send(agent, f"{HOME}/sign-out", {})


def pages_of(story: Story) -> dict[str, httpx.Response]:
    return {
        name: answer
        for name, answer in story.pages.items()
        if answer.headers.get("content-type", "").startswith("text/html") and answer.content
    }


def routes_of(story: Story) -> list[Route]:
    @contextlib.asynccontextmanager
    async def no_life() -> AsyncIterator[None]:
        yield

    made = router(story.world.served.parts, no_life())
    return [one for one in made.routes if isinstance(one, Route) and one.path.startswith(OUTSIDE)]


async def test_the_story_leads_past_every_page_and_every_form(story: Story) -> None:
    walked = [(name.split()[0], urlsplit(name.split()[1]).path) for name in story.pages]
    missed = [
        f"{verb} {route.path}"
        for route in routes_of(story)
        for verb in (route.methods or set()) - {"HEAD"}
        if not LEFT_OUT.fullmatch(route.path if verb == "GET" else "")
        and not any(verb == method and route.path_regex.match(path) for method, path in walked)
    ]
    assert missed == []
    assert len(pages_of(story)) > 25


async def test_every_page_lets_browsers_do_nothing_but_what_it_needs(story: Story) -> None:
    for name, answer in pages_of(story).items():
        is_piece = b"<html" not in answer.content
        if is_piece:
            assert answer.headers["cache-control"] == "no-store", name
            continue
        rules = dict(
            rule.partition(" ")[::2] for rule in answer.headers["content-security-policy"].split("; ")
        )
        assert (rules["default-src"], rules["frame-ancestors"], rules["base-uri"]) == ("'none'",) * 3, name
        assert {rules[kind] for kind in ("script-src", "style-src", "connect-src", "form-action")} == {
            "'self'"
        }, name
        assert rules["frame-src"] in ("'none'", URL), name
        assert "unsafe" not in str(rules), name
        assert answer.headers["referrer-policy"] == "no-referrer", name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.headers["cache-control"] == "no-store", name
        for forbidden in (r"<script(?![^>]*\ssrc=)", r"\son[a-z]+=", r"\sstyle=", "<style", "javascript:"):
            assert re.search(forbidden, answer.text) is None, (name, forbidden)
        hosts = {
            urlsplit(html.unescape(one)).netloc
            for one in re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
        }
        assert hosts <= {"", urlsplit(URL).netloc, str(answer.request.url.netloc.decode())}, name


async def test_no_title_no_address_and_no_header_holds_anything_personal(story: Story) -> None:
    for name, answer in story.pages.items():
        titles = re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        addresses = re.findall(r'(?:src|href|action|data-[a-z]+)="(?!mailto:|tel:)([^"]*)"', answer.text)
        held = f"{name} {answer.request.url} {titles} {addresses} {answer.headers}".lower()
        assert [trace for trace in TRACES if trace in held] == [], name
    shown = "".join(answer.text for answer in story.pages.values()).lower()
    assert [trace for trace in TRACES if trace not in shown] == [], "what is looked for was there"


async def test_the_log_of_the_whole_story_names_nobody(story: Story) -> None:
    log = story.log.getvalue().decode().lower()
    assert log.count('"event":') > len(story.pages)
    assert [trace for trace in TRACES if trace in log] == []
    key = story.link.partition("key=")[2].partition("&")[0].lower()
    session = next(answer for answer in story.pages.values() if "set-cookie" in answer.headers)
    assert key not in log
    assert session.headers["set-cookie"].partition("=")[2].partition(";")[0].lower() not in log


async def test_every_form_that_changes_something_carries_a_token(story: Story) -> None:
    without = [
        (name, form)
        for name, answer in pages_of(story).items()
        for form in re.findall(r'<form [^>]*method="post".*?</form>', answer.text, re.DOTALL)
        if not re.fullmatch("[0-9a-f]{64}", fields_of(form).get("token", ""))
    ]
    assert without == []
    # Also those that no story leads to.
    written = {
        file.name: re.findall(r'<form [^>]*method="post".*?</form>', file.read_text(), re.DOTALL)
        for file in CONSOLE.rglob("*.html")
    }
    assert {"waiting.html", "check.html", "call.html", "agents_edit.html"} <= {
        name for name, forms in written.items() if forms
    }
    for name, forms in written.items():
        assert all(re.search(r"\{\{ (\w+\.)?token\b", form) for form in forms), name


async def test_every_form_that_is_not_sent_by_its_own_page_does_nothing(story: Story) -> None:
    world = story.world
    row = await world.book(claimant=PERSON)
    agent, other = await world.agent("demo"), await world.agent("demo")
    actions = {
        (action, method.lower())
        for path in (
            HOME,
            f"{HOME}/book",
            f"{HOME}/audit",
            f"{HOME}/departments/1",
            f"{HOME}/users/new",
            f"{HOME}/users/2",
            place(row),
            place(row, "/edit"),
            place(row, "/cancel"),
            place(row, "/reschedule"),
        )
        for action, method in forms_of((await agent.get(path)).text)
    }
    sent = {action for action, method in actions if method == "post"}
    posts = [one.path for one in routes_of(story) if "POST" in (one.methods or set())]
    paths = sent | {
        path.replace("{uid}", str(row.uid)).replace("{number}", "1")
        for path in posts
        if path.startswith(HOME)
    }
    paths -= {f"{HOME}/sign-in", ELSEWHERE}
    assert len(paths) >= 9
    assert {urlsplit(action).path for action, method in actions if method == "get"} <= {
        HOME,
        f"{HOME}/audit",
        f"{HOME}/users",
    }
    values = fields_of((await agent.get(place(row, "/edit"))).text)
    values |= {"step": "admitted", "message": "x", "reason": "x", "slot": "own", "own": "2035-01-01T10:00"}
    for path in sorted(paths):
        for token in ({}, {"token": ""}, {"token": "0" * 64}, {"token": other.token}):
            plain = {name: text for name, text in values.items() if name != "token"}
            answer = await agent.send(path, plain | token)
            assert (path, answer.status_code) == (path, 403)
    assert await world.again(row) == row
    assert (await agent.get(HOME)).status_code == 200, "the session lasts"


async def test_a_claimants_forms_need_the_link_and_our_own_page(story: Story) -> None:
    world = story.world
    row = await world.book(claimant=PERSON)
    link = (await world.served.sq("GET", f"/{row.uid}")).json()["data"]["url"]
    good = {"token": token_of(world.served.parts, link)}
    for act in ("arrive", "leave", "consent"):
        body = {"do": act, "consent": "yes"} | good
        for headers in (
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "null"},
        ):
            answer = await world.served.client.post(link, data=body, headers=headers)
            assert answer.status_code == 403, (act, headers)
        for token in ({}, {"token": ""}, {"token": "0" * 64}, {"token": story.token}):
            sent = {"do": act, "consent": "yes"} | token
            answer = await world.served.client.post(link, data=sent, headers=BROWSER)
            assert answer.status_code == 403, (act, token)
        without = link.partition("&key=")[0]
        assert (await world.served.client.post(without, data=body, headers=BROWSER)).status_code == 404
    assert await world.again(row) == row


def forms_of(page: str) -> list[tuple[str, str]]:
    """List the forms of a page as (action, method)."""
    found = []
    for tag in re.findall(r"<form [^>]*>", page):
        attributes = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        found.append((html.unescape(attributes["action"]).partition("?")[0], attributes.get("method", "get")))
    return found
