"""UdefLayout and CustomField: fields are worked on, published, reverted and described."""

from typing import Any

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.fields.layout import added, asked, done, refused

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# Members of the carrier, in order (GET Appointment/UdefLayout, Response body).
MEMBERS = [
    "UDefFieldId",
    "ColumnId",
    "FieldDefault",
    "FieldHeight",
    "FieldLabel",
    "FieldLeft",
    "FieldTop",
    "FieldType",
    "FieldWidth",
    "FormatMask",
    "HideLabel",
    "IsIndexed",
    "LabelHeight",
    "LabelLeft",
    "LabelTop",
    "LabelWidth",
    "LastVersionId",
    "ListTableId",
    "IsMandatory",
    "Type",
    "Page1LineNo",
    "ProgId",
    "IsReadOnly",
    "ShortLabel",
    "TabOrder",
    "TextLength",
    "Tooltip",
    "UdefIdentity",
    "UDListDefinitionId",
    "Justification",
    "Version",
    "TemplateVariableName",
    "HasBeenPublished",
    "MdoListName",
    "TableRight",
    "FieldProperties",
]
INFO = [
    "FieldType",
    "FieldName",
    "DisplayName",
    "Description",
    "ShortLabel",
    "HideLabel",
    "HideField",
    "IsIndexed",
    "IsMandatory",
    "IsReadOnly",
    "IsExternal",
    "IsDisplayField",
    "Rank",
    "TemplateVariableName",
]
TYPES = ("Number", "ShortText", "LongText", "Date", "UnlimitedDate", "Checkbox", "List", "Decimal")


def of(field: dict[str, Any], *names: str) -> list[Any]:
    return [field[name] for name in names]


@pytest.mark.clause("SO-UDEF-001", "SO-UDEF-006", "SO-UDEF-013")
async def test_what_is_worked_on_and_what_is_published_are_the_same_at_first(desk: Desk) -> None:
    layout = await asked(desk, "GET")
    assert list(layout[0]) == MEMBERS
    assert of(layout[0], "UDefFieldId", "ProgId", "FieldLabel", "FieldType", "TextLength", "Type") == [
        1,
        "SuperOffice:1",
        "Note",
        "ShortText",
        99,
        "Appointment",
    ]
    assert [field["FieldType"] for field in layout] == ["ShortText", "Number", "Date", "Checkbox", "List"]
    assert of(layout[4], "TextLength", "HasBeenPublished", "Justification") == [0, True, "Default"]
    assert await asked(desk, "GET", "Published") == layout
    assert await asked(desk, "GET", "Changed") is False
    assert await asked(desk.of("kari"), "GET") == layout


@pytest.mark.clause("SO-UDEF-003", "SO-UDEF-008", "SO-UDEF-011")
@pytest.mark.parametrize("kind", [*TYPES, 3, "shorttext"])
async def test_a_new_field_waits_to_be_published(desk: Desk, kind: str | int) -> None:
    field = await asked(desk, "POST", query=f"?udefFieldType={kind}")
    number = field["UDefFieldId"]
    expected = kind if kind in TYPES else {3: "LongText"}.get(kind, "ShortText")
    assert of(field, "ProgId", "FieldType", "HasBeenPublished", "LastVersionId", "Version") == [
        f"SuperOffice:{number}",
        expected,
        False,
        0,
        1,
    ]
    assert await asked(desk, "GET", str(number)) == field
    assert (await desk.call("GET", f"UdefLayout/Published/{number}")).status_code == 404
    assert await asked(desk, "GET", "Changed") is True
    assert await asked(desk, "GET", "Changed", query="?columnChangesOnly=true") is True
    await done(desk, "POST", "Revert")
    assert (await desk.call("GET", f"UdefLayout/{number}")).status_code == 404
    again = await asked(desk, "POST", query=f"?udefFieldType={kind}")
    assert again["UDefFieldId"] > 0
    await done(desk, "DELETE", str(again["UDefFieldId"]))


