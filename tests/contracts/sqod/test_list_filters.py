"""GET /api/v1/appointments: filters and order (ours)."""

from typing import Any

import pytest
import pytest_asyncio

from tests.contracts.served import HOST, Served
from tests.contracts.sqod.caller import BASE, FIRST, SECOND, Caller, newcomer

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.usefixtures("callers"),
]

# Name → when it starts; made in this order.
STARTS = {
    "F-1": "2031-05-02T09:00:00Z",
    "F-2": "2031-05-01T00:00:00Z",
    "F-3": "2031-05-01T23:59:59Z",
    "F,4": "2031-05-03T12:00:00Z",
}


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def lister(served: Served) -> Caller:
    """The client of a tenant with the appointments of STARTS; the first waits, the last is cancelled."""
    caller = await newcomer(served, "filtered")
    uids = {
        name: await caller.new(reference=name, appointment_at=starts_at) for name, starts_at in STARTS.items()
    }
    await caller.patch(uids["F-1"], {"status": "waiting"})
    await caller.cancel(uids["F,4"])
    return caller


async def found(caller: Caller, query: str) -> list[str]:
    return [row["reference"] for row in (await caller.page(f"?{query}"))["data"]]


ASKED = {
    "": ["F-2", "F-3", "F-1", "F,4"],
    "filter[status]=waiting": ["F-1"],
    "filter[status]=waiting,cancelled": ["F-1", "F,4"],
    "filter[status]=waiting,%20waiting": ["F-1"],
    "filter[status][]=waiting&filter[status][]=cancelled": ["F-1", "F,4"],
    "filter%5Bstatus%5D=no_show": [],
    "filter[status]=": ["F-2", "F-3", "F-1", "F,4"],
    "filter[reference]=F-3": ["F-3"],
    "filter[reference]=f-3": [],
    "filter[reference]=F,4": ["F,4"],
    "filter[reference]=F-": [],
    "filter[reference][]=F-3&filter[reference][]=F-1": ["F-3", "F-1"],
    "filter[from]=2031-05-02": ["F-1", "F,4"],
    "filter[from]=2031-05-01T23:59:59Z": ["F-3", "F-1", "F,4"],
    "filter[from]=2031-05-02T01:59:59%2B02:00": ["F-3", "F-1", "F,4"],
    "filter[to]=2031-05-01": ["F-2", "F-3"],
    "filter[to]=2031-05-02T09:00:00Z": ["F-2", "F-3"],
    "filter[to]=2031-05-02T09:00:00.000001Z": ["F-2", "F-3", "F-1"],
    "filter[from]=2031-05-02&filter[to]=2031-05-02": ["F-1"],
    "filter[from]=2031-05-02&filter[to]=2031-05-01": [],
    "filter[status]=scheduled&filter[to]=2031-05-01T12:00": ["F-2"],
    "sort=appointment_at": ["F-2", "F-3", "F-1", "F,4"],
    "sort=-appointment_at": ["F,4", "F-1", "F-3", "F-2"],
    "sort=-created_at": ["F,4", "F-3", "F-2", "F-1"],
    "sort=created_at": ["F-1", "F-2", "F-3", "F,4"],
    "sort=created_at,-appointment_at": ["F,4", "F-1", "F-3", "F-2"],
    "sort=-appointment_at,appointment_at": ["F,4", "F-1", "F-3", "F-2"],
    "filter[status]=scheduled&sort=-appointment_at": ["F-3", "F-2"],
}


@pytest.mark.clause("SQ-LIST-status", "SQ-LIST-reference", "SQ-LIST-from", "SQ-LIST-to", "SQ-LIST-sort")
@pytest.mark.parametrize(("query", "expected"), ASKED.items())
async def test_a_list_shows_what_is_asked_for(lister: Caller, query: str, expected: list[str]) -> None:
    assert await found(lister, query) == expected


async def test_pages_keep_filters_and_order(lister: Caller) -> None:
    page = await lister.page("?filter[status]=scheduled,waiting&sort=-appointment_at&per_page=2")
    assert (page["meta"]["total"], [row["reference"] for row in page["data"]]) == (3, ["F-1", "F-3"])
    following = page["links"]["next"]
    assert following.startswith(HOST + BASE)
    assert await found(lister, following.partition("?")[2]) == ["F-2"]


