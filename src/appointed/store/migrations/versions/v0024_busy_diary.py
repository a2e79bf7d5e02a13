"""Only what stands in the diary takes time; an older program had to-dos, notes and documents take it, too."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ELSEWHERE = "kind NOT IN ('diary', 'booking_for_diary')"
BOTH = (
    f"UPDATE appointment SET busy_owner_id = NULL WHERE busy_owner_id IS NOT NULL AND {ELSEWHERE}",
    "DELETE FROM claim WHERE EXISTS (SELECT 1 FROM appointment a"
    f" WHERE a.tenant_id = claim.tenant_id AND a.id = claim.appointment_id AND a.{ELSEWHERE})",
)


def upgrade() -> None:
    for step in BOTH:
        op.get_bind().exec_driver_sql(step)
