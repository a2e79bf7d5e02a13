"""The claimant's page by plain HTTP: what it says when, what its buttons do, and whom it does not let in."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from appointed.app.console import pages
from appointed.console.claimants.lines import Lines
from appointed.console.claimants.shown import State
from appointed.console.claimants.shown import state_of as state
from appointed.console.claimants.telling import LINE_SECONDS, Telling
from appointed.domain.directory import WaitingArea
from appointed.domain.hours import DAY_MINUTES, Opening
from appointed.domain.status import Status
from appointed.usecases.administer_protection import SetTenant
from appointed.usecases.live import Again, Topic
from appointed.usecases.meetings import Visit
from tests.console.claimants_office import Office, title
from tests.console.test_lines import moved
from tests.contracts.test_meetings import MINUTE, led_to, number_of
from tests.meetings.fake_jitsi import opened
from tests.work import calls

LANGUAGES = pages().languages
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_each_state_has_its_page(office: Office) -> None:
    made = await office.book()
    seen = []
    for step in ({}, {"status": "waiting"}, {"status": "being_seen"}, {"status": "complete"}):
        if step:
            await office.patch(made, **step)
        seen.append((title(answer := await office.get(made)), answer.status_code))
    assert seen == [
        ("Your video appointment", 200),
        ("You are in the waiting area", 200),
        ("Your meeting", 200),
        ("Thank you, your appointment is over", 200),
    ]


async def test_the_page_of_who_waits_takes_little_work(office: Office) -> None:
    made = await office.book()
    await office.post(made)
    # The first to look has the page's template read.
    await office.get(made)
    with calls() as work:
        assert title(await office.get(made)) == "You are in the waiting area"
    assert work.number <= 20_000


@pytest.mark.clause("SQ-LIFE-closed")
@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("cancelled", "Your appointment was cancelled"),
        ("no_show", "We missed you"),
        ("complete", "Thank you, your appointment is over"),
    ],
)
async def test_how_it_ended_is_told_until_the_link_expires(office: Office, status: str, said: str) -> None:
    made = await office.book()
    await office.patch(made, status=status)
    page = await office.get(made)
    assert (title(page), "<iframe" in page.text) == (said, False)
    office.clock.now += 2 * timedelta(hours=1)
    try:
        answer = await office.get(made)
    finally:
        office.clock.now -= 2 * timedelta(hours=1)
    assert (answer.status_code, title(answer)) == (410, "This link has expired")
    assert "Jane" not in answer.text


async def test_the_late_are_told_that_they_can_still_join(office: Office) -> None:
    made = await office.book(minutes=-5)
    await office.patch(made, status="late")
    assert "You can still join" in (await office.get(made)).text
    await office.post(made)
    assert await office.status(made) == "waiting"


async def test_a_link_opens_when_it_says(office: Office) -> None:
    made = await office.book(minutes=90)
    page = await office.get(made, "&zone=Europe/London")
    opens = (office.clock.now + 60 * MINUTE).astimezone(ZoneInfo("Europe/London"))
    assert (
        f"You can come in from {opens:%A} {opens.day} {opens:%B} {opens.year} at {opens:%H:%M}" in page.text
    )
    assert 'data-opens-in="3600"' in page.text
    assert "I am here" not in (await office.get(made, "&step=check")).text
    await office.post(made)
    assert await office.status(made) == "scheduled"


async def test_who_waits_and_gets_another_time_is_told_so(office: Office) -> None:
    made = await office.book()
    await office.post(made)
    hidden = re.compile(r'id="moved"[^>]* hidden>')
    assert hidden.search((await office.get(made)).text)
    at = office.clock.now + 3 * 24 * 60 * MINUTE
    await office.patch(made, appointment_at=at.isoformat())
    assert await office.status(made) == "waiting"
    page = (await office.get(made, "&zone=Europe/London")).text
    at = at.astimezone(ZoneInfo("Europe/London"))
    assert not hidden.search(page)
    assert f"The new time is {at:%A} {at.day} {at:%B} {at.year}, {at:%H:%M} to " in page
    assert hidden.search((await office.get(await office.book(minutes=90))).text), "early, and nothing changed"


async def test_times_are_told_in_the_claimants_zone_and_language(office: Office) -> None:
    made = await office.book(appointment_at="2027-07-01T23:30:00Z")
    english = await office.get(made, "&zone=Europe/London")
    assert "Friday 2 July 2027" in english.text
    assert "00:30 to 01:00" in english.text
    welsh = await office.get(made, "&zone=America/New_York&lang=cy")
    assert '<html lang="cy">' in welsh.text
    assert "Dydd Iau 1 Gorffennaf 2027" in welsh.text
    assert "19:30 tan 20:00" in welsh.text
    by_browser = await office.get(made, **{"Accept-Language": "cy-GB,en;q=0.8"})
    assert "Eich apwyntiad fideo" in by_browser.text
    # Whatever else stands there is the tenant's own zone.
    for zone in ("Europe", "../../etc/passwd", "Nowhere/At_All", ""):
        assert "Europe/Oslo" in (await office.get(made, f"&zone={zone}")).text


async def test_the_switch_of_languages_keeps_link_and_zone(office: Office) -> None:
    made = await office.book()
    page = await office.get(made, "&zone=Europe/London&step=check")
    found = re.search(r'<a href="(\?[^"]*)" lang="cy"', page.text)
    assert found
    welsh = await office.served.client.get(urlsplit(made["url"]).path + html.unescape(found[1]))
    assert "Gwirio eich camera" in welsh.text


@pytest.mark.clause("SQ-MEET-recording")
async def test_recording_needs_an_answer_and_a_yes(office: Office) -> None:
    made = await office.book(features_call_recording_enable=True)
    assert "May this call be recorded?" in (await office.get(made, "&step=check")).text
    refused = await office.post(made)
    assert (refused.status_code, "Please choose yes or no." in refused.text) == (422, True)
    assert await office.status(made) == "scheduled"

    assert (await office.post(made, data={"do": "arrive", "consent": "no"})).status_code == 303
    assert (await office.row(made)).recording_consent is False
    assert await office.status(made) == "waiting"
    assert "not recorded" in (await office.get(made)).text
    assert not await recording_of_the_agent(office, made)

    await office.post(made, data={"do": "consent", "consent": "yes"})
    assert (await office.row(made)).recording_consent is True
    assert await recording_of_the_agent(office, made)
    history = await office.served.parts.store.history(1, number_of(made))
    assert [event.door for event in history[1:]] == ["meetings"] * 3


async def test_an_answer_that_comes_too_late_is_not_kept(office: Office) -> None:
    made = await office.book(features_call_recording_enable=True)
    await office.patch(made, status="complete")
    await office.post(made, data={"do": "consent", "consent": "yes"})
    assert (await office.row(made)).recording_consent is None


async def recording_of_the_agent(office: Office, made: dict[str, Any]) -> bool:
    answer = await office.served.client.get(made["meeting"]["room_url"])
    person = opened(led_to(answer), office.clock())
    return bool(person.claims["context"]["features"]["recording"])


async def test_recording_that_begins_in_the_call_is_asked_for_there(office: Office) -> None:
    made = await office.book()
    await office.patch(made, status="being_seen")
    assert (await office.state(made))["asks_consent"] is False
    await office.patch(made, features_call_recording_enable=True)
    assert (await office.state(made))["asks_consent"] is True
    await office.post(made, data={"do": "consent", "consent": "no"})
    assert (await office.state(made))["asks_consent"] is False


async def test_switches_that_change_in_a_call_reach_the_page(office: Office) -> None:
    made = await office.book()
    await office.patch(made, status="being_seen")
    first = (await office.state(made))["meeting"]
    assert "participants-pane" in first["live"]["toolbarButtons"]
    await office.patch(made, features_participant_list_enable=False)
    second = (await office.state(made))["meeting"]
    assert "participants-pane" not in second["live"]["toolbarButtons"]
    assert second["live"]["participantsPane"]["hideMuteAllButton"] is True
    assert (first["joining"], first["digest"]) != (second["joining"], second["digest"])
    assert first["joining"] == second["joining"]
    # What the token allows counts from the next entering on.
    await office.patch(made, features_screen_sharing_enable=False)
    assert (await office.state(made))["meeting"]["joining"] != second["joining"]


async def test_the_meeting_is_framed_and_nothing_else_may_be(office: Office) -> None:
    made = await office.book()
    await office.patch(made, status="being_seen")
    page = await office.get(made)
    assert led_to(page).startswith("https://meet.example/")
    assert "frame-src https://meet.example;" in page.headers["content-security-policy"]
    assert 'camera=(self "https://meet.example")' in page.headers["permissions-policy"]
    waiting = await office.book()
    assert "frame-src 'none'" in (await office.get(waiting)).headers["content-security-policy"]


async def test_places_follow_the_order_of_the_appointments(office: Office) -> None:
    second, first = await office.book(minutes=12), await office.book(minutes=11)
    elsewhere = await office.book(minutes=1, department_id=2)
    for made in (second, elsewhere, first):
        await office.post(made)
    places = [(await office.state(made))["place"] for made in (first, second, elsewhere)]
    assert places[1] == places[0] + 1
    await office.patch(first, status="being_seen")
    assert (await office.state(second))["place"] == places[0]
    assert (await office.state(first))["place"] == 0


URL = "https://survey.example.com/after?x=1"


async def ended(office: Office, **more: Any) -> dict[str, Any]:
    switched = {"use_custom_post_call_redirect": True, "custom_user_post_call_redirect_url": URL}
    made = await office.book(**(switched | more))
    await office.patch(made, status="complete")
    return made


@pytest.mark.clause("SQ-LIFE-claimant-goes")
async def test_people_are_asked_before_they_leave_for_a_site_nobody_listed(office: Office) -> None:
    page = await office.get(await ended(office))
    assert page.status_code == 200
    assert f'href="{URL}"' in page.text
    assert "Go on to survey.example.com" in page.text
    unused = await office.book(custom_user_post_call_redirect_url=URL)
    await office.patch(unused, status="complete")
    assert URL not in (await office.get(unused)).text
    cancelled = await office.book(use_custom_post_call_redirect=True, custom_user_post_call_redirect_url=URL)
    await office.patch(cancelled, status="cancelled")
    assert URL not in (await office.get(cancelled)).text


@pytest.mark.clause("SQ-LIFE-claimant-goes")
async def test_to_a_listed_host_they_are_led_at_once_and_to_no_other(office: Office) -> None:
    made = await ended(office)
    administrator = office.served.parts.administrator
    for hosts, location in ((("survey.example.com",), URL), (("other.example.com",), None)):
        await administrator.run(SetTenant(tenant_id=1, redirect_hosts=hosts))
        answer = await office.get(made)
        assert answer.headers.get("location") == location
        assert (URL in answer.text) is False
    await administrator.run(SetTenant(tenant_id=1, redirect_hosts=("опрос.example.com",)))
    foreign = await ended(office, custom_user_post_call_redirect_url="https://опрос.example.com/конец?x=ö")
    location = (await office.get(foreign)).headers["location"]
    assert unquote(location) == "https://опрос.example.com/конец?x=ö"
    assert location.isascii()
    await administrator.run(SetTenant(tenant_id=1, redirect_hosts=()))
    assert URL in (await office.get(made)).text


async def test_only_the_text_of_the_department_tells_where_help_is(office: Office) -> None:
    made = await office.book()
    assert "Need help?" in (page := (await office.get(made)).text)
    assert made["reference"] in page
    store = office.served.parts.store
    department = (await store.directory(1)).departments[1]
    await store.put_records(1, [replace(department, support_text="Call 0800 1 <2>\nWeekdays")])
    try:
        page = (await office.get(made)).text
    finally:
        await store.put_records(1, [department])
    assert "Call 0800 1 &lt;2&gt;\nWeekdays" in page


async def test_who_waits_reads_what_the_waiting_area_says(office: Office) -> None:
    made = await office.book(department_id=2)
    await office.post(made)
    area = WaitingArea(
        id=1, department_id=2, name="Hall", welcome_text="Welcome <in>", message="Bring your card"
    )
    await office.served.parts.store.put_records(1, [area])
    page = (await office.get(made)).text
    assert "Welcome &lt;in&gt;" in page
    assert "Bring your card" in page


@pytest.mark.clause("SQ-AREA-hours")
async def test_who_waits_reads_when_the_waiting_area_is_open(office: Office) -> None:
    made = await office.book(department_id=2)
    assert "Opening hours" not in (await office.get(made)).text
    await office.post(made)
    zone = (await office.served.parts.store.directory(1)).zone
    now = office.clock.now.astimezone(zone)
    minute = now.hour * 60 + now.minute
    closed = "If nobody comes at this time"

    async def told(*openings: tuple[int, int]) -> tuple[list[str], bool]:
        hours = tuple(Opening(now.weekday(), *span) for span in openings)
        area = WaitingArea(id=1, department_id=2, name="Hall", opening_hours=hours)
        await office.served.parts.store.put_records(1, [area])
        page = (await office.get(made, "&zone=" + zone.key)).text
        return re.findall(
            r"(Opening hours today: .*?\.|There are no opening hours today\.)", page
        ), closed in page

    around = (max(0, minute - 1), min(DAY_MINUTES, minute + 2))
    shown = "{:02}:{:02} to {:02}:{:02}".format(*divmod(around[0], 60), *divmod(around[1] % DAY_MINUTES, 60))
    assert await told(around) == ([f"Opening hours today: {shown}."], False)
    assert await told() == (["There are no opening hours today."], True)
    elsewhere = (0, 60) if minute >= 60 else (120, 180)
    (found,), is_closed = await told(elsewhere)
    assert (found.startswith("Opening hours today: 0"), is_closed) == (True, True)


async def test_who_shut_the_page_keeps_no_place_past_the_end_of_the_call(office: Office) -> None:
    began = office.clock.now
    gone = await office.book(minutes=2, department_id=2)
    here = await office.book(minutes=100, department_id=2)
    await office.post(gone)
    try:
        # It ends after 32 minutes, and its room closes 60 minutes later.
        office.clock.now += 91 * MINUTE
        await office.post(here)
        place = (await office.state(here))["place"]
        office.clock.now += MINUTE
        assert (await office.state(here))["place"] == place - 1 > 0
        assert await office.status(gone) == "waiting"
    finally:
        office.clock.now = began


async def test_a_waiting_area_opens_when_it_says(office: Office) -> None:
    made = await office.book(minutes=100, department_id=2)
    area = WaitingArea(id=1, department_id=2, name="Hall", opens_before_minutes=90)
    await office.served.parts.store.put_records(1, [area])
    assert 'data-opens-in="600"' in (await office.get(made)).text
    await office.post(made)
    assert await office.status(made) == "scheduled"
    await office.served.parts.store.put_records(1, [replace(area, opens_before_minutes=120)])
    await office.post(made)
    assert await office.status(made) == "waiting"


async def test_a_page_that_is_open_is_told_of_its_own_appointment_and_its_place_alone(office: Office) -> None:
    first, mine = await office.book(minutes=8), await office.book(minutes=9)
    for made in (first, mine):
        await office.post(made)
    calls = office.served.parts.meetings.calls
    number, key = number_of(mine), urlsplit(mine["url"]).query.partition("key=")[2]
    line = [number_of(first), number]
    readings = 0

    async def line_of(_tenant: int, _department: int) -> tuple[int, ...]:
        nonlocal readings
        readings += 1
        return tuple(line)

    lines = Lines(line_of)

    async def state_of(visit: Visit) -> State:
        place = await lines.place(1, 1, number)
        return state(visit, place, LANGUAGES.by_code["en"], ZoneInfo("UTC"))

    telling = Telling(key, calls, state_of, lines)
    (begun,) = await telling.first()
    assert msgspec.json.decode(begun.data)["place"] == 2
    assert telling.topic == Topic(
        tenant_id=1,
        appointment_ids=frozenset({number}),
        department_ids=frozenset({1}),
        patience=LINE_SECONDS,
    )
    # Nobody's place follows from whoever does not wait.
    assert list(await telling.render((moved(99, Status.SCHEDULED),))) == []
    assert readings == 1
    left = moved(line.pop(0), Status.BEING_SEEN)
    (told,) = await telling.render((left,))
    assert await telling.may_hear()
    assert msgspec.json.decode(told.data)["place"] == 1
    assert str(left.appointment_id) not in told.data
    assert list(await telling.render((left,))) == []
    # Another page has read the line before this one hears of the change.
    line.insert(0, 8)
    await lines.place(1, 1, 8)
    (told,) = await telling.render((moved(99, Status.SCHEDULED),))
    assert msgspec.json.decode(told.data)["place"] == 2
    await office.patch(mine, department_id=2)
    (elsewhere,) = await telling.render((Again("10"),))
    assert msgspec.json.decode(elsewhere.data)["page"] == ""
    # From then on this stream tells nothing: its link may not even open any more.
    assert not await telling.may_hear()
    assert list(await telling.render((moved(8, Status.WAITING),))) == []
    assert list(await telling.render((Again("11"),))) == []


async def test_who_tries_many_links_and_who_opens_one_too_often_waits(office: Office) -> None:
    made, other = await office.book(), await office.book()
    wrong = made["url"][:-1] + ("A" if made["url"][-1] != "A" else "B")
    office.clock.now += timedelta(minutes=2)
    answers = [(await office.served.client.get(wrong)).status_code for _ in range(31)]
    assert answers == [404] * 30 + [429]
    refused = await office.get(made)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    office.clock.now += timedelta(minutes=2)
    answers = [(await office.get(made)).status_code for _ in range(241)]
    assert answers == [200] * 240 + [429]
    assert (await office.get(other)).status_code == 200


async def test_a_link_of_an_agent_that_is_opened_too_often_waits_and_no_other(office: Office) -> None:
    rooms = [(await office.book())["meeting"]["room_url"] for _ in range(2)]
    office.clock.now += timedelta(minutes=2)
    answers = [(await office.served.client.get(rooms[0])).status_code for _ in range(241)]
    assert answers == [200] * 240 + [429]
    assert (await office.served.client.get(rooms[1])).status_code == 200
    told = await office.served.client.get(rooms[0] + "/live")
    assert (told.status_code, told.headers["appointed-error"]) == (429, "too_many_attempts")


async def test_no_address_carries_anything_personal(office: Office) -> None:
    made = await office.book()
    for step in ("", "&step=check"):
        page = (await office.get(made, step)).text
        addresses = re.findall('(?:href|src|action)="([^"]*)"', page)
        assert any("key=" in address for address in addresses)
        assert not [address for address in addresses if "jane" in address.casefold()]
