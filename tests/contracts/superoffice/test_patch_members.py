"""PATCH Appointment/{id}: what each member of the entity says, and what a change of it does (Response body)."""

import re
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NEVER, FOREVER = "0001-01-01T00:00:00", "9999-12-31T23:59:59"


def row(clause: str, member: str, value: Any, shown: Any = None) -> Any:
    """One member, a value, and how that is shown where it differs."""
    id_ = f"{member}={value}"[:40]
    return pytest.param(
        member, value, value if shown is None else shown, marks=pytest.mark.clause(clause), id=id_
    )


SETTABLE = [
    row("SO-PROP-Description", "Description", "First line\nSecond: ærlig ødegård \U0001f389"),
    row("SO-PROP-Title", "Title", "A title"),
    row("SO-PROP-Agenda", "Agenda", "1. One\n2. Two"),
    row("SO-PROP-InternalNotes", "InternalNotes", "Not for others"),
    row("SO-PROP-StartDate", "StartDate", "2031-05-06T07:08:09"),
    row("SO-PROP-EndDate", "EndDate", "2031-05-09T07:08:09"),
    row("SO-PROP-Private", "Private", "PrivateUser"),
    row("SO-PROP-Private", "Private", 2, "PrivateGroup"),
    row("SO-PROP-Type", "Type", "inChecklist"),
    row("SO-PROP-Type", "Type", "INDIARY", "inDiary"),
    row("SO-PROP-Type", "Type", 3, "Note"),
    row("SO-PROP-Completed", "Completed", "Started"),
    row("SO-PROP-Completed", "Completed", 3, "Completed"),
    row("SO-PROP-AlarmLeadTime", "AlarmLeadTime", "00:20:00"),
    row("SO-PROP-AlarmLeadTime", "AlarmLeadTime", "PT1H30M", "01:30:00"),
    row("SO-PROP-HasAlarm", "HasAlarm", True),
    row("SO-PROP-HasAlarm", "HasAlarm", "true", True),
    row("SO-PROP-ColorIndex", "ColorIndex", 7),
    row("SO-PROP-ColorIndex", "ColorIndex", "7", 7),
    row("SO-PROP-IsFree", "IsFree", True),
    row("SO-PROP-IsAlldayEvent", "IsAlldayEvent", True),
    row("SO-PROP-LagTime", "LagTime", "00:45:00"),
    row("SO-PROP-LagTime", "LagTime", "P1D", "1.00:00:00"),
    row("SO-PROP-LeadTime", "LeadTime", "PT5M", "00:05:00"),
    row("SO-PROP-LeadTime", "LeadTime", "02:30", "02:30:00"),
    row("SO-PROP-Location", "Location", "Anywhere at all"),
    row("SO-PROP-RejectReason", "RejectReason", "A word of one's own"),
    row("SO-PROP-AssignmentStatus", "AssignmentStatus", "Seen"),
    row("SO-PROP-AssignmentStatus", "AssignmentStatus", 13, "Declined"),
    row("SO-PROP-InvitationStatus", "InvitationStatus", "Invitation"),
    row("SO-PROP-InvitationStatus", "InvitationStatus", 5, "Invitation"),
    row("SO-PROP-PreferredTZLocation", "PreferredTZLocation", 261),
    row("SO-PROP-SuggestedAppointmentId", "SuggestedAppointmentId", 12),
    row("SO-PROP-IsMileStone", "IsMileStone", True),
    row("SO-PROP-CautionWarning", "CautionWarning", "NotInSync"),
    row("SO-PROP-CautionWarning", "CautionWarning", 5, "ExternalParticipantsDateTimeMismatch"),
    row("SO-PROP-JoinVideomeetUrl-2", "JoinVideomeetUrl", "https://meet.example/room"),
    row("SO-PROP-CentralserviceVideomeetId-1", "CentralserviceVideomeetId", "2fe8"),
    row("SO-PROP-PublishEventDate", "PublishEventDate", "2030-01-02T03:04:05"),
    row("SO-PROP-PublishFrom", "PublishFrom", "2030-01-02T00:00:00"),
    row("SO-PROP-PublishTo", "PublishTo", "2030-02-03T00:00:00"),
    row("SO-PROP-IsPublished", "IsPublished", True),
]

