"""Webhooks of the SuperOffice contract: subscriptions."""

from typing import Any

import pytest

from tests.contracts.webhooks.hooks import EVENTS, Hooks, sign, signature

pytestmark = pytest.mark.asyncio(loop_scope="package")
clause = pytest.mark.clause
MEMBERS = [
    "WebhookId",
    "Name",
    "Events",
    "TargetUrl",
    "Secret",
    "State",
    "Type",
    "Headers",
    "Properties",
    "Registered",
    "RegisteredAssociate",
    "Updated",
    "UpdatedAssociate",
    "ErrorsEmail",
    "ErrorEmails",
    "ErrorAssociates",
    "Description",
    "NotifyVia",
    "NotifyWhen",
    "TotalCalls",
    "TotalErrors",
    "ConsecutiveErrors",
    "LastError",
]
WRONG = {"Error": True, "ErrorType": "ArgumentException"}


# Subscriptions.


@clause("SO-HOOK-009", "SO-HOOK-019", "SO-HOOK-014")
async def test_a_webhook_is_answered_with_every_member_and_read_again(hooks: Hooks) -> None:
    sent = {
        "Name": "Tonys Contact Handler",
        "Events": ["contact.created", "Activity.Changed"],
        "TargetUrl": hooks.receiver.url,
        "Secret": "Something Super Secret",
        "State": "Active",
        "Type": "webhook",
        "Headers": {"X-Api-Key": "sesame"},
        "Properties": {"one": {"two": 3}},
        "ErrorsEmail": "a@b.example",
        "ErrorEmails": ["c@d.example"],
        "ErrorAssociates": [{"Id": 1}],
        "Description": "What for",
        "NotifyVia": "Email",
        "NotifyWhen": 1,
    }
    made = await hooks.made(**sent)
    assert list(made) == MEMBERS
    assert made["WebhookId"] > 0
    assert made["Events"] == ["contact.created", "activity.changed"]
    assert made["NotifyWhen"] == "FirstFailure"
    assert made["ErrorAssociates"][0]["Id"] == 1
    assert made["RegisteredAssociate"]["AssociateId"] == 1
    for name in ("Name", "TargetUrl", "State", "Type", "Properties", "ErrorsEmail", "ErrorEmails"):
        assert made[name] == sent[name], name
    assert (made["TotalCalls"], made["TotalErrors"], made["ConsecutiveErrors"]) == (0, 0, 0)
    assert (await hooks.call("GET", f"/{made['WebhookId']}")).json() == made


async def test_secrets_are_never_shown_again(hooks: Hooks) -> None:
    made = await hooks.made(Secret="hush-hush", Headers={"X-Api-Key": "sesame"})
    number = made["WebhookId"]
    answers = [
        await hooks.call("GET", f"/{number}"),
        await hooks.call("GET"),
        await hooks.call("GET", f"/{number}", Accept="application/xml"),
        await hooks.call("PATCH", f"/{number}", {"Description": "x"}),
        await hooks.call("PUT", f"/{number}", made | {"Name": "y"}),
        await hooks.call("PATCH", f"/{number}", [{"op": "test", "path": "/Secret", "value": "hush-hush"}]),
    ]
    for answer in answers:
        assert "hush-hush" not in answer.text
        assert "sesame" not in answer.text
    assert answers[-1].status_code == 409
    await hooks.appointment()
    (call,) = await hooks.heard(1)
    assert call.headers["x-api-key"] == "sesame"
    assert signature(call) == sign("hush-hush", call.body)


@clause("SO-HOOK-013")
async def test_the_default(hooks: Hooks) -> None:
    answer = (await hooks.call("GET", "/default")).json()
    assert list(answer) == MEMBERS
    # What is proposed is what is told: whoever saves it as it is hears of every change.
    assert answer["Events"] == ["activity.created", "activity.changed", "activity.deleted"]
    by_agent = await hooks.served.so("POST", "Agents/Webhook/CreateDefaultWebhook")
    assert by_agent.json()["Events"] == answer["Events"]
    assert (answer["WebhookId"], answer["Name"], answer["TargetUrl"]) == (0, None, None)
    assert (answer["State"], answer["Type"]) == ("Active", "webhook")
    assert answer["Registered"] == "0001-01-01T00:00:00"


