"""The index of busy time knows each row's series, whose other dates are no conflict."""

from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None

BOTH = """
DROP INDEX appointment_busy;
CREATE INDEX appointment_busy
    ON appointment (tenant_id, busy_owner_id, is_long, busy_from, busy_until, mother_id, id, series_id);
"""

# Of indexes that look equally good, as all do on a new table, PostgreSQL takes the youngest: let it stay the
# one that rows are changed by.
POSTGRES_LAST = """
ALTER TABLE appointment DROP CONSTRAINT appointment_pkey;
ALTER TABLE appointment ADD PRIMARY KEY (tenant_id, id);
"""

# How a grown store looks, as the first step says.
SQLITE_STATISTICS = """
DELETE FROM sqlite_stat1 WHERE idx = 'appointment_busy';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('appointment', 'appointment_busy', '1000000 100000 1000 900 2 2 1 1 1');
"""

STEPS = {"postgresql": BOTH + POSTGRES_LAST, "sqlite": BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
