"""GET /api/v1/appointments: pages of what the caller's role reaches (Get collection conventions)."""

from typing import Any

import pytest

from tests.contracts.served import HOST, Served
from tests.contracts.sqod.caller import BASE, Caller, newcomer
from tests.data import sqod as tables

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.usefixtures("callers"),
]

URL = HOST + BASE


@pytest.mark.clause("SQ-WIRE-envelope", "SQ-ROUTE-list", "SQ-PAGE-envelope")
@pytest.mark.clause("SQ-CONV-010", "SQ-CONV-011")
async def test_a_page_comes_in_laravels_envelope(served: Served) -> None:
    caller = await newcomer(served, "paged")
    rows = [await caller.made() for _ in range(7)]
    page = await caller.page("?page=2&per_page=2")
    assert page["data"] == rows[2:4]
    assert list(page) == ["data", "links", "meta"]
    assert page["links"] == {
        "first": f"{URL}?per_page=2&page=1",
        "last": f"{URL}?per_page=2&page=4",
        "prev": f"{URL}?per_page=2&page=1",
        "next": f"{URL}?per_page=2&page=3",
    }
    links = page["meta"].pop("links")
    assert page["meta"] == {
        "current_page": 2,
        "from": 3,
        "last_page": 4,
        "path": URL,
        "per_page": 2,
        "to": 4,
        "total": 7,
    }
    numbers = [
        {"url": f"{URL}?per_page=2&page={number}", "label": str(number), "active": number == 2}
        for number in range(1, 5)
    ]
    assert links == [
        {"url": f"{URL}?per_page=2&page=1", "label": "&laquo; Previous", "active": False},
        *numbers,
        {"url": f"{URL}?per_page=2&page=3", "label": "Next &raquo;", "active": False},
    ]


@pytest.mark.clause("SQ-PAGE-size")
@pytest.mark.clause("SQ-CONV-010")
async def test_without_parameters_it_is_the_first_fifteen(caller: Caller) -> None:
    rows = await caller.listed()
    page = await caller.page()
    assert page["data"] == rows[:15]
    assert (page["meta"]["current_page"], page["meta"]["per_page"]) == (1, 15)
    assert (page["links"]["prev"], page["links"]["next"]) == (None, f"{URL}?page=2")


@pytest.mark.clause("SQ-PAGE-first")
@pytest.mark.clause("SQ-CONV-010")
@pytest.mark.parametrize("page", ["", "0", "-1", "one", "1.5", "1e3", "[]", "99999999999999999999"])
@pytest.mark.lenient("query.page")
async def test_a_page_that_is_no_number_counts_as_the_first(caller: Caller, page: str) -> None:
    assert (await caller.page(f"?page={page}"))["meta"]["current_page"] == 1


@pytest.mark.clause("SQ-PAGE-size")
@pytest.mark.clause("SQ-CONV-011")
@pytest.mark.parametrize(
    ("given", "taken"),
    [("1", 1), ("100", 100), ("101", 100), ("5000", 100), ("0", 15), ("-5", 15), ("ten", 15), ("", 15)],
)
@pytest.mark.lenient("query.per_page")
async def test_a_page_holds_one_to_a_hundred(caller: Caller, given: str, taken: int) -> None:
    page = await caller.page(f"?per_page={given}")
    assert page["meta"]["per_page"] == taken
    assert len(page["data"]) == min(taken, page["meta"]["total"])


@pytest.mark.clause("SQ-PAGE-beyond")
@pytest.mark.clause("SQ-CONV-004", "SQ-CONV-010")
async def test_beyond_the_end_a_page_is_empty(caller: Caller) -> None:
    page = await caller.page("?page=999999")
    meta = page["meta"]
    assert page["data"] == []
    assert (meta["from"], meta["to"], meta["current_page"]) == (None, None, 999_999)
    assert (page["links"]["next"], page["links"]["prev"]) == (None, f"{URL}?page=999998")
    assert (await caller.page(f"?page={meta['last_page']}"))["data"] != []


