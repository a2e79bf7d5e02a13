"""Texts in the caller's language: multi-language strings and resources (Request Headers, SO-Language).

`US:"Customer";NO:"Kunde";` holds one text per language, `[SR_YES]` names a resource. Without a language
both are answered as they stand. `SO-Culture` is accepted and changes nothing: dates and numbers are neutral.
"""

import importlib.resources
import re
from functools import lru_cache
from typing import Final

import msgspec

MOST_WISHES: Final = 4
LONGEST_HEADER: Final = 200

# Language (ISO 639-1) → the keys it has inside strings: the contract's old ones first, then its own code.
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "da": ("DA", "DK"),
    "de": ("GE", "DE"),
    "en": ("US", "UK", "EN", "GB"),
    "es": ("ES", "SP"),
    "fi": ("FI", "SU"),
    "fr": ("FR",),
    "it": ("IT",),
    "ja": ("JP", "JA"),
    "nl": ("NL", "DU"),
    "no": ("NO",),
    "sv": ("SW", "SE", "SV"),
}
ENGLISH: Final = "en"
# The old keys are taken for their language in headers too; UK, SE and SU are codes of other languages there.
SAME_LANGUAGE: Final = {
    "nb": "no",
    "nn": "no",
    "dk": "da",
    "du": "nl",
    "gb": "en",
    "ge": "de",
    "jp": "ja",
    "sp": "es",
    "sw": "sv",
    "us": "en",
}


def read_texts(package: str, file: str) -> dict[str, dict[str, str]]:
    """Read a table of texts: name → language → text."""
    table = (importlib.resources.files(package) / file).read_text("utf-8")
    (_name, *languages), *lines = (line.split("\t") for line in table.splitlines())
    return {
        name: {code: text for code, text in zip(languages, texts, strict=False) if text}
        for name, *texts in lines
    }


# The columns of the table of resources are languages; an empty cell is a text that this language lacks.
RESOURCES: Final = read_texts("appointed.superoffice", "resources.tsv")

_ENTRY = re.compile(r'\s*([A-Za-z]{2}):"(.*?)"\s*(?:;(?=\s*(?:[A-Za-z]{2}:"|$))|$)', re.DOTALL)
_RESOURCE = re.compile(r"\[(SR_[A-Z0-9_]{1,60})\]", re.ASCII)
_TAG = re.compile(r"([a-z]{2,3}|\*|x)(?:[-_][a-z0-9]{1,8})*", re.ASCII)
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)


class Language(msgspec.Struct, frozen=True):
    """The languages a caller wishes for (ISO 639-1 codes), the best first, at least one."""

    wished: tuple[str, ...]

    @property
    def code(self) -> str:
        """The first wish."""
        return self.wished[0]


def choose_language(so_language: str | None, accept_language: str | None) -> Language | None:
    """Read the language from the two headers (None when absent), broken forms included.

    `SO-Language` wins. `*`, `x` or an empty value cancel translation: None.
    """
    return _wishes((accept_language if so_language is None else so_language) or "")


@lru_cache(maxsize=256)
def _wishes(header: str) -> Language | None:
    weighed: list[tuple[float, str]] = []
    for piece in re.split("[,;]", header[:LONGEST_HEADER].lower()):
        word = piece.strip()
        if weighed and word.startswith("q"):
            weight = _WEIGHT.fullmatch(word)
            weighed[-1] = (float(weight[1]) if weight else 1.0, weighed[-1][1])
        elif tag := _TAG.fullmatch(word):
            weighed.append((1.0, SAME_LANGUAGE.get(tag[1], tag[1])))
    best = sorted((entry for entry in weighed if entry[0] > 0), key=lambda entry: -entry[0])
    codes = tuple(dict.fromkeys(code for _weight, code in best))
    if not codes or codes[0] in ("*", "x"):
        return None
    return Language(tuple(code for code in codes if code not in ("*", "x"))[:MOST_WISHES])


def is_localized(text: str) -> bool:
    """Tell whether a text may read otherwise in another language."""
    return ':"' in text or "[SR_" in text


def localized(text: str, language: Language) -> str:
    """Pick a language out of a text; plain texts and unknown resources stay as they are.

    A text that lacks all wished languages is given in English, or else in its first one.
    """
    if ':"' in text:
        text = _picked(text, language)
    if "[SR_" in text:
        text = _RESOURCE.sub(lambda match: _resource(match[1], language) or match[0], text)
    return text


def _picked(text: str, language: Language) -> str:
    entries: dict[str, str] = {}
    start = 0
    while start < len(text):
        entry = _ENTRY.match(text, start)
        if entry is None:
            return text if text[start:].strip() else _best(entries, text, language)
        entries.setdefault(entry[1].upper(), entry[2])
        start = entry.end()
    return _best(entries, text, language)


def _best(entries: dict[str, str], text: str, language: Language) -> str:
    for code in (*language.wished, ENGLISH):
        for key in KEYS.get(code, (code.upper(),)):
            if key in entries:
                return entries[key]
    return next(iter(entries.values()), text)


def _resource(name: str, language: Language) -> str | None:
    texts = RESOURCES.get(name, {})
    return next((texts[code] for code in (*language.wished, ENGLISH) if code in texts), None)


def read_titles(package: str, file: str) -> dict[str, dict[str, str]]:
    """Read a table of texts whose first column is English, and their name."""
    return {title: texts | {ENGLISH: title} for title, texts in read_texts(package, file).items()}


def titled(titles: dict[str, dict[str, str]], title: str, language: Language | None) -> str:
    """Say an English title as its table has it; without a language it stays, without a line it is picked."""
    if language is None:
        return title
    texts = titles.get(title)
    if texts is None:
        return localized(title, language)
    return next((texts[code] for code in language.wished if code in texts), title)
