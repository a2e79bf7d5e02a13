"""When tickets end, so that those that have ended are found without looking at the others."""

from alembic import op

revision = "0004"
down_revision = "0008"
branch_labels = None
depends_on = None

BOTH = """
CREATE INDEX ticket_end ON ticket (tenant_id, expires_at);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(BOTH)
