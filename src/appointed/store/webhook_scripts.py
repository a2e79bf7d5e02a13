"""Webhooks and deliveries, read and written by scripts that are the same on both engines."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.errors import InvalidAppointment, Problem, RecordNotFound
from appointed.domain.webhook import (
    MOST_ERRORS_IN_A_ROW,
    MOST_WEBHOOKS,
    Contract,
    Delivery,
    DeliveryState,
    HookState,
    Secrets,
    Signal,
    Usage,
    Webhook,
)
from appointed.sealing.sealer import Sealer
from appointed.store.scripts import Script, instant, json_text, uuid_of
from appointed.store.webhook_sql import WebhookSql
from appointed.usecases.webhook_ports import Edit, Ending, RoundResult, Work

HOOK = "id, contract, state, body, sealed, calls, errors, errors_in_row, last_error"
DELIVERY = (
    "id, webhook_id, appointment_id, revision, event_id, topic, at, signal, state, due_at, lease, rounds,"
    " calls, last_error, tried_at"
)
DELETED = "deleted"
LONGEST_ERROR = 500

_webhook = msgspec.json.Decoder(Webhook).decode
_signal = msgspec.json.Decoder(Signal).decode
_secrets = msgspec.json.Decoder(Secrets).decode


class WebhookScripts:
    """The scripts, for one engine's SQL and one server's sealer."""

    def __init__(self, sql: WebhookSql, sealer: Sealer) -> None:
        self._sql = sql
        self._sealer = sealer

    # Webhooks.

    def create(self, new: Webhook) -> Script[Webhook]:
        """Add a webhook with the next id; a deleted one's id is never used again."""
        yield from self._lock(new.tenant_id)
        ((last, count),) = yield (
            "SELECT coalesce(max(id), 0), count(*) FILTER (WHERE state <> 'deleted') FROM webhook"
            " WHERE tenant_id = $1",
            (new.tenant_id,),
        )
        if count >= MOST_WEBHOOKS:
            raise InvalidAppointment((Problem("webhooks", "most", allowed=MOST_WEBHOOKS),))
        made = replace(new, id=last + 1)
        yield (
            "INSERT INTO webhook (tenant_id, id, contract, state, kinds, body, sealed, since)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7, {self._sql.now_position})",
            (made.tenant_id, made.id, made.contract, made.state, *self._written(made)),
        )
        return made

    def change(self, tenant_id: int, contract: Contract, webhook_id: int, edit: Edit) -> Script[Webhook]:
        """Run a pure function on a webhook under its lock."""
        yield from self._lock(tenant_id)
        before = yield from self.read(tenant_id, contract, webhook_id)
        after = edit(before)
        # Whoever starts to listen again hears of nothing that came before.
        since = f", since = {self._sql.now_position}" if _starts(before, after) else ""
        usage = after.usage
        yield (
            "UPDATE webhook SET revision = revision + 1, state = $3, kinds = $4, body = $5, sealed = $6,"
            f" errors_in_row = $7{since} WHERE tenant_id = $1 AND id = $2",
            (tenant_id, webhook_id, after.state, *self._written(after), usage.errors_in_row),
        )
        return after

    def delete(self, tenant_id: int, contract: Contract, webhook_id: int) -> Script[None]:
        """Remove a webhook; its number stays taken."""
        yield from self._lock(tenant_id)
        found = yield (
            "UPDATE webhook SET state = $4, kinds = '', body = '{}', sealed = $5"
            " WHERE tenant_id = $1 AND id = $2 AND contract = $3 AND state <> $4 RETURNING id",
            (tenant_id, webhook_id, contract, DELETED, b""),
        )
        if not found:
            raise RecordNotFound("webhook", webhook_id)
        yield "DELETE FROM delivery WHERE tenant_id = $1 AND webhook_id = $2", (tenant_id, webhook_id)

    def read(self, tenant_id: int, contract: Contract, webhook_id: int) -> Script[Webhook]:
        """Read one webhook."""
        rows = yield (
            f"SELECT {HOOK} FROM webhook WHERE tenant_id = $1 AND id = $2 AND contract = $3"
            " AND state <> 'deleted'",
            (tenant_id, webhook_id, contract),
        )
        if not rows:
            raise RecordNotFound("webhook", webhook_id)
        return self._read(tenant_id, rows[0])

    def all(self, tenant_id: int, contract: Contract | None) -> Script[tuple[Webhook, ...]]:
        """List a tenant's webhooks."""
        rows = yield (
            f"SELECT {HOOK} FROM webhook WHERE tenant_id = $1 AND state <> 'deleted' ORDER BY id",
            (tenant_id,),
        )
        return tuple(self._read(tenant_id, row) for row in rows if contract is None or row[1] == contract)

    # What is on its way.

    def signal(self, tenant_id: int, signal: Signal, event_id: UUID, at: datetime) -> Script[int]:
        """Record an event that no change made."""
        yield from self._lock(tenant_id)
        listening = [
            hook
            for hook in (yield from self.all(tenant_id, None))
            if hook.state is HookState.ACTIVE and signal.name in hook.events
        ]
        for hook in listening:
            waiting = yield (
                "SELECT 1 FROM delivery WHERE tenant_id = $1 AND webhook_id = $2 AND appointment_id = $3"
                " AND state = 'waiting' LIMIT 1",
                (tenant_id, hook.id, signal.id),
            )
            yield (
                "INSERT INTO delivery (tenant_id, webhook_id, appointment_id, revision, event_id, topic, at,"
                " signal, due_at) VALUES ($1, $2, $3, 0, $4, 'signal', $5, $6, $7)",
                (tenant_id, hook.id, signal.id, event_id, at, json_text(signal), None if waiting else at),
            )
        return len(listening)

    def deliveries(
        self, tenant_id: int, webhook_id: int, state: DeliveryState, after: int, limit: int
    ) -> Script[tuple[Delivery, ...]]:
        """List deliveries by id."""
        rows = yield (
            f"SELECT {DELIVERY} FROM delivery WHERE tenant_id = $1 AND webhook_id = $2 AND state = $3"
            " AND id > $4 ORDER BY id LIMIT $5",
            (tenant_id, webhook_id, state, after, limit),
        )
        return tuple(_delivery(tenant_id, row) for row in rows)

    def redeliver(self, tenant_id: int, webhook_id: int, at: datetime, delivery_id: int) -> Script[int]:
        """Let dead deliveries wait again, each in its lane."""
        yield from self._lock(tenant_id)
        rows = yield (
            "UPDATE delivery SET state = 'waiting', rounds = 0, due_at = NULL, lease = NULL"
            " WHERE tenant_id = $1 AND webhook_id = $2 AND state = 'dead' AND ($3 = 0 OR id = $3)"
            " RETURNING appointment_id",
            (tenant_id, webhook_id, delivery_id),
        )
        for appointment_id in {row[0] for row in rows}:
            yield _next_in_lane(tenant_id, webhook_id, appointment_id, at)
        return len(rows)

    def work(self) -> Script[tuple[Work, ...]]:
        """Tell what there is to do, tenant by tenant."""
        rows = yield (
            "SELECT t.id, EXISTS (SELECT 1 FROM outbox o WHERE o.tenant_id = t.id),"
            " EXISTS (SELECT 1 FROM webhook s WHERE s.tenant_id = t.id AND s.state = 'active')"
            " FROM tenant t ORDER BY t.id",
            (),
        )
        return tuple(Work(tenant_id, bool(events), bool(hooks)) for tenant_id, events, hooks in rows)

    def spread(self, tenant_id: int, at: datetime, limit: int) -> Script[int]:
        """Turn outbox rows into deliveries."""
        yield from self._lock(tenant_id)
        rows: Sequence[Any] = ()
        for statement, width in self._sql.spread:
            rows = yield statement, (tenant_id, limit, at)[:width]
        return len(rows)

    def drop(self, tenant_id: int, limit: int) -> Script[int]:
        """Remove outbox rows that nobody listens to."""
        yield from self._lock(tenant_id)
        return len((yield self._sql.drop, (tenant_id, limit)))

    def due(self, tenant_id: int, at: datetime) -> Script[tuple[Webhook, ...]]:
        """List the active webhooks for which a delivery is due."""
        rows = yield (
            f"SELECT {HOOK} FROM webhook s WHERE s.tenant_id = $1 AND s.state = 'active' AND EXISTS ("
            "SELECT 1 FROM delivery d WHERE d.tenant_id = s.tenant_id AND d.webhook_id = s.id"
            " AND d.due_at IS NOT NULL AND d.due_at <= $2) ORDER BY s.id",
            (tenant_id, at),
        )
        return tuple(self._read(tenant_id, row) for row in rows)

    def claim(
        self, tenant_id: int, webhook_id: int, at: datetime, until: datetime, lease: UUID, limit: int
    ) -> Script[tuple[Delivery, ...]]:
        """Take due deliveries."""
        rows = yield (
            "WITH w AS MATERIALIZED (SELECT id FROM delivery WHERE tenant_id = $1 AND webhook_id = $2"
            f" AND due_at IS NOT NULL AND due_at <= $3 ORDER BY due_at, id LIMIT $6{self._sql.skip})"
            " UPDATE delivery SET due_at = $4, lease = $5 WHERE tenant_id = $1 AND id IN (SELECT id FROM w)"
            f" RETURNING {DELIVERY}",
            (tenant_id, webhook_id, at, until, lease, limit),
        )
        return tuple(sorted((_delivery(tenant_id, row) for row in rows), key=lambda taken: taken.id))

    def record(self, tenant_id: int, results: Sequence[RoundResult]) -> Script[tuple[int, ...]]:
        """Write down what rounds came to."""
        yield from self._lock(tenant_id)
        for result in results:
            yield from _settle(tenant_id, result)
        failing = []
        for webhook_id in sorted({result.delivery.webhook_id for result in results}):
            own = [result for result in results if result.delivery.webhook_id == webhook_id]
            if (yield from _count(tenant_id, webhook_id, own)):
                failing.append(webhook_id)
        return tuple(failing)

    def _lock(self, tenant_id: int) -> Script[None]:
        if self._sql.lock:
            yield self._sql.lock, (tenant_id,)

    def _written(self, hook: Webhook) -> tuple[str, str, bytes]:
        kinds = " ".join(("", *hook.kinds, "")) if hook.kinds else ""
        bare = replace(hook, usage=Usage(), secrets=Secrets())
        return kinds, json_text(bare), _sealed(hook, self._sealer)

    def _read(self, tenant_id: int, row: Sequence[Any]) -> Webhook:
        webhook_id, _contract, state, body, sealed, *usage = row
        return replace(
            _webhook(body),
            state=HookState(state),
            usage=Usage(*usage),
            secrets=_opened(tenant_id, webhook_id, sealed, self._sealer),
        )


