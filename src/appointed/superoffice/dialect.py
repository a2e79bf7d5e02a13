"""A SuperOffice request body as an edit of an appointment (PATCH Appointment/{id}, Request Body).

An array is a JSON Patch, an object a merge patch; PUT and POST take an entity. All of them work on the
entity as it stands on the wire for this caller: members whose wire value then differs are read back, every
other member keeps what is stored.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.diary import settle
from appointed.domain.directory import View
from appointed.domain.errors import InvalidAppointment, InvalidPatch, MissingBody, ReadOnlyMember, invalid
from appointed.domain.principal import Principal
from appointed.domain.validity import problems
from appointed.patching.merge import operations_of
from appointed.patching.operations import Operation, Shape, apply, equal, read_operations, touched
from appointed.patching.pointer import Tokens, fold
from appointed.superoffice.carriers.custom import over
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.catalogue import member_name, type_at
from appointed.superoffice.compare import same_as, same_member
from appointed.superoffice.context import Context, Contexts
from appointed.superoffice.defaults import LENGTH, default_appointment
from appointed.superoffice.entity import MEMBERS, shown
from appointed.superoffice.members import Member, Sent
from appointed.superoffice.notes import Notes
from appointed.superoffice.problems import messages
from appointed.usecases.change_appointment import Edit, Edited
from appointed.usecases.create_appointment import Draft, NewNames

DICTIONARIES = frozenset({"userdefinedfields", "extrafields", "customfields"})
# Newer than the contract's own page: an entity without them comes from a client that never knew them.
NEWER = frozenset({"OwnedExternally"})
COMPUTED = frozenset({"hasconflict", "recurrence"})

_BY_NAME = {member.name: member for member in MEMBERS}
_FOLDED = tuple((fold(member.name), member) for member in MEMBERS)


def edit_of_patch(body: Json, contexts: Contexts) -> Edit:
    """Read a patch of either kind; its shape tells which.

    Raises InvalidPatch and the other leaves of PatchRejected, now or when the edit runs; the edit also
    raises InvalidAppointment with every member that could not be read.
    """
    if isinstance(body, list):
        return _json_patch(read_operations(body), contexts)
    if isinstance(body, dict):
        return _merge_patch(body, contexts)
    raise InvalidPatch(reason="a patch is an array of operations or an object")


def edit_of_entity(body: Json, contexts: Contexts) -> Edit:
    """Read a whole entity that takes the place of the one that stands; a member left out counts as null.

    Raises MissingBody or InvalidPatch; the edit raises InvalidAppointment.
    """
    given = _entity(body)

    def edit(row: Appointment, view: View) -> Edited:
        ctx = contexts(row, view)
        notes = Notes()
        before, after = _whole(given, row, ctx)
        return _read_back(row, before, after, ctx, notes)

    return edit


def new_of_entity(body: Json, contexts: Contexts, principal: Principal) -> Draft:
    """Read an entity, or a part of one, as a new appointment: defaults first, then what the body says.

    Raises MissingBody or InvalidPatch; the draft raises InvalidAppointment.
    """
    given = {name: value for name, value in _entity(body).items() if value is not None}

    def draft(names: NewNames, view: View) -> Edited:
        row = default_appointment(names, principal, view)
        ctx = contexts(row, view)
        before = {member.name: shown(member, row, ctx) for name, member in _FOLDED if name in given}
        after = {member.name: given[name] for name, member in _FOLDED if name in given}
        edited = _read_back(row, before, _with_subsets(before, after), ctx, Notes())
        if "startdate" in given and "enddate" not in given:
            ends_at = edited.appointment.starts_at + LENGTH
            return Edited(replace(edited.appointment, ends_at=ends_at), edited.ignored)
        return edited

    return draft


def validate(
    body: Json, contexts: Contexts, principal: Principal, names: NewNames, view: View
) -> dict[str, str]:
    """Say what keeps an entity from being created, by member; empty when nothing does."""
    try:
        made = new_of_entity(body, contexts, principal)(names, view)
    except InvalidAppointment as error:
        return messages(error.problems)
    return messages(problems(None, settle(None, made.appointment, view), view.directory))


def asks_conflict(body: Json) -> bool:
    """Tell whether a patch looks at what only a search of the diary can tell (`HasConflict`)."""
    if isinstance(body, list):
        # The root holds them too.
        return not (COMPUTED | {""}).isdisjoint(touched(read_operations(body)))
    return isinstance(body, dict) and not COMPUTED.isdisjoint(fold(name) for name in body)


def _json_patch(operations: tuple[Operation, ...], contexts: Contexts) -> Edit:
    names = touched(operations)
    members, is_whole = _named(names), "" in names

    def edit(row: Appointment, view: View) -> Edited:
        ctx = contexts(row, view)

        def same(tokens: Tokens, actual: Json, expected: Json) -> bool:
            return same_member(tokens, actual, expected, ctx)

        before = {member.name: shown(member, row, ctx) for member in members}
        after = apply(before, operations, same=same, shape_of=_shape, spell=_spell)
        if is_whole:
            before, after = _whole({fold(name): value for name, value in after.items()}, row, ctx)
        return _read_back(row, before, after, ctx, Notes(is_strict=True), operations)

    return edit


def _merge_patch(body: dict[str, Json], contexts: Contexts) -> Edit:
    members = _named({fold(name) for name in body} - {""})

    def edit(row: Appointment, view: View) -> Edited:
        ctx = contexts(row, view)
        before = {member.name: shown(member, row, ctx) for member in members}
        merge = operations_of(body, before, shape_of=_shape, spell=_spell)
        after = apply(before, merge.operations, shape_of=_shape, spell=_spell)
        return _read_back(row, before, after, ctx, Notes())

    return edit


def _named(names: set[str]) -> tuple[Member, ...]:
    # The root names them all.
    return tuple(member for name, member in _FOLDED if name in names or "" in names)


def _shape(tokens: Tokens) -> Shape:
    return Shape.DICTIONARY if len(tokens) == 1 and fold(tokens[0]) in DICTIONARIES else Shape.RECORD


def _spell(at: Tokens, token: str) -> str | None:
    return member_name(type_at(at), token)


def _entity(body: Json) -> dict[str, Json]:
    if body is None:
        raise MissingBody
    if not isinstance(body, dict):
        raise InvalidPatch(reason="an entity is an object")
    return {fold(name): value for name, value in body.items()}


def _whole(given: dict[str, Json], row: Appointment, ctx: Context) -> tuple[dict[str, Json], dict[str, Json]]:
    before: dict[str, Json] = {}
    after: dict[str, Json] = {}
    for name, member in _FOLDED:
        value = given.get(name)
        is_left_out = value is None and (member.read is None or (name not in given and member.name in NEWER))
        if not is_left_out and not (value is None and name in DICTIONARIES):
            before[member.name] = shown(member, row, ctx)
            after[member.name] = value
    return before, _with_subsets(before, after)


def _with_subsets(before: dict[str, Json], after: dict[str, Json]) -> dict[str, Json]:
    """Lay dictionaries over those that stand: an entity names a subset of their keys."""
    return {
        name: over(before[name], value) if fold(name) in DICTIONARIES and isinstance(value, dict) else value
        for name, value in after.items()
    }


def _read_back(
    row: Appointment,
    before: dict[str, Json],
    after: dict[str, Json],
    ctx: Context,
    notes: Notes,
    operations: Iterable[Operation] = (),
) -> Edited:
    edited = row
    for name, stood in before.items():
        value = after[name]
        if equal((), stood, value):
            continue
        member = _BY_NAME[name]
        if member.read is not None:
            edited = member.read(Sent(value, stood, name, ctx, notes, same_as), edited)
        elif _is_other(member, stood, value, ctx, notes.is_strict):
            _leave(member, notes)
    _refuse(notes, operations)
    if notes.problems:
        # All at once: what could not be read, and what is wrong with the rest.
        kept = None if row.id < 0 else row
        raise invalid([*notes.problems, *problems(kept, edited, ctx.directory)])
    return Edited(edited, tuple(notes.ignored))


def _is_other(member: Member, before: Json, after: Json, ctx: Context, is_strict: bool) -> bool:
    if fold(member.name) in COMPUTED and ctx.has_conflict is None:
        # Nobody looked: a JSON Patch may not claim it, an entity sent back is not told that it differs.
        return is_strict
    return not same_as(member.type, before, after, ctx)


def _leave(member: Member, notes: Notes) -> None:
    if member.is_fixed:
        notes.refuse(ReadOnlyMember, member.name)
    else:
        notes.ignore(member.name)


def _refuse(notes: Notes, operations: Iterable[Operation]) -> None:
    for error, member, key in notes.refused:
        # Only a JSON Patch is refused, so there is an operation that did it: the last one on the place.
        culprit = next(one for one in reversed(tuple(operations)) if _concerns(one, member, key))
        if error is ReadOnlyMember:
            raise ReadOnlyMember(culprit.index, culprit.path, members=notes.fixed)
        raise error(culprit.index, culprit.path)


def _concerns(operation: Operation, member: str, key: str | None) -> bool:
    place = (member,) if key is None else (member, key)
    # Above the place, at it, or below it.
    return operation.op != "test" and all(
        fold(token) == fold(name) for token, name in zip(operation.tokens, place, strict=False)
    )
