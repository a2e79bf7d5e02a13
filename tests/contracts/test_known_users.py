"""Who knows how much of whom, at every door of both contracts that tells of users and groups."""

from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio

from appointed.domain.directory import Associate, AssociateType
from appointed.domain.principal import Role
from appointed.domain.rights import Known
from appointed.usecases.administer import CreateTenant
from appointed.usecases.ports import Account
from tests.contracts.served import Served

# Rights are decided above the stores: one engine shows them.
pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("served", ["sqlite"], indirect=True),
]

HERE, THERE = 1, 2
PROGRAM, GUEST, ROOM = AssociateType.SYSTEM, AssociateType.EXTERNAL, AssociateType.RESOURCE
PEOPLE: dict[str, dict[str, Any]] = {
    "admin": {"role": Role.ADMINISTRATOR, "group_id": HERE},
    "near": {"group_id": HERE, "department_ids": (THERE,), "person_id": 1, "role": Role.SCHEDULER},
    "far": {"group_id": THERE, "person_id": 1},
    "room": {"group_id": HERE, "type": ROOM},
    "program": {"group_id": HERE, "type": PROGRAM},
    "distant": {"group_id": THERE, "type": PROGRAM},
    "guest": {"group_id": HERE, "type": GUEST},
    "other_guest": {"group_id": HERE, "type": GUEST},
    "head_program": {"type": PROGRAM, "role": Role.ADMINISTRATOR},
}
ALL = set(PEOPLE)
# Caller → whom they know whole, and whom by name; of all others nothing.
EXPECTED: dict[str, tuple[set[str], set[str]]] = {
    "admin": (ALL, set()),
    "far": (ALL, set()),
    "head_program": (ALL, set()),
    "program": (ALL - {"far", "distant", "head_program"}, set()),
    "distant": ({"near", "far", "distant"}, set()),
    "guest": ({"guest"}, {"admin", "near", "room"}),
}
callers = pytest.mark.parametrize("caller", EXPECTED)


class Hall:
    """Everybody's way to ask about everybody."""

    def __init__(self, served: Served, ids: dict[str, int]) -> None:
        self.served = served
        self.ids = ids

    async def ask(self, caller: str, path: str, body: Any = None, status: int = 200) -> Any:
        method = "GET" if body is None and not path.startswith("Agents/") else "POST"
        sent = {"headers": self.served.basic(caller) | {"Accept": "application/json"}}
        answer = await self.served.client.request(method, f"/api/v1/{path}", json=body, **sent)
        assert answer.status_code == status, answer.text
        return answer.json()

    def known(self, caller: str) -> dict[str, Known]:
        whole, named = EXPECTED[caller]
        return dict.fromkeys(whole, Known.WHOLE) | dict.fromkeys(named, Known.NAME)

    def those(self, numbers: Any) -> set[str]:
        """Name those of the test's people whose ids are among these."""
        found = set(numbers)
        return {name for name, number in self.ids.items() if number in found}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(served: Served) -> Hall:
    """The server with all kinds of people in two departments of the demo tenant."""
    store, ids = served.parts.store, {}
    for name, members in PEOPLE.items():
        (ids[name],) = await store.put_records(1, (Associate(id=0, name=name, full_name=name, **members),))
    for name in EXPECTED:
        secret = await served.parts.passwords.hash(name)
        await store.put_account(
            Account(kind="login", name=name, tenant_id=1, associate_id=ids[name], secret=secret)
        )
    return Hall(served, ids)


