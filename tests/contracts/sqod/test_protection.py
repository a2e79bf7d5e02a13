"""The audit log, claimants and settings by REST, and no claimant's data where it does not belong."""

import io
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import httpx
import psycopg
import pytest
import pytest_asyncio

from appointed.domain.audit import Act
from appointed.usecases.administer import CreateUser
from appointed.usecases.administer_audit import VerifyAudit
from appointed.usecases.ports import ByUid
from tests.contracts.served import Served, serving
from tests.contracts.sqod.desk import department_keeper

CANARIES = {
    "name": "Kanarya Vogelsang",
    "email": "kanarya@cage.example",
    "phone_number": "+4798765432",
    "date_of_birth": "1971-02-03",
}
ANSWER = "Eyes of Sapphire"
# In clear, as JSON and URLs write them, and as bytes would be shown.
TRACES = ("kanarya", "vogelsang", "98765432", "1971-02-03", "sapphire", "kanarya%40cage")


class Story:
    """A server whose log is kept, and what it was asked."""

    def __init__(self, served: Served, stream: io.BytesIO, folder: Path) -> None:
        self.served = served
        self.folder = folder
        self._stream = stream
        self.urls: list[str] = []

    async def call(
        self, method: str, path: str, content: Any = None, who: str = "demo", **headers: str
    ) -> httpx.Response:
        sent = self.served.basic(who) | {name.replace("_", "-"): text for name, text in headers.items()}
        answer = await self.served.client.request(method, f"/api/v1/{path}", json=content, headers=sent)
        self.urls.append(str(answer.request.url) + answer.headers.get("location", ""))
        return answer

    async def get(self, path: str, **headers: str) -> Any:
        answer = await self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def log(self) -> str:
        return self._stream.getvalue().decode()

    def database(self) -> str:
        """Give all that the database holds, as text."""
        settings = self.served.parts.settings
        if not settings.is_postgres:
            connection = apsw.Connection(str(settings.sqlite_path))
            tables = [
                name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
            ]
            text = "".join(repr(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in tables)
            connection.close()
            files = settings.sqlite_path.parent.glob(settings.sqlite_path.name + "*")
            return text + "".join(file.read_bytes().decode("latin-1") for file in files)
        with psycopg.connect(settings.database) as other:
            listed = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = [other.execute(f"SELECT * FROM {name}".encode()).fetchall() for (name,) in listed]
            return repr(rows)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Story]:
    """A server with the demo tenant and a user who is no administrator."""
    is_postgres = request.param == "postgres"
    database = request.getfixturevalue("module_database") if is_postgres else "sqlite:"
    stream, kept = io.BytesIO(), sys.stderr
    sys.stderr = io.TextIOWrapper(stream, write_through=True)
    try:
        folder = tmp_path_factory.mktemp("story")
        async with serving(folder, database, {"log_level": "debug"}) as served:
            user = CreateUser(tenant_id=1, login="helper", password="helper", full_name="Helper")
            await served.parts.administrator.run(user)
            yield Story(served, stream, folder)
    finally:
        sys.stderr = kept


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def a_claimant(story: Story, **more: Any) -> dict[str, Any]:
    """Make an appointment of the canary; gives its data."""
    fields = (await story.get("departments/1"))["data"]["data_fields"]
    data = [{"id": field["id"], "value": ANSWER} for field in fields if field["type"] == "text"]
    content = {
        "appointment_at": "2031-05-06T09:00:00Z",
        "duration_in_minutes": 30,
        "department_id": 1,
        "claimant": CANARIES | {"data": data} | more,
    }
    answer = await story.call("POST", "appointments", content)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


async def search(story: Story, by: str, text: str) -> list[dict[str, Any]]:
    answer = await story.call("POST", "claimants/search", {"by": by, "text": text})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def changed_by_both(story: Story, made: dict[str, Any]) -> None:
    """Change and read the canary through both contracts, with good words and bad."""
    path = f"appointments/{made['id']}"
    await story.call("PATCH", path, {"claimant": {"name": "Kanarya Vogelsang Jr"}}, Idempotency_Key="once")
    await story.call("PATCH", path, {"claimant": {"email": "kanarya", "phone_number": "+4798765432 x" * 40}})
    await story.call("PATCH", path, {"kanarya": "vogelsang", "status": "sapphire"})
    await story.get(path)
    await story.get(f"appointments?filter[reference]={made['reference']}")
    assert (await story.get("Appointment?$select=appointmentId,text&$top=500"))["value"]
    (found,) = await search(story, "reference", made["reference"])
    (row,) = await story.served.parts.store.claimants.holdings(1, UUID(found["id"]))
    entity = await story.get(f"Appointment/{row.appointment_id}")
    assert "Vogelsang" in json.dumps(entity), "the canary must be there to be looked for"
    patch = [{"op": "replace", "path": "/CustomFields/x_claimant_name", "value": "Kanarya Vogelsang III"}]
    assert (await story.call("PATCH", f"Appointment/{row.appointment_id}", patch)).status_code == 200
    fixed = [{"op": "replace", "path": "/CustomFields/x_reference", "value": "kanarya"}]
    assert (await story.call("PATCH", f"Appointment/{row.appointment_id}", fixed)).status_code == 400