FOLLOWING = {"UpdatedDate", "UpdatedBy"}
# What follows from another member by rule.
ALONG = {
    "StartDate": {"ActiveDate", "Recurrence"},
    "Private": {"VisibleFor"},
    "Completed": {"ActiveDate", "CustomFields"},
    "PreferredTZLocation": {"PreferredTZLocationData"},
    # All of them stand at one time, so they are in conflict while they are busy; what is no appointment is not.
    "IsFree": {"HasConflict", "Recurrence"},
    "Type": {"HasConflict", "Recurrence"},
}


@pytest.mark.parametrize(("member", "value", "shown"), SETTABLE)
async def test_a_patch_sets_it_and_nothing_else(desk: Desk, member: str, value: Any, shown: Any) -> None:
    number = await desk.new(StartDate="2031-05-05T07:00:00", EndDate="2031-05-08T08:00:00")
    before = await desk.read(number)
    after = await desk.replace(number, f"/{member}", value)
    assert after[member] == shown
    others = {name for name in before if before[name] != after[name]} - {member} - FOLLOWING
    assert others <= ALONG.get(member, set())
    assert await desk.read(number) == after
    # What is answered can be tested and sent back.
    history = await desk.history(number)
    await desk.patch(number, [step("test", member, shown), step("replace", member, shown)])
    assert await desk.history(number) == history


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Location", "x" * 255),
        ("Location", 5),
        ("Title", "x" * 4001),
        ("StartDate", None),
        ("StartDate", "2030-02-30T00:00:00"),
        ("EndDate", 1_700_000_000),
        ("Private", "Sometimes"),
        ("Private", 3),
        ("Completed", True),
        ("InvitationStatus", 3),
        ("HasAlarm", "perhaps"),
        ("HasAlarm", 2),
        ("ColorIndex", 40_000),
        ("ColorIndex", 1.5),
        ("ColorIndex", True),
        ("LeadTime", "soon"),
        ("LeadTime", "-00:05:00"),
        ("AlarmLeadTime", "P90D"),
        ("PreferredTZLocation", 99_999),
        ("Participants", "nobody"),
        ("Task", 4),
    ],
)
@pytest.mark.clause("SO-RULE-008")
async def test_a_value_of_another_kind_is_refused_by_name(desk: Desk, member: str, value: Any) -> None:
    number = await desk.new()
    by_list = await desk.refused(number, [step("replace", member, value)])
    by_object = await desk.refused(number, {member: value}) if value is not None else by_list
    assert set(by_list["Problems"]) == {member}
    if value is not None:
        assert by_list == by_object | {"OperationIndex": 0, "OperationPath": member}
    assert by_list["ErrorType"] == "ArgumentException"


@pytest.mark.clause("SO-RULE-008")
async def test_of_two_operations_on_a_member_the_bad_one_is_named(desk: Desk) -> None:
    number = await desk.new()
    for bad, good in (("x_foo.bar", "x_ok"), ("x_foo", "x_foo.bar")):
        steps = [step("add", f"/CustomFields/{bad}", {"a": 1}), step("add", f"/CustomFields/{good}", "fine")]
        error = await desk.refused(number, steps)
        assert (error["OperationIndex"], list(error["Problems"])) == (0, [f"CustomFields.{bad}"])
        error = await desk.refused(number, steps[::-1])
        assert error["OperationIndex"] == 1


