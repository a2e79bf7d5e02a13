"""POST /api/v1/appointments: a new appointment with its meeting."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contracts.served import HOST
from tests.contracts.sqod.caller import (
    CASE,
    FIRST,
    LEAST,
    MEMBER,
    SECOND,
    Caller,
    Hands,
    data,
    parts,
    written,
)
from tests.data import sqod as tables

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DEFAULTS = {
    "duration_in_minutes": 60,
    "is_interpreter_needed": False,
    "interpreter_language": None,
    "status": "scheduled",
    "cancelled_at": None,
    "cancellation_reason": None,
    "department": {"id": 1, "name": "Demo department"},
    "claimant": {
        "name": "Jane Roe",
        "phone_number": None,
        "email": None,
        "date_of_birth": None,
        "data": [],
    },
    "session_started_at": None,
    "session_ended_at": None,
    "features_call_recording_enable": False,
    "features_breakout_room_enable": False,
    "features_webcam_access_agent_enable": True,
    "features_webcam_access_claimant_enable": True,
    "features_webcam_background_blurring_enable": True,
    "features_microphone_access_enable": True,
    "features_screen_sharing_enable": True,
    "features_messages_chat_enable": True,
    "features_participant_list_enable": True,
    "features_bandwidth": "high",
    "use_custom_post_call_redirect": False,
    "custom_user_post_call_redirect_url": None,
    "custom_agent_post_call_redirect_url": None,
}


@pytest.mark.clause(
    "SQ-ROUTE-create",
    "SQ-CREATE-required",
    "SQ-CREATE-on",
    "SQ-CREATE-off",
    "SQ-CREATE-high",
    "SQ-LIFE-scheduled",
)
@pytest.mark.clause("SQ-ANSWER-created_at", "SQ-CONV-002", "SQ-CONV-003")
async def test_the_required_members_are_enough_and_the_rest_has_defaults(
    caller: Caller, clock: Hands
) -> None:
    answer = await caller.call("POST", body=LEAST)
    made = data(answer, 201)
    assert list(made) == list(tables.RESOURCE)
    assert {name: made[name] for name in DEFAULTS} == DEFAULTS
    assert made["appointment_at"] == "2026-04-20T09:00:00.000000Z"
    assert made["created_at"] == written(clock())
    assert answer.headers["etag"] == '"1"'
    assert await caller.read(made["id"]) == made


@pytest.mark.clause(
    "SQ-NAME-meeting", "SQ-CREATE-meeting", "SQ-LIFE-claimant-link", "SQ-LIFE-secret", "SQ-LIFE-scheduled"
)
@pytest.mark.clause("SQ-ANSWER-url", "SQ-ANSWER-meeting", "SQ-MEETING-id", "SQ-MEETING-room_url")
async def test_it_has_a_meeting_and_links_that_cannot_be_guessed(caller: Caller) -> None:
    made, other = await caller.made(), await caller.made()
    assert made["meeting"]["room_url"].startswith(f"{HOST}/agent-web/room/")
    asked = parse_qs(urlsplit(made["url"]).query)
    assert made["url"].startswith(f"{HOST}/client-web/schedule/pre-call/summary?reference=")
    assert asked["reference"] == [made["reference"]]
    secrets = {asked["key"][0], made["meeting"]["room_url"].rsplit("/", 1)[1], made["meeting"]["room_name"]}
    assert all(len(secret) >= 22 for secret in secrets)
    assert not secrets & {*str(other).replace("'", "/").replace("=", "/").split("/")}
    assert made["reference"] not in made["meeting"]["room_name"]


@pytest.mark.clause("SQ-CREATE-required", "SQ-WORD-required")
@pytest.mark.parametrize("missing", ["appointment_at", "duration_in_minutes", "claimant"])
async def test_what_is_required_is_named(caller: Caller, missing: str) -> None:
    body = {name: value for name, value in LEAST.items() if name != missing}
    name = "claimant.name" if missing == "claimant" else missing
    await not_made(caller, body, {name: [f"The {name.replace('_', ' ')} field is required."]})


@pytest.mark.clause("SQ-CREATE-required")
async def test_all_that_is_required_is_named_at_once(caller: Caller) -> None:
    answer = await caller.call("POST", body={})
    assert answer.status_code == 422
    assert answer.json() == {
        "message": "The appointment at field is required. (and 2 more errors)",
        "errors": {
            "appointment_at": ["The appointment at field is required."],
            "duration_in_minutes": ["The duration in minutes field is required."],
            "claimant.name": ["The claimant.name field is required."],
        },
    }


@pytest.mark.parametrize("claimant", [{}, [], {"name": None}, {"name": " "}, {"email": "a@b.example"}])
async def test_a_claimant_needs_a_name(caller: Caller, claimant: Any) -> None:
    await not_made(
        caller, LEAST | {"claimant": claimant}, {"claimant.name": ["The claimant.name field is required."]}
    )


@pytest.mark.clause(
    "SQ-CREATE-appointment_at",
    "SQ-CREATE-duration_in_minutes",
    "SQ-CREATE-department_id",
    "SQ-CREATE-is_interpreter_needed",
    "SQ-CREATE-interpreter_language",
    "SQ-CREATE-reference",
    "SQ-CREATE-claimant-name",
    "SQ-CREATE-claimant-email",
    "SQ-CREATE-claimant-phone_number",
    "SQ-CREATE-claimant-date_of_birth",
    "SQ-CREATE-claimant-data",
    "SQ-CREATE-features_call_recording_enable",
    "SQ-CREATE-features_breakout_room_enable",
    "SQ-CREATE-features_webcam_access_agent_enable",
    "SQ-CREATE-features_webcam_access_claimant_enable",
    "SQ-CREATE-features_webcam_background_blurring_enable",
    "SQ-CREATE-features_microphone_access_enable",
    "SQ-CREATE-features_screen_sharing_enable",
    "SQ-CREATE-features_messages_chat_enable",
    "SQ-CREATE-features_participant_list_enable",
    "SQ-CREATE-features_bandwidth",
    "SQ-CREATE-use_custom_post_call_redirect",
    "SQ-CREATE-custom_user_post_call_redirect_url",
    "SQ-CREATE-custom_agent_post_call_redirect_url",
)
@pytest.mark.lenient(
    "body.duration_in_minutes",
    "body.features_",
    "body.is_interpreter_needed",
    "body.use_custom_post_call_redirect",
)
async def test_every_member_can_be_given(caller: Caller) -> None:
    given = {
        "reference": "R-every",
        "appointment_at": "2026-05-01T10:00:00+02:00",
        "duration_in_minutes": "45",
        "department_id": SECOND,
        "is_interpreter_needed": "true",
        "interpreter_language": "Welsh",
        "features_call_recording_enable": True,
        "features_breakout_room_enable": "1",
        "features_webcam_access_agent_enable": False,
        "features_webcam_access_claimant_enable": 0,
        "features_webcam_background_blurring_enable": "off",
        "features_microphone_access_enable": "no",
        "features_screen_sharing_enable": "False",
        "features_messages_chat_enable": "0",
        "features_participant_list_enable": False,
        "features_bandwidth": "low",
        "use_custom_post_call_redirect": "yes",
        "custom_user_post_call_redirect_url": "https://user.example/done?a=b",
        "custom_agent_post_call_redirect_url": "https://agent.example/",
    }
    claimant = {
        "name": "John Doe",
        "email": "john@claimant.example",
        "phone_number": "+442071234567",
        "date_of_birth": "1990-01-01",
    }
    answers = [{"id": MEMBER, "value": "M-1"}]
    made = await caller.made(**given, claimant=claimant | {"data": answers})
    flags = {name for name in given if name.endswith("_enable")}
    on = {name for name in flags if made[name]}
    assert on == {"features_call_recording_enable", "features_breakout_room_enable"}
    plain = ("reference", "interpreter_language", "features_bandwidth")
    urls = ("custom_user_post_call_redirect_url", "custom_agent_post_call_redirect_url")
    assert all(made[name] == given[name] for name in (*plain, *urls))
    assert made["appointment_at"] == "2026-05-01T08:00:00.000000Z"
    assert (made["duration_in_minutes"], made["is_interpreter_needed"]) == (45, True)
    assert made["department"] == {"id": 2, "name": "Second department"}
    assert made["use_custom_post_call_redirect"] is True
    (answered,) = made["claimant"].pop("data")
    assert made["claimant"] == claimant
    assert answered == {
        "id": MEMBER,
        "value": "M-1",
        "name": "Member number",
        "type": "text",
        "required": False,
    }


@pytest.mark.clause("SQ-CREATE-scheduled", "SQ-INPUT-unknown")
async def test_what_is_not_asked_for_is_ignored(caller: Caller) -> None:
    fixed = {"id": FIRST, "status": "complete", "created_at": "2001-01-01", "url": "x", "cancelled_at": "x"}
    made = await caller.made(**fixed, unknown=1, department="", _token="x")
    assert (made["status"], made["cancelled_at"]) == ("scheduled", None)
    assert made["id"] != FIRST


class TestNulls:
    @pytest.mark.clause("SQ-CREATE-nothing")
    @pytest.mark.parametrize("nothing", [None, "", "  "])
    @pytest.mark.lenient(
        "body.claimant.data",
        "body.claimant.date_of_birth",
        "body.claimant.email",
        "body.claimant.phone_number",
        "body.department_id",
        "body.features_bandwidth",
        "body.is_interpreter_needed",
        "body.reference",
    )
    async def test_those_that_may_be_null_get_their_defaults(self, caller: Caller, nothing: Any) -> None:
        names = (
            "department_id",
            "is_interpreter_needed",
            "interpreter_language",
            "reference",
            "features_bandwidth",
            "custom_user_post_call_redirect_url",
            "custom_agent_post_call_redirect_url",
        )
        claimant = dict.fromkeys(("email", "phone_number", "date_of_birth", "data"), nothing)
        made = await caller.made(**dict.fromkeys(names, nothing), claimant={"name": "Jane Roe"} | claimant)
        assert {name: made[name] for name in DEFAULTS} == DEFAULTS

    @pytest.mark.parametrize("nothing", [None, "", "  "])
    async def test_the_others_are_refused(self, caller: Caller, nothing: Any) -> None:
        switches = [name for name in tables.RESOURCE if name.endswith("_enable")]
        names = ["appointment_at", "duration_in_minutes", *switches, "use_custom_post_call_redirect"]
        answer = await caller.call("POST", body=LEAST | dict.fromkeys(names, nothing))
        assert answer.status_code == 422
        assert answer.json()["errors"] == {
            name: [f"The {name.replace('_', ' ')} field is required."] for name in names
        }


class TestReference:
    @pytest.mark.clause("SQ-NAME-reference-made")
    @pytest.mark.clause("SQ-ANSWER-reference")
    async def test_one_is_made_when_none_is_given(self, caller: Caller) -> None:
        references = {(await caller.made())["reference"] for _ in range(5)}
        assert len(references) == 5
        assert all(re.fullmatch(r"[A-Za-z0-9]{15}", reference) for reference in references)

    @pytest.mark.clause("SQ-NAME-reference-text", "SQ-INPUT-string")
    @pytest.mark.clause("SQ-ANSWER-reference")
    @pytest.mark.parametrize(("given", "kept"), [("A/7 & é", "A/7 & é"), (123456789, "123456789")])
    @pytest.mark.lenient("body.reference")
    async def test_the_one_given_is_kept_as_text(self, caller: Caller, given: Any, kept: str) -> None:
        made = await caller.made(reference=given)
        assert made["reference"] == kept
        assert parse_qs(urlsplit(made["url"]).query)["reference"] == [kept]
        await caller.cancel(made["id"])

    @pytest.mark.clause("SQ-CREATE-unique", "SQ-WORD-unique")
    async def test_one_that_is_taken_is_refused(self, caller: Caller) -> None:
        await caller.made(reference="taken")
        taken = {"reference": ["The reference has already been taken."]}
        await not_made(caller, LEAST | {"reference": "taken"}, taken)
        await not_made(caller, LEAST | {"reference": " taken "}, taken)

    @pytest.mark.clause("SQ-CREATE-unique")
    async def test_that_it_is_taken_is_told_with_all_else(self, caller: Caller) -> None:
        await caller.made(reference="told")
        broken = LEAST | {"duration_in_minutes": "x"}
        number = {"duration_in_minutes": ["The duration in minutes field must be an integer."]}
        answer = await caller.call("POST", body=broken | {"reference": " told "})
        assert answer.status_code == 422
        assert answer.json() == {
            "message": f"{number['duration_in_minutes'][0]} (and 1 more error)",
            "errors": number | {"reference": ["The reference has already been taken."]},
        }
        await not_made(caller, broken | {"reference": "free"}, number)

    @pytest.mark.clause("SQ-CREATE-unique")
    async def test_once_its_appointment_is_cancelled_it_is_free_again(self, caller: Caller) -> None:
        first = await caller.made(reference="again")
        await caller.cancel(first["id"])
        second = await caller.made(reference="again")
        assert second["id"] != first["id"]
        await not_made(
            caller, LEAST | {"reference": "again"}, {"reference": ["The reference has already been taken."]}
        )

    @pytest.mark.clause("SQ-CREATE-unique")
    async def test_each_tenant_has_its_own(self, callers: dict[str, Caller]) -> None:
        for name in ("demo", "other"):
            made = await callers[name].made(reference="both")
            assert made["reference"] == "both"
            await callers[name].cancel(made["id"])

    async def test_it_is_a_text_of_some_length(self, caller: Caller) -> None:
        assert len((await caller.made(reference="r" * 255))["reference"]) == 255
        too_long = "The reference field must not be greater than 255 characters."
        await not_made(caller, LEAST | {"reference": "r" * 256}, {"reference": [too_long]})
        await not_made(
            caller, LEAST | {"reference": ["x"]}, {"reference": ["The reference field must be a string."]}
        )


class TestDepartment:
    @pytest.mark.clause("SQ-NAME-department")
    @pytest.mark.clause("SQ-BODY-department_id", "SQ-UUID-001", "SQ-ANSWER-department")
    @pytest.mark.parametrize("given", [2, "2", " 2 ", SECOND, SECOND.upper()])
    async def test_it_is_named_by_integer_text_or_uuid(self, caller: Caller, given: Any) -> None:
        made = await caller.made(department_id=given)
        assert made["department"] == {"id": 2, "name": "Second department"}
        assert (await caller.stored(made["id"])).owner_id == 2

    @pytest.mark.parametrize("given", [0, 99, -1, "99", "Second department", CASE, True, 1.5, [1], {"id": 1}])
    async def test_one_that_does_not_exist_is_refused(self, caller: Caller, given: Any) -> None:
        await not_made(
            caller,
            LEAST | {"department_id": given},
            {"department_id": ["The selected department id is invalid."]},
        )

    async def test_one_of_another_tenant_does_not_exist(
        self, caller: Caller, callers: dict[str, Caller]
    ) -> None:
        directory = await caller.served.parts.store.directory(2)
        foreign = str(directory.departments[1].uid)
        body = {"department_id": ["The selected department id is invalid."]}
        await not_made(caller, LEAST | {"department_id": foreign}, body)
        await not_made(callers["other"], LEAST | {"department_id": SECOND}, body)

    async def test_without_one_it_is_the_clients_own(self, callers: dict[str, Caller]) -> None:
        assert (await callers["second"].made())["department"]["id"] == 2
        assert (await callers["agent"].made())["department"]["id"] == 1

    @pytest.mark.clause("SQ-ERROR-403")
    @pytest.mark.clause("SQ-CONV-015")
    async def test_one_outside_the_clients_reach_is_forbidden(self, callers: dict[str, Caller]) -> None:
        for name, department in (("second", 1), ("agent", 2)):
            answer = await callers[name].call("POST", body=LEAST | {"department_id": department})
            assert (answer.status_code, answer.json()) == (403, {"message": "This action is unauthorized."})
        assert (await callers["head"].made(department_id=2))["department"]["id"] == 2

    @pytest.mark.clause("SQ-ORDER-allowed")
    @pytest.mark.clause("SQ-CONV-015")
    async def test_that_it_is_forbidden_is_told_before_what_is_invalid(
        self, callers: dict[str, Caller]
    ) -> None:
        answer = await callers["second"].call("POST", body={"department_id": 1, "reference": ["x"]})
        assert (answer.status_code, answer.json()) == (403, {"message": "This action is unauthorized."})
        answer = await callers["second"].call("POST", body={"department_id": 2, "reference": ["x"]})
        assert answer.status_code == 422


class TestForms:
    @pytest.mark.clause(
        "SQ-WIRE-forms", "SQ-TIME-written", "SQ-CREATE-nothing", "SQ-SAMPLE-helpdesk", "SQ-LIFE-redirects"
    )
    async def test_the_helpdesks_sample(self, caller: Caller) -> None:
        made = data(await caller.call("POST", data=dict(tables.CREATE_FORM)), 201)
        assert {name: made[name] for name in tables.CREATE_ANSWER} == tables.CREATE_ANSWER
        assert made["url"].startswith(HOST + tables.CREATE_URL_START)
        await caller.cancel(made["id"])

    @pytest.mark.clause("SQ-WIRE-forms")
    async def test_the_same_as_multipart(self, caller: Caller) -> None:
        made = data(await caller.call("POST", files=parts(dict(tables.CREATE_FORM))), 201)
        assert {name: made[name] for name in tables.CREATE_ANSWER} == tables.CREATE_ANSWER
        assert made["claimant"]["phone_number"] == "+442071234567"
        await caller.cancel(made["id"])

    async def test_lists_by_brackets(self, caller: Caller) -> None:
        form = {
            "appointment_at": "2026-04-20 09:00",
            "duration_in_minutes": "60",
            "claimant[name]": "Jane Roe",
            "claimant[data][0][id]": CASE,
            "claimant[data][0][value]": "C-1",
        }
        made = data(await caller.call("POST", data=form), 201)
        assert [(row["id"], row["value"]) for row in made["claimant"]["data"]] == [(CASE, "C-1")]


@pytest.mark.clause("SQ-METHOD-003")
async def test_a_method_in_the_query_has_no_meaning_here(caller: Caller) -> None:
    answer = await caller.call("POST", body=LEAST, query="?_method=PATCH")
    assert answer.status_code == 201


async def not_made(caller: Caller, body: Any, errors: dict[str, list[str]]) -> None:
    total = (await caller.page())["meta"]["total"]
    answer = await caller.call("POST", body=body)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (422, "invalid_value"), answer.text
    (texts,) = errors.values()
    assert answer.json() == {"message": texts[0], "errors": errors}
    assert (await caller.page())["meta"]["total"] == total
