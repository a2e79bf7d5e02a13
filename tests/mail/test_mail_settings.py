"""Settings of mail that do not fit each other stop the server, in words."""

from pathlib import Path
from typing import Any

import pytest

from appointed.app.parts import CannotStart, assemble
from appointed.domain.letter import Channel
from appointed.settings import Settings

HOST = {"mail_host": "127.0.0.1", "mail_from": "Diary <diary@appointed.example>"}
SMS = {"sms_url": "https://gateway.example/sms"}
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no sender": (HOST | {"mail_from": ""}, "mail_from"),
    "a bad sender": (HOST | {"mail_from": "nobody"}, "mail_from"),
    "a user alone": (HOST | {"mail_user": "me"}, "mail_password_file"),
    "no password there": (HOST | {"mail_user": "me", "mail_password_file": "/none"}, "mail_password_file"),
    "no certificates there": (HOST | {"mail_ca": "/none"}, "mail_ca"),
    "no texts there": (HOST | {"mail_texts": "/none"}, "mail_texts"),
    "no secret": (SMS, "sms_secret_file"),
    "a short secret": (SMS | {"sms_secret_file": "short"}, "32 bytes"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_fit(name: str, tmp_path: Path) -> None:
    options, words = BROKEN[name]
    if "sms_secret_file" in options:
        (tmp_path / "short").write_text("short")
        options = options | {"sms_secret_file": str(tmp_path / "short")}
    with pytest.raises(CannotStart, match=words):
        assemble(Settings(data=str(tmp_path), **options))


def test_ways_are_those_that_are_set(tmp_path: Path) -> None:
    secret, password = tmp_path / "secret", tmp_path / "password"
    secret.write_bytes(b"s" * 32)
    password.write_text("hush\n")
    sms = SMS | {"sms_secret_file": str(secret)}
    login = {"mail_user": "me", "mail_password_file": str(password)}
    for options, ways in (({}, set()), (HOST | login, {Channel.EMAIL}), (HOST | sms, set(Channel))):
        parts = assemble(Settings(data=str(tmp_path), **options))
        assert parts.store.mail.channels == ways
        assert (parts.webhooks.letters.postman is None) == (not ways)
