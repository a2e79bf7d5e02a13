"""UserDefinedFields, ExtraFields and CustomFields: three dictionaries over the same few values.

The key decides what is written, not the dictionary it came in: user-defined fields by their progId, the
`x_` fields of `extra`, and any other `x_` name as a plain text of its own.
"""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, CustomValue
from appointed.domain.directory import CustomField, CustomFieldType
from appointed.domain.errors import PathNotFound, ReadOnlyMember
from appointed.patching.operations import equal
from appointed.patching.pointer import fold
from appointed.superoffice.carriers import extra
from appointed.superoffice.carriers.encoded import WRITERS, decode, held, item_of
from appointed.superoffice.context import Context
from appointed.superoffice.notes import Notes

MOST_EXTRA_FIELDS = 100
LONGEST_EXTRA = 4000
COMPANIONS = (":org", ":displaytext", ":displaytooltip")

_DEPARTMENT = "x_department:DisplayText"
# What stands for a row's own texts where those around them are made; nobody can know it.
_PLACE = uuid4().hex
_encode = msgspec.json.Encoder().encode

_EXTRA_KEY = re.compile(r"x_[A-Za-z0-9_.]{1,62}", re.ASCII)


def user_defined_fields(row: Appointment, ctx: Context) -> dict[str, str]:
    """Write the deprecated dictionary: user-defined fields only, dates as `D`, check boxes as words."""
    written = dict(_unset(ctx)[0])
    for key, value in row.custom_fields.items():
        if key in written:
            custom = custom_fields_of(ctx)[fold(key)]
            _put_deprecated(written, custom, held(custom, value), ctx)
    return written


def extra_fields(row: Appointment, _ctx: Context) -> dict[str, str]:
    """Write the deprecated dictionary of fields that no administrator defined."""
    return dict(row.extra_fields)


def custom_fields(row: Appointment, ctx: Context) -> dict[str, str]:
    """Write the dictionary that holds all of them, each user-defined one with its stored value."""
    written = dict(_unset(ctx)[1])
    for key, value in row.custom_fields.items():
        if key in written:
            custom = custom_fields_of(ctx)[fold(key)]
            _put_current(written, custom, held(custom, value), ctx)
    written |= extra.rendered(row)
    department = ctx.directory.departments.get(row.department_id)
    written[_DEPARTMENT] = department.name if department else ""
    for key, text in row.extra_fields.items():
        written[key] = text
        written[f"{key}:org"] = text
    return written


def is_extra(name: str) -> bool:
    """Tell whether a name is that of a field which nobody defined, as far as the name says it."""
    return _EXTRA_KEY.fullmatch(name) is not None and fold(name) not in extra.BY_NAME


def custom_fields_json(row: Appointment, ctx: Context) -> msgspec.Raw:
    """Write the same as JSON, quickly for a row that sets no field and has nobody to meet."""
    if row.custom_fields or row.extra_fields or not extra.is_usual(row):
        return msgspec.Raw(msgspec.json.encode(custom_fields(row, ctx)))
    around: list[bytes] | None = ctx.cache.get("unset json")
    if around is None:
        names = [field.name for field in extra.OWN] + [_DEPARTMENT]
        usual = _unset(ctx)[1] | extra.rendered(row) | dict.fromkeys(names, _PLACE)
        around = ctx.cache["unset json"] = _encode(usual).split(_encode(_PLACE))
    department = ctx.directory.departments.get(row.department_id)
    texts = [field.render(row) for field in extra.OWN] + [department.name if department else ""]
    own = (part for pair in zip(around, map(_encode, texts), strict=False) for part in pair)
    return msgspec.Raw(b"".join([*own, around[-1]]))


def _unset(ctx: Context) -> tuple[dict[str, str], dict[str, str]]:
    """Give both dictionaries of a row that sets no user-defined field; nobody may change them."""
    found: tuple[dict[str, str], dict[str, str]] | None = ctx.cache.get("unset")
    if found is None:
        deprecated: dict[str, str] = {}
        current: dict[str, str] = {}
        for custom in ctx.directory.custom_fields.values():
            _put_deprecated(deprecated, custom, None, ctx)
            _put_current(current, custom, None, ctx)
        found = ctx.cache["unset"] = (deprecated, current)
    return found


def _put_deprecated(written: dict[str, str], custom: CustomField, value: CustomValue, ctx: Context) -> None:
    written[custom.prog_id] = WRITERS[custom.type][0](value)
    _put_companions(written, custom, value, ctx)


def _put_current(written: dict[str, str], custom: CustomField, value: CustomValue, ctx: Context) -> None:
    text = WRITERS[custom.type][1](value)
    written[custom.prog_id] = text
    written[f"{custom.prog_id}:org"] = text
    _put_companions(written, custom, value, ctx)


