"""The one lookup of overlapping rows, in pieces that both engines fit into their statements.

Rows that block at most a day begin near the probe; the few longer ones are looked at apart. The index
`appointment_busy` holds all that is asked; its `busy_owner_id` is the owner of a row that blocks time. The
first in the order of that index is asked for, because on a new table, without statistics, PostgreSQL takes
any index for as good and might read the whole diary. `a` is the other row.
"""

OVERLAP = """SELECT 1 FROM appointment a WHERE a.tenant_id = {tenant} AND a.busy_owner_id = {owner}
    AND a.busy_from < {ends} AND a.busy_until > {starts}
    AND (CASE a.mother_id WHEN 0 THEN a.id ELSE a.mother_id END) <> {family}"""
SHORT = f"{OVERLAP} AND a.is_long = FALSE AND a.busy_from > {{starts}} - {{day}}"
LONG = f"{OVERLAP} AND a.is_long = TRUE"
FIRST = "ORDER BY a.busy_from LIMIT 1"


def exists(more: str = "", **places: str) -> str:
    """Write the condition that some row overlaps the probe; `more` narrows which rows count."""
    short, long = SHORT.format(**places), LONG.format(**places)
    return f"((({short} {more} {FIRST}) IS NOT NULL) OR (({long} {more} {FIRST}) IS NOT NULL))"
