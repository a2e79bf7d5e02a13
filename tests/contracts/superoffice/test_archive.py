"""The archives, what hangs on one appointment, and its other forms (Archive; GET Appointment/{id}/...)."""

import csv
from pathlib import Path
from typing import Any

import httpx
import pytest

from appointed.superoffice.carriers.simple import SIMPLE
from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DATA = Path(__file__).parents[2] / "data"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIST = "Appointment"
PARTS = ("Participants", "Links", "Simple", "ForeignKey")
JOINED = ("contact/", "person/", "project/", "sale/", "associate/")
# Of these lists only names are kept, so they are asked as texts.
NAMES_ALONE = {"category", "contactCategory", "business", "position", "personCategory", "currency"}
OURS = {"contact/kanaName", "contact/isOwnerContact", "person/personContact/kanaName"}


async def get(desk: Desk, path: str, **options: Any) -> httpx.Response:
    params = {f"${name}": value for name, value in options.items()}
    sent = desk.served.basic(desk.name) | desk.headers
    return await desk.served.client.get(f"/api/v1/{path}", params=params, headers=sent)


async def rows(desk: Desk, path: str, **options: Any) -> list[dict[str, Any]]:
    answer = await get(desk, path, **options)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


async def ids(desk: Desk, text: str, **options: Any) -> list[int]:
    found = await rows(desk, LIST, filter=text, select="appointmentId", **options)
    return [row["appointmentId"] for row in found]


async def attended(desk: Desk) -> int:
    """Make an appointment with one participant of each kind, and links."""
    return await desk.new(
        Participants=[
            {"AssociateId": 1},
            {"AssociateId": 2, "SendEmail": True},
            {"AssociateId": 4},
            {"PersonId": 4},
            {"EmailAddress": "guest@far.example", "Description": "A guest"},
        ],
        Links=[
            {"EntityName": "sale", "Id": 1, "Description": "The deal"},
            {"EntityName": "Contact", "Id": 3},
            {"EntityName": "document", "Id": 77, "Description": "Minutes"},
        ],
    )


@pytest.mark.clause("SO-ARCHIVE-001")
async def test_the_archives(desk: Desk) -> None:
    answer = await get(desk, "archive")
    found = answer.json()
    assert found["odata.metadata"].endswith("/api/v1/Archive/$metadata")
    assert found["value"][0] == {"name": "FindAppointment", "url": "FindAppointment"}
    for entry in found["value"]:
        described = await get(desk, f"Archive/{entry['url']}$metadata")
        assert described.status_code == 200, entry
    assert (await get(desk, "archive/$metadata")).json() == found


@pytest.mark.clause("SO-ARCHIVE-002")
async def test_columns_are_called_in_the_callers_language(desk: Desk) -> None:
    for name in ("FindAppointment", "FindPerson", "Participants"):
        plain = (await get(desk, f"Archive/{name}$metadata")).json()
        spoken = (await get(desk.sending(SO_Language="de"), f"Archive/{name}$metadata")).json()
        differing = [key for key in plain if plain[key]["DisplayName"] != spoken[key]["DisplayName"]]
        assert len(differing) > len(plain) / 2
        assert all(plain[key] | {"DisplayName": ""} == spoken[key] | {"DisplayName": ""} for key in plain)
    assert spoken["fullName"]["DisplayName"] == "Vollständiger Name"


@pytest.mark.clause("SO-ARCHIVE-002")
@pytest.mark.parametrize("path", ["archive/findappointment$metadata", "Archive/FindAppointment/$metadata"])
async def test_metadata(desk: Desk, path: str) -> None:
    columns = (await get(desk, path)).json()
    assert columns["date"] == {
        "DisplayName": "Date",
        "DisplayTooltip": "",
        "DisplayType": "date",
        "CanOrderBy": True,
        "Name": "date",
        "CanRestrictBy": True,
        "RestrictionType": "date",
        "RestrictionListName": None,
        "IsVisible": True,
        "ExtraInfo": "",
        "Width": "10c",
        "IconHint": "",
        "HeadingIconHint": "",
    }
    assert columns["type"]["RestrictionListName"] == "task"
    assert columns["appointmentUdef/SuperOffice:4"]["RestrictionType"] == "bool"
    assert columns["sale/contactId"]["RestrictionListName"] == "contact_new"
    assert [name for name, one in columns.items() if not one["IsVisible"]] == [
        "getAllRows",
        "getNoRows",
        "skipTentativeAndRejectedRestriction",
    ]


