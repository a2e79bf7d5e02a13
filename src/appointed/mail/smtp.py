"""One mail to one receiver by SMTP (RFC 5321), such that nobody gets it twice.

A server owns a mail once it has seen the line that ends it. Up to there every failure may be tried again;
from there on only an answer tells.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

import aiosmtplib
import msgspec
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings

from appointed.domain.letter import LetterState, SeriesTold, is_address

READY: Final = 354
DONE: Final = range(200, 300)
FOR_EVER: Final = range(500, 600)
QUIT_SECONDS: Final = 2.0

Begin = Callable[[], Awaitable[bool]]
"""Write down that the end is on its way; False: somebody else has the letter now."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server. `tls` is "none", "starttls" or "tls"; `trusted` a file of certificates (PEM)."""

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password: str = ""
    trusted: str = ""
    seconds: float = 30.0

    def __repr__(self) -> str:
        """Say nothing of the password."""
        return f"Server({self.host}:{self.port})"


class Result(msgspec.Struct, frozen=True):
    """What became of a letter, and why in words that name nobody. WAITING: to be tried again.

    `told` is what its receiver has of a series once it is SENT.
    """

    state: LetterState
    error: str = ""
    told: SeriesTold | None = None


NO_ADDRESS: Final = Result(LetterState.REFUSED, "the address is none")


class _Refused(Exception):
    """The server said no; carries its status and what it was asked."""

    def __init__(self, status: int, asked: str) -> None:
        super().__init__(status)
        self.status = status
        self.asked = asked


class Mailer:
    """Sends mail through one server; each mail has a connection of its own."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, receiver: str, message: bytes, begin: Begin) -> Result:
        """Send one mail; never raises for what the server does. `begin` comes before its last line."""
        if not is_address(receiver):
            return NO_ADDRESS
        sending = _Sending(self._server, begin)
        try:
            async with asyncio.timeout(self._server.seconds):
                return await sending.run(receiver, message)
        except _Refused as error:
            # A receiver or mail that is refused for ever stays so; all else is the server's trouble, or ours.
            is_final = error.status in FOR_EVER and error.asked in ("the receiver", "the mail")
            state = LetterState.REFUSED if is_final else LetterState.WAITING
            return Result(state, f"{error.asked} was refused ({error.status})")
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as error:
            if sending.has_ended:
                return Result(LetterState.UNSURE, "no answer to the end of the mail")
            return Result(LetterState.WAITING, _told(error))
        finally:
            await sending.close()


class _Sending:
    """One mail under way; `has_ended` once the line that ends it may have left."""

    def __init__(self, server: Server, begin: Begin) -> None:
        self._server = server
        self._begin = begin
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=_context(server.trusted) if server.tls != "none" else None,
            timeout=server.seconds,
        )
        self.has_ended = False

    async def run(self, receiver: str, message: bytes) -> Result:
        """Send it; raises _Refused, SMTPException, OSError, TimeoutError."""
        await self._asked("the connection", self._client.connect())
        if self._server.user:
            await self._asked("the login", self._client.login(self._server.user, self._server.password))
        options = ["SMTPUTF8"] if not receiver.isascii() else []
        await self._asked("the sender", self._client.mail(self._server.sender, options=options))
        await self._asked("the receiver", self._client.rcpt(receiver, encoding="utf-8"))
        return await self._data(message)

    async def _data(self, message: bytes) -> Result:
        answer = await self._client.execute_command(b"DATA")
        if answer.code != READY:
            raise _Refused(answer.code, "the mail")
        protocol = self._client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("gone")
        protocol.write(PERIOD_REGEX.sub(b"..", normalize_message_line_endings(message)))
        if not await self._begin():
            return Result(LetterState.WAITING, "another process has it")
        # A server that went away meanwhile has not seen the end.
        if not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("gone")
        self.has_ended = True
        protocol.write(b".\r\n")
        answer = await protocol.read_response(timeout=self._server.seconds)
        if answer.code not in DONE:
            raise _Refused(answer.code, "the mail")
        return Result(LetterState.SENT)

    async def _asked(self, asked: str, answer: Awaitable[object]) -> None:
        try:
            await answer
        except aiosmtplib.SMTPResponseException as error:
            raise _Refused(error.code, asked) from None
        except aiosmtplib.SMTPNotSupported:
            # A server that cannot write such addresses never will; one without our login might be set up.
            is_address = asked == "the sender"
            raise _Refused(FOR_EVER.start, "the receiver" if is_address else asked) from None

    async def close(self) -> None:
        """Say goodbye, or just go."""
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                if self._client.is_connected and not self.has_ended:
                    self._client.close()
                elif self._client.is_connected:
                    await self._client.quit()
        except (TimeoutError, aiosmtplib.SMTPException, OSError):
            self._client.close()


def _context(trusted: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if trusted:
        context.load_verify_locations(cafile=trusted)
    return context


# What went wrong → how it is told; the nearest class counts. What a server writes may name receivers.
FAILURES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (TimeoutError, "no answer in time"),
    (aiosmtplib.SMTPTimeoutError, "no answer in time"),
    (ssl.SSLError, "TLS failed"),
    (aiosmtplib.SMTPServerDisconnected, "the connection broke"),
    (aiosmtplib.SMTPConnectError, "could not connect"),
    (OSError, "could not connect"),
    (aiosmtplib.SMTPException, "the answer is not SMTP"),
)


def _told(error: BaseException) -> str:
    return next(text for kind, text in FAILURES if isinstance(error, kind))
