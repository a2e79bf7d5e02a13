"""Who is calling, on both contracts: every kind of credential, and what each caller may do (Request Headers)."""

import base64
from typing import Any

import pytest

from tests.contracts.served import SO, SQ, Served
from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def ticket(served: Served, name: str = "demo") -> str:
    answer = await served.client.get("/api/v1/User/currentToken", headers=served.basic(name))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["Ticket"])


KINDS = [
    pytest.param("Basic {basic}", marks=pytest.mark.clause("SO-HEADER-001"), id="Basic"),
    pytest.param("BASIC {basic}", marks=pytest.mark.clause("SO-HEADER-001"), id="BASIC"),
    pytest.param("Basic {ticket_name}", marks=pytest.mark.clause("SO-HEADER-001"), id="ticket as name"),
    pytest.param("Basic {ticket}", marks=pytest.mark.clause("SO-HEADER-001"), id="ticket unencoded"),
    pytest.param("SOTicket {ticket}", marks=pytest.mark.clause("SO-HEADER-002"), id="SOTicket"),
    pytest.param("SoTicket {ticket}", marks=pytest.mark.clause("SO-HEADER-002"), id="SoTicket"),
    pytest.param("soticket  {ticket}", marks=pytest.mark.clause("SO-HEADER-002"), id="soticket"),
    pytest.param("SOTICKET {ticket}", marks=pytest.mark.clause("SO-HEADER-002"), id="SOTICKET"),
    pytest.param("Bearer {token}", marks=pytest.mark.clause("SO-HEADER-003"), id="Bearer"),
    pytest.param("bearer {token}", marks=pytest.mark.clause("SO-HEADER-003"), id="bearer"),
    pytest.param("Bearer {ticket}", marks=pytest.mark.clause("SO-HEADER-003"), id="ticket as token"),
]


async def opens_both(served: Served, headers: dict[str, str]) -> None:
    """Read and change the video appointment through both contracts."""
    for contract in (SO, SQ):
        path = served.paths[contract]
        answer = await served.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        answer = await served.client.patch(path, json={}, headers=headers)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("authorization", KINDS)
@pytest.mark.clause("SO-AUTH-002")
async def test_every_kind_opens_both_contracts(served: Served, authorization: str) -> None:
    one = await ticket(served)
    value = authorization.format(
        basic=encoded("demo:demo"), ticket=one, ticket_name=encoded(f"{one}:"), token=served.token
    )
    await opens_both(served, {"Authorization": value})


@pytest.mark.clause("SO-HEADER-004", "SO-AUTH-003")
async def test_a_session_opens_both_contracts_with_its_xsrf_value(served: Served) -> None:
    cookies, xsrf = await served.session("demo")
    await opens_both(served, {"Cookie": cookies, "X-XSRF-TOKEN": xsrf})
    for contract, path in served.paths.items():
        for value in ({}, {"X-XSRF-TOKEN": ""}, {"X-XSRF-TOKEN": xsrf[:-1]}):
            for method in ("GET", "PATCH"):
                answer = await served.client.request(method, path, headers={"Cookie": cookies} | value)
                assert (answer.status_code, answer.headers["Appointed-Error"]) == (401, "xsrf")
                served.assert_body(contract, answer)


