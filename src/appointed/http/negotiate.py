"""Choose the media type of an answer from `Accept` (RFC 9110 §12.5.1)."""

from functools import lru_cache

from appointed.domain.errors import NotAcceptable
from appointed.http.headers import Headers

JSON_TYPES = (
    "application/json",
    "text/json",
    "application/json-patch+json",
    "application/merge-patch+json",
)
XML_TYPES = ("application/xml", "text/xml")
JSON_OR_XML = JSON_TYPES + XML_TYPES

_ANYTHING = "*/*"
_LONGEST_REMEMBERED = 1_024


def negotiate(headers: Headers, offered: tuple[str, ...] = JSON_OR_XML) -> str:
    """Give the offered media type the caller likes best; among equals the one offered first.

    Broken pieces of the header are passed over; with none left, anything goes. Raises NotAcceptable.
    """
    accept = headers.get(b"accept", b"")
    return _remembered(accept, offered) if len(accept) <= _LONGEST_REMEMBERED else _choose(accept, offered)


def _choose(accept: bytes, offered: tuple[str, ...]) -> str:
    wishes = _wishes(accept.decode("latin-1").lower()) or {_ANYTHING: 1.0}
    best = max(offered, key=lambda media_type: _liking(media_type, wishes))
    if _liking(best, wishes) <= 0:
        raise NotAcceptable
    return best


_remembered = lru_cache(maxsize=512)(_choose)


def _wishes(accept: str) -> dict[str, float]:
    wishes: dict[str, float] = {}
    for piece in accept.split(","):
        media_range, *parameters = (part.strip() for part in piece.split(";"))
        # Some clients of the Java family write a lone star.
        media_range = _ANYTHING if media_range == "*" else media_range
        if media_range.count("/") == 1 and not media_range.startswith("/") and not media_range.endswith("/"):
            wishes[media_range] = max(_quality(parameters), wishes.get(media_range, 0.0))
    return wishes


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _equals, text = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(text)
            except ValueError:
                return 1.0
            return quality if 0 <= quality <= 1 else 1.0
    return 1.0


def _liking(media_type: str, wishes: dict[str, float]) -> float:
    # The most specific range decides alone, so that q=0 can exclude one type out of many.
    for media_range in (media_type, media_type.split("/")[0] + "/*", _ANYTHING):
        if media_range in wishes:
            return wishes[media_range]
    return 0.0
