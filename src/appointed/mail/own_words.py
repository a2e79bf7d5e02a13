"""Words of a letter that its sender wrote themselves: plain text, or HTML, of which the words are taken."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

# Each ends at the next bracket, so that reading stays linear.
TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>")
NAME: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])")
LINK: Final = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
# White space, and where a browser would begin a line (\v) or a paragraph (\f), however often it is told so.
SPACE: Final = re.compile(r"[ \t\r\n\v\f]+")
SPACE_IN_LINES: Final = re.compile(r"[ \t\r\v\f]+")
BREAKS: Final = re.compile(r"[ \v\f]+")
LINES_KEPT: Final = re.compile(r"white-space:\s*pre", re.IGNORECASE)

PAGES: Final = frozenset({"html", "body"})
SILENT: Final = frozenset({"head", "style", "script", "title"})
PARAGRAPHS: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre"}
)
LINES: Final = frozenset({"div", "tr", "li", "hr"})
INSIDE: Final = frozenset({"br", "a", "b", "strong", "i", "em", "u", "span", "font", "td", "th", "img"})
KNOWN: Final = PAGES | SILENT | PARAGRAPHS | LINES | INSIDE
TOLD: Final = ("https://", "http://", "mailto:")


def is_html(body: str) -> bool:
    """Tell whether a text is meant as HTML: it has a tag that mail programs write."""
    return any(_name(tag) in KNOWN for tag in TAG.findall(body))


def is_page(body: str) -> bool:
    """Tell whether a text is a whole page of HTML, and not some of it."""
    return any(_name(tag) in PAGES for tag in TAG.findall(body))


def words_of(body: str) -> str:
    """Give the words of a text, in the lines and paragraphs that its HTML puts them in, if it is any."""
    if not is_html(body):
        return body
    read = BREAKS.sub(_broken, "".join(_pieces(_without_comments(body))))
    return "\n".join(line.strip() for line in read.split("\n")).strip()


def _broken(found: re.Match[str]) -> str:
    if "\f" in found[0]:
        return "\n\n"
    return "\n" if "\v" in found[0] else " "


def _pieces(body: str) -> Iterator[str]:
    silent, kept, target, end = "", "", "", 0
    for tag in TAG.finditer(body):
        text, end = _text(body[end : tag.start()], is_kept=bool(kept)), tag.end()
        name, is_end = _name(tag[0]), tag[0].startswith("</")
        if silent:
            silent = "" if is_end and name == silent else silent
            continue
        yield text
        if is_end:
            kept = "" if name == kept else kept
            yield f" ({target})" if name == "a" and target and target != text.strip() else ""
        else:
            silent = name if name in SILENT else ""
            kept = name if name == "pre" or LINES_KEPT.search(tag[0]) else kept
            target = _target(tag[0]) if name == "a" else target
        yield _break(name, is_end=is_end)
    yield "" if silent else _text(body[end:], is_kept=bool(kept))


def _break(name: str, *, is_end: bool) -> str:
    if name == "br":
        return "\n"
    if name in PARAGRAPHS:
        return "\f"
    if name in LINES:
        return "\v- " if name == "li" and not is_end else "\v"
    if is_end and name in ("th", "td"):
        return ": " if name == "th" else " "
    return ""


def _target(tag: str) -> str:
    found = LINK.search(tag)
    address = unescape(found[1] or found[2] or "").strip() if found else ""
    return address if address.lower().startswith(TOLD) else ""


def _text(text: str, *, is_kept: bool) -> str:
    return (SPACE_IN_LINES if is_kept else SPACE).sub(" ", unescape(text))


def _name(tag: str) -> str:
    found = NAME.match(tag)
    return found[1].lower() if found else ""


def _without_comments(body: str) -> str:
    first, *others = body.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)
