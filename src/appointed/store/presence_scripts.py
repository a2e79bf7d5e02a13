"""Which agents have an appointment open: rows that count for a short time."""

from datetime import datetime

from appointed.store.scripts import Script, instant
from appointed.usecases.ports import Presence


def put_presence(new: Presence) -> Script[None]:
    """Add a presence, or prolong it."""
    yield (
        "INSERT INTO presence (tenant_id, appointment_id, associate_id, until) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (tenant_id, appointment_id, associate_id) DO UPDATE SET until = excluded.until",
        (new.tenant_id, new.appointment_id, new.associate_id, new.until),
    )


def presences(tenant_id: int, now: datetime) -> Script[tuple[Presence, ...]]:
    """Read the presences of a tenant that still count."""
    rows = yield (
        "SELECT appointment_id, associate_id, until FROM presence WHERE tenant_id = $1 AND until > $2",
        (tenant_id, now),
    )
    return tuple(
        Presence(tenant_id=tenant_id, appointment_id=one, associate_id=who, until=instant(until))
        for one, who, until in sorted(map(tuple, rows))
    )


def forget_presences(before: datetime) -> Script[None]:
    """Drop the presences that ended before."""
    for (tenant_id,) in (yield "SELECT id FROM tenant ORDER BY id", ()):
        yield "DELETE FROM presence WHERE tenant_id = $1 AND until < $2", (tenant_id, before)
