"""New appointments begin as the caller's preferences say (Defaults/DefaultAppointment…, DefaultAlarmTime)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from appointed.domain.preference import name_of
from appointed.superoffice.habits import ALARM, NAMES, SETS, USUAL_ALARM
from appointed.superoffice.start.preferences import KNOWN
from tests.contracts.superoffice.desk import Desk, entity

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

MEETING, CALL, TO_DO = 1, 2, 3
AT = "2031-06-02T10:00:00"


class Beginner:
    """Someone with habits, which others shall not meet."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk.of("ola")

    async def prefers(self, level: str = "Individual", **habits: str | int) -> None:
        for key, value in habits.items():
            await self._set(f"Defaults/DefaultAppointment{key}", level, value)

    async def prefers_alarms(self, value: str | int, level: str = "Individual") -> None:
        await self._set("/".join(ALARM), level, value)

    async def _set(self, name: str, level: str, value: str | int) -> None:
        served = self.desk.served
        answer = await served.client.put(
            f"/api/v1/Preference/{name}/{level}",
            params={"value": str(value)},
            headers=served.basic("ola" if level == "Individual" else "demo"),
        )
        assert answer.status_code == 204, answer.text

    async def default(self) -> dict[str, Any]:
        return entity(await self.desk.call("GET", "default"))

    async def posts(self, **body: Any) -> dict[str, Any]:
        return entity(await self.desk.call("POST", body={"StartDate": AT} | body))


@pytest_asyncio.fixture(loop_scope="package")
async def ola(desk: Desk) -> AsyncIterator[Beginner]:
    someone = Beginner(desk)
    yield someone
    usual = {f"{word}{about}": "" for word, _ in SETS.values() for about in ("Length", "TaskId", "Text")}
    for level in ("Individual", "Database"):
        await someone.prefers(level, VisibleFor="", **usual)
        await someone.prefers_alarms("", level)


def minutes(row: dict[str, Any]) -> float:
    length = datetime.fromisoformat(row["EndDate"]) - datetime.fromisoformat(row["StartDate"])
    return length.total_seconds() / 60


def about(row: dict[str, Any]) -> tuple[float, int, str, str]:
    return minutes(row), row["Task"]["TaskListItemId"], row["Description"], row["Private"]


async def test_what_counts_until_somebody_sets_it_is_told_so() -> None:
    told = {one.name: one.value for one in KNOWN}
    assert set(NAMES) <= set(told)
    for word, length in SETS.values():
        assert told[f"defaults\ndefaultappointment{word}length".casefold()] == str(length)
    assert told[name_of(*ALARM)] == str(USUAL_ALARM)


@pytest.mark.clause("SO-PREF-010")
async def test_a_new_appointment_begins_as_preferred(ola: Beginner) -> None:
    assert about(await ola.default()) == (60, MEETING, "", "Public")
    await ola.prefers(AppointLength=45, AppointTaskId=TO_DO, AppointText="Agree", VisibleFor=2)
    expected = (45, TO_DO, "Agree", "PrivateGroup")
    assert about(await ola.default()) == expected
    made = await ola.posts()
    assert about(made) == expected
    assert [one["Visibility"] for one in made["VisibleFor"]] == ["Group"]
    assert made["VisibleFor"] == (await ola.desk.read(made["AppointmentId"]))["VisibleFor"]
    answer = await ola.desk.served.client.post(
        "/api/v1/Agents/Appointment/CreateDefaultAppointmentEntity",
        headers=ola.desk.served.basic("ola"),
    )
    assert about(answer.json()) == expected
    answer = await ola.desk.served.client.post(
        "/api/v1/Agents/Appointment/SaveAppointmentEntity",
        json={"StartDate": AT},
        headers=ola.desk.served.basic("ola"),
    )
    assert about(answer.json()) == expected
    # Others have habits of their own.
    assert about(entity(await ola.desk.of("kari").call("GET", "default"))) == (60, MEETING, "", "Public")


@pytest.mark.clause("SO-PREF-010")
async def test_the_body_goes_first(ola: Beginner) -> None:
    await ola.prefers(AppointLength=45, AppointTaskId=TO_DO, AppointText="Agree", VisibleFor=1)
    whole = {
        "EndDate": "2031-06-02T10:20:00",
        "Task": {"TaskListItemId": MEETING},
        "Description": "Other",
        "Private": "Public",
    }
    made = await ola.posts(**whole)
    assert about(made) == (20, MEETING, "Other", "Public")
    assert [one["Visibility"] for one in made["VisibleFor"]] == ["All"]
    open_to_all = await ola.posts(VisibleFor=[{"Visibility": "All"}])
    assert open_to_all["Private"] == "Public"


