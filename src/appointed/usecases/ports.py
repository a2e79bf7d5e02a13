"""What the use cases need from outside, as Protocols, and the values that cross these doors."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.claims import Claim
from appointed.domain.directory import Directory, Record, Tenant, View
from appointed.domain.events import Event, RecordEvent
from appointed.domain.hours import Span
from appointed.domain.letter import Note
from appointed.domain.notices import ClaimantNotice
from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.domain.preference import Level, Preference
from appointed.domain.principal import Principal
from appointed.usecases.attempt_ports import AttemptStore
from appointed.usecases.job_ports import JobStore
from appointed.usecases.live import LiveStore
from appointed.usecases.mail_ports import MailStore
from appointed.usecases.presence_ports import Presence
from appointed.usecases.query import Query
from appointed.usecases.safety_ports import SafeStore
from appointed.usecases.webhook_ports import WebhookStore

Rows = tuple[Appointment, ...]


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Give now, aware UTC."""
        ...


class IdSource(Protocol):
    """Makes names that were never used before."""

    def uuid4(self) -> UUID:
        """Make a random UUID."""
        ...

    def uuid7(self, at: datetime) -> UUID:
        """Make a UUID that sorts by time; later calls sort later, also within a millisecond."""
        ...

    def token(self, size: int = 32) -> str:
        """Make an unguessable URL-safe text of `size` random bytes."""
        ...

    def letters(self, length: int) -> str:
        """Make `length` random ASCII letters and digits."""
        ...


class ById(msgspec.Struct, frozen=True):
    """Rows by their ids; one that is missing is AppointmentNotFound."""

    ids: tuple[int, ...]


class ByUid(msgspec.Struct, frozen=True):
    """The row with this UUID; AppointmentNotFound when missing."""

    uid: UUID


class ByFamily(msgspec.Struct, frozen=True):
    """All rows of a booking (by its master's id) or of a series (by the series' id); may be empty."""

    family_id: int


class ByMany(msgspec.Struct, frozen=True):
    """Rows by their ids, each of which must be there, and all rows of some bookings and series."""

    ids: tuple[int, ...]
    families: tuple[int, ...] = ()


class NoRows(msgspec.Struct, frozen=True):
    """A change that only creates."""


Scope = ById | ByUid | ByFamily | ByMany | NoRows


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a change wants written: all of it or nothing.

    `creations` carry negative ids, unlike each other, and so may a new series; the store gives real ones
    and rewrites `id`, `mother_id` and `series_id`. `replacements` need no stamps: the store advances the
    revision.
    `ignored` names members that were left alone, in the caller's spelling. `first` is the id of the row that
    comes first in the outcome; 0 leaves the order alone. `lost` are deletions that are named to the caller.
    `presumed` are times that the decision takes for held by others: TimeLetGo where one is not.
    """

    creations: tuple[Appointment, ...] = ()
    replacements: tuple[Appointment, ...] = ()
    deletions: tuple[int, ...] = ()
    ignored: tuple[str, ...] = ()
    first: int = 0
    lost: tuple[int, ...] = ()
    presumed: tuple[Claim, ...] = ()


class Reply(msgspec.Struct, frozen=True):
    """A whole HTTP answer, as stored under an Idempotency-Key."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What stands after a change. `rows` are the scope's and the created rows as they are now.

    A change of a small record has a `record` instead, None when it is gone.

    `changed_ids` names those that got a new revision, `conflicts` those that overlap another in their
    owner's diary (only when asked for). `lost` are those of the deletions that were exceptions of a series.
    Only a dry run says what would change (`pairs`, before and after; new rows have negative ids), and what
    claimants would be told. `replayed` is the stored answer of an earlier twin, and then the only member that
    counts. `sends_mail` tells whether participants are told by mail, or would be.
    """

    rows: Rows = ()
    deleted: Rows = ()
    changed_ids: frozenset[int] = frozenset()
    conflicts: frozenset[int] = frozenset()
    ignored: tuple[str, ...] = ()
    pairs: "tuple[tuple[Appointment | None, Appointment | None], ...] | None" = None
    lost: tuple[int, ...] = ()
    blockers: "Mapping[date, tuple[int, ...]] | None" = None
    directory: Directory | None = None
    replayed: Reply | None = None
    record: Record | None = None
    sends_mail: bool = False
    claimant_notices: tuple[ClaimantNotice, ...] = ()


class Idempotency(msgspec.Struct, frozen=True):
    """A caller's key for this request. `fingerprint` tells another request under the same key apart.

    `answer` renders the reply that is stored with the change, inside its transaction.
    """

    key: str
    fingerprint: bytes
    answer: Callable[[Outcome], Reply]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Something one can prove to be: `kind` is "login" or "client", `name` unique per kind on the server.

    `secret` is an argon2id hash; None for a client of an outside token issuer.
    """

    kind: str
    name: str
    tenant_id: int
    associate_id: int
    secret: str | None


