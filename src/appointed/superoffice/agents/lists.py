"""Lists of appointments: of diaries, companies, projects, people, tasks (Agents WebAPI, Appointment).

A list by time has what overlaps it. One that asks for what a private row hides leaves out the rows that the
caller may not read; a diary shows these by their times alone.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from appointed.domain.appointment import Appointment, Kind
from appointed.domain.diary import REFUSED
from appointed.domain.directory import Directory
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.rights import Access, is_member
from appointed.domain.status import COMPLETION, Completion
from appointed.superoffice.agents.calls import moment
from appointed.superoffice.agents.carriers import APPOINTMENT_INFO, APPOINTMENT_SYNC_DATA
from appointed.superoffice.agents.changes import KIND_OF
from appointed.superoffice.agents.pages import every_row
from appointed.superoffice.carriers.shape import Shape, written
from appointed.superoffice.carriers.simple import simple
from appointed.superoffice.service import Ask
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, Test
from appointed.usecases.read_appointment import read_appointment

Json = Any
Where = Callable[[Ask], Node]
List = Callable[[Ask], Awaitable[Json]]

DIARY_KINDS: Final = (Kind.DIARY, Kind.BOOKING_FOR_DIARY)
TASK_KINDS: Final = (Kind.CHECKLIST, Kind.BOOKING_FOR_CHECKLIST)
DONE: Final = tuple(status for status, step in COMPLETION.items() if step is Completion.COMPLETED)
NOTHING: Final = AnyOf()
# A guest who said no has the row no more in their diary.
IN_DIARY: Final = AllOf(
    (
        Test("kind", Operator.IN, DIARY_KINDS),
        Not(
            AllOf(
                (
                    Test("is_booking_row", Operator.EQ, True),
                    Test("invitation_status", Operator.IN, tuple(REFUSED)),
                )
            )
        ),
    )
)
OPEN_TASKS: Final = AllOf((Test("kind", Operator.IN, TASK_KINDS), Test("status", Operator.NOT_IN, DONE)))
PUBLISHED: Final = Test("publication.is_published", Operator.EQ, True)


def listed(doc: str, *wheres: Where, is_open: bool = False) -> List:
    """Make a method that lists the rows for which all of these hold; `doc` says what it does."""

    async def rows(ask: Ask) -> Json:
        where = AllOf(tuple(one(ask) for one in wheres))
        count = ask.given.number("Count", -1)
        return _flat(ask, await every_row(ask, where, count, is_open=is_open))

    rows.__doc__ = doc
    return rows


def between(ask: Ask) -> Node:
    """Say that a row overlaps StartTime to EndTime, either of which may be open."""
    since, until = moment(ask, ask.given, "StartTime"), moment(ask, ask.given, "EndTime")
    nodes: list[Node] = []
    if until is not None:
        nodes.append(Test("starts_at", Operator.LT, until))
    if since is not None:
        begins, ends = Test("starts_at", Operator.GE, since), Test("ends_at", Operator.GT, since)
        nodes.append(AnyOf((begins, ends)))
    return AllOf(tuple(nodes))


def of(field: str, argument: str) -> Where:
    """Say that a field holds the id of an argument; 0 is nobody's."""

    def where(ask: Ask) -> Node:
        number = ask.given.number(argument)
        return Test(field, Operator.EQ, number) if number else NOTHING

    return where


def of_type(ask: Ask) -> Node:
    """Say that a row is of the AppointmentType; Unknown means any."""
    kind = KIND_OF[ask.given.choice("AppointmentType", "AppointmentType", "Unknown")]
    return AllOf() if kind is Kind.UNKNOWN else Test("kind", Operator.EQ, kind)


def of_task(ask: Ask) -> Node:
    """Say that a row is of a task."""
    return Test("task_id", Operator.EQ, ask.given.number("TaskId"))


def of_tasks(ask: Ask) -> Node:
    """Say that a row is of one of some tasks."""
    return Test("task_id", Operator.IN, ask.given.numbers("TaskIds"))


def of_heading(ask: Ask) -> Node:
    """Say that a row's task stands under a heading; the list of tasks has none, so all stand under none."""
    return NOTHING if ask.given.number("TaskHeadingId") else AllOf()


def of_person(ask: Ask) -> Node:
    """Say that a row is a person's own, or with them, or in a project of theirs if that is asked for."""
    number = ask.given.number("PersonId")
    found = [of_persons_diary(ask), of("person_id", "PersonId")(ask)]
    if ask.given.flag("IncludeProjectAppointments"):
        found.append(_of_projects(number, ask.directory))
    return AnyOf(tuple(found))


