"""Contact/{id}, Person/{id}, Project/{id}, Sale/{id}: the small records that appointments refer to."""

from typing import Any

import pytest
from lxml import etree

from appointed.superoffice.records.tables import KINDS
from appointed.usecases.administer import CreateTenant
from tests.contracts.served import Served
from tests.contracts.superoffice.desk import Desk, entity, step
from tests.contracts.superoffice.records.shelf import EXAMPLES, REFERENCES, Shelf, difference, every
from tests.superoffice.tables import rows

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

STAMPS = ["CreatedBy", "CreatedDate", "UpdatedBy", "UpdatedDate", "_Links"]
# A project says when it was changed twice.
CHANGED = {"UpdatedBy", "UpdatedDate", "Updated"}


@every
@pytest.mark.clause("SO-REC-001", "SO-REC-002")
async def test_an_entity_has_the_carriers_members_then_its_stamps(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    made = await shelf.made()
    flat = [row["member"] for row in rows("carriers") if row["carrier"] == name]
    more = ["Heading"] if name == "Sale" else []
    assert list(made) == flat + more + list(REFERENCES[name]) + STAMPS
    assert await shelf.read(made[f"{name}Id"]) == made
    assert made["CreatedBy"]["AssociateId"] == 1
    assert (made["UpdatedBy"], made["UpdatedDate"]) == (None, "0001-01-01T00:00:00")
    root = f"http://127.0.0.1:8000/api/v1/{name}"
    assert (made["_Links"]["Self"], made["_Links"]["Archive"]) == (f"{root}/{made[f'{name}Id']}", root)
    assert made["TableRight"] == {"Mask": "Select, Update, Insert", "Reason": ""}


@every
@pytest.mark.clause("SO-REC-003", "SO-REC-005")
async def test_both_dialects_make_the_same_change(served: Served, name: str) -> None:
    shelf, example = Shelf(served, name), EXAMPLES[name]
    for body in (
        {example.text.lower(): "foo"},
        [step("replace", f"/{example.text}", "foo")],
        [step("test", example.text.lower(), ""), step("add", example.text.upper(), "foo")],
        f"[{{op: 'replace' , path: '{example.text}', value: 'foo', }}]",
    ):
        before = await shelf.made()
        after = await shelf.patch(before[f"{name}Id"], body)
        assert after[example.text] == "foo"
        assert difference(before, after) - {"Updated"} == {example.text, *example.follows, *CHANGED} - {
            "Updated"
        }
        assert after["UpdatedBy"]["AssociateId"] == 1


@every
@pytest.mark.clause("SO-REC-004")
async def test_what_was_read_can_be_put_back(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    for number in (1, await shelf.new()):
        before = await shelf.history(number)
        for zone in ("", "US-NY", "UTC,includeTZOffset"):
            whole = await shelf.read(number, SO_TimeZone=zone)
            camel = {key[0].lower() + key[1:]: value for key, value in whole.items()}
            for body in (whole, camel):
                answer = await shelf.call("PUT", number, body, SO_TimeZone=zone)
                assert entity(answer) == whole
                assert "Appointed-Ignored" not in answer.headers
        assert await shelf.history(number) == before


@every
@pytest.mark.clause("SO-REC-004")
async def test_a_put_leaves_what_it_does_not_name_and_clears_what_is_null(served: Served, name: str) -> None:
    shelf, example = Shelf(served, name), EXAMPLES[name]
    before = await shelf.made(**{example.text: "stays"})
    number = before[f"{name}Id"]
    after = entity(await shelf.call("PUT", number, example.least))
    assert after == before
    after = entity(await shelf.call("PUT", number, example.least | {example.text: None}))
    assert after[example.text] == ""
    answer = await shelf.call("PUT", number, dict.fromkeys(example.least))
    assert answer.status_code == 400
    assert list(answer.json()["Problems"].values()) == ["must not be empty"]
    for body, code in ((None, "missing_body"), ([], "missing_body"), ("nonsense", "malformed_json")):
        answer = await shelf.call("PUT", number, body)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, code)
    assert await shelf.read(number) == after


@every
@pytest.mark.clause("SO-REC-011")
async def test_default_is_what_a_new_one_would_be(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    answer = await shelf.call("GET", "default")
    default = entity(answer)
    assert default[f"{name}Id"] == 0
    assert "_Links" not in default
    assert "ETag" not in answer.headers
    made = await shelf.made()
    assert difference(default, {key: made[key] for key in default}) <= {
        f"{name}Id",
        "CreatedBy",
        "CreatedDate",
        "FullName",
        "FormalName",
        "Heading",
        *EXAMPLES[name].least,
    }


@every
@pytest.mark.clause("SO-REC-007")
async def test_conditions_hold_as_for_appointments(served: Served, name: str) -> None:
    shelf, text = Shelf(served, name), EXAMPLES[name].text
    answer = await shelf.call("POST", body=EXAMPLES[name].least)
    number, tag, date = answer.json()[f"{name}Id"], answer.headers["ETag"], answer.headers["Last-Modified"]
    assert tag == '"1"'
    for headers in ({"If_None_Match": tag}, {"If_Modified_Since": date}):
        assert (await shelf.call("GET", number, **headers)).status_code == 304
    answer = await shelf.call("PATCH", number, {text: "one"}, If_Match=tag)
    assert (answer.headers["ETag"], answer.status_code) == ('"2"', 200)
    assert answer.headers["Last-Modified"] > date or answer.headers["Last-Modified"] != date
    for headers, said in (
        ({"If_Match": tag}, "is not at the revision"),
        ({"If_Unmodified_Since": date}, "has changed since"),
    ):
        error = await shelf.refused(number, {text: "two"}, 412, "precondition_failed", **headers)
        assert f"{name}Entity {said}" in error["Message"]
        put = await shelf.call("PUT", number, EXAMPLES[name].least, **headers)
        assert (put.status_code, put.headers["ETag"]) == (412, '"2"')
        assert (await shelf.call("GET", number, **headers)).status_code == 412
    newest = answer.headers["Last-Modified"]
    assert (await shelf.patch(number, {text: "two"}, If_Unmodified_Since=newest))[text] == "two"
    assert (await shelf.call("GET", number, If_Modified_Since=newest)).status_code == 200


@every
async def test_a_change_of_nothing_is_none(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    number = await shelf.new()
    for body in ({}, [], EXAMPLES[name].least, {"unknown": 1, "tableRight": {"mask": 15}}):
        answer = await shelf.call("PATCH", number, body)
        assert (answer.headers["ETag"], answer.status_code) == ('"1"', 200)
    assert len(await shelf.history(number)) == 1


@every
@pytest.mark.clause("SO-REC-012")
async def test_fixed_and_kept_members(served: Served, name: str) -> None:
    shelf, key = Shelf(served, name), f"{name}Id"
    number = await shelf.new()
    for path in (key, "CreatedDate", "CreatedBy"):
        await shelf.refused(number, [step("replace", path, None)], code="read_only")
    for body in ({key: 99, "ActiveErpLinks": 5}, {"createdDate": "2020-01-01T00:00:00"}):
        answer = await shelf.call("PATCH", number, body)
        assert {part.lower() for part in answer.headers["Appointed-Ignored"].split(", ")} == {
            one.lower() for one in body
        }
    answer = await shelf.call("PATCH", number, [step("replace", "/UpdatedBy", {"AssociateId": 2})])
    assert (answer.status_code, answer.headers["Appointed-Ignored"]) == (200, "UpdatedBy")
    assert len(await shelf.history(number)) == 1


@every
async def test_a_bad_patch_is_refused_whole(served: Served, name: str) -> None:
    shelf, text = Shelf(served, name), EXAMPLES[name].text
    number = await shelf.new()
    good = step("replace", text, "changed")
    for bad, status, code in (
        (step("replace", "Nonsense", 1), 400, "path_not_found"),
        (step("move", text), 400, "operation_not_supported"),
        (step("replace", text, {}), 400, "invalid_value"),
        (step("replace", text, 7), 400, "invalid_value"),
        (step("test", text, "another"), 409, "test_failed"),
        (step("replace", "AssociateId", "abc"), 400, "invalid_value"),
        (step("replace", "AssociateId", 4_000_000), 400, "invalid_value"),
        (step("replace", "AssociateId", -1), 400, "invalid_value"),
        ({"op": "replace"}, 400, "invalid_patch"),
    ):
        await shelf.refused(number, [good, bad], status, code)
    await shelf.refused(number, {text: "x" * 5000})
    answer = await shelf.call("PATCH", number, '"text"')
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_patch")


@every
@pytest.mark.clause("SO-REC-008")
async def test_what_is_not_there_is_404_in_the_contracts_form(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    for method, at in (("GET", 9999), ("PATCH", 9999), ("PUT", 0), ("PATCH", 0), ("GET", "9" * 30)):
        body = None if method == "GET" else EXAMPLES[name].least
        answer = await shelf.call(method, at, body)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "record_not_found")
        served.assert_body("superoffice", answer)
        assert answer.json()["Message"] == f"{name} id {at} not found"
    assert (await shelf.call("GET", "abc")).status_code == 400
    answer = await shelf.call("DELETE", 1)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PUT, PATCH, HEAD")


async def test_another_tenants_record_is_as_one_that_is_not_there(served: Served) -> None:
    await served.parts.administrator.run(
        CreateTenant(name="Elsewhere", login="elsewhere", password="elsewhere", zone="Europe/Oslo")
    )
    for name, example in EXAMPLES.items():
        here, there = Shelf(served, name), Shelf(served, name, "elsewhere")
        number = await here.new()
        before = await here.history(number)
        for method, body in (("GET", None), ("PATCH", {example.text: "x"}), ("PUT", example.least)):
            answer = await there.call(method, number, body)
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "record_not_found")
        await there.made()
        assert await here.history(number) == before


@every
@pytest.mark.clause("SO-REC-009")
async def test_select_xml_language_and_case_of_the_address(served: Served, name: str) -> None:
    shelf, key = Shelf(served, name), f"{name}Id"
    number = await shelf.new(**{EXAMPLES[name].text: 'US:"Yes";NO:"Ja";'})
    picked = await shelf.call("GET", f"{number}?$select={EXAMPLES[name].text.lower()},createdby/name")
    found = picked.json()
    assert found[EXAMPLES[name].text] == 'US:"Yes";NO:"Ja";'
    assert found["CreatedBy"]["Name"] == "demo"
    assert (found[key], found["CreatedBy"]["AssociateId"], found["_Links"]) == (None, None, None)
    assert picked.headers["ETag"].startswith('"1-')
    tree = etree.fromstring((await shelf.call("GET", number, Accept="application/xml")).content)
    assert (tree.tag, tree.findtext(key)) == (f"{name}EntityWithLinks", str(number))
    assert (await shelf.read(number, Accept_Language="no"))[EXAMPLES[name].text] == "Ja"
    address = f"/api/v1/{name.lower()}/{number}/"
    answer = await served.client.get(address, headers=served.basic("demo"))
    assert answer.json() == await shelf.read(number)


@every
async def test_a_language_asked_for_is_not_written_back(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    number = await shelf.new(**{EXAMPLES[name].text: 'US:"Yes";NO:"Ja";'})
    whole = await shelf.read(number, Accept_Language="no")
    await shelf.call("PUT", number, whole, Accept_Language="no")
    assert (await shelf.read(number))[EXAMPLES[name].text] == 'US:"Yes";NO:"Ja";'


@every
async def test_a_key_makes_a_retry_safe(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    least = EXAMPLES[name].least
    first = await shelf.call("POST", body=least, Idempotency_Key=f"new {name}")
    again = await shelf.call("POST", body=least, Idempotency_Key=f"new {name}")
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    number = first.json()[f"{name}Id"]
    other = await shelf.call("POST", body=least | {EXAMPLES[name].text: "x"}, Idempotency_Key=f"new {name}")
    assert other.headers["Appointed-Error"] == "idempotency_key_reused"
    for _twice in range(2):
        patched = await shelf.call("PATCH", number, {EXAMPLES[name].text: "x"}, Idempotency_Key=f"p {name}")
        assert patched.headers["ETag"] == '"2"'


@every
async def test_who_may_and_who_may_not(served: Served, name: str) -> None:
    number = await Shelf(served, name, "kari").new()
    assert (await Shelf(served, name).read(number))["CreatedBy"]["Name"] == "kari"
    anonymous = await served.client.get(f"/api/v1/{name}/{number}")
    assert anonymous.status_code == 401
    by_program = await served.client.patch(
        f"/api/v1/{name}/{number}", json={EXAMPLES[name].text: "x"}, headers=served.bearer
    )
    assert by_program.status_code == 200, by_program.text


async def test_the_contact_of_an_appointment_shows_its_new_name_under_the_same_tag(desk: Desk) -> None:
    shelf = Shelf(desk.served, "Contact")
    contact = await shelf.new()
    number = await desk.new(Contact={"ContactId": contact})
    before = await desk.call("GET", number)
    await shelf.patch(contact, {"Name": "Renamed", "Department": "Oslo"})
    after = await desk.call("GET", number)
    assert after.json()["Contact"]["FullName"] == "Renamed, Oslo"
    assert after.headers["ETag"] == before.headers["ETag"]
    patched = await desk.patch(number, {"Location": "x"})
    assert patched["Contact"]["Name"] == "Renamed"
    assert len(await desk.history(number)) == 2


@pytest.mark.clause("SO-REC-001")
async def test_an_appointment_may_name_a_record_as_soon_as_it_is_there(desk: Desk) -> None:
    number = await desk.new()
    for name, member in (
        ("Contact", "Contact"),
        ("Person", "Person"),
        ("Project", "Project"),
        ("Sale", "Sale"),
    ):
        key = await Shelf(desk.served, name).new()
        answer = await desk.patch(number, [step("replace", member, {f"{name}Id": key})])
        assert answer[member][f"{name}Id"] == key
        link = answer["_Links"][member].removeprefix("http://127.0.0.1:8000")
        found = await desk.served.client.get(link, headers=desk.served.basic("demo"))
        assert found.json()[f"{name}Id"] == key


@pytest.mark.clause("SO-REC-006")
async def test_the_lines_of_an_address(served: Served) -> None:
    shelf = Shelf(served, "Contact")
    number = await shelf.new()
    steps = [
        step("replace", "/Address/Street/Address1", "Nygata 5"),
        step("add", "Address/Street/zipcode", "0184"),
        step("replace", "address/street/City", "Oslo"),
    ]
    after = await shelf.patch(number, steps)
    assert after["Address"]["Street"]["Formatted"] == "Nygata 5\n0184 Oslo\n"
    assert (after["City"], after["FormattedAddress"]) == ("Oslo", "Nygata 5\n0184 Oslo\n")
    cells = [cell for row in after["Address"]["LocalizedAddress"] for cell in row]
    assert {"StreetAddress1": "Nygata 5", "StreetCity": "Oslo"}.items() <= {
        cell["Name"]: cell["Value"] for cell in cells
    }.items()
    # Who names some lines means these.
    after = await shelf.patch(number, [step("replace", "Address/Street", {"city": "OSLO"})])
    assert after["FormattedAddress"] == "Nygata 5\n0184 OSLO\n"
    after = await shelf.patch(number, {"address": {"postal": {"address1": "Postboks 1"}}})
    assert after["Address"]["Street"]["Address1"] == "Nygata 5"
    assert after["Address"]["Postal"]["Address1"] == "Postboks 1"
    error = await shelf.refused(number, [step("replace", "Address/Street/Address1", {"x": 1})])
    assert list(error["Problems"]) == ["Address.Street.Address1"]
    for part in ("Address", "Address/Street"):
        await shelf.refused(number, [step("replace", part, "text")])
    error = await shelf.refused(number, {"Address": {"Street": {"City": "x" * 300}}})
    assert list(error["Problems"]) == ["Address.Street.City"]
    answer = await shelf.call("PATCH", number, {"Address": {"Formatted": "x", "Wgs84Latitude": 5.5}})
    assert answer.headers["Appointed-Ignored"] == "Address.Wgs84Latitude, Address.Formatted"
    after = await shelf.patch(
        number, [step("remove", "Address/Street/City"), step("remove", "Address/Postal")]
    )
    assert after["FormattedAddress"] == "Nygata 5\n0184\n"
    assert (await shelf.patch(number, {"Address": None}))["FormattedAddress"] == ""


async def test_the_amounts_dates_and_status_of_a_sale(served: Served) -> None:
    shelf = Shelf(served, "Sale")
    made = await shelf.made(
        Amount="1000.5", Probability=50, SaleDate="2026-10-25T02:30:00", Status=2, Earning=7
    )
    assert (made["Amount"], made["WeightedAmount"], made["Earning"]) == (1000.5, 500.25, 7.0)
    assert (made["Status"], made["Completed"]) == ("Sold", "Completed")
    assert made["SaleDate"] == "2026-10-25T02:30:00"
    number = made["SaleId"]
    kept = (await served.parts.store.directory(1)).sales[number].sale_at
    await shelf.patch(number, {"SaleDate": "2026-10-25T02:30:00", "Number": "7"})
    assert (await served.parts.store.directory(1)).sales[number].sale_at == kept
    for body, member in (
        ({"Amount": "much"}, "Amount"),
        ({"Amount": 1e300}, "Amount"),
        ({"Amount": True}, "Amount"),
        ({"Amount": "nan"}, "Amount"),
        ({"Probability": 101}, "Probability"),
        ({"Status": "Nothing"}, "Status"),
        ({"SaleDate": "yesterday"}, "SaleDate"),
        ({"ContactId": 99999}, "ContactId"),
    ):
        assert list((await shelf.refused(number, body))["Problems"]) == [member]
    cleared = await shelf.patch(number, {"SaleDate": None, "Amount": None, "Status": None})
    assert (cleared["SaleDate"], cleared["Amount"], cleared["Status"]) == ("0001-01-01T00:00:00", 0.0, "Open")


async def test_a_persons_company_and_whether_they_retired(served: Served) -> None:
    shelf = Shelf(served, "Person")
    contact = await Shelf(served, "Contact").new(Department="West")
    after = await shelf.patch(await shelf.new(), {"ContactId": str(contact), "Retired": 1})
    assert (after["ContactFullName"], after["Retired"]) == ("Acme, West", 1)
    assert after["_Links"]["Contact"].endswith(f"/Contact/{contact}")
    await shelf.refused(after["PersonId"], {"Retired": 2})
    await shelf.refused(after["PersonId"], {"Rank": 40_000})
    error = await shelf.refused(after["PersonId"], {"Lastname": " "})
    assert error["Problems"] == {"Firstname": "must not be empty"}


async def test_what_the_official_client_sends_of_a_person_and_a_sale(served: Served) -> None:
    people, sales = Shelf(served, "Person"), Shelf(served, "Sale")
    person = await people.made(Position="Chief")
    number = person["PersonId"]
    # It takes the text for an item of a list, and sends back what it made of that.
    back = person | {"Position": {"Id": None, "Value": None}}
    assert entity(await people.call("PUT", number, back)) == person
    assert (await people.patch(number, {"position": {"value": "Clerk"}}))["Position"] == "Clerk"
    for wrong in (5, {"Value": 5}):
        await people.refused(number, [step("replace", "Position", wrong)])
    sale = await sales.made(Currency="NOK")
    back = {key: value for key, value in sale.items() if key != "Title"} | {"Currency": {}}
    assert entity(await sales.call("PUT", sale["SaleId"], back)) == sale
    after = await sales.patch(sale["SaleId"], {"heading": "Boats"})
    assert (after["Title"], after["Heading"], after["Currency"]) == ("Boats", "Boats", "NOK")
    made = await sales.call("POST", body={"Heading": "Only"})
    assert entity(made)["Title"] == "Only"


async def test_texts_that_may_be_null(served: Served) -> None:
    shelf = Shelf(served, "Contact")
    number = await shelf.new()
    assert (await shelf.patch(number, {"URLName": "Web"}))["URLName"] == "Web"
    assert (await shelf.patch(number, {"URLName": None}))["URLName"] is None
    await shelf.refused(number, {"URLName": 5})


async def test_all_that_is_wrong_is_told_at_once(served: Served) -> None:
    answer = await Shelf(served, "Sale").call(
        "POST", body={"Title": "", "Amount": "x", "Probability": 500, "PersonId": 88888}
    )
    assert answer.status_code == 400
    assert set(answer.json()["Problems"]) == {"Title", "Amount", "Probability", "PersonId"}


@every
async def test_each_member_that_can_be_set_is_kept_and_no_other_moves(served: Served, name: str) -> None:
    """Every member of the table, one after the other: set, read again, and put back by its old value."""
    shelf = Shelf(served, name)
    kind = next(kind for kind in KINDS if kind.name == name)
    number = await shelf.new()
    derived = set(EXAMPLES[name].follows) | CHANGED
    for member in kind.entity.members:
        if member.read is None or member.name in ("Address", *REFERENCES[name]):
            continue
        before = await shelf.read(number)
        value = another(member.name, member.type, before[member.name])
        after = await shelf.patch(number, [step("replace", member.name, value)])
        assert after[member.name] == value, member.name
        moved = difference(before, after) - derived - twins(name, member.name) - {member.name}
        assert all(one not in _settable(kind) for one in moved), (member.name, moved)
        back = await shelf.patch(number, {member.name: before[member.name]})
        assert difference(before, back) <= CHANGED


def twins(kind: str, member: str) -> set[str]:
    """Name what says the same as a member."""
    if kind == "Sale" and member in ("Title", "Heading"):
        return {"Title", "Heading"}
    return {member.removesuffix("Id")} & set(REFERENCES[kind])


def another(name: str, kind: str, value: Any) -> Any:
    if name == "Retired":
        return 1 - value
    if name in ("AssociateId", "ContactId", "PersonId", "ProjectId", "SupportAssociateId"):
        return 1 if value != 1 else 2
    values = {
        "string": "Another",
        "bool": value is False,
        "int32": 42,
        "double": 12.25,
        "date-time": "2027-03-04T05:06:07",
        "enum:SaleStatus": "Lost",
    }
    return values[kind]


def _settable(kind: Any) -> set[str]:
    return {member.name for member in kind.entity.members if member.read is not None}


@every
async def test_what_is_tried_is_answered_and_not_kept(served: Served, name: str) -> None:
    shelf, example = Shelf(served, name), EXAMPLES[name]
    number = await shelf.new()
    before = await shelf.read(number)
    snapshot = await served.snapshot()
    for method, at, body in (
        ("PATCH", number, {example.text: "tried"}),
        ("PUT", number, before | {example.text: "tried"}),
        ("POST", "", example.least | {example.text: "tried"}),
    ):
        answer = await shelf.call(method, at, body, Prefer="dry-run")
        assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "dry-run")
        assert answer.json()["result"][example.text] == "tried"
        assert "ETag" not in answer.headers
        in_xml = await shelf.call(method, at, body, Prefer="dry-run", Accept="application/xml")
        assert etree.fromstring(in_xml.content).find(f"result/{name}EntityWithLinks/_Links") is not None
    tried = (await shelf.call("PATCH", number, {example.text: "tried"}, Prefer="dry-run")).json()["result"]
    assert await served.snapshot() == snapshot
    assert await shelf.read(number) == before
    # What the write itself would answer, but for the time that it was tried.
    made = await shelf.patch(number, {example.text: "tried"})
    assert (list(tried), tried["_Links"]) == (list(made), made["_Links"])
    assert difference(tried, made) <= {"UpdatedDate", "Updated"}
