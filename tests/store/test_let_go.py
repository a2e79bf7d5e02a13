"""A room declines because somebody has its time, not because somebody had it when it was first asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.errors import TimeHeld
from appointed.domain.participant import InvitationStatus
from appointed.domain.principal import Principal
from appointed.domain.series import Reach
from appointed.usecases.change_appointment import Call, Edited, change_appointment
from appointed.usecases.change_many import Item, change_many
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Change, Outcome
from tests.store.acts import ORGANISERS, PEOPLE, ROOM, TENANT, Act, do
from tests.store.world import AnyStore, World, resource_held

ONE, TWO = ORGANISERS
HELD, FREE = InvitationStatus.DECLINED, InvitationStatus.ACCEPTED
Step = Callable[[], Awaitable[Any]]


class Meanwhile:
    """A store in which somebody else acts each time that a time was found held, as long as they have steps."""

    def __init__(self, store: AnyStore, *steps: Step) -> None:
        self.held = 0
        self._store, self._steps = store, list(steps)

    async def change(self, change: Change) -> Outcome:
        try:
            return await self._store.change(change)
        except TimeHeld:
            self.held += 1
            if self._steps:
                await self._steps.pop(0)()
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Scene:
    """A room that the first organiser holds, by a single meeting or by a series."""

    def __init__(self, store: AnyStore, world: World) -> None:
        self.store, self.world, self.ids = store, world, seeded("let go")

    async def book(self, by: int, *, is_series: bool = False, store: Any = None) -> Outcome:
        return await do(store or self.store, Act("create", by, value=(0, is_series, (ROOM,))), self.ids)

    def cancelling(self, made: Outcome, by: int = ONE) -> Step:
        return lambda: do(self.store, Act("cancel", by, made.rows[0].id), self.ids)

    def deleting(self, made: Outcome, by: int = ONE) -> Step:
        return lambda: do(self.store, Act("delete", by, made.rows[0].id), self.ids)

    def booking(self, by: int) -> Step:
        return lambda: self.book(by)


@pytest.fixture
async def scene(store: AnyStore, world: World) -> Scene:
    await store.create_tenant(TENANT, PEOPLE)
    return Scene(store, world)


def answers(outcome: Outcome) -> list[InvitationStatus]:
    """What the room says to each date, in the master's list and in its own row."""
    masters = sorted((row for row in outcome.rows if not row.is_booking_row), key=lambda row: row.starts_at)
    rooms = {row.mother_id: row.invitation_status for row in outcome.rows if row.owner_id == ROOM}
    said = {
        row.id: one.invitation_status
        for row in masters
        for one in row.participants
        if one.associate_id == ROOM
    }
    assert said == rooms
    return [said[row.id] for row in masters]


@pytest.mark.parametrize("let_go", ["cancelling", "deleting"])
async def test_a_time_that_was_let_go_meanwhile_is_taken(scene: Scene, let_go: str) -> None:
    made = await scene.book(ONE)
    between = Meanwhile(scene.store, getattr(scene, let_go)(made))
    assert answers(await scene.book(TWO, store=between)) == [FREE]
    assert scene.world.count("claim") == 1


async def test_a_time_that_is_held_still_is_declined_in_two_steps(scene: Scene) -> None:
    await scene.book(ONE)
    between = Meanwhile(scene.store)
    assert answers(await scene.book(TWO, store=between)) == [HELD]
    assert between.held == 1


async def test_a_time_that_somebody_else_has_by_then_is_declined(scene: Scene) -> None:
    made = await scene.book(ONE)

    async def swap() -> None:
        await scene.cancelling(made)()
        await scene.book(ONE)

    assert answers(await scene.book(TWO, store=Meanwhile(scene.store, swap))) == [HELD]


async def test_only_the_date_of_a_series_that_was_let_go_is_taken(scene: Scene) -> None:
    single = await scene.book(ONE)
    between = Meanwhile(scene.store, scene.cancelling(single))
    series = await scene.book(TWO, is_series=True, store=between)
    assert answers(series) == [FREE] * 5
    assert scene.world.count("claim") == 5


async def test_the_other_dates_of_a_series_stay_declined(scene: Scene) -> None:
    theirs = await scene.book(ONE, is_series=True)
    between = Meanwhile(scene.store, scene.deleting(theirs))
    assert answers(await scene.book(TWO, is_series=True, store=between)) == [FREE, *[HELD] * 4]


async def test_whoever_moves_a_series_gets_what_was_let_go(scene: Scene) -> None:
    theirs = await scene.book(ONE)
    mine = await do(scene.store, Act("create", TWO, value=(1, True, (ROOM,))), scene.ids)
    move = Act("move", TWO, mine.rows[0].id, Reach.ALL, {"days": -1})
    assert answers(await do(scene.store, move, scene.ids))[0] is HELD
    back = Act("move", TWO, mine.rows[0].id, Reach.ALL, {"days": 1})
    await do(scene.store, back, scene.ids)
    between = Meanwhile(scene.store, scene.cancelling(theirs))
    assert answers(await do(between, move, scene.ids)) == [FREE] * 5


async def test_of_several_at_once_each_gets_what_was_let_go(scene: Scene) -> None:
    theirs = await scene.book(ONE)
    mine = await do(scene.store, Act("create", TWO, value=(0, False, ())), scene.ids)

    def invite(row: Any, _view: Any) -> Edited:
        room = replace(theirs.rows[0].participants[1], key=row.last_participant_key + 1)
        room = replace(room, invitation_status=InvitationStatus.NONE)
        return Edited(replace(row, participants=(*row.participants, room)))

    call = Call(principal=Principal(1, TWO), door="test", ids=scene.ids)
    between = Meanwhile(scene.store, scene.cancelling(theirs))
    outcome, _ids = await change_many(between, call, [Item(mine.rows[0].id, invite)])
    assert answers(outcome) == [FREE]
    again = await change_appointment(scene.store, call, mine.rows[0].id, lambda row, _view: Edited(row))
    assert again.rows[0].participants[1].invitation_status is FREE


@pytest.mark.parametrize("let_go", ["cancelling", "deleting"])
async def test_nobody_lets_go_of_a_time_while_another_looks_at_it(postgres_world: World, let_go: str) -> None:
    """Else who looks would decline for a time that was free before their own change was written."""
    store = await postgres_world.open()
    await store.create_tenant(TENANT, PEOPLE)
    scene = Scene(store, postgres_world)
    made = await scene.book(ONE)
    async with resource_held(postgres_world.dsn, ROOM) as somebody_waits:
        under_way = asyncio.ensure_future(getattr(scene, let_go)(made)())
        await somebody_waits()
        assert postgres_world.count("claim") == 1
    await under_way
    assert postgres_world.count("claim") == 0