def _starts(before: Webhook, after: Webhook) -> bool:
    return before.state is HookState.STOPPED and after.state is HookState.ACTIVE


def _settle(tenant_id: int, result: RoundResult) -> Script[None]:
    delivery = result.delivery
    ours = (tenant_id, delivery.id, delivery.lease)
    if result.ending is Ending.DELIVERED:
        done = yield "DELETE FROM delivery WHERE tenant_id = $1 AND id = $2 AND lease = $3 RETURNING id", ours
    else:
        is_dead = result.ending is Ending.DEAD
        state = DeliveryState.DEAD if is_dead else DeliveryState.WAITING
        done = yield (
            "UPDATE delivery SET state = $4, due_at = $5, rounds = rounds + $9, calls = calls + $6,"
            " last_error = $7, tried_at = $8, lease = NULL"
            " WHERE tenant_id = $1 AND id = $2 AND lease = $3 RETURNING id",
            (
                *ours,
                state,
                None if is_dead else result.due_at,
                result.calls,
                result.last_error[:LONGEST_ERROR],
                result.at,
                int(result.is_round),
            ),
        )
    if done and result.ending in (Ending.DELIVERED, Ending.DEAD):
        yield _next_in_lane(tenant_id, delivery.webhook_id, delivery.appointment_id, result.at)
    if result.ending is Ending.GONE:
        yield (
            "UPDATE webhook SET state = 'stopped' WHERE tenant_id = $1 AND id = $2 AND state = 'active'",
            (tenant_id, delivery.webhook_id),
        )


