"""How often a password may be guessed: so many a minute for one account name, and for one address."""

import hmac
import math
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from appointed.domain.errors import AppointedError, TooManyAttempts
from appointed.usecases.attempt_ports import AttemptStore
from appointed.usecases.ports import Clock

MINUTE = timedelta(minutes=1)
# Whoever rents one IPv6 address has all of its network.
IPV6_NETWORK_BITS = 64

Keys = tuple[bytes, ...]


class Attempts:
    """Counts attempts of this process; a name or address that was not seen for long is forgotten.

    With `shared`, what failed is counted there as well; `key` makes the digests, in all processes the same.
    """

    def __init__(
        self,
        clock: Clock,
        per_minute: int,
        max_kept: int = 8_192,
        shared: AttemptStore | None = None,
        key: bytes = b"",
    ) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._interval = MINUTE / per_minute
        self._max_kept = max_kept
        self._shared = shared
        self._key = key or secrets.token_bytes(32)
        # Digest of name or address → when all its attempts are free again. Others have all of them.
        self._free_at: OrderedDict[bytes, datetime] = OrderedDict()

    def take(self, name: str, address: str) -> Keys:
        """Count one attempt before its outcome is known; gives what to give back when it was right.

        Raises TooManyAttempts when the name or the address ("": unknown) has none left.
        """
        now = self._clock()
        keys = self._keys(name, address)
        ends = [max(self._free_at.get(key, now), now) + self._interval for key in keys]
        self._demand_free(max(ends), now)
        for key, end in zip(keys, ends, strict=True):
            self._keep(key, end)
        return keys

    async def failed(self, keys: Keys) -> None:
        """Count for all processes what has failed; raises TooManyAttempts when it was one too many."""
        if self._shared is None or not keys:
            return
        now = self._clock()
        try:
            ends = await self._shared.count(keys, now, self._interval)
        except AppointedError:
            # Where the store counts nothing now, this process still does.
            return
        for key, end in zip(keys, ends, strict=True):
            self._keep(key, max(self._free_at.get(key, now), end))
        self._demand_free(max(ends), now)

    def give_back(self, keys: Keys) -> None:
        """Count an attempt no longer: the password was right, or never looked at."""
        now = self._clock()
        for key in keys:
            end = self._free_at.pop(key, now) - self._interval
            if end > now:
                self._keep(key, end)

    def _demand_free(self, end: datetime, now: datetime) -> None:
        wait = end - now - MINUTE
        if wait > timedelta():
            seconds = math.ceil(wait.total_seconds())
            raise TooManyAttempts(seconds, self._per_minute, now + timedelta(seconds=seconds))

    def _keys(self, name: str, address: str) -> Keys:
        places = [f"name {name.casefold()}"] + ([f"address {network_of(address)}"] if address else [])
        return tuple(hmac.digest(self._key, one.encode(errors="surrogatepass"), "sha256") for one in places)

    def _keep(self, key: bytes, end: datetime) -> None:
        self._free_at[key] = end
        self._free_at.move_to_end(key)
        if len(self._free_at) > self._max_kept:
            self._free_at.popitem(last=False)


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
