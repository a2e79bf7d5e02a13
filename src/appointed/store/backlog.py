"""How much waits to be delivered, for all tenants, as far as it is counted."""

from typing import Final

from appointed.store.scripts import Script
from appointed.usecases.safety_ports import Backlog

# Past so many of a tenant's it is clear enough that too much waits; so far counting takes some milliseconds.
MOST_COUNTED: Final = 10_000
# In the order of an index, since PostgreSQL takes a queue that is one tenant's for everybody's, and would
# read all of it for each of them.
_EVENTS: Final = "outbox o WHERE o.tenant_id = t.id ORDER BY o.appointment_id, o.revision"
_CALLS: Final = (
    "delivery d WHERE d.tenant_id = t.id AND d.state = 'waiting'"
    " ORDER BY d.webhook_id, d.appointment_id, d.id"
)
_LETTERS: Final = (
    "letter l WHERE l.tenant_id = t.id AND l.state IN ('waiting', 'sending') ORDER BY l.lane, l.mailing_id"
)
_MAILINGS: Final = "mailing m WHERE m.tenant_id = t.id AND m.state = 'fresh' ORDER BY m.id"
_WAITING: Final = (_EVENTS, _CALLS, _LETTERS, _MAILINGS)
_EACH: Final = ", ".join(f"(SELECT count(*) FROM (SELECT 1 FROM {one} LIMIT $1) w)" for one in _WAITING)
COUNTS: Final = f"SELECT {_EACH} FROM tenant t"


def backlog(most: int = MOST_COUNTED) -> Script[Backlog]:
    """Count what waits; of a tenant's at most so many of each kind."""
    rows = yield COUNTS, (most,)
    events, calls, letters, mailings = [sum(counts) for counts in zip(*rows, strict=True)] or (0, 0, 0, 0)
    return Backlog(events=events, calls=calls, letters=letters + mailings)
