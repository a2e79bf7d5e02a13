"""The agents: how a method is called, and what each of them answers (Agents WebAPI)."""

from typing import Any

import httpx
import pytest
from lxml import etree

from appointed.superoffice.agents.table import AGENTS
from tests.contracts.served import Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

METHODS = [f"{agent}/{method}" for agent, methods in AGENTS.items() for method in methods]
NULL = "null"


async def call(
    served: Served, method: str, body: Any = None, login: str = "demo", **headers: str
) -> httpx.Response:
    """Call a method as the client does: what is no argument goes as the body null."""
    sent = served.basic(login) | {"Accept": "application/json", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.client.post(f"/api/v1/Agents/{method}", json=body, headers=sent)


async def asked(served: Served, method: str, body: Any = None, **headers: str) -> Any:
    answer = await call(served, method, body, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(served: Served, method: str, body: Any, status: int, login: str = "demo") -> str:
    answer = await call(served, method, body, login)
    assert answer.status_code == status, answer.text
    served.assert_body("superoffice", answer)
    return str(answer.json()["Message"])


@pytest.mark.clause("SO-AGENT-001")
@pytest.mark.parametrize("method", METHODS)
async def test_a_get_describes_and_calls_nothing(served: Served, method: str) -> None:
    before = await served.snapshot()
    answer = await served.so("GET", f"Agents/{method}?appointmentEntityId=2")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert "Call it with POST." in answer.text
    assert await served.snapshot() == before
    assert (await served.so("PUT", f"Agents/{method}")).status_code == 405


@pytest.mark.clause("SO-AGENT-001", "SO-HEADER-008")
@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("application/xml", "application/xml"),
        ("text/xml;q=0.9, text/plain;q=0.1", "application/xml"),
        ("application/json", "text/plain"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "text/plain"),
    ],
)
async def test_a_description_comes_as_xml_to_those_who_want_it(
    served: Served, accept: str, form: str
) -> None:
    address = "Agents/Associate/GetAssociate"
    answer = await served.so("GET", address, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == f"{form}; charset=utf-8"
    plain = (await served.so("GET", address)).text
    said = etree.fromstring(answer.content).text if form == "application/xml" else answer.text
    assert said == plain


@pytest.mark.clause("SO-AGENT-002", "SO-AGENT-007")
async def test_an_id_stands_in_the_query(served: Served) -> None:
    for name in ("associateId", "AssociateId", "ASSOCIATEID"):
        assert (await asked(served, f"Associate/GetAssociate?{name}=2"))["Name"] == "kari"
    for absent in (0, 99, -1):
        assert await asked(served, f"Associate/GetAssociate?associateId={absent}") is None


@pytest.mark.clause("SO-AGENT-003")
async def test_a_carrier_or_array_is_the_body(served: Served) -> None:
    found = await asked(served, "Associate/GetAssociateList", [2, "3", 99])
    assert [who["AssociateId"] for who in found] == [2, 3]
    assert await asked(served, "Associate/GetAssociateList", []) == []
    for body in ({"AssociateIds": [2]}, [None], ["x"], [1.5], "2"):
        await refused(served, "Associate/GetAssociateList", body, 400)


@pytest.mark.clause("SO-AGENT-004", "SO-AGENT-016")
async def test_arguments_are_members_in_any_case(served: Served) -> None:
    body = {"name": "TASK", "forceFlatList": True, "additionalInfo": None, "OnlyHistory": False}
    pascal = {"Name": "task", "ForceFlatList": "true", "AdditionalInfo": "", "unheard": [1]}
    items = await asked(served, "MDO/GetList", body, SO_Language="en")
    assert [item["Name"] for item in items] == ["Meeting", "Phone call", "To-do", "Video meeting"]
    assert await asked(served, "mdo/getlist", pascal, SO_Language="en") == items
    assert "Name" in await refused(served, "MDO/GetList", {}, 400)
    assert "Name" in await refused(served, "MDO/GetList", {"Name": 5}, 400)
    assert "object" in await refused(served, "MDO/GetList", ["task"], 400)


@pytest.mark.clause("SO-AGENT-005")
async def test_no_arguments(served: Served) -> None:
    assert await asked(served, "TimeZone/GetBaseTimeZoneId") == 261
    for content in (b"", b"null", b"{}"):
        answer = await served.so("POST", "Agents/TimeZone/GetBaseTimeZoneId", content=content)
        assert (answer.status_code, answer.json()) == (200, 261)


@pytest.mark.clause("SO-AGENT-009")
@pytest.mark.parametrize("method", ["Appointment/Nothing", "Nothing/GetList", "MDO", "MDO/GetList/More"])
async def test_what_is_not_there_is_404(served: Served, method: str) -> None:
    assert "/api/v1/Agents/" in await refused(served, method, None, 404)


@pytest.mark.clause("SO-AGENT-008", "SO-AGENT-018")
async def test_select(served: Served) -> None:
    body = {"GroupId": 2, "Type": 2}
    found = await asked(served, "Associate/GetAssociatesByGroup?$select=AssociateId,Name", body)
    assert [(who["AssociateId"], who["Name"], who["FullName"]) for who in found] == [
        (2, "kari", None),
        (5, "demo client", None),
    ]
    assert await asked(served, "Associate/GetAssociatesByGroup", {"groupId": 2, "type": 3}) == []
    (only,) = [who for who in found if who["AssociateId"] == 2]
    assert (await asked(served, "Associate/GetAssociateByPersonId", {"PersonId": 2}))["Name"] == only["Name"]
    assert await asked(served, "Associate/GetAssociateByPersonId", {"PersonId": 4}) is None


@pytest.mark.clause("SO-AGENT-010")
async def test_a_default_appointment(served: Served) -> None:
    entity = await asked(served, "Appointment/CreateDefaultAppointmentEntity")
    rest = (await served.so("GET", "Appointment/default")).json()
    changing = {"CustomFields"}
    assert {k: v for k, v in entity.items() if k not in changing} == {
        k: v for k, v in rest.items() if k not in changing
    }


@pytest.mark.clause("SO-AGENT-002", "SO-AGENT-007", "SO-AGENT-011")
async def test_one_appointment(served: Served) -> None:
    rest = (await served.so("GET", "Appointment/1")).json()
    del rest["_Links"]
    assert await asked(served, "Appointment/GetAppointmentEntity?appointmentEntityId=1") == rest
    assert await asked(served, "Appointment/GetAppointmentEntity?AppointmentEntityId=99999") is None
    part = await asked(served, "Appointment/GetAppointmentEntity?appointmentEntityId=1&$select=Title")
    assert (part["Title"], part["Description"]) == (rest["Title"], None)
    private = await served.private_of_kari()
    answer = await call(
        served, f"Appointment/GetAppointmentEntity?appointmentEntityId={private}", login="ola"
    )
    assert answer.json()["Title"] == ""


@pytest.mark.clause("SO-AGENT-003", "SO-AGENT-012")
async def test_saving(served: Served) -> None:
    made = await asked(served, "Appointment/SaveAppointmentEntity", {"description": "By an agent"})
    number = made["AppointmentId"]
    assert number > 0
    assert made["Associate"]["AssociateId"] == 1
    changed = made | {"Location": "Bergen", "Task": {"TaskListItemId": 2}, "HasConflict": made["HasConflict"]}
    after = await asked(served, "Appointment/SaveAppointmentEntity", changed)
    assert (after["AppointmentId"], after["Location"], after["Task"]["Type"]) == (number, "Bergen", "Phone")
    assert after["Description"] == "By an agent"
    assert (await served.so("GET", f"Appointment/{number}")).json()["Location"] == "Bergen"
    assert len(await served.parts.store.history(1, number)) == 2


@pytest.mark.clause("SO-AGENT-012")
async def test_saving_the_same_twice_is_saving_it_once(served: Served) -> None:
    made = await asked(served, "Appointment/SaveAppointmentEntity", {"description": "By an agent"})
    done = made | {"Completed": "Completed", "Private": "PrivateUser"}
    saved = [await asked(served, "Appointment/SaveAppointmentEntity", done) for _time in range(2)]
    assert saved[0] == saved[1]
    assert (saved[1]["Completed"], saved[1]["Private"]) == ("Completed", "PrivateUser")


@pytest.mark.clause("SO-AGENT-012")
@pytest.mark.parametrize("body", [None, [], "text", {"AppointmentId": "x"}, {"StartDate": "soon"}])
async def test_what_cannot_be_saved(served: Served, body: Any) -> None:
    before = await served.snapshot()
    await refused(served, "Appointment/SaveAppointmentEntity", body, 400)
    assert await served.snapshot() == before


@pytest.mark.clause("SO-AGENT-012", "SO-AGENT-013")
async def test_what_is_not_there_or_not_allowed(served: Served) -> None:
    await refused(served, "Appointment/SaveAppointmentEntity", {"AppointmentId": 99_999}, 404)
    await refused(served, "Appointment/DeleteAppointmentEntity?appointmentEntityId=99999", None, 404)
    private = await served.private_of_kari()
    body = {"AppointmentId": private, "Title": "Mine now"}
    await refused(served, "Appointment/SaveAppointmentEntity", body, 403, login="ola")
    await refused(
        served, f"Appointment/DeleteAppointmentEntity?appointmentEntityId={private}", None, 403, login="ola"
    )
    assert len(await served.parts.store.history(1, private)) == 1


@pytest.mark.clause("SO-AGENT-006", "SO-AGENT-013", "SO-AGENT-015")
async def test_deleting(served: Served) -> None:
    number = (await asked(served, "Appointment/SaveAppointmentEntity", {"Title": "Short"}))["AppointmentId"]
    method = f"Appointment/DeleteAppointmentEntity?AppointmentEntityId={number}"
    answer = await call(served, method, If_Match='"99"', If_Unmodified_Since="Thu, 01 Jan 2015 00:00:00 GMT")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await served.so("GET", f"Appointment/{number}")).status_code == 404


