"""The letter about a webhook that fails: what it says, and what it keeps to itself."""

import pytest
from msgspec.structs import replace

from appointed.domain.webhook import HookState, Usage
from appointed.mail.failing import write_failing
from appointed.mail.languages import Texts
from tests.builders import a_webhook

FAILING = a_webhook(
    id=7,
    name="Till\nBcc: x",
    target_url="https://receiver.example/secret",
    usage=Usage(errors_in_row=9, last_error="HTTP 500"),
)
TEXTS = Texts()


@pytest.mark.parametrize(
    ("language", "state", "words"),
    [
        ("en", HookState.ACTIVE, "The last 9 calls failed"),
        ("no", HookState.ACTIVE, "De siste 9 kallene feilet"),
        ("cy", HookState.ACTIVE, "Methodd y 9 galwad"),
        ("en", HookState.STOPPED, "was stopped"),
        ("no", HookState.STOPPED, "ble stoppet"),
        ("cy", HookState.STOPPED, "stopiwyd"),
        ("fr", HookState.ACTIVE, "The last 9 calls failed"),
    ],
)
def test_what_it_says(language: str, state: HookState, words: str) -> None:
    hook = replace(FAILING, state=state)
    written = write_failing(hook, TEXTS.words(language, 1, 0), TEXTS.environment(1, 0))
    for text in (written.text, written.html):
        assert words in text
        assert "HTTP 500" in text
        assert "receiver.example" in text
        # What follows the host may be a secret, and a name is one line.
        assert "/secret" not in text
        assert "Till Bcc: x" in text
    assert written.subject.endswith(": Till Bcc: x")
