"""The board of a day, and the search: what is there, in which order, and for whom."""

import asyncio
import re
from datetime import timedelta

import pytest

from appointed.usecases.presence_ports import CLAIMANT, Presence
from tests.console.agents.world import HOME, World, place

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = 24 * 60
# A day on which the demo tenant has nothing.
FAR = 400 * DAY


def day_of(world: World, minutes: int) -> str:
    return f"{world.clock.now + timedelta(minutes=minutes):%Y-%m-%d}"


def callers(page: str) -> list[str]:
    """Give the names on the waiting board, in their order."""
    return re.findall(r'<h3><a [^>]*id="open-\d+">([^<]*)</a>', page)


def listed(page: str) -> list[str]:
    """Give the names in the schedule, in their order."""
    return re.findall(r'<a [^>]*id="row-\d+">([^<]*)</a>', page)


async def booked(world: World, name: str, minutes: int, status: str = "", **more: object) -> None:
    row = await world.book(minutes, claimant={"name": name}, **more)
    if status:
        await world.patch(row, status=status)


async def test_who_waits_stands_before_who_is_late(world: World) -> None:
    for name, minutes, status in (
        ("Scheduled One", 5, ""),
        ("Late One", 10, "late"),
        ("Waiting Two", 30, "waiting"),
        ("Waiting One", 20, "waiting"),
        ("Seen One", 0, "being_seen"),
        ("Gone One", 15, "no_show"),
    ):
        await booked(world, name, FAR + minutes, status)
    agent = await world.agent("demo")
    page = (await agent.get(f"{HOME}?day={day_of(world, FAR)}")).text
    assert callers(page) == ["Waiting One", "Waiting Two", "Seen One", "Late One"]
    assert listed(page) == [
        "Seen One",
        "Scheduled One",
        "Late One",
        "Gone One",
        "Waiting One",
        "Waiting Two",
    ]
    assert page.count(">Admit<") == 0, "the rooms are not open yet"
    some = (await agent.get(f"{HOME}?day={day_of(world, FAR)}&status=no_show")).text
    assert listed(some) == ["Gone One"]
    piece = await agent.get(f"{HOME}/board?day={day_of(world, FAR)}")
    assert callers(piece.text) == callers(page)
    assert "<html" not in piece.text


async def test_midnight_takes_nobody_off_the_board_who_is_still_here(world: World) -> None:
    for status in ("waiting", "being_seen", "late", "complete"):
        await booked(world, f"Night {status}", 10, status)
    began = world.clock.now
    try:
        world.clock.now += timedelta(hours=16)
        agent = await world.agent("demo")
        page = (await agent.get(HOME)).text
        here = [name for name in callers(page) if name.startswith("Night")]
        assert here == ["Night waiting", "Night being_seen"]
        assert not any(name.startswith("Night") for name in listed(page)), "the schedule is the day's"
        other = (await agent.get(f"{HOME}?day={day_of(world, DAY)}")).text
        assert "Night" not in other
        world.clock.now = began + timedelta(minutes=10 + DAY, seconds=1)
        agent = await world.agent("demo")
        assert "Night" not in (await agent.get(HOME)).text
    finally:
        world.clock.now = began


async def test_who_waits_stays_on_todays_board_when_the_day_is_changed(world: World) -> None:
    row = await world.book(10, claimant={"name": "Moved On"})
    await world.patch(row, status="waiting")
    day = 3 * DAY
    await world.patch(row, appointment_at=(world.clock.now + timedelta(minutes=day)).isoformat())
    agent, began = await world.agent("demo"), world.clock.now

    async def here(query: str = "") -> set[bool]:
        pages = [(await agent.get(f"{HOME}{path}{query}")).text for path in ("", "/board")]
        said = {"Moved On" in callers(page) for page in pages}
        assert {"Here now, but given another day" in page for page in pages} == (
            said if not query else {False}
        )
        return said

    assert await here() == {False}, "no page of theirs is open"
    until = began + timedelta(seconds=25)
    open_page = Presence(tenant_id=1, appointment_id=row.id, associate_id=CLAIMANT, until=until)
    await world.served.parts.store.put_presences([open_page])
    assert await here() == {True}
    assert await here(f"?day={day_of(world, day)}") == {True}
    assert await here(f"?day={day_of(world, DAY)}") == {False}
    body = [{"op": "replace", "path": "/Private", "value": "PrivateUser"}]
    owner = {1: "demo", 2: "kari", 3: "ola"}[row.owner_id]
    answer = await world.served.so("PATCH", f"Appointment/{row.id}", json=body)
    assert answer.status_code == 200, answer.text
    for name in ("demo", "ola"):
        agent = await world.agent(name)
        assert await here() == {name == owner}, "it is its owner's alone"
    try:
        world.clock.now = until
        agent = await world.agent(owner)
        assert await here() == {False}
    finally:
        world.clock.now = began


