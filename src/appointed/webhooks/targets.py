"""Where calls may go: https to public addresses, and what else the operator allows."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

import msgspec

LONGEST_URL: Final = 2048
LONGEST_HOST: Final = 253
LOOKUP_SECONDS: Final = 3.0
DEFAULT_PORTS: Final = {"https": 443, "http": 80}

# An address inside which another one stands: what it leads to is what counts (RFC 6052 §2.1).
NAT64: Final = IPv6Network("64:ff9b::/96")
COMPATIBLE: Final = IPv6Network("::/96")
# What the standard library takes for public in some of its versions, and leads nowhere public (RFC 6890).
SPECIAL: Final = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "240.0.0.0/4",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "fec0::/10",
    )
)
LOW_BITS: Final = (1 << 32) - 1

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?\.?", re.ASCII | re.IGNORECASE)
# What a parser might strip, turn round or read past.
_ODD = re.compile(r"[^!-~]|[\\^`{|}<>\"]")

Address = IPv4Address | IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]
"""Give the addresses of a host; raises OSError."""


# Rules that a target may break; each contract words them.
FORM: Final = "url_form"
SCHEME: Final = "url_scheme"
PLAIN_HTTP: Final = "url_plain_http"
PORT: Final = "url_port"
NETWORK: Final = "url_network"


class TargetRefused(Exception):
    """No call may be made there; the message says why, without naming addresses.

    `rule` is the broken one, `allowed` what it would let pass.
    """

    def __init__(self, rule: str, why: str, allowed: str | None = None) -> None:
        super().__init__(why)
        self.rule = rule
        self.allowed = allowed


class Target(msgspec.Struct, frozen=True):
    """Where a call goes: scheme, host, port, and the path with its query."""

    scheme: str
    host: str
    port: int
    path: str


class TargetRules(msgspec.Struct, frozen=True):
    """What the operator allows: `networks` that are not public, `ports` (none: all), calls without TLS."""

    networks: tuple[str, ...] = ()
    ports: tuple[int, ...] = (443,)
    allows_http: bool = False


class Guard:
    """Judges addresses by the operator's rules."""

    def __init__(self, rules: TargetRules, lookup: Lookup | None = None) -> None:
        self._rules = rules
        self._networks = tuple(ip_network(network, strict=False) for network in rules.networks)
        self._lookup = lookup or look_up

    def target(self, url: str) -> Target:
        """Read a URL; raises TargetRefused for one that no call may be made to, wherever it leads."""
        if len(url) > LONGEST_URL or _ODD.search(url):
            raise TargetRefused(FORM, "the address is not a plain URL")
        parts, port = _split(url)
        host = parts.hostname or ""
        if "@" in parts.netloc or not _is_host(host):
            raise TargetRefused(FORM, "the address names no plain host")
        self._demand_scheme(parts.scheme)
        port = DEFAULT_PORTS[parts.scheme] if port is None else port
        if port == 0 or (self._rules.ports and port not in self._rules.ports):
            allowed = ", ".join(map(str, self._rules.ports))
            raise TargetRefused(PORT, f"port {port} is not allowed", allowed)
        query = f"?{parts.query}" if parts.query else ""
        return Target(parts.scheme, host, port, (parts.path or "/") + query)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Look up a host; raises TargetRefused when an address of it is not allowed, OSError without one."""
        found = await self._lookup(host, port)
        if not found:
            raise OSError("the name has no address")
        if not all(self._is_allowed(ip_address(address)) for address in found):
            raise TargetRefused(NETWORK, "the address is not allowed")
        return found

    async def demand(self, url: str) -> None:
        """Raise TargetRefused unless calls may go there; a name that cannot be looked up now passes."""
        target = self.target(url)
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                await self.addresses(target.host, target.port)
        except (OSError, TimeoutError):
            return

    def _demand_scheme(self, scheme: str) -> None:
        if scheme == "https" or (scheme == "http" and self._rules.allows_http):
            return
        raise TargetRefused(PLAIN_HTTP if scheme == "http" else SCHEME, "the address must begin with https:")

    def _is_allowed(self, address: Address) -> bool:
        if any(address in network for network in self._networks):
            return True
        inner = _inner(address)
        if inner is not None:
            return self._is_allowed(inner)
        is_special = address.is_multicast or any(address in network for network in SPECIAL)
        return address.is_global and not is_special


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in NAT64 or address in COMPATIBLE:
        return IPv4Address(int(address) & LOW_BITS)
    return None


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise TargetRefused(FORM, "the address is not a URL") from error


def _is_host(host: str) -> bool:
    if ":" in host:
        return "%" not in host and _is_address(host)
    return 0 < len(host) <= LONGEST_HOST and _NAME.fullmatch(host) is not None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host; raises OSError."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("the name is not one") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_kind, sockaddr in found))
