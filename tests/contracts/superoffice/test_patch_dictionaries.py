"""PATCH Appointment/{id}: UserDefinedFields, ExtraFields and CustomFields."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# (key, value as sent, as CustomFields shows it, as UserDefinedFields shows it)
KINDS = [
    ("SuperOffice:1", "Some text", "Some text", "Some text"),
    ("SuperOffice:2", "42", "[I:42]", "[I:42]"),
    ("SuperOffice:2", 42, "[I:42]", "[I:42]"),
    ("SuperOffice:2", "[I:42]", "[I:42]", "[I:42]"),
    ("SuperOffice:3", "2030-12-24", "[DT:12/24/2030 00:00:00.0000000]", "[D:12/24/2030 00:00:00.0000000]"),
    ("SuperOffice:3", "[DT:12/24/2030 00:00:00.0000000]", "[DT:12/24/2030 00:00:00.0000000]", None),
    ("SuperOffice:4", True, "[I:1]", "True"),
    ("SuperOffice:4", "True", "[I:1]", "True"),
    ("SuperOffice:4", "[I:1]", "[I:1]", "True"),
    ("SuperOffice:5", "2", "[I:2]", "[I:2]"),
    ("SuperOffice:5", "Phone", "[I:2]", "[I:2]"),
]
EMPTY = {
    "SuperOffice:1": "",
    "SuperOffice:2": "[I:0]",
    "SuperOffice:3": "[DT:01/01/0001 00:00:00.0000000]",
    "SuperOffice:4": "[I:0]",
    "SuperOffice:5": "[I:0]",
}


@pytest.mark.clause("SO-PROP-CustomFields-1", "SO-PROP-UserDefinedFields-1", "SO-PROP-UserDefinedFields-2")
@pytest.mark.parametrize(("key", "value", "shown", "deprecated"), KINDS)
async def test_every_kind_by_path_and_by_merge(
    desk: Desk, key: str, value: Any, shown: str, deprecated: str | None
) -> None:
    for body in (
        [step("replace", f"CustomFields/{key}", value)],
        [step("add", f"/customfields/{key.lower()}", value)],
        [step("replace", f"UserDefinedFields/{key}", value)],
        {"CustomFields": {key: value}},
        {"UserDefinedFields": {key.upper(): value}},
    ):
        number = await desk.new()
        before = await desk.read(number)
        answer = await desk.patch(number, body)
        assert answer["CustomFields"][key] == answer["CustomFields"][f"{key}:org"] == shown
        assert deprecated is None or answer["UserDefinedFields"][key] == deprecated
        changed = {
            name
            for name, text in answer["CustomFields"].items()
            if before["CustomFields"][name] != text and not name.startswith(key)
        }
        assert changed == set()
        assert set(answer["CustomFields"]) == set(before["CustomFields"])


@pytest.mark.clause("SO-SAMPLE-012", "SO-PROP-UserDefinedFields-2")
async def test_all_three_are_objects_of_texts(desk: Desk) -> None:
    await desk.patch(1, {"ExtraFields": {"x_sample": "1"}})
    entity = await desk.read(1)
    for name in ("UserDefinedFields", "ExtraFields", "CustomFields"):
        assert entity[name]
        assert all(isinstance(value, str) for value in entity[name].values()), name
    assert {f"SuperOffice:{number}" for number in range(1, 6)} <= set(entity["UserDefinedFields"])


async def test_list_and_check_box_say_what_they_mean(desk: Desk) -> None:
    fields = (await desk.made(CustomFields={"SuperOffice:5": 3, "SuperOffice:4": True}))["CustomFields"]
    assert fields["SuperOffice:5:DisplayText"] == "Video"
    assert fields["SuperOffice:4:DisplayText"] == "[SR_YES]"


@pytest.mark.clause("SO-PROP-CustomFields-1")
@pytest.mark.parametrize("key", EMPTY)
async def test_null_and_remove_clear_a_field(desk: Desk, key: str) -> None:
    full = (await desk.read(1))["CustomFields"]
    number = await desk.new()
    for body in ({"CustomFields": {key: None}}, [step("remove", f"CustomFields/{key}")]):
        await desk.patch(number, {"CustomFields": {name: full[name] for name in EMPTY}})
        fields = (await desk.patch(number, body))["CustomFields"]
        assert {name: fields[name] for name in EMPTY} == {name: full[name] for name in EMPTY} | {
            key: EMPTY[key]
        }


@pytest.mark.clause("SO-PROP-CustomFields-2", "SO-PROP-ExtraFields")
async def test_extra_fields_stand_in_both(desk: Desk) -> None:
    number = await desk.new(ExtraFields={"x_first": "1"})
    answer = await desk.patch(number, {"CustomFields": {"x_second": "2"}})
    assert answer["ExtraFields"] == {"x_first": "1", "x_second": "2"}
    assert (answer["CustomFields"]["x_first"], answer["CustomFields"]["x_second"]) == ("1", "2")
    subset = await desk.replace(number, "ExtraFields", {"x_second": "3"})
    assert subset["ExtraFields"] == {"x_first": "1", "x_second": "3"}
    left = await desk.patch(number, [step("remove", "/ExtraFields/x_first")])
    assert left["ExtraFields"] == {"x_second": "3"}
    assert "x_first" not in left["CustomFields"]


@pytest.mark.parametrize(
    ("key", "value", "at"),
    [
        ("SuperOffice:1", "x" * 100, "CustomFields.SuperOffice:1"),
        ("SuperOffice:2", "many", "CustomFields.SuperOffice:2"),
        ("SuperOffice:2", 1.5, "CustomFields.SuperOffice:2"),
        ("SuperOffice:3", "2030-02-30", "CustomFields.SuperOffice:3"),
        ("SuperOffice:4", "perhaps", "CustomFields.SuperOffice:4"),
        ("SuperOffice:5", "Carrier pigeon", "CustomFields.SuperOffice:5"),
        ("SuperOffice:5", 9, "CustomFields.SuperOffice:5"),
        ("x_own", ["1"], "CustomFields.x_own"),
    ],
)
async def test_a_value_of_another_kind_is_refused_by_key(desk: Desk, key: str, value: Any, at: str) -> None:
    body = await desk.refused(await desk.new(), {"CustomFields": {key: value}})
    assert set(body["Problems"]) == {at}


async def test_a_key_that_nobody_defined_is_refused_by_path_and_named_in_an_object(desk: Desk) -> None:
    number = await desk.new()
    before = await desk.history(number)
    await desk.refused(number, [step("add", "CustomFields/SuperOffice:99", "x")], 400, "path_not_found")
    entity = await desk.read(number)
    unknown = {"SuperOffice:99": "x", "SuperOffice:98": "", "SuperOffice:99:DisplayText": "x"}
    for method, body in (
        ("PATCH", {"CustomFields": unknown}),
        ("PUT", entity | {"CustomFields": entity["CustomFields"] | unknown}),
    ):
        answer = await desk.call(method, number, body)
        assert (answer.status_code, answer.headers["Appointed-Ignored"]) == (
            200,
            "CustomFields.SuperOffice:99",
        )
    assert await desk.history(number) == before
    made = await desk.call("POST", body={"Title": "New", "UserDefinedFields": unknown})
    assert (made.status_code, made.headers["Appointed-Ignored"]) == (200, "UserDefinedFields.SuperOffice:99")


@pytest.mark.parametrize("path", ["/CustomFields", ""])
async def test_a_whole_dictionary_in_an_operation_names_the_key_that_nobody_defined(
    desk: Desk, path: str
) -> None:
    number = await desk.new()
    fields = (await desk.read(number))["CustomFields"] | {"No/such:1": "x"}
    value = fields if path else {"CustomFields": fields}
    error = await desk.refused(number, [step("replace", path, value)], 400, "path_not_found")
    assert error["OperationPath"] == "/CustomFields/No~1such:1"


async def test_the_names_of_unknown_keys_are_bounded(desk: Desk) -> None:
    many = {f"SuperOffice:{at}": "x" for at in range(1_000, 1_060)}
    answer = await desk.call("PATCH", await desk.new(), {"CustomFields": many, "UserDefinedFields": many})
    named = answer.headers["Appointed-Ignored"].split(", ")
    assert (answer.status_code, len(named)) == (200, 50)
    assert len(named) == len(set(named))


@pytest.mark.clause("SO-RULE-004")
async def test_a_dictionary_as_a_whole_is_never_emptied(desk: Desk) -> None:
    number = await desk.new(CustomFields={"SuperOffice:1": "Kept"})
    answer = await desk.call("PATCH", number, {"CustomFields": None})
    assert answer.json()["CustomFields"]["SuperOffice:1"] == "Kept"
    assert answer.headers["Appointed-Ignored"] == "CustomFields"
