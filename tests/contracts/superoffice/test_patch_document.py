"""PATCH Appointment/{id}: both kinds of document, operations, paths (head of the page; Request Body: changes)."""

import pytest

from tests.contracts.superoffice.desk import Desk, entity, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

COMPUTED = {"UpdatedDate", "UpdatedBy", "ActiveDate"}


def changed(before: dict, after: dict) -> set[str]:
    """Name the members that differ, those that every change moves left out."""
    return {name for name in before if before[name] != after[name]} - COMPUTED


@pytest.mark.clause("SO-PATCH-001", "SO-PATH-001")
async def test_a_patch_changes_that_one_appointment(desk: Desk) -> None:
    first, second = await desk.new(Location="Here"), await desk.new(Location="Here")
    before = await desk.read(second)
    assert (await desk.patch(first, {"Location": "There"}))["AppointmentId"] == first
    assert (await desk.read(first))["Location"] == "There"
    assert await desk.read(second) == before


@pytest.mark.clause("SO-PATH-002")
async def test_there_is_no_patch_on_the_collection(desk: Desk) -> None:
    for at in ("", "/"):
        answer = (
            await desk.call("PATCH", at.lstrip("/"), {"Title": "x"})
            if not at
            else await desk.call("PATCH", "", {"Title": "x"}, query="/")
        )
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, POST, HEAD"


@pytest.mark.clause("SO-PATCH-002", "SO-PATCH-006", "SO-BODY-001", "SO-BODY-008")
async def test_an_array_is_operations(desk: Desk) -> None:
    number = await desk.new(Location="Here", Agenda="1. Talk")
    before = await desk.read(number)
    answer = await desk.patch(number, [step("replace", "/Location", "foo")])
    assert answer["Location"] == "foo"
    assert changed(before, answer) == {"Location"}
    assert await desk.read(number) == answer


@pytest.mark.clause("SO-PATCH-003", "SO-PATCH-007", "SO-BODY-002")
async def test_an_object_is_a_merge_patch_with_the_same_effect(desk: Desk) -> None:
    by_list, by_object = await desk.new(), await desk.new()
    one = await desk.patch(by_list, [step("replace", "/Location", "foo")])
    before = await desk.read(by_object)
    other = await desk.patch(by_object, {"Location": "foo"})
    assert one["Location"] == other["Location"] == "foo"
    assert changed(before, other) == {"Location"}


class TestRfc6902:
    @pytest.mark.clause("SO-PATCH-004")
    async def test_operations_run_in_order_on_what_earlier_ones_left(self, desk: Desk) -> None:
        number = await desk.new(Location="a")
        answer = await desk.patch(
            number,
            [
                step("replace", "/Location", "b"),
                step("test", "/Location", "b"),
                step("replace", "/Agenda", "first"),
                step("replace", "/Agenda", "second"),
            ],
        )
        assert (answer["Location"], answer["Agenda"]) == ("b", "second")

    @pytest.mark.clause("SO-PATCH-004")
    async def test_members_of_an_operation_that_nobody_defined_are_ignored(self, desk: Desk) -> None:
        number = await desk.new()
        assert (await desk.patch(number, [step("replace", "/Location", "b") | {"xyz": 1}]))["Location"] == "b"

    @pytest.mark.clause("SO-PATCH-004")
    async def test_tilde_and_slash_in_a_name_are_escaped(self, desk: Desk) -> None:
        number = await desk.new()
        body = await desk.refused(
            number, [step("replace", "/CustomFields/a~1b~0c", "x")], 400, "path_not_found"
        )
        assert body["OperationPath"] == "/CustomFields/a~1b~0c"

    @pytest.mark.clause("SO-PATCH-004")
    async def test_the_empty_path_is_the_whole_entity(self, desk: Desk) -> None:
        number = await desk.new(Location="Here", Agenda="1. Talk")
        whole = await desk.read(number)
        answer = await desk.patch(number, [step("replace", "", whole | {"Location": "There"})])
        assert changed(whole, answer) == {"Location"}


