"""What a caller would like beyond the request itself (RFC 7240)."""

import re
from collections.abc import Mapping

from starlette.types import Scope

from appointed.http.gate import add_headers
from appointed.http.headers import Headers, headers_of

_ITEM = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s,;]*)))?\s*(?:;[^,]*)?")
LONGEST = 1_024
STRICT = "handling=strict"
_STRICT_APPLIED = ((b"preference-applied", STRICT.encode("ascii")),)
_NONE: Mapping[str, str] = {}


def preferences(headers: Headers) -> Mapping[str, str]:
    """Read `Prefer`: lower-case names with their values, "" without one; of two alike the first counts."""
    value = headers.get(b"prefer")
    if value is None or len(value) > LONGEST:
        return _NONE
    found: dict[str, str] = {}
    for piece in value.decode("latin-1").split(","):
        item = _ITEM.fullmatch(piece)
        if item is not None:
            found.setdefault(item[1].lower(), item[2] or item[3] or "")
    return found


def heeds_strict(scope: Scope) -> bool:
    """Tell whether the caller wants all or nothing (`Prefer: handling=strict`); the answer confirms it."""
    if preferences(headers_of(scope)).get("handling") != "strict":
        return False
    add_headers(scope, _STRICT_APPLIED)
    return True
