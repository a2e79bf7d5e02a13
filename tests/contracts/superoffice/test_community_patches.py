"""The community's JSON Patch records through HTTP, against the custom fields of an appointment (ADR 0175)."""

from typing import Any

import pytest

from appointed.domain.errors import PatchRejected
from appointed.patching.operations import read_operations
from tests.contracts.superoffice.desk import Desk
from tests.patching.vectors.test_json_patch_suite import ALL

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


def below(steps: Any) -> Any:
    """Let operations work on the custom fields instead of a document of their own."""
    if not isinstance(steps, list):
        return steps
    return [
        step
        | {name: f"/CustomFields{step[name]}" for name in ("path", "from") if isinstance(step.get(name), str)}
        if isinstance(step, dict)
        else step
        for step in steps
    ]


def refusal_of(steps: Any) -> str:
    """Give the code that a document is refused with whatever it is sent to; empty when it is not."""
    try:
        read_operations(steps)
    except PatchRejected as error:
        return error.code
    return ""


@pytest.mark.clause("SO-PATCH-004", "SO-BODY-001")
async def test_every_record_is_done_or_refused_whole(desk: Desk) -> None:
    number = await desk.new()
    for name, record in ALL.items():
        before = await desk.history(number)
        steps = below(record["patch"])
        answer = await desk.call("PATCH", number, steps)
        assert answer.status_code in (200, 400, 409), name
        code = refusal_of(steps)
        if code:
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, code), name
        if answer.status_code != 200:
            assert await desk.history(number) == before, name
