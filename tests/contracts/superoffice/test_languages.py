"""`SO-Language`, `Accept-Language` and `SO-Culture`: one text out of several (Request Headers)."""

import pytest

from appointed.usecases.stock_lists import TEXTS
from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

RAW, ENGLISH, NORWEGIAN, SWEDISH = TEXTS["meeting"], "Meeting", "Møte", "Möte"


async def task(desk: Desk, **headers: str) -> str:
    return (await desk.read(1, **headers))["Task"]["Value"]


@pytest.mark.clause("SO-HEADER-012", "SO-WIRE-010")
@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        ("", RAW),
        ("en", ENGLISH),
        ("no", NORWEGIAN),
        ("NO", NORWEGIAN),
        ("nb", NORWEGIAN),
        ("nn-NO", NORWEGIAN),
        ("no-NO,no;q=0.9,en;q=0.8", NORWEGIAN),
        ("it, no;q=0.5, en;q=0.9", ENGLISH),
        ("sv", SWEDISH),
        ("sv-FI", SWEDISH),
        ("it", ENGLISH),
        # Broken forms that samples and browsers send.
        ("en-us; en-gb", ENGLISH),
        ("no;q=abc", NORWEGIAN),
        ("no;;q=1,,", NORWEGIAN),
        (";no", NORWEGIAN),
        ("no_NO", NORWEGIAN),
        ("???", RAW),
        ("x" * 3000, RAW),
        ("*", RAW),
        ("en;q=0", RAW),
    ],
)
async def test_accept_language(desk: Desk, accept: str, shown: str) -> None:
    assert await task(desk, Accept_Language=accept) == shown


@pytest.mark.clause("SO-HEADER-013", "SO-WIRE-010")
@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", ENGLISH), ("no", NORWEGIAN), ("no-NO", NORWEGIAN), ("fr", "Réunion"), ("it", ENGLISH)],
)
async def test_so_language(desk: Desk, language: str, shown: str) -> None:
    assert await task(desk, SO_Language=language) == shown


@pytest.mark.clause("SO-HEADER-012", "SO-HEADER-013")
@pytest.mark.parametrize(
    ("code", "task", "priority", "all_of_them"),
    [
        ("en", "Meeting", "Medium", "All"),
        ("no", "Møte", "Middels", "Alle"),
        ("sv", "Möte", "Medel", "Alla"),
        ("da", "Møde", "Mellem", "Alle"),
        ("de", "Besprechung", "Mittel", "Alle"),
        ("fr", "Réunion", "Moyenne", "Tous"),
        ("nl", "Vergadering", "Gemiddeld", "Iedereen"),
    ],
)
async def test_seven_languages(desk: Desk, code: str, task: str, priority: str, all_of_them: str) -> None:
    for header in ("Accept_Language", "SO_Language"):
        seen = await desk.read(1, **{header: code})
        shown = (seen["Task"]["Value"], seen["Priority"]["Value"], seen["VisibleFor"][0]["DisplayValue"])
        assert shown == (task, priority, all_of_them)


@pytest.mark.clause("SO-HEADER-014")
async def test_so_language_wins(desk: Desk) -> None:
    assert await task(desk, SO_Language="no", Accept_Language="en") == NORWEGIAN
    assert await task(desk, SO_Language="en", Accept_Language="no") == ENGLISH
    # A star, an x or nothing at all cancel translation.
    for nothing in ("*", "x", ""):
        assert await task(desk, SO_Language=nothing, Accept_Language="en") == RAW


@pytest.mark.clause("SO-HEADER-015", "SO-HEADER-016")
async def test_culture_is_accepted_and_leaves_dates_and_numbers_neutral(desk: Desk) -> None:
    plain = await desk.read(1)
    assert await desk.read(1, SO_Culture="no") == plain
    norwegian = await desk.read(1, SO_Language="no")
    for culture in ("en", "de", "nonsense", ""):
        assert await desk.read(1, SO_Language="no", SO_Culture=culture) == norwegian
    # What makes no other answer makes no other tag, and need not stand in Vary.
    answers = [await desk.call("GET", 1, **named) for named in ({}, {"SO_Culture": "de"})]
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    assert "culture" not in answers[0].headers["Vary"].lower()
    assert norwegian["StartDate"] == plain["StartDate"]
    assert norwegian["Sale"]["Amount"] == plain["Sale"]["Amount"] == 120_000.0


@pytest.mark.clause("SO-HEADER-012")
async def test_every_text_of_the_answer_is_picked(desk: Desk) -> None:
    entity = await desk.read(1, Accept_Language="no")
    assert entity["Priority"]["Value"] == "Middels"
    assert entity["VisibleFor"][0]["DisplayValue"] == "Alle"
    assert entity["CustomFields"]["SuperOffice:4:DisplayText"] == "Ja"


@pytest.mark.clause("SO-HEADER-012")
async def test_what_callers_wrote_themselves_is_picked_too(desk: Desk) -> None:
    text = 'US:"Room";NO:"Rom";'
    number = await desk.new(Location=text)
    assert (await desk.read(number))["Location"] == text
    assert (await desk.read(number, SO_Language="no"))["Location"] == "Rom"


@pytest.mark.clause("SO-HEADER-013")
async def test_an_entity_sent_back_in_a_language_changes_nothing(desk: Desk) -> None:
    number = await desk.new(Location='US:"Room";NO:"Rom";', Contact={"ContactId": 2}, Priority={"Id": 1})
    for headers in ({"SO_Language": "no"}, {"Accept_Language": "en", "SO_TimeZone": "US-NY,includeTZOffset"}):
        entity = await desk.read(number, **headers)
        for method in ("PUT", "PATCH"):
            answer = await desk.call(method, number, entity, **headers)
            assert (answer.status_code, answer.json()) == (200, entity)
            assert "Appointed-Ignored" not in answer.headers
    assert len(await desk.history(number)) == 1
