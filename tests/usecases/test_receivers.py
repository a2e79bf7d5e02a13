"""Who gets a letter about a change, and where."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Directory, Person
from appointed.domain.participant import InvitationStatus as S
from appointed.domain.participant import Participant
from appointed.usecases.receivers import Receiver, letters_to, name_of, sends
from tests.builders import ADMIN, KARI, OLA, ROOM, START, appointment, directory

OWNER = Participant(key=1, associate_id=OLA)
COLLEAGUE = Participant(key=2, associate_id=KARI, send_email=True)
OUTSIDER = Participant(key=3, email_address="Out@Side.example", send_email=True)
KNOWN = Participant(key=4, person_id=9, send_email=True)
A_ROOM = Participant(key=5, associate_id=ROOM, email_address="room@in.example", send_email=True)
SILENT = replace(OUTSIDER, send_email=False)
NOWHERE = Participant(key=6, associate_id=ADMIN, send_email=True)

OVER = START - timedelta(days=1)
PERSONS = {
    2: Person(id=2, first_name="Kari", last_name="K", email="kari@in.example"),
    9: Person(id=9, first_name="Grace", email="grace@out.example"),
    11: Person(id=11, email="ola@in.example"),
}


def known(**owner: int) -> Directory:
    plain = directory()
    associates = dict(plain.associates)
    associates[OLA] = replace(associates[OLA], **({"person_id": 11} | owner))
    return Directory(plain.tenant, 2, {"associate": associates, "person": PERSONS})


def booked(*guests: Participant, **more: object) -> object:
    return appointment(participants=(OWNER, *guests), mother_id=10, **more)


TOLD = {
    "a colleague": (
        COLLEAGUE,
        ADMIN,
        [Receiver(address="kari@in.example", name="Kari K", associate_id=KARI)],
    ),
    "whoever did it": (COLLEAGUE, KARI, []),
    "an address": (OUTSIDER, 0, [Receiver(address="out@side.example")]),
    "a person": (KNOWN, ADMIN, [Receiver(address="grace@out.example", name="Grace")]),
    "a room": (A_ROOM, ADMIN, []),
    "unwanted": (SILENT, ADMIN, []),
    "no address": (NOWHERE, OLA, []),
}


@pytest.mark.parametrize("name", TOLD)
def test_who_is_invited(name: str) -> None:
    guest, by, expected = TOLD[name]
    assert [one for _notice, one in letters_to(None, booked(guest), known(), by)] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, START, True),
        (None, OVER, False),
        (START, OVER, True),
        (OVER, OVER - timedelta(hours=1), False),
        (OVER, START, True),
        (OVER, None, True),
    ],
)
def test_nobody_is_asked_to_come_to_what_is_over(
    before: datetime | None, after: datetime | None, expected: bool
) -> None:
    rows = [
        at and booked(OUTSIDER, starts_at=at, ends_at=at + timedelta(minutes=30)) for at in (before, after)
    ]
    assert sends(rows[0], rows[1], known(), ADMIN, START) is expected


def test_answers_go_to_the_owner_unless_they_gave_it() -> None:
    before, after = booked(SILENT), booked(replace(SILENT, invitation_status=S.ACCEPTED))
    ((notice, receiver),) = letters_to(before, after, known(), KARI)
    assert notice.participant.key == SILENT.key
    assert receiver == Receiver(address="ola@in.example", name="Ola O", associate_id=OLA)
    assert list(letters_to(before, after, known(), OLA)) == []
    assert list(letters_to(before, after, known(person_id=0), KARI)) == []
    gone = [replace(row, owner_id=99) for row in (before, after)]
    assert list(letters_to(*gone, known(), KARI)) == []


def test_names() -> None:
    assert name_of(OUTSIDER, known()) == ""
    assert name_of(COLLEAGUE, known()) == "Kari K"
