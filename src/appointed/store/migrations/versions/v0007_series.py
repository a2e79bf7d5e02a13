"""Which series an appointment is in."""

from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

POSTGRES = """
ALTER TABLE appointment ADD COLUMN series_id bigint NOT NULL DEFAULT 0;
"""

# Behind the document, where a reader would walk far for it: it is looked up in its index alone.
SQLITE = """
ALTER TABLE appointment ADD COLUMN series_id INTEGER NOT NULL DEFAULT 0;
"""

BOTH = """
CREATE INDEX appointment_series ON appointment (tenant_id, series_id) WHERE series_id <> 0;
"""

# How a grown store looks, as the first step says.
SQLITE_STATISTICS = """
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('appointment', 'appointment_series', '200000 20000 50');
"""

STEPS = {"postgresql": POSTGRES + BOTH, "sqlite": SQLITE + BOTH + SQLITE_STATISTICS}


def upgrade() -> None:
    for statement in STEPS[op.get_bind().dialect.name].split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
