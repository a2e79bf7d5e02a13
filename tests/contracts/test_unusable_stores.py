"""A store that cannot be used is said so in words, by the server and by `appointed check`."""

import asyncio
from pathlib import Path

import pytest

from appointed import commands
from appointed.app import CannotStart, assemble, started
from appointed.app.server import check, command, migrate
from appointed.sealing.keys import KEY_FILE
from appointed.settings import Settings
from appointed.usecases.administer import CommandRefused, CreateUser
from appointed.usecases.administer_audit import VerifyAudit
from appointed.usecases.administer_protection import ListKeys
from appointed.usecases.ports import Health


async def once(settings: Settings) -> None:
    async with started(assemble(settings)):
        pass


async def health(settings: Settings) -> Health:
    return (await check(settings))[0]


async def test_a_check_asks_the_server_that_has_the_file(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), demo=True, background_work=False)
    async with started(assemble(settings)) as _server:
        assert (await health(settings)).is_ready
        full = await health(Settings(data=str(tmp_path), ready_disk_percent=100.0))
        assert (full.is_ready, full.detail) == (False, "the disk is almost full")
        (tmp_path / "appointed.sock").unlink()
        alone = await health(settings)
        assert not alone.is_ready
        assert "does not listen" in alone.detail
    assert (await health(settings)).is_ready


async def test_a_store_under_other_keys_is_not_served(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "one"), demo=True, background_work=False)
    await once(settings)
    await once(Settings(data=str(tmp_path / "two"), background_work=False))
    key_file = tmp_path / "one" / "keys" / KEY_FILE
    right = key_file.read_bytes()
    key_file.write_bytes((tmp_path / "two" / "keys" / KEY_FILE).read_bytes())
    with pytest.raises(CannotStart, match="sealed with other keys"):
        await once(settings)
    with pytest.raises(CannotStart, match="sealed with other keys"):
        await command(settings, VerifyAudit(tenant_id=0))
    told, keys = await check(settings)
    assert not told.is_ready
    assert "no key of the server opens" in told.detail
    assert any("MISSING" in line for line in keys.values())
    assert any("MISSING" in str(line) for line in (await command(settings, ListKeys())).values())
    key_file.write_bytes(right)
    await once(settings)
    assert (await health(settings)).is_ready


async def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), background_work=False)
    await once(settings)
    (tmp_path / "appointed.db").write_bytes(b"x" * 8_192)
    with pytest.raises(CannotStart, match=r"appointed\.db cannot be used: file is not a database"):
        await once(settings)
    assert not (await health(settings)).is_ready


async def test_a_folder_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotStart, match="file cannot be made"):
        assemble(Settings(data=str(tmp_path / "data"), database=f"sqlite:{tmp_path}/file/a.db"))
    # A lock that is a folder stands for one that cannot be opened, whoever runs the tests.
    settings = Settings(data=str(tmp_path), background_work=False)
    (tmp_path / "appointed.db.lock").mkdir()
    with pytest.raises(CannotStart, match=r"appointed\.db cannot be used"):
        await once(settings)


@pytest.mark.parametrize("name", ["webhook_ca", "token_jwks"])
async def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    given = {name: str(tmp_path / "none"), "token_issuer": "https://issuer.example"}
    with pytest.raises(CannotStart, match=f"{name}: there is no file"):
        assemble(Settings(data=str(tmp_path), **given))
    (tmp_path / "none").write_text("x")
    assemble(Settings(data=str(tmp_path), **given))


async def test_a_socket_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), background_work=False)
    (tmp_path / "appointed.sock").mkdir()
    with pytest.raises(CannotStart, match=r"appointed\.sock, which commands go through, cannot be made"):
        await once(settings)


async def test_a_server_that_ends_without_an_answer_is_told(tmp_path: Path) -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    path = tmp_path / "a.sock"
    async with await asyncio.start_unix_server(leave, path):
        with pytest.raises(CommandRefused, match="its log says why"):
            await commands.send(path, CreateUser(tenant_id=1, login="x", password="x", full_name="X"))


@pytest.mark.parametrize(
    "url",
    ["postgresql://[::1", "postgresql://ada:sec/ret@localhost/a", "postgresql://ada:sec#ret@localhost/a"],
)
async def test_a_url_that_cannot_be_read_is_told_without_what_may_be_a_password(
    tmp_path: Path, url: str
) -> None:
    settings = Settings(data=str(tmp_path), database=url)
    with pytest.raises(CannotStart, match="URL cannot be read") as told:
        await once(settings)
    assert "sec" not in str(told.value)
    assert not (await health(settings)).is_ready


def test_a_url_that_cannot_be_read_is_not_migrated(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="URL cannot be read"):
        migrate(Settings(data=str(tmp_path), database="postgresql://[::1"))


async def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path: Path) -> None:
    # Longer than any name may be; who may do everything is refused this alone.
    name = "x" * 300
    with pytest.raises(CannotStart, match=name):
        await once(Settings(data=str(tmp_path / name)))
