"""Looking after webhooks: who may, which targets are tried, and what is told of it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.errors import Forbidden, InvalidAppointment, RecordNotFound, StoreBusy, UrlNotAllowed
from appointed.domain.webhook import (
    MOST_ERRORS_IN_A_ROW,
    Contract,
    DeliveryState,
    HookState,
    Secrets,
    Signal,
    SigningKey,
    Usage,
    Webhook,
)
from appointed.usecases.identifiers import seeded
from appointed.usecases.manage_webhooks import WebhookDesk
from appointed.usecases.webhook_ports import CallResult
from tests.builders import ADMIN, NOW, OLA, principal
from tests.usecases.fake_store import FakeStore

BOSS = principal(ADMIN)
ONE = Contract.SUPEROFFICE


@dataclass
class HookStore:
    """Webhooks in a dict, and what was asked of it."""

    hooks: dict[int, Webhook] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    dead: int = 0
    meanwhile: str = ""

    async def all(self, tenant_id: int, contract: Contract | None = None) -> tuple[Webhook, ...]:
        return tuple(hook for hook in self.hooks.values() if contract in (None, hook.contract))

    async def read(self, tenant_id: int, contract: Contract, webhook_id: int) -> Webhook:
        hook = self.hooks.get(webhook_id)
        if hook is None or hook.contract is not contract:
            raise RecordNotFound("webhook", webhook_id)
        return hook

    async def create(self, webhook: Webhook) -> Webhook:
        made = replace(webhook, id=len(self.hooks) + 1)
        self.hooks[made.id] = made
        return made

    async def change(self, tenant_id: int, contract: Contract, webhook_id: int, edit) -> Webhook:
        hook = await self.read(tenant_id, contract, webhook_id)
        if self.meanwhile:
            hook = replace(hook, target_url=self.meanwhile)
        self.hooks[webhook_id] = edit(hook)
        return self.hooks[webhook_id]

    async def delete(self, tenant_id: int, contract: Contract, webhook_id: int) -> None:
        await self.read(tenant_id, contract, webhook_id)
        del self.hooks[webhook_id]

    async def signal(self, tenant_id: int, signal: Signal, event_id, at) -> int:
        self.signals.append(signal)
        return 2

    async def deliveries(self, tenant_id, webhook_id, state, after=0, limit=100):
        self.asked.append((webhook_id, state, after, limit))
        return ()

    async def redeliver(self, tenant_id, webhook_id, at, delivery_id=0) -> int:
        self.asked.append((webhook_id, at, delivery_id))
        return self.dead


@dataclass
class FakeTargets:
    answer: CallResult = field(default_factory=lambda: CallResult(200))
    tried: list[str] = field(default_factory=list)

    async def demand_allowed(self, url: str) -> None:
        if "evil" in url:
            raise UrlNotAllowed(())

    async def test(self, webhook: Webhook, by: int) -> CallResult:
        self.tried.append(webhook.target_url)
        return self.answer


class WithHooks(FakeStore):
    def __init__(self, hooks: HookStore) -> None:
        super().__init__()
        self.webhooks = hooks


@pytest.fixture
def desk() -> WebhookDesk:
    return WebhookDesk(
        store=WithHooks(HookStore()), targets=FakeTargets(), clock=lambda: NOW, ids=seeded("hooks")
    )


def hook(desk: WebhookDesk, **changes: Any) -> Webhook:
    return replace(desk.blank(BOSS, ONE), **{"target_url": "https://a.example", **changes})


async def made(desk: WebhookDesk, **changes: Any) -> Webhook:
    return await desk.create(BOSS, hook(desk, **changes), must_answer=False)


def to(**changes: Any):
    return lambda before: replace(before, **changes)


async def test_only_administrators_pass(desk: WebhookDesk) -> None:
    assert (await desk.directory(BOSS)).tenant.id == 1
    with pytest.raises(Forbidden) as refused:
        await desk.directory(principal(OLA))
    assert refused.value.thing == "webhook"


async def test_a_blank_one_listens_to_nothing_and_says_who_made_it(desk: WebhookDesk) -> None:
    blank = desk.blank(BOSS, ONE)
    assert (blank.contract, blank.events, blank.kinds) == (ONE, (), ())
    assert (blank.tenant_id, blank.created_by, blank.created_at) == (1, ADMIN, NOW)
    assert blank.state is HookState.ACTIVE


async def test_each_contract_sees_its_own(desk: WebhookDesk) -> None:
    one = await made(desk)
    other = await made(desk, contract=Contract.SQOD)
    assert await desk.all(BOSS, ONE) == (one,)
    assert await desk.all(BOSS, None) == (one, other)
    assert await desk.read(BOSS, ONE, one.id) == one
    with pytest.raises(RecordNotFound):
        await desk.read(BOSS, ONE, other.id)
    await desk.delete(BOSS, ONE, one.id)
    assert await desk.all(BOSS, None) == (other,)


async def test_a_target_that_may_not_be_called_is_not_kept(desk: WebhookDesk) -> None:
    with pytest.raises(UrlNotAllowed):
        await desk.create(BOSS, _evil(desk), must_answer=True)
    kept = await made(desk)
    with pytest.raises(UrlNotAllowed):
        await desk.change(BOSS, ONE, kept.id, to(target_url="https://evil.example"), must_answer=False)
    with pytest.raises(UrlNotAllowed):
        await desk.test(BOSS, _evil(desk))
    assert desk.store.webhooks.hooks == {kept.id: kept}
    assert desk.targets.tried == []


def _evil(desk: WebhookDesk) -> Webhook:
    return replace(hook(desk), target_url="https://evil.example")


async def test_a_target_that_does_not_answer_is_not_kept_where_it_must(desk: WebhookDesk) -> None:
    desk.targets.answer = CallResult(500, "HTTP 500")
    with pytest.raises(InvalidAppointment) as refused:
        await desk.create(BOSS, hook(desk), must_answer=True)
    (problem,) = refused.value.problems
    assert (problem.path, problem.rule, problem.allowed) == ("target_url", "answers", "HTTP 500")
    assert desk.store.webhooks.hooks == {}
    # One that is stopped calls nobody, so nobody needs to answer yet.
    await desk.create(BOSS, hook(desk, state=HookState.STOPPED), must_answer=True)
    await desk.create(BOSS, hook(desk), must_answer=False)
    desk.targets.answer = CallResult(200)
    await desk.create(BOSS, hook(desk), must_answer=True)
    assert len(desk.store.webhooks.hooks) == 3
    assert desk.targets.tried == ["https://a.example"] * 2


async def test_only_a_new_target_is_tried(desk: WebhookDesk) -> None:
    kept = await made(desk)
    after = await desk.change(BOSS, ONE, kept.id, to(name="New"), must_answer=True)
    assert desk.targets.tried == []
    assert (after.name, after.updated_at, after.updated_by) == ("New", NOW, ADMIN)
    await desk.change(BOSS, ONE, kept.id, to(target_url="https://b.example"), must_answer=True)
    assert desk.targets.tried == ["https://b.example"]
    assert desk.store.webhooks.signals == []


async def test_a_target_that_somebody_else_set_meanwhile_was_never_looked_at(desk: WebhookDesk) -> None:
    kept = await made(desk)
    desk.store.webhooks.meanwhile = "https://evil.example"
    with pytest.raises(StoreBusy):
        await desk.change(BOSS, ONE, kept.id, to(name="New"), must_answer=False)
    assert desk.store.webhooks.hooks[kept.id] == kept


@pytest.mark.parametrize(
    ("state", "now", "verb"),
    [(HookState.ACTIVE, HookState.STOPPED, "stopped"), (HookState.STOPPED, HookState.ACTIVE, "started")],
)
async def test_stopping_and_starting_is_told(desk: WebhookDesk, state, now, verb: str) -> None:
    kept = await made(desk, state=state)
    await desk.change(BOSS, ONE, kept.id, to(state=now), must_answer=False)
    (told,) = desk.store.webhooks.signals
    assert (told.name, told.shown_as, told.id, told.by) == (
        f"webhook{kept.id}.{verb}",
        f"webhook.{verb}",
        kept.id,
        ADMIN,
    )


async def test_a_signal_goes_to_all_who_listen(desk: WebhookDesk) -> None:
    assert await desk.signal(BOSS, Signal(name="x", id=1, by=ADMIN)) == 2


async def test_a_test_event_says_what_the_target_said(desk: WebhookDesk) -> None:
    desk.targets.answer = CallResult(0, "no answer")
    assert await desk.test(BOSS, hook(desk)) == CallResult(0, "no answer")


async def test_deliveries_and_trying_again(desk: WebhookDesk) -> None:
    kept = await made(desk)
    hooks = desk.store.webhooks
    assert await desk.deliveries(BOSS, kept, DeliveryState.DEAD, 5, 10) == ()
    assert hooks.asked == [(kept.id, DeliveryState.DEAD, 5, 10)]
    assert await desk.redeliver(BOSS, kept) == 0
    with pytest.raises(RecordNotFound) as missing:
        await desk.redeliver(BOSS, kept, 7)
    assert (missing.value.kind, missing.value.ref) == ("delivery", 7)
    hooks.dead = 1
    assert await desk.redeliver(BOSS, kept, 7) == 1
    assert hooks.asked[-1] == (kept.id, NOW, 7)


def test_nothing_shows_a_secret() -> None:
    key = SigningKey(b"hush")
    secrets = Secrets(keys=(key,), headers={"X-Key": "hush"})
    assert repr(key) == "SigningKey(ends_at=None)"
    assert repr(secrets) == "Secrets(keys=1, headers=['X-Key'])"


def test_failing_is_many_errors_in_a_row() -> None:
    assert not Usage(errors=99, errors_in_row=MOST_ERRORS_IN_A_ROW - 1).is_failing
    assert Usage(errors_in_row=MOST_ERRORS_IN_A_ROW).is_failing


async def test_a_change_of_nothing_is_told_to_nobody(desk: WebhookDesk) -> None:
    kept = await made(desk)
    before = len(desk.store.audit.told)
    same = await desk.change(BOSS, ONE, kept.id, to(name=kept.name), must_answer=True)
    assert (same, len(desk.store.audit.told)) == (kept, before)
    await desk.change(BOSS, ONE, kept.id, to(name="another"), must_answer=True)
    assert len(desk.store.audit.told) == before + 1


async def test_a_rehearsal_calls_nobody_and_notes_nothing(desk: WebhookDesk) -> None:
    trial = replace(desk, is_rehearsal=True)
    before = len(desk.store.audit.told)
    made_one = await trial.create(BOSS, hook(desk), must_answer=True)
    await trial.change(BOSS, ONE, made_one.id, to(target_url="https://b.example"), must_answer=True)
    assert (await trial.test(BOSS, made_one)).error
    await trial.delete(BOSS, ONE, made_one.id)
    assert (desk.targets.tried, len(desk.store.audit.told)) == ([], before)
    with pytest.raises(UrlNotAllowed):
        await trial.create(BOSS, hook(desk, target_url="https://evil.example"), must_answer=True)
    with pytest.raises(UrlNotAllowed):
        await trial.test(BOSS, hook(desk, target_url="https://evil.example"))
