"""Laravel's envelope (Get collection conventions)."""

import pytest

from appointed.http.limits import DEFAULT_LIMITS
from appointed.sqod.input import read_query
from appointed.sqod.paging import Paging, envelope, read_paging

ADDRESS = "https://example.com/api/v1/appointments"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", (1, 15)),
        (b"page=2&per_page=5", (2, 5)),
        (b"page=0&per_page=0", (1, 15)),
        (b"page=-1&per_page=-5", (1, 15)),
        (b"page=x&per_page=x", (1, 15)),
        (b"page=1.5", (1, 15)),
        (b"page=+3+", (3, 15)),
        (b"page=", (1, 15)),
        (b"page[]=2", (1, 15)),
        (b"page=%D9%A2", (1, 15)),
        (b"page=999999999999999", (999_999_999_999_999, 15)),
        (b"page=1000000000000000", (1, 15)),
        (b"per_page=100", (1, 100)),
        (b"per_page=101", (1, 100)),
        (b"filter[x]=1", (1, 15)),
    ],
)
def test_paging_is_read_or_its_default(query, expected):
    paging = read_paging(read_query(query, DEFAULT_LIMITS))
    assert (paging.page, paging.per_page) == expected


@pytest.mark.clause("SQ-PAGE-envelope", "SQ-PAGE-links")
def test_the_first_page_of_three():
    rows = list(range(15))
    assert envelope(rows, 31, Paging(), ADDRESS) == {
        "data": rows,
        "links": {
            "first": f"{ADDRESS}?page=1",
            "last": f"{ADDRESS}?page=3",
            "prev": None,
            "next": f"{ADDRESS}?page=2",
        },
        "meta": {
            "current_page": 1,
            "from": 1,
            "last_page": 3,
            "links": [
                {"url": None, "label": "&laquo; Previous", "active": False},
                {"url": f"{ADDRESS}?page=1", "label": "1", "active": True},
                {"url": f"{ADDRESS}?page=2", "label": "2", "active": False},
                {"url": f"{ADDRESS}?page=3", "label": "3", "active": False},
                {"url": f"{ADDRESS}?page=2", "label": "Next &raquo;", "active": False},
            ],
            "path": ADDRESS,
            "per_page": 15,
            "to": 15,
            "total": 31,
        },
    }


def test_the_last_page():
    answer = envelope([1], 31, Paging(3), ADDRESS)
    assert (answer["meta"]["from"], answer["meta"]["to"]) == (31, 31)
    assert answer["links"]["prev"] == f"{ADDRESS}?page=2"
    assert answer["links"]["next"] is None


@pytest.mark.parametrize(("page", "total"), [(1, 0), (9, 31), (10**15 - 1, 31)])
def test_a_page_without_rows(page, total):
    answer = envelope([], total, Paging(page), ADDRESS)
    assert answer["data"] == []
    assert (answer["meta"]["from"], answer["meta"]["to"], answer["meta"]["total"]) == (None, None, total)
    assert answer["meta"]["last_page"] == (3 if total else 1)
    assert answer["links"]["next"] is None


def test_links_keep_the_query_but_its_page():
    query = b"filter%5Bstatus%5D=a%2Cb&page=2&per_page=5&q=x+y&e="
    links = envelope([1], 31, Paging(2, 5), ADDRESS, query)["links"]
    assert links["first"] == f"{ADDRESS}?filter%5Bstatus%5D=a%2Cb&per_page=5&q=x%20y&e=&page=1"


@pytest.mark.clause("SQ-PAGE-links")
@pytest.mark.parametrize(
    ("page", "last", "labels"),
    [
        (1, 1, "1"),
        (7, 13, "1 2 3 4 5 6 7 8 9 10 11 12 13"),
        (1, 14, "1 2 3 4 5 6 7 8 9 10 ... 13 14"),
        (7, 20, "1 2 3 4 5 6 7 8 9 10 ... 19 20"),
        (8, 20, "1 2 ... 5 6 7 8 9 10 11 ... 19 20"),
        (13, 20, "1 2 ... 10 11 12 13 14 15 16 ... 19 20"),
        (14, 20, "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
        (20, 20, "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
        (99, 20, "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
    ],
)
def test_long_lists_leave_gaps(page, last, labels):
    links = envelope([1], last, Paging(page, 1), ADDRESS)["meta"]["links"]
    assert " ".join(link["label"] for link in links[1:-1]) == labels
    assert [link["label"] for link in links if link["active"]] == ([str(page)] if page <= last else [])
    assert all((link["url"] is None) == (link["label"] == "...") for link in links[1:-1])