@callers
async def test_lists_hold_those_whom_the_caller_knows(hall: Hall, caller: str) -> None:
    known, everybody = set(hall.known(caller)), list(hall.ids.values())
    shown = {name for name in known if PEOPLE[name].get("type") is not PROGRAM}
    # Under the heading of their home, if the caller knows of that.
    headed = shown - {"near"} if caller == "distant" else shown
    for path, body, key, expected in (
        ("Associate", None, "AssociateId", known),
        ("MDOList/associate", None, "Id", shown),
        ("MDOList/associateheadings?flat=true", None, "Id", headed),
        ("MDOList/resource", None, "Id", known & {"room"}),
        ("Agents/MDO/GetSelectableSimpleList", {"Name": "associate"}, "Id", shown),
        ("Agents/Associate/GetAssociateList", everybody, "AssociateId", known),
        ("Agents/User/GetUserInfoList", everybody, "UserInfoId", known),
    ):
        items = await hall.ask(caller, path, body)
        # Headings without members stand in a flat list too; departments have low ids.
        assert hall.those(item[key] for item in items) == expected, path
    history = {"Name": "associate", "HistoryItems": everybody, "OnlyHistory": True}
    items = await hall.ask(caller, "Agents/MDO/GetListWithHistory", history)
    assert hall.those(item["Id"] for item in items) == shown
    listed = (await hall.ask(caller, "users?per_page=100"))["data"]
    assert hall.those(user["id"] for user in listed) == known - {"room"}


@callers
async def test_each_is_told_of_as_far_as_the_caller_knows_them(hall: Hall, caller: str) -> None:
    known = hall.known(caller)
    for name, number in hall.ids.items():
        level = known.get(name, Known.NOTHING)
        user = await hall.ask(caller, f"Agents/User/GetUser?userId={number}")
        info = await hall.ask(caller, f"Agents/User/GetUserInfo?userInfoId={number}")
        item = await hall.ask(caller, "Agents/MDO/GetListItem", {"ListName": "associate", "Id": number})
        one = await hall.ask(caller, f"Agents/Associate/GetAssociate?associateId={number}")
        by_name = await hall.ask(caller, "Agents/User/GetUserFromName", {"UserName": name})
        if level is Known.NOTHING:
            assert (user, info, item, one, by_name) == (None, None, None, None, None)
            missing = await hall.ask(caller, f"Associate/{number}", status=404)
            assert name not in str(missing)
            await hall.ask(caller, f"users/{number}", status=404)
            continue
        assert user == by_name
        assert one["FullName"] == name
        assert (item is None) is (PEOPLE[name].get("type") is PROGRAM)
        is_whole = level is Known.WHOLE
        assert (user["Role"] is not None, bool(info["RoleName"])) == (is_whole, is_whole)
        assert (user["Person"] is not None) is (is_whole and "person_id" in PEOPLE[name])
        if name != "room":
            told = (await hall.ask(caller, f"users/{number}"))["data"]
            assert (told["role"] is not None) is is_whole


@pytest.mark.parametrize(("caller", "groups"), [("far", {1, 2}), ("program", {1}), ("guest", {1})])
async def test_groups_are_told_to_those_who_know_of_them(hall: Hall, caller: str, groups: set[int]) -> None:
    for path, body in (
        ("MDOList/usergroup", None),
        ("MDOList/associateheadings", None),
        ("List/usergroup/Items", None),
        ("Agents/User/GetAllUserGroups", {}),
        ("Agents/User/GetUserGroupList", [1, 2, 99]),
        ("departments", None),
    ):
        found = await hall.ask(caller, path, body)
        items = found["data"] if path == "departments" else found
        assert {item.get("Id", item.get("id")) for item in items} == groups, path
    hidden = await hall.ask(caller, "Agents/User/GetUserGroup?userGroupId=2")
    assert (hidden is not None) is (2 in groups)
    body = {"GroupId": 2, "Type": 2}
    members = await hall.ask(caller, "Agents/Associate/GetAssociatesByGroup", body)
    numbers = await hall.ask(caller, "Agents/Archive/GetGroupAssociateIds", {"GroupIds": [2]})
    in_group = {
        name for name, one in PEOPLE.items() if THERE in (one.get("group_id"), *one.get("department_ids", ()))
    }
    assert hall.those(one["AssociateId"] for one in members) == in_group & set(hall.known(caller))
    assert hall.those(numbers) == in_group & set(hall.known(caller))
    near = await hall.ask(caller, f"Agents/User/GetUser?userId={hall.ids['near']}")
    assert [group["Id"] for group in near["OtherGroups"]] == ([2] if 2 in groups else [])


