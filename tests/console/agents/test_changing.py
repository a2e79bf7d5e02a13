"""What agents do with an appointment: every step by the one write path, by their rights, and nothing lost."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest

from appointed.domain.meeting import Place, claimant_url
from appointed.domain.status import Status
from tests.console.agents.world import HOME, World, fields_of, place

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEPS = {
    "scheduled": ["admitted", "marked_late", "marked_no_show"],
    "late": ["admitted", "marked_no_show"],
    "waiting": ["admitted", "marked_no_show"],
    "being_seen": ["completed"],
    "complete": [],
    "no_show": [],
    "cancelled": [],
}
LEADS = {
    "admitted": "being_seen",
    "marked_late": "late",
    "marked_no_show": "no_show",
    "completed": "complete",
}


@pytest.mark.parametrize("status", list(Status))
async def test_the_buttons_are_the_steps_that_are_possible(world: World, status: str) -> None:
    row = await world.book(0)
    if status != "scheduled":
        await world.patch(row, status=status)
    agent = await world.agent("demo")
    page = (await agent.get(place(row))).text
    assert re.findall(r'name="step" value="(\w+)"', page) == STEPS[status]
    for step, wanted in LEADS.items():
        answer = await agent.post(place(row, "/step"), step=step)
        now = await world.again(row)
        if step in STEPS[status]:
            assert (answer.status_code, now.status) == (303, wanted)
            assert now.revision > row.revision
            await world.patch(row, status=status)
        elif status == wanted:
            assert (answer.status_code, now.status) == (303, status), "done twice is done"
        else:
            assert (answer.status_code, now.status) == (409, status)
            assert "That was not done" in answer.text
        if status == "cancelled":
            assert now == await world.again(row)


async def test_steps_stamp_the_session_and_stand_in_the_history(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    await agent.post(place(row, "/step"), step="admitted")
    world.clock.now += timedelta(minutes=7)
    answer = await agent.post(place(row, "/step"), step="completed")
    page = (await agent.get(answer.headers["location"])).text
    now = await world.again(row)
    assert now.session_started_at is not None
    assert now.session_ended_at == now.session_started_at + timedelta(minutes=7)
    assert "The appointment is complete." in page
    events = await world.served.parts.store.history(1, row.id)
    assert [(event.door, event.by) for event in events[1:]] == [("agent-web", agent_id(events))] * 2
    assert "Changed: Being seen" in page
    assert "Demo Administrator" in page


def agent_id(events: tuple[object, ...]) -> object:
    return events[-1].by  # type: ignore[attr-defined]  # an event


async def test_an_appointment_is_cancelled_with_a_reason(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    assert "Cancel the appointment" in (await agent.get(place(row, "/cancel"))).text
    long = await agent.post(place(row, "/cancel"), reason="x" * 4001)
    assert long.status_code == 422
    assert "x" * 4001 in long.text
    answer = await agent.post(place(row, "/cancel"), reason="  <b>Ill</b> ")
    now = await world.again(row)
    assert (now.status, now.cancellation_reason) == ("cancelled", "<b>Ill</b>")
    page = (await agent.get(answer.headers["location"])).text
    assert "&lt;b&gt;Ill&lt;/b&gt;" in page
    assert (await agent.get(place(row, "/cancel"))).status_code == 409
    await agent.post(place(row, "/cancel"), reason="Other")
    assert (await world.again(row)).cancellation_reason == "<b>Ill</b>"


async def test_a_claimant_is_told_something(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    answer = await agent.post(place(row, "/message"), message=" Ten minutes more.\r\nSorry! ")
    assert answer.status_code == 303
    now = await world.again(row)
    assert now.claimant is not None
    assert [one.text for one in now.claimant.messages] == ["Ten minutes more.\nSorry!"]
    assert "Ten minutes more." in (await agent.get(answer.headers["location"])).text
    long = await agent.post(place(row, "/message"), message="y" * 1001)
    assert long.status_code == 422
    assert "y" * 1001 in long.text
    assert "This is too long." in long.text
    await world.patch(row, status="complete")
    refused = await agent.post(place(row, "/message"), message="Too late")
    assert refused.status_code == 422
    assert "There is nobody to read it." in refused.text


async def test_a_message_that_is_sent_twice_from_one_page_is_told_once(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")

    async def told(form: dict[str, str], text: str) -> list[str]:
        sent = [agent.send(place(row, "/message"), form | {"message": text}) for _press in range(2)]
        assert {answer.headers["location"] for answer in await asyncio.gather(*sent)} == {
            place(row, "?done=message")
        }
        claimant = (await world.again(row)).claimant
        assert claimant is not None
        return [one.text for one in claimant.messages]

    def form_of(page: str) -> dict[str, str]:
        return fields_of(page[page.index('action="' + place(row, "/message")) :].partition("</form>")[0])

    form = form_of((await agent.get(place(row))).text)
    assert await told(form, "Soon.") == ["Soon."]
    assert await told(form, "Soon. \n") == ["Soon."], "the space around it is no other text"
    # Other words are another message, and so are the same ones on a page that was opened since.
    assert await told(form, "Now!") == ["Soon.", "Now!"]
    assert await told(form_of((await agent.get(place(row))).text), "Soon.") == ["Soon.", "Now!", "Soon."]


async def test_two_agents_see_who_has_opened_a_claimant(world: World) -> None:
    row = await world.book(400 * 24 * 60)
    demo, kari = await world.agent("demo"), await world.agent("kari")
    assert (await demo.post(place(row, "/presence"))).text.strip() == ""
    seen = await kari.post(place(row, "/presence"))
    assert "Demo Administrator" in seen.text
    assert "Kari Nordmann" in (await demo.get(place(row))).text
    day = f"{row.starts_at:%Y-%m-%d}"
    assert "Kari Nordmann" in (await demo.get(f"{HOME}?day={day}")).text
    world.clock.now += timedelta(seconds=26)
    assert "Kari Nordmann" not in (await demo.get(f"{HOME}?day={day}")).text


async def test_an_untouched_form_changes_nothing(world: World) -> None:
    row = await world.book(is_interpreter_needed=True, interpreter_language="Cymraeg")
    agent = await world.agent("demo")
    values = fields_of((await agent.get(place(row, "/edit"))).text)
    answer = await agent.send(place(row, "/edit"), values)
    assert answer.headers["location"] == place(row, "?done=same")
    assert await world.again(row) == row


async def test_everything_that_a_patch_can_change_can_be_edited(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    agent.cookies["appointed_zone"] = "Europe/London"
    values = fields_of((await agent.get(place(row, "/edit"))).text)
    directory = await world.served.parts.store.directory(1)
    department = directory.departments[row.department_id]
    other = next(one for one in directory.departments if one != row.department_id)
    wanted = {
        "appointment_at": "2031-07-01T10:30",
        "duration_in_minutes": "45",
        "department_id": str(other),
        "status": "late",
        "claimant.name": "Jané <i>Roe</i>",
        "claimant.email": "new@example.com",
        "claimant.phone_number": "+44 20",
        "claimant.date_of_birth": "1990-02-28",
        "is_interpreter_needed": "1",
        "interpreter_language": "BSL",
        "features_screen_sharing_enable": "0",
        "features_call_recording_enable": "1",
        "features_bandwidth": "low",
        "use_custom_post_call_redirect": "1",
        "custom_user_post_call_redirect_url": "https://a.example/x?y=1&z=2",
        "custom_agent_post_call_redirect_url": "https://b.example/",
    }
    assert set(wanted) <= set(values) | {"is_interpreter_needed"}
    answer = await agent.send(place(row, "/edit"), values | wanted)
    assert answer.headers.get("location") == place(row, "?done=saved"), answer.text
    now = await world.again(row)
    assert now.claimant is not None
    assert f"{now.starts_at:%Y-%m-%dT%H:%M}" == "2031-07-01T09:30", "British Summer Time"
    assert (now.duration, now.department_id, now.status) == (timedelta(minutes=45), other, "late")
    assert (now.claimant.name, str(now.claimant.born_on)) == ("Jané <i>Roe</i>", "1990-02-28")
    assert (now.is_interpreter_needed, now.interpreter_language) == (True, "BSL")
    assert (now.features.screen_sharing, now.features.call_recording) == (False, True)
    assert now.features.bandwidth == "low"
    assert now.redirects.is_custom
    assert now.redirects.claimant_url == "https://a.example/x?y=1&z=2"
    page = (await agent.get(place(row))).text
    assert "<i>Roe" not in page
    assert department.name not in page
    # Emptied, a field clears what it held.
    values = fields_of((await agent.get(place(row, "/edit"))).text)
    await agent.send(place(row, "/edit"), values | {"claimant.email": "", "interpreter_language": " "})
    now = await world.again(row)
    assert now.claimant is not None
    assert (now.claimant.email, now.interpreter_language) == (None, None)


async def test_times_are_meant_in_the_zone_that_the_form_was_shown_in(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    for zone, hour in (("Europe/London", "09:30"), ("Asia/Tokyo", "01:30")):
        agent.cookies["appointed_zone"] = zone
        values = fields_of((await agent.get(place(row, "/edit"))).text)
        times = fields_of((await agent.get(place(row, "/reschedule"))).text)
        agent.cookies["appointed_zone"] = "America/New_York"
        typed = {"appointment_at": "2031-07-01T10:30"}
        back = await agent.send(place(row, "/edit"), values | typed | {"duration_in_minutes": "0"})
        assert back.status_code == 422
        assert f"All times are in {zone}." in back.text
        kept = fields_of(back.text)
        assert kept["appointment_at"] == "2031-07-01T10:30"
        assert "f-appointment_at-theirs" not in back.text
        answer = await agent.send(place(row, "/edit"), kept | {"duration_in_minutes": "30"})
        assert answer.status_code == 303
        assert f"{(await world.again(row)).starts_at:%Y-%m-%dT%H:%M}" == f"2031-07-01T{hour}"
        revision = str((await world.again(row)).revision)
        own = {"slot": "own", "own": "2031-08-01T10:30", "revision": revision}
        await agent.send(place(row, "/reschedule"), times | own)
        assert f"{(await world.again(row)).starts_at:%Y-%m-%dT%H:%M}" == f"2031-08-01T{hour}"


async def test_answers_to_questions_are_edited(world: World) -> None:
    row = await world.book()
    directory = await world.served.parts.store.directory(1)
    asked = directory.departments[row.department_id].data_fields
    agent = await world.agent("demo")
    values = fields_of((await agent.get(place(row, "/edit"))).text)
    name = f"claimant.data.{asked[0].id}"
    assert name in values
    assert (await agent.send(place(row, "/edit"), values | {name: "C-200"})).status_code == 303
    now = await world.again(row)
    assert now.claimant is not None
    assert {answer.field_id: answer.value for answer in now.claimant.answers} == {asked[0].id: "C-200"}
    assert "C-200" in (await agent.get(place(row))).text


async def test_lines_stay_lines_when_another_field_is_saved(world: World) -> None:
    row = await world.book(interpreter_language="Welsh\nor English")
    agent = await world.agent("demo")
    given = fields_of((await agent.get(place(row, "/edit"))).text)
    answer = await agent.send(place(row, "/edit"), given | {"claimant.phone_number": "+4799999999"})
    assert answer.headers["location"] == place(row, "?done=saved")
    now = await world.again(row)
    assert now.interpreter_language == "Welsh\nor English"
    assert now.claimant is not None
    assert now.claimant.phone_number == "+4799999999"


async def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    values = fields_of((await agent.get(place(row, "/edit"))).text)
    wrong = {
        "duration_in_minutes": "0",
        "claimant.name": "",
        "claimant.email": "no address",
        "custom_user_post_call_redirect_url": "javascript:alert(1)",
        "interpreter_language": 'Typed "and" kept',
        "is_interpreter_needed": "1",
    }
    answer = await agent.send(place(row, "/edit"), values | wrong)
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    assert {name: kept.get(name) for name in wrong} == wrong
    for name in (
        "duration_in_minutes",
        "claimant-name",
        "claimant-email",
        "custom_user_post_call_redirect_url",
    ):
        assert f'id="f-{name}-wrong"' in answer.text
    assert 'id="f-interpreter_language-wrong"' not in answer.text
    assert await world.again(row) == row
    mended = kept | {"duration_in_minutes": "20", "claimant.name": "Jane", "claimant.email": "a@b.example"}
    mended |= {"custom_user_post_call_redirect_url": ""}
    assert (await agent.send(place(row, "/edit"), mended)).status_code == 303
    assert (await world.again(row)).interpreter_language == 'Typed "and" kept'


async def test_a_lost_race_shows_what_changed_and_keeps_what_was_typed(world: World) -> None:
    row = await world.book()
    demo, ola = await world.agent("demo"), await world.agent("ola")
    mine = fields_of((await demo.get(place(row, "/edit"))).text)
    theirs = fields_of((await ola.get(place(row, "/edit"))).text)
    sent = theirs | {"claimant.phone_number": "+47 1", "duration_in_minutes": "60"}
    assert (await ola.send(place(row, "/edit"), sent)).status_code == 303
    typed = mine | {"claimant.name": "Mine", "duration_in_minutes": "45"}
    lost = await demo.send(place(row, "/edit"), typed)
    assert lost.status_code == 412
    assert "Ola Nordmann changed this appointment" in lost.text
    changes = re.search(r'<ul class="changes">(.*?)</ul>', lost.text, re.DOTALL)
    assert changes is not None
    told = [unescape(one) for one in re.findall(r"<li>(.*?)</li>", changes[1])]
    assert told == ["Minutes: 60", "Phone: +47 1"]
    again = fields_of(lost.text)
    assert (again["claimant.name"], again["duration_in_minutes"]) == ("Mine", "45")
    assert again["claimant.phone_number"] == "+47 1", "what I did not touch is as they left it"
    assert (await demo.send(place(row, "/edit"), again)).status_code == 303
    now = await world.again(row)
    assert now.claimant is not None
    assert (now.claimant.name, now.claimant.phone_number) == ("Mine", "+47 1")
    assert now.duration == timedelta(minutes=45)


async def test_the_same_form_twice_is_one_change(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    form = fields_of((await agent.get(place(row, "/edit"))).text) | {"claimant.name": "Once"}
    answers = [await agent.send(place(row, "/edit"), form) for _time in range(2)]
    assert [answer.headers.get("location") for answer in answers] == [place(row, "?done=saved")] * 2
    assert (await world.again(row)).revision == row.revision + 1


async def test_a_call_begins_when_its_room_opens_and_no_earlier(world: World) -> None:
    row = await world.book(31)
    await world.patch(row, status="waiting")
    agent = await world.agent("demo")
    on_board = f'id="step-admitted-{row.id}"'
    assert 'value="admitted"' not in (await agent.get(place(row))).text
    assert on_board not in (await agent.get(HOME)).text
    early = await agent.post(place(row, "/step"), step="admitted")
    now = await world.again(row)
    assert (early.status_code, now.status, now.session_started_at) == (409, "waiting", None)
    assert "its room is not open yet" in early.text
    world.clock.now += timedelta(minutes=1)
    assert 'value="admitted"' in (await agent.get(place(row))).text
    assert on_board in (await agent.get(HOME)).text
    assert (await agent.post(place(row, "/step"), step="admitted")).status_code == 303


@pytest.mark.clause("SQ-LIFE-clock")
async def test_the_waiting_clock_starts_when_somebody_comes(world: World) -> None:
    row, agent = await world.book(20), await world.agent("demo")
    agent.cookies["appointed_zone"] = "Etc/UTC"
    calls = world.served.parts.meetings.calls

    async def shown(state: str) -> list[tuple[str, str]]:
        """Give what the clock shows and counts from, on the board and on the appointment's page."""
        board, page = (await agent.get(f"{HOME}/board")).text, (await agent.get(place(row))).text
        card = next((one for one in board.split('<li class="card') if f'id="open-{row.id}"' in one), "")
        clock = rf'{state} since ([0-9:]+)</span> <strong class="number" data-since="([^"]+)"'
        return [found for text in (card, page) for found in re.findall(clock, text)]

    assert await shown("Waiting") == []
    key = f"{row.tenant_id}-{row.id}-{row.link_key}"
    await calls.arrive(key)
    came = (f"{world.clock.now:%H:%M}", world.clock.now.isoformat())
    world.clock.now += timedelta(minutes=3)
    await world.patch(row, appointment_at=(world.clock.now + timedelta(minutes=12)).isoformat())
    assert await shown("Waiting") == [came, came], "another time is not another arrival"
    await calls.leave(key)
    assert await shown("Waiting") == []
    await world.patch(row, status="waiting")
    again = (f"{world.clock.now:%H:%M}", world.clock.now.isoformat())
    assert await shown("Waiting") == [again, again]
    await agent.post(place(row, "/step"), step="admitted")
    assert (await shown("Waiting"), await shown("In call")) == ([], [again, again])


