"""Which rows wait for a time, and whose turn it is to do what is due."""

from alembic import op

revision = "0013"
down_revision = "0014"
branch_labels = None
depends_on = None

POSTGRES = """
CREATE TABLE job (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    name text NOT NULL,
    holder uuid NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
"""

SQLITE = """
CREATE TABLE job (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    holder BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;
"""

# All of its columns stand in other indexes already, so that no change becomes dearer than it was by being one
# of them; and all rows that wait for no time stay out of it.
BOTH = """
CREATE INDEX appointment_timed ON appointment (tenant_id, starts_at, id)
    WHERE claimant_id IS NOT NULL AND status IN ('scheduled', 'late', 'being_seen') AND created_at <= ends_at;
"""

# Of indexes that look equally good, as all do on a new table, PostgreSQL takes the youngest: let it stay the
# one that rows are changed by.
POSTGRES_LAST = """
ALTER TABLE appointment DROP CONSTRAINT appointment_pkey;
ALTER TABLE appointment ADD PRIMARY KEY (tenant_id, id);
"""

# How a grown store looks, as the first step says.
SQLITE_STATISTICS = """
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('appointment', 'appointment_timed', '50000 5000 2 1'),
    ('job', 'job', '1000 5 1');
"""

STEPS = {"postgresql": POSTGRES + BOTH + POSTGRES_LAST, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
