"""The columns of an appointment itself (Archive providers, FindAppointment)."""

from typing import Any

from appointed.domain.appointment import (
    Appointment,
    Kind,
    Privacy,
    Visibility,
)
from appointed.domain.directory import Task
from appointed.domain.participant import InvitationStatus
from appointed.domain.status import COMPLETION, Completion, Status
from appointed.superoffice.archive.columns import (
    Column,
    ValueOf,
    all_of,
    among,
    among_ids,
    any_of,
    chosen,
    column,
    fixed,
    ranked,
    stored,
)
from appointed.superoffice.archive.literals import local_day
from appointed.superoffice.archive.meaning import ALWAYS, NEVER, Asked, Meaning
from appointed.superoffice.archive.record_columns import full_name_of, login_of
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.choices import CAUTIONS, KINDS
from appointed.superoffice.durations import write_minutes
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.row_status import ASSIGNED, INVITED, PROGRESS, status_number
from appointed.superoffice.video_part import join_url
from appointed.superoffice.wiretime import write_wall
from appointed.usecases.query import Node, Not, Operator, Order, Test
from appointed.usecases.query_fields import field

COMPLETED = {status: COMPLETION[status] is Completion.COMPLETED for status in Status}
KIND_NUMBERS = {kind: ENUMS["AppointmentType"].numbers[name] for kind, name in KINDS.items()}
CAUTION_NUMBERS = {one: ENUMS["AppointmentCautionWarning"].numbers[name] for one, name in CAUTIONS.items()}
PRIVACY_NUMBERS = {Privacy.PUBLIC: 0, Privacy.OWNER: 1, Privacy.GROUP: 2}

_JOIN_URL = join_url()

# An invitation that is neither accepted nor turned into a row of one's own.
TENTATIVE = tuple(INVITED)
GONE = (InvitationStatus.HIDDEN, InvitationStatus.DECLINED, InvitationStatus.CANCELLED)
TEXT = field("text")
DIARY_KINDS = (Kind.DIARY, Kind.BOOKING_FOR_DIARY)

# A task's type → what such a record is called, and its icon.
RECORD_TYPES = {"Phone": ("Phone", "Phone"), "ToDo": ("Todo", "Task"), "Document": ("Document", "Document")}
APPOINTMENT = ("Appointment", "Appointment")
OF_KIND = {
    kind: "ToDo"
    if kind in (Kind.CHECKLIST, Kind.BOOKING_FOR_CHECKLIST)
    else "Document"
    if kind is Kind.DOCUMENT
    else "Appointment"
    for kind in Kind
}


def _task(row: Appointment, asked: Asked) -> Task | None:
    return asked.directory.tasks.get(row.task_id)


def _task_type(row: Appointment, asked: Asked) -> str:
    task = _task(row, asked)
    return task.type if task else OF_KIND[row.kind]


def _record_type(row: Appointment, asked: Asked) -> str:
    return RECORD_TYPES.get(_task_type(row, asked), APPOINTMENT)[0]


def _icon(row: Appointment, asked: Asked) -> str:
    return RECORD_TYPES.get(_task_type(row, asked), APPOINTMENT)[1]


def _type_number(row: Appointment, asked: Asked) -> int:
    return ENUMS["TaskType"].numbers.get(_task_type(row, asked), 0)


def _by_type(read: ValueOf) -> tuple[Any, Any]:
    """Ask for something of the task's type; a row without a task goes by its kind."""

    def where(meaning: Meaning, asked: Asked) -> Node:
        types = {task.type for task in asked.directory.tasks.values()} | set(OF_KIND.values())
        values = {name: read(name, asked) for name in types}
        tasks = asked.directory.tasks
        known = Test("task_id", Operator.IN, tuple(tasks))
        matched = tuple(key for key, task in tasks.items() if meaning.holds(values[task.type]))
        kinds = {kind: values[name] for kind, name in OF_KIND.items()}
        by_task: Node = Test("task_id", Operator.IN, matched) if matched else NEVER
        return any_of((by_task, all_of((Not(known), among("kind", kinds, meaning)))))

    def order(asked: Asked) -> tuple[Order, ...]:
        values = ((key, read(task.type, asked)) for key, task in asked.directory.tasks.items())
        return (Order(field="task_id", ranks=ranked(values)),)

    return where, order