@pytest.mark.clause("SO-AGENT-014")
async def test_validating(served: Served) -> None:
    before = await served.snapshot()
    method = "Appointment/ValidateAppointmentEntity"
    assert await asked(served, method, {"appointmentEntity": {"Title": "Fine"}}) == {}
    wrong = await asked(served, method, {"AppointmentEntity": {"Location": "x" * 300}})
    assert list(wrong) == ["Location"]
    await refused(served, method, {}, 400)
    assert await served.snapshot() == before


@pytest.mark.clause("SO-AGENT-016")
async def test_history(served: Served) -> None:
    body = {"Name": "task", "HistoryItems": [4, 2]}
    found = await asked(served, "MDO/GetListWithHistory", body)
    assert [item["Id"] for item in found] == [2, 4, 1, 3]
    found = await asked(served, "MDO/GetListWithHistory", body | {"OnlyHistory": True})
    assert [item["Id"] for item in found] == [2, 4]
    assert await asked(served, "MDO/GetList", {"Name": "task", "OnlyHistory": True}) == []
    selectable = await asked(served, "MDO/GetSelectableListWithHistory", body | {"OnlyHistory": True})
    assert [(item["Id"], item["Selected"]) for item in selectable] == [(2, False), (4, False)]


@pytest.mark.clause("SO-AGENT-016")
async def test_words_and_single_items(served: Served) -> None:
    search = {"Name": "person", "AdditionalInfo": "contact_id=1", "SearchValue": "nord"}
    for method in ("GetListWithRestriction", "GetSelectableListWithRestriction"):
        found = await asked(served, f"MDO/{method}", search)
        assert [item["Id"] for item in found] == [2, 3]
    simple = await asked(served, "MDO/GetSimpleList", {"Name": "usergroup"})
    assert [item["Name"] for item in simple] == ["Demo department", "Second department"]
    one = await asked(served, "MDO/GetListItem", {"ListName": "sale", "Id": 1})
    assert one["ExtraInfo"] == "Yearly agreement"
    assert await asked(served, "MDO/GetListItem", {"ListName": "sale", "Id": 9}) is None
    await refused(served, "MDO/GetListItem", {"ListName": "nothing", "Id": 1}, 404)
    assert "task" in await asked(served, "MDO/GetListNames")
    number = await asked(served, "MDO/GetListIdByListName", {"Name": "Task"})
    assert (await asked(served, f"List/GetListEntity?listEntityId={number}"))["Name"] == "task"
    assert await asked(served, "MDO/GetListIdByListName", {"Name": "nothing"}) == 0


