"""Short ways to call the addresses of SuperOffice's webhooks."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx

from tests.contracts.served import Served
from tests.webhooks.receiver import Call, Receiver

EVENTS = ["activity.created", "activity.changed", "activity.deleted"]


class Hooks:
    """Short ways to call the addresses of webhooks."""

    def __init__(self, served: Served, receiver: Receiver, name: str = "demo") -> None:
        self.served, self.receiver, self.name = served, receiver, name

    async def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        sent = self.served.basic(self.name) | {"Content-Type": "application/json"} | headers
        return await self.served.client.request(
            method, f"/api/v1/Webhook{path}", content=content, headers=sent
        )

    async def made(self, **members: Any) -> dict[str, Any]:
        plain = {"Name": "Hook", "Events": EVENTS, "TargetUrl": self.receiver.url}
        answer = await self.call("POST", body=plain | members)
        assert answer.status_code == 200, answer.text
        self.receiver.calls.clear()
        self.receiver.heard.clear()
        return dict(answer.json())

    async def refused(self, body: Any, method: str = "POST", path: str = "") -> dict[str, Any]:
        answer = await self.call(method, path, body)
        assert answer.status_code == 400, answer.text
        self.served.assert_body("superoffice", answer)
        return dict(answer.json())

    async def appointment(self, **members: Any) -> int:
        answer = await self.served.so("POST", "Appointment", json={"Title": "Made"} | members)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["AppointmentId"])

    async def heard(self, count: int) -> list[Call]:
        await self.receiver.until(lambda: len(self.receiver.heard) >= count)
        return self.receiver.heard


def sign(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def signature(call: Call) -> str:
    return call.headers["x-superoffice-signature"]