def _typed(name: str, type_name: str, title: str, read: ValueOf, **more: Any) -> Column:
    where, order = _by_type(read)
    return column(
        name,
        type_name,
        title,
        lambda row, asked: read(_task_type(row, asked), asked),
        where=where,
        order=order,
        **more,
    )


def _where_status(meaning: Meaning, _asked: Asked) -> Node:
    def matched(field: str, values: dict[Any, int]) -> Node:
        words = tuple(word for word, number in values.items() if meaning.holds(number))
        return Test(field, Operator.IN, words) if words else NEVER

    unassigned = Test("assignment_status", Operator.NOT_IN, tuple(ASSIGNED))
    uninvited = Test("invitation_status", Operator.NOT_IN, tuple(INVITED))
    return any_of(
        (
            matched("assignment_status", ASSIGNED),
            all_of((unassigned, matched("invitation_status", INVITED))),
            all_of((unassigned, uninvited, among("status", PROGRESS, meaning))),
        )
    )


def _order_status(_asked: Asked) -> tuple[Order, ...]:
    return (
        Order(field="assignment_status", ranks=ranked(ASSIGNED.items())),
        Order(field="invitation_status", ranks=ranked(INVITED.items())),
        Order(field="status", ranks=ranked(PROGRESS.items())),
    )


def _in_diary(row: Appointment, _asked: Asked) -> bool:
    return row.kind in DIARY_KINDS and row.invitation_status not in GONE


def _where_in_diary(meaning: Meaning, _asked: Asked) -> Node:
    seen = all_of(
        (
            Test("kind", Operator.IN, DIARY_KINDS),
            Test("invitation_status", Operator.NOT_IN, GONE),
        )
    )
    return any_of((seen if meaning.holds(True) else NEVER, Not(seen) if meaning.holds(False) else NEVER))


def _order_in_diary(_asked: Asked) -> tuple[Order, ...]:
    # Both must be so: such rows come last of all.
    kinds = tuple((kind, 1) for kind in DIARY_KINDS)
    stays = tuple((status, 1) for status in InvitationStatus if status not in GONE)
    return Order(field="kind", ranks=kinds), Order(field="invitation_status", ranks=stays)


def _title(row: Appointment, asked: Asked) -> str:
    if row.title is not None:
        return asked.text(row.title)
    if row.claimant is None:
        return row.description.partition("\n")[0].strip()
    return row.claimant.name or f"SQOD {row.reference}"


def _who(row: Appointment, asked: Asked) -> str:
    person = full_name(asked.directory.persons.get(row.person_id))
    contact = company_name(asked.directory.contacts.get(row.contact_id))
    return ", ".join(part for part in (person, contact) if part)


def _video_url(row: Appointment, asked: Asked) -> str:
    return str(_JOIN_URL.write(row, asked.context(row)))


def _visible_for(row: Appointment, asked: Asked) -> str:
    return ", ".join(_visible_name(one, asked) for one in row.visible_for)


def _visible_name(one: Any, asked: Asked) -> str:
    if one.visibility is Visibility.ALL:
        return asked.text("[SR_VFC_ALL]")
    if one.visibility is Visibility.ASSOCIATE:
        return full_name_of(one.id, asked)
    group = asked.directory.departments.get(one.id)
    return asked.text(group.name) if group else ""


def group_of(row: Appointment, asked: Asked) -> str:
    """Name the department of an appointment."""
    found = asked.directory.departments.get(row.department_id)
    return asked.text(found.name) if found else ""


def _associate(field: str, name: str, title: str, *, is_full: bool = False, **more: Any) -> Column:
    read = full_name_of if is_full else login_of

    def shown(row: Any, asked: Asked) -> str:
        return read(getattr(row, field), asked)

    def order(asked: Asked) -> tuple[Order, ...]:
        names = ((key, read(key, asked)) for key in asked.directory.associates)
        return (Order(field=field, ranks=ranked(names)),)

    return column(
        name,
        "associate",
        title,
        lambda row, _asked: getattr(row, field),
        shown=shown,
        where=lambda meaning, _asked: meaning.on(field),
        order=order,
        hint="associate",
        **more,
    )


