"""Invitations of persons that nobody has accepted hold no time; an older program had them hold it."""

from alembic import op

revision = "0023"
down_revision = "0018"
branch_labels = None
depends_on = None

# Members that are as usual are not written: without a type it is a person, without an answer it is accepted.
POSTGRES = """
DELETE FROM claim c USING appointment a, record r
WHERE a.tenant_id = c.tenant_id AND a.id = c.appointment_id AND a.mother_id NOT IN (0, a.id)
    AND coalesce(a.body -> 'appointment' ->> 'invitation_status', 'accepted') <> 'accepted'
    AND r.tenant_id = c.tenant_id AND r.kind = 'associate' AND r.id = c.resource_id
    AND coalesce(r.body ->> 'type', 'internal') <> 'resource'
"""
SQLITE = """
DELETE FROM claim WHERE EXISTS (
    SELECT 1 FROM appointment a, record r
    WHERE a.tenant_id = claim.tenant_id AND a.id = claim.appointment_id AND a.mother_id NOT IN (0, a.id)
        AND coalesce(a.body ->> '$.appointment.invitation_status', 'accepted') <> 'accepted'
        AND r.tenant_id = claim.tenant_id AND r.kind = 'associate' AND r.id = claim.resource_id
        AND coalesce(r.body ->> '$.type', 'internal') <> 'resource'
)
"""
STEPS = {"postgresql": POSTGRES, "sqlite": SQLITE}


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STEPS[op.get_bind().dialect.name])
