"""How many requests a caller may send in a minute, where an operator says so; each process counts its own."""

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from appointed.domain.errors import RateLimited
from appointed.domain.principal import Principal
from appointed.usecases.ports import Clock

MINUTE: Final = timedelta(minutes=1)
MOST_KEPT: Final = 8_192


class Throttle:
    """Counts the requests of each caller in minutes that begin with the first of them, as Laravel does."""

    def __init__(self, clock: Clock, per_minute: int, most_kept: int = MOST_KEPT) -> None:
        self._clock = clock
        self._most_kept = most_kept
        self.per_minute = per_minute
        # Caller → how many came, and when the minute ends. Others sent none.
        self._counts: OrderedDict[Principal, tuple[int, datetime]] = OrderedDict()

    def take(self, principal: Principal) -> int:
        """Count one request and tell how many are left; raises RateLimited when there was none."""
        now = self._clock()
        count, ends_at = self._counts.get(principal, (0, now))
        if ends_at <= now:
            count, ends_at = 0, now + MINUTE
        if count >= self.per_minute:
            seconds = math.ceil((ends_at - now).total_seconds())
            raise RateLimited(seconds, self.per_minute, ends_at)
        self._counts[principal] = (count + 1, ends_at)
        self._counts.move_to_end(principal)
        if len(self._counts) > self._most_kept:
            self._counts.popitem(last=False)
        return self.per_minute - count - 1

    def headers(self, left: int) -> tuple[tuple[bytes, bytes], ...]:
        """Tell the limit and what is left of it."""
        return (
            (b"x-ratelimit-limit", b"%d" % self.per_minute),
            (b"x-ratelimit-remaining", b"%d" % left),
        )
