"""From a change to the mailbox: each receiver once, whatever the server does, and nobody who was not asked for."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Person, View
from appointed.domain.letter import LetterName, LetterState, Note
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.preference import Level, Preference
from appointed.domain.recurrence import Pattern, Rule, Series
from appointed.domain.webhook import HookState
from appointed.usecases.identifiers import Identifiers
from appointed.usecases.ports import ById, Decision, NoRows, Rows
from appointed.usecases.tell_of_failing import tell_of_failing
from tests.builders import a_webhook
from tests.mail.elsewhere import Elsewhere
from tests.mail.mailserver import dies_at_the_end, dies_inside, mailserver
from tests.mail.office import A_ROOM, BOTH, COLLEAGUE, ENDED, OUTSIDE, Office, people
from tests.store.conftest import ENGINES
from tests.store.world import (
    ADA,
    HOUR,
    KARI,
    START,
    World,
    a_change,
    a_draft,
    adding,
    deleting,
    editing,
    plant,
)

LEASE = UUID(int=77)
ASKED: dict[str, Any] = {"mail": Note()}
INGA = Person(id=9, first_name="Inga", last_name="East", email="inga@side.example")
GUESTS = (OUTSIDE, COLLEAGUE, A_ROOM)


# The store's own suite holds for both engines; here the other one shows what several processes do.
both_engines = pytest.mark.parametrize("world", ENGINES, indirect=True)


@pytest.fixture
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    engine = getattr(request, "param", "sqlite")
    is_file = engine == "sqlite"
    world = World(engine, tmp_path / "appointed.db" if is_file else request.getfixturevalue("postgres_dsn"))
    yield world
    await world.close()


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    world.options["channels"] = BOTH
    store = await world.open()
    await plant(store)
    await people(store)
    async with mailserver() as box:
        yield Office(world, store, box)


async def invite(office: Office, *guests: Participant, **values: Any) -> int:
    asked = values.pop("asked", ASKED)
    row = a_draft(**{"participants": guests or GUESTS, "title": "Review"} | values)
    outcome = await office.store.change(a_change(adding(row), NoRows(), **asked))
    return outcome.rows[0].id


async def edit(office: Office, number: int, **changes: Any) -> None:
    asked = changes.pop("asked", ASKED)
    await office.store.change(a_change(editing(**changes), ById((number,)), **asked))


def calendars(mail: Any) -> list[Any]:
    return [
        Calendar.from_ical(part.get_content())
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    ]


@both_engines
async def test_everybody_who_wants_mail_is_told_once(office: Office) -> None:
    await invite(office)
    got = {to.lower(): mail for to, mail in await office.sent()}
    assert set(got) == {"out@side.example", "kari@inside.example"}
    assert office.states() == {"sent": 2}
    outside, inside = got["out@side.example"], got["kari@inside.example"]
    (calendar,) = calendars(outside)
    assert str(calendar["METHOD"]) == "REQUEST"
    (event,) = calendar.walk("VEVENT")
    assert str(event["ORGANIZER"]) == "mailto:diary@appointed.example"
    assert str(event["ATTENDEE"]) == "mailto:out@side.example"
    files = [part.get_filename() for part in outside.iter_attachments()]
    assert files == ["invite.ics"]
    # A colleague's own diary has it already.
    assert calendars(inside) == []
    assert "You find it in your diary." in inside.get_body(("plain",)).get_content()
    assert outside["Subject"].startswith(
        "Invitation: Review, Tuesday 3 March 2026, 10:00–11:00 (Europe/Oslo)"
    )
    assert outside["From"] == "Ada <diary@appointed.example>"
    for mail in got.values():
        assert mail["Auto-Submitted"] == "auto-generated"
        assert "Review" in mail["Subject"]
        assert "Ada" in mail.get_body(("html",)).get_content()
    # Nothing is left to do, whoever looks.
    assert await office.sent() == []


async def test_nobody_is_told_who_was_not_asked_for_or_by_whom_or_by_a_dry_run(office: Office) -> None:
    await invite(office, asked={})
    await invite(office, asked=ASKED | {"dry_run": True})
    await invite(office, replace(OUTSIDE, send_email=False), replace(COLLEAGUE, send_email=False), A_ROOM)
    number = await invite(office, OUTSIDE, asked={})
    await edit(office, number, description="Something else")
    assert await office.sent() == []
    assert office.states() == {}


async def test_a_webhook_that_hears_again_meanwhile_is_not_told_of(office: Office) -> None:
    hook = await office.store.webhooks.create(a_webhook())
    failing = await office.store.webhooks.create(a_webhook(name="Till", state=HookState.STOPPED))

    async def tell() -> list[str]:
        for one in (hook, failing):
            await tell_of_failing(
                office.store.webhooks,
                office.store.mail,
                Identifiers(),
                lambda _hook: ("ops@side.example",),
                1,
                one.id,
                START,
            )
        return sorted(mail["Subject"] for _to, mail in await office.sent())

    assert await tell() == ["Webhook fails: Till"]
    assert office.states() == {"sent": 1, "void": 1}


async def test_a_change_is_told_and_an_end_and_a_guest_who_goes(office: Office) -> None:
    number = await invite(office, OUTSIDE, COLLEAGUE)
    await office.sent()
    await edit(office, number, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    moved = await office.sent()
    assert [mail["Subject"].partition(":")[0] for _to, mail in moved] == ["Changed", "Changed"]
    sequences = [
        int(event["SEQUENCE"])
        for _to, mail in moved
        for one in calendars(mail)
        for event in one.walk("VEVENT")
    ]
    await edit(office, number, participants=(OUTSIDE,))
    ((to, gone),) = await office.sent()
    assert (to, gone["Subject"].partition(":")[0]) == ("kari@inside.example", "Cancelled")
    office.world.clock.now += HOUR / 2
    await office.store.change(a_change(deleting, ById((number,)), **ASKED))
    ((to, ended),) = await office.sent()
    assert to.lower() == "out@side.example"
    (calendar,) = calendars(ended)
    assert str(calendar["METHOD"]) == "CANCEL"
    assert int(calendar.walk("VEVENT")[0]["SEQUENCE"]) > sequences[0]


async def test_each_letter_of_one_second_is_newer_than_the_one_before(office: Office) -> None:
    number = await invite(office, OUTSIDE)
    for hours in (1, 2, 3):
        await edit(office, number, starts_at=START + hours * HOUR, ends_at=START + (hours + 1) * HOUR)
    await office.store.change(a_change(deleting, ById((number,)), **ASKED))
    events = [
        (str(one["METHOD"]), event)
        for _to, mail in await office.sent()
        for one in calendars(mail)[:1]
        for event in one.walk("VEVENT")
    ]
    in_order = sorted(events, key=lambda one: int(one[1]["SEQUENCE"]))
    assert [method for method, _event in in_order] == ["REQUEST"] * 4 + ["CANCEL"]
    assert len({int(event["SEQUENCE"]) for _method, event in events}) == 5
    starts = [event["DTSTART"].dt for method, event in in_order if method == "REQUEST"]
    assert starts == sorted(set(starts))


async def a_series_whose_first_date_changed_most(office: Office) -> list[int]:
    rows = await three_days(office, OUTSIDE, **ASKED)
    for number in range(8):
        await edit(office, rows[0].id, title=f"Draft {number}", asked={})
    await edit(office, rows[0].id, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    return [row.id for row in rows]


async def refused_once(office: Office, first: int, *_others: int) -> list[tuple[str, Any]]:
    answers = iter(["451 later"])
    office.box.mails = lambda _mail: next(answers, "250 OK")
    await office.store.change(a_change(deleting, ById((first,)), **ASKED))
    return await office.sent()


async def taken_without_a_word(office: Office, first: int, second: int, _third: int) -> list[tuple[str, Any]]:
    office.box.after = dies_at_the_end
    await edit(office, second, starts_at=START + 26 * HOUR, ends_at=START + 27 * HOUR)
    unsure = await office.sent()
    assert office.states()["unsure"] == 1
    office.box.after = None
    await office.store.change(a_change(deleting, ById((first,)), **ASKED))
    return unsure + await office.sent()


async def called_off_and_on(office: Office, *dates: int) -> list[tuple[str, Any]]:
    for number in dates:
        await edit(office, number, participants=())
    gone = await office.sent()
    await office.store.change(a_change(deleting, ById(dates[:1])))
    await edit(office, dates[1], participants=(OUTSIDE,))
    return gone + await office.sent()


@both_engines
@pytest.mark.parametrize(
    ("goes_on", "methods"),
    [
        pytest.param(refused_once, ["REQUEST"], id="refused-once"),
        pytest.param(taken_without_a_word, ["REQUEST", "REQUEST"], id="taken-without-a-word"),
        pytest.param(called_off_and_on, [*["CANCEL"] * 3, "REQUEST"], id="called-off-and-on"),
    ],
)
async def test_letters_of_a_series_count_higher_whatever_became_of_the_one_before(
    office: Office, goes_on: Callable[..., Any], methods: list[str]
) -> None:
    ids = await a_series_whose_first_date_changed_most(office)
    before = await office.sent()
    arrived = [one for _to, mail in before + await goes_on(office, *ids) for one in calendars(mail)[:1]]
    assert [str(one["METHOD"]) for one in arrived] == ["REQUEST", "REQUEST", *methods]
    counts = [[int(event["SEQUENCE"]) for event in one.walk("VEVENT")] for one in arrived]
    for earlier, later in pairwise(counts):
        assert min(later) > max(earlier), counts


@both_engines
async def test_what_one_change_tells_of_a_series_in_two_letters_counts_twice(office: Office) -> None:
    rows = await three_days(office, OUTSIDE, **ASKED)
    first, second, third = (row.id for row in rows)

    def part(found: Rows, _view: View) -> Decision:
        (row,) = [one for one in found if one.id == second]
        return Decision(deletions=(first,), replacements=(replace(row, ends_at=row.ends_at + HOUR),))

    await office.store.change(a_change(part, ById((first, second, third)), **ASKED))
    guest, arrived = Elsewhere(), await office.sent()
    counts = []
    for _to, mail in arrived:
        guest.take(mail)
        counts.append(max(int(event["SEQUENCE"]) for event in calendars(mail)[0].walk("VEVENT")))
    assert (len(counts), counts) == (3, sorted(set(counts)))
    assert guest.dates() == ["03-04 10", "03-05 10"]


async def test_the_owner_is_told_of_an_answer_by_somebody_else(office: Office) -> None:
    number = await invite(office, OUTSIDE, COLLEAGUE, asked={})
    accepted = (OUTSIDE, replace(COLLEAGUE, invitation_status=InvitationStatus.ACCEPTED))
    await edit(office, number, participants=accepted, asked=ASKED | {"by": KARI})
    ((to, mail),) = await office.sent()
    assert to == "ada@inside.example"
    assert mail["Subject"].startswith("Accepted: Review")
    (calendar,) = calendars(mail)
    assert str(calendar["METHOD"]) == "REPLY"
    assert calendar.walk("VEVENT")[0]["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    declined = (replace(OUTSIDE, invitation_status=InvitationStatus.DECLINED), accepted[1])
    # Whoever wrote it down knows it.
    await edit(office, number, participants=declined, asked=ASKED | {"by": ADA})
    assert await office.sent() == []


async def three_days(office: Office, guest: Participant, **asked: Any) -> tuple[Appointment, ...]:
    days = [timedelta(days=number) for number in range(3)]
    rule = Rule(pattern=Pattern.DAILY, starts_on=START.date(), count=len(days))
    dates = [
        a_draft(
            participants=(guest,),
            starts_at=START + day,
            ends_at=START + day + HOUR,
            series_id=-9,
            series=Series(rule=rule, zone="Europe/Oslo", on=(START + day).date()),
        )
        for day in days
    ]
    return (await office.store.change(a_change(adding(*dates), NoRows(), **asked))).rows


@pytest.mark.parametrize("said", [InvitationStatus.ACCEPTED, InvitationStatus.DECLINED])
async def test_an_answer_to_one_date_says_nothing_of_others_though_its_guest_wants_no_mail(
    office: Office, said: InvitationStatus
) -> None:
    quiet = replace(COLLEAGUE, send_email=False)
    _first, second, _third = await three_days(office, quiet)
    answered = (replace(quiet, invitation_status=said),)
    await edit(office, second.id, participants=answered, asked=ASKED | {"by": KARI})
    ((to, mail),) = await office.sent()
    assert to == "ada@inside.example"
    (calendar,) = calendars(mail)[:1]
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), event["RECURRENCE-ID"].dt) == ("REPLY", second.starts_at)
    assert event["ATTENDEE"].params["PARTSTAT"] == said.name
    assert not {"RRULE", "EXDATE"} & event.keys()


async def test_dates_that_a_former_address_was_told_are_not_known_to_another_one(office: Office) -> None:
    await office.store.put_records(1, [INGA])
    wanting = Participant(key=4, person_id=INGA.id, send_email=True)
    quiet = replace(wanting, send_email=False)
    rows = await three_days(office, wanting, **ASKED)
    ((to, mail),) = await office.sent()
    old = Elsewhere()
    old.take(mail)
    assert (to, len(old.dates())) == ("inga@side.example", 3)
    await office.store.put_records(1, [replace(INGA, email="inga@new.example")])
    for row in rows:
        await edit(office, row.id, participants=(quiet,), asked={})
    await edit(office, rows[1].id, participants=(wanting,))
    ((to, mail),) = await office.sent()
    new = Elsewhere()
    new.take(mail)
    assert (to, new.dates()) == ("inga@new.example", ["03-04 10"])


async def test_a_receiver_that_is_refused_costs_nobody_else_a_letter(office: Office) -> None:
    office.box.receivers = lambda address: "550 unknown" if address.startswith("kari") else "250 OK"
    await invite(office)
    assert [to.lower() for to, _mail in await office.sent()] == ["out@side.example"]
    assert office.states() == {"refused": 1, "sent": 1}
    (letter,) = await office.store.mail.letters(1, [LetterState.REFUSED])
    assert "refused (550)" in letter.last_error
    everything = repr(office.world.run("SELECT * FROM letter")) + repr(
        office.world.run("SELECT * FROM mailing")
    )
    assert "example" not in everything.replace("kari", "x").lower() or "@" not in everything
    # By hand it is tried again, under the same name.
    office.box.receivers = lambda _address: "250 OK"
    assert await office.store.mail.again(1, office.world.clock.now) == 1
    ((to, _mail),) = await office.sent()
    assert to == "kari@inside.example"


async def test_a_server_that_is_busy_gets_the_same_letter_again(office: Office) -> None:
    answers = iter(["451 later", "451 later"])
    names = []

    def answer(mail: Any) -> str:
        names.append(mail["Message-ID"])
        return next(answers, "250 OK")

    office.box.mails = answer
    await invite(office, OUTSIDE)
    ((_to, mail),) = await office.sent()
    assert names == [mail["Message-ID"]] * 3
    assert mail["Message-ID"].endswith("@appointed.example>")


async def test_a_server_that_dies_inside_a_letter_is_asked_again_or_it_is_unsure(office: Office) -> None:
    tries = 0

    async def dies_twice(server: Any) -> None:
        nonlocal tries
        tries += 1
        if tries > 2:
            office.box.trick = None
            return await server.smtp_DATA("")
        return await dies_inside(server)

    office.box.trick = dies_twice
    await invite(office, OUTSIDE)
    arrived = await office.sent()
    # Known to be gone before the end was on its way: again. Not known: nobody can tell.
    assert (office.states(), len(arrived)) in (({"sent": 1}, 1), ({"unsure": 1}, 0))


@both_engines
async def test_what_nobody_knows_is_not_sent_twice(office: Office) -> None:
    office.box.after = dies_at_the_end
    await invite(office, OUTSIDE)
    ((_to, first),) = await office.sent()
    assert office.states() == {"unsure": 1}
    office.box.after = None
    assert await office.sent() == []
    assert await office.store.mail.again(1, office.world.clock.now) == 1
    ((_to, again),) = await office.sent()
    # The receiver's server may tell by its name that it is the same.
    assert again["Message-ID"] == first["Message-ID"]


@both_engines
async def test_postmen_side_by_side_send_nothing_twice(office: Office) -> None:
    for number in range(6):
        await invite(office, OUTSIDE, COLLEAGUE, title=f"Number {number}")
    # SQLite has one process; on PostgreSQL each of them has a store of its own.
    is_file = office.world.engine == "sqlite"
    others = [office.store if is_file else await office.world.open() for _each in "bc"]
    async with (
        office.posting("a"),
        office.posting("b", store=others[0]),
        office.posting("c", store=others[1]),
    ):
        await office.settled()
    names = [mail["Message-ID"] for _to, mail in office.box.got]
    assert len(names) == len(set(names)) == 12
    assert office.states() == {"sent": 12}


async def test_what_a_killed_postman_had_begun_to_end_is_unsure(office: Office) -> None:
    await invite(office, OUTSIDE)
    mail, now = office.store.mail, office.world.clock.now
    (mailing,) = await mail.fresh(1, 10)
    # As a process would leave it: one letter claimed, the end of another announced, and nobody there any more.
    names = [LetterName(f"r1/invited/email/{who}", f"r1/{who}") for who in ("a1", "a2")]
    await mail.spread(mailing, names, now)
    (first, _mailing), (second, _mailing) = await mail.claim(1, now, now + HOUR, LEASE, 10)
    assert await mail.begin(first)
    assert second.state is LetterState.WAITING
    office.world.clock.now += 2 * HOUR
    assert await office.sent() == []
    # Nobody is told of a letter that its mailing does not have.
    assert office.states() == {"unsure": 1, "void": 1}


async def test_letters_are_in_the_language_and_zone_of_who_has_a_diary(office: Office) -> None:
    wishes = [("Language", "cy"), ("TimeZone", "Asia/Tokyo")]
    wanted = [
        Preference(level=Level.INDIVIDUAL, owner_id=KARI, section="Mail", key=key, value=value)
        for key, value in wishes
    ]
    await office.store.put_preferences(1, wanted)
    await invite(office, COLLEAGUE)
    ((_to, mail),) = await office.sent()
    assert mail["Subject"] == "Gwahoddiad: Review, dydd Mawrth 3 Mawrth 2026, 18:00–19:00 (Asia/Tokyo)"
    await invite(
        office, OUTSIDE, asked={"mail": Note(subject="Own words", body="Bring cake", language="nb-NO")}
    )
    ((_to, own),) = await office.sent()
    text = own.get_body(("plain",)).get_content()
    assert own["Subject"] == "Own words"
    assert "Bring cake" in text
    assert "tirsdag 3. mars 2026" in text
    assert "Bring cake" not in repr(office.world.run("SELECT * FROM mailing"))


async def test_titles_cannot_add_headers_or_markup(office: Office) -> None:
    await invite(office, OUTSIDE, title="A\r\nBcc: evil@example.org\r\n<script>", location="<b>Room</b>")
    ((_to, mail),) = await office.sent()
    assert mail["Bcc"] is None
    assert "A Bcc: evil@example.org <script>" in mail["Subject"]
    html = mail.get_body(("html",)).get_content()
    assert "<b>Room" not in html
    assert "&lt;b&gt;Room" in html


async def test_addresses_beyond_ascii_and_texts_that_are_none(office: Office) -> None:
    await invite(office, replace(OUTSIDE, email_address="jørgen@bø.example"))
    ((to, mail),) = await office.sent()
    assert to == mail["To"] == "jørgen@bø.example"
    await invite(office, replace(OUTSIDE, email_address="nobody at all"))
    assert await office.sent() == []
    assert office.states() == {"refused": 1, "sent": 1}


async def test_an_invitation_that_waited_too_long_is_not_sent_any_more(office: Office) -> None:
    await invite(office, OUTSIDE)
    office.world.clock.now = START + 2 * HOUR
    assert await office.sent() == []
    assert office.states() == {"void": 1}


async def test_letters_are_forgotten_after_a_while(office: Office) -> None:
    await invite(office, OUTSIDE)
    await office.sent()
    await office.store.mail.forget(office.world.clock.now - 1000 * HOUR)
    assert len(await office.store.mail.letters(1, ENDED)) == 1
    await office.store.mail.forget(office.world.clock.now + HOUR)
    assert await office.store.mail.letters(1, ENDED) == ()
    assert office.world.count("mailing") == 0
