"""GET Appointment: the list of appointments, its options and its pages (OData over FindAppointment)."""

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from msgspec.structs import replace

from tests.contracts.superoffice.desk import BASE, Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# What a row has when no columns are named, as a real answer has it.
USUAL = [
    "PrimaryKey",
    "EntityName",
    "visibleFor",
    "type",
    "priority",
    "date",
    "endDate",
    "associateId",
    "appointmentId",
    "contactId",
    "personId",
    "projectId",
    "saleId",
    "userGroup",
    "recurrenceRuleId",
    "rawStatus",
    "rawType",
    "invitedPersonId",
    "cautionWarning",
    "location",
    "suggestedAppointmentId",
    "intention",
    "isMilestone",
    "registeredBy",
    "registeredDate",
    "completed",
    "completedDate",
    "icon",
    "recordType",
    "time",
    "endTime",
    "text",
    "alarm",
    "recurring",
    "booking",
    "visibleInDiary",
    "updatedBy",
    "updatedDate",
    "who",
]
FAR = "2031-05"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


async def ask(
    desk: Desk, path: str = "", headers: dict[str, str] | None = None, **options: Any
) -> httpx.Response:
    """Ask for a list; underscores before an option's name stand for its dollar sign."""
    params = {f"${name}": value for name, value in options.items()}
    sent = desk.served.basic(desk.name) | desk.headers | (headers or {})
    return await desk.served.client.get(path or BASE, params=params, headers=sent)


async def page(desk: Desk, **options: Any) -> dict[str, Any]:
    answer = await ask(desk, **options)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def rows(desk: Desk, **options: Any) -> list[dict[str, Any]]:
    return list((await page(desk, **options))["value"])


async def ids(desk: Desk, text: str, **options: Any) -> list[int]:
    found = await rows(desk, filter=text, select="appointmentId", **options)
    return [row["appointmentId"] for row in found]


async def followed(desk: Desk, **options: Any) -> list[dict[str, Any]]:
    """Give all rows, page after page under the link."""
    found: list[dict[str, Any]] = []
    one = await page(desk, **options)
    while True:
        found += one["value"]
        link = one["odata.nextLink"]
        if link is None:
            return found
        assert one["value"], "an empty page leads nowhere"
        answer = await desk.served.client.get(link, headers=desk.served.basic(desk.name))
        assert answer.status_code == 200, answer.text
        one = answer.json()


@pytest.mark.clause("SO-ODATA-001", "SO-ODATA-002")
async def test_the_envelope_and_the_usual_columns_in_their_order(desk: Desk) -> None:
    answer = await ask(desk, top=1)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found = answer.json()
    assert list(found) == ["odata.metadata", "odata.nextLink", "value"]
    (row,) = found["value"]
    assert list(row) == USUAL
    assert row["PrimaryKey"] == str(row["appointmentId"])
    assert row["EntityName"] == "appointment"
    described = await ask(desk, path=found["odata.metadata"])
    assert set(described.json()) >= set(USUAL[2:])


@pytest.mark.clause("SO-ODATA-002")
async def test_values_of_a_row(desk: Desk) -> None:
    number = await desk.new(
        Title="Lunch",
        Description="First\nSecond",
        StartDate=f"{FAR}-05T12:00:00",
        EndDate=f"{FAR}-05T13:30:00",
        Contact={"ContactId": 2},
        Person={"PersonId": 4},
        Task={"TaskListItemId": 2},
        Priority={"Id": 3},
        Location="Canteen",
        Completed="Completed",
    )
    (row,) = await rows(desk.sending(SO_Language="en"), filter=f"appointmentId eq {number}")
    told = {
        name: row[name] for name in ("type", "priority", "date", "endDate", "time", "endTime", "associateId")
    }
    assert told == {
        "type": "Phone call",
        "priority": "High",
        "date": f"{FAR}-05T12:00:00",
        "endDate": f"{FAR}-05T00:00:00",
        "time": f"{FAR}-05T12:00:00",
        "endTime": f"{FAR}-05T13:30:00",
        "associateId": "demo",
    }
    assert (row["rawStatus"], row["rawType"], row["completed"], row["recordType"]) == (3, 1, True, "Phone")
    assert (row["text"], row["who"], row["location"]) == (
        "First\nSecond",
        "Ingrid Strand, Fjord Shipping, Bergen",
        "Canteen",
    )
    assert row["completedDate"].endswith("T00:00:00")