def _next_in_lane(
    tenant_id: int, webhook_id: int, appointment_id: int, at: datetime
) -> tuple[str, tuple[Any, ...]]:
    return (
        "UPDATE delivery SET due_at = $4 WHERE tenant_id = $1 AND due_at IS NULL AND id = ("
        "SELECT min(id) FROM delivery WHERE tenant_id = $1 AND webhook_id = $2 AND appointment_id = $3"
        " AND state = 'waiting')",
        (tenant_id, webhook_id, appointment_id, at),
    )


def _count(tenant_id: int, webhook_id: int, results: Iterable[RoundResult]) -> Script[bool]:
    """Add to a webhook's counts; tells whether it began to fail, or was given up as gone."""
    calls = errors = in_row = 0
    was_answered, is_gone, last_error = False, False, ""
    for result in results:
        calls += result.calls
        errors += result.errors
        if result.ending is Ending.DELIVERED:
            # What needed no call says nothing of the receiver.
            was_answered, in_row = was_answered or result.calls > 0, 0 if result.calls else in_row
        else:
            in_row += result.errors
        is_gone |= result.ending is Ending.GONE
        last_error = result.last_error or last_error
    rows = yield (
        "UPDATE webhook SET calls = calls + $3, errors = errors + $4,"
        " errors_in_row = CASE WHEN $5 = 1 THEN $6 ELSE errors_in_row + $6 END,"
        " last_error = CASE WHEN $7 = '' THEN last_error ELSE $7 END"
        " WHERE tenant_id = $1 AND id = $2 RETURNING errors_in_row",
        (tenant_id, webhook_id, calls, errors, int(was_answered), in_row, last_error[:LONGEST_ERROR]),
    )
    now = rows[0][0] if rows else 0
    return is_gone or (now >= MOST_ERRORS_IN_A_ROW > now - in_row)


