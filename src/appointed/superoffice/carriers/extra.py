"""The `x_` fields of CustomFields: what the other contract knows of an appointment, as plain texts.

Names are `x_` and the other contract's own member names; rules are those it has for the same members.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.department import find_department, move_to_department
from appointed.domain.directory import Department
from appointed.domain.meeting import SWITCHES, Bandwidth, Features, Redirects
from appointed.domain.participant import Claimant
from appointed.domain.redirect_url import is_allowed
from appointed.domain.status import Status, move_problem
from appointed.superoffice.carriers.encoded import untagged
from appointed.superoffice.context import Context
from appointed.superoffice.notes import Notes

LONGEST = 255
LONGEST_EMAIL = 254
TRUE, FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
UNSET = (None, "")

_EMAIL = re.compile(r"[^@\s\x00-\x20]{1,64}@[^@\s\x00-\x20]+\.[^@\s\x00-\x20.]+|[^@\s]{1,64}@localhost")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Write = Callable[[Appointment, Any, str, Context, Notes], Appointment]


class Extra(NamedTuple):
    """One field: how it stands on the wire, and how it is set (None: it is fixed)."""

    name: str
    render: Callable[[Appointment], str]
    write: Write | None = None


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _claimant_text(row: Appointment, member: str) -> str:
    value = getattr(row.claimant, member, None)
    return "" if value is None else str(value)


def _with_claimant(row: Appointment, member: str, value: Any, ctx: Context) -> Appointment:
    claimant = row.claimant
    if claimant is None:
        if value is None:
            return row
        if ctx.new_claimants is None:
            raise TypeError("an edit of an appointment was given nothing that names claimants")
        claimant = Claimant(id=ctx.new_claimants.of(row))
    return replace(row, claimant=replace(claimant, **{member: value}))


def _name(row: Appointment, value: Any, path: str, ctx: Context, notes: Notes) -> Appointment:
    name = _plain(value)
    if name in UNSET and row.claimant is None:
        return row
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
        notes.wrong(path, "required" if name in UNSET else "string", value, LONGEST)
        return row
    return _with_claimant(row, "name", name, ctx)


def _email(row: Appointment, value: Any, path: str, ctx: Context, notes: Notes) -> Appointment:
    email = _plain(value)
    if email in UNSET:
        return _with_claimant(row, "email", None, ctx)
    if not isinstance(email, str) or len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        notes.wrong(path, "email", value)
        return row
    return _with_claimant(row, "email", email, ctx)


def _phone(row: Appointment, value: Any, path: str, ctx: Context, notes: Notes) -> Appointment:
    phone = _plain(value)
    if phone in UNSET:
        return _with_claimant(row, "phone_number", None, ctx)
    if isinstance(phone, int) and not isinstance(phone, bool):
        phone = str(phone)
    if not isinstance(phone, str) or len(phone) > LONGEST:
        notes.wrong(path, "string", value, LONGEST)
        return row
    return _with_claimant(row, "phone_number", phone, ctx)


def _born_on(row: Appointment, value: Any, path: str, ctx: Context, notes: Notes) -> Appointment:
    day = _plain(value)
    if day in UNSET:
        return _with_claimant(row, "born_on", None, ctx)
    try:
        if not isinstance(day, str) or not _DAY.fullmatch(day[:10]):
            raise ValueError(day)
        born_on = date.fromisoformat(day[:10])
    except ValueError:
        notes.wrong(path, "date", value)
        return row
    return _with_claimant(row, "born_on", born_on, ctx)


def _status(row: Appointment, value: Any, path: str, _ctx: Context, notes: Notes) -> Appointment:
    name = _plain(value)
    if name in UNSET:
        return row
    if not isinstance(name, str) or name.lower() not in list(Status):
        notes.wrong(path, "enum", value, tuple(Status))
        return row
    wanted = Status(name.lower())
    refused = move_problem(row.status, wanted)
    if refused is not None:
        # Named here, where it was asked for: `Completed` says the same thing by another name.
        notes.wrong(path, refused.rule, value, refused.allowed)
        return row
    return replace(row, status=wanted)


def _department(row: Appointment, value: Any, path: str, ctx: Context, notes: Notes) -> Appointment:
    if _plain(value) in UNSET:
        return row
    found = find_department(ctx.directory, value) or _department_named(value, ctx)
    if found is None:
        notes.wrong(path, "exists", value)
        return row
    return row if found.id == row.department_id else move_to_department(row, found, ctx.directory)


def _department_named(value: Any, ctx: Context) -> Department | None:
    wanted = value.strip().casefold() if isinstance(value, str) else None
    return next((one for one in ctx.directory.departments.values() if one.name.casefold() == wanted), None)


def read_flag(value: Any) -> bool | None:
    """Read a switch in any of its spellings; None for anything else."""
    if isinstance(value, bool):
        return value
    word = str(untagged(value)).strip().lower() if isinstance(value, int | str) else ""
    return True if word in TRUE else False if word in FALSE else None


def _switch(member: str) -> Extra:
    def write(row: Appointment, value: Any, path: str, _ctx: Context, notes: Notes) -> Appointment:
        flag = read_flag(value)
        if flag is None:
            notes.wrong(path, "required" if _plain(value) in UNSET else "boolean", value)
            return row
        return replace(row, features=replace(row.features, **{member: flag}))

    return Extra(f"x_features_{member}_enable", lambda row: str(getattr(row.features, member)), write)


def _bandwidth(row: Appointment, value: Any, path: str, _ctx: Context, notes: Notes) -> Appointment:
    name = _plain(value)
    if name in UNSET:
        return row
    if not isinstance(name, str) or name.lower() not in list(Bandwidth):
        notes.wrong(path, "enum", value, tuple(Bandwidth))
        return row
    return replace(row, features=replace(row.features, bandwidth=Bandwidth(name.lower())))


def _is_custom(row: Appointment, value: Any, path: str, _ctx: Context, notes: Notes) -> Appointment:
    flag = read_flag(value)
    if flag is None:
        notes.wrong(path, "required" if _plain(value) in UNSET else "boolean", value)
        return row
    return replace(row, redirects=replace(row.redirects, is_custom=flag))


def _redirect(member: str, name: str) -> Extra:
    def write(row: Appointment, value: Any, path: str, ctx: Context, notes: Notes) -> Appointment:
        url = _plain(value)
        if url in UNSET:
            return replace(row, redirects=replace(row.redirects, **{member: None}))
        if not isinstance(url, str) or not is_allowed(url, ctx.directory.tenant.redirect_hosts):
            notes.wrong(path, "url_not_allowed", value)
            return row
        return replace(row, redirects=replace(row.redirects, **{member: url}))

    return Extra(name, lambda row: getattr(row.redirects, member) or "", write)


EXTRAS: tuple[Extra, ...] = (
    # What is not kept yet has no names of its own: the default entity is sent back under others.
    Extra("x_uid", lambda row: str(row.uid) if row.id > 0 else ""),
    Extra("x_reference", lambda row: row.reference if row.id > 0 else ""),
    Extra("x_status", lambda row: row.status.value, _status),
    Extra("x_department", lambda row: str(row.department_id or ""), _department),
    Extra("x_claimant_name", lambda row: _claimant_text(row, "name"), _name),
    Extra("x_claimant_email", lambda row: _claimant_text(row, "email"), _email),
    Extra("x_claimant_phone_number", lambda row: _claimant_text(row, "phone_number"), _phone),
    Extra("x_claimant_date_of_birth", lambda row: _claimant_text(row, "born_on"), _born_on),
    *(_switch(member) for member in SWITCHES),
    Extra("x_features_bandwidth", lambda row: row.features.bandwidth.value, _bandwidth),
    Extra("x_use_custom_post_call_redirect", lambda row: str(row.redirects.is_custom), _is_custom),
    _redirect("claimant_url", "x_custom_user_post_call_redirect_url"),
    _redirect("agent_url", "x_custom_agent_post_call_redirect_url"),
)

BY_NAME = {extra.name: extra for extra in EXTRAS}

# Most rows have nobody to meet and the switches of a department that set none: theirs is written once.
OWN = EXTRAS[:4]
_FEATURES, _REDIRECTS = Features(), Redirects()
_USUAL: dict[str, str] = {}


def is_usual(row: Appointment) -> bool:
    """Tell whether all but its own names, status and department are as in most rows."""
    return row.claimant is None and row.features == _FEATURES and row.redirects == _REDIRECTS


def rendered(row: Appointment) -> dict[str, str]:
    """Write all of them."""
    if not is_usual(row):
        return {field.name: field.render(row) for field in EXTRAS}
    if not _USUAL:
        _USUAL.update({field.name: field.render(row) for field in EXTRAS})
    return _USUAL | {field.name: field.render(row) for field in OWN}


def demand_claimant_name(before: Appointment, after: Appointment, notes: Notes) -> None:
    """Note a claimant that came to be without a name."""
    is_new = before.claimant is None and after.claimant is not None
    if is_new and not (after.claimant and after.claimant.name):
        notes.wrong("CustomFields.x_claimant_name", "required")
