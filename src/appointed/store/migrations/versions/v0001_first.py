"""The first schema: appointments and what they refer to, events, outbox, keys, claims, accounts."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

POSTGRES = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE tenant (
    id bigint PRIMARY KEY,
    directory_revision bigint NOT NULL DEFAULT 1,
    next_appointment_id bigint NOT NULL DEFAULT 1,
    body jsonb NOT NULL
);

CREATE TABLE record (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    kind text NOT NULL,
    id bigint NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
);

CREATE TABLE appointment (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    id bigint NOT NULL,
    uid uuid NOT NULL,
    reference text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    privacy text NOT NULL,
    owner_id bigint NOT NULL,
    department_id bigint NOT NULL,
    created_by bigint NOT NULL,
    mother_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    busy_from timestamptz NOT NULL,
    busy_until timestamptz NOT NULL,
    busy_owner_id bigint,
    is_long boolean NOT NULL,
    claimant_id uuid,
    revision bigint NOT NULL,
    updated_at timestamptz,
    body jsonb NOT NULL
) WITH (fillfactor = 70);
ALTER TABLE appointment ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE claimant_key (
    tenant_id bigint NOT NULL,
    claimant_id uuid NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (tenant_id, claimant_id)
);

CREATE TABLE claimant_word (
    tenant_id bigint NOT NULL,
    word bytea NOT NULL,
    appointment_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, word, appointment_id)
);

CREATE TABLE event (
    tenant_id bigint NOT NULL,
    position xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL,
    appointment_id bigint NOT NULL,
    revision bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    by bigint NOT NULL,
    door text NOT NULL,
    patch jsonb NOT NULL,
    inverse jsonb NOT NULL,
    PRIMARY KEY (tenant_id, position, id)
);
ALTER TABLE event ALTER COLUMN patch SET STORAGE EXTERNAL;
ALTER TABLE event ALTER COLUMN inverse SET STORAGE EXTERNAL;

CREATE TABLE outbox (
    tenant_id bigint NOT NULL,
    event_id uuid NOT NULL,
    appointment_id bigint NOT NULL,
    revision bigint NOT NULL,
    topic text NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);

CREATE TABLE idempotency (
    tenant_id bigint NOT NULL,
    principal bigint NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    claimants bytea NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, principal, key)
);

CREATE TABLE claim (
    tenant_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    appointment_id bigint NOT NULL,
    period tstzrange NOT NULL,
    PRIMARY KEY (tenant_id, appointment_id, resource_id),
    EXCLUDE USING gist (tenant_id WITH =, resource_id WITH =, period WITH &&)
);

CREATE TABLE account (
    kind text NOT NULL,
    name text NOT NULL,
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    associate_id bigint NOT NULL,
    secret text,
    PRIMARY KEY (kind, name)
);

CREATE TABLE ticket (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    id text NOT NULL,
    kind text NOT NULL,
    secret_hash bytea NOT NULL,
    associate_id bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
"""

SQLITE = """
CREATE TABLE tenant (
    id INTEGER PRIMARY KEY,
    directory_revision INTEGER NOT NULL DEFAULT 1,
    next_appointment_id INTEGER NOT NULL DEFAULT 1,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE record (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
) STRICT;

CREATE TABLE appointment (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    uid BLOB NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    privacy TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    department_id INTEGER NOT NULL,
    created_by INTEGER NOT NULL,
    mother_id INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    busy_from INTEGER NOT NULL,
    busy_until INTEGER NOT NULL,
    busy_owner_id INTEGER,
    is_long INTEGER NOT NULL,
    claimant_id BLOB,
    revision INTEGER NOT NULL,
    updated_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE claimant_key (
    tenant_id INTEGER NOT NULL,
    claimant_id BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant_id, claimant_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE claimant_word (
    tenant_id INTEGER NOT NULL,
    word BLOB NOT NULL,
    appointment_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, word, appointment_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    id BLOB NOT NULL,
    appointment_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    by INTEGER NOT NULL,
    door TEXT NOT NULL,
    patch TEXT NOT NULL,
    inverse TEXT NOT NULL
) STRICT;
CREATE INDEX event_position ON event (tenant_id, position);

CREATE TABLE outbox (
    tenant_id INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    appointment_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    topic TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    tenant_id INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    claimants BLOB NOT NULL,
    answer BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, principal, key)
) STRICT;

CREATE TABLE claim (
    tenant_id INTEGER NOT NULL,
    resource_id INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, appointment_id, resource_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_time ON claim (tenant_id, resource_id, ends_at);

CREATE TABLE account (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    associate_id INTEGER NOT NULL,
    secret TEXT,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    associate_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
"""

# A cancelled row keeps its reference but takes it from nobody, so its own id makes it unique.
BOTH = """
CREATE UNIQUE INDEX appointment_uid ON appointment (tenant_id, uid);
CREATE UNIQUE INDEX appointment_reference
    ON appointment (tenant_id, reference, (CASE WHEN status = 'cancelled' THEN id ELSE 0 END));
CREATE INDEX appointment_start ON appointment (tenant_id, starts_at, id);
CREATE INDEX appointment_owner ON appointment (tenant_id, owner_id, starts_at, id);
CREATE INDEX appointment_department ON appointment (tenant_id, department_id, starts_at, id);
CREATE INDEX appointment_status ON appointment (tenant_id, status, starts_at, id);
CREATE INDEX appointment_busy
    ON appointment (tenant_id, busy_owner_id, is_long, busy_from, busy_until, mother_id, id);
CREATE INDEX appointment_mother ON appointment (tenant_id, mother_id) WHERE mother_id <> 0;
CREATE INDEX appointment_claimant ON appointment (tenant_id, claimant_id) WHERE claimant_id IS NOT NULL;
CREATE INDEX claimant_word_appointment ON claimant_word (tenant_id, appointment_id);
CREATE INDEX event_history ON event (tenant_id, appointment_id, revision);
CREATE INDEX idempotency_age ON idempotency (tenant_id, created_at);
"""

# SQLite plans by statistics that it gathers only when told, and then by how few rows there happen to be.
# These say once how a grown store looks (rows in all, then per value of each further column), so that plans
# never change.
SQLITE_STATISTICS = """
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('appointment', 'sqlite_autoindex_appointment_1', '1000000 100000 1'),
    ('appointment', 'appointment_uid', '1000000 100000 1'),
    ('appointment', 'appointment_reference', '1000000 100000 1 1'),
    ('appointment', 'appointment_start', '1000000 100000 20 1'),
    ('appointment', 'appointment_owner', '1000000 100000 1000 2 1'),
    ('appointment', 'appointment_department', '1000000 100000 10000 10 1'),
    ('appointment', 'appointment_status', '1000000 100000 20000 10 1'),
    ('appointment', 'appointment_busy', '1000000 100000 1000 900 2 2 1 1'),
    ('appointment', 'appointment_mother', '100000 10000 5'),
    ('appointment', 'appointment_claimant', '500000 50000 1'),
    ('event', 'event_position', '5000000 500000 1'),
    ('event', 'event_history', '5000000 500000 5 1');
"""

# Of indexes that look equally good, as all do on a new table, PostgreSQL takes the youngest: let it be the
# one that rows are changed by.
POSTGRES_LAST = """
ALTER TABLE appointment ADD PRIMARY KEY (tenant_id, id);
"""

STEPS = {"postgresql": POSTGRES + BOTH + POSTGRES_LAST, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
