"""Messages as mail servers hand them on: sender and calendar, or why there is none."""

import random
from email.message import EmailMessage

import pytest

from appointed.mail.incoming import MOST_BYTES, Incoming, UnreadableMail, read_message
from tests.seeds import a_seed

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nX-NAME:Bjørn\r\nEND:VCALENDAR\r\n"


def message(
    sender: str = "Guest <Guest@Example.org>", charset: str = "utf-8", kind: str = "calendar"
) -> bytes:
    made = EmailMessage()
    made["From"] = sender
    made["Subject"] = "Accepted: Review"
    made.set_content("Yes.")
    made.add_alternative("<p>Yes.</p>", subtype="html")
    made.add_alternative(CALENDAR, subtype=kind, charset=charset, params={"method": "REPLY"})
    return made.as_bytes()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "latin1"])
def test_the_calendar_beside_text_and_html(charset: str) -> None:
    found = read_message(message(charset=charset))
    assert found.sender == "guest@example.org"
    assert found.calendar.decode().splitlines() == CALENDAR.splitlines()


@pytest.mark.parametrize("kind", ["ics", "octet-stream"])
def test_a_calendar_as_a_file(kind: str) -> None:
    made = EmailMessage()
    made["From"] = "guest@example.org"
    made.set_content("See the file.")
    made.add_attachment(CALENDAR.encode(), maintype="application", subtype=kind, filename="Reply.ICS")
    assert read_message(made.as_bytes()) == Incoming("guest@example.org", CALENDAR.encode())


def test_a_message_that_is_all_calendar() -> None:
    raw = b"From: guest@example.org\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + CALENDAR.encode()
    assert read_message(raw).calendar == CALENDAR.encode()


BAD = {
    "nothing": b"",
    "no calendar": message(kind="plain"),
    "no sender": message().replace(b"From:", b"Fram:"),
    "two senders": message("a@example.org, b@example.org"),
    "a sender without address": message().replace(b"Guest@Example.org", b""),
    "an unknown charset": message().replace(b'charset="utf-8"', b'charset="klingon"'),
    "too large": b"From: a@example.org\r\n\r\n" + b"x" * MOST_BYTES,
    "a calendar that is too large": b"From: a@example.org\r\nContent-Type: text/calendar\r\n\r\n"
    + b"x" * 1_000_001,
    "too many parts": message().replace(b"\n--=", b"\n--x" * 1_001 + b"\n--=", 1),
    "parts by another end of line": message() + b"\r--x" * 1_001,
    "a long sender": message(f'"{"x" * 1_000}" <guest@example.org>'),
    "a calendar made of parts": b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x--",
}


@pytest.mark.parametrize("name", BAD)
def test_what_brings_no_answer(name: str) -> None:
    with pytest.raises(UnreadableMail):
        read_message(BAD[name])


def test_damaged_messages_never_fail_otherwise() -> None:
    seed = a_seed()
    source = random.Random(seed)
    whole = message()
    for _number in range(500):
        damaged = bytearray(whole)
        for _each in range(source.randint(1, 20)):
            damaged[source.randrange(len(damaged))] = source.choice(b'\r\n:;="<>@,()-\x00\xff')
        try:
            read_message(bytes(damaged))
        except UnreadableMail:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {bytes(damaged)!r}") from error
