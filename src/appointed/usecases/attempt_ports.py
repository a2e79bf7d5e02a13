"""Where failed attempts are counted for all processes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol


class AttemptStore(Protocol):
    """Counts what failed, by keys that tell nothing to who reads them."""

    async def count(self, keys: Sequence[bytes], now: datetime, interval: timedelta) -> tuple[datetime, ...]:
        """Count one failure under each key; gives, in their order, when all attempts of each are free again.

        Each failure takes an `interval` to be forgotten, one after the other.
        """
        ...

    async def forget(self, before: datetime) -> None:
        """Drop keys whose attempts were all free before an instant."""
        ...
