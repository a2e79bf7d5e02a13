"""Conditions on what the caller last saw, and the statuses 304, 404 and 412 (Response; If-Unmodified-Since)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, entity, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

CHANGED = (
    "Update aborted because AppointmentEntity has changed since the requested If-Unmodified-Since timestamp."
)
WRITES = [
    ("PATCH", {"Location": "x"}),
    ("PATCH", [step("replace", "Location", "x")]),
    ("PUT", {"Title": "x"}),
    ("DELETE", None),
]


async def seen(desk: Desk, number: int, **headers: str) -> dict[str, str]:
    """Give the headers that name what stands now."""
    answer = await desk.call("GET", number, **headers)
    return {"ETag": answer.headers["ETag"], "Last-Modified": answer.headers["Last-Modified"]}


def moved(date: str, **by: int) -> str:
    return format_datetime(parsedate_to_datetime(date) + timedelta(**by), usegmt=True)


async def attempt(desk: Desk, method: str, number: int, body: Any, **headers: str) -> Any:
    if method == "PUT":
        body = {"StartDate": "2030-07-01T10:00:00", "EndDate": "2030-07-01T11:00:00"} | body
    return await (
        desk.call(method, number, **headers) if body is None else desk.call(method, number, body, **headers)
    )


class TestNotFound:
    @pytest.mark.clause("SO-STATUS-404", "SO-ERROR-002")
    @pytest.mark.parametrize("number", [99_999, 0, 2_147_483_647, 2_147_483_648, 10**17])
    async def test_an_id_that_nobody_has(self, desk: Desk, number: int) -> None:
        for method, body in [*WRITES, ("GET", None)]:
            answer = await attempt(desk, method, number, body)
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "not_found")
            assert answer.json() == {
                "Error": True,
                "ErrorType": "SoNotFoundException",
                "ErrorMessage": f"Appointment id {number} not found",
                "Message": f"Appointment id {number} not found",
                "ErrorSource": "Appointed",
            }

    @pytest.mark.clause("SO-PATH-001", "SO-ERROR-003")
    @pytest.mark.parametrize("ref", ["one", "1.5", "-1", "1e2", "%31x", "+1"])
    async def test_an_id_that_is_no_whole_number(self, desk: Desk, ref: str) -> None:
        answer = await desk.call("PATCH", ref, {"Title": "x"})
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_request")
        assert answer.json()["ErrorType"] == "ArgumentException"


class TestIfUnmodifiedSince:
    @pytest.mark.clause("SO-STATUS-412", "SO-COND-002")
    @pytest.mark.parametrize(("method", "body"), WRITES)
    async def test_a_change_since_aborts(self, desk: Desk, method: str, body: Any) -> None:
        number = await desk.new(Location="Here")
        before = await seen(desk, number)
        await desk.patch(number, {"Agenda": "changed by another"})
        history = await desk.history(number)
        answer = await attempt(desk, method, number, body, If_Unmodified_Since=before["Last-Modified"])
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (412, "precondition_failed")
        assert answer.json() == {
            "Error": True,
            "ErrorType": "SoPreconditionException",
            "ErrorMessage": CHANGED,
            "Message": CHANGED,
            "ErrorSource": "Appointed",
        }
        assert answer.headers["ETag"] == '"2"'
        assert await desk.history(number) == history

    @pytest.mark.clause("SO-STATUS-412", "SO-COND-003")
    @pytest.mark.parametrize(("method", "body"), WRITES)
    async def test_without_one_it_passes(self, desk: Desk, method: str, body: Any) -> None:
        number = await desk.new(Location="Here")
        await desk.patch(number, {"Agenda": "x"})
        now = await seen(desk, number)
        answer = await attempt(desk, method, number, body, If_Unmodified_Since=now["Last-Modified"])
        assert answer.status_code in (200, 204)

    @pytest.mark.clause("SO-STATUS-412", "SO-COND-003")
    async def test_two_changes_within_one_second_are_told_apart(self, desk: Desk) -> None:
        number = await desk.new()
        dates = [(await seen(desk, number))["Last-Modified"]]
        for text in ("a", "b", "c"):
            await desk.patch(number, {"Location": text}, If_Unmodified_Since=dates[-1])
            dates.append((await seen(desk, number))["Last-Modified"])
            for old in dates[:-1]:
                headers = {"If_Unmodified_Since": old}
                await desk.refused(number, {"Location": "lost"}, 412, "precondition_failed", **headers)
        moments = [parsedate_to_datetime(one) for one in dates]
        assert moments == sorted(set(moments))

    @pytest.mark.clause("SO-STATUS-412")
    async def test_other_forms_of_dates(self, desk: Desk) -> None:
        number = await desk.new()
        now = parsedate_to_datetime((await seen(desk, number))["Last-Modified"])
        for form in ("%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"):
            early = (now - timedelta(seconds=1)).strftime(form)
            await desk.refused(
                number, {"Location": "x"}, 412, "precondition_failed", If_Unmodified_Since=early
            )
        # What is no date at all counts for nothing.
        assert (await desk.patch(number, {"Location": "x"}, If_Unmodified_Since="yesterday"))[
            "Location"
        ] == "x"

    @pytest.mark.clause("SO-COND-002")
    async def test_a_read_may_ask_too(self, desk: Desk) -> None:
        number = await desk.new()
        date = (await seen(desk, number))["Last-Modified"]
        assert (await desk.call("GET", number, If_Unmodified_Since=date)).status_code == 200
        answer = await desk.call("GET", number, If_Unmodified_Since=moved(date, seconds=-1))
        assert answer.status_code == 412

    async def test_the_condition_comes_before_the_patch(self, desk: Desk) -> None:
        number = await desk.new()
        old = moved((await seen(desk, number))["Last-Modified"], seconds=-1)
        for body in ([step("test", "Title", "no")], [step("replace", "Nonsense", 1)]):
            await desk.refused(number, body, 412, "precondition_failed", If_Unmodified_Since=old)


class TestTags:
    @pytest.mark.parametrize(("method", "body"), WRITES)
    async def test_if_match(self, desk: Desk, method: str, body: Any) -> None:
        number = await desk.new()
        for tag in ('"2"', '"0"', 'W/"1"', '"x"', "1", ""):
            answer = await attempt(desk, method, number, body, If_Match=tag)
            assert (answer.status_code, answer.headers["ETag"]) == (412, '"1"'), tag
        assert len(await desk.history(number)) == 1
        answer = await attempt(desk, method, number, body, If_Match='"7", "1"')
        assert answer.status_code in (200, 204)

    async def test_if_match_takes_the_tag_of_any_form(self, desk: Desk) -> None:
        number = await desk.new()
        for query, headers in (
            ("", {"Accept": "text/xml"}),
            ("?$select=Title", {}),
            ("", {"SO_TimeZone": "UTC"}),
            ("", {"SO_Language": "no"}),
        ):
            answer = await desk.call("GET", number, query=query, **headers)
            plain = await desk.call("GET", number)
            tag = answer.headers["ETag"]
            assert tag != plain.headers["ETag"]
            assert entity(await desk.call("PATCH", number, {"Agenda": tag}, If_Match=tag))["Agenda"] == tag

    async def test_if_match_star_and_if_none_match(self, desk: Desk) -> None:
        number = await desk.new()
        await desk.patch(number, {"Location": "a"}, If_Match="*")
        for tag in ("*", '"2"', 'W/"2"'):
            await desk.refused(number, {"Location": "b"}, 412, "precondition_failed", If_None_Match=tag)
        await desk.patch(number, {"Location": "b"}, If_None_Match='"1"')
        assert (await desk.call("PATCH", 99_999, {"Location": "b"}, If_Match="*")).status_code == 404

    async def test_if_match_wins_over_the_date(self, desk: Desk) -> None:
        number = await desk.new()
        now = await seen(desk, number)
        old = moved(now["Last-Modified"], days=-1)
        await desk.patch(number, {"Location": "a"}, If_Match=now["ETag"], If_Unmodified_Since=old)

    async def test_a_change_that_changes_nothing_keeps_the_tag(self, desk: Desk) -> None:
        number = await desk.new(Location="Here")
        before = await seen(desk, number)
        answer = await desk.call("PATCH", number, {"Location": "Here"})
        assert {name: answer.headers[name] for name in before} == before
        answer = await desk.call("PATCH", number, {"Location": "There"})
        assert answer.headers["ETag"] == '"2"'
        assert await seen(desk, number) == {name: answer.headers[name] for name in before}


class TestNotModified:
    @pytest.mark.clause("SO-COND-001")
    async def test_by_date(self, desk: Desk) -> None:
        number = await desk.new()
        await desk.patch(number, {"Location": "a"})
        now = await seen(desk, number)
        for date in (now["Last-Modified"], moved(now["Last-Modified"], hours=5)):
            answer = await desk.call("GET", number, If_Modified_Since=date)
            assert (answer.status_code, answer.content) == (304, b"")
            assert {name: answer.headers[name] for name in now} == now
        for date in (moved(now["Last-Modified"], seconds=-1), "never", ""):
            assert (await desk.call("GET", number, If_Modified_Since=date)).status_code == 200
        await desk.patch(number, {"Location": "b"})
        assert (await desk.call("GET", number, If_Modified_Since=now["Last-Modified"])).status_code == 200

    async def test_by_tag(self, desk: Desk) -> None:
        number = await desk.new()
        for tag in ('"1"', 'W/"1"', '"9", "1"', "*"):
            answer = await desk.call("GET", number, If_None_Match=tag)
            assert (answer.status_code, answer.content) == (304, b""), tag
        for tag in ('"2"', '"1-x"'):
            assert (await desk.call("GET", number, If_None_Match=tag)).status_code == 200

    async def test_the_tag_is_of_one_form(self, desk: Desk) -> None:
        number = await desk.new()
        xml = await seen(desk, number, Accept="application/xml")
        answer = await desk.call("GET", number, If_None_Match=xml["ETag"], Accept="application/xml")
        assert answer.status_code == 304
        assert (await desk.call("GET", number, If_None_Match=xml["ETag"])).status_code == 200
        assert (await desk.call("GET", number, If_None_Match='"1"', SO_TimeZone="UTC")).status_code == 200

    async def test_the_tag_wins_over_the_date(self, desk: Desk) -> None:
        number = await desk.new()
        now = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
        answer = await desk.call("GET", number, If_None_Match='"9"', If_Modified_Since=now)
        assert answer.status_code == 200

    async def test_caches_are_told_what_an_answer_hangs_on(self, desk: Desk) -> None:
        answer = await desk.call("GET", await desk.new())
        vary = {name.strip() for name in answer.headers["Vary"].split(",")}
        assert {"Accept", "Accept-Language", "SO-Language", "SO-TimeZone"} <= vary
        # Who asks is told by either of these.
        assert {"authorization", "cookie"} <= vary

    async def test_no_answer_is_shown_again_without_asking(self, desk: Desk) -> None:
        number = await desk.new()
        seen = (await desk.call("GET", number)).headers
        for at, headers in (
            (number, {}),
            (number, {"If_None_Match": seen["ETag"]}),
            (f"{number}/Simple", {}),
            (99_999, {}),
        ):
            answer = await desk.call("GET", at, **headers)
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "cookie" in answer.headers["Vary"]

    async def test_who_showed_a_tag_is_not_told_of_a_date(self, desk: Desk) -> None:
        number = await desk.new()
        by_tag = await desk.call("PATCH", number, {"Title": "x"}, If_Match='"9"')
        by_date = await desk.call(
            "PATCH", number, {"Title": "x"}, If_Unmodified_Since="Mon, 02 Mar 2020 08:00:00 GMT"
        )
        by_star = await desk.call("PATCH", number, {"Title": "x"}, If_None_Match="*")
        assert [answer.status_code for answer in (by_tag, by_date, by_star)] == [412] * 3
        assert "ETag" in by_tag.json()["Message"]
        assert "If-Unmodified-Since" not in by_tag.json()["Message"]
        assert by_star.json()["Message"] == by_tag.json()["Message"]
        assert by_date.json()["Message"] == (
            "Update aborted because AppointmentEntity has changed since the requested "
            "If-Unmodified-Since timestamp."
        )
