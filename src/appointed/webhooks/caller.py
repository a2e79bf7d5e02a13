"""One call: to a checked address, in a bounded time, whatever the other side does."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

import httpcore

from appointed.usecases.webhook_ports import CallResult
from appointed.webhooks.targets import DEFAULT_PORTS, Guard, Target, TargetRefused

Headers = tuple[tuple[str, str], ...]

CONNECT_SECONDS: Final = 5.0
MOST_ADDRESSES: Final = 4
# The answer's body is of no interest; a short one is read so that the connection can be used again.
MOST_ANSWER_BYTES: Final = 65_536
ANSWER_SECONDS: Final = 1.0
MOST_CONNECTIONS: Final = 100
IDLE_CONNECTIONS: Final = 20
IDLE_SECONDS: Final = 15.0

# What went wrong → how it is told; the nearest class counts.
FAILURES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (TimeoutError, "no answer in time"),
    (httpcore.TimeoutException, "no answer in time"),
    (ssl.SSLError, "TLS failed"),
    (httpcore.ConnectError, "could not connect"),
    (httpcore.ProtocolError, "the answer is not HTTP"),
    (httpcore.NetworkError, "the connection broke"),
    (OSError, "could not connect"),
)
BLOCKED: Final = "blocked"


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the very addresses that were checked; TLS still asks for the host's own certificate."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers; raises TargetRefused."""
        failed: Exception = httpcore.ConnectError("no address")
        for address in (await self._guard.addresses(host, port))[:MOST_ADDRESSES]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def sleep(self, seconds: float) -> None:
        """Wait, as the library asks."""
        await self._inner.sleep(seconds)


class Caller:
    """Makes calls; follows no redirect, uses no proxy. A call takes `seconds` at most."""

    def __init__(self, guard: Guard, seconds: float, trusted: str = "") -> None:
        self._guard = guard
        self._seconds = seconds
        self._trusted = trusted

    async def post(self, url: str, headers: Headers, body: bytes) -> CallResult:
        """Post a body and tell what was answered; never raises for what the other side does."""
        try:
            target = self._guard.target(url)
            async with asyncio.timeout(self._seconds):
                return await self._post(target, headers, body)
        except TargetRefused as error:
            return CallResult(0, f"{BLOCKED}: {error}")
        except tuple(kind for kind, _text in FAILURES) as error:
            return CallResult(0, _told(error))

    async def close(self) -> None:
        """Close idle connections."""
        if "_pool" in vars(self):
            await self._pool.aclose()

    @cached_property
    def _pool(self) -> httpcore.AsyncConnectionPool:
        # Made at the first call: reading all trusted certificates takes a while.
        return httpcore.AsyncConnectionPool(
            ssl_context=_context(self._trusted),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedNetwork(self._guard),
        )

    async def _post(self, target: Target, headers: Headers, body: bytes) -> CallResult:
        encoded = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
        encoded.append((b"Host", _host_header(target)))
        url = httpcore.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.path.encode()
        )
        extensions = {"timeout": {"connect": min(CONNECT_SECONDS, self._seconds), "pool": self._seconds}}
        async with self._pool.stream(
            "POST", url, headers=encoded, content=body, extensions=extensions
        ) as answer:
            await _finish(answer)
        return CallResult(answer.status)


async def _finish(answer: httpcore.Response) -> None:
    size = 0
    with contextlib.suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(ANSWER_SECONDS):
            async for part in answer.aiter_stream():
                size += len(part)
                if size > MOST_ANSWER_BYTES:
                    return


def _host_header(target: Target) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return (host if target.port == DEFAULT_PORTS[target.scheme] else f"{host}:{target.port}").encode()


def _told(error: BaseException) -> str:
    # The library wraps what went wrong in TLS in an error of its own.
    reason = error.__context__ if isinstance(error.__context__, ssl.SSLError) else error
    return next(text for kind, text in FAILURES if isinstance(reason, kind))


def _context(trusted: str) -> ssl.SSLContext:
    context = httpcore.default_ssl_context()
    if trusted:
        context.load_verify_locations(cafile=trusted)
    return context
