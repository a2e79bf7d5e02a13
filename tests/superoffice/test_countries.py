"""Names of countries: the whole table, and which texts of tenants they stand for."""

import pytest

from appointed.superoffice.countries import COUNTRIES, country_in, country_of_code
from appointed.superoffice.texts import Language
from appointed.superoffice.zones import ZONES

GERMAN, ENGLISH, ITALIAN = Language(("de",)), Language(("en", "de")), Language(("it", "fr"))


def test_every_country_has_a_name_in_every_language() -> None:
    languages = {"en", "no", "sv", "da", "de", "fr", "nl"}
    assert all(set(one.names) == languages and all(one.names.values()) for one in COUNTRIES)
    assert (
        len({one.number for one in COUNTRIES})
        == len({one.code for one in COUNTRIES})
        == len(COUNTRIES)
        == 249
    )
    assert {zone.code[:2] for zone in ZONES if zone.country} <= {one.code for one in COUNTRIES}


@pytest.mark.parametrize(
    ("number", "name", "language", "said"),
    [
        (578, "Norway", GERMAN, "Norwegen"),
        (578, "norge", GERMAN, "Norwegen"),
        (578, "Norway", ENGLISH, "Norway"),
        (578, "Norge", ENGLISH, "Norway"),
        (578, "Norway", ITALIAN, "Norvège"),
        (578, "Norway", Language(("it",)), "Norway"),
        (578, "Norway", None, "Norway"),
        (578, "", GERMAN, ""),
        (578, "Norway (head office)", GERMAN, "Norway (head office)"),
        (826, "Norway", GERMAN, "Norway"),
        (9001, "Norway", GERMAN, "Norway"),
        (0, "Norway", GERMAN, "Norway"),
        (578, 'US:"Home";GE:"Daheim";', GERMAN, "Daheim"),
        (578, 'US:"Home";GE:"Daheim";', None, 'US:"Home";GE:"Daheim";'),
    ],
)
def test_a_text_that_is_the_countrys_name_is_said_in_another_language(
    number: int, name: str, language: Language | None, said: str
) -> None:
    assert country_in(number, name, language) == said


def test_a_zone_keeps_its_own_english_name() -> None:
    said = [country_of_code("GB", "Britain (UK)", one) for one in (None, ENGLISH, GERMAN, Language(("it",)))]
    assert said == ["Britain (UK)", "Britain (UK)", "Vereinigtes Königreich", "Britain (UK)"]
    assert country_of_code("XX", "Nowhere", GERMAN) == "Nowhere"
