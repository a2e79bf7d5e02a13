"""The agent Webhook: what the addresses of Webhook do, as methods (Agents WebAPI, Webhook)."""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from appointed.domain.errors import RecordNotFound
from appointed.domain.webhook import Webhook
from appointed.superoffice.given import Given
from appointed.superoffice.service import Ask, Service
from appointed.superoffice.webhooks.members import WEBHOOK, written
from appointed.superoffice.webhooks.rules import (
    CONTRACT,
    DEFAULT_EVENTS,
    UNFILTERED,
    finished,
    is_wanted,
)
from appointed.superoffice.webhooks.signals import read_signal

Json = Any
ROOT: Final = "Webhook"


async def create_default(ask: Ask) -> Json:
    """What a new webhook would be."""
    return written(replace(await _blank(ask), events=DEFAULT_EVENTS), ask.ctx)


async def get(ask: Ask) -> Json:
    """One webhook, null when there is none with this id."""
    hook = await _read(ask, ask.given.number("WebhookId"))
    return None if hook is None else written(hook, ask.ctx)


async def get_all(ask: Ask) -> Json:
    """All webhooks, or those of a name, an event or a state."""
    await _admitted(ask)
    name, event = ask.given.text("NameFilter", ""), ask.given.text("EventFilter", "")
    state = ask.given.choice("StatusFilter", "WebhookState", UNFILTERED)
    found = [written(hook, ask.ctx) for hook in await ask.door.webhooks.all(ask.ctx.principal, CONTRACT)]
    return [tree for tree in found if is_wanted(tree, name, event, state)]


async def save(ask: Ask) -> Json:
    """Subscribe when the id is 0, or else change the webhook; a new target must answer a test event."""
    given, principal, desk = ask.given.carrier(), ask.ctx.principal, ask.door.webhooks
    number = given.number("WebhookId", 0)
    if number == 0:
        hook = await desk.create(principal, await _drafted(ask, given), must_answer=True)
        return written(hook, ask.ctx)
    await _admitted(ask)
    work = WEBHOOK.whole(given.body)

    def edit(hook: Webhook) -> Webhook:
        return finished(work(hook, ask.ctx).row)

    return written(await desk.change(principal, CONTRACT, number, edit, must_answer=True), ask.ctx)


async def delete(ask: Ask) -> None:
    """End a subscription: nothing more is sent, not even what waits."""
    await _admitted(ask)
    await ask.door.webhooks.delete(ask.ctx.principal, CONTRACT, ask.given.number("WebhookId"))


async def test(ask: Ask) -> Json:
    """Send a test event to the target of a webhook, stored or not."""
    hook = await _drafted(ask, ask.given.carrier("Webhook"))
    answer = await ask.door.webhooks.test(ask.ctx.principal, hook)
    return {"Success": not answer.error, "Message": answer.error or f"HTTP {answer.status}"}


async def signal(ask: Ask) -> None:
    """Tell every webhook that listens to an event of this name."""
    await _admitted(ask)
    given, principal = ask.given, ask.ctx.principal
    details = msgspec.json.encode(given.anything("Data"))
    told = read_signal(
        given.text("EventName"), max(given.number("PrimaryKey", 0), 0), details, ask.door.limits
    )
    await ask.door.webhooks.signal(principal, replace(told, by=principal.associate_id))


async def last_error(ask: Ask) -> Json:
    """What went wrong last, or an empty text; null when there is no such webhook."""
    hook = await _read(ask, ask.given.number("WebhookId"))
    return None if hook is None else hook.usage.last_error


async def _admitted(ask: Ask) -> None:
    # Administrators only, whatever is asked.
    await ask.door.webhooks.directory(ask.ctx.principal)


async def _blank(ask: Ask) -> Webhook:
    await _admitted(ask)
    return ask.door.webhooks.blank(ask.ctx.principal, CONTRACT)


async def _drafted(ask: Ask, given: Given) -> Webhook:
    return finished(WEBHOOK.part(given.body)(await _blank(ask), ask.ctx).row)


async def _read(ask: Ask, number: int) -> Webhook | None:
    await _admitted(ask)
    try:
        return await ask.door.webhooks.read(ask.ctx.principal, CONTRACT, number)
    except RecordNotFound:
        return None


_ID: Final = "WebhookId:int32"
WEBHOOK_METHODS: Final[dict[str, Service]] = {
    "CreateDefaultWebhook": Service(create_default, ROOT),
    "GetWebhook": Service(get, ROOT, query=_ID),
    "GetAllWebhooks": Service(
        get_all, "Webhook[]", body="NameFilter:string EventFilter:string StatusFilter:enum:WebhookState"
    ),
    "SaveWebhook": Service(save, ROOT, raw=ROOT),
    "DeleteWebhook": Service(delete, query=_ID),
    "TestWebhook": Service(test, "WebhookResult", body="Webhook:Webhook", may_write=True),
    "SignalEvent": Service(signal, body="EventName:string PrimaryKey:int32 Data:map<string,string>"),
    "GetLastError": Service(last_error, "string", body=_ID),
}
