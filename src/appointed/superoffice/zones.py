"""The contract's own time zones: codes and ids, each with its IANA zone (header `SO-TimeZone`).

The table is made by tools/make_zones.py.
"""

import importlib.resources
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.errors import InvalidRequest

LONGEST_KEY = 40


class Zone(msgspec.Struct, frozen=True, dict=True):
    """One time zone of the contract; `city` is the place that names it, `country` "" for UTC and the like."""

    id: int
    code: str
    iana: str
    country: str
    city: str

    @cached_property
    def info(self) -> ZoneInfo:
        """The zone's clock."""
        return ZoneInfo(self.iana)


def _read_table() -> tuple[Zone, ...]:
    text = (importlib.resources.files(__package__) / "zones.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return tuple(Zone(int(number), *rest) for number, *rest in rows)


ZONES: Final = _read_table()
UTC: Final = ZoneInfo("UTC")

_BY_ID: Final = {zone.id: zone for zone in ZONES}
_BY_KEY: Final = {zone.code.lower(): zone for zone in ZONES} | {str(zone.id): zone for zone in ZONES}
# Several codes may share a clock; the lowest id stands for it, so the codes that the contract names win.
_BY_IANA: Final = {zone.iana: zone for zone in reversed(ZONES)}


def zone_of(key: str) -> Zone:
    """Find a zone by its code or id, in any case; raises InvalidRequest."""
    found = _BY_KEY.get(key.strip().lower()) if key.isascii() else None
    if found is None:
        raise InvalidRequest(f"unknown time zone {key[:LONGEST_KEY]!r}")
    return found


def zone_by_id(zone_id: int) -> Zone | None:
    """Find a zone by its id."""
    return _BY_ID.get(zone_id)


def zone_of_clock(iana: str) -> Zone | None:
    """Find the contract's zone for an IANA name."""
    return _BY_IANA.get(iana)
