"""The choices of a list field: added, changed and deleted at once, shown in values, found by filters."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from msgspec.structs import replace

from appointed.domain.directory import ListItem
from appointed.domain.field_layout import MOST_CHOICES
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.fields.layout import added, asked, done

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


async def send(desk: Desk, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = desk.served.basic(desk.name)
    return await desk.served.client.request(method, f"/api/v1/{path}", json=body, headers=headers)


async def got(desk: Desk, method: str, path: str, body: Any = None) -> Any:
    answer = await send(desk, method, path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.clause("SO-UDEF-025", "SO-UDEF-018")
async def test_a_list_of_ones_own(desk: Desk) -> None:
    field = await added(desk, "List", FieldLabel="Menu")
    name, own = field["ProgId"], field["MdoListName"]
    first = await got(desk, "POST", f"List/{own}/Items", {"Name": 'US:"Fish";NO:"Fisk"', "Tooltip": "Cod"})
    second = await got(desk, "POST", f"List/{field['UDListDefinitionId']}/Items", {"name": "Soup"})
    assert (first["Id"], second["Id"], second["UdListDefinitionId"]) == (1, 2, field["UDListDefinitionId"])
    row = await desk.new(CustomFields={name: "[I:1]"})
    shown = (await desk.read(row, SO_Language="no"))["CustomFields"]
    assert (shown[name], shown[f"{name}:DisplayText"], shown[f"{name}:DisplayTooltip"]) == (
        "[I:1]",
        "Fisk",
        "Cod",
    )
    assert (await desk.replace(row, f"CustomFields/{name}", "Soup"))["CustomFields"][name] == "[I:2]"
    await got(desk, "PUT", f"List/{own}/Items/2", {"Name": "Bouillon"})
    shown = (await desk.read(row))["CustomFields"]
    assert shown[f"{name}:DisplayText"] == "Bouillon"
    assert [item["Name"] for item in await got(desk, "GET", f"MDOList/{own}")] == [
        'US:"Fish";NO:"Fisk"',
        "Bouillon",
    ]
    chosen = quote(f"appointmentUdef/{name} eq 2")
    answer = await desk.call("GET", query=f"?$select=appointmentUdef/{name}&$filter={chosen}")
    assert [one[f"appointmentUdef/{name}"] for one in answer.json()["value"]] == ["Bouillon"]
    columns = await got(desk, "GET", "Archive/FindAppointment/$metadata")
    assert f'"RestrictionListName":"{own}"' in json.dumps(columns, separators=(",", ":"))


@pytest.mark.clause("SO-UDEF-025")
async def test_a_deleted_choice_stays_where_it_was_chosen(desk: Desk) -> None:
    field = await added(desk, "List")
    name, own = field["ProgId"], field["MdoListName"]
    for text in ("One", "Two"):
        await got(desk, "POST", f"List/{own}/Items", {"Name": text})
    row = await desk.new(CustomFields={name: 2})
    answer = await send(desk, "DELETE", f"List/{own}/Items/2")
    assert answer.status_code == 204
    assert (await desk.read(row))["CustomFields"][f"{name}:DisplayText"] == "Two"
    assert [item["Name"] for item in await got(desk, "GET", f"List/{own}/Items")] == ["One"]
    other = await desk.new()
    await desk.refused(other, {"CustomFields": {name: 2}})
    await desk.refused(other, {"CustomFields": {name: "Two"}})
    assert (await got(desk, "POST", f"List/{own}/Items", {"Name": "Three"}))["Id"] == 3


async def test_a_field_that_waits_has_its_choices_too(desk: Desk) -> None:
    field = await asked(desk, "POST", query="?udefFieldType=List")
    own = field["MdoListName"]
    await got(desk, "POST", f"List/{own}/Items", {"Name": "One"})
    assert await asked(desk, "GET", field["ProgId"]) == field
    await done(desk, "POST", "Revert")
    assert (await send(desk, "GET", f"List/{own}/Items")).status_code == 404


@pytest.mark.parametrize("body", [None, [], "x", {}, {"Name": " "}, {"Name": 5}, {"Name": "x" * 255}])
async def test_what_no_choice_can_be(desk: Desk, body: Any) -> None:
    before = await got(desk, "GET", "List/udlist5/Items")
    assert (await send(desk, "POST", "List/udlist5/Items", body)).status_code == 400
    assert (await send(desk, "PUT", "List/udlist5/Items/1", body)).status_code == 400
    assert await got(desk, "GET", "List/udlist5/Items") == before


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("kari", "udlist5/Items", 403),
        # What no such list or item is, it is for everybody.
        ("demo", "udlist999/Items", 404),
        ("kari", "udlist999/Items", 404),
        ("demo", "contact/Items", 404),
    ],
)
async def test_who_may_and_where(desk: Desk, login: str, path: str, status: int) -> None:
    for method, at in (("POST", path), ("PUT", f"{path}/1"), ("DELETE", f"{path}/1")):
        answer = await send(desk.of(login), method, f"List/{at}", {"Name": "New"})
        assert answer.status_code == status
        desk.served.assert_body("superoffice", answer)


@pytest.mark.clause("SO-MDO-011")
@pytest.mark.parametrize("login", ["demo", "kari"])
@pytest.mark.parametrize("name", ["Priority", "6", "task", "country", "rejectReason", "usergroup"])
async def test_items_of_the_servers_own_lists_are_read_only(desk: Desk, login: str, name: str) -> None:
    path = f"List/{name}/Items"
    before = await got(desk, "GET", path)
    for method, at in (("POST", path), ("PUT", f"{path}/1"), ("DELETE", f"{path}/1")):
        for body in ({"Name": "New"}, {}):
            answer = await send(desk.of(login), method, at, body)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD"), answer.text
            desk.served.assert_body("superoffice", answer)
    assert await got(desk, "GET", path) == before


async def test_unknown_choices(desk: Desk) -> None:
    assert (await send(desk, "PUT", "List/udlist5/Items/99", {"Name": "x"})).status_code == 404
    assert (await send(desk, "DELETE", "List/udlist5/Items/99")).status_code == 404


async def test_a_list_has_an_end(desk: Desk) -> None:
    own = (await added(desk, "List"))["MdoListName"]
    store = desk.served.parts.store
    fields = (await store.directory(1)).custom_fields
    field = next(one for one in fields.values() if f"udlist{one.id}" == own)
    full = tuple(ListItem(number, "x") for number in range(1, MOST_CHOICES + 1))
    await store.put_records(1, (replace(field, items=full),))
    answer = await send(desk, "POST", f"List/{own}/Items", {"Name": "One more"})
    assert (answer.status_code, str(MOST_CHOICES) in answer.text) == (400, True)
