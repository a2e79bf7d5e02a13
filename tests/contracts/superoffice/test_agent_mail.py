"""Mail that the agent's methods ask for, through a real mail server, and answers that come back (§10.2)."""

import asyncio
import base64
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from icalendar import Calendar

from appointed.domain.letter import LetterState
from tests.contracts.served import Served, serving
from tests.mail.elsewhere import Elsewhere, events
from tests.mail.mailserver import Mailbox, mailserver

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

GUEST = {"EmailAddress": "guest@out.example", "SendEmail": True}
QUIET = {"EmailAddress": "quiet@out.example", "SendEmail": False}
SPAN = {"StartDate": "2033-05-05T10:00:00", "EndDate": "2033-05-05T11:00:00"}

WEEKLY = {
    "StartDate": "2033-05-05T10:00:00",
    "EndDate": "2033-06-09T10:00:00",
    "Pattern": "Weekly",
    "WeekPattern": {"Pattern": "WeekDays", "WeekDays": "Thursday", "Interval": 1},
    "RecurrenceEndType": "EndDate",
    "IsRecurrence": True,
}


KARI = 2
UNDER_WAY = (LetterState.WAITING, LetterState.SENDING)
FAR = "2033-06-30T10:00:00"


def rule_of(saved: dict[str, Any]) -> int:
    return int(saved["Recurrence"]["RecurrenceId"])


@dataclass
class Post:
    """A server that sends mail, and the box it sends to."""

    served: Served
    box: Mailbox

    async def call(self, method: str, **body: Any) -> Any:
        answer = await self.served.so("POST", f"Agents/Appointment/{method}", json=body)
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.content else None

    async def invited(self, *guests: dict[str, Any], mail: bool = True, **more: Any) -> dict[str, Any]:
        entity = {"Title": "Review", "Participants": list(guests or (GUEST,))} | SPAN | more
        saved = await self.call("Save", AppointmentEntity=entity, SendEmailToParticipants=mail)
        return dict(saved)

    async def series(self, rule: int) -> list[dict[str, Any]]:
        rows = await self.call("GetAppointmentRecords", MotherId=0, RecurrenceRuleId=rule)
        return sorted(rows, key=lambda row: str(row["StartDate"]))

    async def quiet(self, count: int) -> list[Any]:
        """Wait for so many mails at least, and until nothing is on its way any more."""
        store, now = self.served.parts.store, self.served.parts.clock

        async def waits() -> bool:
            # Whoever sends a letter has claimed it: it is not due, and yet on its way.
            return bool(await store.mail.work(now()) or await store.mail.letters(1, UNDER_WAY))

        async with asyncio.timeout(30):
            while len(self.box.got) < count or await waits():
                await asyncio.sleep(0.01)
        got, self.box.got = self.box.got, []
        return got

    async def arrived(self, count: int) -> list[Any]:
        """Wait for so many mails, and that nothing else is on its way."""
        got = await self.quiet(count)
        assert len(got) == count
        return [mail for _to, mail in got]


@asynccontextmanager
async def posting(folder: Path, database: str) -> AsyncIterator[Post]:
    """Run a server that sends mail."""
    async with mailserver() as box:
        options = {
            "mail_host": "127.0.0.1",
            "mail_port": box.port,
            "mail_tls": "none",
            "mail_from": "Diary <diary@appointed.example>",
            "webhook_poll_seconds": 0.02,
        }
        async with serving(folder, database, options) as served:
            yield Post(served, box)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with posting(tmp_path_factory.mktemp("post"), "sqlite:") as made:
        yield made


async def test_only_who_wants_mail_is_told_and_only_when_asked(post: Post) -> None:
    await post.invited(GUEST, mail=False)
    plain = {"Title": "Plain", "Participants": [GUEST]} | SPAN
    await post.call("SaveAppointmentEntity", **plain)
    assert (await post.served.so("POST", "Appointment", json=plain)).status_code in (200, 201)
    await post.arrived(0)
    await post.invited(GUEST, QUIET)
    (mail,) = await post.arrived(1)
    assert mail["To"] == "guest@out.example"
    assert mail["Subject"].startswith("Invitation: Review")
    # A dry run by REST tells who would be, and tells nobody.
    headers = {"Prefer": "dry-run"}
    answer = await post.served.so("POST", "Appointment", json=plain, headers=headers)
    assert answer.json()["notices"] != []
    await post.arrived(0)


