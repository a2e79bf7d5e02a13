"""What cannot be a field, and bodies that are none: refused by name, and nothing changed."""

from typing import Any

import pytest

from appointed.domain.field_layout import MOST_FIELDS
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.fields.layout import added, asked, done, refused

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

ONE = {"UDefFieldId": 1}
NEW = {"FieldType": "ShortText"}


@pytest.mark.parametrize(
    ("sent", "member"),
    [
        (ONE | {"FieldLabel": "x" * 255}, "FieldLabel"),
        (ONE | {"FieldLabel": " "}, "FieldLabel"),
        (ONE | {"FieldLabel": 5}, "FieldLabel"),
        (ONE | {"Tooltip": "x" * 255}, "Tooltip"),
        (ONE | {"ShortLabel": "x" * 100}, "ShortLabel"),
        (ONE | {"TextLength": 200}, "TextLength"),
        (ONE | {"TextLength": -1}, "TextLength"),
        (ONE | {"TextLength": "many"}, "TextLength"),
        (ONE | {"FieldLeft": 40_000}, "FieldLeft"),
        (ONE | {"TabOrder": -1}, "TabOrder"),
        (ONE | {"IsMandatory": "perhaps"}, "IsMandatory"),
        (ONE | {"Justification": "Middle"}, "Justification"),
        (ONE | {"FieldType": "Picture"}, "FieldType"),
        (ONE | {"FieldType": "Number"}, "FieldType"),
        (ONE | {"ProgId": "acme:other"}, "ProgId"),
        (ONE | {"FieldDefault": "x" * 100}, "FieldDefault"),
        ({"UDefFieldId": 2, "FieldDefault": "many"}, "FieldDefault"),
        ({"UDefFieldId": 3, "FieldDefault": "tomorrow"}, "FieldDefault"),
        (NEW | {"ProgId": "a/b"}, "ProgId"),
        (NEW | {"ProgId": "x_mine"}, "ProgId"),
        (NEW | {"ProgId": "SuperOffice:77"}, "ProgId"),
        (NEW | {"ProgId": "a';DROP TABLE record;--"}, "ProgId"),
        (NEW | {"ProgId": "acme:org"}, "ProgId"),
    ],
)
@pytest.mark.clause("SO-UDEF-017")
async def test_what_no_field_can_be(desk: Desk, sent: dict[str, Any], member: str) -> None:
    said = await refused(desk, "PUT", "", [sent])
    assert list(said["Problems"]) == [member]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "text",
        [None],
        [1],
        [[]],
        [{}],
        [{"FieldLabel": "No type"}],
        [{"UDefFieldId": "one"}],
        [{"UDefFieldId": 2**40}],
        [{"ProgId": 5}],
        [{"ProgId": "x" * 5_000}],
        [NEW] * (MOST_FIELDS + 1),
        [NEW] * 10_000,
    ],
    ids=lambda body: repr(body)[:30] + str(len(body) if isinstance(body, list) else ""),
)
async def test_bodies_that_are_no_fields(desk: Desk, body: Any) -> None:
    await refused(desk, "PUT", "", body)


async def test_one_bad_field_refuses_all(desk: Desk) -> None:
    await refused(desk, "PUT", "", [ONE | {"FieldLabel": "Good"}, {"UDefFieldId": 2, "FieldLabel": ""}])
    await refused(desk, "PUT", "", [ONE | {"FieldLabel": "Good"}, {"UDefFieldId": 999}], status=404)


async def test_two_fields_have_two_names(desk: Desk) -> None:
    field = await added(desk, "Number", ProgId="acme:taken")
    # By its name the field is meant; a second one of the name has to be told by its own number.
    other = await asked(desk, "POST", query="?udefFieldType=Number")
    said = await refused(desk, "PUT", "", [{"UDefFieldId": other["UDefFieldId"], "ProgId": "ACME:Taken"}])
    assert said["Problems"] == {"ProgId": "names more than one thing, or one that is taken"}
    await done(desk, "POST", "Revert")
    await done(desk, "DELETE", field["ProgId"])
    await asked(desk, "POST", "Publish")


async def test_an_id_means_no_label(desk: Desk) -> None:
    field = await added(desk, "Number", FieldLabel="987")
    await refused(desk, "PUT", "", [{"UDefFieldId": 987, "Tooltip": "Whose?"}], status=404)
    assert await asked(desk, "GET", "987") == field


@pytest.mark.parametrize("query", ["", "?udefFieldType=", "?udefFieldType=Picture", "?udefFieldType=0"])
async def test_types_that_are_none(desk: Desk, query: str) -> None:
    await refused(desk, "POST", "", {}, query)


async def test_fields_have_an_end(desk: Desk) -> None:
    there = len(await asked(desk, "GET"))
    await asked(desk, "PUT", body=[NEW] * (MOST_FIELDS - there))
    said = await refused(desk, "POST", "", {}, "?udefFieldType=Number")
    assert str(MOST_FIELDS) in said["Message"]
    assert await asked(desk, "POST", "Publish") == MOST_FIELDS - there
    entity = await desk.made()
    assert len(entity["UserDefinedFields"]) >= MOST_FIELDS
    await done(desk, "DELETE", "200")
    await done(desk, "POST", "Revert")
