"""One appointment, two contracts: what one changes the other shows at once; what SuperOffice made, SQOD shows."""

import re
from typing import Any

import pytest

from tests.contracts.served import HOST
from tests.contracts.sqod.caller import CASE, Caller
from tests.data import sqod as tables

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NOBODY = {"name": None, "phone_number": None, "email": None, "date_of_birth": None, "data": []}
UTC = {"SO-TimeZone": "UTC"}
CLAIMANT = {
    "name": "John Doe",
    "email": "john@claimant.example",
    "phone_number": "+442071234567",
    "date_of_birth": "1990-01-01",
}


async def made_there(caller: Caller, **members: Any) -> dict[str, Any]:
    """Create an appointment through SuperOffice and give its entity."""
    times = {"StartDate": "2026-04-20T09:00:00Z", "EndDate": "2026-04-20T10:00:00Z"}
    answer = await caller.served.so("POST", "Appointment", json={"Title": "Made there"} | times | members)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def seen_there(caller: Caller, uid: str) -> dict[str, Any]:
    number = (await caller.stored(uid)).id
    answer = await caller.served.so("GET", f"Appointment/{number}", headers=UTC)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def patched_there(caller: Caller, uid: str, **members: Any) -> dict[str, Any]:
    number = (await caller.stored(uid)).id
    answer = await caller.served.so("PATCH", f"Appointment/{number}", json=members)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


class TestMadeThere:
    async def test_it_has_a_reference_and_no_claimant_and_no_meeting(self, caller: Caller) -> None:
        fields = (await made_there(caller))["CustomFields"]
        row = await caller.read(fields["x_uid"])
        assert list(row) == list(tables.RESOURCE)
        assert re.fullmatch(r"[A-Za-z0-9]{15}", row["reference"])
        assert row["reference"] == fields["x_reference"]
        assert (row["claimant"], row["meeting"], row["status"]) == (NOBODY, None, "scheduled")
        assert (row["appointment_at"], row["duration_in_minutes"]) == ("2026-04-20T09:00:00.000000Z", 60)
        assert row["department"] == {"id": 1, "name": "Demo department"}
        assert row["url"].startswith(f"{HOST}/client-web/")
        assert row in await caller.listed()

    @pytest.mark.clause("SQ-MEETING-id", "SQ-MEETING-room_url")
    async def test_a_video_address_is_its_meeting(self, caller: Caller) -> None:
        url = "https://video.example/room/7"
        entity = await made_there(caller, JoinVideomeetUrl=url, CentralserviceVideomeetId="V-7")
        row = await caller.read(entity["CustomFields"]["x_uid"])
        assert row["meeting"] == {
            "id": "V-7",
            "room_name": None,
            "room_url": url,
            "start_date": "2026-04-20T09:00:00Z",
            "end_date": "2026-04-20T10:00:00Z",
        }

    async def test_a_claimant_can_be_added_here(self, caller: Caller) -> None:
        uid = (await made_there(caller))["CustomFields"]["x_uid"]
        before = await caller.read(uid)
        after = await caller.patch(uid, {"claimant": {"email": "new@claimant.example"}})
        assert after == before | {"claimant": NOBODY | {"email": "new@claimant.example"}}

    @pytest.mark.lenient("body.claimant.date_of_birth", "body.claimant.email")
    async def test_a_patch_of_nothing_does_not_make_one(self, caller: Caller) -> None:
        uid = (await made_there(caller))["CustomFields"]["x_uid"]
        before = await caller.read(uid)
        for claimant in ({}, {"email": None}, {"phone_number": "", "date_of_birth": None}):
            assert await caller.patch(uid, {"claimant": claimant}) == before
        assert (await caller.stored(uid)).claimant is None

    async def test_a_length_with_seconds_survives_being_sent_back(self, caller: Caller) -> None:
        uid = (await made_there(caller, EndDate="2026-04-20T09:45:30Z"))["CustomFields"]["x_uid"]
        row = await caller.read(uid)
        assert row["duration_in_minutes"] == 45
        await caller.patch(uid, {"duration_in_minutes": 45})
        assert (await seen_there(caller, uid))["EndDate"] == "2026-04-20T09:45:30"
        await caller.patch(uid, {"appointment_at": "2026-04-20T10:00:00Z"})
        assert (await seen_there(caller, uid))["EndDate"] == "2026-04-20T10:45:30"


# A change here, and what the entity then shows there.
HERE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"appointment_at": "2026-04-21T10:30:00Z"},
        {"StartDate": "2026-04-21T10:30:00", "EndDate": "2026-04-21T11:30:00"},
    ),
    ({"duration_in_minutes": 30}, {"EndDate": "2026-04-20T09:30:00"}),
    ({"status": "being_seen"}, {"Completed": "Started", "x_status": "being_seen"}),
    ({"status": "no_show"}, {"Completed": "Completed", "x_status": "no_show"}),
    ({"status": "late"}, {"Completed": "NotStarted", "x_status": "late"}),
    ({"department_id": 2}, {"x_department": "2"}),
    ({"features_screen_sharing_enable": False}, {"x_features_screen_sharing_enable": "False"}),
    ({"features_bandwidth": "low"}, {"x_features_bandwidth": "low"}),
    (
        {"claimant": CLAIMANT},
        {
            "x_claimant_name": "John Doe",
            "x_claimant_email": "john@claimant.example",
            "x_claimant_phone_number": "+442071234567",
            "x_claimant_date_of_birth": "1990-01-01",
        },
    ),
    (
        {"custom_user_post_call_redirect_url": "https://user.example/"},
        {"x_custom_user_post_call_redirect_url": "https://user.example/"},
    ),
]