@pytest.mark.clause("SO-AGENT-017")
async def test_tasks_and_priorities(served: Served) -> None:
    rest = (await served.so("GET", "List/Task/Items")).json()
    assert await asked(served, "List/GetAllTasks", {"IncludeDeleted": False}) == rest
    short = await asked(served, "List/GetTasks", SO_Language="en")
    assert (short[0]["Id"], short[0]["Value"]) == (1, "Meeting")
    assert await asked(served, "List/GetTaskList", [1], SO_Language="en") == short[:1]
    assert await asked(served, "List/GetSoTask?soTaskId=1", SO_Language="en") == short[0]
    assert await asked(served, "List/GetSoTask?soTaskId=9") is None
    priorities = await asked(served, "List/GetPriorities")
    assert [one["Id"] for one in priorities] == [1, 2, 3]
    assert await asked(served, "List/GetPriorityList", [2]) == priorities[1:2]
    assert await asked(served, "List/GetPriority?priorityId=2") == priorities[1]


@pytest.mark.clause("SO-AGENT-017")
async def test_lists_themselves(served: Served) -> None:
    lists = await asked(served, "List/GetListDefinitions", {"IncludeDeleted": True})
    priority = next(one for one in lists if one["Name"] == "priority")
    assert await asked(served, "List/GetListEntityByName", {"Name": "Priority"}) == priority
    assert await asked(served, "List/GetListEntityByName", {"Name": "nothing"}) is None
    assert await asked(served, "List/GetListEntity?listEntityId=999") is None
    by_name, by_number = {"UdListDefinitionName": "priority"}, {"UdListDefinitionId": priority["Id"]}
    items = await asked(served, "List/GetAllFromListName", by_name)
    assert await asked(served, "List/GetAllFromListDefinition", by_number) == items
    assert await asked(served, "List/GetFromListName", by_name | {"Id": 2}) == items[1]
    assert await asked(served, "List/GetFromListDefinition", by_number | {"Id": 2}) == items[1]
    assert await asked(served, "List/GetFromListDefinition", by_number | {"Id": 9}) is None
    await refused(served, "List/GetAllFromListDefinition", {"UdListDefinitionId": 999}, 404)
    assert (await asked(served, "List/CreateDefaultListEntity"))["Name"] is None
    assert (await asked(served, "List/CreateDefaultListItemEntity"))["Id"] == 0
    languages = await asked(served, "List/GetInstalledLanguages")
    norwegian = next(one for one in languages if one["TwoLetterISOLanguageName"] == "no")
    assert norwegian["NativeName"] == "norsk"
    number = norwegian["LanguageInfoId"]
    assert await asked(served, f"List/GetLanguageInfo?languageInfoId={number}") == norwegian