def _listed(name: str, title: str, field: str, kind: str, rank: str = "") -> Column:
    """Make a column of a list's items: searched by id, shown by text, ordered by that or by the list."""

    def shown(row: Any, asked: Asked) -> str:
        item = getattr(asked.directory, kind).get(getattr(row, field))
        return asked.text(item.value) if item else ""

    def order(asked: Asked) -> tuple[Order, ...]:
        items = getattr(asked.directory, kind).items()
        values = ((key, getattr(item, rank) if rank else asked.text(item.value)) for key, item in items)
        return (Order(field=field, ranks=ranked(values)),)

    return column(
        name,
        "listAny",
        title,
        lambda row, _asked: getattr(row, field),
        shown=shown,
        where=lambda meaning, _asked: meaning.on(field),
        order=order,
    )


def _intention(row: Appointment, asked: Asked) -> int:
    task = _task(row, asked)
    return task.intent_id if task else 0


def _where_intention(meaning: Meaning, asked: Asked) -> Node:
    values = {key: task.intent_id for key, task in asked.directory.tasks.items()}
    return among_ids("task_id", values, 0, meaning)


def _order_intention(asked: Asked) -> tuple[Order, ...]:
    values = ((key, task.intent_id) for key, task in asked.directory.tasks.items())
    return (Order(field="task_id", ranks=ranked(values)),)


def _day(attribute: str) -> ValueOf:
    def shown(row: Any, asked: Asked) -> str:
        at = getattr(row, attribute)
        return asked.style.stamp(None) if at is None else write_wall(local_day(at, asked), asked.style)

    return shown


def _published(name: str) -> ValueOf:
    return lambda row, _asked: getattr(row.publication, name)


def _all_or_none(name: str, title: str, rest: Node) -> Column:
    """Make a column that is only a condition: where it is said to be true, `rest` must hold."""
    return column(
        name,
        "bool",
        title,
        lambda _row, _asked: False,
        where=lambda meaning, _asked: rest if meaning.holds(True) else ALWAYS,
        is_open=True,
    )


