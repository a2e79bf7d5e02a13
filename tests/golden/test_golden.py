"""Whole answers of a server whose clock stands still and whose names are known, through both contracts."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from appointed.usecases.identifiers import Identifiers
from tests.contracts.served import SO, Served, serving
from tests.golden.files import assert_golden

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
SHOWN = (
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Cache-Control",
    "Vary",
    "Allow",
    "Location",
    "WWW-Authenticate",
    "Retry-After",
)
XML = {"Accept": "application/xml"}
FEW = "?$select=AppointmentId,Title,Location,StartDate,Task/Value,CustomFields/x_status,Participants/Description"
COLUMNS = "date,type,associateId,contact/name,completed,appointmentUdef/SuperOffice:5"

# (file, verb, address below the contract's own, body, headers); {video} is a video appointment of the demo.
# They run in this order, each on what those before it left.
SUPEROFFICE: tuple[tuple[Any, ...], ...] = (
    ("get.json", "GET", "Appointment/1"),
    ("get_in_new_york.json", "GET", f"Appointment/1{FEW}", None, {"SO-TimeZone": "US-NY,includeTZOffset"}),
    ("get_in_norwegian.xml", "GET", f"Appointment/1{FEW}", None, XML | {"SO-Language": "no"}),
    (
        "patch.json",
        "PATCH",
        f"Appointment/1{FEW}",
        [{"op": "replace", "path": "location", "value": "Room 2"}],
    ),
    ("merge.json", "PATCH", f"Appointment/{{video}}{FEW}", {"Completed": "Started", "CreatedBy": None}),
    ("test_failed.json", "PATCH", "Appointment/1", [{"op": "test", "path": "Title", "value": "x"}]),
    ("path_not_found.json", "PATCH", "Appointment/1", [{"op": "add", "path": "aut", "value": {}}]),
    ("invalid.json", "PATCH", "Appointment/1", {"StartDate": "soon", "Contact": {"ContactId": 99}}),
    ("stale.json", "PATCH", "Appointment/1", {"Title": "x"}, {"If-Match": '"1"'}),
    ("not_found.xml", "GET", "Appointment/99999", None, XML),
    ("not_allowed.json", "POST", "Appointment/1", {}),
    ("unauthenticated.json", "GET", "Appointment/1", None, {"Authorization": "Basic eDp5"}),
    ("validate.json", "POST", "Appointment/Validate", {"Location": "x" * 255, "Private": 7}),
    ("who_am_i.json", "GET", "User/currentPrincipal"),
    ("list.json", "GET", "Appointment?$orderBy=date&$top=2"),
    ("list_full.json", "GET", f"Appointment?$orderBy=date desc&$top=1&$mode=Full&$select={COLUMNS}"),
    (
        "list_in_norwegian.xml",
        "GET",
        f"Archive/FindAppointment?$filter=date today&$top=2&$select={COLUMNS}",
        None,
        XML | {"SO-Language": "no", "SO-TimeZone": "US-NY,includeTZOffset"},
    ),
    ("filter_refused.json", "GET", "Appointment?$filter=date today and (foo eq 1)"),
)
BOOKING = {
    "appointment_at": "2026-03-04T10:00:00Z",
    "duration_in_minutes": 30,
    "claimant": {"name": "Ada Lovelace", "email": "ada@claimant.example"},
}
SQOD: tuple[tuple[Any, ...], ...] = (
    ("get.json", "GET", "appointments/{video}"),
    ("list.json", "GET", "appointments?per_page=2"),
    ("create.json", "POST", "appointments", BOOKING),
    ("patch.json", "PATCH", "appointments/{video}", {"status": "waiting", "claimant": {"name": "Ada King"}}),
    (
        "cancel.json",
        "POST",
        "appointments/{video}/cancel",
        {"cancellation_reason": "The claimant asked for another day."},
    ),
    ("invalid.json", "PATCH", "appointments/{video}", {"status": "scheduled", "duration_in_minutes": "x"}),
    ("not_found.json", "GET", "appointments/0f000000-0000-4000-8000-0000000000ff"),
    ("not_allowed.json", "DELETE", "appointments/{video}"),
    ("unauthenticated.json", "GET", "appointments", None, {"Authorization": "Bearer x"}),
)


# What is drawn for a request follows from it alone, whatever the server's own tasks draw meanwhile.
_drawing: ContextVar[list[Any]] = ContextVar("_drawing", default=["the server itself", 0])  # noqa: B039 # set anew before each request


def _drawn(size: int) -> bytes:
    drawing = _drawing.get()
    drawing[1] += 1
    return hashlib.shake_256(f"{drawing[0]}:{drawing[1]}".encode()).digest(size)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, httpx.Response]]:
    """What the server answers to all of them."""
    folder = tmp_path_factory.mktemp("golden")
    async with serving(folder, "sqlite:", clock=lambda: NOW, ids=Identifiers(_drawn)) as served:
        found = {f"superoffice/{row[0]}": await _ask(served, SO, *row[1:]) for row in SUPEROFFICE}
        found |= {f"sqod/{row[0]}": await _ask(served, "sqod", *row[1:]) for row in SQOD}
        yield found


async def _ask(
    served: Served,
    contract: str,
    method: str,
    address: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    _drawing.set([f"{method} {address}", 0])
    video = served.paths[contract].rsplit("/", 1)[1]
    sent = {"Accept": "application/json"} | (served.basic("demo") if contract == SO else served.bearer)
    return await served.client.request(
        method, "/api/v1/" + address.format(video=video), json=body, headers=sent | (headers or {})
    )


@pytest.mark.parametrize(
    "name", [*(f"superoffice/{row[0]}" for row in SUPEROFFICE), *(f"sqod/{row[0]}" for row in SQOD)]
)
async def test_an_answer_is_as_reviewed(answers: dict[str, httpx.Response], name: str) -> None:
    folder, _, file = name.partition("/")
    assert_golden(f"{folder}/http_{file}", written(answers[name]))


def written(answer: httpx.Response) -> str:
    """Write an answer so that its changes are seen line by line."""
    shown = [name for name in answer.headers if name.startswith(("appointed-", "idempotent-"))]
    lines = [f"{name}: {answer.headers[name]}" for name in (*SHOWN, *shown) if name in answer.headers]
    if answer.headers["Content-Type"].startswith("application/xml"):
        head = "\n".join((f"{answer.status_code}", *lines))
        parts = answer.text.replace("><", ">\n<")
        return f"{parts}\n<!--\n{head}\n-->\n"
    content = {"status": answer.status_code, "headers": lines, "body": answer.json()}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
