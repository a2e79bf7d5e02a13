"""Preferences of users, groups and tenants."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

POSTGRES = """
CREATE TABLE preference (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    level text NOT NULL,
    owner_id bigint NOT NULL,
    name text NOT NULL,
    section text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (tenant_id, level, owner_id, name)
)
"""
SQLITE = """
CREATE TABLE preference (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    level TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    section TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant_id, level, owner_id, name)
) STRICT, WITHOUT ROWID
"""
STEPS = {"postgresql": POSTGRES, "sqlite": SQLITE}


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STEPS[op.get_bind().dialect.name])
