"""Where callers see this server, and where they call from (RFC 7239, and `X-Forwarded-*`)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

from appointed.domain.errors import InvalidRequest
from appointed.http.headers import Headers, Scope, headers_of

HOST = re.compile(rb"(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_SCHEMES = frozenset({"http", "https"})


class Origins:
    """Knows the public address: the setting, or each request's own; proxies count only when trusted."""

    def __init__(self, public_url: str = "", trusted_proxies: Sequence[str] = ()) -> None:
        self._public_url = public_url.rstrip("/")
        self._networks = tuple(ip_network(network, strict=False) for network in trusted_proxies)
        self._is_trusted = lru_cache(maxsize=1_024)(self._lies_in_networks)

    def base_url(self, scope: Scope) -> str:
        """Give scheme and authority (and the path of the public URL, if it has one), without a last slash.

        Raises InvalidRequest when the request names no usable host.
        """
        if self._public_url:
            return self._public_url
        headers = headers_of(scope)
        scheme, host = scope["scheme"], headers.get(b"host", b"")
        if self._networks and self._is_trusted(_peer(scope)):
            forwarded = _forwarded(headers)
            scheme = forwarded.get("proto", scheme)
            host = forwarded.get("host", "").encode("latin-1") or host
        return _base_url(scheme, host or _listening(scope))

    def is_secure(self, scope: Scope) -> bool:
        """Tell whether the caller came over https."""
        return self.base_url(scope).startswith("https:")

    def client_address(self, scope: Scope) -> str:
        """Give the caller's address: the last hop that is no proxy of ours; "" when unknown."""
        peer = _peer(scope)
        if not self._networks or not self._is_trusted(peer):
            return peer
        hops = headers_of(scope).get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        for hop in reversed([text.strip() for text in hops if text.strip()]):
            peer = hop
            if not self._is_trusted(hop):
                break
        return peer

    def _lies_in_networks(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._networks)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _listening(scope: Scope) -> bytes:
    # HTTP/1.0 may come without a Host.
    host, port = scope.get("server") or ("localhost", None)
    name = f"[{host}]" if ":" in host else host
    return (f"{name}:{port}" if port else name).encode()


def _forwarded(headers: Headers) -> dict[str, str]:
    # The last element is the one that our own proxy wrote; those before it came from outside.
    standard = headers.get(b"forwarded")
    if standard is not None:
        pairs = (piece.partition("=") for piece in _last(standard).split(";"))
        found = {name.strip().lower(): text.strip().strip('"') for name, _equals, text in pairs}
    else:
        found = {
            "proto": _last(headers.get(b"x-forwarded-proto", b"")),
            "host": _last(headers.get(b"x-forwarded-host", b"")),
        }
    if found.get("proto", "").lower() not in _SCHEMES:
        found.pop("proto", None)
    return found


def _last(value: bytes) -> str:
    return value.decode("latin-1").rpartition(",")[2].strip()


@lru_cache(maxsize=1_024)
def _base_url(scheme: str, host: bytes) -> str:
    if HOST.fullmatch(host) is None:
        raise InvalidRequest("host")
    return f"{scheme.lower()}://{host.decode('ascii').lower()}"
