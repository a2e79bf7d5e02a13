"""Webhooks: who wants to hear of changes, and what is still on its way to them."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The outbox is led by appointment and revision: read in this order, no later event of an appointment is ever
# taken without the earlier ones.
POSTGRES = """
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey;
ALTER TABLE outbox ADD PRIMARY KEY (tenant_id, appointment_id, revision);

CREATE TABLE webhook (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    id bigint NOT NULL,
    contract text NOT NULL,
    state text NOT NULL,
    kinds text NOT NULL,
    revision bigint NOT NULL DEFAULT 1,
    body jsonb NOT NULL,
    sealed bytea NOT NULL,
    since pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    calls bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    errors_in_row bigint NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE delivery (
    tenant_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    webhook_id bigint NOT NULL,
    appointment_id bigint NOT NULL,
    revision bigint NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    at timestamptz NOT NULL,
    signal text,
    state text NOT NULL DEFAULT 'waiting',
    due_at timestamptz,
    lease uuid,
    rounds bigint NOT NULL DEFAULT 0,
    calls bigint NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    tried_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
"""

SQLITE = """
CREATE TABLE outbox_by_appointment (
    tenant_id INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    appointment_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    topic TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, appointment_id, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_by_appointment (tenant_id, event_id, appointment_id, revision, topic, due_at)
    SELECT tenant_id, event_id, appointment_id, revision, topic, due_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_by_appointment RENAME TO outbox;

CREATE TABLE webhook (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    contract TEXT NOT NULL,
    state TEXT NOT NULL,
    kinds TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL,
    sealed BLOB NOT NULL,
    since INTEGER NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0,
    errors INTEGER NOT NULL DEFAULT 0,
    errors_in_row INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL,
    webhook_id INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    at INTEGER NOT NULL,
    signal TEXT,
    state TEXT NOT NULL DEFAULT 'waiting',
    due_at INTEGER,
    lease BLOB,
    rounds INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    tried_at INTEGER
) STRICT;
"""

# Only the first of what waits for one receiver about one appointment has a due time; the others stand in
# its lane.
BOTH = """
CREATE INDEX delivery_lane ON delivery (tenant_id, webhook_id, appointment_id, id) WHERE state = 'waiting';
CREATE INDEX delivery_due ON delivery (tenant_id, webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_list ON delivery (tenant_id, webhook_id, state, id);
"""

SQLITE_STATISTICS = """
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('outbox', 'outbox', '10000 1000 2 1'),
    ('delivery', 'delivery_lane', '90000 10000 1000 2 1'),
    ('delivery', 'delivery_due', '50000 5000 500 1'),
    ('delivery', 'delivery_list', '100000 10000 1000 500 1');
"""

STEPS = {"postgresql": POSTGRES + BOTH, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
