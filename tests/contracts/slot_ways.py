"""Every way of taking a time of the room: what each needs beforehand, and the one request that takes it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from appointed import commands
from appointed.usecases.administer import Administrator
from appointed.usecases.import_calendar import ImportCalendar
from tests.ical.test_events import calendar

OSLO = ZoneInfo("Europe/Oslo")
ROOM, HOUR, TRIES = 4, timedelta(hours=1), 20
STRICT = "handling=strict"
SO, SQ, AGENT, PAGES = (
    "/api/v1/Appointment",
    "/api/v1/appointments",
    "/api/v1/Agents/Appointment",
    "/agent-web",
)
# What a browser of today says of a form that stands on one of our pages.
BROWSER = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
TWICE = {"IsRecurrence": True, "RecurrenceEndType": "Counter", "RecurrenceCounter": 2}

WON, LOST = "won", "lost"
# Takes the time by one of the servers' clients, and tells what came of it: WON, LOST, or what nobody expected.
Send = Callable[[httpx.AsyncClient], Awaitable[str]]


@dataclass
class Ground:
    """Where a race is prepared: the wanted hour, who prepares it, and hours of the room for one rival each.

    `department` is one whose appointments are the room's. Calendars are brought in by the server's `socket`, or
    else by a process of its own (this one) that has the same store open. `signed` are cookie and token of
    somebody at the pages of each server.
    """

    client: httpx.AsyncClient
    slot: datetime
    department: int
    administrator: Administrator | None
    socket: Path | None
    signed: dict[str, tuple[str, str]]
    rivals: int = field(default=0)

    def number(self) -> int:
        """Count the rivals, from 1."""
        self.rivals += 1
        return self.rivals

    def elsewhere(self) -> datetime:
        """Give another hour, at no such time of any day."""
        place = self.number() + 1
        return self.slot + (place + 1 + place // 23) * HOUR

    async def made(self, at: datetime, **members: Any) -> dict[str, Any]:
        answer = await self.client.post(SO, json=times(at) | members)
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())

    async def of_room(self, **members: Any) -> dict[str, Any]:
        """Make an appointment of the room at an hour of its own."""
        return await self.made(self.elsewhere(), **OF_ROOM, **members)


Way = Callable[[Ground], Awaitable[Send]]
OF_ROOM = {"Associate": {"AssociateId": ROOM}}
INVITED = {"Participants": [{"AssociateId": ROOM}]}


def times(at: datetime, start: str = "StartDate", end: str = "EndDate") -> dict[str, str]:
    """Write an hour as SuperOffice does."""
    return {start: at.isoformat(), end: (at + HOUR).isoformat()}


def uid_of(row: dict[str, Any]) -> str:
    return str(row["CustomFields"]["x_uid"])


def said(answer: httpx.Response) -> str:
    """Tell what came of a request that takes the time or is refused."""
    if answer.status_code == httpx.codes.CONFLICT and answer.headers["Appointed-Error"] == "time_held":
        return LOST
    return WON if answer.is_success else f"{answer.status_code} {answer.request.url}: {answer.text[:300]}"


def said_by_room(answer: httpx.Response) -> str:
    """Tell whether an invited room comes; that it declines refuses nothing."""
    if answer.status_code != httpx.codes.OK:
        return f"{answer.status_code}: {answer.text[:300]}"
    people = answer.json()["Participants"]
    (status,) = (one["InvitationStatus"] for one in people if one["AssociateId"] == ROOM)
    return {"Accepted": WON, "Declined": LOST}.get(status, status)


@dataclass(frozen=True)
class Asking:
    """A request that takes the time, and what its answer says."""

    verb: str
    path: str
    body: Any
    tell: Callable[[httpx.Response], str] = said
    prefer: str = ""

    async def __call__(self, client: httpx.AsyncClient) -> str:
        """Send it, again where the server has no time just now, as its answer says one should."""
        answer = await self.answer(client)
        for _try in range(TRIES):
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(float(answer.headers["Retry-After"]))
            answer = await self.answer(client)
        return self.tell(answer)

    async def answer(self, client: httpx.AsyncClient, *wishes: str) -> httpx.Response:
        """Send it once, with more wishes for its `Prefer`."""
        prefer = ", ".join(filter(None, (self.prefer, *wishes)))
        headers = {"Prefer": prefer} if prefer else None
        return await client.request(self.verb, self.path, json=self.body, headers=headers)


def agent(method: str, body: dict[str, Any], tell: Callable[[httpx.Response], str] = said) -> Send:
    return Asking("POST", f"{AGENT}/{method}", body, tell)


def posting(on: Ground, path: str, form: dict[str, str]) -> Send:
    """Make what sends a form of the pages."""

    async def send(client: httpx.AsyncClient) -> str:
        cookie, token = on.signed[str(client.base_url)]
        answer = await post_form(client, path, form | {"token": token}, cookie)
        told = {httpx.codes.SEE_OTHER: WON, httpx.codes.CONFLICT: LOST}
        return told.get(httpx.codes(answer.status_code), f"{answer.status_code}: {answer.text[:300]}")

    return send


# By making something new.


async def create(on: Ground) -> Send:
    """Every other one wants a part of the hour."""
    return Asking("POST", SO, OF_ROOM | times(on.slot + on.number() % 2 * HOUR / 2))


async def create_in_strict_booking(on: Ground) -> Send:
    return Asking("POST", SO, INVITED | times(on.slot), prefer=STRICT)


async def create_booking(on: Ground) -> Send:
    return Asking("POST", SO, INVITED | times(on.slot), said_by_room)


async def create_series(on: Ground) -> Send:
    """A day before, the same day or a day after; whose last day is that one shares it with all others."""
    rule = {"Recurrence": TWICE | {"Pattern": "Daily", "RecurrenceCounter": 3}}
    return Asking("POST", SO, OF_ROOM | times(on.slot - timedelta(days=on.number() % 3)) | rule)


async def create_by_agent(on: Ground) -> Send:
    return agent("SaveAppointmentEntity", OF_ROOM | times(on.slot))


async def create_under_uid(on: Ground) -> Send:
    uid = f"{on.slot.date()}-{on.number()}@elsewhere.example"
    return agent("CreateAppointmentForUID", {"UID": uid, "AppointmentEntity": OF_ROOM | times(on.slot)})


async def create_by_sqod(on: Ground) -> Send:
    body = {"appointment_at": on.slot.isoformat(), "duration_in_minutes": 60, "claimant": {"name": "Ann"}}
    return Asking("POST", SQ, body | {"department_id": on.department})


async def bring(on: Ground) -> Send:
    """By `appointed import`: an event of a file, beside one that is in nobody's way."""
    start, end = (f"{at:%Y%m%dT%H%M%SZ}" for at in (on.slot, on.slot + HOUR))
    wanted = f"UID:{on.slot.date()}-{on.number()}\nDTSTART:{start}\nDTEND:{end}\nSUMMARY:Brought"
    other = wanted.replace("UID:", "UID:free-") + "\nTRANSP:TRANSPARENT"
    command = ImportCalendar(tenant_id=1, owner_id=ROOM, calendar=calendar(wanted, other))

    async def send(_client: httpx.AsyncClient) -> str:
        if on.socket is not None:
            report = await commands.send(on.socket, command)
        else:
            assert on.administrator is not None
            report = await on.administrator.run(command)
        is_held = "the diary is held" in report.get("event 1", "")
        return {(2, 0, False): WON, (1, 1, True): LOST}.get(
            (report["appointments"], report["refused"], is_held), str(report)
        )

    return send


