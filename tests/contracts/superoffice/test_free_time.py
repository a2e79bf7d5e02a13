"""Free times and the conflicts of many dates, as the agent Appointment tells them (§ AppointmentAgent)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from appointed.domain.directory import Associate, Department
from appointed.domain.hours import Holiday, Opening
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_agents import asked, call, refused
from tests.contracts.superoffice.test_held_time import times

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NEXT, CALCULATE, VALIDATE = (
    f"Appointment/{name}" for name in ("GetNextAvailableTime", "CalculateDays", "ValidateDays")
)


async def people(desk: Desk, count: int = 1, **members: Any) -> list[int]:
    """Give associates of their own department, with hours and holidays."""
    store = desk.served.parts.store
    number = max((await store.directory(1)).departments) + 1
    department = Department(
        id=0, uid=UUID(int=90_000 + number), name="Open", default_associate_id=1, **members.pop("home", {})
    )
    (group,) = await store.put_records(1, (department,))
    made = [Associate(id=0, name="x", full_name="X", group_id=group, **members) for _one in range(count)]
    return list(await store.put_records(1, made))


async def free(desk: Desk, who: list[int], start: str, end: str, **more: Any) -> list[tuple[str, str]]:
    body = {"Associates": who, "StartTime": start, "EndTime": end, "Count": 3} | more
    found = await asked(desk.served, NEXT, body)
    for one in found:
        assert one["AvailableTimeStart"] <= one["RecommendedTimeStart"] < one["RecommendedTimeEnd"]
        assert one["RecommendedTimeEnd"] <= one["AvailableTimeEnd"]
    return [(one["RecommendedTimeStart"], one["RecommendedTimeEnd"]) for one in found]


async def test_the_next_times_that_everyone_has(desk: Desk) -> None:
    who = await people(desk, 2)
    day = "2032-03-01"
    for number, hour in zip(who, (8, 10), strict=True):
        await desk.made(**times(day, hour), Associate={"AssociateId": number})
    found = await free(desk, who, f"{day}T08:00:00", f"{day}T09:00:00")
    assert found == [(f"{day}T{h:02}:00:00", f"{day}T{h + 1:02}:00:00") for h in (9, 11, 12)]
    first = (
        await asked(
            desk.served,
            NEXT,
            {"Associates": who, "StartTime": f"{day}T08:00:00", "EndTime": f"{day}T09:00:00"},
        )
    )[0]
    assert first == {
        "AvailableTimeStart": f"{day}T09:00:00",
        "AvailableTimeEnd": f"{day}T10:00:00",
        "RecommendedTimeStart": f"{day}T09:00:00",
        "RecommendedTimeEnd": f"{day}T10:00:00",
        "TableRight": None,
        "FieldProperties": {},
    }


async def test_as_many_times_as_there_are(desk: Desk) -> None:
    who, wish = await people(desk), ("2032-03-01T08:00:00", "2032-03-01T09:00:00")
    found = await free(desk, who, *wish, Count=-1)
    assert len(found) == 100
    assert found[:3] == await free(desk, who, *wish)


async def test_working_hours_opening_hours_and_holidays(desk: Desk) -> None:
    week = tuple(Opening(weekday, 9 * 60, 12 * 60) for weekday in range(5))
    home = {"opening_hours": week, "holidays": (Holiday(date(2032, 3, 3), "Closed"),)}
    late = tuple(Opening(weekday, 10 * 60 + 30, 20 * 60) for weekday in range(5))
    who = await people(desk, 1, home=home, working_hours=late)
    found = await free(desk, who, "2032-03-02T08:00:00", "2032-03-02T09:00:00")
    assert [start for start, _end in found] == [
        "2032-03-02T10:30:00",
        "2032-03-04T10:30:00",
        "2032-03-05T10:30:00",
    ]


async def test_whole_days(desk: Desk) -> None:
    who = await people(desk)
    await desk.made(**times("2032-03-08", 20), Associate={"AssociateId": who[0]})
    found = await free(desk, who, "2032-03-08T00:00:00", "2032-03-08T23:59:59", IsAllDay=True)
    assert [start for start, _end in found] == [f"2032-03-{day}T00:00:00" for day in ("09", 10, 11)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Count": 0}, "between 1 and 100"),
        ({"Count": 101}, "between 1 and 100"),
        ({"Count": -2}, "between 1 and 100"),
        ({"EndTime": "2032-03-01T08:00:00"}, "longer than nothing"),
        ({"EndTime": "2033-03-01T08:00:00"}, "at most 31 days"),
        ({"StartTime": "never"}, "StartTime must be a date"),
        ({"StartTime": None}, "StartTime is missing"),
        ({"StartTime": "9999-12-31T08:00:00", "EndTime": "9999-12-31T23:00:00"}, "longer than nothing"),
        ({"StartTime": "0001-01-01T00:00:00", "EndTime": "0001-01-01T08:00:00"}, "from 1900 to 9000"),
        ({"Associates": list(range(1, 52))}, "1 to 50 associates"),
        ({"Associates": ["x"]}, "whole numbers"),
    ],
)
async def test_bad_wishes_are_refused(desk: Desk, change: dict[str, Any], said: str) -> None:
    body = {"Associates": [2], "StartTime": "2032-03-01T08:00:00", "EndTime": "2032-03-01T09:00:00"}
    assert said in await refused(desk.served, NEXT, body | change, 400)


async def test_nobody_unknown_is_free(desk: Desk) -> None:
    body = {"Associates": [99_999], "StartTime": "2032-03-01T08:00:00", "EndTime": "2032-03-01T09:00:00"}
    await refused(desk.served, NEXT, body, 404)


WEEKLY = {
    "Pattern": "Weekly",
    "WeekPattern": {"Weekdays": "Monday", "Cycle": 1},
    "StartDate": "2032-04-05T00:00:00",
    "RecurrenceEndType": "Counter",
    "RecurrenceCounter": 3,
}


@pytest.mark.clause("SO-PROP-Recurrence")
async def test_days_are_calculated_with_what_is_in_the_way(desk: Desk) -> None:
    (who,) = await people(desk)
    owner = {"Associate": {"AssociateId": who}}
    taken = [await desk.new(**times("2032-04-12", 10), **owner) for _twice in range(2)]
    wanted = times("2032-04-05", 10) | owner | {"Recurrence": WEEKLY}
    for body in (wanted, {"AppointmentEntity": wanted}):
        found = await asked(desk.served, CALCULATE, body)
        assert (found["IsRecurrence"], found["Pattern"], found["RecurrenceCounter"]) == (True, "Weekly", 3)
        assert [(one["Date"], one["IsConflict"]) for one in found["Dates"]] == [
            ("2032-04-05T00:00:00", False),
            ("2032-04-12T00:00:00", True),
            ("2032-04-19T00:00:00", False),
        ]
        assert found["Dates"][1] == {
            "Date": "2032-04-12T00:00:00",
            "IsConflict": True,
            "Description": None,
            "DescriptionStyleHint": "conflict",
            "Tooltip": f"{{conflict_id={taken[0]}&conflict_id={taken[1]}}}",
        }
        assert (found["Dates"][0]["DescriptionStyleHint"], found["Dates"][0]["Tooltip"]) == ("", None)
    days = ["2032-04-12T00:00:00", "2032-04-13T00:00:00"]
    checked = await asked(desk.served, VALIDATE, {"AppointmentEntity": wanted, "Dates": days})
    assert [(one["Date"], one["IsConflict"]) for one in checked] == [(days[0], True), (days[1], False)]


async def test_a_series_and_a_single_row_name_what_is_in_their_way(desk: Desk) -> None:
    (who,) = await people(desk)
    owner = {"Associate": {"AssociateId": who}}
    series = await desk.made(**times("2032-04-05", 14), **owner, Recurrence=WEEKLY | {"IsRecurrence": True})
    assert not any(one["IsConflict"] for one in series["Recurrence"]["Dates"])
    other = await desk.made(**times("2032-04-19", 14), **owner)
    seen = (await desk.read(series["AppointmentId"]))["Recurrence"]["Dates"]
    assert [one["IsConflict"] for one in seen] == [False, False, True]
    assert seen[2]["Tooltip"] == f"{{conflict_id={other['AppointmentId']}}}"
    single = await desk.read(other["AppointmentId"])
    assert single["HasConflict"]
    (one,) = single["Recurrence"]["Dates"]
    last = series["AppointmentId"] + 2
    assert (one["IsConflict"], one["Tooltip"]) == (True, f"{{conflict_id={last}}}")
    # Its own dates are not in its way.
    days = {"AppointmentEntity": series, "Dates": ["2032-04-05T00:00:00"]}
    assert not (await asked(desk.served, VALIDATE, days))[0]["IsConflict"]
    assert (await asked(desk.served, CALCULATE, series))["RecurrenceCounter"] == 3


@pytest.mark.parametrize(
    ("method", "body", "said"),
    [
        (CALCULATE, None, "AppointmentEntity is missing"),
        (CALCULATE, [], "must be an object"),
        (CALCULATE, {"AppointmentEntity": {"Title": "x"}}, "no Recurrence"),
        (VALIDATE, {"AppointmentEntity": {"Title": "x"}, "Dates": ["x"]}, "Dates must be dates"),
        (VALIDATE, {"AppointmentEntity": {"Title": "x"}, "Dates": [1]}, "array of texts"),
        (VALIDATE, {"AppointmentEntity": 1, "Dates": []}, "must be an object"),
        (VALIDATE, {"AppointmentEntity": {"AppointmentId": "x"}, "Dates": []}, "whole number"),
    ],
)
async def test_bad_questions_are_refused(desk: Desk, method: str, body: Any, said: str) -> None:
    assert said in await refused(desk.served, method, body, 400)


async def test_a_caller_nobody_knows_is_told_nothing(desk: Desk) -> None:
    for method in (NEXT, CALCULATE, VALIDATE):
        assert (await call(desk.served, method, {}, login="nobody")).status_code == 401


async def test_it_looks_farther_when_the_next_weeks_are_full(desk: Desk) -> None:
    who = await people(desk)
    full = {"StartDate": "2032-09-01T00:00:00", "EndDate": "2032-11-15T00:00:00"}
    await desk.made(**full, Associate={"AssociateId": who[0]})
    found = await free(desk, who, "2032-09-01T08:00:00", "2032-09-01T09:00:00")
    assert found[0][0] == "2032-11-15T08:00:00"
    for start, end in (("2032-11-15", "2033-11-10"), ("2033-01-01", "2033-12-01")):
        rest = {"StartDate": f"{start}T00:00:00", "EndDate": f"{end}T00:00:00"}
        await desk.made(**rest, Associate={"AssociateId": who[0]})
    assert await free(desk, who, "2032-09-01T08:00:00", "2032-09-01T09:00:00") == []
