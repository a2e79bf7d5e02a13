"""Pages of a list, in Laravel's envelope (Get collection conventions: page and per_page)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from appointed.sqod.forms import Fields

PER_PAGE = 15
MOST_PER_PAGE = 100

# So many pages to each side of the current one are linked, and two at either end.
EACH_SIDE = 3
ENDS = 2
WINDOW = EACH_SIDE + 4

GAP = 0
_NUMBER = re.compile(r"\s*([1-9][0-9]{0,14})\s*", re.ASCII)


class Paging(msgspec.Struct, frozen=True):
    """Which page is asked for, counted from 1."""

    page: int = 1
    per_page: int = PER_PAGE


def read_paging(query: Fields) -> Paging:
    """Read `page` and `per_page` (at most 100); what is no positive number counts as not given."""
    page = _positive(query.values.get("page"), 1)
    return Paging(page, min(_positive(query.values.get("per_page"), PER_PAGE), MOST_PER_PAGE))


def _positive(given: Any, otherwise: int) -> int:
    found = _NUMBER.fullmatch(given) if isinstance(given, str) else None
    return int(found[1]) if found else otherwise


def envelope(
    rows: Sequence[Any], total: int, paging: Paging, address: str, query_string: bytes = b""
) -> dict[str, Any]:
    """Wrap one page's rows; `address` is the list's absolute URL, whose query string every link keeps."""
    urls = _Urls(address, query_string)
    page, per_page = paging.page, paging.per_page
    last = max(1, -(-total // per_page))
    first_row = (page - 1) * per_page + 1
    return {
        "data": rows,
        "links": {
            "first": urls.of(1),
            "last": urls.of(last),
            "prev": urls.before(page),
            "next": urls.after(page, last),
        },
        "meta": {
            "current_page": page,
            "from": first_row if rows else None,
            "last_page": last,
            "links": list(_links(page, last, urls)),
            "path": address,
            "per_page": per_page,
            "to": first_row + len(rows) - 1 if rows else None,
            "total": total,
        },
    }


class _Urls:
    """Writes the addresses of a list's pages."""

    def __init__(self, address: str, query_string: bytes) -> None:
        pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, encoding="utf-8")
        kept = urlencode([(name, value) for name, value in pairs if name != "page"], quote_via=quote)
        self._start = f"{address}?{kept}&page=" if kept else f"{address}?page="

    def of(self, page: int) -> str:
        """Give the address of a page."""
        return f"{self._start}{page}"

    def before(self, page: int) -> str | None:
        """Give the address of the page before, if there is one."""
        return self.of(page - 1) if page > 1 else None

    def after(self, page: int, last: int) -> str | None:
        """Give the address of the page after, if there is one."""
        return self.of(page + 1) if page < last else None


def _links(page: int, last: int, urls: _Urls) -> Iterator[dict[str, Any]]:
    # Laravel adds a member `page` to each link from 12.x on; this contract's server is older.
    yield {"url": urls.before(page), "label": "&laquo; Previous", "active": False}
    for number in _shown(page, last):
        if number == GAP:
            yield {"url": None, "label": "...", "active": False}
        else:
            yield {"url": urls.of(number), "label": str(number), "active": number == page}
    yield {"url": urls.after(page, last), "label": "Next &raquo;", "active": False}


def _shown(page: int, last: int) -> list[int]:
    # The page numbers to link, with GAP where some are left out.
    start, end = [*range(1, ENDS + 1), GAP], [GAP, *range(last - ENDS + 1, last + 1)]
    if last < 2 * EACH_SIDE + 8:
        return list(range(1, last + 1))
    if page <= WINDOW:
        return [*range(1, WINDOW + EACH_SIDE + 1), *end]
    if page > last - WINDOW:
        return [*start, *range(last - WINDOW - EACH_SIDE + 1, last + 1)]
    return [*start, *range(page - EACH_SIDE, page + EACH_SIDE + 1), *end]
