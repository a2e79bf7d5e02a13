"""When what failed is tried again (Webhooks, Error handling; the long waits are ours: ADR 0070)."""

from datetime import datetime, timedelta
from typing import Final

# Within a round: three calls, the second after one second, the third after four more.
QUICK_WAITS: Final = (1.0, 4.0)

# Between rounds: the longest wait in seconds after the first round, the second, and so on. The wait itself
# is a random part of it, so that receivers that failed together are not called together.
MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
ROUND_WAITS: Final = (
    30.0,
    1 * MINUTE,
    2 * MINUTE,
    4 * MINUTE,
    8 * MINUTE,
    16 * MINUTE,
    32 * MINUTE,
    1 * HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    16 * HOUR,
    24 * HOUR,
    24 * HOUR,
    24 * HOUR,
    24 * HOUR,
)
SHORTEST_WAIT: Final = 1.0


def next_round(rounds: int, now: datetime, share: float) -> datetime | None:
    """Tell when to call again after `rounds` failed ones; None: not any more.

    `share` is a random number from 0 to 1.
    """
    if rounds > len(ROUND_WAITS):
        return None
    return now + timedelta(seconds=max(SHORTEST_WAIT, ROUND_WAITS[rounds - 1] * share))
