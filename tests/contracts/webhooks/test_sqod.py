"""Subscriptions in SQOD's style, sent as Standard Webhooks."""

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import httpx
import pytest

from appointed.domain.audit import Act, Wanted
from appointed.domain.webhook import DeliveryState
from appointed.sqod.webhooks.rules import Payload
from tests.contracts.served import Served
from tests.contracts.webhooks.hooks import Hooks
from tests.webhooks.receiver import Call, Receiver, status

pytestmark = pytest.mark.asyncio(loop_scope="package")
EVENTS = ["appointment.created", "appointment.updated", "appointment.cancelled", "appointment.deleted"]
MEMBERS = [
    "id",
    "name",
    "url",
    "events",
    "payload",
    "status",
    "is_failing",
    "consecutive_failures",
    "last_error",
    "created_at",
    "updated_at",
]
PERSONAL = ("claimant", "url", "meeting", "room_url", "key=")


class Desk:
    """Short ways to call the addresses of subscriptions, as the administrator."""

    def __init__(self, served: Served, receiver: Receiver) -> None:
        self.served, self.receiver = served, receiver

    async def call(self, method: str, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
        headers = self.served.basic("demo") | {"Accept": "application/json"} | options.pop("headers", {})
        content = {} if body is None else {"json": body}
        address = f"/api/v1/webhooks{path}"
        return await self.served.client.request(method, address, headers=headers, **content, **options)

    async def made(self, **members: Any) -> dict[str, Any]:
        answer = await self.call("POST", "", {"url": self.receiver.url, "events": EVENTS} | members)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    async def appointment(self, **members: Any) -> dict[str, Any]:
        sent = {
            "appointment_at": "2027-06-01T08:00:00Z",
            "duration_in_minutes": 30,
            "claimant": {"name": "Grace Hopper"},
        }
        answer = await self.served.sq("POST", json=sent | members)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["data"])

    async def heard(self, count: int) -> list[Call]:
        await self.receiver.until(lambda: len(self.receiver.heard) >= count)
        return self.receiver.heard


@pytest.fixture
def desk(served: Served, receiver: Receiver) -> Desk:
    return Desk(served, receiver)


def verify(secret: str, call: Call) -> bool:
    """As the documentation tells receivers to do it."""
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(expected, given.removeprefix("v1,"))
        for given in call.headers["webhook-signature"].split()
    )


async def test_a_subscription_is_made_shown_changed_and_ended(desk: Desk) -> None:
    made = await desk.made(name="Mine")
    secret = made.pop("secret")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert list(made) == MEMBERS
    assert (made["name"], made["payload"], made["status"]) == ("Mine", "reference", "active")
    shown = await desk.call("GET", f"/{made['id']}")
    assert shown.json() == {"data": made}
    listed = (await desk.call("GET")).json()
    assert listed["data"] == [made]
    assert listed["meta"]["total"] == 1
    for method in ("PATCH", "PUT"):
        answer = await desk.call(method, f"/{made['id']}", {"name": method, "events": EVENTS[:1]})
        assert answer.status_code == 200, answer.text
        changed = answer.json()["data"]
        assert (changed["name"], changed["events"], changed["url"]) == (method, EVENTS[:1], made["url"])
        assert secret not in answer.text
    assert secret not in shown.text
    assert (await desk.call("DELETE", f"/{made['id']}")).status_code == 204
    gone = await desk.call("GET", f"/{made['id']}")
    assert (gone.status_code, gone.headers["Appointed-Error"]) == (404, "record_not_found")


async def test_a_form_changes_one_by_post(desk: Desk) -> None:
    made = await desk.made()
    path, form = f"/{made['id']}", {"name": (None, "By form"), "events[]": (None, EVENTS[0])}
    answer = await desk.call("POST", f"{path}?_method=PATCH", files=form)
    assert answer.status_code == 200, answer.text
    changed = answer.json()["data"]
    assert (changed["name"], changed["events"]) == ("By form", EVENTS[:1])
    assert (await desk.call("POST", path, {"name": "No"})).status_code == 405


async def test_what_changes_nothing_is_no_change(desk: Desk) -> None:
    made = await desk.made(name="Mine")
    audit = desk.served.parts.store.audit
    wanted = Wanted(acts=(Act.WEBHOOK_CHANGED,), limit=10)
    await audit.flush()
    before = await audit.entries(1, wanted)
    for same in ({}, {"name": "Mine", "events": EVENTS}):
        answer = await desk.call("PATCH", f"/{made['id']}", same)
        assert (answer.status_code, answer.json()["data"]["updated_at"]) == (200, None)
    await audit.flush()
    assert await audit.entries(1, wanted) == before


