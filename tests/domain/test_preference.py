"""Whose preference counts, and who may see and set it."""

import pytest

from appointed.domain.directory import Associate
from appointed.domain.preference import (
    Level,
    Preference,
    may_see,
    may_set,
    name_of,
    nearest,
    owner_of,
    owners_of,
)
from appointed.domain.principal import Role

AGENT = Associate(id=2, name="kari", full_name="Kari", group_id=7)
ADMINISTRATOR = Associate(id=1, name="ada", full_name="Ada", group_id=8, role=Role.ADMINISTRATOR)


def preference(level: Level, value: str, key: str = "Key") -> Preference:
    return Preference(level=level, owner_id=1, section="Section", key=key, value=value)


def test_each_level_has_its_owner_the_nearest_first() -> None:
    assert owners_of(AGENT) == (
        (Level.INDIVIDUAL, 2),
        (Level.GROUP, 7),
        (Level.TENANT, 0),
        (Level.SYSTEM, 0),
    )
    assert owner_of(Level.GROUP, ADMINISTRATOR) == 8


@pytest.mark.parametrize("levels", [list(Level), list(reversed(Level))])
def test_the_nearest_counts(levels: list[Level]) -> None:
    found = [preference(level, level.value) for level in levels]
    assert nearest(found) == {name_of("SECTION", "key"): preference(Level.INDIVIDUAL, "individual")}
    assert nearest(one for one in found if one.level is not Level.INDIVIDUAL) == {
        "section\nkey": preference(Level.GROUP, "group")
    }
    assert nearest([]) == {}


def test_names_ignore_case_and_keep_apart() -> None:
    several = [preference(Level.GROUP, "1", "a"), preference(Level.TENANT, "2", "B")]
    assert set(nearest(several)) == {"section\na", "section\nb"}


@pytest.mark.parametrize(
    ("level", "owner", "sees"),
    [
        (Level.INDIVIDUAL, 2, True),
        (Level.INDIVIDUAL, 1, False),
        (Level.GROUP, 7, True),
        (Level.GROUP, 8, False),
        (Level.TENANT, 0, True),
        (Level.SYSTEM, 0, True),
        (Level.TENANT, 2, False),
    ],
)
def test_who_sees(level: Level, owner: int, sees: bool) -> None:
    assert may_see(AGENT, level, owner) is sees
    assert may_see(ADMINISTRATOR, level, owner)


def test_who_sets() -> None:
    assert [may_set(AGENT, level) for level in Level] == [True, False, False, False]
    assert all(may_set(ADMINISTRATOR, level) for level in Level)
