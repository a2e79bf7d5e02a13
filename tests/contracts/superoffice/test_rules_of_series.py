"""What a changed rule makes of dates that were deleted, and what of it does not count."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_series import MONDAYS, days, rows, series, weekly

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


async def without_the_third(desk: Desk) -> tuple[int, dict[str, Any]]:
    """Make a series whose third date is deleted; give the first one's id and rule."""
    number = (await series(desk))["AppointmentId"]
    third = (await rows(desk, {"AppointmentId": number}))[2]["AppointmentId"]
    assert (await desk.call("DELETE", third)).status_code == 204
    return number, (await desk.call("GET", number)).json()["Recurrence"]


async def tried_and_done(desk: Desk, number: int, rule: dict[str, Any]) -> list[str]:
    """Change a rule after a dry run of it, which tells the same; give the days of the series after it."""
    tried = await desk.sending(Prefer="dry-run").call("PATCH", number, {"Recurrence": rule})
    answer = await desk.patch(number, {"Recurrence": rule})
    told = [one["Date"][:10] for one in answer["Recurrence"]["Dates"]]
    assert [one["Date"][:10] for one in tried.json()["result"]["Recurrence"]["Dates"]] == told
    made = {one["starts_at"][:10] for one in tried.json()["changes"] if one["kind"] == "created"}
    assert made <= set(told)
    return told


NUUK = 1187
LATER = ["2031-04-14", "2031-04-21"]
LEFT = [*MONDAYS[:2], MONDAYS[3]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"RecurrenceCounter": 6}, [*LEFT, *LATER]),
        ({"RecurrenceEndType": "EndDate", "EndDate": "2031-04-21T00:00:00"}, [*LEFT, *LATER]),
        ({"WeekPattern": {"Weekdays": "Monday, Friday"}, "RecurrenceCounter": 6}, [
            "2031-03-17", "2031-03-21", "2031-03-24", "2031-03-28", "2031-04-04",
        ]),
    ],
    ids=["more times", "a later end", "another weekday"],
)  # fmt: skip
async def test_a_date_that_was_deleted_does_not_come_back(
    desk: Desk, rule: dict[str, Any], expected: list[str]
) -> None:
    number, before = await without_the_third(desk)
    # Times are counted as the pattern has them, so that a count that is sent back changes nothing.
    assert [one["Date"][:10] for one in before["Dates"]] == LEFT
    assert (before["Pattern"], before["RecurrenceCounter"]) == ("Weekly", 4)
    assert await tried_and_done(desk, number, rule) == expected
    numbers = range(number, number + 3 * len(expected))
    standing = [(await desk.call("GET", each)).json() for each in numbers]
    series_id = before["RecurrenceId"]
    assert (
        sorted(
            each["StartDate"][:10]
            for each in standing
            if each.get("Recurrence", {}).get("RecurrenceId") == series_id
        )
        == expected
    )


async def test_days_that_are_worked_out_before_a_change_leave_out_what_is_out(desk: Desk) -> None:
    number, before = await without_the_third(desk)
    stands = (await desk.call("GET", number)).json()
    longer = stands | {"Recurrence": before | {"RecurrenceCounter": 6}}
    worked_out = (await desk.served.so("POST", "Agents/Appointment/CalculateDays", json=longer)).json()
    assert [one["Date"][:10] for one in worked_out["Dates"]] == [*LEFT, *LATER]
    answer = await desk.call("PUT", number, longer | {"Recurrence": worked_out})
    assert [one["Date"][:10] for one in answer.json()["Recurrence"]["Dates"]] == [*LEFT, *LATER]
    assert answer.json()["Recurrence"]["Pattern"] == "Weekly"
    by_hand = stands | {"Recurrence": before | {"Pattern": "Custom", "Dates": DATES}}
    worked_out = (await desk.served.so("POST", "Agents/Appointment/CalculateDays", json=by_hand)).json()
    assert [one["Date"] for one in worked_out["Dates"]] == [one["Date"] for one in DATES]