async def found_and_exported(story: Story, made: dict[str, Any]) -> None:
    """Find the canary by each of the three ways, and read all that is kept of it."""
    words = (("email", CANARIES["email"]), ("name", "vogelsang iii"), ("reference", made["reference"]))
    for by, text in words:
        (one,) = await search(story, by, text)
        assert one["appointments"][0]["id"] == made["id"]
    export = await story.call("GET", f"claimants/{one['id']}")
    told = export.json()["data"]["claimant"]
    assert (told["name"], told["answers"][0]["answer"]) == ("Kanarya Vogelsang III", ANSWER)
    assert export.headers["Cache-Control"] == "no-store"
    assert made["meeting"]["id"] not in export.text


async def test_a_whole_story_leaves_no_claimants_data_in_clear(story: Story) -> None:
    made = await a_claimant(story)
    await changed_by_both(story, made)
    for name, password in (("kari", "sapphire"), ("kanarya", "x")):
        answer = await story.served.client.get("/api/v1/me", headers=story.served.basic(name, password))
        assert answer.status_code == 401
    page = await story.served.client.get(made["url"])
    title = page.text.partition("<title>")[2].partition("</title>")[0]
    assert title
    await found_and_exported(story, made)
    await story.served.parts.store.audit.flush()
    entries = (await story.get("audit?per_page=100"))["data"]
    for name, text in {
        "log": story.log,
        "addresses": " ".join(story.urls),
        "title": title,
        "database": story.database(),
        "audit": json.dumps(entries),
    }.items():
        lower = text.lower()
        assert [trace for trace in TRACES if trace in lower] == [], name
    key = made["url"].rpartition("key=")[2].split("-", 2)[2]
    assert key not in story.log
    assert "request" in story.log
    assert made["reference"] in story.database()
    assert {entry["action"] for entry in entries} >= {
        Act.CLAIMANT_READ,
        Act.CLAIMANTS_LISTED,
        Act.CLAIMANTS_SEARCHED,
        Act.CLAIMANT_EXPORTED,
        Act.SIGN_IN_FAILED,
        Act.FIXED_MEMBER,
        Act.COMMAND,
    }


async def test_a_claimant_is_erased_as_they_were_seen(story: Story) -> None:
    await a_claimant(story, email="stays@cage.example", name="Zaunkoenig")
    made = await a_claimant(story, email="other@cage.example", name="Bluebird")
    (found,) = await search(story, "email", "other@cage.example")
    path = f"claimants/{found['id']}"
    tried = await story.call("DELETE", path, Prefer="dry-run")
    assert tried.json()["result"]["data"]["erased"] is False
    assert tried.headers["Preference-Applied"] == "dry-run"
    assert (await story.call("DELETE", path)).status_code == 412
    await story.call("PATCH", f"appointments/{made['id']}", {"is_interpreter_needed": True})
    assert (await story.call("DELETE", path, If_Match=tried.headers["ETag"])).status_code == 412
    tag = (await story.call("GET", path)).headers["ETag"]
    before = (await story.call("GET", f"appointments/{made['id']}")).headers["ETag"]
    done = (await story.call("DELETE", path, If_Match=tag)).json()["data"]
    assert done["erased"] is True
    read = await story.call("GET", f"appointments/{made['id']}", If_None_Match=before)
    assert read.status_code == 200
    claimant = read.json()["data"]["claimant"]
    assert (claimant["name"], claimant["email"], claimant["phone_number"], claimant["data"]) == (
        None,
        None,
        None,
        [],
    )
    for by, text in (("email", "other@cage.example"), ("name", "bluebird"), ("reference", made["reference"])):
        assert await search(story, by, text) == []
    assert len(await search(story, "name", "Zaunkoenig")) == 1
    assert (await story.call("GET", path)).status_code == 404
    assert (await story.call("DELETE", path, If_Match=tag)).status_code == 404
    entry = (await story.get(f"audit/{done['reference']}"))["data"]
    assert (entry["action"], entry["user"], entry["details"]["claimant"]) == (
        Act.CLAIMANT_ERASED,
        "Demo Administrator",
        found["id"],
    )


