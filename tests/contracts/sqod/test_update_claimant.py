"""PATCH /api/v1/appointments/{appointment}: the claimant, member by member (components.schemas.Claimant)."""

from typing import Any

import pytest
import pytest_asyncio

from tests.contracts.sqod.caller import CASE, MEMBER, PREFERRED, REMARKS, Caller

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

CLAIMANT = {
    "name": "John Doe",
    "email": "john@claimant.example",
    "phone_number": "+442071234567",
    "date_of_birth": "1990-01-01",
}


@pytest_asyncio.fixture(loop_scope="package")
async def before(caller: Caller) -> dict[str, Any]:
    """An appointment whose claimant has everything."""
    answers = [{"id": CASE, "value": "C-1"}, {"id": PREFERRED, "value": "Jack"}]
    return await caller.made(claimant=CLAIMANT | {"data": answers})


def but(before: dict[str, Any], **members: Any) -> dict[str, Any]:
    return before | {"claimant": before["claimant"] | members}


CASES = [
    ("SQ-CLAIMANT-name", "name", "Jane Roe", "Jane Roe"),
    ("SQ-CLAIMANT-name", "name", "Ægir Ødegård 李", "Ægir Ødegård 李"),
    ("SQ-CLAIMANT-email-1", "email", "jane@claimant.example", "jane@claimant.example"),
    ("SQ-CLAIMANT-email-1", "email", " o'neil+x@sub.claimant.example ", "o'neil+x@sub.claimant.example"),
    ("SQ-CLAIMANT-email-2", "email", None, None),
    ("SQ-CLAIMANT-email-2", "email", "", None),
    ("SQ-CLAIMANT-phone_number", "phone_number", "+47 22 00 00 00", "+47 22 00 00 00"),
    ("SQ-CLAIMANT-phone_number", "phone_number", 1234567890, "1234567890"),
    ("SQ-CLAIMANT-phone_number", "phone_number", None, None),
    ("SQ-CLAIMANT-phone_number", "phone_number", " ", None),
    ("SQ-CLAIMANT-date_of_birth", "date_of_birth", "2021-01-01", "2021-01-01"),
    ("SQ-CLAIMANT-date_of_birth", "date_of_birth", None, None),
    ("SQ-CLAIMANT-date_of_birth", "date_of_birth", "", None),
]


@pytest.mark.clause("SQ-TIME-birthday", "SQ-UPDATE-contact-null")
@pytest.mark.clause("SQ-CONV-008", "SQ-BODY-claimant", "SQ-ANSWER-claimant")
@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [pytest.param(*case, marks=pytest.mark.clause(clause)) for clause, *case in CASES],
)
@pytest.mark.lenient("body.claimant.date_of_birth", "body.claimant.email", "body.claimant.phone_number")
async def test_one_member_changes_and_no_other(
    caller: Caller, before: dict[str, Any], name: str, given: Any, shown: Any
) -> None:
    after = await caller.patch(before["id"], {"claimant": {name: given}})
    assert after == but(before, **{name: shown})
    assert await caller.read(before["id"]) == after


@pytest.mark.clause("SQ-CONV-008")
@pytest.mark.parametrize("nothing", [{}, [], {"unknown": 1}, {"data": None}, {"data": ""}, {"data": []}])
@pytest.mark.lenient("body.claimant")
async def test_what_is_left_out_stays(caller: Caller, before: dict[str, Any], nothing: Any) -> None:
    assert await caller.patch(before["id"], {"claimant": nothing}) == before
    assert len(await caller.history(before["id"])) == 1


@pytest.mark.clause("SQ-CONV-009")
@pytest.mark.parametrize("nothing", [None, "", "  "])
async def test_the_name_cannot_be_null(caller: Caller, before: dict[str, Any], nothing: Any) -> None:
    text = "The claimant.name field is required."
    body = await caller.refused(before["id"], {"claimant": {"name": nothing, "email": None}})
    assert body == {"message": text, "errors": {"claimant.name": [text]}}


@pytest.mark.clause("SQ-CONV-006")
async def test_the_claimant_cannot_be_null(caller: Caller, before: dict[str, Any]) -> None:
    body = await caller.refused(before["id"], {"claimant": None})
    assert body["errors"] == {"claimant": ["The claimant field is required."]}


