"""One mail and a server that takes it, refuses it, hangs or dies: what is known of it afterwards."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from appointed.domain.letter import LetterState
from appointed.mail.smtp import Mailer, Result, Server
from tests.certificates import certificate
from tests.mail.mailserver import Mailbox, dies_at_the_end, dies_inside, hangs, mailserver
from tests.running import free_port

MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\n\r\n.hidden\r\nBody\r\n"
S = LetterState


class Begin:
    """Notes whether the end of a mail was announced."""

    def __init__(self, answer: bool = True) -> None:
        self.calls = 0
        self._answer = answer

    async def __call__(self) -> bool:
        self.calls += 1
        return self._answer


async def send(box: Mailbox, begin: Begin, receiver: str = "b@example.org", **more: Any) -> Result:
    values: dict[str, Any] = {"tls": "none", "sender": "a@example.org", "seconds": 5.0} | more
    return await Mailer(Server(host="127.0.0.1", port=box.port, **values)).send(receiver, MAIL, begin)


async def test_a_mail_arrives_as_it_was_written() -> None:
    async with mailserver() as box:
        begin = Begin()
        assert await send(box, begin) == Result(S.SENT)
    assert begin.calls == 1
    assert box.to == ["b@example.org"]
    assert box.raw == [MAIL]


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", S.REFUSED), ("450 later", S.WAITING)], ids=["ever", "now"]
)
async def test_a_receiver_that_is_refused(answer: str, state: LetterState) -> None:
    async with mailserver(Mailbox(receivers=lambda _address: answer)) as box:
        begin = Begin()
        result = await send(box, begin)
    assert result == Result(state, f"the receiver was refused ({answer[:3]})")
    assert begin.calls == 0
    assert "b@example.org" not in result.error


@pytest.mark.parametrize(
    ("answer", "state"), [("554 not this", S.REFUSED), ("451 later", S.WAITING)], ids=["ever", "now"]
)
async def test_a_mail_that_is_refused_at_its_end(answer: str, state: LetterState) -> None:
    async with mailserver(Mailbox(mails=lambda _mail: answer)) as box:
        assert await send(box, Begin()) == Result(state, f"the mail was refused ({answer[:3]})")
    assert box.got == []


async def test_a_server_that_dies_inside_a_mail_has_not_got_it() -> None:
    async with mailserver(Mailbox(trick=dies_inside)) as box:
        # While the end is announced the loss becomes known.
        begin = Begin()

        async def slowly() -> bool:
            async with asyncio.timeout(5):
                while box.calls == 0 or box.open:
                    await asyncio.sleep(0)
            # Client and server share a loop: what one closed the other sees within a few of its turns.
            for _turn in range(50):
                await asyncio.sleep(0)
            return await begin()

        mailer = Mailer(
            Server(host="127.0.0.1", port=box.port, tls="none", sender="a@example.org", seconds=5.0)
        )
        assert (await mailer.send("b@example.org", MAIL, slowly)).state is S.WAITING
    assert box.got == []


async def test_a_server_that_dies_at_the_end_may_have_it() -> None:
    async with mailserver(Mailbox(after=dies_at_the_end)) as box:
        assert await send(box, Begin()) == Result(S.UNSURE, "no answer to the end of the mail")
    assert len(box.got) == 1


async def test_a_server_that_hangs_before_or_behind_the_end() -> None:
    async with mailserver(Mailbox(trick=hangs)) as box:
        assert await send(box, Begin(), seconds=0.3) == Result(S.WAITING, "no answer in time")
    async with mailserver(Mailbox(after=hangs)) as box:
        assert (await send(box, Begin(), seconds=0.3)).state is S.UNSURE


async def test_nothing_ends_when_somebody_else_has_the_letter() -> None:
    async with mailserver() as box:
        assert (await send(box, Begin(False))).state is S.WAITING
    assert box.got == []


async def test_no_server_and_no_address() -> None:
    assert (await send(Mailbox(port=free_port()), Begin())) == Result(S.WAITING, "could not connect")
    async with mailserver() as box:
        for address in (
            "b@example.org\r\nRCPT TO:<c@example.org>",
            "b",
            "a@b@c",
            "a b@c",
            "<b@example.org>",
            "",
        ):
            assert await send(box, Begin(), receiver=address) == Result(S.REFUSED, "the address is none")
    assert box.got == []


def secured(folder: Path) -> tuple[ssl.SSLContext, Path]:
    trusted = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted)
    return context, trusted


async def test_who_sends_logs_in_and_a_wrong_password_kills_no_letter(tmp_path: Path) -> None:
    context, trusted = secured(tmp_path)
    login = {"user": "me", "tls": "starttls", "trusted": str(trusted)}
    async with mailserver(context=context, passwords={"me": "secret"}) as box:
        assert await send(box, Begin(), password="secret", **login) == Result(S.SENT)
        refused = await send(box, Begin(), password="wrong", **login)
        assert refused == Result(S.WAITING, "the login was refused (535)")
    assert len(box.got) == 1


async def test_mail_goes_only_to_a_server_that_is_trusted(tmp_path: Path) -> None:
    context, trusted = secured(tmp_path)
    async with mailserver(context=context, tls_first=True) as box:
        assert await send(box, Begin(), tls="tls", trusted=str(trusted)) == Result(S.SENT)
        assert (await send(box, Begin(), tls="tls")).state is S.WAITING
    # A server that offers no encryption gets nothing either.
    async with mailserver() as plain:
        assert (await send(plain, Begin(), tls="starttls")).state is S.WAITING
    assert (len(box.got), len(plain.got)) == (1, 0)


def test_a_server_says_nothing_of_its_password() -> None:
    assert "secret" not in repr(Server(host="h", port=1, tls="tls", sender="s", password="secret"))
