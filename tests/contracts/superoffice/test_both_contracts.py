"""One appointment, two contracts: a change through one is seen through the other at once."""

from typing import Any
from uuid import UUID

import pytest

from appointed.usecases.ports import ById, ByUid
from tests.contracts.superoffice.desk import Desk, step
from tests.contracts.superoffice.test_lists import ask, followed, ids, rows

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

CALL = {
    "appointment_at": "2030-05-06T08:00:00Z",
    "duration_in_minutes": 30,
    "claimant": {"name": "Ada Lovelace", "email": "ada@claimant.example"},
}


async def booked(desk: Desk, **members: Any) -> tuple[int, str]:
    """Create through SQOD; gives the id here and the id there."""
    answer = await desk.served.sq("POST", json=CALL | members)
    assert answer.status_code == 201, answer.text
    uid = answer.json()["data"]["id"]
    reading = await desk.served.parts.store.read(1, ByUid(UUID(uid)))
    return reading.row.id, uid


async def there(desk: Desk, uid: str, **changes: Any) -> dict[str, Any]:
    """Change through SQOD and give what it answers."""
    answer = await desk.served.sq("PATCH", f"/{uid}", json=changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


class TestTimes:
    async def test_both_ways(self, desk: Desk) -> None:
        number, uid = await booked(desk)
        here = await desk.read(number)
        assert (here["StartDate"], here["EndDate"]) == ("2030-05-06T10:00:00", "2030-05-06T10:30:00")
        await there(desk, uid, appointment_at="2030-05-07T09:00:00Z")
        here = await desk.read(number)
        # There the duration is kept, here the end.
        assert (here["StartDate"], here["EndDate"]) == ("2030-05-07T11:00:00", "2030-05-07T11:30:00")
        await desk.patch(number, {"StartDate": "2030-05-07T10:45:00"})
        seen = await desk.seen_by_sqod(number)
        assert seen["appointment_at"].startswith("2030-05-07T08:45:00")
        assert seen["duration_in_minutes"] == 45

    async def test_the_tags_and_stamps_move_together(self, desk: Desk) -> None:
        number, uid = await booked(desk)
        await desk.patch(number, {"Location": "x"})
        answer = await desk.served.sq("GET", f"/{uid}")
        assert answer.headers["ETag"] == (await desk.call("GET", number)).headers["ETag"] == '"2"'
        await there(desk, uid, interpreter_language="Welsh")
        answer = await desk.call("PATCH", number, {"Location": "y"}, If_Match='"2"')
        assert answer.status_code == 412
        assert (await desk.read(number))["UpdatedBy"]["Name"] == "demo client"


class TestStatus:
    @pytest.mark.clause("SO-PROP-Completed")
    @pytest.mark.parametrize(
        ("status", "completed"),
        [
            ("scheduled", "NotStarted"),
            ("waiting", "NotStarted"),
            ("late", "NotStarted"),
            ("being_seen", "Started"),
            ("complete", "Completed"),
            ("no_show", "Completed"),
            ("cancelled", "Completed"),
        ],
    )
    async def test_every_status_there_has_a_step_here(self, desk: Desk, status: str, completed: str) -> None:
        number, uid = await booked(desk)
        await there(desk, uid, status=status)
        here = await desk.read(number)
        assert (here["Completed"], here["CustomFields"]["x_status"]) == (completed, status)
        # Sent back unchanged it moves nothing.
        await desk.patch(number, {"Completed": completed, "Location": "x"})
        assert (await desk.seen_by_sqod(number))["status"] == status

    @pytest.mark.clause("SO-PROP-Completed")
    @pytest.mark.parametrize(
        ("completed", "status"),
        [("Started", "being_seen"), ("Completed", "complete"), ("NotStarted", "scheduled")],
    )
    async def test_every_step_here_is_a_status_there(self, desk: Desk, completed: str, status: str) -> None:
        number, uid = await booked(desk)
        await there(desk, uid, status="no_show" if status != "complete" else "late")
        await desk.patch(number, {"Completed": completed})
        assert (await desk.seen_by_sqod(number))["status"] == status

    async def test_the_exact_status_can_be_set_here(self, desk: Desk) -> None:
        number, _uid = await booked(desk)
        for status in ("waiting", "late", "being_seen", "no_show"):
            await desk.replace(number, "CustomFields/x_status", status)
            assert (await desk.seen_by_sqod(number))["status"] == status
        body = await desk.refused(number, {"CustomFields": {"x_status": "nonsense"}})
        assert set(body["Problems"]) == {"CustomFields.x_status"}

    async def test_what_is_cancelled_stays_so_in_both(self, desk: Desk) -> None:
        number, uid = await booked(desk)
        answer = await desk.served.sq("POST", f"/{uid}/cancel", json={})
        assert answer.status_code == 200
        for name, body in (
            ("Completed", {"Completed": "NotStarted"}),
            ("CustomFields.x_status", {"CustomFields": {"x_status": "scheduled"}}),
        ):
            assert (await desk.refused(number, body))["Problems"] == {
                name: "cannot become this now; it may become: cancelled"
            }
        operations = [step("replace", "Title", "Back"), step("replace", "customfields/X_Status", "late")]
        assert (await desk.refused(number, operations))["OperationIndex"] == 1
        answer = await desk.served.sq("PATCH", f"/{uid}", json={"status": "scheduled"})
        assert answer.status_code == 422
        assert (await desk.seen_by_sqod(number))["status"] == "cancelled"


class TestClaimant:
    @pytest.mark.clause("SO-PROP-Title", "SO-PROP-Participants")
    async def test_stands_here_as_title_and_as_participant(self, desk: Desk) -> None:
        number, uid = await booked(desk)
        here = await desk.read(number)
        assert here["Title"] == "Ada Lovelace"
        assert here["CreatedBy"]["Type"] == "SystemAssociate"
        row = here["Participants"][-1]
        assert (row["Description"], row["EmailAddress"]) == ("Ada Lovelace", "ada@claimant.example")
        await there(desk, uid, claimant={"name": "Ada King"})
        assert (await desk.read(number))["Title"] == "Ada King"
        titled = await desk.patch(number, {"Title": "First talk"})
        assert titled["Title"] == "First talk"
        assert (await desk.seen_by_sqod(number))["claimant"]["name"] == "Ada King"

    @pytest.mark.clause("SO-PROP-CustomFields-2")
    async def test_is_read_and_written_by_extra_fields(self, desk: Desk) -> None:
        number, uid = await booked(desk)
        fields = (await desk.read(number))["CustomFields"]
        assert (fields["x_claimant_name"], fields["x_claimant_email"]) == (
            "Ada Lovelace",
            "ada@claimant.example",
        )
        assert (fields["x_claimant_phone_number"], fields["x_claimant_date_of_birth"]) == ("", "")
        await desk.patch(
            number,
            {
                "CustomFields": {
                    "x_claimant_name": "Ada King",
                    "x_claimant_phone_number": "+447700900199",
                    "x_claimant_date_of_birth": "1815-12-10",
                    "x_claimant_email": None,
                }
            },
        )
        claimant = (await desk.seen_by_sqod(number))["claimant"]
        assert (claimant["name"], claimant["phone_number"]) == ("Ada King", "+447700900199")
        assert (claimant["date_of_birth"], claimant["email"]) == ("1815-12-10", None)
        await there(desk, uid, claimant={"email": "king@claimant.example"})
        assert (await desk.read(number))["CustomFields"]["x_claimant_email"] == "king@claimant.example"

    async def test_comes_to_be_by_a_name(self, desk: Desk) -> None:
        number = await desk.new(StartDate="2030-05-06T10:00:00")
        seen = await desk.seen_by_sqod(number)
        assert seen["claimant"]["name"] is None
        assert len(seen["reference"]) == 15
        body = await desk.refused(number, {"CustomFields": {"x_claimant_email": "x@y.example"}})
        assert set(body["Problems"]) == {"CustomFields.x_claimant_name"}
        await desk.patch(number, {"CustomFields": {"x_claimant_name": "Grace Hopper"}})
        assert (await desk.seen_by_sqod(number))["claimant"]["name"] == "Grace Hopper"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("x_claimant_name", ""),
            ("x_claimant_email", "nonsense"),
            ("x_claimant_date_of_birth", "soon"),
            ("x_features_bandwidth", "wide"),
            ("x_features_screen_sharing_enable", "perhaps"),
            ("x_department", "9"),
            ("x_custom_user_post_call_redirect_url", "javascript:alert(1)"),
        ],
    )
    async def test_the_other_contracts_rules_hold_here(self, desk: Desk, field: str, value: Any) -> None:
        number, _uid = await booked(desk)
        answer = await desk.call("PATCH", number, {"CustomFields": {field: value}})
        assert answer.status_code == 400, answer.text
        assert set(answer.json()["Problems"]) == {f"CustomFields.{field}"}
        assert len(await desk.history(number)) == 1


