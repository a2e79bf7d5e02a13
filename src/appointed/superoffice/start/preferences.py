"""Preference and PreferenceDescription, and what stands before anyone sets anything (GET Preference)."""

from typing import Final

import msgspec

from appointed.domain.preference import Level, Preference, name_of
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number, text, written
from appointed.superoffice.context import Context
from appointed.superoffice.texts import read_titles, titled

UNDEFINED: Final = "Undefined"
HARD_DEFAULT: Final = "HardDefault"
# The contract's names of the levels that this server keeps; nothing is kept for a PC.
LEVELS: Final = {
    Level.INDIVIDUAL: "Individual",
    Level.GROUP: "Group",
    Level.TENANT: "Database",
    Level.SYSTEM: "SystemWide",
}
LEVEL_OF: Final = {wire: level for level, wire in LEVELS.items()}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A preference that clients know: what it holds, and its value until somebody sets it."""

    id: int
    section: str
    key: str
    value: str
    type: str
    label: str

    @property
    def name(self) -> str:
        """What it is found by."""
        return name_of(self.section, self.key)


# Section, key, value, type, label. Lengths and alarms are minutes, times of day hh:mm, tasks ids (0 is none).
_KNOWN: Final = (
    ("Defaults", "DefaultAppointmentVisibleFor", "0", "Number", "Who sees a new appointment"),
    ("Defaults", "DefaultAppointmentAppointLength", "60", "Number", "Length of a meeting"),
    ("Defaults", "DefaultAppointmentAppointTaskId", "0", "Number", "Type of a meeting"),
    ("Defaults", "DefaultAppointmentAppointText", "", "Text", "Text of a meeting"),
    ("Defaults", "DefaultAppointmentPhoneLength", "15", "Number", "Length of a call"),
    ("Defaults", "DefaultAppointmentPhoneTaskId", "0", "Number", "Type of a call"),
    ("Defaults", "DefaultAppointmentPhoneText", "", "Text", "Text of a call"),
    ("Defaults", "DefaultAppointmentToDoLength", "0", "Number", "Length of a to-do"),
    ("Defaults", "DefaultAppointmentToDoTaskId", "0", "Number", "Type of a to-do"),
    ("Defaults", "DefaultAppointmentToDoText", "", "Text", "Text of a to-do"),
    ("DiaryView", "AllDayEndTime", "16:00", "Text", "End of an all-day appointment"),
    ("DiaryView", "AllDayStartTime", "08:00", "Text", "Start of an all-day appointment"),
    ("DiaryView", "DefaultAlarmTime", "15", "Number", "How long before the start an alarm rings"),
)
KNOWN: Final = tuple(
    Known(id=number, section=section, key=key, value=value, type=kind, label=label)
    for number, (section, key, value, kind, label) in enumerate(_KNOWN, start=1)
)
# English label → language → label.
LABELS: Final = read_titles("appointed.superoffice.start", "preferences.tsv")
BY_NAME: Final = {one.name: one for one in KNOWN}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A preference as it is answered: its value, and the level it was found at by the contract's name."""

    section: str
    key: str
    level: str
    value: str
    owner_id: int = 0

    @property
    def known(self) -> Known | None:
        """What clients know about it."""
        return BY_NAME.get(name_of(self.section, self.key))


def shown(section: str, key: str, kept: Preference | None) -> Shown:
    """Choose what is answered: what is kept, or else the value from the start, or else nothing."""
    known = BY_NAME.get(name_of(section, key))
    if kept is not None:
        return Shown(
            section=kept.section,
            key=kept.key,
            level=LEVELS[kept.level],
            value=kept.value,
            owner_id=kept.owner_id,
        )
    if known is None:
        return Shown(section=section, key=key, level=UNDEFINED, value="")
    return Shown(section=known.section, key=known.key, level=HARD_DEFAULT, value=known.value)


def _specification(one: Shown, ctx: Context) -> Json:
    return written(PREFERENCE_SPEC, one, ctx)


def _label(known: Known | None, ctx: Context) -> Json:
    return titled(LABELS, known.label, ctx.language) if known else ""


RIGHTS: Final = (
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)
PREFERENCE_SPEC: Shape = (
    Field("Section", "string", number("section")),
    Field("Key", "string", number("key")),
    *RIGHTS,
)
PREFERENCE: Shape = (
    Field("Level", "enum:PreferenceLevel", number("level")),
    Field("RawValue", "string", number("value")),
    Field("Specification", "PreferenceSpec", _specification),
    Field("DisplayValue", "string", text("value")),
    Field("DisplayTooltip", "string", lambda one, ctx: _label(one.known, ctx)),
    Field(
        "DisplayType",
        "enum:PrefDescValueType",
        lambda one, _ctx: one.known.type if one.known else "Unknown",
    ),
    Field("TabOrder", "string", fixed(None)),
    Field("TargetId", "int32", number("owner_id")),
    Field("PrefDescId", "int32", lambda one, _ctx: one.known.id if one.known else 0),
    Field("TableName", "string", fixed("")),
    Field("UserPreferenceId", "int32", fixed(0)),
    *RIGHTS,
)
PREFERENCE_DESCRIPTION: Shape = (
    Field("PrefDescId", "int32", number("id")),
    Field("Section", "string", number("section")),
    Field("Key", "string", number("key")),
    Field("Name", "string", _label),
    Field("ValueType", "enum:PrefDescValueType", number("type")),
    Field("MaxLevel", "enum:PreferenceLevel", fixed("Individual")),
    Field("SysMaxLevel", "enum:PreferenceLevel", fixed("Individual")),
    Field("AccessFlags", "string", fixed("adminGUI, CRMGUI")),
    Field("Description", "string", _label),
    Field("IsBuiltin", "bool", fixed(True)),
    Field("TableName", "string", fixed("")),
    Field("UserDefinedListId", "int32", fixed(0)),
    Field("Rank", "int32", number("id")),
    Field("SubGroup", "string", fixed("")),
    Field("MinLevel", "int32", fixed(0)),
    Field("MaxValue", "int32", fixed(0)),
    Field("MinValue", "int32", fixed(0)),
    Field("RequiredLicense", "string", fixed("")),
    *RIGHTS,
)
XSRF_VALUE: Shape = (
    Field("Value", "string", number("value")),
    Field("LastUpdated", "date-time", lambda _value, ctx: ctx.style.stamp(None)),
)
PREFERENCE_SHAPES: dict[str, Shape] = {
    "Preference": PREFERENCE,
    "PreferenceSpec": PREFERENCE_SPEC,
    "PreferenceDescription": PREFERENCE_DESCRIPTION,
    "XsrfValue": XSRF_VALUE,
}
