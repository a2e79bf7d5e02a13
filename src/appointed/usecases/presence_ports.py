"""Who has an appointment open, as stores keep it."""

from datetime import datetime

import msgspec

# Stands for the claimant among those who have an appointment open; no associate has this id.
CLAIMANT = 0


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """An associate, or the CLAIMANT, who has an appointment open, as far as is known, until an instant."""

    tenant_id: int
    appointment_id: int
    associate_id: int
    until: datetime
