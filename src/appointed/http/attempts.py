"""How often a password may be guessed: so many a minute for one account name, and for one address."""

import hashlib
import math
from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from appointed.domain.errors import TooManyAttempts
from appointed.usecases.ports import Clock

MINUTE = timedelta(minutes=1)
# Whoever rents one IPv6 address has all of its network.
IPV6_NETWORK_BITS = 64

Keys = tuple[bytes, ...]


class Attempts:
    """Counts wrong passwords of this process; a name or address that was not seen for long is forgotten."""

    def __init__(self, clock: Clock, per_minute: int, max_kept: int = 8_192) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._interval = MINUTE / per_minute
        self._max_kept = max_kept
        # Digest of name or address → when all its attempts are free again. Others have all of them.
        self._free_at: OrderedDict[bytes, datetime] = OrderedDict()

    def take(self, name: str, address: str) -> Keys:
        """Count one attempt before its outcome is known; gives what to give back when it was right.

        Raises TooManyAttempts when the name or the address ("": unknown) has none left.
        """
        now = self._clock()
        keys = _keys(name, address)
        ends = [max(self._free_at.get(key, now), now) + self._interval for key in keys]
        wait = max(ends) - now - MINUTE
        if wait > timedelta():
            seconds = math.ceil(wait.total_seconds())
            raise TooManyAttempts(seconds, self._per_minute, now + timedelta(seconds=seconds))
        for key, end in zip(keys, ends, strict=True):
            self._keep(key, end)
        return keys

    def give_back(self, keys: Keys) -> None:
        """Count an attempt no longer: the password was right, or never looked at."""
        now = self._clock()
        for key in keys:
            end = self._free_at.pop(key, now) - self._interval
            if end > now:
                self._keep(key, end)

    def _keep(self, key: bytes, end: datetime) -> None:
        self._free_at[key] = end
        self._free_at.move_to_end(key)
        if len(self._free_at) > self._max_kept:
            self._free_at.popitem(last=False)


def _keys(name: str, address: str) -> Keys:
    places = [f"name {name.casefold()}"] + ([f"address {network_of(address)}"] if address else [])
    return tuple(hashlib.sha256(place.encode(errors="surrogatepass")).digest() for place in places)


def network_of(address: str) -> str:
    """Give the network that whoever has this address has all of; a text that is no address as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(int(parsed) >> (parsed.max_prefixlen - IPV6_NETWORK_BITS))
    return str(parsed)
