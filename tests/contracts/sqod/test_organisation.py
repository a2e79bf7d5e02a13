"""/api/v1/departments, /api/v1/users, /api/v1/me (ours), and answers judged by their data fields."""

from typing import Any

import pytest
import pytest_asyncio

from appointed.domain.principal import Role
from tests.contracts.served import HOST, Served
from tests.contracts.sqod.caller import CASE, FIRST, SECOND, Caller, client
from tests.contracts.sqod.desk import DEPARTMENTS, NEW, Desk

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.usefixtures("callers"),
]

HOURS = [{"weekday": "monday", "opens": "09:30", "closes": "24:00"}]
FIELDS = [
    {"name": "Case"},
    {"name": "Age", "type": "number", "required": True},
    {"name": "Since", "type": "date"},
    {"name": "Consent", "type": "boolean"},
    {"name": "Way", "type": "select", "choices": ["by phone", "by video"]},
]


@pytest.fixture
def head(callers: dict[str, Caller]) -> Desk:
    """An administrator."""
    return Desk(callers["head"])


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def keeper(served: Served, callers: dict[str, Caller]) -> Desk:
    """The department administrator of the second department."""
    assert callers
    return Desk(await client(served, "keeper", Role.DEPARTMENT_ADMINISTRATOR, (2,)))


@pytest.mark.clause("SQ-DEPT-members")
async def test_a_department_says_how_its_claimants_are_told(head: Desk) -> None:
    made = await head.new(name="Quiet")
    told = ("invite_by_email", "invite_by_sms", "reminder_minutes", "language", "support_text")
    assert [made[name] for name in told] == [False, False, 0, "en", None]
    address = f"{DEPARTMENTS}/{made['id']}"
    wanted = {"invite_by_sms": True, "reminder_minutes": 60, "language": "cy", "support_text": "Ring 1"}
    changed = (await head.call("PATCH", address, wanted)).json()["data"]
    assert [changed[name] for name in told] == [False, True, 60, "cy", "Ring 1"]
    both = (await head.call("PATCH", address, {"invite_by_email": True, "support_text": None})).json()["data"]
    assert [both[name] for name in told] == [True, True, 60, "cy", None]
    none = (await head.call("PATCH", address, {"invite_by_email": False, "invite_by_sms": False})).json()[
        "data"
    ]
    assert [none[name] for name in told] == [False, False, 60, "cy", None]
    broken = {"reminder_minutes": -1, "language": "../en", "invite_by_sms": "perhaps"}
    refused = await head.call("PATCH", address, broken)
    assert refused.status_code == 422
    assert set(refused.json()["errors"]) == set(broken)


@pytest.mark.clause("SQ-DEPT-create", "SQ-DEPT-read", "SQ-DEPT-members")
async def test_a_department_is_made_with_all_that_it_has(head: Desk) -> None:
    made = await head.new(
        name="Whole",
        late_after_minutes=3,
        no_show_after_minutes=15,
        opening_hours=HOURS,
        holidays=[{"date": "2031-12-25", "name": "Christmas"}, {"date": "2031-12-26"}],
        data_fields=FIELDS,
        features_call_recording_enable=True,
        features_bandwidth="low",
    )
    assert (await head.get(f"{DEPARTMENTS}/{made['id']}"))["data"] == made
    assert (await head.get(f"{DEPARTMENTS}/{made['uuid']}"))["data"] == made
    assert (made["late_after_minutes"], made["no_show_after_minutes"]) == (3, 15)
    assert made["opening_hours"] == HOURS
    assert made["holidays"] == [
        {"date": "2031-12-25", "name": "Christmas"},
        {"date": "2031-12-26", "name": None},
    ]
    shown = [(one["name"], one["type"], one["required"], one["choices"]) for one in made["data_fields"]]
    assert shown == [
        ("Case", "text", False, []),
        ("Age", "number", True, []),
        ("Since", "date", False, []),
        ("Consent", "boolean", False, []),
        ("Way", "select", False, ["by phone", "by video"]),
    ]
    assert (made["features_call_recording_enable"], made["features_bandwidth"]) == (True, "low")
    assert made["features_microphone_access_enable"] is True


