"""Signatures that the receivers' own libraries would accept."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.webhook import Contract, Delivery, Secrets, SigningKey
from appointed.usecases.webhook_ports import Message
from appointed.webhooks.signing import HEADERS, standard_headers, superoffice_headers
from tests.builders import a_webhook

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DELIVERY = Delivery(
    tenant_id=1,
    id=1,
    webhook_id=1,
    appointment_id=5,
    revision=2,
    event_id=UUID("7d3c1e1e-0000-7000-8000-000000000001"),
    topic="changed",
    at=NOW,
)
MESSAGE = Message("activity.changed", b'{"a":1}')


def test_the_documented_headers() -> None:
    hook = a_webhook(secrets=Secrets(keys=(SigningKey(b"Something Super Secret"),)))
    headers = dict(superoffice_headers(hook, DELIVERY, MESSAGE, 2, NOW))
    assert headers.pop("User-Agent").startswith("NetServer-Webhook/")
    digest = hmac.new(b"Something Super Secret", MESSAGE.body, hashlib.sha256).digest()
    assert headers == {
        "Content-Type": "application/json; charset=utf-8",
        "X-SuperOffice-Event": "activity.changed",
        "X-SuperOffice-EventId": str(DELIVERY.event_id),
        "X-SuperOffice-Retry": "2",
        "X-SuperOffice-Signature": base64.b64encode(digest).decode(),
    }


def test_without_a_secret_there_is_no_signature_and_a_test_says_so() -> None:
    headers = dict(superoffice_headers(a_webhook(), DELIVERY, Message("test", b"{}"), 0, NOW))
    assert "X-SuperOffice-Signature" not in headers
    assert headers["X-Hook-Test"] == "true"


def test_standard_webhooks_sign_id_time_and_body() -> None:
    # The example of the specification's own libraries.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    delivery = replace(DELIVERY, event_id=UUID(int=1))
    hook = a_webhook(contract=Contract.SQOD, secrets=Secrets(keys=(SigningKey(secret),)))
    message = Message("appointment.updated", b'{"test": 2432232314}')
    headers = dict(standard_headers(hook, delivery, message, 0, at))
    signed = f"{UUID(int=1)}.1614265330.".encode() + message.body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-id"] == str(UUID(int=1))
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_while_a_secret_is_rotated_both_sign_and_then_only_the_new_one() -> None:
    old, new = SigningKey(b"old", NOW + timedelta(hours=24)), SigningKey(b"new")
    hook = a_webhook(contract=Contract.SQOD, secrets=Secrets(keys=(new, old)))

    def signatures(now: datetime) -> list[str]:
        return dict(standard_headers(hook, DELIVERY, MESSAGE, 0, now))["webhook-signature"].split()

    assert len(signatures(NOW)) == 2
    only_new = signatures(NOW + timedelta(hours=24))
    assert len(only_new) == 1


def test_every_contract_has_headers() -> None:
    assert set(HEADERS) == set(Contract)
