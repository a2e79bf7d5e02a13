"""Another time for an appointment: those that are free, or any other, and none that nobody chose."""

import re
from datetime import timedelta

import pytest

from appointed.domain.meeting import Place, claimant_url
from tests.console.agents.world import World, fields_of, place

pytestmark = pytest.mark.asyncio(loop_scope="module")


def offered_on(page: str) -> list[str]:
    """Read the times that a page offers."""
    return re.findall(r'name="slot" value="([^"]+Z)"', page)


async def test_another_time_is_chosen_from_those_that_are_free(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    page = (await agent.get(place(row, "/reschedule?since=2031-07-01&minutes=20"))).text
    slots = offered_on(page)
    assert slots[0].startswith("2031-07-01T")
    assert len(slots) == 36
    answer = await agent.send(place(row, "/reschedule"), fields_of(page) | {"slot": slots[3]})
    assert answer.headers["location"] == place(row, "?done=moved")
    now = await world.again(row)
    assert (f"{now.starts_at:%Y-%m-%dT%H:%M:%SZ}", now.duration) == (slots[3], timedelta(minutes=20))
    old = await agent.send(place(row, "/reschedule"), fields_of(page) | {"slot": slots[4]})
    assert old.status_code == 412
    assert "Somebody else has changed" in old.text
    assert (await world.again(row)).starts_at == now.starts_at


async def test_the_same_form_twice_is_one_move(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    page = (await agent.get(place(row, "/reschedule?since=2031-08-01"))).text
    form = fields_of(page) | {"slot": offered_on(page)[2], "do": "move"}
    answers = [await agent.send(place(row, "/reschedule"), form) for _time in range(2)]
    assert [answer.headers.get("location") for answer in answers] == [place(row, "?done=moved")] * 2
    assert (await world.again(row)).revision == row.revision + 1


async def test_a_time_that_was_taken_since_it_was_offered_is_refused(world: World) -> None:
    row, other = await world.book(), await world.book()
    agent = await world.agent("demo")
    page = (await agent.get(place(row, "/reschedule?since=2031-09-01"))).text
    slot = offered_on(page)[0]
    await world.patch(other, appointment_at=slot)
    refused = await agent.send(place(row, "/reschedule"), fields_of(page) | {"slot": slot, "do": "move"})
    assert (refused.status_code, await world.again(row)) == (409, row)
    assert "This time is taken. Please choose another one." in refused.text
    assert slot not in offered_on(refused.text)
    typed = fields_of(page) | {"slot": "own", "own": slot[:16], "do": "move"}
    assert (await agent.send(place(row, "/reschedule"), typed)).status_code == 303, "overlaps may be meant"


async def test_times_of_another_length_are_shown_anew_before_one_is_taken(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    page = (await agent.get(place(row, "/reschedule?since=2031-10-01"))).text
    form = fields_of(page) | {"slot": offered_on(page)[0], "minutes": "50", "do": "move"}
    asked = await agent.send(place(row, "/reschedule"), form)
    assert (asked.status_code, await world.again(row)) == (409, row)
    assert "The length has changed since these times were shown." in asked.text
    again = fields_of(asked.text) | {"slot": offered_on(asked.text)[1], "do": "move"}
    assert (await agent.send(place(row, "/reschedule"), again)).status_code == 303
    assert (await world.again(row)).duration == timedelta(minutes=50)


async def test_nothing_is_moved_before_a_time_is_chosen(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    untouched = fields_of((await agent.get(place(row, "/reschedule"))).text) | {"minutes": "45"}
    asked = await agent.send(place(row, "/reschedule"), untouched | {"do": "move"})
    assert (asked.status_code, "Please choose a time" in asked.text) == (422, True)
    # The return key beside the length looks for times, as the button there does.
    for wanted in ({}, {"do": "look"}):
        looked = await agent.send(place(row, "/reschedule"), untouched | wanted)
        assert (looked.status_code, fields_of(looked.text)["offered"]) == (200, "45")
    assert await world.again(row) == row
    await world.patch(row, appointment_at="2031-11-03T10:00:00Z")
    late = fields_of((await agent.send(place(row, "/reschedule"), untouched)).text)
    assert late["own"] == late["was.own"] == "2031-11-03T11:00", "the time that stood there was not typed"


@pytest.mark.parametrize("status", ["late", "no_show", "waiting"])
async def test_whoever_gets_another_time_is_expected_anew(world: World, status: str) -> None:
    row = await world.book()
    await world.patch(row, status=status)
    agent = await world.agent("demo")
    page = (await agent.get(place(row, "/reschedule?since=2032-03-01"))).text
    await agent.send(place(row, "/reschedule"), fields_of(page) | {"slot": offered_on(page)[0]})
    now = await world.again(row)
    assert (now.status, now.starts_at.year) == ("scheduled", 2032)
    opened = await world.served.client.get(claimant_url(Place(1, row.id, row.link_key), row.reference, ""))
    assert opened.status_code == 200
    assert "We missed you" not in opened.text


async def test_any_other_time_can_be_typed(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    agent.cookies["appointed_zone"] = "America/New_York"
    values = fields_of((await agent.get(place(row, "/reschedule"))).text)
    for own in ("", "2031-02-30T10:00", "soon", "99999-01-01T00:00"):
        answer = await agent.send(place(row, "/reschedule"), values | {"slot": "own", "own": own})
        assert answer.status_code == 422
        assert "Please give a date." in answer.text or "Please fill this in." in answer.text
    await agent.send(place(row, "/reschedule"), values | {"slot": "own", "own": "2031-02-03T23:30"})
    assert f"{(await world.again(row)).starts_at:%Y-%m-%dT%H:%M}" == "2031-02-04T04:30"


@pytest.mark.parametrize(
    "query", ["since=x", "since=9999-12-31", "minutes=0", "minutes=%C2%B2", "minutes=99999"]
)
async def test_odd_questions_for_free_times_are_answered(world: World, query: str) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    assert (await agent.get(place(row, f"/reschedule?{query}"))).status_code == 200


async def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    form = fields_of((await agent.get(place(row, "/reschedule"))).text)
    form |= {"slot": "own", "own": "soon", "minutes": "-4", "do": "move"}
    answer = await agent.send(place(row, "/reschedule"), form)
    assert answer.status_code == 422
    for field, problem, typed in (
        ("own", "appointment_at-wrong", "soon"),
        ("minutes", "duration_in_minutes-wrong", "-4"),
    ):
        found = re.search(rf'<input [^>]*name="{field}"[^>]*>', answer.text)
        assert found
        assert f'value="{typed}" aria-invalid="true" aria-describedby="{problem}"' in found[0]
        assert f'<p class="wrong" id="{problem}">' in answer.text
    assert fields_of(answer.text)["offered"] == "30"


async def test_whoever_moves_what_was_cancelled_meanwhile_reads_so(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    form = fields_of((await agent.get(place(row, "/reschedule"))).text)
    await world.patch(row, status="cancelled")
    answer = await agent.send(place(row, "/reschedule"), form | {"slot": "own", "own": "2031-02-03T10:00"})
    assert (answer.status_code, "Cancelled on " in answer.text) == (412, True)
