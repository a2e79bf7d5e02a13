"""Attempts to change what is fixed are written down (bad input 17): who, where and which members, no values."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.served import Served, serving

CANARY = "2001-01-01T00:00:00"
FIXED = {
    "AppointmentId": 7_654_321,
    "CreatedBy": {"AssociateId": 2, "Name": "canary"},
    "CreatedDate": CANARY,
    "HasConflict": True,
    "CustomFields.x_uid": "canary",
}


def operation(member: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": "/" + member.lower().replace(".", "/"), "value": value}


class Watched:
    """A server whose log can be read."""

    def __init__(self, served: Served, stream: io.BytesIO) -> None:
        self.served = served
        self.stream = stream

    @property
    def attempts(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in lines if line["event"] == "attempt"]

    async def patch(self, body: Any) -> int:
        return (await self.served.so("PATCH", f"Appointment/{self.served.number}", json=body)).status_code


@pytest.fixture
async def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(stream, write_through=True))
    async with serving(tmp_path, "sqlite:", {"log_level": "info"}) as served:
        yield Watched(served, stream)


@pytest.mark.parametrize("member", FIXED)
async def test_17_an_attempt_on_a_fixed_member_is_written_down(watched: Watched, member: str) -> None:
    assert await watched.patch([operation(member, FIXED[member])]) == 400
    (line,) = watched.attempts
    assert line["level"] == "warning"
    assert line["route"] == "/api/v1/Appointment/{id}"
    assert line["tenant"] == 1
    assert line["associate"] == 1
    assert line["appointment"] == watched.served.number
    assert line["members"] == [member]
    assert line["error"] == "read_only"
    assert len(line["request_id"]) == 16
    for secret in (b"canary", b"7654321", CANARY.encode()):
        assert secret not in watched.stream.getvalue()


async def test_17_every_member_of_one_patch_is_named(watched: Watched) -> None:
    assert await watched.patch([operation(member, value) for member, value in FIXED.items()]) == 400
    (line,) = watched.attempts
    assert set(line["members"]) == set(FIXED)


async def test_other_patches_leave_no_such_line(watched: Watched) -> None:
    number = watched.served.number
    assert await watched.patch([{"op": "test", "path": "/AppointmentId", "value": number}]) == 200
    assert await watched.patch([operation("AppointmentId", number)]) == 200
    assert await watched.patch([operation("NoSuchMember", 1)]) == 400
    assert await watched.patch({"CreatedDate": CANARY}) == 200
    assert watched.attempts == []


async def test_17_so_is_one_on_a_record(watched: Watched) -> None:
    answer = await watched.served.so("PATCH", "Contact/1", json=[operation("CreatedDate", CANARY)])
    assert answer.status_code == 400
    (line,) = watched.attempts
    assert (line["contact"], line["associate"], line["members"]) == (1, 1, ["CreatedDate"])
    assert CANARY.encode() not in watched.stream.getvalue()
