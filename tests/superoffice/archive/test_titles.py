"""What columns are called in the seven languages."""

import pytest

from appointed.domain.meeting import SWITCHES
from appointed.superoffice.archive.appointment_columns import MORE, ROW
from appointed.superoffice.archive.own_columns import OWN, SWITCH_TITLES
from appointed.superoffice.archive.record_columns import JOINED
from appointed.superoffice.archive.records import RECORD_LISTS
from appointed.superoffice.archive.titles import TITLES, title_in
from appointed.superoffice.texts import choose_language

LANGUAGES = {"en", "no", "sv", "da", "de", "fr", "nl"}


def test_every_column_has_a_title_in_every_language() -> None:
    listed = [column for one in RECORD_LISTS for column in one.columns.values()]
    titles = {column.title for column in (*ROW, *MORE, *OWN, *JOINED, *listed)}
    assert titles <= set(TITLES)
    assert {title: LANGUAGES - set(texts) for title, texts in TITLES.items() if set(texts) != LANGUAGES} == {}


def test_every_switch_has_a_title() -> None:
    assert SWITCH_TITLES.keys() == set(SWITCHES)


@pytest.mark.parametrize(
    ("wish", "title", "found"),
    [
        (None, "End date", "End date"),
        ("no", "End date", "Sluttdato"),
        ("nb-NO", "Owner", "Eier"),
        ("en", "Owner", "Owner"),
        ("xx, de;q=0.5", "Owner", "Besitzer"),
        ("fi", "Owner", "Owner"),
        ("no", 'US:"Note";NO:"Notat";', "Notat"),
        ("no", "A field of our own", "A field of our own"),
    ],
)
def test_the_callers_language_counts(wish: str | None, title: str, found: str) -> None:
    assert title_in(title, choose_language(wish, None)) == found