async def test_whether_mail_will_be_sent_is_the_truth(post: Post) -> None:
    entity = {"Title": "Review", "Participants": [GUEST]} | SPAN
    assert await post.call("WillSendEmail", Appointment=entity) is True
    assert await post.call("WillSendEmail", Appointment=entity | {"Participants": [QUIET]}) is False
    assert await post.call("WillSendEmail", Appointment=entity | {"Participants": []}) is False
    saved = await post.invited(GUEST, mail=False)
    assert await post.call("WillSendEmail", Appointment=saved) is False
    assert await post.call("WillSendEmail", Appointment=saved | {"Description": "Other"}) is False
    assert await post.call("WillSendEmail", Appointment=saved | {"Location": "Elsewhere"}) is True
    assert await post.call("WillSendEmail", Appointment=saved | {"AppointmentId": 999_999}) is False
    await post.arrived(0)


async def test_moves_updates_and_deletions_are_told(post: Post) -> None:
    saved = await post.invited()
    await post.arrived(1)
    number = saved["AppointmentId"]
    move = {"AppointmentId": number, "NewStartTime": "2033-05-06T10:00:00", "SendEmailToParticipants": True}
    await post.call("MoveWithEmail", **move)
    await post.call("MoveExtended", AppointmentMoveData=move | {"NewStartTime": "2033-05-07T10:00:00"})
    quick = {"Id": number, "StartTime": "2033-05-08T10:00:00", "SendEmailToParticipants": True}
    await post.call("UpdateAppointmentWithModeAndEmail", **quick)
    await post.call("Move", AppointmentId=number, NewStartTime="2033-05-09T10:00:00")
    mails = await post.arrived(3)
    assert [mail["Subject"].partition(":")[0] for mail in mails] == ["Changed"] * 3
    assert [day in mail["Subject"] for day, mail in zip(("6 May", "7 May", "8 May"), mails, strict=True)]
    await post.call("Delete", AppointmentId=number, SendEmailToParticipants=True)
    (gone,) = await post.arrived(1)
    assert gone["Subject"].startswith("Cancelled: Review")


async def test_an_invitation_in_own_words(post: Post) -> None:
    entity = {"Title": "Review", "Participants": [GUEST]} | SPAN
    own = {"Subject": "Kom!", "EmailBody": "Det blir kake.", "TemplateLanguage": "no"}
    saved = await post.call(
        "SaveWithCustomInvitation", AppointmentEntity=entity, SendEmailToParticipants=True, **own
    )
    assert saved["EmailCreated"] is True
    assert saved["AppointmentEntity"]["Title"] == "Review"
    (mail,) = await post.arrived(1)
    assert mail["Subject"] == "Kom!"
    text = mail.get_body(("plain",)).get_content()
    assert "Det blir kake." in text
    assert "torsdag 5. mai 2033" in text
    silent = await post.call("SaveWithCustomInvitation", AppointmentEntity=entity, **own)
    assert silent["EmailCreated"] is False
    await post.arrived(0)


async def test_an_invitation_in_html_is_taken_by_its_words(post: Post) -> None:
    entity = {"Title": "Review", "Description": "Bring cake", "Participants": [GUEST]} | SPAN
    draft = await post.call("GetAppointmentEmailInvitation", Appointment=entity, Language="en")
    own = draft["HTMLBody"].replace("cake", "<b>tea</b> &amp; cake")
    sent = {"SendEmailToParticipants": True, "TemplateLanguage": "en", "EmailBody": own}
    await post.call("SaveWithCustomInvitation", AppointmentEntity=entity, **sent)
    (mail,) = await post.arrived(1)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert ("Bring tea & cake" in text, "Bring tea &amp; cake" in html) == (True, True)
    assert "&lt;" not in html
    # A whole letter is no letter within another.
    for words in ("Thursday 5 May 2033", "Please answer with your calendar program."):
        assert (text.count(words), html.partition("<body")[2].count(words)) == (1, 1), words


