"""What open pages are told: of their own departments and appointment, and nothing to strangers."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from appointed.domain.meeting import Place, claimant_url
from tests.console.agents.stage import Stage, on_stage
from tests.console.agents.world import HOME, Agent, place

ZONE = ZoneInfo("Europe/Oslo")
pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path_factory.mktemp("live"), live_poll_seconds=0.02) as made:
        yield made


@asynccontextmanager
async def told(stage: Stage, agent: Agent, path: str) -> AsyncIterator[AsyncIterator[dict[str, object]]]:
    """Listen to a stream; gives what `moved` events say."""
    headers = {"Cookie": f"appointed_session={agent.cookies['appointed_session']}"}
    async with (
        httpx.AsyncClient(base_url=stage.url, timeout=10) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.headers["content-type"] == "text/event-stream"
        yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, object]]:
    async for line in answer.aiter_lines():
        if line.startswith("data:") and len(line) > len("data: {}"):
            yield json.loads(line.removeprefix("data:"))


async def test_a_board_hears_of_its_departments_alone(stage: Stage) -> None:
    world = stage.world
    kari = await world.agent("kari")
    directory = await world.served.parts.store.directory(1)
    mine = next(one for one in directory.associates.values() if one.name == "kari").group_id
    (other,) = (one for one in directory.departments if one != mine)
    async with asyncio.timeout(10), told(stage, kari, f"{HOME}/live") as events:
        theirs = await world.book(department_id=other)
        ours = await world.book(department_id=mine)
        await world.patch(theirs, status="late")
        await world.patch(ours, status="waiting")
        heard = [await anext(events)]
        while heard[-1]["status"] != "waiting":
            heard.append(await anext(events))
    assert {one["appointment"] for one in heard} == {ours.id}
    assert all(set(one) == {"appointment", "status", "revision"} for one in heard), "nothing personal"


async def test_a_page_misses_nothing_between_reading_and_listening(stage: Stage) -> None:
    world = stage.world
    row = await world.book()
    agent = await world.agent("demo")
    page = (await agent.get(place(row))).text
    after = page.partition('data-after="')[2].partition('"')[0]
    await world.patch(row, status="late")
    await world.patch(await world.book(), status="waiting")
    async with asyncio.timeout(10), told(stage, agent, place(row, f"/live?after={after}")) as events:
        heard = await anext(events)
    assert (heard["appointment"], heard["status"]) == (row.id, "late")


async def test_only_who_may_change_a_call_is_led_into_it(stage: Stage) -> None:
    world = stage.world
    directory = await world.served.parts.store.directory(1)
    mine = next(one for one in directory.associates.values() if one.name == "kari").group_id
    (other,) = (one for one in directory.departments if one != mine)
    row = await world.book(department_id=other)
    await world.patch(row, status="being_seen")
    for name, is_led in (("demo", True), ("kari", False)):
        page = (await (await world.agent(name)).get(place(row))).text
        assert "Jane Roe" in page
        assert ("<iframe" in page) is ("jwt=" in page) is (f"{HOME}/room/" in page) is is_led


async def test_who_signs_out_in_one_tab_hears_nothing_more_in_the_other(stage: Stage) -> None:
    world = stage.world
    row = await world.book()
    agent, other = await world.agent("demo"), await world.agent("demo")
    async with (
        asyncio.timeout(10),
        told(stage, agent, f"{HOME}/live") as board,
        told(stage, agent, place(row, "/live")) as page,
        told(stage, other, f"{HOME}/live") as theirs,
    ):
        assert (await agent.post(f"{HOME}/sign-out")).status_code == 303
        await world.patch(row, status="late")
        assert [one async for one in board] == [] == [one async for one in page]
        # Another session of the same agent goes on.
        assert (await anext(theirs))["status"] == "late"


async def test_who_loses_rights_hears_nothing_more(stage: Stage) -> None:
    world = stage.world
    headers, users = world.served.basic("demo"), "/api/v1/users"
    body = {"name": "Lee", "login": "lee", "password": "lee's password", "department_ids": [2]}
    made = await world.served.client.post(users, json=body, headers=headers)
    lee = f"{users}/{made.json()['data']['id']}"
    row = await world.book(department_id=2)
    agent = Agent(world.served)
    await agent.sign_in("lee", "lee's password")
    changes: list[tuple[dict[str, object], str]] = [
        ({"department_ids": [1]}, "waiting"),
        ({"department_ids": [2]}, "late"),
        ({"is_active": False}, "waiting"),
    ]
    for change, status in changes:
        async with asyncio.timeout(10), told(stage, agent, f"{HOME}/live") as board:
            answer = await world.served.client.patch(lee, json=change, headers=headers)
            assert answer.status_code == 200, answer.text
            await world.patch(row, status=status)
            assert [one async for one in board] == []


async def test_boards_of_agents_who_see_the_same_each_have_their_own_forms(stage: Stage) -> None:
    world = stage.world
    row = await world.book(department_id=2)
    await world.patch(row, status="waiting")
    agents = [await world.agent(name) for name in ("demo", "demo", "kari")]
    pieces = []
    for agent in agents:
        await agent.get(f"{HOME}?department=2")
        token = agent.token
        pieces.append((await agent.get(f"{HOME}/board?department=2")).text)
        assert f'name="token" value="{token}"' in pieces[-1]
        assert (await agent.get(f"{HOME}?department=2")).text.count(f'value="{token}"') > 1
    shared, second, _karis = (
        piece.replace(agent.token, "") for piece, agent in zip(pieces, agents, strict=True)
    )
    assert shared == second
    assert f"step-admitted-{row.id}" in shared
    # Whoever has an appointment open is shown to the others, and not to themselves.
    await agents[0].get(place(row))
    await agents[0].post(place(row, "/presence"))
    assert "presence" in (await agents[2].get(f"{HOME}/board?department=2")).text
    assert "presence" not in (await agents[1].get(f"{HOME}/board?department=2")).text


async def test_strangers_hear_nothing(stage: Stage) -> None:
    world = stage.world
    row = await world.book()
    nobody = Agent(world.served)
    for path in (f"{HOME}/live", place(row, "/live")):
        answer = await nobody.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}/sign-in")
    await world.served.foreign_row()
    other = Agent(world.served)
    await other.sign_in("other")
    assert (await other.get(place(row, "/live"))).status_code == 404


async def test_who_tries_many_links_waits(stage: Stage) -> None:
    limit = stage.world.served.parts.door.limits.wrong_links_per_minute
    async with httpx.AsyncClient(base_url=stage.url) as client:
        answers = [
            (await client.get(f"{HOME}/room/1-1-x{number}")).status_code for number in range(limit + 1)
        ]
        assert answers == [*([404] * limit), 429]
        refused = await client.get(f"{HOME}/join/guest/1-1-x")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert "Please wait" in refused.text


async def test_a_claimant_whose_page_is_gone_is_marked_until_they_are_back(stage: Stage) -> None:
    world = stage.world
    parts = world.served.parts
    row = await world.book()
    await world.patch(row, status="waiting")
    row = await world.again(row)
    link = claimant_url(Place(1, row.id, row.link_key), row.reference, stage.url)
    agent, began = await world.agent("demo"), world.clock.now

    async def marks(seconds: int) -> list[str]:
        """Tell who is missed, on the board and on the appointment's page, so long after the beginning."""
        world.clock.now = began + timedelta(seconds=seconds)
        await parts.attendance.tell(parts.store, parts.clock)
        board, page = (await agent.get(f"{HOME}/board")).text, (await agent.get(place(row))).text
        card = next((one for one in board.split('<li class="card') if f'id="open-{row.id}"' in one), "")
        return [found for text in (card, page) for found in re.findall("Not connected since ([0-9:]+)", text)]

    since = f"{(began + timedelta(seconds=60)).astimezone(ZONE):%H:%M}"
    try:
        assert await marks(0) == [], "nobody came by the link"
        headers = {"Accept": "text/event-stream"}
        async with (
            asyncio.timeout(20),
            httpx.AsyncClient(timeout=10) as client,
            client.stream("GET", link.replace("/summary?", "/summary/live?"), headers=headers) as answer,
        ):
            # Kept: a reader that is dropped closes the page.
            lines = answer.aiter_lines()
            await anext(lines)
            assert await marks(0) == []
            assert await marks(60) == [], "the page is open still"
        # Until the server has seen that the page is closed, it counts as open.
        async with asyncio.timeout(20):
            while parts.attendance.count:
                await asyncio.sleep(0.01)
        assert await marks(84) == [], "a page that is loaded again is away for a moment"
        assert await marks(85) == [since, since]
        assert await marks(600) == [since, since]
        async with httpx.AsyncClient(timeout=10) as client:
            assert (await client.get(link)).status_code == 200
        assert await marks(600) == [], "they are back"
        world.clock.now = began
        await world.patch(row, status="being_seen")
        assert await marks(1200) == [], "whoever is in a call is the meeting server's business"
    finally:
        world.clock.now = began
