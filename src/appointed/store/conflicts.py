"""When an appointment overlaps others of its owner's diary, said in Python for rows not yet written."""

from appointed.domain.appointment import Appointment
from appointed.domain.diary import occupies
from appointed.store.plan import Probe
from appointed.store.schema import busy_period


def probe_of(row: Appointment) -> Probe:
    """Ask for one row; its own lead and lag do not count, those of the others do."""
    family = row.mother_id or row.id
    return Probe(row.tenant_id, row.id, row.owner_id, family, row.series_id, row.starts_at, row.ends_at)


def overlaps(probe: Probe, other: Appointment) -> bool:
    """Tell whether the other row blocks the probe's time; touching ends do not."""
    busy_from, busy_until = busy_period(other)
    return (
        occupies(other)
        and other.owner_id == probe.owner_id
        and (other.mother_id or other.id) != probe.family
        and (other.series_id == 0 or other.series_id != probe.series_id)
        and busy_from < probe.ends_at
        and busy_until > probe.starts_at
    )
