"""What comes back to a claimant's page: only its own forms do anything, however long it lay open."""

import re
from pathlib import Path

import pytest

from appointed.domain.status import Status
from tests.console.agents.world import fields_of
from tests.console.claimant_forms import token_of
from tests.console.claimants_office import Office, title
from tests.contracts.served import serving
from tests.contracts.test_meetings import MINUTE, MovingClock

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=range(4),
)
async def test_another_site_presses_no_button(office: Office, headers: dict[str, str]) -> None:
    made = await office.book()
    assert (await office.post(made, headers=headers)).status_code == 403
    assert await office.status(made) == "scheduled"


@pytest.mark.parametrize("kind", ["none", "empty", "wrong", "another link's", "not ASCII"])
async def test_a_form_without_its_links_token_is_offered_again_with_what_was_chosen(
    office: Office, kind: str
) -> None:
    made, other = await office.book(features_call_recording_enable=True), await office.book()
    tokens = {
        "none": {},
        "empty": {"token": ""},
        "wrong": {"token": "0" * 64},
        "another link's": {"token": token_of(office.served.parts, other["url"])},
        "not ASCII": {"token": "é☺"},
    }
    chosen = {"do": "arrive", "consent": "no"} | tokens[kind]
    refused = await office.served.client.post(made["url"], data=chosen)
    assert (refused.status_code, refused.headers["appointed-error"]) == (403, "xsrf")
    assert title(refused) == "Please press once more"
    row = await office.row(made)
    assert (row.status, row.recording_consent) == (Status.SCHEDULED, None)
    again = fields_of(refused.text)
    assert again == {
        "token": token_of(office.served.parts, made["url"]),
        "do": "arrive",
        "consent": "no",
    }
    assert (await office.served.client.post(made["url"], data=again)).status_code == 303
    row = await office.row(made)
    assert (row.status, row.recording_consent) == (Status.WAITING, False)


@pytest.mark.parametrize(
    ("status", "act", "shown"),
    [
        ("waiting", "leave", "Leave the waiting area"),
        ("being_seen", "consent", "Yes, you may record this call"),
    ],
)
async def test_what_is_offered_again_is_what_was_pressed(
    office: Office, status: str, act: str, shown: str
) -> None:
    made = await office.book()
    await office.patch(made, status=status)
    refused = await office.served.client.post(made["url"], data={"do": act})
    assert refused.status_code == 403
    assert re.findall("<button.*?>(.*?)</button>", refused.text)[0] == shown
    assert re.findall('name="do" value="(.*?)"', refused.text) == [act]
    assert "See how things stand" in refused.text
    assert await office.status(made) == status


@pytest.mark.parametrize(("status", "act"), [("waiting", "jump"), ("cancelled", "arrive")])
async def test_where_there_is_nothing_to_press_any_more_one_is_told_how_things_stand(
    office: Office, status: str, act: str
) -> None:
    made = await office.book()
    await office.patch(made, status=status)
    answer = await office.served.client.post(made["url"], data={"do": act})
    assert (answer.status_code, answer.headers["location"]) == (303, "?" + made["url"].partition("?")[2])
    assert await office.status(made) == status


async def test_a_page_that_lay_open_for_hours_still_works(office: Office) -> None:
    made = await office.book(minutes=29)
    page = await office.get(made, "&step=check")
    began = office.clock.now
    # A link opens half an hour before the start, and closes an hour after the end.
    office.clock.now += 118 * MINUTE
    try:
        answer = await office.served.client.post(made["url"], data=fields_of(page.text))
    finally:
        office.clock.now = began
    assert answer.status_code == 303
    assert await office.status(made) == "waiting"


async def test_a_page_outlives_the_server_that_wrote_it(tmp_path: Path) -> None:
    pressed = []
    for _start in range(2):
        async with serving(tmp_path, "sqlite:") as served:
            office = Office(served, MovingClock())
            if not pressed:
                made = await office.book()
                pressed.append((await office.get(made, "&step=check")).text)
            else:
                answer = await served.client.post(made["url"], data=fields_of(pressed[0]))
                assert answer.status_code == 303
                assert await office.status(made) == "waiting"


async def test_our_own_page_does(office: Office) -> None:
    made = await office.book()
    # What Chromium sends for a form of a page without a referrer.
    await office.post(made, headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"})
    assert await office.status(made) == "waiting"


@pytest.mark.parametrize("content", [b"\xff", b"a=1&" * 20, b"do=nothing"], ids=range(3))
async def test_a_form_that_is_none_changes_nothing(office: Office, content: bytes) -> None:
    made = await office.book()
    token = token_of(office.served.parts, made["url"]).encode()
    answer = await office.post(
        made,
        content=b"token=" + token + b"&" + content,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (303, 400)
    assert await office.status(made) == "scheduled"
