"""Preferences: small settings of users, groups and the tenant, of which the nearest to the user counts."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from appointed.domain.directory import Associate
from appointed.domain.principal import Role

LONGEST_NAME = 100
LONGEST_VALUE = 4_000
MOST_PER_OWNER = 500


class Level(StrEnum):
    """For whom a preference is kept, the nearest first."""

    INDIVIDUAL = "individual"
    GROUP = "group"
    TENANT = "tenant"
    SYSTEM = "system"


NEAREST_FIRST = tuple(Level)


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. `owner_id` is an associate's or a group's id, 0 for the whole tenant."""

    level: Level
    owner_id: int
    section: str
    key: str
    value: str

    @property
    def name(self) -> str:
        """What it is found by: section and key in any case."""
        return name_of(self.section, self.key)


def name_of(section: str, key: str) -> str:
    """Make the name that a preference is found by; neither part holds a line feed."""
    return f"{section}\n{key}".casefold()


def owner_of(level: Level, who: Associate) -> int:
    """Give whose preference an associate means at a level."""
    return {Level.INDIVIDUAL: who.id, Level.GROUP: who.group_id}.get(level, 0)


def owners_of(who: Associate) -> tuple[tuple[Level, int], ...]:
    """List whose preferences count for an associate, the nearest first."""
    return tuple((level, owner_of(level, who)) for level in NEAREST_FIRST)


def may_see(who: Associate, level: Level, owner_id: int) -> bool:
    """Tell whether an associate may read the preferences of that owner: those that count for them."""
    return who.role is Role.ADMINISTRATOR or owner_of(level, who) == owner_id


def may_set(who: Associate, level: Level) -> bool:
    """Tell whether an associate may set preferences at a level: one's own, or all as administrator."""
    return level is Level.INDIVIDUAL or who.role is Role.ADMINISTRATOR


def nearest(found: Iterable[Preference]) -> dict[str, Preference]:
    """Give of each preference the one nearest to the user, by its name."""
    kept: dict[str, Preference] = {}
    for one in sorted(found, key=lambda each: NEAREST_FIRST.index(each.level), reverse=True):
        kept[one.name] = one
    return kept