TUESDAYS = ["2031-03-18", "2031-03-25", "2031-04-01", "2031-04-08"]
TUESDAY = {
    "StartDate": f"{TUESDAYS[0]}T10:00:00",
    "EndDate": f"{TUESDAYS[0]}T11:00:00",
}
ON_TUESDAYS = {"StartDate": f"{TUESDAYS[0]}T00:00:00", "WeekPattern": {"Weekdays": "Tuesday", "Cycle": 1}}


@pytest.mark.parametrize("missing", [1, 2], ids=["the second", "the third"])
async def test_days_that_are_picked_with_another_weekday_are_the_dates(desk: Desk, missing: int) -> None:
    first = await series(desk)
    asked = [day for place, day in enumerate(TUESDAYS) if place != missing]
    rule = ON_TUESDAYS | {"Dates": [{"Date": f"{day}T00:00:00"} for day in asked]}
    answer = await desk.patch(first["AppointmentId"], TUESDAY | {"Recurrence": rule})
    assert [one["Date"][:10] for one in answer["Recurrence"]["Dates"]] == asked
    assert answer["Recurrence"]["Pattern"] == "Weekly"
    assert days(await rows(desk, first)) == asked


@pytest.mark.parametrize("days", [(18, 20, 21), (18, 19, 21), (18, 21)], ids=["as it was", "along", "both"])
async def test_days_that_are_picked_for_a_daily_series_are_the_dates(
    desk: Desk, days: tuple[int, ...]
) -> None:
    first = await series(desk, Pattern="Daily", DayPattern={"Pattern": "EveryCyclicDay", "Cycle": 1})
    number = first["AppointmentId"]
    assert (await desk.call("DELETE", number + 2)).status_code == 204
    asked = [f"2031-03-{day}" for day in days]
    rule = {"StartDate": "2031-03-18", "Dates": [{"Date": f"{day}T00:00:00"} for day in asked]}
    answer = await desk.patch(number, TUESDAY | {"Recurrence": rule})
    assert [one["Date"][:10] for one in answer["Recurrence"]["Dates"]] == asked


@pytest.mark.parametrize("extra", [[], [TUESDAYS[2]]], ids=["as it was worked out", "with what was out"])
async def test_days_that_are_worked_out_for_another_day_are_what_is_saved(
    desk: Desk, extra: list[str]
) -> None:
    number, before = await without_the_third(desk)
    moved = (await desk.call("GET", number)).json() | TUESDAY
    moved["Recurrence"] = before | ON_TUESDAYS | {"Dates": []}
    worked_out = (await desk.served.so("POST", "Agents/Appointment/CalculateDays", json=moved)).json()
    # What was out goes along, as it does when the day is changed without this.
    assert [one["Date"][:10] for one in worked_out["Dates"]] == [*TUESDAYS[:2], TUESDAYS[3]]
    worked_out["Dates"] += [{"Date": f"{day}T00:00:00"} for day in extra]
    answer = await desk.call("PUT", number, moved | {"Recurrence": worked_out})
    asked = sorted(one["Date"][:10] for one in worked_out["Dates"])
    assert [one["Date"][:10] for one in answer.json()["Recurrence"]["Dates"]] == asked


async def test_a_date_more_brings_no_deleted_one_along(desk: Desk) -> None:
    number, before = await without_the_third(desk)
    more = [*before["Dates"], {"Date": "2031-04-09T00:00:00"}]
    assert await tried_and_done(desk, number, {"Dates": more}) == [*LEFT, "2031-04-09"]


async def test_a_deleted_date_comes_back_when_it_is_asked_for(desk: Desk) -> None:
    number, before = await without_the_third(desk)
    again = [*before["Dates"], {"Date": f"{MONDAYS[2]}T00:00:00"}]
    assert await tried_and_done(desk, number, {"Dates": again}) == MONDAYS
    assert (await desk.call("GET", number)).json()["Recurrence"]["Pattern"] == "Weekly"