@pytest.mark.clause("SO-UDEF-002", "SO-UDEF-007", "SO-UDEF-010")
async def test_what_is_saved_waits_and_publishing_lets_it_be_so(desk: Desk) -> None:
    field = await added(desk, "ShortText", FieldLabel="Saved")
    before = await asked(desk, "GET", "Published")
    sent = {
        "UDefFieldId": field["UDefFieldId"],
        "fieldlabel": 'NO:"Lagret";US:"Kept"',
        "Tooltip": "What was kept",
        "ShortLabel": "Kept",
        "TextLength": 20,
        "FieldDefault": "usual",
        "FieldLeft": "17",
        "LabelTop": -3,
        "Justification": 3,
        "IsMandatory": True,
        "HideLabel": "true",
        "TabOrder": 1,
        "TemplateVariableName": "as09",
        "Unheard": "of",
        "TableRight": {"Mask": 15},
        "_Links": {},
    }
    layout = await asked(desk, "PUT", body=[sent])
    assert layout[1]["ProgId"] == field["ProgId"]
    assert of(layout[1], "FieldLabel", "FieldLeft", "LabelTop", "Justification", "TextLength", "Version") == [
        'NO:"Lagret";US:"Kept"',
        17,
        -3,
        "Right",
        20,
        2,
    ]
    assert [one["UDefFieldId"] for one in layout if one["TabOrder"]] == [field["UDefFieldId"]]
    assert await asked(desk, "GET", "Published") == before
    assert await asked(desk, "GET", "Changed") is True
    assert await asked(desk, "GET", "Changed", query="?columnChangesOnly=True") is False
    assert await asked(desk, "GET", "Publish") is False
    assert await asked(desk, "POST", "Publish") == 1
    assert await asked(desk, "GET", "Published") == layout
    assert await asked(desk, "GET") == layout
    assert await asked(desk, "POST", "Publish") == 0
    there = await desk.call("GET", f"UdefLayout/Published/{field['ProgId']}", SO_Language="no")
    assert there.json()["FieldLabel"] == "Lagret"


@pytest.mark.clause("SO-UDEF-002")
async def test_a_name_in_another_case_names_and_does_not_rename(desk: Desk) -> None:
    layout = await asked(desk, "PUT", body=[{"progid": "superOFFICE:2", "Tooltip": "How many"}])
    assert ["SuperOffice:2", "How many"] in [of(one, "ProgId", "Tooltip") for one in layout]
    await done(desk, "POST", "Revert")


@pytest.mark.clause("SO-UDEF-002")
async def test_the_whole_layout_goes_back_unchanged(desk: Desk) -> None:
    layout = await asked(desk, "GET")
    assert await asked(desk, "PUT", body=layout) == layout
    assert await asked(desk, "GET", "Changed") is False


@pytest.mark.clause("SO-UDEF-002")
async def test_saving_one_that_is_unheard_of_adds_it_and_leaves_the_others(desk: Desk) -> None:
    before = await asked(desk, "GET")
    new = [
        {"FieldType": "Number", "FieldLabel": "Guests", "ProgId": "acme:guests"},
        {"fieldType": 2, "fieldLabel": "Menu"},
    ]
    after = await asked(desk, "PUT", body=new)
    assert after[: len(before)] == before
    guests, menu = after[len(before) :]
    assert of(guests, "ProgId", "FieldType", "FieldLabel") == ["acme:guests", "Number", "Guests"]
    assert menu["ProgId"] == f"SuperOffice:{menu['UDefFieldId']}"
    assert menu["UDefFieldId"] == guests["UDefFieldId"] + 1
    renamed = await asked(desk, "PUT", body=[{"ProgId": "ACME:guests", "FieldLabel": "Eaters"}])
    assert [one["FieldLabel"] for one in renamed][-2:] == ["Eaters", "Menu"]
    await done(desk, "POST", "revert")
    assert await asked(desk, "GET") == before


@pytest.mark.clause("SO-UDEF-004", "SO-UDEF-009")
async def test_a_field_is_found_by_id_progid_or_label(desk: Desk) -> None:
    field = await added(desk, "Date", FieldLabel="Found here", ProgId="acme:found")
    for ref in (str(field["UDefFieldId"]), "acme:found", "ACME:FOUND", "Found%20here"):
        assert await asked(desk, "GET", ref) == field
        assert await asked(desk, "GET", f"Published/{ref}") == field
    for address in ("nowhere", "Published/nowhere", "0", "99999999999999999999"):
        answer = await desk.call("GET", f"UdefLayout/{address}")
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "record_not_found")


@pytest.mark.clause("SO-UDEF-005")
async def test_deleting_waits_too(desk: Desk) -> None:
    field = await added(desk, "ShortText", FieldLabel="To go")
    await done(desk, "DELETE", "To%20go")
    assert field not in await asked(desk, "GET")
    assert field in await asked(desk, "GET", "Published")
    await refused(desk, "DELETE", "To%20go", status=404)
    await done(desk, "POST", "Revert")
    assert field in await asked(desk, "GET")
    await done(desk, "DELETE", field["ProgId"])
    assert await asked(desk, "POST", "Publish") == 1
    assert field not in await asked(desk, "GET", "Published")
    after = await asked(desk, "POST", query="?udefFieldType=Date")
    assert after["UDefFieldId"] > field["UDefFieldId"]
    await done(desk, "POST", "Revert")


