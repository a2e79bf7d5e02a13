"""What claimants live through, in a real browser with a camera and a microphone that are played."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser import Watched, chromium, watched
from tests.console.accessibility import DESK, PHONE, demand_accessible, picture
from tests.console.claimant_forms import press
from tests.console.fake_meeting import fake_meeting
from tests.contracts.test_meetings import settings_of
from tests.running import Running, free_port, running

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

# A busy machine takes its time.
expect.set_options(timeout=20_000)

DEVICES = ("--use-fake-device-for-media-stream",)
ALLOWED = ["camera", "microphone"]
FIRST_VIEW = 100_000


@dataclass
class Office:
    """The office's side: its server, its booking system and an agent."""

    server: Running
    client: httpx.Client
    meeting: str

    def book(self, **more: Any) -> dict[str, Any]:
        body = {
            "appointment_at": (datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
            "duration_in_minutes": 30,
            "claimant": {"name": "Jane Roe", "email": "jane@example.com"},
        } | more
        answer = self.client.post("/api/v1/appointments", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    def patch(self, made: dict[str, Any], **members: Any) -> None:
        answer = self.client.patch(f"/api/v1/appointments/{made['id']}", json=members)
        assert answer.status_code == 200, answer.text

    def status(self, made: dict[str, Any]) -> str:
        return self.client.get(f"/api/v1/appointments/{made['id']}").json()["data"]["status"]

    def tell(self, made: dict[str, Any], text: str) -> None:
        """Write a message as an agent does."""
        with httpx.Client(base_url=self.server.url) as agent:
            agent.post("/login", json={"username": "demo", "password": "demo"})
            form = {"message": text, "token": agent.cookies["XSRF-TOKEN"]}
            answer = agent.post(f"/agent-web/appointments/{made['id']}/message", data=form)
            assert answer.status_code == 303, answer.text

    @property
    def host(self) -> str:
        return urlsplit(self.server.url).netloc


def client_of(server: Running) -> httpx.Client:
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(f"{server.url}/oauth2/token", data=form, auth=("demo", "demo"))
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}", "Accept": "application/json"}
    return httpx.Client(base_url=server.url, headers=headers)


def settings(folder: Path, meeting: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    given = settings_of(folder, meetings_url=meeting)
    return {f"APPOINTED_{name.upper()}": value for name, value in given.items()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("claimants")
    with (
        fake_meeting() as meeting,
        running(folder, **settings(folder, meeting)) as server,
        client_of(server) as client,
    ):
        yield Office(server, client, meeting)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(*DEVICES) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Watched]:
    """A phone whose owner allows camera and microphone."""
    async with watched(browser, viewport=PHONE, permissions=ALLOWED, timezone_id="Europe/Oslo") as opened:
        yield opened


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


async def said(page: Page, part: str, text: str | re.Pattern[str]) -> None:
    """Wait until one part of the check says something; what it might say stands there, hidden."""
    await expect(page.locator(f"#{part} p:visible").filter(has_text=text)).to_be_visible()


async def arrived(page: Page, office: Office, **more: Any) -> dict[str, Any]:
    """Book, open the link and go to the waiting area."""
    made = office.book(**more)
    await page.goto(made["url"] + "&step=check")
    await button(page, "I am here").click()
    await expect(page).to_have_title("You are in the waiting area")
    return made


async def looked_at(tab: Watched, name: str) -> None:
    await demand_accessible(tab.page)
    await picture(tab.page, f"claimant-{name}")


async def test_from_the_link_to_the_goodbye(tab: Watched, office: Office) -> None:
    page, made = tab.page, office.book()
    sizes: list[int] = []

    async def weigh(request: Any) -> None:
        size = await request.sizes()
        sizes.append(size["responseBodySize"] + size["responseHeadersSize"])

    page.on("requestfinished", weigh)
    await page.goto(made["url"])
    await page.wait_for_load_state("load")
    await expect(page.get_by_text("Jane Roe")).to_be_visible()
    assert sum(sizes) <= FIRST_VIEW, sizes
    await looked_at(tab, "summary")

    await page.get_by_role("link", name="Continue").click()
    await button(page, "Start the check").click()
    await said(page, "camera", "This is how others will see you.")
    await said(page, "microphone", "We can hear you.")
    # On a busy machine it may be slow.
    await said(page, "connection", re.compile("^Your connection is (good|slow)"))
    await button(page, "Play a tone").click()
    await button(page, "Yes, I heard it").click()
    await said(page, "speaker", "This is where you will hear the others.")
    await looked_at(tab, "check")

    await button(page, "I am here").click()
    await expect(page).to_have_title("You are in the waiting area")
    assert office.status(made) == "waiting"
    # The demo's own claimant waits for an appointment that is before or after this one.
    await expect(page.locator(".place p:visible")).to_have_text(
        re.compile("You are next.|Number 2 in the queue")
    )
    office.tell(made, "We are <b>five</b> minutes late.\nSorry!")
    await expect(page.locator("#messages li")).to_have_count(1)
    await expect(page.locator("#messages li")).to_contain_text("We are <b>five</b> minutes late.")
    office.tell(made, "Nearly there.")
    await expect(page.locator("#messages p[dir=auto]")).to_have_count(2)
    await looked_at(tab, "waiting")

    office.patch(made, status="being_seen")
    await expect(page).to_have_title("Your meeting")
    frame = page.frame_locator("#meeting")
    await expect(frame.locator("#room")).to_contain_text("with a token")
    await looked_at(tab, "call")
    office.patch(made, features_participant_list_enable=False)
    await expect(frame.locator("#told")).to_contain_text("hangup")
    await expect(frame.locator("#told")).not_to_contain_text("participants-pane")
    await expect(page.get_by_text("The office has changed what can be used")).to_be_visible()
    await frame.locator("#hangup").click()
    await expect(page.get_by_role("heading", name="You have left the meeting")).to_be_focused()
    await looked_at(tab, "call-left")
    await page.get_by_role("link", name="Join again").click()
    await expect(page.frame_locator("#meeting").locator("#room")).to_contain_text("In ")
    office.patch(made, status="complete")
    await expect(page).to_have_title("Thank you, your appointment is over")
    await looked_at(tab, "over")
    assert tab.errors == []
    assert await tab.violations() == []
    assert tab.hosts - {""} == {office.host, urlsplit(office.meeting).netloc}


async def test_a_device_that_is_refused_is_explained_and_no_hindrance(
    browser: Browser, office: Office
) -> None:
    made = office.book()
    async with watched(browser, viewport=DESK, timezone_id="Europe/Oslo") as tab:
        page = tab.page
        await page.goto(made["url"] + "&step=check")
        await button(page, "Start the check").click()
        for part in ("camera", "microphone"):
            await said(page, part, "Your browser does not let this page use the")
            await expect(page.locator(f"#{part} .badge:visible")).to_have_text("Problem")
        await looked_at(tab, "refused")
        await button(page, "I am here").click()
        await expect(page).to_have_title("You are in the waiting area")
        assert office.status(made) == "waiting"
        await tab.demand_clean(office.host)


async def test_without_a_camera_one_goes_on(office: Office) -> None:
    made = office.book()
    async with chromium() as bare, watched(bare, permissions=ALLOWED, timezone_id="Europe/Oslo") as tab:
        await tab.page.goto(made["url"] + "&step=check")
        await button(tab.page, "Start the check").click()
        await said(tab.page, "camera", "You can go on without one")
        await said(tab.page, "microphone", "We found no microphone")
        await button(tab.page, "I am here").click()
        await expect(tab.page).to_have_title("You are in the waiting area")


async def test_an_old_page_is_pressed_once_more(tab: Watched, office: Office) -> None:
    page, made = tab.page, office.book(features_call_recording_enable=True)
    await page.goto(made["url"] + "&step=check")
    await page.evaluate("document.querySelector('[name=token]').value = 'of another time'")
    await page.get_by_label("Yes, you may record this call").check()
    await button(page, "I am here").click()
    await expect(page).to_have_title("Please press once more")
    assert office.status(made) == "scheduled"
    await expect(page.get_by_label("Yes, you may record this call")).to_be_checked()
    await looked_at(tab, "again")
    await button(page, "I am here").click()
    await expect(page).to_have_title("You are in the waiting area")
    assert office.status(made) == "waiting"
    assert await tab.violations() == []


async def test_who_waits_hears_of_a_cancellation(tab: Watched, office: Office) -> None:
    made = await arrived(tab.page, office)
    office.patch(made, status="cancelled")
    await expect(tab.page).to_have_title("Your appointment was cancelled")
    await looked_at(tab, "cancelled")
    await tab.demand_clean(office.host)


async def test_the_place_moves_on_while_one_waits(tab: Watched, office: Office) -> None:
    first = office.book(department_id=2)
    press(office.client, first["url"])
    await arrived(
        tab.page,
        office,
        department_id=2,
        appointment_at=(datetime.now(UTC) + timedelta(minutes=15)).isoformat(),
    )
    place = tab.page.locator(".place p:visible")
    await expect(place).to_have_text("Number 2 in the queue")
    office.patch(first, status="being_seen")
    await expect(place).to_have_text("You are next.")


async def test_a_page_that_is_open_shows_another_time(tab: Watched, office: Office) -> None:
    made = office.book(appointment_at="2027-07-01T12:00:00Z")
    await tab.page.goto(made["url"])
    await expect(tab.page.get_by_text("14:00 to 14:30", exact=True)).to_be_visible()
    moved = tab.page.locator("#moved")
    await expect(moved).to_be_hidden()
    office.patch(made, appointment_at="2027-07-01T13:15:00Z")
    await expect(moved).to_have_text(
        "The time of your appointment was changed. The new time is Thursday 1 July 2027, 15:15 to 15:45."
    )
    await expect(tab.page.locator(".facts").get_by_text("15:15 to 15:45", exact=True)).to_be_visible()
    await looked_at(tab, "moved")


async def test_who_leaves_the_waiting_area_can_come_back(tab: Watched, office: Office) -> None:
    made = await arrived(tab.page, office)
    await button(tab.page, "Leave the waiting area").click()
    await expect(tab.page).to_have_title("Your video appointment")
    assert office.status(made) == "scheduled"


async def test_recording_is_asked_for_before_and_during(tab: Watched, office: Office) -> None:
    made = office.book(features_call_recording_enable=True)
    page = tab.page
    await page.goto(made["url"] + "&step=check")
    await page.get_by_label("Yes, you may record this call").check()
    await looked_at(tab, "consent")
    await button(page, "I am here").click()
    await expect(page.get_by_text("You have agreed that this call may be recorded.")).to_be_visible()

    made = await arrived(page, office)
    office.patch(made, status="being_seen")
    await expect(page).to_have_title("Your meeting")
    office.patch(made, features_call_recording_enable=True)
    await expect(page.get_by_text("would like to record this call from now on")).to_be_visible()
    await looked_at(tab, "call-consent")
    await button(page, "No, do not record this call").click()
    await expect(page.locator("#consent")).to_be_hidden()


async def test_a_server_that_is_started_again_finds_who_waits(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    with fake_meeting() as meeting:
        given = settings(tmp_path, meeting)
        async with watched(browser, timezone_id="Europe/Oslo") as tab:
            with running(tmp_path, port=port, **given) as server, client_of(server) as client:
                made = await arrived(tab.page, office := Office(server, client, meeting))
                server.stop()
            await expect(tab.page.locator("#lost")).to_be_visible()
            with running(tmp_path, port=port, **given) as server, client_of(server) as client:
                office = Office(server, client, meeting)
                await expect(tab.page.locator("#lost")).to_be_hidden()
                assert office.status(made) == "waiting"
                office.patch(made, status="being_seen")
                await expect(tab.page).to_have_title("Your meeting")


async def test_the_keyboard_alone_is_enough(tab: Watched, office: Office) -> None:
    page, made = tab.page, office.book(features_call_recording_enable=True)
    await page.goto(made["url"])
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("Skip to the content")).to_be_focused()

    async def tab_to(name: str) -> None:
        for _step in range(30):
            await page.keyboard.press("Tab")
            if (
                await page.evaluate("document.activeElement.innerText || document.activeElement.value")
                == name
            ):
                assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"no way to {name}")

    await tab_to("Continue")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Check your camera and sound")
    await tab_to("Start the check")
    await page.keyboard.press("Enter")
    await expect(button(page, "Check again")).to_be_focused()
    await said(page, "camera", "This is how others will see you.")
    await tab_to("yes")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_label("No, do not record this call")).to_be_checked()
    await tab_to("I am here")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("You are in the waiting area")
    assert office.status(made) == "waiting"