@pytest.mark.clause("SO-HEADER-004")
async def test_a_session_ends_by_logout(served: Served) -> None:
    cookies, xsrf = await served.session("kari")
    headers = {"Cookie": cookies, "X-XSRF-TOKEN": xsrf}
    assert (await served.client.get(served.paths[SO], headers=headers)).status_code == 200
    assert (await served.client.post("/logout", headers=headers)).status_code == 204
    assert (await served.client.get(served.paths[SO], headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic " + encoded("demo:wrong")},
        {"Authorization": "Basic " + encoded("nobody:demo")},
        {"Authorization": "Basic " + encoded("demo:")},
        {"Authorization": "SOTicket 7T:1.x.y"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Digest demo"},
        {"X-XSRF-TOKEN": "alone"},
        {"SO-AppToken": "alone"},
    ],
)
@pytest.mark.clause("SO-HEADER-001", "SO-HEADER-002", "SO-HEADER-003", "SO-HEADER-004", "SO-AUTH-001")
async def test_401_without(served: Served, headers: dict[str, str]) -> None:
    before = await served.snapshot()
    for contract, path in served.paths.items():
        for method in ("GET", "PATCH"):
            answer = await served.client.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (401, "unauthenticated")
            assert "WWW-Authenticate" in answer.headers
            served.assert_body(contract, answer)
    assert await served.snapshot() == before


async def test_401_comes_before_whether_the_row_exists(served: Served) -> None:
    bodies = [await served.client.get(f"/api/v1/Appointment/{number}") for number in (1, 99_999)]
    assert bodies[0].content == bodies[1].content


@pytest.mark.parametrize(
    ("name", "shown"), [("demo", ("demo", 1, 1, "Administrator")), ("kari", ("kari", 2, 2, "Agent"))]
)
async def test_who_am_i(served: Served, name: str, shown: tuple[Any, ...]) -> None:
    answer = await served.client.get("/api/v1/user/CURRENTPRINCIPAL", headers=served.basic(name))
    who = answer.json()
    assert (who["Associate"], who["AssociateId"], who["GroupId"], who["RoleName"]) == shown
    by_ticket = {"Authorization": "SOTicket " + await ticket(served, name)}
    assert (await served.client.get("/api/v1/User/currentPrincipal", headers=by_ticket)).json() == who


@pytest.mark.clause("SO-ERROR-004")
async def test_403_without_the_right(desk: Desk) -> None:
    number = await desk.of("kari").new(StartDate="2030-01-01T10:00:00")
    before = await desk.history(number)
    ola = desk.of("ola")
    assert (await ola.read(number))["Title"] == "Made"
    for method, body in (("PATCH", {"Title": "x"}), ("PATCH", []), ("PUT", {"Title": "x"}), ("DELETE", None)):
        answer = await (ola.call(method, number) if body is None else ola.call(method, number, body))
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (403, "forbidden"), method
        desk.served.assert_body("superoffice", answer)
    path = f"/api/v1/appointments/{(await desk.stored(number)).uid}"
    answer = await desk.served.client.patch(path, json={"status": "late"}, headers=desk.served.basic("ola"))
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (403, "forbidden")
    desk.served.assert_body("sqod", answer)
    assert await desk.history(number) == before


async def test_colleagues_of_the_department_may_change_and_not_delete(desk: Desk) -> None:
    number = await desk.new()
    assert (await desk.of("ola").patch(number, {"Location": "x"}))["Location"] == "x"
    assert (await desk.of("ola").call("DELETE", number)).status_code == 403


OPEN = {
    "AppointmentId",
    "StartDate",
    "EndDate",
    "Private",
    "Recurrence",
    "TableRight",
    "FieldProperties",
}
# How members look of which nothing is told.
NOTHING = ("0001-01-01T00:00:00", "00:00:00", "None", "Unknown", "Accepted", "OK", "inDiary")


class TestPrivateRows:
    async def test_others_see_their_times_only(self, desk: Desk) -> None:
        number = await desk.of("kari").new(
            Title="Secret talk",
            Description="Secret words",
            Location="Secret place",
            Private="PrivateUser",
            Contact={"ContactId": 2},
            Participants=[{"AssociateId": 2}, {"EmailAddress": "secret@guest.example"}],
            CustomFields={"SuperOffice:1": "Secret field"},
            HasAlarm=True,
            IsFree=True,
            StartDate="2030-01-01T10:00:00",
        )
        own = await desk.of("kari").read(number)
        for name in ("ola", "demo"):
            answer = await desk.of(name).call("GET", number)
            assert answer.status_code == 200
            for word in ("ecret", "Fjord", "kari", "Nordmann"):
                assert word not in answer.text, word
            assert "ETag" not in answer.headers
            assert "Last-Modified" not in answer.headers
            seen = answer.json()
            assert set(seen) == set(own)
            for member in ("AppointmentId", "StartDate", "EndDate", "Private"):
                assert seen[member] == own[member]
            empty = (None, "", False, 0, [], {}, *NOTHING)
            assert {member for member, value in seen.items() if value not in empty} <= OPEN
            assert seen["TableRight"]["Mask"] != own["TableRight"]["Mask"]

    async def test_others_may_not_change_or_probe_them(self, desk: Desk) -> None:
        number = await desk.of("kari").new(Title="Secret talk", Private="PrivateUser")
        bodies = set()
        for body in (
            {"Title": "x"},
            [step("test", "/Title", "Secret talk")],
            [step("test", "/Title", "x")],
            [],
        ):
            answer = await desk.call("PATCH", number, body)
            assert answer.status_code == 403
            bodies.add(answer.content)
        assert len(bodies) == 1

    async def test_nobody_learns_that_they_changed(self, desk: Desk) -> None:
        number = await desk.of("kari").new(Title="Secret talk", Private="PrivateUser")
        bodies = set()
        for headers in (
            {},
            {"If-None-Match": '"1"'},
            {"If-None-Match": '"7"'},
            {"If-Match": '"7"'},
            {"If-Modified-Since": "Wed, 01 Jan 2031 00:00:00 GMT"},
            {"If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"},
        ):
            answer = await desk.sending(**headers).call("GET", number)
            assert answer.status_code == 200, headers
            bodies.add(answer.content)
        await desk.of("kari").patch(number, {"Title": "Other talk", "IsFree": True, "HasAlarm": True})
        bodies.add((await desk.call("GET", number)).content)
        assert len(bodies) == 1

    async def test_the_other_contract_does_not_know_them(self, desk: Desk) -> None:
        number = await desk.of("kari").new(Title="Secret talk", Private="PrivateUser")
        row = await desk.stored(number)
        for name, status in (("kari", 200), ("ola", 404), ("demo", 404)):
            headers = desk.served.basic(name)
            answer = await desk.served.client.get(f"/api/v1/appointments/{row.uid}", headers=headers)
            assert answer.status_code == status, name

    async def test_a_departments_own_are_open_to_it(self, desk: Desk) -> None:
        number = await desk.new(Title="Ours", Private="PrivateGroup")
        assert (await desk.of("ola").read(number))["Title"] == "Ours"
        assert (await desk.of("kari").read(number))["Title"] == ""
