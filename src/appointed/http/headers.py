"""The headers of a request, read once."""

from collections.abc import Mapping, MutableMapping
from typing import Any

Headers = Mapping[bytes, bytes]
Scope = MutableMapping[str, Any]

_KEPT = "appointed.headers"


def headers_of(scope: Scope) -> Headers:
    """Give the headers by lower-case name; one that came twice is joined by a comma (RFC 9110 §5.3)."""
    kept: Headers | None = scope.get(_KEPT)
    if kept is None:
        pairs: list[tuple[bytes, bytes]] = scope["headers"]
        kept = dict(pairs)
        if len(kept) < len(pairs):
            kept = _joined(pairs)
        scope[_KEPT] = kept
    return kept


def _joined(pairs: list[tuple[bytes, bytes]]) -> Headers:
    joined: dict[bytes, bytes] = {}
    for name, value in pairs:
        # Cookies are the one header whose pieces join differently (RFC 9113 §8.2.3).
        glue = b"; " if name == b"cookie" else b", "
        joined[name] = joined[name] + glue + value if name in joined else value
    return joined
