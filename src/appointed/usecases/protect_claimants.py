"""Find one claimant, tell all that is kept of them, and erase them (ADR 0149)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.audit import Act, Entry, Wanted
from appointed.domain.directory import Directory, View
from appointed.domain.errors import Forbidden, PreconditionFailed, RecordNotFound, SealBroken
from appointed.domain.events import Event, member_of
from appointed.domain.participant import Claimant
from appointed.domain.principal import Principal
from appointed.domain.rights import may_administer
from appointed.usecases.claimant_ports import Holding, Lookup
from appointed.usecases.ports import ById, Change, Decision, Rows, Store

KIND: Final = "claimant"
MOST_FOUND: Final = 50
MOST_ACCESSES: Final = 1_000
ROWS_AT_ONCE: Final = 50
# What opens pages and rooms is nobody's personal data, and must not lie in a file.
SECRET: Final = frozenset({"tenant_id", "link_key", "meeting", "claimant"})


class Found(msgspec.Struct, frozen=True):
    """A claimant as they stand, and the appointments that name them.

    Of those in `unopened`, which no key opens, nothing but the id is known (ADR 0228).
    """

    claimant: Claimant
    rows: tuple[Appointment, ...]
    unopened: tuple[int, ...] = ()


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of a claimant, in clear; `tag` names this very state, `entry` the audit log's line."""

    found: Found
    tag: str
    history: tuple[Event, ...]
    accesses: tuple[Entry, ...]
    entry: Entry


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure changed, or would change."""

    claimant_id: UUID
    tag: str
    appointment_ids: tuple[int, ...]
    entry: Entry
    is_done: bool


async def find_claimants(store: Store, principal: Principal, by: Lookup, text: str) -> tuple[Found, ...]:
    """List claimants by e-mail, name or reference; raises Forbidden."""
    await _demand_administrator(store, principal)
    ids = await store.claimants.find(principal.tenant_id, by, text, MOST_FOUND)
    found = [await _found(store, principal.tenant_id, claimant_id) for claimant_id in ids]
    told = {"by": by, "claimants": [str(claimant_id) for claimant_id in ids]}
    await store.audit.write(principal.tenant_id, Act.CLAIMANTS_SEARCHED, principal.associate_id, details=told)
    return tuple(one for one in found if one is not None)


async def export_claimant(store: Store, principal: Principal, claimant_id: UUID) -> Export:
    """Give all that is kept of a claimant; raises Forbidden, RecordNotFound."""
    await _demand_administrator(store, principal)
    tenant_id = principal.tenant_id
    holdings = await store.claimants.holdings(tenant_id, claimant_id)
    found = await _found(store, tenant_id, claimant_id)
    if found is None:
        raise RecordNotFound(KIND, claimant_id)
    history: list[Event] = []
    accesses: list[Entry] = []
    for number in sorted((*(row.id for row in found.rows), *found.unopened)):
        history += await store.claimants.history(tenant_id, number, claimant_id)
        wanted = Wanted(appointment_id=number, limit=MOST_ACCESSES)
        accesses += await store.audit.entries(tenant_id, wanted)
    entry = await _tell(store, principal, Act.CLAIMANT_EXPORTED, claimant_id, holdings)
    return Export(
        found=found, tag=tag_of(holdings), history=tuple(history), accesses=tuple(accesses), entry=entry
    )


async def erase_claimant(
    store: Store, principal: Principal, claimant_id: UUID, door: str, tag: str | None = None, *, dry_run: bool
) -> Erasure:
    """Erase a claimant whom the caller saw as `tag` says; None: without having looked.

    One whom no appointment names any more is erased as well, from the log (ADR 0224).
    Raises Forbidden, RecordNotFound, PreconditionFailed.
    """
    await _demand_administrator(store, principal)
    holdings = await store.claimants.holdings(principal.tenant_id, claimant_id)
    if not holdings and not await store.claimants.is_kept(principal.tenant_id, claimant_id):
        raise RecordNotFound(KIND, claimant_id)
    if tag is not None and tag != tag_of(holdings):
        raise PreconditionFailed(None, "Claimant")
    act = Act.ERASURE_TRIED if dry_run else Act.CLAIMANT_ERASED
    # Told first: whatever happens to this process, no erasure is untold.
    entry = await _tell(store, principal, act, claimant_id, holdings)
    if not dry_run:
        await erase(store, principal, claimant_id, door)
    ids = tuple(one.appointment_id for one in holdings)
    return Erasure(
        claimant_id=claimant_id, tag=tag_of(holdings), appointment_ids=ids, entry=entry, is_done=not dry_run
    )


async def erase(store: Store, principal: Principal, claimant_id: UUID, door: str) -> bool:
    """Erase a claimant from all appointments; done twice, or to its end after a stop, it is the same.

    Tells whether there was anything.
    """
    # The key goes first: from now on nothing opens, whatever happens to this process.
    was_there = await store.claimants.destroy(principal.tenant_id, claimant_id)
    holdings = await store.claimants.holdings(principal.tenant_id, claimant_id)
    ids = [one.appointment_id for one in holdings]
    for start in range(0, len(ids), ROWS_AT_ONCE):
        await store.change(_without(principal, claimant_id, tuple(ids[start : start + ROWS_AT_ONCE]), door))
    # Somebody may have typed new data in between, under a new key.
    await store.claimants.destroy(principal.tenant_id, claimant_id)
    return was_there or bool(ids)


def tag_of(holdings: Sequence[Holding]) -> str:
    """Give a word that changes with the appointments that name a claimant."""
    text = ",".join(f"{one.appointment_id}:{one.revision}" for one in holdings)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def show_export(export: Export, directory: Directory) -> dict[str, Any]:
    """Write an export as plain values, for JSON; each appointment has the claimant as it was told there."""
    departments = directory.departments.values()
    questions = {field.id: field.name for department in departments for field in department.data_fields}
    return {
        "claimant": _person(export.found.claimant, questions),
        "appointments": [
            _bare(msgspec.to_builtins(row)) | {"claimant": _person(row.claimant, questions)}
            for row in export.found.rows
            if row.claimant is not None
        ],
        "unopened": list(export.found.unopened),
        "history": [_event(event) for event in export.history],
        "accesses": [
            {"at": one.at, "what": one.act, "by": one.by, "appointment": one.appointment_id}
            for one in export.accesses
        ],
        "reference": str(export.entry.id),
    }


def _person(claimant: Claimant, questions: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": str(claimant.id),
        "name": claimant.name,
        "email": claimant.email,
        "phone_number": claimant.phone_number,
        "date_of_birth": claimant.born_on,
        "answers": [
            {"question": questions.get(answer.field_id, str(answer.field_id)), "answer": answer.value}
            for answer in claimant.answers
        ],
        "messages": [{"at": one.at, "by": one.by, "text": one.text} for one in claimant.messages],
    }


def _event(event: Event) -> dict[str, Any]:
    steps = [
        step | {"value": _bare(step["value"], ("claimant",))}
        if not step["path"] and "value" in step
        else step
        for step in event.patch
        if member_of(step["path"]) not in SECRET - {"claimant"}
    ]
    return {
        "appointment": event.appointment_id,
        "revision": event.revision,
        "at": event.at,
        "by": event.by,
        "door": event.door,
        "kind": event.kind,
        "changes": steps,
    }


def _bare(document: dict[str, Any], kept: Iterable[str] = ()) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in SECRET or name in kept}


async def _found(store: Store, tenant_id: int, claimant_id: UUID) -> Found | None:
    rows: list[Appointment] = []
    unopened: list[int] = []
    for holding in await store.claimants.holdings(tenant_id, claimant_id):
        try:
            rows.append((await store.read(tenant_id, ById((holding.appointment_id,)))).row)
        except SealBroken:
            unopened.append(holding.appointment_id)
    known = [row.claimant for row in rows if row.claimant is not None]
    if not known and not unopened:
        return None
    return Found(known[-1] if known else Claimant(id=claimant_id), tuple(rows), tuple(unopened))


def _without(principal: Principal, claimant_id: UUID, ids: tuple[int, ...], door: str) -> Change:
    def decide(rows: Rows, _view: View) -> Decision:
        named = [row for row in rows if row.claimant is not None and row.claimant.id == claimant_id]
        return Decision(replacements=tuple(replace(row, claimant=None) for row in named))

    return Change(
        tenant_id=principal.tenant_id,
        principal=principal,
        door=door,
        scope=ById(ids),
        permit=lambda _rows, _view: None,
        decide=decide,
        alone=True,
    )


async def _tell(
    store: Store, principal: Principal, act: Act, claimant_id: UUID, holdings: Sequence[Holding]
) -> Entry:
    ids = [one.appointment_id for one in holdings]
    return await store.audit.write(
        principal.tenant_id,
        act,
        principal.associate_id,
        appointment_id=ids[0] if len(ids) == 1 else 0,
        details={"claimant": str(claimant_id), "appointments": ids},
    )


async def _demand_administrator(store: Store, principal: Principal) -> None:
    directory = await store.directory(principal.tenant_id)
    if not may_administer(principal, directory):
        raise Forbidden(KIND)
