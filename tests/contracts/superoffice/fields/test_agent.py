"""The agent UserDefinedFieldInfo: the same fields by methods; other owners have none."""

from typing import Any

import httpx
import pytest

from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.fields.layout import asked

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

OWNER = {"OwnerType": "Appointment"}


async def send(desk: Desk, method: str, body: Any = None, query: str = "") -> httpx.Response:
    return await desk.served.client.post(
        f"/api/v1/Agents/UserDefinedFieldInfo/{method}{query}",
        json=body,
        headers=desk.served.basic(desk.name),
    )


async def got(desk: Desk, method: str, body: Any = None, query: str = "") -> Any:
    answer = await send(desk, method, body, query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.clause("SO-UDEF-026")
async def test_the_same_fields_as_by_their_addresses(desk: Desk) -> None:
    made = await got(desk, "CreateUserDefinedFieldInfo", OWNER | {"FieldType": 4})
    layout = await asked(desk, "GET")
    assert made in layout
    assert await got(desk, "GetUserDefinedFieldList", OWNER) == layout
    published = await got(desk, "GetPublishedUserDefinedFieldList", {"ownerType": 12})
    assert published == await asked(desk, "GET", "Published")
    infos = await got(desk, "GetCustomFieldInfoList", {"TableName": "appointment"})
    assert infos == (await desk.call("GET", "CustomField")).json()
    number = made["UDefFieldId"]
    wanted = [3, number, 99_999]
    assert [one["UDefFieldId"] for one in await got(desk, "GetUserDefinedFieldFromIds", {"Ids": wanted})] == [
        3,
        number,
    ]
    query = f"?userDefinedFieldInfoId={number}"
    assert await got(desk, "GetUserDefinedFieldInfo", None, query) == made
    assert (await send(desk, "Revert", OWNER)).status_code == 204
    assert await got(desk, "GetUserDefinedFieldInfo", None, query) is None


@pytest.mark.clause("SO-UDEF-026")
async def test_saving_and_ranking(desk: Desk) -> None:
    made = await got(desk, "SaveUserDefinedFieldInfo", {"FieldType": "Date", "FieldLabel": "Due"})
    assert (made["FieldLabel"], made["HasBeenPublished"]) == ("Due", False)
    again = await got(desk, "SaveUserDefinedFieldInfo", made | {"FieldLabel": "Due on"})
    assert again == made | {"FieldLabel": "Due on"}
    number = made["UDefFieldId"]
    assert (
        await send(desk, "SetRankOnFields", OWNER | {"RankedFieldsIds": [number, 3, 3, 999]})
    ).status_code == 204
    order = [one["UDefFieldId"] for one in await got(desk, "GetUserDefinedFieldList", OWNER)]
    assert order[:3] == [number, 3, 1]
    assert (await send(desk, "SaveUserDefinedFieldInfos", {"Infos": [made, made]})).status_code == 204
    assert (await send(desk, "Revert", OWNER)).status_code == 204
    assert await got(desk, "DetectUnpublishedChanges", OWNER) is False


async def test_other_owners_have_none(desk: Desk) -> None:
    other = {"OwnerType": "Contact"}
    assert await got(desk, "GetUserDefinedFieldList", other) == []
    assert await got(desk, "GetPublishedUserDefinedFieldList", other) == []
    assert await got(desk, "GetUserDefinedFieldFromProgId", other | {"ProgId": "SuperOffice:1"}) is None
    assert await got(desk, "GetUserDefinedFieldFromProgIds", other | {"ProgIds": ["SuperOffice:1"]}) == []
    assert await got(desk, "DetectUnpublishedChanges", other) is False
    assert await got(desk, "DetectColumnIdChanges", other) is False
    assert await got(desk, "GetCustomFieldInfoList", {"TableName": "contact"}) == []
    found = await got(desk, "GetCustomFieldInfo", {"TableName": "contact", "FieldName": "SuperOffice:1"})
    assert found is None
    for method in ("CreateUserDefinedFieldInfo", "Publish", "Revert", "SetRankOnFields"):
        answer = await send(desk, method, other | {"FieldType": "Date"})
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("method", "body", "query", "status"),
    [
        ("SaveUserDefinedFieldInfo", None, "", 400),
        ("SaveUserDefinedFieldInfo", [], "", 400),
        ("SaveUserDefinedFieldInfo", {"FieldType": "Picture"}, "", 400),
        ("SaveUserDefinedFieldInfos", {}, "", 400),
        ("SaveUserDefinedFieldInfos", {"Infos": []}, "", 400),
        ("ChangeFieldType", {"FieldType": "Date"}, "", 400),
        ("ChangeFieldType", {"Info": {"UDefFieldId": 999}, "FieldType": "Date"}, "", 404),
        ("DeleteUserDefinedFieldInfo", None, "?UserDefinedFieldInfoId=999", 404),
        ("DeleteUserDefinedFieldInfo", None, "", 400),
        ("Publish", {}, "", 400),
        ("Publish", {"OwnerType": "Nobody"}, "", 400),
    ],
)
async def test_calls_that_make_no_sense(desk: Desk, method: str, body: Any, query: str, status: int) -> None:
    before = await asked(desk, "GET")
    answer = await send(desk, method, body, query)
    assert answer.status_code == status, answer.text
    desk.served.assert_body("superoffice", answer)
    assert await asked(desk, "GET") == before


async def test_only_administrators_work_on_it(desk: Desk) -> None:
    calls: list[tuple[str, Any, str]] = [
        ("CreateUserDefinedFieldInfo", OWNER | {"FieldType": "Date"}, ""),
        ("SaveUserDefinedFieldInfo", {"UDefFieldId": 1, "FieldLabel": "Mine"}, ""),
        ("SaveUserDefinedFieldInfos", {"Infos": [{"UDefFieldId": 1, "FieldLabel": "Mine"}]}, ""),
        ("DeleteUserDefinedFieldInfo", None, "?UserDefinedFieldInfoId=1"),
        ("ChangeFieldType", {"Info": {"UDefFieldId": 1}, "FieldType": "LongText"}, ""),
        ("SetRankOnFields", OWNER | {"RankedFieldsIds": [2]}, ""),
        ("Publish", OWNER, ""),
        ("Revert", OWNER, ""),
    ]
    before = await asked(desk, "GET")
    for method, body, query in calls:
        assert (await send(desk.of("kari"), method, body, query)).status_code == 403, method
    assert await asked(desk, "GET") == before