@pytest.mark.clause("SO-RULE-008")
@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("/StartDate", "2026-13-13", "StartDate"),
        ("/priority/id", 999, "Priority.Id"),
        ("Priority", {"Id": 999}, "Priority.Id"),
        ("/CustomFields/SuperOffice:2", "many", "CustomFields.SuperOffice:2"),
        ("/Links/-", {"EntityName": "sale", "Id": 99_999}, None),
    ],
)
async def test_the_operation_with_a_bad_value_is_named(
    desk: Desk, path: str, value: Any, named: str | None
) -> None:
    number = await desk.new(Priority={"Id": 1})
    first, last = step("replace", "Title", "x"), step("test", "Title", "x")
    error = await desk.refused(number, [first, step("add", path, value), last])
    assert (error["OperationIndex"], error["OperationPath"]) == (1, path)
    assert [key for key in error["Problems"] if named in (None, key)] == list(error["Problems"])
    record = await desk.served.so(
        "PATCH", "Contact/1", json=[step("replace", "Name", "x"), step("replace", "Name", 5)]
    )
    assert record.json()["OperationIndex"] == 1
    items = [{"AppointmentId": number, "Patch": [first, step("add", path, value)]}]
    batch = (await desk.served.so("POST", "Appointment/Batch", json={"Items": items})).json()
    assert (batch["Item"], batch["OperationIndex"], batch["OperationPath"]) == (0, 1, path)


class TestTimes:
    @pytest.mark.clause("SO-PROP-StartDate", "SO-PROP-EndDate")
    async def test_the_start_moves_alone_and_an_end_before_it_becomes_the_start(self, desk: Desk) -> None:
        number = await desk.new(StartDate="2030-05-06T09:00:00", EndDate="2030-05-06T10:00:00")
        earlier = await desk.replace(number, "StartDate", "2030-05-06T08:00:00")
        assert earlier["EndDate"] == "2030-05-06T10:00:00"
        later = await desk.replace(number, "StartDate", "2030-05-06T11:00:00")
        assert (later["StartDate"], later["EndDate"]) == ("2030-05-06T11:00:00", "2030-05-06T11:00:00")
        ended = await desk.replace(number, "EndDate", "2030-05-06T10:30:00")
        assert ended["EndDate"] == "2030-05-06T11:00:00"

    @pytest.mark.clause("SO-PROP-ActiveDate")
    async def test_the_active_date_is_the_start_until_completion(self, desk: Desk) -> None:
        number = await desk.new(StartDate="2030-05-06T09:00:00", EndDate="2030-05-06T10:00:00")
        assert (await desk.read(number))["ActiveDate"] == "2030-05-06T09:00:00"
        done = await desk.patch(number, {"Completed": "Completed"})
        assert done["ActiveDate"] not in ("2030-05-06T09:00:00", NEVER)
        again = await desk.patch(number, {"Completed": "NotStarted"})
        assert again["ActiveDate"] == "2030-05-06T09:00:00"

    @pytest.mark.clause("SO-PROP-ActiveDate")
    async def test_the_active_date_is_no_ones_to_set(self, desk: Desk) -> None:
        number = await desk.new()
        answer = await desk.call("PATCH", number, {"ActiveDate": "2001-01-01T00:00:00"})
        assert answer.headers["Appointed-Ignored"] == "ActiveDate"
        assert answer.json() == await desk.read(number)

    @pytest.mark.clause("SO-PROP-PublishFrom", "SO-PROP-PublishTo", "SO-PROP-PublishEventDate")
    async def test_publication_is_open_where_nothing_is_set(self, desk: Desk) -> None:
        number = await desk.new()
        made = await desk.read(number)
        assert (made["PublishFrom"], made["PublishTo"], made["PublishEventDate"]) == (NEVER, FOREVER, NEVER)
        await desk.patch(number, {"PublishFrom": "2030-01-02T00:00:00", "PublishTo": "2030-01-02T00:00:00"})
        cleared = await desk.patch(number, {"PublishFrom": None, "PublishTo": FOREVER})
        assert (cleared["PublishFrom"], cleared["PublishTo"]) == (NEVER, FOREVER)


