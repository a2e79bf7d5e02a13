"""`SO-TimeZone`: zones by code and id, offsets, what goes in and out, and the days when the clock changes."""

from datetime import UTC, datetime

import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.clause("SO-HEADER-017"),
]

NEVER, FOREVER = "0001-01-01T00:00:00", "9999-12-31T23:59:59"
START = "2030-07-01T10:00:00"


async def start(desk: Desk, number: int, zone: str) -> str:
    return (await desk.read(number, SO_TimeZone=zone))["StartDate"]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("", "2030-07-01T10:00:00"),
        ("NO", "2030-07-01T10:00:00"),
        ("no", "2030-07-01T10:00:00"),
        ("261", "2030-07-01T10:00:00"),
        ("UTC", "2030-07-01T08:00:00"),
        ("1", "2030-07-01T08:00:00"),
        ("US-NY", "2030-07-01T04:00:00"),
        ("us-ny", "2030-07-01T04:00:00"),
        ("460", "2030-07-01T04:00:00"),
        ("US-CA", "2030-07-01T01:00:00"),
        ("US-HI", "2030-06-30T22:00:00"),
        ("433", "2030-06-30T22:00:00"),
        ("FR", "2030-07-01T10:00:00"),
        ("140", "2030-07-01T10:00:00"),
        ("BD", "2030-07-01T14:00:00"),
        ("AU-ACT", "2030-07-01T18:00:00"),
        ("WET", "2030-07-01T09:00:00"),
        ("includeTZOffset", "2030-07-01T10:00:00+02:00"),
        ("NO,includeTZOffset", "2030-07-01T10:00:00+02:00"),
        ("UTC, includeTZOffset", "2030-07-01T08:00:00Z"),
        ("INCLUDETZOFFSET,utc", "2030-07-01T08:00:00Z"),
        ("US-NY ,includetzoffset", "2030-07-01T04:00:00-04:00"),
        ("460,includeTZOffset,", "2030-07-01T04:00:00-04:00"),
    ],
)
async def test_dates_of_the_answer_are_those_of_the_zone(desk: Desk, zone: str, shown: str) -> None:
    number = await desk.new(StartDate=START, EndDate="2030-07-01T11:00:00")
    for name in ("SO_TimeZone", "SO_Timezone", "SO_TIMEZONE"):
        entity = await desk.read(number, **{name: zone})
        assert (entity["StartDate"], entity["ActiveDate"]) == (shown, shown)


@pytest.mark.parametrize("zone", ["XX", "0", "999999", "NO,UTC", "NO UTC", "Europe/Oslo", "x" * 200])
async def test_a_zone_that_nobody_knows_is_refused(desk: Desk, zone: str) -> None:
    number = await desk.new()
    await desk.refused(number, {"Location": "x"}, 400, "invalid_request", SO_TimeZone=zone)
    assert (await desk.call("GET", number, SO_TimeZone=zone)).status_code == 400


@pytest.mark.parametrize(
    ("zone", "sent", "stored", "returned"),
    [
        # The worked examples of the header's own page, with the base zone NO.
        ("", "2018-12-24T12:34:45", "2018-12-24T12:34:45", "2018-12-24T12:34:45"),
        ("US-NY", "2018-12-24T12:34:45", "2018-12-24T18:34:45", "2018-12-24T12:34:45"),
        (
            "US-NY, includeTZOffset",
            "2018-12-24T12:34:45Z",
            "2018-12-24T13:34:45",
            "2018-12-24T07:34:45-05:00",
        ),
        ("US-NY", "2018-12-24T12:34:45Z", "2018-12-24T13:34:45", "2018-12-24T07:34:45"),
        # What the official client sends, and other spellings of instants.
        ("", "2018-12-24T12:34:45.678Z", "2018-12-24T13:34:45", "2018-12-24T13:34:45"),
        ("UTC", "2018-12-24T12:34:45-0500", "2018-12-24T18:34:45", "2018-12-24T17:34:45"),
        ("", "2018-12-24T12:34:45+05:30", "2018-12-24T08:04:45", "2018-12-24T08:04:45"),
        ("", "2018-12-24", "2018-12-24T00:00:00", "2018-12-24T00:00:00"),
        ("UTC", "2018-12-24 12:34", "2018-12-24T13:34:00", "2018-12-24T12:34:00"),
    ],
)
@pytest.mark.clause("SO-WIRE-004")
async def test_dates_sent_are_read_in_the_zone(
    desk: Desk, zone: str, sent: str, stored: str, returned: str
) -> None:
    number = await desk.new(StartDate="2018-12-24T01:00:00", EndDate="2018-12-25T00:00:00")
    for body in ({"StartDate": sent}, [step("replace", "/StartDate", sent)]):
        answer = await desk.patch(number, body, SO_TimeZone=zone)
        assert answer["StartDate"] == returned
        assert (await desk.read(number))["StartDate"] == stored
        assert answer["EndDate"] == (await desk.read(number, SO_TimeZone=zone))["EndDate"]
    made = await desk.call("POST", body={"StartDate": sent}, SO_TimeZone=zone)
    assert made.json()["StartDate"] == returned


