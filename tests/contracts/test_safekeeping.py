"""What a server does by itself for the safety of data: it writes, seals, forgets, and follows its keys."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.app.attending import attending
from appointed.app.auditing import auditing
from appointed.app.keeping import keeping
from appointed.domain.audit import Act, Wanted
from appointed.domain.errors import StoreBusy
from appointed.domain.status import Status
from appointed.sealing.keys import load_or_create
from appointed.sealing.ring import KeyRing
from appointed.usecases.presence import COUNTS_FOR, Attendance
from tests.store.world import ADA, NOW, AnyStore, World, create, plant

SOON, NEVER = 0.001, 3600.0


@pytest.fixture
async def world(tmp_path: Path):
    load_or_create(tmp_path / "keys")
    made = World("sqlite", tmp_path / "appointed.db")
    made.sealer = KeyRing(tmp_path / "keys").sealer
    yield made
    await made.close()


@pytest.fixture
async def store(world: World) -> AnyStore:
    made = await world.open()
    await plant(made)
    return made


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0)


async def test_notes_are_written_and_rows_sealed_while_the_server_runs(store: AnyStore) -> None:
    await create(store)
    async with auditing(store.audit, SOON, SOON):
        store.audit.note(1, Act.COMMAND, ADA)

        async def is_sealed() -> bool:
            return [(one.rows, one.unsealed) for one in await store.audit.verify(1)] == [(1, 0), (1, 0)]

        await until(is_sealed)


async def test_who_waits_with_an_open_page_is_told_again_and_again(store: AnyStore, world: World) -> None:
    attendance, row = Attendance(), await create(store)
    here = replace(row, status=Status.WAITING)

    async def until_when(at: datetime) -> None:
        world.clock.now = at

        async def is_told() -> bool:
            found = await store.claimants_present(1, [row.id])
            return [(one.appointment_id, one.until) for one in found] == [(row.id, at + COUNTS_FOR)]

        await until(is_told)

    async with attending(attendance, store, world.clock, SOON):
        with attendance.stay(here):
            await until_when(NOW)
            await until_when(NOW + COUNTS_FOR)


async def test_what_waits_is_written_when_the_server_stops(store: AnyStore) -> None:
    async with auditing(store.audit, NEVER, NEVER):
        store.audit.note(1, Act.COMMAND, ADA)
        assert await store.audit.entries(1, Wanted()) == ()
    assert len(await store.audit.entries(1, Wanted())) == 1


async def test_a_store_that_cannot_be_reached_is_asked_again(store: AnyStore) -> None:
    seal, tries = store.audit.seal, []

    async def failing() -> int:
        tries.append(None)
        if len(tries) < 3:
            raise StoreBusy
        return await seal()

    store.audit.seal = failing  # type: ignore[method-assign] # as if the database were away
    await create(store)
    async with auditing(store.audit, NEVER, SOON):

        async def is_sealed() -> bool:
            return (await store.audit.verify(1))[0].rows == 1

        await until(is_sealed)
    assert len(tries) >= 3


async def test_a_new_key_is_followed(tmp_path: Path) -> None:
    load_or_create(tmp_path / "keys")
    ring, elsewhere = KeyRing(tmp_path / "keys"), KeyRing(tmp_path / "keys")
    elsewhere.rotate()
    async with keeping(ring, SOON):

        async def is_followed() -> bool:
            return ring.current_id == elsewhere.current_id

        await until(is_followed)


async def test_a_key_file_that_cannot_be_read_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_or_create(tmp_path / "keys")
    ring = KeyRing(tmp_path / "keys")
    file = tmp_path / "keys" / "sealing.toml"
    kept = file.read_text()
    file.unlink()
    async with keeping(ring, SOON):

        async def is_told() -> bool:
            return "the key file cannot be read now" in caplog.text

        await until(is_told)
        file.write_text(kept)
        file.chmod(0o600)
        current = ring.current_id
    ring.refresh()
    assert ring.current_id == current


class Stumbling:
    """An audit log whose every first try fails as nobody foresaw."""

    def __init__(self) -> None:
        self.flushes = self.seals = 0

    async def flush(self) -> None:
        self.flushes += 1
        if self.flushes == 1:
            raise RuntimeError

    async def seal(self) -> int:
        self.seals += 1
        if self.seals == 1:
            raise RuntimeError
        return 0


async def test_what_nobody_foresaw_ends_no_work_of_the_audit_log(caplog: pytest.LogCaptureFixture) -> None:
    audit = Stumbling()
    async with auditing(audit, SOON, SOON):

        async def went_on() -> bool:
            return audit.flushes > 2 and audit.seals > 2

        await until(went_on)
    assert "writing the audit log failed" in caplog.text
    assert "sealing the logs failed" in caplog.text


async def test_what_nobody_foresaw_loses_no_entry(store: AnyStore) -> None:
    write, tries = store._write, []

    async def failing(script: Any) -> Any:
        tries.append(None)
        if len(tries) == 1:
            raise RuntimeError
        if len(tries) == 2:
            raise asyncio.CancelledError
        return await write(script)

    store._write = failing  # type: ignore[method-assign] # as if the server broke, and then stopped
    store.audit.note(1, Act.COMMAND, ADA)
    with pytest.raises(RuntimeError):
        await store.audit.flush()
    with pytest.raises(asyncio.CancelledError):
        await store.audit.flush()
    await store.audit.flush()
    assert len(await store.audit.entries(1, Wanted())) == 1