async def test_an_answer_comes_back_by_the_agent(post: Post) -> None:
    saved = await post.invited()
    (mail,) = await post.arrived(1)
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    calendar["METHOD"] = "REPLY"
    (event,) = calendar.walk("VEVENT")
    event["ATTENDEE"].params["PARTSTAT"] = "ACCEPTED"
    data = base64.b64encode(calendar.to_ical()).decode()
    take = {"EmailAddress": "guest@out.example", "IcsData": data}
    assert (
        await post.call("UpdateAppointmentFromIcsResponse", **take | {"EmailAddress": "x@y.example"}) is False
    )
    assert await post.call("UpdateAppointmentFromIcsResponse", **take) is True
    answer = await post.served.so("GET", f"Appointment/{saved['AppointmentId']}")
    statuses = {one["EmailAddress"]: one["InvitationStatus"] for one in answer.json()["Participants"]}
    assert statuses["guest@out.example"] == "Accepted"
    bad = await post.served.so(
        "POST", "Agents/Appointment/UpdateAppointmentFromIcsResponse", json=take | {"IcsData": "*"}
    )
    assert (bad.status_code, "IcsData" in bad.text) == (400, True)


async def test_a_series_is_one_letter_and_its_exceptions_say_so(post: Post) -> None:
    saved = await post.invited(Recurrence=WEEKLY)
    (mail,) = await post.arrived(1)
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert "RRULE" in event
    assert "6 dates" in mail["Subject"]
    move = {
        "AppointmentId": saved["AppointmentId"],
        "NewStartTime": "2033-05-06T12:00:00",
        "SendEmailToParticipants": True,
    }
    await post.call("MoveWithEmail", **move)
    (changed,) = await post.arrived(1)
    (part,) = [part for part in changed.walk() if part.get_content_type() == "text/calendar"]
    (date,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert date["UID"] == event["UID"]
    assert "RECURRENCE-ID" in date
    await post.call(
        "Delete",
        AppointmentId=saved["AppointmentId"],
        UpdateMode="ThisAndForward",
        SendEmailToParticipants=True,
    )
    (gone,) = await post.arrived(1)
    assert gone["Subject"].startswith("Cancelled: Review, 6 dates")


async def test_an_invitation_is_read_before_it_is_sent(post: Post) -> None:
    entity = {"Title": "Review", "Location": "Quay 4", "Participants": [GUEST, QUIET]} | SPAN
    letter = await post.call("GetAppointmentEmailInvitation", Appointment=entity, Language="en")
    assert [to["Address"] for to in letter["To"]] == ["guest@out.example"]
    assert letter["From"]["Address"] == "diary@appointed.example"
    assert letter["From"]["Name"] == "Demo Administrator"
    assert (letter["IsSent"], letter["HasCalendarData"], letter["CalMethod"]) == (False, True, "Request")
    # Nothing was saved or sent; what goes out then says just that.
    await post.arrived(0)
    await post.invited(GUEST, QUIET, Location="Quay 4")
    (mail,) = await post.arrived(1)
    assert mail["Subject"] == letter["Subject"]
    said = mail.get_body(("plain",)).get_content()
    assert said.split() == letter["PlainBody"].split()
    assert "Quay 4" in letter["HTMLBody"]
    other = await post.call("GetAppointmentEmailInvitation", Appointment=entity, Language="no")
    assert other["Subject"] != letter["Subject"]
    nobody = await post.call("GetAppointmentEmailInvitation", Appointment=SPAN | {"Title": "Alone"})
    assert (nobody["To"], "Alone" in nobody["Subject"]) == ([], True)


async def test_this_and_forward_at_another_time_is_told_as_a_whole(post: Post) -> None:
    saved = await post.invited(Recurrence=WEEKLY)
    (mail,) = await post.arrived(1)
    (event,) = events(mail)
    rows = await post.call("GetAppointmentRecords", MotherId=0, RecurrenceRuleId=rule_of(saved))
    third = sorted(rows, key=lambda row: str(row["StartDate"]))[2]
    move = {"NewStartTime": f"{third['StartDate'][:10]}T14:00:00", "UpdateMode": "ThisAndForward"}
    number = third["AppointmentId"]
    await post.call("MoveWithEmail", AppointmentId=number, SendEmailToParticipants=True, **move)
    (changed,) = await post.arrived(1)
    # Most dates have the new time: it is the series' own now, and the two before are its exceptions.
    series, *exceptions = events(changed)
    assert (series["UID"], series["DTSTART"].dt.hour) == (event["UID"], 14)
    assert [one["DTSTART"].dt.hour for one in exceptions] == [10, 10]
    assert "4 dates" in changed["Subject"]


async def test_a_guests_calendar_knows_every_date_that_letters_name(post: Post) -> None:
    saved = await post.invited(Recurrence=WEEKLY | {"EndDate": "2033-05-26T10:00:00"})
    guest, rule = Elsewhere(), rule_of(saved)
    rows = await post.call("GetAppointmentRecords", MotherId=0, RecurrenceRuleId=rule)
    _first, second, third, fourth = sorted(rows, key=lambda row: str(row["StartDate"]))

    async def told() -> str:
        (mail,) = await post.arrived(1)
        return guest.take(mail)

    assert await told() == "REQUEST"
    for row in (third, fourth):
        noon = f"{row['StartDate'][:10]}T12:00:00"
        move = {"AppointmentId": row["AppointmentId"], "NewStartTime": noon, "UpdateMode": "OnlyThis"}
        await post.call("MoveWithEmail", SendEmailToParticipants=True, **move)
        assert await told() == "REQUEST"
    assert guest.dates() == ["05-05 10", "05-12 10", "05-19 12", "05-26 12"]
    # Most of those that are left are at noon, and then none is more usual than the other.
    left = ["05-05 10", "05-19 12", "05-26 12"], ["05-05 10", "05-26 12"]
    for row, dates in zip((second, third), left, strict=True):
        await post.call("Delete", AppointmentId=row["AppointmentId"], SendEmailToParticipants=True)
        assert await told() == "REQUEST"
        assert guest.dates() == dates


async def test_a_series_that_becomes_longer_is_told_as_a_whole(post: Post) -> None:
    counted = WEEKLY | {"RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    saved = await post.invited(Recurrence=counted)
    guest = Elsewhere()
    (mail,) = await post.arrived(1)
    guest.take(mail)
    entity = saved | {"Recurrence": saved["Recurrence"] | {"RecurrenceCounter": 5}}
    await post.call("Save", AppointmentEntity=entity, SendEmailToParticipants=True)
    (longer,) = await post.arrived(1)
    assert longer["Subject"].startswith("Invitation: Review, 2 dates")
    assert guest.take(longer) == "REQUEST"
    assert guest.dates() == ["05-05 10", "05-12 10", "05-19 10", "05-26 10", "06-02 10"]
    last = (await post.call("GetAppointmentRecords", MotherId=0, RecurrenceRuleId=rule_of(saved)))[-1]
    await post.call("Delete", AppointmentId=last["AppointmentId"], SendEmailToParticipants=True)
    (gone,) = await post.arrived(1)
    # What every calendar knows by its name is called off by it.
    assert (guest.take(gone), len(guest.dates())) == ("CANCEL", 4)


class Review:
    """A series with a guest elsewhere, and what its owner does to it, with mail or without."""

    def __init__(self, post: Post, seed: int) -> None:
        self.post, self.source = post, random.Random(seed)
        self.guests: dict[str, Elsewhere] = {}
        self.told: list[str] = []
        self.rules: set[int] = set()

    async def begin(self) -> None:
        rule = WEEKLY | {"RecurrenceEndType": "Counter", "RecurrenceCounter": self.source.randint(3, 6)}
        self.rules.add(rule_of(await self.post.invited(Recurrence=rule)))
        await self.read_letters()

    async def go_on(self) -> None:
        row = self.source.choice(await self.standing())
        act = self.source.choice([self.move, self.move, self.delete, self.count])
        mode = self.source.choice(["OnlyThis", "OnlyThis", "ThisAndForward"])
        by_mail = self.source.random() < 0.5
        self.told.append(f"{act.__name__} {row['StartDate']} {mode} {'told' if by_mail else 'silent'}")
        await act(row, mode, by_mail)
        await self.read_letters()

    async def standing(self) -> list[dict[str, Any]]:
        found = [row for rule in self.rules for row in await self.post.series(rule)]
        if not found:
            await self.begin()
        return found or await self.standing()

    async def save(self, row: dict[str, Any], mode: str, by_mail: bool, **changes: Any) -> None:
        number, so = row["AppointmentId"], self.post.served.so
        if by_mail:
            entity = (await so("GET", f"Appointment/{number}")).json()
            if "Recurrence" in changes:
                changes["Recurrence"] = entity["Recurrence"] | changes["Recurrence"]
            asked = {"SendEmailToParticipants": True, "UpdateMode": mode}
            body = {"AppointmentEntity": entity | changes} | asked
            answer = await so("POST", "Agents/Appointment/Save", json=body)
        else:
            options = {"params": {"updateMode": mode}}
            answer = await so("PATCH", f"Appointment/{number}", json=changes, **options)
        if answer.status_code == 200:
            self.rules.add(rule_of(answer.json()))
        else:
            assert "has no day at all" in answer.text

    async def move(self, row: dict[str, Any], mode: str, by_mail: bool) -> None:
        days = self.source.choice([0, 0, 0, 1, 2])
        start = datetime.fromisoformat(row["StartDate"]) + timedelta(days=days)
        start = start.replace(hour=self.source.choice([9, 10, 12]))
        times = {"StartDate": start.isoformat(), "EndDate": (start + timedelta(hours=1)).isoformat()}
        await self.save(row, mode, by_mail, **times)

    async def count(self, row: dict[str, Any], mode: str, by_mail: bool) -> None:
        number = {"RecurrenceEndType": "Counter", "RecurrenceCounter": self.source.randint(2, 7)}
        await self.save(row, mode, by_mail, Recurrence=number)

    async def delete(self, row: dict[str, Any], mode: str, by_mail: bool) -> None:
        number = row["AppointmentId"]
        if by_mail:
            await self.post.call(
                "Delete", AppointmentId=number, UpdateMode=mode, SendEmailToParticipants=True
            )
        else:
            options = {"params": {"updateMode": mode}}
            answer = await self.post.served.so("DELETE", f"Appointment/{number}", **options)
            assert answer.status_code == 204, answer.text

    async def read_letters(self) -> None:
        named = set()
        for _to, mail in await self.post.quiet(0):
            name = str(events(mail)[0]["UID"])
            named.add(name)
            self.guests.setdefault(name, Elsewhere()).take(mail)
        for name in named:
            if name.startswith("series-"):
                rows = await self.post.series(int(name.split("@")[0].split("-")[2]))
                at = [datetime.fromisoformat(row["StartDate"]) for row in rows]
                assert self.guests[name].dates() == sorted(f"{one:%m-%d %H}" for one in at)


@pytest.mark.parametrize("seed", range(60 if os.environ.get("APPOINTED_TEST_SIZE") == "full" else 3))
async def test_after_every_letter_a_guests_calendar_has_the_series_as_it_is(post: Post, seed: int) -> None:
    review = Review(post, seed)
    await review.begin()
    for _step in range(12):
        try:
            await review.go_on()
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {'; '.join(review.told)}: {broken}") from broken


async def test_dates_that_become_another_series_leave_the_former_one(post: Post) -> None:
    saved = await post.invited(Recurrence=WEEKLY)
    (mail,) = await post.arrived(1)
    (event,) = events(mail)
    rows = await post.call("GetAppointmentRecords", MotherId=0, RecurrenceRuleId=rule_of(saved))
    third = sorted(rows, key=lambda row: str(row["StartDate"]))[2]
    answer = await post.served.so("GET", f"Appointment/{third['AppointmentId']}")
    entity = answer.json() | {"Recurrence": WEEKLY | {"StartDate": "2033-05-19T10:00:00", "EndDate": FAR}}
    await post.call(
        "Save", AppointmentEntity=entity, SendEmailToParticipants=True, UpdateMode="ThisAndForward"
    )
    got = [one for _to, one in await post.quiet(2)]
    mails = {one["Subject"].partition(":")[0]: one for one in got}
    gone = events(mails["Replaced"])
    assert {one["UID"] for one in gone} == {event["UID"]}
    assert all("RECURRENCE-ID" in one and one["STATUS"] == "CANCELLED" for one in gone)
    new = [one for name, one in mails.items() if name != "Replaced"]
    assert new
    assert all(one["UID"] != event["UID"] for one in events(new[0]))


@pytest.mark.parametrize(
    ("method", "word", "more"),
    [
        ("AcceptWithEmailConfirmation", "Accepted", {}),
        ("AcceptWithSmtpEmailConfirmation", "Accepted", {}),
        ("RejectWithEmailConfirmation", "Declined", {"RejectReason": "Ill"}),
        ("RejectWithSmtpEmailConfirmation", "Declined", {"RejectReason": "Ill"}),
        ("Accept", "", {}),
    ],
)
async def test_who_invited_is_told_of_an_answer_when_it_is_to_be_confirmed(
    post: Post, method: str, word: str, more: dict[str, Any]
) -> None:
    colleague = {"AssociateId": KARI, "SendEmail": True}
    saved = await post.invited(colleague, mail=False)
    kari = post.served.basic("kari")
    answer = await post.served.so(
        "POST",
        f"Agents/Appointment/{method}",
        json={"AppointmentId": saved["AppointmentId"]} | more,
        headers=kari,
    )
    assert answer.status_code == 204, answer.text
    mails = await post.arrived(1 if word else 0)
    assert [mail["Subject"].partition(":")[0] for mail in mails] == ([word] if word else [])


@pytest.mark.parametrize(
    ("method", "word", "hint"),
    [
        ("AcceptWithEmailConfirmation", "Accepted", False),
        ("RejectWithEmailConfirmation", "Declined", True),
        ("Reject", "", False),
    ],
)
async def test_who_handed_it_over_is_told_of_the_answer_when_it_is_to_be_confirmed(
    post: Post, method: str, word: str, hint: bool
) -> None:
    number = (await post.call("SaveAppointmentEntity", Title="Review", **SPAN))["AppointmentId"]
    await post.call("AssignTo", AppointmentId=number, Participant={"AssociateId": KARI})
    kari, sent = post.served.basic("kari"), {"json": {"AppointmentId": number, "RejectReason": "Ill"}}
    path = f"Agents/Appointment/{method}"
    tried = await post.served.so("POST", path, headers=kari | {"Prefer": "dry-run"}, **sent)
    kind = "declined" if "Reject" in method else "accepted"
    assert [(one["kind"], one["associate_id"]) for one in tried.json()["notices"]] == [(kind, KARI)]
    await post.served.so("POST", path, headers=kari, **sent)
    for mail in await post.arrived(1 if word else 0):
        assert mail["To"].endswith("<demo@demo.example>")
        assert mail["Subject"].startswith(f"{word}: Review")
        # It came back to the diary of its receiver, or it is in another one by now.
        assert ("in your diary" in mail.get_body(("plain",)).get_content()) is hint
        assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


async def test_on_postgresql_it_is_the_same(tmp_path: Path, postgres_dsn: str) -> None:
    async with posting(tmp_path, postgres_dsn) as post:
        await test_only_who_wants_mail_is_told_and_only_when_asked(post)
        await test_this_and_forward_at_another_time_is_told_as_a_whole(post)
        await test_dates_that_become_another_series_leave_the_former_one(post)
        await test_who_invited_is_told_of_an_answer_when_it_is_to_be_confirmed(
            post, "AcceptWithEmailConfirmation", "Accepted", {}
        )
