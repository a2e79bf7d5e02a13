"""Entries of the audit log, found claimants and settings as they are shown (ours: ADR 0151)."""

from typing import Any

import msgspec

from appointed.domain.audit import Entry
from appointed.domain.directory import Directory, Tenant
from appointed.sqod.moments import write_instant
from appointed.usecases.protect_claimants import Erasure, Found


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what; no user is the server or its operator."""

    reference: str
    at: str
    action: str
    user_id: int | None
    user: str | None
    via: str | None
    appointment_id: int | None
    address: str | None
    details: dict[str, Any]


class AuditEnvelope(msgspec.Struct, frozen=True):
    """What a single entry is wrapped in."""

    data: AuditEntry


class AuditPage(msgspec.Struct, frozen=True):
    """Some entries, newest first; `next` is the address of those before them."""

    data: list[AuditEntry]
    next: str | None


class NamingAppointment(msgspec.Struct, frozen=True):
    """An appointment that names a claimant."""

    id: str
    reference: str
    appointment_at: str


class FoundClaimant(msgspec.Struct, frozen=True, kw_only=True):
    """A claimant as they stand."""

    id: str
    name: str | None
    email: str | None
    appointments: list[NamingAppointment]


class FoundClaimants(msgspec.Struct, frozen=True):
    """What a search found; at most 50."""

    data: list[FoundClaimant]


class ClaimantExport(msgspec.Struct, frozen=True):
    """All that is kept of a claimant, in clear; its members are those of the product, not of a contract."""

    data: dict[str, Any]


class ErasureResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure changed, or would change; `reference` names the audit log's entry."""

    claimant: str
    appointments: list[int]
    erased: bool
    reference: str


class ErasureEnvelope(msgspec.Struct, frozen=True):
    """What that is wrapped in."""

    data: ErasureResult


class SettingsResource(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the whole customer; no hosts means every public one."""

    name: str
    time_zone: str
    redirect_hosts: list[str]


class SettingsEnvelope(msgspec.Struct, frozen=True):
    """What that is wrapped in."""

    data: SettingsResource


def show_entry(entry: Entry, directory: Directory) -> AuditEntry:
    """Show an entry."""
    user = directory.associates.get(entry.by)
    return AuditEntry(
        reference=str(entry.id),
        at=write_instant(entry.at),
        action=entry.act,
        user_id=entry.by or None,
        user=user.full_name if user else None,
        via=entry.door or None,
        appointment_id=entry.appointment_id or None,
        address=entry.address or None,
        details=entry.details,
    )


def show_found(found: Found) -> FoundClaimant:
    """Show a claimant that was found."""
    return FoundClaimant(
        id=str(found.claimant.id),
        name=found.claimant.name,
        email=found.claimant.email,
        appointments=[
            NamingAppointment(str(row.uid), row.reference, write_instant(row.starts_at)) for row in found.rows
        ],
    )


def show_erasure(erasure: Erasure) -> ErasureEnvelope:
    """Show what an erasure came to."""
    return ErasureEnvelope(
        ErasureResult(
            claimant=str(erasure.claimant_id),
            appointments=list(erasure.appointment_ids),
            erased=erasure.is_done,
            reference=str(erasure.entry.id),
        )
    )


def show_settings(tenant: Tenant) -> SettingsEnvelope:
    """Show a customer's settings."""
    hosts = list(tenant.redirect_hosts)
    return SettingsEnvelope(SettingsResource(name=tenant.name, time_zone=tenant.zone, redirect_hosts=hosts))
