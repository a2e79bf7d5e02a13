"""What agents type, and where they are by keyboard: nothing that happens meanwhile takes it from them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import chromium
from tests.console.agents.cast import Cast
from tests.console.agents.stage import Stage, on_stage
from tests.console.agents.world import place

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

# At 200 % on a small screen.
NARROW = {"width": 640, "height": 450}
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
# The focused field, and whether the buttons that stay in sight cover all of it.
FOCUSED = """() => {
  const [field, bar] = [document.activeElement, document.querySelector(".sticky")];
  const [own, buttons] = [field.getBoundingClientRect(), bar.getBoundingClientRect()];
  return [field.name, !bar.contains(field) && own.bottom > buttons.top];
}"""
# Whatever part of the page is asked for, the server is busy or cannot be reached.
IN_TROUBLE = """((answer) => {
  const real = window.fetch;
  window.asked = 0;
  window.fetch = async (where, how) => {
    if (!/[/](piece|board)([?]|$)/.test(where)) return real(where, how);
    window.asked += 1;
    return answer();
  };
})(%s);"""
BUSY = "() => new Response('', { status: 503 })"
AWAY = "() => { throw new TypeError('Failed to fetch'); }"
LATER = datetime(2100, 1, 1, tzinfo=UTC)
DOTS = """() => [...document.querySelectorAll(".switches li")].map(
  (one) => [one.className, getComputedStyle(one, "::before").backgroundColor])"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("undisturbed")
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


async def test_half_a_message_outlasts_a_call_and_a_session(stage: Stage, cast: Cast) -> None:
    row = await stage.world.book(5)
    await cast.arrive(row)
    page = await cast.agent(path=place(row))
    edit, message = page.get_by_role("link", name="Edit"), page.get_by_label("Message", exact=True)
    await edit.focus()
    await stage.world.patch(row, duration_in_minutes=45)
    await expect(page.locator(".when")).to_contain_text("10:50")
    await expect(edit).to_be_focused()
    await message.fill("One mom")
    await page.get_by_role("heading", level=1).click()
    await stage.world.patch(row, status="being_seen")
    await expect(page.locator(".badge").first).to_have_text("Being seen")
    await expect(message).to_have_value("One mom")
    await page.context.clear_cookies(name="appointed_session")
    await page.evaluate(LOOK_AGAIN)
    await expect(page.get_by_text("What you have typed stays here")).to_be_visible()
    await expect(message).to_have_value("One mom")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("what you typed is kept")).to_be_visible()


async def test_what_is_sent_beside_a_call_outlasts_the_session(stage: Stage, cast: Cast) -> None:
    row = await stage.world.book(5)
    await stage.world.patch(row, status="being_seen")
    page = await cast.agent(path=place(row))
    inside, message = page.frame_locator("iframe").locator("#role"), page.get_by_label("Message", exact=True)
    await expect(inside).to_have_text("Agent")
    await message.fill("One moment")
    await page.context.clear_cookies(name="appointed_session")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("what you typed is kept")).to_be_visible()
    await page.get_by_label("Login name").fill("demo")
    await page.get_by_label("Password").fill("demo")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Send it now").click()
    await expect(inside).to_have_text("Agent")
    await message.fill("Now")
    token = page.locator("form[data-sends]").first.locator("input[name=token]")
    await token.evaluate("(one) => { one.value = '0'.repeat(64); }")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("Please press once more")).to_be_visible()
    claimant = (await stage.world.again(row)).claimant
    assert claimant is not None
    assert [one.text for one in claimant.messages] == ["One moment"]


@pytest.mark.parametrize(("answer", "pause"), [(BUSY, 2000), (AWAY, 5000)], ids=["busy", "away"])
async def test_a_server_in_trouble_is_not_asked_ever_more_often(
    stage: Stage, cast: Cast, answer: str, pause: int
) -> None:
    page = await cast.agent()
    await page.add_init_script(IN_TROUBLE % answer)
    await page.clock.install()
    await page.goto(f"{stage.url}/agent-web")
    await page.clock.pause_at(LATER)
    for _time in range(6):
        await page.evaluate(LOOK_AGAIN)
        await page.clock.run_for(300)
    assert await page.evaluate("asked") >= 6
    await page.evaluate("asked = 0")
    await page.clock.run_for(pause + 400)
    # Once more after a while, and perhaps by the clock or the stream: not once for each time before.
    assert 1 <= await page.evaluate("asked") <= 3


async def test_whoever_types_nothing_is_led_where_things_stand(stage: Stage, cast: Cast) -> None:
    called, gone = await stage.world.book(5), await stage.world.book(5)
    page = await cast.agent(path=place(called))
    await stage.world.patch(called, status="being_seen")
    await expect(page.frame_locator("iframe").locator("#role")).to_have_text("Agent")
    await page.goto(stage.url + place(gone))
    await page.get_by_label("Message", exact=True).fill("To nobody")
    assert (await stage.world.served.so("DELETE", f"Appointment/{gone.id}")).status_code == 204
    await page.evaluate(LOOK_AGAIN)
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such appointment")


async def test_going_back_to_a_form_shows_what_stands(stage: Stage, cast: Cast) -> None:
    row = await stage.world.book(5)
    page = await cast.agent(path=place(row, "/edit"))
    chat, width = page.get_by_role("checkbox", name="Chat"), page.get_by_label("Bandwidth")
    await chat.uncheck()
    await width.select_option("low")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    await stage.world.patch(row, features_messages_chat_enable=True, features_bandwidth="medium")
    await page.go_back()
    await expect(chat).to_be_checked()
    await expect(width).to_have_value("medium")
    await page.locator("input[name='claimant.name']").fill("")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.locator("input[name='claimant.name']").fill("Somebody Else")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    features = (await stage.world.again(row)).features
    assert (features.messages_chat, features.bandwidth) == (True, "medium")


async def test_one_goes_back_to_what_was_found(stage: Stage, cast: Cast) -> None:
    row = await stage.world.book(5, claimant={"name": "Sought Person"})
    page = await cast.agent()
    await page.get_by_label("Reference, name or e-mail").fill("sought")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Sought Person").click()
    await expect(page).to_have_title(f"Appointment {row.reference}")
    await page.go_back()
    await expect(page.get_by_role("link", name="Sought Person")).to_be_visible()
    await page.get_by_role("link", name="Cymraeg").click()
    await expect(page.get_by_role("link", name="Sought Person")).to_be_visible()


async def test_nothing_covers_the_field_in_focus_and_switches_differ_in_the_readers_own_colours(
    stage: Stage, cast: Cast
) -> None:
    row = await stage.world.book(5)
    page = await cast.agent(path=place(row))
    await page.emulate_media(forced_colors="active")
    dots = await page.evaluate(DOTS)
    found = {look: {colour for one, colour in dots if one == look} for look in ("on", "off")}
    assert all(found.values())
    assert found["on"].isdisjoint(found["off"])
    await page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a size
    covered = []
    for form in ("/agent-web/book", place(row, "/edit")):
        await page.goto(stage.url + form)
        for _press in range(25):
            await page.keyboard.press("Tab")
            name, is_covered = await page.evaluate(FOCUSED)
            covered += [(form, name)] if is_covered else []
    assert covered == []
