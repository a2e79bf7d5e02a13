"""Every address of the SuperOffice document gets what nobody should send: long, deep, wrong, hostile, unknown.

Each is refused at once in the contract's form with nothing changed, or else is a text like any other.
"""

from contextlib import nullcontext
from typing import Any

import apsw
import asyncpg
import httpx
import pytest

from tests.contracts.bad_requests import OPERATIONS, Operation, Try, tries
from tests.contracts.served import Served
from tests.work import calls, no_hang

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

# The longest of all, a list of 100,000 numbers, takes 165,000.
MOST_CALLS = 400_000
SAFE = ("get", "head")
# What the server itself works on meanwhile: sessions that are used, events on their way out, its log, jobs and seals.
PASSING = {"attempt", "login_session", "outbox", "session", "audit", "job", "seal", "seal_head"}


class Books:
    """All that is stored, as one value."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._postgres: asyncpg.Connection | None = None
        self._sqlite: apsw.Connection | None = None
        # What stands, as long as nobody was let write; and how it was told that nothing has been written since.
        self._known: dict[str, Any] | None = None
        self._mark: Any = None

    async def open(self) -> None:
        settings = self._served.parts.settings
        if settings.is_postgres:
            self._postgres = await asyncpg.connect(settings.database)
            tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            names = [row[0] for row in await self._postgres.fetch(tables)]
            each = "SELECT '{0}', md5(string_agg(one::text, ';' ORDER BY one::text)) FROM {0} AS one"
            self._query = " UNION ALL ".join(
                each.format(name) for name in sorted(names) if name not in PASSING
            )
        else:
            file = str(settings.sqlite_path)
            self._sqlite = apsw.Connection(file, flags=apsw.SQLITE_OPEN_READONLY)
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            self._tables = [name for (name,) in self._sqlite.execute(tables) if name not in PASSING]

    @property
    def is_file(self) -> bool:
        return self._sqlite is not None

    async def read(self) -> dict[str, Any]:
        if self._postgres is not None:
            return dict(await self._postgres.fetch(self._query))
        assert self._sqlite is not None
        return {name: hash(tuple(self._sqlite.execute(f"SELECT * FROM {name}"))) for name in self._tables}

    async def mark(self) -> Any:
        """Give what changes with every write to the database, by whomever."""
        if self._postgres is not None:
            return await self._postgres.fetchval("SELECT pg_current_wal_insert_lsn()")
        assert self._sqlite is not None
        return self._sqlite.pragma("data_version")

    async def known(self) -> dict[str, Any]:
        if self._known is None:
            # What is written meanwhile is not behind the mark.
            self._mark = await self.mark()
            self._known = await self.read()
        return self._known

    def forget(self) -> None:
        self._known = None

    async def changed(self, before: dict[str, Any]) -> list[str]:
        mark = await self.mark()
        if self._known is before and mark == self._mark:
            return []
        self._known, self._mark = await self.read(), mark
        return [name for name, content in self._known.items() if content != before[name]]

    async def close(self) -> None:
        if self._postgres is not None:
            await self._postgres.close()
        if self._sqlite is not None:
            self._sqlite.close()


async def sent(served: Served, one: Operation, bad: Try) -> httpx.Response:
    headers = served.basic("demo") | {"Content-Type": "application/json"}
    return await served.client.request(
        one.verb.upper(), bad.path, params=bad.query or None, content=bad.content, headers=headers
    )


async def wrong_with(served: Served, books: Books, one: Operation, bad: Try) -> str:
    before = await books.known() if one.verb not in SAFE else None
    # What is refused before the store is asked takes as many calls on either engine; counting them is slow.
    with no_hang(), calls() if books.is_file else nullcontext() as work:
        answer = await sent(served, one, bad)
    if work is not None and work.number > MOST_CALLS:
        return f"took {work.number:,} calls"
    if answer.status_code < 400:
        books.forget()
        return ""
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:100]}"
    if one.verb != "head":
        served.assert_body("superoffice", answer)
    if before is not None and (changed := await books.changed(before)):
        return f"{answer.status_code}, and {changed} changed"
    return ""


@pytest.mark.parametrize("group", sorted(OPERATIONS))
async def test_whatever_comes_is_judged_at_once(served: Served, group: str) -> None:
    books = Books(served)
    await books.open()
    found = []
    start = await books.read()
    reads = [one for one in OPERATIONS[group] if one.verb in SAFE]
    writes = [one for one in OPERATIONS[group] if one.verb not in SAFE]
    for one in reads:
        for bad in tries(one):
            if wrong := await wrong_with(served, books, one, bad):
                found.append((one.verb, bad.path[:80], str(bad.query)[:80], wrong))
    if changed := await books.changed(start):
        found.append(("get", group, "", f"{changed} changed"))
    for one in writes:
        for bad in tries(one):
            if wrong := await wrong_with(served, books, one, bad):
                found.append((one.verb, bad.path[:80], f"{bad.query} {bad.content!r}"[:120], wrong))
    await books.close()
    assert found == []