@pytest.mark.clause("SO-AGENT-019")
async def test_users_groups_and_roles(served: Served) -> None:
    me = (await served.so("GET", "User/current")).json()
    assert await asked(served, "User/GetUser?userId=1") == me
    assert await asked(served, "User/GetUserFromName", {"UserName": "DEMO"}) == me
    assert await asked(served, "User/GetUserFromName", {"UserName": "nobody"}) is None
    assert await asked(served, "User/GetUserFromPersonId", {"PersonId": 1}) == [me]
    assert await asked(served, "User/GetUserFromPersonId", {"PersonId": 0}) == []
    info = await asked(served, "User/GetUserInfo?userInfoId=4")
    assert (info["UserType"], info["CanLogon"], info["UserGroupName"]) == (
        "ResourceAssociate",
        False,
        "Demo department",
    )
    assert await asked(served, "User/GetUserInfoList", [4, 99]) == [info]
    groups = await asked(served, "User/GetAllUserGroups", {"IncludeDeleted": False})
    assert [group["Value"] for group in groups] == ["Demo department", "Second department"]
    assert await asked(served, "User/GetUserGroup?userGroupId=2") == groups[1]
    assert await asked(served, "User/GetUserGroupList", [2]) == groups[1:]
    assert await asked(served, "User/GetRole?roleId=1") == me["Role"]
    assert await asked(served, "User/GetRole?roleId=9") is None
    roles = await asked(served, "User/GetAllRoles", {"RoleType": "Employee"})
    assert [role["Id"] for role in roles] == [1, 2, 3, 4]


