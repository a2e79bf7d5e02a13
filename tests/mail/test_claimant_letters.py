"""What claimants are told: by mail and SMS, in their department's language, once, and sealed until it leaves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from appointed.domain.letter import Channel, LetterName, LetterState
from appointed.domain.meeting import Meeting
from appointed.domain.principal import Principal
from appointed.domain.status import Status
from appointed.jobs.reminders import reminder_job
from appointed.jobs.runner import Runner
from appointed.mail.languages import Texts
from appointed.mail.sms import Gateway, Texter
from appointed.sealing.keys import ServerKeys
from appointed.usecases.ask_to_join import ask_to_join
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import ById
from appointed.usecases.tell_claimant import resend_invitation
from tests.mail.gateway import SECRET, Phones, gateway
from tests.mail.mailserver import mailserver
from tests.mail.office import BOTH, ENDED, Office, department
from tests.store.world import (
    ADA,
    HOUR,
    KEYS,
    NOW,
    START,
    World,
    a_change,
    a_claimant,
    create,
    deleting,
    edit,
    plant,
)

MAIL, SMS = Channel.EMAIL, Channel.SMS
GRACE = a_claimant(1, phone_number="+4712345678")
MEETING = Meeting(id="m", room_name="room", agent_key="agents")
LINK = "https://appointed.example/client-web/schedule/pre-call/summary?reference=CASE1&key=1-1-key"
HELP = "Ring 22 33 44 55"
MONTH = timedelta(days=30)


class Calls(Office):
    """An office with a gateway of short messages beside its mail server."""

    phones: Phones

    async def tells(self, **values: Any) -> None:
        """Say how the first department tells its claimants."""
        known = {"invites_by": (MAIL, SMS), "language": "en", "support_text": HELP} | values
        await self.store.put_records(1, [department(**known)])

    async def booked(self, **values: Any) -> int:
        plain = {"claimant": GRACE, "reference": "CASE1", "meeting": MEETING, "title": None}
        return (await create(self.store, **(plain | values))).id

    async def all_told(self) -> tuple[list[Any], list[dict[str, Any]]]:
        mails = [mail for _to, mail in await self.sent()]
        texts, self.phones.calls = self.phones.calls, []
        return mails, texts


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    world = World("sqlite", tmp_path / "appointed.db")
    world.options["channels"] = BOTH
    store = await world.open()
    await plant(store)
    async with mailserver() as box, gateway() as phones:
        texter = Texter(Gateway(url=phones.url, secret=SECRET, sender="Clinic", seconds=5.0), world.clock)
        made = Calls(world, store, box, texter)
        made.phones = phones
        yield made
        await texter.close()
    await world.close()


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


@pytest.mark.clause("SQ-LIFE-invited")
async def test_nobody_is_told_before_the_department_wants_it(calls: Calls) -> None:
    await calls.booked()
    assert await calls.all_told() == ([], [])


@pytest.mark.clause("SQ-LIFE-help", "SQ-LIFE-invited")
async def test_an_invitation_has_link_help_and_calendar_and_no_name_of_what_it_is_about(calls: Calls) -> None:
    await calls.tells()
    number = await calls.booked(internal_notes="serious", description="secret matter")
    assert number == 1
    (mail,), (sms,) = await calls.all_told()
    assert mail["To"] == "Grace Hopper <grace@navy.example>"
    assert mail["From"] == "Diaries <diary@appointed.example>"
    assert mail["Subject"] == "Your video appointment, Tuesday 3 March 2026, 10:00–11:00 (Europe/Oslo)"
    for said in (text_of(mail), mail.get_body(("html",)).get_content().replace("&amp;", "&"), sms["text"]):
        assert LINK in said
        assert HELP in said
        assert "secret" not in said
        assert "serious" not in said
    assert "Need help?" in text_of(mail)
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert "ATTENDEE" not in event
    assert str(event["SUMMARY"]) == "Video appointment with First"
    assert [one.get_filename() for one in mail.iter_attachments()] == ["invite.ics"]
    assert (sms["to"], sms["from"]) == ("+4712345678", "Clinic")
    kept = repr(calls.world.run("SELECT * FROM letter")) + repr(calls.world.run("SELECT * FROM mailing"))
    assert "navy" not in kept
    assert "4712345678" not in kept


async def test_the_language_is_the_departments(calls: Calls) -> None:
    await calls.tells(language="cy", invites_by=(MAIL,))
    await calls.booked()
    (mail,), texts = await calls.all_told()
    assert mail["Subject"].startswith("Eich apwyntiad fideo, dydd Mawrth 3 Mawrth 2026")
    assert "Angen help?" in text_of(mail)
    assert texts == []
    await calls.tells(language="xx", invites_by=(SMS,))
    await calls.booked(reference="CASE2")
    mails, (sms,) = await calls.all_told()
    assert mails == []
    assert sms["text"].startswith("First: your video appointment is on Tuesday 3 March 2026")


async def test_texts_of_an_operator_and_of_one_department_come_first(calls: Calls, tmp_path: Path) -> None:
    own = tmp_path / "texts" / "tenant-1" / "department-1"
    own.mkdir(parents=True)
    (tmp_path / "texts" / "en.toml").write_text('footer = "House words"\nuntitled = "Thing"\n')
    (own / "en.toml").write_text('[claimant.invited]\nheading = "Come to {department}"\n')
    (own / "letter.txt.j2").write_text("{{ heading }} / {{ footer }}")
    calls.texts = Texts(tmp_path / "texts")
    await calls.tells(invites_by=(MAIL,))
    await calls.booked()
    (mail,), _texts = await calls.all_told()
    assert text_of(mail).strip() == "Come to First / House words"
    assert "Come to First" in mail.get_body(("html",)).get_content()


@pytest.mark.clause("SQ-LIFE-told")
async def test_moving_and_cancelling_are_told_once_each(calls: Calls) -> None:
    await calls.tells()
    number = await calls.booked()
    await calls.all_told()
    await edit(calls.store, number, internal_notes="only for us")
    assert await calls.all_told() == ([], [])
    await edit(calls.store, number, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    (moved,), (sms,) = await calls.all_told()
    assert "has a new time" in moved["Subject"]
    assert "11:00–12:00" in sms["text"]
    await edit(calls.store, number, status=Status.CANCELLED)
    (gone,), (sms,) = await calls.all_told()
    assert "was cancelled" in gone["Subject"]
    assert "http" not in sms["text"]
    await calls.store.change(a_change(deleting, ById((number,))))
    assert await calls.all_told() == ([], [])


@pytest.mark.clause("SQ-LIFE-told")
async def test_nobody_is_invited_twice_by_one_way(calls: Calls) -> None:
    await calls.tells()
    number = await calls.booked()
    await calls.all_told()
    await edit(calls.store, number, claimant=replace(GRACE, email="new@navy.example"))
    (mail,), texts = await calls.all_told()
    assert (mail["To"], texts) == ("Grace Hopper <new@navy.example>", [])
    assert mail["Subject"].startswith("Your video appointment, ")
    await edit(calls.store, number, claimant=replace(GRACE, email=None))
    assert await calls.all_told() == ([], [])
    await edit(calls.store, number, claimant=GRACE)
    (mail,), texts = await calls.all_told()
    assert (mail["To"], texts) == ("Grace Hopper <grace@navy.example>", [])
    # As the real client books anew: the time and the whole claimant, without a number.
    known = replace(GRACE, phone_number=None)
    await edit(calls.store, number, claimant=known, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    (mail,), texts = await calls.all_told()
    assert "has a new time" in mail["Subject"]
    assert texts == []


async def test_who_still_expects_the_former_time_hears_of_another_one_though_it_is_over(calls: Calls) -> None:
    await calls.tells()
    number = await calls.booked(starts_at=START + 5 * HOUR, ends_at=START + 6 * HOUR)
    await calls.all_told()
    await edit(calls.store, number, starts_at=START, ends_at=START + HOUR)
    # Nothing is sent until the new time is over.
    calls.world.clock.now = START + 2 * HOUR
    (mail,), (sms,) = await calls.all_told()
    assert "has a new time" in mail["Subject"]
    assert "10:00–11:00" in sms["text"]
    # Once the former time is over too, nobody waits for it.
    await edit(calls.store, number, starts_at=START + 5 * HOUR, ends_at=START + 6 * HOUR)
    await calls.all_told()
    await edit(calls.store, number, starts_at=START, ends_at=START + HOUR)
    calls.world.clock.now = START + 7 * HOUR
    assert await calls.all_told() == ([], [])
    assert calls.states() == {"sent": 6, "void": 2}


async def test_an_erased_claimant_is_told_nothing(calls: Calls) -> None:
    await calls.tells()
    await calls.booked()
    await calls.store.erase_claimant(1, GRACE.id)
    assert await calls.all_told() == ([], [])


@pytest.mark.clause("SQ-LIFE-again")
async def test_an_invitation_goes_again_each_time_it_is_wanted(calls: Calls) -> None:
    await calls.tells()
    number = await calls.booked()
    await calls.all_told()
    ids = seeded("resend")
    for _time in range(2):
        ways = await resend_invitation(calls.store, ids, Principal(1, ADA), number, NOW)
        assert ways == (MAIL, SMS)
    mails, texts = await calls.all_told()
    assert len({mail["Message-ID"] for mail in mails}) == 2
    assert len({sms["id"] for sms in texts}) == 2
    await edit(calls.store, number, status=Status.CANCELLED)
    assert await resend_invitation(calls.store, ids, Principal(1, ADA), number, NOW) == ()


async def test_a_reminder_comes_once_by_the_clock_whoever_looks(calls: Calls) -> None:
    await calls.tells(reminder_minutes=60)
    number = await calls.booked()
    await calls.booked(
        reference="CASE2",
        claimant=a_claimant(2, email=None),
        starts_at=START + 5 * HOUR,
        ends_at=START + 6 * HOUR,
    )
    await calls.all_told()
    clock, jobs = calls.world.clock, [reminder_job(calls.store, seeded("job"))]
    runners = [Runner(calls.store, jobs, clock, UUID(int=n), asyncio.Event(), 0.01) for n in (1, 2)]

    async def minutes_before(minutes: int) -> tuple[list[Any], list[Any]]:
        clock.now = START - timedelta(minutes=minutes)
        for runner in runners:
            await runner.turn()
        return await calls.all_told()

    assert await minutes_before(61) == ([], [])
    (mail,), (sms,) = await minutes_before(60)
    assert mail["Subject"].startswith("Reminder: your video appointment")
    assert sms["text"].startswith("First: reminder")
    assert await minutes_before(30) == ([], [])
    # What was told is not even looked at again.
    assert list(await jobs[0].due(1, clock.now, 10)) == []
    clock.now = START - timedelta(minutes=20)
    await edit(calls.store, number, starts_at=START + 3 * HOUR, ends_at=START + 4 * HOUR)
    await calls.all_told()
    # A new time has a reminder of its own.
    again, _texts = await minutes_before(-120)
    assert [mail["Subject"].partition(":")[0] for mail in again] == ["Reminder"]


@pytest.mark.parametrize(
    ("status", "state", "asked"),
    [(503, "sent", 2), (400, "refused", 1), (500, "unsure", 1), (0, "unsure", 1)],
    ids=["busy", "refused", "failed", "hung up"],
)
async def test_a_gateway_that_refuses_fails_or_goes_away(
    calls: Calls, status: int, state: str, asked: int
) -> None:
    answers = iter([status])
    calls.phones.answer = lambda _call: next(answers, 200)
    await calls.tells(invites_by=(SMS,))
    await calls.booked(starts_at=START + MONTH, ends_at=START + MONTH + HOUR)
    _mails, texts = await calls.all_told()
    assert calls.states() == {state: 1}
    # Asked again it is the same message, by its id.
    assert len(texts) == asked
    assert len({sms["id"] for sms in texts}) == 1


async def test_a_gateway_that_says_nothing_or_is_not_there(calls: Calls) -> None:
    await calls.tells(invites_by=(SMS,))
    calls.phones.answer = lambda _call: -1
    quick = Texter(Gateway(url=calls.phones.url, secret=SECRET, seconds=0.2), calls.world.clock)
    calls.texter, kept = quick, calls.texter
    await calls.booked(starts_at=START + MONTH, ends_at=START + MONTH + HOUR)
    await calls.all_told()
    assert calls.states() == {"unsure": 1}
    await quick.close()
    calls.texter = kept


def test_a_gateway_says_nothing_of_its_secret() -> None:
    assert "sss" not in repr(Gateway(url="http://x/", secret=SECRET))


def test_every_language_says_all_and_names_the_same_places() -> None:
    texts = Texts()
    english = texts.words("en", 1, 1)

    def places(words: dict[str, Any], path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in words.items():
            if isinstance(value, dict):
                found |= places(value, f"{path}{name}.")
            elif isinstance(value, str):
                found[path + name] = {part.partition("}")[0] for part in value.split("{")[1:]}
            else:
                found[path + name] = len(value)
        return found

    for language in ("no", "cy", "nb-NO", "CY_gb"):
        assert places(texts.words(language, 1, 1)) == places(english)
        assert texts.words(language, 1, 1)["months"] != english["months"]
    for odd in ("../en", "", "en/../no", "x" * 4_000, "日本"):
        assert texts.words(odd, 1, 1) == english


def test_a_language_of_the_operators_own_is_one_and_none_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "secret.toml").write_text('footer = "secret"\n')
    (tmp_path / "texts" / "sv.toml").write_text('footer = "Hej"\n')
    texts = Texts(tmp_path / "texts")
    assert (texts.words("sv-SE", 1, 1)["footer"], texts.words("sv", 1, 1)["language"]) == ("Hej", "sv")
    assert texts.words("../secret", 1, 1)["footer"] != "secret"
    ours = {"cy": "Cymraeg", "en": "English", "no": "Norsk"}
    assert (Texts().offered(), texts.offered()) == (ours, ours | {"sv": "sv"})
    (tmp_path / "texts" / "sv.toml").write_text('language_name = "Svenska"\n')
    assert texts.offered()["sv"] == "Svenska"


async def test_an_interpreter_is_asked_by_mail_and_a_guest_by_short_message_in_their_language(
    calls: Calls,
) -> None:
    await calls.tells(language="no")
    number = await calls.booked()
    await calls.all_told()
    ids = seeded("join")
    for role, address in (("interpreter", "ida@words.example"), ("guest", "+47 99 88 77 66")):
        asked = await ask_to_join(
            calls.store, ids, Principal(1, ADA), number, role, address, NOW, lambda _tenant, text: text[:1]
        )
        assert asked.is_new
    kept = repr(calls.world.run("SELECT * FROM mailing"))
    (mail,), (sms,) = await calls.all_told()
    assert (mail["To"], mail["Subject"].split(",")[0]) == ("ida@words.example", "Kan du tolke en videoavtale")
    assert "/agent-web/join/interpreter/1-1-" in text_of(mail)
    assert "Grace" not in mail.as_string()
    assert "client-web" not in mail.as_string()
    (event,) = Calendar.from_ical(next(mail.iter_attachments()).get_content()).walk("VEVENT")
    assert "ATTENDEE" not in event
    assert (sms["to"], "/agent-web/join/guest/1-1-" in sms["text"]) == ("+4799887766", True)
    kept += repr(calls.world.run("SELECT * FROM letter"))
    assert "words.example" not in kept
    assert "99887766" not in kept


async def test_who_is_asked_to_join_what_is_cancelled_meanwhile_hears_nothing(calls: Calls) -> None:
    await calls.tells(invites_by=())
    number = await calls.booked()
    await ask_to_join(
        calls.store, seeded("late"), Principal(1, ADA), number, "guest", "a@b.example", NOW, lambda *_: "x"
    )
    await edit(calls.store, number, status=Status.CANCELLED)
    assert await calls.all_told() == ([], [])


async def test_what_no_key_opens_is_refused_at_once_and_sent_by_hand_when_the_keys_are_back(
    calls: Calls,
) -> None:
    await calls.tells(invites_by=(MAIL,))
    await calls.booked()
    right, lost = calls.world.sealer, ServerKeys(current=b"x" * 32, lasting=b"l" * 32)
    # The letter is known when the keys go: what is due is tried, and refused with its reason.
    mail = calls.store.mail
    (mailing,) = await mail.fresh(1, 10)
    await mail.spread(mailing, [LetterName("r1/invited/email/claimant", "r1/email/claimant")], NOW)
    right.renew(lost)
    assert await calls.all_told() == ([], [])
    (letter,) = await mail.letters(1, ENDED)
    assert (letter.state, letter.rounds) == (LetterState.REFUSED, 1)
    assert letter.last_error == "no key of this server opens what is to be told"
    right.renew(KEYS)
    assert await mail.again(1, calls.world.clock.now) == 1
    (arrived,), _none = await calls.all_told()
    assert LINK in text_of(arrived)


async def test_a_mailing_that_no_key_opens_leaves_a_letter_that_says_so(calls: Calls) -> None:
    await calls.tells()
    await calls.booked()
    calls.world.sealer.renew(ServerKeys(current=b"x" * 32, lasting=b"l" * 32))
    assert await calls.all_told() == ([], [])
    letters = await calls.store.mail.letters(1, ENDED)
    assert {one.state for one in letters} == {LetterState.REFUSED}
    assert {one.last_error for one in letters} == {"no key of this server opens what is to be told"}
    calls.world.sealer.renew(KEYS)
    assert await calls.store.mail.again(1, calls.world.clock.now) == len(letters)
    (arrived,), _texts = await calls.all_told()
    assert LINK in text_of(arrived)
    assert await calls.store.mail.letters(1, [LetterState.REFUSED]) == ()
