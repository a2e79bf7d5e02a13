"""The audit log, and the seals of it and of the event log."""

from alembic import op

revision = "0014"
down_revision = "0017"
branch_labels = None
depends_on = None

POSTGRES = (
    """CREATE TABLE audit (
    tenant_id bigint NOT NULL,
    position xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    act text NOT NULL,
    by bigint NOT NULL,
    door text NOT NULL,
    appointment_id bigint NOT NULL,
    address text NOT NULL,
    details jsonb NOT NULL,
    PRIMARY KEY (tenant_id, position, id)
)""",
    """CREATE TABLE seal (
    tenant_id bigint NOT NULL,
    log text NOT NULL,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    position bigint NOT NULL,
    row_id uuid NOT NULL,
    rows bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, log, number)
)""",
    """CREATE TABLE seal_head (
    tenant_id bigint NOT NULL,
    log text NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    row_id uuid NOT NULL,
    hash bytea NOT NULL,
    mac bytea NOT NULL,
    PRIMARY KEY (tenant_id, log)
)""",
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed or removed';
END $$""",
)

SQLITE = (
    """CREATE TABLE audit (
    position INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    by INTEGER NOT NULL,
    door TEXT NOT NULL,
    appointment_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    details TEXT NOT NULL
) STRICT""",
    """CREATE TABLE seal (
    tenant_id INTEGER NOT NULL,
    log TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    row_id BLOB NOT NULL,
    rows BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tenant_id, log, number)
) STRICT""",
    """CREATE TABLE seal_head (
    tenant_id INTEGER NOT NULL,
    log TEXT NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    row_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant_id, log)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX audit_position ON audit (tenant_id, position)",
)

BOTH = (
    "CREATE UNIQUE INDEX audit_reference ON audit (tenant_id, id)",
    "CREATE INDEX audit_by ON audit (tenant_id, by, id)",
    "CREATE INDEX audit_appointment ON audit (tenant_id, appointment_id, id) WHERE appointment_id <> 0",
)

# What is written down stays: a mistake in a program must not undo it. Whoever owns the database can remove
# these too, and then the seals tell.
KEPT = ("event", "audit", "seal")
POSTGRES_GUARD = (
    "CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
)
SQLITE_GUARD = tuple(
    "CREATE TRIGGER {table}_" + verb.lower() + " BEFORE " + verb + " ON {table}"
    " BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or removed'); END"
    for verb in ("UPDATE", "DELETE")
)

# How a grown store looks, as the first step says.
SQLITE_STATISTICS = (
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES"
    " ('audit', 'audit_position', '1000000 100000 1'),"
    " ('audit', 'audit_reference', '1000000 100000 1'),"
    " ('audit', 'audit_by', '1000000 100000 1000 1'),"
    " ('audit', 'audit_appointment', '900000 90000 10 1')",
)

STEPS = {
    "postgresql": (*POSTGRES, *BOTH, *POSTGRES_GUARD),
    "sqlite": (*SQLITE, *BOTH, *SQLITE_GUARD, *SQLITE_STATISTICS),
}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name]:
        for table in KEPT if "{table}" in statement else ("",):
            op.get_bind().exec_driver_sql(statement.replace("{table}", table))
