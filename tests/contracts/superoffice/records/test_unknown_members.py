"""What of a record's body has no place here is named (ADR 0176)."""

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.records.shelf import EXAMPLES, Shelf, every

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# Members of the larger entities, as the samples of the reference send them, and what says nothing.
LARGER = {"Country": {"CountryId": 826}, "Category": {"Id": 2}, "phones": [{"Value": "+4755512345"}]}
SILENT = {"Interests": [], "Xstop": False, "Source": 0, "Business": None, "Urls": {}, "Kind": ""}


@every
async def test_what_is_not_kept_is_named(served: Served, name: str) -> None:
    shelf, least = Shelf(served, name), EXAMPLES[name].least
    missed = ", ".join(LARGER)
    made = await shelf.call("POST", body=least | LARGER | SILENT)
    assert (made.status_code, made.headers["Appointed-Ignored"]) == (200, missed)
    entity = made.json()
    number = entity[f"{name}Id"]
    for verb, body in (("PATCH", LARGER | SILENT), ("PUT", entity | LARGER | SILENT)):
        answer = await shelf.call(verb, number, body)
        assert (answer.json(), answer.headers["Appointed-Ignored"]) == (entity, missed)
    assert "Appointed-Ignored" not in (await shelf.call("PATCH", number, SILENT)).headers
    by_agent = f"Agents/{name}/Save{name}Entity"
    saved = await served.so("POST", by_agent, json={f"{name}Id": number} | LARGER)
    assert (saved.status_code, saved.headers["Appointed-Ignored"]) == (200, missed)


async def test_the_names_of_what_is_not_kept_are_bounded(served: Served) -> None:
    shelf = Shelf(served, "Contact")
    many = {f"{at:04}" + "\r\n\u00e5" * 400: 1 for at in range(60)}
    answer = await shelf.call("POST", body={"Name": "Wide"} | many)
    named = answer.headers["Appointed-Ignored"].split(", ")
    assert (answer.status_code, len(named)) == (200, 50)
    assert named[0] == "0000" + "???" * 18 + "??"


STREET = {"Address1": "Nygata 5", "Country": "NO", "Nothing": "", "formatted": "Elsewhere"}
PARTS = {
    "Address": {
        "Street": STREET,
        "Postal": {"AtypeIdx": "ContactPostalAddress", "City": "Oslo"},
        "Region": {"Id": 1},
        "LocalizedAddress": [[{"Name": "StreetAddress1", "Rank": 3}]],
    },
}
MISSED = [
    "Address.Street.Country",
    "Address.Region",
    "Address.LocalizedAddress.0.0.Rank",
    "Address.LocalizedAddress",
    "Address.Street.Formatted",
]


async def test_unknown_parts_of_an_address_are_named_by_their_path(served: Served) -> None:
    shelf = Shelf(served, "Contact")
    made = await shelf.call("POST", body={"Name": "Parts"} | PARTS)
    assert made.headers["Appointed-Ignored"].split(", ") == MISSED
    entity = made.json()
    assert entity["FormattedAddress"] == "Nygata 5\nOslo\n"
    number = entity["ContactId"]
    for verb, body in (("PATCH", PARTS), ("PUT", entity | PARTS)):
        answer = await shelf.call(verb, number, body)
        assert (answer.json(), answer.headers["Appointed-Ignored"].split(", ")) == (entity, MISSED)
    patch = [{"op": "add", "path": "Address/Street/Country", "value": "NO"}]
    assert (await shelf.call("PATCH", number, patch)).status_code == 400
    street = PARTS["Address"]["Street"]
    steps = [
        {"op": "test", "path": "Address/Street", "value": entity["Address"]["Street"] | {"Other": 1}},
        {"op": "replace", "path": "Address/Street", "value": street},
    ]
    assert (await shelf.call("PATCH", number, steps)).status_code == 409
    answer = await shelf.call("PATCH", number, steps[1:])
    assert answer.headers["Appointed-Ignored"] == "Address.Street.Country, Address.Street.Formatted"
    assert answer.json() == entity


async def test_what_follows_from_other_parts_is_silent_as_it_was_and_as_it_is(served: Served) -> None:
    shelf = Shelf(served, "Contact")
    sent = {"Name": "Copy", "Address": {"Street": {"Address1": "Nygata 5", "AtypeIdx": 1}}}
    made = (await shelf.call("POST", body=sent)).json()
    copied = await shelf.call("POST", body={"Name": "Copied", "Address": made["Address"]})
    assert copied.json()["Address"] == made["Address"]
    assert "Appointed-Ignored" not in copied.headers
    moved = made | {"Address": made["Address"] | {"Street": made["Address"]["Street"] | {"City": "Bergen"}}}
    answer = await shelf.call("PUT", made["ContactId"], moved)
    assert answer.json()["FormattedAddress"] == "Nygata 5\nBergen\n"
    assert "Appointed-Ignored" not in answer.headers


@pytest.mark.parametrize(("name", "member"), [("Person", "Position"), ("Sale", "Currency")])
async def test_the_rest_of_an_item_of_a_list_is_named(served: Served, name: str, member: str) -> None:
    shelf = Shelf(served, name)
    least = EXAMPLES[name].least
    item = {"Id": 7, "value": "Known", "Tooltip": ""}
    made = await shelf.call("POST", body=least | {member: item})
    assert (made.json()[member], made.headers["Appointed-Ignored"]) == ("Known", f"{member}.Id")
    number = made.json()[f"{name}Id"]
    left = await shelf.call("PATCH", number, {member: {"Id": 8}})
    assert (left.json()[member], left.headers["Appointed-Ignored"]) == ("Known", f"{member}.Id")
    assert "Appointed-Ignored" not in (await shelf.call("PATCH", number, {member: {"Value": "New"}})).headers