async def test_only_claimants_are_on_the_board(world: World) -> None:
    agent, day = await world.agent("demo"), day_of(world, FAR + 40 * DAY)
    body = {"Title": "Lunch", "StartDate": f"{day}T12:00:00Z", "EndDate": f"{day}T13:00:00Z"}
    assert (await world.served.so("POST", "Appointment", json=body)).status_code == 200
    assert listed((await agent.get(f"{HOME}?day={day}")).text) == []
    await booked(world, "Somebody", FAR + 40 * DAY)
    assert listed((await agent.get(f"{HOME}?day={day}")).text) == ["Somebody"]


async def test_a_day_is_one_of_the_agents_zone(world: World) -> None:
    clock = world.clock.now
    minutes = 500 * DAY + (24 - clock.hour) * 60 - 30  # half an hour before midnight in UTC
    await booked(world, "Night Owl", minutes)
    agent = await world.agent("demo")
    days = [day_of(world, 500 * DAY), day_of(world, 501 * DAY)]
    found = [listed((await agent.get(f"{HOME}?day={day}")).text) for day in days]
    assert found == [[], ["Night Owl"]], "in Oslo it is past midnight"
    agent.cookies["appointed_zone"] = "Etc/UTC"
    found = [listed((await agent.get(f"{HOME}?day={day}")).text) for day in days]
    assert found == [["Night Owl"], []]
    agent.cookies["appointed_zone"] = "Nowhere/<script>"
    assert "All times are in Europe/Oslo" in (await agent.get(HOME)).text


@pytest.mark.parametrize(
    "query",
    [
        "day=x",
        "day=0000-00-00",
        "day=9999-12-31",
        "day=0001-01-01",
        "page=0",
        "page=-1",
        "page=99999999999999",
        "page=%C2%B2",
        "status=gone",
        "department=999",
        "department=x",
        "department=" + "9" * 50,
        "department=" + "0" * 17 + "1" + "9" * 30,
        "department=%C2%B2",
    ],
)
async def test_what_cannot_be_read_shows_what_is_usual(world: World, query: str) -> None:
    agent = await world.agent("demo")
    answer = await agent.get(f"{HOME}?{query}")
    assert answer.status_code == 200
    assert ">Today</h1>" in answer.text


async def test_departments_are_mine_unless_others_are_asked_for(world: World) -> None:
    directory = await world.served.parts.store.directory(1)
    kari = next(one for one in directory.associates.values() if one.name == "kari")
    (other,) = (
        one.id
        for one in directory.departments.values()
        if one.id not in (kari.group_id, *kari.department_ids)
    )
    await booked(world, "Mine Here", FAR + 3 * DAY, department_id=kari.group_id)
    await booked(world, "Theirs There", FAR + 3 * DAY, department_id=other)
    agent, day = await world.agent("kari"), day_of(world, FAR + 3 * DAY)
    for department, names in (
        ("", ["Mine Here"]),
        (str(kari.group_id), ["Mine Here"]),
        (str(other), ["Theirs There"]),
        ("all", ["Mine Here", "Theirs There"]),
    ):
        page = await agent.get(f"{HOME}?day={day}&department={department}")
        assert sorted(listed(page.text)) == names


