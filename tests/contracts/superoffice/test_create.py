"""POST Appointment, GET Appointment/default and POST Appointment/Validate."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, entity

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


class TestDefault:
    @pytest.mark.clause("SO-OP-002")
    async def test_it_is_the_entity_without_links(self, desk: Desk) -> None:
        answer = await desk.call("GET", "default")
        default = entity(answer)
        assert set(await desk.read(1)) - set(default) == {"_Links"}
        assert default["AppointmentId"] == 0
        assert (default["Associate"]["Name"], default["CreatedBy"]["Name"]) == ("demo", "demo")
        assert default["Task"]["TaskListItemId"] == 1
        assert "ETag" not in answer.headers

    async def test_it_is_the_next_half_hour_in_the_callers_diary(self, desk: Desk) -> None:
        default = entity(await desk.of("kari").call("GET", "default", SO_TimeZone="UTC,includeTZOffset"))
        start = datetime.fromisoformat(default["StartDate"])
        assert timedelta() <= start - datetime.now(UTC) + timedelta(seconds=2) <= timedelta(minutes=31)
        assert (start.minute % 30, start.second) == (0, 0)
        assert datetime.fromisoformat(default["EndDate"]) - start == timedelta(hours=1)
        assert default["Associate"]["Name"] == "kari"

    async def test_it_can_be_filled_in_and_sent(self, desk: Desk) -> None:
        default = entity(await desk.call("GET", "default"))
        answer = await desk.call("POST", body=default | {"Title": "Filled in"})
        made = entity(answer)
        assert "Appointed-Ignored" not in answer.headers
        assert made["AppointmentId"] > 0
        assert (made["Title"], made["StartDate"]) == ("Filled in", default["StartDate"])

    async def test_it_keeps_nothing(self, desk: Desk) -> None:
        number = await desk.new()
        await desk.call("GET", "default")
        assert await desk.new() == number + 1


class TestOutermostYears:
    @pytest.mark.parametrize("zone", ["", "UTC", "US-NY,includeTZOffset", "NZ"])
    @pytest.mark.parametrize(
        "at",
        ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "9999-01-02T12:00:00", "0001-01-01T00:00:01Z"],
    )
    async def test_they_leave_room_for_zones_and_dates_that_follow(
        self, desk: Desk, at: str, zone: str
    ) -> None:
        headers = {"SO_TimeZone": zone} if zone else {}
        times = {"StartDate": at, "EndDate": at}
        number = await desk.new()
        answer = await desk.call("POST", body={"Title": "At the end of time", **times}, **headers)
        assert answer.status_code == 400, answer.text
        assert set(answer.json()["Problems"]) == {"StartDate", "EndDate"}
        assert await desk.new() == number + 1
        found = await desk.call(
            "POST", "Validate", entity(await desk.call("GET", "default")) | times, **headers
        )
        assert (found.status_code, set(found.json())) == (200, {"StartDate", "EndDate"})
        for dry in ({}, {"Prefer": "dry-run"}):
            await desk.refused(number, times, **headers, **dry)


class TestCreate:
    @pytest.mark.clause("SO-STATUS-200", "SO-OP-003")
    async def test_a_part_of_an_entity_is_enough(self, desk: Desk) -> None:
        answer = await desk.call("POST", body={"Contact": {"ContactId": 2}, "Description": "Hello world!"})
        assert answer.status_code == 200
        made = answer.json()
        assert (made["Contact"]["Name"], made["Description"]) == ("Fjord Shipping", "Hello world!")
        assert made["Person"] is None
        assert made["Title"] == "Hello world!"
        assert made["Task"]["TaskListItemId"] == 1
        assert await desk.read(made["AppointmentId"]) == made
        assert answer.headers["ETag"] == '"1"'

    @pytest.mark.parametrize("query", ["", "/", "?x=1", "/?$select=AppointmentId"])
    @pytest.mark.clause("SO-OP-001")
    async def test_with_or_without_a_trailing_slash(self, desk: Desk, query: str) -> None:
        assert entity(await desk.call("POST", body={}, query=query))["AppointmentId"] > 0

    @pytest.mark.clause("SO-OP-005")
    async def test_as_the_official_client_writes_it(self, desk: Desk) -> None:
        body = {
            "appointmentId": 0,
            "description": "By client",
            "startDate": "2030-01-01T10:00:00.000Z",
            "type": "InDiary",
            "associate": {"associateId": 3},
            "alarmLeadTime": "PT15M",
            "tableRight": None,
            "participants": None,
            "extra": 1,
        }
        made = entity(await desk.call("POST", body=body, query="/"))
        assert (made["StartDate"], made["EndDate"]) == ("2030-01-01T11:00:00", "2030-01-01T12:00:00")
        assert (made["Associate"]["Name"], made["Type"], made["AlarmLeadTime"]) == (
            "ola",
            "inDiary",
            "00:15:00",
        )

    @pytest.mark.clause("SO-OP-006")
    async def test_as_the_official_sample_writes_it(self, desk: Desk) -> None:
        body = {"StartDate": "2030-01-02T10:00:00", "EndDate": "2030-01-01T10:00:00", "InvitationStatus": 5}
        made = entity(await desk.call("POST", body=body))
        assert (made["StartDate"], made["EndDate"]) == ("2030-01-02T10:00:00", "2030-01-02T10:00:00")
        assert made["InvitationStatus"] == "Invitation"

    @pytest.mark.clause("SO-OP-003")
    async def test_null_means_the_default(self, desk: Desk) -> None:
        body = {
            "StartDate": None,
            "Task": None,
            "Associate": None,
            "Participants": None,
            "CustomFields": None,
        }
        made = entity(await desk.call("POST", body=body))
        assert (made["Task"]["TaskListItemId"], made["Associate"]["AssociateId"]) == (1, 1)

    async def test_ids_are_never_used_twice(self, desk: Desk) -> None:
        number = await desk.new()
        assert (await desk.call("DELETE", number)).status_code == 204
        assert await desk.new() > number

    @pytest.mark.parametrize("content", [b"", b" ", b"null", b"[]", b'"x"', b"5"])
    async def test_without_an_entity_it_is_refused(self, desk: Desk, content: bytes) -> None:
        answer = await desk.call("POST", content=content)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "missing_body")
        assert answer.json()["Message"] == "Bad request. Entity to save is not in request body."

    async def test_every_problem_is_told(self, desk: Desk) -> None:
        bad = {"StartDate": "soon", "Task": {"Value": "Nonsense"}, "Location": "x" * 255, "Private": 9}
        answer = await desk.call("POST", body=bad)
        assert answer.status_code == 400
        assert set(answer.json()["Problems"]) == {"StartDate", "Task.Value", "Location", "Private"}

    @pytest.mark.clause("SO-OP-004")
    async def test_there_is_no_post_on_an_id(self, desk: Desk) -> None:
        assert (await desk.call("POST", 1, {"Title": "x"})).status_code == 405

    async def test_into_anothers_diary_only_with_the_right(self, desk: Desk) -> None:
        body: dict[str, Any] = {"Associate": {"AssociateId": 2}}
        answer = await desk.of("ola").call("POST", body=body)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (403, "forbidden")
        assert entity(await desk.call("POST", body=body))["Associate"]["Name"] == "kari"


class TestValidate:
    @pytest.mark.clause("SO-OP-012")
    async def test_what_can_be_saved_has_no_messages(self, desk: Desk) -> None:
        for body in ({}, {"Title": "x"}, await desk.read(1)):
            answer = await desk.call("POST", "Validate", body)
            assert (answer.status_code, answer.json()) == (200, {})

    @pytest.mark.clause("SO-OP-012")
    async def test_messages_by_member(self, desk: Desk) -> None:
        answer = await desk.call("POST", "validate", {"StartDate": "soon", "Contact": {"ContactId": 99}})
        assert answer.status_code == 200
        assert answer.json() == {
            "StartDate": "is not a date or time that exists",
            "Contact.ContactId": "names nothing that exists",
        }

    async def test_it_keeps_nothing(self, desk: Desk) -> None:
        number = await desk.new()
        await desk.call("POST", "Validate", {"Title": "x"})
        assert await desk.new() == number + 1

    async def test_without_an_entity_it_is_refused(self, desk: Desk) -> None:
        assert (await desk.call("POST", "Validate", content=b"")).status_code == 400
