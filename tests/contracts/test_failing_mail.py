"""ErrorsEmail: whoever is named there gets a letter when the webhook begins to fail, where mail is set up."""

import asyncio
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from appointed.domain.webhook import MOST_ERRORS_IN_A_ROW
from tests.contracts.served import serving
from tests.contracts.webhooks.conftest import SETTINGS
from tests.contracts.webhooks.hooks import Hooks
from tests.mail.mailserver import Mailbox, mailserver
from tests.webhooks.receiver import OK, receiving, status

pytestmark = [pytest.mark.server, pytest.mark.clause("SO-HOOK-021")]

ADDRESSES = {"ErrorsEmail": "ops@example.org", "ErrorEmails": ["dev@example.org", "ops@example.org"]}


def mail_to(box: Mailbox) -> dict[str, Any]:
    return SETTINGS | {
        "mail_host": "127.0.0.1",
        "mail_port": box.port,
        "mail_tls": "none",
        "mail_from": "Diary <diary@example.org>",
    }


class Failing:
    """A webhook whose next failed call is the ninth in a row."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._calls = 0

    async def fail(self, number: int) -> None:
        """Let a webhook fail once more than it may; 410 is one call, and stops it."""
        receiver, store = self._hooks.receiver, self._hooks.served.parts.store
        await store._write(_nearly(number))  # type: ignore[attr-defined]  # eight failures take minutes
        receiver.answer = lambda _call: status(410)
        await self._hooks.served.so("PATCH", "Appointment/1", json={"Location": f"Room {self._calls}"})
        self._calls += 1
        assert (await self._written_down(number))["ConsecutiveErrors"] == MOST_ERRORS_IN_A_ROW

    async def mend(self, number: int) -> None:
        """Set it to active again, and let it hear what waited."""
        receiver = self._hooks.receiver
        receiver.answer = lambda _call: OK
        await self._hooks.call("PATCH", f"/{number}", {"State": "Active"})
        self._calls += 1
        assert (await self._written_down(number))["ConsecutiveErrors"] == 0

    async def _written_down(self, number: int) -> dict[str, Any]:
        """Wait until what came of the last call is in the store."""
        async with asyncio.timeout(30):
            while True:
                hook = dict((await self._hooks.call("GET", f"/{number}")).json())
                if hook["TotalCalls"] == self._calls:
                    return hook
                await asyncio.sleep(0.01)


def _nearly(number: int) -> Any:
    yield "UPDATE webhook SET errors_in_row = 8 WHERE tenant_id = 1 AND id = $1", (number,)


async def arrived(box: Mailbox, count: int) -> list[tuple[str, EmailMessage]]:
    async with asyncio.timeout(30):
        while len(box.got) < count:
            await asyncio.sleep(0.01)
    return box.got


async def test_a_letter_each_time_that_it_begins(tmp_path: Path) -> None:
    async with (
        mailserver() as box,
        receiving() as receiver,
        serving(tmp_path, "sqlite:", mail_to(box)) as served,
    ):
        hooks = Hooks(served, receiver)
        secret = receiver.url.replace("?a=1", "?key=between-us")
        number = (await hooks.made(Name="Till", TargetUrl=secret, **ADDRESSES))["WebhookId"]
        await hooks.made(Name="Nobody's", Events=["person.changed"])
        failing = Failing(hooks)
        await failing.fail(number)
        letters = await arrived(box, 2)
        assert sorted(to for to, _mail in letters) == ["dev@example.org", "ops@example.org"]
        for _to, mail in letters:
            assert mail["Subject"] == "Webhook fails: Till"
            assert mail["From"] == "Diary <diary@example.org>"
            text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
            assert "was stopped" in text
            assert "HTTP 410" in text
            assert "between-us" not in mail.as_string()
        await failing.mend(number)
        await failing.fail(number)
        assert len(await arrived(box, 4)) == 4


async def test_without_a_mail_server_nothing_is_kept(tmp_path: Path) -> None:
    async with receiving() as receiver, serving(tmp_path, "sqlite:", SETTINGS) as served:
        hooks = Hooks(served, receiver)
        number = (await hooks.made(**ADDRESSES))["WebhookId"]
        await Failing(hooks).fail(number)
        assert await served.parts.store.mail.work(served.parts.clock()) == ()