@pytest.mark.clause("SO-UDEF-012")
async def test_another_type_waits_too(desk: Desk) -> None:
    field = await added(desk, "Number", FieldLabel="Typed")
    changed = await asked(desk, "POST", f"{field['ProgId']}/ChangeTo/Decimal", query="?isIndexed=true")
    assert of(changed, "FieldType", "IsIndexed", "UDefFieldId") == ["Decimal", True, field["UDefFieldId"]]
    assert await asked(desk, "GET", "Changed", query="?columnChangesOnly=true") is True
    assert (await asked(desk, "GET", f"Published/{field['ProgId']}"))["FieldType"] == "Number"
    assert await asked(desk, "POST", "Typed/changeto/8") == changed | {"IsIndexed": False}
    said = await refused(desk, "POST", "Typed/ChangeTo/ShortText")
    assert said["Problems"] == {"FieldType": "cannot become this while values are kept under it"}
    await refused(desk, "POST", "Typed/ChangeTo/Nothing")
    await refused(desk, "POST", "nowhere/ChangeTo/Number", status=404)
    await done(desk, "POST", "Revert")


@pytest.mark.clause("SO-UDEF-014", "SO-UDEF-015")
async def test_what_there_is_beside_the_standard_members(desk: Desk) -> None:
    field = await added(desk, "Decimal", FieldLabel="US:Weight;NO:Vekt", Tooltip="kg", IsReadOnly=True)
    infos = (await desk.call("GET", "CustomField")).json()
    assert list(infos[0]) == INFO
    known = {one["FieldName"]: one for one in infos}
    own = known[field["ProgId"]]
    assert of(own, "FieldType", "DisplayName", "Description", "IsReadOnly", "Rank") == [
        "Decimal",
        "US:Weight;NO:Vekt",
        "kg",
        True,
        field["UDefFieldId"],
    ]
    types = [known[f"SuperOffice:{number}"]["FieldType"] for number in range(1, 6)]
    assert types == ["ShortText", "Integer", "Date", "Checkbox", "MdoList"]
    assert of(known["x_status"], "FieldType", "IsReadOnly", "TemplateVariableName") == [
        "ShortText",
        False,
        None,
    ]
    assert known["x_uid"]["IsReadOnly"] is True
    assert sorted(one["Rank"] for one in infos) == [one["Rank"] for one in infos]
    for name in (field["ProgId"].lower(), "X_Status"):
        one = (await desk.call("GET", f"CustomField/{name}")).json()
        assert one in infos
    missing = await desk.call("GET", "CustomField/x_nowhere")
    assert (missing.status_code, missing.headers["Appointed-Error"]) == (404, "record_not_found")
    waiting = await asked(desk, "POST", query="?udefFieldType=Date")
    assert (await desk.call("GET", f"CustomField/{waiting['ProgId']}")).status_code == 404
    await done(desk, "POST", "Revert")


@pytest.mark.clause("SO-UDEF-016")
@pytest.mark.parametrize("login", ["kari", "ola"])
async def test_only_administrators_work_on_it(desk: Desk, login: str) -> None:
    other = desk.of(login)
    assert await asked(other, "GET", "Published") == await asked(desk, "GET", "Published")
    calls: list[tuple[str, str, Any, str]] = [
        ("POST", "", {}, "?udefFieldType=Date"),
        ("PUT", "", [{"UDefFieldId": 1, "FieldLabel": "Mine"}], ""),
        ("DELETE", "1", {}, ""),
        ("POST", "1/ChangeTo/LongText", {}, ""),
        ("POST", "Publish", {}, ""),
        ("POST", "Revert", {}, ""),
    ]
    for method, at, body, query in calls:
        said = await refused(other, method, at, body, query, status=403)
        assert said["ErrorType"] == "SoSentryException"
    assert (await desk.served.client.get("/api/v1/Appointment/UdefLayout")).status_code == 401


async def test_in_xml(desk: Desk) -> None:
    for at in ("UdefLayout", "UdefLayout/1", "UdefLayout/Changed", "CustomField", "CustomField/x_uid"):
        answer = await desk.call("GET", at, Accept="application/xml")
        assert (answer.status_code, answer.headers["Content-Type"][:15]) == (200, "application/xml")
    answer = await desk.call("GET", "UdefLayout/1", query="?$select=FieldLabel,ProgId")
    assert {name for name, value in answer.json().items() if value is not None} == {"FieldLabel", "ProgId"}


async def test_who_worked_on_it_is_kept(served: Served, desk: Desk) -> None:
    field = await added(desk, "Date", FieldLabel="Traced")
    history = await served.parts.store.record_history(1, "custom_field", field["UDefFieldId"])
    assert [(event.revision, event.by, event.door) for event in history] == [
        (1, 1, "superoffice"),
        (2, 1, "superoffice"),
        (3, 1, "superoffice"),
    ]


@pytest.mark.parametrize("record", ["Contact", "Person", "Project", "Sale"])
async def test_records_have_no_fields_of_their_own(served: Served, record: str) -> None:
    for at in ("CustomField", "UdefLayout", "udeflayout/published"):
        assert (await served.so("GET", f"{record}/{at}")).json() == []
    assert (await served.so("GET", f"{record}/UdefLayout/Changed")).json() is False
    assert (await served.so("POST", f"{record}/UdefLayout?udefFieldType=Date")).status_code == 405
    assert (await served.so("GET", f"{record}/1")).status_code == 200
