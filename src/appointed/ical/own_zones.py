"""What a calendar says of its own time zones holds for that calendar alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from icalendar.timezone import tzp

_reading = Lock()


@contextmanager
def own_zones() -> Iterator[None]:
    """Read one calendar, members and all: it knows the zones that it defines, and none of those read before.

    One is read at a time, in whichever thread.
    """
    with _reading:
        # The library keeps a zone by its name ("Customized Time Zone") for later texts, whoever sends them.
        tzp.use_default()
        yield
