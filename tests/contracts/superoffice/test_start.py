"""What a client needs to start: versions, who it is, lists, zones and texts (Web API, REST)."""

import re
from typing import Any

import httpx
import pytest

from appointed.domain.directory import Contact, Priority
from appointed.superoffice.start.lists import LISTS, LONGEST
from appointed.superoffice.start.table import ADDRESSES
from appointed.usecases.administer import CreateTenant
from tests.contracts.served import Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

JSON = {"Accept": "application/json"}
NORWEGIAN = {"SO-Language": "no"}

# List → the first item's id, name and ExtraInfo in the demo tenant.
FIRST = {
    "associate": (1, "Demo Administrator", "person_id=1&contact_id=1"),
    "contact_new": (1, "Appointed Demo AS", "1"),
    "person": (6, "Alice Grey", ""),
    "priority": (1, "Low", ""),
    "project": (1, "New harbour office", ""),
    "rejectReason": (1, "Busy", ""),
    "task": (1, "Meeting", ""),
    "sale": (1, "Yearly agreement (Fjord Shipping, Bergen)", "Yearly agreement"),
}


async def got(served: Served, path: str, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await served.so("GET", path, headers=sent)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["Name"] for item in items]


@pytest.mark.clause("SO-API-001", "SO-API-002")
async def test_versions_are_told_to_everyone(served: Served) -> None:
    page = await served.client.get("/api")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>" in page.text
    told = await served.client.get("/api/", headers=JSON)
    assert told.headers["content-type"] == "application/json; charset=utf-8"
    keys = "v1 Version NetServerVersion NetServerAssembly NetServerDate NetServerLabel NetServer Services"
    assert list(told.json()) == [*keys.split(), "ServicesCurrent"]
    assert told.json()["v1"] == f"{served.client.base_url}/api/v1"


