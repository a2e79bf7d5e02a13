"""Reading Links back: each stays the link it was, by its id, else by what it points to."""

from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Link
from appointed.patching.pointer import fold
from appointed.superoffice.members import Sent
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.references import CONTACT, PERSON, PROJECT, SALE, is_there

MOST = 500
# What of the things that are linked to this server keeps itself; others, as documents, lie elsewhere.
TARGETS = {fold(kind.carrier): kind for kind in (CONTACT, PERSON, PROJECT, SALE)}


def read_links(sent: Sent, row: Appointment) -> Appointment:
    """Set the list of links; new ones get keys that the appointment never used."""
    value = [] if sent.value is None else sent.value
    if not isinstance(value, list) or len(value) > MOST:
        sent.wrong("array", MOST)
        return row
    known = {(fold(link.entity), link.id) for link in row.links}
    found = [_one(item, f"{sent.path}.{index}", sent) for index, item in enumerate(value)]
    for index, link in enumerate(found):
        if link and link.id and (fold(link.entity), link.id) not in known:
            _demand_target(link, f"{sent.path}.{index}", sent)
    wanted = [one for one in found if one is not None]
    return row if len(wanted) < len(value) else replace(row, links=_keyed(wanted, row, sent))


def _demand_target(link: Link, path: str, sent: Sent) -> None:
    kind = TARGETS.get(fold(link.entity))
    if kind and not is_there(kind, link.id, path, sent.ctx):
        sent.notes.wrong(f"{path}.Id", "exists", link.id)


def _keyed(wanted: list[Link], row: Appointment, sent: Sent) -> tuple[Link, ...]:
    free = {link.key: link for link in row.links}
    last = max(row.last_link_key, *free, 0)
    rows: list[Link] = []
    for index, link in enumerate(wanted):
        key = link.key if link.key in free else _same_target(link, free)
        if key is None:
            key = last = last + 1
        free.pop(key, None)
        if link.key not in (0, key):
            sent.notes.miss([f"{sent.path}.{index}.LinkId"])
        rows.append(replace(link, key=key))
    return tuple(rows)


def _same_target(link: Link, free: dict[int, Link]) -> int | None:
    target = (fold(link.entity), link.id)
    return next((key for key, old in free.items() if (fold(old.entity), old.id) == target), None)


def _one(item: Any, path: str, sent: Sent) -> Link | None:
    if not isinstance(item, dict):
        sent.notes.wrong(path, "object", item)
        return None
    members = {fold(name): value for name, value in item.items()}
    count = len(sent.notes.problems)
    link = Link(
        key=_number(members, "linkid", f"{path}.LinkId", sent),
        entity=_text(members, "entityname", f"{path}.EntityName", sent) or "",
        id=_number(members, "id", f"{path}.Id", sent),
        description=_text(members, "description", f"{path}.Description", sent) or "",
        extra_info=_text(members, "extrainfo", f"{path}.ExtraInfo", sent),
    )
    if not link.entity:
        sent.notes.wrong(f"{path}.EntityName", "required", members.get("entityname"))
    return link if len(sent.notes.problems) == count else None


def _number(members: dict[str, Any], name: str, path: str, sent: Sent) -> int:
    given = members.get(name)
    value = 0 if given is None else read_int32(given)
    if value is None or value < 0:
        sent.notes.wrong(path, "integer", given)
    return value or 0


def _text(members: dict[str, Any], name: str, path: str, sent: Sent) -> str | None:
    value = members.get(name)
    if value is None:
        return None
    longest = 254 if name == "entityname" else 4000
    if not isinstance(value, str) or len(value) > longest:
        sent.notes.wrong(path, "string", value, longest)
        return None
    return value
