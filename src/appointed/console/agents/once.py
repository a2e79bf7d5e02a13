"""A form that comes twice is carried out once: its key is that of the change (ADR 0188)."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from msgspec.structs import replace
from starlette.requests import Request

from appointed.console.agents.forms import Form
from appointed.console.agents.session import TOKEN
from appointed.console.agents.user_form import PASSWORD
from appointed.domain.errors import IdempotencyKeyInUse
from appointed.http.idempotency import fingerprint
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Idempotency, Outcome, Reply

LOCATION: Final = "Location"
KEY: Final = "key"
LONGEST_KEY: Final = 100
# Of two that come at once, the second hears soon what came of the first.
TRIES: Final = 40
PAUSE_SECONDS: Final = 0.05


def key_of(form: Form) -> str:
    """Give the key of a form, "" when it has none."""
    return form.text(KEY)[:LONGEST_KEY]


def with_own_key(form: Form, text: str) -> Form:
    """Give a form the key of its text: another text of the same page is no retry, and is sent as well."""
    key = key_of(form)
    own = sha256(f"{key}\n{text}".encode()).hexdigest() if key else ""
    return Form({KEY: own})


async def once(
    request: Request,
    form: Form,
    call: Call,
    run: Callable[[Call], Awaitable[Outcome]],
    page_of: Callable[[Outcome], str],
) -> str:
    """Carry out a form, and give the address that it leads to; the same form again leads there, too.

    Raises IdempotencyKeyReused for another form under its key, and what `run` raises.
    """

    def answer(outcome: Outcome) -> Reply:
        return Reply(303, ((LOCATION, page_of(outcome)),), b"")

    key = key_of(form)
    if key:
        call = replace(call, idempotency=Idempotency(key, fingerprint(request.scope, _content(form)), answer))
    for _try in range(TRIES):
        try:
            outcome = await run(call)
        except IdempotencyKeyInUse:
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        return dict((outcome.replayed or answer(outcome)).headers)[LOCATION]
    raise IdempotencyKeyInUse


def _content(form: Form) -> dict[str, str]:
    """Give what tells forms apart; what is kept of it must not help to guess a password."""
    content = {name: text for name, text in form.values.items() if name != TOKEN}
    if PASSWORD in content:
        # The token is kept nowhere.
        secret = form.values.get(TOKEN, "").encode()
        content[PASSWORD] = hmac.digest(secret, content[PASSWORD].encode(), "sha256").hex()
    return content