@pytest.mark.clause("SO-API-003")
async def test_addresses_are_told_to_everyone(served: Served) -> None:
    told = (await served.client.get("/api/v1")).json()
    base = str(served.client.base_url)
    assert told[f"{base}/api/v1/Appointment/{{id}}"].keys() == {"GET", "PUT", "PATCH", "DELETE"}
    assert all(isinstance(text, str) and text for verbs in told.values() for text in verbs.values())
    described = {path.removeprefix(base) for path in told}
    assert {f"/api/v1/{path}" for path in ADDRESSES} <= described
    page = await served.client.get("/api/v1", headers={"Accept": "application/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "/api/v1/Appointment/{id}" in page.text


@pytest.mark.clause("SO-USER-001", "SO-USER-002", "SO-USER-003")
async def test_who_am_i(served: Served) -> None:
    principal, associate, user = [
        (await served.client.get(f"/api/v1/user/{name}", headers=served.basic("kari"))).json()
        for name in ("currentPrincipal", "currentAssociate", "current")
    ]
    assert principal["AssociateId"] == associate["AssociateId"] == user["AssociateId"] == 2
    assert (principal["Associate"], associate["FullName"]) == ("kari", "Kari Nordmann")
    assert (associate["Type"], associate["GroupIdx"]) == ("InternalAssociate", 2)
    assert user["Role"]["Value"] == principal["RoleName"] == "Agent"
    assert user["UserGroup"]["Value"] == "Second department"
    assert user["OtherGroups"] == []
    assert user["Person"]["Lastname"] == "Nordmann"
    client = (await served.client.get("/api/v1/User/current", headers=served.bearer)).json()
    assert (client["Type"], client["Person"]) == ("SystemAssociate", None)
    assert [group["Id"] for group in client["OtherGroups"]] == [2]


@pytest.mark.clause("SO-USER-004")
async def test_one_associate(served: Served) -> None:
    assert (await got(served, "Associate/4"))["Type"] == "ResourceAssociate"
    everyone = await got(served, "Associate")
    assert [who["AssociateId"] for who in everyone] == [1, 2, 3, 4, 5]
    absent = await served.so("GET", "Associate/99")
    assert (absent.status_code, absent.headers["appointed-error"]) == (404, "record_not_found")
    served.assert_body("superoffice", absent)


@pytest.mark.clause("SO-MDO-001")
async def test_names_of_lists(served: Served) -> None:
    assert await got(served, "MDOList") == [*(one.name for one in LISTS), "udlist5"]


@pytest.mark.clause("SO-MDO-002", "SO-LIST-associate", "SO-LIST-contact_new", "SO-LIST-person")
@pytest.mark.clause("SO-LIST-priority", "SO-LIST-project", "SO-LIST-rejectReason", "SO-LIST-task")
@pytest.mark.clause("SO-LIST-sale")
@pytest.mark.parametrize("name", sorted(FIRST))
async def test_the_lists_behind_the_fields(served: Served, name: str) -> None:
    items = await got(served, f"MDOList/{name}", SO_Language="en")
    first = items[0]
    assert (first["Id"], first["Name"], first["ExtraInfo"]) == FIRST[name]
    assert first.keys() >= {"ToolTip", "Deleted", "Rank", "Type", "IconHint", "ColorBlock", "StyleHint"}
    assert all(item["ChildItems"] == [] for item in items)
    assert await got(served, f"mdolist/{name.upper()}/", SO_Language="en") == items


@pytest.mark.clause("SO-MDO-002")
async def test_links_of_an_appointment_lead_to_its_lists(served: Served) -> None:
    links = (await got(served, "Appointment/1"))["_Links"]
    found = {rel: link for rel, link in links.items() if rel.endswith(".List")}
    assert len(found) == 8
    for link in found.values():
        answer = await served.client.get(link, headers=served.basic("demo"))
        assert (answer.status_code, isinstance(answer.json(), list)) == (200, True), link


@pytest.mark.clause("SO-MDO-003")
async def test_selectable(served: Served) -> None:
    (first, *_others) = await got(served, "MDOList/task/selectable", SO_Language="no")
    assert (first["Name"], first["Selected"], first["Hidden"]) == ("Møte", False, False)
    assert first["LastChanged"] == "0001-01-01T00:00:00"


@pytest.mark.clause("SO-MDO-004")
async def test_headings_and_flat(served: Served) -> None:
    groups = await got(served, "MDOList/associateheadings")
    assert names(groups) == ["Demo department", "Second department"]
    assert names(groups[1]["ChildItems"]) == ["Kari Nordmann"]
    flat = await got(served, "MDOList/associateheadings?flat=true")
    assert names(flat) == ["Demo Administrator", "Meeting room 1", "Ola Nordmann", "Kari Nordmann"]
    assert groups == await got(served, "MDOList/associateheadings?FLAT=false")


@pytest.mark.clause("SO-MDO-005")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("MDOList/associateheadings?query=nordmann", ["Ola Nordmann", "Kari Nordmann"]),
        ("MDOList/person?query=nordmann ola", ["Ola Nordmann"]),
        ("MDOList/person?query=TYNE", ["Alice Grey"]),
        ("MDOList/priority?query=middels", ["Middels"]),
        ("MDOList/priority?query=medium", []),
        ("MDOList/contact_new?query=%25", []),
        ("List/Task/MDOItems?query=video", ["Videomøte"]),
    ],
)
async def test_words(served: Served, query: str, found: list[str]) -> None:
    assert names(await got(served, query, SO_Language="no")) == found


@pytest.mark.clause("SO-MDO-006")
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("contact?additional=contact_id%3D3,2", [2, 3]),
        ("person?additional=contact_id%3D2", [4, 5]),
        ("person?additional=contact_id%3D2%26person_id%3D5", [5]),
        ("sale?additional=project_id%3D9", []),
        ("sale?additional=hasQuoteOnly%3D1", [1]),
        ("associate?additional=group_id%3D2", [2]),
        ("associate?additional=nonsense", [1, 2, 4, 3]),
    ],
)
async def test_context(served: Served, query: str, ids: list[int]) -> None:
    assert [item["Id"] for item in await got(served, f"MDOList/{query}")] == ids