def _put_companions(written: dict[str, str], custom: CustomField, value: CustomValue, ctx: Context) -> None:
    if custom.type is CustomFieldType.CHECKBOX:
        written[f"{custom.prog_id}:DisplayText"] = ctx.text("[SR_YES]" if value else "[SR_NO]")
    elif custom.type is CustomFieldType.LIST:
        item = item_of(custom, value)
        written[f"{custom.prog_id}:DisplayText"] = ctx.text(item.name) if item else ""
        written[f"{custom.prog_id}:DisplayTooltip"] = ctx.text(item.tooltip) if item else ""


def read_dictionary(
    member: str, value: Any, before: dict[str, str], row: Appointment, ctx: Context, notes: Notes
) -> Appointment:
    """Read back one of the three; a key that is gone is cleared, all others keep what they hold."""
    if not isinstance(value, dict):
        # Nobody can mean to clear every field at once: the dictionary as a whole is left alone.
        notes.ignore(member) if value is None else notes.wrong(member, "object", value)
        return row
    after = row
    companions: list[str] = []
    for key, text in (dict.fromkeys(before) | value).items():
        if key in before and key in value and equal((), before[key], text):
            continue
        if not is_companion(fold(key)):
            after = _write(member, key, text, after, ctx, notes)
        elif key in before and key in value:
            companions.append(key)
    # Who sends them as they will stand has lost nothing.
    stands = _WRITERS[member](after, ctx) if companions else {}
    for key in companions:
        if not equal((), stands.get(key), value[key]):
            notes.ignore(f"{member}.{key}")
    extra.demand_claimant_name(row, after, notes)
    return after


_WRITERS: dict[str, Callable[[Appointment, Context], dict[str, str]]] = {
    "UserDefinedFields": user_defined_fields,
    "ExtraFields": extra_fields,
    "CustomFields": custom_fields,
}


def over(before: dict[str, str], subset: dict[str, Any]) -> dict[str, Any]:
    """Lay a caller's subset over the dictionary as it stands; names ignore ASCII case."""
    names = {fold(name): name for name in before}
    merged: dict[str, Any] = dict(before)
    for key, value in subset.items():
        merged[names.setdefault(fold(key), key)] = value
    return merged


def _write(member: str, key: str, value: Any, row: Appointment, ctx: Context, notes: Notes) -> Appointment:
    folded = fold(key)
    custom = custom_field(folded, ctx)
    if custom is not None:
        return _write_custom(member, custom, value, row, notes)
    field = extra.BY_NAME.get(folded)
    if field is None:
        return _write_extra(member, key, value, row, notes)
    if field.write is None:
        notes.refuse(ReadOnlyMember, member, field.name)
        return row
    return field.write(row, value, f"{member}.{field.name}", ctx, notes)


def is_companion(folded: str) -> bool:
    """Tell whether a folded key only explains another."""
    return folded.endswith(COMPANIONS)


def custom_field(folded: str, ctx: Context) -> CustomField | None:
    """Find the user-defined field of a folded key."""
    return custom_fields_of(ctx).get(folded)


def custom_fields_of(ctx: Context) -> dict[str, CustomField]:
    """List the user-defined fields by folded key."""
    names: dict[str, CustomField] | None = ctx.cache.get("custom names")
    if names is None:
        names = {fold(one.prog_id): one for one in ctx.directory.custom_fields.values()}
        ctx.cache["custom names"] = names
    return names


def _write_custom(
    member: str, custom: CustomField, value: Any, row: Appointment, notes: Notes
) -> Appointment:
    try:
        plain = decode(custom, value)
    except ValueError:
        notes.wrong(f"{member}.{custom.prog_id}", custom.type.value, value)
        return row
    values = {key: one for key, one in row.custom_fields.items() if key != custom.prog_id}
    if plain is not None:
        values[custom.prog_id] = plain
    return replace(row, custom_fields=values) if values != row.custom_fields else row


def _write_extra(member: str, key: str, value: Any, row: Appointment, notes: Notes) -> Appointment:
    spelled = "x_" + key[2:] if key.startswith("X_") else key
    name = next((known for known in row.extra_fields if fold(known) == fold(key)), spelled)
    path = f"{member}.{name}"
    if not _EXTRA_KEY.fullmatch(name):
        # A path names a field, an object may hold what a client sends along: there it is named if it says
        # something.
        if notes.is_strict:
            notes.refuse(PathNotFound, member, key)
        elif value:
            notes.miss([f"{member}.{key}"])
        return row
    values = {known: text for known, text in row.extra_fields.items() if known != name}
    if value is not None:
        text = _extra_text(value)
        if text is None or len(text) > LONGEST_EXTRA or len(values) >= MOST_EXTRA_FIELDS:
            notes.wrong(path, "string", value, LONGEST_EXTRA)
            return row
        values = dict(row.extra_fields) | {name: text}
    return replace(row, extra_fields=values)


def _extra_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None
