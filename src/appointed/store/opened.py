"""Rows of lists as they were opened a moment ago: many agents ask for the same ones at once."""

import logging
import time
from collections.abc import Callable

from msgspec.structs import replace

from appointed.domain.errors import SealBroken
from appointed.domain.participant import Claimant
from appointed.sealing.sealer import Sealer
from appointed.store.document import Row, decode, open_claimant

# As long as the boards of a department take to ask, after something has moved.
KEPT_SECONDS = 2.0
MOST_KEPT = 2_000
MOST_CHARACTERS = 8_000_000
# Past so many it is clear enough that something is wrong.
MOST_TOLD = 1_000
log = logging.getLogger(__name__)


class OpenedRows:
    """Opens documents. What is kept serves only the same document under the same wrapped key.

    So an erased claimant, whose key is gone, is never found here. What was opened last stays in memory until
    somebody asks for the next list.
    """

    def __init__(self, sealer: Sealer, now: Callable[[], float] = time.monotonic) -> None:
        self._sealer = sealer
        self._now = now
        self._began = float("-inf")
        self._rows: dict[tuple[str, bytes | None], Row] = {}
        self._characters = 0
        self._told: set[tuple[int, int]] = set()

    def open(self, body: str, wrapped: bytes | None) -> Row:
        """Decode a document and open its claimant; one that nothing opens is only an id (ADR 0228)."""
        is_full = len(self._rows) >= MOST_KEPT or self._characters >= MOST_CHARACTERS
        if is_full or self._now() >= self._began + KEPT_SECONDS:
            self._rows.clear()
            self._began, self._characters = self._now(), 0
        found = self._rows.get((body, wrapped))
        if found is None:
            found = self._opened(decode(body), wrapped)
            self._rows[body, wrapped] = found
            self._characters += len(body)
        return found

    def _opened(self, row: Row, wrapped: bytes | None) -> Row:
        try:
            return open_claimant(row, wrapped, self._sealer)
        except SealBroken:
            self._tell(row)
            nobody = Claimant(id=row.claimant.id) if row.claimant else None
            return Row(replace(row.appointment, claimant=nobody), row.claimant)

    def _tell(self, row: Row) -> None:
        where = (row.appointment.tenant_id, row.appointment.id)
        if where not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(where)
            log.error("no key opens the claimant of an appointment: tenant %d, appointment %d", *where)