def flat(entity: dict[str, Any]) -> dict[str, Any]:
    return entity["CustomFields"] | entity


@pytest.mark.parametrize(("given", "shown"), HERE)
async def test_what_changes_here_is_seen_there_at_once(
    caller: Caller, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    uid = await caller.new()
    before = flat(await seen_there(caller, uid))
    assert {name: before[name] for name in shown} != shown
    await caller.patch(uid, given)
    after = flat(await seen_there(caller, uid))
    assert {name: after[name] for name in shown} == shown


async def test_what_is_cancelled_here_is_completed_there(caller: Caller) -> None:
    uid = await caller.new()
    await caller.cancel(uid, "x")
    after = flat(await seen_there(caller, uid))
    assert (after["Completed"], after["x_status"]) == ("Completed", "cancelled")


# A change there, and what is then shown here.
THERE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"StartDate": "2026-04-20T09:15:00Z"}, {"duration_in_minutes": 45}),
    ({"EndDate": "2026-04-20T11:00:00Z"}, {"duration_in_minutes": 120}),
    ({"Completed": "Started"}, {"status": "being_seen"}),
    ({"Completed": "Completed"}, {"status": "complete"}),
    ({"CustomFields": {"x_status": "waiting"}}, {"status": "waiting"}),
    (
        {"CustomFields": {"x_department": "2"}},
        {"department": {"id": 2, "name": "Second department"}},
    ),
    (
        {"CustomFields": {"x_features_messages_chat_enable": "False"}},
        {"features_messages_chat_enable": False},
    ),
    ({"CustomFields": {"x_features_bandwidth": "low"}}, {"features_bandwidth": "low"}),
    (
        {"CustomFields": {"x_claimant_name": "John Doe"}},
        {"claimant": NOBODY | {"name": "John Doe"}},
    ),
]


@pytest.mark.parametrize(("given", "shown"), THERE)
async def test_what_changes_there_is_seen_here_at_once(
    caller: Caller, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    uid = await caller.new()
    before = await caller.read(uid)
    assert {name: before[name] for name in shown} != shown
    await patched_there(caller, uid, **given)
    after = await caller.read(uid)
    assert {name: after[name] for name in shown} == shown
    assert (await caller.stored(uid)).revision == 2


async def test_what_only_one_contract_speaks_of_survives_the_other(caller: Caller) -> None:
    uid = await caller.new(claimant=CLAIMANT | {"data": [{"id": CASE, "value": "C-1"}]})
    before = await caller.read(uid)
    await patched_there(caller, uid, Location="Here", Agenda="1. Talk", Title="Named there")
    assert await caller.read(uid) == before
    await caller.patch(uid, {"status": "late", "claimant": {"name": "Jane Roe"}})
    there = await seen_there(caller, uid)
    assert (there["Location"], there["Agenda"], there["Title"]) == ("Here", "1. Talk", "Named there")


async def test_the_tag_of_one_contract_counts_in_the_other(caller: Caller) -> None:
    uid = await caller.new()
    number = (await caller.stored(uid)).id
    await patched_there(caller, uid, Location="Here")
    await caller.refused(uid, {"status": "late"}, 412, "precondition_failed", headers={"If-Match": '"1"'})
    await caller.patch(uid, {"status": "late"}, headers={"If-Match": '"2"'})
    answer = await caller.served.so(
        "PATCH", f"Appointment/{number}", json={"Location": "There"}, headers={"If-Match": '"2"'}
    )
    assert answer.status_code == 412


async def test_what_is_deleted_there_is_gone_here_and_its_reference_is_free(caller: Caller) -> None:
    uid = await caller.new(reference="gone there")
    number = (await caller.stored(uid)).id
    assert (await caller.served.so("DELETE", f"Appointment/{number}")).status_code == 204
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/cancel")):
        assert (await caller.call(method, f"/{uid}{path}")).status_code == 404
    assert uid not in {row["id"] for row in await caller.listed()}
    again = await caller.made(reference="gone there")
    await caller.cancel(again["id"])


async def test_a_row_made_private_there_is_gone_for_the_client_that_did_not_make_it(
    callers: dict[str, Caller],
) -> None:
    uid = await callers["demo"].new()
    assert (await callers["agent"].read(uid))["id"] == uid
    await patched_there(callers["demo"], uid, Private="PrivateUser")
    assert (await callers["agent"].call("PATCH", f"/{uid}", {"status": "late"})).status_code == 404
    assert (await callers["demo"].read(uid))["claimant"]["name"] == "Jane Roe"
