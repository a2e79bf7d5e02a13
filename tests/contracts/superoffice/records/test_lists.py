"""GET Contact, Person, Project, Sale and their archives; and who has none of them."""

from typing import Any

import pytest

from appointed.domain.directory import Associate, AssociateType
from appointed.usecases.ports import Account
from tests.contracts.served import Served
from tests.contracts.superoffice.records.shelf import EXAMPLES, Shelf, every

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

LISTED = {
    "Contact": ("name", "Fjord Shipping", "contactAssociate/fullName"),
    "Person": ("fullName", "Kari Nordmann", "personContact/name"),
    "Project": ("name", "New harbour office", "projectAssociate/fullName"),
    "Sale": ("heading", "Yearly agreement", "associate/fullName"),
}


async def page(served: Served, path: str) -> dict[str, Any]:
    answer = await served.so("GET", path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@every
@pytest.mark.clause("SO-REC-010")
async def test_a_list_is_a_page_of_rows_in_the_envelope(served: Served, name: str) -> None:
    column, wanted, joined = LISTED[name]
    found = await page(
        served, f"{name}?$filter={column} eq '{wanted}'&$select={column},{joined}&$inlineCount=true"
    )
    assert found["odata.metadata"] == f"http://127.0.0.1:8000/api/v1/Archive/Find{name}/$metadata"
    assert (found["odata.nextLink"], found["odata.count"]) == (None, 1)
    (row,) = found["value"]
    assert list(row) == ["PrimaryKey", "EntityName", column, joined]
    assert (row["EntityName"], row[column]) == (name.lower(), wanted)
    shelf = Shelf(served, name)
    assert (await shelf.read(int(row["PrimaryKey"])))[f"{name}Id"] == int(row["PrimaryKey"])
    for other in (f"Archive/Find{name}", f"archive/{name.lower()}"):
        again = await page(served, f"{other}?$filter={column} eq '{wanted}'&$select={column},{joined}")
        assert again["value"] == found["value"]


@every
@pytest.mark.clause("SO-REC-010")
async def test_a_list_is_followed_to_its_end_and_shows_what_was_made(served: Served, name: str) -> None:
    shelf, column = Shelf(served, name), LISTED[name][0]
    made = [await shelf.new() for _record in range(3)]
    stored = (await served.parts.store.directory(1)).records(name.lower())
    path, keys = f"{name}?$top=2&$orderBy={column} desc", []
    while path:
        found = await page(served, path)
        keys += [int(row["PrimaryKey"]) for row in found["value"]]
        path = (found["odata.nextLink"] or "").removeprefix("http://127.0.0.1:8000/api/v1/")
    assert sorted(keys) == sorted(stored)
    assert set(made) <= set(keys)
    names = [row[column] for row in (await page(served, f"{name}?$orderBy={column}&$top=1000"))["value"]]
    assert names == sorted(names, key=str.lower)


YORK = {"SO-TimeZone": "US-NY,includeTZOffset"}


async def only_row(served: Served, path: str) -> dict[str, Any]:
    answer = await served.so("GET", path, headers=YORK)
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["value"]
    return dict(row)


@every
@pytest.mark.clause("SO-WIRE-005")
async def test_a_list_tells_when_it_was_changed_as_the_record_does(served: Served, name: str) -> None:
    shelf = Shelf(served, name)
    number = await shelf.new()
    await shelf.patch(number, {EXAMPLES[name].text: "Other"})
    record = await shelf.read(number, **YORK)
    stamps = [record["CreatedDate"], record["UpdatedDate"]]
    assert all(at.endswith("Z") for at in stamps)
    columns = ("personRegisteredDate", "personUpdatedDate")
    if name != "Person":
        columns = ("registeredDate", "updatedDate")
    path = f"{name}?$filter={name.lower()}Id eq {number}&$select={','.join(columns)}"
    row = await only_row(served, path)
    assert [row[column] for column in columns] == stamps
    cells = (await only_row(served, path + "&$mode=Full"))["Column"]
    assert [cells[column]["RawValue"] for column in columns] == stamps
    made = await served.so("POST", "Appointment", json={name: {f"{name}Id": number}})
    joined = [f"{name.lower()}/{column}" for column in columns]
    path = f"Appointment?$filter=appointmentId eq {made.json()['AppointmentId']}&$select={','.join(joined)}"
    row = await only_row(served, path)
    assert [row[column] for column in joined] == stamps


@pytest.mark.clause("SO-WIRE-007")
async def test_a_list_tells_of_what_is_not_set_as_the_record_does(served: Served) -> None:
    sale = Shelf(served, "Sale")
    number = await sale.new()
    entity = await sale.read(number, **YORK)
    row = await only_row(served, f"Sale?$filter=saleId eq {number}&$select=nextDueDate")
    assert row["nextDueDate"] == entity["NextDueDate"]
    entity = (await served.so("POST", "Appointment", json={}, headers=YORK)).json()
    columns = ("publishedFrom", "publishedTo")
    path = f"Appointment?$filter=appointmentId eq {entity['AppointmentId']}&$select="
    row = await only_row(served, path + ",".join(f"appointmentPublish/{column}" for column in columns))
    told = [row[f"appointmentPublish/{column}"] for column in columns]
    assert told == [entity["PublishFrom"], entity["PublishTo"]]


@every
async def test_the_columns_of_a_list_are_told(served: Served, name: str) -> None:
    told = await page(served, f"Archive/find{name.lower()}$metadata")
    rows = (await page(served, f"{name}?$top=1"))["value"]
    assert set(rows[0]) - {"PrimaryKey", "EntityName"} <= set(told)
    assert all(column["CanOrderBy"] for column in told.values())
    everything = await page(served, f"{name}?$top=1&$mode=Full&$select={','.join(told)}")
    assert list(everything["value"][0]["Column"]) == list(told)
    assert everything["value"][0]["TableRight"]["Mask"] == 7
    for column in told:
        await page(served, f"{name}?$top=1&$orderBy={column}")


@every
async def test_a_list_that_cannot_be_understood_is_refused(served: Served, name: str) -> None:
    for query in (
        "$filter=nothing eq 1",
        "$filter=((",
        "$orderBy=nothing",
        "$top=x",
        f"$filter={'(' * 1000}",
    ):
        answer = await served.so("GET", f"{name}?{query}")
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request")
    empty = await page(served, f"{name}?$entities=appointment&$inlineCount=true")
    assert (empty["value"], empty["odata.count"]) == ([], 0)
    assert (await page(served, f"{name}?$top=0"))["value"] == []
    hidden = await page(served, f"{name}?$select=Count({LISTED[name][0]}):Footer:HideDetail")
    (footer,) = hidden["value"]
    assert footer["EntityName"] == "Footer"


async def test_guests_have_no_records(served: Served) -> None:
    store = served.parts.store
    guest = Associate(id=0, name="guest", full_name="Guest", type=AssociateType.EXTERNAL)
    (guest_id,) = await store.put_records(1, (guest,))
    secret = await served.parts.passwords.hash("guest")
    await store.put_account(
        Account(kind="login", name="guest", tenant_id=1, associate_id=guest_id, secret=secret)
    )
    for name, example in EXAMPLES.items():
        shelf = Shelf(served, name, "guest")
        for method, at, body in (
            ("GET", 1, None),
            ("GET", "", None),
            ("GET", "default", None),
            ("PATCH", 1, {example.text: "x"}),
            ("PATCH", 9999, {example.text: "x"}),
            ("GET", 9999, None),
            ("PUT", 1, example.least),
            ("POST", "", example.least),
        ):
            answer = await shelf.call(method, at, body)
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (403, "forbidden")
            assert f"this {name.lower()}." in answer.json()["Message"]
        # To choose from there is as little.
        listed = await served.client.get(f"/api/v1/MDOList/{name.lower()}", headers=served.basic("guest"))
        assert (listed.status_code, listed.json()) == (200, [])
    for path in ("MDOList/country", "List/country/Items", "List/projecttype/Items?includeDeleted=true"):
        listed = await served.client.get(f"/api/v1/{path}", headers=served.basic("guest"))
        assert (listed.status_code, listed.json()) == (200, []), path
        assert (await served.so("GET", path)).json(), path


# The demo's own stamps in the tenant's wall time: made, by whom, changed, by whom.
STAMPED = {
    "Contact": (2, "2024-01-15T10:30:00", "kari", "2025-03-10T14:15:00", "ola"),
    "Person": (4, "2024-01-15T10:35:00", "kari", "2025-03-10T14:20:00", "ola"),
    "Project": (1, "2024-03-04T13:00:00", "kari", "2025-05-19T13:30:00", "demo"),
    "Sale": (1, "2024-04-02T11:00:00", "kari", "2025-09-01T16:00:00", "kari"),
}


@every
async def test_records_of_the_demo_show_when_and_by_whom_they_were_written(served: Served, name: str) -> None:
    number, made, maker, changed, changer = STAMPED[name]
    entity = await Shelf(served, name).read(number)
    assert (entity["CreatedDate"], entity["CreatedBy"]["Name"]) == (made, maker)
    assert (entity["UpdatedDate"], entity["UpdatedBy"]["Name"]) == (changed, changer)
    # Persons' columns begin with what they are of.
    spelt = [f"{'person' if name == 'Person' else ''}{one}" for one in ("Registered", "Updated")]
    first, last = (one[:1].lower() + one[1:] for one in spelt)
    columns = f"{first}Date,{first}By,{last}Date,{last}ByFullName"
    asked = {"$filter": f"{first}By associateIsOneOf ('{maker}') and {last}Date after '2025-01-01'"}
    found = await served.so("GET", name, params=asked | {"$select": columns, "$top": "100"})
    row = next(one for one in found.json()["value"] if one["PrimaryKey"] == str(number))
    assert (row[f"{first}Date"], row[f"{first}By"], row[f"{last}Date"]) == (made, maker, changed)
    assert row[f"{last}ByFullName"]
