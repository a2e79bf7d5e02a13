"""The next revision of an appointment or record, and the whole second that stands for it in HTTP dates."""

from datetime import datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Record

Stamped = TypeVar("Stamped", Appointment, Record)

SECOND = timedelta(seconds=1)
LEAD = timedelta(seconds=60)


def advance(before: Stamped, after: Stamped, now: datetime, by: int) -> Stamped:
    """Stamp `after` as the revision that follows `before`, changed by associate `by`.

    `updated_at` grows by a whole second with every revision so that an HTTP date tells any two apart;
    it may lead the clock by 60 s, past that the second repeats and is marked as shared.
    """
    floor = now.replace(microsecond=0)
    wanted = max(floor, before.modified_at + SECOND)
    is_shared = wanted > floor + LEAD
    return replace(
        after,
        revision=before.revision + 1,
        updated_at=max(before.modified_at, floor) if is_shared else wanted,
        updated_by=by,
        is_second_shared=is_shared,
    )
