"""`Prefer: dry-run` on every address that writes, of both contracts: one form, and nothing is written."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import pytest_asyncio
from lxml import etree
from msgspec.structs import replace

from appointed.app.addresses import router
from appointed.domain.webhook import Contract, DeliveryState, Signal, Webhook
from appointed.http.dry_run import DryRun
from appointed.http.resource import Resource
from appointed.superoffice.agents.appointment_table import REFUSED
from appointed.usecases.ports import ById, ByUid
from tests.builders import a_webhook
from tests.contracts.served import Served, serving
from tests.contracts.superoffice.test_agent_methods import (
    guest,
    made,
    of_bookings,
    of_changes,
    of_lists,
)
from tests.contracts.superoffice.test_agents import asked
from tests.store.world import World

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

KARI, ROOM = 2, 4
TARGET = "https://8.8.8.8/hook"
NEW = {"claimant": {"name": "Grace"}, "appointment_at": "2033-04-04 10:00:00", "duration_in_minutes": 20}
FIELD = {"FieldLabel": "Another", "FieldType": "ShortText", "TextLength": 20, "Type": "Appointment"}
PREFERENCE = {"Specification": {"Section": "Dry", "Key": "Run"}, "RawValue": "1"}
HOOK = {"Name": "Dry", "Events": ["activity.created"], "TargetUrl": TARGET}

# What is asked by POST and writes nothing: a dry run of it is the question itself.
QUESTIONS = {
    "POST /api/v1/Appointment/Validate": "says what is wrong with an entity",
    "POST /api/v1/Archive/{provider}": "is a search",
    "POST /api/v1/String": "reads texts",
    "POST /api/v1/claimants/search": "is a search whose words must not stand in an address",
    "POST /api/v1/Agents/User/GetAccessToken": "hands out a credential to who is known; nothing is the tenant's",
    "POST /api/v1/Agents/Appointment/CreateVideoMeetingReservation": "makes a name that nobody keeps",
    "POST /api/v1/Agents/Appointment/DeleteVideoMeetingReservation": "forgets a name that nobody keeps",
}
# These refuse whatever is asked.
NOT_PROVIDED = {f"Delete{kind}Entity" for kind in ("Contact", "Person", "Project", "Sale")} | set(REFUSED)
# Methods that read begin so.
READING = re.compile(
    "Get|CreateDefault|Validate|Calculate|WillSendEmail|Is|Detect|InitializeTimeZone|CheckNew"
    "|CreateAppointmentEntityFromExisting"
)
# A reading at the moment that it is asked is noted; that is no part of what the caller would write.
NOTED = frozenset({"audit", "seal", "seal_head"})


def requests(one: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Give the address and body by which each write is tried."""
    called = {f"POST Agents/{method}": at for method, at in agents(one).items()}
    return of_appointments(one) | of_organisation(one) | of_hooks(one) | of_fields(one) | called


