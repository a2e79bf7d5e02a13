"""Preferences are read from the nearest level and set by whom they concern."""

from collections.abc import Sequence

import pytest

from appointed.domain.errors import Forbidden
from appointed.domain.preference import Level, Preference, name_of
from appointed.usecases.preferences import read_preference_at, read_preferences, set_preferences
from tests.builders import ADMIN, KARI, OLA, directory, principal

NAME = name_of("Section", "Key")


def preference(level: Level, owner_id: int, value: str = "x") -> Preference:
    return Preference(level=level, owner_id=owner_id, section="Section", key="Key", value=value)


class PreferenceStore:
    """Keeps preferences in a list."""

    def __init__(self, *kept: Preference) -> None:
        self.kept = list(kept)
        self.dropped = False

    async def preferences(
        self, _tenant_id: int, owners: Sequence[tuple[Level, int]], name: str = ""
    ) -> tuple[Preference, ...]:
        found = (one for one in self.kept if (one.level, one.owner_id) in owners)
        return tuple(one for one in found if name in ("", one.name))

    async def put_preferences(
        self, _tenant_id: int, wanted: Sequence[Preference], *, drops_nearer: bool = False
    ) -> None:
        self.kept += wanted
        self.dropped = drops_nearer


async def test_the_nearest_is_read() -> None:
    store = PreferenceStore(preference(Level.TENANT, 0, "all"), preference(Level.INDIVIDUAL, KARI, "mine"))
    mine = await read_preferences(store, principal(KARI), directory())
    assert mine[NAME].value == "mine"
    assert (await read_preferences(store, principal(OLA), directory(), NAME))[NAME].value == "all"


async def test_one_level_is_read_by_whom_it_concerns() -> None:
    store = PreferenceStore(preference(Level.INDIVIDUAL, KARI, "mine"))

    async def read(who: int, owner_id: int | None) -> Preference | None:
        return await read_preference_at(store, principal(who), directory(), NAME, Level.INDIVIDUAL, owner_id)

    assert await read(KARI, None) == await read(KARI, KARI) == await read(ADMIN, KARI) == store.kept[0]
    assert await read(OLA, None) is None
    with pytest.raises(Forbidden):
        await read(OLA, KARI)


async def test_one_sets_ones_own_and_an_administrator_all() -> None:
    store = PreferenceStore()
    mine, everyones = preference(Level.INDIVIDUAL, KARI), preference(Level.TENANT, 0)
    with pytest.raises(Forbidden):
        await set_preferences(store, principal(KARI), directory(), [mine, everyones])
    assert store.kept == []
    await set_preferences(store, principal(KARI), directory(), [mine])
    await set_preferences(store, principal(ADMIN), directory(), [everyones], drops_nearer=True)
    assert store.kept == [mine, everyones]
    assert store.dropped
