"""PATCH Appointment/{id}: references to people, companies and lists, by id or by name; the vendor's samples."""

from typing import Any

import pytest

from appointed.usecases.stock_lists import TEXTS
from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# (member, its key, one id, a text that names it)
REFERENCES = [
    pytest.param(*case, marks=pytest.mark.clause(clause), id=case[0])
    for clause, *case in (
        ("SO-PROP-Associate", "Associate", "AssociateId", 3, ("Name", "ola")),
        ("SO-PROP-Contact", "Contact", "ContactId", 3, ("Name", "Tyne Consulting")),
        ("SO-PROP-InvitedPerson-1", "InvitedPerson", "PersonId", 6, ("FullName", "Alice Grey")),
        ("SO-PROP-Person-1", "Person", "PersonId", 5, ("Email", "per@fjord.example")),
        ("SO-PROP-Priority-1", "Priority", "Id", 3, ("Value", "High")),
        ("SO-PROP-Project-1", "Project", "ProjectId", 1, ("Name", "New harbour office")),
        ("SO-PROP-AssignedBy", "AssignedBy", "AssociateId", 2, ("Name", "kari")),
        ("SO-PROP-Task", "Task", "TaskListItemId", 2, ("Value", "Phone call")),
        ("SO-PROP-Sale-1", "Sale", "SaleId", 1, ("Title", "Yearly agreement")),
    )
]
MEMBERS = ("member", "key", "number", "name")


@pytest.mark.parametrize(MEMBERS, REFERENCES)
@pytest.mark.clause("SO-BODY-009", "SO-RULE-001")
async def test_the_key_is_enough(desk: Desk, member: str, key: str, number: int, name: Any) -> None:
    for value in ({key: number}, {key: str(number)}, {key.lower(): number}, {key: 0, name[0]: name[1]}):
        for body in ({member: value}, [step("replace", member, value)]):
            row = await desk.new()
            answer = await desk.patch(row, body)
            assert answer[member][key] == number, value
            # The record comes with all that is known of it, not only what was sent.
            assert len(answer[member]) >= 5
            assert await desk.read(row) == answer


@pytest.mark.parametrize(MEMBERS, REFERENCES)
@pytest.mark.clause("SO-RULE-002")
async def test_without_a_key_a_name_is_enough(
    desk: Desk, member: str, key: str, number: int, name: Any
) -> None:
    value = {name[0].lower(): name[1].upper()}
    assert (await desk.replace(await desk.new(), member, value))[member][key] == number
    assert (await desk.made(**{member: value}))[member][key] == number


@pytest.mark.parametrize(MEMBERS, REFERENCES)
@pytest.mark.clause("SO-BODY-006")
async def test_the_key_alone_may_be_patched(
    desk: Desk, member: str, key: str, number: int, name: Any
) -> None:
    row = await desk.new()
    if (await desk.read(row))[member] is None:
        first = {"Contact": 2, "Person": 4}.get(member, 1)
        await desk.patch(row, {member: {key: first}})
    answer = await desk.patch(row, [step("replace", f"{member}/{key}", number)])
    # The texts that stood beside the old id are stale: the id wins.
    assert answer[member][key] == number
    fresh = await desk.patch(await desk.new(), {member: {key: number}})
    assert answer[member] == fresh[member]


OPTIONAL = [
    pytest.param(member, {key: number}, marks=pytest.mark.clause(clause), id=member)
    for clause, member, key, number in (
        ("SO-PROP-Contact", "Contact", "ContactId", 2),
        ("SO-PROP-Person-2", "Person", "PersonId", 4),
        ("SO-PROP-Priority-2", "Priority", "Id", 1),
        ("SO-PROP-Project-2", "Project", "ProjectId", 1),
        ("SO-PROP-Sale-2", "Sale", "SaleId", 1),
    )
]


@pytest.mark.parametrize(("member", "value"), OPTIONAL)
async def test_it_may_be_absent(desk: Desk, member: str, value: Any) -> None:
    key = next(iter(value))
    row = await desk.new()
    assert (await desk.read(row))[member] is None
    for nothing in (
        {member: None},
        {member: {key: 0}},
        [step("remove", member)],
        [step("replace", member, None)],
    ):
        await desk.patch(row, {member: value})
        assert (await desk.patch(row, nothing))[member] is None


@pytest.mark.parametrize(MEMBERS, REFERENCES)
async def test_one_that_names_nothing_is_refused(
    desk: Desk, member: str, key: str, number: int, name: Any
) -> None:
    row = await desk.new()
    for value, at in (
        ({key: 99}, key),
        ({key: "x"}, key),
        ({key: True}, key),
        ({key: -1}, key),
        ({name[0]: "Nobody"}, name[0]),
    ):
        body = await desk.refused(row, [step("replace", member, value)])
        assert set(body["Problems"]) == {f"{member}.{at}"}