class TestOtherFields:
    @pytest.mark.clause("SO-PROP-CustomFields-2")
    @pytest.mark.parametrize(
        ("field", "value", "member", "seen"),
        [
            ("x_features_call_recording_enable", "True", "features_call_recording_enable", True),
            ("x_features_screen_sharing_enable", False, "features_screen_sharing_enable", False),
            ("x_features_messages_chat_enable", "1", "features_messages_chat_enable", True),
            ("x_features_bandwidth", "low", "features_bandwidth", "low"),
            ("x_use_custom_post_call_redirect", "true", "use_custom_post_call_redirect", True),
            (
                "x_custom_user_post_call_redirect_url",
                "https://after.example/thanks",
                "custom_user_post_call_redirect_url",
                "https://after.example/thanks",
            ),
        ],
    )
    async def test_are_written_here_and_seen_there(
        self, desk: Desk, field: str, value: Any, member: str, seen: Any
    ) -> None:
        number, uid = await booked(desk)
        shown = await desk.replace(number, f"CustomFields/{field}", value)
        assert (await desk.seen_by_sqod(number))[member] == seen
        assert shown["CustomFields"][field].lower() == str(seen).lower()
        # And the other way round.
        back = not seen if isinstance(seen, bool) else {"low": "high"}.get(seen)
        await there(desk, uid, **{member: back})
        text = (await desk.read(number))["CustomFields"][field]
        assert text.lower() == ("" if back is None else str(back).lower())

    async def test_names_given_at_birth_are_the_same_in_both(self, desk: Desk) -> None:
        number, uid = await booked(desk, reference="Case 4711")
        fields = (await desk.read(number))["CustomFields"]
        assert (fields["x_uid"], fields["x_reference"]) == (uid, "Case 4711")

    @pytest.mark.clause("SO-PROP-JoinVideomeetUrl-2", "SO-PROP-CentralserviceVideomeetId-1")
    async def test_a_meeting_made_there_can_be_joined_from_here(self, desk: Desk) -> None:
        number, _uid = await booked(desk)
        here, meeting = await desk.read(number), (await desk.seen_by_sqod(number))["meeting"]
        assert here["JoinVideomeetUrl"] == meeting["room_url"]
        assert here["CentralserviceVideomeetId"] == meeting["id"] != ""
        # It cannot be taken away, only be outdone by another, and sent back it changes nothing.
        answer = await desk.call("PATCH", number, {"JoinVideomeetUrl": "", "CentralserviceVideomeetId": None})
        assert answer.json() == here
        named = {"JoinVideomeetUrl", "CentralserviceVideomeetId"}
        assert set(answer.headers["Appointed-Ignored"].split(", ")) == named
        away = here["JoinVideomeetUrl"].replace("127.0.0.1:8000", "elsewhere.example")
        assert (await desk.patch(number, here | {"JoinVideomeetUrl": away})) == here
        other = await desk.patch(number, {"JoinVideomeetUrl": "https://meet.example/room"})
        assert other["JoinVideomeetUrl"] == "https://meet.example/room"
        assert await desk.patch(number, {"JoinVideomeetUrl": ""}) == other | {
            "JoinVideomeetUrl": here["JoinVideomeetUrl"],
            "UpdatedDate": (await desk.read(number))["UpdatedDate"],
        }

    @pytest.mark.clause("SO-PROP-JoinVideomeetUrl-1", "SO-PROP-CentralserviceVideomeetId-2")
    async def test_a_video_address_given_here_is_a_meeting_there(self, desk: Desk) -> None:
        number = await desk.new(StartDate="2030-05-06T10:00:00")
        assert (await desk.seen_by_sqod(number))["meeting"] is None
        await desk.patch(number, {"JoinVideomeetUrl": "https://meet.example/room"})
        meeting = (await desk.seen_by_sqod(number))["meeting"]
        assert meeting["room_url"] == "https://meet.example/room"