class RecordDecision(msgspec.Struct, frozen=True):
    """What a change makes of a small record: the record as it shall stand, or None for none.

    The store gives stamps, and an id to a new one. `ignored` is as for appointments. An `account` proves from
    now on to be this associate (its own id does not count), ends their sessions and tickets, and is refused
    when its name is somebody else's.
    """

    record: Record | None
    ignored: tuple[str, ...] = ()
    account: Account | None = None


Decide = Callable[[Rows, View], Decision]
Permit = Callable[[Rows, View], None]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's change, ready to run on the scope's newest rows under their locks.

    The store runs `permit` (raises when the caller may not), the preconditions (by the scope's own id or
    UUID), then `decide`. Both functions are pure and may run more than once. `dry_run` runs all of it and
    writes nothing. `alone` says that it thinks long or writes much, and nobody should wait behind it. `mail`
    says that participants are to be told by mail, in words of the caller's own or of the templates.
    `reference` is one that was asked for: that it is taken is told together with all else that is wrong.
    """

    tenant_id: int
    principal: Principal
    door: str
    scope: Scope
    permit: Permit
    decide: Decide
    preconditions: tuple[tuple[int | UUID, Precondition], ...] = ()
    dry_run: bool = False
    wants_conflicts: bool = False
    alone: bool = False
    idempotency: Idempotency | None = None
    mail: Note | None = None
    reference: str | None = None


class RecordChange(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's change of one small record; `record_id` 0 makes a new one. See Change.

    The store finds the newest revision and runs `permit` (with None when there is none, which then is
    RecordNotFound), the precondition, and `decide`; for a new one both get None. `counted` is told before
    `decide` how many appointments the department `record_id` has; it raises what refuses. All of these are
    pure: they may be asked again, of newer rows.
    """

    tenant_id: int
    principal: Principal
    door: str
    kind: str
    permit: Callable[[Record | None, View], None]
    decide: Callable[[Record | None, View], RecordDecision]
    record_id: int = 0
    precondition: Precondition = NO_PRECONDITION
    dry_run: bool = False
    idempotency: Idempotency | None = None
    counted: Callable[[int, View], None] | None = None


