"""Filters that nobody should send: refused at once in the contract's form, and nothing is changed."""

import pytest

from tests.contracts.superoffice.bad_filters import BAD
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_lists import ask, ids
from tests.work import calls, no_hang

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# The longest, 700 conditions, takes 30,000.
MOST_CALLS = 100_000


@pytest.mark.clause("SO-ODATA-006")
@pytest.mark.parametrize("text", BAD, ids=[f"{n} {text[:12].strip()!r}" for n, text in enumerate(BAD)])
async def test_bad_filters_are_refused_and_change_nothing(desk: Desk, text: str) -> None:
    before = await desk.served.snapshot()
    sent = desk.served.basic("demo")
    with no_hang(), calls() as work:
        answer = await desk.served.client.post(
            "/api/v1/Archive/FindAppointment", json={"$filter": text}, headers=sent
        )
    assert work.number <= MOST_CALLS
    assert answer.status_code == 400, answer.text[:200]
    desk.served.assert_body("superoffice", answer)
    assert await desk.served.snapshot() == before


@pytest.mark.parametrize(
    "text", ["location is '%'", "location is ''' OR ''1''=''1'", "location contains '_'", r"location is '\'"]
)
async def test_texts_are_only_texts(desk: Desk, text: str) -> None:
    assert await ids(desk, text) == []


async def test_a_read_writes_nothing(desk: Desk) -> None:
    before = await desk.served.snapshot()
    await ask(desk, filter="date thisYear", orderBy="contact/name", options="GrandTotal=true")
    assert await desk.served.snapshot() == before
