"""Short messages through a small HTTP door of the operator's, signed as Standard Webhooks 1.0.0."""

import asyncio
import base64
import hmac
from hashlib import sha256
from typing import Final

import httpx
import msgspec

from appointed import __version__
from appointed.domain.letter import LetterState
from appointed.mail.smtp import Begin, Result
from appointed.usecases.ports import Clock

# Nothing was sent, and later it may be.
LATER: Final = frozenset({408, 425, 429, 503})
DONE: Final = range(200, 300)
REFUSED: Final = range(400, 500)


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends short messages: `secret` signs what they are asked."""

    url: str
    secret: bytes
    sender: str = ""
    seconds: float = 10.0

    def __repr__(self) -> str:
        """Say nothing of the secret."""
        return "Gateway()"


class Texter:
    """Asks the gateway. `now` tells the time of the signature."""

    def __init__(self, gateway: Gateway, now: Clock) -> None:
        self._gateway = gateway
        self._now = now
        self._client = httpx.AsyncClient(
            timeout=gateway.seconds,
            trust_env=False,
            # A connection that was kept may be gone, and then nobody knows what was heard.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": f"Appointed/{__version__}"},
        )

    async def send(self, name: str, receiver: str, text: str, begin: Begin) -> Result:
        """Ask for one message; `name` is its own, the same however often it is asked. Never raises.

        It takes the gateway's `seconds` at most, however the other side drips.
        """
        body = msgspec.json.encode({"id": name, "to": receiver, "from": self._gateway.sender, "text": text})
        if not await begin():
            return Result(LetterState.WAITING, "another process has it")
        headers = self._headers(name, body)
        try:
            async with (
                asyncio.timeout(self._gateway.seconds),
                self._client.stream("POST", self._gateway.url, content=body, headers=headers) as answer,
            ):
                # The status says all; what follows may be long, or come as slowly as it likes.
                status = answer.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Result(LetterState.WAITING, "could not connect")
        except (httpx.HTTPError, TimeoutError):
            return Result(LetterState.UNSURE, "no answer from the gateway")
        return _result(status)

    async def close(self) -> None:
        """Close idle connections."""
        await self._client.aclose()

    def _headers(self, name: str, body: bytes) -> dict[str, str]:
        at = str(int(self._now().timestamp()))
        signed = f"{name}.{at}.".encode() + body
        digest = base64.b64encode(hmac.digest(self._gateway.secret, signed, sha256)).decode()
        return {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{digest}",
        }


def _result(status: int) -> Result:
    if status in DONE:
        return Result(LetterState.SENT)
    if status in LATER:
        return Result(LetterState.WAITING, f"the gateway answered {status}")
    if status in REFUSED:
        return Result(LetterState.REFUSED, f"the gateway answered {status}")
    return Result(LetterState.UNSURE, f"the gateway answered {status}")
