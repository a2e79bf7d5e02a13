"""Change several appointments in one atomic change: two that clash alone can trade places."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.claims import Claim
from appointed.domain.directory import View
from appointed.domain.errors import (
    AppointedError,
    AppointmentNotFound,
    InvalidAppointment,
    InvalidRequest,
    Problem,
    StoreBusy,
    TimeHeld,
)
from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.domain.series import Reach
from appointed.usecases.change_appointment import TRIES, Call, Edit, edit_of, family_for, named, permit
from appointed.usecases.family import MOST_ROWS, ConcernsOthers, Family, taken_from
from appointed.usecases.held_time import explain
from appointed.usecases.ports import ByMany, ByUid, Change, Decision, Outcome, Permit, Rows, Store
from appointed.usecases.presumed import TimeLetGo
from appointed.usecases.trail import note_answered

MOST_ITEMS = 100
# New rows of each item get names of their own; an item makes fewer than that.
ITEM_IDS = 10_000_000


class Part(msgspec.Struct, frozen=True):
    """What an item does that is no edit of one row: who may, and the decision, once its family is known."""

    permit: Permit
    decide: Callable[[Family | None], Callable[[Rows, View], Decision]]


class Item(msgspec.Struct, frozen=True):
    """One appointment's part of a change of several; `reach` says how far in its series it goes."""

    ref: int | UUID
    edit: Edit | Part
    precondition: Precondition = NO_PRECONDITION
    reach: Reach = Reach.THIS


class _Concern(Exception):
    """Some items must see the rows of whole families; nothing was written."""

    def __init__(self, others: list[ConcernsOthers]) -> None:
        super().__init__(len(others))
        self.others = others


async def change_many(store: Store, call: Call, items: Sequence[Item]) -> tuple[Outcome, tuple[int, ...]]:
    """Run every item's edit, in order, on what the items before it left; all of them stand, or none.

    Gives the outcome, whose `ignored` names begin with the item's number and a colon, and the items' ids.
    An error's `item` says which one failed, as far as one did. Raises what `change_appointment` does, and
    InvalidRequest for no items, too many, or one that is named twice.
    """
    ids = await _resolved(store, call, items)
    if len(set(ids)) < len(ids):
        raise InvalidRequest("an appointment is named twice")
    families = [family_for(replace(call, reach=item.reach)) for item in items]
    change = _change(call, items, ids, families)
    for _try in range(TRIES):
        try:
            outcome = await store.change(change)
            if call.is_shown:
                unchanged = set(ids) - (outcome.changed_ids if outcome.pairs is None else frozenset())
                told = [row for row in outcome.rows if row.id in unchanged]
                note_answered(store, call.principal, outcome, told)
            return outcome, ids
        except _Concern as concern:
            change = _widened(change, ids, concern.others)
        except TimeHeld as held:
            if call.is_strict or not _declines(families, held):
                raise await explain(store, call.principal, held) from None
        except TimeLetGo as freed:
            _ask_again(families, freed)
        except AppointmentNotFound as error:
            raise _of_item(error, items, ids) from None
    raise StoreBusy


async def _resolved(store: Store, call: Call, items: Sequence[Item]) -> tuple[int, ...]:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidRequest(f"1 to {MOST_ITEMS} items can be sent together")
    ids: list[int] = []
    for place, item in enumerate(items):
        if isinstance(item.ref, int):
            ids.append(item.ref)
            continue
        try:
            ids.append((await store.read(call.principal.tenant_id, ByUid(item.ref))).row.id)
        except AppointmentNotFound as error:
            error.item = place
            raise
    return tuple(ids)


def _change(
    call: Call, items: Sequence[Item], ids: tuple[int, ...], families: Sequence[Family | None]
) -> Change:
    def check(rows: Rows, view: View) -> None:
        def check_one(place: int) -> None:
            row = named(rows, items[place].ref)
            _permit(call, items[place])(rows, view)
            items[place].precondition.demand(row)

        _each(len(items), check_one)

    def decide(rows: Rows, view: View) -> Decision:
        work = _Work(rows)

        def decide_one(place: int) -> None:
            work.run(place, replace(call, reach=items[place].reach), items[place], families[place], view)

        _each(len(items), decide_one)
        return work.decision()

    return Change(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        scope=ByMany(ids),
        permit=check,
        decide=decide,
        dry_run=call.dry_run,
        wants_conflicts=call.wants_conflicts,
        idempotency=call.idempotency,
        mail=call.mail,
    )