class TestDepartment:
    async def test_both_ways(self, desk: Desk) -> None:
        number, uid = await booked(desk, department_id=1)
        assert (await desk.read(number))["Associate"]["Name"] == "demo"
        await there(desk, uid, department_id=2)
        here = await desk.read(number)
        assert (here["CustomFields"]["x_department"], here["Associate"]["Name"]) == ("2", "kari")
        assert here["CustomFields"]["x_department:DisplayText"] == "Second department"
        back = await desk.replace(number, "CustomFields/x_department", "Demo department")
        assert back["Associate"]["Name"] == "demo"
        assert (await desk.seen_by_sqod(number))["department"] == {"id": 1, "name": "Demo department"}

    async def test_an_owner_who_belongs_there_stays(self, desk: Desk) -> None:
        number = await desk.new(Associate={"AssociateId": 3})
        assert (await desk.seen_by_sqod(number))["department"]["id"] == 1
        answer = await desk.patch(number, {"CustomFields": {"x_department": 1}})
        assert answer["Associate"]["Name"] == "ola"
        given = await desk.patch(number, {"Associate": {"AssociateId": 2}})
        assert given["CustomFields"]["x_department"] == "2"
        assert (await desk.seen_by_sqod(number))["department"]["id"] == 2


class TestWhatTheOtherContractLists:
    @pytest.mark.clause("SO-PROP-Type")
    @pytest.mark.parametrize(("kind", "status"), [("inDiary", 200), ("inChecklist", 404), ("Note", 404)])
    async def test_only_the_diary(self, desk: Desk, kind: str, status: int) -> None:
        number = await desk.new(Type=kind)
        uid = (await desk.stored(number)).uid
        assert (await desk.served.sq("GET", f"/{uid}")).status_code == status

    async def test_a_failed_test_changes_nothing_there(self, desk: Desk) -> None:
        number, _uid = await booked(desk)
        before = await desk.seen_by_sqod(number)
        operations = [step("replace", "CustomFields/x_status", "late"), step("test", "Title", "Nobody")]
        await desk.refused(number, operations, 409, "test_failed")
        assert await desk.seen_by_sqod(number) == before