class RecordsChange(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's change of any of the small records of one kind, all or nothing.

    The store runs `permit` (raises when the caller may not), then `decide` on the newest records by id and
    the id that the next new one gets; what it gives takes their place. Ids that are missing there are gone.
    """

    tenant_id: int
    principal: Principal
    door: str
    kind: str
    permit: Callable[[View], None]
    decide: Callable[[Mapping[int, Any], int], Mapping[int, Any]]


class Reading(msgspec.Struct, frozen=True):
    """One row as it is now, with the directory of the same moment."""

    row: Appointment
    directory: Directory
    has_conflict: bool = False


class Time(msgspec.Struct, frozen=True, kw_only=True):
    """A time of a diary's owner; rows of `family_id` (a booking) and of `series_id` do not block it.

    0 is none; both ends are aware UTC, the end is not part of it.
    """

    starts_at: datetime
    ends_at: datetime
    owner_id: int = 0
    family_id: int = 0
    series_id: int = 0


class Page(msgspec.Struct, frozen=True):
    """Some rows of a list; `total` counts all that match, when asked for."""

    rows: Rows
    directory: Directory
    total: int = 0


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket or session that was handed out; of its secret only the SHA-256 is kept."""

    tenant_id: int
    id: str
    kind: str
    secret_hash: bytes
    associate_id: int
    expires_at: datetime


class Health(msgspec.Struct, frozen=True):
    """Whether the store can take a change now, and what is wrong if not."""

    is_ready: bool
    detail: str = ""


class Store(SafeStore, Protocol):
    """Where everything is kept. One suite of tests holds for every engine."""

    @property
    def webhooks(self) -> WebhookStore:
        """Give where webhooks are kept, and what is on its way to them."""
        ...

    @property
    def jobs(self) -> JobStore:
        """Give where it stands what is due, and who works on it."""
        ...

    @property
    def attempts(self) -> AttemptStore:
        """Give where failed attempts are counted for all processes."""
        ...

    @property
    def live(self) -> LiveStore:
        """Give where pages hear from what has changed."""
        ...

    @property
    def mail(self) -> MailStore:
        """Give where letters are kept until they are sent, and what came of them."""
        ...

    async def open(self) -> None:
        """Connect, migrate if the engine is embedded, start the writer."""
        ...

    async def close(self) -> None:
        """Finish the changes under way, then disconnect."""
        ...

    async def change(self, change: Change) -> Outcome:
        """Run one change and answer after its commit; raises domain errors, and then nothing was written."""
        ...

    async def read(self, tenant_id: int, scope: ById | ByUid, *, wants_conflict: bool = False) -> Reading:
        """Read one row; raises AppointmentNotFound."""
        ...

    async def blockers(self, tenant_id: int, times: Sequence[Time]) -> tuple[tuple[int, ...], ...]:
        """List, for each time, the ids of the rows that block it in its owner's diary, some if many.

        The lead and lag of the others count.
        """
        ...

    async def busy(self, tenant_id: int, owners: Sequence[int], time: Time) -> tuple[Span, ...]:
        """List what blocks any of these owners in a time, lead and lag included, in order."""
        ...

    async def page(self, query: Query) -> Page:
        """Read one page of a list."""
        ...

    async def directory(self, tenant_id: int) -> Directory:
        """Read the tenant's newest directory; cached by its revision."""
        ...

    async def create_tenant(self, tenant: Tenant, records: Sequence[Record]) -> int:
        """Add a tenant with its first records, and give its id (`tenant.id` 0 means the next free)."""
        ...

    async def tenants(self) -> tuple[Tenant, ...]:
        """List all tenants."""
        ...

    async def keep_demo_out(self) -> None:
        """See that there is no demo tenant, and that none comes while this store is open; to be asked again.

        Raises what `open` raises.
        """
        ...

    async def put_records(self, tenant_id: int, records: Sequence[Record]) -> tuple[int, ...]:
        """Add (id 0) or replace small records in one transaction; gives their ids."""
        ...

    async def change_record(self, change: RecordChange) -> Outcome:
        """Run one change of one small record; raises domain errors, and then nothing was written."""
        ...

    async def change_records(self, change: RecordsChange) -> Directory:
        """Run one change of the small records of a kind, and give the directory that stands after it.

        Raises domain errors, and then nothing was written.
        """
        ...

    async def record_history(self, tenant_id: int, kind: str, record_id: int) -> tuple[RecordEvent, ...]:
        """Read all events of one small record, oldest first."""
        ...

    async def preferences(
        self, tenant_id: int, owners: Sequence[tuple[Level, int]], *names: str
    ) -> tuple[Preference, ...]:
        """Read the preferences of some owners; with names those alone."""
        ...

    async def put_preferences(
        self, tenant_id: int, wanted: Sequence[Preference], *, drops_nearer: bool = False
    ) -> None:
        """Add or replace preferences, all or none; raises InvalidRequest when an owner would have too many.

        `drops_nearer` forgets those of the same name at every nearer level, whosever they are.
        """
        ...

    async def account(self, kind: str, name: str) -> Account | None:
        """Find an account by its name."""
        ...

    async def put_account(self, account: Account) -> None:
        """Add or replace an account."""
        ...

    async def ticket(self, tenant_id: int, ticket_id: str) -> Ticket | None:
        """Find a ticket or session, expired ones included."""
        ...

    async def put_ticket(self, ticket: Ticket) -> None:
        """Add or replace a ticket or session."""
        ...

    async def drop_ticket(self, tenant_id: int, ticket_id: str) -> None:
        """Forget a ticket or session."""
        ...

    async def find_claimants(self, tenant_id: int, text: str) -> tuple[int, ...]:
        """Find the youngest rows by their claimant: the whole e-mail, or whole words of the name."""
        ...

    async def put_presences(self, presences: Sequence[Presence]) -> None:
        """Add presences or prolong them, all or none; none is there twice."""
        ...

    async def presences(self, tenant_id: int, now: datetime) -> tuple[Presence, ...]:
        """List which associates have which appointment open now."""
        ...

    async def claimants_present(self, tenant_id: int, numbers: Sequence[int]) -> tuple[Presence, ...]:
        """List the presences of these appointments' claimants, also those that have ended of late."""
        ...

    async def events(
        self, tenant_id: int, after: str = "", limit: int = 500
    ) -> tuple[tuple[Event, ...], str]:
        """Read a tenant's committed events past a position ("" is the beginning), and the next position.

        Oldest first; never passes a position below which another transaction could still commit. Where two
        transactions overlapped, one appointment's events may come out of order: `revision` tells.
        """
        ...

    async def history(self, tenant_id: int, appointment_id: int, latest: int = 0) -> tuple[Event, ...]:
        """Read all events of one appointment, or the latest so many, oldest first."""
        ...

    async def forget_idempotency(self, before: datetime) -> None:
        """Drop the answers that were stored under an Idempotency-Key before; they are kept for 24 hours."""
        ...

    async def forget_tickets(self, before: datetime) -> None:
        """Drop the tickets and sessions that ended before."""
        ...

    async def forget_presences(self, before: datetime) -> None:
        """Drop the presences that ended before, those of claimants some hours later."""
        ...

    async def health(self) -> Health:
        """Tell whether a change could be written now; takes at most 500 ms."""
        ...
