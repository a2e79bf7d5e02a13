"""What can be asked and told about preferences (Preference/{section}/{key}; Agents Preference)."""

import re
from collections.abc import Iterable

from appointed.domain.errors import InvalidRequest
from appointed.domain.preference import LONGEST_NAME, LONGEST_VALUE, Level, Preference, name_of, owner_of
from appointed.domain.rights import caller
from appointed.http.credentials import XSRF_COOKIE, read_cookie
from appointed.http.headers import headers_of
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.given import Given
from appointed.superoffice.service import Ask
from appointed.superoffice.start.items import MDO_LIST_ITEM, Item
from appointed.superoffice.start.preferences import (
    HARD_DEFAULT,
    KNOWN,
    LEVEL_OF,
    PREFERENCE,
    PREFERENCE_DESCRIPTION,
    UNDEFINED,
    XSRF_VALUE,
    Known,
    Shown,
    shown,
)
from appointed.usecases.preferences import read_preference_at, read_preferences, set_preferences

_NAME = re.compile(rf"[^\x00-\x1f]{{1,{LONGEST_NAME}}}")


async def sections(ask: Ask) -> Json:
    """The sections that there are preferences in."""
    names = {one.section.casefold(): one.section for one in await _all_shown(ask)}
    return _items(ask, names.values(), "preferencesection")


async def keys(ask: Ask) -> Json:
    """The keys of the preferences in a section."""
    section = ask.given.text("section").casefold()
    found = (one.key for one in await _all_shown(ask) if one.section.casefold() == section)
    return _items(ask, found, "preferencekey")


async def preference(ask: Ask) -> Json:
    """One preference, from the level nearest to the caller."""
    section, key = _names(ask.given, "section", "key")
    return ask.write(PREFERENCE, await _nearest(ask, section, key))


async def value_at(ask: Ask) -> Json:
    """The value of a preference at a level, "" when there is none."""
    section, key = _names(ask.given, "section", "key")
    return (
        await _at(ask, section, key, ask.given.choice("prefLevel", "PreferenceLevel", UNDEFINED), None)
    ).value


async def set_preference(ask: Ask) -> None:
    """Set a preference to the RawValue of the body, for the caller alone unless it names a level."""
    section, key = _names(ask.given, "section", "key")
    body = ask.given.carrier()
    await _set(ask, [_wanted(ask, section, key, body, body.text("RawValue"))])


async def set_value_at(ask: Ask) -> None:
    """Set a preference at a level to the value in the query."""
    section, key = _names(ask.given, "section", "key")
    level = _kept_level(ask.given.choice("prefLevel", "PreferenceLevel", UNDEFINED))
    await _set(ask, [_preference(ask, level, section, key, ask.given.text("value"))])


# The agent.


async def by_name(ask: Ask) -> Json:
    """One preference, from the level asked for or the one nearest to the caller."""
    section, key = _names(ask.given, "PrefSection", "PrefKey")
    level = ask.given.choice("PrefLevel", "PreferenceLevel", UNDEFINED)
    return ask.write(PREFERENCE, await _at(ask, section, key, level, None))


async def by_name_and_owner(ask: Ask) -> Json:
    """One preference of a user or group, from the level asked for."""
    section, key = _names(ask.given, "PrefSection", "PrefKey")
    level = ask.given.choice("PrefLevel", "PreferenceLevel", UNDEFINED)
    return ask.write(PREFERENCE, await _at(ask, section, key, level, ask.given.number("OwnerId")))


async def several(ask: Ask) -> Json:
    """Several preferences, each from the level nearest to the caller."""
    specifications = [_names(one, "Section", "Key") for one in ask.given.carriers("Specifications")]
    found = await read_preferences(ask.door.store, ask.ctx.principal, ask.directory)
    chosen = (shown(section, key, found.get(name_of(section, key))) for section, key in specifications)
    return [ask.write(PREFERENCE, one) for one in chosen]


async def save(ask: Ask) -> None:
    """Set one preference."""
    await _set(ask, [_sent(ask, ask.given.carrier("Preference"))])


async def save_several(ask: Ask) -> None:
    """Set several preferences, all or none; nearer ones of others are dropped when asked for."""
    wanted = [_sent(ask, one) for one in ask.given.carriers("Preferences")]
    await _set(ask, wanted, drops_nearer=ask.given.flag("RemoveLowerLevels"))