class TestTitle:
    @pytest.mark.clause("SO-PROP-Title")
    async def test_without_one_it_is_the_descriptions_first_line(self, desk: Desk) -> None:
        number = await desk.new(Title=None, Description="Ring\nagain")
        assert (await desk.read(number))["Title"] == "Ring"
        assert (await desk.patch(number, {"Description": "Write\nback"}))["Title"] == "Write"
        assert (await desk.patch(number, {"Title": "Own"}))["Title"] == "Own"
        assert (await desk.patch(number, {"Title": ""}))["Title"] == "Write"


class TestServerKept:
    @pytest.mark.clause("SO-PROP-CreatedBy-1", "SO-PROP-CreatedDate", "SO-PROP-AppointmentId")
    async def test_who_created_it_and_when(self, desk: Desk) -> None:
        made = await desk.of("kari").made()
        assert (made["CreatedBy"]["AssociateId"], made["CreatedBy"]["Name"]) == (2, "kari")
        assert isinstance(made["AppointmentId"], int)
        tagged = await desk.read(made["AppointmentId"], SO_TimeZone="NO,includeTZOffset")
        event = (await desk.history(made["AppointmentId"]))[0]
        assert tagged["CreatedDate"] == f"{event.at:%Y-%m-%dT%H:%M:%SZ}"

    @pytest.mark.clause("SO-PROP-UpdatedBy", "SO-PROP-UpdatedDate")
    async def test_who_updated_it_and_when(self, desk: Desk) -> None:
        made = await desk.made()
        assert (made["UpdatedBy"], made["UpdatedDate"]) == (None, NEVER)
        number = made["AppointmentId"]
        changed = await desk.of("ola").patch(number, {"Location": "x"})
        assert changed["UpdatedBy"]["AssociateId"] == 3
        tagged = await desk.read(number, SO_TimeZone="NO,includeTZOffset")
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", tagged["UpdatedDate"])
        assert tagged["UpdatedDate"] > tagged["CreatedDate"]
        assert (await desk.patch(number, {"Location": "y"}))["UpdatedBy"]["AssociateId"] == 1

    @pytest.mark.clause("SO-PROP-CreatedBy-2", "SO-PROP-PreferredTZLocationData-2")
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/CreatedBy", {"AssociateId": 2}),
            ("/CreatedBy/AssociateId", 2),
            ("/CreatedDate", "2001-01-01T00:00:00"),
            ("/AppointmentId", 1),
            ("/HasConflict", True),
            ("/PreferredTZLocationData", {"TZLocationID": 261}),
            ("/CustomFields/x_uid", "other"),
            ("/CustomFields/x_reference", "other"),
        ],
    )
    async def test_what_never_changes_is_refused_in_a_json_patch(
        self, desk: Desk, path: str, value: Any
    ) -> None:
        # A free one is in nobody's way.
        number = await desk.new(IsFree=True)
        body = await desk.refused(number, [step("replace", path, value)], 400, "read_only")
        assert (body["OperationIndex"], body["OperationPath"]) == (0, path)

    @pytest.mark.clause("SO-PROP-CreatedBy-2", "SO-PROP-PreferredTZLocationData-2")
    async def test_what_never_changes_is_ignored_and_named_in_a_merge_patch(self, desk: Desk) -> None:
        number = await desk.new()
        before = await desk.history(number)
        body = {
            "CreatedBy": {"AssociateId": 2},
            "AppointmentId": 1,
            "PreferredTZLocationData": {"TZLocationID": 261},
        }
        answer = await desk.call("PATCH", number, body)
        assert answer.status_code == 200
        named = set(answer.headers["Appointed-Ignored"].split(", "))
        assert named == set(body)
        assert await desk.history(number) == before

    @pytest.mark.clause(
        "SO-PROP-UpdatedBy", "SO-PROP-ActiveLinks", "SO-PROP-RejectCounter", "SO-PROP-BookingType"
    )
    async def test_what_the_server_keeps_is_ignored_and_named_either_way(self, desk: Desk) -> None:
        number = await desk.new()
        before = await desk.read(number)
        kept = {
            "UpdatedBy": {"AssociateId": 2},
            "ActiveLinks": 9,
            "RejectCounter": 9,
            "BookingType": "Owner",
            "MotherId": 3,
            "TableRight": {"Mask": "None", "Reason": "x"},
        }
        operations = [step("replace", name, value) for name, value in kept.items()]
        for body in (kept, operations):
            answer = await desk.call("PATCH", number, body)
            assert answer.status_code == 200
            assert set(answer.headers["Appointed-Ignored"].split(", ")) == set(kept)
            assert answer.json() == before

    @pytest.mark.clause("SO-PROP-UpdatedBy")
    async def test_what_is_the_same_is_not_named(self, desk: Desk) -> None:
        number = await desk.new(Location="Here")
        answer = await desk.call("PATCH", number, await desk.read(number))
        assert answer.status_code == 200
        assert "Appointed-Ignored" not in answer.headers
        assert len(await desk.history(number)) == 1


