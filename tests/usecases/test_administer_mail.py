"""What an operator sees of letters, and does about them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from appointed.domain.letter import Letter, LetterState
from appointed.usecases.administer_mail import AT_ONCE, ListLetters, SendLettersAgain, tend_mail

NAME = "r1/invited/email/a1"
UNSURE = Letter(
    tenant_id=1,
    mailing_id=UUID(int=1),
    name=NAME,
    lane="lane",
    state=LetterState.UNSURE,
    last_error="no answer",
    tried_at=datetime(2026, 3, 2, 8, 5, tzinfo=UTC),
)
WAITING = Letter(tenant_id=1, mailing_id=UUID(int=2), name=NAME, lane="lane")


class FakeMail:
    async def letters(self, tenant_id: int, states: Any, limit: int) -> tuple[Letter, ...]:
        assert (tenant_id, LetterState.SENT in states, limit) == (1, False, 1_000)
        return (UNSURE, WAITING)

    async def again(self, tenant_id: int, at: datetime) -> int:
        assert (tenant_id, at) == (1, AT_ONCE)
        return 3


class FakeStore:
    mail = FakeMail()


async def test_letters_that_were_not_sent_are_listed_without_addresses() -> None:
    store: Any = FakeStore()
    assert await tend_mail(store, ListLetters(tenant_id=1)) == {
        "waiting": 1,
        "sending": 0,
        "refused": 0,
        "unsure": 1,
        f"{UUID(int=1)} {NAME}": "unsure, 2026-03-02 08:05, no answer",
        f"{UUID(int=2)} {NAME}": "waiting, not tried",
    }


async def test_what_was_given_up_is_tried_again() -> None:
    store: Any = FakeStore()
    assert await tend_mail(store, SendLettersAgain(tenant_id=1)) == {"tenant": 1, "again": 3}
