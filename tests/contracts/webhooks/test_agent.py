"""The agent Webhook, as the official client calls it (its own tests name these methods)."""

from typing import Any

import pytest
from lxml import etree

from tests.contracts.webhooks.hooks import EVENTS, Hooks

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


async def call(hooks: Hooks, method: str, body: Any = None, status: int = 200, login: str = "demo") -> Any:
    answer = await hooks.served.client.post(
        f"/api/v1/Agents/Webhook/{method}", json=body, headers=hooks.served.basic(login)
    )
    assert answer.status_code == status, answer.text
    if status >= 400:
        hooks.served.assert_body("superoffice", answer)
    return answer.json() if answer.content else None


@pytest.mark.clause("SO-AGENT-029")
async def test_subscribing_reading_changing_and_ending(hooks: Hooks) -> None:
    blank = await call(hooks, "CreateDefaultWebhook")
    assert (blank["WebhookId"], blank["State"], blank["Type"]) == (0, "Active", "webhook")
    asked = blank | {"Name": "Hook", "Events": EVENTS, "TargetUrl": hooks.receiver.url, "Secret": "s3cret"}
    made = await call(hooks, "SaveWebhook", asked)
    number = made["WebhookId"]
    assert number > 0
    # The target had to answer, and the secret is told nobody again.
    assert len(hooks.receiver.heard) == 1
    assert made["Secret"] is None
    # Both doors speak of the same.
    assert (await hooks.call("GET", f"/{number}")).json() == made
    assert await call(hooks, f"GetWebhook?webhookId={number}") == made
    assert await call(hooks, "GetWebhook?webhookId=99999") is None
    changed = await call(hooks, "SaveWebhook", made | {"Name": "Other", "State": "Stopped"})
    assert (changed["Name"], changed["State"]) == ("Other", "Stopped")
    assert await call(hooks, "GetLastError", {"WebhookId": number}) == ""
    assert await call(hooks, "GetLastError", {"WebhookId": 99999}) is None
    assert await call(hooks, f"DeleteWebhook?webhookId={number}", status=204) is None
    assert await call(hooks, f"GetWebhook?webhookId={number}") is None
    await call(hooks, f"DeleteWebhook?webhookId={number}", status=404)


@pytest.mark.clause("SO-AGENT-029")
async def test_lists(hooks: Hooks) -> None:
    made = [await hooks.made(Name=name) for name in ("One", "Two")]
    nothing = {"NameFilter": None, "EventFilter": None, "StatusFilter": "Unknown"}
    found = await call(hooks, "GetAllWebhooks", nothing)
    assert [one["WebhookId"] for one in found] == [one["WebhookId"] for one in made]
    for more, count in (
        ({"NameFilter": "Two"}, 1),
        ({"EventFilter": "ACTIVITY.created"}, 2),
        ({"EventFilter": "sale.created"}, 0),
        ({"StatusFilter": 2}, 0),
    ):
        assert len(await call(hooks, "GetAllWebhooks", nothing | more)) == count
    await call(hooks, "GetAllWebhooks", {"StatusFilter": "Odd"}, 400)


@pytest.mark.clause("SO-AGENT-029")
async def test_signals_and_tests(hooks: Hooks) -> None:
    await hooks.made(Events=["window.closed"])
    body = {"EventName": "window.closed", "PrimaryKey": 7, "Data": {"why": "wind"}}
    assert await call(hooks, "SignalEvent", body, 204) is None
    (heard,) = await hooks.heard(1)
    assert (heard.json["Event"], heard.json["PrimaryKey"]) == ("window.closed", 7)
    target = {"Name": "x", "Events": EVENTS, "TargetUrl": hooks.receiver.url}
    assert (await call(hooks, "TestWebhook", {"Webhook": target}))["Success"] is True
    await call(hooks, "SignalEvent", body | {"EventName": "closed"}, 400)
    await call(hooks, "TestWebhook", {"Webhook": {"Name": "x"}}, 400)


@pytest.mark.clause("SO-AGENT-029")
@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("CreateDefaultWebhook", None),
        ("GetWebhook?webhookId=1", None),
        ("GetAllWebhooks", {}),
        ("SaveWebhook", {"Name": "x", "Events": EVENTS, "TargetUrl": "https://a.example/"}),
        ("SaveWebhook", {"WebhookId": 1, "Name": "x"}),
        ("DeleteWebhook?webhookId=1", None),
        ("TestWebhook", {"Webhook": {"Name": "x", "Events": EVENTS, "TargetUrl": "https://a.example/"}}),
        ("SignalEvent", {"EventName": "a.b", "PrimaryKey": 1}),
        ("GetLastError", {"WebhookId": 1}),
    ],
    ids=["default", "get", "all", "new", "save", "delete", "test", "signal", "error"],
)
async def test_administrators_only(hooks: Hooks, method: str, body: Any) -> None:
    await call(hooks, method, body, 403, login="kari")
    assert hooks.receiver.heard == []


async def test_every_answer_in_xml(hooks: Hooks) -> None:
    number = (await hooks.made())["WebhookId"]
    asked = {"Name": "Hook", "Events": EVENTS, "TargetUrl": hooks.receiver.url}
    for method, body, root in (
        ("CreateDefaultWebhook", None, "Webhook"),
        ("SaveWebhook", asked, "Webhook"),
        (f"GetWebhook?webhookId={number}", None, "Webhook"),
        ("GetAllWebhooks", {}, "ArrayOfWebhook"),
        ("TestWebhook", {"Webhook": asked}, "WebhookResult"),
        ("GetLastError", {"WebhookId": number}, "string"),
        ("SaveWebhook", {}, "Error"),
    ):
        answer = await hooks.served.client.post(
            f"/api/v1/Agents/Webhook/{method}",
            json=body,
            headers=hooks.served.basic("demo") | {"Accept": "application/xml"},
        )
        # The client's hook has judged it by the published schema.
        assert etree.fromstring(answer.content).tag == root, answer.text