async def book(on: Ground) -> Send:
    """By the page of a new appointment."""
    form = {"department": str(on.department), "minutes": "60", "slot": "own"}
    form |= {
        "own": f"{on.slot.astimezone(OSLO):%Y-%m-%dT%H:%M}",
        "was.claimant.name": "",
        "claimant.name": "Ann",
    }
    return posting(on, f"{PAGES}/book", form)


# By giving something that the room has another time.


async def put(on: Ground) -> Send:
    row = await on.of_room()
    return Asking("PUT", f"{SO}/{row['AppointmentId']}", row | times(on.slot))


async def patch(on: Ground) -> Send:
    row = await on.of_room()
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", times(on.slot))


async def patch_by_steps(on: Ground) -> Send:
    row = await on.of_room()
    steps = [{"op": "replace", "path": f"/{name}", "value": at} for name, at in times(on.slot).items()]
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", steps)


async def batch(on: Ground) -> Send:
    rows = [await on.of_room(), await on.made(on.slot)]
    patches = times(on.slot), {"Title": "Beside it"}
    items = [
        {"AppointmentId": row["AppointmentId"], "Patch": one} for row, one in zip(rows, patches, strict=True)
    ]
    return Asking("POST", f"{SO}/Batch", {"Items": items})


async def patch_by_sqod(on: Ground) -> Send:
    row = await on.of_room()
    return Asking("PATCH", f"{SQ}/{uid_of(row)}", {"appointment_at": on.slot.isoformat()})


async def batch_by_sqod(on: Ground) -> Send:
    row = await on.of_room()
    item = {"id": uid_of(row), "patch": {"appointment_at": on.slot.isoformat()}}
    return Asking("POST", f"{SQ}/batch", {"items": [item]})


async def save(on: Ground) -> Send:
    row = await on.of_room()
    return agent("Save", {"AppointmentEntity": row | times(on.slot), "UpdateMode": "OnlyThis"})


async def move_by_agent(on: Ground) -> Send:
    row = await on.of_room()
    number, at = row["AppointmentId"], on.slot.isoformat()
    return agent("Move", {"AppointmentId": number, "NewStartTime": at, "UpdateMode": "OnlyThis"})


async def update_by_agent(on: Ground) -> Send:
    row = await on.of_room()
    return agent("UpdateAppointment", {"Id": row["AppointmentId"]} | times(on.slot, "StartTime", "EndTime"))


async def reschedule(on: Ground) -> Send:
    """By the page of another time, typed: what it offers lies in hours of work."""
    path = f"{PAGES}/appointments/{uid_of(await on.of_room())}/reschedule"
    typed = on.slot.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M")
    return posting(on, path, {"slot": "own", "own": typed, "minutes": "60"})


