"""The page of the audit log: who may read what of it, its filters and pages, and the sign that it is whole."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import apsw
import httpx
import msgspec
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.routing import Route

from appointed.app.console import PARTS, desk_of
from appointed.console.agents.audit_filter import PER_PAGE, Asked, line_of, read_asked, wanted_of
from appointed.console.agents.audit_pages import AuditPages
from appointed.console.look.pages import load_pages
from appointed.domain.appointment import Appointment
from appointed.domain.audit import Act, Entry, Wanted
from appointed.domain.errors import TooManyRequests
from appointed.usecases.trail import READ_ONCE_IN
from tests.builders import NOW, directory
from tests.console.agents.world import HOME, Agent, World, place
from tests.contracts.served import HOST
from tests.contracts.sqod.desk import department_keeper

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUDIT = f"{HOME}/audit"
REFERENCE = UUID("01a1fff9-204f-7970-b1d0-3cb82bf5cdb0")


@dataclass
class Line:
    """One line as a reader sees it."""

    what: str
    who: str
    about: str
    reference: str


@dataclass
class Read:
    """A story of two appointments of two departments, read by two agents."""

    world: World
    first: Appointment
    second: Appointment

    async def lines(self, agent: Agent, query: str = "") -> list[Line]:
        await self.world.served.parts.store.audit.flush()
        answer = await agent.get(f"{AUDIT}?{query}")
        assert answer.status_code == 200, answer.text
        return [line(row) for row in re.findall(r"<tr>(.*?)</tr>", answer.text, re.DOTALL)[1:]]


def line(row: str) -> Line:
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    texts = [html.unescape(re.sub("<[^>]*>", "\n", cell)).strip().split("\n") for cell in cells]
    return Line(texts[1][0], texts[2][0], texts[3][0], texts[1][-1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def read(world: World) -> AsyncIterator[Read]:
    rows = [await world.book(department_id=number, minutes=400 * number) for number in (1, 2)]
    for name in ("demo", "kari"):
        agent = await world.agent(name)
        for row in rows:
            await agent.get(place(row))
    await department_keeper(world.served, "keeper")
    yield Read(world, rows[0], rows[1])


async def test_entries_are_filtered(read: Read) -> None:
    agent = await read.world.agent("demo")
    about = read.first.reference
    (kari, demo) = await read.lines(agent, f"reference={read.first.reference}&act=claimant.read")
    assert (kari.what, kari.who, kari.about) == ("Looked at a claimant", "Kari Nordmann", about)
    assert (demo.who, demo.about) == ("Demo Administrator", about)
    for query in (f"reference={read.first.uid}", f"reference={read.first.id}"):
        assert await read.lines(agent, f"{query}&act=claimant.read") == [kari, demo]
    assert await read.lines(agent, f"reference={kari.reference}") == [kari]
    assert await read.lines(agent, f"reference={read.first.reference}&user=2&act=claimant.read") == [kari]
    assert {one.about for one in await read.lines(agent, "act=claimant.read&department=2")} == {
        read.second.reference
    }
    today = read.world.clock.now.date()
    tomorrow = today + timedelta(days=1)
    assert kari in await read.lines(agent, f"since={today}&until={today}&act=claimant.read")
    assert await read.lines(agent, f"since={tomorrow}") == []
    assert await read.lines(agent, f"until={today - timedelta(days=1)}") == []
    for nothing in ("nothing", f"{UUID(int=1)}", "%00", "9" * 300):
        assert await read.lines(agent, f"reference={nothing}") == []
    commands = await read.lines(agent, "act=command&user=0")
    assert {one.who for one in commands} == {"The server"}


async def test_an_entry_leads_to_its_appointment_by_the_rights_of_its_reader(read: Read) -> None:
    agent = await read.world.agent("demo")
    page = (await agent.get(f"{AUDIT}?reference={read.second.reference}")).text
    path = f"{AUDIT}/appointments/{read.second.id}"
    assert f'href="{path}"' in page
    looks = await read.lines(agent, "act=claimant.read")
    read.world.clock.now += 2 * READ_ONCE_IN
    assert (await agent.get(path)).headers["location"] == place(read.second)
    assert await read.lines(agent, "act=claimant.read") == looks, "nobody was shown anything on the way"
    for nothing in ("0", "99999", "x", "9" * 11):
        assert (await agent.get(f"{AUDIT}/appointments/{nothing}")).status_code == 404
    kari = await read.world.agent("kari")
    assert (await kari.get(path)).status_code == 403, "who may not read the log learns of no number"


async def test_administrators_alone_read_it_and_each_what_is_theirs(read: Read) -> None:
    kari, keeper = await read.world.agent("kari"), await read.world.agent("keeper")
    for answer in (await kari.get(AUDIT), await kari.post(AUDIT)):
        assert answer.status_code == 403
        assert "<table" not in answer.text
    assert f'href="{AUDIT}"' not in (await kari.get(HOME)).text
    assert f'href="{AUDIT}"' in (await keeper.get(HOME)).text
    own = await read.lines(keeper)
    told = {one.about for one in own}
    assert read.second.reference in told
    assert not told & {read.first.reference, "–"}
    assert (await keeper.get(f"{AUDIT}?department=1")).status_code == 403
    page = (await keeper.get(AUDIT)).text
    assert "Demo department" not in page.partition('name="user"')[0]
    assert "Check now" not in page
    assert (await keeper.post(AUDIT)).status_code == 403
    demo = await read.world.agent("demo")
    (other, *_more) = await read.lines(demo, f"reference={read.first.reference}")
    assert await read.lines(keeper, f"reference={other.reference}") == []
    assert await read.lines(keeper, f"reference={read.first.reference}") == []


async def test_pages_follow_each_other(read: Read) -> None:
    agent = await read.world.agent("demo")
    store = read.world.served.parts.store
    for number in range(2 * PER_PAGE + 3):
        await store.audit.write(1, Act.COMMAND, 3, details={"number": number})
    found, query = [], "user=3&act=command"
    while True:
        page = (await agent.get(f"{AUDIT}?{query}")).text
        found.append([int(text) for text in re.findall(r"<span>number: (\d+)</span>", page)])
        assert ("The newest" in page) == (len(found) > 1)
        older = re.search(rf'href="{AUDIT}\?([^"]*)">Older entries', page)
        if older is None:
            break
        query = html.unescape(older[1])
    assert [len(numbers) for numbers in found] == [PER_PAGE, PER_PAGE, 3]
    assert [number for numbers in found for number in numbers] == list(reversed(range(2 * PER_PAGE + 3)))


async def test_the_logs_are_shown_to_be_whole_until_somebody_changes_them(read: Read) -> None:
    world, agent = read.world, await read.world.agent("demo")
    audit, path = world.served.parts.store.audit, str(world.served.parts.settings.sqlite_path)
    await audit.flush()
    while await audit.seal():
        pass
    whole = await agent.post(AUDIT)
    assert whole.status_code == 200
    assert "Both logs are whole." in whole.text
    told = re.search(r"(\d+) rows are sealed", whole.text)
    assert told is not None
    assert int(told[1]) == sum(one.rows for one in await audit.verify(1)) > 100
    anchors = re.findall(r"<li><code>((?:event|audit):\d+:[0-9a-f]+)</code>", whole.text)
    assert [str(one.anchor) for one in await audit.verify(1)] == anchors
    assert "Both logs are whole." not in (await agent.get(AUDIT)).text, "nobody has looked again"
    # As somebody could who owns the database.
    other = apsw.Connection(path)
    other.setbusytimeout(10_000)
    changed = other.execute("SELECT id FROM audit WHERE tenant_id = 1 AND act = 'command' LIMIT 1").get
    guards = other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'")
    for (guard,) in guards.fetchall():
        other.execute(f"DROP TRIGGER {guard}")
    other.execute("UPDATE audit SET by = 77 WHERE id = ?", (changed,))
    other.close()
    broken = await agent.post(AUDIT)
    assert "Both logs are whole." not in broken.text
    assert "Somebody has changed the logs." in broken.text
    assert "Audit log: an entry was changed" in broken.text


async def test_logs_that_are_too_long_to_wait_for_are_left_to_the_command(read: Read) -> None:
    parts = read.world.served.parts
    desk = desk_of(parts, load_pages(PARTS))
    assert AuditPages(desk).seconds == 9
    hurried = msgspec.structs.replace(desk.door.limits, handler_seconds=0)
    pages = AuditPages(msgspec.structs.replace(desk, door=msgspec.structs.replace(desk.door, limits=hurried)))
    slow = Starlette(routes=[Route(AUDIT, pages.verify, methods=["POST"])])
    agent = await read.world.agent("demo")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(slow), base_url=HOST) as client:
        answer = await Agent(replace(read.world.served, client=client), agent.cookies, agent.token).post(
            AUDIT
        )
    assert answer.status_code == 200
    assert "are too long to be checked" in answer.text
    assert "Both logs are whole." not in answer.text
    assert pages.looking == set()
    pages.looking.add(1)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(slow), base_url=HOST) as client:
        busy = Agent(replace(read.world.served, client=client), agent.cookies, agent.token)
        with pytest.raises(TooManyRequests):
            await busy.post(AUDIT)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({}, Asked()),
        ({"reference": " R 1 ", "department": "2", "user": "0", "act": "command"}, None),
        (
            {"department": "9", "user": "99", "act": "nothing", "since": "soon", "until": "9999-01-01"},
            Asked(),
        ),
        ({"department": "²", "user": "1" * 11, "after": "x"}, Asked()),
        ({"after": str(REFERENCE)}, Asked(after=str(REFERENCE))),
    ],
    ids=["nothing", "all", "unknown", "no-numbers", "after"],
)
async def test_what_cannot_be_read_is_as_if_it_had_not_been_asked(
    query: dict[str, str], asked: Asked | None
) -> None:
    whole = Asked(reference="R 1", department="2", user="0", act="command")
    assert read_asked(query, directory()) == (asked or whole)
    assert Asked().is_open
    assert Asked(after=str(REFERENCE)).is_open
    assert not whole.is_open
    assert whole.query(after=REFERENCE) == f"reference=R+1&department=2&user=0&act=command&after={REFERENCE}"


async def test_days_are_whole_days_of_the_readers_zone() -> None:
    asked = Asked(since="2026-07-01", until="2026-07-02", user="2", act="audit.read", department="1")
    wanted = wanted_of(asked, ZoneInfo("Europe/London"), 7)
    assert wanted == Wanted(
        by=2,
        acts=(Act.AUDIT_READ,),
        since=NOW.replace(month=6, day=30, hour=23, minute=0, second=0, microsecond=0),
        until=NOW.replace(month=7, day=2, hour=23, minute=0, second=0, microsecond=0),
        appointment_id=7,
        departments=(1,),
        limit=PER_PAGE + 1,
    )


@pytest.mark.parametrize(("by", "who"), [(2, "Kari K"), (0, ""), (99, "#99")], ids=["user", "server", "gone"])
async def test_a_line_says_who_and_what_else_is_known(by: int, who: str) -> None:
    details: dict[str, Any] = {"members": ["a", "b"], "count": 2}
    entry = Entry(
        id=REFERENCE, tenant_id=1, at=NOW, act=Act.COMMAND, by=by, door="sqod", address="::1", details=details
    )
    shown = line_of(entry, directory())
    assert shown.who == who
    assert shown.more == (("address", "::1"), ("door", "sqod"), ("members", "a, b"), ("count", "2"))