@pytest.mark.clause("SO-ODATA-003")
async def test_select_names_the_columns(desk: Desk) -> None:
    (row,) = await rows(desk, top=1, select="date, TYPE,contact/name?,who,nobodyknows,type")
    assert list(row) == ["PrimaryKey", "EntityName", "date", "type", "contact/name", "who"]
    (row,) = await rows(
        desk, top=1, select="appointmentUdef/SuperOffice:1,associate/fullName", jsonSafe="true"
    )
    assert list(row) == ["PrimaryKey", "EntityName", "appointmentUdef_SuperOffice_1", "associate_fullName"]


@pytest.mark.clause("SO-ODATA-004")
async def test_names_of_options_ignore_case_and_texts_have_a_language(desk: Desk) -> None:
    sent = desk.served.basic("demo") | {"SO-Language": "no"}
    answer = await desk.served.client.get(
        BASE.lower() + "/?$TOP=1&$Filter=type%20eq%201&$SELECT=type", headers=sent
    )
    assert [row["type"] for row in answer.json()["value"]] == ["Møte"]


@pytest.mark.clause("SO-ODATA-005")
async def test_filters_of_the_official_samples(desk: Desk) -> None:
    number = await desk.new(StartDate="2020-05-28T15:00:00", EndDate="2020-05-28T16:00:00", Title="Old")
    for text, is_found in (
        ("date before '2020-05-28'", False),
        ("date before '2020-05-29'", True),
        ("date after '2020-05-28'", False),
        ("date date '2020-05-28'", True),
        ("date between ('2020-05-11','2020-05-31')", True),
        ("date beforeOrEqual '2020-05-28'", True),
        ("date dateTime '2020-05-28T15:00:00'", True),
        ("date beforeTime '2020-05-28T15:00:00'", False),
        ("date afterTime '2020-05-28T15:00:01'", False),
        ("date afterTime '2010-12-02Z12:00:00' and registeredBy associateIsOneOf (1,6)", True),
        ("registeredBy associateIsNotOneOf (1,6)", False),
        ("associateId currentAssociate", True),
        ("type notOneOf (3,6)", True),
        ("appointmentId le 100000", True),
        ("contact/name notEnds 'Landing'", True),
        ("getAllRows=true", True),
        ("date beforeToday", True),
        ("date thisYear", False),
        ("startswith(text,'x') or this(date,week)", False),
    ):
        assert (await ids(desk, f"appointmentId eq {number} and ({text})") == [number]) is is_found, text


@pytest.mark.clause("SO-ODATA-006")
async def test_what_a_filter_holds_that_cannot_be_understood_is_named(desk: Desk) -> None:
    for text, said in (
        ("foo eq 1", "character 1, 'foo': there is no such column"),
        ("date sometime '2020-01-01'", "character 6, 'sometime'"),
        ("date before 'soon'", "character 13, 'soon'"),
        ("(date today", "character 1, '(': this bracket is never closed"),
    ):
        answer = await ask(desk, filter=text)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request"), text
        assert said in answer.json()["ErrorMessage"]
        desk.served.assert_body("superoffice", answer)


@pytest.mark.clause("SO-ODATA-007")
async def test_order(desk: Desk) -> None:
    found = await rows(desk, orderBy="associateId desc,date asc", select="associateId,date", top=1000)
    places = [(row["associateId"].lower(), row["date"]) for row in found]
    assert places == sorted(
        sorted(places, key=lambda place: place[1]), key=lambda place: place[0], reverse=True
    )
    assert len({name for name, _date in places}) > 2
    assert await rows(desk, orderby="date desc", top=3) == await rows(desk, orderBy="date desc", top=3)


