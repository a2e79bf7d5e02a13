"""A series of ten with two guests and a room, told by SQOD and plain HTTP; both contracts agree at every step.

tests/clients/series.test.cjs tells the same with the official client.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_agents import asked, call

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DEMO, KARI, OLA, ROOM = 1, 2, 3, 4
OSLO = ZoneInfo("Europe/Oslo")
COUNT = 10
NINE = [9] * COUNT


def wall(place: int, hour: int, year: int = 2033) -> datetime:
    """Give an hour of the n-th Monday; the clocks change on the 30th of October, in the middle."""
    monday = date(year, 9, 26) + timedelta(weeks=place)
    return datetime(monday.year, monday.month, monday.day, hour, tzinfo=OSLO)


def wire(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat()


class Story:
    """The series as its people see it."""

    def __init__(self, served: Served, desk: Desk, rule: int) -> None:
        self.served, self.desk, self.rule = served, desk, rule

    async def rows(self, who: int) -> list[dict[str, Any]]:
        body = {"MotherId": 0, "RecurrenceRuleId": self.rule}
        found = await asked(self.served, "Appointment/GetAppointmentRecords", body)
        return sorted((row for row in found if row["AssociateId"] == who), key=lambda row: row["StartDate"])

    async def statuses(self, who: int) -> list[str]:
        return [row["InvitationStatus"] for row in await self.rows(who)]

    async def date(self, place: int) -> dict[str, Any]:
        return await self.desk.read((await self.rows(DEMO))[place]["AppointmentId"])

    async def uid(self, place: int) -> str:
        return str((await self.date(place))["CustomFields"]["x_uid"])

    async def there(self, verb: str, place: int, query: str = "", **members: Any) -> Any:
        """Change one date, and what follows as far as the query says, through SQOD."""
        answer = await self.served.sq(verb, f"/{await self.uid(place)}{query}", json=members)
        assert answer.status_code in (200, 204), answer.text
        return answer.json()["data"] if answer.content else None

    async def agree(self, *hours: int) -> None:
        """Check that the dates begin at these hours, in both contracts, which say the same of each."""
        masters = await self.rows(DEMO)
        assert [row["StartDate"] for row in masters] == [wire(wall(*one)) for one in enumerate(hours)]
        for row in masters:
            here = await self.desk.read(row["AppointmentId"])
            seen = await self.desk.seen_by_sqod(row["AppointmentId"])
            starts_at, ends_at = (
                datetime.fromisoformat(here[name]).replace(tzinfo=OSLO) for name in ("StartDate", "EndDate")
            )
            assert datetime.fromisoformat(seen["appointment_at"]) == starts_at
            assert timedelta(minutes=seen["duration_in_minutes"]) == ends_at - starts_at
            assert (seen["id"], seen["reference"]) == (
                here["CustomFields"]["x_uid"],
                here["CustomFields"]["x_reference"],
            )
            assert (seen["status"], seen["cancelled_at"]) == (here["CustomFields"]["x_status"], None)
            assert seen["meeting"]["room_url"] == here["JoinVideomeetUrl"]
            assert seen["claimant"]["email"] == here["CustomFields"]["x_claimant_email"]

    async def diary(self, login: str) -> int:
        span = {"StartTime": wire(wall(0, 0)), "EndTime": wire(wall(COUNT, 0)), "Count": -1}
        return len((await call(self.served, "Appointment/GetMyDiary", span, login)).json())


async def begun(served: Served, desk: Desk) -> Story:
    """Book one video appointment through SQOD, and make it ten with guests and a room by a PATCH."""
    booking = {
        "appointment_at": wall(0, 9).isoformat(),
        "duration_in_minutes": 60,
        "claimant": {"name": "Ada Lovelace", "email": f"{uuid4().hex}@claimant.example"},
    }
    answer = await served.sq("POST", json=booking)
    assert answer.status_code == 201, answer.text
    uid = answer.json()["data"]["id"]
    number = (await asked(served, "Appointment/GetAppointmentFromUID", {"UID": uid}))["AppointmentId"]
    rule = {"IsRecurrence": True, "Pattern": "Weekly", "RecurrenceEndType": "Counter"}
    people = [{"AssociateId": who} for who in (DEMO, KARI, OLA, ROOM)]
    body = {"Recurrence": rule | {"RecurrenceCounter": COUNT}, "Participants": people}
    first = await desk.patch(number, body)
    assert first["CustomFields"]["x_uid"] == uid
    return Story(served, desk, first["Recurrence"]["RecurrenceId"])


async def test_the_story_of_a_series(served: Served, desk: Desk) -> None:
    story = await begun(served, desk)
    await story.agree(*NINE)
    # Every date is a call of its own, with a reference, a link and a room of its own.
    seen = [await desk.seen_by_sqod(row["AppointmentId"]) for row in await story.rows(DEMO)]
    for member in ("id", "reference", "url"):
        assert len({one[member] for one in seen}) == COUNT
    assert len({one["meeting"]["id"] for one in seen}) == COUNT
    assert await story.statuses(KARI) == await story.statuses(OLA) == ["Invitation"] * COUNT
    assert await story.statuses(ROOM) == ["Accepted"] * COUNT

    # Both guests accept all dates.
    for login, who in (("kari", KARI), ("ola", OLA)):
        body = {"AppointmentId": (await story.rows(who))[0]["AppointmentId"], "UpdateMode": "ThisAndForward"}
        assert (await call(served, "Appointment/Accept", body, login)).status_code == 204
    assert await story.statuses(KARI) == await story.statuses(OLA) == ["Accepted"] * COUNT
    await story.agree(*NINE)

    # One guest declines one date, by deleting the row in the own diary.
    own = (await story.rows(OLA))[3]["AppointmentId"]
    assert (await desk.of("ola").call("DELETE", own)).status_code == 204
    assert [(await story.date(place))["RejectCounter"] for place in (2, 3, 4)] == [0, 1, 0]
    assert (len(await story.rows(OLA)), await story.diary("ola")) == (COUNT - 1, COUNT - 1)
    await story.agree(*NINE)

    # One date is an exception: an hour later, in another place.
    await story.there("PATCH", 5, appointment_at=wall(5, 10).isoformat())
    await desk.patch((await story.date(5))["AppointmentId"], {"Location": "Quay 4"})
    excepted = [9, 9, 9, 9, 9, 10, 9, 9, 9, 9]
    await story.agree(*excepted)
    assert await story.statuses(KARI) == ["Accepted"] * 5 + ["Moved"] + ["Accepted"] * 4
    await told_and_moved(story)


async def told_and_moved(story: Story) -> None:
    """Move this and the following, which the room refuses on the date on which it is busy; then stop."""
    desk, served = story.desk, story.served
    board = await desk.made(
        Title="Board",
        StartDate=wire(wall(7, 14)),
        EndDate=wire(wall(7, 15)),
        Participants=[{"AssociateId": ROOM}],
    )
    # Asked first, nothing happens: all but the exception would move, with the room refusing one date.
    uid = await story.uid(2)
    move = {"appointment_at": wall(2, 14).isoformat()}
    plan = await served.sq("PATCH", f"/{uid}?series=following", json=move, headers={"Prefer": "dry-run"})
    assert (plan.status_code, plan.json()["dry_run"]) == (200, True)
    changed = [one for one in plan.json()["changes"] if one["owner_id"] == DEMO]
    assert len(changed) == 7
    assert [one["has_conflict"] for one in sorted(changed, key=lambda one: str(one["starts_at"]))] == [
        place == 4 for place in range(7)
    ]
    refusals = [one for one in plan.json()["notices"] if one["kind"] == "declined"]
    assert [one["associate_id"] for one in refusals] == [ROOM]
    await story.agree(9, 9, 9, 9, 9, 10, 9, 9, 9, 9)

    answer = await story.there("PATCH", 2, "?series=following", **move)
    assert datetime.fromisoformat(answer["appointment_at"]) == wall(2, 14)
    moved = [9, 9, 14, 14, 14, 10, 14, 14, 14, 14]
    await story.agree(*moved)
    assert (await story.date(5))["Location"] == "Quay 4"
    assert await story.statuses(ROOM) == ["Accepted"] * 7 + ["Declined"] + ["Accepted"] * 2
    eighth = await story.date(7)
    assert (eighth["RejectCounter"], eighth["HasConflict"]) == (1, True)
    assert await story.statuses(KARI) == ["Accepted"] * 2 + ["Moved"] * 8
    # Who declined is not asked again.
    assert len(await story.rows(OLA)) == COUNT - 1

    await stopped(story, moved, board["AppointmentId"])


async def stopped(story: Story, moved: list[int], board: int) -> None:
    desk, served = story.desk, story.served
    last, ninth = await story.date(9), await story.date(8)
    await desk.patch(ninth["AppointmentId"], {}, query="?updateMode=StopRecurrence")
    await story.agree(*moved[:9])
    assert (await desk.call("GET", last["AppointmentId"])).status_code == 404
    assert (await served.sq("GET", f"/{last['CustomFields']['x_uid']}")).status_code == 404
    rule = (await story.date(0))["Recurrence"]
    assert (rule["RecurrenceId"], len(rule["Dates"])) == (story.rule, 9)
    assert (await story.statuses(KARI))[-1] == "Cancelled"
    assert await story.diary("kari") == 9

    # The rest is called off, which both contracts show, and the room has its time again.
    called_off = {"cancellation_reason": "The harbour is closed"}
    answer = await served.sq("POST", f"/{await story.uid(4)}/cancel?series=all", json=called_off)
    assert answer.status_code == 200, answer.text
    for row in await story.rows(DEMO):
        here, seen = (
            await desk.read(row["AppointmentId"]),
            await desk.seen_by_sqod(row["AppointmentId"]),
        )
        assert (seen["status"], here["CustomFields"]["x_status"]) == ("cancelled", "cancelled")
        assert (seen["cancellation_reason"], here["Completed"]) == ("The harbour is closed", "Completed")
        assert seen["cancelled_at"] is not None
    assert set(await story.statuses(KARI)) == {"Cancelled"}
    span = {"StartTime": wire(wall(0, 0)), "EndTime": wire(wall(COUNT, 0)), "Count": -1}
    held = await asked(served, "Appointment/GetAssociateDiary", span | {"AssociateId": ROOM})
    assert [row["MotherId"] for row in held] == [board]
    assert (await desk.call("DELETE", board)).status_code == 204
