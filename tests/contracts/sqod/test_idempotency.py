"""Idempotency-Key on POST and PATCH: done once, answered as often as asked."""

import asyncio
import threading
from typing import Any

import httpx
import pytest

from appointed.domain.directory import View
from appointed.domain.principal import Principal
from appointed.store.sqlite import SqliteStore
from appointed.usecases.ports import Change, Decision, NoRows, Rows, Store
from tests.contracts.sqod.caller import LEAST, Caller, data

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

LATE = {"status": "late"}


def key(value: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": value}}


def same(first: httpx.Response, again: httpx.Response) -> None:
    """Check that the second answer is the first one, marked as such."""
    assert first.headers.get("idempotent-replayed") is None
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["content-type"] == "application/json"


async def test_a_create_under_one_key_makes_one_appointment(caller: Caller) -> None:
    total = (await caller.page())["meta"]["total"]
    first = await caller.call("POST", body=LEAST, **key("create"))
    same(first, await caller.call("POST", body=LEAST, **key("create")))
    assert first.status_code == 201
    assert (await caller.page())["meta"]["total"] == total + 1


async def test_a_change_under_one_key_is_made_once(caller: Caller) -> None:
    uid = await caller.new()
    first = await caller.call("PATCH", f"/{uid}", LATE, **key("change"))
    await caller.patch(uid, {"status": "waiting"})
    same(first, await caller.call("PATCH", f"/{uid}", LATE, **key("change")))
    assert (await caller.read(uid))["status"] == "waiting"
    assert len(await caller.history(uid)) == 3


@pytest.mark.parametrize("path", ["?_method=PATCH", "/cancel"])
async def test_the_same_for_the_posts_on_one_appointment(caller: Caller, path: str) -> None:
    uid = await caller.new()
    first = await caller.call("POST", f"/{uid}{path}", LATE, **key(path))
    same(first, await caller.call("POST", f"/{uid}{path}", LATE, **key(path)))
    assert len(await caller.history(uid)) == 2


async def test_a_condition_is_not_asked_again(caller: Caller) -> None:
    uid = await caller.new()
    headers = {"Idempotency-Key": "conditional", "If-Match": '"1"'}
    first = await caller.call("PATCH", f"/{uid}", LATE, headers=headers)
    same(first, await caller.call("PATCH", f"/{uid}", LATE, headers=headers))


async def test_another_request_under_the_key_is_refused(caller: Caller) -> None:
    uid, other = await caller.new(), await caller.new()
    data(await caller.call("PATCH", f"/{uid}", LATE, **key("reused")))
    text = "The Idempotency-Key was used before with another request."
    for at, body, query in (
        (uid, {"status": "waiting"}, ""),
        (other, LATE, ""),
        (uid, LATE, "?x=1"),
    ):
        options = {"query": query, **key("reused")}
        told = await caller.refused(at, body, 422, "idempotency_key_reused", **options)
        assert told == {"message": text, "errors": {"Idempotency-Key": [text]}}


async def test_a_form_is_the_same_under_another_boundary_and_as_json(caller: Caller) -> None:
    uid = await caller.new()
    first = await caller.call("PATCH", f"/{uid}", LATE, **key("boundary"))
    for boundary in ("one", "two"):
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="status"\r\n\r\nlate\r\n--{boundary}--\r\n'
        )
        headers = {
            "Authorization": caller.authorization,
            "Idempotency-Key": "boundary",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        path = f"/api/v1/appointments/{uid}"
        same(first, await caller.served.client.patch(path, content=body.encode(), headers=headers))
    assert len(await caller.history(uid)) == 2


async def test_a_key_belongs_to_its_caller(callers: dict[str, Caller]) -> None:
    names = [
        data(await callers[name].call("POST", body=LEAST, **key("own")), 201)["id"]
        for name in ("demo", "head", "other")
    ]
    assert len(set(names)) == 3


async def test_what_was_refused_may_be_tried_again(caller: Caller) -> None:
    uid = await caller.new()
    stale = {"headers": {"Idempotency-Key": "again", "If-Match": '"2"'}}
    await caller.refused(uid, LATE, 412, "precondition_failed", **stale)
    await caller.refused(uid, {"status": "gone"}, **key("again"))
    assert data(await caller.call("PATCH", f"/{uid}", LATE, **key("again")))["status"] == "late"


@pytest.mark.parametrize("value", ["", "k" * 256, "æ", "tab\tinside"])
async def test_a_key_is_printable_ascii_of_some_length(caller: Caller, value: str) -> None:
    text = "The Idempotency-Key header must be 1 to 255 printable ASCII characters."
    headers = {"Idempotency-Key": value.encode()}
    body = await caller.refused(await caller.new(), LATE, 422, "invalid_idempotency_key", headers=headers)
    assert body == {"message": text, "errors": {"Idempotency-Key": [text]}}


async def test_one_that_is_still_running_is_told(caller: Caller) -> None:
    uid = await caller.new()

    async def twice() -> list[httpx.Response]:
        return await asyncio.gather(
            *(caller.call("PATCH", f"/{uid}", LATE, **key("running")) for _ in range(2))
        )

    first, second = await in_one_batch(caller.served.parts.store, twice)
    assert data(first)["status"] == "late"
    assert (second.status_code, second.headers["Appointed-Error"]) == (409, "idempotency_key_in_use")
    assert second.json() == {"message": "A request with this Idempotency-Key is still running."}
    assert second.headers["retry-after"] == "1"
    same(first, await caller.call("PATCH", f"/{uid}", LATE, **key("running")))
    assert len(await caller.history(uid)) == 2


async def in_one_batch(store: Store, run: Any) -> Any:
    """Run what sends several changes so that they are decided together."""
    if not isinstance(store, SqliteStore):
        # Its writer takes what has come when the loop next turns.
        return await run()
    started, gate = threading.Event(), threading.Event()

    def block(_rows: Rows, _view: View) -> Decision:
        started.set()
        gate.wait(30)
        return Decision()

    change = Change(
        tenant_id=1,
        principal=Principal(1, 1),
        door="test",
        scope=NoRows(),
        permit=lambda _rows, _view: None,
        decide=block,
    )
    blocking = asyncio.create_task(store.change(change))
    await asyncio.to_thread(started.wait)
    running = asyncio.create_task(run())
    for _turn in range(50):
        await asyncio.sleep(0)
    gate.set()
    await blocking
    return await running
