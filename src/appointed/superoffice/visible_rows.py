"""Reading VisibleFor back; the privacy says the same and follows (`diary.settle`)."""

from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Visibility, VisibleFor
from appointed.domain.diary import EVERYBODY, privacy_of, privacy_rows
from appointed.domain.directory import Directory
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.visible_for import VISIBILITIES
from appointed.superoffice.context import Context
from appointed.superoffice.enums import read_enum
from appointed.superoffice.members import Sent
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.references import ASSOCIATE, is_there

MOST = 100
BY_NAME = {wire: visibility for visibility, wire in VISIBILITIES.items()}


def privacy_settled(row: Appointment, directory: Directory) -> Appointment:
    """Let a new row, whose department still follows its owner, be seen by those whom its privacy means."""
    home = _home(row, directory)
    return replace(row, visible_for=privacy_rows(replace(row, department_id=home)))


def _home(row: Appointment, directory: Directory) -> int:
    owner = directory.associates.get(row.owner_id)
    return row.department_id or (owner.group_id if owner else 0) or directory.tenant.default_department_id


def read_visible_for(sent: Sent, row: Appointment) -> Appointment:
    """Set the list; an empty one, or null, is everybody."""
    value = [] if sent.value is None else sent.value
    if not isinstance(value, list) or len(value) > MOST:
        sent.wrong("array", MOST)
        return row
    found = [_one(item, f"{sent.path}.{index}", sent, row) for index, item in enumerate(value)]
    rows = tuple(dict.fromkeys(one for one in found if one is not None)) or EVERYBODY
    if None in found or rows == row.visible_for:
        return row
    return replace(row, visible_for=rows, privacy=privacy_of(rows, _home(row, sent.ctx.directory)))


def _one(item: Any, path: str, sent: Sent, row: Appointment) -> VisibleFor | None:
    if not isinstance(item, dict):
        sent.notes.wrong(path, "object", item)
        return None
    members = {fold(name): value for name, value in item.items()}
    given = members.get("visibility")
    if given is None and any(members.values()):
        # Whoever names somebody, by whatever member, does not mean everybody.
        sent.notes.wrong(f"{path}.Visibility", "required")
        return None
    try:
        visibility = Visibility.ALL if given is None else BY_NAME[read_enum("Visibility", given)]
    except (ValueError, KeyError):
        sent.notes.wrong(f"{path}.Visibility", "enum", given, tuple(BY_NAME))
        return None
    if visibility is Visibility.ALL:
        return EVERYBODY[0]
    key = read_int32(members.get("visibleid"))
    if key is None or not _is_known(VisibleFor(visibility, key), row, path, sent.ctx):
        sent.notes.wrong(
            f"{path}.VisibleId", "integer" if key is None else "exists", members.get("visibleid")
        )
        return None
    return VisibleFor(visibility, key)


def _is_known(one: VisibleFor, row: Appointment, path: str, ctx: Context) -> bool:
    directory = ctx.directory
    if one.visibility is not Visibility.ASSOCIATE:
        return one.id in directory.departments
    stands = one in row.visible_for and one.id in directory.associates
    return stands or is_there(ASSOCIATE, one.id, path, ctx)
