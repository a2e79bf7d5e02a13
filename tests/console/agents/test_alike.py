"""Members who ask for a board at the same moment are told what each of them may see, read once for all."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.console.agents.alike import Boards
from appointed.console.agents.board import ALL, MINE, Wanted
from appointed.console.agents.one import rights_of
from appointed.console.agents.session import Visitor
from appointed.domain.call import Window
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import GRANTS, Ownership
from appointed.usecases.presence_ports import CLAIMANT, Presence
from tests.console.agents.world import World

in_module = pytest.mark.asyncio(loop_scope="module")
ZONE = ZoneInfo("Europe/Oslo")
DAY = 24 * 60
# A day on which the demo tenant has nothing.
FAR = 420 * DAY
# How many lists are read: to find out whether there is a certain row, and for a board.
LOOK, BOARD = 1, 2


class Counting:
    """A store that counts the lists that are read from it."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.pages = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def page(self, query: Any) -> Any:
        self.pages += 1
        return await self._store.page(query)


@dataclass
class Hall:
    """The boards of one day, over a store that counts, and who may look at them."""

    world: World
    store: Counting
    boards: Boards
    visitors: dict[str, Visitor]
    minutes: int

    def wanted(self, department: str) -> Wanted:
        day = (self.world.clock.now + timedelta(minutes=self.minutes)).astimezone(ZONE).date()
        return Wanted(day=day, department=department)

    async def names(self, name: str, department: str) -> list[str]:
        """Give whom an agent's board shows; it is the same as if they had asked alone."""
        visitor, wanted = self.visitors[name], self.wanted(department)
        shared = (await self.boards.shared(visitor, wanted, ZONE)).board
        own = (await self.boards.own(visitor, wanted, ZONE)).board
        assert (shared.rows, shared.waiting, shared.total) == (own.rows, own.waiting, own.total)
        return [row.claimant.name or "" for row in shared.rows if row.claimant]

    async def cost(self, *asked: tuple[str, str]) -> int:
        """Give how many lists are read for some boards at the same moment."""
        before = self.store.pages
        await asyncio.gather(
            *(self.boards.shared(self.visitors[who], self.wanted(where), ZONE) for who, where in asked)
        )
        return self.store.pages - before


async def hall(world: World, minutes: int) -> Hall:
    store = Counting(world.served.parts.store)
    made: Any = store
    directory = await store.directory(1)
    known = {who.name: who for who in directory.associates.values()}
    # The demo tenant's administrator shares a department with ola; as an agent they are alike.
    people = [known["kari"], known["ola"], replace(known["demo"], role=Role.AGENT)]
    visitors = {who.name: Visitor(Principal(1, who.id), who, directory, "") for who in people}
    hour = timedelta(hours=1)
    return Hall(world, store, Boards(made, world.clock, Window(hour, hour)), visitors, minutes)


@in_module
async def test_members_who_ask_at_the_same_moment_are_read_for_once(world: World) -> None:
    minutes = FAR + 10 * DAY
    await world.book(minutes, department_id=1, claimant={"name": "First"})
    await world.book(minutes, department_id=2, claimant={"name": "Second"})
    at = await hall(world, minutes)
    assert await at.names("ola", "1") == await at.names("demo", "1") == ["First"]
    assert await at.names("kari", "2") == ["Second"]
    assert await at.cost(("ola", "1")) == LOOK + BOARD
    assert await at.cost(("ola", "1"), ("demo", "1"), ("ola", "1")) == LOOK + BOARD
    # Whether somebody has rows elsewhere is asked for each.
    assert await at.cost(("ola", MINE)) == LOOK + LOOK + BOARD
    # Others do not see what members see.
    assert await at.cost(("kari", "1"), ("kari", ALL)) == 2 * BOARD
    assert await at.names("kari", "1") == ["First"]


@in_module
async def test_what_is_its_owners_alone_stays_with_them(world: World) -> None:
    minutes = FAR + 11 * DAY
    await world.book(minutes, department_id=1, claimant={"name": "For all"})
    row = await world.book(minutes + 5, department_id=1, claimant={"name": "Private"})
    at = await hall(world, minutes)
    owner = next(name for name, one in at.visitors.items() if one.who.id == row.owner_id)
    other = next(name for name in ("ola", "demo") if name != owner)
    assert await at.names(other, "1") == ["For all", "Private"]
    path = f"Appointment/{row.id}"
    body = [{"op": "replace", "path": "/Private", "value": "PrivateUser"}]
    answer = await world.served.so("PATCH", path, json=body)
    assert answer.status_code == 200, answer.text
    assert await at.names(other, "1") == ["For all"]
    assert await at.names(owner, "1") == ["For all", "Private"]


@in_module
async def test_an_own_row_elsewhere_stands_on_the_own_board(world: World) -> None:
    minutes = FAR + 12 * DAY
    at = await hall(world, minutes)
    await world.book(minutes, department_id=2, claimant={"name": "Ours"})
    row = await world.book(minutes + 5, department_id=1, claimant={"name": "Left behind"})
    left = next(name for name, one in at.visitors.items() if one.who.id == row.owner_id)
    visitor = at.visitors[left]
    at.visitors[left] = replace(visitor, who=replace(visitor.who, group_id=2))
    assert await at.names(left, MINE) == ["Ours", "Left behind"]
    assert await at.names("kari", MINE) == ["Ours"]


@in_module
async def test_who_waits_for_another_day_in_another_department_stays_on_the_own_board(world: World) -> None:
    began, day = world.clock.now, FAR + 20 * DAY
    row = await world.book(day + 10, department_id=1, claimant={"name": "Here already"})
    await world.patch(row, status="waiting")
    await world.patch(row, appointment_at=(began + timedelta(minutes=day + 3 * DAY)).isoformat())
    try:
        # A day on which nobody has anything else.
        world.clock.now += timedelta(minutes=day)
        at = await hall(world, 0)
        until = world.clock.now + timedelta(seconds=25)
        await at.store.put_presences(
            [Presence(tenant_id=1, appointment_id=row.id, associate_id=CLAIMANT, until=until)]
        )
        left = next(name for name, one in at.visitors.items() if one.who.id == row.owner_id)
        visitor = at.visitors[left]
        at.visitors[left] = replace(visitor, who=replace(visitor.who, group_id=2))
        assert await at.names(left, MINE) == []
        shown = await at.boards.shared(at.visitors[left], at.wanted(MINE), ZONE)
        assert [one.id for one in shown.board.waiting] == [row.id]
    finally:
        world.clock.now = began


def test_whoever_shares_the_department_may_take_the_same_steps() -> None:
    for role in Role:
        near, owner = (GRANTS[how][role].access for how in (Ownership.OWNER_SECRETARY, Ownership.OWNER))
        assert rights_of(near).may_answer is rights_of(owner).may_answer is True