async def test_long_days_have_pages(world: World) -> None:
    await asyncio.gather(
        *(booked(world, f"Number {number:02}", FAR + 5 * DAY + number) for number in range(52))
    )
    agent, day = await world.agent("demo"), day_of(world, FAR + 5 * DAY)
    first = (await agent.get(f"{HOME}?day={day}")).text
    assert "52 appointments" in first
    assert "Page 1 of 2" in first
    after = re.search(r'href="([^"]*page=2)"', first)
    assert after is not None
    second = (await agent.get(after[1].replace("&amp;", "&"))).text
    assert listed(second) == ["Number 50", "Number 51"]


async def test_an_empty_day_says_so(world: World) -> None:
    agent = await world.agent("demo")
    page = (await agent.get(f"{HOME}?day=2001-01-01")).text
    assert "Nobody is waiting, late or being seen." in page
    assert "No appointments on this day." in page
    assert "with this status" in (await agent.get(f"{HOME}?day=2001-01-01&status=late")).text


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("ZX-77", True),
        ("wanted", True),
        ("person WANTED", True),
        ("Wanted@Claimant.example", True),
        ("zx-7", False),
        ("want", False),
        ("", False),
        ("<script>", False),
        ("x" * 300, False),
    ],
)
async def test_a_search_finds_by_reference_name_and_mail(world: World, text: str, is_found: bool) -> None:
    if not (await world.served.parts.store.find_claimants(1, "wanted")):
        claimant = {"name": "Wanted Person", "email": "wanted@claimant.example"}
        await world.book(FAR + 9 * DAY, claimant=claimant, reference="ZX-77")
    agent = await world.agent("ola")
    answer = await agent.find(text)
    assert answer.status_code == 200
    assert ("Wanted Person" in answer.text) is is_found
    assert "<script>" not in answer.text
    title = re.search(r"<title>(.*?)</title>", answer.text)
    assert title is not None
    assert title[1] == "Search"
    assert (await agent.get(f"{HOME}/search?text={text}")).status_code == 303


async def test_a_search_has_pages_too(world: World) -> None:
    await asyncio.gather(*(booked(world, f"Twin {number}", FAR + 20 * DAY + number) for number in range(27)))
    agent = await world.agent("demo")
    first = (await agent.find("twin")).text
    assert "27 appointments" in first
    assert "Twin 26" in first
    assert re.search(r'<a [^>]*href="/agent-web/search\?found=[^"&]+&amp;page=2"', first)
    second = (await agent.find("twin", "&page=2")).text
    assert "Twin 0<" in second
    assert "Twin 26" not in second


async def test_what_was_searched_for_stands_in_no_address_and_opens_for_nobody_else(world: World) -> None:
    await booked(world, "Sought Person", FAR + 40 * DAY)
    agent = await world.agent("demo")
    led = (await agent.post(f"{HOME}/search", text="Sought")).headers["location"]
    assert "sought" not in led.lower()
    for _again in range(2):
        assert "Sought Person" in (await agent.get(led)).text
    odd = (led[:-6] + "AAAAAA", led[:-1], f"{HOME}/search", f"{HOME}/search?found=\N{SNOWMAN}", led + led)
    for reader, path in ((await world.agent("demo"), led), *((agent, path) for path in odd)):
        answer = await reader.get(path)
        assert (answer.status_code, answer.headers.get("location")) == (303, HOME)


async def test_private_appointments_of_others_are_not_there(world: World) -> None:
    row = await world.book(FAR + 30 * DAY, claimant={"name": "Private Person"})
    await world.served.so("PATCH", f"Appointment/{row.id}", json={"Private": "PrivateUser"})
    agent = await world.agent("ola")
    page = await agent.get(f"{HOME}?day={day_of(world, FAR + 30 * DAY)}&department=all")
    assert "Private Person" not in page.text
    assert "Private Person" not in (await agent.find("private")).text
    assert (await agent.get(place(row))).status_code == 404


async def test_in_welsh_until_another_language_is_chosen(world: World) -> None:
    agent = await world.agent("demo")
    assert "Heddiw" in (await agent.get(f"{HOME}?lang=cy")).text
    page = (await agent.get(HOME)).text
    assert '<html lang="cy">' in page
    assert "Chwilio" in page
    assert ">Today</h1>" in (await agent.get(f"{HOME}?lang=en")).text
