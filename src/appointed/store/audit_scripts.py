"""Entries of the audit log and seals of both logs, written and read alike on both engines."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import msgspec

from appointed.domain.audit import Act, Entry, Wanted
from appointed.store.scripts import Script, every, instant, json_text, one, row_places, uuid_of
from appointed.store.seals import Seal

ENTRY = "id, at, act, by, door, appointment_id, address, details"
COLUMNS = 9


def _add(count: int) -> str:
    return (
        f"INSERT INTO audit (tenant_id, {ENTRY}) VALUES {row_places(count, COLUMNS)}"
        " ON CONFLICT (tenant_id, id) DO NOTHING"
    )


# Two texts alone, so that either engine plans each once. Programs read by the hundred.
MANY = 50
ADD, ADD_MANY = _add(1), _add(MANY)
NO_DEPARTMENT = 0
SEAL = "number, at, position, row_id, rows, hash"

_details = msgspec.json.Decoder(dict[str, Any]).decode

__all__ = ["add", "entries", "every", "head", "keep_seal", "seals"]


def add(entries: Iterable[Entry]) -> Script[None]:
    """Write entries; one that was written before, by a try whose end nobody saw, stays as it is."""
    values = [_values(entry) for entry in entries]
    whole = len(values) - len(values) % MANY
    for first in range(0, whole, MANY):
        yield ADD_MANY, tuple(chain.from_iterable(values[first : first + MANY]))
    for one_entry in values[whole:]:
        yield ADD, one_entry


def _values(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.tenant_id,
        entry.id,
        entry.at,
        entry.act,
        entry.by,
        entry.door,
        entry.appointment_id,
        entry.address,
        json_text(entry.details),
    )


def entries(tenant_id: int, wanted: Wanted) -> Script[tuple[Entry, ...]]:
    """List entries, newest first."""
    asked: list[tuple[str, Any]] = [
        ("id <", wanted.before),
        ("by =", wanted.by),
        ("appointment_id =", wanted.appointment_id),
        ("at >=", wanted.since),
        ("at <", wanted.until),
    ]
    given = [(test, value) for test, value in asked if value is not None]
    values: list[Any] = [tenant_id, *(value for _test, value in given), *wanted.acts, wanted.limit]
    tests = [f" AND {test} ${place}" for place, (test, _value) in enumerate(given, 2)]
    first = len(given) + 2
    if wanted.acts:
        places = ", ".join(f"${first + place}" for place in range(len(wanted.acts)))
        tests.append(f" AND act IN ({places})")
    if wanted.departments is not None:
        departments = wanted.departments or (NO_DEPARTMENT,)
        places = ", ".join(f"${len(values) + place}" for place in range(len(departments)))
        values[-1:] = [*departments, wanted.limit]
        tests.append(
            " AND appointment_id <> 0 AND appointment_id IN (SELECT id FROM appointment"
            f" WHERE tenant_id = $1 AND department_id IN ({places}))"
        )
    # The index holds the entries about an appointment alone.
    told = "" if wanted.appointment_id is None else " AND appointment_id <> 0"
    rows = yield (
        f"SELECT {ENTRY} FROM audit WHERE tenant_id = $1{''.join(tests)}{told}"
        f" ORDER BY id DESC LIMIT ${len(values)} OFFSET ${len(values) + 1}",
        (*values, wanted.offset),
    )
    return tuple(_entry(tenant_id, row) for row in rows)


def _entry(tenant_id: int, row: Sequence[Any]) -> Entry:
    entry_id, at, act, by, door, appointment_id, address, details = row
    return Entry(
        id=uuid_of(entry_id),
        tenant_id=tenant_id,
        at=instant(at),
        act=Act(act),
        by=by,
        door=door,
        appointment_id=appointment_id,
        address=address,
        details=_details(details),
    )


def keep_seal(seal: Seal, mac: bytes) -> Script[bool]:
    """Put a seal after the one it was made for; False when another process was first."""
    key, place = (seal.tenant_id, seal.log), seal.place
    values = (*key, seal.number, *place, seal.hash, mac)
    if seal.number == 1:
        kept = yield (
            "INSERT INTO seal_head (tenant_id, log, number, position, row_id, hash, mac)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, log) DO NOTHING RETURNING number",
            values,
        )
    else:
        kept = yield (
            "UPDATE seal_head SET number = $3, position = $4, row_id = $5, hash = $6, mac = $7"
            " WHERE tenant_id = $1 AND log = $2 AND number = $3 - 1 RETURNING number",
            values,
        )
    if not kept:
        return False
    yield (
        f"INSERT INTO seal (tenant_id, log, {SEAL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        (*key, seal.number, seal.at, *place, seal.rows, seal.hash),
    )
    return True


def seals(tenant_id: int, log: str, after: int, limit: int) -> Script[tuple[Seal, ...]]:
    """Read seals past a number, in order."""
    rows = yield (
        f"SELECT {SEAL} FROM seal WHERE tenant_id = $1 AND log = $2 AND number > $3 ORDER BY number LIMIT $4",
        (tenant_id, log, after, limit),
    )
    return tuple(
        Seal(
            tenant_id=tenant_id,
            log=log,
            number=number,
            at=instant(at),
            place=(position, uuid_of(row_id)),
            rows=bytes(packed),
            hash=bytes(digest),
        )
        for number, at, position, row_id, packed, digest in rows
    )


def head(tenant_id: int, log: str) -> Script[Sequence[Any] | None]:
    """Read number, hash and proof of the last seal."""
    return one("SELECT number, hash, mac FROM seal_head WHERE tenant_id = $1 AND log = $2", (tenant_id, log))
