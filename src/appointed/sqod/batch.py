"""POST /api/v1/appointments/batch, an address of ours: several updates in one atomic change."""

import re
from typing import Any
from uuid import UUID

from appointed.domain.errors import AppointedError, InvalidAppointment, InvalidRequest, Problem
from appointed.domain.series import Reach
from appointed.http.batch import condition_of
from appointed.sqod.dialect import to_edit
from appointed.usecases.change_many import MOST_ITEMS, Item
from appointed.usecases.ports import IdSource

REACHES = {"this": Reach.THIS, "following": Reach.FOLLOWING, "all": Reach.ALL}
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def reach_of(value: Any) -> Reach:
    """Read how far in a series a change goes; raises InvalidAppointment."""
    if not isinstance(value, str) or value not in REACHES:
        raise InvalidAppointment((Problem("series", "in", value),))
    return REACHES[value]


def read_items(values: dict[str, Any], ids: IdSource) -> list[Item]:
    """Read `items`, whose texts are trimmed; an error's `item` says which one is wrong."""
    found = values.get("items")
    # Forms bring lists as objects of their indexes.
    found = list(found.values()) if isinstance(found, dict) else found
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_ITEMS:
        raise InvalidRequest(f"items must be a list of 1 to {MOST_ITEMS} updates")
    items = []
    for place, one in enumerate(found):
        try:
            items.append(_item(one, ids))
        except AppointedError as error:
            error.item = place
            raise
    return items


def _item(one: Any, ids: IdSource) -> Item:
    if not isinstance(one, dict) or not isinstance(one.get("patch"), dict):
        raise InvalidRequest("an item must be an object with id and patch")
    number = one.get("id")
    if not isinstance(number, str) or UUID_TEXT.fullmatch(number) is None:
        raise InvalidAppointment((Problem("id", "uuid", number),))
    return Item(
        ref=UUID(number),
        edit=to_edit(one["patch"], ids),
        precondition=condition_of(one.get("if_match"), one.get("if_unmodified_since")),
        reach=reach_of(one.get("series") or "this"),
    )
