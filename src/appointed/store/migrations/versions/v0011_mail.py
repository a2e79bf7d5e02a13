"""Letters: what is told by mail or SMS, to whom, and how far it has come."""

from alembic import op

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None

POSTGRES = """
CREATE TABLE mailing (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    id uuid NOT NULL,
    key text NOT NULL,
    state text NOT NULL DEFAULT 'fresh',
    purpose text NOT NULL,
    at timestamptz NOT NULL,
    by bigint NOT NULL,
    is_asked bigint NOT NULL,
    items jsonb NOT NULL,
    note bytea NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE letter (
    tenant_id bigint NOT NULL,
    mailing_id uuid NOT NULL,
    name text NOT NULL,
    lane text NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    due_at timestamptz,
    lease uuid,
    rounds bigint NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    tried_at timestamptz,
    PRIMARY KEY (tenant_id, mailing_id, name)
);
"""

SQLITE = """
CREATE TABLE mailing (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    id BLOB NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'fresh',
    purpose TEXT NOT NULL,
    at INTEGER NOT NULL,
    by INTEGER NOT NULL,
    is_asked INTEGER NOT NULL,
    items TEXT NOT NULL,
    note BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE letter (
    tenant_id INTEGER NOT NULL,
    mailing_id BLOB NOT NULL,
    name TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    due_at INTEGER,
    lease BLOB,
    rounds INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    tried_at INTEGER,
    PRIMARY KEY (tenant_id, mailing_id, name)
) STRICT, WITHOUT ROWID;
"""

BOTH = """
CREATE UNIQUE INDEX mailing_key ON mailing (tenant_id, key);
CREATE INDEX mailing_fresh ON mailing (tenant_id, id) WHERE state = 'fresh';
CREATE INDEX mailing_at ON mailing (tenant_id, at);
CREATE INDEX letter_lane ON letter (tenant_id, lane, mailing_id) WHERE state IN ('waiting', 'sending');
CREATE INDEX letter_due ON letter (tenant_id, due_at) WHERE due_at IS NOT NULL;
"""

SQLITE_STATISTICS = """
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('mailing', 'mailing', '100000 10000 1'),
    ('mailing', 'mailing_key', '100000 10000 1'),
    ('mailing', 'mailing_fresh', '100 10 1'),
    ('mailing', 'mailing_at', '100000 10000 1'),
    ('letter', 'letter', '200000 20000 2 1'),
    ('letter', 'letter_lane', '1000 100 2 1'),
    ('letter', 'letter_due', '1000 100 1');
"""

STEPS = {"postgresql": POSTGRES + BOTH, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
