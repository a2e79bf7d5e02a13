"""When tickets end, and lists that SQLite counts without reading documents."""

from alembic import op

revision = "0004"
down_revision = "0008"
branch_labels = None
depends_on = None

BOTH = """
CREATE INDEX ticket_end ON ticket (tenant_id, expires_at);
"""

# Of indexes that look equally good, PostgreSQL takes the youngest: let it be what rows are found by.
POSTGRES_LAST = """
ALTER TABLE ticket DROP CONSTRAINT ticket_pkey, ADD PRIMARY KEY (tenant_id, id);
"""

# All that decides whether somebody sees a row in a list stands in the index that lists are read by.
# PostgreSQL would prefer such an index to better ones.
SQLITE = """
DROP INDEX appointment_start;
CREATE INDEX appointment_start ON appointment
    (tenant_id, starts_at, id, kind, mother_id, privacy, owner_id, created_by, department_id);
"""

# How a grown store looks, as the first step says; an index that goes takes its line along.
SQLITE_STATISTICS = """
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('appointment', 'appointment_start', '1000000 100000 20 1 1 1 1 1 1 1');
"""

STEPS = {"postgresql": BOTH + POSTGRES_LAST, "sqlite": BOTH + SQLITE + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
