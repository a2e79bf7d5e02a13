"""What a caller would like beyond the request itself (RFC 7240)."""

import re
from collections.abc import Mapping

from appointed.http.headers import Headers

_ITEM = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s,;]*)))?\s*(?:;[^,]*)?")
LONGEST = 1_024
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