class TestColumns:
    @pytest.mark.clause("SO-ODATA-018")
    async def test_what_stands_in_custom_fields_is_found_in_lists(self, desk: Desk) -> None:
        url = "https://after.example/bye"
        number, uid = await booked(
            desk,
            features_screen_sharing_enable=False,
            features_bandwidth="low",
            use_custom_post_call_redirect=True,
            custom_user_post_call_redirect_url=url,
        )
        other, _uid = await booked(desk)
        among = f"appointmentId oneOf ({number},{other})"
        for text in (
            f"x_uid is '{uid}'",
            f"x_uid in ('{uid.upper()}')",
            f"x_uid begins '{uid[:18]}' and {among}",
            f"x_features_screen_sharing_enable set false and {among}",
            f"x_features_bandwidth eq 'low' and {among}",
            f"x_use_custom_post_call_redirect set true and {among}",
            f"X_Custom_User_Post_Call_Redirect_Url ends '/BYE' and {among}",
            f"x_custom_user_post_call_redirect_url isNotNull and {among}",
        ):
            assert await ids(desk, text) == [number], text
        entity = (await desk.read(number))["CustomFields"]
        names = [name for name in entity if name.startswith("x_") and ":" not in name]
        names = [name for name in names if not name.startswith("x_claimant_")]
        assert {"x_uid", "x_features_bandwidth", "x_custom_agent_post_call_redirect_url"} <= set(names)
        (row,) = await rows(desk, filter=f"appointmentId eq {number}", select=",".join(names))
        told = {name: str(value) for name, value in row.items() if name in names}
        assert told == {name: entity[name] for name in names} | {"x_department": row["x_department"]}
        for name in names:
            found = await followed(desk, filter=among, select="appointmentId", orderBy=name, top=1)
            assert sorted(one["appointmentId"] for one in found) == [number, other], name
        # A claimant is sealed: lists are not searched by what only the claimant's key opens.
        answer = await ask(desk, filter="x_claimant_name is 'Ada Lovelace'")
        assert answer.status_code == 400

    @pytest.mark.clause("SO-ODATA-017")
    async def test_they_are_hidden_with_the_contents(self, desk: Desk) -> None:
        number = await desk.served.private_of_kari()
        kept = await desk.served.parts.store.read(1, ById((number,)))
        query = {"filter": f"appointmentId eq {number}", "select": "x_uid,x_features_bandwidth"}
        (row,) = await rows(desk, **query)
        assert (row["x_uid"], row["x_features_bandwidth"]) == ("", "")
        (own,) = await rows(desk.of("kari"), **query)
        assert (own["x_uid"], own["x_features_bandwidth"]) == (str(kept.row.uid), "high")
        for text in (f"x_uid is '{kept.row.uid}'", "x_features_bandwidth is 'high'"):
            assert await ids(desk, f"appointmentId eq {number} and {text}") == []
            assert await ids(desk.of("kari"), f"appointmentId eq {number} and {text}") == [number]
