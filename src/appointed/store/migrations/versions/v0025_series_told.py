"""What letters have told each receiver of a series."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

POSTGRES = """
CREATE TABLE series_told (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    lane text NOT NULL,
    told text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lane)
)
"""

SQLITE = """
CREATE TABLE series_told (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    lane TEXT NOT NULL,
    told TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, lane)
) STRICT, WITHOUT ROWID
"""

STEPS = {"postgresql": POSTGRES, "sqlite": SQLITE}


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STEPS[op.get_bind().dialect.name])
