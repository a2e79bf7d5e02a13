"""Many who want one time of an exclusive diary at once over HTTP, from two servers on PostgreSQL: one gets it."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from appointed.app import assemble
from appointed.http.dry_run import DryRun
from appointed.settings import Settings
from tests.contracts.slot_ways import (
    HOUR,
    LOST,
    OF_ROOM,
    ROOM,
    SO,
    WAYS,
    WON,
    Asking,
    Ground,
    Send,
    said,
    sign_in,
)
from tests.postgres_server import PostgresServer
from tests.running import Running, running
from tests.store.processes import IS_FULL
from tests.store.world import World

pytestmark = pytest.mark.server

RIVALS = 200 if IS_FULL else 24
PATIENCE, SEED = 120.0, 1729
# Every race has days of its own.
FIRST_DAY, APART = datetime(2031, 3, 17, 9, tzinfo=UTC), timedelta(days=60)
# What all rivals do alike; a room that is invited by all comes to one, and all are saved.
ALIKE = ("create", "patch", "give", "create_series", "accept", "bring", "create_booking")


@dataclass
class Course:
    """The servers of one database, and how it is looked at from outside."""

    urls: list[str]
    world: World
    data: Path
    socket: Path | None
    department: int
    signed: dict[str, tuple[str, str]]

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
            (database,) = (folder / "data").glob("*.db")
            more = asyncio.run(prepared([only.url]))
            yield Course(
                [only.url], World("sqlite", database), folder / "data", database.with_suffix(".sock"), *more
            )
            return
        server: PostgresServer = request.getfixturevalue("postgres_server")
        dsn = server.create("slot_race")
        # With one folder for both they have the same keys.
        both: list[Running] = [
            servers.enter_context(running(folder, "--database", dsn)) for _server in range(2)
        ]
        urls = [one.url for one in both]
        yield Course(urls, World("postgres", dsn), folder / "data", None, *asyncio.run(prepared(urls)))
    server.drop("slot_race")


async def prepared(urls: list[str]) -> tuple[int, dict[str, tuple[str, str]]]:
    """Make a department whose appointments are the room's, and sign in at each server's pages."""
    signed: dict[str, tuple[str, str]] = {}
    for url in urls:
        async with httpx.AsyncClient(base_url=url, auth=("demo", "demo"), timeout=PATIENCE) as client:
            signed[str(client.base_url)] = await sign_in(client)
    body = {"name": "The room's", "default_user_id": ROOM}
    async with httpx.AsyncClient(base_url=urls[0], auth=("demo", "demo"), timeout=PATIENCE) as client:
        made = await client.post("/api/v1/departments", json=body)
    assert made.status_code == httpx.codes.CREATED, made.text
    return made.json()["data"]["id"], signed


@dataclass
class Field:
    """Everybody's way to the servers of a course, and where races are prepared."""

    course: Course
    clients: list[httpx.AsyncClient]
    ground: Ground

    def at(self, slot: datetime) -> Ground:
        self.ground.slot, self.ground.rivals = slot, 0
        assert self.course.claims(slot) == 0
        return self.ground

    async def race(self, sends: list[Send]) -> list[str]:
        """Send everything at once, each by a connection of its own, to the servers in turn."""
        found = zip(sends, self.clients * len(sends), strict=False)
        return list(await asyncio.gather(*(send(client) for send, client in found)))


@asynccontextmanager
async def field_of(course: Course) -> AsyncIterator[Field]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, auth=("demo", "demo"), timeout=PATIENCE, limits=limits)
            )
            for url in course.urls
        ]
        # A calendar that is brought in beside servers on PostgreSQL comes from a process of its own: this one.
        administrator = None
        if course.socket is None:
            parts = assemble(Settings(data=str(course.data), database=course.world.dsn))
            await parts.store.open()
            stack.push_async_callback(parts.store.close)
            stack.callback(parts.passwords.close)
            administrator = parts.administrator
        ground = Ground(clients[0], FIRST_DAY, course.department, administrator, course.socket, course.signed)
        yield Field(course, clients, ground)


def demand_one_holder(field: Field, told: list[str], slot: datetime) -> None:
    assert sorted(told) == [LOST] * (len(told) - 1) + [WON]
    assert field.course.claims(slot) == 1


@pytest.mark.parametrize("name", ALIKE)
async def test_one_of_many_gets_the_time(course: Course, name: str) -> None:
    slot = FIRST_DAY + APART * ALIKE.index(name)
    async with field_of(course) as field:
        ground = field.at(slot)
        sends = [await WAYS[name](ground) for _rival in range(RIVALS)]
        demand_one_holder(field, await field.race(sends), slot)


async def test_every_way_takes_a_time_that_is_free(course: Course) -> None:
    first = FIRST_DAY + APART * len(ALIKE)
    async with field_of(course) as field:
        for place, (name, way) in enumerate(WAYS.items(), start=1):
            slot = first + APART * place
            told = await field.race([await way(field.at(slot))])
            assert (told, field.course.claims(slot)) == ([WON], 1), name


async def test_one_of_all_ways_gets_the_time(course: Course) -> None:
    slot, order = FIRST_DAY - APART, random.Random(SEED)
    async with field_of(course) as field:
        ground = field.at(slot)
        ways = list(WAYS.values()) * -(-RIVALS // len(WAYS))
        sends = [await way(ground) for way in ways]
        order.shuffle(sends)
        demand_one_holder(field, await field.race(sends), slot)


async def test_every_way_says_when_it_is_tried_what_it_would_be_refused_for(course: Course) -> None:
    """A dry run of what the time's holder is in the way of is 200, and tells the very refusal and all it changes."""
    slot = FIRST_DAY - 2 * APART
    async with field_of(course) as field:
        ground, client = field.at(slot), field.clients[-1]
        sends = {name: await way(ground) for name, way in WAYS.items()}
        holder = await ground.made(slot, **OF_ROOM)
        asked = {name: send for name, send in sends.items() if isinstance(send, Asking)}
        assert set(WAYS) - set(asked) == {"bring", "book", "reschedule"}, (
            "these are outside of both contracts"
        )
        for name, send in asked.items():
            answer = await send.answer(client, "dry-run")
            applied = answer.headers.get("Preference-Applied", "").split(", ")
            assert (answer.status_code, applied[0]) == (200, "dry-run"), name
            told = msgspec.json.decode(answer.content, type=DryRun, strict=True)
            rooms = [one for one in told.changes if one.owner_id == ROOM]
            real = await send.answer(client)
            assert told.status == real.status_code, name
            if send.tell is not said:
                # The room would decline, and that refuses nothing.
                assert (told.refused, [one.is_held for one in told.changes]) == (None, [False, False]), name
                continue
            assert (told.status, told.refused, told.result) == (409, "time_held", real.json()), name
            held = [one for one in rooms if one.is_held]
            assert held, name
            assert {one.has_conflict for one in held} == {True}
            assert all(one.starts_at < slot + HOUR and one.ends_at + HOUR > slot for one in held), name
        assert field.course.claims(slot) == 1
        assert (await ground.client.get(f"{SO}/{holder['AppointmentId']}")).json()["Associate"] == holder[
            "Associate"
        ]
