"""The header that names the days of exceptions which a change of a series deleted, for both contracts."""

from typing import Final

from appointed.domain.series import date_of
from appointed.usecases.ports import Outcome

LOST: Final = "Appointed-Lost"
MOST_LOST: Final = 100


def lost_header(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """Name the days of exceptions that a new rule had no place for; without any there is no header."""
    days = sorted(date_of(row) for row in outcome.deleted if row.id in outcome.lost)
    if not days:
        return ()
    return ((LOST, ", ".join(day.isoformat() for day in days[:MOST_LOST])),)
