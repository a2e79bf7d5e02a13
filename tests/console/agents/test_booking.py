"""Booking a claimant from the agents' pages: free times, everything that the API takes, and never twice."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from appointed.domain.appointment import Appointment
from appointed.usecases.ports import ByUid
from tests.console.agents.world import HOME, Agent, World, fields_of, place

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOOK = f"{HOME}/book"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
JANE = {"claimant.name": "Jané <i>Roe</i>", "claimant.email": "jane@example.com"}


def slots_of(page: str) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+Z)"', page)


def form_of(page: str) -> dict[str, str]:
    """Read the form as a browser sends it back, by its button."""
    return fields_of(page[page.index('class="stack roomy booking"') :]) | {"do": "book"}


async def row_at(world: World, answer: httpx.Response) -> Appointment:
    assert answer.status_code == 303, answer.text
    uid = UUID(answer.headers["location"].rpartition("/")[2].partition("?")[0])
    return (await world.served.parts.store.read(1, ByUid(uid))).row


async def opened(agent: Agent, query: str = "") -> tuple[str, dict[str, str]]:
    page = (await agent.get(f"{BOOK}?since=2031-07-01{query}")).text
    return page, form_of(page)


async def test_a_claimant_is_booked_at_a_free_time(world: World) -> None:
    agent = await world.agent("demo")
    page, values = await opened(agent, "&minutes=20")
    slots = slots_of(page)
    assert len(slots) == 36
    assert "Free times of Demo Administrator" in page
    answer = await agent.send(BOOK, values | JANE | {"slot": slots[3], "claimant.phone_number": "+44 20"})
    row = await row_at(world, answer)
    assert answer.headers["location"] == place(row, "?done=booked")
    assert (f"{row.starts_at:%Y-%m-%dT%H:%M:%SZ}", row.duration) == (slots[3], timedelta(minutes=20))
    assert row.claimant is not None
    assert (row.claimant.name, row.claimant.phone_number) == ("Jané <i>Roe</i>", "+44 20")
    assert row.claimant.answers == ()
    assert (row.meeting is not None, row.status) == (True, "scheduled")
    (event,) = await world.served.parts.store.history(1, row.id)
    assert (event.door, event.by) == ("agent-web", row.owner_id)
    shown = (await agent.get(answer.headers["location"])).text
    assert "The appointment is booked." in shown
    assert "<i>Roe" not in shown
    # The time is gone, for the page and for the API.
    assert slots[3] not in slots_of((await agent.get(f"{BOOK}?since=2031-07-01&minutes=20")).text)
    board = (await agent.get(f"{HOME}?day=2031-07-01")).text
    assert f'href="{BOOK}?since=2031-07-01"' in board
    board = (await agent.get(f"{HOME}?day=2031-07-01&department=2")).text
    assert f'href="{BOOK}?since=2031-07-01&amp;department=2"' in board


async def test_free_times_are_those_of_the_api(world: World) -> None:
    agent = await world.agent("demo")
    for department in ("1", "2"):
        page, _values = await opened(agent, f"&department={department}&minutes=25")
        query = f"from=2031-07-01T00:00:00Z&duration_in_minutes=25&count=36&department_id={department}"
        told = await world.served.client.get(
            f"/api/v1/availability?{query}", headers=world.served.bearer | {"Accept": "application/json"}
        )
        free = [one["appointment_at"].replace(".000000", "") for one in told.json()["data"]]
        assert slots_of(page) == free


async def test_everything_that_the_form_has_is_kept(world: World) -> None:
    agent = await world.agent("demo")
    agent.cookies["appointed_zone"] = "Europe/London"
    page, values = await opened(agent, "&department=2")
    directory = await world.served.parts.store.directory(1)
    question = directory.departments[2].data_fields[0]
    wanted = {
        "slot": "own",
        "own": "2031-08-02T06:45",
        "claimant.date_of_birth": "1990-02-28",
        f"claimant.data.{question.id}": "M-7",
        "is_interpreter_needed": "1",
        "interpreter_language": "Cymraeg",
        "features_screen_sharing_enable": "0",
        "features_bandwidth": "low",
        "use_custom_post_call_redirect": "1",
        "custom_user_post_call_redirect_url": "https://a.example/x?y=1&z=2",
    }
    assert question.name in page
    row = await row_at(world, await agent.send(BOOK, values | JANE | wanted))
    assert f"{row.starts_at:%Y-%m-%dT%H:%M}" == "2031-08-02T05:45", "British Summer Time"
    assert row.claimant is not None
    assert str(row.claimant.born_on) == "1990-02-28"
    assert [(one.field_id, one.value) for one in row.claimant.answers] == [(question.id, "M-7")]
    assert (row.department_id, row.owner_id) == (2, directory.departments[2].default_associate_id)
    assert (row.is_interpreter_needed, row.interpreter_language) == (True, "Cymraeg")
    assert (row.features.screen_sharing, row.features.bandwidth) == (False, "low")
    assert (row.redirects.is_custom, row.redirects.claimant_url) == (True, "https://a.example/x?y=1&z=2")


async def test_other_times_are_shown_without_losing_what_was_typed(world: World) -> None:
    agent = await world.agent("demo")
    page, values = await opened(agent)
    sent = values | JANE | {"do": "look", "department": "2", "minutes": "50", "slot": slots_of(page)[0]}
    looked = await agent.send(BOOK, sent)
    assert looked.status_code == 200
    again = form_of(looked.text)
    assert {name: again[name] for name in JANE} == JANE
    assert (again["department"], again["minutes"], again["offered"]) == ("2", "50", "2/50")
    assert again["key"] == values["key"]
    assert "Free times of Kari Nordmann" in looked.text
    assert "Member number" in looked.text
    assert "Case number" not in looked.text


async def test_times_of_another_department_or_length_are_not_taken(world: World) -> None:
    agent = await world.agent("demo")
    page, values = await opened(agent)
    before = await world.served.snapshot()
    for change in ({"department": "2"}, {"minutes": "50"}):
        refused = await agent.send(BOOK, values | JANE | {"slot": slots_of(page)[0]} | change)
        assert refused.status_code == 409
        assert "since these times were shown" in refused.text
        assert form_of(refused.text)["claimant.email"] == JANE["claimant.email"]
    assert await world.served.snapshot() == before


async def test_an_offered_time_is_booked_for_the_length_that_was_looked_up(world: World) -> None:
    agent, served = await world.agent("demo"), world.served

    async def works(hours: list[dict[str, str]] | None) -> None:
        headers = served.basic("demo") | {"Accept": "application/json"}
        answer = await served.client.patch(
            "/api/v1/diaries/1", json={"working_hours": hours}, headers=headers
        )
        assert answer.status_code == 200, answer.text

    await works([{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in DAYS])
    for minutes in ("1441", "99999", "+45"):
        page, values = await opened(agent, f"&minutes={quote(minutes)}")
        before = await served.snapshot()
        refused = await agent.send(BOOK, values | JANE | {"slot": slots_of(page)[0]})
        assert refused.status_code == 422
        assert re.findall(r'<p class="wrong" id="([^"]+)-wrong">\s*(.*?)\s*</p>', refused.text) == [
            ("duration_in_minutes", "Please give a number from 1 to 1440.")
        ]
        assert await served.snapshot() == before
    await works(None)
    own = {"minutes": "2000", "slot": "own", "own": "2031-09-01T08:00"}
    row = await row_at(world, await agent.send(BOOK, form_of(refused.text) | own))
    assert row.duration == timedelta(minutes=2000), "a time that was typed is the agent's own choice"


async def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(world: World) -> None:
    agent = await world.agent("demo")
    _page, values = await opened(agent)
    before = await world.served.snapshot()
    wrong = {
        "claimant.name": "",
        "claimant.email": "no address",
        "minutes": "x",
        "custom_user_post_call_redirect_url": "javascript:alert(1)",
        "interpreter_language": 'Typed "and" kept',
    }
    answer = await agent.send(BOOK, values | wrong)
    assert answer.status_code == 422
    kept = form_of(answer.text)
    assert {name: kept.get(name) for name in wrong} == wrong
    marked = re.findall(r'<p class="wrong" id="([^"]+)-wrong"', answer.text)
    assert marked == [
        "duration_in_minutes",
        "appointment_at",
        "f-claimant-name",
        "f-claimant-email",
        "f-custom_user_post_call_redirect_url",
    ]
    assert await world.served.snapshot() == before
    mended = kept | JANE | {"minutes": "20", "slot": "own", "own": "2031-07-02T10:00"}
    row = await row_at(world, await agent.send(BOOK, mended | {"custom_user_post_call_redirect_url": ""}))
    assert row.interpreter_language == 'Typed "and" kept'


async def test_a_question_that_must_be_answered_is_asked_for(world: World) -> None:
    agent = await world.agent("demo")
    served = world.served
    fields = [
        {"name": "Amount", "type": "number", "required": True},
        {"name": "Drink", "type": "select", "choices": ["tea", "<coffee>"]},
    ]
    made = await served.client.post(
        "/api/v1/departments",
        json={"name": "Asking", "default_user_id": 1, "data_fields": fields, "features_bandwidth": "low"},
        headers=served.basic("demo") | {"Accept": "application/json"},
    )
    department = made.json()["data"]
    amount, drink = (f"claimant.data.{one['id']}" for one in department["data_fields"])
    page, values = await opened(agent, f"&department={department['id']}")
    assert re.search(r'Amount <span class="quiet small">\(needed\)</span>', page)
    assert "&lt;coffee&gt;" in page
    assert values["features_bandwidth"] == "low"
    sent = values | JANE | {"slot": slots_of(page)[0], drink: "<coffee>"}
    for text, told in (("", "Please fill this in."), ("much", "Please give a number.")):
        answer = await agent.send(BOOK, sent | {amount: text})
        assert answer.status_code == 422
        found = re.search(rf'id="f-{amount.replace(".", "-")}-wrong">(.*?)</p>', answer.text)
        assert found is not None
        assert found[1].strip() == told
    row = await row_at(world, await agent.send(BOOK, sent | {amount: "12.5"}))
    assert row.claimant is not None
    assert [one.value for one in row.claimant.answers] == ["12.5", "<coffee>"]
    assert row.features.bandwidth == "low"


async def test_a_form_that_is_sent_twice_books_once(world: World) -> None:
    agent = await world.agent("demo")
    page, values = await opened(agent)
    sent = values | JANE | {"slot": slots_of(page)[1]}
    both = await asyncio.gather(agent.send(BOOK, sent), agent.send(BOOK, sent))
    late = await agent.send(BOOK, sent)
    where = {answer.headers.get("location") for answer in (*both, late)}
    assert len(where) == 1
    row = await row_at(world, late)
    assert f"{row.starts_at:%Y-%m-%dT%H:%M:%SZ}" == slots_of(page)[1]
    # The same form with another claimant is no retry: nothing is booked behind the agent's back.
    before = await world.served.snapshot()
    other = await agent.send(BOOK, sent | {"claimant.name": "Other", "slot": slots_of(page)[2]})
    assert other.status_code == 409
    assert "has already booked an appointment" in other.text
    assert await world.served.snapshot() == before
    again = form_of(other.text)
    assert again["key"] != values["key"]
    row = await row_at(world, await agent.send(BOOK, again | {"slot": slots_of(page)[2]}))
    assert row.claimant is not None
    assert row.claimant.name == "Other"


async def test_a_time_that_was_taken_meanwhile_is_refused(world: World) -> None:
    agent, other = await world.agent("demo"), await world.agent("demo")
    page, values = await opened(agent)
    _page, theirs = await opened(other)
    slot = slots_of(page)[5]
    await row_at(world, await other.send(BOOK, theirs | JANE | {"slot": slot}))
    before = await world.served.snapshot()
    lost = await agent.send(BOOK, values | JANE | {"slot": slot})
    assert lost.status_code == 409
    assert "This time is taken. Please choose another one." in lost.text
    assert slot not in slots_of(lost.text)
    assert await world.served.snapshot() == before
    kept = form_of(lost.text)
    assert kept["claimant.name"] == JANE["claimant.name"]
    row = await row_at(world, await agent.send(BOOK, kept | {"slot": slots_of(lost.text)[5]}))
    assert row.owner_id == 1
    for nonsense in ("9999-12-31T23:59:00Z", "0001-01-01T00:00:00Z", "soonZ", "x" * 1000):
        assert (await agent.send(BOOK, kept | {"slot": nonsense})).status_code in (409, 422)
    # What is wrong with the claimant is told before the time is.
    _page, values = await opened(agent)
    wrong = await agent.send(BOOK, values | {"slot": slot})
    assert wrong.status_code == 422


async def test_agents_book_in_their_own_departments_alone(world: World) -> None:
    kari = await world.agent("kari")
    page, values = await opened(kari)
    assert "Second department" in page
    assert "Demo department" not in page.partition('id="since"')[0]
    # A department of others is as unknown as one that does not exist.
    row = await row_at(
        world, await kari.send(BOOK, values | JANE | {"department": "1", "slot": slots_of(page)[0]})
    )
    assert (row.department_id, row.created_by) == (2, row.owner_id)
    served = world.served
    made = await served.client.post(
        "/api/v1/departments",
        json={"name": "Nobody's", "default_user_id": 1},
        headers=served.basic("demo") | {"Accept": "application/json"},
    )
    user = {"name": "Lone", "login": "lone", "role": "agent", "password": "lonely as can be"}
    await served.client.post(
        "/api/v1/users",
        json=user | {"department_ids": [made.json()["data"]["id"]]},
        headers=served.basic("demo") | {"Accept": "application/json"},
    )
    lone = Agent(served)
    assert (await lone.sign_in("lone", "lonely as can be")).status_code == 303
    assert (await lone.get(BOOK)).status_code == 403
    assert (await lone.send(BOOK, values | JANE | {"token": lone.token})).status_code == 403
    assert f'href="{BOOK}' not in (await lone.get(HOME)).text
