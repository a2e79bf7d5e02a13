"""Whom private appointments name as their readers beside the owner and the department."""

from alembic import op

revision = "0018"
down_revision = "0020"
branch_labels = None
depends_on = None

# An associate stands by id, a department by its id below 0.
POSTGRES = (
    """
CREATE TABLE viewer (
    tenant_id bigint NOT NULL REFERENCES tenant (id),
    viewer bigint NOT NULL,
    appointment_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, viewer, appointment_id)
)
""",
    """
INSERT INTO viewer (tenant_id, viewer, appointment_id)
SELECT DISTINCT a.tenant_id, n.viewer, a.id
FROM appointment a
CROSS JOIN LATERAL jsonb_array_elements(a.body -> 'appointment' -> 'visible_for') AS e (one)
CROSS JOIN LATERAL (
    SELECT (e.one ->> 'id')::bigint * CASE e.one ->> 'visibility' WHEN 'group' THEN -1 ELSE 1 END AS viewer
) n
WHERE a.privacy <> 'public' AND e.one ->> 'visibility' <> 'all'
    AND n.viewer <> a.owner_id AND n.viewer <> -a.department_id
""",
)
SQLITE = (
    """
CREATE TABLE viewer (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    viewer INTEGER NOT NULL,
    appointment_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, viewer, appointment_id)
) STRICT, WITHOUT ROWID
""",
    """
INSERT INTO viewer (tenant_id, viewer, appointment_id)
SELECT DISTINCT tenant_id, viewer, id FROM (
    SELECT a.tenant_id, a.id, a.owner_id, a.department_id,
        (e.value ->> '$.id') * CASE e.value ->> '$.visibility' WHEN 'group' THEN -1 ELSE 1 END AS viewer
    FROM appointment a, json_each(a.body, '$.appointment.visible_for') e
    WHERE a.privacy <> 'public' AND e.value ->> '$.visibility' <> 'all'
) WHERE viewer <> owner_id AND viewer <> -department_id
""",
)
STEPS = {"postgresql": POSTGRES, "sqlite": SQLITE}
BOTH = "CREATE INDEX viewer_appointment ON viewer (tenant_id, appointment_id)"


def upgrade() -> None:
    for step in (*STEPS[op.get_bind().dialect.name], BOTH):
        op.get_bind().exec_driver_sql(step)