def _seconds(row: Appointment, _asked: Asked) -> int:
    return int(row.duration.total_seconds() // 1)


# In the order of an answer that names no columns; those after it come only when they are asked for.
ROW: tuple[Column, ...] = (
    chosen("visibleFor", "listAny", "Visible for", "privacy", PRIVACY_NUMBERS, shown=_visible_for),
    _listed("type", "Type", "task_id", "tasks"),
    _listed("priority", "Priority", "priority_id", "priorities", rank="rank"),
    stored("date", "date", "Date", "starts_at", is_open=True),
    stored("endDate", "date", "End date", "ends_at", shown=_day("ends_at"), is_open=True, is_day=True),
    _associate("owner_id", "associateId", "ID", is_open=True),
    stored("appointmentId", "int", "DB ID", "id", is_open=True, hint="appointment"),
    stored("contactId", "listAny", "Company ID", "contact_id", hint="contact"),
    stored("personId", "listAny", "Contact ID", "person_id", hint="person"),
    stored("projectId", "listAny", "Project ID", "project_id", hint="project"),
    stored("saleId", "int", "Sale ID", "sale_id", hint="sale"),
    stored("userGroup", "userGroup", "User group", "department_id", shown=group_of),
    stored("recurrenceRuleId", "int", "RR-ID", "series_id"),
    column(
        "rawStatus",
        "int",
        "Status",
        lambda row, _asked: status_number(row),
        where=_where_status,
        order=_order_status,
    ),
    chosen("rawType", "int", "Type", "kind", KIND_NUMBERS),
    stored("invitedPersonId", "int", "ID of invited person", "invited_person_id", hint="person"),
    chosen("cautionWarning", "listAny", "Warning", "caution", CAUTION_NUMBERS),
    stored("location", "string", "Location", "location"),
    stored("suggestedAppointmentId", "int", "Follow-up ID (suggestion)", "suggested_appointment_id"),
    column(
        "intention",
        "listAny",
        "Intention",
        _intention,
        # Intentions have no list here, so no names.
        shown=lambda row, asked: str(_intention(row, asked) or ""),
        where=_where_intention,
        order=_order_intention,
    ),
    stored("isMilestone", "bool", "Milestone", "is_milestone"),
    _associate("created_by", "registeredBy", "Registered by"),
    stored("registeredDate", "date", "Registered date", "created_at", is_stamp=True),
    chosen("completed", "bool", "Completed", "status", COMPLETED),
    stored(
        "completedDate", "date", "Completed date", "completed_at", shown=_day("completed_at"), is_day=True
    ),
    _typed(
        "icon",
        "listAny",
        "Category",
        lambda name, _asked: ENUMS["TaskType"].numbers.get(name, 0),
        shown=_icon,
    ),
    _typed(
        "recordType",
        "string",
        "Record type",
        lambda name, _asked: RECORD_TYPES.get(name, APPOINTMENT)[0],
    ),
    stored("time", "date", "Time", "starts_at", is_open=True),
    stored("endTime", "date", "End time", "ends_at", is_open=True),
    stored("text", "positiveString", "Text", "text", lambda row, _asked: TEXT.value(row)),
    stored("alarm", "bool", "Has alarm", "has_alarm"),
    stored("recurring", "bool", "Repeating", "is_in_series", lambda row, _asked: row.series_id != 0),
    stored("booking", "bool", "Invitation", "is_in_booking", lambda row, _asked: row.mother_id != 0),
    column(
        "visibleInDiary",
        "bool",
        "Visible in diary",
        _in_diary,
        where=_where_in_diary,
        order=_order_in_diary,
    ),
    _associate("updated_by", "updatedBy", "Updated by"),
    stored("updatedDate", "date", "Updated", "updated_at", is_stamp=True),
    column("who", "", "Who", _who),
)

MORE: tuple[Column, ...] = (
    _all_or_none("getAllRows", "GetAll", ALWAYS),
    _all_or_none("getNoRows", "GetNone", NEVER),
    _all_or_none(
        "skipTentativeAndRejectedRestriction",
        "ExcludeBook",
        Test("invitation_status", Operator.NOT_IN, TENTATIVE),
    ),
    _associate("updated_by", "updatedByFullName", "Updated by - Full name", is_full=True),
    _associate("created_by", "registeredByFullName", "Registered by - Full name", is_full=True),
    stored("isFree", "bool", "Free", "is_free"),
    _typed(
        "recordTypeText",
        "listAny",
        "Activity type",
        lambda name, _asked: ENUMS["TaskType"].numbers.get(name, 0),
        shown=_record_type,
    ),
    column("joinVideomeetUrl", "", "Video meeting URL", _video_url),
    stored(
        "duration",
        "timeSpan",
        "Duration",
        "duration_seconds",
        _seconds,
        shown=lambda row, asked: write_minutes(max(_seconds(row, asked), 0) // 60),
        is_open=True,
    ),
    fixed("createdByWorkflow", "listAny", "Created by flow", 0, shown=lambda _row, _asked: ""),
    stored(
        "appointmentPublish/isPublished",
        "bool",
        "Published",
        "publication.is_published",
        _published("is_published"),
    ),
    stored(
        "appointmentPublish/publishedFrom",
        "date",
        "From date",
        "publication.published_from",
        _published("published_from"),
    ),
    stored(
        "appointmentPublish/publishedTo",
        "date",
        "To date",
        "publication.published_to",
        _published("published_to"),
        shown=lambda row, asked: asked.style.open_end(row.publication.published_to),
    ),
    column("appointmentPublish/publishedBy", "", "Published by", lambda _row, _asked: ""),
    stored("appointment/description", "positiveString", "Text", "description"),
    column("appointment/title", "", "Title", _title),
    stored("appointment/agenda", "positiveString", "Agenda", "agenda"),
)
