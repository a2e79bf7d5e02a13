"""A video call from link to link: people, the server, and a Jitsi that plays the documented calls."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from appointed.app import CannotStart, assemble
from appointed.domain.meeting import invited_url
from appointed.settings import Settings
from appointed.usecases.ports import ById
from tests.console.claimant_forms import token_of
from tests.contracts.served import Served, serving
from tests.meetings.fake_jitsi import APP_SECRET, DOOR_SECRET, URL, FakeJitsi, Refused, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
MINUTE = timedelta(minutes=1)
NEXT = "https://desk.example.com/next"


class MovingClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now


class World:
    """One appointment in ten minutes, its links and its calls."""

    def __init__(self, served: Served, clock: MovingClock) -> None:
        self.served, self.clock = served, clock
        self.jitsi = FakeJitsi(served.client, clock)

    async def book(self, **more: Any) -> dict[str, Any]:
        begins = self.clock.now + 10 * MINUTE
        body = {
            "appointment_at": begins.isoformat(),
            "duration_in_minutes": 30,
            "claimant": {"name": "Jane Roe", "email": "jane@example.com"},
        } | more
        answer = await self.served.sq("POST", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["data"]
        return made

    async def again(self, made: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.served.sq("GET", f"/{made['id']}")).json()["data"]
        return answer

    async def open(self, url: str, method: str = "GET") -> httpx.Response:
        return await self.served.client.request(method, url)

    async def agent(self, made: dict[str, Any]) -> httpx.Response:
        return await self.open(made["meeting"]["room_url"])

    async def claimant(self, made: dict[str, Any], method: str = "GET") -> httpx.Response:
        form = {"token": token_of(self.served.parts, made["url"])} if method == "POST" else None
        return await self.served.client.request(method, made["url"], data=form)

    async def enter(self, answer: httpx.Response) -> Any:
        person = opened(led_to(answer), self.clock())
        await self.jitsi.join(person)
        return person


def led_to(answer: httpx.Response) -> str:
    """Give the address in the meeting: helpers are sent there, agents and claimants see it in a frame."""
    if answer.status_code == 303:
        return answer.headers["location"]
    found = re.search('<iframe [^>]*src="([^"]+)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])


def settings_of(folder: Path, **more: Any) -> dict[str, Any]:
    (folder / "app").write_text(APP_SECRET + "\n")
    (folder / "door").write_text(DOOR_SECRET + "\n")
    return {
        "meetings_provider": "jitsi",
        "meetings_url": URL,
        "meetings_app_secret_file": str(folder / "app"),
        "meetings_door_secret_file": str(folder / "door"),
    } | more


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    is_postgres = request.param == "postgres"
    database = request.getfixturevalue("module_database") if is_postgres else "sqlite:"
    folder, clock = tmp_path_factory.mktemp("meetings"), MovingClock()
    async with serving(folder, database, settings_of(folder), clock=clock) as made:
        yield World(made, clock)


@pytest.mark.clause("SQ-LIFE-agent-link", "SQ-LIFE-waiting", "SQ-LIFE-being-seen", "SQ-LIFE-complete")
@pytest.mark.clause("SQ-LIFE-first", "SQ-MEET-waiting")
async def test_a_call_from_the_first_link_to_the_last(world: World) -> None:
    made = await world.book(custom_agent_post_call_redirect_url=NEXT)
    page = await world.agent(made)
    assert (page.status_code, page.headers["refresh"]) == (200, "5")
    assert "Nobody is waiting yet" in page.text

    assert "Jane Roe" in (await world.claimant(made)).text
    page = await world.open(made["url"] + "&step=check")
    assert "I am here" in page.text
    assert (await world.again(made))["status"] == "scheduled"
    arrived = await world.claimant(made, "POST")
    assert arrived.status_code == 303
    page = await world.open(httpx.URL(made["url"]).join(arrived.headers["location"]))
    assert "You are in the waiting area" in page.text
    assert [trace for trace in ("<iframe", "jwt") if trace in page.text] == []
    assert (await world.again(made))["status"] == "waiting"

    begun = world.clock.now = world.clock.now + 3 * MINUTE
    agent = await world.enter(await world.agent(made))
    seen = await world.again(made)
    assert (seen["status"], seen["session_ended_at"]) == ("being_seen", None)
    assert datetime.fromisoformat(seen["session_started_at"]) == begun

    claimant = await world.enter(await world.claimant(made))
    assert [person.claims["context"]["user"]["moderator"] for person in (agent, claimant)] == [
        "true",
        "false",
    ]
    assert world.jitsi.rooms[agent.room].ends_at == int((begun + (7 + 30 + 60) * MINUTE).timestamp())

    ended = world.clock.now = world.clock.now + 20 * MINUTE
    await world.jitsi.leave(claimant)
    assert (await world.again(made))["status"] == "being_seen"
    await world.jitsi.leave(agent)
    over = await world.again(made)
    assert (over["status"], over["session_started_at"]) == ("complete", seen["session_started_at"])
    assert datetime.fromisoformat(over["session_ended_at"]) == ended
    left = await world.agent(made)
    assert (left.status_code, f'<a href="{NEXT}"' in left.text) == (410, True)
    assert "your appointment is over" in (await world.claimant(made)).text


@pytest.mark.clause("SQ-LIFE-agent-goes")
async def test_who_came_by_the_agents_link_is_led_on_where_hosts_are_listed(world: World) -> None:
    made = await world.book(custom_agent_post_call_redirect_url=NEXT)
    await world.served.sq("PATCH", f"/{made['id']}", json={"status": "complete"})
    hosts = {"redirect_hosts": ["desk.example.com"]}
    assert (await world.served.so("PATCH", "settings", json=hosts)).status_code == 200
    try:
        led = await world.agent(made)
        assert (led.status_code, led.headers["location"]) == (303, NEXT)
        await world.served.sq("PATCH", f"/{made['id']}", json={"status": "no_show"})
        assert (await world.agent(made)).status_code == 410
    finally:
        await world.served.so("PATCH", "settings", json={"redirect_hosts": None})


async def test_the_script_of_an_agents_room_is_told_how_things_stand(world: World) -> None:
    made, _agent = await seen(world)
    live = made["meeting"]["room_url"] + "/live"
    told = (await world.open(live)).json()
    assert (told["page"], told["meeting"]["moderated"]) == ("enter", {"audio": False, "video": False})
    switched = {"features_webcam_access_claimant_enable": False}
    assert (await world.served.sq("PATCH", f"/{made['id']}", json=switched)).status_code == 200
    now = (await world.open(live)).json()["meeting"]
    assert now["moderated"] == {"audio": False, "video": True}
    assert now["joining"] == told["meeting"]["joining"], "the agent need not come in again"
    await world.served.sq("PATCH", f"/{made['id']}", json={"status": "complete"})
    assert (await world.open(live)).json() == {"page": "over", "meeting": None}
    assert (await world.open(live.replace("/live", "x/live"))).status_code == 404


async def seen(world: World) -> tuple[dict[str, Any], Any]:
    """Book, let the claimant wait and an agent come."""
    made = await world.book()
    await world.claimant(made, "POST")
    return made, await world.enter(await world.agent(made))


@pytest.mark.clause("SQ-MEET-events")
async def test_events_told_again_late_or_at_once_change_nothing_more(world: World) -> None:
    made, agent = await seen(world)
    reading = await world.served.parts.store.read(1, ById((number_of(made),)))
    told = {"occupant": world.jitsi.occupant(agent)}
    answers = await asyncio.gather(
        *(world.jitsi.tell("occupant/joined", agent.room, **told) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {204}
    again = await world.served.parts.store.read(1, ById((number_of(made),)))
    assert again.row == reading.row

    claimant = await world.enter(await world.claimant(made))
    ghosts = [world.jitsi.occupant(person) for person in (agent, claimant)]
    world.clock.now += MINUTE
    earlier = int((world.clock.now - 9 * MINUTE).timestamp())
    await world.jitsi.tell("room/destroyed", agent.room, destroyed_at=earlier, all_occupants=ghosts)
    assert (await world.again(made))["status"] == "being_seen"
    await world.jitsi.destroy(agent.room)
    over = await world.again(made)
    assert over["status"] == "complete"
    await world.jitsi.tell("occupant/joined", agent.room, **told)
    await world.jitsi.tell("room/destroyed", agent.room, all_occupants=ghosts)
    assert await world.again(made) == over


async def test_the_event_log_names_the_server_and_its_door(world: World) -> None:
    made, _agent = await seen(world)
    history = await world.served.parts.store.history(1, number_of(made))
    assert [(event.by, event.door) for event in history[1:]] == [(0, "meetings")] * 2


async def test_an_agent_who_leaves_too_early_ends_nothing(world: World) -> None:
    made, agent = await seen(world)
    await world.jitsi.leave(agent)
    assert (await world.again(made))["status"] == "being_seen"
    await world.enter(await world.agent(made))


async def test_breakout_rooms_and_guests_move_nothing(world: World) -> None:
    made = await world.book()
    await world.claimant(made, "POST")
    person = opened(led_to(await world.agent(made)), world.clock())
    agent, claimant = ({"id": side, "joined_at": 1} for side in ("agent", "claimant"))
    for told in ({"occupant": agent, "is_breakout": True}, {"occupant": {}}, {"occupant": claimant}):
        assert (await world.jitsi.tell("occupant/joined", person.room, **told)).status_code == 204
    assert (await world.again(made))["status"] == "waiting"
    await world.jitsi.tell("occupant/joined", person.room, occupant=agent)
    assert (await world.again(made))["status"] == "being_seen"
    both = {"all_occupants": [agent, claimant], "is_breakout": True}
    assert (await world.jitsi.tell("room/destroyed", person.room, **both)).status_code == 204
    assert (await world.again(made))["status"] == "being_seen"


async def test_times_of_the_meeting_server_stay_within_the_appointments_own(world: World) -> None:
    for second in (1, 4_000_000_000):
        made = await world.book()
        await world.claimant(made, "POST")
        person = opened(led_to(await world.agent(made)), world.clock())
        await world.jitsi.tell("occupant/joined", person.room, occupant={"id": "agent", "joined_at": second})
        begun = datetime.fromisoformat((await world.again(made))["session_started_at"])
        assert abs(begun - world.clock.now) < MINUTE


@pytest.mark.clause("SQ-MEET-duration")
async def test_a_room_opens_only_for_a_call_that_may_begin(world: World) -> None:
    made = await world.book()
    await world.claimant(made, "POST")
    person = opened(led_to(await world.agent(made)), world.clock())
    assert (await world.jitsi.reserve(person.room)).status_code == 200
    await world.served.sq("PATCH", f"/{made['id']}", json={"status": "scheduled"})
    with pytest.raises(Refused, match="not open"):
        await world.jitsi.join(person)
    await world.served.sq("POST", f"/{made['id']}/cancel")
    assert (await world.jitsi.reserve(person.room)).status_code == 403
    for name in (person.room[:-1] + "_", "1-999999-abc", "999-1-abc", "lobby", "1-1-" + "x" * 64):
        refused = await world.jitsi.reserve(name)
        assert (refused.status_code, refused.json()) == (404, {"message": "This room is not open now."})


async def test_links_open_and_close_with_the_window(world: World) -> None:
    at = world.clock.now + timedelta(days=1)
    made = await world.book(appointment_at=at.isoformat())
    assert "opens on" in (await world.agent(made)).text
    assert "You are early" in (await world.claimant(made)).text
    await world.claimant(made, "POST")
    assert (await world.again(made))["status"] == "scheduled"
    before, world.clock.now = world.clock.now, at + (30 + 60) * MINUTE
    try:
        for answer in (await world.agent(made), await world.claimant(made)):
            assert answer.status_code == 410
        await world.claimant(made, "POST")
        # The client's token has ended by then, so the store is asked.
        assert (await world.served.parts.store.read(1, ById((number_of(made),)))).row.status == "scheduled"
    finally:
        world.clock.now = before


@pytest.mark.clause("SQ-LIFE-secret")
async def test_a_link_that_is_not_quite_right_leads_nowhere_whatever_is_wrong(world: World) -> None:
    made = await world.book()
    room, summary = urlsplit(made["meeting"]["room_url"]).path, made["url"]
    head, _dash, secret = room.rpartition("/")[2].partition("-")
    other = "A" if secret[-1] != "A" else "B"
    wrong = [
        f"/agent-web/room/{head}-{secret[:-1]}{other}",
        f"/agent-web/room/{head}-{secret[:-1]}",
        f"/agent-web/room/999-{secret}",
        "/agent-web/room/1-999999-" + "x" * 22,
        "/agent-web/room/nothing",
        # The claimant's key opens no agent's link.
        "/agent-web/room/" + summary.rpartition("key=")[2],
        summary.replace("reference=", "reference=x"),
        summary.partition("&key=")[0],
        summary[:-1],
        summary.rpartition("key=")[0] + "key=" + room.rpartition("/")[2],
        "/client-web/schedule/pre-call/summary",
    ]
    answers = [await world.open(url) for url in wrong]
    plain, pages = answers[:6], answers[6:]
    for kind in (plain, pages):
        assert {(answer.status_code, answer.text) for answer in kind} == {(404, kind[0].text)}
    for url in wrong[6:]:
        assert (await world.open(url, "POST")).status_code == 404
    assert (await world.again(made))["status"] == "scheduled"


async def test_pages_say_nothing_personal_and_are_kept_by_nobody(world: World) -> None:
    made = await world.book()
    agent, claimant, wrong = (
        await world.agent(made),
        await world.claimant(made),
        await world.open(made["url"].partition("&key=")[0]),
    )
    for answer in (agent, wrong):
        for personal in ("Jane", "Roe", "jane@", made["reference"], made["id"]):
            assert personal not in answer.text
    assert "jane@" not in claimant.text
    assert "Jane" not in claimant.text.partition("</head>")[0]
    for answer in (agent, claimant, wrong):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_switch_that_is_changed_counts_from_the_next_opening(world: World) -> None:
    made, agent = await seen(world)
    assert agent.claims["context"]["features"]["screen-sharing"] is True
    await world.served.sq("PATCH", f"/{made['id']}", json={"features_screen_sharing_enable": False})
    person = opened(led_to(await world.agent(made)), world.clock())
    assert person.claims["context"]["features"]["screen-sharing"] is False
    assert "desktop" not in person.config["toolbarButtons"]


async def test_a_private_appointment_is_moved_as_any_other(world: World) -> None:
    made = await world.book()
    number = number_of(made)
    await world.served.so("PATCH", f"Appointment/{number}", json={"Private": "PrivateUser"})
    await world.claimant(made, "POST")
    row = (await world.served.parts.store.read(1, ById((number,)))).row
    assert (row.privacy, row.status) == ("owner", "waiting")


DOORS = (
    ("POST", "conference"),
    ("DELETE", "conference/1-1-a"),
    ("POST", "events/room/created"),
    ("POST", "events/room/destroyed"),
    ("POST", "events/occupant/joined"),
    ("POST", "events/occupant/left"),
)


@pytest.mark.parametrize("role", ["interpreter", "guest"])
async def test_who_is_asked_to_join_comes_in_once_the_call_has_begun(world: World, role: str) -> None:
    made = await world.book()
    row = (await world.served.parts.store.read(1, ById((number_of(made),)))).row
    url = invited_url(row.meeting, role, 1, row.id, str(world.served.client.base_url))
    await world.claimant(made, "POST")
    page = await world.open(url)
    assert (page.status_code, page.headers["refresh"]) == (200, "5")
    assert "has not begun" in page.text
    agent = await world.enter(await world.agent(made))
    person = await world.enter(await world.open(url))
    user = person.claims["context"]["user"]
    assert (user["id"], user["moderator"], user["affiliation"]) == (role, "false", "member")
    assert person.claims["context"]["features"]["recording"] is False
    for other in ("agent", "claimant", "guest" if role == "interpreter" else "interpreter"):
        assert (await world.open(url.replace(f"/{role}/", f"/{other}/"))).status_code == 404
    assert (await world.open(url.replace(f"/join/{role}/", "/room/"))).status_code == 404
    claimant = await world.enter(await world.claimant(made))
    for one in (claimant, person, agent):
        await world.jitsi.leave(one)
    assert (await world.again(made))["status"] == "complete"
    assert (await world.open(url)).status_code == 410


@pytest.mark.parametrize(("method", "path"), DOORS)
@pytest.mark.parametrize(
    "given", [None, "Bearer", "Bearer x", f"Basic {DOOR_SECRET}", f"Bearer {APP_SECRET}"], ids=range(5)
)
async def test_only_the_meeting_server_comes_through_its_door(
    world: World, method: str, path: str, given: str | None
) -> None:
    headers = {"Authorization": given} if given else {}
    answer = await world.served.client.request(method, f"/meeting-server/{path}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("conference", b"", 400),
        ("conference", b"name=", 400),
        ("conference", b"name=" + b"x" * 256, 400),
        ("conference", b"name=%ff", 400),
        ("conference", b"a=b&" * 300, 400),
        ("conference", b"name=" + b"x" * 1_048_576, 413),
        ("events/occupant/joined", b"", 400),
        ("events/occupant/joined", b"{", 400),
        ("events/occupant/joined", b"[]", 400),
        ("events/occupant/joined", b"{}", 400),
        ("events/occupant/joined", b'{"room_name":"1-1-a"}', 400),
        ("events/occupant/joined", b'{"room_name":5,"occupant":{}}', 400),
        ("events/occupant/joined", b'{"room_name":"1-1-a","occupant":{"id":"agent","joined_at":1e99}}', 400),
        ("events/occupant/joined", b'{"room_name":"1-1-a","occupant":{"id":"agent"}}', 404),
        ("events/occupant/joined", b'{"room_name":"a","room_name":"b","occupant":{}}', 400),
        ("events/room/destroyed", b'{"room_name":"1-1-a","all_occupants":{}}', 400),
        ("events/room/destroyed", b'{"room_name":"' + b"x" * 1_048_576 + b'"}', 413),
    ],
    ids=range(17),
)
async def test_what_cannot_be_read_is_refused(world: World, path: str, content: bytes, status: int) -> None:
    answer = await world.served.client.post(
        f"/meeting-server/{path}", content=content, headers=world.jitsi.headers
    )
    assert answer.status_code == status, answer.text


async def test_without_a_server_links_say_so_and_the_door_is_shut(tmp_path: Path) -> None:
    async with serving(tmp_path, "sqlite:", clock=(clock := MovingClock())) as served:
        world = World(served, clock)
        made = await world.book()
        await world.claimant(made, "POST")
        answer = await world.agent(made)
        assert answer.status_code == 404
        assert "no video meetings" in answer.text
        assert (await world.jitsi.reserve("1-1-a")).status_code == 401


@pytest.mark.clause("SQ-MEET-plain")
async def test_any_other_server_is_reached_by_its_address(tmp_path: Path) -> None:
    other = {"meetings_provider": "url", "meetings_url": "https://video.example/{room}"}
    async with serving(tmp_path, "sqlite:", other, clock=(clock := MovingClock())) as served:
        world = World(served, clock)
        made = await world.book()
        await world.claimant(made, "POST")
        claimant = await world.claimant(made)
        assert "frame-src https://video.example;" in claimant.headers["content-security-policy"]
        (address,) = {led_to(answer) for answer in (await world.agent(made), claimant)}
        assert address.startswith(f"https://video.example/1-{number_of(made)}-")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"meetings_url": ""}, "needs meetings_url"),
        ({"meetings_app_secret_file": ""}, "needs meetings_app_secret_file"),
        ({"meetings_app_secret_file": "{folder}/none"}, "cannot be read"),
        ({"meetings_door_secret_file": "{folder}/short"}, "32 bytes or more"),
        ({"meetings_provider": "url"}, "{room}"),
        ({"meetings_url": "https://meet.example/?room="}, "ends where"),
    ],
    ids=range(6),
)
async def test_settings_that_do_not_fit_are_named_at_the_start(
    tmp_path: Path, more: dict[str, str], said: str
) -> None:
    (tmp_path / "short").write_text("short")
    more = {name: value.replace("{folder}", str(tmp_path)) for name, value in more.items()}
    settings = Settings(data=str(tmp_path), **(settings_of(tmp_path) | more))
    with pytest.raises(CannotStart, match=said):
        assemble(settings)


def number_of(made: dict[str, Any]) -> int:
    """Give the number of an appointment, which stands in its agents' link."""
    return int(made["meeting"]["room_url"].rpartition("/")[2].split("-")[1])


