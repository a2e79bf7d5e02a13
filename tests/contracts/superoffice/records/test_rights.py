"""TableRight and FieldProperties of records tell the truth: tried by every role, member by member."""

from typing import Any

import pytest

from appointed.domain.directory import Associate, AssociateType
from appointed.domain.principal import Role
from appointed.superoffice.records.tables import KINDS, Kind
from appointed.usecases.ports import Account
from tests.contracts.served import Served
from tests.contracts.superoffice.desk import Desk, step
from tests.contracts.superoffice.records.shelf import EXAMPLES, Shelf, every

# Rights are decided above the stores: one engine shows them.
pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("served", ["sqlite"], indirect=True),
]

NOT_TOLD = {"TableRight", "FieldProperties", "_Links"}
REFERENCES = {"AssociateId", "ContactId", "PersonId", "ProjectId", "SupportAssociateId"}
OTHER = {
    "bool": lambda value: not value,
    "int32": lambda value: 0 if value else 1,
    "double": lambda value: value + 1.5,
    "date-time": lambda _value: "2027-03-04T05:06:07",
    "enum:SaleStatus": lambda _value: "Lost",
    "enum:ActivityStatus": lambda _value: "Started",
    "Associate": lambda _value: {"AssociateId": 2},
}
WRITABLE = {"Update", "Update, UIHintMandatory"}


def other(kind: Kind, name: str, told: dict[str, Any], value: Any) -> Any:
    """Give another value for a member, a text as long as it is told to be at most."""
    if name == "Address":
        return value | {"Street": value["Street"] | {"City": "Elsewhere"}}
    if name in REFERENCES:
        return 2 if value == 1 else 1
    if f"{name}Id" in REFERENCES:
        return {f"{name}Id": 2 if value and value[f"{name}Id"] == 1 else 1}
    type_name = next(one.type for one in kind.entity.members if one.name == name)
    return "x" * (told["FieldLength"] or 5) if type_name == "string" else OTHER[type_name](value)


def masks(record: dict[str, Any]) -> dict[str, str]:
    return {name: one["FieldRight"]["Mask"] for name, one in record["FieldProperties"].items()}


async def login(served: Served, name: str, **members: Any) -> str:
    """Make a login of that role or kind, once."""
    store = served.parts.store
    directory = await store.directory(1)
    if not any(who.name == name for who in directory.associates.values()):
        (number,) = await store.put_records(1, (Associate(id=0, name=name, full_name=name, **members),))
        secret = await served.parts.passwords.hash(name)
        await store.put_account(
            Account(kind="login", name=name, tenant_id=1, associate_id=number, secret=secret)
        )
    return name


@every
@pytest.mark.parametrize(
    ("caller", "members"),
    [(role.value, {"role": role}) for role in Role]
    + [("program", {"type": AssociateType.SYSTEM, "group_id": 1})],
)
async def test_every_member_told_to_be_open_is_and_no_other(
    served: Served, name: str, caller: str, members: dict[str, Any]
) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    shelf = Shelf(served, name, await login(served, f"records_{caller}", **members))
    number = await shelf.new()
    stood = await shelf.read(number)
    told = stood["FieldProperties"]
    assert set(told) == set(stood) - NOT_TOLD
    wanted = {one: other(kind, one, told[one], stood[one]) for one in told}
    is_open = {one for one, mask in masks(stood).items() if mask in WRITABLE}
    assert {one for one, mask in masks(stood).items() if mask == "Read"} == set(told) - is_open
    # One for all that is open; what is not is tried one by one, since each may be refused.
    changed = await shelf.patch(number, [step("replace", one, wanted[one]) for one in sorted(is_open)])
    assert stood["TableRight"] == {"Mask": "Select, Update, Insert", "Reason": ""}
    for one in is_open - {"Address"}:
        # What is shown whole says the same as the id beside it.
        key = f"{one}Id" if f"{one}Id" in REFERENCES else one
        assert changed[key] == wanted[key] != stood[key], one
    if name == "Contact":
        assert changed["Address"]["Street"]["City"] == "Elsewhere"
    for one in set(told) - is_open:
        answer = await shelf.call("PATCH", number, [step("replace", one, wanted[one])])
        refused = answer.headers.get("Appointed-Error") == "read_only"
        assert refused or answer.headers.get("Appointed-Ignored") == one, (one, answer.text)
    assert await shelf.read(number) == changed


@every
async def test_lengths_and_what_must_be_filled_are_told(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    stood = await shelf.made()
    number, told = stood[f"{name}Id"], stood["FieldProperties"]
    long = {
        one: "x" * (entry["FieldLength"] + 1)
        for one, entry in told.items()
        if entry["FieldType"] == "System.String" and entry["FieldLength"]
    }
    answer = await shelf.call("PATCH", number, [step("replace", *one) for one in long.items()])
    # A sale's title has two names and is one member.
    assert set(answer.json()["Problems"]) == set(long) - {"Heading"}
    for one, mask in masks(stood).items():
        if "Mandatory" in mask:
            await shelf.refused(number, [step("replace", one, "")])
    for one in set(long) - {"Firstname", "Lastname"}:
        if "Mandatory" not in told[one]["FieldRight"]["Mask"]:
            assert (await shelf.call("PATCH", number, [step("replace", one, "")])).status_code == 200


@pytest.mark.clause("SO-CARRIER-001")
async def test_who_may_not_change_records_is_told_so_where_they_are_shown(served: Served) -> None:
    guest = await login(served, "records_guest", type=AssociateType.EXTERNAL, group_id=1)
    shown = {"Contact": "ContactId", "Person": "PersonId", "Project": "ProjectId", "Sale": "SaleId"}
    desk = Desk(served)
    number = await desk.new(**{name: {key: 1} for name, key in shown.items()})
    mine, theirs = await desk.read(number), await desk.of(guest).read(number)
    for name in shown:
        entity = await Shelf(served, name).read(1)
        assert entity["FieldProperties"].items() >= mine[name]["FieldProperties"].items()
        assert mine[name]["TableRight"] == entity["TableRight"]
        assert theirs[name]["TableRight"] == {"Mask": "Select", "Reason": "[SR_ACCESS_READ_ONLY]"}
        assert set(masks(theirs[name]).values()) == {"Read"}
        answer = await Shelf(served, name, guest).call("PATCH", 1, {EXAMPLES[name].text: "x"})
        assert answer.status_code == 403