async def test_nobody_is_marked_before_the_start(world: World) -> None:
    row, agent = await world.book(20), await world.agent("demo")
    assert re.findall(r'name="step" value="(\w+)"', (await agent.get(place(row))).text) == ["admitted"]
    for step in ("marked_late", "marked_no_show"):
        early = await agent.post(place(row, "/step"), step=step)
        assert (early.status_code, (await world.again(row)).status) == (409, "scheduled")
        assert "has not begun yet" in early.text
    world.clock.now += timedelta(minutes=20)
    assert (await agent.post(place(row, "/step"), step="marked_late")).status_code == 303


async def test_a_demonstration_without_meetings_says_what_to_do(world: World) -> None:
    row = await world.book()
    await world.patch(row, status="being_seen")
    agent = await world.agent("demo")
    link = claimant_url(Place(1, row.id, row.link_key), row.reference, "")
    for answer in (await agent.get(place(row)), await world.served.client.get(link)):
        assert answer.status_code == 200
        assert "has no meeting provider yet: docs/meetings.md" in answer.text


async def test_who_may_only_read_changes_nothing(world: World) -> None:
    directory = await world.served.parts.store.directory(1)
    ola = next(one for one in directory.associates.values() if one.name == "ola")
    other = next(one for one in directory.departments if one not in (ola.group_id, *ola.department_ids))
    row = await world.book(department_id=other)
    agent = await world.agent("ola")
    page = (await agent.get(place(row))).text
    assert "Jane Roe" in page
    for nothing in ("/edit", "/cancel", "/reschedule", 'name="step"', "/agent-web/join/", 'id="message"'):
        assert nothing not in page, nothing
    for form, values in (
        ("step", {"step": "admitted"}),
        ("cancel", {"reason": "x"}),
        ("message", {"message": "x"}),
        ("edit", {"was.status": "scheduled", "status": "late"}),
        ("reschedule", {"minutes": "5", "slot": "own", "own": "2031-01-01T10:00"}),
    ):
        answer = await agent.post(place(row, f"/{form}"), **values)
        assert answer.status_code == 403, form
        assert "You may not do this" in answer.text
    for path in ("/edit", "/reschedule"):
        assert (await agent.get(place(row, path))).status_code == 403
    assert await world.again(row) == row


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"token=%ff", "application/x-www-form-urlencoded", 400),
        (b"token=a%00b", "application/x-www-form-urlencoded", 400),
        (b"a=b&" * 250, "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"a=" + b"x" * 2_097_152, "application/x-www-form-urlencoded", 413),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
    ],
    ids=range(6),
)
async def test_forms_that_cannot_be_read_are_refused(
    world: World, content: bytes, kind: str, status: int
) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    headers = {"Content-Type": kind, "Cookie": f"appointed_session={agent.cookies['appointed_session']}"}
    answer = await world.served.client.post(place(row, "/step"), content=content, headers=headers)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert await world.again(row) == row


