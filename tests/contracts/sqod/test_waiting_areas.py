"""/api/v1/waiting-areas (ours), and what departments give new appointments to start with."""

from typing import Any

import pytest

from appointed.domain.waiting_area import waiting_area_of
from tests.contracts.served import Served
from tests.contracts.sqod.caller import LEAST, SECOND, Caller, data
from tests.contracts.sqod.desk import DEPARTMENTS, Desk

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.usefixtures("callers"),
]

AREAS = "/api/v1/waiting-areas"
HOURS = [{"weekday": "monday", "opens": "09:30", "closes": "24:00"}]
WELCOME = "Please have your papers at hand.\nCroeso \N{WAVING HAND SIGN}"


@pytest.fixture
def head(callers: dict[str, Caller]) -> Desk:
    """An administrator."""
    return Desk(callers["head"])


async def make(desk: Desk, **members: Any) -> dict[str, Any]:
    answer = await desk.call("POST", AREAS, {"department_id": 1} | members)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


@pytest.mark.clause("SQ-AREA-create", "SQ-AREA-members")
async def test_a_waiting_area_is_made_with_all_that_it_has(head: Desk, served: Served) -> None:
    made = await make(
        head,
        department_id=SECOND,
        name="Whole",
        welcome_text=WELCOME,
        message="We are ten minutes late.",
        opening_hours=HOURS,
        opens_before_minutes="45",
    )
    assert (await head.get(f"{AREAS}/{made['id']}"))["data"] == made
    assert made in (await head.get(f"{AREAS}?per_page=100"))["data"]
    assert (made["department"]["id"], made["name"], made["welcome_text"]) == (2, "Whole", WELCOME)
    assert (made["message"], made["opening_hours"]) == ("We are ten minutes late.", HOURS)
    assert made["opens_before_minutes"] == 45
    directory = await served.parts.store.directory(1)
    found = waiting_area_of(2, directory)
    assert found is not None
    assert (found.id, found.welcome_text) == (made["id"], WELCOME)
    least = await make(head, name="Least")
    assert (least["welcome_text"], least["message"], least["opening_hours"]) == (None, None, None)
    assert least["opens_before_minutes"] == 30


@pytest.mark.clause("SQ-AREA-update")
async def test_it_is_changed_under_a_condition_and_removed(head: Desk) -> None:
    made = await make(head, name="Changed", opening_hours=HOURS, message="Soon")
    path = f"{AREAS}/{made['id']}"
    tag = (await head.call("GET", path)).headers["ETag"]
    dry = await head.call("PATCH", path, {"message": None}, headers={"Prefer": "dry-run"})
    assert (dry.status_code, dry.headers["Preference-Applied"]) == (200, "dry-run")
    body = {"message": None, "opening_hours": None}
    answer = await head.call("PATCH", path, body, headers={"If-Match": tag})
    assert answer.json()["data"] | {"updated_at": None} == made | body
    assert (await head.call("PATCH", path, body, headers={"If-Match": tag})).status_code == 412
    by_post = await head.call("POST", f"{path}?_method=PATCH", data={"message": "Form"})
    assert by_post.json()["data"]["message"] == "Form"
    assert (await head.call("DELETE", path, headers={"If-Match": tag})).status_code == 412
    kept = await head.call("DELETE", path, headers={"Prefer": "dry-run"})
    assert (kept.status_code, kept.headers["Preference-Applied"]) == (200, "dry-run")
    assert (kept.json()["status"], kept.json()["result"]) == (204, None)
    key = {"Idempotency-Key": "area-1"}
    gone = await head.call("DELETE", path, headers=key)
    again = await head.call("DELETE", path, headers=key)
    assert (gone.status_code, gone.content, again.status_code) == (204, b"", 204)
    missing = await head.call("GET", path)
    assert (missing.status_code, missing.json()["message"]) == (
        404,
        f"No query results for model [App\\Models\\WaitingArea] {made['id']}",
    )


