"""DELETE Appointment/{id}: gone from both contracts, kept in the event log."""

import pytest

from appointed.domain.events import EventKind
from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.clause("SO-OP-011")
async def test_it_is_gone_from_both_contracts(desk: Desk) -> None:
    number = await desk.new()
    uid = (await desk.read(number))["CustomFields"]["x_uid"]
    assert (await desk.served.sq("GET", f"/{uid}")).status_code == 200
    answer = await desk.call("DELETE", number)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await desk.served.sq("GET", f"/{uid}")).status_code == 404
    for method in ("GET", "DELETE"):
        assert (await desk.call(method, number)).status_code == 404
    assert (await desk.call("PATCH", number, {"Title": "x"})).status_code == 404


async def test_the_log_keeps_it(desk: Desk) -> None:
    number = await desk.new(Title="Kept in the log")
    await desk.call("DELETE", number)
    events = await desk.history(number)
    assert [event.kind for event in events] == [EventKind.CREATED, EventKind.DELETED]


async def test_only_with_the_right(desk: Desk) -> None:
    number = await desk.new()
    answer = await desk.of("ola").call("DELETE", number)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (403, "forbidden")
    assert (await desk.read(number))["AppointmentId"] == number