@pytest.mark.clause("SQ-CONV-010", "SQ-CONV-011")
async def test_the_audit_log_is_filtered_and_paged(story: Story) -> None:
    made = await a_claimant(story)
    for who in ("demo", "kari"):
        await story.call("GET", f"appointments/{made['id']}", who=who)
    await story.served.parts.store.audit.flush()
    (kari, demo) = (await story.get(f"audit?appointment={made['id']}&action=claimant.read"))["data"]
    assert (kari["user"], demo["user_id"]) == ("Kari Nordmann", 1)
    number = demo["appointment_id"]
    assert (await story.get(f"audit?appointment={number}&user=1"))["data"][0] == demo
    assert (await story.get(f"audit?appointment={made['reference']}&user=1"))["data"][0] == demo
    assert (await story.get(f"audit?appointment={number}&to={demo['at']}"))["data"] == []
    # A day without a time counts whole, here as in every list.
    day = demo["at"][:10]
    whole = (await story.get(f"audit?appointment={number}&from={day}&to={day}"))["data"]
    assert demo["reference"] in {entry["reference"] for entry in whole}
    assert (await story.get(f"audit?appointment={number}&from={kari['at']}"))["data"] == [kari]
    query = f"audit?appointment={number}&per_page=1"
    page = await story.get(query)
    assert page["data"] == [kari]
    following = page["next"].partition("/api/v1/")[2]
    assert await story.get(following) == {"data": [demo], "next": None}
    assert await story.get(f"{query}&page=2") == {"data": [demo], "next": None}
    assert (await story.get(f"{query}&page=1"))["next"] == page["next"]
    for beyond in ("3", str(10**14)):
        assert (await story.get(f"{query}&page={beyond}"))["data"] == []
    assert await story.get(f"{query}&page=x") == page
    for nothing in (UUID(int=1), "nonsense", 10**20):
        assert (await story.get(f"audit?appointment={nothing}"))["data"] == []
    for wrong in ("user=x", "action=nothing", "from=today", "after=1", "action="):
        answer = await story.call("GET", f"audit?{wrong}")
        assert answer.status_code == (200 if wrong == "action=" else 422), wrong


# Every way by which a program is shown a claimant that it has not just changed.
READING = {
    "sqod: one": ("GET", "appointments/{uid}", None),
    "sqod: list": ("GET", "appointments?filter[reference]={reference}", None),
    "sqod: nothing changed": ("PATCH", "appointments/{uid}", {}),
    "sqod: cancelled twice": ("POST", "appointments/{uid}/cancel", {}),
    "sqod: batch": ("POST", "appointments/batch", {"items": [{"id": "{uid}", "patch": {}}]}),
    "superoffice: one": ("GET", "Appointment/{number}", None),
    "superoffice: simple": ("GET", "Appointment/{number}/Simple", None),
    "superoffice: list": ("GET", "Appointment?$filter=appointmentId eq {number}", None),
    "superoffice: archive": ("GET", "Archive/FindAppointment?$filter=appointmentId eq {number}", None),
    "superoffice: nothing changed": ("PATCH", "Appointment/{number}", []),
    "superoffice: agent": (
        "POST",
        "Agents/Appointment/GetAppointmentEntity?appointmentEntityId={number}",
        {},
    ),
    "superoffice: agent's list": ("POST", "Agents/Appointment/GetAppointmentList", ["{number}"]),
    "superoffice: nothing to take note of": (
        "POST",
        "Agents/Appointment/AcceptRejected",
        {"AppointmentId": "{number}"},
    ),
    "superoffice: dry run": (
        "POST",
        "Agents/Appointment/AssignTo",
        {"AppointmentId": "{number}", "Participant": {"AssociateId": 2}},
    ),
}
# What finds the appointment, changes nothing, and tells nothing of its claimant.
METHOD = "Agents/Appointment/"
UNTOLD: dict[str, Any] = {
    "ForeignKey": None,
    "GetPublishedAppointment": {"AppointmentId": "{number}"},
    "ValidateDays": {"AppointmentEntity": {"AppointmentId": "{number}"}, "Dates": ["2031-05-06T00:00:00"]},
    "SetSeen": {"AppointmentId": "{number}"},
    "SetSeenMany": {"AppointmentIds": ["{number}"]},
    "SetActivityStatus": {"ActivityIdentifier": ["appointment_id={number}"], "ActivityStatus": "NotStarted"},
    "ToggleActivity": {"ActivityIdentifier": "appointment_id={number}"},
    "ToggleActivities": {"ActivityIdentifier": ["appointment_id={number}"]},
    "ToggleAndSetActivities": {"ActivityIdentifiers": ["appointment_id={number}"]},
    "CleanUpBookingDeleted": {"AppointmentIds": ["{number}"]},
    "CreateAppointmentForUID": {"AppointmentEntity": {"Title": "New"}, "UID": "{uid}"},
}


