"""One member of a batch: permit, preconditions, decision, and what the store adds to it; pure.

Nothing counts for the members that follow before every check has passed.
"""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.claims import Claim, claims_of, demand_free, free_of
from appointed.domain.directory import Directory, View
from appointed.domain.errors import (
    AppointmentNotFound,
    InvalidAppointment,
    PreconditionFailed,
    Problem,
    TimeHeld,
    invalid,
)
from appointed.domain.revision import advance
from appointed.domain.status import Status
from appointed.domain.wanted import wanted_time
from appointed.store.document import Row, to_row
from appointed.store.overlay import Overlay, Unmet
from appointed.store.plan import Name
from appointed.usecases.ports import ByFamily, ById, ByMany, ByUid, Change, Decision, Rows
from appointed.usecases.presumed import TimeLetGo

# A change of more rows runs by itself: all other members would wait behind it.
MOST_ROWS = 50

Pair = tuple[Row | None, Row | None]


class TooLarge(Exception):
    """The member has too many rows to share a batch."""


class Decided(msgspec.Struct, frozen=True):
    """A decision and the very rows it was made on; it holds as long as they are the same."""

    rows: tuple[Row, ...]
    decision: Decision


class Draft(msgspec.Struct, frozen=True):
    """What a member makes of its rows; `pairs` are the real changes, before and after.

    `held` is what a dry run would be refused for; it tells what it would do all the same.
    """

    rows: tuple[Row, ...]
    deleted: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    ignored: tuple[str, ...]
    directory: Directory
    lost: tuple[int, ...]
    held: TimeHeld | None = None


def decide(change: Change, view: View, overlay: Overlay, done: Decided | None) -> Decided:
    """Ask the member what it wants; `done` is what it wanted when it was asked before.

    Raises whatever refuses it.
    """
    before = _scope(change, overlay)
    if done is not None and len(done.rows) == len(before) and all(map(_is_same, done.rows, before)):
        return done
    rows = tuple(row.appointment for row in before)
    change.permit(rows, view)
    for ref, precondition in change.preconditions:
        precondition.demand(_named(rows, ref))
    try:
        return Decided(before, change.decide(rows, view))
    except InvalidAppointment as error:
        if _is_taken(change, overlay):
            raise invalid([*error.problems, Problem("reference", "unique", change.reference)]) from error
        raise


def _is_taken(change: Change, overlay: Overlay) -> bool:
    if change.reference is None:
        return False
    return overlay.holder((change.tenant_id, "reference", change.reference)) is not None


def demand_small(decided: Decided) -> None:
    """Raise TooLarge when the member should run alone."""
    if len(decided.rows) + len(decided.decision.creations) > MOST_ROWS:
        raise TooLarge


def settle(change: Change, view: View, overlay: Overlay, decided: Decided) -> Draft:
    """Stamp, name and seal what was decided, check names and held time, and let it stand.

    Raises InvalidAppointment, TimeHeld, TimeLetGo; Unmet when facts are missing. A dry run leaves the overlay
    as it was, and gives what it would be refused for in the draft.
    """
    misses = overlay.misses
    ids = _new_ids(change, overlay, decided.decision)
    pairs = _pairs(change, view, overlay, decided, ids)
    names = _names(pairs, overlay)
    first = ids.get(decided.decision.first, decided.decision.first)
    claims, held = _claims(change, pairs, view, overlay, first)
    freed = _let_go(change, decided.decision, claims, overlay) if decided.decision.presumed else ()
    # Of dates that meet each other nobody can say who loses before all is known of who else holds the time.
    if overlay.misses != misses:
        raise Unmet
    if held is not None and not change.dry_run:
        raise held
    if freed:
        raise TimeLetGo(freed)
    if not change.dry_run:
        _keep(change.tenant_id, overlay, pairs, names, claims, len(ids))
    return _draft(decided, pairs, view.directory, first, held)


def _is_same(one: Row, other: Row) -> bool:
    return one is other