@pytest.mark.clause("SO-AGENT-020")
async def test_zones(served: Served) -> None:
    mine = await asked(served, "TimeZone/GetDefaultTimeZoneInformation", SO_TimeZone="JP")
    assert (mine["LocationCode"], mine["Bias"], mine["Country"]) == ("JP", 540, "Japan")
    assert await asked(served, "TimeZone/GetDefaultTimeZonePreference") == 261
    assert await asked(served, "TimeZone/CheckNewTimeZoneDataAvailable") is False
    everything = await asked(served, "TimeZone/InitializeTimeZoneData")
    base = (await served.so("GET", "TimeZone/base")).json()
    assert base in everything
    assert len({zone["TZLocationID"] for zone in everything}) == len(everything) > 400


@pytest.mark.parametrize("method", METHODS)
async def test_nobody_unknown_is_answered(served: Served, method: str) -> None:
    answer = await served.client.post(f"/api/v1/Agents/{method}", content=b"{")
    assert (answer.status_code, answer.headers["appointed-error"]) == (401, "unauthenticated")
    served.assert_body("superoffice", answer)


BAD = (b"{", b"[", b"5", b'"x"', b'{"Name":{}}', b'{"Id":1e99}', b"\x00", b"[[[]]]", b'{"a":1,"A":2}')


@pytest.mark.parametrize("method", METHODS)
async def test_a_bad_body_breaks_nothing(served: Served, method: str) -> None:
    for content in BAD:
        answer = await served.so("POST", f"Agents/{method}", content=content)
        assert answer.status_code in (200, 204, 400), (content, answer.text)
        if answer.status_code == 400:
            served.assert_body("superoffice", answer)


@pytest.mark.clause("SO-AGENT-021")
async def test_the_flat_carrier(served: Served) -> None:
    rest = (await served.so("GET", "Appointment/1/Simple")).json()
    assert await asked(served, "Appointment/GetAppointment?appointmentId=1") == rest
    assert await asked(served, "Appointment/GetAppointment?appointmentId=99999") is None


@pytest.mark.clause("SO-AGENT-022")
async def test_a_ticket(served: Served) -> None:
    answer = await call(served, "User/GetAccessToken", {"AppToken": "", "IncludeCsSession": False}, "kari")
    assert answer.headers["cache-control"] == "no-store"
    for scheme in ("SOTicket", "Bearer"):
        sent = {"Authorization": f"{scheme} {answer.json()}"}
        who = await served.client.get("/api/v1/User/currentPrincipal", headers=sent)
        assert who.json()["Associate"] == "kari"
