"""Links to next pages of lists whose options are longer than a link may be (Archive, odata.nextLink)."""

import base64
import random
import tracemalloc
import zlib
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk
from tests.work import calls, no_hang

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

POSTED = "/api/v1/Archive/FindAppointment"


def packed(content: bytes) -> str:
    return "~" + base64.urlsafe_b64encode(zlib.compress(content)).decode()


STRANGE = {
    "empty": "~",
    "letter": "~x",
    "zeros": "~" + "A" * 7_000,
    "number": packed(b'{"top": 5}'),
    "deep": packed(b"[" * 60_000),
    "bomb": packed(b'{"filter":"' + b"x" * 50_000_000 + b'"}'),
    "unknown": packed(b'{"odd":"1"}'),
    "inside itself": packed(b'{"skiptoken":"~"}'),
    "no unicode": packed(b'{"filter":"\xff"}'),
}

# The longest takes 260,000 calls, nearly all of the client that writes it, and none more than 0.8 MB.
MOST_CALLS, MOST_BYTES = 400_000, 2_000_000


async def followed_by_get(desk: Desk, one: dict[str, Any]) -> list[int]:
    found = []
    while True:
        found += [row["appointmentId"] for row in one["value"]]
        if one["odata.nextLink"] is None:
            return found
        assert len(one["odata.nextLink"]) <= 8_192
        answer = await desk.served.client.get(one["odata.nextLink"], headers=desk.served.basic("demo"))
        assert answer.status_code == 200, answer.text
        one = answer.json()


async def posted(desk: Desk, options: dict[str, Any], path: str = POSTED) -> dict[str, Any]:
    answer = await desk.served.client.post(path, json=options, headers=desk.served.basic("demo"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.clause("SO-ODATA-009", "SO-ARCHIVE-004")
async def test_the_link_of_a_long_filter_can_be_followed(desk: Desk) -> None:
    numbers = sorted([await desk.new() for _ in range(5)])
    many = ",".join(str(number) for number in (*numbers, *range(5_000_000, 5_000_900)))
    long = {"$filter": f"appointmentId in ({many})", "$select": "appointmentId", "$top": 2}
    long["$filter"] += " and (location is '' or location is 'x')" * 45
    assert 8_500 < len(long["$filter"]) <= 10_000
    first = await posted(desk, long)
    assert "$filter" not in first["odata.nextLink"]
    assert await followed_by_get(desk, first) == numbers
    as_xml = await desk.served.client.get(
        first["odata.nextLink"] + "&$format=xml", headers=desk.served.basic("demo")
    )
    assert as_xml.headers["Content-Type"].startswith("application/xml")


@pytest.mark.clause("SO-ARCHIVE-004")
async def test_a_link_that_no_options_fit_in_is_posted_to(desk: Desk) -> None:
    place = "Behind a link that is too long"
    numbers = sorted([await desk.new(Location=place) for _ in range(3)])
    noise = _noise(4_000)
    body = {
        "$filter": f"location is '{place}' and location isNot '{noise}'",
        "$select": "appointmentId",
        "$top": 2,
    }
    first = await posted(desk, body)
    link = first["odata.nextLink"]
    assert "$filter" not in link
    refused = await desk.served.client.get(link, headers=desk.served.basic("demo"))
    assert refused.status_code == 400
    desk.served.assert_body("superoffice", refused)
    second = await posted(desk, body, link)
    found = [row["appointmentId"] for one in (first, second) for row in one["value"]]
    assert (found, second["odata.nextLink"]) == (numbers, None)


def _noise(length: int) -> str:
    source = random.Random(20261121)
    return "".join(chr(source.randrange(0x4E00, 0x9FA0)) for _ in range(length))


@pytest.mark.parametrize("token", STRANGE.values(), ids=STRANGE)
async def test_tokens_that_nobody_was_given(desk: Desk, token: str) -> None:
    tracemalloc.start()
    try:
        with no_hang(), calls() as work:
            answer = await desk.served.client.get(
                "/api/v1/Appointment", params={"$skiptoken": token}, headers=desk.served.basic("demo")
            )
        _now, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (work.number <= MOST_CALLS, most_bytes <= MOST_BYTES) == (True, True), (work.number, most_bytes)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request")
    desk.served.assert_body("superoffice", answer)
