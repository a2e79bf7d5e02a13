"""What a batch asks of its engine, and what it wants written: values only.

A batch runs as a generator: it yields one of the requests below and is sent the answer. So both engines,
one with a thread and one with a connection that must be awaited, run the very same code.
"""

from collections.abc import Generator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.claims import Claim
from appointed.domain.directory import Directory
from appointed.domain.errors import AppointedError
from appointed.domain.events import EventKind
from appointed.store.document import Row
from appointed.usecases.ports import Outcome

# What things go by, always led by the tenant: a row, a UUID, the value of a unique member ("reference" or
# "uid"), a resource's time, a caller's Idempotency-Key.
Key = tuple[int, int]
Uid = tuple[int, UUID]
Name = tuple[int, str, str | UUID]
Slot = tuple[int, int, datetime, datetime]
ReplyKey = tuple[int, int, str]


class LostRace(Exception):
    """A row was not what its lock promised; the whole transaction must be rolled back."""


class Postponed(msgspec.Struct, frozen=True):
    """The member could not run in this batch and wrote nothing.

    `alone`: it is too large for company; `is_locked`: somebody else holds what it needs.
    """

    alone: bool = False
    is_locked: bool = False


Result = Outcome | AppointedError | Exception | Postponed


class StoredReply(msgspec.Struct, frozen=True):
    """An answer that was kept under an Idempotency-Key, sealed under its claimants' wrapped keys, in order.

    A claimant that was erased since leaves None, and the answer cannot be given any more.
    """

    fingerprint: bytes
    sealed: bytes
    claimants: dict[UUID, bytes | None]


class TakeKeys(msgspec.Struct, frozen=True):
    """Take Idempotency-Keys for this transaction; the answer maps each to its state."""

    keys: tuple[ReplyKey, ...]


class KeyStates(msgspec.Struct, frozen=True):
    """`in_use` by another transaction, `stored` earlier; all others are ours now."""

    in_use: frozenset[ReplyKey]
    stored: dict[ReplyKey, StoredReply]


class LockRows(msgspec.Struct, frozen=True):
    """Resolve and lock rows in the order of (tenant, id)."""

    ids: frozenset[Key]
    uids: frozenset[Uid]
    families: frozenset[Key]
    tenants: frozenset[int]


class Locked(msgspec.Struct, frozen=True):
    """The newest revision of every row that was found, and the directories of the moment.

    `wrapped` has the claimants' keys that were seen; a missing one must be asked for again.
    `families` lists, under the locks, which rows belong to each.
    """

    rows: dict[Key, Row]
    wrapped: dict[Uid, bytes]
    directories: dict[int, Directory]
    families: dict[Key, frozenset[int]]


class Needs(msgspec.Struct):
    """What only the decisions could tell: facts to fetch before they can stand."""

    tenants: set[int] = msgspec.field(default_factory=set)
    claimants: set[Uid] = msgspec.field(default_factory=set)
    names: set[Name] = msgspec.field(default_factory=set)
    slots: set[Slot] = msgspec.field(default_factory=set)

    def __bool__(self) -> bool:
        """Tell whether anything is needed."""
        return bool(self.tenants or self.claimants or self.names or self.slots)


class Facts(msgspec.Struct):
    """The answer to Needs, under locks: the tenants' counters, then the resources, each in order.

    Everything asked for has an entry in its map; None means there is none. `counters` are the next free
    appointment ids, `names` the rows that have them, `held` the claims that touch the slots asked for, by
    (tenant, resource).
    """

    counters: dict[int, int] = msgspec.field(default_factory=dict)
    wrapped: dict[Uid, bytes | None] = msgspec.field(default_factory=dict)
    names: dict[Name, int | None] = msgspec.field(default_factory=dict)
    slots: frozenset[Slot] = frozenset()
    held: dict[Key, list[Claim]] = msgspec.field(default_factory=dict)


class StoredEvent(msgspec.Struct, frozen=True):
    """An event on its way to the log and the outbox; patches are JSON texts."""

    id: UUID
    tenant_id: int
    appointment_id: int
    revision: int
    kind: EventKind
    at: datetime
    by: int
    door: str
    patch: str
    inverse: str


class Replaced(msgspec.Struct, frozen=True):
    """A row as it was under the lock, and as it shall be."""

    before: Row
    after: Row


class Writes(msgspec.Struct):
    """Everything one batch changes; `mailings` are rows as `mailings.COLUMNS` has them."""

    inserts: list[Row] = msgspec.field(default_factory=list)
    updates: list[Replaced] = msgspec.field(default_factory=list)
    deletes: list[Row] = msgspec.field(default_factory=list)
    counters: dict[int, int] = msgspec.field(default_factory=dict)
    keys: dict[Uid, bytes] = msgspec.field(default_factory=dict)
    words: dict[Key, frozenset[bytes]] = msgspec.field(default_factory=dict)
    viewers: dict[Key, frozenset[int]] = msgspec.field(default_factory=dict)
    released: set[Key] = msgspec.field(default_factory=set)
    claims: list[tuple[int, Claim]] = msgspec.field(default_factory=list)
    events: list[StoredEvent] = msgspec.field(default_factory=list)
    mailings: list[tuple[Any, ...]] = msgspec.field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether anything is written; without an event nothing changed."""
        return bool(self.events)


class Probe(msgspec.Struct, frozen=True):
    """A busy row that asks whether others overlap it.

    `family` is its booking's master, else itself; `series_id` its series, else 0.
    """

    tenant_id: int
    id: int
    owner_id: int
    family: int
    series_id: int
    starts_at: datetime
    ends_at: datetime


class FindConflicts(msgspec.Struct, frozen=True):
    """Look for rows that overlap the probes, leaving out some ids; answered by the ids of those hit.

    The answer is a set of (tenant, id).
    """

    probes: tuple[Probe, ...]
    without: tuple[int, ...] = ()


class KeptReply(msgspec.Struct, frozen=True):
    """An answer to keep under its key."""

    key: ReplyKey
    fingerprint: bytes
    claimants: tuple[UUID, ...]
    sealed: bytes
    at: datetime


class KeepReplies(msgspec.Struct, frozen=True):
    """Store answers with the change."""

    replies: tuple[KeptReply, ...]


Request = TakeKeys | LockRows | Needs | Writes | FindConflicts | KeepReplies
Flow = Generator[Request, Any, list[Result]]
