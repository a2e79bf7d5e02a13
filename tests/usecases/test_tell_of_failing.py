"""Who gets a letter when a webhook begins to fail."""

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from appointed.domain.letter import Channel, Mailing, Note, Purpose
from appointed.domain.webhook import Webhook
from appointed.usecases.identifiers import seeded
from appointed.usecases.tell_of_failing import tell_of_failing
from tests.builders import NOW, a_webhook

EMAIL = frozenset({Channel.EMAIL})
HOOK = a_webhook(id=7)


@dataclass
class Hooks:
    known: tuple[Webhook, ...]

    async def all(self, tenant_id: int) -> tuple[Webhook, ...]:
        return tuple(one for one in self.known if one.tenant_id == tenant_id)


@dataclass
class Mail:
    channels: frozenset[Channel] = EMAIL
    mailings: list[Mailing] = field(default_factory=list)

    async def add(self, mailing: Mailing) -> bool:
        self.mailings.append(mailing)
        return True


async def tell(mail: Mail, addresses: tuple[str, ...], webhook_id: int = 7, *hooks: Webhook) -> int:
    known = Hooks((HOOK, replace(HOOK, tenant_id=2, id=8), *hooks))
    ids = seeded("failing")
    return await tell_of_failing(known, mail, ids, lambda _hook: addresses, 1, webhook_id, NOW)


async def test_each_address_gets_one() -> None:
    mail = Mail()
    assert await tell(mail, ("a@b.example", "c@d.example", "a@b.example")) == 2
    assert [one.note for one in mail.mailings] == [
        Note(to=address, channel="email", webhook_id=7) for address in ("a@b.example", "c@d.example")
    ]
    assert {(one.tenant_id, one.purpose, one.items, one.at) for one in mail.mailings} == {
        (1, Purpose.WEBHOOK, (), NOW)
    }
    assert len({one.key for one in mail.mailings}) == len({one.id for one in mail.mailings}) == 2


@pytest.mark.parametrize(
    ("channels", "addresses", "webhook_id"),
    [
        (frozenset({Channel.SMS}), ("a@b.example",), 7),
        (EMAIL, (), 7),
        # Gone meanwhile, and another tenant's.
        (EMAIL, ("a@b.example",), 9),
        (EMAIL, ("a@b.example",), 8),
    ],
    ids=["no mail server", "nobody wants to", "gone", "another tenant's"],
)
async def test_nobody_gets_one(
    channels: frozenset[Channel], addresses: tuple[str, ...], webhook_id: int
) -> None:
    mail = Mail(channels)
    assert await tell(mail, addresses, webhook_id) == 0
    assert mail.mailings == []