@pytest.mark.clause("SO-ODATA-008")
async def test_top_and_skip(desk: Desk) -> None:
    whole = await ids(desk, "getAllRows set true", top=1000)
    assert whole == sorted(whole)
    assert await ids(desk, "", top=3, skip=2) == whole[2:5]
    assert (await page(desk, top=0))["value"] == []
    assert (await page(desk, top=0))["odata.nextLink"] is None
    assert await ids(desk, "", skip=100_000) == []
    assert len(await rows(desk)) == min(100, len(whole))


@pytest.mark.clause("SO-ODATA-009")
@pytest.mark.parametrize(
    "order",
    [
        "",
        "date",
        "date desc",
        "endDate desc,location",
        "location",
        "location desc",
        "text",
        "text desc",
        "updatedDate",
        "updatedDate desc",
        "completedDate desc",
        "completed desc,date desc",
        "rawStatus desc",
        "type",
        "type desc",
        "priority desc",
        "contact/name",
        "contact/name desc,person/fullName",
        "associate/fullName desc,date",
        "sale/amount desc",
        "project/name",
        "recordType desc",
        "alarm,isFree desc",
        "appointmentId desc",
        "registeredDate desc",
        "updatedByFullName",
        "appointmentUdef/SuperOffice:2",
        "appointmentUdef/SuperOffice:1 desc",
        "appointmentUdef/SuperOffice:4 desc",
        "appointmentPublish/publishedFrom desc",
        "recurring",
    ],
)
async def test_the_link_leads_through_all_rows_once(desk: Desk, order: str) -> None:
    kari = desk.of("kari")
    whole = await rows(kari, orderBy=order, select="appointmentId", top=1000)
    found = await followed(kari, orderBy=order, select="appointmentId", top=13)
    assert [row["PrimaryKey"] for row in found] == [row["PrimaryKey"] for row in whole]
    assert len(whole) > 50


@pytest.mark.clause("SO-ODATA-009")
async def test_rows_that_come_and_go_between_pages_disturb_nobody(desk: Desk) -> None:
    made = [await desk.new(StartDate=f"{FAR}-{day:02}T10:00:00") for day in (10, 12, 14, 16)]
    text = f"date between ('{FAR}-10','{FAR}-16')"
    first = await page(desk, filter=text, orderBy="date", top=2, select="appointmentId")
    await desk.call("DELETE", made[1])
    await desk.new(StartDate=f"{FAR}-11T10:00:00")
    answer = await desk.served.client.get(first["odata.nextLink"], headers=desk.served.basic("demo"))
    assert [row["appointmentId"] for row in answer.json()["value"]] == made[2:]
    assert answer.json()["odata.nextLink"] is None


@pytest.mark.clause("SO-ODATA-009")
async def test_records_that_change_between_pages_keep_the_place(desk: Desk) -> None:
    options = {"orderBy": "contact/name desc", "select": "appointmentId", "filter": "contactId gt 0"}
    whole = await rows(desk, top=1000, **options)
    first = await page(desk, top=len(whole) - 2, **options)
    store = desk.served.parts.store
    tyne = (await store.directory(1)).contacts[3]
    # Its rows, the first of all, become the last: every other record's rank is another now.
    await store.put_records(1, [replace(tyne, name="AAA")])
    try:
        answer = await desk.served.client.get(first["odata.nextLink"], headers=desk.served.basic("demo"))
    finally:
        await store.put_records(1, [tyne])
    assert answer.json()["value"][:2] == whole[-2:]


async def test_a_link_of_another_list_is_refused(desk: Desk) -> None:
    link = (await page(desk, top=1, orderBy="date"))["odata.nextLink"]
    answer = await desk.served.client.get(
        link.replace("$orderBy=date", "$orderBy=location"), headers=desk.served.basic("demo")
    )
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request")


