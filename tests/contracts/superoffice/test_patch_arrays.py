"""PATCH Appointment/{id}: Participants, Links and VisibleFor; by index, at the end, as a whole."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

GUEST = {"EmailAddress": "guest@outside.example", "Description": "A guest"}


def people(entity: dict[str, Any]) -> list[Any]:
    return [one["AssociateId"] or one["PersonId"] or one["EmailAddress"] for one in entity["Participants"]]


def targets(entity: dict[str, Any]) -> list[Any]:
    return [(one["EntityName"], one["Id"], one["LinkId"]) for one in entity["Links"]]


class TestParticipants:
    @pytest.mark.clause("SO-PROP-Participants", "SO-SAMPLE-009", "SO-CARRIER-006")
    async def test_the_owner_is_always_one(self, desk: Desk) -> None:
        made = await desk.made(Associate={"AssociateId": 2})
        assert made["Participants"] == [
            {
                "AssociateId": 2,
                "PersonId": 2,
                "ContactId": 1,
                "EmailId": 0,
                "SendEmail": False,
                "InvitationStatus": "Accepted",
                "EmailAddress": "",
                "Description": "",
                "ExternallyOwnedType": "Unknown",
                "ExternallyOwnedStatus": "Unknown",
            }
        ]
        answer = await desk.call("PATCH", made["AppointmentId"], {"Participants": []})
        assert people(answer.json()) == [2]
        assert answer.headers["Appointed-Ignored"] == "Participants"

    @pytest.mark.clause("SO-PROP-Participants", "SO-BODY-007")
    async def test_others_are_appended(self, desk: Desk) -> None:
        number = await desk.new(StartDate="2036-01-02T10:00:00", EndDate="2036-01-02T11:00:00")
        answer = await desk.patch(
            number,
            [
                step("add", "/Participants/-", {"AssociateId": 3}),
                step("add", "/Participants/-", {"PersonId": "4"}),
                step("add", "participants/-", GUEST),
            ],
        )
        assert people(answer) == [1, 3, 4, "guest@outside.example"]
        room = await desk.patch(number, {"participants": {"associateId": 4}})
        assert people(room) == [1, 3, 4, "guest@outside.example", 4]
        statuses = [one["InvitationStatus"] for one in room["Participants"]]
        # A room takes what it is asked for.
        assert statuses == ["Accepted", "Invitation", "Invitation", "Invitation", "Accepted"]

    @pytest.mark.clause("SO-PROP-Participants", "SO-BODY-006")
    async def test_one_is_inserted_replaced_and_removed_by_its_index(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        inserted = await desk.patch(number, [step("add", "/Participants/1", {"AssociateId": 3})])
        assert people(inserted) == [1, 3, 2]
        replaced = await desk.patch(number, [step("replace", "/Participants/2", GUEST)])
        assert people(replaced) == [1, 3, "guest@outside.example"]
        assert replaced["Participants"][2]["InvitationStatus"] == "Invitation"
        removed = await desk.patch(number, [step("remove", "/Participants/1")])
        assert people(removed) == [1, "guest@outside.example"]
        member = await desk.replace(number, "/Participants/1/sendemail", True)
        assert member["Participants"][1]["SendEmail"] is True

    @pytest.mark.parametrize("other", [GUEST, {"PersonId": 6}, {"AssociateId": 3}])
    async def test_one_that_replaces_another_has_nothing_of_theirs(self, desk: Desk, other: Any) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        answer = await desk.replace(number, "/Participants/1", other)
        fresh = await desk.made(Participants=[{"AssociateId": 1}, other])
        assert answer["Participants"] == fresh["Participants"]

    @pytest.mark.clause("SO-BODY-006")
    async def test_a_test_protects_the_index(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        operations = [step("test", "/Participants/1/AssociateId", 3), step("remove", "/Participants/1")]
        body = await desk.refused(number, operations, 409, "test_failed")
        assert body["OperationIndex"] == 0

    async def test_an_array_replaces_them_and_everyone_stays_the_row_they_were(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}, GUEST])
        await desk.replace(number, "/Participants/2/InvitationStatus", "Seen")
        keys = await self.keys(desk, number)
        answer = await desk.patch(
            number, {"Participants": [{"AssociateId": 1}, {"AssociateId": 3}, GUEST, {"AssociateId": 2}]}
        )
        assert people(answer) == [1, 3, "guest@outside.example", 2]
        # Nothing was said of the guest's answer, so it stands.
        assert answer["Participants"][2]["InvitationStatus"] == "Seen"
        after = await self.keys(desk, number)
        assert {name: after[name] for name in keys} == keys
        assert after[3] not in keys.values()

    async def keys(self, desk: Desk, number: int) -> dict[Any, int]:
        row = (await desk.stored(number)).participants
        return {one.associate_id or one.email_address: one.key for one in row}

    async def test_nobody_takes_part_twice(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        answer = await desk.call("PATCH", number, {"Participants": {"AssociateId": 2}})
        assert people(answer.json()) == [1, 2]
        assert answer.headers["Appointed-Ignored"] == "Participants.2"

    @pytest.mark.parametrize(
        ("participant", "at"),
        [
            ({"AssociateId": 99}, "Participants.1.AssociateId"),
            ({"PersonId": 99}, "Participants.1.PersonId"),
            ({"AssociateId": 2, "PersonId": 6}, "Participants.1.PersonId"),
            ({"PersonId": 6, "ContactId": 2}, "Participants.1.ContactId"),
            ({"SendEmail": "perhaps", "AssociateId": 2}, "Participants.1.SendEmail"),
            ({"InvitationStatus": 3, "AssociateId": 2}, "Participants.1.InvitationStatus"),
            ({}, "Participants.1"),
            (5, "Participants.1"),
        ],
    )
    async def test_one_that_cannot_be_is_refused_by_place(
        self, desk: Desk, participant: Any, at: str
    ) -> None:
        number = await desk.new()
        body = await desk.refused(number, [step("add", "/Participants/-", participant)])
        assert set(body["Problems"]) == {at}

    @pytest.mark.parametrize("index", ["7", "01", "-1", "x"])
    async def test_an_index_that_is_not_there_is_refused(self, desk: Desk, index: str) -> None:
        number = await desk.new()
        answer = await desk.call("PATCH", number, [step("replace", f"/Participants/{index}", GUEST)])
        assert answer.status_code == 400
        assert answer.headers["Appointed-Error"] in ("path_not_found", "invalid_pointer")
        assert answer.json()["OperationPath"] == f"/Participants/{index}"
        assert people(await desk.read(number)) == [1]


class TestLinks:
    @pytest.mark.clause("SO-PROP-Links", "SO-SAMPLE-008", "SO-PROP-ActiveLinks")
    async def test_they_are_appended_changed_and_removed(self, desk: Desk) -> None:
        number = await desk.new()
        sale = {"EntityName": "sale", "Id": 1, "Description": "Yearly agreement"}
        answer = await desk.patch(number, [step("add", "/Links/-", sale)])
        assert set(answer["Links"][0]) == {
            "EntityName",
            "Id",
            "Description",
            "ExtraInfo",
            "LinkId",
            "TableRight",
            "FieldProperties",
        }
        assert (targets(answer), answer["ActiveLinks"]) == ([("sale", 1, 1)], 1)
        more = await desk.patch(number, {"Links": {"EntityName": "document", "Id": 9}})
        assert (targets(more), more["ActiveLinks"]) == ([("sale", 1, 1), ("document", 9, 2)], 2)
        changed = await desk.replace(number, "/Links/0/Description", "Other")
        assert (changed["Links"][0]["Description"], targets(changed)) == ("Other", targets(more))
        left = await desk.patch(number, [step("remove", "/Links/0")])
        assert (targets(left), left["ActiveLinks"]) == ([("document", 9, 2)], 1)
        assert (await desk.patch(number, {"Links": None}))["Links"] == []

    @pytest.mark.clause("SO-PROP-Links")
    async def test_one_without_a_target_is_refused(self, desk: Desk) -> None:
        number = await desk.new()
        body = await desk.refused(number, [step("add", "/Links/-", {"Id": 1})])
        assert set(body["Problems"]) == {"Links.0.EntityName"}


class TestVisibleFor:
    @pytest.mark.clause("SO-PROP-VisibleFor", "SO-SAMPLE-010")
    async def test_all_see_it_at_first(self, desk: Desk) -> None:
        visible = (await desk.made())["VisibleFor"]
        assert [(one["VisibleId"], one["Visibility"]) for one in visible] == [(0, "All")]
        assert visible[0]["DisplayValue"] == "[SR_VFC_ALL]"
        assert set(visible[0]) == {"VisibleId", "Visibility", "DisplayValue", "TableRight", "FieldProperties"}

    @pytest.mark.clause("SO-PROP-VisibleFor", "SO-PROP-Private")
    async def test_it_and_the_privacy_follow_each_other(self, desk: Desk) -> None:
        number = await desk.new()
        own = await desk.patch(number, {"Private": "PrivateUser"})
        assert [(one["VisibleId"], one["Visibility"]) for one in own["VisibleFor"]] == [(1, "Associate")]
        group = [{"VisibleId": 1, "Visibility": "Group"}]
        assert (await desk.patch(number, {"VisibleFor": group}))["Private"] == "PrivateGroup"
        assert (await desk.patch(number, {"VisibleFor": []}))["Private"] == "Public"
