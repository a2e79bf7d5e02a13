"""What is told of a time that somebody else holds: the time that was wanted, and what holds it."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class WantedTime(msgspec.Struct, frozen=True, kw_only=True):
    """The time that was refused, of everyone it was wanted for, and `at` which moment.

    `family_id` is its booking's, 0 for a new one. Of a series these are the time of the date that the caller
    named; `days` are those of all dates that go with it, by the clock of `zone`.
    """

    associate_ids: tuple[int, ...]
    family_id: int
    starts_at: datetime
    ends_at: datetime
    lead_minutes: int
    lag_minutes: int
    is_all_day: bool
    at: datetime
    series_id: int = 0
    days: tuple[date, ...] = ()
    zone: str = ""


class Blocker(msgspec.Struct, frozen=True, kw_only=True):
    """The appointment that holds a time, as far as the caller may see it; the title is None for strangers."""

    id: int
    uid: UUID
    starts_at: datetime
    ends_at: datetime
    title: str | None = None
