"""Changing one's own password: by showing it, and nobody else's."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.audit import Act
from appointed.domain.errors import Forbidden, InvalidAppointment
from appointed.usecases.change_password import LONGEST, change_own_password
from appointed.usecases.ports import Account, Outcome, RecordChange
from tests.builders import CLIENT, NOW, OLA, directory
from tests.usecases.fake_store import FakeAudit
from tests.usecases.test_change_user import Hasher, Shelf, call, user

NAME = directory().associates[OLA].name.casefold()
RIGHT = "what Ola knows"
NEW = "what Ola will know"

OLAS = Account(kind="login", name=NAME, tenant_id=1, associate_id=OLA, secret=RIGHT[::-1])


class Keeper(Hasher):
    """Knows a password by its text turned round."""

    async def verify(self, hashed: str | None, name: str, password: str, address: str) -> bool:
        assert (name, address) == (NAME, "203.0.113.9")
        return hashed == password[::-1]


@dataclass
class Vault(Shelf):
    """The same with what people sign in with."""

    account_of: Account | None = OLAS
    meanwhile: bool = False
    audit: FakeAudit = field(default_factory=FakeAudit)

    def __post_init__(self) -> None:
        super().__init__()

    async def account(self, kind: str, name: str) -> Account | None:
        assert (kind, name) == ("login", NAME)
        return self.account_of

    async def change_record(self, change: RecordChange) -> Outcome:
        if self.meanwhile:
            self.known.associates[OLA] = user(OLA, password_set_at=NOW)
        return await super().change_record(change)


async def change(vault: Vault, current: str = RIGHT, new: str = NEW, by: int = OLA, **more: Any) -> Outcome:
    return await change_own_password(vault, Keeper(), call(by, **more), current, new, "203.0.113.9")


async def test_who_shows_the_password_gets_another() -> None:
    vault = Vault()
    outcome = await change(vault)
    assert outcome.record == user(OLA, password_set_at=NOW)
    made = vault.decision.account
    assert made == Account(kind="login", name=NAME, tenant_id=1, associate_id=OLA, secret=NEW[::-1])
    assert vault.changes[0].record_id == OLA


async def test_a_dry_run_hashes_nothing() -> None:
    vault = Vault()
    await change(vault, dry_run=True)
    assert vault.decision.account is not None
    assert vault.decision.account.secret is None


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "guessed": ({}, {"current": "nothing"}, "current_password"),
    "no login": ({"account_of": None}, {}, "current_password"),
    "somebody's": (
        {"account_of": replace(OLAS, tenant_id=2)},
        {},
        "current_password",
    ),
    "meanwhile": ({"meanwhile": True}, {}, "current_password"),
    "short": ({}, {"new": "seven77"}, "min"),
    "long": ({}, {"new": "x" * (LONGEST + 1)}, "max"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
async def test_what_is_refused(name: str) -> None:
    around, given, rule = WRONG[name]
    vault = Vault(**around)
    with pytest.raises(InvalidAppointment) as refused:
        await change(vault, **given)
    assert [one.rule for one in refused.value.problems] == [rule]
    assert vault.decision.account is None
    guessed = name in ("guessed", "no login", "somebody's")
    assert [one[0] for one in vault.audit.told] == ([Act.SIGN_IN_FAILED] if guessed else [])


async def test_programs_have_secrets_of_their_own() -> None:
    with pytest.raises(Forbidden):
        await change(Vault(), by=CLIENT)
