"""The languages of the pages: a file for each, and more by adding a file to every folder of languages."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from importlib.resources.abc import Traversable
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

FIRST: Final = "en"
LONGEST_HEADER: Final = 200
Day = date


class Language(msgspec.Struct, frozen=True):
    """One language: `code` as HTML names it, `texts` by dotted keys."""

    code: str
    texts: Mapping[str, str | list[str]]

    @property
    def name(self) -> str:
        """Give its own name for itself."""
        return self.text("language.name")

    def text(self, key: str, **values: Any) -> str:
        """Give a text; `{names}` in it stand for values. Raises KeyError for one that is missing."""
        found = self.texts[key]
        if not isinstance(found, str):
            raise KeyError(key)
        return found.format(**values) if values else found

    def date(self, instant: datetime, zone: ZoneInfo) -> str:
        """Write the day of an instant in some zone, with its weekday."""
        wall = instant.astimezone(zone)
        return self.text(
            "dates.date",
            weekday=self.texts["dates.weekdays"][wall.weekday()],
            day=wall.day,
            month=self.texts["dates.months"][wall.month - 1],
            year=wall.year,
        )

    def day(self, day: Day) -> str:
        """Write a day of no zone, such as that of a birth."""
        return self.text(
            "dates.day", day=day.day, month=self.texts["dates.months"][day.month - 1], year=day.year
        )

    def time(self, instant: datetime, zone: ZoneInfo) -> str:
        """Write the time of day of an instant in some zone; of one that comes twice that day say which."""
        wall = instant.astimezone(zone)
        written = self.text("dates.time", hour=f"{wall.hour:02}", minute=f"{wall.minute:02}")
        offset = wall.utcoffset()
        is_twice = wall.replace(fold=1 - wall.fold).utcoffset() != offset
        return f"{written} ({_offset(offset)})" if offset is not None and is_twice else written

    def moment(self, instant: datetime, zone: ZoneInfo) -> str:
        """Write day and time of an instant in some zone."""
        date, time = self.date(instant, zone), self.time(instant, zone)
        return self.text("dates.moment", date=date, time=time)


class Languages(msgspec.Struct, frozen=True):
    """All languages by their codes."""

    by_code: Mapping[str, Language]

    def choose(self, wanted: str, accepted: str = "") -> Language:
        """Give the one that is `wanted`, else the first of Accept-Language that is there, else English."""
        for code in (wanted, *_preferred(accepted)):
            found = self.by_code.get(code)
            if found is not None:
                return found
        return self.by_code[FIRST]


def load_languages(folders: Iterable[Traversable]) -> Languages:
    """Read the files `<code>.toml` of some folders; those of one language are one."""
    texts: dict[str, dict[str, str | list[str]]] = {}
    for folder in folders:
        for file in folder.iterdir():
            code = file.name.removesuffix(".toml")
            texts.setdefault(code, {}).update(_flat(tomllib.loads(file.read_text("utf-8"))))
    # English comes first, then the others by their names for themselves.
    made = sorted(
        (Language(code, found) for code, found in texts.items()),
        key=lambda one: (one.code != FIRST, one.name),
    )
    return Languages({language.code: language for language in made})


def _offset(offset: timedelta) -> str:
    """Write how far the clocks are from UTC, such as UTC+5:30."""
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str | list[str]]:
    flat: dict[str, str | list[str]] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _preferred(accepted: str) -> list[str]:
    ranked = []
    for place, choice in enumerate(accepted[:LONGEST_HEADER].split(",")):
        tag, *parameters = choice.split(";")
        weight = next((_weight(one) for one in parameters if one.strip().startswith("q=")), 1.0)
        if weight > 0:
            ranked.append((-weight, place, tag.strip().lower().partition("-")[0]))
    return [code for _weight, _place, code in sorted(ranked)]


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q="))
    except ValueError:
        return 0.0
