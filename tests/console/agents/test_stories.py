"""Stories of agents in a real browser: the board, a call from beginning to end, and what goes wrong."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from appointed.domain.appointment import Appointment
from appointed.domain.call import room_of
from appointed.domain.meeting import Place, agent_url, claimant_url
from tests.browser import chromium
from tests.console.agents.cast import Cast
from tests.console.agents.looks import ALL, LONG_NAME, SOME, WIDTHS, demand_accessible, paths_of, pictured
from tests.console.agents.stage import Stage, on_stage
from tests.console.agents.world import place

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

MINUTE = timedelta(minutes=1)
# Which of several presses at once a page lets go; what a program dispatches goes nowhere.
PRESSED_AT_ONCE = """texts => texts.map(text => {
  const form = document.querySelector("form[action$='/message']");
  form.elements.message.value = text;
  return form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
})"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("stories")
    async with on_stage(folder, background_poll_seconds=0.1, live_poll_seconds=0.05) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def cast(stage: Stage, browser: Browser) -> AsyncIterator[Cast]:
    async with AsyncExitStack() as stack:
        yield Cast(stage, browser, stack)


def card(page: Page, name: str) -> Any:
    """Find somebody on the waiting board."""
    return page.locator(".caller", has_text=name)


async def book(stage: Stage, name: str, minutes: int = 5, **more: Any) -> Appointment:
    return await stage.world.book(minutes, claimant={"name": name, "email": "x@claimant.example"}, **more)


