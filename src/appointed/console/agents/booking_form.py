"""The form that books a claimant: what it brought, which fields it shows, and what of it is sent on."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from appointed.console.agents.edit_form import (
    WAS,
    Group,
    Typed,
    changes_of,
    instant_text,
    shown,
)
from appointed.console.agents.offers import Asked, read_day, read_instant, read_minutes
from appointed.domain.appointment import Appointment
from appointed.domain.directory import Department, Directory, View
from appointed.domain.principal import Principal
from appointed.domain.rights import caller, may_create
from appointed.usecases.change_department import departments_seen
from appointed.usecases.create_appointment import NewNames, blank

MINUTE: Final = timedelta(minutes=1)
USUAL_MINUTES: Final = 30
OWN: Final = "own"
NAME: Final = "claimant.name"
# Groups of the form for editing that a new appointment has, too; where and when has a form of its own.
GROUPS: Final = ("claimant", "data", "interpreter", "meeting", "after")
NIL: Final = UUID(int=0)
NO_NAMES: Final = NewNames(NIL, "", "", NIL, "", "", "")


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """What a form brought. `slot` is the chosen time, "own" for the one that was typed, "" for none.

    `offered` names the department and the length that the shown times were free for.
    """

    department: Department
    since: date
    minutes: str
    slot: str = ""
    own: str = ""
    offered: str = ""
    typed: Typed = Typed()

    @property
    def length(self) -> timedelta:
        """Give how long a time is looked for."""
        return read_minutes(self.minutes, USUAL_MINUTES) * MINUTE

    @property
    def wish(self) -> str:
        """Name what free times depend on, as `offered` does."""
        return f"{self.department.id}/{self.length // MINUTE}"

    @property
    def chosen_at(self) -> datetime | None:
        """Give the offered time that was chosen; None for any other text, which will be refused."""
        return read_instant(self.slot)

    def asked(self, zone: ZoneInfo) -> Asked:
        """Say which times are looked for: of who gets what is made in the department."""
        owner_id = self.department.default_associate_id
        return Asked(owner_id=owner_id, length=self.length, since=self.since, zone=zone)


def bookable(principal: Principal, directory: Directory) -> list[Department]:
    """List the departments in which the caller may make appointments, by name."""
    seen = departments_seen(principal, directory)
    return [one for one in seen if may_create(principal, one.default_associate_id, directory)]


def read_booking(
    values: Mapping[str, str],
    departments: list[Department],
    principal: Principal,
    directory: Directory,
    today: date,
) -> Booking:
    """Read a form, or the query of the address that leads to it, leniently: what is wrong is told later.

    There must be a department.
    """
    wanted = values.get("department", "")
    home = (caller(principal, directory).group_id, directory.tenant.default_department_id)
    order = (wanted, *map(str, home))
    by_id = {str(one.id): one for one in departments}
    department = next((by_id[one] for one in order if one in by_id), departments[0])
    was = {name.removeprefix(WAS): text.strip() for name, text in values.items() if name.startswith(WAS)}
    return Booking(
        department=department,
        since=max(read_day(values.get("since", "")) or today, today),
        minutes=values.get("minutes", str(USUAL_MINUTES)).strip(),
        slot=values.get("slot", ""),
        own=values.get("own", "").strip(),
        offered=values.get("offered", ""),
        typed=Typed(given={name: values[name].strip() for name in was if name in values}, was=was),
    )


def update_of(booking: Booking, zone: ZoneInfo) -> dict[str, Any]:
    """Make what creating an appointment takes: what was typed, and nothing that the department would say."""
    given, was = booking.typed.given, booking.typed.was
    update = changes_of(given, was, zone)
    answered = {answer["id"]: answer["value"] for answer in update.get("claimant", {}).get("data", ())}
    asked = {str(field.id): field for field in booking.department.data_fields}
    # A question that must be answered is sent without an answer, too: so its own field is told of.
    data = [
        {"id": key, "value": answered.get(key, "")}
        for key, field in asked.items()
        if field.is_required or key in answered
    ]
    claimant = {"name": given.get(NAME, "")} | update.get("claimant", {})
    starts_at = instant_text(booking.own, zone) if booking.slot in ("", OWN) else booking.slot
    return update | {
        "appointment_at": starts_at,
        "duration_in_minutes": booking.minutes,
        "department_id": booking.department.id,
        "claimant": claimant | {"data": data},
    }


def groups_of(booking: Booking, principal: Principal, view: View, zone: ZoneInfo) -> list[Group]:
    """Lay out the fields as the department has them at first, with what was typed into them."""
    laid = shown(_first(booking.department, principal, view), view.directory, zone, booking.typed)
    # That another department begins otherwise is nobody's change.
    return [
        Group(group.name, tuple(replace(field, theirs=None) for field in group.fields))
        for group in laid
        if group.name in GROUPS
    ]


def is_own_choice(group: Group) -> bool:
    """Tell whether something in a group is not as the department has it, or is wrong."""
    return any(field.value != field.was or field.problems for field in group.fields)


def _first(department: Department, principal: Principal, view: View) -> Appointment:
    owner_id = department.default_associate_id
    row = blank(NO_NAMES, view, principal.tenant_id, principal.associate_id, owner_id, view.now)
    return replace(
        row, department_id=department.id, features=department.features, redirects=department.redirects
    )