@pytest.mark.clause("SO-ODATA-010")
async def test_full_mode(desk: Desk) -> None:
    number = await desk.new(Contact={"ContactId": 2}, Task={"TaskListItemId": 1}, HasAlarm=True)
    (row,) = await rows(
        desk.sending(SO_Language="en"),
        mode="FULL",
        filter=f"appointmentId eq {number}",
        select="contactId,type,alarm,completedDate",
    )
    assert row == {
        "PrimaryKey": number,
        "EntityName": "appointment",
        "StyleHint": "",
        "LinkHint": f"nav=appointment&appointment_id={number}",
        "TableRight": {"Mask": 15, "Reason": ""},
        "Column": {
            "contactId": {
                "RawValue": 2,
                "DisplayValue": "2",
                "LinkHint": "nav=contact&contact_id=2",
                "TooltipHint": "{contact_id=2}",
            },
            "type": {
                "RawValue": 1,
                "DisplayValue": "Meeting",
                "LinkHint": "",
                "TooltipHint": f"{{appointment_id={number}}}",
            },
            "alarm": {
                "RawValue": True,
                "DisplayValue": "True",
                "LinkHint": "",
                "TooltipHint": f"{{appointment_id={number}}}",
            },
            "completedDate": {
                "RawValue": "0001-01-01T00:00:00",
                "DisplayValue": "0001-01-01T00:00:00",
                "LinkHint": "",
                "TooltipHint": f"{{appointment_id={number}}}",
            },
        },
    }


@pytest.mark.clause("SO-ODATA-011")
async def test_wide_mode_and_icons(desk: Desk) -> None:
    number = await desk.new(Task={"TaskListItemId": 1}, HasAlarm=True)
    options = {"filter": f"appointmentId eq {number}", "select": "type,alarm"}
    (row,) = await rows(desk, mode="wide", **options)
    assert (row["type:raw"], row["alarm:raw"], row["alarm"]) == (1, True, True)
    (row,) = await rows(desk, output="Display", **options)
    assert row["alarm"] == "alarm"


@pytest.mark.clause("SO-ODATA-012")
async def test_totals(desk: Desk) -> None:
    whole = len(await rows(desk, top=1000))
    for options in ({"options": "GrandTotal=true"}, {"inlineCount": "allpages"}):
        found = await page(desk, top=2, **options)
        assert (found["odata.count"], len(found["value"])) == (whole, 2)
    counted = await page(desk, select="Count(appointmentId):Footer,date", top=1)
    assert [row["EntityName"] for row in counted["value"]] == ["appointment", "Footer"]
    assert counted["value"][-1] == {"PrimaryKey": "", "EntityName": "Footer", "Count(appointmentId)": whole}
    hidden = await page(desk, select="CountAll(date):HideDetail:Footer", mode="Full")
    (footer,) = hidden["value"]
    assert footer["Column"]["CountAll(date)"]["RawValue"] == whole
    assert hidden["odata.nextLink"] is None
    refused = await ask(desk, select="Sum(appointmentId)")
    assert refused.status_code == 400


@pytest.mark.clause("SO-ODATA-013")
async def test_entities(desk: Desk) -> None:
    assert await rows(desk, entities="Appointment,sale", top=2)
    assert await rows(desk, entities="sale", options="GrandTotal=true") == []


@pytest.mark.clause("SO-ODATA-014")
async def test_xml_by_accept_or_by_format(desk: Desk) -> None:
    xml = {"Accept": "application/xml"}
    for options, headers in (({}, xml), ({"format": "xml"}, {})):
        answer = await ask(desk, headers=headers, top=1, select="date,contact/name", **options)
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
        root = ET.fromstring(answer.text)  # our own answer
        (item,) = root.findall("value/*")
        assert (root.tag, [part.tag for part in item][:3]) == (
            "ODataSlimResponse",
            ["PrimaryKey", "EntityName", "date"],
        )
    assert (await ask(desk, headers=xml, top=1, format="json")).json()["value"]


@pytest.mark.clause("SO-ODATA-015")
async def test_dates_stand_in_the_callers_zone(desk: Desk) -> None:
    number = await desk.new(StartDate=f"{FAR}-20T01:00:00", EndDate=f"{FAR}-20T02:00:00")
    york = {"SO-TimeZone": "US-NY,includeTZOffset"}
    answer = await ask(desk, headers=york, filter=f"appointmentId eq {number}", select="date,endDate")
    assert [row["date"] for row in answer.json()["value"]] == [f"{FAR}-19T19:00:00-04:00"]
    for day, expected in (("19", [number]), ("20", [])):
        text = f"appointmentId eq {number} and date date '{FAR}-{day}'"
        found = await ask(desk, headers=york, filter=text)
        assert [row["appointmentId"] for row in found.json()["value"]] == expected