async def test_without_script_the_page_looks_again_by_itself(browser: Browser, office: Office) -> None:
    made = office.book()
    context = await browser.new_context(java_script_enabled=False)
    try:
        page = await context.new_page()
        await page.goto(made["url"])
        await page.get_by_role("link", name="Continue").click()
        assert "This browser runs no scripts" in await page.content()
        await expect(page.locator("#start")).to_be_hidden()
        await button(page, "I am here").click()
        await expect(page).to_have_title("You are in the waiting area")
        shown = await page.content()
        assert "looks again every ten seconds" in shown
        assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in shown
        office.patch(made, status="being_seen")
        await page.reload()
        assert (await page.locator("#meeting").get_attribute("src") or "").startswith(office.meeting)
    finally:
        await context.close()


async def test_a_page_shows_the_time_where_its_reader_is(browser: Browser, office: Office) -> None:
    long = {"name": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "email": "jane@example.com"}
    made = office.book(appointment_at="2027-07-01T12:00:00Z", claimant=long)
    options = {"timezone_id": "America/New_York", "locale": "cy", "viewport": PHONE}
    async with watched(browser, **options) as tab:
        await tab.page.goto(made["url"])
        await expect(tab.page.get_by_text("08:00 tan 08:30", exact=True)).to_be_visible()
        await expect(tab.page.get_by_text("America/New York", exact=True)).to_be_visible()
        await looked_at(tab, "early-welsh")
        wide = await tab.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], "a long word widens no page"
        await tab.page.get_by_role("link", name="English").click()
        await expect(tab.page.get_by_text("08:00 to 08:30", exact=True)).to_be_visible()
        await tab.demand_clean(office.host)


async def test_people_are_led_on_after_a_word(tab: Watched, office: Office) -> None:
    url = "https://survey.example.com/after"
    made = office.book(use_custom_post_call_redirect=True, custom_user_post_call_redirect_url=url)
    office.patch(made, status="complete")
    await tab.page.goto(made["url"])
    link = tab.page.get_by_role("link", name="Go on to survey.example.com")
    assert await link.get_attribute("href") == url
    await looked_at(tab, "onward")


async def test_a_link_that_is_wrong_says_so(tab: Watched, office: Office) -> None:
    made = office.book()
    answer = await tab.page.goto(made["url"][:-1])
    assert answer is not None
    assert answer.status == 404
    await expect(tab.page).to_have_title("This link leads nowhere")
    await looked_at(tab, "unknown")