class TestBookings:
    """An ordinary appointment; rows of participants come with bookings."""

    @pytest.mark.clause("SO-PROP-MotherAssociate-2", "SO-PROP-BookingType")
    async def test_an_ordinary_one_is_its_owners_own(self, desk: Desk) -> None:
        made = await desk.made(Associate={"AssociateId": 3})
        assert (made["MotherId"], made["BookingType"], made["RejectCounter"]) == (0, "None", 0)
        assert made["MotherAssociate"] == made["Associate"]
        assert made["Associate"]["AssociateId"] == 3

    @pytest.mark.clause("SO-PROP-InvitedPerson-1", "SO-PROP-InvitedPerson-3")
    async def test_the_owner_is_invited_unless_another_is(self, desk: Desk) -> None:
        made = await desk.made()
        assert made["InvitedPerson"]["PersonId"] == 1
        other = await desk.patch(made["AppointmentId"], {"InvitedPerson": {"PersonId": 6}})
        assert other["InvitedPerson"]["FullName"] == "Alice Grey"

    @pytest.mark.clause("SO-PROP-InvitedPerson-2", "SO-PROP-InvitedPerson-3")
    async def test_people_of_other_companies_take_part(self, desk: Desk) -> None:
        number = await desk.new()
        answer = await desk.patch(number, [step("add", "/Participants/-", {"PersonId": 6})])
        guest = answer["Participants"][1]
        assert (guest["PersonId"], guest["ContactId"], guest["AssociateId"]) == (6, 3, 0)
        assert (guest["InvitationStatus"], guest["SendEmail"]) == ("Invitation", False)

    @pytest.mark.clause("SO-PROP-AssignedBy", "SO-PROP-AssignmentStatus", "SO-PROP-Associate", "SO-RULE-010")
    async def test_a_new_owner_is_an_assignment(self, desk: Desk) -> None:
        made = await desk.made()
        assert (made["AssignedBy"], made["AssignmentStatus"]) == (None, "None")
        given = await desk.patch(made["AppointmentId"], {"Associate": {"AssociateId": 2}})
        assert given["Associate"]["AssociateId"] == 2
        assert (given["AssignedBy"]["AssociateId"], given["AssignmentStatus"]) == (1, "Assigning")
        assert [one["AssociateId"] for one in given["Participants"]] == [2]
        # It is in the other's diary now, and in the other's department.
        assert given["CustomFields"]["x_department"] == "2"

    @pytest.mark.clause("SO-PROP-Recurrence")
    async def test_a_rule_stands_there_that_does_not_recur(self, desk: Desk) -> None:
        made = await desk.made(StartDate="2030-05-06T09:00:00", EndDate="2030-05-06T10:00:00")
        rule = made["Recurrence"]
        assert rule["IsRecurrence"] is False
        assert (rule["Pattern"], rule["WeekPattern"]) == ("Weekly", {"Weekdays": "Monday", "Cycle": 1})
        assert [one["Date"] for one in rule["Dates"]] == ["2030-05-06T00:00:00"]

    @pytest.mark.clause("SO-PROP-HasConflict")
    async def test_an_overlap_in_the_owners_diary_is_a_conflict(self, desk: Desk) -> None:
        hour = {"StartDate": "2033-03-03T09:00:00", "EndDate": "2033-03-03T10:00:00"}
        first = await desk.new(**hour)
        assert (await desk.read(first))["HasConflict"] is False
        second = await desk.made(**(hour | {"StartDate": "2033-03-03T09:30:00"}))
        assert second["HasConflict"] is True
        assert (await desk.read(first))["HasConflict"] is True
        await desk.patch(first, [step("test", "/HasConflict", True)])
        moved = await desk.patch(second["AppointmentId"], {"IsFree": True})
        assert moved["HasConflict"] is False
        await desk.refused(first, [step("test", "/HasConflict", True)], 409, "test_failed")


