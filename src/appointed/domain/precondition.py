"""What the caller last saw, and whether it still holds (RFC 9110 §13.2.2)."""

from datetime import datetime

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.errors import PreconditionFailed


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

    def demand(self, appointment: Appointment) -> None:
        """Raise PreconditionFailed unless the appointment is still what the caller saw."""
        if not (self._matches(appointment) and self._is_new(appointment)):
            raise PreconditionFailed(appointment.revision)

    def _matches(self, appointment: Appointment) -> bool:
        if self.if_match_any:
            return True
        if self.if_match is not None:
            return appointment.revision in self.if_match
        return self.unmodified_since is None or _unmodified(appointment, self.unmodified_since)

    def _is_new(self, appointment: Appointment) -> bool:
        return not self.if_none_match_any and appointment.revision not in self.if_none_match


def _unmodified(appointment: Appointment, since: datetime) -> bool:
    # A second that several revisions share cannot tell them apart, so it proves nothing.
    if appointment.is_second_shared:
        return appointment.modified_at < since
    return appointment.modified_at <= since


NO_PRECONDITION = Precondition()
