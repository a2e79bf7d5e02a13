"""Erase claimants when their departments keep them no longer (ADR 0149)."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from appointed.domain.audit import Act
from appointed.domain.directory import EPOCH, Directory
from appointed.domain.principal import server
from appointed.usecases.claimant_ports import Holding
from appointed.usecases.ports import Clock, Store
from appointed.usecases.protect_claimants import erase

ROWS_AT_ONCE: Final = 500
DOOR: Final = "retention"
NOBODY: Final = UUID(int=0)


class Retained(msgspec.Struct, frozen=True):
    """How many claimants of a tenant were erased, or would be: past their time, or named by nothing."""

    expired: int = 0
    unused: int = 0


async def retain(
    store: Store, clock: Clock, tenant_id: int, *, dry_run: bool = False, unnamed: bool = False
) -> Retained:
    """Erase a tenant's claimants whose appointments all ended longer ago than their departments keep them.

    Those whom no appointment names any more go too, where no department keeps claimants for ever, or where
    `unnamed` asks for it. Done twice it is the same, and it may be stopped at any time.
    """
    directory, now = await store.directory(tenant_id), clock()
    expired = unused = 0
    async for claimant_id, appointment_ids in _expired(store, directory, now):
        expired += 1
        if not dry_run:
            await _erase(store, tenant_id, claimant_id, appointment_ids)
    async for claimant_id in _unused(store, directory, always=unnamed):
        unused += 1
        if not dry_run:
            await _erase(store, tenant_id, claimant_id, [])
    return Retained(expired, unused)


async def past_their_time(store: Store, tenant_id: int, now: datetime, limit: int) -> tuple[UUID, ...]:
    """List claimants of a tenant whom `retain` would erase, so many at most."""
    directory = await store.directory(tenant_id)
    found: list[UUID] = []
    async with (
        aclosing(_expired(store, directory, now)) as expired,
        aclosing(_unused(store, directory)) as unused,
    ):
        while len(found) < limit:
            one = await anext(expired, None)
            claimant_id = one[0] if one else await anext(unused, None)
            if claimant_id is None:
                break
            found.append(claimant_id)
    return tuple(found)


async def retain_one(store: Store, tenant_id: int, claimant_id: UUID, now: datetime) -> None:
    """Erase a claimant if their time is still over, or nothing names them."""
    directory = await store.directory(tenant_id)
    holdings = await store.claimants.holdings(tenant_id, claimant_id)
    if _is_over(directory, holdings, now):
        await _erase(store, tenant_id, claimant_id, [one.appointment_id for one in holdings])


async def _expired(
    store: Store, directory: Directory, now: datetime
) -> AsyncGenerator[tuple[UUID, list[int]], None]:
    seen: set[UUID] = set()
    for department in directory.departments.values():
        if department.retention_days is None:
            continue
        before = kept_since(directory, department.id, now)
        place = (EPOCH.replace(year=1), 0)
        while rows := await store.claimants.begun(
            directory.tenant.id, department.id, before, place, ROWS_AT_ONCE
        ):
            place = (rows[-1].starts_at, rows[-1].appointment_id)
            ids = [row.claimant_id for row in rows if row.ends_at < before]
            for claimant_id in dict.fromkeys(ids):
                if claimant_id in seen:
                    continue
                seen.add(claimant_id)
                holdings = await store.claimants.holdings(directory.tenant.id, claimant_id)
                if _is_over(directory, holdings, now):
                    yield claimant_id, [one.appointment_id for one in holdings]


async def _unused(store: Store, directory: Directory, *, always: bool = False) -> AsyncGenerator[UUID, None]:
    if _keeps_for_ever(directory) and not always:
        return
    after = NOBODY
    while keys := await store.claimants.unused(directory.tenant.id, after, ROWS_AT_ONCE):
        after = keys[-1][0]
        for claimant_id, is_unused in keys:
            if is_unused:
                yield claimant_id


def _is_over(directory: Directory, holdings: Sequence[Holding], now: datetime) -> bool:
    if not holdings:
        return not _keeps_for_ever(directory)
    return all(one.ends_at < kept_since(directory, one.department_id, now) for one in holdings)


def _keeps_for_ever(directory: Directory) -> bool:
    return any(one.retention_days is None for one in directory.departments.values())


def kept_since(directory: Directory, department_id: int, now: datetime) -> datetime:
    """Give the instant before which an appointment of a department must have ended for its claimant to go.

    Where claimants are kept for ever none has ended early enough.
    """
    department = directory.departments.get(department_id)
    days = department.retention_days if department else None
    return now - timedelta(days=days) if days is not None else EPOCH.replace(year=1)


async def _erase(store: Store, tenant_id: int, claimant_id: UUID, appointment_ids: list[int]) -> None:
    # Told first: whatever happens to this process, no erasure is untold.
    await store.audit.write(
        tenant_id,
        Act.CLAIMANT_ERASED,
        0,
        appointment_id=appointment_ids[0] if len(appointment_ids) == 1 else 0,
        door=DOOR,
        details={"claimant": str(claimant_id), "appointments": appointment_ids},
    )
    await erase(store, server(tenant_id), claimant_id, DOOR)
