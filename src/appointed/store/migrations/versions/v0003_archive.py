"""What a diary is searched by: contact, person, project, sale and creation, each in an index of its own."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# None of these columns changes when the texts of an appointment do, so that such an UPDATE still touches no
# index. The key is made last: of indexes that look equally good, PostgreSQL takes the youngest.
# The first statement fails at once on a server that cannot compare letters as searches need it.
POSTGRES = """
SELECT lower('Å' COLLATE "und-x-icu");
ALTER TABLE appointment
    DROP CONSTRAINT appointment_pkey,
    ADD COLUMN created_at timestamptz,
    ADD COLUMN contact_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN person_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN project_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN sale_id bigint NOT NULL DEFAULT 0;
UPDATE appointment SET
    created_at = (body->'appointment'->>'created_at')::timestamptz,
    contact_id = coalesce((body->'appointment'->>'contact_id')::bigint, 0),
    person_id = coalesce((body->'appointment'->>'person_id')::bigint, 0),
    project_id = coalesce((body->'appointment'->>'project_id')::bigint, 0),
    sale_id = coalesce((body->'appointment'->>'sale_id')::bigint, 0);
ALTER TABLE appointment ALTER COLUMN created_at SET NOT NULL;
"""
POSTGRES_LAST = """
ALTER TABLE appointment ADD PRIMARY KEY (tenant_id, id);
"""

# SQLite finds a column that stands behind a long document only by walking through the document, so the new
# ones come before it, in a new table.
SQLITE = """
CREATE TABLE appointment_next (
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
    created_at INTEGER NOT NULL,
    contact_id INTEGER NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0,
    project_id INTEGER NOT NULL DEFAULT 0,
    sale_id INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL,
    updated_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
INSERT INTO appointment_next
SELECT tenant_id, id, uid, reference, kind, status, privacy, owner_id, department_id, created_by, mother_id,
    starts_at, ends_at, busy_from, busy_until, busy_owner_id, is_long, claimant_id,
    unixepoch(substr(body ->> '$.appointment.created_at', 1, 19)) * 1000000
        + CAST(substr(body ->> '$.appointment.created_at', 21, 6) AS INTEGER),
    coalesce(body ->> '$.appointment.contact_id', 0),
    coalesce(body ->> '$.appointment.person_id', 0),
    coalesce(body ->> '$.appointment.project_id', 0),
    coalesce(body ->> '$.appointment.sale_id', 0),
    revision, updated_at, body
FROM appointment ORDER BY tenant_id, id;
DROP TABLE appointment;
ALTER TABLE appointment_next RENAME TO appointment;
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
"""

# Most appointments have none of these, and then no entry.
BOTH = """
CREATE INDEX appointment_created ON appointment (tenant_id, created_at, id);
CREATE INDEX appointment_contact ON appointment (tenant_id, contact_id, starts_at, id) WHERE contact_id <> 0;
CREATE INDEX appointment_person ON appointment (tenant_id, person_id, starts_at, id) WHERE person_id <> 0;
CREATE INDEX appointment_project ON appointment (tenant_id, project_id, starts_at, id) WHERE project_id <> 0;
CREATE INDEX appointment_sale ON appointment (tenant_id, sale_id, starts_at, id) WHERE sale_id <> 0;
"""

# How a grown store looks, as the first step says; a table that goes takes its lines along.
SQLITE_STATISTICS = """
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
    ('appointment', 'appointment_created', '1000000 100000 1 1'),
    ('appointment', 'appointment_contact', '500000 50000 20 1 1'),
    ('appointment', 'appointment_person', '500000 50000 10 1 1'),
    ('appointment', 'appointment_project', '500000 50000 50 1 1'),
    ('appointment', 'appointment_sale', '500000 50000 20 1 1');
"""

STEPS = {"postgresql": POSTGRES + BOTH + POSTGRES_LAST, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
