"""Small records: the directory revision that wrote each, those that are gone, and what happened to them."""

from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

# A record that is gone stays, marked: snapshots learn of it, and its id is never used again.
POSTGRES = """
ALTER TABLE record
    ADD COLUMN directory_revision bigint NOT NULL DEFAULT 0,
    ADD COLUMN is_gone boolean NOT NULL DEFAULT false;

CREATE TABLE record_event (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    record_kind text NOT NULL,
    record_id bigint NOT NULL,
    revision bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    by bigint NOT NULL,
    door text NOT NULL,
    patch jsonb NOT NULL,
    inverse jsonb NOT NULL,
    PRIMARY KEY (tenant_id, record_kind, record_id, revision)
);
"""

SQLITE = """
ALTER TABLE record ADD COLUMN directory_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN is_gone INTEGER NOT NULL DEFAULT 0;

CREATE TABLE record_event (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    record_kind TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    by INTEGER NOT NULL,
    door TEXT NOT NULL,
    patch TEXT NOT NULL,
    inverse TEXT NOT NULL,
    PRIMARY KEY (tenant_id, record_kind, record_id, revision)
) STRICT;
"""

BOTH = """
CREATE INDEX record_newer ON record (tenant_id, directory_revision);
"""

# How a grown store looks, as the first step says.
SQLITE_STATISTICS = """
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('record', 'sqlite_autoindex_record_1', '1000000 100000 10000 1'),
    ('record', 'record_newer', '1000000 100000 2');
"""

STEPS = {"postgresql": POSTGRES + BOTH, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