@pytest.mark.clause("SO-ARCHIVE-003")
async def test_every_column_of_the_reference_is_there_with_its_type(desk: Desk) -> None:
    columns = (await get(desk, "Archive/FindAppointment$metadata")).json()
    lines = (DATA / "superoffice_columns.tsv").read_text().splitlines()
    wrong = []
    for row in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
        found = columns.get(row["column"], {})
        # A column may be able to do more than the reference says, never less.
        wanted = "string" if row["column"].rpartition("/")[2] in NAMES_ALONE else row["restriction"]
        is_type = wanted in ("", found.get("RestrictionType"))
        is_ordered = not row["order"] or found.get("CanOrderBy")
        if not (found and is_type and is_ordered):
            wrong.append(row)
    assert wrong == []
    # And no joined column is without its line there, but for those that are ours.
    known = {line.partition("\t")[0] for line in lines}
    assert {name for name in columns if name.startswith(JOINED)} - known == OURS


@pytest.mark.clause("SO-ODATA-005")
async def test_lists_are_asked_by_ids_and_read_as_names(desk: Desk) -> None:
    by_name = {
        row["appointmentId"]
        for row in await rows(desk, LIST, select="appointmentId,contact/country", top=1000)
        if row["contact/country"] == "Norway"
    }
    assert by_name
    for text in ("contact/country oneOf (578)", "contact/country equals 578", "contact/countryId eq 578"):
        assert set(await ids(desk, text, top=1000)) == by_name, text
    owners = await ids(desk, "associate/role oneOf (1)", top=1000)
    assert owners
    assert set(owners) == set(await ids(desk, "associate/assocName eq 'demo'", top=1000))
    (row,) = await rows(desk, LIST, select="associate/role", filter="associate/role eq 1", mode="Full", top=1)
    cell = row["Column"]["associate/role"]
    assert (cell["RawValue"], cell["DisplayValue"]) == (1, "Administrator")
    of_sale = await ids(desk, "saleId gt 0")
    for name, number in (("contactId", 2), ("personId", 4), ("projectId", 1)):
        for text in (f"oneOf ({number},9)", f"equals {number}", f"eq {number}", "notOneOf (9)"):
            assert await ids(desk, f"saleId gt 0 and sale/{name} {text}") == of_sale, (name, text)
        assert await ids(desk, f"saleId gt 0 and sale/{name} oneOf (9)") == [], name


@pytest.mark.clause("SO-ODATA-006")
async def test_a_list_without_ids_knows_names_alone(desk: Desk) -> None:
    assert await ids(desk, "sale/currency eq 'nok'") == await ids(desk, "saleId gt 0")
    everything = await ids(desk, "appointmentId gt 0")
    columns = (await get(desk, "Archive/FindAppointment$metadata")).json()
    for name in (
        "contact/category",
        "contact/business",
        "person/position",
        "person/personCategory",
        "sale/currency",
    ):
        told = columns[name]
        assert (told["RestrictionType"], told["DisplayType"]) == ("string", "string")
        assert told["RestrictionListName"] is None
        for value in ("oneOf (3,6)", "eq 3"):
            assert await ids(desk, f"{name} {value}") == [], (name, value)
        assert await ids(desk, f"{name} notOneOf ('3')") == everything, name
    answer = await get(desk, LIST, filter="contact/country is 'Norway'")
    assert "'Norway': the id of the list's item is expected here" in answer.json()["ErrorMessage"]


