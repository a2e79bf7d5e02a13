"""Several changes in one request: how its items say what their caller last saw."""

from typing import Any

from appointed.domain.errors import InvalidRequest
from appointed.domain.precondition import Precondition
from appointed.http.conditional import read_precondition

LONGEST = 1_024


def condition_of(if_match: Any, if_unmodified_since: Any) -> Precondition:
    """Read an item's own If-Match and If-Unmodified-Since; None is none. Raises InvalidRequest."""
    given = {b"if-match": if_match, b"if-unmodified-since": if_unmodified_since}
    headers = {}
    for name, value in given.items():
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > LONGEST or not value.isascii():
            raise InvalidRequest(f"{name.decode()} of an item must be a text like that of the header")
        headers[name] = value.encode()
    return read_precondition(headers)