BROKEN = [
    ({"name": ["x"]}, "claimant.name", "The claimant.name field must be a string."),
    ({"name": True}, "claimant.name", "The claimant.name field must be a string."),
    (
        {"name": "x" * 256},
        "claimant.name",
        "The claimant.name field must not be greater than 255 characters.",
    ),
    ({"email": "nobody"}, "claimant.email", "The claimant.email field must be a valid email address."),
    ({"email": "a@b@c.example"}, "claimant.email", "The claimant.email field must be a valid email address."),
    ({"email": 5}, "claimant.email", "The claimant.email field must be a valid email address."),
    ({"phone_number": {}}, "claimant.phone_number", "The claimant.phone number field must be a string."),
    (
        {"date_of_birth": "1990-02-30"},
        "claimant.date_of_birth",
        "The claimant.date of birth field must be a valid date.",
    ),
    (
        {"date_of_birth": "yesterday"},
        "claimant.date_of_birth",
        "The claimant.date of birth field must be a valid date.",
    ),
    ({"data": "x"}, "claimant.data", "The claimant.data field must be an array."),
    ({"data": ["x"]}, "claimant.data.0", "The claimant.data.0 field must be an array."),
    ({"data": [{"value": "x"}]}, "claimant.data.0.id", "The claimant.data.0.id field is required."),
    (
        {"data": [{"id": CASE}, {"id": "x", "value": "y"}]},
        "claimant.data.1.id",
        "The claimant.data.1.id field must be a valid UUID.",
    ),
    (
        {"data": [{"id": MEMBER, "value": "y"}]},
        "claimant.data.0.id",
        "The selected claimant.data.0.id is invalid.",
    ),
    (
        {"data": [{"id": CASE, "value": ["y"]}]},
        "claimant.data.0.value",
        "The claimant.data.0.value field must be a string.",
    ),
    ("John", "claimant", "The claimant field must be an array."),
    ([{"name": "John"}], "claimant", "The claimant field must be an array."),
]


@pytest.mark.clause("SQ-WORD-email", "SQ-WORD-uuid", "SQ-WORD-array", "SQ-WORD-nested")
@pytest.mark.parametrize(("given", "path", "text"), BROKEN)
async def test_what_is_broken_is_named_by_its_path(
    caller: Caller, before: dict[str, Any], given: Any, path: str, text: str
) -> None:
    body = await caller.refused(before["id"], {"claimant": given})
    assert body == {"message": text, "errors": {path: [text]}}


class TestAnswers:
    @pytest.mark.clause("SQ-NAME-field", "SQ-UPDATE-data")
    @pytest.mark.clause("SQ-CLAIMANT-data", "SQ-CLAIMANT-data-id", "SQ-CLAIMANT-data-value", "SQ-CONV-008")
    @pytest.mark.lenient("body.claimant.data.0.value")
    async def test_one_answer_is_replaced_and_the_other_stays(
        self, caller: Caller, before: dict[str, Any]
    ) -> None:
        first, second = before["claimant"]["data"]
        for uid, value, shown in (
            (CASE, "C-2", "C-2"),
            (CASE.upper(), "C-3", "C-3"),
            (CASE, 4, "4"),
            (CASE, None, None),
            (CASE, "", None),
        ):
            after = await caller.patch(before["id"], {"claimant": {"data": [{"id": uid, "value": value}]}})
            assert after == but(before, data=[first | {"value": shown}, second])

    @pytest.mark.clause("SQ-UPDATE-data")
    @pytest.mark.clause("SQ-CLAIMANT-data", "SQ-ANSWER-claimant-data")
    async def test_a_new_answer_is_added_with_what_is_asked(self, caller: Caller) -> None:
        made = await caller.made(claimant=CLAIMANT | {"data": [{"id": CASE, "value": "C-1"}]})
        (first,) = made["claimant"]["data"]
        rows = [{"id": PREFERRED, "value": "Jack"}]
        after = await caller.patch(made["id"], {"claimant": {"data": rows}})
        added = {
            "id": PREFERRED,
            "value": "Jack",
            "name": "Preferred name",
            "type": "text",
            "required": False,
        }
        assert after == but(made, data=[first, added])

    async def test_an_answer_without_a_value_changes_nothing(
        self, caller: Caller, before: dict[str, Any]
    ) -> None:
        assert await caller.patch(before["id"], {"claimant": {"data": [{"id": CASE}]}}) == before

    async def test_the_later_of_two_wins(self, caller: Caller, before: dict[str, Any]) -> None:
        rows = [{"id": CASE, "value": "one"}, {"id": CASE, "value": "two"}]
        after = await caller.patch(before["id"], {"claimant": {"data": rows}})
        assert [row["value"] for row in after["claimant"]["data"]] == ["two", "Jack"]

    @pytest.mark.clause("SQ-CLAIMANT-data-id")
    async def test_the_fields_are_those_of_the_department_it_goes_to(
        self, caller: Caller, before: dict[str, Any]
    ) -> None:
        rows = [{"id": REMARKS, "value": "none"}]
        after = await caller.patch(before["id"], {"department_id": 2, "claimant": {"data": rows}})
        shown = [(row["name"], row["value"]) for row in after["claimant"]["data"]]
        assert shown == [("Case number", "C-1"), ("Preferred name", "Jack"), ("Remarks", "none")]