@pytest.mark.clause("SQ-AREA-invalid")
async def test_what_breaks_a_rule_is_refused_with_every_problem(head: Desk) -> None:
    assert list(await head.refused("POST", AREAS, {})) == ["department_id", "name"]
    await make(head, name="Taken")
    taken = await head.refused("POST", AREAS, {"department_id": 1, "name": "taken"})
    assert taken == {"name": ["The name has already been taken."]}
    wrong = {
        "department_id": 99,
        "name": "x" * 220,
        "welcome_text": "x" * 4001,
        "message": "x" * 1001,
        "opening_hours": [{"weekday": "monday", "opens": "12:00", "closes": "11:00"}, {}],
        "opens_before_minutes": 1441,
    }
    assert set(await head.refused("POST", AREAS, wrong)) == {
        "department_id",
        "name",
        "welcome_text",
        "message",
        "opening_hours.0.closes",
        *(f"opening_hours.1.{name}" for name in ("weekday", "opens", "closes")),
        "opens_before_minutes",
    }


@pytest.mark.clause("SQ-AREA-rights")
async def test_they_are_for_the_administrators_of_their_departments(
    head: Desk, callers: dict[str, Caller]
) -> None:
    made = await make(head, name="Guarded")
    path = f"{AREAS}/{made['id']}"
    for name in ("demo", "agent", "kari"):
        desk = Desk(callers[name])
        assert (await desk.call("POST", AREAS, {})).status_code == 403
        for method in ("PATCH", "DELETE"):
            assert (await desk.call(method, path)).status_code == 403
        assert (await desk.get(path))["data"] == made
    second = Desk(callers["second"])
    for method in ("GET", "PATCH", "DELETE"):
        assert (await second.call(method, path)).status_code == 404
    assert made not in (await second.get(f"{AREAS}?per_page=100"))["data"]
    assert (await Desk(callers["other"]).get(AREAS))["data"] == []


DEFAULTS = {
    "features_call_recording_enable": True,
    "features_breakout_room_enable": True,
    "features_webcam_access_agent_enable": False,
    "features_webcam_access_claimant_enable": False,
    "features_webcam_background_blurring_enable": False,
    "features_microphone_access_enable": False,
    "features_screen_sharing_enable": False,
    "features_messages_chat_enable": False,
    "features_participant_list_enable": False,
    "features_bandwidth": "medium",
    "use_custom_post_call_redirect": True,
    "custom_user_post_call_redirect_url": "https://example.org/bye",
    "custom_agent_post_call_redirect_url": "https://example.org/next",
}


@pytest.mark.clause("SQ-DEPT-defaults")
async def test_a_new_appointment_starts_with_what_its_department_says(
    head: Desk, callers: dict[str, Caller]
) -> None:
    caller = callers["head"]
    department = await head.new(name="Defaults", **DEFAULTS)
    assert {name: department[name] for name in DEFAULTS} == DEFAULTS
    made = await caller.made(department_id=department["id"])
    assert {name: made[name] for name in DEFAULTS} == DEFAULTS
    # What is sent comes first, and what stands stays when the department changes its mind.
    own = {"features_bandwidth": "low", "custom_user_post_call_redirect_url": None}
    other = data(await caller.call("POST", body=LEAST | {"department_id": department["id"]} | own), 201)
    assert {name: other[name] for name in DEFAULTS} == DEFAULTS | own
    path = f"{DEPARTMENTS}/{department['id']}"
    changed = await head.call("PATCH", path, {"custom_agent_post_call_redirect_url": None})
    assert changed.json()["data"]["custom_agent_post_call_redirect_url"] is None
    assert await caller.read(made["id"]) == made


@pytest.mark.clause("SQ-DEPT-defaults")
async def test_a_department_leads_nobody_where_no_appointment_may(head: Desk) -> None:
    for name in ("custom_user_post_call_redirect_url", "custom_agent_post_call_redirect_url"):
        errors = await head.refused("PATCH", f"{DEPARTMENTS}/2", {name: "http://10.0.0.1/"})
        assert errors == {name: [f"The {name.replace('_', ' ')} field must be an allowed https URL."]}