async def save_entity(ask: Ask) -> Json:
    """Set one preference and answer it; nearer ones of others are dropped when asked for."""
    wanted = _sent(ask, ask.given.carrier("Preference"))
    await _set(ask, [wanted], drops_nearer=ask.given.flag("RemoveLowerLevels"))
    return ask.write(PREFERENCE, shown(wanted.section, wanted.key, wanted))


async def default_preference(ask: Ask) -> Json:
    """What a new preference would be."""
    return ask.write(PREFERENCE, Shown(section="", key="", level=UNDEFINED, value=""))


async def descriptions(ask: Ask) -> Json:
    """What clients know about preferences; with a section of those in it."""
    section = ask.given.text("Section", "").casefold()
    found = (one for one in KNOWN if section in ("", one.section.casefold()))
    return [ask.write(PREFERENCE_DESCRIPTION, one) for one in found]


async def description(ask: Ask) -> Json:
    """What clients know about one preference, null when that is nothing."""
    name = name_of(*_names(ask.given, "Section", "Key"))
    found: Iterable[Known] = (one for one in KNOWN if one.name == name)
    return ask.write(PREFERENCE_DESCRIPTION, next(iter(found), None))


async def xsrf_value(ask: Ask) -> Json:
    """The XSRF value of the caller's session, "" for callers without one."""
    value = read_cookie(headers_of(ask.request.scope), XSRF_COOKIE)
    return ask.write(XSRF_VALUE, Shown(section="", key="", level="", value=value))


async def _nearest(ask: Ask, section: str, key: str) -> Shown:
    name = name_of(section, key)
    found = await read_preferences(ask.door.store, ask.ctx.principal, ask.directory, name)
    return shown(section, key, found.get(name))


async def _at(ask: Ask, section: str, key: str, level: str, owner_id: int | None) -> Shown:
    if level == UNDEFINED:
        return await _nearest(ask, section, key)
    if level == HARD_DEFAULT:
        return shown(section, key, None)
    nothing = Shown(section=section, key=key, level=UNDEFINED, value="")
    kept_at = LEVEL_OF.get(level)
    if kept_at is None:
        return nothing
    found = await read_preference_at(
        ask.door.store, ask.ctx.principal, ask.directory, name_of(section, key), kept_at, owner_id
    )
    return nothing if found is None else shown(section, key, found)


async def _set(ask: Ask, wanted: list[Preference], *, drops_nearer: bool = False) -> None:
    await set_preferences(ask.door.store, ask.ctx.principal, ask.directory, wanted, drops_nearer=drops_nearer)


async def _all_shown(ask: Ask) -> list[Shown]:
    found = await read_preferences(ask.door.store, ask.ctx.principal, ask.directory)
    names = {one.name: (one.section, one.key) for one in KNOWN}
    names |= {name: (one.section, one.key) for name, one in found.items() if name not in names}
    return [shown(section, key, found.get(name)) for name, (section, key) in sorted(names.items())]


def _items(ask: Ask, names: Iterable[str], kind: str) -> Json:
    items = (Item(id=number, name=name, type=kind) for number, name in enumerate(names, start=1))
    return [ask.write(MDO_LIST_ITEM, item) for item in items]


def _sent(ask: Ask, carrier: Given) -> Preference:
    section, key = _names(carrier.carrier("Specification"), "Section", "Key")
    return _wanted(ask, section, key, carrier, carrier.text("RawValue", ""))


def _wanted(ask: Ask, section: str, key: str, carrier: Given, value: str) -> Preference:
    level = _kept_level(carrier.choice("Level", "PreferenceLevel", UNDEFINED))
    return _preference(ask, level, section, key, value)


def _preference(ask: Ask, level: Level, section: str, key: str, value: str) -> Preference:
    if "\x00" in value or len(value) > LONGEST_VALUE:
        raise InvalidRequest(f"A preference is a text of at most {LONGEST_VALUE} characters.")
    owner = owner_of(level, caller(ask.ctx.principal, ask.directory))
    return Preference(level=level, owner_id=owner, section=section, key=key, value=value)


def _kept_level(wire: str) -> Level:
    if wire == UNDEFINED:
        return Level.INDIVIDUAL
    found = LEVEL_OF.get(wire)
    if found is None:
        raise InvalidRequest(f"No preference is kept at the level {wire}.")
    return found


def _names(given: Given, *names: str) -> tuple[str, str]:
    section, key = (given.text(name).strip() for name in names)
    if not (_NAME.fullmatch(section) and _NAME.fullmatch(key)):
        raise InvalidRequest(f"A section and a key have 1 to {LONGEST_NAME} characters.")
    return section, key
