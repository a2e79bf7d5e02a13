"""An entity that was read before the last change and is sent back: what it only repeats of that reading.

Members that say the same thing move together. In a copy that is older than their last move one of them still
says what it said then; taken at its word it would undo what its sender asked for (ADR 222).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.events import Event, EventKind, replaced
from appointed.domain.revision import advance
from appointed.patching.pointer import fold, parse
from appointed.superoffice.carriers.custom import is_companion
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.compare import same_member
from appointed.superoffice.context import Context, Manner
from appointed.superoffice.entities import named
from appointed.superoffice.entity import BY_NAME
from appointed.superoffice.members import shown
from appointed.superoffice.wiretime import read_open
from appointed.usecases.ports import Store
from appointed.usecases.read_appointment import read_appointment

MOST_EVENTS: Final = 100

Place = tuple[str, ...]

PRIVATE, VISIBLE_FOR, TITLE = ("Private",), ("VisibleFor",), ("Title",)
OWNER, DEPARTMENT = ("Associate",), ("CustomFields", "x_department")
COMPLETED, STATUS = ("Completed",), ("CustomFields", "x_status")
GUESTS, ROOM_URL, ROOM_ID = ("Participants",), ("JoinVideomeetUrl",), ("CentralserviceVideomeetId",)
OF_THE_OWNER = (OWNER, DEPARTMENT)
# What moves with what: who sends the second anew does not mean the first, if that is as it was read.
FOLLOWS: Final[Mapping[Place, tuple[Place, ...]]] = {
    PRIVATE: (VISIBLE_FOR,),
    VISIBLE_FOR: (PRIVATE, *OF_THE_OWNER),
    COMPLETED: (STATUS,),
    STATUS: (COMPLETED,),
    OWNER: (DEPARTMENT,),
    DEPARTMENT: (OWNER,),
    ("AssignedBy",): OF_THE_OWNER,
    ("AssignmentStatus",): OF_THE_OWNER,
    ("InvitedPerson",): OF_THE_OWNER,
    GUESTS: OF_THE_OWNER,
    TITLE: (("Description",),),
    ("Location",): (GUESTS,),
    ROOM_URL: (ROOM_ID,),
    ROOM_ID: (ROOM_URL,),
}
NULL_SAYS: Final[Mapping[Place, Json]] = {PRIVATE: "Public", COMPLETED: "NotStarted"}
RULE, DATES, OF_THE_SERVER = "Recurrence", "dates", frozenset({"dates", "recurrenceid"})
CURRENT: Final = "CustomFields"
DEPRECATED: Final = ("UserDefinedFields", "ExtraFields")

# The members of an appointment that these places show.
FACTS: Final = (
    "privacy",
    "visible_for",
    "status",
    "owner_id",
    "department_id",
    "assigned_by",
    "assignment_status",
    "invited_person_id",
    "participants",
    "title",
    "description",
    "location",
    "video_url",
    "video_meeting_id",
    "custom_fields",
    "extra_fields",
    "series",
    "series_id",
    "starts_at",
)
_TYPES: Final[Mapping[str, Any]] = {one.name: one.type for one in msgspec.structs.fields(Appointment)}


async def as_it_was_read(
    store: Store, document: dict[str, Json], manner: Manner, number: int
) -> Appointment | None:
    """Give an appointment as it stood when its entity was read, in the members that move together.

    The entity's `UpdatedDate` tells when. None when nothing changed since, or nobody knows.
    """
    sent = next((value for name, value in document.items() if fold(name) == "updateddate"), None)
    if not isinstance(sent, str):
        return None
    reading, _access = await read_appointment(store, manner.principal, number, is_shown=False)
    row = reading.row
    try:
        updated_at = read_open(sent, manner.style(reading.directory))
    except ValueError:
        return None
    if updated_at == row.updated_at:
        return None
    events = await store.history(row.tenant_id, row.id, MOST_EVENTS)
    return rewound(row, [one for one in events if one.revision <= row.revision], updated_at)


def rewound(row: Appointment, events: Sequence[Event], updated_at: datetime | None) -> Appointment | None:
    """Give a row as it stood at one of its whole seconds, by its latest events, oldest first.

    A claimant that changed since stands sealed in the events: the row is given without.
    """
    seconds = list(_seconds(row, events))
    if updated_at not in seconds or seconds[-1] != row.updated_at:
        return None
    since = events[len(seconds) - seconds[::-1].index(updated_at) :]
    document = {name: msgspec.to_builtins(getattr(row, name)) for name in FACTS}
    is_other = False
    for step in (step for event in reversed(since) for step in event.inverse):
        (name, *_place) = parse(step["path"])
        if name in document:
            document = replaced(document, step["path"], step["value"])
        is_other = is_other or name == "claimant"
    facts = {name: msgspec.convert(document[name], _TYPES[name]) for name in FACTS}
    return replace(row, **facts, claimant=None if is_other else row.claimant)


def _seconds(row: Appointment, events: Sequence[Event]) -> Iterator[datetime | None]:
    """Tell which second each event's revision got."""
    stamped = replace(row, updated_at=None)
    for event in events:
        if event.kind is not EventKind.CREATED:
            stamped = advance(stamped, stamped, event.at, event.by)
        yield stamped.updated_at