@pytest.mark.clause("SO-RULE-003")
async def test_a_name_beside_an_id_is_ignored_and_named(desk: Desk) -> None:
    row = await desk.new(Task={"TaskListItemId": 1})
    answer = await desk.call("PATCH", row, {"Task": {"Value": "Phone call"}})
    assert answer.json()["Task"]["TaskListItemId"] == 1
    assert answer.headers["Appointed-Ignored"] == "Task.Value"


@pytest.mark.clause("SO-RULE-002")
async def test_a_list_item_is_found_in_any_of_its_languages(desk: Desk) -> None:
    for name in ("Møte", "meeting", "BESPRECHUNG", "réunion", TEXTS["meeting"]):
        made = await desk.made(Task={"Value": name})
        assert made["Task"]["TaskListItemId"] == 1


@pytest.mark.clause("SO-PROP-Associate")
async def test_without_an_owner_it_is_the_callers_own(desk: Desk) -> None:
    row = await desk.of("ola").new(Associate={"AssociateId": 1})
    answer = await desk.of("ola").patch(row, {"Associate": None})
    assert answer["Associate"]["Name"] == "ola"


class TestTheVendorsExamples:
    """Bodies of official samples, as they stand there but for the ids."""

    @pytest.mark.clause("SO-PROP-Associate", "SO-BODY-009", "SO-RULE-001")
    async def test_an_owner_by_digits(self, desk: Desk) -> None:
        row = await desk.new()
        body = [{"op": "replace", "path": "Associate", "value": {"AssociateId": "3"}}]
        assert (await desk.patch(row, body))["Associate"]["AssociateId"] == 3

    @pytest.mark.clause("SO-PROP-Person-1", "SO-BODY-009")
    async def test_a_person_where_none_stood(self, desk: Desk) -> None:
        row = await desk.new()
        body = [{"op": "replace", "path": "/Person", "value": {"PersonId": 1}}]
        assert (await desk.patch(row, body))["Person"]["PersonId"] == 1

    @pytest.mark.clause("SO-PROP-Task")
    async def test_a_task_by_merge(self, desk: Desk) -> None:
        row = await desk.new()
        assert (await desk.patch(row, {"Task": {"TaskListItemId": 2}}))["Task"]["TaskListItemId"] == 2

    @pytest.mark.clause("SO-PROP-Description")
    async def test_a_description_in_camel_case(self, desk: Desk) -> None:
        row = await desk.new()
        assert (await desk.patch(row, {"description": "z"}))["Description"] == "z"
        body = [{"op": "replace", "path": "/Description", "value": "y"}]
        assert (await desk.patch(row, body))["Description"] == "y"

    @pytest.mark.clause("SO-PROP-CustomFields-1", "SO-RULE-004")
    async def test_a_subset_of_the_custom_fields(self, desk: Desk) -> None:
        row = await desk.new(CustomFields={"SuperOffice:2": "7"})
        body = [{"op": "replace", "path": "CustomFields", "value": {"SuperOffice:1": "Testing"}}]
        fields = (await desk.patch(row, body))["CustomFields"]
        assert (fields["SuperOffice:1"], fields["SuperOffice:2"]) == ("Testing", "[I:7]")

    @pytest.mark.clause("SO-PROP-ExtraFields")
    async def test_an_extra_field_by_its_path(self, desk: Desk) -> None:
        row = await desk.new()
        body = [{"op": "replace", "path": "ExtraFields/x_foobar", "value": "baz"}]
        answer = await desk.patch(row, body)
        assert (answer["ExtraFields"]["x_foobar"], answer["CustomFields"]["x_foobar"]) == ("baz", "baz")

    @pytest.mark.clause("SO-SELECT-001", "SO-SELECT-002")
    async def test_a_selection(self, desk: Desk) -> None:
        row = await desk.new(Contact={"ContactId": 2}, Description="x")
        answer = await desk.patch(
            row, {"Description": "z"}, query="?$select=AppointmentId,Contact,Description,Person"
        )
        assert {name for name, value in answer.items() if value is not None} == {
            "AppointmentId",
            "Contact",
            "Description",
        }
        assert (answer["AppointmentId"], answer["Contact"]["ContactId"], answer["Description"]) == (
            row,
            2,
            "z",
        )

    @pytest.mark.clause("SO-BODY-001", "SO-RULE-005")
    async def test_names_without_quotes_single_quotes_and_trailing_commas(self, desk: Desk) -> None:
        row = await desk.new()
        for body, text in (
            (b"[{op: 'replace', path: 'Description', value: 'a'}]", "a"),
            (b'[{"op":"replace","path":"Description","value":"b",},]', "b"),
            (b"{description: 'c'}", "c"),
        ):
            answer = await desk.call("PATCH", row, content=body)
            assert answer.status_code == 200, answer.text
            assert answer.json()["Description"] == text
