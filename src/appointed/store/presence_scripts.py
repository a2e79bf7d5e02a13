"""Who has an appointment open: rows that count for a short time."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from appointed.store.scripts import Script, instant, row_places
from appointed.usecases.presence import MISSED_FOR
from appointed.usecases.presence_ports import CLAIMANT, Presence

COLUMNS = 4


def _put(count: int) -> str:
    return (
        "INSERT INTO presence (tenant_id, appointment_id, associate_id, until)"
        f" VALUES {row_places(count, COLUMNS)}"
        " ON CONFLICT (tenant_id, appointment_id, associate_id) DO UPDATE SET until = excluded.until"
    )


# Two texts alone, so that either engine plans each once.
MANY = 50
PUT, PUT_MANY = _put(1), _put(MANY)
ASKED = (
    "SELECT appointment_id, associate_id, until FROM presence WHERE tenant_id = $1"
    f" AND appointment_id IN ({', '.join(f'${place}' for place in range(2, MANY + 2))})"
)


def put_presences(new: Sequence[Presence]) -> Script[None]:
    """Add presences, or prolong them."""
    whole = len(new) - len(new) % MANY
    for first in range(0, whole, MANY):
        yield PUT_MANY, tuple(chain.from_iterable(map(_values, new[first : first + MANY])))
    for one in new[whole:]:
        yield PUT, _values(one)


def _values(one: Presence) -> tuple[Any, ...]:
    return one.tenant_id, one.appointment_id, one.associate_id, one.until


def presences(tenant_id: int, now: datetime) -> Script[tuple[Presence, ...]]:
    """Read the presences of a tenant's associates that still count."""
    rows = yield (
        "SELECT appointment_id, associate_id, until FROM presence"
        f" WHERE tenant_id = $1 AND until > $2 AND associate_id <> {CLAIMANT}",
        (tenant_id, now),
    )
    return _read(tenant_id, rows)


def claimants_present(tenant_id: int, numbers: Sequence[int]) -> Script[tuple[Presence, ...]]:
    """Read the presences of some appointments' claimants, also those that have ended of late."""
    found: list[Sequence[Any]] = []
    for first in range(0, len(numbers), MANY):
        some = list(numbers[first : first + MANY])
        # One text for any number of them: what is asked twice is found once.
        found += yield ASKED, (tenant_id, *some, *(some[:1] * (MANY - len(some))))
    return _read(tenant_id, [row for row in found if row[1] == CLAIMANT])


def _read(tenant_id: int, rows: Sequence[Sequence[Any]]) -> tuple[Presence, ...]:
    return tuple(
        Presence(tenant_id=tenant_id, appointment_id=one, associate_id=who, until=instant(until))
        for one, who, until in sorted(map(tuple, rows))
    )


def forget_presences(before: datetime) -> Script[None]:
    """Drop the presences that ended before, those of claimants some hours later."""
    for (tenant_id,) in (yield "SELECT id FROM tenant ORDER BY id", ()):
        yield (
            "DELETE FROM presence WHERE tenant_id = $1 AND until < $2"
            f" AND (associate_id <> {CLAIMANT} OR until < $3)",
            (tenant_id, before, before - MISSED_FOR),
        )