async def test_a_date_that_is_taken_out_of_the_list_leaves_the_pattern(desk: Desk) -> None:
    first = await series(desk)
    left = [one for one in first["Recurrence"]["Dates"] if MONDAYS[1] not in one["Date"]]
    assert await tried_and_done(desk, first["AppointmentId"], {"Dates": left}) == [MONDAYS[0], *MONDAYS[2:]]
    found = await rows(desk, first)
    assert days(found) == [MONDAYS[0], *MONDAYS[2:]]
    assert found[0]["Recurrence"]["Pattern"] == "Weekly"


BY_END = {"RecurrenceEndType": "EndDate", "EndDate": "2031-04-07T00:00:00"}
DATES = [{"Date": f"{day}T00:00:00"} for day in (*MONDAYS[:2], "2031-04-09")]


@pytest.mark.parametrize(
    ("made", "change", "ignored"),
    [
        ({}, {"EndDate": "2031-04-21T00:00:00"}, "Recurrence.EndDate"),
        ({}, {"EndDate": "2031-04-14T00:00:00", "RecurrenceCounter": 5}, None),
        ({}, {"EndDate": "2031-04-21T00:00:00", "RecurrenceCounter": 5}, "Recurrence.EndDate"),
        ({}, {"EndDate": "2031-04-21T00:00:00", "RecurrenceEndType": "EndDate"}, None),
        (BY_END, {"RecurrenceCounter": 9}, "Recurrence.RecurrenceCounter"),
        (BY_END, {"RecurrenceCounter": 9, "RecurrenceEndType": 2}, None),
        ({}, {"MonthPattern": {"Day": 3}}, "Recurrence.MonthPattern"),
        ({}, {"WeekPattern": {"Weekdays": "Monday"}, "YearPattern": {"Cycle": 3}}, None),
        ({}, {"MonthPattern": {"Day": 17}, "RecurrenceId": 3}, "Recurrence.RecurrenceId"),
        ({}, {"Pattern": "Monthly", "MonthPattern": {"Day": 17}}, None),
        ({}, {"Pattern": "Monthly", "Dates": DATES}, "Recurrence.Pattern"),
        ({}, None, "Recurrence"),
    ],
    ids=["end of a count", "both agree", "both differ", "end alone", "count of an end", "count alone", "month of weeks",
         "the same again", "another id", "other pattern", "pattern of a list", "null"],
)  # fmt: skip
async def test_half_a_rule_that_does_not_count_is_named(
    desk: Desk, made: dict[str, Any], change: dict[str, Any] | None, ignored: str | None
) -> None:
    number = (await series(desk, **made))["AppointmentId"]
    answer = await desk.call("PATCH", number, {"Recurrence": change})
    assert answer.status_code == 200
    assert answer.headers.get("Appointed-Ignored") == ignored


async def test_a_date_that_was_moved_alone_is_listed_under_its_day_of_the_rule(desk: Desk) -> None:
    first = await series(desk)
    second = (await rows(desk, first))[1]["AppointmentId"]
    times = {"StartDate": "2031-03-26T12:00:00", "EndDate": "2031-03-26T13:00:00"}
    moved = await desk.patch(second, times)
    for entity in (moved, await desk.read(first["AppointmentId"])):
        assert [one["Date"][:10] for one in entity["Recurrence"]["Dates"]] == MONDAYS
    # Without that day it is the moved one that goes.
    left = [one for one in moved["Recurrence"]["Dates"] if MONDAYS[1] not in one["Date"]]
    assert await tried_and_done(desk, first["AppointmentId"], {"Dates": left}) == [MONDAYS[0], *MONDAYS[2:]]
    assert (await desk.call("GET", second)).status_code in (403, 404)


RULES: tuple[dict[str, Any], ...] = (
    {"RecurrenceCounter": 5},
    {"WeekPattern": {"Weekdays": "Monday, Wednesday", "Cycle": 2}, "RecurrenceCounter": 5},
    {"RecurrenceEndType": "EndDate", "EndDate": "2031-04-21T00:00:00"},
    {"Pattern": "Monthly", "MonthPattern": {"Pattern": "WeekdayOfMonth"}},
    {"Pattern": "Daily", "DayPattern": {"Pattern": "EveryWorkday"}},
    {"Pattern": "Custom", "Dates": DATES},
)