async def made(desk: Desk, kind: str, **members: Any) -> dict[str, Any]:
    answer = await desk.served.client.post(
        f"/api/v1/{kind}", json=members, headers=desk.served.basic(desk.name) | desk.headers
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.clause("SO-ARCHIVE-003")
async def test_of_several_groups_one_will_do(desk: Desk) -> None:
    client = 5
    contact = await made(desk, "Contact", Name="Of the client", AssociateId=client)
    number = await desk.new(Contact={"ContactId": contact["ContactId"]})
    alone = await desk.new(Contact={"ContactId": 2})
    column = "contact/contactAssociate/otherGroups"
    mine = f"appointmentId in ({number},{alone})"
    for text, found in (
        ("userGroupIsOneOf (2)", [number]),
        ("oneOf (7,2)", [number]),
        ("eq 2", [number]),
        ("oneOf (7)", []),
        ("userGroupIsNotOneOf (2)", [alone]),
        ("ne 2", [alone]),
        ("isNull", [alone]),
        ("isNotNull", [number]),
    ):
        assert await ids(desk, f"{mine} and {column} {text}") == found, text
    (row,) = await rows(desk, LIST, filter=f"appointmentId eq {number}", select=column, mode="Full")
    cell = row["Column"][column]
    assert (cell["RawValue"], cell["DisplayValue"]) == ("Second department", "Second department")


@pytest.mark.clause("SO-ARCHIVE-003")
async def test_what_records_keep_can_be_listed_and_searched(desk: Desk) -> None:
    person = await made(
        desk,
        "Person",
        Lastname="Kato",
        Kanafname="アキラ",
        Kanalname="カトウ",
        EmailName="At work",
        CountryId=392,
        UsePersonAddress=True,
        TicketPriorityId=2,
        SupportLanguageId=7,
        SupportAssociateId=1,
    )
    project = await made(
        desk,
        "Project",
        Name="Fair",
        Description="Stand 7",
        URL="https://fair.example",
        URLName="Home",
        EventId=9,
    )
    number = await desk.new(
        Person={"PersonId": person["PersonId"]}, Project={"ProjectId": project["ProjectId"]}
    )
    expected = {
        "person/kanaFirstName": ("アキラ", "eq 'アキラ'"),
        "person/kanaLastName": ("カトウ", "begins 'カ'"),
        "person/email/emailDescription": ("At work", "eq 'at work'"),
        "person/personCountry": ("392", "oneOf (392)"),
        "person/useAsMailingAddress": (True, "set true"),
        "person/ticketPriority": (2, "oneOf (2,3)"),
        "person/supportLanguage": (7, "equals 7"),
        "person/supportAssociate": ("demo", "currentAssociate"),
        "person/supportAssociateFullName": ("Demo Administrator", "eq 1"),
        "project/description": ("Stand 7", "ends '7'"),
        "project/eventId": (9, "eq 9"),
        "project/projectUrl/URLAddress": ("https://fair.example", "contains 'fair'"),
        "project/projectUrl/URLDescription": ("Home", "eq 'home'"),
        "associate/usergroupId": (1, "gt 0"),
        "associate/isActiveText": ("Active", "set true"),
        "associate/isLocation": (False, "set false"),
        "associate/contactCategory": ("Own company", "eq 'Own company'"),
    }
    spoken = desk.sending(SO_Language="en")
    (row,) = await rows(spoken, LIST, filter=f"appointmentId eq {number}", select=",".join(expected))
    assert {name: row[name] for name in expected} == {name: value for name, (value, _) in expected.items()}
    for name, (_value, condition) in expected.items():
        assert await ids(spoken, f"appointmentId eq {number} and {name} {condition}") == [number], name
        assert await ids(spoken, f"appointmentId eq {number} and not {name} {condition}") == [], name


@pytest.mark.clause("SO-ARCHIVE-003")
async def test_what_the_metadata_promises_is_kept(desk: Desk) -> None:
    columns = (await get(desk, "Archive/FindAppointment$metadata")).json()
    for name, one in columns.items():
        ordered = await get(desk, "Appointment", orderBy=f"{name} desc", top=1, select=name)
        assert (ordered.status_code == 200) is one["CanOrderBy"], name
        searched = await get(desk, "Appointment", filter=f"{name} isNotNull", top=1, select=name)
        assert (searched.status_code == 200) is one["CanRestrictBy"], name


@pytest.mark.clause("SO-ODATA-018")
async def test_what_the_other_contract_keeps_are_columns(desk: Desk) -> None:
    made = [await desk.made(CustomFields={"x_status": status}) for status in ("waiting", "late", "no_show")]
    numbers = [one["AppointmentId"] for one in made]
    first = made[0]["CustomFields"]
    own, among = "x_reference,x_status,x_department", f"appointmentId in ({','.join(map(str, numbers))})"
    (row,) = await rows(desk, LIST, filter=f"x_reference eq '{first['x_reference']}'", select=own)
    assert list(row.values())[2:] == [first["x_reference"], "waiting", first["x_department:DisplayText"]]
    (full,) = await rows(
        desk, LIST, filter=f"x_reference eq '{first['x_reference']}'", select=own, mode="Full"
    )
    assert full["Column"]["x_department"]["RawValue"] == int(first["x_department"])
    for text, found in (
        (f"{among} and x_status in ('waiting', 'Late')", numbers[:2]),
        (f"{among} and x_status eq 'no_show'", numbers[2:]),
        (f"{among} and x_status isNot 'no_show'", numbers[:2]),
        (f"{among} and x_status eq 'nothing'", []),
        (f"{among} and x_department eq {first['x_department']}", numbers),
        (f"{among} and not x_department eq {first['x_department']}", []),
        (f"{among} and x_reference begins '{first['x_reference'][:6]}'", numbers[:1]),
        (f"{among} and x_reference isNull", []),
    ):
        assert sorted(await ids(desk, text)) == found, text
    assert await ids(desk, among, orderBy="x_status desc") == [numbers[0], numbers[2], numbers[1]]
    by_reference = sorted(made, key=lambda one: one["CustomFields"]["x_reference"])
    wanted = [one["AppointmentId"] for one in by_reference]
    assert await ids(desk, among, orderBy="x_reference") == wanted
    assert sorted(await ids(desk, among, orderBy="x_department,x_status")) == numbers


@pytest.mark.clause("SO-ODATA-019")
async def test_when_and_by_whom_a_record_was_made_are_columns(desk: Desk) -> None:
    # Contacts made by one and changed by another; an appointment stands for each.
    kari, contacts = desk.of("kari"), []
    for name in ("First", "Second"):
        sent = desk.served.basic("kari")
        answer = await desk.served.client.post("/api/v1/Contact", json={"Name": name}, headers=sent)
        contacts.append(answer.json())
    second = contacts[1]["ContactId"]
    answer = await desk.served.so("PATCH", f"Contact/{second}", json={"Department": "West"})
    contacts[1] = answer.json()
    numbers = [await kari.new(Contact={"ContactId": one["ContactId"]}) for one in contacts]
    among = f"appointmentId in ({','.join(map(str, numbers))})"
    names = ("registeredBy", "registeredByFullName", "registeredDate", "updatedBy", "updatedDate")
    columns = ",".join(f"contact/{name}" for name in names)
    found = await rows(desk, LIST, filter=among, select=columns, orderBy="contact/registeredDate")
    never = "0001-01-01T00:00:00"
    assert [list(row.values())[2:] for row in found] == [
        ["kari", "Kari Nordmann", contacts[0]["CreatedDate"], "", never],
        ["kari", "Kari Nordmann", contacts[1]["CreatedDate"], "demo", contacts[1]["UpdatedDate"]],
    ]
    for text, expected in (
        ("contact/registeredBy associateIsOneOf ('kari') and contact/registeredDate today", numbers),
        ("contact/updatedBy currentAssociate", numbers[1:]),
        ("contact/updatedDate afterTime '2020-01-01'", numbers[1:]),
        ("contact/updatedDate isNull", numbers[:1]),
        ("contact/registeredDate before '2020-01-01'", []),
    ):
        assert sorted(await ids(desk, f"{among} and {text}")) == expected, text
    assert await ids(desk, among, orderBy="contact/updatedDate desc") == numbers[::-1]
    for name in ("person/personRegisteredDate", "project/registeredByFullName", "sale/updatedDate"):
        found = await rows(
            desk, LIST, filter=among, select=f"appointmentId,{name}", orderBy=f"{name},appointmentId"
        )
        assert [row["appointmentId"] for row in found] == numbers


@pytest.mark.clause("SO-ARCHIVE-004")
async def test_the_archive_is_the_same_list(desk: Desk) -> None:
    options = {"filter": "date thisYear", "orderBy": "date", "top": 5, "select": "date,text"}
    wanted = await rows(desk, "Appointment", **options)
    assert wanted
    assert await rows(desk, "archive/FINDAPPOINTMENT/", **options) == wanted
    named = {f"${name}": str(value) for name, value in options.items()}
    sent = desk.served.basic("demo")
    url = "/api/v1/Archive/FindAppointment"
    for body in ({"data": named}, {"json": named}):
        answer = await desk.served.client.post(url, headers=sent, **body)
        assert answer.json()["value"] == wanted, body
        following = await desk.served.client.get(answer.json()["odata.nextLink"], headers=sent)
        assert following.json()["value"]
    empty = await desk.served.client.post(url + "?$top=1", headers=sent)
    assert len(empty.json()["value"]) == 1


@pytest.mark.clause("SO-ARCHIVE-004")
async def test_bodies_that_are_no_options(desk: Desk) -> None:
    url, sent = "/api/v1/Archive/FindAppointment", desk.served.basic("demo")
    many = "&".join(f"a{n}=1" for n in range(300))
    for content, headers, status in (
        ("[1]", {}, 400),
        ("{", {}, 400),
        ('{"$top":{}}', {}, 400),
        (many, FORM, 400),
        ("<x/>", {"Content-Type": "text/xml"}, 415),
    ):
        answer = await desk.served.client.post(url, content=content, headers=sent | headers)
        assert answer.status_code == status, content[:20]
        desk.served.assert_body("superoffice", answer)


@pytest.mark.clause("SO-ARCHIVE-005")
async def test_participants(desk: Desk) -> None:
    number = await attended(desk)
    found = await rows(desk, f"Appointment/{number}/Participants")
    assert [(row["EntityName"], row["fullName"]) for row in found] == [
        ("associate", "Demo Administrator"),
        ("associate", "Kari Nordmann"),
        ("resource", "Meeting room 1"),
        ("externalPerson", "Ingrid Strand"),
        ("emailParticipant", "A guest"),
    ]
    kari = found[1]
    assert (kari["sendEmail"], kari["participantAssociateId"], kari["assocName"]) == (True, 2, "kari")
    assert (kari["personEmail"], kari["contactName"]) == ("kari@demo.example", "Appointed Demo AS")
    assert found[3]["fullNameWithContact"] == "Ingrid Strand (Fjord Shipping, Bergen)"
    assert found[4]["email/emailAddress"] == "guest@far.example"


@pytest.mark.clause("SO-ARCHIVE-005")
async def test_participants_filtered_ordered_and_by_pages(desk: Desk) -> None:
    path = f"Appointment/{await attended(desk)}/Participants"
    found = await rows(desk, path, orderBy="fullName desc", select="fullName", top=2)
    assert [row["fullName"] for row in found] == ["Meeting room 1", "Kari Nordmann"]
    answer = await get(desk, path, orderBy="fullName desc", select="fullName", top=2)
    link = answer.json()["odata.nextLink"]
    after = (await desk.served.client.get(link, headers=desk.served.basic("demo"))).json()
    assert [row["fullName"] for row in after["value"]] == ["Ingrid Strand", "Demo Administrator"]
    mails = await rows(desk, path, filter="sendEmail set true or email/emailAddress contains 'guest'")
    assert [row["PrimaryKey"] for row in mails] == ["2", "5"]
    assert len(await rows(desk, path, entities="resource")) == 1
    assert (await get(desk, path, top=1, options="GrandTotal=true")).json()["odata.count"] == 5
    (full,) = await rows(desk, path, top=1, mode="Full", select="fullName")
    assert full["Column"]["fullName"]["RawValue"] == "Demo Administrator"


@pytest.mark.clause("SO-ARCHIVE-006")
async def test_links(desk: Desk) -> None:
    number = await attended(desk)
    found = await rows(desk, f"Appointment/{number}/Links", select="linkDescription,text,saleId,contact/name")
    assert [list(row.values())[1:] for row in found] == [
        ["sale", "The deal", "Yearly agreement", 1, ""],
        ["Contact", "", "Tyne Consulting", 0, "Tyne Consulting"],
        ["document", "Minutes", "Minutes", 0, ""],
    ]
    assert len(await rows(desk, f"Appointment/{number}/Links", entities="contact")) == 1


@pytest.mark.clause("SO-ARCHIVE-005", "SO-ARCHIVE-006")
async def test_by_the_archives_name_the_filter_names_the_appointment(desk: Desk) -> None:
    number = await attended(desk)
    for archive, source, count in (
        ("Participants", "appointmentRestrictionId", 5),
        ("Links", "sourceAppointmentRestrictionId", 3),
    ):
        assert len(await rows(desk, f"Archive/{archive}", filter=f"{source} eq {number}")) == count
        assert (
            await rows(desk, f"Archive/{archive}", filter=f"{source} eq 999999 and getAllRows set true") == []
        )
        assert (
            await rows(desk, f"Archive/{archive}", filter=f"{source} eq {number} and getNoRows set true")
            == []
        )
        assert (await get(desk, f"Archive/{archive}")).status_code == 400


@pytest.mark.clause("SO-ARCHIVE-007")
async def test_simple_has_every_member_of_the_flat_carrier(desk: Desk) -> None:
    number = await desk.new(Description="Talk", Contact={"ContactId": 2}, Task={"TaskListItemId": 1})
    flat = (await get(desk, f"Appointment/{number}/Simple")).json()
    lines = (DATA / "superoffice_simple.tsv").read_text().splitlines()
    members = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    assert list(flat) == [row["member"] for row in members]
    assert {field.name: field.type for field in SIMPLE} == {row["member"]: row["type"] for row in members}
    entity = await desk.read(number)
    for name in (
        "AppointmentId",
        "StartDate",
        "EndDate",
        "Type",
        "Description",
        "Title",
        "IsFree",
        "TableRight",
    ):
        assert flat[name] == entity[name], name
    assert (flat["ContactId"], flat["TaskId"], flat["AssociateName"]) == (2, 1, "demo")
    assert (flat["RecurringPattern"], flat["RecurringStartDate"]) == ("Unknown", "0001-01-01T00:00:00")
    picked = (await get(desk, f"Appointment/{number}/Simple", select="title")).json()
    assert [name for name, value in picked.items() if value is not None] == ["Title"]


@pytest.mark.clause("SO-ARCHIVE-008")
async def test_no_foreign_keys_are_kept(desk: Desk) -> None:
    assert (await get(desk, f"Appointment/{await desk.new()}/ForeignKey")).json() == {}


@pytest.mark.parametrize("part", PARTS)
async def test_missing_and_foreign_rows(desk: Desk, part: str) -> None:
    for number, status in ((999_999, 404), ("x", 400), ("9" * 30, 404)):
        answer = await get(desk, f"Appointment/{number}/{part}")
        assert answer.status_code == status, number
        desk.served.assert_body("superoffice", answer)


@pytest.mark.parametrize("part", PARTS)
async def test_all_of_them_speak_xml(desk: Desk, part: str) -> None:
    answer = await get(desk.sending(Accept="text/xml"), f"appointment/{await desk.new()}/{part.lower()}")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert answer.text.startswith("<?xml")


async def test_what_a_private_row_of_others_tells(desk: Desk) -> None:
    number = await desk.served.private_of_kari()
    assert await rows(desk, f"Appointment/{number}/Participants") == []
    assert await rows(desk, f"Appointment/{number}/Links") == []
    assert await rows(desk, "Archive/Participants", filter=f"appointmentRestrictionId eq {number}") == []
    flat = (await get(desk, f"Appointment/{number}/Simple")).json()
    assert (flat["Title"], flat["AssociateId"], flat["CreatedDate"]) == ("", 0, "0001-01-01T00:00:00")
    assert flat["StartDate"] > "2020"
    assert "Secret" not in str(flat)


@pytest.mark.parametrize("path", ["Archive/FindSomething", "Archive/x$metadata", "Archive/x/$metadata"])
async def test_archives_that_are_not_there(desk: Desk, path: str) -> None:
    answer = await get(desk, path)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "route_not_found")