async def test_the_list_has_pages(desk: Desk) -> None:
    numbers = [(await desk.made())["id"] for _each in range(3)]
    page = (await desk.call("GET", "?per_page=2&page=2")).json()
    assert [hook["id"] for hook in page["data"]] == numbers[2:]
    assert page["meta"]["last_page"] == 2


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"url", "events"}),
        ({"url": "https://receiver.example/", "events": []}, {"events"}),
        ({"url": "https://receiver.example/", "events": ["appointment.seen"]}, {"events"}),
        ({"url": "https://receiver.example/", "events": "appointment.created"}, {"events"}),
        ({"url": 5.5, "events": [5]}, {"events", "url"}),
        ({"url": "ftp://receiver.example/", "events": []}, {"events", "url"}),
        ({"url": "https://receiver.example/", "events": EVENTS, "payload": "all"}, {"payload"}),
        ({"url": "https://receiver.example/", "events": EVENTS, "status": "asleep"}, {"status"}),
        ({"url": "https://receiver.example/", "events": EVENTS, "name": "x" * 256}, {"name"}),
        ({"url": "x" * 3_000, "events": EVENTS}, {"url"}),
    ],
    ids=lambda value: "",
)
async def test_bad_input_names_every_member(desk: Desk, body: Any, fields: set[str]) -> None:
    answer = await desk.call("POST", "", body)
    assert answer.status_code == 422, answer.text
    assert set(answer.json()["errors"]) == fields
    assert (await desk.call("GET")).json()["data"] == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://receiver.example/",
        "https://127.1:22\\@x/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[fd00::1]/",
        "gopher://receiver.example/",
        "https://a:b@receiver.example/",
    ],
)
async def test_targets_that_may_not_be_called(desk: Desk, url: str) -> None:
    answer = await desk.call("POST", "", {"url": url, "events": EVENTS})
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (422, "url_not_allowed")
    assert set(answer.json()["errors"]) == {"url"}
    number = (await desk.made())["id"]
    assert (await desk.call("PATCH", f"/{number}", {"url": url})).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("PATCH", "/1"),
        ("PUT", "/1"),
        ("DELETE", "/1"),
        ("POST", "/1/rotate"),
        ("POST", "/1/test"),
        ("GET", "/1/deliveries"),
        ("POST", "/1/redeliver"),
        ("POST", "/1/deliveries/1/redeliver"),
    ],
)
async def test_only_administrators_may(desk: Desk, method: str, path: str) -> None:
    for name, code in (("kari", 403), ("nobody", 401)):
        answer = await desk.call(method, path, {}, headers=desk.served.basic(name))
        assert answer.status_code == code, answer.text


@pytest.mark.parametrize("number", ["0", "x", "-1", "99999999999999999999", "1.5", "%00"])
async def test_a_number_that_is_none(desk: Desk, number: str) -> None:
    for method, path in (
        ("GET", f"/{number}"),
        ("GET", f"/{number}/deliveries"),
        ("POST", f"/{number}/test"),
    ):
        assert (await desk.call(method, path)).status_code == 404


# What receivers are told.


async def test_each_event_is_signed_and_tells_nothing_of_the_claimant(desk: Desk) -> None:
    secret = (await desk.made())["secret"]
    made = await desk.appointment()
    await desk.served.sq("PATCH", f"/{made['id']}", json={"duration_in_minutes": 50})
    await desk.served.sq("POST", f"/{made['id']}/cancel", json={"cancellation_reason": "ill"})
    calls = await desk.heard(3)
    assert [call.json["type"] for call in calls] == EVENTS[:3]
    for call in calls:
        assert verify(secret, call)
        assert not verify("whsec_" + base64.b64encode(b"x" * 32).decode(), call)
        assert call.headers["content-type"] == "application/json"
        assert b"Hopper" not in call.body
        assert not set(PERSONAL) & set(call.json["data"])
        assert not any(word.encode() in call.body for word in ("key=", "room", "ill"))
    assert len({call.headers["webhook-id"] for call in calls}) == 3
    data = [call.json["data"] for call in calls]
    assert {one["id"] for one in data} == {made["id"]}
    assert data[0]["department"]["id"] == made["department"]["id"]
    assert [one["duration_in_minutes"] for one in data] == [made["duration_in_minutes"], 50, 50]
    assert [one["changed"] for one in data[:2]] == [[], ["duration_in_minutes"]]
    assert set(data[2]["changed"]) == {"status", "cancelled_at", "cancellation_reason"}
    assert [one["status"] for one in data] == ["scheduled", "scheduled", "cancelled"]


async def test_the_whole_resource_comes_when_asked_for(desk: Desk) -> None:
    await desk.made(payload=Payload.RESOURCE, events=["appointment.created"])
    made = await desk.appointment()
    (call,) = await desk.heard(1)
    whole = call.json["data"]["appointment"]
    assert list(whole) == list(made)
    differing = {name for name in made if whole[name] != made[name]}
    # The base URL of an answer is that of its request.
    assert differing <= {"url", "meeting"}
    assert whole["claimant"]["name"] == "Grace Hopper"


async def test_a_deletion_through_the_other_contract_is_told(desk: Desk) -> None:
    await desk.made(payload=Payload.RESOURCE, events=["appointment.deleted"])
    number = await Hooks(desk.served, desk.receiver).appointment()
    await desk.served.so("DELETE", f"Appointment/{number}")
    (call,) = await desk.heard(1)
    assert call.json["type"] == "appointment.deleted"
    assert call.json["data"]["appointment"] is None