def _permit(call: Call, item: Item) -> Permit:
    return item.edit.permit if isinstance(item.edit, Part) else permit(call, item.ref)


def _decision(call: Call, item: Item, family: Family | None) -> Callable[[Rows, View], Decision]:
    if isinstance(item.edit, Part):
        return item.edit.decide(family)
    return edit_of(call, item.ref, item.edit, family)


def _each(count: int, run: Callable[[int], None]) -> None:
    for place in range(count):
        try:
            run(place)
        except AppointedError as error:
            error.item = place
            raise


class _Work:
    """The rows as the items leave them, one after another."""

    def __init__(self, rows: Rows) -> None:
        self._before = {row.id: row for row in rows}
        self._rows = dict(self._before)
        self._ignored: list[str] = []
        self._lost: list[int] = []
        self._presumed: list[Claim] = []
        self._others: list[ConcernsOthers] = []

    def run(self, place: int, call: Call, item: Item, family: Family | None, view: View) -> None:
        """Let one item do its part."""
        row = named(tuple(self._rows.values()), item.ref)
        loaded = family.loaded if family else 0
        near = tuple(one for one in self._rows.values() if _belongs(one, loaded)) if loaded else (row,)
        try:
            decision = _decision(call, item, family)(near, view)
        except ConcernsOthers as others:
            # All of them are asked first, so that the rows are fetched once.
            self._others.append(others)
            return
        for made in _renamed((*decision.replacements, *decision.creations), place):
            self._rows[made.id] = made
        for gone in decision.deletions:
            del self._rows[gone]
        self._ignored.extend(f"{place}:{name}" for name in decision.ignored)
        self._lost.extend(decision.lost)
        self._presumed.extend(decision.presumed)

    def decision(self) -> Decision:
        """Give what all items did together."""
        if self._others:
            raise _Concern(self._others)
        made = Decision(
            replacements=tuple(
                row for key, row in self._rows.items() if key > 0 and row is not self._before[key]
            ),
            creations=tuple(row for key, row in self._rows.items() if key < 0),
            deletions=tuple(key for key in self._before if key not in self._rows),
            ignored=tuple(self._ignored),
            lost=tuple(self._lost),
            presumed=tuple(self._presumed),
        )
        size = len(made.replacements) + len(made.creations) + len(made.deletions)
        if size > MOST_ROWS:
            raise InvalidAppointment((Problem("series", "most", size, MOST_ROWS),))
        return made


def _belongs(row: Appointment, family_id: int) -> bool:
    return family_id in (row.id, row.mother_id, row.series_id)


def _renamed(rows: Iterable[Appointment], place: int) -> Iterable[Appointment]:
    # Names that an item before has made are past the first range already.
    def new(number: int) -> int:
        return number - (place + 1) * ITEM_IDS if -ITEM_IDS < number < 0 else number

    for row in rows:
        yield replace(row, id=new(row.id), mother_id=new(row.mother_id), series_id=new(row.series_id))


def _widened(change: Change, ids: tuple[int, ...], others: list[ConcernsOthers]) -> Change:
    # Each other says all that its item needs; what was asked before is asked again.
    known = change.scope.families if isinstance(change.scope, ByMany) else ()
    widened = [other.widen(change) for other in others]
    families = dict.fromkeys((*known, *(other.family_id for other in others if other.family_id)))
    alone = change.alone or any(one.alone for one in widened)
    return replace(change, scope=ByMany(ids, tuple(families)), alone=alone)


def _declines(families: Sequence[Family | None], held: TimeHeld) -> bool:
    """Note what is taken, if all of it was asked of guests, who may decline."""
    taken = taken_from(held)
    known = [family for family in families if family is not None]
    asked = {pair for family in known for pair in family.asked}
    busy = {pair for family in known for pair in family.busy}
    if not taken or not taken <= asked or taken <= busy:
        return False
    for family in known:
        family.busy |= taken & family.asked
    return True


def _ask_again(families: Sequence[Family | None], freed: TimeLetGo) -> None:
    """Note what is not taken any more."""
    for family in [family for family in families if family is not None]:
        family.asks_again(freed)


def _of_item(error: AppointmentNotFound, items: Sequence[Item], ids: tuple[int, ...]) -> AppointmentNotFound:
    """Word a row that went away meanwhile as its caller named it."""
    if error.item is None and error.ref in ids:
        place = ids.index(error.ref)
        error = AppointmentNotFound(items[place].ref)
        error.item = place
    return error