async def test_columns_of_lists_tell_no_more(hall: Hall) -> None:
    sent = {"Name": "Of far", "AssociateId": hall.ids["far"]}
    await hall.ask("admin", "Contact", sent)
    columns = "name,contactAssociate/fullName,contactAssociate/role,contactAssociate/personEmail"
    for caller, is_whole in (("admin", True), ("program", False)):
        path = f"Contact?$select={columns}&$filter=name eq 'Of far'&$orderBy=contactAssociate/role"
        (row,) = (await hall.ask(caller, path))["value"]
        assert row["contactAssociate/fullName"] == "far"
        assert row["contactAssociate/role"] == ("Agent" if is_whole else "")
        assert bool(row["contactAssociate/personEmail"]) is is_whole
        # An agent's role has the id 4 in every list.
        for condition, is_found in (("eq 4", is_whole), ("oneOf (1,4)", is_whole), ("isNull", not is_whole)):
            path = f"Contact?$filter=contactAssociate/role {condition} and name eq 'Of far'"
            assert len((await hall.ask(caller, path))["value"]) == is_found, condition


async def test_another_tenant_knows_nobody_here(hall: Hall) -> None:
    command = CreateTenant(name="Strangers", zone="Europe/London", login="stranger", password="stranger")
    await hall.served.parts.administrator.run(command)
    for path in ("Associate", "MDOList/associate", "MDOList/associateheadings", "MDOList/usergroup", "users"):
        ours, theirs = [str(await hall.ask(caller, path)) for caller in ("admin", "stranger")]
        shown = [name for name in (*PEOPLE, "Second department") if f"'{name}'" in ours]
        assert shown
        assert not any(f"'{name}'" in theirs for name in shown)
    numbers = list(hall.ids.values())
    assert await hall.ask("stranger", "Agents/User/GetUserInfoList", numbers) == []


WHEN = {"StartDate": "2041-05-06T08:00:00", "EndDate": "2041-05-06T09:00:00"}
DAY = {"StartDate": "2041-05-06T00:00:00", "EndDate": "2041-05-07T00:00:00"}
# Every way to name an associate in a request, and the status for whoever may not know of them.
NAMING: dict[str, tuple[str, Callable[[int], Any], int]] = {
    "owner": ("Appointment", lambda who: WHEN | {"Associate": {"AssociateId": who}}, 403),
    "guest": ("Appointment", lambda who: WHEN | {"Participants": [{"AssociateId": who}]}, 403),
    "reader": (
        "Appointment",
        lambda who: WHEN | {"VisibleFor": [{"Visibility": "Associate", "VisibleId": who}]},
        403,
    ),
    "validated": ("Appointment/Validate", lambda who: WHEN | {"Associate": {"AssociateId": who}}, 200),
    "days": (
        "Agents/Appointment/GetDayInformationListByDatesAndAssociate",
        lambda who: DAY | {"AssociateId": who},
        403,
    ),
    "draft": (
        "Agents/Appointment/CreateDefaultAppointmentEntityByTypeAndAssociate",
        lambda who: {"Type": "Appointment", "AssociateId": who},
        403,
    ),
    "free": (
        "Agents/Appointment/GetNextAvailableTime",
        lambda who: {
            "Associates": [who],
            "StartTime": "2041-05-06T08:00:00",
            "EndTime": "2041-05-06T09:00:00",
            "Count": 1,
        },
        403,
    ),
}


@pytest.mark.parametrize("way", NAMING)
@pytest.mark.parametrize("caller", ["program", "guest"])
async def test_who_may_not_know_hears_the_same_of_who_is_there_and_who_is_not(
    hall: Hall, caller: str, way: str
) -> None:
    path, body, status = NAMING[way]
    there, nowhere = [await hall.ask(caller, path, body(who), status) for who in (hall.ids["far"], 99_999)]
    assert there == nowhere
    assert there
    assert "Full" not in str(there)
    assert await hall.ask(caller, path, body(hall.ids["near"])) != there


async def test_no_diary_is_looked_into_by_the_way_of_its_department(hall: Hall) -> None:
    entity = WHEN | {"Recurrence": {"Pattern": "Daily", "StartDate": DAY["StartDate"]}}
    for method, days in (("ValidateDays", {"Dates": [DAY["StartDate"]]}), ("CalculateDays", {})):
        for caller, department, status in (
            ("program", HERE, 200),
            ("program", THERE, 403),
            ("guest", THERE, 403),
            ("far", HERE, 200),
        ):
            asked = entity | {"CustomFields": {"x_department": str(department)}}
            path = f"Agents/Appointment/{method}"
            await hall.ask(caller, path, days | {"AppointmentEntity": asked}, status)


