"""/api/v1/diaries (ours): working hours, and whether a diary's time is given away once."""

from typing import Any

import pytest

from appointed.usecases.administer_diaries import CreateRoom, set_up
from tests.contracts.served import Served
from tests.contracts.sqod.caller import Caller
from tests.contracts.sqod.desk import Desk

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.usefixtures("callers"),
]

DIARIES = "/api/v1/diaries"
HOURS = [{"weekday": "monday", "opens": "09:30", "closes": "24:00"}]
SLOT = {"StartDate": "2033-05-02T10:00:00Z", "EndDate": "2033-05-02T11:00:00Z"}


@pytest.fixture
def head(callers: dict[str, Caller]) -> Desk:
    """An administrator."""
    return Desk(callers["head"])


async def room(served: Served, name: str, *, is_exclusive: bool = False) -> int:
    made = await set_up(served.parts.store, CreateRoom(tenant_id=1, name=name, is_exclusive=is_exclusive))
    return int(str(made["associate"]))


async def book(head: Desk, owner: int) -> int:
    answer = await head.call("POST", "/api/v1/Appointment", {"Associate": {"AssociateId": owner}} | SLOT)
    return answer.status_code


@pytest.mark.clause("SQ-DIARY-read")
async def test_diaries_are_listed_and_read(head: Desk, callers: dict[str, Caller], served: Served) -> None:
    number = await room(served, "Listed room", is_exclusive=True)
    found = (await head.get(f"{DIARIES}/{number}"))["data"]
    assert (found["id"], found["name"], found["type"]) == (number, "Listed room", "resource")
    assert (found["is_exclusive"], found["working_hours"]) == (True, None)
    listed = await head.get(f"{DIARIES}?per_page=100")
    assert found in listed["data"]
    assert {one["type"] for one in listed["data"]} == {"person", "resource"}
    kari = Desk(callers["kari"])
    assert (await kari.get(f"{DIARIES}/me"))["data"]["id"] == (await kari.get("/api/v1/me"))["data"]["id"]
    # A program has none.
    for missing in ("999999", "none", "0", "me"):
        assert (await head.call("GET", f"{DIARIES}/{missing}")).status_code == 404


@pytest.mark.clause("SQ-DIARY-hours")
async def test_working_hours_count_where_times_are_offered(head: Desk, served: Served) -> None:
    path = f"{DIARIES}/{(number := await room(served, 'Room with hours'))}"
    asked = {
        "Associates": [number],
        "StartTime": "2033-05-02T06:00:00",
        "EndTime": "2033-05-02T07:00:00",
        "Count": 1,
    }

    async def next_time() -> str:
        answer = await head.call("POST", "/api/v1/Agents/Appointment/GetNextAvailableTime", asked)
        return str(answer.json()[0]["RecommendedTimeStart"])

    usual = await next_time()
    answer = await head.call("PATCH", path, {"working_hours": HOURS})
    assert answer.json()["data"]["working_hours"] == HOURS
    assert (await next_time()) != usual
    assert (await next_time())[11:16] == "09:30"
    await head.call("PATCH", path, {"working_hours": None})
    assert (await next_time()) == usual


@pytest.mark.clause("SQ-DIARY-exclusive")
async def test_a_diary_that_becomes_exclusive_is_booked_once(head: Desk, served: Served) -> None:
    number = await room(served, "Open room")
    path = f"{DIARIES}/{number}"
    assert [await book(head, number), await book(head, number)] == [200, 200]
    answer = await head.call("PATCH", path, {"is_exclusive": True})
    assert (answer.status_code, answer.json()["data"]["is_exclusive"]) == (200, True)
    # What stands there already stays, and keeps all others out.
    assert await book(head, number) == 409
    assert (await head.call("PATCH", path, {"is_exclusive": "false"})).status_code == 200
    assert await book(head, number) == 200


@pytest.mark.clause("SQ-DIARY-condition")
async def test_a_diary_is_changed_under_a_condition(head: Desk, served: Served) -> None:
    path = f"{DIARIES}/{await room(served, 'Conditions')}"
    tag = (await head.call("GET", path)).headers["ETag"]
    dry = await head.call("PATCH", path, {"is_exclusive": True}, headers={"Prefer": "dry-run"})
    assert (dry.status_code, dry.json()["result"]["data"]["is_exclusive"]) == (200, True)
    assert (await head.get(path))["data"]["is_exclusive"] is False
    key = {"Idempotency-Key": "diary-1", "If-Match": tag}
    first = await head.call("PATCH", path, {"is_exclusive": True}, headers=key)
    again = await head.call("PATCH", path, {"is_exclusive": True}, headers=key)
    assert (first.status_code, again.content) == (200, first.content)
    late = await head.call("PATCH", path, {"is_exclusive": False}, headers={"If-Match": tag})
    assert late.status_code == 412
    unchanged = await head.call("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    by_post = await head.call("POST", f"{path}?_method=PATCH", data={"is_exclusive": "0"})
    assert by_post.json()["data"]["is_exclusive"] is False


@pytest.mark.clause("SQ-DIARY-invalid")
async def test_what_breaks_rules_is_told_whole(head: Desk, served: Served) -> None:
    path = f"{DIARIES}/{await room(served, 'Strict')}"
    late: dict[str, Any] = {"weekday": "friday", "opens": "17:00", "closes": "09:00"}
    errors = await head.refused(
        "PATCH", path, {"is_exclusive": "maybe", "working_hours": [late, {"weekday": "x"}]}
    )
    assert set(errors) == {
        "is_exclusive", "working_hours.0.closes", "working_hours.1.weekday", "working_hours.1.opens",
        "working_hours.1.closes",
    }  # fmt: skip
    assert set(await head.refused("PATCH", path, {"working_hours": HOURS * 71})) == {"working_hours"}
    assert (await head.get(path))["data"]["working_hours"] is None


@pytest.mark.clause("SQ-DIARY-rights")
async def test_own_hours_are_ones_own(head: Desk, callers: dict[str, Caller], served: Served) -> None:
    kari = Desk(callers["kari"])
    mine = f"{DIARIES}/me"
    assert (await kari.call("PATCH", mine, {"working_hours": HOURS})).status_code == 200
    assert (await kari.call("PATCH", mine, {"working_hours": None})).status_code == 200
    assert (await kari.call("PATCH", mine, {"is_exclusive": True})).status_code == 403
    number = await room(served, "Others")
    assert (await kari.call("PATCH", f"{DIARIES}/{number}", {"working_hours": HOURS})).status_code == 403
