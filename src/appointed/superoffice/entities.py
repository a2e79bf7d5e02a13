"""What a request body makes of an entity, whatever it describes (PATCH Appointment/{id}, Request Body).

An array is a JSON Patch, an object a merge patch; PUT and POST take an entity. All of them work on the
entity as it stands on the wire for this caller: members whose wire value then differs are read back, every
other member keeps what is stored.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, NamedTuple, TypedDict, TypeVar

from appointed.domain.directory import Directory
from appointed.domain.errors import InvalidPatch, MissingBody, Problem, ReadOnlyMember, invalid
from appointed.patching.identity import NONE, Identities, IdentitiesOf
from appointed.patching.merge import operations_of
from appointed.patching.operations import (
    Operation,
    Shape,
    ShapeOf,
    Spell,
    apply,
    equal,
    read_operations,
    touched,
)
from appointed.patching.pointer import Tokens, fold, write
from appointed.superoffice.carriers.custom import over
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.catalogue import member_name, type_at, unknown_parts
from appointed.superoffice.compare import same_as, same_member
from appointed.superoffice.context import Context
from appointed.superoffice.members import Member, Sent, note_stale, shown
from appointed.superoffice.notes import Notes
from appointed.superoffice.references import BY_CARRIER

Row = TypeVar("Row")
NO_NAMES: frozenset[str] = frozenset()
NO_IDENTITIES: Mapping[str, Identities] = {}


class Made(NamedTuple, Generic[Row]):
    """What a body made of a row, and which members it was ignored in, as written."""

    row: Row
    ignored: tuple[str, ...]


class Rules(TypedDict):
    """How patches find their way in an entity."""

    shape_of: ShapeOf
    spell: Spell
    identities_of: IdentitiesOf


Work = Callable[[Row, Context], Made[Row]]


class Entity(Generic[Row]):
    """One kind of entity.

    `carrier` is its name in the catalogue. `problems` lists what is wrong with a row as a whole, beside the
    one that stands (None for a new one). `dictionaries` hold a subset of their keys, `computed` members are
    known only when somebody looked, `newer` ones may be left out of a whole entity; all three in lower case.
    What an entity `names_unknown` has no place for is ignored and named.
    `identities` say by which members the elements of an array can be named in a patch, by the array's name.
    """

    def __init__(
        self,
        carrier: str,
        members: tuple[Member[Row], ...],
        problems: Callable[[Row | None, Row, Directory], tuple[Problem, ...]],
        *,
        dictionaries: frozenset[str] = NO_NAMES,
        computed: frozenset[str] = NO_NAMES,
        newer: frozenset[str] = NO_NAMES,
        identities: Mapping[str, Identities] = NO_IDENTITIES,
        names_unknown: bool = False,
    ) -> None:
        self.carrier = carrier
        self.members = members
        self.computed = computed
        self._problems = problems
        self._dictionaries = dictionaries
        self._newer = newer
        self._identities = identities
        self._names_unknown = names_unknown
        self._rules = Rules(shape_of=self._shape, spell=self._spell, identities_of=self._named_by)
        self._by_name = {member.name: member for member in members}
        in_turn = sorted(members, key=lambda member: not member.is_first)
        self._folded = tuple((fold(member.name), member) for member in in_turn)
        self._late = tuple((one.name, one.is_last) for one in members if one.is_last is not None)
        self._places = {name: place for place, (name, _member) in enumerate(self._folded)}

    def patch(self, body: Json) -> Work[Row]:
        """Read a patch of either kind; its shape tells which.

        Raises InvalidPatch and the other leaves of PatchRejected, now or when the work is done; that also
        raises InvalidAppointment with every member that could not be read.
        """
        if isinstance(body, list):
            return self._json_patch(read_operations(body))
        if isinstance(body, dict):
            return self._merge_patch(body)
        raise InvalidPatch(reason="a patch is an array of operations or an object")

    def whole(self, body: Json) -> Work[Row]:
        """Read an entity that takes the place of the one that stands; a member left out counts as null.

        Raises MissingBody or InvalidPatch; the work raises InvalidAppointment.
        """
        given = named(body)

        def work(row: Row, ctx: Context) -> Made[Row]:
            before, after = self._whole(given, row, ctx)
            return self._read_back(row, row, before, after, ctx, self._notes(body))

        return work

    def part(self, body: Json) -> Work[Row]:
        """Read an entity, or a part of one, as what a new row shall be beside its defaults.

        Raises MissingBody or InvalidPatch; the work raises InvalidAppointment.
        """
        given = {name: value for name, value in named(body).items() if value is not None}

        def work(row: Row, ctx: Context) -> Made[Row]:
            asked = [(name, member) for name, member in self._folded if name in given]
            before = {member.name: shown(member, row, ctx) for _name, member in asked}
            after = {member.name: given[name] for name, member in asked}
            after = self._with_subsets(before, after)
            return self._read_back(None, row, before, after, ctx, self._notes(body))

        return work

    def _json_patch(self, operations: tuple[Operation, ...]) -> Work[Row]:
        names = touched(operations)
        members, is_whole = self._named(names), "" in names

        def work(row: Row, ctx: Context) -> Made[Row]:
            def same(tokens: Tokens, actual: Json, expected: Json) -> bool:
                return same_member(tokens, actual, expected, ctx, self.carrier)

            before = {member.name: shown(member, row, ctx) for member in members}
            after = apply(
                before,
                operations,
                same=same,
                shape_of=self._shape,
                spell=self._spell,
                identities_of=self._named_by,
            )
            if is_whole:
                before, after = self._whole({fold(name): value for name, value in after.items()}, row, ctx)
            return self._read_back(row, row, before, after, ctx, self._strict_notes(operations), operations)

        return work

    def _merge_patch(self, body: dict[str, Json]) -> Work[Row]:
        members = self._named({fold(name) for name in body} - {""})

        def work(row: Row, ctx: Context) -> Made[Row]:
            before = {member.name: shown(member, row, ctx) for member in members}
            merge = operations_of(body, before, **self._rules)
            after = apply(
                before,
                merge.operations,
                shape_of=self._shape,
                spell=self._spell,
                identities_of=self._named_by,
            )
            return self._read_back(row, row, before, after, ctx, self._notes(body))

        return work

    def _notes(self, body: dict[str, Json]) -> Notes:
        """Begin the notes of a lenient body with what of it has no place here, as far as it says anything."""
        notes = Notes()
        if self._names_unknown:
            notes.miss(unknown_parts(self.carrier, body))
        return notes

    def _strict_notes(self, operations: tuple[Operation, ...]) -> Notes:
        """Begin the notes of a JSON Patch: unknown places are refused, unknown parts of values are named."""
        notes = Notes(is_strict=True)
        if self._names_unknown:
            notes.miss(
                name
                for one in operations
                if one.op != "test"
                for name in unknown_parts(type_at(one.tokens, self.carrier), one.value, ".".join(one.tokens))
            )
        return notes

    def _named(self, names: set[str]) -> tuple[Member[Row], ...]:
        # The root names them all.
        asked = self._places if "" in names else names & self._places.keys()
        return tuple(self._folded[place][1] for place in sorted(self._places[name] for name in asked))

    def _shape(self, tokens: Tokens) -> Shape:
        is_dictionary = len(tokens) == 1 and fold(tokens[0]) in self._dictionaries
        return Shape.DICTIONARY if is_dictionary else Shape.RECORD

    def _named_by(self, tokens: Tokens) -> Identities:
        return self._identities.get(fold(tokens[0]), NONE) if len(tokens) == 1 else NONE

    def _spell(self, at: Tokens, token: str) -> str | None:
        return member_name(type_at(at, self.carrier), token)

    def _whole(
        self, given: dict[str, Json], row: Row, ctx: Context
    ) -> tuple[dict[str, Json], dict[str, Json]]:
        before: dict[str, Json] = {}
        after: dict[str, Json] = {}
        for name, member in self._folded:
            value = given.get(name)
            is_newer = name not in given and name in self._newer
            is_left_out = value is None and (member.read is None or is_newer)
            if not is_left_out and not (value is None and name in self._dictionaries):
                before[member.name] = shown(member, row, ctx)
                after[member.name] = value
        return before, self._with_subsets(before, after)

    def _with_subsets(self, before: dict[str, Json], after: dict[str, Json]) -> dict[str, Json]:
        """Lay dictionaries over those that stand: an entity names a subset of their keys."""
        return {
            name: over(before[name], value)
            if fold(name) in self._dictionaries and isinstance(value, dict)
            else value
            for name, value in after.items()
        }

    def _read_back(
        self,
        stands: Row | None,
        row: Row,
        before: dict[str, Json],
        after: dict[str, Json],
        ctx: Context,
        notes: Notes,
        operations: Iterable[Operation] = (),
    ) -> Made[Row]:
        edited = row
        left: list[tuple[Member[Row], Json]] = []
        for name, stood in self._in_turn(before, row).items():
            value = after[name]
            if equal((), stood, value):
                continue
            member = self._by_name[name]
            if member.read is not None:
                edited = member.read(Sent(value, stood, name, ctx, notes, same_as), edited)
            elif not self._is_other(member, stood, value, ctx, notes.is_strict):
                if member.type in BY_CARRIER:
                    note_stale(BY_CARRIER[member.type], Sent(value, stood, name, ctx, notes, same_as))
            elif member.is_fixed:
                notes.refuse(ReadOnlyMember, member.name)
            else:
                notes.ignore(member.name)
                left.append((member, value))
        _refuse(notes, operations)
        if notes.problems:
            # All at once: what could not be read, and what is wrong with the rest.
            raise invalid([*notes.problems, *self._problems(stands, edited, ctx.directory)])
        if left and not self._problems(stands, edited, ctx.directory):
            _name_what_is_lost(left, edited, ctx, notes)
        return Made(edited, tuple(notes.ignored))

    def _in_turn(self, before: dict[str, Json], row: Row) -> dict[str, Json]:
        for last, is_last in self._late:
            if last in before and is_last(row):
                rest = {name: stood for name, stood in before.items() if name != last}
                before = rest | {last: before[last]}
        return before

    def _is_other(
        self, member: Member[Row], before: Json, after: Json, ctx: Context, is_strict: bool
    ) -> bool:
        if fold(member.name) in self.computed and ctx.has_conflict is None:
            # Nobody looked: a JSON Patch may not claim it, an entity sent back is not told that it differs.
            return is_strict
        return not same_as(member.type, before, after, ctx)


def _name_what_is_lost(left: list[tuple[Member[Row], Json]], row: Row, ctx: Context, notes: Notes) -> None:
    for member, value in left:
        # What follows from the rest may be sent as it will stand: nothing is lost then.
        if same_as(member.type, shown(member, row, ctx), value, ctx):
            notes.ignored.remove(member.name)


def named(body: Json) -> dict[str, Json]:
    """Give the members of an entity in lower case; raises MissingBody, or InvalidPatch when it is none."""
    if body is None:
        raise MissingBody
    if not isinstance(body, dict):
        raise InvalidPatch(reason="an entity is an object")
    return {fold(name): value for name, value in body.items()}


def _refuse(notes: Notes, operations: Iterable[Operation]) -> None:
    for error, member, key in notes.refused:
        # Only a JSON Patch is refused, so there is an operation that did it: the last one on the place.
        culprit = next(one for one in reversed(tuple(operations)) if _concerns(one, member, key))
        if error is ReadOnlyMember:
            raise ReadOnlyMember(culprit.index, culprit.path, members=notes.fixed)
        # Whoever set a whole dictionary is told which of its keys is meant.
        raise error(culprit.index, culprit.path + write(_place(member, key)[len(culprit.tokens) :]))


def _place(member: str, key: str | None) -> Tokens:
    return (member,) if key is None else (member, key)


def _concerns(operation: Operation, member: str, key: str | None) -> bool:
    place = _place(member, key)
    # Above the place, at it, or below it.
    return operation.op != "test" and all(
        fold(token) == fold(name) for token, name in zip(operation.tokens, place, strict=False)
    )
