"""What was typed when a session was over: kept, shown, and sent once somebody wants it."""

import re
from html import unescape

import pytest
from msgspec.structs import replace

from appointed.domain.directory import AssociateType
from appointed.usecases.administer import CreateUser
from tests.console.agents.world import HOME, Agent, World, fields_of, place

pytestmark = pytest.mark.asyncio(loop_scope="module")


def kept_of(page: str) -> dict[str, str]:
    """Read what is said of a kept form."""
    return {
        name: unescape(text)
        for name, text in re.findall(r'<dt>(.*?)</dt><dd dir="auto">(.*?)</dd>', page, re.DOTALL)
    }


def about_of(page: str) -> tuple[str, str] | None:
    """Read which appointment a kept form is said to be about: whose it is, and its reference."""
    found = re.search(r"<p>([^<]*): [^<]* at [0-9:]+<br><span[^>]*>(\w+)</span></p>", page)
    return (found[1], found[2]) if found else None


async def test_what_was_typed_outlasts_the_session(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    typed = fields_of((await agent.get(place(row, "/edit"))).text)
    typed |= {"claimant.name": 'Li "Bo"', "claimant.phone_number": "+47 1"}
    old = agent.cookies.pop("appointed_session")
    asked = await agent.send(place(row, "/edit"), typed)
    assert (asked.status_code, "what you typed is kept" in asked.text) == (401, True)
    sign_in = f"{HOME}/sign-in"
    wrong = await agent.send(sign_in, fields_of(asked.text) | {"name": "demo", "password": "no"})
    assert (wrong.status_code, agent.cookies.get("appointed_session")) == (401, None)
    again = await agent.send(sign_in, fields_of(wrong.text) | {"name": "demo", "password": "demo"})
    assert (again.status_code, agent.cookies["appointed_session"] == old) == (200, False)
    assert f'action="{place(row, "/edit")}"' in again.text
    assert kept_of(again.text) == {"Name": 'Li "Bo"', "Phone": "+47 1"}
    assert '<h2 id="kept-title">Edit the appointment</h2>' in again.text
    assert about_of(again.text) == ("Jane Roe", row.reference)
    assert "in the name of" in again.text
    assert await world.again(row) == row, "nothing is saved before somebody wants it"
    saved = await agent.send(place(row, "/edit"), fields_of(again.text))
    assert saved.headers["location"] == place(row, "?done=saved")
    claimant = (await world.again(row)).claimant
    assert claimant is not None
    assert (claimant.name, claimant.phone_number) == ('Li "Bo"', "+47 1")


async def test_a_form_of_an_earlier_session_is_offered_once_more(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    typed = fields_of((await agent.get(place(row, "/cancel"))).text) | {"reason": "Ill"}
    await agent.post(f"{HOME}/sign-out")
    await agent.sign_in("demo")
    offered = await agent.send(place(row, "/cancel"), typed)
    assert (offered.status_code, "Please press once more" in offered.text) == (403, True)
    assert kept_of(offered.text) == {"Reason": "Ill"}
    assert about_of(offered.text) == ("Jane Roe", row.reference)
    assert await world.again(row) == row
    assert (await agent.send(place(row, "/cancel"), fields_of(offered.text))).status_code == 303
    assert (await world.again(row)).cancellation_reason == "Ill"


@pytest.mark.parametrize(
    ("form", "values", "shown"),
    [
        ("message", {"message": "<b>Soon</b>\nnow"}, {"Message": "<b>Soon</b>\nnow"}),
        (
            "ask",
            {"role": "guest", "to": "ida@words.example"},
            {"Role": "Guest", "E-mail or mobile number": "ida@words.example"},
        ),
        (
            "reschedule",
            {
                "zone": "Asia/Tokyo",
                "slot": "2031-07-01T05:07:00Z",
                "own": "2031-07-01T08:00",
                "minutes": "20",
            },
            {"Begins": "Tuesday 1 July 2031 at 14:07", "Minutes": "20"},
        ),
        (
            "reschedule",
            {"zone": "Asia/Tokyo", "slot": "own", "own": "2031-07-01T08:00", "was.own": "2031-07-01T07:00"},
            {"Begins": "Tuesday 1 July 2031 at 08:00"},
        ),
        (
            "reschedule",
            {"zone": "America/Lima", "slot": "0001-01-01T00:00:00Z"},
            {"Begins": "0001-01-01T00:00:00Z"},
        ),
        (
            "edit",
            {
                "was.status": "scheduled",
                "status": "no_show",
                "was.appointment_at": "",
                "appointment_at": "soon",
            },
            {"Status": "No-show", "Begins": "soon"},
        ),
        (
            "edit",
            {
                "was.claimant.email": "a@b.example",
                "claimant.email": " ",
                "was.department_id": "",
                "department_id": "x",
            },
            {"E-mail": "–", "Department": "x"},
        ),
        (
            "edit",
            {"was.features_messages_chat_enable": "1", "features_messages_chat_enable": "0"}
            | {"was.claimant.data.999": "", "claimant.data.999": "Yes", "was.other": "1", "other": "2"},
            {"Chat": "Off", "Earlier question": "Yes", "other": "2"},
        ),
    ],
    ids=["message", "ask", "offered", "own", "first-day", "choices", "emptied", "rest"],
)
async def test_whoever_sends_what_is_kept_sees_it(
    world: World, form: str, values: dict[str, str], shown: dict[str, str]
) -> None:
    row = await world.book()
    asked = await Agent(world.served).send(place(row, f"/{form}"), values)
    agent = Agent(world.served)
    await agent.get(f"{HOME}/sign-in")
    signed = {"token": agent.token, "name": "kari", "password": "kari"}
    offered = await agent.send(f"{HOME}/sign-in", fields_of(asked.text) | signed)
    assert kept_of(offered.text) == shown
    assert "It is sent in the name of Kari Nordmann." in offered.text


async def test_the_department_of_a_kept_booking_is_named(world: World) -> None:
    agent = await world.agent("demo")
    typed = fields_of((await agent.get(f"{HOME}/book")).text) | {"claimant.name": "Bo"}
    agent.cookies.pop("appointed_session")
    asked = await agent.send(f"{HOME}/book", typed)
    signed = {"name": "demo", "password": "demo"}
    shown = kept_of((await agent.send(f"{HOME}/sign-in", fields_of(asked.text) | signed)).text)
    directory = await world.served.parts.store.directory(1)
    assert shown["Department"] == directory.departments[int(typed["department"])].name
    assert (shown["Minutes"], shown["Name"]) == ("30", "Bo")


async def test_what_was_typed_of_a_department_is_kept_too(world: World) -> None:
    path, agent = f"{HOME}/departments/1", await world.agent("demo")
    typed = fields_of((await agent.get(path)).text)
    typed |= {"late_after_minutes": "17", "hours.monday": "07:00–08:00", "invite_by_email": "1"}
    typed |= {"was.invite_by_email": "0", "default_user_id": "2", "was.default_user_id": "1"}
    agent.cookies.pop("appointed_session")
    asked = await agent.send(path, typed)
    assert (asked.status_code, "what you typed is kept" in asked.text) == (401, True)
    for name, is_told in (("demo", True), ("ola", False)):
        reader = Agent(world.served)
        await reader.get(f"{HOME}/sign-in")
        signed = fields_of(asked.text) | {"token": reader.token, "name": name, "password": name}
        again = await reader.send(f"{HOME}/sign-in", signed)
        assert ("<p>Demo department</p>" in again.text) is is_told
    directory = await world.served.parts.store.directory(1)
    shown = kept_of(again.text)
    assert shown["Gets the appointments"] == directory.associates[2].full_name
    assert (shown["Late after minutes"], shown["Invite by e-mail"]) == ("17", "On")


async def test_nobody_is_told_of_those_whom_they_may_not_know_of(world: World) -> None:
    parts = world.served.parts
    guest = CreateUser(tenant_id=1, login="guest", password="guest", full_name="Guest")
    number = int((await parts.administrator.run(guest))["associate"])
    known = (await parts.store.directory(1)).associates[number]
    await parts.store.put_records(1, (replace(known, type=AssociateType.EXTERNAL, group_id=0),))
    fields = {"department_id": "1", "default_user_id": "2"}
    kept = {f"kept.{name}": text for name, text in fields.items()} | {
        f"kept.was.{name}": "" for name in fields
    }
    shown = {}
    for name in ("guest", "ola"):
        agent = Agent(world.served)
        await agent.get(f"{HOME}/sign-in")
        signed = {"kept": f"{HOME}/departments/1", "name": name, "password": name}
        shown[name] = kept_of((await agent.post(f"{HOME}/sign-in", **kept, **signed)).text)
    assert shown["guest"] == {"Department": "1", "Gets the appointments": "2"}
    assert shown["ola"] == {"Department": "Demo department", "Gets the appointments": "Kari Nordmann"}


async def test_nothing_is_told_of_an_appointment_to_whom_it_is_not_shown(world: World) -> None:
    row = await world.book(claimant={"name": "Private Person"})
    body = [{"op": "replace", "path": "/Private", "value": "PrivateUser"}]
    assert (await world.served.so("PATCH", f"Appointment/{row.id}", json=body)).status_code == 200
    asked = await Agent(world.served).send(place(row, "/cancel"), {"reason": "Ill"})
    owner = {1: "demo", 2: "kari", 3: "ola"}[row.owner_id]
    for name in ("demo", "ola"):
        agent = Agent(world.served)
        await agent.get(f"{HOME}/sign-in")
        signed = {"token": agent.token, "name": name, "password": name}
        page = (await agent.send(f"{HOME}/sign-in", fields_of(asked.text) | signed)).text
        assert kept_of(page) == {"Reason": "Ill"}
        assert about_of(page) == (("Private Person", row.reference) if name == owner else None)
        assert ("Private Person" in page) is (row.reference in page) is (name == owner)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_nothing_is_kept_that_our_own_pages_did_not_send(world: World, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    row = await world.book()
    agent = await world.agent("demo")
    sent = {"token": agent.token, "reason": "Planted"}
    assert "Planted" not in (await agent.send(place(row, "/cancel"), sent, **headers)).text
    nobody = Agent(world.served)
    assert "Planted" not in (await nobody.send(place(row, "/cancel"), sent, **headers)).text
    planted = {"kept": place(row, "/cancel"), "kept.reason": "Planted", "name": "demo", "password": "demo"}
    assert "Planted" not in (await nobody.send(f"{HOME}/sign-in", planted, **headers)).text
    await nobody.get(f"{HOME}/sign-in")
    elsewhere = {"kept": f"{HOME}/account", "kept.new": "Planted", "name": "demo", "password": "demo"}
    answer = await nobody.post(f"{HOME}/sign-in", **elsewhere)
    assert answer.headers["location"] == HOME, "only what people type into is sent on"