@pytest.mark.clause("SQ-PAGE-none")
@pytest.mark.clause("SQ-CONV-004", "SQ-CONV-010")
async def test_an_empty_list_has_one_empty_page(served: Served) -> None:
    page = await (await newcomer(served, "idle")).page()
    assert page["data"] == []
    assert page["links"] == {"first": f"{URL}?page=1", "last": f"{URL}?page=1", "prev": None, "next": None}
    assert (page["meta"]["last_page"], page["meta"]["total"]) == (1, 0)
    assert (page["meta"]["from"], page["meta"]["to"]) == (None, None)


@pytest.mark.clause("SQ-PAGE-query")
async def test_links_keep_the_rest_of_the_query(caller: Caller) -> None:
    page = await caller.page("?per_page=5&x%5By%5D=a%20b&page=2&empty=")
    assert page["links"]["next"] == f"{URL}?per_page=5&x%5By%5D=a%20b&empty=&page=3"


@pytest.mark.clause("SQ-LIST-unknown")
async def test_unknown_parameters_are_ignored(caller: Caller) -> None:
    assert (await caller.page("?colour=red&_method=PATCH"))["data"] == (await caller.page())["data"]


@pytest.mark.clause("SQ-LIST-order")
async def test_the_order_is_by_time_then_by_age_and_no_page_repeats_or_skips(caller: Caller) -> None:
    same = [await caller.new(appointment_at="2030-01-01T00:00:00Z") for _ in range(3)]
    before = await caller.new(appointment_at="2029-12-31T23:59:59Z")
    rows = await caller.listed(per_page=7)
    names = [row["id"] for row in rows]
    assert [name for name in names if name in (before, *same)] == [before, *same]
    assert [row["appointment_at"] for row in rows] == sorted(row["appointment_at"] for row in rows)
    assert len(set(names)) == len(names)
    assert names == [row["id"] for row in await caller.listed()]


@pytest.mark.clause("SQ-CONV-004")
async def test_every_row_has_all_members_and_is_what_reading_it_gives(caller: Caller) -> None:
    for row in (await caller.page("?per_page=10"))["data"]:
        assert list(row) == list(tables.RESOURCE)
        assert row == await caller.read(row["id"])


class TestRoles:
    @pytest.mark.clause("SQ-LIST-role")
    async def test_a_client_sees_its_departments_only(self, callers: dict[str, Caller]) -> None:
        first = await callers["demo"].new(department_id=1)
        second = await callers["demo"].new(department_id=2)
        assert await seen(callers["second"], first, second) == [second]
        assert await seen(callers["agent"], first, second) == [first]
        assert {row["department"]["id"] for row in await callers["second"].listed()} == {2}

    @pytest.mark.clause("SQ-LIST-role")
    async def test_an_administrator_and_a_client_of_both_see_all(self, callers: dict[str, Caller]) -> None:
        made = [await callers["demo"].new(department_id=number) for number in (1, 2)]
        for name in ("demo", "head"):
            assert await seen(callers[name], *made) == made

    async def test_who_made_or_owns_a_row_sees_it_anywhere(self, callers: dict[str, Caller]) -> None:
        uid = await callers["second"].new()
        await callers["second"].patch(uid, {"department_id": 1})
        assert await seen(callers["second"], uid) == [uid]

    @pytest.mark.clause("SQ-LIST-role")
    async def test_no_tenant_sees_anothers(self, callers: dict[str, Caller]) -> None:
        mine, theirs = await callers["demo"].new(), await callers["other"].new()
        assert await seen(callers["demo"], mine, theirs) == [mine]
        assert await seen(callers["other"], mine, theirs) == [theirs]
        await callers["other"].cancel(theirs)


async def seen(caller: Caller, *uids: str) -> list[str]:
    names: set[Any] = {row["id"] for row in await caller.listed()}
    return [uid for uid in uids if uid in names]
