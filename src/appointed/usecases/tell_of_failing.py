"""Write to those who want to hear of it when a webhook begins to fail."""

from collections.abc import Callable, Sequence
from datetime import datetime

from appointed.domain.letter import Channel, Mailing, Note, Purpose
from appointed.domain.webhook import Webhook
from appointed.usecases.mail_ports import MailStore
from appointed.usecases.ports import IdSource
from appointed.usecases.webhook_ports import WebhookStore

Addresses = Callable[[Webhook], Sequence[str]]
"""List the mail addresses that a webhook's contract names for this."""


async def tell_of_failing(
    webhooks: WebhookStore,
    mail: MailStore,
    ids: IdSource,
    addresses: Addresses,
    tenant_id: int,
    webhook_id: int,
    now: datetime,
) -> int:
    """Keep a letter for each address of a webhook that has just begun to fail; gives their number.

    None without a mail server. The letters tell how things stand when they leave.
    """
    if Channel.EMAIL not in mail.channels:
        return 0
    hook = next((one for one in await webhooks.all(tenant_id) if one.id == webhook_id), None)
    wanted = list(dict.fromkeys(addresses(hook))) if hook is not None else []
    for place, address in enumerate(wanted):
        await mail.add(
            Mailing(
                tenant_id=tenant_id,
                id=ids.uuid7(now),
                key=f"webhook:{webhook_id}:{now.isoformat()}:{place}",
                purpose=Purpose.WEBHOOK,
                at=now,
                items=(),
                note=Note(to=address, channel=Channel.EMAIL, webhook_id=webhook_id),
            )
        )
    return len(wanted)
