"""The pages of departments: by the use case of the API, by the rights of who signs in, and nothing lost."""

import re
from datetime import date
from typing import Any

import pytest

from appointed.domain.directory import Department
from appointed.domain.hours import Holiday, Opening
from appointed.domain.letter import Channel
from appointed.domain.meeting import Bandwidth
from tests.console.agents.world import HOME, Agent, World, fields_of
from tests.contracts.sqod.desk import department_keeper

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = f"{HOME}/departments"


async def department(world: World, number: int) -> Department:
    return (await world.served.parts.store.directory(1)).departments[number]


async def keeper(world: World) -> Agent:
    """Sign in an administrator of the second department alone."""
    if not any(
        one.name == "keeper" for one in (await world.served.parts.store.directory(1)).associates.values()
    ):
        await department_keeper(world.served, "keeper")
    return await world.agent("keeper")


async def test_hours_are_by_the_tenants_clocks_wherever_the_browser_is(world: World) -> None:
    demo = await world.agent("demo")
    demo.cookies["appointed_zone"] = "Europe/London"
    page = (await demo.get(f"{LIST}/1")).text
    assert "by the clocks of Europe/Oslo." in page
    assert "All times are in Europe/Oslo." in page
    assert "London" not in page


async def test_administrators_see_departments_and_open_their_own(world: World) -> None:
    demo, kari, own = await world.agent("demo"), await world.agent("kari"), await keeper(world)
    page = (await demo.get(LIST)).text
    assert re.findall(rf'href="{LIST}/(\d+)"', page) == ["1", "2"]
    page = (await own.get(LIST)).text
    assert "Demo department" in page
    assert re.findall(rf'href="{LIST}/(\d+)"', page) == ["2"]
    before = await department(world, 1)
    for agent, path in ((kari, LIST), (kari, f"{LIST}/2"), (own, f"{LIST}/1")):
        assert (await agent.get(path)).status_code == 403
    for agent in (kari, own):
        form = {"was.name": "x", "name": "Taken over", "token": agent.token}
        assert (await agent.send(f"{LIST}/1", form)).status_code == 403
    assert await department(world, 1) == before
    for nothing in ("99", "x", "0", "9" * 11):
        missing = await demo.get(f"{LIST}/{nothing}")
        assert missing.status_code == 404
        assert "This is not there" in missing.text
    assert f'href="{LIST}"' not in (await kari.get(HOME)).text


async def test_an_untouched_form_changes_nothing(world: World) -> None:
    demo = await world.agent("demo")
    before = await department(world, 1)
    values = fields_of((await demo.get(f"{LIST}/1")).text)
    answer = await demo.send(f"{LIST}/1", values)
    assert answer.headers["location"] == f"{LIST}/1?done=same"
    assert await department(world, 1) == before
    assert before.opening_hours is None


async def test_lines_stay_lines_when_another_field_is_saved(world: World) -> None:
    demo = await world.agent("demo")
    told = "Ring 22 33 44 55\nMon-Fri 9-5"
    answer = await world.served.client.patch(
        "/api/v1/departments/2", json={"support_text": told}, headers=world.served.basic("demo")
    )
    assert answer.status_code == 200, answer.text
    values = fields_of((await demo.get(f"{LIST}/2")).text)
    answer = await demo.send(f"{LIST}/2", values | {"late_after_minutes": "7"})
    assert answer.headers["location"] == f"{LIST}/2?done=saved"
    now = await department(world, 2)
    assert (now.support_text, now.late_after_minutes) == (told, 7)
    values = fields_of((await demo.get(f"{LIST}/2")).text)
    await demo.send(f"{LIST}/2", values | {"support_text": "Ring\r\nus"})
    assert (await department(world, 2)).support_text == "Ring\nus"


