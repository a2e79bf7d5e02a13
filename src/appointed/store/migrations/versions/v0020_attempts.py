"""Failed attempts to sign in or to open a link, counted for all processes."""

from alembic import op

revision = "0020"
down_revision = "0011"
branch_labels = None
depends_on = None

POSTGRES = "CREATE TABLE attempt (key bytea PRIMARY KEY, free_at bigint NOT NULL)"
SQLITE = "CREATE TABLE attempt (key BLOB PRIMARY KEY, free_at INTEGER NOT NULL) STRICT, WITHOUT ROWID"
STEPS = {"postgresql": POSTGRES, "sqlite": SQLITE}


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STEPS[op.get_bind().dialect.name])
