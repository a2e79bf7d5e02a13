"""Requests of the outside, verbatim: the helpdesk's sample (article 70), and those of a real client."""

import json
import re
import socket
from http.client import HTTPResponse
from typing import Any

import pytest
import requests

from tests.running import running

pytestmark = pytest.mark.server

PAYLOAD = {
    "reference": "SXW5qOJBYeIEf0G",
    "appointment_at": "2025-08-19T16:50:00.000000",
    "duration_in_minutes": "30",
    "is_interpreter_needed": "false",
    "interpreter_language": "",
    "department": "",
    "claimant[name]": "John Doe",
    "claimant[date_of_birth]": "1990-01-01",
    "claimant[phone_number]": "+442071234567",
    "claimant[email]": "test@test.com",
    "features_call_recording_enable": "false",
    "features_breakout_room_enable": "false",
    "features_webcam_access_agent_enable": "true",
    "features_webcam_access_claimant_enable": "true",
    "features_webcam_background_blurring_enable": "false",
    "features_microphone_access_enable": "true",
    "features_screen_sharing_enable": "false",
    "features_messages_chat_enable": "false",
    "features_participant_list_enable": "false",
    "features_bandwidth": "",
    "use_custom_post_call_redirect": "false",
    "custom_user_post_call_redirect_url": "",
    "custom_agent_post_call_redirect_url": "https://www.sampleurl.co.uk",
}

SHOWN = {
    "reference": "SXW5qOJBYeIEf0G",
    "appointment_at": "2025-08-19T16:50:00.000000Z",
    "duration_in_minutes": 30,
    "is_interpreter_needed": False,
    "interpreter_language": None,
    "status": "scheduled",
}

SWITCHES = {
    "features_call_recording_enable": False,
    "features_breakout_room_enable": False,
    "features_webcam_access_agent_enable": True,
    "features_webcam_access_claimant_enable": True,
    "features_webcam_background_blurring_enable": False,
    "features_microphone_access_enable": True,
    "features_screen_sharing_enable": False,
    "features_messages_chat_enable": False,
    "features_participant_list_enable": False,
    "use_custom_post_call_redirect": False,
    "custom_user_post_call_redirect_url": None,
    "custom_agent_post_call_redirect_url": "https://www.sampleurl.co.uk",
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request, tmp_path_factory):
    words = ["--database", request.getfixturevalue("module_database")] if request.param == "postgres" else []
    with running(tmp_path_factory.mktemp(request.param), *words) as server:
        yield server.url


def headers_of(url: str) -> dict[str, str]:
    # The documented token request, with the extra query parameter that a real client sends.
    answer = requests.post(
        f"{url}/oauth2/token?clientid=demo",
        auth=("demo", "demo"),
        data={"grant_type": "client_credentials"},
        timeout=30,
    )
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    return {"Accept": "application/json", "Authorization": f"Bearer {body['access_token']}"}


@pytest.mark.clause("SQ-SAMPLE-helpdesk", "SQ-LIFE-redirects")
def test_the_sample(url) -> None:
    answer = requests.post(f"{url}/api/v1/appointments", headers=headers_of(url), data=PAYLOAD, timeout=30)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert {key: data[key] for key in SHOWN} == SHOWN
    assert {key: data[key] for key in SWITCHES} == SWITCHES
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", data["id"])
    assert data["url"].startswith(f"{url}/client-web/schedule/pre-call/summary?reference=SXW5qOJBYeIEf0G")
    assert data["claimant"] == {
        "name": "John Doe",
        "phone_number": "+442071234567",
        "email": "test@test.com",
        "date_of_birth": "1990-01-01",
        "data": data["claimant"]["data"],
    }