async def test_a_form_makes_one_too(head: Desk) -> None:
    form = {
        "name": "Form",
        "default_user_id": "1",
        "opening_hours[0][weekday]": "Friday",
        "opening_hours[0][opens]": "08:00",
        "opening_hours[0][closes]": "12:00",
        "data_fields[0][name]": "Way",
        "data_fields[0][type]": "select",
        "data_fields[0][choices][]": "a",
        "features_webcam_access_agent_enable": "false",
    }
    answer = await head.call("POST", DEPARTMENTS, data=form)
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made["opening_hours"] == [{"weekday": "friday", "opens": "08:00", "closes": "12:00"}]
    assert made["data_fields"][0]["choices"] == ["a"]
    assert made["features_webcam_access_agent_enable"] is False


@pytest.mark.clause("SQ-DEPT-update", "SQ-DEPT-condition")
async def test_a_patch_changes_what_it_names_under_its_condition(head: Desk) -> None:
    made = await head.new(name="Patched", data_fields=FIELDS[:2], opening_hours=HOURS)
    path = f"{DEPARTMENTS}/{made['id']}"
    first, second = made["data_fields"]
    tag = (await head.call("GET", path)).headers["ETag"]
    body = {"data_fields": [{"id": second["id"], "name": "Years"}, first], "opening_hours": None}
    answer = await head.call("PATCH", path, body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    after = answer.json()["data"]
    assert after["data_fields"] == [second | {"name": "Years"}, first]
    expected = made | {"data_fields": after["data_fields"], "opening_hours": None}
    assert after | {"updated_at": None} == expected
    assert answer.headers["ETag"] != tag
    again = await head.call("PATCH", path, {"name": "Lost"}, headers={"If-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (412, answer.headers["ETag"])
    assert (
        await head.call("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
    ).status_code == 304
    by_post = await head.call("POST", f"{path}?_method=PATCH", data={"late_after_minutes": "7"})
    assert by_post.json()["data"]["late_after_minutes"] == 7
    same = await head.call("PATCH", path, {})
    assert same.headers["ETag"] == by_post.headers["ETag"]


@pytest.mark.clause("SQ-DEPT-delete")
async def test_a_department_goes_once_nothing_belongs_to_it(head: Desk, keeper: Desk) -> None:
    made = await head.new(name="Going")
    path, key = f"{DEPARTMENTS}/{made['id']}", {"Idempotency-Key": "going-1"}
    body = {"appointment_at": "2034-05-05T10:00:00Z", "duration_in_minutes": 30, "department_id": made["id"]}
    booked = (await head.call("POST", "/api/v1/appointments", body | {"claimant": {"name": "Jo"}})).json()
    area = {"name": "Hall", "department_id": made["id"]}
    hall = (await head.call("POST", "/api/v1/waiting-areas", area)).json()["data"]
    refused = await head.call("DELETE", path)
    assert (refused.status_code, refused.headers["Appointed-Error"]) == (409, "record_in_use")
    assert refused.json() == {
        "message": "The department is in use: 1 appointments, 1 waiting areas.",
        "in_use": {"appointments": 1, "waiting_areas": 1},
    }
    assert (await head.call("GET", path)).status_code == 200
    assert (await keeper.call("DELETE", path)).status_code in (403, 404)
    moved = await head.call("PATCH", f"/api/v1/appointments/{booked['data']['id']}", {"department_id": 1})
    assert moved.status_code == 200, moved.text
    assert (await head.call("DELETE", f"/api/v1/waiting-areas/{hall['id']}")).status_code == 204
    assert (await head.call("DELETE", path, headers={"If-Match": '"9"'})).status_code == 412
    dry = await head.call("DELETE", path, headers={"Prefer": "dry-run"})
    assert (dry.status_code, dry.headers["Preference-Applied"]) == (200, "dry-run")
    assert dry.json()["status"] == 204
    assert (await head.call("GET", path)).status_code == 200
    gone, again = [await head.call("DELETE", path, headers=key) for _time in range(2)]
    assert (gone.status_code, gone.content, again.status_code) == (204, b"", 204)
    assert (await head.call("GET", path)).status_code == 404
    assert (await head.call("DELETE", path)).status_code == 404
    home = await head.call("DELETE", f"{DEPARTMENTS}/1")
    assert home.json()["in_use"]["default_of_the_customer"] == 1


async def test_a_dry_run_and_a_key_are_kept(head: Desk) -> None:
    before = (await head.get(DEPARTMENTS))["meta"]["total"]
    dry = await head.call("POST", DEPARTMENTS, NEW | {"name": "Dry"}, headers={"Prefer": "dry-run"})
    assert (dry.status_code, dry.headers["Preference-Applied"]) == (200, "dry-run")
    assert (await head.get(DEPARTMENTS))["meta"]["total"] == before
    key = {"Idempotency-Key": "department-1"}
    one, two = [await head.call("POST", DEPARTMENTS, NEW | {"name": "Once"}, headers=key) for _ in range(2)]
    assert (one.status_code, two.status_code, two.json()) == (201, 201, one.json())
    assert two.headers["Idempotent-Replayed"] == "true"
    assert (await head.get(DEPARTMENTS))["meta"]["total"] == before + 1


REFUSED: tuple[tuple[dict[str, Any], dict[str, list[str]]], ...] = (
    ({"name": None}, {"name": ["The name field is required."]}),
    ({"name": "demo DEPARTMENT"}, {"name": ["The name has already been taken."]}),
    ({"default_user_id": 999}, {"default_user_id": ["The selected default user id is invalid."]}),
    (
        {"opening_hours": [{"weekday": "noday", "opens": "9", "closes": "25:00"}]},
        {
            "opening_hours.0.weekday": ["The selected opening hours.0.weekday is invalid."],
            "opening_hours.0.opens": ["The opening hours.0.opens field must match the format H:i."],
            "opening_hours.0.closes": ["The opening hours.0.closes field must match the format H:i."],
        },
    ),
    (
        {"opening_hours": [{"weekday": "monday", "opens": "12:00", "closes": "12:00"}]},
        {"opening_hours.0.closes": ["The opening hours.0.closes field must be after opens."]},
    ),
    (
        {"data_fields": [{"type": "colour"}, {"name": "x", "type": "select"}]},
        {
            "data_fields.0.name": ["The data fields.0.name field is required."],
            "data_fields.0.type": ["The selected data fields.0.type is invalid."],
            "data_fields.1.choices": ["The data fields.1.choices field is required."],
        },
    ),
    (
        {"data_fields": [{"name": "x", "type": "select", "choices": ["a", "a"]}]},
        {"data_fields.0.choices": ["The data fields.0.choices field has a duplicate value."]},
    ),
    (
        {"data_fields": [{"name": "x", "id": CASE}, {"name": "y", "id": CASE}]},
        {
            "data_fields.0.id": ["The selected data fields.0.id is invalid."],
            "data_fields.1.id": [
                "The data fields.1.id field has a duplicate value.",
                "The selected data fields.1.id is invalid.",
            ],
        },
    ),
    (
        {"data_fields": [{"name": str(number)} for number in range(51)]},
        {"data_fields": ["The data fields field must not have more than 50 items."]},
    ),
    (
        {"default_user_id": 999, "name": "x" * 300, "late_after_minutes": -1},
        {
            "default_user_id": ["The selected default user id is invalid."],
            "late_after_minutes": ["The late after minutes field must be between 0 and 1440."],
            "name": ["The name field must not be greater than 219 characters."],
        },
    ),
    (
        {"late_after_minutes": -1},
        {"late_after_minutes": ["The late after minutes field must be between 0 and 1440."]},
    ),
)


@pytest.mark.clause("SQ-DEPT-invalid")
@pytest.mark.parametrize(("members", "errors"), REFUSED)
async def test_what_breaks_a_rule_is_refused_with_every_problem(
    head: Desk, members: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    found = await head.refused("PATCH", f"{DEPARTMENTS}/2", members)
    assert {name: sorted(texts) for name, texts in found.items()} == errors
    missing = await head.refused("POST", DEPARTMENTS, {})
    assert list(missing) == ["name", "default_user_id"]


@pytest.mark.clause("SQ-DEPT-rights")
async def test_departments_are_for_their_administrators(
    callers: dict[str, Caller], keeper: Desk, head: Desk
) -> None:
    assert (await keeper.call("PATCH", f"{DEPARTMENTS}/2", {"late_after_minutes": 4})).status_code == 200
    assert (await head.get(f"{DEPARTMENTS}/2"))["data"]["late_after_minutes"] == 4
    for who in (keeper, Desk(callers["demo"])):
        answer = await who.call("POST", DEPARTMENTS, NEW)
        assert (answer.status_code, answer.json()) == (403, {"message": "This action is unauthorized."})
    assert (await Desk(callers["kari"]).call("PATCH", f"{DEPARTMENTS}/1", {})).status_code == 403
    for path, number in ((f"{DEPARTMENTS}/1", "1"), (f"{DEPARTMENTS}/{FIRST}", FIRST)):
        for method in ("GET", "PATCH"):
            answer = await keeper.call(method, path, {})
            assert (answer.status_code, answer.json()["message"]) == (
                404,
                f"No query results for model [App\\Models\\Department] {number}",
            )
    assert [one["uuid"] for one in (await keeper.get(DEPARTMENTS))["data"]] == [SECOND]
    assert (await Desk(callers["nobody"]).call("GET", DEPARTMENTS)).status_code == 401


@pytest.mark.clause("SQ-CONV-012", "SQ-USER-me", "SQ-USER-read")
async def test_me_is_who_calls(callers: dict[str, Caller], head: Desk, keeper: Desk) -> None:
    me = (await keeper.get("/api/v1/me"))["data"]
    assert (me["role"], [one["id"] for one in me["departments"]]) == ("department_admin", [2])
    for path in ("/api/v1/users/me", f"/api/v1/users/{me['id']}"):
        assert (await keeper.get(path))["data"] == me
    assert (await head.get(f"/api/v1/users/{me['id']}"))["data"] == me
    roles = {
        name: (await Desk(callers[name]).get("/api/v1/me"))["data"]["role"]
        for name in ("demo", "head", "agent")
    }
    assert roles == {"demo": "scheduler", "head": "customer_admin", "agent": "agent"}


@pytest.mark.clause("SQ-USER-list")
async def test_users_are_listed_as_far_as_one_may_know_of_them(
    callers: dict[str, Caller], head: Desk
) -> None:
    page = await head.get("/api/v1/users?per_page=2")
    assert page["links"]["next"] == f"{HOST}/api/v1/users?per_page=2&page=2"
    everybody = (await head.get("/api/v1/users?per_page=100"))["data"]
    assert page["data"] == everybody[:2]
    agent = Desk(callers["agent"])
    seen = (await agent.get("/api/v1/users?per_page=100"))["data"]
    theirs = [user for user in everybody if 1 in [one["id"] for one in user["departments"]]]
    # Neither do they hear of other departments by way of a colleague.
    for user in theirs:
        user["departments"] = [one for one in user["departments"] if one["id"] == 1]
    assert seen == theirs
    hidden = next(user for user in everybody if user not in theirs)
    for number in (str(hidden["id"]), "99999", "x"):
        answer = await agent.call("GET", f"/api/v1/users/{number}")
        assert (answer.status_code, answer.json()["message"]) == (
            404,
            f"No query results for model [App\\Models\\User] {number}",
        )
    assert {user["id"] for user in (await Desk(callers["other"]).get("/api/v1/users"))["data"]} <= {1, 2}


ANSWERS = (
    ("Age", "41", "forty", "The claimant.data.1.value field must be a number."),
    ("Since", "2024-02-29", "2023-02-29", "The claimant.data.1.value field must be a valid date."),
    ("Consent", "true", "perhaps", "The claimant.data.1.value field must be true or false."),
    ("Way", "by phone", "by letter", "The selected claimant.data.1.value is invalid."),
    ("Age", "-1.5", None, "The claimant.data.1.value field is required."),
)


@pytest.mark.clause("SQ-DATA-type", "SQ-DATA-required")
async def test_answers_are_judged_by_their_fields(head: Desk, callers: dict[str, Caller]) -> None:
    department = await head.new(name="Asks", data_fields=FIELDS)
    ids = {field["name"]: field["id"] for field in department["data_fields"]}
    caller = callers["head"]
    least = {"department_id": department["id"]}
    whole = {"name": "Jane", "data": [{"id": ids["Case"], "value": "C"}, {"id": ids["Age"], "value": "41"}]}
    uid = await caller.new(**least, claimant=whole)
    for name, good, bad, message in ANSWERS:
        rows = [{"id": ids["Case"], "value": "C-2"}, {"id": ids[name], "value": bad}]
        body = await caller.refused(uid, {"claimant": {"data": rows}})
        assert body["errors"] == {"claimant.data.1.value": [message]}
        after = await caller.patch(uid, {"claimant": {"data": [{"id": ids[name], "value": good}]}})
        assert good in [row["value"] for row in after["claimant"]["data"]]
    bad = [{"id": ids["Age"], "value": "x"}, {"id": ids["Since"], "value": "x"}]
    many = await caller.refused(uid, {"claimant": {"data": bad}})
    assert list(many["errors"]) == ["claimant.data.0.value", "claimant.data.1.value"]
    body = {"appointment_at": "2031-01-01", "duration_in_minutes": 5, "claimant": {"name": "J"}} | least
    refused = await caller.call("POST", body=body)
    assert refused.json()["errors"] == {"claimant.data": ["The claimant.data field must answer Age."]}


async def test_an_answer_sent_back_as_shown_is_not_judged_again(
    head: Desk, callers: dict[str, Caller]
) -> None:
    department = await head.new(name="Changes", data_fields=[{"name": "Age"}])
    (field,) = department["data_fields"]
    rows = [{"id": field["id"], "value": "forty"}]
    caller = callers["head"]
    uid = await caller.new(department_id=department["id"], claimant={"name": "J", "data": rows})
    path = f"{DEPARTMENTS}/{department['id']}"
    changed = await head.call("PATCH", path, {"data_fields": [field | {"type": "number"}]})
    assert changed.status_code == 200, changed.text
    await caller.patch(uid, {"claimant": {"data": rows}})
    await caller.refused(uid, {"claimant": {"data": [rows[0] | {"value": "fifty"}]}})


@pytest.mark.clause("SQ-DATA-type", "SQ-INPUT-boolean")
@pytest.mark.lenient("body.claimant.data.0.value")
async def test_true_and_false_are_kept_in_one_spelling_by_every_door(
    head: Desk, callers: dict[str, Caller]
) -> None:
    fields = [{"name": "Sure"}, {"name": "Age", "type": "number"}]
    department = await head.new(name="Sure", data_fields=fields)
    sure, age = department["data_fields"]
    caller = callers["head"]
    data = [{"id": sure["id"], "value": "yes"}]
    uid = await caller.new(department_id=department["id"], claimant={"name": "J", "data": data})
    path = f"{DEPARTMENTS}/{department['id']}"
    changed = await head.call("PATCH", path, {"data_fields": [sure | {"type": "boolean"}, age]})
    assert changed.status_code == 200, changed.text

    async def kept(**sent: Any) -> str:
        return str((await caller.patch(uid, **sent))["claimant"]["data"][0]["value"])

    def body(value: Any) -> dict[str, Any]:
        return {"claimant": {"data": [{"id": sure["id"], "value": value}]}}

    assert await kept(body=body("yes")) == "yes", "sent back as it was shown"
    form = {"claimant[data][0][id]": sure["id"], "claimant[data][0][value]": "on"}
    assert await kept(data=form) == "true"
    assert [await kept(body=body(value)) for value in (False, True, "NO", "Yes", 0)] == [
        "false",
        "true",
        "false",
        "true",
        "false",
    ]
    made = await caller.made(
        department_id=department["id"], claimant={"name": "J", "data": [{"id": sure["id"], "value": True}]}
    )
    assert made["claimant"]["data"][0]["value"] == "true"
    refused = await caller.refused(uid, {"claimant": {"data": [{"id": age["id"], "value": True}]}})
    assert refused["errors"] == {
        "claimant.data.0.value": ["The claimant.data.0.value field must be a number."]
    }
