"""Commands to a running server: JSON lines over a Unix socket beside the SQLite file.

A second process must not write the file, so a command that finds the store in use is carried out by the
server that uses it, through the same write path. Whoever may open the socket (mode 0600) may command.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from appointed.usecases.administer import Administrator, Command, CommandRefused, Report

# The largest calendar of a command (10 MB), as base64.
LONGEST_LINE = 15_000_000
# All that is kept of one claimant.
LONGEST_REPLY = 100_000_000
UNANSWERED = "The server ended without an answer: its log says why."


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a command: a report, or the reason it was refused."""

    report: Report | None = None
    refused: str | None = None


@contextlib.asynccontextmanager
async def listening(path: Path, administrator: Administrator) -> AsyncIterator[None]:
    """Carry out commands that come through the socket at `path` while the context is open."""
    path.unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(
            lambda reader, writer: _serve(reader, writer, administrator), path, limit=LONGEST_LINE
        )
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, administrator: Administrator
) -> None:
    try:
        reply = await _carry_out(await reader.readline(), administrator)
        writer.write(msgspec.json.encode(reply) + b"\n")
        await writer.drain()
    finally:
        writer.close()


async def _carry_out(line: bytes, administrator: Administrator) -> Reply:
    try:
        command = msgspec.json.decode(line, type=Command)
        return Reply(report=await administrator.run(command))
    except (msgspec.DecodeError, CommandRefused) as error:
        return Reply(refused=str(error))


async def send(path: Path, command: Command) -> Report:
    """Have the server behind the socket carry out a command; raises CommandRefused."""
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_REPLY)
    except OSError as error:
        raise CommandRefused(f"The store is in use, and its server does not listen at {path}.") from error
    writer.write(msgspec.json.encode(command) + b"\n")
    line = await reader.readline()
    writer.close()
    reply = msgspec.json.decode(line, type=Reply) if line else Reply(refused=UNANSWERED)
    if reply.refused is not None or reply.report is None:
        raise CommandRefused(reply.refused or UNANSWERED)
    return reply.report
