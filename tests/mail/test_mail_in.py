"""`appointed mail-in` as a mail server runs it, beside a server that uses the same file and without one."""

import subprocess
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from tests.running import APPOINTED, running, surroundings

GUEST = "guest@example.org"
AUTH = ("demo", "demo")
pytestmark = pytest.mark.server


def mail_in(data: Path, message: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(APPOINTED), "mail-in", *words],
        input=message,
        env=surroundings() | {"APPOINTED_DATA": str(data), "COLUMNS": "200"},
        capture_output=True,
        check=False,
        timeout=120,
    )


def reply(uid: str, answer: str, filling: str = "") -> bytes:
    made = EmailMessage()
    made["From"] = GUEST
    made["To"] = "appointments@example.com"
    made.set_content("My answer.")
    calendar = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nATTENDEE;PARTSTAT={answer}:mailto:{GUEST}\r\n{filling}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    made.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
    return made.as_bytes()


def answer_of(appointment: dict) -> str:
    (one,) = [one for one in appointment["Participants"] if one["EmailAddress"] == GUEST]
    return one["InvitationStatus"]


def test_answers_by_mail(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(tmp_path) as server:
        made = httpx.post(
            f"{server.url}/api/v1/Appointment",
            auth=AUTH,
            json={"Description": "Review", "Participants": [{"EmailAddress": GUEST, "SendEmail": True}]},
        ).raise_for_status()
        url = f"{server.url}/api/v1/Appointment/{made.json()['AppointmentId']}"
        uid = made.json()["CustomFields"]["x_uid"]
        assert answer_of(made.json()) == "Invitation"

        # Longer than a line of the commands' socket used to be, as calendars with zones are.
        filling = "".join(f"X-FILL;X={number}:{'x' * 60}\r\n" for number in range(2_000))
        done = mail_in(data, reply(uid, "ACCEPTED", filling))
        assert (done.returncode, done.stderr) == (0, b"")
        assert answer_of(httpx.get(url, auth=AUTH).json()) == "Accepted"

        for message, words in (
            (reply(uid, "DECLINED").replace(b"From: guest@", b"From: stranger@"), "another address"),
            (reply(uid, "DECLINED").replace(b"REPLY", b"REQUEST"), "METHOD"),
            (b"From: guest@example.org\r\n\r\nHello.", "no calendar"),
        ):
            done = mail_in(data, message)
            assert (done.returncode, words in done.stderr.decode()) == (1, True), done.stderr
        assert b"no tenant 77" in mail_in(data, reply(uid, "DECLINED"), "--tenant", "77").stderr
        assert answer_of(httpx.get(url, auth=AUTH).json()) == "Accepted"

    assert mail_in(data, reply(uid, "DECLINED")).returncode == 0
    with running(tmp_path) as server:
        after = httpx.get(f"{server.url}/api/v1/Appointment/{made.json()['AppointmentId']}", auth=AUTH)
        assert answer_of(after.json()) == "Declined"
