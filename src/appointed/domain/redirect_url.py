"""Where people may be led after a call: public https addresses, or listed hosts only."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST = 2048
LONGEST_HOST = 253
MOST_HOSTS = 200
PRIVATE_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home", "invalid", "arpa")

_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.ASCII)
# Browsers read a host whose last label is a number as an IPv4 address, in many spellings (WHATWG URL §3.5).
_NUMBER_AT_END = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$", re.ASCII)


def is_allowed(url: str, hosts: Collection[str] = ()) -> bool:
    """Tell whether a redirect may lead there: https, without user-info, on a public host.

    A non-empty `hosts` is strict: the host must be one of them, public or not (IDNA counts as equal).
    """
    host = _host(url)
    if host is None:
        return False
    if hosts:
        return host in {_to_ascii(listed) for listed in hosts}
    return _is_public(host)


def read_host(text: str) -> str | None:
    """Read the name of a host as it is compared; None for anything else, like a URL or a port."""
    host = _to_ascii(text.strip())
    return None if host is None or ":" in host else host


def _host(url: str) -> str | None:
    # What a browser would strip, turn round or read past is refused before anything is parsed.
    if len(url) > LONGEST or not url.isprintable() or " " in url or "\\" in url:
        return None
    parts = _split(url)
    if parts is None or parts.scheme != "https" or "@" in parts.netloc:
        return None
    return _to_ascii(parts.hostname or "")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _to_ascii(host: str) -> str | None:
    if ":" in host:
        return host
    if not 0 < len(host) <= LONGEST_HOST:
        return None
    try:
        name = host.lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return name if _HOST_NAME.fullmatch(name) else None


def _is_public(host: str) -> bool:
    address = _address(host)
    if address is not None:
        return address.is_global and not address.is_multicast
    is_private = host.rpartition(".")[2] in PRIVATE_SUFFIXES
    return "." in host and not is_private and _NUMBER_AT_END.search(host) is None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
