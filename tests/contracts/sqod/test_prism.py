"""The judge judges: every answer of the document that is not as it says is told, member by member."""

from copy import deepcopy
from typing import Any

import httpx
import pytest

from tests.contracts.sqod.caller import LEAST, Caller
from tests.contracts.sqod.prism import Judge, document

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

SCHEMAS = document()["components"]["schemas"]
RESOURCE = SCHEMAS["AppointmentResource"]["properties"]


async def found(judge: Judge, answer: httpx.Response, status: int, body: Any) -> list[str]:
    """Give where the answer's twin with this body is wrong."""
    twin = httpx.Response(status, json=body, request=answer.request)
    told = [one["location"] for one in await judge.violations(twin)]
    return [".".join(place[2:]) for place in told if place[0] == "response"]


async def test_every_member_of_an_appointment_is_judged(caller: Caller, judge: Judge) -> None:
    answer = await caller.call("POST", body=LEAST | {"reference": "judged"})
    whole = answer.json()
    assert await found(judge, answer, 201, whole) == []
    # No member is of this type.
    wrong = {"data": {name: [[]] for name in RESOURCE}}
    assert set(await found(judge, answer, 201, wrong)) == {f"data.{name}" for name in RESOURCE}
    for name, root in (
        ("department", "DepartmentResource"),
        ("claimant", "AppointmentClaimantResource"),
        ("meeting", "Meeting"),
    ):
        inner = {"data": whole["data"] | {name: {one: [[]] for one in SCHEMAS[root]["properties"]}}}
        assert f"data.{name}.{'data.0' if name == 'claimant' else 'id'}" in await found(
            judge, answer, 201, inner
        )


async def test_every_operation_and_status_is_judged(caller: Caller, judge: Judge) -> None:
    uid = await caller.new()
    good = [
        (await caller.call("GET"), [{"data": {}}, {"data": None}, {}]),
        (await caller.call("GET", f"/{uid}"), [{"data": {"status": "gone"}}, {}]),
        (await caller.call("PATCH", f"/{uid}", {}), [{"data": {"status": "gone"}}, {}]),
        (await caller.call("POST", f"/{uid}", {}, query="?_method=PATCH"), [{"data": {"id": 7}}, {}]),
        (await caller.call("POST", f"/{uid}/cancel", {}), [{"data": {"cancelled_at": "soon"}}, {}]),
        (await caller.call("GET", "/nothing"), [{}]),
        (await caller.call("POST", body={}), [{"message": "x"}, {"message": "x", "errors": {"a": []}}]),
    ]
    for answer, bodies in good:
        assert await found(judge, answer, answer.status_code, answer.json()) == []
        for body in bodies:
            assert await found(judge, answer, answer.status_code, body) != [], (answer.request.url, body)
        assert await found(judge, answer, 418, answer.json()) == [""]


async def test_a_page_is_judged_to_its_last_member(caller: Caller, judge: Judge) -> None:
    await caller.new()
    answer = await caller.call("GET", query="?per_page=1")
    page = answer.json()
    for path in (("data", 0, "status"), ("meta", "total"), ("links", "next"), ("meta", "links", 0, "active")):
        wrong = deepcopy(page)
        place = wrong
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = {}
        assert set(await found(judge, answer, 200, wrong)) == {".".join(map(str, path))}


async def test_requests_that_are_taken_are_judged_and_leniency_says_where(
    caller: Caller, judge: Judge
) -> None:
    uid = await caller.new()
    with pytest.raises(AssertionError, match="is_interpreter_needed must be boolean"):
        await caller.call("PATCH", f"/{uid}", {"is_interpreter_needed": "true"})
    judge.forgives = ("body.interpreter_language", "query")
    with pytest.raises(AssertionError, match="is_interpreter_needed must be boolean"):
        await caller.call("PATCH", f"/{uid}", {"is_interpreter_needed": "true"})
    judge.forgives = ("body.is_interpreter",)
    assert (await caller.call("PATCH", f"/{uid}", {"is_interpreter_needed": "true"})).status_code == 200
    judge.forgives = ()
    # What was forgiven once is not forgiven to the next.
    with pytest.raises(AssertionError, match="is_interpreter_needed must be boolean"):
        await caller.call("PATCH", f"/{uid}", {"is_interpreter_needed": "true"})
    # Refused, and so wrong on purpose.
    assert (await caller.call("PATCH", f"/{uid}", {"duration_in_minutes": "soon"})).status_code == 422