@clause("SO-HOOK-012")
async def test_the_list_and_its_filters(hooks: Hooks) -> None:
    first = await hooks.made(Name="first", Events=["contact.created"])
    await hooks.made(Name="second", State="Stopped")

    async def names(query: str = "") -> list[str]:
        return [hook["Name"] for hook in (await hooks.call("GET", query)).json()]

    assert await names() == ["first", "second"]
    assert await names("?nameFilter=first") == await names("?name=first") == ["first"]
    assert await names("?eventFilter=activity.changed") == ["second"]
    assert await names("?statusFilter=Stopped") == await names("?statusFilter=2") == ["second"]
    assert await names("?statusFilter=Unknown") == ["first", "second"]
    assert (await hooks.call("GET", "?statusFilter=No")).status_code == 400
    chosen = (await hooks.call("GET", "?$select=Name")).json()
    assert [hook["Name"] for hook in chosen] == ["first", "second"]
    assert {hook["WebhookId"] for hook in chosen} == {None}
    assert f"<WebhookId>{first['WebhookId']}<" in (await hooks.call("GET", "", None, Accept="text/xml")).text


@clause("SO-HOOK-014")
async def test_put_replaces_all_but_what_nobody_can_know(hooks: Hooks) -> None:
    made = await hooks.made(Secret="hush", Description="old", Headers={"X-A": "b"})
    number = made["WebhookId"]
    sent = made | {"Name": "new", "Description": None, "TotalCalls": 99, "Events": ["activity.deleted"]}
    answer = await hooks.call("PUT", f"/{number}", sent)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Appointed-Ignored"] == "TotalCalls"
    body = answer.json()
    assert (body["Name"], body["Description"], body["Events"]) == ("new", None, ["activity.deleted"])
    assert body["UpdatedAssociate"]["AssociateId"] == 1
    (hook,) = await hooks.served.parts.store.webhooks.all(1)
    assert hook.secrets.keys[0].secret == b"hush"
    assert hook.secrets.headers == {"X-A": "b"}


@clause("SO-HOOK-014")
async def test_a_deleted_webhook_is_gone(hooks: Hooks) -> None:
    number = (await hooks.made())["WebhookId"]
    assert (await hooks.call("DELETE", f"/{number}")).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await hooks.call(method, f"/{number}", {} if method == "PATCH" else None)
        assert answer.status_code == 404
        assert answer.headers["Appointed-Error"] == "record_not_found"
    await hooks.appointment()
    other = await hooks.made()
    assert other["WebhookId"] > number


@clause("SO-HOOK-015")
@pytest.mark.parametrize(
    "body",
    [
        {"Name": "other", "State": "Stopped", "Headers": {"X-B": "c", "X-A": None}},
        [
            {"op": "replace", "path": "/name", "value": "other"},
            {"op": "test", "path": "/State", "value": "Active"},
            {"op": "replace", "path": "/State", "value": 2},
            {"op": "add", "path": "/Headers/X-B", "value": "c"},
            {"op": "remove", "path": "/Headers/X-A"},
        ],
    ],
    ids=["merge", "json patch"],
)
async def test_both_patches_change_just_what_they_name(hooks: Hooks, body: Any) -> None:
    made = await hooks.made(Headers={"X-A": "b"}, Secret="hush")
    answer = await hooks.call("PATCH", f"/{made['WebhookId']}", body)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["Name"], changed["State"], list(changed["Headers"])) == ("other", "Stopped", ["X-B"])
    same = set(MEMBERS) - {"Name", "State", "Headers", "Updated", "UpdatedAssociate"}
    assert {name: changed[name] for name in same} == {name: made[name] for name in same}
    (hook,) = await hooks.served.parts.store.webhooks.all(1)
    assert hook.secrets.headers == {"X-B": "c"}
    assert hook.secrets.keys[0].secret == b"hush"


async def test_an_empty_secret_removes_it(hooks: Hooks) -> None:
    number = (await hooks.made(Secret="hush"))["WebhookId"]
    await hooks.call("PATCH", f"/{number}", {"Secret": ""})
    await hooks.appointment()
    (call,) = await hooks.heard(1)
    assert "x-superoffice-signature" not in call.headers


