"""TimeZoneData and its rules: the zone an appointment prefers, as its clock runs in the year of the start."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import msgspec

from appointed.superoffice.carriers.shape import Field, Json, Rendered, Shape, fixed, number
from appointed.superoffice.zones import Zone, zone_by_id

TIME_ZONE_RULE: Shape = (
    Field("StartDay", "int32", lambda period, _ctx: period.starts_at.day),
    Field("StartMonth", "int32", lambda period, _ctx: period.starts_at.month),
    Field("EndDay", "int32", lambda period, _ctx: period.ends_at.day),
    Field("EndMonth", "int32", lambda period, _ctx: period.ends_at.month),
    Field("TZOffset", "int32", number("minutes")),
    Field("StartRulePattern", "string", fixed("")),
    Field("EndRulePattern", "string", fixed("")),
)

TIME_ZONE_DATA: Shape = (
    Field("TZLocationID", "int32", lambda year, _ctx: year.zone.id),
    Field("Name", "string", lambda year, _ctx: year.zone.iana),
    Field("TZLocationCode", "string", lambda year, _ctx: year.zone.code),
    Field("TZLocationCities", "string", lambda year, _ctx: year.zone.city),
    Field("IsoNumber", "int32", fixed(0)),
    Field(
        "TimeZoneSTDRules",
        "map<string,TimeZoneRule>",
        lambda year, _ctx: _rules(year, is_dst=False),
    ),
    Field(
        "TimeZoneDSTRules",
        "map<string,TimeZoneRule>",
        lambda year, _ctx: _rules(year, is_dst=True),
    ),
)


class ZoneYear(NamedTuple):
    """A zone in one year."""

    zone: Zone
    year: int


class Period(NamedTuple):
    """A stretch of a year on one offset: first and last day there, minutes east of UTC."""

    starts_at: datetime
    ends_at: datetime
    minutes: int
    is_dst: bool


@lru_cache(maxsize=512)
def time_zone(zone_id: int, year: int) -> Rendered | None:
    """Render a zone's data; None for id 0 and ids that no zone has."""
    zone = zone_by_id(zone_id)
    if zone is None:
        return None
    tree = _written(TIME_ZONE_DATA, ZoneYear(zone, year))
    return tree, msgspec.Raw(msgspec.json.encode(tree))


def _written(shape: Shape, thing: object) -> dict[str, Json]:
    # No member of these tables looks at the context.
    return {field.name: field.render(thing, None) for field in shape}  # type: ignore[arg-type] # see above


def _rules(year: ZoneYear, *, is_dst: bool) -> dict[str, Json]:
    found = [period for period in _periods(year) if period.is_dst is is_dst]
    if not found:
        return {}
    # Winter time stands at both ends of a northern year: it starts in autumn and ends in spring.
    whole = Period(found[-1].starts_at, found[0].ends_at, found[0].minutes, is_dst)
    return {str(year.year): _written(TIME_ZONE_RULE, whole)}


def _periods(year: ZoneYear) -> list[Period]:
    clock = year.zone.info
    noon = datetime(year.year, 1, 1, 12, tzinfo=UTC)
    days = [noon + timedelta(days=day) for day in range((noon.replace(month=12, day=31) - noon).days + 1)]
    periods: list[Period] = []
    for at in days:
        local = at.astimezone(clock)
        minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
        last = periods[-1] if periods else None
        if last is not None and last.minutes == minutes:
            periods[-1] = last._replace(ends_at=at)
        else:
            periods.append(Period(at, at, minutes, bool(local.dst())))
    return periods