@pytest.mark.clause("SO-PREF-011")
async def test_meetings_calls_and_todos(ola: Beginner) -> None:
    call, todo = {"TaskListItemId": CALL}, {"TaskListItemId": TO_DO}
    assert about(await ola.posts(Task=call)) == (15, CALL, "", "Public")
    assert about(await ola.posts(Task=todo)) == (0, TO_DO, "", "Public")
    assert about(await ola.posts(Type="inChecklist")) == (0, TO_DO, "", "Public")
    await ola.prefers(PhoneLength=5, PhoneText="Ring", PhoneTaskId=MEETING, ToDoLength=30, ToDoText="Do it")
    assert about(await ola.posts(Task=call)) == (5, CALL, "Ring", "Public")
    assert about(await ola.posts(Type=2)) == (30, TO_DO, "Do it", "Public")
    assert about(await ola.posts(Task=todo, Description="Mine")) == (30, TO_DO, "Mine", "Public")
    assert about(await ola.posts(Task={"TaskListItemId": MEETING})) == (60, MEETING, "", "Public")


@pytest.mark.clause("SO-PREF-010")
async def test_whose_private_appointment_it_is(ola: Beginner) -> None:
    await ola.prefers(VisibleFor="PrivateUser")
    served = ola.desk.served
    own = await ola.posts()
    others = await served.client.post(
        "/api/v1/Appointment",
        json={"StartDate": AT, "Associate": {"Name": "kari"}, "Private": 1},
        headers=served.basic("demo"),
    )
    for made, owner in ((own, "ola"), (others.json(), "kari")):
        assert made["Associate"]["Name"] == owner
        (only,) = made["VisibleFor"]
        assert (only["Visibility"], only["VisibleId"]) == ("Associate", made["Associate"]["AssociateId"])


async def test_what_makes_no_sense_counts_as_not_set(ola: Beginner) -> None:
    for length in ("soon", "-5", "1e9", "10081", "4.5"):
        await ola.prefers(AppointLength=length, AppointTaskId=length, VisibleFor=length)
        assert about(await ola.default()) == (60, MEETING, "", "Public"), length
    await ola.prefers(AppointTaskId=99_999, VisibleFor="Nobody")
    assert about(await ola.posts()) == (60, MEETING, "", "Public")


async def test_the_nearest_counts(ola: Beginner) -> None:
    await ola.prefers("Database", AppointText="Of all")
    await ola.prefers(AppointText="Mine")
    assert (await ola.posts())["Description"] == "Mine"
    assert entity(await ola.desk.of("kari").call("GET", "default"))["Description"] == "Of all"


@pytest.mark.clause("SO-PREF-012")
async def test_an_alarm_rings_as_early_as_preferred(ola: Beginner) -> None:
    def alarm(row: dict[str, Any]) -> tuple[bool, str]:
        return row["HasAlarm"], row["AlarmLeadTime"]

    assert alarm(await ola.default()) == (False, "00:15:00")
    await ola.prefers_alarms(20, "Database")
    assert alarm(entity(await ola.desk.of("kari").call("GET", "default"))) == (False, "00:20:00")
    await ola.prefers_alarms(45)
    assert alarm(await ola.default()) == (False, "00:45:00")
    made = await ola.posts(HasAlarm=True)
    assert alarm(made) == alarm(await ola.desk.read(made["AppointmentId"])) == (True, "00:45:00")
    assert alarm(await ola.posts(HasAlarm=True, Type="inChecklist")) == (True, "00:45:00")
    # The body goes first, and what stands is not asked again.
    assert alarm(await ola.posts(AlarmLeadTime="00:00:00", HasAlarm=True)) == (True, "00:00:00")
    await ola.prefers_alarms(5)
    assert alarm(await ola.desk.patch(made["AppointmentId"], {"HasAlarm": False})) == (False, "00:45:00")
    for senseless in ("soon", "-1", "65536"):
        await ola.prefers_alarms(senseless)
        assert alarm(await ola.default()) == (False, "00:15:00"), senseless