@pytest.mark.clause("SO-MDO-007")
async def test_tasks(served: Served) -> None:
    items = await got(served, "List/Task/Items", SO_Language="en")
    assert [item["Value"] for item in items] == ["Meeting", "Phone call", "To-do", "Video meeting"]
    assert items[1] == await got(served, "list/task/items/2", SO_Language="en")
    assert (items[1]["Type"], items[1]["Direction"]) == ("Phone", "Outgoing")
    new = await got(served, "List/Task/Items/Default")
    assert (new["TaskListItemId"], new["Type"]) == (0, "Appointment")
    assert (await served.so("GET", "List/Task/Items/99")).status_code == 404


@pytest.mark.clause("SO-MDO-008", "SO-MDO-009", "SO-MDO-010")
async def test_lists_as_records(served: Served) -> None:
    lists = {one["Name"]: one for one in await got(served, "List")}
    priority = lists["priority"]
    items = await got(served, "List/Priority/Items", Accept_Language="en")
    assert names(items) == ["Low", "Medium", "High"]
    assert {item["UdListDefinitionId"] for item in items} == {priority["Id"]}
    assert items == await got(served, f"List/{priority['Id']}/Items", Accept_Language="en")
    assert items[2] == await got(served, "List/priority/Items/3", Accept_Language="en")
    assert priority == await got(served, "List/Priority")
    assert names(await got(served, "List/Task/MDOItems", SO_Language="en"))[0] == "Meeting"
    assert (await got(served, "List/default"))["Id"] == 0
    assert (await got(served, "List/Priority/Items/default"))["UdListDefinitionId"] == priority["Id"]


@pytest.mark.clause("SO-ZONE-001")
async def test_zones(served: Served) -> None:
    table = await got(served, "TimeZone")
    assert list(table) == ["odata.metadata", "odata.nextLink", "value"]
    oslo = next(row for row in table["value"] if row["timeZone"] == "NO")
    assert (oslo["PrimaryKey"], oslo["id"], oslo["country"], oslo["region"]) == ("261", 261, "Norway", "Oslo")
    assert oslo["offset"] == (120 if oslo["daylight"] else 60)
    assert oslo["isActive"] is True
    part = await got(served, "TimeZone?$select=id,timeZone&$top=2&$skip=1")
    assert [list(row) for row in part["value"]] == [["PrimaryKey", "EntityName", "id", "timeZone"]] * 2
    assert part["value"][0]["id"] == table["value"][1]["id"]


@pytest.mark.clause("SO-ZONE-001")
async def test_zones_are_followed_to_the_end(served: Served) -> None:
    every = [row["id"] for row in (await got(served, "TimeZone"))["value"]]
    found: list[int] = []
    path = "TimeZone?$select=id&$top=100&$filter=id gt 0"
    while path:
        page = await got(served, path)
        assert {tuple(row) for row in page["value"]} == {("PrimaryKey", "EntityName", "id")}
        found += [row["id"] for row in page["value"]]
        path = (page["odata.nextLink"] or "").partition("/api/v1/")[2]
    assert len(every) > 500
    assert found == every
    assert (await got(served, f"TimeZone?$top=5&$skip={len(every) - 5}"))["odata.nextLink"] is None
    assert (await got(served, "TimeZone?$top=0"))["odata.nextLink"] is None


async def test_zones_are_filtered_and_ordered(served: Served) -> None:
    query = "TimeZone?$filter=country eq 'norway' or timeZone in ('US-NY', 'UTC')&$orderBy=id desc"
    assert [row["timeZone"] for row in (await got(served, query))["value"]] == ["US-NY", "NO", "UTC"]
    counts = [len((await got(served, f"TimeZone?$filter=daylight eq {one}"))["value"]) for one in (0, 1)]
    assert sum(counts) == len((await got(served, "TimeZone"))["value"])
    first = (await got(served, "TimeZone?$orderBy=offset,id&$top=1"))["value"]
    assert first[0]["offset"] == -660