def of_member(ask: Ask) -> Node:
    """Say that a row is in a project that a person is a member of."""
    return _of_projects(ask.given.number("PersonId"), ask.directory)


def mine(ask: Ask) -> Node:
    """Say that a row is in the caller's diary or checklist."""
    return Test("owner_id", Operator.EQ, ask.ctx.principal.associate_id)


def of_persons_diary(ask: Ask) -> Node:
    """Say that a row is in the diary or checklist of the associate who is a person."""
    return _owned(_associates_of(ask.given.number("PersonId"), ask.directory))


def of_associate(ask: Ask) -> Node:
    """Say that a row is in an associate's diary."""
    return _owned([ask.given.number("AssociateId")])


def of_associates(ask: Ask) -> Node:
    """Say that a row is in one of some associates' diaries."""
    return _owned(ask.given.numbers("AssociateIds"))


def of_group(ask: Ask) -> Node:
    """Say that a row is in the diary of a member of a user group."""
    group = ask.given.number("GroupId")
    return _owned(who.id for who in ask.directory.associates.values() if is_member(who, group))


def in_diary(_ask: Ask) -> Node:
    """Say that a row is shown in a diary."""
    return IN_DIARY


def open_task(_ask: Ask) -> Node:
    """Say that a row is a task of a checklist, not complete yet."""
    return OPEN_TASKS


def published(ask: Ask) -> Node:
    """Say that a row is published now."""
    now = ask.ctx.view.now

    def open_or(field: str, operator: Operator) -> Node:
        return AnyOf((Test(field, Operator.EQ, None), Test(field, operator, now)))

    since = open_or("publication.published_from", Operator.LE)
    return AllOf((PUBLISHED, since, open_or("publication.published_to", Operator.GE)))


def of_booking_or_series(ask: Ask) -> Node:
    """Say that a row belongs to a booking, a series, or both where both are named."""
    named = {"mother_id": ask.given.number("MotherId", 0)}
    named["series_id"] = ask.given.number("RecurrenceRuleId", 0)
    tests = tuple(Test(field, Operator.EQ, number) for field, number in named.items() if number)
    return AllOf(tests) if tests else NOTHING


def of_ids(ask: Ask) -> Node:
    """Say that a row has one of the ids of AppointmentIds."""
    return Test("id", Operator.IN, ask.given.numbers("AppointmentIds"))


async def published_one(ask: Ask) -> Json:
    """One appointment, if it is published; else null."""
    try:
        reading, granted = await read_appointment(
            ask.door.store, ask.ctx.principal, ask.given.number("AppointmentId"), is_shown=False
        )
    except AppointmentNotFound:
        return None
    if granted < Access.READ:
        return None
    found = await every_row(ask, AllOf((Test("id", Operator.EQ, reading.row.id), published(ask))))
    return _flat(ask, found)[0] if found else None


async def by_ids(ask: Ask) -> Json:
    """Appointments by their ids, in that order; what is not there is left out."""
    numbers = ask.given.numbers()
    rows = await every_row(ask, Test("id", Operator.IN, tuple(set(numbers))), is_open=True)
    found = {row.id: row for row in rows}
    return _flat(ask, [found[number] for number in dict.fromkeys(numbers) if number in found])


async def diary_infos(ask: Ask) -> Json:
    """The diaries of several associates, each appointment in short."""
    where = AllOf((of_associates(ask), between(ask), IN_DIARY))
    return _as(APPOINTMENT_INFO, ask, await every_row(ask, where, is_open=True))


async def sync_data(ask: Ask) -> Json:
    """The caller's diary with the people who take part, for a program that keeps another in step."""
    where = AllOf((mine(ask), between(ask), IN_DIARY))
    return _as(APPOINTMENT_SYNC_DATA, ask, await every_row(ask, where))


def _as(shape: Shape, ask: Ask, rows: Iterable[Appointment]) -> Json:
    return [written(shape, row, ask.manner.context(row, ask.ctx.view)) for row in rows]


def _flat(ask: Ask, rows: Iterable[Appointment]) -> Json:
    return [simple(row, ask.manner.context(row, ask.ctx.view)) for row in rows]


def _owned(owners: Iterable[int]) -> Node:
    return Test("owner_id", Operator.IN, tuple(owners))


def _associates_of(person_id: int, directory: Directory) -> list[int]:
    return [who.id for who in directory.associates.values() if person_id and who.person_id == person_id]


def _of_projects(person_id: int, directory: Directory) -> Node:
    # Who is responsible for a project is the only member of it that is kept.
    owners = frozenset(_associates_of(person_id, directory))
    found = tuple(one.id for one in directory.projects.values() if one.associate_id in owners)
    return Test("project_id", Operator.IN, found) if found else NOTHING
