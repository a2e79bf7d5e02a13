"""Names of countries in the languages of the contract, by number (ISO 3166) and code.

The table is made by tools/make_countries.py; the names are those of the Unicode CLDR 48.
"""

import importlib.resources
from typing import Final

import msgspec

from appointed.superoffice.texts import ENGLISH, Language, localized


class Country(msgspec.Struct, frozen=True):
    """One country: its names by language, and all of them in lower case."""

    number: int
    code: str
    names: dict[str, str]
    spellings: frozenset[str]


def _read_table() -> tuple[Country, ...]:
    text = (importlib.resources.files(__package__) / "countries.tsv").read_text("utf-8")
    (_number, _code, *languages), *rows = (line.split("\t") for line in text.splitlines())
    return tuple(
        Country(
            int(number), code, dict(zip(languages, names, strict=True)), frozenset(map(str.casefold, names))
        )
        for number, code, *names in rows
    )


COUNTRIES: Final = _read_table()
_BY_NUMBER: Final = {one.number: one for one in COUNTRIES}
_BY_CODE: Final = {one.code: one for one in COUNTRIES}


def country_in(number: int, name: str, language: Language | None) -> str:
    """Say a country that a record names by its number and a text.

    A text that is the country's name in any of the languages is said in the caller's; what a tenant calls
    it otherwise stays as it is, and is picked. Without a language all do.
    """
    if language is None:
        return name
    known = _BY_NUMBER.get(number)
    if known is None or name.casefold() not in known.spellings:
        return localized(name, language)
    return _best(known.names, name, language)


def country_of_code(code: str, name: str, language: Language | None) -> str:
    """Say a country of the table of time zones, whose own English `name` stays in English."""
    known = _BY_CODE.get(code)
    if language is None or known is None:
        return name
    return _best(known.names | {ENGLISH: name}, name, language)


def _best(names: dict[str, str], name: str, language: Language) -> str:
    return next((names[code] for code in language.wished if code in names), name)