@pytest.mark.clause("SQ-LIST-department")
@pytest.mark.parametrize("name", ["department_id", "department"])
async def test_departments_are_named_by_number_or_uuid(caller: Caller, name: str) -> None:
    mark = f"D-{name}-{caller.served.parts.settings.is_postgres}"
    first = await caller.new(department_id=1, reference=f"{mark}-1")
    second = await caller.new(department_id=2, reference=f"{mark}-2")
    refs = f"filter[reference][]={mark}-1&filter[reference][]={mark}-2"
    for asked, expected in (
        ("1", [first]),
        (FIRST, [first]),
        (SECOND.upper(), [second]),
        ("1,2", [first, second]),
        (f"2,{SECOND}", [second]),
    ):
        page = await caller.page(f"?{refs}&filter[{name}]={asked}")
        assert [row["id"] for row in page["data"]] == expected


async def test_a_filter_reaches_no_farther_than_the_role(callers: dict[str, Caller]) -> None:
    reference = f"R-{callers['demo'].served.parts.settings.is_postgres}"
    await callers["demo"].new(department_id=1, reference=reference)
    for who, count in (("demo", 1), ("second", 0), ("other", 0)):
        assert (await callers[who].page(f"?filter[reference]={reference}"))["meta"]["total"] == count
    query = f"?filter[department_id]=1&filter[reference]={reference}"
    assert (await callers["second"].page(query))["data"] == []


REFUSED: dict[str, dict[str, list[str]]] = {
    "filter[status]=gone": {"filter.status": ["The selected filter.status is invalid."]},
    "filter[status]=waiting,": {"filter.status": ["The selected filter.status is invalid."]},
    "filter[status][a][b]=waiting": {"filter.status": ["The selected filter.status is invalid."]},
    "filter[department_id]=999": {"filter.department_id": ["The selected filter.department id is invalid."]},
    "filter[department]=nowhere": {"filter.department_id": ["The selected filter.department id is invalid."]},
    "filter[from]=soon": {"filter.from": ["The filter.from field must be a valid date."]},
    "filter[to]=2031-02-30": {"filter.to": ["The filter.to field must be a valid date."]},
    "filter[colour]=red": {"filter.colour": ["The selected filter.colour is invalid."]},
    "filter=waiting": {"filter": ["The filter field must be an array."]},
    "sort=name": {"sort": ["The selected sort is invalid."]},
    "sort=--appointment_at": {"sort": ["The selected sort is invalid."]},
    "filter[reference][a][b]=x": {"filter.reference": ["The filter.reference field must be a string."]},
    "filter[status]=x&filter[from]=x&filter[department]=x&sort=x": {
        "filter.status": ["The selected filter.status is invalid."],
        "filter.from": ["The filter.from field must be a valid date."],
        "sort": ["The selected sort is invalid."],
        "filter.department_id": ["The selected filter.department id is invalid."],
    },
}


@pytest.mark.clause("SQ-LIST-invalid")
@pytest.mark.parametrize(("query", "errors"), REFUSED.items())
async def test_what_cannot_be_read_is_refused_with_every_problem(
    lister: Caller, query: str, errors: dict[str, Any]
) -> None:
    answer = await lister.call("GET", query=f"?{query}")
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (422, "invalid_value"), answer.text
    assert answer.json()["errors"] == errors


async def test_too_many_values_are_refused(lister: Caller) -> None:
    answer = await lister.call("GET", query="?filter[status]=" + ",".join(["late"] * 101))
    assert answer.json()["errors"] == {
        "filter.status": ["The filter.status field must not have more than 100 items."]
    }


@pytest.mark.parametrize("text", ["%00", "%ff", "%ed%a0%80"])
async def test_characters_that_nobody_keeps_are_an_answer_too(lister: Caller, text: str) -> None:
    answer = await lister.call("GET", query=f"?filter[reference]=a{text}b")
    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code == 200:
        assert answer.json()["data"] == []
