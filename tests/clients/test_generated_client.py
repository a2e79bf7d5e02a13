"""A client that a generator makes from our own OpenAPI document, against a running server."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.running import running, surroundings

pytestmark = pytest.mark.server

GENERATOR = Path(sys.executable).parent / "openapi-python-client"
NAME = "generated_sqod_client"
AT = datetime(2031, 4, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server.url


@pytest.fixture(scope="module")
def made(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The generated package's folder, importable while the module runs."""
    folder = tmp_path_factory.mktemp("generated")
    document, settings = folder / "sqod.json", folder / "settings.json"
    document.write_bytes(httpx.get(f"{url}/openapi/sqod.json").raise_for_status().content)
    settings.write_text(json.dumps({"post_hooks": []}))
    words = ("generate", "--path", document, "--meta", "none", "--config", settings, "--fail-on-warning")
    done = subprocess.run(
        [str(GENERATOR), *map(str, words), "--output-path", str(folder / NAME)],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{NAME}.{name}")


@pytest.fixture
def client(url: str, made: Path) -> Iterator[Any]:
    """The generated client with a token; what the document does not know of is an error."""
    assert made.is_dir()
    grant = {"grant_type": "client_credentials"}
    token = httpx.post(f"{url}/oauth2/token", auth=("demo", "demo"), data=grant).json()["access_token"]
    kind = part("client").AuthenticatedClient
    with kind(base_url=url, token=token, raise_on_unexpected_status=True) as opened:
        yield opened


def test_it_lists_creates_patches_and_cancels(client: Any) -> None:
    models, api = part("models"), "api.appointment"
    made = part(f"{api}.create_appointment").sync_detailed(
        client=client,
        body=models.AppointmentCreate(
            appointment_at=AT,
            duration_in_minutes=60,
            claimant=models.ClaimantCreate(name="Jane Roe", email="jane@example.org"),
            reference="generated",
        ),
    )
    assert made.status_code == 201
    row = made.parsed.data
    assert (row.reference, row.status, row.claimant.name) == ("generated", "scheduled", "Jane Roe")
    listed = part(f"{api}.get_appointments").sync(client=client, filterreference="generated")
    assert ([one.id for one in listed.data], listed.meta.total) == ([row.id], 1)
    patched = part(f"{api}.patch_appointment_by_id").sync_detailed(
        row.id,
        client=client,
        body=models.AppointmentPatch(duration_in_minutes=45, claimant=models.Claimant(phone_number=None)),
        if_match=made.headers["ETag"],
    )
    assert (patched.parsed.data.duration_in_minutes, patched.parsed.data.claimant.email) == (
        45,
        "jane@example.org",
    )
    stale = part(f"{api}.patch_appointment_by_id").sync_detailed(
        row.id, client=client, body=models.AppointmentPatch(), if_match=made.headers["ETag"]
    )
    assert (stale.status_code, type(stale.parsed)) == (412, models.Message)
    cancelled = part(f"{api}.cancel_appointment").sync(
        row.id, client=client, body=models.Cancel(cancellation_reason="Generated")
    )
    assert (cancelled.data.status, cancelled.data.cancellation_reason) == ("cancelled", "Generated")
    read = part(f"{api}.get_appointment_by_id").sync(row.id, client=client)
    assert read.to_dict() == cancelled.to_dict()


def test_what_is_refused_comes_as_the_document_says(client: Any) -> None:
    models = part("models")
    claimant = models.ClaimantCreate(name="J")
    body = models.AppointmentCreate(appointment_at=AT, duration_in_minutes=0, claimant=claimant)
    refused = part("api.appointment.create_appointment").sync(client=client, body=body)
    assert isinstance(refused, models.ValidationError)
    assert list(refused.errors.to_dict()) == ["duration_in_minutes"]
    me = part("api.organisation.get_me").sync(client=client)
    assert me.data.role == "scheduler"