@pytest.mark.parametrize("door", READING)
async def test_a_program_that_is_shown_a_claimant_is_an_entry(story: Story, door: str) -> None:
    made = await a_claimant(story)
    row = (await story.served.parts.store.read(1, ByUid(UUID(made["id"])))).row
    if door == "sqod: cancelled twice":
        await story.call("POST", f"appointments/{made['id']}/cancel", {})
    method, path, content = READING[door]
    names = {"uid": made["id"], "reference": made["reference"], "number": str(row.id)}
    for _twice in range(2):
        await ask_by_program(story, method, path, content, names, is_dry="dry run" in door)
    assert await fetched(story, made) == [("Demo client", row.id)]


@pytest.mark.parametrize("method", UNTOLD)
async def test_a_program_that_is_shown_no_claimant_is_no_entry(story: Story, method: str) -> None:
    made = await a_claimant(story)
    row = (await story.served.parts.store.read(1, ByUid(UUID(made["id"])))).row
    content, names = UNTOLD[method], {"uid": made["id"], "number": str(row.id)}
    verb, path = ("POST", METHOD + method) if content else ("GET", "Appointment/{number}/" + method)
    await ask_by_program(story, verb, path, content, names, is_dry="Toggle" in method)
    assert await fetched(story, made) == []
    assert (await story.served.parts.store.read(1, ByUid(UUID(made["id"])))).row == row


async def ask_by_program(
    story: Story, method: str, path: str, content: Any, names: dict[str, str], *, is_dry: bool
) -> None:
    body = json.dumps(content)
    for name, text in names.items():
        path = path.replace(f"{{{name}}}", text)
        body = body.replace(f'"{{{name}}}"', text if name == "number" else f'"{text}"')
        body = body.replace(f"{{{name}}}", text)
    headers = story.served.bearer | {"Content-Type": "application/json", "Accept": "application/json"}
    answer = await story.served.client.request(
        method,
        f"/api/v1/{path}",
        content=body if content is not None else None,
        headers=headers | ({"Prefer": "dry-run"} if is_dry else {}),
    )
    assert answer.status_code in (200, 204), answer.text


async def fetched(story: Story, made: dict[str, Any]) -> list[tuple[str, int]]:
    """Tell which programs were shown an appointment."""
    await story.served.parts.store.audit.flush()
    entries = (await story.get(f"audit?appointment={made['id']}&action=claimant.fetched"))["data"]
    return [(one["user"], one["appointment_id"]) for one in entries]


async def test_a_program_that_changes_a_claimant_is_an_event_and_no_entry(story: Story) -> None:
    made = await a_claimant(story)
    answer = await story.served.sq("PATCH", f"/{made['id']}", json={"duration_in_minutes": 45})
    assert answer.status_code == 200
    row = (await story.served.parts.store.read(1, ByUid(UUID(made["id"])))).row
    # Conflicts are looked for before such a change.
    patch = {"HasConflict": False, "Location": "Quay"}
    await ask_by_program(story, "PATCH", f"Appointment/{row.id}", patch, {}, is_dry=False)
    await story.served.parts.store.audit.flush()
    assert (await story.get(f"audit?appointment={made['id']}"))["data"] == []