# What a real client in production use puts on the wire, line by line; its bodies are not to be touched.
TOKEN = (
    "POST /oauth2/token?clientid=demo HTTP/1.1\r\n"
    "Host: auth.app.sqod.co.uk\r\n"
    "Authorization: Basic ZGVtbzpkZW1v\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 29\r\n\r\n"
    "grant_type=client_credentials"
)
CREATE = (
    "POST /api/v1/appointments HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n"
    "Authorization: Bearer {token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: {length}\r\n\r\n{body}"
)
BOOKING = (
    "appointment_at=2026-04-20T09%3A00%3A00.000000&duration_in_minutes=60&reference={reference}"
    "&claimant%5Bname%5D=Jane+Roe&claimant%5Bemail%5D={email}"
)
WITH_PHONE = BOOKING + "&claimant%5Bphone_number%5D=%2B447700900123"
# A .NET client sends JSON without knowing its length.
PATCH = (
    "PATCH /api/v1/appointments/{id} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n"
    "Authorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n"
    "Content-Type: application/json; charset=utf-8\r\n\r\n"
    "96\r\n"
    '{{"appointment_at":"2026-04-20T10:00:00.000000","duration_in_minutes":45,'
    '"claimant":{{"name":"Jane Roe","email":"jane@example.org","phone_number":null}}}}\r\n0\r\n\r\n'
)
CANCEL = CREATE.replace("/appointments ", "/appointments/{id}/cancel ")
REASONS = {
    "cancellation_reason=Booking+cancelled+via+the+portal": "Booking cancelled via the portal",
    "cancellation_reason=Booking+declined+%E2%80%94+unable+to+fulfil": (
        "Booking declined \N{EM DASH} unable to fulfil"
    ),
}


def sent(url: str, request: str) -> tuple[int, dict[str, Any]]:
    """Send these very bytes on a connection of their own; gives the status and the JSON of the answer."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        wire.sendall(request.encode("ascii"))
        answer = HTTPResponse(wire)
        answer.begin()
        return answer.status, json.loads(answer.read())


@pytest.mark.clause("SQ-SAMPLE-token", "SQ-SAMPLE-create", "SQ-SAMPLE-patch", "SQ-SAMPLE-cancel")
@pytest.mark.parametrize(("body", "reason"), REASONS.items(), ids=["cancelled", "declined"])
def test_the_real_clients_requests_byte_for_byte(url: str, body: str, reason: str) -> None:
    status, answer = sent(url, TOKEN)
    assert (status, answer["expires_in"]) == (200, 3600)
    known = {"host": url.removeprefix("http://"), "token": answer["access_token"]}
    booking = WITH_PHONE.format(reference=len(body), email="jane%40example.org")
    status, answer = sent(url, CREATE.format(length=len(booking), body=booking, **known))
    assert status == 201
    made = answer["data"]
    # All that it reads of an answer.
    assert made["url"].startswith(f"{url}/client-web/schedule/pre-call/summary?reference={len(body)}")
    assert made["meeting"]["room_url"].startswith(f"{url}/agent-web/room/")
    assert made["claimant"]["phone_number"] == "+447700900123"
    assert made["features_webcam_access_claimant_enable"] is made["features_microphone_access_enable"] is True
    known["id"] = made["id"]
    status, answer = sent(url, PATCH.format(**known))
    after = answer["data"]
    assert (status, after["appointment_at"]) == (200, "2026-04-20T10:00:00.000000Z")
    assert (after["duration_in_minutes"], after["claimant"]["phone_number"]) == (45, None)
    status, answer = sent(url, CANCEL.format(length=len(body), body=body, **known))
    assert (status, answer["data"]["status"]) == (200, "cancelled")
    assert answer["data"]["cancellation_reason"] == reason


def test_a_real_client_without_a_phone_number_and_an_address(url: str) -> None:
    _status, answer = sent(url, TOKEN)
    known = {"host": url.removeprefix("http://"), "token": answer["access_token"]}
    booking = BOOKING.format(reference="no-phone", email="")
    status, answer = sent(url, CREATE.format(length=len(booking), body=booking, **known))
    assert status == 201
    assert (answer["data"]["claimant"]["email"], answer["data"]["claimant"]["phone_number"]) == (None, None)
