"""What archives there are, and what can be done with their columns (OData, Metadata)."""

from typing import Any

from appointed.superoffice.archive.catalogue import UDEF
from appointed.superoffice.archive.columns import NAMED, Column
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.operators import OPERATORS
from appointed.superoffice.archive.records import RECORD_LISTS
from appointed.superoffice.archive.titles import title_in
from appointed.superoffice.fields.members import list_name

Json = Any
NAMES = ("FindAppointment", "Links", "Participants", *(one.name for one in RECORD_LISTS))

DISPLAY_TYPES = {
    "bool": "checkbox",
    "associate": "associate",
    "": "string",
    "positiveString": "string",
    NAMED: "string",
}
# Clients know the reference's types only, and would look for a list behind one that has no list (ADR 197).
KNOWN_TYPES = {"": None, NAMED: "string"}
# The list behind a column, where it is one of those that this server has.
LISTS = {
    "type": "task",
    "priority": "priority",
    **{
        f"{prefix}{name}": items
        for prefix in ("", "sale/")
        for name, items in (("contactid", "contact_new"), ("personid", "person"), ("projectid", "project"))
    },
}
LISTS_OF_TYPE = {"associate": "associate", "userGroup": "usergroup"}
CONDITIONS = frozenset({"getallrows", "getnorows", "skiptentativeandrejectedrestriction"})


def archives(base_url: str) -> dict[str, Json]:
    """List the archives."""
    return {
        "odata.metadata": f"{base_url}/api/v1/Archive/$metadata",
        "value": [{"name": name, "url": name} for name in NAMES],
    }


def metadata(columns: dict[str, Column], asked: Asked) -> dict[str, Json]:
    """Describe the columns of an archive, by name."""
    return {one.name: _described(one, asked) for one in columns.values()}


def _described(one: Column, asked: Asked) -> dict[str, Json]:
    folded = one.name.lower()
    is_condition = folded in CONDITIONS or folded.endswith("restrictionid")
    return {
        "DisplayName": title_in(one.title, asked.manner.language),
        "DisplayTooltip": "",
        "DisplayType": DISPLAY_TYPES.get(one.type, one.type),
        "CanOrderBy": one.order is not None and not is_condition,
        "Name": one.name,
        "CanRestrictBy": one.type in OPERATORS,
        "RestrictionType": KNOWN_TYPES.get(one.type, one.type),
        "RestrictionListName": one.choices
        or LISTS.get(folded)
        or LISTS_OF_TYPE.get(one.type)
        or _list_of_field(folded, asked),
        "IsVisible": not is_condition,
        "ExtraInfo": "",
        "Width": "10c",
        "IconHint": one.hint.capitalize(),
        "HeadingIconHint": "",
    }


def _list_of_field(folded: str, asked: Asked) -> str | None:
    prefix, _slash, name = folded.partition("/")
    fields = asked.directory.custom_fields.values() if prefix == UDEF.lower() else ()
    return next((list_name(one) for one in fields if one.prog_id.lower() == name), "") or None