# By giving the room something that stands at that time, or what makes it last.


async def give(on: Ground) -> Send:
    row = await on.made(on.slot)
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", OF_ROOM)


async def assign(on: Ground) -> Send:
    row = await on.made(on.slot)
    return agent("AssignTo", {"AppointmentId": row["AppointmentId"], "Participant": {"AssociateId": ROOM}})


async def give_to_department(on: Ground) -> Send:
    row = await on.made(on.slot)
    return Asking("PATCH", f"{SQ}/{uid_of(row)}", {"department_id": on.department})


async def invite(on: Ground) -> Send:
    row = await on.made(on.slot)
    step = {"op": "add", "path": "/Participants/-", "value": {"AssociateId": ROOM}}
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", [step], said_by_room)


async def invite_strictly(on: Ground) -> Send:
    row = await on.made(on.slot)
    step = {"op": "add", "path": f"/Participants/AssociateId={ROOM}", "value": {}}
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", [step], prefer=STRICT)


async def accept(on: Ground) -> Send:
    """Accept for the room, which declined what has gone since."""
    first, row = await on.made(on.slot, **INVITED), await on.made(on.slot, **INVITED)
    body = {"MotherId": row["AppointmentId"], "RecurrenceRuleId": 0}
    records = (await on.client.post(f"{AGENT}/GetAppointmentRecords", json=body)).json()
    (own,) = (one for one in records if one["AssociateId"] == ROOM)
    assert own["InvitationStatus"] == "Declined"
    await on.client.delete(f"{SO}/{first['AppointmentId']}")
    return agent("Accept", {"AppointmentId": own["AppointmentId"], "UpdateMode": "OnlyThis"})


async def block(on: Ground) -> Send:
    """What held no time holds it."""
    row = await on.made(on.slot, **OF_ROOM, IsFree=True)
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", {"IsFree": False})


async def lag(on: Ground) -> Send:
    """What ends when the hour begins needs time to clear up."""
    row = await on.made(on.slot - HOUR, **OF_ROOM, IsFree=True)
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", {"IsFree": False, "LagTime": "00:30:00"})


async def lag_of_booking(on: Ground) -> Send:
    """What ends when the hour begins has the room already, and would keep it longer."""
    row = await on.made(on.slot - HOUR, **INVITED, IsFree=True)
    assert said_by_room(httpx.Response(200, json=row)) == WON
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", {"IsFree": False, "LagTime": "00:30:00"})


# By a series that comes to that time.


async def recur(on: Ground) -> Send:
    """What stood alone, days before, gets another date."""
    at = on.slot - timedelta(days=on.number() % 10 + 5)
    row = await on.made(at, **OF_ROOM, IsFree=True)
    dates = [{"Date": f"{day:%Y-%m-%d}T00:00:00"} for day in (at, on.slot)]
    rule = TWICE | {"Pattern": "Custom", "Dates": dates}
    return Asking("PATCH", f"{SO}/{row['AppointmentId']}", {"IsFree": False, "Recurrence": rule})


async def move_series(on: Ground) -> Send:
    row = await on.of_room(Recurrence=TWICE | {"Pattern": "Monthly"})
    path = f"{SO}/{row['AppointmentId']}?updateMode=ThisAndForward"
    return Asking("PATCH", path, times(on.slot))


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        create,
        create_in_strict_booking,
        create_booking,
        create_series,
        create_by_agent,
        create_under_uid,
        create_by_sqod,
        bring,
        book,
        put,
        patch,
        patch_by_steps,
        batch,
        patch_by_sqod,
        batch_by_sqod,
        save,
        move_by_agent,
        update_by_agent,
        reschedule,
        give,
        assign,
        give_to_department,
        invite,
        invite_strictly,
        accept,
        block,
        lag,
        lag_of_booking,
        recur,
        move_series,
    )
}


async def post_form(
    client: httpx.AsyncClient, path: str, form: dict[str, str], cookie: str
) -> httpx.Response:
    """Send a form of the pages; whoever signed in is known by the cookie alone."""
    wanted = client.build_request("POST", path, data=form, headers=BROWSER | {"Cookie": cookie})
    return await client.send(wanted, auth=None)


async def sign_in(client: httpx.AsyncClient) -> tuple[str, str]:
    """Sign in at the pages of a server; gives the cookies and the token of every form."""
    asked = await client.get(f"{PAGES}/sign-in", auth=None)
    form = {"name": "demo", "password": "demo", "token": _token(asked)}
    answer = await post_form(client, f"{PAGES}/sign-in", form, _cookies(asked))
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    cookie = _cookies(answer)
    client.cookies.clear()
    return cookie, _token(await client.get(PAGES, headers={"Cookie": cookie}, auth=None))


def _token(answer: httpx.Response) -> str:
    (found,) = set(re.findall(r'name="token" value="([0-9a-f]+)"', answer.text))
    return str(found)


def _cookies(answer: httpx.Response) -> str:
    lines = (
        line.partition(";")[0] for line in answer.headers.get_list("set-cookie") if "Max-Age=0" not in line
    )
    return "; ".join(lines)