class TestStamps:
    @pytest.mark.clause("SO-WIRE-005")
    async def test_they_are_utc_when_tagged_whatever_zone_is_named(self, desk: Desk) -> None:
        number = await desk.new()
        created = (await desk.history(number))[0].at
        for zone in ("NO,includeTZOffset", "UTC,includeTZOffset", "US-HI,includeTZOffset", "includeTZOffset"):
            entity = await desk.read(number, SO_TimeZone=zone)
            assert entity["CreatedDate"] == f"{created:%Y-%m-%dT%H:%M:%SZ}"
            assert entity["UpdatedDate"] == NEVER + "Z"

    async def test_untagged_they_follow_the_zone(self, desk: Desk) -> None:
        number = await desk.new()
        created = (await desk.history(number))[0].at
        entity = await desk.read(number, SO_TimeZone="UTC")
        assert (entity["CreatedDate"], entity["UpdatedDate"]) == (f"{created:%Y-%m-%dT%H:%M:%S}", NEVER)


class TestWallDates:
    @pytest.mark.clause("SO-WIRE-006")
    async def test_days_of_the_rule_never_shift(self, desk: Desk) -> None:
        number = await desk.new(StartDate="2002-03-31T18:00:00", EndDate="2002-03-31T19:00:00")
        for zone, tag in (
            ("", ""),
            ("NO,includeTZOffset", "+01:00"),
            ("UTC,includeTZOffset", "Z"),
            ("US-HI", ""),
        ):
            rule = (await desk.read(number, SO_TimeZone=zone))["Recurrence"]
            assert rule["StartDate"] == rule["Dates"][0]["Date"] == f"2002-03-31T00:00:00{tag}"
        # A year later the clock says something else.
        rule = (await desk.read(number, SO_TimeZone="NO,includeTZOffset"))["Recurrence"]
        assert rule["EndDate"] == "2003-03-31T00:00:00+02:00"


class TestBounds:
    @pytest.mark.parametrize(
        ("zone", "first", "last"),
        [
            ("", NEVER, FOREVER),
            ("NO,includeTZOffset", "0001-01-01T01:00:00+01:00", FOREVER + "+01:00"),
            ("UTC,includeTZOffset", NEVER + "Z", FOREVER + "Z"),
            ("US-NY,includeTZOffset", NEVER + "-05:00", FOREVER + "-05:00"),
        ],
    )
    @pytest.mark.clause("SO-WIRE-007")
    async def test_what_is_not_set(self, desk: Desk, zone: str, first: str, last: str) -> None:
        number = await desk.new()
        entity = await desk.read(number, SO_TimeZone=zone)
        assert (entity["PublishFrom"], entity["PublishEventDate"]) == (first, first)
        assert entity["PublishTo"] == last
        # Sent back, they still mean that nothing is set.
        await desk.patch(number, {"PublishFrom": first, "PublishTo": last}, SO_TimeZone=zone)
        assert len(await desk.history(number)) == 1


class TestClockChanges:
    """Oslo: forward on 31 March 2030 at 02:00, back on 27 October 2030 at 03:00."""

    @pytest.mark.parametrize(
        ("sent", "tagged"),
        [
            ("2030-03-31T01:59:59", "2030-03-31T01:59:59+01:00"),
            # The hour that is skipped is read with the offset before the gap.
            ("2030-03-31T02:30:00", "2030-03-31T03:30:00+02:00"),
            ("2030-03-31T03:00:00", "2030-03-31T03:00:00+02:00"),
            # Of the hour that comes twice the first is meant.
            ("2030-10-27T02:30:00", "2030-10-27T02:30:00+02:00"),
            ("2030-10-27T02:30:00+01:00", "2030-10-27T02:30:00+01:00"),
            ("2030-10-27T01:30:00Z", "2030-10-27T02:30:00+01:00"),
            ("2030-10-27T03:00:00", "2030-10-27T03:00:00+01:00"),
        ],
    )
    async def test_wall_times_around_them(self, desk: Desk, sent: str, tagged: str) -> None:
        number = await desk.new(StartDate=sent)
        assert await start(desk, number, "NO,includeTZOffset") == tagged
        assert await start(desk, number, "NO") == tagged[:19]

    @pytest.mark.parametrize("instant", ["2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z"])
    async def test_a_change_elsewhere_keeps_either_hour(self, desk: Desk, instant: str) -> None:
        number = await desk.new(StartDate=instant, EndDate="2030-10-27T05:00:00Z")
        shown = await start(desk, number, "")
        assert shown == "2030-10-27T02:30:00"
        whole = await desk.read(number)
        await desk.patch(number, {"Location": "x"})
        await desk.patch(number, {"StartDate": shown})
        await desk.call("PUT", number, whole | {"Agenda": "y"})
        assert await start(desk, number, "UTC,includeTZOffset") == instant

    @pytest.mark.parametrize("year", range(2024, 2032))
    async def test_every_quarter_of_an_hour_goes_out_and_comes_back(self, desk: Desk, year: int) -> None:
        number = await desk.new(StartDate=f"{year}-01-01T00:00:00Z", EndDate=f"{year}-12-31T00:00:00Z")
        for month in (3, 10):
            last_sunday = max(
                day for day in range(25, 32) if datetime(year, month, day, tzinfo=UTC).weekday() == 6
            )
            for minutes in range(0, 180, 15):
                at = datetime(year, month, last_sunday, minutes // 60, minutes % 60, tzinfo=UTC)
                answer = await desk.patch(
                    number,
                    {"StartDate": at.isoformat()},
                    query="?$select=StartDate",
                    SO_TimeZone="NO,includeTZOffset",
                )
                assert datetime.fromisoformat(answer["StartDate"]) == at
                untagged = await start(desk, number, "US-NY")
                await desk.patch(number, {"StartDate": untagged}, SO_TimeZone="US-NY")
                assert (await desk.stored(number)).starts_at == at
