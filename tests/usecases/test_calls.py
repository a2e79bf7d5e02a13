"""Links of a call: whom they let in, for how long a room is open, and what its events do."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Kind
from appointed.domain.call import Side, Welcome, Window
from appointed.domain.directory import WaitingArea
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.meeting import Meeting, Place, invited_key
from appointed.domain.participant import Claimant
from appointed.domain.status import Happening, Status
from appointed.domain.waiting_area import KIND
from appointed.usecases.identifiers import seeded
from appointed.usecases.meetings import Calls, Switches
from appointed.usecases.ports import ById, ByUid, Reading
from appointed.usecases.query_fields import holds
from appointed.usecases.waiting_line import LONGEST, waiting_line
from tests import builders
from tests.usecases.fake_store import FakeStore, uid

S, W = Status, Welcome
MINUTE = timedelta(minutes=1)
WINDOW = Window(30 * MINUTE, 60 * MINUTE)
START, END = builders.START, builders.START + 60 * MINUTE
MEETING = Meeting(id="m", room_name="RooM", agent_key="agents")
CLAIMANT = Claimant(id=UUID(int=9))
ROOM = "1-10-room"
KEYS = {
    Side.AGENT: "agents",
    Side.CLAIMANT: "key",
    Side.INTERPRETER: invited_key(MEETING, Side.INTERPRETER),
    Side.GUEST: invited_key(MEETING, Side.GUEST),
}


class Server:
    """A meeting server that writes down what it is asked for."""

    tells = True

    def address(self, row: Appointment, side: Side, now: datetime, until: datetime) -> str:
        return f"https://meet.example/{row.id}?{side}&{(until - now) // MINUTE}"

    def framed(self, address: str) -> str:
        return f"{address}#framed"

    def switches(self, row: Appointment, side: Side) -> Switches:
        return Switches(joining=f"{row.id} {side}")


@dataclass
class WithArea(FakeStore):
    """A store whose first department has a waiting area that opens two hours before."""

    area: WaitingArea = field(
        default_factory=lambda: WaitingArea(id=1, department_id=1, name="W", opens_before_minutes=120)
    )

    async def read(self, tenant_id: int, scope: ById | ByUid, *, wants_conflict: bool = False) -> Reading:
        reading = await super().read(tenant_id, scope)
        known = reading.directory
        return Reading(reading.row, known.followed(known.tenant, 2, [(KIND, 1, self.area)]), wants_conflict)


def row(**changes: Any) -> Appointment:
    return builders.appointment(**({"meeting": MEETING, "claimant": CLAIMANT} | changes))


def calls(store: FakeStore, now: datetime = START, server: Any = None) -> Calls:
    return Calls(store=store, clock=lambda: now, ids=seeded("calls"), window=WINDOW, meetings=server)


def of(**changes: Any) -> FakeStore:
    return FakeStore(rows={10: row(**changes)})


def link(side: Side) -> str:
    return str(Place(1, 10, KEYS[side]))


@pytest.mark.parametrize("side", list(Side))
async def test_a_link_leads_into_the_room_of_its_own_side(side: Side) -> None:
    visit = await calls(of(status=S.BEING_SEEN), server=Server()).visit(side, link(side))
    assert (visit.welcome, visit.opens_at, visit.closes_at) == (
        W.ENTER,
        START - 30 * MINUTE,
        END + 60 * MINUTE,
    )
    assert visit.address == f"https://meet.example/10?{side}&120"
    assert (visit.framed, visit.switches.joining) == (f"{visit.address}#framed", f"10 {side}")


@pytest.mark.parametrize("side", list(Side))
async def test_without_a_server_or_before_one_may_enter_there_is_no_address(side: Side) -> None:
    entering = await calls(of(status=S.BEING_SEEN)).visit(side, link(side))
    early = await calls(of(), START - 31 * MINUTE, Server()).visit(side, link(side))
    assert (entering.welcome, entering.address) == (W.ENTER, None)
    assert (early.welcome, early.address, early.framed) == (W.EARLY, None, None)


async def test_where_the_server_tells_nothing_claimants_wait_in_the_room() -> None:
    server = Server()
    server.tells = False
    visit = await calls(of(status=S.WAITING), server=server).visit(Side.CLAIMANT, link(Side.CLAIMANT))
    assert visit.welcome is W.ENTER


async def test_a_waiting_area_opens_to_claimants_by_itself() -> None:
    visits = calls(WithArea(rows={10: row()}), START - 90 * MINUTE)
    assert (await visits.visit(Side.CLAIMANT, link(Side.CLAIMANT))).welcome is W.ARRIVE
    assert (await visits.visit(Side.AGENT, link(Side.AGENT))).welcome is W.EARLY


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("changes", [{}, {"meeting": None}, {"kind": Kind.NOTE}])
async def test_any_other_key_leads_nowhere(side: Side, changes: dict[str, Any]) -> None:
    wrong = link(side) if changes else link(Side.AGENT if side is not Side.AGENT else Side.CLAIMANT)
    for key in (wrong, f"{wrong}x", "", "1-10-"):
        with pytest.raises(AppointmentNotFound):
            await calls(of(**changes)).visit(side, key)


@pytest.mark.parametrize(
    ("now", "status"),
    [(START - 31 * MINUTE, S.SCHEDULED), (START, S.WAITING), (END + 61 * MINUTE, S.SCHEDULED)],
)
async def test_a_claimant_arrives_while_the_link_is_open(now: datetime, status: Status) -> None:
    store = of()
    await calls(store, now).arrive(link(Side.CLAIMANT))
    assert store.rows[10].status is status


@pytest.mark.parametrize(("status", "kept"), [(S.WAITING, True), (S.COMPLETE, None)])
async def test_a_claimant_says_whether_they_are_recorded_until_it_is_over(
    status: Status, kept: bool | None
) -> None:
    store = of(status=status)
    await calls(store).consent(link(Side.CLAIMANT), may_record=True)
    assert store.rows[10].recording_consent is kept


async def test_a_room_is_open_while_agents_may_enter() -> None:
    store = of(status=S.WAITING)
    assert await calls(store).seconds_open(ROOM) == 2 * 60 * 60
    assert await calls(store, START - 31 * MINUTE).seconds_open(ROOM) == 0
    for room in ("1-10-other", "lobby"):
        with pytest.raises(AppointmentNotFound):
            await calls(store).seconds_open(room)


async def test_what_happens_in_a_room_moves_its_appointment_once() -> None:
    at = builders.NOW - MINUTE
    store = of(status=S.WAITING, created_at=at - MINUTE)
    for _time in range(2):
        await calls(store).hear(ROOM, Happening.AGENT_JOINED, at)
    moved = store.rows[10]
    assert (moved.status, moved.session_started_at) == (S.BEING_SEEN, at)
    assert moved.revision == 2


async def test_a_reserved_room_names_the_appointment_that_it_is_for() -> None:
    secret = "s" * 26
    store = FakeStore(rows={10: row(meeting=replace(MEETING, room_name=secret), status=S.WAITING)})
    assert await calls(store).seconds_open(str(Place(1, uid(10), secret))) == 2 * 60 * 60


async def test_who_waits_stands_in_line_by_the_start() -> None:
    store = FakeStore(rows={number: row(id=number) for number in (3, 1)})
    assert await waiting_line(store, 1, 2, WINDOW, START) == (3, 1)
    (query,) = store.queries
    assert [order.field for order in query.order] == ["starts_at", "id"]
    assert (query.tenant_id, query.limit) == (1, LONGEST)
    waiting = row(status=S.WAITING, department_id=2)
    others = [
        replace(waiting, department_id=1),
        replace(waiting, status=S.BEING_SEEN),
        replace(waiting, starts_at=START + timedelta(days=1)),
        replace(waiting, starts_at=START - timedelta(days=1, minutes=1)),
        replace(waiting, ends_at=START - 60 * MINUTE),
    ]
    assert [holds(query.where, one) for one in (waiting, *others)] == [True, *[False] * 5]