def _scope(change: Change, overlay: Overlay) -> tuple[Row, ...]:
    tenant_id, scope = change.tenant_id, change.scope
    if isinstance(scope, ById):
        return tuple(_found(overlay.row((tenant_id, row_id)), row_id) for row_id in scope.ids)
    if isinstance(scope, ByUid):
        return (_found(overlay.row_by_uid((tenant_id, scope.uid)), scope.uid),)
    if isinstance(scope, ByFamily):
        return overlay.family(tenant_id, scope.family_id)
    if isinstance(scope, ByMany):
        rows = [_found(overlay.row((tenant_id, row_id)), row_id) for row_id in scope.ids]
        for family_id in scope.families:
            rows.extend(overlay.family(tenant_id, family_id))
        return tuple({row.appointment.id: row for row in rows}.values())
    return ()


def _found(row: Row | None, ref: object) -> Row:
    if row is None:
        raise AppointmentNotFound(ref)
    return row


def _named(rows: Rows, ref: int | UUID) -> Appointment:
    for row in rows:
        if ref in (row.id, row.uid):
            return row
    raise PreconditionFailed(None)


def _new_ids(change: Change, overlay: Overlay, decision: Decision) -> dict[int, int]:
    wanted = dict.fromkeys(row.id for row in decision.creations)
    rows = (*decision.creations, *decision.replacements)
    wanted |= dict.fromkeys(row.series_id for row in rows if row.series_id < 0)
    if not wanted or change.dry_run:
        return {}
    first = overlay.counters.get(change.tenant_id)
    if first is None:
        overlay.miss(overlay.needs.tenants, change.tenant_id)
        return {}
    return {made: first + place for place, made in enumerate(wanted)}


def _pairs(
    change: Change, view: View, overlay: Overlay, decided: Decided, ids: dict[int, int]
) -> tuple[Pair, ...]:
    before = {row.appointment.id: row for row in decided.rows}
    pairs: list[Pair] = []
    for wanted in decided.decision.replacements:
        old = _own(before, wanted.id)
        new = _named_anew(wanted, ids)
        _demand_tenant(change, new)
        if new != old.appointment:
            new = advance(old.appointment, new, view.now, change.principal.associate_id)
            pairs.append((old, _sealed(change, overlay, old, new)))
    pairs.extend((_own(before, row_id), None) for row_id in decided.decision.deletions)
    for made in decided.decision.creations:
        _demand_tenant(change, made)
        new = _named_anew(replace(made, id=ids.get(made.id, made.id)), ids)
        pairs.append((None, _sealed(change, overlay, None, new)))
    return tuple(pairs)


def _named_anew(row: Appointment, ids: dict[int, int]) -> Appointment:
    mother_id, series_id = ids.get(row.mother_id, row.mother_id), ids.get(row.series_id, row.series_id)
    if (mother_id, series_id) == (row.mother_id, row.series_id):
        return row
    return replace(row, mother_id=mother_id, series_id=series_id)


def _own(before: dict[int, Row], row_id: int) -> Row:
    row = before.pop(row_id, None)
    if row is None:
        raise ValueError(f"a decision named row {row_id} twice, or one outside its scope")
    return row


def _demand_tenant(change: Change, row: Appointment) -> None:
    if row.tenant_id != change.tenant_id:
        raise ValueError("a decision made a row of another tenant")


def _sealed(change: Change, overlay: Overlay, old: Row | None, new: Appointment) -> Row:
    if new.claimant is None or change.dry_run:
        return to_row(new, None)
    if old is not None and old.appointment.claimant == new.claimant:
        return to_row(new, old.claimant)
    return to_row(new, overlay.sealed(new))


def _names(pairs: tuple[Pair, ...], overlay: Overlay) -> dict[Name, int | None]:
    taken: dict[Name, int | None] = {}
    renamed = [(_names_of(before), _names_of(after), after) for before, after in pairs]
    for old, new, _after in renamed:
        taken.update(dict.fromkeys(name for name in old if name not in new))
    problems = []
    for old, new, after in renamed:
        for name in new:
            if after is None or name in old:
                continue
            if (taken[name] if name in taken else overlay.holder(name)) is not None:
                problems.append(Problem(name[1], "unique", name[2]))
            taken[name] = after.appointment.id
    if problems:
        raise InvalidAppointment(tuple(problems))
    return taken


def _names_of(row: Row | None) -> tuple[Name, ...]:
    if row is None:
        return ()
    this = row.appointment
    uid = (this.tenant_id, "uid", this.uid)
    return (uid,) if this.status is Status.CANCELLED else (uid, (this.tenant_id, "reference", this.reference))