def _delivery(tenant_id: int, row: Sequence[Any]) -> Delivery:
    values = dict(zip(DELIVERY.split(", "), row, strict=True))
    for name in ("at", "due_at", "tried_at"):
        values[name] = None if values[name] is None else instant(values[name])
    for name in ("event_id", "lease"):
        values[name] = None if values[name] is None else uuid_of(values[name])
    values["signal"] = None if values["signal"] is None else _signal(values["signal"])
    values["state"] = DeliveryState(values["state"])
    return Delivery(tenant_id=tenant_id, **values)


def secrets_context(tenant_id: int, webhook_id: int) -> bytes:
    """Name whose secrets are sealed."""
    return b"webhook:%d:%d" % (tenant_id, webhook_id)


def _sealed(hook: Webhook, sealer: Sealer) -> bytes:
    if hook.secrets == Secrets():
        return b""
    context = secrets_context(hook.tenant_id, hook.id)
    key, wrapped = sealer.new_key(context)
    return len(wrapped).to_bytes(2) + wrapped + sealer.seal(key, msgspec.json.encode(hook.secrets), context)


def _opened(tenant_id: int, webhook_id: int, sealed: bytes, sealer: Sealer) -> Secrets:
    if not sealed:
        return Secrets()
    context = secrets_context(tenant_id, webhook_id)
    end = 2 + int.from_bytes(sealed[:2])
    key = sealer.unwrap(sealed[2:end], context)
    return _secrets(sealer.open(key, sealed[end:], context))