@pytest.mark.clause("SO-ODATA-016")
async def test_custom_fields_are_columns(desk: Desk) -> None:
    number = await desk.new(
        CustomFields={
            "SuperOffice:1": "Ærlig",
            "SuperOffice:2": 7,
            "SuperOffice:3": "2026-02-03",
            "SuperOffice:5": 2,
        }
    )
    own = ",".join(f"appointmentUdef/SuperOffice:{field}" for field in range(1, 6))
    (row,) = await rows(desk, filter="appointmentUdef/SuperOffice:1 begins 'ÆR'", select=own)
    assert list(row.values())[2:] == ["Ærlig", 7, "2026-02-03T00:00:00", False, "Phone"]
    for text in (
        "appointmentUdef/SuperOffice:2 between (7,8)",
        "appointmentUdef/SuperOffice:3 before '2026-02-04'",
        "appointmentUdef/SuperOffice:4 set false and appointmentUdef/SuperOffice:5 oneOf (2)",
    ):
        assert number in await ids(desk, text, top=1000), text


@pytest.mark.clause("SO-ODATA-016")
async def test_fields_that_nobody_defined_are_columns(desk: Desk) -> None:
    first, second = [await desk.new(ExtraFields={"x_foobar": text}) for text in ("baz", "Bar")]
    other = await desk.new(Title="Has none")
    among = f"appointmentId oneOf ({first},{second},{other})"
    found = await rows(desk, filter=among, select="appointmentId,x_foobar,x_other", orderBy="x_foobar desc")
    told = [(row["appointmentId"], row["x_foobar"], row["x_other"]) for row in found]
    assert told == [(first, "baz", ""), (second, "Bar", ""), (other, "", "")]
    for text, expected in (
        ("x_foobar eq 'BAZ'", [first]),
        ("x_foobar begins 'ba'", [first, second]),
        ("x_foobar isNull", [other]),
        ("X_foobar ne 'bar'", [first, other]),
    ):
        assert await ids(desk, f"{among} and {text}", orderBy="appointmentId") == expected, text
    walked = await followed(desk, filter=among, select="appointmentId", orderBy="x_foobar,date", top=1)
    assert [row["appointmentId"] for row in walked] == [other, second, first]
    for name in ("x_claimant_name", "x_foo'", "x_foo;--", "x_foo:org", "x_", "x_é", "x_" + "y" * 63):
        for answer in (await ask(desk, filter=f"{name} is 'x'"), await ask(desk, orderBy=name)):
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request"), name
    for name in ("x_claimant_name", "x_foo'", "x_foo;--", "x_é"):
        assert list((await rows(desk, select=name, top=1))[0]) == ["PrimaryKey", "EntityName"], name
    answer = await ask(desk, filter="x_foobar is 'x'", select="x_fooBar")
    assert "spelt in two ways" in answer.json()["ErrorMessage"]


@pytest.mark.clause("SO-ODATA-017")
async def test_private_rows_of_others_show_start_and_end(desk: Desk) -> None:
    number = await desk.served.private_of_kari()
    (row,) = await rows(desk, filter=f"appointmentId eq {number}", top=1)
    seen = {
        "PrimaryKey",
        "EntityName",
        "date",
        "endDate",
        "time",
        "endTime",
        "appointmentId",
        "associateId",
        "recurring",
    }
    told = {name for name, value in row.items() if value not in ("", 0, False, "0001-01-01T00:00:00")}
    assert told <= seen
    assert row["associateId"] == "kari"
    assert await ids(desk, f"appointmentId eq {number} and text contains 'Secret'") == []
    assert await ids(desk.of("kari"), f"appointmentId eq {number} and text contains 'Secret'") == [number]
    (full,) = await rows(desk, filter=f"appointmentId eq {number}", mode="Full", select="text")
    assert full["TableRight"]["Mask"] == 16


async def test_another_tenants_rows_are_nobodys(desk: Desk) -> None:
    found = await rows(desk, filter="text contains 'Foreign'", top=1000)
    assert found == []
    answer = await desk.served.client.get(BASE)
    assert answer.status_code == 401
