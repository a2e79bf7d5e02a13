"""Who is told of a change."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.appointment import AssignmentStatus as A
from appointed.domain.letter import Channel
from appointed.domain.notices import claimant_news, claimant_notices, notices, posted
from appointed.domain.participant import Claimant, Participant
from appointed.domain.participant import InvitationStatus as S
from appointed.domain.status import Status
from tests.builders import KARI, NOW, OLA, ROOM, START, appointment, directory

OWNER = Participant(key=1, associate_id=OLA, invitation_status=S.ACCEPTED)
GUEST = Participant(key=2, associate_id=KARI, invitation_status=S.INVITATION)
OUTSIDER = Participant(key=3, email_address="a@example.org", invitation_status=S.ACCEPTED)
BOOKED = appointment(mother_id=10, participants=(OWNER, GUEST, OUTSIDER))
HOUR = timedelta(hours=1)
LATER = {"starts_at": START + timedelta(hours=3), "ends_at": START + timedelta(hours=4)}
SAID_NO = replace(GUEST, invitation_status=S.DECLINED)

HANDED = appointment(owner_id=KARI, assigned_by=OLA, assignment_status=A.ASSIGNING)
TAKEN = replace(HANDED, assigned_by=0, assignment_status=A.NONE)
REFUSED = replace(HANDED, owner_id=OLA, assigned_by=KARI, assignment_status=A.DECLINED)

CASES = {
    "made": (None, BOOKED, [("invited", 2), ("invited", 3)]),
    "deleted": (BOOKED, None, [("cancelled", 2), ("cancelled", 3)]),
    "a text": (BOOKED, replace(BOOKED, title="Other", priority_id=1), []),
    "a time": (BOOKED, replace(BOOKED, **LATER), [("moved", 2), ("moved", 3)]),
    "a place": (BOOKED, replace(BOOKED, location="Elsewhere"), [("moved", 2), ("moved", 3)]),
    "removed": (BOOKED, replace(BOOKED, participants=(OWNER, OUTSIDER)), [("cancelled", 2)]),
    "declined": (BOOKED, replace(BOOKED, participants=(OWNER, SAID_NO, OUTSIDER)), [("declined", 2)]),
    "who declined hears no more": (
        replace(BOOKED, participants=(OWNER, SAID_NO, OUTSIDER)),
        replace(BOOKED, participants=(OWNER, SAID_NO, OUTSIDER), **LATER),
        [("moved", 3)],
    ),
    "a time at which somebody declines at once": (
        BOOKED,
        replace(BOOKED, participants=(OWNER, SAID_NO, OUTSIDER), **LATER),
        [("declined", 2), ("moved", 3)],
    ),
    "made with somebody who refuses at once": (
        None,
        replace(BOOKED, participants=(OWNER, SAID_NO, OUTSIDER)),
        [("declined", 2), ("invited", 3)],
    ),
    "deleted after declining": (replace(BOOKED, participants=(OWNER, SAID_NO)), None, []),
    "cancelled": (
        BOOKED,
        replace(BOOKED, status=Status.CANCELLED),
        [("cancelled", 2), ("cancelled", 3)],
    ),
    "deleted after cancelling": (replace(BOOKED, status=Status.CANCELLED), None, []),
    "asked later": (appointment(), replace(BOOKED, mother_id=0), [("invited", 2), ("invited", 3)]),
    "alone": (None, appointment(participants=(OWNER,)), []),
    "a guest's own row": (None, replace(BOOKED, id=11), []),
    "nothing": (None, None, []),
    "handed over": (replace(HANDED, owner_id=OLA, assigned_by=0, assignment_status=A.NONE), HANDED, []),
    "handed over and seen": (HANDED, replace(HANDED, assignment_status=A.SEEN), []),
    "handed over and taken": (HANDED, TAKEN, [("accepted", 0)]),
    "handed over, seen and taken": (replace(HANDED, assignment_status=A.SEEN), TAKEN, [("accepted", 0)]),
    "handed over and refused": (HANDED, REFUSED, [("declined", 0)]),
    "the refusal acknowledged": (REFUSED, replace(REFUSED, assigned_by=0, assignment_status=A.NONE), []),
    "handed on": (HANDED, replace(HANDED, owner_id=ROOM, assigned_by=KARI), []),
}


@pytest.mark.parametrize("name", CASES)
def test_notices(name: str) -> None:
    before, after, expected = CASES[name]
    told = list(notices(before, after))
    assert [(one.kind.value, one.participant.key) for one in told] == expected


IN_SERIES = replace(BOOKED, series_id=5)
MAILED = replace(BOOKED, participants=(OWNER, GUEST, replace(OUTSIDER, send_email=True)))
OFF = replace(BOOKED, status=Status.CANCELLED)
POSTED = {
    "as told": (BOOKED, replace(BOOKED, **LATER), [("moved", 2), ("moved", 3)]),
    "another series' name": (IN_SERIES, replace(IN_SERIES, series_id=6), [("moved", 2), ("moved", 3)]),
    "who declined keeps the old name": (
        IN_SERIES,
        replace(IN_SERIES, series_id=6, participants=(OWNER, SAID_NO, OUTSIDER)),
        [("declined", 2), ("moved", 3)],
    ),
    "a newcomer": (
        replace(IN_SERIES, participants=(OWNER, SAID_NO)),
        replace(IN_SERIES, series_id=6, participants=(OWNER, SAID_NO, OUTSIDER)),
        [("invited", 3)],
    ),
    "cancelled before": (OFF, replace(OFF, series_id=6), []),
    "a guest's own row": (replace(BOOKED, id=11), replace(BOOKED, id=11, series_id=6), []),
    "refused at once": (None, replace(BOOKED, participants=(OWNER, SAID_NO, OUTSIDER)), [("invited", 3)]),
    "new": (None, BOOKED, [("invited", 2), ("invited", 3)]),
    "handed over and refused": (HANDED, REFUSED, [("declined", 0)]),
    "by mail from now on": (BOOKED, MAILED, [("invited", 3)]),
    "by mail as before": (MAILED, MAILED, []),
    "by mail no more": (MAILED, BOOKED, []),
    "by mail from now on, at another time": (
        BOOKED,
        replace(MAILED, **LATER),
        [("moved", 2), ("invited", 3)],
    ),
    "by mail, under another series' name": (
        IN_SERIES,
        replace(MAILED, series_id=6),
        [("moved", 2), ("invited", 3)],
    ),
    "by mail, but cancelled": (
        BOOKED,
        replace(MAILED, status=Status.CANCELLED),
        [("cancelled", 2), ("cancelled", 3)],
    ),
    "by mail, after declining": (
        replace(BOOKED, participants=(OWNER, SAID_NO)),
        replace(BOOKED, participants=(OWNER, replace(SAID_NO, send_email=True))),
        [],
    ),
}


@pytest.mark.parametrize("name", POSTED)
def test_letters(name: str) -> None:
    before, after, expected = POSTED[name]
    assert [(one.kind.value, one.participant.key) for one in posted(before, after)] == expected


@pytest.mark.parametrize("after", [TAKEN, REFUSED], ids=["taken", "refused"])
def test_who_handed_it_over_hears_what_became_of_it(after: Appointment) -> None:
    (told,) = posted(HANDED, after)
    assert (told.to, told.participant.associate_id, told.appointment) == (OLA, KARI, after)


CLAIMANT = Claimant(id=UUID(int=9), email="grace@navy.example")
CALL = appointment(claimant=CLAIMANT)
OVER = replace(CALL, starts_at=NOW, ends_at=NOW)
RUNNING = replace(CALL, starts_at=NOW - HOUR, ends_at=NOW + HOUR)
NEWS = {
    "booked": (None, CALL, "invited"),
    "moved": (CALL, replace(CALL, **LATER), "moved"),
    "moved, but missed": (
        replace(CALL, status=Status.NO_SHOW),
        replace(CALL, status=Status.NO_SHOW, **LATER),
        None,
    ),
    "moved, but over": (
        replace(CALL, status=Status.COMPLETE),
        replace(CALL, status=Status.COMPLETE, **LATER),
        None,
    ),
    "missed, and expected anew": (replace(CALL, status=Status.NO_SHOW), replace(CALL, **LATER), "moved"),
    "another address": (CALL, replace(CALL, claimant=replace(CLAIMANT, email="new@navy.example")), "invited"),
    "cancelled": (CALL, replace(CALL, status=Status.CANCELLED), "cancelled"),
    "deleted": (CALL, None, "cancelled"),
    "deleted after cancelling": (replace(CALL, status=Status.CANCELLED), None, None),
    "nobody's": (None, appointment(), None),
    "a text": (CALL, replace(CALL, title="Other"), None),
    "over": (None, OVER, None),
    "moved to what is over": (CALL, OVER, "moved"),
    "moved back from what is over": (OVER, CALL, "moved"),
    "moved, and both are over": (OVER, replace(OVER, starts_at=NOW - HOUR), None),
    "moved to what is over, and missed": (CALL, replace(OVER, status=Status.NO_SHOW), None),
    "moved to what is over, and cancelled": (CALL, replace(OVER, status=Status.CANCELLED), "cancelled"),
    "moved to what is over, for another address": (
        CALL,
        replace(OVER, claimant=replace(CLAIMANT, email="new@navy.example")),
        None,
    ),
    "made shorter while it runs, and over": (RUNNING, replace(RUNNING, ends_at=NOW), None),
    "put off while it runs": (RUNNING, CALL, "moved"),
    "a guest's own row": (None, replace(CALL, id=11, mother_id=10), None),
    "nothing": (None, None, None),
}


@pytest.mark.parametrize("name", NEWS)
def test_news_for_the_claimant(name: str) -> None:
    before, after, expected = NEWS[name]
    assert claimant_news(before, after, NOW) == ({Channel.EMAIL: expected} if expected else {})


EVERY_WAY = frozenset(Channel)
ASKED = appointment(claimant=Claimant(id=UUID(int=9), email="a@example.org", phone_number=" "))
TOLD = {
    "made": (None, ASKED, EVERY_WAY, ("invited", "email")),
    "moved": (ASKED, replace(ASKED, **LATER), EVERY_WAY, ("moved", "email")),
    "cancelled": (ASKED, replace(ASKED, status=Status.CANCELLED), EVERY_WAY, ("cancelled", "email")),
    "deleted": (ASKED, None, EVERY_WAY, ("cancelled", "email")),
    "a text": (ASKED, replace(ASKED, title="Other"), EVERY_WAY, None),
    "no way there": (None, ASKED, frozenset({Channel.SMS}), None),
    "nobody": (None, appointment(), EVERY_WAY, None),
    "a department that tells nobody": (None, replace(ASKED, department_id=2), EVERY_WAY, None),
    "an unknown department": (None, replace(ASKED, department_id=99), EVERY_WAY, None),
    "nothing": (None, None, EVERY_WAY, None),
}


@pytest.mark.parametrize("name", TOLD)
def test_which_letter_a_claimant_would_get(name: str) -> None:
    before, after, channels, expected = TOLD[name]
    known = directory()
    known.departments[1] = replace(known.departments[1], invites_by=tuple(Channel))
    told = list(claimant_notices(before, after, known, channels, NOW))
    assert [(one.kind.value, *map(str, one.ways)) for one in told] == ([] if expected is None else [expected])
    for one in told:
        assert one.appointment == (before if one.kind == "cancelled" else after)


BOTH = appointment(claimant=replace(CLAIMANT, phone_number="+4712345678"))


def reached(row: Appointment = BOTH, /, **changes: Any) -> Appointment:
    return replace(row, claimant=replace(BOTH.claimant, **changes))


NEWS_BY_WAY = {
    "both ways": (None, BOTH, {"email": "invited", "sms": "invited"}),
    "another mail address": (BOTH, reached(email="new@navy.example"), {"email": "invited"}),
    "a way more": (CALL, BOTH, {"sms": "invited"}),
    "a way less": (BOTH, CALL, {}),
    "a way that is empty": (BOTH, reached(phone_number=" "), {}),
    "a blank more": (BOTH, reached(email=" grace@navy.example"), {}),
    "another time, and a way less": (BOTH, replace(CALL, **LATER), {"email": "moved"}),
    "another time and number": (
        BOTH,
        reached(replace(BOTH, **LATER), phone_number="+4787654321"),
        {"email": "moved", "sms": "invited"},
    ),
    "somebody else": (BOTH, reached(id=UUID(int=10)), {"email": "invited", "sms": "invited"}),
    "cancelled, and a way less": (
        BOTH,
        replace(CALL, status=Status.CANCELLED),
        {"email": "cancelled", "sms": "cancelled"},
    ),
}


@pytest.mark.parametrize("name", NEWS_BY_WAY)
def test_nobody_is_invited_twice_by_one_way(name: str) -> None:
    before, after, expected = NEWS_BY_WAY[name]
    assert claimant_news(before, after, NOW) == expected


def test_letters_of_two_kinds_are_told_apart() -> None:
    known = directory()
    known.departments[1] = replace(known.departments[1], invites_by=tuple(Channel))
    before, after, _expected = NEWS_BY_WAY["another time and number"]
    told = claimant_notices(before, after, known, EVERY_WAY, NOW)
    assert [(one.kind.value, one.ways) for one in told] == [("moved", ("email",)), ("invited", ("sms",))]