def _claims(
    change: Change, pairs: tuple[Pair, ...], view: View, overlay: Overlay, first: int
) -> tuple[dict[int, tuple[Claim, ...]], TimeHeld | None]:
    changed: dict[int, tuple[Claim, ...]] = {}
    released: list[Claim] = []
    for before, after in pairs:
        old, new = _claims_of(before, view.directory), _claims_of(after, view.directory)
        row = after or before
        if old != new and row is not None:
            changed[row.appointment.id] = new
            released.extend(old)
    if not changed:
        # As nearly always: no time is asked for or let go.
        return changed, None
    wanted = tuple(claim for claims in changed.values() for claim in claims)
    _await_askers(change.tenant_id, released, wanted, overlay)
    try:
        demand_free(wanted, [*_rivals(change.tenant_id, wanted, changed, overlay), *wanted])
    except TimeHeld as held:
        rows = [after.appointment for _before, after in pairs if after is not None]
        held.wanted = wanted_time(held, rows, first, view.now)
        held.bookings = _bookings(held, rows)
        return changed, held
    return changed, None


def _bookings(held: TimeHeld, rows: list[Appointment]) -> tuple[UUID, ...]:
    """Name the booking of each row that lost, its own where its master stays as it is."""
    found = {row.id: row for row in rows}
    lost = (found[row_id] for row_id in held.losers)
    return tuple(found.get(row.mother_id, row).uid for row in lost)


def _await_askers(
    tenant_id: int, released: Iterable[Claim], wanted: Iterable[Claim], overlay: Overlay
) -> None:
    """Have the lock of each resource that lets time go, so that nobody presumes it held meanwhile."""
    asked = {claim.resource_id for claim in wanted}
    for claim in {claim.resource_id: claim for claim in released}.values():
        if claim.resource_id not in asked:
            overlay.held(tenant_id, claim)


def _rivals(
    tenant_id: int, wanted: Iterable[Claim], changed: dict[int, tuple[Claim, ...]], overlay: Overlay
) -> list[Claim]:
    """List what other rows hold of wanted resources; noted as needed where it was not fetched."""
    held = {claim.resource_id: overlay.held(tenant_id, claim) for claim in wanted}
    return [rival for claims in held.values() for rival in claims if rival.appointment_id not in changed]


def _let_go(
    change: Change, decision: Decision, claims: dict[int, tuple[Claim, ...]], overlay: Overlay
) -> tuple[Claim, ...]:
    """Give the times that were presumed held and that nobody holds, nor this change itself."""
    own = (claim for wanted in claims.values() for claim in wanted)
    return free_of(decision.presumed, [*_rivals(change.tenant_id, decision.presumed, claims, overlay), *own])


def _claims_of(row: Row | None, directory: Directory) -> tuple[Claim, ...]:
    if row is None:
        return ()
    owner = directory.associates.get(row.appointment.owner_id)
    return claims_of(row.appointment, directory) if owner and owner.is_exclusive else ()


def _keep(
    tenant_id: int,
    overlay: Overlay,
    pairs: tuple[Pair, ...],
    names: dict[Name, int | None],
    claims: dict[int, tuple[Claim, ...]],
    used_ids: int,
) -> None:
    for before, after in pairs:
        row = after or before
        if row is not None:
            overlay.keep_row((tenant_id, row.appointment.id), after)
    if used_ids:
        overlay.keep_ids(tenant_id, used_ids)
    overlay.keep_names(names)
    if claims:
        overlay.keep_claims(tenant_id, claims)


def _draft(
    decided: Decided, pairs: tuple[Pair, ...], directory: Directory, first: int, held: TimeHeld | None
) -> Draft:
    now = {before.appointment.id: after for before, after in pairs if before is not None}
    rows = [now.get(row.appointment.id, row) for row in decided.rows]
    created = [after for before, after in pairs if before is None]
    standing = [row for row in (*rows, *created) if row is not None]
    if first and len(standing) > 1:
        standing.sort(key=lambda row: row.appointment.id != first)
    return Draft(
        rows=tuple(standing),
        deleted=tuple(before for before, after in pairs if before is not None and after is None),
        pairs=pairs,
        ignored=decided.decision.ignored,
        directory=directory,
        lost=decided.decision.lost,
        held=held,
    )
