"""The link to the next page of a list, short enough to be followed (OData, odata.nextLink).

A list that was asked for by POST may have options longer than a request line. They are packed into the token.
"""

import base64
import binascii
import zlib
from collections.abc import Container
from typing import Final
from urllib.parse import urlencode

import msgspec

from appointed.domain.errors import InvalidRequest

# Servers and proxies take request lines of 8 KiB.
LONGEST: Final = 8_000
MOST_UNPACKED: Final = 65_536
PACKED: Final = "~"
CONTINUED: Final = "skiptoken"
PLACE: Final = frozenset({CONTINUED, "skip"})

_WRONG: Final = "$skiptoken is not of this list: follow the link as it was given"


def link(address: str, options: dict[str, str], spelled: dict[str, str]) -> str:
    """Make the link to what `options` (by their folded names) ask for.

    Options that no token can hold are left out: to such a link the same body is posted again.
    """
    plain = _query(options, spelled)
    if len(plain) <= LONGEST:
        return f"{address}?{plain}"
    packed = _query({CONTINUED: _packed(options)}, spelled)
    if len(packed) <= LONGEST:
        return f"{address}?{packed}"
    place = {name: text for name, text in options.items() if name in PLACE}
    return f"{address}?{_query(place, spelled)}"


def unpacked(options: dict[str, str], known: Container[str]) -> dict[str, str]:
    """Give the options that a token holds, under those given beside it; raises InvalidRequest."""
    token = options.get(CONTINUED, "")
    if not token.startswith(PACKED):
        return options
    try:
        held = zlib.decompressobj().decompress(base64.urlsafe_b64decode(token[1:]), MOST_UNPACKED)
        found = msgspec.json.decode(held, type=dict[str, str])
    except (ValueError, binascii.Error, zlib.error, msgspec.DecodeError):
        raise InvalidRequest(_WRONG) from None
    if any(name not in known for name in found) or found.get(CONTINUED, "").startswith(PACKED):
        raise InvalidRequest(_WRONG)
    return found | {name: text for name, text in options.items() if name != CONTINUED}


def _packed(options: dict[str, str]) -> str:
    return PACKED + base64.urlsafe_b64encode(zlib.compress(msgspec.json.encode(options), 9)).decode()


def _query(options: dict[str, str], spelled: dict[str, str]) -> str:
    return urlencode({spelled[name]: text for name, text in options.items() if text}, safe="$/:,~")
