"""The entity as an answer: as JSON bytes, quickly, or as a tree for other forms."""

from typing import Any

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.rights import Access
from appointed.superoffice.context import Context
from appointed.superoffice.entity import MEMBERS, shown

LINKS = "_Links"

_QUICK = tuple((member.name, member.raw or member.write) for member in MEMBERS)
_encode = msgspec.json.Encoder().encode


def entity(row: Appointment, ctx: Context, *, with_links: bool = True) -> bytes:
    """Write the whole entity as JSON; `GET /default` has no links yet."""
    if ctx.access < Access.READ or not with_links:
        return _encode(entity_tree(row, ctx, with_links=with_links))
    return _encode({name: write(row, ctx) for name, write in _QUICK})


def entity_tree(row: Appointment, ctx: Context, *, with_links: bool = True) -> dict[str, Any]:
    """Write the whole entity as a tree; its nested carriers are shared, so nobody may change it."""
    return {member.name: shown(member, row, ctx) for member in MEMBERS if with_links or member.name != LINKS}
