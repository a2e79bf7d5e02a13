"""`Idempotency-Key`: a retry gets the first answer and never makes a second change (an extension of ours)."""

import asyncio
from itertools import count

import pytest

from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

_numbers = count()


@pytest.fixture
def key() -> str:
    return f"superoffice-{next(_numbers)}"


async def test_a_repeated_patch_is_answered_as_before(desk: Desk, key: str) -> None:
    number = await desk.new()
    first = await desk.call("PATCH", number, {"Location": "a"}, Idempotency_Key=key)
    await desk.patch(number, {"Location": "b"})
    again = await desk.call("PATCH", number, {"Location": "a"}, Idempotency_Key=key)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (await desk.read(number))["Location"] == "b"
    assert len(await desk.history(number)) == 3


async def test_a_repeated_post_creates_once(desk: Desk, key: str) -> None:
    first = await desk.call("POST", body={"Title": "Once"}, Idempotency_Key=key)
    again = await desk.call("POST", body={"Title": "Once"}, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await desk.new() == first.json()["AppointmentId"] + 1


async def test_the_same_key_with_another_request_is_refused(desk: Desk, key: str) -> None:
    number, other = await desk.new(), await desk.new()
    await desk.patch(number, {"Location": "a"}, Idempotency_Key=key)
    for at, body in ((number, {"Location": "b"}), (other, {"Location": "a"})):
        await desk.refused(at, body, 400, "idempotency_key_reused", Idempotency_Key=key)
    refused = await desk.call("PATCH", number, {"Location": "a"}, query="?$select=Title", Idempotency_Key=key)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"SO_TimeZone": "GB, includeTZOffset"},
        {"SO_Language": "no"},
        {"Accept_Language": "de"},
        {"Accept": "application/xml"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_a_header_that_changes_what_is_meant_makes_another_request(
    desk: Desk, key: str, headers: dict[str, str]
) -> None:
    number = await desk.new()
    change = {"StartDate": "2026-03-30T10:00:00"}
    first = await desk.call("PATCH", number, change, Idempotency_Key=key)
    assert first.status_code == 200, first.text
    refused = await desk.call("PATCH", number, change, Idempotency_Key=key, **headers)
    assert (refused.status_code, refused.headers["Appointed-Error"]) == (400, "idempotency_key_reused")
    again = await desk.call("PATCH", number, change, Idempotency_Key=key, SO_Culture="en", X_Trace="2")
    assert again.content == first.content


async def test_the_same_in_another_spelling_is_the_same(desk: Desk, key: str) -> None:
    number = await desk.new()
    headers = desk.served.basic("demo") | {"Idempotency-Key": key}
    answers = [
        await desk.served.client.patch(path, content=content, headers=headers)
        for path, content in (
            (f"/api/v1/Appointment/{number}", b'{"Location": "a", "Title": "b"}'),
            (f"/api/v1/appointment/{number}/", b'{"Title":"b","Location":"a"}'),
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].content == answers[0].content
    assert answers[1].headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("odd", [b"{Location: 123456789012345678901234567890}", b"{Location: '\\ud800'}"])
async def test_odd_bodies_with_a_key_are_answered(desk: Desk, key: str, odd: bytes) -> None:
    number = await desk.new()
    headers = desk.served.basic("demo") | {"Idempotency-Key": key}
    answer = await desk.served.client.patch(f"/api/v1/Appointment/{number}", content=odd, headers=headers)
    assert answer.status_code in (200, 400), answer.text


async def test_a_refused_change_leaves_the_key_free(desk: Desk, key: str) -> None:
    number = await desk.new()
    await desk.refused(number, {"Private": "Nonsense"}, Idempotency_Key=key)
    assert (await desk.patch(number, {"Location": "a"}, Idempotency_Key=key))["Location"] == "a"


async def test_a_retry_whose_condition_no_longer_holds_is_answered_too(desk: Desk, key: str) -> None:
    number = await desk.new()
    headers = {"Idempotency_Key": key, "If_Match": '"1"'}
    first = await desk.call("PATCH", number, {"Location": "a"}, **headers)
    again = await desk.call("PATCH", number, {"Location": "a"}, **headers)
    assert (again.status_code, again.content) == (200, first.content)


async def test_at_once_only_one_is_done(desk: Desk, key: str) -> None:
    number = await desk.new()
    calls = [desk.call("PATCH", number, {"Location": "a"}, Idempotency_Key=key) for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in done}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in done) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.headers["Appointed-Error"] == "idempotency_key_in_use"
            assert answer.headers["Retry-After"] == "1"
    assert len(await desk.history(number)) == 2
    made = await asyncio.gather(
        *(desk.call("POST", body={"Title": "x"}, Idempotency_Key=f"{key}-post") for _ in range(8))
    )
    assert len({answer.json()["AppointmentId"] for answer in made if answer.status_code == 200}) == 1


async def test_keys_belong_to_their_caller(desk: Desk, key: str) -> None:
    number = await desk.new()
    await desk.patch(number, {"Location": "a"}, Idempotency_Key=key)
    answer = await desk.of("ola").call("PATCH", number, {"Location": "a"}, Idempotency_Key=key)
    assert "Idempotent-Replayed" not in answer.headers


@pytest.mark.parametrize("bad", ["", "x" * 256, "t\tb"])
async def test_a_key_that_is_none(desk: Desk, bad: str) -> None:
    await desk.refused(
        await desk.new(), {"Location": "a"}, 400, "invalid_idempotency_key", Idempotency_Key=bad
    )


async def test_put_needs_none(desk: Desk, key: str) -> None:
    number = await desk.new()
    whole = await desk.read(number)
    for text in ("a", "b"):
        answer = await desk.call("PUT", number, whole | {"Location": text}, Idempotency_Key=key)
        assert answer.json()["Location"] == text