@pytest.mark.parametrize(
    ("operation", "code", "status_code"),
    [
        ({"op": "replace", "path": "/WebhookId", "value": 9}, "read_only", 400),
        ({"op": "replace", "path": "/Nothing", "value": 9}, "path_not_found", 400),
        ({"op": "move", "path": "/Name", "from": "/Secret"}, "operation_not_supported", 400),
        ({"op": "test", "path": "/Name", "value": "other"}, "test_failed", 409),
        ({"op": "replace", "path": "/TargetUrl", "value": "ftp://x.example/"}, "url_not_allowed", 400),
        ({"op": "replace", "path": "/Events", "value": []}, "invalid_value", 400),
    ],
    ids=["fixed", "unknown", "move", "test", "url", "no events"],
)
async def test_a_patch_that_fails_changes_nothing(
    hooks: Hooks, operation: Any, code: str, status_code: int
) -> None:
    made = await hooks.made()
    steps = [{"op": "replace", "path": "/Description", "value": "changed"}, operation]
    answer = await hooks.call("PATCH", f"/{made['WebhookId']}", steps)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (status_code, code), answer.text
    assert (await hooks.call("GET", f"/{made['WebhookId']}")).json() == made


@clause("SO-HOOK-011")
@pytest.mark.parametrize(
    "url",
    [
        "ftp://receiver.example/",
        "file:///etc/passwd",
        "gopher://receiver.example/",
        "https://user:word@receiver.example/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://0x0a000001/",
        "https://167772161/",
        "https://012.0.0.1/",
        "not a url",
        "",
    ],
)
async def test_targets_that_may_not_be_called_are_refused(hooks: Hooks, url: str) -> None:
    body = await hooks.refused({"Events": EVENTS, "TargetUrl": url})
    assert WRONG.items() <= body.items()
    assert "TargetUrl" in body["Message"]
    assert await hooks.served.parts.store.webhooks.all(1) == ()


@pytest.mark.parametrize(
    "members",
    [
        {"Events": None},
        {"Events": []},
        {"Events": "activity.created"},
        {"Events": ["activity"]},
        {"Events": ["a.b.c"]},
        {"Events": ["x.y"] * 51},
        {"Events": [1]},
        {"TargetUrl": None},
        {"TargetUrl": 5},
        {"TargetUrl": "https://receiver.example/" + "x" * 3_000},
        {"Name": "x" * 256},
        {"Name": ["x"]},
        {"Secret": "x" * 256},
        {"Secret": {"a": 1}},
        {"State": "Sleeping"},
        {"State": 17},
        {"Type": "crmscript"},
        {"Headers": {"Host": "x"}},
        {"Headers": {"Content-Length": "1"}},
        {"Headers": {"X-SuperOffice-Event": "x"}},
        {"Headers": {"X Y": "x"}},
        {"Headers": {"X-Y": "a\r\nX-Z: b"}},
        {"Headers": {"X-Y": 5}},
        {"Headers": {"X-Y": "€"}},
        {"Headers": {f"X-{number}": "x" for number in range(21)}},
        {"Headers": ["X-Y"]},
        {"Properties": {"a": 1}},
        {"Properties": {"a": {"b": "x" * 9_000}}},
        {"ErrorsEmail": "nobody"},
        {"ErrorEmails": ["nobody"]},
        {"ErrorAssociates": [{"Id": 999}]},
        {"ErrorAssociates": [5]},
        {"Description": "x" * 2_001},
        {"NotifyVia": "Pigeon"},
    ],
    ids=lambda members: f"{next(iter(members))} {str(next(iter(members.values())))[:20]}",
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(hooks: Hooks, members: dict[str, Any]) -> None:
    plain = {"Name": "Hook", "Events": EVENTS, "TargetUrl": hooks.receiver.url}
    body = await hooks.refused(
        {name: value for name, value in (plain | members).items() if value is not None}
    )
    assert "Message" in body
    assert await hooks.served.parts.store.webhooks.all(1) == ()
    assert hooks.receiver.calls == []


@pytest.mark.parametrize("path", ["/x", "/1%00", "/-1", "/9999999999999999999999"])
async def test_an_id_that_is_none(hooks: Hooks, path: str) -> None:
    answer = await hooks.call("GET", path)
    assert answer.status_code in (400, 404)
    hooks.served.assert_body("superoffice", answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/default"),
        ("GET", "/1"),
        ("PUT", "/1"),
        ("PATCH", "/1"),
        ("DELETE", "/1"),
        ("POST", "/Test"),
        ("POST", "/a.b/1"),
        ("GET", "/1/LastError"),
    ],
)
async def test_only_administrators_may(hooks: Hooks, method: str, path: str) -> None:
    answer = await Hooks(hooks.served, hooks.receiver, "kari").call(method, path, {})
    assert answer.status_code == 403, answer.text
    hooks.served.assert_body("superoffice", answer)
    nobody = await hooks.served.client.request(method, f"/api/v1/Webhook{path}")
    assert nobody.status_code == 401
