"""The one lookup of overlapping rows, in pieces that both engines fit into their statements.

Rows that block at most a day begin near the probe; the few longer ones are looked at apart. The index
`appointment_busy` holds all that is asked; its `busy_owner_id` is the owner of a row that blocks time. The
first in the order of that index is asked for, because on a new table, without statistics, PostgreSQL takes
any index for as good and might read the whole diary. `a` is the other row; one of the same booking or the
same series is none.
"""

from typing import NamedTuple

_BLOCKING = """FROM appointment a WHERE a.tenant_id = {tenant} AND a.busy_owner_id = {owner}
    AND a.busy_from < {ends} AND a.busy_until > {starts}"""
_OTHERS = """AND (CASE a.mother_id WHEN 0 THEN a.id ELSE a.mother_id END) <> {family}
    AND (a.series_id = 0 OR a.series_id <> {series})"""
_SHORT = "AND a.is_long = FALSE AND a.busy_from > {starts} - {day}"
_LONG = "AND a.is_long = TRUE"
FIRST = "ORDER BY a.busy_from LIMIT 1"
# Whoever has more conflicts at one time need not be told of all.
MOST_NAMED = 20


def exists(more: str = "", **places: str) -> str:
    """Write the condition that some row overlaps the probe; `more` narrows which rows count."""
    short, long = (
        f"SELECT 1 {_BLOCKING} {_OTHERS} {kind}".format(**places) + f" {more} {FIRST}"
        for kind in (_SHORT, _LONG)
    )
    return f"((({short}) IS NOT NULL) OR (({long}) IS NOT NULL))"


class Spelling(NamedTuple):
    """How an engine opens a JSON array of arrays into rows, gathers values, and measures time."""

    each: str
    gather: str
    instant: str
    day: str


def named_of(spelling: Spelling) -> str:
    """Write the statement that lists, for each of many times, the rows that block it.

    Takes the tenant, and a JSON array of [place, owner, family, series, start, end]; gives [place, ids].
    """
    places = {
        "tenant": "$1",
        "owner": "CAST(e.value ->> 1 AS bigint)",
        "family": "CAST(e.value ->> 2 AS bigint)",
        "series": "CAST(e.value ->> 3 AS bigint)",
        "starts": f"CAST(e.value ->> 4 AS {spelling.instant})",
        "ends": f"CAST(e.value ->> 5 AS {spelling.instant})",
        "day": spelling.day,
    }
    parts = [
        f"SELECT * FROM (SELECT a.id {_BLOCKING} {_OTHERS} {kind}"
        f" ORDER BY a.busy_from LIMIT {MOST_NAMED}) AS few"
        for kind in (_SHORT, _LONG)
    ]
    union = " UNION ALL ".join(parts).format(**places) + f" LIMIT {MOST_NAMED}"
    return (
        f"SELECT CAST(e.value ->> 0 AS integer), (SELECT {spelling.gather}(id) FROM ({union}) found)"
        f" FROM {spelling.each} e"
    )


def busy_of(day: str) -> str:
    """Write the statement that lists what blocks an owner's time between two instants, at most so many rows.

    Takes tenant, owner, start, end, a booking's family and a series that do not count, and the most rows.
    """
    places = {"tenant": "$1", "owner": "$2", "starts": "$3", "ends": "$4", "family": "$5", "series": "$6"}
    parts = [
        f"SELECT * FROM (SELECT a.busy_from, a.busy_until {_BLOCKING} {_OTHERS} {kind}"
        " ORDER BY a.busy_from LIMIT $7) AS few"
        for kind in (_SHORT, _LONG)
    ]
    return " UNION ALL ".join(parts).format(**places, day=day)
