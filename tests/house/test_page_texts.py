"""What pages name by a word of the domain has its text in every language: a new word is a page that fails."""

import pytest

from appointed.app.console import PARTS
from appointed.console.look.pages import load_pages
from appointed.domain.audit import Act, Tampering
from appointed.domain.meeting import Bandwidth
from appointed.domain.principal import Role
from appointed.domain.status import Status

LANGUAGES = load_pages(PARTS).languages.by_code
WORDS = {
    "agents.act": Act,
    "agents.tampering": Tampering,
    "agents.role": Role,
    "agents.status": Status,
    "agents.bandwidth": Bandwidth,
}


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("where", WORDS)
def test_every_word_has_its_text(where: str, code: str) -> None:
    keys = [f"{where}.{word.replace('.', '_').replace(' ', '_')}" for word in WORDS[where]]
    assert [key for key in keys if key not in LANGUAGES[code].texts] == []
