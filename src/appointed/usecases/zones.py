"""Which time zones there are, by their IANA names."""

from functools import cache
from zoneinfo import available_timezones

# What a machine calls its own zone, or has not set, says nothing anywhere else.
NOWHERE = frozenset({"localtime", "Factory"})


@cache
def known_zones() -> frozenset[str]:
    """Give the names of all zones that this machine knows; the first look reads them from the disk."""
    return frozenset(available_timezones()) - NOWHERE
