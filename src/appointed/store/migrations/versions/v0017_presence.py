"""Which agents have an appointment open just now."""

from alembic import op

revision = "0017"
down_revision = "0010"
branch_labels = None
depends_on = None

POSTGRES = """
CREATE TABLE presence (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    appointment_id bigint NOT NULL,
    associate_id bigint NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, appointment_id, associate_id)
)
"""
SQLITE = """
CREATE TABLE presence (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    appointment_id INTEGER NOT NULL,
    associate_id INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, appointment_id, associate_id)
) STRICT, WITHOUT ROWID
"""
STEPS = {"postgresql": POSTGRES, "sqlite": SQLITE}
BOTH = "CREATE INDEX presence_end ON presence (tenant_id, until)"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STEPS[op.get_bind().dialect.name])
    op.get_bind().exec_driver_sql(BOTH)
