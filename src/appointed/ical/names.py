"""The UIDs under which calendars elsewhere know our appointments, and the way back."""

import re
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment

SERIES = re.compile(r"series-(\d{1,9})-(\d{1,15})@", re.ASCII)


class SeriesName(msgspec.Struct, frozen=True):
    """Which series of which tenant a UID means."""

    tenant_id: int
    series_id: int


def uid_of(row: Appointment, host: str) -> str:
    """Give a row's UID, one for all of a series; `host` keeps two servers apart, and must stay."""
    if row.series_id:
        return f"series-{row.tenant_id}-{row.series_id}@{host}"
    return str(row.uid)


def named_by(uid: str) -> UUID | SeriesName | None:
    """Tell what a UID means; None when it cannot be one of ours."""
    found = SERIES.match(uid)
    if found:
        return SeriesName(int(found[1]), int(found[2]))
    try:
        return UUID(uid)
    except ValueError:
        return None
