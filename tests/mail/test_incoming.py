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
    "a second sender without address": b"From:\r\n" + message(),
    "a long sender": message(f'"{"x" * 1_000}" <guest@example.org>'),
    "a calendar made of parts": b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x--",
}


@pytest.mark.parametrize("name", BAD)
def test_what_brings_no_answer(name: str) -> None:
    with pytest.raises(UnreadableMail):
        read_message(BAD[name])


def many(times: int, head: bytes = b"", parameters: bytes = b"") -> bytes:
    """Return a message with so many parts before its calendar."""
    return (
        b"From: guest@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + (b"--x\r\n" + head + b"\r\nYes.\r\n") * times
        + b"--x\r\nContent-Type: text/calendar"
        + parameters
        + b"\r\n\r\n"
        + CALENDAR.encode()
    )


DELIVERY = b"From: a@example.org\r\nContent-Type: message/delivery-status\r\n\r\n"
NAMED = b"Content-Disposition: attachment;\r\n filename=" + b"x" * 480 + b"\r\n"
# Two are the message itself and its calendar.
WITHIN = {
    "parts": many(98),
    "lines like borders": many(1, b"\r\n" + b"--\r\n" * 1_001),
    "lines by two ends each": many(1, b"\r\n" + b"\r\n" * 199_900),
    "names of files": many(35, NAMED),
    "other headers": many(1, b"To: " + b"a@example.org,\r\n " * 2_000 + b"b@example.org\r\n"),
}
BEYOND = {
    "parts": (many(99), "too many parts"),
    "reports of delivery": (DELIVERY + b"\r\n\r\n" * 2_000, "too many parts"),
    "lines": (many(1, b"\r\n" + b"\n" * 200_000), "too many lines"),
    "lines by another end": (many(1, b"\r\n" + b"\r" * 200_000), "too many lines"),
    "parameters": (many(1, parameters=b";\r\n a=b" * 4_000), "too great length"),
    "names of files": (many(45, NAMED), "too great length"),
}


@pytest.mark.parametrize("name", WITHIN)
def test_much_is_read(name: str) -> None:
    assert read_message(WITHIN[name]).calendar.decode().split() == CALENDAR.split()


@pytest.mark.parametrize("name", BEYOND)
def test_too_much_is_not_read(name: str) -> None:
    data, why = BEYOND[name]
    with pytest.raises(UnreadableMail, match=why):
        read_message(data)


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