async def test_everything_of_a_department_is_changed(world: World) -> None:
    own = await keeper(world)
    values = fields_of((await own.get(f"{LIST}/2")).text)
    wanted = {
        "name": "Second <b>",
        "late_after_minutes": "5",
        "no_show_after_minutes": "0",
        "hours.monday": "9-12, 13:30–17",
        "hours.friday": "",
        "hours.sunday": "0–24",
        "holidays": "2031-07-01 Summer\r\n2031-12-25\r\n",
        "invite_by_email": "1",
        "reminder_minutes": "90",
        "language": "cy",
        "support_text": "Ring us",
        "retention_days": "365",
        "features_screen_sharing_enable": "0",
        "features_call_recording_enable": "1",
        "features_bandwidth": "low",
        "use_custom_post_call_redirect": "1",
        "custom_user_post_call_redirect_url": "https://a.example/x?y=1&z=2",
    }
    assert set(wanted) <= set(values)
    answer = await own.send(f"{LIST}/2", values | wanted)
    assert answer.headers.get("location") == f"{LIST}/2?done=saved", answer.text
    now = await department(world, 2)
    assert (now.name, now.late_after_minutes, now.no_show_after_minutes) == ("Second <b>", 5, 0)
    assert now.opening_hours is not None
    assert [one for one in now.opening_hours if one.weekday in (0, 4, 6)] == [
        Opening(0, 540, 720),
        Opening(0, 810, 1020),
        Opening(6, 0, 1440),
    ]
    assert now.holidays == (Holiday(date(2031, 7, 1), "Summer"), Holiday(date(2031, 12, 25)))
    assert (now.invites_by, now.reminder_minutes, now.language) == ((Channel.EMAIL,), 90, "cy")
    assert (now.support_text, now.retention_days) == ("Ring us", 365)
    assert (now.features.screen_sharing, now.features.call_recording) == (False, True)
    assert now.features.bandwidth is Bandwidth.LOW
    assert (now.redirects.is_custom, now.redirects.claimant_url) == (True, "https://a.example/x?y=1&z=2")
    page = (await own.get(answer.headers["location"])).text
    assert "Saved." in page
    assert "Second <b>" not in page
    assert fields_of(page)["hours.monday"] == "09:00–12:00, 13:30–17:00"
    (event, *_older) = reversed(await world.served.parts.store.record_history(1, "department", 2))
    assert event.door == "agent-web"
    # New appointments begin so, and their free times lie within these hours.
    book = (await own.get(f"{HOME}/book?department=2&since=2031-06-30")).text
    assert fields_of(book)["features_bandwidth"] == "low"
    slots = re.findall(r'name="slot" value="([^"]+Z)"', book)
    assert slots[0] == "2031-06-30T07:00:00Z", "nine in Oslo"
    assert "2031-06-30T10:00:00Z" not in slots
    days = {slot[:10] for slot in slots}
    assert "2031-07-02" in days
    assert "2031-07-01" not in days, "that day is closed"


async def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(world: World) -> None:
    demo = await world.agent("demo")
    before = await department(world, 1)
    values = fields_of((await demo.get(f"{LIST}/1")).text)
    wrong = {
        "name": "",
        "late_after_minutes": "soon",
        "hours.monday": "noon",
        "hours.tuesday": "12-8",
        "language": "?",
        "custom_agent_post_call_redirect_url": "javascript:x",
        "support_text": 'Typed "and" kept',
    }
    answer = await demo.send(f"{LIST}/1", values | wrong)
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    assert {name: kept.get(name) for name in wrong} == wrong
    assert re.findall(r'<p class="wrong" id="f-([^"]+)-wrong"', answer.text) == [
        "name",
        "late_after_minutes",
        "hours-monday",
        "hours-tuesday",
        "language",
        "custom_agent_post_call_redirect_url",
    ]
    assert "Please give times such as" in answer.text
    assert "This ends before it begins." in answer.text
    assert await department(world, 1) == before


async def test_a_lost_race_shows_what_changed_and_keeps_what_was_typed(world: World) -> None:
    mine, theirs = await world.agent("demo"), await world.agent("demo")
    values = fields_of((await mine.get(f"{LIST}/1")).text)
    other: dict[str, Any] = fields_of((await theirs.get(f"{LIST}/1")).text)
    await theirs.send(f"{LIST}/1", other | {"late_after_minutes": "7"})
    lost = await mine.send(f"{LIST}/1", values | {"reminder_minutes": "15"})
    assert lost.status_code == 412
    assert "Somebody else has changed this meanwhile." in lost.text
    assert "Changed meanwhile: it is now 7" in lost.text
    again = fields_of(lost.text)
    assert (again["late_after_minutes"], again["reminder_minutes"]) == ("7", "15")
    assert (await mine.send(f"{LIST}/1", again)).status_code == 303
    now = await department(world, 1)
    assert (now.late_after_minutes, now.reminder_minutes) == (7, 15)
