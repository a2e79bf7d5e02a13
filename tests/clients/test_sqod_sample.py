"""The helpdesk's sample (article 70): sent verbatim with Python requests, answered as it shows."""

import re

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


def test_the_real_client_on_the_wire(url) -> None:
    headers = headers_of(url)
    form = (
        "appointment_at=2026-04-20T09%3A00%3A00.000000&duration_in_minutes=60&reference=123"
        "&claimant%5Bname%5D=Jane+Roe&claimant%5Bemail%5D=jane%40example.org"
        "&claimant%5Bphone_number%5D=%2B447700900123"
    )
    posted = requests.post(
        f"{url}/api/v1/appointments",
        headers=headers | {"Content-Type": "application/x-www-form-urlencoded"},
        data=form,
        timeout=30,
    )
    assert posted.status_code == 201, posted.text
    data = posted.json()["data"]
    assert data["meeting"]["room_url"].startswith(url)
    assert data["features_webcam_access_claimant_enable"] is data["features_microphone_access_enable"] is True

    def chunks():
        yield b'{"appointment_at":"2026-04-20T10:00:00.000000","duration_in_minutes":45,'
        yield b'"claimant":{"name":"Jane Roe","email":"jane@example.org","phone_number":null}}'

    patched = requests.patch(
        f"{url}/api/v1/appointments/{data['id']}",
        headers=headers | {"Content-Type": "application/json; charset=utf-8"},
        data=chunks(),
        timeout=30,
    )
    assert patched.status_code == 200, patched.text
    after = patched.json()["data"]
    assert (after["appointment_at"], after["duration_in_minutes"]) == ("2026-04-20T10:00:00.000000Z", 45)
    assert after["claimant"]["phone_number"] is None
    cancelled = requests.post(
        f"{url}/api/v1/appointments/{data['id']}/cancel",
        headers=headers,
        data={"cancellation_reason": "Booking declined — unable to fulfil"},
        timeout=30,
    )
    assert cancelled.status_code == 200
    assert cancelled.json()["data"]["status"] == "cancelled"
    assert cancelled.json()["data"]["cancellation_reason"] == "Booking declined — unable to fulfil"
