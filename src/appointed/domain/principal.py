"""Who is calling."""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What an associate or client may do (the product's roles; a plain user of the diary is AGENT)."""

    ADMINISTRATOR = "administrator"
    DEPARTMENT_ADMINISTRATOR = "department_administrator"
    SCHEDULER = "scheduler"
    AGENT = "agent"


class Principal(msgspec.Struct, frozen=True):
    """The caller, however proved: an associate of one tenant (an OAuth client is a system associate)."""

    tenant_id: int
    associate_id: int


# The server itself is no associate, and no credential proves to be it.
SERVER_ID = 0


def server(tenant_id: int) -> Principal:
    """Give the principal of what the server does by itself in a tenant."""
    return Principal(tenant_id, SERVER_ID)
