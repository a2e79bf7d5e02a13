"""A SuperOffice request body as an edit of an appointment (PATCH Appointment/{id}, Request Body)."""

from collections.abc import Mapping

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.diary import settle
from appointed.domain.directory import View
from appointed.domain.errors import Forbidden, InvalidAppointment, Problem
from appointed.domain.principal import Principal
from appointed.domain.rights import may_create
from appointed.domain.validity import problems
from appointed.patching.identity import Identities
from appointed.patching.operations import read_operations, touched
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.catalogue import ENTITY
from appointed.superoffice.context import Contexts
from appointed.superoffice.defaults import default_appointment, own_room, type_of, with_task_defaults
from appointed.superoffice.entities import Entity, Work, named
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.habits import MEETING, PLAIN, Habits
from appointed.superoffice.problems import messages
from appointed.superoffice.sent_back import without_repeats
from appointed.superoffice.visible_rows import privacy_settled
from appointed.usecases.change_appointment import Edit, Edited
from appointed.usecases.create_appointment import Draft, NewNames

DICTIONARIES = frozenset({"userdefinedfields", "extrafields", "customfields"})
# Newer than the contract's own page: an entity without them comes from a client that never knew them.
NEWER = frozenset({"ownedexternally"})
COMPUTED = frozenset({"hasconflict", "recurrence"})
JOIN_URL, MEETING_ID = "JoinVideomeetUrl", "CentralserviceVideomeetId"

# Participants can be named by who they are, whatever place in the list they have meanwhile.
IDENTITIES: Mapping[str, Identities] = {
    "participants": {
        "associateid": ("AssociateId", True),
        "personid": ("PersonId", True),
        "emailaddress": ("EmailAddress", False),
    }
}

APPOINTMENT: Entity[Appointment] = Entity(
    ENTITY,
    MEMBERS,
    problems,
    dictionaries=DICTIONARIES,
    computed=COMPUTED,
    newer=NEWER,
    identities=IDENTITIES,
)


def edit_of_patch(body: Json, contexts: Contexts) -> Edit:
    """Read a patch of either kind; its shape tells which.

    Raises InvalidPatch and the other leaves of PatchRejected, now or when the edit runs; the edit also
    raises InvalidAppointment with every member that could not be read.
    """
    return _edit(APPOINTMENT.patch(body), contexts)


def edit_of_entity(body: Json, contexts: Contexts, was: Appointment | None = None) -> Edit:
    """Read a whole entity that takes the place of the one that stands; a member left out counts as null.

    `was` is the row as the sender read it, where it changed since (`sent_back`).

    Raises MissingBody or InvalidPatch; the edit raises InvalidAppointment.
    """
    work = APPOINTMENT.whole(body)
    if was is None:
        return _edit(work, contexts)

    def edit(row: Appointment, view: View) -> Edited:
        said = without_repeats(body, was, row, contexts(row, view))
        return _edit(APPOINTMENT.whole(said), contexts)(row, view)

    return edit


def new_of_entity(body: Json, contexts: Contexts, principal: Principal, habits: Habits = PLAIN) -> Draft:
    """Read an entity, or a part of one, as a new appointment: defaults first, then what the body says.

    What it does not say follows its task and the caller's habits for that type of it.

    Raises MissingBody or InvalidPatch; the draft raises InvalidAppointment.
    """
    given = {name for name, value in named(body).items() if value is not None}
    work = APPOINTMENT.part(body)

    def draft(names: NewNames, view: View) -> Edited:
        row = default_appointment(names, principal, view, habits)
        made, ignored = work(row, contexts(row, view))
        type_ = type_of(made, given, view.directory)
        if type_ != MEETING:
            row = default_appointment(names, principal, view, habits, type_)
            made, ignored = work(row, contexts(row, view))
        if "startdate" in given and "enddate" not in given:
            made = replace(made, ends_at=made.starts_at + habits.of(type_).length)
        if JOIN_URL in ignored:
            # The room is that of the appointment that this one is a copy of: it gets one of its own.
            ignored = (*ignored, MEETING_ID) if made.video_meeting_id else ignored
            made = replace(made, meeting=own_room(names), video_meeting_id="")
        if "visiblefor" not in given:
            made = privacy_settled(made, view.directory)
        return Edited(with_task_defaults(made, given, names, view.directory), ignored)

    return draft


def validate(
    body: Json, contexts: Contexts, principal: Principal, names: NewNames, view: View
) -> dict[str, str]:
    """Say what keeps an entity from being created, by member; empty when nothing does."""
    try:
        made = new_of_entity(body, contexts, principal)(names, view)
    except InvalidAppointment as error:
        return messages(error.problems)
    except Forbidden as error:
        return messages(Problem(path, "known") for path in error.members)
    row = settle(None, made.appointment, view)
    found = list(problems(None, row, view.directory))
    if not may_create(principal, row.owner_id, view.directory):
        found.append(Problem("owner_id", "permitted", row.owner_id))
    return messages(found)


def asks_conflict(body: Json) -> bool:
    """Tell whether a patch looks at what only a search of the diary can tell.

    That is `HasConflict`, and in operations the dates of a `Recurrence`, which name what stands in the way.
    """
    if isinstance(body, list):
        # The root holds them too.
        return not (COMPUTED | {"recurrence", ""}).isdisjoint(touched(read_operations(body)))
    return isinstance(body, dict) and not COMPUTED.isdisjoint(fold(name) for name in body)


def _edit(work: Work[Appointment], contexts: Contexts) -> Edit:
    def edit(row: Appointment, view: View) -> Edited:
        made, ignored = work(row, contexts(row, view))
        if JOIN_URL in ignored and made.video_meeting_id not in ("", row.video_meeting_id):
            # The id of a room that did not come.
            made, ignored = replace(made, video_meeting_id=row.video_meeting_id), (*ignored, MEETING_ID)
        return Edited(made, ignored)

    return edit
