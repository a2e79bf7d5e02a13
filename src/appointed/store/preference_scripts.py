"""Preferences, the same on both engines."""

from collections.abc import Sequence

from appointed.domain.errors import InvalidRequest
from appointed.domain.preference import MOST_PER_OWNER, NEAREST_FIRST, Level, Preference
from appointed.store.scripts import Script

Owner = tuple[Level, int]
COLUMNS = "level, owner_id, section, key, value"


def preferences(
    tenant_id: int, owners: Sequence[Owner], names: Sequence[str]
) -> Script[tuple[Preference, ...]]:
    """Read the preferences of some owners; with names those alone."""
    values: list[object] = [tenant_id, *names]
    named = ", ".join(f"${place}" for place in range(2, len(values) + 1))
    places = []
    for level, owner_id in owners:
        values += [level.value, owner_id]
        places.append(f"(level = ${len(values) - 1} AND owner_id = ${len(values)})")
    rows = yield (
        f"SELECT {COLUMNS} FROM preference WHERE tenant_id = $1 AND ({' OR '.join(places)})"
        + (f" AND name IN ({named})" if names else "")
        + " ORDER BY level, owner_id, name",
        tuple(values),
    )
    return tuple(
        Preference(level=Level(level), owner_id=owner_id, section=section, key=key, value=value)
        for level, owner_id, section, key, value in rows
    )


def put_preferences(tenant_id: int, wanted: Sequence[Preference], *, drops_nearer: bool) -> Script[None]:
    """Add or replace preferences, all or none; raises InvalidRequest when an owner would have too many."""
    for one in wanted:
        if drops_nearer:
            yield from _drop_nearer(tenant_id, one)
        yield (
            f"INSERT INTO preference (tenant_id, name, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)"
            " ON CONFLICT (tenant_id, level, owner_id, name) DO UPDATE SET section = excluded.section,"
            " key = excluded.key, value = excluded.value",
            (tenant_id, one.name, one.level.value, one.owner_id, one.section, one.key, one.value),
        )
    for level, owner_id in {(one.level, one.owner_id) for one in wanted}:
        ((count,),) = yield (
            "SELECT count(*) FROM preference WHERE tenant_id = $1 AND level = $2 AND owner_id = $3",
            (tenant_id, level.value, owner_id),
        )
        if count > MOST_PER_OWNER:
            raise InvalidRequest(f"At most {MOST_PER_OWNER} preferences are kept for one owner.")


def _drop_nearer(tenant_id: int, one: Preference) -> Script[None]:
    for level in NEAREST_FIRST[: NEAREST_FIRST.index(one.level)]:
        yield (
            "DELETE FROM preference WHERE tenant_id = $1 AND name = $2 AND level = $3",
            (tenant_id, one.name, level.value),
        )