async def test_what_the_contract_does_not_speak_of_is_not_told(desk: Desk) -> None:
    await desk.made(events=["appointment.created"])
    hooks = Hooks(desk.served, desk.receiver)
    await hooks.appointment(Private="PrivateUser")
    await hooks.appointment(Type="inChecklist")
    told = await hooks.appointment(Title="public")
    (call,) = await desk.heard(1)
    row = await desk.served.so("GET", f"Appointment/{told}")
    assert call.json["data"]["id"] == row.json()["CustomFields"]["x_uid"]


async def test_only_the_events_asked_for_are_told(desk: Desk) -> None:
    await desk.made(events=["appointment.cancelled"])
    made = await desk.appointment()
    await desk.served.sq("PATCH", f"/{made['id']}", json={"duration_in_minutes": 50})
    await desk.served.sq("POST", f"/{made['id']}/cancel", json={})
    (call,) = await desk.heard(1)
    assert call.json["type"] == "appointment.cancelled"


async def test_a_rotated_secret_signs_beside_the_old_one(desk: Desk) -> None:
    made = await desk.made(events=["appointment.created"])
    answer = (await desk.call("POST", f"/{made['id']}/rotate")).json()["data"]
    assert answer["secret"] != made["secret"]
    await desk.appointment()
    (call,) = await desk.heard(1)
    assert verify(made["secret"], call)
    assert verify(answer["secret"], call)
    again = (await desk.call("POST", f"/{made['id']}/rotate")).json()["data"]
    await desk.appointment()
    call = (await desk.heard(2))[-1]
    assert verify(again["secret"], call)
    assert verify(answer["secret"], call)
    assert not verify(made["secret"], call)


@pytest.mark.parametrize("code", [200, 204, 500])
async def test_a_test_event_tells_what_was_answered(desk: Desk, code: int) -> None:
    made = await desk.made()
    desk.receiver.answer = lambda _call: status(code)
    answer = (await desk.call("POST", f"/{made['id']}/test")).json()["data"]
    is_well = code < 300
    assert answer == {
        "delivered": is_well,
        "status": code,
        "error": None if is_well else f"HTTP {code}",
    }
    (call,) = desk.receiver.calls
    assert call.json["type"] == "webhook.test"
    assert verify(made["secret"], call)


async def test_nobody_answers_a_test(desk: Desk) -> None:
    made = await desk.made()
    await desk.receiver.kill()
    answer = (await desk.call("POST", f"/{made['id']}/test")).json()["data"]
    assert answer == {"delivered": False, "status": None, "error": "could not connect"}


# What was not delivered, of either contract.


async def test_what_is_dead_is_listed_and_tried_again(desk: Desk) -> None:
    desk.receiver.answer = lambda call: status(200 if b'"test"' in call.body else 500)
    number = (await Hooks(desk.served, desk.receiver).made())["WebhookId"]
    for _each in range(3):
        await Hooks(desk.served, desk.receiver).appointment()
    store = desk.served.parts.store.webhooks
    while len(await store.deliveries(1, number, DeliveryState.WAITING)) < 3:
        await asyncio.sleep(0.01)
    while not all(one.rounds for one in await store.deliveries(1, number, DeliveryState.WAITING)):
        await asyncio.sleep(0.05)
    waiting = (await desk.call("GET", f"/{number}/deliveries?status=waiting")).json()["data"]
    assert [one["last_error"] for one in waiting] == ["HTTP 500"] * 3
    assert all(one["attempts"] == 3 and one["next_attempt_at"] for one in waiting)
    assert (await desk.call("GET", f"/{number}/deliveries")).json() == {"data": [], "next": None}
    await desk.served.parts.store._write(dead(number))  # type: ignore[attr-defined]
    page = (await desk.call("GET", f"/{number}/deliveries?per_page=2")).json()
    assert [one["status"] for one in page["data"]] == ["dead", "dead"]
    rest = (await desk.served.client.get(page["next"], headers=desk.served.basic("demo"))).json()
    assert (len(rest["data"]), rest["next"]) == (1, None)
    desk.receiver.answer = lambda _call: status(200)
    one = page["data"][1]["id"]
    answer = await desk.call("POST", f"/{number}/deliveries/{one}/redeliver")
    assert (answer.status_code, answer.json()) == (202, {"data": {"redelivered": 1}})
    assert (await desk.call("POST", f"/{number}/deliveries/{one}/redeliver")).status_code == 404
    assert (await desk.call("POST", f"/{number}/redeliver")).json() == {"data": {"redelivered": 2}}
    await desk.heard(3)


def dead(number: int) -> Any:
    yield (
        "UPDATE delivery SET state = 'dead', due_at = NULL, lease = NULL"
        " WHERE tenant_id = 1 AND webhook_id = $1",
        (number,),
    )
