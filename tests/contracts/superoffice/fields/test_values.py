"""A field that was just published: its values in every dictionary, in patches, selections and lists."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.contracts.superoffice.desk import Desk, step
from tests.contracts.superoffice.fields.layout import added, asked, done

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NO_DAY = "01/01/0001 00:00:00.0000000"
# Type → nothing in both dictionaries; a value as given, as kept, and in both dictionaries.
ENCODED: dict[str, tuple[str, str, Any, Any, str, str]] = {
    "Number": ("[I:0]", "[I:0]", "42", 42, "[I:42]", "[I:42]"),
    "ShortText": ("", "", "Hello", "Hello", "Hello", "Hello"),
    "LongText": ("", "", "Hello\nyou", "Hello\nyou", "Hello\nyou", "Hello\nyou"),
    "Date": (
        f"[D:{NO_DAY}]",
        f"[DT:{NO_DAY}]",
        "[D:06/19/2031]",
        "2031-06-19",
        "[D:06/19/2031 00:00:00.0000000]",
        "[DT:06/19/2031 00:00:00.0000000]",
    ),
    "UnlimitedDate": (
        f"[D:{NO_DAY}]",
        f"[DT:{NO_DAY}]",
        "2031-06-19",
        "2031-06-19",
        "[D:06/19/2031 00:00:00.0000000]",
        "[DT:06/19/2031 00:00:00.0000000]",
    ),
    "Checkbox": ("False", "[I:0]", "True", True, "True", "[I:1]"),
    "Decimal": ("[F:0]", "[F:0]", "3.25", 3.25, "[F:3.25]", "[F:3.25]"),
}
COMPANIONS = {"Checkbox": {"DisplayText"}, "List": {"DisplayText", "DisplayTooltip"}}


@pytest.mark.clause("SO-UDEF-018", "SO-UDEF-019")
@pytest.mark.parametrize("kind", sorted(ENCODED))
async def test_values_in_every_dictionary_and_both_patches(desk: Desk, kind: str) -> None:
    nothing, none, given, kept, deprecated, current = ENCODED[kind]
    row = await desk.new()
    name = (await added(desk, kind))["ProgId"]
    before = await desk.read(row)
    assert (before["UserDefinedFields"][name], before["CustomFields"][name]) == (nothing, none)
    assert before["CustomFields"][f"{name}:org"] == none
    found = {key.removeprefix(f"{name}:") for key in before["CustomFields"] if key.startswith(f"{name}:")}
    assert found == {"org"} | COMPANIONS.get(kind, set())
    assert f"CustomFields.{name}" in before["FieldProperties"]
    after = await desk.replace(row, f"CustomFields/{name}", given)
    assert (after["UserDefinedFields"][name], after["CustomFields"][name]) == (deprecated, current)
    assert (await desk.stored(row)).custom_fields[name] == kept
    await desk.patch(row, [step("test", f"/customfields/{name}", given)])
    cleared = await desk.patch(row, {"UserDefinedFields": {name: None}})
    assert cleared["CustomFields"][name] == none
    merged = await desk.patch(row, {"customFields": {name.lower(): given}})
    assert merged["CustomFields"][name] == current


@pytest.mark.clause("SO-UDEF-018")
async def test_companions_speak_the_callers_language(desk: Desk) -> None:
    row, name = await desk.new(), (await added(desk, "Checkbox"))["ProgId"]
    texts = {
        language: (await desk.read(row, SO_Language=language))["CustomFields"][f"{name}:DisplayText"]
        for language in ("en", "no", "de")
    }
    assert texts == {"en": "No", "no": "Nei", "de": "Nein"}


@pytest.mark.clause("SO-UDEF-020")
async def test_selections(desk: Desk) -> None:
    row, name = await desk.new(), (await added(desk, "Number"))["ProgId"]
    await desk.replace(row, f"CustomFields/{name}", 7)
    answer = await desk.read(row, f"?$select=CustomFields/{quote(name)}")
    assert answer["CustomFields"][name] == "[I:7]"
    assert answer["Title"] is None
    assert {key for key, value in answer["CustomFields"].items() if value is not None} == {name}


FILTERS = [
    ("Number", "42", "eq 42", "gt 42", 42),
    ("ShortText", "Harbour", "begins 'harb'", "eq 'other'", "Harbour"),
    ("Date", "2031-06-19", "afterOrEqual '2031-06-19'", "before '2031-06-19'", "2031-06-19"),
    ("Checkbox", "1", "set true", "set false", True),
    ("Decimal", "2.5", "between (2,3)", "lt 2", 2.5),
]


@pytest.mark.clause("SO-UDEF-021")
@pytest.mark.parametrize(
    ("kind", "value", "finds", "misses", "shown"), FILTERS, ids=[one[0] for one in FILTERS]
)
async def test_lists_know_it_at_once(
    desk: Desk, kind: str, value: str, finds: str, misses: str, shown: Any
) -> None:
    name = (await added(desk, kind))["ProgId"]
    row = await desk.new(CustomFields={name: value})
    column = f"appointmentUdef/{name}"

    async def rows(condition: str) -> list[dict[str, Any]]:
        chosen = f"appointmentId eq {row} and {column} {condition}"
        answer = await desk.call("GET", query=f"?$select=appointmentId,{column}&$filter={quote(chosen)}")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["value"])

    (found,) = await rows(finds)
    assert str(found[column]).removesuffix("T00:00:00") == str(shown)
    assert await rows(misses) == []
    ordered = await desk.call("GET", query=f"?$select={column}&$orderBy={column} desc&$top=1")
    assert ordered.status_code == 200


@pytest.mark.clause("SO-UDEF-021")
@pytest.mark.parametrize(
    ("kind", "values", "shown"),
    [
        ("Number", (7, None, -5, 0), [-5, 0, 0, 7]),
        ("Decimal", (2.5, None, -1.25), [-1.25, 0, 2.5]),
        ("List", (1, 2, None, 3), ["", "apple", "Pear", "Quince"]),
    ],
    ids=["number", "decimal", "list"],
)
async def test_lists_are_ordered_by_what_they_show(
    desk: Desk, kind: str, values: tuple[Any, ...], shown: list[Any]
) -> None:
    field = await added(desk, kind)
    name, column = field["ProgId"], f"appointmentUdef/{field['ProgId']}"
    for item in ("Quince", "apple", "Pear") if kind == "List" else ():
        await desk.served.so("POST", f"List/{field['MdoListName']}/Items", json={"Name": item})
    rows = [await desk.new(CustomFields={} if one is None else {name: one}) for one in values]
    chosen = quote(f"appointmentId in ({','.join(map(str, rows))})")
    for direction, expected in (("asc", shown), ("desc", shown[::-1])):
        link: str | None = f"?$select={column}&$filter={chosen}&$orderBy={column} {direction}&$top=2"
        found: list[Any] = []
        while link:
            page = (await desk.call("GET", query=link)).json()
            found += [row[column] for row in page["value"]]
            link = page["odata.nextLink"] and "?" + page["odata.nextLink"].partition("?")[2]
        assert found == expected


@pytest.mark.clause("SO-UDEF-021")
async def test_lists_forget_it_with_its_deletion(desk: Desk) -> None:
    name = (await added(desk, "Number"))["ProgId"]
    query = f"?$select=appointmentId&$filter={quote(f'appointmentUdef/{name} eq 1')}"
    assert (await desk.call("GET", query=query)).status_code == 200
    await done(desk, "DELETE", name)
    assert (await desk.call("GET", query=query)).status_code == 200
    await asked(desk, "POST", "Publish")
    answer = await desk.call("GET", query=query)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request")


@pytest.mark.clause("SO-UDEF-022")
async def test_values_of_a_deleted_field_are_hidden_and_stay(desk: Desk) -> None:
    name = (await added(desk, "ShortText", ProgId="acme:secret"))["ProgId"]
    row = await desk.new(CustomFields={name: "Still here"})
    await done(desk, "DELETE", name)
    await asked(desk, "POST", "Publish")
    shown = await desk.read(row)
    assert not [
        key for part in ("CustomFields", "UserDefinedFields") for key in shown[part] if key.startswith(name)
    ]
    assert "Still here" not in str(shown)
    await desk.replace(row, "Title", "Changed meanwhile")
    await desk.refused(row, [step("replace", f"CustomFields/{name}", "x")], code="path_not_found")
    await added(desk, "LongText", ProgId=name)
    assert (await desk.read(row))["CustomFields"][name] == "Still here"


@pytest.mark.clause("SO-UDEF-022")
async def test_a_field_of_the_same_name_and_another_type_shows_nothing_of_them(desk: Desk) -> None:
    name = (await added(desk, "ShortText", ProgId="acme:reused"))["ProgId"]
    row = await desk.new(CustomFields={name: "words"})
    for kind, nothing in (("Number", "[I:0]"), ("Date", f"[DT:{NO_DAY}]"), ("Checkbox", "[I:0]")):
        await done(desk, "DELETE", name)
        await asked(desk, "POST", "Publish")
        await added(desk, kind, ProgId=name)
        assert (await desk.read(row))["CustomFields"][name] == nothing
        listed = await desk.call(
            "GET", query=f"?$select=appointmentUdef/{name}&$filter=appointmentId eq {row}"
        )
        assert "words" not in listed.text


@pytest.mark.clause("SO-UDEF-012")
async def test_values_go_with_their_field_to_a_wider_type(desk: Desk) -> None:
    field = await added(desk, "Date")
    name = field["ProgId"]
    row = await desk.new(CustomFields={name: "2031-06-19"})
    await asked(desk, "POST", f"{name}/ChangeTo/ShortText")
    before = await desk.read(row)
    await asked(desk, "POST", "Publish")
    after = await desk.read(row)
    assert (before["CustomFields"][name][:4], after["CustomFields"][name]) == ("[DT:", "2031-06-19")
    assert after["CustomFields"]["SuperOffice:1"] == before["CustomFields"]["SuperOffice:1"]
    assert (await desk.read(row))["UpdatedDate"] == before["UpdatedDate"]
    chosen = quote(f"appointmentUdef/{name} contains '06-19'")
    answer = await desk.call("GET", query=f"?$select=appointmentId&$filter={chosen}")
    assert [one["appointmentId"] for one in answer.json()["value"]] == [row]


@pytest.mark.clause("SO-UDEF-023")
async def test_a_default_stands_in_new_appointments(desk: Desk) -> None:
    old = await desk.new()
    name = (await added(desk, "ShortText", FieldDefault="as usual"))["ProgId"]
    assert (await desk.call("GET", "default")).json()["CustomFields"][name] == "as usual"
    made = await desk.made()
    assert made["CustomFields"][name] == "as usual"
    assert (await desk.read(old))["CustomFields"][name] == ""
    assert (await desk.made(CustomFields={name: "other"}))["CustomFields"][name] == "other"


@pytest.mark.clause("SO-UDEF-024")
async def test_what_screens_are_told(desk: Desk) -> None:
    row = await desk.new()
    masks = {}
    for member in ("IsMandatory", "IsReadOnly"):
        name = (await added(desk, "ShortText", **{member: True}))["ProgId"]
        masks[member] = (await desk.read(row))["FieldProperties"][f"CustomFields.{name}"]["FieldRight"][
            "Mask"
        ]
        assert (await desk.replace(row, f"CustomFields/{name}", "set"))["CustomFields"][name] == "set"
    assert masks == {
        "IsMandatory": "Update, UIHintMandatory",
        "IsReadOnly": "Update, UIHintReadOnly",
    }


async def test_a_new_field_shows_at_once_and_changes_no_row(desk: Desk) -> None:
    # A row's tag speaks of its revision: what is kept of it is the same as before.
    row = await desk.new()
    before = await desk.call("GET", row)
    name = (await added(desk, "Number"))["ProgId"]
    after = await desk.call("GET", row)
    assert before.headers["ETag"] == after.headers["ETag"]
    assert name in after.json()["CustomFields"]
    assert name not in before.json()["CustomFields"]
