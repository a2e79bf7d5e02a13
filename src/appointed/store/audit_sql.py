"""What differs between the engines in how logs are read in the order of their commits."""

from uuid import UUID

import msgspec

# What a seal covers of each log, in this order; all of it but the position.
COLUMNS = {
    "event": "id, appointment_id, revision, kind, at, by, door, patch, inverse",
    "audit": "id, at, act, by, door, appointment_id, address, details",
}
LOGS = tuple(COLUMNS)
NOWHERE = (0, UUID(int=0))


class AuditSql(msgspec.Struct, frozen=True):
    """One engine's comparisons. `after` and `until` take a position as text and a row's id.

    `is_final` says that no row can come any more before what it says it of.
    """

    after: str
    until: str
    behind_head: str
    is_final: str

    def due(self, log: str) -> str:
        """Write the statement that lists the heads of tenants of which something waits to be sealed."""
        return (
            "SELECT t.id, coalesce(h.number, 0), coalesce(h.position, 0), h.row_id, h.hash"
            " FROM (SELECT id FROM tenant UNION ALL SELECT 0) t"
            f" LEFT JOIN seal_head h ON h.tenant_id = t.id AND h.log = '{log}' WHERE EXISTS ("
            f"SELECT 1 FROM {log} e WHERE e.tenant_id = t.id AND {self.behind_head}{self.is_final})"
            " ORDER BY t.id"
        )

    def next(self, log: str) -> str:
        """Write the statement that reads rows past a place ($1 tenant, $2 and $3 place, $4 how many)."""
        return (
            f"SELECT e.position, {COLUMNS[log]} FROM {log} e WHERE e.tenant_id = $1"
            f" AND {self.after}{self.is_final} ORDER BY e.position, e.id LIMIT $4"
        )

    def between(self, log: str) -> str:
        """Write the statement that reads rows past a place up to another ($4 and $5; $6 how many)."""
        return (
            f"SELECT e.position, {COLUMNS[log]} FROM {log} e WHERE e.tenant_id = $1"
            f" AND {self.after} AND {self.until} ORDER BY e.position, e.id LIMIT $6"
        )


# Another transaction that is still running may have an earlier position.
POSTGRES = AuditSql(
    after="(e.position, e.id) > ($2::text::xid8, $3::uuid)",
    until="(e.position, e.id) <= ($4::text::xid8, $5::uuid)",
    behind_head="(e.position, e.id) > (coalesce(h.position, 0)::text::xid8,"
    " coalesce(h.row_id, '00000000-0000-0000-0000-000000000000'))",
    is_final=" AND e.position < pg_snapshot_xmin(pg_current_snapshot())",
)
# There is one writer: rows come in the order of their positions.
SQLITE = AuditSql(
    after="e.position > CAST($2 AS INTEGER) AND $3 IS NOT NULL",
    until="e.position <= CAST($4 AS INTEGER) AND $5 IS NOT NULL",
    behind_head="e.position > coalesce(h.position, 0)",
    is_final="",
)
