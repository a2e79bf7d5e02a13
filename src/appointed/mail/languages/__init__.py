"""What letters say, a file for each language, and how a tenant or department says it in other words."""

import importlib.resources
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

Words = dict[str, Any]
ENGLISH: Final = "en"
SAME_LANGUAGE: Final = {"nb": "no", "nn": "no"}
LONGEST_CODE: Final = 8
# Texts of so many departments and languages are kept read.
MOST_KEPT: Final = 1_024


class TextsUnusable(Exception):
    """A file of texts cannot be read; the message names it."""


def language_of(wish: str) -> str:
    """Give the language of a tag ("en-GB", "nb"), as its file is called; English for what is no tag."""
    code = wish.strip().lower().replace("_", "-").partition("-")[0]
    # A wish comes from outside: only what can be the name of a language becomes one of a file.
    if not (code.isascii() and code.isalpha() and len(code) <= LONGEST_CODE):
        return ENGLISH
    return SAME_LANGUAGE.get(code, code)


class Texts:
    """Finds texts and templates: those of the department, the tenant, the operator, then our own.

    `folder` holds the operator's, in `<language>.toml` and `letter.*.j2`, and below `tenant-1` and
    `tenant-1/department-2` those of one tenant and department. None: there are none. They are read once.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._read_words = lru_cache(MOST_KEPT)(self._words)
        self.environment = lru_cache(MOST_KEPT)(self._environment)

    def offered(self) -> dict[str, str]:
        """Name the languages of letters by their codes: ours, and the operator's."""
        folders = [importlib.resources.files(__package__), *([self._folder] if self._folder else [])]
        names = {file.name for folder in folders for file in folder.iterdir()}
        codes = sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
        return {code: str(self._named(code)) for code in codes if language_of(code) == code}

    def _named(self, code: str) -> Any:
        own = _read(self._folder / f"{code}.toml") if self._folder else {}
        return (_own(code) | own).get("language_name", code)

    def words(self, wish: str, tenant_id: int, department_id: int) -> Words:
        """Give the texts of a language, English where it has none."""
        return self._read_words(language_of(wish), tenant_id, department_id)

    def _words(self, language: str, tenant_id: int, department_id: int) -> Words:
        words: Words = {}
        is_known = bool(_own(language))
        for name in dict.fromkeys((ENGLISH, language)):
            words = _over(words, _own(name))
            for folder in self._folders(tenant_id, department_id):
                own = _read(folder / f"{name}.toml")
                is_known |= name == language and bool(own)
                words = _over(words, own)
        return words | {"language": language if is_known else ENGLISH}

    def _environment(self, tenant_id: int, department_id: int) -> SandboxedEnvironment:
        """Give the templates."""
        folders = list(self._folders(tenant_id, department_id))
        loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in reversed(folders)]
        loaders.append(PackageLoader("appointed.mail", "templates"))
        return SandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            autoescape=lambda name: name is not None and ".html" in name,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _folders(self, tenant_id: int, department_id: int) -> Iterator[Path]:
        if self._folder is not None:
            tenant = self._folder / f"tenant-{tenant_id}"
            yield from (self._folder, tenant, tenant / f"department-{department_id}")


@lru_cache(MOST_KEPT)
def _own(language: str) -> Words:
    file = importlib.resources.files(__package__) / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def _read(file: Path) -> Words:
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise TextsUnusable(f"{file}: {error}") from error


def _over(below: Words, above: Words) -> Words:
    merged = dict(below)
    for name, value in above.items():
        known = merged.get(name)
        merged[name] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


class Style(msgspec.Struct, frozen=True):
    """A receiver's language and IANA time zone."""

    language: str
    zone: str
