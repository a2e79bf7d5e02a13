"""What can be asked about resource strings (GET String, GET String/{sr_id})."""

from collections.abc import Iterable
from typing import Final

from appointed.domain.errors import InvalidRequest, RecordNotFound
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.service import Ask
from appointed.superoffice.texts import RESOURCES, Language, choose_language, localized

MOST_NAMES: Final = 200


async def string_names(ask: Ask) -> Json:
    """Names of the texts; `q` looks for a word in the name or in the text itself."""
    word = ask.given.text("q", "").casefold()
    return [name for name, texts in sorted(RESOURCES.items()) if _has(word, name, texts)]


async def known_languages(_ask: Ask) -> Json:
    """Languages that there are texts in."""
    return sorted({code for texts in RESOURCES.values() for code in texts})


async def strings(ask: Ask) -> Json:
    """Texts by their names, several separated by commas, in every language or in the wished one."""
    return _texts(ask.given.text("sr_id").split(","), ask)


async def posted_strings(ask: Ask) -> Json:
    """Texts by an array of names, in every language or in the wished one."""
    return _texts(ask.given.texts(), ask)


async def string(ask: Ask) -> Json:
    """One text in one language, in English where that language lacks it; 404 when there is no such text."""
    name = _plain(ask.given.text("sr_id"))
    if name not in RESOURCES:
        raise RecordNotFound("string", name)
    return _text(name, _wished(ask) or Language(("en",)))


def _texts(names: Iterable[str], ask: Ask) -> Json:
    wanted = [_plain(name) for name in names]
    if len(wanted) > MOST_NAMES:
        raise InvalidRequest(f"At most {MOST_NAMES} texts can be asked for at once.")
    language = _wished(ask)
    if language is None:
        return {name: RESOURCES.get(name, {}) for name in wanted}
    return {name: {language.code: _text(name, language)} if name in RESOURCES else {} for name in wanted}


def _wished(ask: Ask) -> Language | None:
    code = ask.given.text("isoLangCode", "")
    return choose_language(code, None) if code else ask.ctx.language


def _text(name: str, language: Language) -> str:
    return localized(f"[{name}]", language)


def _plain(name: str) -> str:
    return name.strip().strip("[]").upper()


def _has(word: str, name: str, texts: dict[str, str]) -> bool:
    return word in name.casefold() or any(word in text.casefold() for text in texts.values())