class TestRfc7396:
    @pytest.mark.clause("SO-PATCH-005")
    async def test_members_that_are_absent_stay(self, desk: Desk) -> None:
        number = await desk.new(Location="Here", Agenda="1. Talk", Contact={"ContactId": 2})
        answer = await desk.patch(number, {"Agenda": "2. More"})
        assert (answer["Location"], answer["Contact"]["ContactId"]) == ("Here", 2)

    @pytest.mark.clause("SO-PATCH-005")
    async def test_null_removes_what_stands(self, desk: Desk) -> None:
        number = await desk.new(Location="Here", Contact={"ContactId": 2}, HasAlarm=True)
        answer = await desk.patch(number, {"Location": None, "Contact": None, "HasAlarm": None})
        assert (answer["Location"], answer["Contact"], answer["HasAlarm"]) == ("", None, False)

    @pytest.mark.clause("SO-PATCH-005")
    async def test_an_object_is_merged_into_one_that_stands(self, desk: Desk) -> None:
        number = await desk.new(Task={"TaskListItemId": 1})
        answer = await desk.patch(number, {"Task": {"TaskListItemId": 2}})
        assert answer["Task"]["TaskListItemId"] == 2
        assert answer["Task"]["Value"].startswith('US:"Phone call";NO:"Telefonsamtale";')

    @pytest.mark.clause("SO-PATCH-005", "SO-RULE-007")
    async def test_an_object_is_merged_onto_null_too(self, desk: Desk) -> None:
        number = await desk.new(Contact={"ContactId": 2})
        assert (await desk.read(number))["Person"] is None
        answer = await desk.patch(number, {"Person": {"PersonId": 4}, "Priority": {"Id": 3}})
        assert (answer["Person"]["PersonId"], answer["Priority"]["Id"]) == (4, 3)

    @pytest.mark.clause("SO-PATCH-005", "SO-BODY-002")
    async def test_an_object_where_an_array_stands_is_appended(self, desk: Desk) -> None:
        number = await desk.new()
        answer = await desk.patch(number, {"Participants": {"AssociateId": 2}})
        assert [one["AssociateId"] for one in answer["Participants"]] == [1, 2]

    @pytest.mark.clause("SO-PATCH-005", "SO-BODY-002")
    async def test_an_array_replaces_the_one_that_stands(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        answer = await desk.patch(number, {"Participants": [{"AssociateId": 1}, {"AssociateId": 3}]})
        assert [one["AssociateId"] for one in answer["Participants"]] == [1, 3]

    @pytest.mark.clause("SO-PATCH-005", "SO-RULE-009")
    async def test_members_that_nobody_knows_are_ignored(self, desk: Desk) -> None:
        number = await desk.new()
        before = await desk.history(number)
        await desk.patch(number, {"Nonsense": 1, "x": {"y": None}})
        assert await desk.history(number) == before


class TestOperations:
    @pytest.mark.clause("SO-PATCH-008", "SO-BODY-003")
    async def test_add_sets_a_member(self, desk: Desk) -> None:
        number = await desk.new(Location="Here")
        answer = await desk.patch(number, [step("add", "/Location", "There"), step("add", "/Agenda", "x")])
        assert (answer["Location"], answer["Agenda"]) == ("There", "x")

    @pytest.mark.clause("SO-PATCH-008", "SO-RULE-006")
    async def test_add_of_an_array_onto_an_array_replaces_it(self, desk: Desk) -> None:
        link = {"EntityName": "sale", "Id": 1}
        number = await desk.new(Links=[{"EntityName": "document", "Id": 7}])
        answer = await desk.patch(number, [step("add", "Links", [link])])
        assert [(one["EntityName"], one["Id"]) for one in answer["Links"]] == [("sale", 1)]

    @pytest.mark.clause("SO-PATCH-009", "SO-BODY-003", "SO-BODY-009")
    async def test_replace_sets_a_member_also_where_null_stands(self, desk: Desk) -> None:
        number = await desk.new(Contact={"ContactId": 2})
        answer = await desk.patch(number, [step("replace", "/Person", {"PersonId": 5})])
        assert answer["Person"]["PersonId"] == 5

    @pytest.mark.clause("SO-PATCH-010", "SO-BODY-003")
    async def test_remove_empties_a_member(self, desk: Desk) -> None:
        number = await desk.new(Location="Here", Contact={"ContactId": 2}, ColorIndex=5, HasAlarm=True)
        removals = [step("remove", path) for path in ("/Location", "/Contact", "/ColorIndex", "/HasAlarm")]
        answer = await desk.patch(number, removals)
        assert answer["Location"] == ""
        assert answer["Contact"] is None
        assert answer["ColorIndex"] == 0
        assert answer["HasAlarm"] is False

    @pytest.mark.clause("SO-PATCH-010")
    async def test_remove_of_what_an_appointment_must_have_is_refused(self, desk: Desk) -> None:
        number = await desk.new()
        body = await desk.refused(number, [step("remove", "/StartDate")])
        assert body["Problems"] == {"StartDate": "must not be empty"}

    @pytest.mark.clause("SO-PATCH-011", "SO-BODY-003")
    async def test_test_lets_what_is_right_pass(self, desk: Desk) -> None:
        number = await desk.new(Location="Here")
        answer = await desk.patch(
            number, [step("test", "/Location", "Here"), step("replace", "/Location", "There")]
        )
        assert answer["Location"] == "There"

    @pytest.mark.clause("SO-PATCH-011")
    async def test_a_test_alone_changes_nothing(self, desk: Desk) -> None:
        number = await desk.new(Location="Here")
        before = await desk.history(number)
        await desk.patch(number, [step("test", "/Location", "Here")])
        assert await desk.history(number) == before

    @pytest.mark.clause("SO-BODY-004")
    async def test_move_is_refused(self, desk: Desk) -> None:
        await self.refused(desk, "move")

    @pytest.mark.clause("SO-BODY-005")
    async def test_copy_is_refused(self, desk: Desk) -> None:
        await self.refused(desk, "copy")

    async def refused(self, desk: Desk, op: str) -> None:
        number = await desk.new(Location="Here")
        body = await desk.refused(
            number,
            [step("replace", "/Agenda", "x"), step(op, "/Agenda") | {"from": "/Location"}],
            400,
            "operation_not_supported",
        )
        assert (body["OperationIndex"], body["OperationPath"]) == (1, "/Agenda")
        assert body["ErrorType"] == "NotSupportedException"

    @pytest.mark.clause("SO-BODY-003")
    async def test_any_other_is_refused(self, desk: Desk) -> None:
        number = await desk.new()
        body = await desk.refused(number, [step("increase", "/ColorIndex", 1)], 400, "invalid_patch")
        assert body["OperationIndex"] == 0

    @pytest.mark.clause("SO-BODY-001")
    @pytest.mark.parametrize(
        ("operation", "code"),
        [
            ({"op": "replace", "path": "/Location"}, "invalid_patch"),
            ({"op": "replace", "value": "x"}, "invalid_patch"),
            ({"path": "/Location", "value": "x"}, "invalid_patch"),
            ({"op": "replace", "path": 7, "value": "x"}, "invalid_patch"),
        ],
    )
    async def test_op_path_and_value_are_needed(self, desk: Desk, operation: dict, code: str) -> None:
        await desk.refused(await desk.new(), [operation], 400, code)


class TestPaths:
    @pytest.mark.clause("SO-PATCH-012")
    @pytest.mark.parametrize("path", ["/LOCATION", "/location", "/lOcAtIoN"])
    async def test_case_does_not_matter(self, desk: Desk, path: str) -> None:
        answer = await desk.replace(await desk.new(), path, "There")
        assert answer["Location"] == "There"
        assert path.lstrip("/") not in answer

    @pytest.mark.clause("SO-PATCH-012")
    async def test_case_does_not_matter_below_the_top_either(self, desk: Desk) -> None:
        number = await desk.new(Contact={"ContactId": 2}, Person={"PersonId": 4})
        answer = await desk.patch(
            number,
            [step("replace", "person/PERSONID", 5), step("replace", "customfields/superoffice:2", "8")],
        )
        assert answer["Person"]["PersonId"] == 5
        assert answer["CustomFields"]["SuperOffice:2"] == "[I:8]"

    @pytest.mark.clause("SO-PATCH-013")
    async def test_the_leading_slash_may_be_left_out(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        answer = await desk.patch(
            number, [step("replace", "Location", "There"), step("replace", "Participants/1/SendEmail", True)]
        )
        assert answer["Location"] == "There"
        assert answer["Participants"][1]["SendEmail"] is True

    @pytest.mark.clause("SO-PATCH-014")
    async def test_the_three_spellings_of_the_page(self, desk: Desk) -> None:
        number = await desk.new()
        for path in ("/description", "Description", "description"):
            assert (await desk.replace(number, path, path))["Description"] == path

    @pytest.mark.clause("SO-BODY-006")
    async def test_a_path_leads_into_an_element_of_an_array(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        answer = await desk.replace(number, "/Participants/1/InvitationStatus", "Declined")
        assert [one["InvitationStatus"] for one in answer["Participants"]] == ["Accepted", "Declined"]

    @pytest.mark.clause("SO-BODY-007")
    async def test_a_hyphen_appends(self, desk: Desk) -> None:
        number = await desk.new(Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
        guest = {"EmailAddress": "guest@outside.example", "Description": "A guest"}
        answer = await desk.patch(number, [step("add", "/Participants/-", guest)])
        assert [one["EmailAddress"] for one in answer["Participants"]] == ["", "", "guest@outside.example"]

    @pytest.mark.clause("SO-BODY-006", "SO-RULE-009")
    @pytest.mark.parametrize(
        "path", ["aut", "/Nonsense", "/Person/Nothing", "/Title/x", "/Participants/9/Description", "/Links/0"]
    )
    async def test_one_that_leads_nowhere_is_refused_by_name(self, desk: Desk, path: str) -> None:
        number = await desk.new()
        body = await desk.refused(
            number, [step("replace", "/Location", "x"), step("replace", path, "x")], 400, "path_not_found"
        )
        assert (body["OperationIndex"], body["OperationPath"]) == (1, path)
        assert repr(path) in body["Message"]


class TestAllOrNothing:
    @pytest.mark.clause("SO-PATCH-015")
    @pytest.mark.parametrize(
        ("last", "status", "code"),
        [
            (step("test", "/Title", "other"), 409, "test_failed"),
            (step("replace", "/Nonsense", 1), 400, "path_not_found"),
            (step("replace", "/AppointmentId", 1), 400, "read_only"),
            (step("replace", "/StartDate", "soon"), 400, "invalid_value"),
            (step("replace", "/Contact", {"ContactId": 99}), 400, "invalid_value"),
            (step("replace", "/Location", "x" * 255), 400, "invalid_value"),
        ],
    )
    async def test_one_operation_that_fails_leaves_everything(
        self, desk: Desk, last: dict, status: int, code: str
    ) -> None:
        number = await desk.new(Location="Here")
        before = await desk.call("GET", number)
        await desk.refused(
            number,
            [step("replace", "/Agenda", "x"), step("add", "/Participants/-", {"AssociateId": 3}), last],
            status,
            code,
        )
        after = await desk.call("GET", number)
        assert after.content == before.content
        assert after.headers["ETag"] == before.headers["ETag"]

    @pytest.mark.clause("SO-PATCH-015")
    async def test_many_operations_are_one_save(self, desk: Desk) -> None:
        number = await desk.new()
        operations = [step("replace", "/Location", str(index)) for index in range(100)]
        await desk.patch(number, operations)
        assert len(await desk.history(number)) == 2
        assert (await desk.call("GET", number)).headers["ETag"] == '"2"'

    @pytest.mark.clause("SO-PATCH-015")
    async def test_every_broken_value_is_told_at_once(self, desk: Desk) -> None:
        number = await desk.new()
        body = await desk.refused(
            number,
            {"StartDate": "soon", "Private": "Sometimes", "ColorIndex": "red", "Contact": {"ContactId": 99}},
        )
        assert set(body["Problems"]) == {"StartDate", "Private", "ColorIndex", "Contact.ContactId"}


class TestSamples:
    @pytest.mark.clause("SO-SAMPLE-003")
    async def test_several_operations_on_one_path_without_its_slash(self, desk: Desk) -> None:
        number = await desk.new()
        answer = await desk.patch(number, [step("add", "agenda", "a"), step("add", "agenda", "b")])
        assert answer["Agenda"] == "b"

    @pytest.mark.clause("SO-SAMPLE-003")
    async def test_the_sample_itself_names_a_member_that_does_not_exist(self, desk: Desk) -> None:
        number = await desk.new()
        body = await desk.refused(
            number, [step("add", "aut", {}), step("add", "aut", {})], 400, "path_not_found"
        )
        assert (body["OperationIndex"], body["OperationPath"]) == (0, "aut")

    @pytest.mark.clause("SO-SAMPLE-001", "SO-SAMPLE-002", "SO-STATUS-200", "SO-SAMPLE-005")
    async def test_its_headers(self, desk: Desk) -> None:
        number = await desk.new(Task={"TaskListItemId": 1})
        answer = await desk.call(
            "PATCH",
            number,
            content=b'[{"op": "add", "path": "Location", "value": "H\xc3\xa4r"}]',
            Accept="application/json; charset=utf-8",
            Accept_Language="sv",
            Content_Type="application/json; charset=utf-8",
        )
        assert entity(answer)["Location"] == "Här"
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert answer.json()["Task"]["Value"] == "Möte"
        assert answer.json() == await desk.read(number, Accept_Language="sv")
