"""What the caller last saw, and whether it still holds (RFC 9110 §13.2.2)."""

from datetime import datetime

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Record
from appointed.domain.errors import PreconditionFailed

Stamped = Appointment | Record


class Precondition(msgspec.Struct, frozen=True):
    """`if_match`: the acceptable revisions, () for tags that can never match, None when not sent.

    `if_match_any` is `If-Match: *`. `unmodified_since` (aware UTC, whole seconds) counts only without
    `If-Match`. `if_none_match` holds revisions that must not be current (`if_none_match_any` is `*`).
    """

    if_match: tuple[int, ...] | None = None
    if_match_any: bool = False
    unmodified_since: datetime | None = None
    if_none_match: tuple[int, ...] = ()
    if_none_match_any: bool = False

    def demand(self, row: Stamped) -> None:
        """Raise PreconditionFailed unless the appointment or record is still what the caller saw."""
        if not self._matches(row):
            is_by_date = self.if_match is None
            raise PreconditionFailed(row.revision, type(row).__name__, is_by_date=is_by_date)
        if not self._is_new(row):
            raise PreconditionFailed(row.revision, type(row).__name__)

    def _matches(self, row: Stamped) -> bool:
        if self.if_match_any:
            return True
        if self.if_match is not None:
            return row.revision in self.if_match
        return self.unmodified_since is None or _unmodified(row, self.unmodified_since)

    def _is_new(self, row: Stamped) -> bool:
        return not self.if_none_match_any and row.revision not in self.if_none_match


def _unmodified(row: Stamped, since: datetime) -> bool:
    # A second that several revisions share cannot tell them apart, so it proves nothing.
    if row.is_second_shared:
        return row.modified_at < since
    return row.modified_at <= since


NO_PRECONDITION = Precondition()
