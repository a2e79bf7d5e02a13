"""A real mail server on loopback that does what a test wants of it."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

ACCEPT = "250 OK"


@dataclass
class Mailbox:
    """What a server got, and how it behaves: answers to receivers and mails, and tricks of its own."""

    port: int = 0
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    receivers: Callable[[str], str] = lambda _address: ACCEPT
    mails: Callable[[EmailMessage], str] = lambda _mail: ACCEPT
    trick: Callable[["_Server"], Any] | None = None
    after: Callable[["_Server"], Any] | None = None
    calls: int = 0
    open: int = 0

    @property
    def to(self) -> list[str]:
        """Give the receivers, in the order of arrival."""
        return [receiver for receiver, _mail in self.got]

    # aiosmtpd finds its hooks by these names.
    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.receivers(address)
        if answer == ACCEPT:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        answer = self.mails(mail)
        if answer == ACCEPT:
            self.got.append((envelope.rcpt_tos[0], mail))
            self.raw.append(content)
        if self.after is not None:
            await self.after(server)
        return answer


class _Server(SMTP):
    def connection_made(self, transport: Any) -> None:
        self.event_handler.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.open -= 1
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        box: Mailbox = self.event_handler
        box.calls += 1
        if box.trick is None:
            await super().smtp_DATA(arg)
        else:
            await box.trick(self)


async def dies_inside(server: _Server) -> None:
    """Take the beginning of a mail, and be gone."""
    await server.push("354 go on")
    assert server._reader is not None
    await server._reader.readline()
    assert server.transport is not None
    server.transport.abort()


async def dies_at_the_end(server: _Server) -> None:
    """Have the whole mail, and be gone without a word."""
    assert server.transport is not None
    server.transport.abort()


async def hangs(_server: _Server) -> None:
    """Say nothing any more."""
    await asyncio.Event().wait()


@asynccontextmanager
async def mailserver(
    box: Mailbox | None = None,
    context: ssl.SSLContext | None = None,
    passwords: dict[str, str] | None = None,
    *,
    tls_first: bool = False,
) -> AsyncIterator[Mailbox]:
    """Run a server in this very loop."""
    box = box or Mailbox()
    connections: list[_Server] = []

    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        login, password = data.login.decode(), data.password.decode()
        return AuthResult(success=(passwords or {}).get(login) == password, handled=False)

    def make() -> _Server:
        made = _Server(
            box,
            enable_SMTPUTF8=True,
            hostname="mail.test",
            tls_context=None if tls_first else context,
            require_starttls=context is not None and not tls_first,
            auth_required=passwords is not None,
            auth_require_tls=context is not None and not tls_first,
            authenticator=check if passwords is not None else None,
            loop=asyncio.get_running_loop(),
        )
        connections.append(made)
        return made

    server = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", 0, ssl=context if tls_first else None
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for one in connections:
            if one._handler_coroutine is not None:
                one._handler_coroutine.cancel()
            if one.transport is not None:
                one.transport.abort()
        await server.wait_closed()