async def test_pages_are_kept_by_nobody_and_their_titles_say_nothing(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    for path in (HOME, place(row), place(row, "/edit"), place(row, "/cancel"), place(row, "/reschedule")):
        answer = await agent.get(path)
        title = re.search(r"<title>(.*?)</title>", answer.text)
        assert title is not None
        assert "Roe" not in title[1]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert " style=" not in answer.text
        assert re.search(r"<script(?![^>]*src=)", answer.text) is None
        assert re.search(r"\son[a-z]+=", answer.text) is None


async def test_invitations_are_offered_only_where_mail_goes_out(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    assert "/invitation" not in (await agent.get(place(row))).text
    answer = await agent.post(place(row, "/invitation"))
    assert answer.status_code == 409
    assert "Nothing was sent" in answer.text


async def test_the_links_of_those_who_join_are_there(world: World) -> None:
    row = await world.book()
    agent = await world.agent("demo")
    page = (await agent.get(place(row))).text
    links = re.findall(r'value="(http://[^"]*/agent-web/join/(interpreter|guest)/[^"]*)"', page)
    assert [role for _link, role in links] == ["interpreter", "guest"]
    for link, _role in links:
        assert (await world.served.client.get(unescape(link))).status_code == 200
    assert UUID(str(row.uid))
