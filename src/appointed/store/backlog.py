"""How much waits to be delivered, for all tenants, as far as it is counted."""

from typing import Final

from appointed.store.scripts import Script
from appointed.usecases.safety_ports import Backlog

# Past so many of a tenant's it is clear enough that too much waits; so far counting takes some milliseconds.
MOST_COUNTED: Final = 10_000
_EVENTS: Final = "SELECT 1 FROM outbox o WHERE o.tenant_id = t.id"
_CALLS: Final = "SELECT 1 FROM delivery d WHERE d.tenant_id = t.id AND d.state = 'waiting'"
_LETTERS: Final = "SELECT 1 FROM letter l WHERE l.tenant_id = t.id AND l.state IN ('waiting', 'sending')"
_MAILINGS: Final = "SELECT 1 FROM mailing m WHERE m.tenant_id = t.id AND m.state = 'fresh'"
_WAITING: Final = (_EVENTS, _CALLS, _LETTERS, _MAILINGS)
_EACH: Final = ", ".join(f"(SELECT count(*) FROM ({one} LIMIT $1) w)" for one in _WAITING)
COUNTS: Final = f"SELECT {_EACH} FROM tenant t"


def backlog(most: int = MOST_COUNTED) -> Script[Backlog]:
    """Count what waits; of a tenant's at most so many of each kind."""
    rows = yield COUNTS, (most,)
    events, calls, letters, mailings = [sum(counts) for counts in zip(*rows, strict=True)] or (0, 0, 0, 0)
    return Backlog(events=events, calls=calls, letters=letters + mailings)
