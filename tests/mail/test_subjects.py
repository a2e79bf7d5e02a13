"""Subjects of letters, as whoever gets them reads them."""

import random
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from appointed.mail.message import Envelope, Sender, compose_plain
from appointed.mail.wording import Written, one_line
from appointed.usecases.receivers import Receiver
from tests.seeds import a_seed

SENDER = Sender(address="diary@appointed.example", name="Diaries", host="appointed.example")
AT = datetime(2033, 5, 5, tzinfo=UTC)
ENVELOPE = Envelope(mailing_id=UUID(int=1), at=AT, now=AT)
LONG = "Invitation: A somewhat longer title for it, Thursday 5 May 2033, 10:00–11:00 (Europe/Oslo)"


def read(subject: str, address: str) -> tuple[str, bytes]:
    written = Written(subject=subject, text="x", html="x", title="", link="")
    mail = compose_plain("name", Receiver(address=address), written, SENDER, ENVELOPE)
    return str(message_from_bytes(mail, policy=default)["Subject"]), mail


@pytest.mark.parametrize("address", ["a@example.org", "å@example.org"])
def test_a_subject_is_read_as_it_was_written(address: str) -> None:
    assert read(LONG, address)[0] == LONG
    seed = a_seed()
    source = random.Random(seed)
    for signs in ("abc,:(1", "abcø–é,:(ß日1"):
        for _time in range(150):
            words = ("".join(source.choices(signs, k=source.randint(1, 12))) for _word in range(20))
            subject = one_line(" ".join(words))[:180].strip()
            found, mail = read(subject, address)
            assert found == subject, f"seed {seed}"
            assert max(map(len, mail.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 100, f"seed {seed}"
