"""One round of calls for one delivery: what is told, how often, and what came of it."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from appointed.domain.errors import AppointedError, SealBroken
from appointed.domain.retries import QUICK_WAITS, next_round
from appointed.domain.webhook import Contract, Delivery, Webhook
from appointed.usecases.ports import Clock
from appointed.usecases.webhook_ports import CallResult, Ending, Message, RoundResult, WebhookStore, Writer
from appointed.webhooks.caller import BLOCKED
from appointed.webhooks.metrics import Tally
from appointed.webhooks.signing import HEADERS, SUCCESSES, Headers

log = logging.getLogger(__name__)

Pause = Callable[[float], Awaitable[bool]]
"""Wait so many seconds; tells whether there is still time to go on."""


class Post(Protocol):
    """Makes one call."""

    async def __call__(self, url: str, headers: Headers, body: bytes) -> CallResult:
        """Post a body and tell what was answered."""
        ...


async def send(
    post: Post, hook: Webhook, delivery: Delivery, message: Message, *, retry: int, now: datetime
) -> CallResult:
    """Make one call; `error` is "" exactly when the receiver's contract says that it has heard."""
    own = HEADERS[hook.contract](hook, delivery, message, retry, now)
    answer = await post(hook.target_url, (*hook.secrets.headers.items(), *own), message.body)
    if not answer.error and answer.status not in SUCCESSES[hook.contract]:
        return replace(answer, error=f"HTTP {answer.status}")
    return answer


class Rounds(msgspec.Struct, frozen=True, kw_only=True):
    """Makes rounds of calls. `share` gives random numbers from 0 to 1."""

    store: WebhookStore
    writers: Mapping[Contract, Writer]
    post: Post
    clock: Clock
    pause: Pause
    share: Callable[[], float]
    tally: Tally

    async def run(self, hook: Webhook, delivery: Delivery) -> RoundResult:
        """Make one round; never raises for what the receiver or the body's writer do."""
        try:
            return await self._tell(hook, delivery)
        except SealBroken as error:
            # No store that comes back opens it: after some days it is for who redelivers by hand.
            return self._failed(delivery, 0, error.code)
        except AppointedError as error:
            # The store is away, and nobody was called.
            due_at = next_round(1, self.clock(), self.share())
            return self._result(delivery, Ending.LATER, due_at=due_at, is_round=False, error=error.code)
        except Exception as error:
            # One event must never stop those of others.
            log.error("a webhook's call could not be made", exc_info=error)
            return self._failed(delivery, 0, "the call could not be made")

    async def _tell(self, hook: Webhook, delivery: Delivery) -> RoundResult:
        fact = None
        if delivery.signal is None:
            fact = await self.store.fact(delivery, opens_claimant=hook.is_whole)
            if fact is None:
                return self._result(delivery, Ending.DEAD, error="the event is not in the log")
        message = self.writers[hook.contract](hook, delivery, fact)
        if message is None:
            return self._result(delivery, Ending.DELIVERED)
        return await self._call(hook, delivery, message)

    async def _call(self, hook: Webhook, delivery: Delivery, message: Message) -> RoundResult:
        calls, error = 0, ""
        for wait in (0.0, *QUICK_WAITS):
            if wait and not await self.pause(wait):
                return self._put_off(delivery, Ending.LATER, calls, error)
            retry, now = delivery.calls + calls, self.clock()
            answer = await send(self.post, hook, delivery, message, retry=retry, now=now)
            self.tally.called(answer, is_blocked=answer.error.startswith(BLOCKED))
            calls += 1
            if not answer.error:
                self.tally.delivered(delivery, self.clock())
                return self._result(delivery, Ending.DELIVERED, calls=calls, errors=calls - 1, error=error)
            error = answer.error
            if answer.status == HTTPStatus.GONE:
                return self._put_off(delivery, Ending.GONE, calls, error)
        return self._failed(delivery, calls, error)

    def _put_off(self, delivery: Delivery, ending: Ending, calls: int, error: str) -> RoundResult:
        due_at = self.clock()
        return self._result(
            delivery, ending, due_at=due_at, is_round=False, calls=calls, errors=calls, error=error
        )

    def _failed(self, delivery: Delivery, calls: int, error: str) -> RoundResult:
        due_at = next_round(delivery.rounds + 1, self.clock(), self.share())
        ending = Ending.DEAD if due_at is None else Ending.LATER
        if ending is Ending.DEAD:
            self.tally.died()
        return self._result(delivery, ending, due_at=due_at, calls=calls, errors=calls, error=error)

    def _result(self, delivery: Delivery, ending: Ending, **more: Any) -> RoundResult:
        error = more.pop("error", "")
        return RoundResult(delivery=delivery, ending=ending, at=self.clock(), last_error=error, **more)