@pytest.mark.clause("SQ-LIFE-alert")
async def test_a_call_from_arrival_to_goodbye(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Happy Path")
    board = await cast.agent()
    await board.get_by_role("button", name="Sound off").click()
    await expect(board.get_by_role("button", name="Sound on")).to_have_attribute("aria-pressed", "true")
    chimes = int(await board.evaluate("document.documentElement.dataset.chimes"))

    claimant = await cast.somebody()
    await claimant.goto(claimant_url(Place(1, row.id, row.link_key), row.reference, stage.url))
    await claimant.get_by_role("link", name="Continue").click()
    await claimant.get_by_role("button", name="I am here").click()
    await expect(claimant.get_by_role("heading", level=1)).to_have_text("You are in the waiting area")
    await expect(card(board, "Happy Path").get_by_text("Waiting", exact=True)).to_be_visible()
    await expect(board.locator("#said")).to_contain_text("arrived in the waiting area")
    assert int(await board.evaluate("document.documentElement.dataset.chimes")) == chimes + 1

    await card(board, "Happy Path").get_by_role("link", name="Happy Path").click()
    await board.get_by_label("Message", exact=True).fill("One moment, please.")
    await board.get_by_role("button", name="Send", exact=True).click()
    await expect(board.get_by_text("The message is sent.")).to_be_visible()
    await expect(claimant.get_by_text("One moment, please.")).to_be_visible()
    await board.get_by_role("button", name="Admit").click()
    await expect(board.get_by_text("The call has begun: the claimant")).to_be_visible()
    assert await cast.status(row) == "being_seen"
    room = board.frame_locator("iframe")
    await expect(room.locator("#role")).to_have_text("Agent")
    await expect(room.locator("#buttons")).to_contain_text("desktop")
    await expect(claimant.frame_locator("iframe").locator("#role")).to_have_text("Claimant")

    stage.world.clock.now += 3 * MINUTE
    await board.get_by_role("button", name="Complete").click()
    await expect(board.get_by_text("The appointment is complete.")).to_be_visible()
    await expect(board.locator("iframe")).to_have_count(0)
    await expect(claimant.get_by_role("heading", level=1)).to_contain_text("your appointment is over")
    now = await stage.world.again(row)
    assert (now.status, now.session_ended_at) == ("complete", stage.world.clock.now)
    await cast.demand_clean()


async def test_who_comes_late_is_called_late_and_still_let_in(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Late Comer", 2)
    board = await cast.agent()
    stage.world.clock.now += 4 * MINUTE
    await expect(card(board, "Late Comer").get_by_text("Late", exact=True)).to_be_visible()
    await cast.arrive(row)
    await expect(card(board, "Late Comer").get_by_text("Waiting", exact=True)).to_be_visible()
    await card(board, "Late Comer").get_by_role("button", name="Admit").click()
    await expect(board.get_by_text("The call has begun: the claimant")).to_be_visible()
    await cast.demand_clean()


async def test_nobody_comes_and_the_clock_says_so(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Never There", 2, duration_in_minutes=5)
    page = await cast.agent(path=place(row))
    await expect(page.locator(".badge").first).to_have_text("Scheduled")
    stage.world.clock.now += 4 * MINUTE
    await expect(page.locator(".badge").first).to_have_text("Late")
    stage.world.clock.now += 20 * MINUTE
    await expect(page.locator(".badge").first).to_have_text("No-show")
    await expect(page.get_by_role("button", name="Start the call")).to_have_count(0)
    await cast.demand_clean()


async def in_a_call(stage: Stage, cast: Cast, name: str) -> tuple[Appointment, Page]:
    row = await book(stage, name)
    await cast.arrive(row)
    page = await cast.agent(path=place(row))
    await page.get_by_role("button", name="Admit").click()
    await expect(page.frame_locator("iframe").locator("#role")).to_have_text("Agent")
    return row, page


async def test_a_switch_that_changes_during_the_call_is_offered_not_forced(stage: Stage, cast: Cast) -> None:
    row, page = await in_a_call(stage, cast, "Switch Over")
    people, number = len(stage.jitsi.people), stage.jitsi.count
    await page.get_by_label("Message", exact=True).fill("Can you hear me?")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("The message is sent.")).to_be_visible()
    await expect(page.locator("#live").get_by_text("Can you hear me?")).to_be_visible()
    await expect(page.get_by_label("Message", exact=True)).to_have_value("")
    # The same words are another message, although the page has stayed.
    await page.get_by_label("Message", exact=True).fill("Can you hear me?")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#live").get_by_text("Can you hear me?")).to_have_count(2)
    await stage.world.patch(row, features_screen_sharing_enable=False)
    await expect(page.get_by_text("The settings of the meeting have changed.")).to_be_visible()
    await expect(page.frame_locator("iframe").locator("#buttons")).not_to_contain_text("desktop")
    assert (len(stage.jitsi.people), stage.jitsi.count) == (people, number), "the call goes on"
    await page.get_by_role("button", name="Join again with the new settings").click()
    await expect(page.frame_locator("iframe").locator("#buttons")).not_to_contain_text("desktop")
    await cast.demand_clean("/leave")


async def until_held(stage: Stage, row: Appointment, *media: str) -> None:
    """Wait until the room moderates these media and no other."""
    async with asyncio.timeout(10):
        while stage.jitsi.moderated.get(room_of(row), set()) != set(media):
            await asyncio.sleep(0.02)


async def test_a_camera_that_is_switched_off_stays_off(stage: Stage, cast: Cast) -> None:
    row, page = await in_a_call(stage, cast, "Camera Off")
    claimant = await cast.somebody()
    await claimant.goto(claimant_url(Place(1, row.id, row.link_key), row.reference, stage.url))
    buttons = claimant.frame_locator("iframe").locator("#buttons")
    await expect(buttons).to_contain_text("camera")
    done = stage.jitsi.done[room_of(row)]
    assert done == [["toggle-moderation", False, "audio"], ["toggle-moderation", False, "video"]]

    await stage.world.patch(row, features_webcam_access_claimant_enable=False)
    await until_held(stage, row, "video")
    # The claimant's page has come in again: were both outside at once, the call would be over.
    await expect(buttons).to_have_text(re.compile("^(?!.*camera).*hangup"))
    assert done[2:] == [["toggle-moderation", True, "video"]]
    await expect(page.get_by_text("The settings of the meeting have changed.")).to_be_hidden()
    await page.frame_locator("iframe").locator("#let-go").click()
    await until_held(stage, row)
    await until_held(stage, row, "video")

    # Another agent comes late, by the link that the booking system has.
    await stage.world.patch(row, features_microphone_access_enable=False)
    await until_held(stage, row, "audio", "video")
    await expect(buttons).to_have_text(re.compile("^(?!.*(?:camera|microphone)).*hangup"))
    await page.goto(f"{stage.url}/agent-web")
    stage.jitsi.moderated[room_of(row)] = set()
    room = await cast.somebody()
    await room.goto(agent_url(row.meeting, 1, row.id, stage.url))
    await until_held(stage, row, "audio", "video")
    await stage.world.patch(
        row, features_webcam_access_claimant_enable=True, features_microphone_access_enable=True
    )
    await until_held(stage, row)
    await expect(buttons).to_contain_text("microphone camera")
    # Nobody but the agent decides when the agent leaves the call, be it to come in again.
    again = room.get_by_role("button", name="Join again with the new settings")
    await expect(again).to_be_visible()
    assert await cast.status(row) == "being_seen"
    await again.click()
    await expect(room.frame_locator("iframe").locator("#buttons")).to_contain_text("microphone camera")
    await room.frame_locator("iframe").locator("#hangup").click()
    await expect(room.get_by_role("heading", name="You have left the meeting")).to_be_focused()
    await stage.world.patch(row, status="complete")
    await expect(room.get_by_role("heading", level=1)).to_have_text("This appointment is over")
    # The last page is answered by 410, which the browser tells of by itself.
    await cast.demand_clean("/leave", "410")


async def test_an_interpreter_joins_by_a_link_of_their_own(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Needs Help", is_interpreter_needed=True, interpreter_language="Cymraeg")
    await cast.arrive(row)
    board = await cast.agent()
    await expect(card(board, "Needs Help").get_by_text("Interpreter needed: Cymraeg")).to_be_visible()
    await card(board, "Needs Help").get_by_role("link").click()
    link = await board.get_by_label("Interpreter’s link").input_value()
    other = await cast.somebody()
    await other.goto(link)
    await expect(other.get_by_role("heading", level=1)).to_be_visible()
    assert "/agent-web/join/interpreter/" in other.url
    await board.get_by_role("button", name="Admit").click()
    await expect(board.frame_locator("iframe").locator("#role")).to_have_text("Agent")
    await other.goto(link)
    await expect(other.locator("#role")).to_have_text("Interpreter")
    await expect(other.locator("#buttons")).not_to_contain_text("mute-everyone")
    assert await cast.status(row) == "being_seen"
    await cast.demand_clean("frame-ancestors")


def names_inside(stage: Stage, row: Appointment) -> set[str]:
    """Name who is in the room of an appointment, as their tokens do; a page that came anew may count twice."""
    inside = [one for one in stage.jitsi.people.values() if one.room == room_of(row)]
    return {one.claims["context"]["user"]["name"] for one in inside}


async def test_the_agents_browser_is_closed_in_the_middle(stage: Stage, cast: Cast) -> None:
    row, page = await in_a_call(stage, cast, "Broken Off")
    claimant = await cast.somebody()
    await claimant.goto(claimant_url(Place(1, row.id, row.link_key), row.reference, stage.url))
    inside = claimant.frame_locator("iframe").locator("#role")
    await expect(inside).to_have_text("Claimant")
    await page.close(run_before_unload=True)
    async with asyncio.timeout(60):
        while names_inside(stage, row) != {"Claimant"}:
            stage.jitsi.left.clear()
            await stage.jitsi.left.wait()
    assert await cast.status(row) == "being_seen", "the claimant is still there: the call did not end"
    cast.tabs.pop(0)
    count = stage.jitsi.count
    again = await cast.agent(path=place(row))
    await expect(again.frame_locator("iframe").locator("#role")).to_have_text("Agent")
    await expect(inside).to_have_text("Claimant")
    assert stage.jitsi.count == count + 1, "the agent alone came in again"
    await again.get_by_role("button", name="Complete").click()
    await expect(again.get_by_text("The appointment is complete.")).to_be_visible()
    await expect(claimant.get_by_role("heading", level=1)).to_contain_text("your appointment is over")
    await cast.demand_clean()


async def test_two_agents_open_the_same_claimant(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Wanted Twice", 0)
    first = await cast.agent("demo", place(row))
    second = await cast.agent("ola", place(row))
    await expect(second.get_by_text("Also has this open: Demo Administrator")).to_be_visible()
    await first.reload()
    await expect(first.get_by_text("Also has this open: Ola Nordmann")).to_be_visible()
    await second.get_by_role("button", name="Mark as late").click()
    await expect(first.locator(".badge").first).to_have_text("Late")
    await expect(first.get_by_role("button", name="Mark as late")).to_have_count(0)
    await cast.demand_clean()


@pytest.mark.clause("SQ-LIFE-clock")
async def test_the_board_counts_how_long_somebody_waits(stage: Stage, cast: Cast) -> None:
    await cast.arrive(row := await book(stage, "Long Wait"))
    page = await cast.agent()
    await page.clock.install()
    await page.goto(f"{stage.url}/agent-web")
    counted = page.locator(f"li:has(#open-{row.id}) [data-since]")
    await expect(counted).to_have_text("under a minute")
    await page.route("**/agent-web/**", lambda route: route.abort())
    for passed, words in (("04:30", "4 min"), ("01:57:00", "2 h 1 min")):
        await page.clock.fast_forward(passed)
        await expect(counted).to_have_text(words)
    assert await page.locator(":is([aria-live], [role=status], [role=alert]) [data-since]").count() == 0


async def test_an_edit_that_was_overtaken_loses_nothing(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Race Course", 300)
    first = await cast.agent("demo", place(row, "/edit"))
    second = await cast.agent("ola", place(row, "/edit"))
    await second.get_by_role("textbox", name="Phone").fill("+44 1")
    await second.get_by_role("button", name="Save").click()
    await expect(second.get_by_text("Saved.")).to_be_visible()
    await first.get_by_role("textbox", name="Name (needed)").fill("Race Winner")
    await first.get_by_role("button", name="Save").click()
    await expect(first.get_by_text("Ola Nordmann changed this appointment")).to_be_visible()
    await expect(first.get_by_role("textbox", name="Name (needed)")).to_have_value("Race Winner")
    await first.screenshot(path=pictured("lost-race"), full_page=True)
    await first.get_by_role("button", name="Save").click()
    await expect(first.get_by_role("heading", level=1)).to_have_text("Race Winner")
    await expect(first.get_by_text("+44 1")).to_be_visible()
    # The browser tells of the 412 by itself.
    await cast.demand_clean("412")


async def test_a_claimant_is_booked_from_the_days_page(stage: Stage, cast: Cast) -> None:
    page = await cast.agent()
    await page.get_by_role("link", name="Book", exact=True).click()
    await page.get_by_label("From day").fill("2031-07-01")
    await page.get_by_label("Minutes").fill("20")
    await page.get_by_role("textbox", name="Name (needed)").fill("Booked Here")
    await page.get_by_role("button", name="Show free times").click()
    await expect(page.get_by_text("Tuesday 1 July 2031")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Name (needed)")).to_have_value("Booked Here")
    await page.get_by_role("textbox", name="E-mail").fill("nothing")
    # The key books as its button does, and does not look for times again.
    await page.get_by_role("textbox", name="E-mail").press("Enter")
    email = page.get_by_role("textbox", name="E-mail")
    await expect(email).to_have_accessible_description(re.compile("Please give an e-mail address"))
    await expect(page.locator("#appointment_at-wrong")).to_contain_text("Please choose a time")
    await page.screenshot(path=pictured("book-problem"), full_page=True)
    await email.fill("booked@claimant.example")
    await page.locator("#own").fill("2031-07-01T07:07")
    await expect(page.get_by_label("This time")).to_be_checked()
    await page.locator("input[name=slot]").nth(2).check()
    time = await page.locator("label:has(:checked) .number").first.inner_text()
    await page.get_by_role("button", name="Book the appointment").dblclick()
    await expect(page.get_by_text("The appointment is booked.")).to_be_visible()
    assert await page.evaluate(PRESSED_AT_ONCE, ["One", "One", "Two"]) == [True, False, True]
    await expect(page.get_by_role("heading", level=1)).to_have_text("Booked Here")
    await page.goto(f"{stage.url}/agent-web?day=2031-07-01")
    await expect(page.get_by_role("row", name="Booked Here")).to_have_count(1)
    await expect(page.get_by_role("row", name="Booked Here")).to_contain_text(time)
    # The browser tells of the 422 by itself.
    await cast.demand_clean("422")


async def test_a_message_outlasts_the_session_and_is_sent_once(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Kept Word", 0)
    page = await cast.agent(path=place(row))
    await page.get_by_label("Message", exact=True).fill("Please wait:\nten minutes")
    await page.context.clear_cookies(name=re.compile("session"))
    await page.get_by_role("button", name="Send", exact=True).click()
    await page.get_by_label("Login name").fill("ola")
    await page.get_by_label("Password").fill("ola")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Message to the claimant")).to_be_visible()
    await expect(page.get_by_text("Please wait: ten minutes")).to_be_visible()
    await expect(page.get_by_text("in the name of Ola Nordmann")).to_be_visible()
    await page.screenshot(path=pictured("once-more"), full_page=True)
    assert await page.evaluate(PRESSED_AT_ONCE, ["One", "One", "Two"]) == [True, False, True]
    # The browser tells of the 401 by itself.
    await cast.demand_clean("401")


async def test_everything_works_by_keyboard(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Key Board", 0)
    page = await cast.agent(path=place(row))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    for _press in range(9):
        await page.keyboard.press("Tab")
        name = await page.evaluate("document.activeElement.textContent.trim()")
        if name == "Mark as late":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Marked as late.")).to_be_visible()
    await cast.demand_clean()


async def test_the_plain_actions_need_no_script(stage: Stage, browser: Browser) -> None:
    row = await book(stage, "No Script", 300)
    context = await browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        page = await context.new_page()
        await page.goto(f"{stage.url}/agent-web/sign-in")
        await page.get_by_label("Login name").fill("demo")
        await page.get_by_label("Password").fill("demo")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_label("Status").select_option("scheduled")
        await page.get_by_role("button", name="Show").click()
        await page.get_by_label("Reference, name or e-mail").fill("No Script")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("link", name="No Script").click()
        await page.get_by_role("link", name="Other time").click()
        await page.locator("input[name=slot]").first.check()
        await page.get_by_role("button", name="Move the appointment").click()
        await expect(page.get_by_text("The appointment has its new time.")).to_be_visible()
        await page.get_by_role("link", name="Cancel").click()
        await page.get_by_label("Reason").fill("Ill")
        await page.get_by_role("button", name="Cancel the appointment").click()
        await expect(page.get_by_text("Ill")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    finally:
        await context.close()
    assert (await stage.world.again(row)).status == "cancelled"


async def test_the_first_view_is_small_and_fast(stage: Stage, cast: Cast) -> None:
    page = await cast.agent()
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
    context = page.context
    fresh = await context.new_page()
    fresh.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
    await fresh.goto(f"{stage.url}/agent-web", wait_until="load")
    assert 20_000 < sum(sizes) <= 100_000
    await fresh.close()


async def look(stage: Stage, browser: Browser, cast: Cast, scheme: Any, sizes: Any, names: Any) -> None:
    """Show pages to axe, and keep pictures of them."""
    row, _page = await in_a_call(stage, cast, f"Picture {scheme}")
    waiting = await book(stage, LONG_NAME, is_interpreter_needed=True)
    await cast.arrive(waiting)
    paths = paths_of(row, waiting)
    context = await browser.new_context(color_scheme=scheme, locale="en-GB", timezone_id="Europe/London")
    try:
        page = await context.new_page()
        await page.set_viewport_size({"width": WIDTHS[sizes[0]], "height": 900})
        await page.goto(f"{stage.url}/agent-web/sign-in")
        await demand_accessible(page)
        await page.screenshot(path=pictured(f"{scheme}-sign-in"))
        await page.get_by_label("Login name").fill("demo")
        await page.get_by_label("Password").fill("demo")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("All times are in Europe/London.")).to_be_visible()
        for size in sizes:
            await page.set_viewport_size({"width": WIDTHS[size], "height": 900})
            for name in names:
                await page.goto(stage.url + paths[name])
                await demand_accessible(page)
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= WIDTHS[size], f"{name} is wider than a {size}"
                await page.screenshot(path=pictured(f"{scheme}-{name}-{size}"), full_page=True)
    finally:
        await context.close()


@pytest.mark.parametrize(("scheme", "size", "names"), SOME, ids=["light", "dark"])
async def test_pages_are_accessible_and_looked_at(
    stage: Stage, browser: Browser, cast: Cast, scheme: str, size: str, names: tuple[str, ...]
) -> None:
    await look(stage, browser, cast, scheme, (size,), names)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_accessible_at_every_width(
    stage: Stage, browser: Browser, cast: Cast, scheme: str
) -> None:
    await look(stage, browser, cast, scheme, tuple(WIDTHS), ALL)


async def test_a_problem_is_shown_beside_its_field(stage: Stage, cast: Cast) -> None:
    row = await book(stage, "Wrong Field", 300)
    page = await cast.agent(path=place(row, "/edit"))
    await page.get_by_label("E-mail").last.fill("nothing")
    await page.get_by_role("button", name="Save").click()
    field = page.get_by_label(re.compile("^E-mail")).last
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(re.compile("Please give an e-mail address"))
    await page.screenshot(path=pictured("problem"), full_page=True)
    await cast.demand_clean("422")