class TestVideo:
    @pytest.mark.clause("SO-PROP-JoinVideomeetUrl-1", "SO-PROP-CentralserviceVideomeetId-2")
    async def test_both_are_blank_without_a_meeting(self, desk: Desk) -> None:
        made = await desk.made()
        assert (made["JoinVideomeetUrl"], made["CentralserviceVideomeetId"]) == ("", "")


class TestZone:
    @pytest.mark.clause("SO-PROP-PreferredTZLocation", "SO-PROP-PreferredTZLocationData-1")
    async def test_its_data_follow_the_id(self, desk: Desk) -> None:
        made = await desk.made()
        assert (made["PreferredTZLocation"], made["PreferredTZLocationData"]) == (0, None)
        answer = await desk.patch(made["AppointmentId"], {"PreferredTZLocation": 433})
        assert answer["PreferredTZLocationData"]["TZLocationID"] == 433
        assert answer["PreferredTZLocationData"]["TZLocationCode"] == "US-HI"
        assert (await desk.patch(made["AppointmentId"], {"PreferredTZLocation": 0}))[
            "PreferredTZLocationData"
        ] is None


class TestRights:
    @pytest.mark.clause("SO-PROP-TableRight")
    async def test_the_record_says_what_the_caller_may(self, desk: Desk) -> None:
        number = await desk.of("kari").new()
        assert (await desk.of("kari").read(number))["TableRight"]["Mask"] == "Select, Update, Insert, Delete"
        seen = (await desk.of("ola").read(number))["TableRight"]["Mask"]
        assert seen == "Select"
        assert (await desk.of("ola").call("PATCH", number, {"Title": "x"})).status_code == 403

    @pytest.mark.clause("SO-PROP-FieldProperties", "SO-SAMPLE-011")
    async def test_every_field_says_what_the_caller_may(self, desk: Desk) -> None:
        fields = (await desk.read(1))["FieldProperties"]
        assert {"StartDate", "Title", "Task", "CustomFields.SuperOffice:1", "VisibleFor"} <= set(fields)
        assert fields["Location"] == {
            "FieldRight": {"Mask": "Update", "Reason": ""},
            "FieldType": "System.String",
            "FieldLength": 254,
        }
        assert fields["HasConflict"]["FieldRight"]["Mask"] == "Read"
        assert all(set(one) == {"FieldRight", "FieldType", "FieldLength"} for one in fields.values())

    @pytest.mark.clause("SO-PROP-Links_", "SO-SAMPLE-013")
    async def test_links_lead_back_here(self, desk: Desk) -> None:
        links = (await desk.read(1))["_Links"]
        assert links["Self"] == "http://127.0.0.1:8000/api/v1/Appointment/1"
        assert links["Archive"] == "http://127.0.0.1:8000/api/v1/Appointment"
        answer = await desk.served.client.get(links["Self"], headers=desk.served.basic("demo"))
        assert answer.json() == await desk.read(1)
