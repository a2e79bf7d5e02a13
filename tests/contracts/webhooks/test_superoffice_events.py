"""What receivers of the SuperOffice contract are told, and when they are called again."""

import asyncio
from typing import Any

import pytest

from appointed.domain.appointment import Appointment
from appointed.superoffice.webhooks.columns import COLUMNS
from tests.contracts.webhooks.hooks import EVENTS, Hooks, sign, signature
from tests.webhooks.receiver import status

pytestmark = pytest.mark.asyncio(loop_scope="package")
clause = pytest.mark.clause
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


# What receivers are told.


@clause(
    "SO-HOOK-001",
    "SO-HOOK-002",
    "SO-HOOK-003",
    "SO-HOOK-004",
    "SO-HOOK-005",
    "SO-HOOK-007",
    "SO-HOOK-024",
)
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
        ({"Completed": "Started"}, ["status", "userdef_id"]),
    ],
    ids=["location", "completed", "start", "relations", "alarm", "custom", "started"],
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
    assert set(columns) <= set(changes[1:-3]) <= {*columns, "endDate", "do_by", "activeDate"}


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


@clause("SO-HOOK-023")
async def test_a_guests_row_is_told_as_an_invitation_and_then_as_called_off(hooks: Hooks) -> None:
    await hooks.made(Events=["activity.created", "activity.changed"])
    guests = [{"AssociateId": 1}, {"AssociateId": 2}]
    master = await hooks.appointment(StartDate="2027-03-02T10:00:00", Participants=guests)
    made = {call.json["PrimaryKey"]: call.json["FieldValues"] for call in await hooks.heard(2)}
    (row,) = made.keys() - {master}
    assert (made[master]["status"], made[row]["status"], made[row]["type"]) == (1, 5, 6)
    answer = await hooks.served.so("DELETE", f"Appointment/{master}")
    assert answer.status_code == 204, answer.text
    gone = (await hooks.heard(3))[-1].json
    assert (gone["Event"], gone["PrimaryKey"], gone["FieldValues"]["status"]) == ("activity.changed", row, 10)
    assert "status" in gone["Changes"]
    assert await _raw_status(hooks, row) == 10


@clause("SO-HOOK-023")
async def test_a_hand_over_is_told_before_the_work_done(hooks: Hooks) -> None:
    number = await hooks.appointment(StartDate="2027-03-03T10:00:00", Completed="Started")
    await hooks.made(Events=["activity.changed"])
    answer = await hooks.served.so("PATCH", f"Appointment/{number}", json={"Associate": {"AssociateId": 2}})
    assert answer.status_code == 200, answer.text
    (call,) = await hooks.heard(1)
    values = call.json["FieldValues"]
    assert (values["associate_id"], values["status"]) == (2, 11)
    assert await _raw_status(hooks, number) == 11


async def _raw_status(hooks: Hooks, number: int) -> int:
    asked = f"Appointment?$select=rawStatus&$filter=appointmentId eq {number}"
    (row,) = (await hooks.served.so("GET", asked)).json()["value"]
    return int(row["rawStatus"])


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
