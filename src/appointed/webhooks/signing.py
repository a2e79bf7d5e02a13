"""The headers of a call, signed as the receiver's contract says.

SuperOffice: Webhooks, X-SuperOffice-Signature. The other: Standard Webhooks 1.0.0 (webhook-signature).
"""

import base64
import hmac
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Final

from appointed import __version__
from appointed.domain.webhook import Contract, Delivery, Webhook
from appointed.usecases.webhook_ports import Message

Headers = tuple[tuple[str, str], ...]

TEST: Final = "test"


def superoffice_headers(
    hook: Webhook, delivery: Delivery, message: Message, retry: int, _now: datetime
) -> Headers:
    """Sign the body with the secret, if there is one: base64(HMAC-SHA256(secret, body))."""
    headers: Headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", f"NetServer-Webhook/{__version__}"),
        ("X-SuperOffice-Event", message.event),
        ("X-SuperOffice-EventId", str(delivery.event_id)),
        ("X-SuperOffice-Retry", str(retry)),
    )
    if message.event == TEST:
        headers += (("X-Hook-Test", "true"),)
    for key in hook.secrets.keys[:1]:
        headers += (("X-SuperOffice-Signature", _digest(key.secret, message.body)),)
    return headers


def standard_headers(
    hook: Webhook, delivery: Delivery, message: Message, _retry: int, now: datetime
) -> Headers:
    """Sign id, time and body with every key that is still good, newest first."""
    name, at = str(delivery.event_id), str(int(now.timestamp()))
    signed = f"{name}.{at}.".encode() + message.body
    good = [key for key in hook.secrets.keys if key.ends_at is None or key.ends_at > now]
    return (
        ("Content-Type", "application/json"),
        ("User-Agent", f"Appointed-Webhooks/{__version__}"),
        ("webhook-id", name),
        ("webhook-timestamp", at),
        ("webhook-signature", " ".join(f"v1,{_digest(key.secret, signed)}" for key in good)),
    )


HEADERS: Final[dict[Contract, Callable[[Webhook, Delivery, Message, int, datetime], Headers]]] = {
    Contract.SUPEROFFICE: superoffice_headers,
    Contract.SQOD: standard_headers,
}
# Statuses that count as heard.
SUCCESSES: Final = {Contract.SUPEROFFICE: range(200, 201), Contract.SQOD: range(200, 300)}


def _digest(secret: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, signed, sha256)).decode()
