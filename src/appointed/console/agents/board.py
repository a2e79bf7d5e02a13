"""The agents' board: which day, departments and states it shows, and the rows of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate, Department, Directory
from appointed.domain.principal import Principal
from appointed.domain.recurrence import instant_on
from appointed.domain.rights import departments_of, may_see_department
from appointed.domain.status import Status
from appointed.usecases.ports import Page
from appointed.usecases.query import AllOf, AnyOf, Node, Operator, Test

PER_PAGE: Final = 50
MOST_WAITING: Final = 100
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9000
ALL: Final = "all"
MINE: Final = ""

# Who is on the waiting board, in its order.
WAITING: Final = (Status.WAITING, Status.BEING_SEEN, Status.LATE)
# One page of what is asked for: its number, how many rows, and which.
Lists = Callable[[int, int, Node], Awaitable[Page]]

# Whom midnight takes off no board: nothing but an agent, or the end of a window, moves them.
STILL_HERE: Final = (Status.WAITING, Status.BEING_SEEN)
LOOK_BACK: Final = timedelta(days=1)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a board is asked for: a day (of the agent's zone), a department ("": mine), a state, a page."""

    day: date
    department: str = MINE
    status: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """Write the query string of this board, or of a neighbouring one."""
        values = {
            "day": self.day.isoformat(),
            "department": self.department,
            "status": self.status,
            "page": str(self.page) if self.page > 1 else "",
        } | {name: str(value) for name, value in changes.items()}
        return "&".join(f"{name}={value}" for name, value in values.items() if value)


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """One board: who waits, and one page of the day."""

    wanted: Wanted
    waiting: tuple[Appointment, ...]
    rows: tuple[Appointment, ...]
    total: int
    pages: int
    directory: Directory


def read_wanted(query: Mapping[str, str], today: date, directory: Directory) -> Wanted:
    """Read what a board is asked for; what cannot be read is as if it had not been asked."""
    department, status = query.get("department", MINE), query.get("status", "")
    is_number = department.isdecimal() and len(department) < 19
    known = department == ALL or (is_number and int(department) in directory.departments)
    page = query.get("page", "")
    return Wanted(
        day=_day(query.get("day", "")) or today,
        department=department if known else MINE,
        status=status if status in set(Status) else "",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


async def read_board(
    lists: Lists, scope: Node, wanted: Wanted, zone: ZoneInfo, now: datetime, elsewhen: Sequence[int]
) -> Board:
    """Read the board of what is in scope; today's has whoever is still here, too, or waits `elsewhen`."""
    of_day = in_day(wanted.day, zone)
    waits: Node = AllOf((of_day, _in(*WAITING)))
    if is_today(wanted, zone, now):
        waits = AnyOf((waits, AllOf((_since(now - LOOK_BACK, wanted.day, zone), _in(*STILL_HERE)))))
    if elsewhen:
        waits = AnyOf((waits, AllOf((_these(elsewhen), _in(Status.WAITING)))))
    waiting = await lists(1, MOST_WAITING, AllOf((video(), scope, waits)))
    of_status: Node = _in(wanted.status) if wanted.status else AllOf()
    page = await lists(wanted.page, PER_PAGE, AllOf((video(), scope, of_day, of_status)))
    return Board(
        wanted=wanted,
        waiting=tuple(sorted(waiting.rows, key=_place)),
        rows=page.rows,
        total=page.total,
        pages=max(1, -(-page.total // PER_PAGE)),
        directory=page.directory,
    )


def near(wanted: Wanted, zone: ZoneInfo, now: datetime, elsewhen: Sequence[int] = ()) -> Node:
    """Ask for whatever a board could show by its time, and for these."""
    begins = min(instant_on(wanted.day, time(), zone), now - LOOK_BACK)
    ends = end_of(wanted.day, zone)
    found = AllOf((Test("starts_at", Operator.GE, begins), Test("starts_at", Operator.LT, ends)))
    return AnyOf((found, _these(elsewhen))) if elsewhen else found


def is_today(wanted: Wanted, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether a board is that of this very day."""
    return wanted.day == now.astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the instant at which a day of a zone is over."""
    return instant_on(day + timedelta(days=1), time(), zone)


def _place(row: Appointment) -> tuple[int, datetime, int]:
    return WAITING.index(row.status), row.starts_at, row.id


def video() -> Node:
    """Ask for appointments that a claimant has."""
    return Test("has_claimant", Operator.EQ, True)


def in_day(day: date, zone: ZoneInfo) -> Node:
    """Ask for what begins on a day of a zone."""
    return AllOf(
        (
            Test("starts_at", Operator.GE, instant_on(day, time(), zone)),
            Test("starts_at", Operator.LT, end_of(day, zone)),
        )
    )


def _since(instant: datetime, day: date, zone: ZoneInfo) -> Node:
    """Ask for what began since an instant and before a day."""
    return AllOf(
        (
            Test("starts_at", Operator.GE, instant),
            Test("starts_at", Operator.LT, instant_on(day, time(), zone)),
        )
    )


def in_departments(department: str, who: Associate) -> Node:
    """Ask for one department, all, or those that the agent belongs to and what is theirs elsewhere."""
    if department == ALL:
        return AllOf()
    if department != MINE:
        return Test("department_id", Operator.EQ, int(department))
    mine = Test("department_id", Operator.IN, departments_of(who))
    return AnyOf((mine, Test("owner_id", Operator.EQ, who.id)))


def departments_seen(principal: Principal, directory: Directory) -> tuple[Department, ...]:
    """List the departments whose boards an agent may see, by name."""
    seen = (one for one in directory.departments.values() if may_see_department(principal, one.id, directory))
    return tuple(sorted(seen, key=lambda one: one.name.casefold()))


def departments_heard(
    wanted: Wanted, who: Associate, principal: Principal, directory: Directory
) -> frozenset[int]:
    """Give the departments whose changes a board shows as they happen."""
    if wanted.department == ALL:
        return frozenset(one.id for one in departments_seen(principal, directory))
    if wanted.department != MINE:
        asked = int(wanted.department)
        return frozenset({asked} if may_see_department(principal, asked, directory) else ())
    return frozenset(departments_of(who))


def _these(numbers: Sequence[int]) -> Node:
    return Test("id", Operator.IN, tuple(numbers))


def _in(*statuses: str) -> Node:
    return Test("status", Operator.IN, tuple(statuses))
