"""The waiting lines of departments, asked for once however many people wait in them."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from appointed.domain.status import Status
from appointed.usecases.live import Moved

LineOf = Callable[[int, int], Awaitable[tuple[int, ...]]]
"""(tenant, department) -> ids in their order."""

MOST_KEPT = 1_024


class _Line:
    """One department's: what was last read, and when that reading began."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.began = float("-inf")
        self.ids: tuple[int, ...] = ()

    def place_of(self, appointment_id: int) -> int:
        return self.ids.index(appointment_id) + 1 if appointment_id in self.ids else 0


class Lines:
    """Shares readings of this process: a line that was read after something happened serves all who heard."""

    def __init__(self, line_of: LineOf, now: Callable[[], float] = time.monotonic) -> None:
        self._line_of = line_of
        self._now = now
        self._lines: dict[tuple[int, int], _Line] = {}

    async def place(self, tenant_id: int, department_id: int, appointment_id: int) -> int:
        """Give an appointment's place as of now, from 1; 0 when it is not in the line."""
        asked = self._now()
        line = self._line(tenant_id, department_id)
        async with line.lock:
            # Whoever held the lock may have read for this one, too.
            if line.began < asked:
                began = self._now()
                line.ids = await self._line_of(tenant_id, department_id)
                line.began = began
        return line.place_of(appointment_id)

    def may_move(self, tenant_id: int, department_id: int, moved: Moved) -> bool:
        """Tell whether a change may have moved the line: of somebody who waits, or did when it was last read.

        Most changes of a department are others, and cost nothing here.
        """
        line = self._lines.get((tenant_id, department_id))
        return line is None or moved.status is Status.WAITING or moved.appointment_id in line.ids

    def known(self, tenant_id: int, department_id: int, appointment_id: int) -> int:
        """Give an appointment's place when the line was last read, whoever asked for that."""
        line = self._lines.get((tenant_id, department_id))
        return line.place_of(appointment_id) if line else 0

    def _line(self, tenant_id: int, department_id: int) -> _Line:
        key = tenant_id, department_id
        if key not in self._lines and len(self._lines) >= MOST_KEPT:
            self._lines.pop(next(iter(self._lines)))
        return self._lines.setdefault(key, _Line())
