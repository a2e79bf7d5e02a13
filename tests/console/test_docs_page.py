"""The interactive documentation in a real browser: whole, without a network, and true to the documents."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from tests.browser import Watched
from tests.running import Running

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

# Set to a folder to look at the pages.
PICTURES = os.environ.get("APPOINTED_TEST_PICTURES")

READ_SUMMARIES = """(all) => all.map((one) => [
  one.querySelector(".opblock-summary-method").innerText,
  one.querySelector(".opblock-summary-path").dataset.path,
])"""


def host_of(server: Running) -> str:
    return urlsplit(server.url).netloc


async def open_document(tab: Watched, server: Running, name: str) -> None:
    await tab.page.goto(f"{server.url}/docs/{name}")
    await tab.page.wait_for_selector(".opblock-tag")
    if PICTURES:
        await tab.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def operations_of(tab: Watched, group: str) -> set[tuple[str, str]]:
    """Name the operations of a group; opens a closed one for as long as it is read."""
    heading = tab.page.locator(f'[id="{group}"]')
    was_open = await heading.get_attribute("data-is-open") == "true"
    if not was_open:
        await heading.click()
    section = tab.page.locator(".opblock-tag-section", has=heading)
    await section.locator(".opblock-summary").first.wait_for()
    found = await section.locator(".opblock-summary").evaluate_all(READ_SUMMARIES)
    if not was_open:
        await heading.click()
    return {(verb, path) for verb, path in found}


async def test_the_first_page_leads_to_each_document(tab: Watched, server: Running) -> None:
    await tab.page.goto(f"{server.url}/")
    for name, title in (
        ("superoffice", "SuperOffice API"),
        ("sqod", "SQOD API"),
        ("server", "Appointed server"),
    ):
        await tab.page.goto(f"{server.url}/docs")
        await tab.page.get_by_role("link", name=title).click()
        await expect(tab.page).to_have_title(title)
        assert urlsplit(tab.page.url).path == f"/docs/{name}"
        await tab.page.wait_for_selector(".opblock-tag")
    await tab.demand_clean(host_of(server))


@pytest.mark.parametrize("name", ["superoffice", "sqod", "server"])
async def test_every_operation_is_shown(tab: Watched, server: Running, name: str) -> None:
    await open_document(tab, server, name)
    document = httpx.get(f"{server.url}/openapi/{name}.json").json()
    described = {
        (verb.upper(), path)
        for path, verbs in document["paths"].items()
        for verb in verbs
        if verb != "parameters"
    }
    shown = set()
    for group in await tab.page.locator(".opblock-tag").all():
        shown |= await operations_of(tab, str(await group.get_attribute("id")))
    assert shown == described
    await expect(tab.page.locator(".info .title")).to_contain_text(document["info"]["title"])
    await tab.demand_clean(host_of(server))


async def test_an_appointment_can_be_changed_from_the_page(tab: Watched, server: Running) -> None:
    """What a newcomer does: name a user, open PATCH, fill in, send, and read the answer."""
    page = tab.page
    await open_document(tab, server, "superoffice")
    await page.locator("button.authorize").first.click()
    basic = page.locator(".auth-container", has=page.locator("input[name=username], #auth_username")).first
    await basic.locator("input").nth(0).fill("demo")
    await basic.locator("input[type=password]").fill("demo")
    await basic.locator("button.authorize").click()
    await page.locator("button.btn-done").first.click()
    await page.locator('.opblock-tag[data-tag="Appointment"]').click()
    patch = page.locator(".opblock-patch", has=page.locator('[data-path="/api/v1/Appointment/{id}"]'))
    await patch.locator(".opblock-summary").click()
    await patch.locator(".try-out__btn").click()
    await patch.locator('tr[data-param-name="id"] input').fill("1")
    await patch.locator("textarea.body-param__text").fill('{"Location": "Seen in a browser"}')
    await patch.locator("button.execute").click()
    answer = patch.locator(".live-responses-table tbody .response-col_status").first
    await expect(answer).to_contain_text("200")
    await expect(patch.locator(".live-responses-table")).to_contain_text("Seen in a browser")
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / "changed.png")
    entity = httpx.get(f"{server.url}/api/v1/Appointment/1", auth=("demo", "demo")).json()
    assert entity["Location"] == "Seen in a browser"
    await tab.demand_clean(host_of(server))


async def test_the_watch_sees_what_is_wrong(tab: Watched, server: Running) -> None:
    """The checks above can fail: a stranger's script is blocked, and both tell of it."""
    await open_document(tab, server, "server")
    await tab.page.evaluate(
        "() => { const one = document.createElement('script'); one.src = 'https://cdn.example/x.js';"
        " document.head.append(one); }"
    )
    await tab.page.wait_for_function("window.__violations.length > 0")
    assert tab.errors
    with pytest.raises(AssertionError):
        await tab.demand_clean(host_of(server))
