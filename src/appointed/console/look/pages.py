"""Makes pages out of templates: always escaped, never kept, in one of the languages."""

from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import msgspec
from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.console.look.assets import Assets, load_assets
from appointed.console.look.languages import Language, Languages, load_languages
from appointed.console.look.policy import policy
from appointed.http.headers import headers_of

HTML: Final = "text/html; charset=utf-8"
LANGUAGE: Final = "lang"
LOOK: Final = "appointed.console.look"


class Pages(msgspec.Struct, frozen=True):
    """Writes the pages of all parts of this room."""

    environment: Environment
    languages: Languages
    assets: Assets

    def language_of(self, request: Request, kept: str = "") -> Language:
        """Choose the language of an answer: the address's, else one that is `kept`, else the browser's."""
        accepted = headers_of(request.scope).get(b"accept-language", b"").decode("latin-1")
        return self.languages.choose(request.query_params.get(LANGUAGE, kept), accepted)

    def page(
        self,
        request: Request,
        template: str,
        language: Language,
        *,
        status: int = 200,
        frame: str = "",
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """Answer with a page; `frame` is the origin of what it shows inside (see `policy`)."""
        text = self.write(
            template, language, switches=language_switches(request, self.languages, language), **values
        )
        return Response(text, status, policy(frame) | (headers or {}), HTML)

    def write(self, template: str, language: Language, **values: Any) -> str:
        """Write a page, or a piece of one, as HTML."""
        return self.environment.get_template(template).render(
            t=language.text, language=language, asset=self.assets.url, **values
        )

    def routes(self) -> list[Route]:
        """Make the routes of the files that pages load."""
        return self.assets.routes()


def load_pages(parts: Iterable[str]) -> Pages:
    """Read templates, languages and files of some packages, each in the folder of that name, and our own."""
    folders = [files(part) for part in (LOOK, *parts)]
    environment = Environment(
        loader=FunctionLoader(_loader([folder / "templates" for folder in folders])),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    languages = load_languages(folder / "languages" for folder in folders)
    assets = load_assets(folder / "assets" for folder in folders)
    return Pages(environment, languages, assets)


def language_switches(request: Request, languages: Languages, shown: Language) -> list[tuple[str, str, str]]:
    """List the other languages as (code, name, address of this very page in it)."""
    others = [language for language in languages.by_code.values() if language is not shown]
    return [
        (language.code, language.name, f"?{request.url.include_query_params(lang=language.code).query}")
        for language in others
    ]


def _loader(folders: list[Traversable]) -> Callable[[str], str | None]:
    texts: dict[str, str] = {}
    for folder in folders:
        for file in folder.iterdir():
            if file.name in texts:
                raise ValueError(f"the template {file.name} is there twice")
            texts[file.name] = file.read_text("utf-8")
    return texts.get
