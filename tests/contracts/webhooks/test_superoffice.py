"""Webhooks of the SuperOffice contract: subscriptions, and what receivers are told."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from appointed.domain.appointment import Appointment
from appointed.superoffice.webhooks.columns import COLUMNS
from tests.contracts.served import Served
from tests.webhooks.receiver import Call, Receiver, status

pytestmark = pytest.mark.asyncio(loop_scope="package")
clause = pytest.mark.clause
EVENTS = ["activity.created", "activity.changed", "activity.deleted"]
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
# The columns that the page "Activity events" lists.
FIELDS = [
    "activeDate",
    "associate_id",
    "contact_id",
    "do_by",
    "document_id",
    "endDate",
    "modified_appointment_fields",
    "mother_id",
    "person_id",
    "private",
    "project_id",
    "sale_id",
    "status",
    "task_idx",
    "type",
    "updated",
    "userdef2_id",
    "userdef_id",
]
WRONG = {"Error": True, "ErrorType": "ArgumentException"}


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


@pytest.fixture
def hooks(served: Served, receiver: Receiver) -> Hooks:
    return Hooks(served, receiver)


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
    assert answer["Events"] == ["contact.created", "contact.deleted"]
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


# What receivers are told.


def sign(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def signature(call: Call) -> str:
    return call.headers["x-superoffice-signature"]


@clause("SO-HOOK-001", "SO-HOOK-002", "SO-HOOK-003", "SO-HOOK-004", "SO-HOOK-005", "SO-HOOK-007")
async def test_a_new_appointment_is_told(hooks: Hooks) -> None:
    await hooks.made(Secret="hush", Name="Tonys")
    number = await hooks.appointment(
        StartDate="2027-03-01T10:00:00", EndDate="2027-03-01T11:00:00", Private="PrivateGroup"
    )
    (call,) = await hooks.heard(1)
    body = call.json
    assert call.path == "/hook?a=1"
    assert call.headers["content-type"] == "application/json; charset=utf-8"
    assert call.headers["user-agent"].startswith("NetServer-Webhook/")
    assert call.headers["x-superoffice-event"] == body["Event"] == "activity.created"
    assert call.headers["x-superoffice-eventid"] == body["EventId"]
    assert call.headers["x-superoffice-retry"] == "0"
    assert signature(call) == sign("hush", call.body)
    assert {name: body[name] for name in ("PrimaryKey", "Entity", "ChangedByAssociateId", "WebhookName")} == {
        "PrimaryKey": number,
        "Entity": "activity",
        "ChangedByAssociateId": 1,
        "WebhookName": "Tonys",
    }
    principal = await hooks.served.so("GET", "User/currentPrincipal")
    assert body["ContextIdentifier"] == principal.json()["DatabaseContextIdentifier"]
    assert body["Timestamp"].endswith("Z")
    assert {"appointment_id", "do_by", "text_id", "userdef_id"} <= set(body["Changes"])
    values = body["FieldValues"]
    assert list(values) == FIELDS
    assert values["do_by"] == values["activeDate"] == "2027-03-01T10:00:00+01:00"
    assert values["endDate"] == "2027-03-01T11:00:00+01:00"
    assert (values["associate_id"], values["private"], values["type"], values["status"]) == (1, 2, 1, 1)
    assert values["updated"] == "0001-01-01T00:00:00"


@clause("SO-HOOK-006")
@pytest.mark.parametrize(
    ("members", "columns"),
    [
        ({"Location": "there"}, ["location"]),
        ({"Completed": "Completed"}, ["status", "done"]),
        ({"StartDate": "2027-05-01T08:00:00"}, ["do_by", "activeDate", "endDate"]),
        ({"Contact": {"ContactId": 2}, "Project": {"ProjectId": 1}}, ["contact_id", "project_id"]),
        ({"HasAlarm": True, "AlarmLeadTime": "00:30:00"}, ["hasAlarm", "alarm"]),
        ({"CustomFields": {"x_status": "late"}}, ["status"]),
    ],
    ids=["location", "completed", "start", "relations", "alarm", "custom"],
)
async def test_changes_are_named_as_columns(
    hooks: Hooks, members: dict[str, Any], columns: list[str]
) -> None:
    number = await hooks.appointment(StartDate="2027-04-01T08:00:00", EndDate="2027-04-01T09:00:00")
    await hooks.made(Events=["activity.changed"])
    answer = await hooks.served.so("PATCH", f"Appointment/{number}", json=members)
    assert answer.status_code == 200, answer.text
    (call,) = await hooks.heard(1)
    changes = call.json["Changes"]
    assert changes[0] == "appointment_id"
    assert changes[-3:] == ["updated", "updated_associate_id", "updatedCount"]
    assert set(columns) <= set(changes[1:-3]) <= {*columns, "endDate", "do_by", "activeDate", "done"}


@clause("SO-HOOK-008")
async def test_a_deleted_appointment_is_told(hooks: Hooks) -> None:
    number = await hooks.appointment(Contact={"ContactId": 2}, Sale={"SaleId": 1})
    await hooks.made()
    await hooks.served.so("DELETE", f"Appointment/{number}")
    (call,) = await hooks.heard(1)
    body = call.json
    assert (body["Event"], body["Changes"]) == ("activity.deleted", [])
    assert "FieldValues" not in body
    assert body["Values"] == {
        "appointment_id": number,
        "contact_id": 2,
        "person_id": 0,
        "project_id": 0,
        "sale_id": 1,
    }


async def test_each_event_shows_its_own_moment_and_all_come_in_order(hooks: Hooks) -> None:
    number = await hooks.appointment()
    await hooks.made()
    for sale in (1, 0, 1):
        await hooks.served.so("PATCH", f"Appointment/{number}", json={"Sale": {"SaleId": sale}})
    calls = await hooks.heard(3)
    assert [call.json["FieldValues"]["sale_id"] for call in calls] == [1, 0, 1]
    assert len({call.json["EventId"] for call in calls}) == 3


async def test_a_change_through_the_other_contract_is_told_too(hooks: Hooks) -> None:
    await hooks.made(Events=["activity.changed"])
    answer = await hooks.served.send("sqod", "PATCH", content=b'{"duration_in_minutes": 47}')
    assert answer.status_code == 200, answer.text
    (call,) = await hooks.heard(1)
    assert call.json["PrimaryKey"] == hooks.served.number
    assert "endDate" in call.json["Changes"]


async def test_what_is_refused_or_only_validated_is_not_told(hooks: Hooks) -> None:
    number = await hooks.appointment()
    await hooks.made()
    await hooks.served.so("PATCH", f"Appointment/{number}", json={"StartDate": "nonsense"})
    await hooks.served.so(
        "PATCH",
        f"Appointment/{number}",
        json=[
            {"op": "replace", "path": "/Title", "value": "x"},
            {"op": "test", "path": "/Title", "value": 1},
        ],
    )
    await hooks.served.so("POST", "Appointment/Validate", json={"Title": "x"})
    await hooks.served.so("PATCH", f"Appointment/{number}", json={"Location": "real"})
    (call,) = await hooks.heard(1)
    assert "location" in call.json["Changes"]


async def test_no_text_of_a_private_appointment_is_told(hooks: Hooks) -> None:
    await hooks.made()
    answer = await hooks.served.client.post(
        "/api/v1/Appointment",
        json={"Title": "Secret talk", "Private": "PrivateUser"},
        headers=hooks.served.basic("kari"),
    )
    assert answer.status_code == 200
    (call,) = await hooks.heard(1)
    assert b"Secret talk" not in call.body


# Test events, signals, errors.


@clause("SO-HOOK-010")
@pytest.mark.parametrize("code", [201, 204, 302, 404, 500])
async def test_a_target_that_does_not_answer_200_is_not_registered(hooks: Hooks, code: int) -> None:
    hooks.receiver.answer = lambda _call: status(code)
    body = await hooks.refused({"Events": EVENTS, "TargetUrl": hooks.receiver.url})
    assert WRONG.items() <= body.items()
    assert f"HTTP {code}" in body["Message"]
    assert await hooks.served.parts.store.webhooks.all(1) == ()


@clause("SO-HOOK-010")
async def test_a_new_target_of_an_old_webhook_must_answer_too(hooks: Hooks) -> None:
    number = (await hooks.made())["WebhookId"]
    hooks.receiver.answer = lambda call: status(500 if "other" in call.path else 200)
    other = hooks.receiver.url.replace("hook", "other")
    await hooks.refused({"TargetUrl": other}, "PATCH", f"/{number}")
    assert (await hooks.call("GET", f"/{number}")).json()["TargetUrl"] == hooks.receiver.url
    # Stopped it is called by nobody.
    answer = await hooks.call("PATCH", f"/{number}", {"TargetUrl": other, "State": "Stopped"})
    assert answer.json()["TargetUrl"] == other


@clause("SO-HOOK-016")
async def test_a_test_tells_whether_the_target_answers(hooks: Hooks) -> None:
    sent = {"Name": "Tonys", "Events": EVENTS, "TargetUrl": hooks.receiver.url, "Secret": "hush"}
    answer = await hooks.call("POST", "/Test", sent)
    assert answer.json() == {"Success": True, "Message": "HTTP 200"}
    (call,) = hooks.receiver.calls
    body = call.json
    assert call.headers["x-superoffice-event"] == "test"
    assert call.headers["x-hook-test"] == "true"
    assert signature(call) == sign("hush", call.body)
    assert (body["Event"], body["Entity"], body["PrimaryKey"], body["Changes"]) == ("test", "test", 0, [])
    assert body["WebhookName"] == "Tonys"
    hooks.receiver.answer = lambda _call: status(500)
    answer = await hooks.call("POST", "/Test", sent)
    assert answer.json() == {"Success": False, "Message": "HTTP 500"}
    assert await hooks.served.parts.store.webhooks.all(1) == ()


@clause("SO-HOOK-017")
@pytest.mark.parametrize(
    ("details", "changes", "values"),
    [(None, [], None), (["a", "b"], ["a", "b"], None), ({"x": 1, "y": "z"}, ["x", "y"], {"x": 1, "y": "z"})],
    ids=["none", "names", "values"],
)
async def test_a_signal_is_told_to_those_who_listen(
    hooks: Hooks, details: Any, changes: list[str], values: Any
) -> None:
    await hooks.made(Events=["foo.bar"])
    assert (await hooks.call("POST", "/Foo.Bar/123", details)).status_code == 204
    assert (await hooks.call("POST", "/foo.baz/123")).status_code == 204
    (call,) = await hooks.heard(1)
    body = call.json
    assert call.headers["x-superoffice-event"] == body["Event"] == "foo.bar"
    assert (body["PrimaryKey"], body["Entity"], body["ChangedByAssociateId"]) == (123, "foo", 1)
    assert (body["Changes"], body.get("FieldValues")) == (changes, values)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/foo/1", None),
        ("/foo.bar/x", None),
        ("/foo.bar/1", "text"),
        ("/foo.bar/1", [1]),
        ("/foo.bar/1", {"a": "x" * 9_000}),
        ("/f oo.bar/1", None),
        ("/" + "x" * 61 + ".y/1", None),
    ],
    ids=["no verb", "no number", "no details", "no names", "too much", "space", "long"],
)
async def test_a_signal_that_cannot_be_read(hooks: Hooks, path: str, body: Any) -> None:
    answer = await hooks.call("POST", path, body)
    assert answer.status_code == 400, answer.text
    hooks.served.assert_body("superoffice", answer)


@clause("SO-HOOK-018", "SO-HOOK-020", "SO-HOOK-003")
async def test_retries_and_the_counts_are_shown(hooks: Hooks) -> None:
    number = (await hooks.made())["WebhookId"]
    assert (await hooks.call("GET", f"/{number}/LastError")).json() == ""
    answers = [status(503), status(502), status(200)]
    hooks.receiver.answer = lambda _call: answers.pop(0)
    await hooks.appointment()
    await hooks.heard(1)
    assert [call.headers["x-superoffice-retry"] for call in hooks.receiver.calls] == ["0", "1", "2"]
    hook = await settled(hooks, number)
    assert (hook["TotalCalls"], hook["TotalErrors"], hook["ConsecutiveErrors"]) == (3, 2, 0), hook[
        "LastError"
    ]
    assert hook["State"] == "Active"


async def settled(hooks: Hooks, number: int) -> dict[str, Any]:
    """Give a webhook once its calls are written down."""
    while True:
        hook = dict((await hooks.call("GET", f"/{number}")).json())
        if hook["TotalCalls"]:
            return hook
        await asyncio.sleep(0.01)


@clause("SO-HOOK-021", "SO-HOOK-022")
async def test_too_many_errors_are_shown_until_the_state_is_set(hooks: Hooks) -> None:
    number = (await hooks.made())["WebhookId"]
    await hooks.made(Events=[f"webhook{number}.{verb}" for verb in ("started", "stopped", "errors")])
    store = hooks.served.parts.store
    # As after three cycles of three calls each.
    await store._write(failing(number))  # type: ignore[attr-defined]
    hook = (await hooks.call("GET", f"/{number}")).json()
    assert (hook["State"], hook["ConsecutiveErrors"], hook["LastError"]) == ("TooManyErrors", 9, "HTTP 500")
    assert (await hooks.call("GET", f"/{number}/LastError")).json() == "HTTP 500"
    kept = (await hooks.call("PUT", f"/{number}", hook | {"Name": "kept"})).json()
    assert (kept["State"], kept["ConsecutiveErrors"]) == ("TooManyErrors", 9)
    again = (await hooks.call("PATCH", f"/{number}", {"State": "Active"})).json()
    assert (again["State"], again["ConsecutiveErrors"]) == ("Active", 0)
    for state, verb, count in (("Stopped", "stopped", 1), ("Active", "started", 2)):
        await hooks.call("PATCH", f"/{number}", {"State": state})
        call = (await hooks.heard(count))[-1]
        assert call.headers["x-superoffice-event"] == f"webhook{number}.{verb}"
        assert (call.json["Event"], call.json["PrimaryKey"]) == (f"webhook.{verb}", number)


def failing(number: int) -> Any:
    yield (
        "UPDATE webhook SET errors_in_row = 9, errors = 9, calls = 9, last_error = 'HTTP 500'"
        " WHERE tenant_id = 1 AND id = $1",
        (number,),
    )


# The table of columns.


async def test_every_member_of_an_appointment_has_its_columns() -> None:
    assert set(Appointment.__struct_fields__) <= set(COLUMNS)