async def test_who_may_not_know_finds_nobody_by_a_name_either(hall: Hall) -> None:
    for caller in ("program", "guest"):
        for member in ("Name", "FullName"):
            there, nowhere = [
                await hall.ask(caller, "Appointment", WHEN | {"Associate": {member: name}}, 403)
                for name in ("far", "nobody at all")
            ]
            assert there == nowhere
        query = "Appointment?$filter=associateId eq '{}'"
        refused = [await hall.ask(caller, query.format(name), status=400) for name in ("far", "nobody")]
        assert str(refused[0]).replace("far", "nobody") == str(refused[1])


async def test_who_may_not_know_a_colleague_does_not_name_them_by_their_person(hall: Hall) -> None:
    # Of these persons one is a colleague elsewhere, one a colleague here, and one nobody's user.
    for person, status, user in ((2, 403, None), (3, 200, 3), (4, 200, 0)):
        asked = WHEN | {"Participants": [{"PersonId": person}]}
        told = await hall.ask("program", "Appointment", asked, status)
        found = {one["PersonId"]: one["AssociateId"] for one in told.get("Participants", ())}
        assert found.get(person) == user
        assert "Kari" not in str(told)
    made = await hall.ask("program", "Appointment", WHEN)
    # Handing over tells a colleague from nobody's person no more than it names them.
    path, asked = "Agents/Appointment/AssignTo", {"AppointmentId": made["AppointmentId"]}
    told = [
        await hall.ask(caller, path, asked | {"Participant": {"PersonId": person}}, status)
        for caller, person, status in (("program", 2, 403), ("program", 4, 403), ("admin", 4, 400))
    ]
    assert told[0] == told[1]
    # Who stands already may stay, also in a row that changes.
    address = f"/api/v1/Appointment/{made['AppointmentId']}"
    for caller, flag in (("admin", False), ("program", True)):
        asked = {"Participants": [*made["Participants"], {"PersonId": 2, "SendEmail": flag}]}
        headers = hall.served.basic(caller)
        answer = await hall.served.client.patch(address, json=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["Participants"][1]["AssociateId"] == 2
        assert answer.json()["Participants"][1]["SendEmail"] is flag


async def test_guests_name_no_records_but_themselves(hall: Hall) -> None:
    for member, key in (
        ("Contact", "ContactId"),
        ("Person", "PersonId"),
        ("Project", "ProjectId"),
        ("Sale", "SaleId"),
    ):
        for naming in ("member", "link"):
            there, nowhere = [
                {member: {key: number}}
                if naming == "member"
                else {"Links": [{"EntityName": member.lower(), "Id": number}]}
                for number in (1, 99_999)
            ]
            refused = await hall.ask("guest", "Appointment", WHEN | there, 403)
            assert refused == await hall.ask("guest", "Appointment", WHEN | nowhere, 403)
            await hall.ask("program", "Appointment", WHEN | there)


async def test_who_stands_in_an_appointment_already_may_stay(hall: Hall) -> None:
    made = await hall.ask("guest", "Appointment", WHEN | {"Title": "Mine"})
    others = {
        "Participants": [*made["Participants"], {"AssociateId": hall.ids["far"]}],
        "Contact": {"ContactId": 1},
        "Links": [{"EntityName": "person", "Id": 1}],
    }
    address = f"/api/v1/Appointment/{made['AppointmentId']}"
    boss, guest = hall.served.basic("admin"), hall.served.basic("guest")
    answer = await hall.served.client.patch(address, json=others, headers=boss)
    assert answer.status_code == 200, answer.text
    whole = (await hall.served.client.get(address, headers=guest)).json()
    answer = await hall.served.client.put(address, json=whole | {"Title": "Ours"}, headers=guest)
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert (kept["Title"], kept["Contact"]["ContactId"], len(kept["Participants"])) == ("Ours", 1, 2)
    assert [link["Id"] for link in kept["Links"]] == [1]
