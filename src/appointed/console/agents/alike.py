"""Boards: read for one agent, or once for all members of a department who ask at the same moment."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from appointed.console.agents.board import (
    ALL,
    MINE,
    Board,
    Wanted,
    end_of,
    in_departments,
    is_today,
    near,
    read_board,
)
from appointed.console.agents.one import rights_of
from appointed.console.agents.session import Visitor
from appointed.console.agents.steps import Step, in_time, steps_for
from appointed.console.agents.together import Together
from appointed.domain.appointment import Appointment
from appointed.domain.call import Window
from appointed.domain.directory import AssociateType
from appointed.domain.principal import Role
from appointed.domain.rights import access, departments_of
from appointed.domain.status import Status
from appointed.usecases.list_appointments import (
    Listing,
    has_own_elsewhere,
    has_private,
    list_appointments,
    list_for_members,
)
from appointed.usecases.ports import Page, Store
from appointed.usecases.presence import missed_since, waiting_elsewhen
from appointed.usecases.presence_ports import Presence
from appointed.usecases.query import AllOf, AnyOf, Node, Operator, Test
from appointed.usecases.trail import note_listed


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A board, who has what open, whose claimant's page is gone, and the one step that waits for an agent."""

    board: Board
    present: tuple[Presence, ...]
    missed: dict[int, datetime]
    steps: dict[int, tuple[Step, ...]]


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """What makes two members see the same, where no row is its owner's alone.

    Whoever belongs to a row's department may answer for it as its owner may; no more than that is asked
    of rights by what a board shows.
    """

    tenant_id: int
    departments: tuple[int, ...]
    type: AssociateType
    role: Role
    wanted: Wanted
    zone: ZoneInfo


class Boards:
    """Reads boards out of the store; notes in the audit log whose claimants an agent was shown."""

    def __init__(self, store: Store, now: Callable[[], datetime], window: Window) -> None:
        self._store = store
        self._now = now
        self._window = window
        self._together: Together[Alike, Seen | None] = Together()

    async def own(self, visitor: Visitor, wanted: Wanted, zone: ZoneInfo) -> Seen:
        """Read the board for one agent."""

        async def lists(page: int, per_page: int, where: Node) -> Page:
            return await list_appointments(
                self._store, visitor.principal, page, per_page, lambda _directory: Listing(where)
            )

        now = self._now()
        scope = in_departments(wanted.department, visitor.who)
        elsewhen = await self._elsewhen(visitor.principal.tenant_id, wanted, zone, now)
        return await self._seen(visitor, await read_board(lists, scope, wanted, zone, now, elsewhen), now)

    async def shared(self, visitor: Visitor, wanted: Wanted, zone: ZoneInfo) -> Seen:
        """Give the same, with others who ask at this moment where they all see the same."""
        alike = await self._alike(visitor, wanted, zone)
        if alike is None:
            return await self.own(visitor, wanted, zone)
        seen = await self._together.ask(alike, lambda: self._of_members(alike, visitor))
        if seen is None:
            return await self.own(visitor, wanted, zone)
        for rows in (seen.board.waiting, seen.board.rows):
            note_listed(self._store, visitor.principal, seen.board.directory, rows)
        return seen

    async def _alike(self, visitor: Visitor, wanted: Wanted, zone: ZoneInfo) -> Alike | None:
        mine = departments_of(visitor.who)
        asked = mine if wanted.department == MINE else _numbers(wanted.department)
        if not asked or not set(asked) <= set(mine):
            return None
        now = self._now()
        tenant_id, time = visitor.principal.tenant_id, near(wanted, zone, now)
        if is_today(wanted, zone, now):
            # Today's board also has who waits and was given another day.
            later = Test("starts_at", Operator.GE, end_of(wanted.day, zone))
            time = AnyOf((time, AllOf((later, Test("status", Operator.EQ, Status.WAITING)))))
        if wanted.department == MINE and await has_own_elsewhere(
            self._store, tenant_id, visitor.who, mine, time
        ):
            return None
        return Alike(
            tenant_id=tenant_id,
            departments=asked,
            type=visitor.who.type,
            role=visitor.who.role,
            wanted=wanted,
            zone=zone,
        )

    async def _of_members(self, alike: Alike, anyone: Visitor) -> Seen | None:
        async def lists(page: int, per_page: int, where: Node) -> Page:
            return await list_for_members(self._store, alike.tenant_id, page, per_page, where)

        now, wanted, zone = self._now(), alike.wanted, alike.zone
        scope = Test("department_id", Operator.IN, alike.departments)
        elsewhen = await self._elsewhen(alike.tenant_id, wanted, zone, now)
        if await has_private(self._store, alike.tenant_id, scope, near(wanted, zone, now, elsewhen)):
            return None
        return await self._seen(anyone, await read_board(lists, scope, wanted, zone, now, elsewhen), now)

    async def _elsewhen(
        self, tenant_id: int, wanted: Wanted, zone: ZoneInfo, now: datetime
    ) -> tuple[int, ...]:
        """List who is here today, and was given another day meanwhile."""
        if not is_today(wanted, zone, now):
            return ()
        return await waiting_elsewhen(self._store, tenant_id, end_of(wanted.day, zone), now)

    async def _seen(self, visitor: Visitor, board: Board, now: datetime) -> Seen:
        tenant_id = visitor.principal.tenant_id
        return Seen(
            board=board,
            present=await self._store.presences(tenant_id, now),
            missed=await missed_since(self._store, tenant_id, board.waiting, now),
            steps={row.id: self._steps(row, visitor, now) for row in board.waiting},
        )

    def _steps(self, row: Appointment, visitor: Visitor, now: datetime) -> tuple[Step, ...]:
        """Give the one step that whoever waits is waiting for."""
        if row.status is not Status.WAITING:
            return ()
        may = rights_of(access(visitor.principal, row, visitor.directory))
        return in_time(steps_for(row, may)[:1], row, self._window, now)


def _numbers(department: str) -> tuple[int, ...]:
    return () if department == ALL else (int(department),)