def without_repeats(body: Json, was: Appointment, row: Appointment, ctx: Context) -> dict[str, Json]:
    """Give an entity that was read as `was` with what stands now wherever it repeats what a change moved."""
    sent = _SentBack(named(body), was, ctx)
    given = dict(sent.given)
    stale = [*_followers(sent), *_twins(sent)]
    if was.claimant is None and row.claimant is not None:
        stale += _of_the_claimant(sent, row)
    keys = {(fold(name), fold(key[0])) for name, *key in stale if key}
    for name in (fold(name) for name in (CURRENT, *DEPRECATED)):
        if isinstance(given.get(name), dict):
            given[name] = {key: text for key, text in given[name].items() if (name, fold(key)) not in keys}
    for name in (fold(place[0]) for place in stale if len(place) == 1):
        given[name] = shown(BY_NAME[name], row, ctx)
    if _is_new_rule_with_former_dates(sent, ctx):
        given[fold(RULE)] = {
            name: shown(BY_NAME[fold(RULE)], row, ctx)["Dates"] if fold(name) == DATES else value
            for name, value in given[fold(RULE)].items()
        }
    return given


class _SentBack:
    """What a sender changed since they read, and what they left as it was."""

    def __init__(self, given: dict[str, Json], was: Appointment, ctx: Context) -> None:
        self.given = given
        self.was = was
        self._ctx = ctx
        # By folded names, keys included: a dictionary may have hundreds.
        self._said: dict[str, Json] = {}
        self._stood: dict[str, Json] = {}

    def changes(self, place: Place) -> bool:
        """Tell whether the entity says something else there than what was read."""
        return self._speaks(place) and not self._is_as_read(place, self._at(place))

    def repeats(self, place: Place) -> bool:
        """Tell whether the entity says there what was read."""
        return self._speaks(place) and self._is_as_read(place, self._at(place))

    def repeats_all_but_the_last(self, place: Place) -> bool:
        """Tell whether the list there has what was read, and one more behind."""
        value = self._at(place)
        return isinstance(value, list) and bool(value) and self._is_as_read(place, value[:-1])

    def _speaks(self, place: Place) -> bool:
        # A key that is left out says nothing, a member that is left out is null.
        return len(place) == 1 or self._at(place) is not None

    def _is_as_read(self, place: Place, value: Json) -> bool:
        name = fold(place[0])
        if name not in self._stood:
            self._stood[name] = _folded(shown(BY_NAME[name], self.was, self._ctx), place)
        said = NULL_SAYS.get(place) if value is None else value
        return same_member(place, _in(self._stood[name], place), said, self._ctx)

    def _at(self, place: Place) -> Json:
        name = fold(place[0])
        if name not in self._said:
            self._said[name] = _folded(self.given.get(name), place)
        return _in(self._said[name], place)


def _folded(value: Json, place: Place) -> Json:
    is_keyed = place[0] in (CURRENT, *DEPRECATED) and isinstance(value, dict)
    return {fold(key): one for key, one in value.items()} if is_keyed else value


def _in(value: Json, place: Place) -> Json:
    if len(place) == 1:
        return value
    return value.get(fold(place[1])) if isinstance(value, dict) else None


def _followers(sent: _SentBack) -> Iterator[Place]:
    for place, leaders in FOLLOWS.items():
        is_own = place == TITLE and sent.was.title is not None
        if not is_own and sent.repeats(place) and any(sent.changes(leader) for leader in leaders):
            yield place


def _is_new_rule_with_former_dates(sent: _SentBack, ctx: Context) -> bool:
    """Tell whether the rule of a series was changed, and its dates are those of the one that was read."""
    said = sent.given.get(fold(RULE))
    if not isinstance(said, dict):
        return False
    stood = {fold(name): value for name, value in shown(BY_NAME[fold(RULE)], sent.was, ctx).items()}
    rule = {fold(name): value for name, value in said.items()}
    dates = rule[DATES] if isinstance(rule.get(DATES), list) else []
    days = [
        {fold(name): day for name, day in one.items()}.get("date") for one in dates if isinstance(one, dict)
    ]
    was = [one["Date"] for one in stood[DATES]]
    place = (RULE, "Dates", "0", "Date")
    if len(days) != len(was) or not all(
        same_member(place, one, other, ctx) for one, other in zip(was, days, strict=True)
    ):
        return False
    return any(
        not same_member((RULE, name), value, rule[name], ctx)
        for name, value in stood.items()
        if name not in OF_THE_SERVER and rule.get(name) is not None
    )


def _of_the_claimant(sent: _SentBack, row: Appointment) -> Iterator[Place]:
    """Name what shows a claimant who changed since: what it showed before nobody knows."""
    if sent.was.title is None and row.title is None:
        yield TITLE
    if sent.repeats_all_but_the_last(GUESTS):
        yield GUESTS


def _twins(sent: _SentBack) -> Iterator[Place]:
    """Name the keys of dictionaries whose twin was changed, and what only explains another."""
    for name in (*DEPRECATED, CURRENT):
        value = sent.given.get(fold(name))
        for key in value if isinstance(value, dict) else ():
            others = DEPRECATED if name == CURRENT else (CURRENT,)
            is_led = is_companion(fold(key)) or any(sent.changes((other, key)) for other in others)
            if is_led and sent.repeats((name, key)):
                yield (name, key)