def of_appointments(one: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    number, entity = one["number"], {"Title": "Dry"}
    return {
        "PUT Appointment/{id}": (f"Appointment/{number}", one["entity"]),
        "PATCH Appointment/{id}": (f"Appointment/{number}", entity),
        "DELETE Appointment/{id}": (f"Appointment/{number}", None),
        "POST Appointment": ("Appointment", entity),
        "POST Appointment/Batch": ("Appointment/Batch", [{"AppointmentId": number, "Patch": entity}]),
        **{f"POST {kind}": (kind, body) for kind, body in one["records"].items()},
        **{
            f"{verb} {kind}/{{id}}": (f"{kind}/1", body)
            for kind, body in one["records"].items()
            for verb in ("PUT", "PATCH")
        },
        "POST appointments": ("appointments", NEW),
        "POST appointments/batch": (
            "appointments/batch",
            {"items": [{"id": one["uid"], "patch": {"duration_in_minutes": 5}}]},
        ),
        "PATCH appointments/{uid}": (f"appointments/{one['uid']}", {"duration_in_minutes": 5}),
        "POST appointments/{uid}/cancel": (f"appointments/{one['uid']}/cancel", {}),
    }


def of_organisation(one: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    return {
        "POST departments": ("departments", {"name": "Dry", "default_user_id": 1}),
        "PATCH departments/{department}": ("departments/1", {"name": "Dry"}),
        "DELETE departments/{department}": (f"departments/{one['empty']}", None),
        "PATCH me": ("me", {"password": "another password", "current_password": "demo"}),
        "POST waiting-areas": ("waiting-areas", {"name": "Dry", "department_id": 1}),
        "PATCH waiting-areas/{waiting_area}": (f"waiting-areas/{one['area']}", {"name": "Dry"}),
        "DELETE waiting-areas/{waiting_area}": (f"waiting-areas/{one['area']}", None),
        "POST users": (
            "users",
            {"name": "Dry", "login": "dry", "password": "long enough, is it not", "department_ids": [1]},
        ),
        "PATCH users/{user}": ("users/2", {"name": "Dry"}),
        "PATCH diaries/{diary}": ("diaries/2", {"is_exclusive": True}),
        "DELETE claimants/{claimant}": (f"claimants/{one['claimant']}", None),
        "PATCH settings": ("settings", {"redirect_hosts": ["example.org"]}),
    }


def of_hooks(one: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    return {
        "POST Webhook": ("Webhook", HOOK),
        "POST Webhook/Test": ("Webhook/Test", HOOK),
        "POST Webhook/{event}/{id}": ("Webhook/dry.run/7", {}),
        "PUT Webhook/{id}": (f"Webhook/{one['hook']}", HOOK),
        "PATCH Webhook/{id}": (f"Webhook/{one['hook']}", {"Name": "Dry"}),
        "DELETE Webhook/{id}": (f"Webhook/{one['hook']}", None),
        "POST webhooks": ("webhooks", {"url": TARGET, "events": ["appointment.created"]}),
        **{
            f"{verb} webhooks/{{webhook}}": (f"webhooks/{one['sq_hook']}", {"name": "Dry"})
            for verb in ("PUT", "PATCH", "DELETE")
        },
        **{
            f"POST webhooks/{{webhook}}/{act}": (f"webhooks/{one['sq_hook']}/{act}", {})
            for act in ("rotate", "test", "redeliver")
        },
        "POST webhooks/{webhook}/deliveries/{delivery}/redeliver": (
            f"webhooks/{one['sq_hook']}/deliveries/{one['delivery']}/redeliver",
            {},
        ),
    }


def of_fields(one: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    item, layout = {"Name": "New"}, "Appointment/UdefLayout"
    return {
        "POST List/{name}/Items": (f"List/{one['list']}/Items", item),
        "PUT List/{name}/Items/{id}": (f"List/{one['list']}/Items/1", item),
        "DELETE List/{name}/Items/{id}": (f"List/{one['list']}/Items/1", None),
        **{
            f"{verb} Preference/{{section}}/{{key}}": ("Preference/Dry/Run", {"RawValue": "1"})
            for verb in ("PUT", "POST")
        },
        **{
            f"{verb} Preference/{{section}}/{{key}}/{{prefLevel}}": (
                "Preference/Dry/Run/Individual?value=1",
                None,
            )
            for verb in ("PUT", "POST")
        },
        f"PUT {layout}": (layout, [FIELD]),
        f"POST {layout}": (f"{layout}?udefFieldType=ShortText", None),
        f"POST {layout}/Publish": (f"{layout}/Publish", None),
        f"POST {layout}/Revert": (f"{layout}/Revert", None),
        f"DELETE {layout}/{{progidOrLabel}}": (f"{layout}/SuperOffice:1", None),
        f"POST {layout}/{{progidOrLabel}}/ChangeTo/{{fieldType}}": (
            f"{layout}/SuperOffice:4/ChangeTo/Checkbox",
            None,
        ),
    }


def agents(one: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    number = one["number"]
    appointment = of_lists(number) | of_changes(number, one["alone"])
    appointment |= of_bookings(number, one["row"], one["ical_uid"])
    given = {f"Appointment/{name}": value for name, value in appointment.items()} | {
        **{f"{kind}/Save{kind}Entity": body for kind, body in one["records"].items()},
        "Appointment/CleanUpRecurringBookingDeleted": {"RecurrenceRuleId": one["series"]},
        "Preference/SavePreference": {"Preference": PREFERENCE},
        "Preference/SavePreferences": {"Preferences": [PREFERENCE]},
        "Preference/SavePreferenceEntity": {"Preference": PREFERENCE},
        "Preference/SavePreferenceEntities": {"Preferences": [PREFERENCE]},
        "UserDefinedFieldInfo/CreateUserDefinedFieldInfo": {
            "OwnerType": "Appointment",
            "FieldType": "Number",
        },
        "UserDefinedFieldInfo/SaveUserDefinedFieldInfo": FIELD,
        "UserDefinedFieldInfo/SaveUserDefinedFieldInfos": {"Infos": [FIELD]},
        "UserDefinedFieldInfo/DeleteUserDefinedFieldInfo": "?UserDefinedFieldInfoId=1",
        "UserDefinedFieldInfo/ChangeFieldType": {
            "Info": one["field"],
            "FieldType": one["field"]["FieldType"],
        },
        "UserDefinedFieldInfo/SetRankOnFields": {"OwnerType": "Appointment", "RankedFieldsIds": [2, 1]},
        "UserDefinedFieldInfo/Publish": {"OwnerType": "Appointment"},
        "UserDefinedFieldInfo/Revert": {"OwnerType": "Appointment"},
        "Webhook/SaveWebhook": HOOK,
        "Webhook/DeleteWebhook": f"?WebhookId={one['hook']}",
        "Webhook/TestWebhook": {"Webhook": HOOK},
        "Webhook/SignalEvent": {"EventName": "dry.run", "PrimaryKey": 7, "Data": {}},
    }
    return {
        name: (f"Agents/{name}{value}", None) if isinstance(value, str) else (f"Agents/{name}", value)
        for name, value in given.items()
    }


def writes(served: Served) -> Iterator[str]:
    """List every address and verb of the contracts that is no question."""
    for route in router(served.parts, nullcontext()).routes:
        resource = getattr(route, "endpoint", None)
        path = getattr(route, "path", "")
        if not isinstance(resource, Resource) or not path.startswith("/api/v1/"):
            continue
        for verb in sorted(set(resource._verbs) - {"GET", "HEAD"}):
            method = path.removeprefix("/api/v1/Agents/")
            reads = method != path and READING.match(method.rpartition("/")[2])
            is_refused = method.rpartition("/")[2] in NOT_PROVIDED
            if f"{verb} {path}" not in QUESTIONS and not reads and not is_refused:
                yield f"{verb} {path.removeprefix('/api/v1/')}"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A server that does nothing by itself: whatever is written then, requests have written."""
    is_postgres = request.param == "postgres"
    place = request.getfixturevalue("module_database") if is_postgres else "sqlite:"
    async with serving(tmp_path_factory.mktemp("served"), place, {"webhook_delivery": False}) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def things(served: Served) -> dict[str, Any]:
    """One of each thing that can be written to."""
    store = served.parts.store
    booking = await made(served, KARI, ROOM)
    number = booking["AppointmentId"]
    weekly = {
        "IsRecurrence": True,
        "Pattern": "Weekly",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 2,
    }
    series = (await served.so("POST", "Appointment", json={"Title": "S", "Recurrence": weekly})).json()
    row = (await store.read(1, ById((served.number,)))).row
    area = await served.so("POST", "waiting-areas", json={"name": "Here", "department_id": 1})
    empty = await served.so("POST", "departments", json={"name": "Empty", "default_user_id": 1})
    blank = a_webhook(target_url=TARGET, events=("dry.run",))
    hook = await store.webhooks.create(replace(blank, events=("nothing",)))
    sq_hook = await store.webhooks.create(replace(blank, contract=Contract.SQOD))
    return {
        "number": number,
        "row": (await guest(served, booking, KARI))["AppointmentId"],
        "alone": (await made(served))["AppointmentId"],
        "ical_uid": await asked(served, "Appointment/GetUIDFromAppointmentId", {"AppointmentId": number}),
        "entity": booking,
        "series": series["Recurrence"]["RecurrenceId"],
        "uid": str(row.uid),
        "claimant": str(row.claimant.id) if row.claimant else "",
        "empty": empty.json()["data"]["id"],
        "area": area.json()["data"]["id"],
        "hook": hook.id,
        "sq_hook": sq_hook.id,
        "delivery": await dead_delivery(served, sq_hook),
        "list": await list_of_choices(served),
        "field": (await served.so("GET", "Appointment/UdefLayout")).json()[3],
        "records": {
            "Contact": {"Name": "Dry"},
            "Person": {"Lastname": "Dry"},
            "Project": {"Name": "Dry"},
            "Sale": {"Heading": "Dry"},
        },
    }


async def list_of_choices(served: Served) -> str:
    lists = (await served.so("GET", "Appointment/UdefLayout")).json()
    return next(str(one["UDListDefinitionId"]) for one in lists if one["UDListDefinitionId"])


async def dead_delivery(served: Served, hook: Webhook) -> int:
    """Make a delivery that was given up."""
    store, now = served.parts.store.webhooks, served.parts.clock()
    signal = Signal(name="dry.run", id=7, by=1, shown_as="dry.run")
    await store.signal(1, signal, served.parts.door.ids.uuid7(now), now)
    await store.spread(1, now, 500)
    database(served).run(f"UPDATE delivery SET state = 'dead', due_at = NULL WHERE webhook_id = {hook.id}")
    (one, *_more) = await store.deliveries(1, hook.id, DeliveryState.DEAD)
    return one.id


def database(served: Served) -> World:
    settings = served.parts.settings
    place = settings.database if settings.is_postgres else settings.sqlite_path
    return World("postgres" if settings.is_postgres else "sqlite", place)


def kept(served: Served) -> dict[str, list[str]]:
    """Give all rows of all tables but those that note what was read."""
    return {table: rows for table, rows in database(served).dump().items() if table not in NOTED}


async def tried(
    served: Served, verb: str, address: str, body: Any, accept: str = "application/json"
) -> httpx.Response:
    method, _space, _path = verb.partition(" ")
    headers = {"Prefer": "dry-run", "Accept": accept}
    return await served.so(method, address, json=body, headers=headers)


def wrong(answer: httpx.Response) -> str:
    """Say in which way an answer is no dry run's, "" when it is one."""
    if answer.status_code != 200 or answer.headers.get("Preference-Applied") != "dry-run":
        return f"{answer.status_code}: {answer.text[:300]}"
    told = msgspec.json.decode(answer.content, type=DryRun, strict=True)
    return "" if told.dry_run and 200 <= told.status < 300 else answer.text[:300]


def wrong_as_xml(answer: httpx.Response) -> str:
    """Say in which way an answer is no dry run's in XML; whether it fits the schema, the client has judged."""
    if answer.headers.get("Content-Type") != "application/xml; charset=utf-8":
        return f"{answer.status_code}: {answer.text[:300]}"
    told = etree.fromstring(answer.content)
    is_told = told.tag == "DryRun" and answer.headers.get("Preference-Applied") == "dry-run"
    results = len(told.findall("result/*"))
    return "" if is_told and results == (told.findtext("status") != "204") else answer.text[:300]


async def test_every_write_can_be_tried_in_one_form(served: Served, things: dict[str, Any]) -> None:
    known, asked_for = requests(things), list(writes(served))
    assert len(asked_for) > 100
    assert set(asked_for) <= set(known), "of these no dry run is known"
    before = kept(served)
    found = {write: wrong(await tried(served, write, *known[write])) for write in asked_for}
    assert [f"{write}: {why}" for write, why in found.items() if why] == []
    # The other contract's addresses are in small letters, and speak JSON alone.
    in_xml = [write for write in asked_for if write.partition(" ")[2][0].isupper()]
    assert len(in_xml) > 80
    found = {
        write: wrong_as_xml(await tried(served, write, *known[write], "application/xml")) for write in in_xml
    }
    assert [f"{write}: {why}" for write, why in found.items() if why] == []
    now = kept(served)
    assert {table: rows for table, rows in now.items() if rows != before[table]} == {}


async def test_claimants_who_would_get_a_letter_are_named(tmp_path: Path) -> None:
    # A mail server that nobody asks: nothing is sent here.
    mail = {"mail_host": "127.0.0.1", "mail_from": "desk@example.org"}
    async with serving(tmp_path, "sqlite:", mail) as served:
        invited = await served.so("PATCH", "departments/1", json={"invite_by_email": True})
        assert invited.status_code == 200, invited.text
        claimant = {"name": "Grace", "email": "grace@navy.example"}
        body = NEW | {"department_id": 1, "claimant": claimant}
        told = (await served.sq("POST", json=body, headers={"Prefer": "dry-run"})).json()
        assert [(one["kind"], one["appointment_id"], one["ways"]) for one in told["notices"]] == [
            ("invited", None, ["email"])
        ]
        made_one = (await served.sq("POST", json=body)).json()["data"]
        reading = await served.parts.store.read(1, ByUid(UUID(made_one["id"])))
        assert reading.row.claimant is not None
        about = (reading.row.id, str(reading.row.claimant.id), ["email"])
        later = {"appointment_at": "2033-04-05 10:00:00"}
        number, uid = reading.row.id, made_one["id"]
        for kind, contract, method, path, change in (
            ("moved", served.sq, "PATCH", f"/{uid}", later),
            ("cancelled", served.sq, "POST", f"/{uid}/cancel", {}),
            ("moved", served.so, "PATCH", f"Appointment/{number}", {"StartDate": "2033-04-06T10:00:00"}),
            ("cancelled", served.so, "DELETE", f"Appointment/{number}", None),
        ):
            answer = await contract(method, path, json=change, headers={"Prefer": "dry-run"})
            (one,) = answer.json()["notices"]
            assert (one["kind"], one["appointment_id"], one["claimant_id"], one["ways"]) == (
                kind,
                *about,
            )
            assert "navy" not in str(one)
