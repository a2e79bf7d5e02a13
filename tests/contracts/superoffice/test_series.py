"""Series by POST, PUT, PATCH and DELETE: `Recurrence` makes them, `updateMode` says how far a change goes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

START = "2031-03-17T10:00:00"
MONDAYS = ["2031-03-17", "2031-03-24", "2031-03-31", "2031-04-07"]


def weekly(**members: Any) -> dict[str, Any]:
    return {
        "IsRecurrence": True,
        "Pattern": "Weekly",
        "WeekPattern": {"Weekdays": "Monday", "Cycle": 1},
        "StartDate": "2031-03-17T00:00:00",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 4,
    } | members


async def series(desk: Desk, **recurrence: Any) -> dict[str, Any]:
    return await desk.made(
        Title="Weekly", StartDate=START, EndDate="2031-03-17T11:00:00", Recurrence=weekly(**recurrence)
    )


async def rows(desk: Desk, first: dict[str, Any], count: int = 4) -> list[dict[str, Any]]:
    """Give the occurrences that still stand, by start; their ids follow each other."""
    number = first["AppointmentId"]
    found = []
    for place in range(count + 1):
        answer = await desk.call("GET", number + place)
        if answer.status_code == 200 and answer.json()["Title"] != "Made":
            found.append(answer.json())
    return sorted(found, key=lambda entity: str(entity["StartDate"]))


def days(entities: list[dict[str, Any]]) -> list[str]:
    return [entity["StartDate"][:10] for entity in entities]


@pytest.mark.clause("SO-ARCHIVE-009")
@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("", "2031-03-17T10:00:00", "2031-04-07T11:00:00"),
        ("US-NY", "2031-03-17T05:00:00", "2031-04-07T05:00:00"),
        ("NO,includeTZOffset", "2031-03-17T10:00:00+01:00", "2031-04-07T11:00:00+02:00"),
        ("UTC,includeTZOffset", "2031-03-17T09:00:00Z", "2031-04-07T09:00:00Z"),
    ],
    ids=["base", "New York", "tagged", "utc"],
)
async def test_the_flat_carrier_tells_when_the_series_begins_and_ends(
    desk: Desk, zone: str, first: str, last: str
) -> None:
    """The clocks change between, so each end has the time of the day that its own date has."""
    made = await series(desk)
    number = made["AppointmentId"] + 1
    headers = {"SO-TimeZone": zone} if zone else {}
    rest = await desk.sending(**headers).call("GET", f"{number}/Simple")
    agent = await desk.served.so(
        "POST", f"Agents/Appointment/GetAppointment?AppointmentId={number}", headers=headers
    )
    for flat in (rest.json(), agent.json()):
        assert (flat["AppointmentId"], flat["RecurringPattern"]) == (number, "Weekly")
        assert (flat["RecurringStartDate"], flat["RecurringEndDate"]) == (first, last)


@pytest.mark.clause("SO-PROP-Recurrence", "SO-CARRIER-004")
async def test_a_post_makes_every_occurrence(desk: Desk) -> None:
    first = await series(desk)
    rule = first["Recurrence"]
    assert (rule["IsRecurrence"], rule["Pattern"], rule["RecurrenceCounter"]) == (True, "Weekly", 4)
    assert [one["Date"] for one in rule["Dates"]] == [f"{day}T00:00:00" for day in MONDAYS]
    assert rule["EndDate"] == "2031-04-07T00:00:00"
    found = await rows(desk, first)
    # The clocks change on the 30th of March; on the wall nothing moves.
    assert [entity["StartDate"] for entity in found] == [f"{day}T10:00:00" for day in MONDAYS]
    assert [entity["EndDate"] for entity in found] == [f"{day}T11:00:00" for day in MONDAYS]
    assert {entity["Recurrence"]["RecurrenceId"] for entity in found} == {rule["RecurrenceId"]}
    assert rule["RecurrenceId"] > 0


@pytest.mark.clause("SO-PROP-Recurrence")
async def test_a_series_keeps_the_wall_time_of_the_preferred_zone(desk: Desk) -> None:
    # Eleven in New York, where the clocks change on the 9th of March, three weeks before Oslo's.
    first = await desk.made(
        Title="Weekly",
        StartDate="2031-03-03T17:00:00",
        EndDate="2031-03-03T18:00:00",
        PreferredTZLocation=460,
        Recurrence=weekly(StartDate="2031-03-03T00:00:00", RecurrenceCounter=5),
    )
    assert first["PreferredTZLocationData"]["Name"] == "America/New_York"
    found = await rows(desk, first, 5)
    assert [entity["StartDate"][5:16] for entity in found] == [
        "03-03T17:00",
        "03-10T16:00",
        "03-17T16:00",
        "03-24T16:00",
        "03-31T17:00",
    ]


@pytest.mark.clause("SO-PROP-Recurrence", "SO-PROP-PreferredTZLocation")
async def test_the_zone_of_a_series_follows_the_preferred_one(desk: Desk) -> None:
    # Six in the evening in Oslo, noon in New York but for the three weeks before Oslo's clocks change.
    first = await desk.made(
        Title="Weekly",
        StartDate="2031-03-17T18:00:00",
        EndDate="2031-03-17T19:00:00",
        Recurrence=weekly(),
    )
    number = first["AppointmentId"]
    changed = await desk.patch(number + 1, {"PreferredTZLocation": 460}, query="?updateMode=ThisAndForward")
    assert changed["StartDate"] == "2031-03-24T18:00:00"
    found = await rows(desk, first)
    assert [one["StartDate"][5:16] for one in found] == [
        "03-17T18:00",
        "03-24T18:00",
        "03-31T19:00",
        "04-07T19:00",
    ]
    assert [one["PreferredTZLocation"] for one in found] == [0, 460, 460, 460]
    assert found[0]["Recurrence"]["IsRecurrence"] is False
    # By itself one date has only its own label.
    await desk.patch(number + 2, {"PreferredTZLocation": 261})
    assert [one["StartDate"] for one in await rows(desk, first)] == [one["StartDate"] for one in found]
    # From one in the morning it is another day over there.
    early = await desk.made(
        StartDate="2031-03-17T01:00:00", EndDate="2031-03-17T02:00:00", Recurrence=weekly()
    )
    query, body = "?updateMode=ThisAndForward", {"PreferredTZLocation": 460}
    answer = await desk.call("PATCH", early["AppointmentId"], body, query=query)
    assert (answer.status_code, list(answer.json()["Problems"])) == (400, ["PreferredTZLocation"])


@pytest.mark.clause("SO-PROP-Recurrence")
@pytest.mark.parametrize("flag", [True, "true"])
async def test_a_patch_makes_a_single_appointment_a_series(desk: Desk, flag: object) -> None:
    made = await desk.made(Title="Weekly", StartDate=START, EndDate="2031-03-17T11:00:00")
    answer = await desk.patch(made["AppointmentId"], [step("replace", "/Recurrence/IsRecurrence", flag)])
    rule = answer["Recurrence"]
    # Without more it is what stood there: weekly, on this day, for a year.
    assert (rule["IsRecurrence"], rule["Pattern"], len(rule["Dates"])) == (True, "Weekly", 53)
    assert answer["AppointmentId"] == made["AppointmentId"]


async def test_the_date_of_a_default_pattern_is_no_choice(desk: Desk) -> None:
    # A client takes the default pattern of a day, whose Dates hold that day, and says how often.
    answer = await desk.served.so(
        "POST", "Agents/Appointment/CreateDefaultRecurrenceByDate", json={"StartDate": START}
    )
    pattern = answer.json()
    assert [one["Date"][:10] for one in pattern["Dates"]] == MONDAYS[:1]
    said = {"IsRecurrence": True, "RecurrenceEndType": "Counter", "RecurrenceCounter": 4}
    first = await series(desk, **pattern | said)
    assert days(await rows(desk, first)) == MONDAYS
    # Several dates by hand are a choice, and so is one where it is called one.
    picked = [{"Date": f"{day}T00:00:00"} for day in (MONDAYS[0], MONDAYS[2])]
    assert days(await rows(desk, await series(desk, **pattern | said | {"Dates": picked}))) == [
        MONDAYS[0],
        MONDAYS[2],
    ]


async def test_an_entity_sent_back_changes_nothing(desk: Desk) -> None:
    first = await series(desk)
    answer = await desk.call("PUT", first["AppointmentId"], first)
    assert answer.json() == first
    assert len(await desk.history(first["AppointmentId"])) == 1


async def test_this_only_is_what_a_patch_changes_by_itself(desk: Desk) -> None:
    first = await series(desk)
    await desk.patch(first["AppointmentId"] + 2, {"Title": "Exception"})
    await desk.patch(first["AppointmentId"] + 3, {"Title": "This"}, query="?updateMode=OnlyThis")
    found = await rows(desk, first)
    assert [entity["Title"] for entity in found] == ["Weekly", "Weekly", "Exception", "This"]


@pytest.mark.parametrize("mode", ["ThisAndForward", "2", "thisandforward"])
async def test_this_and_forward_keeps_exceptions(desk: Desk, mode: str) -> None:
    first = await series(desk)
    _one, two, three, _four = await rows(desk, first)
    await desk.patch(three["AppointmentId"], {"Title": "Exception"})
    answer = await desk.patch(
        two["AppointmentId"],
        {"Title": "New", "StartDate": "2031-03-24T12:00:00", "EndDate": "2031-03-24T13:30:00"},
        query=f"?updateMode={mode}",
    )
    assert answer["AppointmentId"] == two["AppointmentId"]
    found = await rows(desk, first)
    assert [entity["Title"] for entity in found] == ["Weekly", "New", "Exception", "New"]
    assert [entity["StartDate"][11:16] for entity in found] == ["10:00", "12:00", "12:00", "12:00"]
    assert [entity["EndDate"][11:16] for entity in found] == ["11:00", "13:30", "13:30", "13:30"]


async def test_a_new_rule_counts_from_this_one_on(desk: Desk) -> None:
    first = await series(desk)
    _one, _two, three, _four = await rows(desk, first)
    rule = {"WeekPattern": {"Weekdays": "Tuesday", "Cycle": 1}}
    answer = await desk.patch(three["AppointmentId"], {"Recurrence": rule})
    assert answer["Recurrence"]["WeekPattern"]["Weekdays"] == "Tuesday"
    found = await rows(desk, first)
    assert days(found) == ["2031-03-17", "2031-03-24", "2031-04-01", "2031-04-08"]
    assert found[0]["Recurrence"]["EndDate"] == "2031-03-24T00:00:00"
    numbers = [entity["Recurrence"]["RecurrenceId"] for entity in found]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]


@pytest.mark.parametrize(
    ("made", "place", "pattern", "expected"),
    [
        (
            {"RecurrenceCounter": 4},
            1,
            {"Pattern": "Daily", "DayPattern": {"Cycle": 2}},
            ["2031-03-17", "2031-03-24", "2031-03-26", "2031-03-28"],
        ),
        (
            {"Pattern": "Daily", "RecurrenceCounter": 6},
            2,
            {"Pattern": "Weekly"},
            ["2031-03-17", "2031-03-18", "2031-03-19", "2031-03-26", "2031-04-02", "2031-04-09"],
        ),
    ],
    ids=["daily-from-the-second-week", "weekly-from-the-third-day"],
)
async def test_a_new_pattern_begins_with_the_date_that_is_changed(
    desk: Desk, made: dict[str, Any], place: int, pattern: dict[str, Any], expected: list[str]
) -> None:
    first = await series(desk, **made)
    old = (await rows(desk, first, 6))[place]
    answer = await desk.patch(old["AppointmentId"], {"Recurrence": pattern})
    assert answer["StartDate"] == old["StartDate"]
    found = await rows(desk, first, 6)
    assert days(found) == expected
    there = [await desk.seen_by_sqod(entity["AppointmentId"]) for entity in found]
    assert [one["appointment_at"][:10] for one in there] == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (
            {"Pattern": "Monthly", "MonthPattern": {"Pattern": "DayOfMonth", "Day": 17, "Cycle": 2}},
            ["2031-03-17", "2031-05-17", "2031-07-17", "2031-09-17"],
        ),
        (
            {
                "Pattern": "Monthly",
                "MonthPattern": {"Pattern": "WeekdayOfMonth", "Weekday": "Monday", "WeekOfMonth": "Third"},
            },
            ["2031-03-17", "2031-04-21", "2031-05-19", "2031-06-16"],
        ),
        (
            {"Pattern": "Yearly", "YearPattern": {"Pattern": "DayOfMonth", "Day": 17, "Cycle": 3}},
            ["2031-03-17", "2032-03-17", "2033-03-17", "2034-03-17"],
        ),
    ],
    ids=["day-of-month", "third-monday", "yearly"],
)
async def test_months_and_years(desk: Desk, pattern: dict[str, Any], expected: list[str]) -> None:
    first = await series(desk, **pattern)
    assert [one["Date"][:10] for one in first["Recurrence"]["Dates"]] == expected
    found = await rows(desk, first)
    assert days(found) == expected
    assert {entity["Recurrence"]["Pattern"] for entity in found} == {pattern["Pattern"]}


async def test_a_put_changes_the_rule_from_its_date_on(desk: Desk) -> None:
    first = await series(desk)
    _one, two, *_rest = await rows(desk, first)
    rule = two["Recurrence"] | {"WeekPattern": {"Weekdays": "Tuesday", "Cycle": 1}}
    answer = await desk.call("PUT", two["AppointmentId"], two | {"Recurrence": rule})
    assert answer.status_code == 200, answer.text
    assert days(await rows(desk, first)) == ["2031-03-17", "2031-03-25", "2031-04-01", "2031-04-08"]


async def test_exceptions_that_a_shorter_rule_deletes_are_named(desk: Desk) -> None:
    first = await series(desk)
    _one, two, three, four = await rows(desk, first)
    for lost in (three, four):
        await desk.patch(lost["AppointmentId"], {"Location": "Elsewhere"})
    stays = await desk.call("PATCH", two["AppointmentId"], {"Title": "Other"})
    assert "Appointed-Lost" not in stays.headers
    answer = await desk.call("PATCH", first["AppointmentId"], {"Recurrence": {"RecurrenceCounter": 2}})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Appointed-Lost"] == "2031-03-31, 2031-04-07"
    assert days(await rows(desk, first)) == MONDAYS[:2]


async def with_exceptions(desk: Desk) -> list[int]:
    """Make a series whose last two dates stand apart, and give its dates."""
    first = await series(desk)
    numbers = [one["AppointmentId"] for one in await rows(desk, first)]
    for number in numbers[2:]:
        await desk.patch(number, {"Location": "Elsewhere"})
    return numbers


LOST = ["2031-03-31", "2031-04-07"]
SHORTER = {"Recurrence": {"RecurrenceCounter": 2}}
STOP = {"UpdateMode": "StopRecurrence"}


def agents(method: str, body: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return "POST", f"Agents/Appointment/{method}", body


def shorter(first: dict[str, Any]) -> dict[str, Any]:
    rule = first["Recurrence"] | SHORTER["Recurrence"] | {"RecurrenceEndType": "Counter"}
    return first | {"Recurrence": rule}


# Every other way to change or stop a rule: the request, of the series' first date and its second's id.
LOSING: dict[str, Callable[[dict[str, Any], int], tuple[str, str, Any]]] = {
    "batch": lambda first, _two: (
        "POST",
        "Appointment/Batch",
        {"Items": [{"AppointmentId": first["AppointmentId"], "Patch": SHORTER}]},
    ),
    "delete": lambda _first, two: ("DELETE", f"Appointment/{two}?updateMode=StopRecurrence", None),
    "save entity": lambda first, _two: agents("SaveAppointmentEntity", shorter(first)),
    "save": lambda first, _two: agents("Save", {"AppointmentEntity": shorter(first)}),
    "save with words": lambda first, _two: agents(
        "SaveWithCustomInvitation", {"AppointmentEntity": shorter(first)}
    ),
    "agent's delete": lambda _first, two: agents("Delete", {"AppointmentId": two} | STOP),
    "hand-over": lambda _first, two: agents(
        "AssignTo", {"AppointmentId": two, "Participant": {"AssociateId": 3}} | STOP
    ),
    "move": lambda _first, two: agents(
        "MoveWithEmail", {"AppointmentId": two, "NewStartTime": f"{MONDAYS[1]}T12:00:00"} | STOP
    ),
    "quick update": lambda _first, two: agents(
        "UpdateAppointmentWithMode", {"Id": two, "EndTime": f"{MONDAYS[1]}T12:00:00"} | STOP
    ),
}


@pytest.mark.parametrize("way", LOSING)
async def test_exceptions_that_are_lost_are_named_whichever_way_they_go(desk: Desk, way: str) -> None:
    first, two, *others = await with_exceptions(desk)
    method, path, body = LOSING[way](await desk.read(first), two)
    content = {} if body is None else {"json": body}
    dry = await desk.served.so(method, path, headers={"Prefer": "dry-run"}, **content)
    assert (dry.status_code, dry.headers["Appointed-Lost"]) == (200, ", ".join(LOST)), dry.text
    lost = [one["starts_at"][:10] for one in dry.json()["changes"] if one["is_lost"]]
    assert sorted(lost) == LOST
    for number in others:
        assert (await desk.call("GET", number)).status_code == 200
    answer = await desk.served.so(method, path, **content)
    assert answer.status_code in (200, 204), answer.text
    assert answer.headers["Appointed-Lost"] == ", ".join(LOST)
    for number in others:
        assert (await desk.call("GET", number)).status_code == 404


async def test_nothing_is_named_where_nothing_is_lost(desk: Desk) -> None:
    first, *_others = await with_exceptions(desk)
    for method, path, body in (
        ("POST", "Appointment/Batch", {"Items": [{"AppointmentId": first, "Patch": {"Title": "Other"}}]}),
        agents("Save", {"AppointmentEntity": await desk.read(first) | {"Title": "Again"}}),
        agents("Delete", {"AppointmentId": first}),
    ):
        for headers in ({"Prefer": "dry-run"}, {}):
            answer = await desk.served.so(method, path, json=body, headers=headers)
            assert answer.status_code in (200, 204), answer.text
            assert "Appointed-Lost" not in answer.headers


async def test_stop_ends_the_series_with_this_one(desk: Desk) -> None:
    first = await series(desk)
    _one, two, _three, _four = await rows(desk, first)
    answer = await desk.patch(two["AppointmentId"], [], query="?updateMode=StopRecurrence")
    assert answer["Recurrence"]["EndDate"] == "2031-03-24T00:00:00"
    assert days(await rows(desk, first)) == MONDAYS[:2]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", [MONDAYS[0], *MONDAYS[2:]]),
        ("?updateMode=OnlyThis", [MONDAYS[0], *MONDAYS[2:]]),
        ("?updateMode=ThisAndForward", MONDAYS[:1]),
    ],
    ids=["alone", "this", "following"],
)
async def test_delete(desk: Desk, query: str, left: list[str]) -> None:
    first = await series(desk)
    _one, two, _three, _four = await rows(desk, first)
    assert (await desk.call("DELETE", two["AppointmentId"], query=query)).status_code == 204
    found = await rows(desk, first)
    assert days(found) == left
    # What is left alone recurs no more.
    assert found[0]["Recurrence"]["IsRecurrence"] is (len(left) > 1)


async def test_a_rule_by_hand_is_custom(desk: Desk) -> None:
    dates = [
        {"Date": "2031-05-02T00:00:00"},
        {"Date": "2031-05-09T00:00:00"},
        {"Date": "2031-05-01T00:00:00"},
    ]
    first = await series(desk, Pattern="Custom", Dates=dates)
    assert days(await rows(desk, first)) == ["2031-05-01", "2031-05-02", "2031-05-09"]
    assert first["Recurrence"]["Pattern"] == "Custom"


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"Pattern": "Hourly"}, "Recurrence.Pattern"),
        ({"WeekPattern": {"Weekdays": "Noday"}}, "Recurrence.WeekPattern.Weekdays"),
        ({"WeekPattern": {"Cycle": -1}}, "Recurrence.WeekPattern.Cycle"),
        ({"WeekPattern": 7}, "Recurrence.WeekPattern"),
        ({"RecurrenceCounter": 9999}, "Recurrence.RecurrenceCounter"),
        ({"StartDate": "soon"}, "Recurrence.StartDate"),
        ({"Pattern": "Custom", "Dates": []}, "Recurrence.Dates"),
        ({"Dates": [{"Date": "x"}]}, "Recurrence.Dates.0.Date"),
        ({"Dates": 5}, "Recurrence.Dates"),
        ({"Pattern": "Monthly", "MonthPattern": {"Day": 32}}, "Recurrence.MonthPattern.Day"),
        ({"Pattern": "Yearly", "YearPattern": {"Cycle": 13}}, "Recurrence.YearPattern.Cycle"),
        (
            {"Pattern": "Daily", "RecurrenceEndType": "EndDate", "EndDate": "2099-01-01T00:00:00"},
            "Recurrence",
        ),
        (
            {"Pattern": "Yearly", "YearPattern": {"Cycle": 2, "Day": 31}},
            "Recurrence",
        ),
    ],
    ids=lambda value: None if isinstance(value, str) else "+".join(value),
)
async def test_a_rule_that_cannot_be(desk: Desk, rule: dict[str, Any], path: str) -> None:
    number = await desk.new(StartDate=START, EndDate="2031-03-17T11:00:00")
    body = await desk.refused(number, {"Recurrence": weekly(**rule)})
    assert list(body["Problems"]) == [path]


async def test_an_update_mode_that_is_none(desk: Desk) -> None:
    number = await desk.new()
    answer = await desk.call("PATCH", number, {"Title": "x"}, query="?updateMode=Sometimes")
    assert answer.status_code == 400
    assert len(await desk.history(number)) == 1


async def test_the_other_contract_follows_too(desk: Desk) -> None:
    first = await series(desk)
    seen = await desk.seen_by_sqod(first["AppointmentId"] + 2)
    answer = await desk.served.sq("PATCH", f"/{seen['id']}?series=all", json={"duration_in_minutes": 20})
    assert answer.status_code == 200, answer.text
    found = await rows(desk, first)
    assert [entity["EndDate"][11:16] for entity in found] == ["10:20"] * 4
    assert (await desk.served.sq("PATCH", f"/{seen['id']}?series=", json={})).status_code == 200
    assert (await desk.served.sq("PATCH", f"/{seen['id']}?series=some", json={})).status_code == 422


async def test_the_other_contract_cancels_as_far_as_it_says(desk: Desk) -> None:
    first = await series(desk)
    seen = await desk.seen_by_sqod(first["AppointmentId"] + 2)
    answer = await desk.served.sq("POST", f"/{seen['id']}/cancel?series=following", json={})
    assert answer.status_code == 200, answer.text
    found = await rows(desk, first)
    assert [entity["Completed"] for entity in found] == ["NotStarted", "NotStarted", "Completed", "Completed"]
