"""Eight tasks change one appointment through both contracts at once: no update lost, no revision twice."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from appointed.domain.events import EventKind
from appointed.usecases.ports import ByUid
from tests.contracts.served import SO, SQ, Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

ROUNDS = 10
LEAST = {
    "appointment_at": "2026-04-20T09:00:00Z",
    "duration_in_minutes": 60,
    "claimant": {"name": "Jane Roe", "phone_number": "0"},
}


def field(name: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": f"/CustomFields/{name}", "value": value}]


# What each task writes: (contract, the body of its patch, where the contract then shows it).
WRITERS: list[tuple[str, Callable[[str], Any], Callable[[dict[str, Any]], Any]]] = [
    (SQ, lambda text: {"interpreter_language": text}, lambda row: row["interpreter_language"]),
    (SQ, lambda text: {"claimant": {"phone_number": text}}, lambda row: row["claimant"]["phone_number"]),
    (SQ, lambda text: {"claimant": {"name": text}}, lambda row: row["claimant"]["name"]),
    (
        SQ,
        lambda text: {"custom_user_post_call_redirect_url": f"https://a.example/{text}"},
        lambda row: row["custom_user_post_call_redirect_url"].rpartition("/")[2],
    ),
    (SO, lambda text: {"Location": text}, lambda row: row["Location"]),
    (SO, lambda text: {"Agenda": text}, lambda row: row["Agenda"]),
    (SO, lambda text: field("SuperOffice:1", text), lambda row: row["CustomFields"]["SuperOffice:1"]),
    (
        SO,
        lambda text: field("x_claimant_email", f"{text}@a.example"),
        lambda row: row["CustomFields"]["x_claimant_email"].partition("@")[0],
    ),
]


class Shared:
    """One appointment by its address in each contract."""

    def __init__(self, served: Served, uid: str, number: int) -> None:
        self._served = served
        self.number = number
        self._paths = {SO: f"Appointment/{number}", SQ: f"/{uid}"}

    async def call(self, contract: str, method: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call it through one contract; underscores in header names stand for hyphens."""
        send = self._served.so if contract == SO else self._served.sq
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {} if body is None else {"json": body}
        return await send(method, self._paths[contract], headers=named, **options)

    async def shown(self, contract: str) -> dict[str, Any]:
        """Give it as one contract shows it."""
        body = (await self.call(contract, "GET")).json()
        return dict(body if contract == SO else body["data"])

    async def revisions(self) -> list[int]:
        """Give the revisions of its events, in the order they were kept."""
        events = await self._served.parts.store.history(1, self.number)
        assert [event.kind for event in events] == [EventKind.CREATED] + [EventKind.CHANGED] * (
            len(events) - 1
        )
        return [event.revision for event in events]


async def shared(served: Served) -> Shared:
    uid = (await served.sq("POST", json=LEAST)).json()["data"]["id"]
    reading = await served.parts.store.read(1, ByUid(UUID(uid)))
    return Shared(served, uid, reading.row.id)


async def test_no_update_is_lost_and_each_revision_comes_once(served: Served) -> None:
    one = await shared(served)
    tags: list[str] = []

    async def write(writer: int) -> None:
        contract, body, read = WRITERS[writer]
        for turn in range(1, ROUNDS + 1):
            answer = await one.call(contract, "PATCH", body(f"w{writer}t{turn}"))
            assert answer.status_code == 200, answer.text
            row = answer.json() if contract == SO else answer.json()["data"]
            # Nobody else writes this member: the answer shows what was just written.
            assert read(row) == f"w{writer}t{turn}"
            tags.append(answer.headers["etag"].strip('"').partition("-")[0])

    await asyncio.gather(*(write(writer) for writer in range(len(WRITERS))))
    rows = {contract: await one.shown(contract) for contract in (SO, SQ)}
    last = [read(rows[contract]) for contract, _body, read in WRITERS]
    assert last == [f"w{writer}t{ROUNDS}" for writer in range(len(WRITERS))]
    changes = len(WRITERS) * ROUNDS
    assert await one.revisions() == list(range(1, changes + 2))
    assert sorted(map(int, tags)) == list(range(2, changes + 2))


async def test_who_looks_before_writing_never_writes_over_another(served: Served) -> None:
    one = await shared(served)
    refused = 0

    async def read(contract: str) -> tuple[int, str]:
        answer = await one.call(contract, "GET")
        if contract == SO:
            return int(answer.json()["CustomFields"]["x_claimant_phone_number"]), answer.headers["etag"]
        return int(answer.json()["data"]["claimant"]["phone_number"]), answer.headers["etag"]

    async def count(contract: str) -> None:
        nonlocal refused
        done = 0
        while done < 3:
            seen, tag = await read(contract)
            text = str(seen + 1)
            body = (
                field("x_claimant_phone_number", text)
                if contract == SO
                else {"claimant": {"phone_number": text}}
            )
            answer = await one.call(contract, "PATCH", body, If_Match=tag)
            assert answer.status_code in (200, 412), answer.text
            done += answer.status_code == 200
            refused += answer.status_code == 412

    await asyncio.gather(*(count(contract) for contract in (SO, SQ) * 4))
    assert refused > 0
    assert (await read(SO))[0] == (await read(SQ))[0] == 24
    assert await one.revisions() == list(range(1, 26))
