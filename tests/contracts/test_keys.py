"""Who may only read an appointment gets no key of its meeting, at no door; all others as before (ADR 209)."""

from collections.abc import AsyncIterator
from dataclasses import replace as with_more
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from appointed.domain.meeting import Meeting
from appointed.domain.participant import Claimant
from appointed.domain.rights import Access
from tests.contracts.office import Office, an_office
from tests.contracts.served import SO, SQ, serving
from tests.rights_rows import lines

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

ROOM, CLAIMANT = "Open-Sesame", "Speak-Friend"
PLACED = {
    "meeting": Meeting(id="R-1", room_name="sesame-room", agent_key=ROOM),
    "link_key": CLAIMANT,
    "claimant": Claimant(id=UUID(int=7), name="Jane Roe"),
}
COLUMNS = "appointmentId,joinVideomeetUrl"
# Where a row is told of: contract, method, path after the resource, and what is sent.
DOORS = {
    "entity": (SO, "GET", "/{id}", {}),
    "xml": (SO, "GET", "/{id}", {"headers": {"Accept": "application/xml"}}),
    "selected": (SO, "GET", "/{id}?$select=JoinVideomeetUrl,Title", {}),
    "simple": (SO, "GET", "/{id}/Simple", {}),
    "slim": (SO, "GET", f"?$filter=appointmentId eq {{id}}&$select={COLUMNS}&$mode=Slim", {}),
    "full": (SO, "GET", f"?$filter=appointmentId eq {{id}}&$select={COLUMNS}&$mode=Full", {}),
    "patched": (SO, "PATCH", "/{id}", {"json": {"Priority": {"Id": 2}}}),
    "read": (SQ, "GET", "/{uid}", {}),
    "listed": (SQ, "GET", "?filter[reference]={reference}", {}),
    "updated": (SQ, "PATCH", "/{uid}", {"json": {"status": "late"}}),
    "rehearsed": (SQ, "PATCH", "/{uid}", {"json": {}, "headers": {"Prefer": "dry-run"}}),
    "cancelled": (SQ, "POST", "/{uid}/cancel", {"json": {}}),
}
# One line for each access and kind of caller that a video appointment knows.
LINES = [
    line for line in lines("rights") if line["row"] != "tenant" and not line["row"].startswith("invited")
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The server with its callers; keys are told by doors, which engine there is does not matter."""
    async with serving(tmp_path_factory.mktemp("keys"), "sqlite:") as served:
        yield with_more(await an_office(served), more=PLACED)


def told(answer: httpx.Response) -> tuple[bool, bool]:
    """Tell which keys an answer holds: the room's and the claimant's; no room goes by its name alone."""
    assert ("sesame-room" in answer.text) <= (ROOM in answer.text)
    return ROOM in answer.text, CLAIMANT in answer.text


@pytest.mark.parametrize("door", DOORS)
async def test_every_door(office: Office, door: str) -> None:
    contract, method, path, sent = DOORS[door]
    wrong, seen = [], set()
    for line in LINES:
        row = await office.row(line["caller"], line["row"])
        where = path.format(id=row.id, uid=row.uid, reference=row.reference)
        answer = await office.call(line["caller"], contract, method, where, **sent)
        granted, speaks = Access[line["access"]], answer.status_code in (200, 201)
        room = speaks and granted >= Access.ANSWER
        claimant = room and contract == SQ and granted >= Access.CHANGE
        seen.add((room, claimant))
        if told(answer) != (room, claimant):
            wrong.append(f"{line['caller']}, {line['row']}: {told(answer)}: {answer.text[:300]}")
    assert wrong == []
    assert {(True, contract == SQ), (False, False)} <= seen


async def test_all_members_are_there_for_who_only_reads(office: Office) -> None:
    row = await office.row("agent", "other")
    whole = (await office.call("administrator", SQ, "GET", f"/{row.uid}")).json()["data"]
    read = (await office.call("agent", SQ, "GET", f"/{row.uid}")).json()["data"]
    assert list(read) == list(whole)
    assert len(read) == 29
    closed = {"url": None, "meeting": whole["meeting"] | {"room_name": None, "room_url": None}}
    assert read == whole | closed


async def test_a_program_sees_the_keys_of_what_it_makes(office: Office) -> None:
    body = {"appointment_at": "2041-05-06T08:00:00Z", "duration_in_minutes": 30, "claimant": {"name": "J"}}
    made = (await office.call("client", SQ, "POST", json=body)).json()["data"]
    again = (await office.call("client", SQ, "GET", f"/{made['id']}")).json()["data"]
    assert made["url"]
    assert made["meeting"]["room_url"]
    assert (again["url"], again["meeting"]) == (made["url"], made["meeting"])
