"""What pages hear while they are open: which appointments have changed, and nothing personal."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol
from uuid import UUID

import msgspec

from appointed.domain.status import Status


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """What a page wants to hear of: all of some departments, and some appointments, of one tenant.

    What happens in the departments may wait up to `patience` seconds after the page was last told something,
    so that much of it comes together; what happens to its appointments never waits.
    """

    tenant_id: int
    department_ids: frozenset[int] = frozenset()
    appointment_ids: frozenset[int] = frozenset()
    patience: float = 0.0


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as it stands after a change; one that was deleted has no `uid` and no status.

    `position` is where the feed stands behind it; in a batch that of the last counts.
    `former_department_id` is the department that it has left with this change, else 0.
    """

    position: str
    appointment_id: int
    uid: UUID | None
    department_id: int
    former_department_id: int
    status: Status | None
    revision: int


class Again(msgspec.Struct, frozen=True):
    """Too much has happened to tell, or nobody knows since when: the page is to be read anew."""

    position: str


Message = Moved | Again


class Listening(Protocol):
    """What waits for one page that listens."""

    def take(self) -> tuple[Message, ...] | None:
        """Give a batch of what waits, () when nothing does; None when it is over."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class Live(Protocol):
    """Tells pages of changes while they are open."""

    async def position(self, tenant_id: int) -> str:
        """Give where the feed is now; asked before a page is read, it is where its stream goes on."""
        ...

    async def listen(self, topic: Topic, after: str, wake: Callable[[], None]) -> Listening:
        """Listen to what happens after a position ("": from now on); `wake` is called when there is some.

        Of one appointment the newest alone stands in a batch. Whoever takes too seldom gets one Again
        instead of a long queue. What is told may be told again: `revision` tells. It ends with the server.
        """
        ...

    def subscribe(self, topic: Topic, after: str = "") -> AsyncIterator[tuple[Message, ...]]:
        """Give the same batch by batch, none of them empty; to be closed."""
        ...


class LiveStore(Protocol):
    """Where the feed is read from: the event log, at what can no more be overtaken."""

    async def position(self, tenant_id: int) -> str:
        """Give the position behind all that is committed now."""
        ...

    async def after(self, tenant_id: int, position: str, limit: int) -> tuple[tuple[Moved, ...], str]:
        """Read what was committed past a position, oldest first, and the next position.

        Raises InvalidRequest for a position that is none.
        """
        ...
