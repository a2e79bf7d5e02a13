"""Many who want one time of an exclusive diary at once over HTTP, from two servers on PostgreSQL: one gets it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.postgres_server import PostgresServer
from tests.running import Running, running
from tests.store.processes import IS_FULL
from tests.store.world import World

pytestmark = pytest.mark.server

RIVALS = 200 if IS_FULL else 24
ROOM, HOUR = 4, timedelta(hours=1)
PATIENCE, TRIES = 120.0, 20
# Every race has a day of its own.
FIRST_DAY = datetime(2031, 3, 17, 9, tzinfo=UTC)
Send = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


@dataclass
class Course:
    """The servers of one database, and how it is looked at from outside."""

    urls: list[str]
    world: World

    def claims(self, at: datetime) -> int:
        """Count who holds the room in the hour from then."""
        if self.world.engine == "postgres":
            period = f"tstzrange('{at.isoformat()}', '{(at + HOUR).isoformat()}')"
            where = f"period && {period}"
        else:
            first, last = (int(when.timestamp() * 1_000_000) for when in (at, at + HOUR))
            where = f"starts_at < {last} AND ends_at > {first}"
        ((number,),) = self.world.run(f"SELECT count(*) FROM claim WHERE resource_id = {ROOM} AND {where}")
        return int(number)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """One server on SQLite, two on PostgreSQL."""
    folder = tmp_path_factory.mktemp(request.param)
    # All of them come from one address.
    with ExitStack() as servers:
        if request.param == "sqlite":
            only = servers.enter_context(running(folder))
            yield Course([only.url], World("sqlite", _database(folder)))
            return
        server: PostgresServer = request.getfixturevalue("postgres_server")
        dsn = server.create("slot_race")
        both: list[Running] = [
            servers.enter_context(running(folder / name, "--database", dsn)) for name in ("a", "b")
        ]
        yield Course([one.url for one in both], World("postgres", dsn))
    server.drop("slot_race")


def _database(folder: Path) -> Path:
    (found,) = (folder / "data").glob("*.db")
    return found


def times(at: datetime) -> dict[str, str]:
    """Write an hour as SuperOffice does."""
    return {"StartDate": at.isoformat(), "EndDate": (at + HOUR).isoformat()}


def posting(body: dict[str, Any]) -> Send:
    return lambda client: client.post("/api/v1/Appointment", json=body)


def patching(number: int, body: dict[str, Any]) -> Send:
    return lambda client: client.patch(f"/api/v1/Appointment/{number}", json=body)


async def made(client: httpx.AsyncClient, **members: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/Appointment", json=members)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def of_room() -> dict[str, Any]:
    return {"Associate": {"AssociateId": ROOM}}


async def create(_client: httpx.AsyncClient, slot: datetime) -> list[Send]:
    """Make appointments in the room's own diary; half of them want a part of the hour."""
    wanted = (slot, slot + HOUR / 2)
    return [posting(of_room() | times(wanted[number % 2])) for number in range(RIVALS)]


async def patch(client: httpx.AsyncClient, slot: datetime) -> list[Send]:
    """Give appointments of the room, each at a time of its own, that one time."""
    rows = [await made(client, **of_room(), **times(slot + (2 + number) * HOUR)) for number in range(RIVALS)]
    return [patching(row["AppointmentId"], times(slot)) for row in rows]


async def move(client: httpx.AsyncClient, slot: datetime) -> list[Send]:
    """Move appointments of one's own at that time into the room's diary."""
    rows = [await made(client, **times(slot)) for _number in range(RIVALS)]
    return [patching(row["AppointmentId"], of_room()) for row in rows]


async def series(_client: httpx.AsyncClient, slot: datetime) -> list[Send]:
    """Make series in the room's diary of which one date is that one."""
    rule = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    # A day before, the same day or a day after; whose last day is that one shares it with all others.
    starts = [slot - timedelta(days=number % 3) for number in range(RIVALS)]
    return [posting(of_room() | times(start) | {"Recurrence": rule}) for start in starts]


async def accept(client: httpx.AsyncClient, slot: datetime) -> list[Send]:
    """Accept for the room, of whose time the first is given back when all others were refused."""
    people = {"Participants": [{"AssociateId": ROOM}]}
    rows = [await made(client, **times(slot), **people) for _number in range(RIVALS + 1)]
    invitations = []
    for row in rows[1:]:
        body = {"MotherId": row["AppointmentId"], "RecurrenceRuleId": 0}
        records = (await client.post("/api/v1/Agents/Appointment/GetAppointmentRecords", json=body)).json()
        (own,) = (one for one in records if one["AssociateId"] == ROOM)
        assert own["InvitationStatus"] == "Declined"
        invitations.append(own["AppointmentId"])
    await client.delete(f"/api/v1/Appointment/{rows[0]['AppointmentId']}")

    def accepting(number: int) -> Send:
        body = {"AppointmentId": number, "UpdateMode": "OnlyThis"}
        return lambda client: client.post("/api/v1/Agents/Appointment/Accept", json=body)

    return [accepting(number) for number in invitations]


async def patiently(send: Send, client: httpx.AsyncClient) -> httpx.Response:
    """Ask again where the server has no time just now, as its answer says one should."""
    answer = await send(client)
    for _try in range(TRIES):
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        await asyncio.sleep(float(answer.headers["Retry-After"]))
        answer = await send(client)
    return answer


async def run(course: Course, slot: datetime, sends: list[Send]) -> list[httpx.Response]:
    """Send everything at once, each by a connection of its own, to the servers in turn."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    assert course.claims(slot) == 0
    clients = [
        httpx.AsyncClient(base_url=url, auth=("demo", "demo"), timeout=PATIENCE, limits=limits)
        for url in course.urls
    ]
    try:
        return await asyncio.gather(
            *(patiently(send, clients[number % len(clients)]) for number, send in enumerate(sends))
        )
    finally:
        for client in clients:
            await client.aclose()


RACES = {"create": create, "patch": patch, "move": move, "series": series, "accept": accept}


@pytest.mark.parametrize("name", list(RACES))
async def test_one_of_many_gets_the_time(course: Course, name: str) -> None:
    slot = FIRST_DAY + timedelta(days=30 * list(RACES).index(name))
    async with httpx.AsyncClient(base_url=course.urls[0], auth=("demo", "demo"), timeout=PATIENCE) as client:
        sends = await RACES[name](client, slot)
    answers = await run(course, slot, sends)
    refused = [answer for answer in answers if not answer.is_success]
    assert [answer.text for answer in refused if answer.status_code != httpx.codes.CONFLICT] == []
    assert {answer.headers["Appointed-Error"] for answer in refused} == {"time_held"}
    assert len(refused) == RIVALS - 1
    assert course.claims(slot) == 1


async def test_one_of_many_bookings_has_the_room_and_all_are_saved(course: Course) -> None:
    slot = FIRST_DAY + timedelta(days=30 * len(RACES))
    body = times(slot) | {"Participants": [{"AssociateId": ROOM}]}
    answers = await run(course, slot, [posting(body) for _number in range(RIVALS)])
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    said = [
        [one["InvitationStatus"] for one in answer.json()["Participants"] if one["AssociateId"] == ROOM]
        for answer in answers
    ]
    assert sorted(said) == [["Accepted"]] + [["Declined"]] * (RIVALS - 1)
    assert course.claims(slot) == 1
