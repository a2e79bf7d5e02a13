"""What the caller last saw, as headers say it, and the tags we answer with (RFC 9110 §8.8, §13)."""

import re
from datetime import datetime

from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.http.dates import parse_http_date
from appointed.http.headers import Headers

_TAG = re.compile(rb'([Ww]/)?"([^"]*)"')
_REVISION = re.compile(rb"(0|[1-9][0-9]{0,18})(?:-.*)?", re.DOTALL)
_ANY = b"*"


def etag(revision: int, form: str = "") -> str:
    """Write the strong tag of one revision; `form` names any form but the plain JSON one."""
    return f'"{revision}-{form}"' if form else f'"{revision}"'


def read_precondition(headers: Headers, *, for_write: bool = True) -> Precondition:
    """Read what the caller demands of the current revision.

    A tag counts whatever form it was of. Tags that are weak or not ours never match `If-Match`; a date
    that is none is ignored. `If-None-Match` is left to `not_modified` unless it is a write.
    """
    match = headers.get(b"if-match")
    unmodified = headers.get(b"if-unmodified-since")
    none_match = headers.get(b"if-none-match") if for_write else None
    if match is None and unmodified is None and none_match is None:
        return NO_PRECONDITION
    is_any = match is not None and match.strip() == _ANY
    return Precondition(
        if_match=None if match is None or is_any else _revisions(match, with_weak=False),
        if_match_any=is_any,
        unmodified_since=_date(unmodified) if match is None else None,
        if_none_match=_revisions(none_match, with_weak=True) if none_match else (),
        if_none_match_any=none_match is not None and none_match.strip() == _ANY,
    )


def _date(value: bytes | None) -> datetime | None:
    return parse_http_date(value.decode("latin-1")) if value else None


def _revisions(value: bytes, *, with_weak: bool) -> tuple[int, ...]:
    found = []
    for weak, text in _TAG.findall(value):
        ours = _REVISION.fullmatch(text)
        if ours is not None and (with_weak or not weak):
            found.append(int(ours[1]))
    return tuple(found)


def not_modified(headers: Headers, tag: str, last_modified: datetime | None) -> bool:
    """Tell whether a read may be answered 304: the caller has exactly this form of this revision.

    `last_modified` is None when its second cannot tell revisions apart. `If-None-Match` comes first; with
    it, `If-Modified-Since` does not count (RFC 9110 §13.2.2).
    """
    none_match = headers.get(b"if-none-match")
    if none_match is not None:
        wanted = tag.strip('"').encode()
        return none_match.strip() == _ANY or any(text == wanted for _weak, text in _TAG.findall(none_match))
    since_text = headers.get(b"if-modified-since")
    if since_text is None or last_modified is None:
        return False
    since = _date(since_text)
    return since is not None and last_modified.replace(microsecond=0) <= since
