"""What stands in columns beside the stored document, and which schema this program knows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from appointed.domain.appointment import Appointment
from appointed.domain.diary import LONG, occupies

KNOWN = (
    "0001",
    "0002",
    "0003",
    "0005",
    "0007",
    "0008",
    "0004",
    "0010",
    "0017",
    "0014",
    "0013",
    "0011",
    "0020",
    "0018",
    "0023",
    "0024",
    "0025",
)
HEAD = KNOWN[-1]


class StoreUnusable(Exception):
    """The store cannot be opened; the message says why and what to do."""


class StoreInUse(StoreUnusable):
    """Another process holds the store."""


class DemoPresent(StoreUnusable):
    """The store holds the demo tenant, and may be served on loopback only."""


def unknown_schema(found: str) -> StoreUnusable:
    """Say that the data was written by a newer program."""
    return StoreUnusable(
        f"the data has schema {found}, this program knows up to {HEAD}: run the newer program that wrote it"
    )


def unreadable_url() -> StoreUnusable:
    """Say that a database's URL cannot be read, but not what is in it: some of it may be a password."""
    return StoreUnusable(
        "the database URL cannot be read: it is like postgresql://user:password@host:5432/name, and in user"
        " and password the characters : / ? # [ ] @ % are written as %3A and so on"
    )


def demand_head(found: str | None) -> None:
    """Raise StoreUnusable unless the schema found is the one this program writes."""
    if found is not None and found not in KNOWN:
        raise unknown_schema(found)
    if found != HEAD:
        raise StoreUnusable(
            f"the data has schema {found or 'none'}, {HEAD} is needed: run `appointed migrate`"
        )


# The columns of `appointment` that queries and lookups read, in the order of `index_values`.
INDEXED = (
    "uid",
    "reference",
    "kind",
    "status",
    "privacy",
    "owner_id",
    "department_id",
    "created_by",
    "mother_id",
    "starts_at",
    "ends_at",
    "busy_from",
    "busy_until",
    "busy_owner_id",
    "is_long",
    "claimant_id",
    "created_at",
    "contact_id",
    "person_id",
    "project_id",
    "sale_id",
    "series_id",
)
PLAIN = ("revision", "updated_at", "body")
COLUMNS = ("tenant_id", "id", *INDEXED, *PLAIN)

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def busy_period(row: Appointment) -> tuple[datetime, datetime]:
    """Give the time the row blocks, lead and lag included, cut off at the ends of the calendar."""
    busy_from, busy_until = row.starts_at, row.ends_at
    if row.lead_minutes:
        lead = timedelta(minutes=row.lead_minutes)
        busy_from = busy_from - lead if busy_from - FIRST > lead else FIRST
    if row.lag_minutes:
        lag = timedelta(minutes=row.lag_minutes)
        busy_until = busy_until + lag if LAST - busy_until > lag else LAST
    return busy_from, busy_until


def index_values(row: Appointment, claimant_id: UUID | None) -> tuple[Any, ...]:
    """Give the values of the INDEXED columns; a stored row's claimant is not in the appointment itself."""
    busy_from, busy_until = busy_period(row)
    return (
        row.uid,
        row.reference,
        row.kind,
        row.status,
        row.privacy,
        row.owner_id,
        row.department_id,
        row.created_by,
        row.mother_id,
        row.starts_at,
        row.ends_at,
        busy_from,
        busy_until,
        row.owner_id if occupies(row) else None,
        busy_until - busy_from > LONG,
        claimant_id,
        row.created_at,
        row.contact_id,
        row.person_id,
        row.project_id,
        row.sale_id,
        row.series_id,
    )
