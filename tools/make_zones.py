"""Write the SuperOffice contract's table of time zones from tzdata's lists of countries and zones.

Codes keep the id they once got: a zone that tzdata adds later takes the next free number.
"""

import csv
import importlib.resources
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent.parent / "src" / "appointed" / "superoffice" / "zones.tsv"
COLUMNS = ("id", "code", "iana", "country", "city")
FIRST_OWN_ID = 1000

# (id, code, IANA name, country): the codes and ids that the contract itself names.
KNOWN = (
    (1, "UTC", "UTC", ""),
    (36, "AU-ACT", "Australia/Sydney", "AU"),
    (50, "BD", "Asia/Dhaka", "BD"),
    (114, "CA-QC", "America/Toronto", "CA"),
    (140, "DK", "Europe/Copenhagen", "DK"),
    (156, "FR", "Europe/Paris", "FR"),
    (261, "NO", "Europe/Oslo", "NO"),
    (425, "US-CA", "America/Los_Angeles", "US"),
    (433, "US-HI", "Pacific/Honolulu", "US"),
    (460, "US-NY", "America/New_York", "US"),
    (498, "WET", "WET", ""),
    (499, "CET", "CET", ""),
    (500, "EET", "EET", ""),
)

# Countries of several zones whose bare code is clear, because nearly everyone lives by this clock.
MAINLAND = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GL": "America/Nuuk",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}

# ISO 3166-2 parts of the three countries whose known codes are such parts, by the clock of most people there.
PARTS = {
    "AU": {
        "Australia/Adelaide": "SA",
        "Australia/Brisbane": "QLD",
        "Australia/Darwin": "NT",
        "Australia/Hobart": "TAS",
        "Australia/Melbourne": "VIC",
        "Australia/Perth": "WA",
        "Australia/Sydney": "NSW",
    },
    "CA": {
        "America/Edmonton": "AB NT",
        "America/Halifax": "NS PE",
        "America/Iqaluit": "NU",
        "America/Moncton": "NB",
        "America/Regina": "SK",
        "America/St_Johns": "NL",
        "America/Toronto": "ON",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
        "America/Winnipeg": "MB",
    },
    "US": {
        "America/Anchorage": "AK",
        "America/Boise": "ID",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO MT NM UT WY",
        "America/Detroit": "MI",
        "America/Indiana/Indianapolis": "IN",
        "America/Kentucky/Louisville": "KY",
        "America/Los_Angeles": "NV OR WA",
        "America/New_York": "CT DC DE FL GA MA MD ME NC NH NJ OH PA RI SC VA VT WV",
        "America/Phoenix": "AZ",
    },
}


class Row(NamedTuple):
    """One line of the table, its id apart."""

    code: str
    iana: str
    country: str


def lines(name: str) -> Iterator[list[str]]:
    """Read one of tzdata's tab files without its comments."""
    text = (importlib.resources.files("tzdata") / "zoneinfo" / name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


def city_of(iana: str) -> str:
    """Give the place that names a zone: America/New_York is New York."""
    return iana.rpartition("/")[2].replace("_", " ")


def rows() -> list[Row]:
    """Make all rows, the known ones included, each code once, sorted by code."""
    zones: dict[str, list[str]] = defaultdict(list)
    for country, _coordinates, iana, *_comment in lines("zone.tab"):
        zones[country].append(iana)
    found = [Row(code, iana, country) for _id, code, iana, country in KNOWN]
    for country, names in zones.items():
        found += _rows_of(country, names)
    distinct = {row.code: row for row in reversed(found)}
    return sorted(distinct.values())


def _rows_of(country: str, names: list[str]) -> Iterable[Row]:
    if len(names) == 1:
        yield Row(country, names[0], country)
        return
    if country in MAINLAND:
        yield Row(country, MAINLAND[country], country)
    for iana, parts in PARTS.get(country, {}).items():
        yield from (Row(f"{country}-{part}", iana, country) for part in parts.split())
    for iana in names:
        place = "".join(letter for letter in city_of(iana) if letter.isalpha()).upper()
        yield Row(f"{country}-{place}", iana, country)


def standing(path: Path) -> dict[str, tuple[int, Row]]:
    """Read the table as it stands: each code's id and row."""
    known = {code: (number, Row(code, iana, country)) for number, code, iana, country in KNOWN}
    if not path.exists():
        return known
    codes = {name: code for code, name in lines("iso3166.tab")}
    with path.open(encoding="utf-8", newline="") as file:
        read = {
            row["code"]: (int(row["id"]), Row(row["code"], row["iana"], codes.get(row["country"], "")))
            for row in csv.DictReader(file, delimiter="\t")
        }
    return read | known


def table(path: Path = TABLE) -> str:
    """Give the new text of the table at `path`, sorted by id; a code that tzdata has dropped stays."""
    names = dict(lines("iso3166.tab"))
    kept = standing(path)
    free = max((FIRST_OWN_ID - 1, *(number for number, _row in kept.values()))) + 1
    for row in rows():
        if row.code not in kept:
            kept[row.code] = (free, row)
            free += 1
    written = sorted(
        (number, row.code, row.iana, names.get(row.country, ""), city_of(row.iana))
        for number, row in kept.values()
    )
    return "\n".join("\t".join(map(str, row)) for row in (COLUMNS, *written)) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