async def disturbed(desk: Desk, source: random.Random, numbers: range) -> None:
    """Move or delete a date of a series, alone or with those after it."""
    found = [one for one in [await desk.call("GET", number) for number in numbers] if one.status_code == 200]
    row = source.choice([one.json() for one in found])
    query = source.choice(["", "", "?updateMode=ThisAndForward"])
    if source.random() < 0.3 and len(found) > 3:
        await desk.call("DELETE", row["AppointmentId"], query="")
        return
    start = datetime.fromisoformat(row["StartDate"])
    start = start + timedelta(days=source.randint(-1, 2), hours=source.randint(-1, 2))
    times = {"StartDate": start.isoformat(), "EndDate": (start + timedelta(hours=1)).isoformat()}
    await desk.patch(row["AppointmentId"], times, query=query)


def put_together_again(rule: dict[str, Any]) -> dict[str, Any]:
    """Write a rule as a program does that keeps days as days, and no order of them."""
    return rule | {"Dates": [{"Date": one["Date"]} for one in reversed(rule["Dates"])]}


@pytest.mark.parametrize("rule", RULES, ids=["counter", "two days", "end", "monthly", "daily", "custom"])
async def test_what_was_read_and_is_saved_again_changes_nothing(desk: Desk, rule: dict[str, Any]) -> None:
    source = random.Random(str(rule))
    first = (await series(desk, **rule))["AppointmentId"]
    numbers = range(first, first + 6)
    assert (await desk.call("DELETE", first + 1)).status_code == 204
    for _step in range(4):
        await disturbed(desk, source, numbers)
    before = {number: await desk.call("GET", number) for number in numbers}
    standing = {number: answer for number, answer in before.items() if answer.status_code == 200}
    assert len(standing) > 1
    for number, answer in standing.items():
        for query in ("", "?updateMode=OnlyThis", "?updateMode=ThisAndForward"):
            for method, body in (
                ("PUT", answer.json()),
                ("PATCH", {"Recurrence": put_together_again(answer.json()["Recurrence"])}),
            ):
                again = await desk.call(method, number, body, query=query)
                assert again.status_code == 200
                assert "Appointed-Ignored" not in again.headers
    after = {number: await desk.call("GET", number) for number in standing}
    assert {number: answer.headers["ETag"] for number, answer in after.items()} == {
        number: answer.headers["ETag"] for number, answer in standing.items()
    }


async def test_a_rule_from_a_date_that_the_clock_skips_begins_on_the_day_that_was_meant(desk: Desk) -> None:
    """In Nuuk the clock goes from eleven in the evening of Saturday, 29 March 2031, to midnight."""
    nuuk = desk.sending(**{"SO-TimeZone": "GL-NUUK"})
    rule = weekly(RecurrenceCounter=3, StartDate="2031-03-22T23:30:00") | {
        "WeekPattern": {"Weekdays": "Saturday"}
    }
    made = await nuuk.made(
        Title="Late",
        PreferredTZLocation=NUUK,
        StartDate="2031-03-22T23:30:00",
        EndDate="2031-03-22T23:45:00",
        Recurrence=rule,
    )
    number = made["AppointmentId"] + 1
    skipped = (await nuuk.call("GET", number)).json()
    assert skipped["StartDate"] == "2031-03-30T00:30:00"
    anew = {"IsRecurrence": True, "Pattern": "Weekly", "WeekPattern": {}}
    anew |= {"RecurrenceEndType": "Counter", "RecurrenceCounter": 2}
    answer = await nuuk.patch(number, [{"op": "replace", "path": "/Recurrence", "value": anew}])
    assert [one["Date"][:10] for one in answer["Recurrence"]["Dates"]] == ["2031-03-29", "2031-04-05"]
    assert "23:30" in (await nuuk.call("GET", number + 1)).json()["StartDate"]
