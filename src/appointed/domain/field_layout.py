"""User-defined fields: the layout that is worked on beside the one that is published.

A layout is all fields by id. Every step gives a new one; nothing that appointments hold is touched.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType, ListItem, Record
from appointed.domain.errors import Problem

Layout = Mapping[int, CustomField]

MOST_FIELDS: Final = 200
MOST_CHOICES: Final = 1_000
LONGEST_LABEL: Final = 254
# Texts of a field, and how long each may be.
LONGEST: Final = {
    "label": LONGEST_LABEL,
    "default": 254,
    "tooltip": 254,
    "short_label": 99,
    "template_variable": 39,
    "format_mask": 254,
}
LONGEST_TEXT: Final = {CustomFieldType.SHORT_TEXT: 199, CustomFieldType.LONG_TEXT: 4_000}
# The name that the server gives; only its own number may follow.
OWN: Final = "SuperOffice:"

# What a published field may become: every value that is stored already is one of the new type.
WIDER: Final[Mapping[CustomFieldType, frozenset[CustomFieldType]]] = {
    CustomFieldType.NUMBER: frozenset({CustomFieldType.DECIMAL}),
    CustomFieldType.SHORT_TEXT: frozenset({CustomFieldType.LONG_TEXT}),
    CustomFieldType.LONG_TEXT: frozenset({CustomFieldType.SHORT_TEXT}),
    CustomFieldType.DATE: frozenset(
        {CustomFieldType.UNLIMITED_DATE, CustomFieldType.SHORT_TEXT, CustomFieldType.LONG_TEXT}
    ),
    CustomFieldType.UNLIMITED_DATE: frozenset(
        {CustomFieldType.DATE, CustomFieldType.SHORT_TEXT, CustomFieldType.LONG_TEXT}
    ),
    CustomFieldType.CHECKBOX: frozenset(),
    CustomFieldType.LIST: frozenset({CustomFieldType.NUMBER, CustomFieldType.DECIMAL}),
    CustomFieldType.DECIMAL: frozenset(),
}

# What a draft has none of its own of, and what else is no part of what is said about a field.
STAMPS: Final = tuple(name for name in Record.__struct_fields__ if name != "id")
KEPT: Final = (*STAMPS, "version", "is_new", "is_dropped", "draft")

# A name is a key of dictionaries, a part of paths and of columns; ":org" and its like explain other keys.
_PROG_ID = re.compile(
    r"(?!x_)[a-z][a-z0-9_.:-]{0,98}(?<!:org)(?<!:displaytext)(?<!:displaytooltip)", re.ASCII
)


def drafted(field: CustomField) -> CustomField | None:
    """Give a field as it is worked on; None when it shall be no more."""
    return None if field.is_dropped else field.draft or field


def drafts(layout: Layout) -> tuple[CustomField, ...]:
    """List the fields as they are worked on, in their order."""
    found = (drafted(field) for field in layout.values())
    return tuple(sorted((field for field in found if field is not None), key=place_of))


def place_of(field: CustomField) -> tuple[int, int]:
    """Tell where a field stands among the others."""
    return field.rank or field.id, field.id


def find_field(fields: Iterator[CustomField] | tuple[CustomField, ...], ref: str) -> CustomField | None:
    """Find a field by its id, its progId or its label, in this order; the first that fits counts."""
    known = tuple(fields)
    number = int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 10 else 0
    chosen = (
        (one for one in known if one.id == number),
        (one for one in known if one.prog_id == ref),
        (one for one in known if one.prog_id.lower() == ref.lower()),
        (one for one in known if one.label == ref),
    )
    return next((one for found in chosen for one in found), None)


def new_field(number: int, kind: CustomFieldType) -> CustomField:
    """Make a field that nobody has said anything about but its type."""
    return CustomField(
        id=number,
        prog_id=f"{OWN}{number}",
        label=f"Field {number}",
        type=kind,
        length=LONGEST_TEXT.get(kind, 0),
        is_new=True,
    )


def retyped(field: CustomField, kind: CustomFieldType) -> CustomField:
    """Give a field another type; what only the former type had falls away."""
    if field.type is kind:
        return field
    items = field.items if kind is CustomFieldType.LIST else ()
    return replace(field, type=kind, length=LONGEST_TEXT.get(kind, 0), items=items, default="")


def edited(layout: Layout, field: CustomField) -> Layout:
    """Let a field be this from the next publishing on; one that the layout lacks is new."""
    stands = layout.get(field.id)
    if stands is None or stands.is_new:
        return {**layout, field.id: replace(field, is_new=True, draft=None)}
    wanted = _bare(field)
    draft = None if wanted == _bare(stands) else replace(wanted, version=stands.version + 1)
    return {**layout, field.id: replace(stands, draft=draft, is_dropped=False)}


def dropped(layout: Layout, number: int) -> Layout:
    """Let a field be no more from the next publishing on; one that never was published is gone at once."""
    stands = layout[number]
    if stands.is_new:
        return {key: one for key, one in layout.items() if key != number}
    return {**layout, number: replace(stands, draft=None, is_dropped=True)}


def published(layout: Layout) -> Layout:
    """Let all that was worked on be so."""
    found = ((stands, drafted(stands)) for stands in layout.values())
    return {stands.id: _stamped(field, stands) for stands, field in found if field is not None}


def reverted(layout: Layout) -> Layout:
    """Forget all that was worked on."""
    return {
        number: replace(field, draft=None, is_dropped=False)
        for number, field in layout.items()
        if not field.is_new
    }


def with_choices(layout: Layout, number: int, items: tuple[ListItem, ...]) -> Layout:
    """Let a list field have these choices at once: they are no part of what is published."""
    stands = layout[number]
    draft = stands.draft
    if draft is not None and draft.type is CustomFieldType.LIST:
        draft = replace(draft, items=items)
    return {**layout, number: replace(stands, items=items, draft=draft)}


def changes(layout: Layout) -> tuple[CustomField, ...]:
    """List the fields that the next publishing would change."""
    return tuple(one for one in layout.values() if one.is_new or one.is_dropped or one.draft is not None)


def moves_values(field: CustomField) -> bool:
    """Tell whether publishing a changed field concerns the values under it, and not its looks alone."""
    return field.is_new or field.is_dropped or field.draft is None or field.draft.type is not field.type


def problems(layout: Layout, before: Layout) -> tuple[Problem, ...]:
    """List every rule that a layout breaks where it differs from the one before; paths are "field.member"."""
    if len(layout) > max(MOST_FIELDS, len(before)):
        return (Problem("fields", "most", len(layout), MOST_FIELDS),)
    touched = (field for field in drafts(layout) if layout[field.id] != before.get(field.id))
    return tuple(problem for field in touched for problem in _field_problems(field, layout))


def _field_problems(field: CustomField, layout: Layout) -> Iterator[Problem]:
    if not field.label.strip():
        yield Problem("field.label", "required")
    for name, longest in LONGEST.items():
        if len(getattr(field, name)) > longest:
            yield Problem(f"field.{name}", "longest", len(getattr(field, name)), longest)
    longest = LONGEST_TEXT.get(field.type, 0)
    if not 0 <= field.length <= longest and (longest or field.length != layout[field.id].length):
        yield Problem("field.length", "range", field.length, (0, longest))
    yield from _name_problems(field, layout)
    stands = layout[field.id]
    if not stands.is_new and field.type is not stands.type and field.type not in WIDER[stands.type]:
        yield Problem("field.type", "widens", field.type, tuple(sorted(WIDER[stands.type])))


def _name_problems(field: CustomField, layout: Layout) -> Iterator[Problem]:
    stands, name = layout[field.id], field.prog_id.lower()
    if not stands.is_new and field.prog_id != stands.prog_id:
        # What appointments hold stands under the name.
        yield Problem("field.prog_id", "move", field.prog_id)
    elif not _PROG_ID.fullmatch(name):
        yield Problem("field.prog_id", "prog_id", field.prog_id)
    elif name.startswith(OWN.lower()) and name != f"{OWN}{field.id}".lower():
        yield Problem("field.prog_id", "reserved", field.prog_id)
    elif any(one.id != field.id and name in _names(one) for one in layout.values()):
        yield Problem("field.prog_id", "unique", field.prog_id)


def _bare(field: CustomField) -> CustomField:
    """Strip a field of all that changes without anybody's saying anything about it."""
    plain = CustomField(id=field.id, prog_id=field.prog_id, label=field.label, type=field.type)
    return replace(field, **{name: getattr(plain, name) for name in KEPT})


def _stamped(field: CustomField, stands: CustomField) -> CustomField:
    return replace(
        field,
        **{name: getattr(stands, name) for name in STAMPS},
        is_new=False,
        draft=None,
    )


def _names(field: CustomField) -> tuple[str, ...]:
    return tuple(one.prog_id.lower() for one in (field, field.draft) if one is not None)