async def test_colleagues_meet_in_a_reserved_room_without_waiting_for_anybody(world: World) -> None:
    agent = "Agents/Appointment"
    state = f"{agent}/GetVideoMeetingConnectedState"
    assert (await world.served.so("POST", state)).json()["IsConnected"] is True
    client = await world.served.client.post(f"/api/v1/{state}", headers=world.served.bearer)
    assert client.json()["IsConnected"] is False
    room = (await world.served.so("POST", f"{agent}/CreateVideoMeetingReservation")).json()
    begins = world.clock.now + 40 * MINUTE
    body = {
        "Title": "Among us",
        "StartDate": begins.isoformat(),
        "EndDate": (begins + 30 * MINUTE).isoformat(),
        "JoinVideomeetUrl": room["VideoMeetingUrl"],
        "CentralserviceVideomeetId": room["VideoMeetingId"],
    }
    made = (await world.served.so("POST", "Appointment", json=body)).json()
    for url in (room["VideoMeetingUrl"], made["JoinVideomeetUrl"]):
        assert "Too early" in (await world.open(urlsplit(url).path)).text
    world.clock.now += 20 * MINUTE
    for url in (room["VideoMeetingUrl"], made["JoinVideomeetUrl"]):
        await world.enter(await world.open(urlsplit(url).path))