@pytest.mark.clause("SO-ZONE-001")
async def test_zones_take_every_option_of_a_list(served: Served) -> None:
    count = len((await got(served, "TimeZone"))["value"])
    full = await got(served, "TimeZone?$mode=Full&$filter=id eq 261&$inlineCount=allpages")
    (row,) = full["value"]
    assert (row["PrimaryKey"], row["Column"]["timeZone"]["DisplayValue"], full["odata.count"]) == (
        261,
        "NO",
        1,
    )
    counted = await got(served, "TimeZone?$select=Count(id):HideDetail")
    assert counted["value"] == [{"PrimaryKey": "", "EntityName": "Footer", "Count(id)": count}]
    assert (await got(served, "TimeZone?$options=GrandTotal=true&$top=1"))["odata.count"] == count
    assert (await got(served, "TimeZone?$entities=contact"))["value"] == []
    assert len((await got(served, "TimeZone?$entities=timezone"))["value"]) == count
    (shown,) = (await got(served, "TimeZone?$output=Display&$top=1"))["value"]
    assert shown["isActive"] == "isActive"


@pytest.mark.parametrize(
    ("form", "accept", "kind"),
    [
        ("xml", "application/json", "application/xml"),
        ("json", "application/xml", "application/json"),
        ("json", "image/png", "application/json"),
    ],
)
async def test_the_form_of_zones_comes_before_accept(
    served: Served, form: str, accept: str, kind: str
) -> None:
    for path in ("TimeZone", "Contact"):
        answer = await served.so("GET", f"{path}?$format={form}&$top=1", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8")


@pytest.mark.clause("SO-ZONE-002", "SO-ZONE-003")
async def test_base_and_current_zone(served: Served) -> None:
    base = await got(served, "TimeZone/base", SO_TimeZone="US-NY")
    assert (base["TZLocationID"], base["TZLocationCode"], base["TZLocationCities"]) == (261, "NO", "Oslo")
    (winter,), (summer,) = base["TimeZoneSTDRules"].values(), base["TimeZoneDSTRules"].values()
    assert (winter["TZOffset"], summer["TZOffset"]) == (60, 120)
    assert await got(served, "TimeZone/current") == base
    assert (await got(served, "TimeZone/current", SO_TimeZone="US-NY"))["TZLocationID"] == 460


@pytest.mark.clause("SO-TEXT-001", "SO-TEXT-002")
async def test_texts(served: Served) -> None:
    texts = await got(served, "String/SR_YES")
    assert (texts["SR_YES"]["en"], texts["SR_YES"]["no"]) == ("Yes", "Ja")
    assert await got(served, "String/SR_YES?isoLangCode=nb-no") == {"SR_YES": {"no": "Ja"}}
    assert await got(served, "String/SR_YES", Accept_Language="de") == {"SR_YES": {"de": "Ja"}}
    several = await got(served, "String/SR_YES,[sr_no],SR_NOTHING?isoLangCode=en")
    assert several == {"SR_YES": {"en": "Yes"}, "SR_NO": {"en": "No"}, "SR_NOTHING": {}}
    posted = await served.so("POST", "String?isoLangCode=en", json=["SR_YES", "SR_NO"])
    assert posted.json() == {"SR_YES": {"en": "Yes"}, "SR_NO": {"en": "No"}}


@pytest.mark.clause("SO-TEXT-003", "SO-TEXT-004", "SO-TEXT-005")
async def test_names_and_languages_of_texts(served: Served) -> None:
    assert "SR_VFC_ALL" in await got(served, "String?q=alle")
    assert await got(served, "String?q=no such word at all") == []
    assert await got(served, "String/SR_YES/no") == "Ja"
    assert await got(served, "String/sr_yes/xx") == "Yes"
    assert (await served.so("GET", "String/SR_NOTHING/no")).status_code == 404
    assert {"da", "de", "en", "fr", "nl", "no", "sv"} <= set(await got(served, "String/KnownLanguages"))


async def test_a_deleted_item_is_in_no_list(served: Served) -> None:
    tenant = await tenant_of_its_own(served, "deleted")
    await served.parts.store.put_records(tenant, (Priority(id=9, value="Gone", is_deleted=True),))

    async def ids(path: str) -> list[int]:
        answer = await served.client.get(f"/api/v1/{path}", headers=served.basic("deleted"))
        return [item["Id"] for item in answer.json()]

    assert await ids("MDOList/priority") == await ids("List/Priority/Items") == [1, 2, 3]
    assert sorted(await ids("List/Priority/Items?includeDeleted=true")) == [1, 2, 3, 9]


async def test_every_answer_is_there_in_xml_too(served: Served) -> None:
    for path in ("MDOList/priority", "User/current", "TimeZone/base", "String/SR_YES", "MDOList", "List"):
        answer = await served.so("GET", path, headers={"Accept": "application/xml"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    assert "<string" in (await served.so("GET", "MDOList", headers={"Accept": "text/xml"})).text


async def tenant_of_its_own(served: Served, login: str) -> int:
    """Make a tenant whose only login has this name, as its password is."""
    command = CreateTenant(name=f"Tenant of {login}", zone="Europe/London", login=login, password=login)
    return int((await served.parts.administrator.run(command))["tenant"])


async def test_another_tenant_sees_its_own(served: Served) -> None:
    await tenant_of_its_own(served, "lists")
    sent = served.basic("lists")
    answer = await served.client.get("/api/v1/MDOList/contact_new", headers=sent)
    assert names(answer.json()) == ["Tenant of lists"]
    assert (await served.client.get("/api/v1/Associate/2", headers=sent)).status_code == 404
    assert (await served.client.get("/api/v1/TimeZone/base", headers=sent)).json()["Name"] == "Europe/London"


ALL = [(verb, path) for path, verbs in sorted(ADDRESSES.items()) for verb in verbs]


@pytest.mark.parametrize(("verb", "path"), ALL, ids=[f"{verb} {path}" for verb, path in ALL])
async def test_nobody_unknown_is_answered(served: Served, verb: str, path: str) -> None:
    answer = await served.client.request(verb, f"/api/v1/{re.sub(r'{.*?}', '1', path)}")
    assert (answer.status_code, answer.headers["appointed-error"]) == (401, "unauthenticated")
    served.assert_body("superoffice", answer)


BAD = [
    ("MDOList/nonsense", 404),
    ("MDOList/task?flat=perhaps", 400),
    (f"MDOList/{'x' * 5_000}", 400),
    (f"MDOList/task?query={'x' * 5_000}", 400),
    ("MDOList/task?query=%00", 200),
    ("MDOList/task'%20OR%201=1", 404),
    (f"MDOList/task?additional={'contact_id%3D1;' * 200}", 200),
    ("List/contact/Items", 404),
    ("List/999/Items", 404),
    ("List/priority/Items/x", 400),
    ("List/priority/Items/99999999999", 400),
    ("Associate/0x1", 400),
    ("Associate/99999999999999999999", 400),
    ("TimeZone?$filter=iana eq 'Europe/Oslo'", 400),
    ("TimeZone?$filter=id eq", 400),
    ("TimeZone?$orderBy=iana", 400),
    ("TimeZone?$top=many", 400),
    ("TimeZone/base?x=1", 200),
    ("TimeZone/current", 400),
    (f"String/{','.join(['SR_YES'] * 201)}", 400),
    ("String/SR_YES?isoLangCode=%FF", 200),
    ("String/%F0%9F%98%80/en", 404),
]


@pytest.mark.parametrize(("path", "status"), BAD, ids=lambda value: str(value)[:40])
async def test_bad_input_is_answered_in_the_contracts_form(served: Served, path: str, status: int) -> None:
    headers = {"SO-TimeZone": "nowhere"} if path == "TimeZone/current" else {}
    answer: httpx.Response = await served.so("GET", path, headers=headers)
    assert answer.status_code == status, answer.text
    if status >= 400:
        served.assert_body("superoffice", answer)


async def test_a_long_list_is_cut(served: Served) -> None:
    tenant = await tenant_of_its_own(served, "long")
    many = [Contact(id=0, name=f"Many {number:05}") for number in range(LONGEST + 10)]
    await served.parts.store.put_records(tenant, many)

    async def found(query: str) -> list[str]:
        answer = await served.client.get(f"/api/v1/MDOList/contact{query}", headers=served.basic("long"))
        return names(answer.json())

    assert len(await found("")) == LONGEST
    assert await found("?query=many 01005") == ["Many 01005"]
