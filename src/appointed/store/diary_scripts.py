"""Looking into diaries: who blocks a time, and what is busy; each a generator of statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from appointed.domain.hours import Span
from appointed.store.conflict_sql import Spelling, busy_of, named_of
from appointed.store.scripts import Script, instant, json_text, micros
from appointed.usecases.ports import Time

# An owner with more in one look is taken as busy from the last row that was read.
MOST_BUSY = 10_000


class DiaryScripts:
    """The statements of one engine."""

    def __init__(self, spelling: Spelling) -> None:
        self._named = named_of(spelling)
        self._busy = busy_of(spelling.day)
        self._counts = spelling.instant == "INTEGER"

    def blockers(self, tenant_id: int, times: Sequence[Time]) -> Script[tuple[tuple[int, ...], ...]]:
        """List, for each time, the ids of the rows that block it, in one statement."""
        asked = [
            (
                place,
                time.owner_id,
                time.family_id,
                time.series_id,
                *map(self._at, (time.starts_at, time.ends_at)),
            )
            for place, time in enumerate(times)
        ]
        found: list[tuple[int, ...]] = [()] * len(asked)
        for place, ids in (yield self._named, (tenant_id, json_text(asked))):
            found[place] = tuple(sorted(msgspec.json.decode(ids))) if ids else ()
        return tuple(found)

    def busy(self, tenant_id: int, owners: Sequence[int], time: Time) -> Script[tuple[Span, ...]]:
        """List what blocks any of these owners, in order of time; a row counts once for each."""
        spans: list[Span] = []
        for owner_id in owners:
            values = (tenant_id, owner_id, time.starts_at, time.ends_at, time.family_id, time.series_id)
            rows = yield self._busy, (*values, MOST_BUSY)
            spans.extend(Span(instant(since), instant(until)) for since, until in rows)
            if len(rows) >= MOST_BUSY:
                spans.append(Span(max(instant(since) for since, _until in rows), time.ends_at))
        return tuple(sorted(spans))

    def _at(self, at: datetime) -> Any:
        return micros(at) if self._counts else at