async def test_a_departments_administrators_read_what_is_about_its_appointments(story: Story) -> None:
    await department_keeper(story.served, "keeper")
    body = {"appointment_at": "2031-05-07T09:00:00Z", "duration_in_minutes": 30, "claimant": {"name": "Jo"}}
    rows = [
        (await story.call("POST", "appointments", body | {"department_id": number})).json()["data"]["id"]
        for number in (1, 2)
    ]
    for row in rows:
        await story.get(f"appointments/{row}")
    await story.served.parts.store.audit.flush()
    first, second = [(await story.get(f"audit?appointment={row}"))["data"][0] for row in rows]

    async def told(query: str, who: str = "keeper") -> list[str]:
        answer = await story.call("GET", f"audit{query}", who=who)
        assert answer.status_code == 200, answer.text
        return [entry["reference"] for entry in answer.json()["data"]]

    own = await told("?per_page=100")
    assert second["reference"] in own
    assert first["reference"] not in own
    assert own == await told("?department=2&per_page=100") == await told("?department=2&per_page=100", "demo")
    assert first["reference"] in await told("?department=1&per_page=100", "demo")
    assert await told("?department=99", "demo") == []
    assert (await story.call("GET", "audit?department=1", who="keeper")).status_code == 403
    assert (await story.call("GET", f"audit/{second['reference']}", who="keeper")).status_code == 200
    assert (await story.call("GET", f"audit/{first['reference']}", who="keeper")).status_code == 404
    assert (await story.call("GET", f"claimants/{rows[1]}", who="keeper")).status_code == 403


async def test_administrators_alone_may(story: Story) -> None:
    await a_claimant(story)
    (one, *_others) = await search(story, "name", "Vogelsang")
    await story.served.parts.store.audit.flush()
    (entry, *_more) = (await story.get("audit"))["data"]
    calls = [
        ("GET", "audit", None),
        ("GET", f"audit/{entry['reference']}", None),
        ("POST", "claimants/search", {"by": "name", "text": "Vogelsang"}),
        ("GET", f"claimants/{one['id']}", None),
        ("DELETE", f"claimants/{one['id']}", None),
        ("GET", "settings", None),
        ("PATCH", "settings", {"redirect_hosts": []}),
    ]
    for method, path, content in calls:
        assert (await story.call(method, path, content, who="helper")).status_code == 403, path
    for path in (
        "audit/nothing",
        f"audit/{UUID(int=2**128 - 1)}",
        "claimants/nothing",
        f"claimants/{UUID(int=1)}",
    ):
        assert (await story.call("GET", path)).status_code == 404, path
    assert (await story.call("POST", "claimants/search", {"by": "shoe"})).status_code == 422


async def test_departments_say_how_long_they_keep_claimants(story: Story) -> None:
    path = "departments/2"
    assert (await story.get(path))["data"]["retention_days"] is None
    for days in (30, None):
        answer = await story.call("PATCH", path, {"retention_days": days})
        assert answer.json()["data"]["retention_days"] == days
    for wrong in (0, -1, 36_501, "soon", True):
        assert (await story.call("PATCH", path, {"retention_days": wrong})).status_code == 422
    (entry, *_others) = (await story.get("audit?action=record.changed"))["data"]
    assert entry["details"] == {
        "kind": "department",
        "id": 2,
        "revision": 3,
        "change": "changed",
        "members": ["retention_days"],
    }


async def test_redirects_lead_only_to_the_hosts_that_are_set(story: Story) -> None:
    made = await a_claimant(story)
    path, url = f"appointments/{made['id']}", "https://elsewhere.example.org/bye"
    content = {"custom_user_post_call_redirect_url": url}
    assert (await story.call("PATCH", path, content)).status_code == 200
    hosts = ["Council.example.org", "council.example.org"]
    answer = await story.call("PATCH", "settings", {"redirect_hosts": hosts})
    assert answer.json()["data"]["redirect_hosts"] == ["council.example.org"]
    assert await story.get("settings") == answer.json()
    assert (await story.call("PATCH", "settings", {})).json() == answer.json()
    by_post = await story.call("POST", "settings?_method=PATCH", {"redirect_hosts": hosts})
    assert by_post.json() == answer.json()
    assert len((await story.get("audit?action=tenant.changed"))["data"]) == 1, "nothing was changed again"
    other = {"custom_user_post_call_redirect_url": "https://third.example.org/"}
    assert (await story.call("PATCH", path, other)).status_code == 422
    for wrong in ("x", ["https://a.example"], [1], ["a.example"] * 201):
        assert (await story.call("PATCH", "settings", {"redirect_hosts": wrong})).status_code == 422
    assert (await story.call("PATCH", "settings", {"redirect_hosts": None})).status_code == 200
    (entry, *_others) = (await story.get("audit?action=tenant.changed"))["data"]
    assert entry["details"] == {"members": ["redirect_hosts"], "hosts": []}


async def test_the_logs_of_the_story_are_whole(story: Story) -> None:
    while await story.served.parts.store.audit.seal():
        pass
    report = await story.served.parts.administrator.run(VerifyAudit())
    assert all(line.startswith("whole: ") for line in report.values())
    assert not report["tenant 1, event log"].startswith("whole: 0 ")
