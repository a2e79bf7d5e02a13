"""Multi-language strings, resources and the two language headers."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.superoffice import texts
from appointed.superoffice.texts import KEYS, RESOURCES, Language, choose_language, localized
from tests.work import assert_linear, no_hang

CUSTOMER = 'US:"Customer";NO:"Kunde";SW:"Kund";GE:"Kunde (de)";FR:"Client";'


def wished(*codes: str) -> Language:
    return Language(codes)


@pytest.mark.parametrize(
    ("code", "text"),
    [("en", "Customer"), ("no", "Kunde"), ("sv", "Kund"), ("de", "Kunde (de)"), ("fr", "Client")],
)
@pytest.mark.clause("SO-WIRE-011")
def test_old_keys_stand_for_languages(code, text) -> None:
    assert localized(CUSTOMER, wished(code)) == text


@pytest.mark.parametrize(
    ("text", "code", "picked"),
    [
        ('US:"Customer";NO:"Kunde"', "no", "Kunde"),
        ('us:"Customer"; no:"Kunde" ; ', "no", "Kunde"),
        ('NO:"Kunde";US:"Customer";', "it", "Customer"),
        ('NO:"Kunde";SW:"Kund";', "it", "Kunde"),
        ('NO:"";US:"x";', "no", ""),
        ('US:"He said ""no""; then left";NO:"x"', "en", 'He said ""no""; then left'),
        ('US:"a;b";NO:"c"', "en", "a;b"),
        ('US:"two\nlines";', "en", "two\nlines"),
        ('PL:"Klient";US:"Customer"', "pl", "Klient"),
        ('US:"[SR_YES]";NO:"x"', "en", "Yes"),
    ],
)
@pytest.mark.clause("SO-WIRE-011")
def test_a_text_is_picked(text, code, picked) -> None:
    assert localized(text, wished(code)) == picked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Kunde",
        'say:"hello"',
        'US:"open',
        'US:"a";NO:"open',
        'see US:"Customer";',
        'US:"a" and more',
        'US:"a";x',
        '1:"2"',
        "[SR_",
        "[sr_no]",
    ],
)
def test_other_texts_stay_as_they_are(text) -> None:
    assert localized(text, wished("no")) == text


def test_the_next_wish_comes_before_english() -> None:
    assert localized(CUSTOMER, wished("it", "sv", "no")) == "Kund"
    assert localized("[SR_YES]", wished("pl", "fr")) == "Oui"


@pytest.mark.parametrize(
    ("text", "code", "picked"),
    [
        ("[SR_VFC_ALL]", "en", "All"),
        ("[SR_VFC_ALL]", "no", "Alle"),
        ("[SR_NO]", "sv", "Nej"),
        ("[SR_YES]/[SR_NO]", "de", "Ja/Nein"),
        ("[SR_ACCESS_ASSOC_DELETE]", "no", "Denne brukeren kan ikke slettes"),
        ("[SR_ACCESS_ASSOC_DELETE]", "it", "This user cannot be deleted"),
        ("[SR_YES]", "xh", "Yes"),
        ("[SR_NOT_OURS] [SR_YES]", "en", "[SR_NOT_OURS] Yes"),
    ],
)
@pytest.mark.clause("SO-WIRE-013")
def test_resources_are_named_in_brackets(text, code, picked) -> None:
    assert localized(text, wished(code)) == picked


PROMISED = {"en", "no", "sv", "da", "de", "fr", "nl"}


def test_every_resource_has_the_seven_languages() -> None:
    assert len(RESOURCES) > 80
    for name, per_language in RESOURCES.items():
        assert set(per_language) >= PROMISED, name
        assert set(per_language) <= set(KEYS)
        for text in per_language.values():
            assert text == text.strip()
            assert not set('"[];\\') & set(text)


def test_the_table_of_resources_is_in_order() -> None:
    table = (Path(texts.__file__).parent / "resources.tsv").read_text("utf-8")
    heads, *lines = [line.split("\t") for line in table.splitlines()]
    assert set(heads[1:]) >= PROMISED
    assert len({line[0] for line in lines}) == len(lines)
    assert all(len(line) <= len(heads) for line in lines)


def test_every_resource_that_carriers_answer_has_a_text() -> None:
    sources = Path(texts.__file__).parent.rglob("*.py")
    named = {name for source in sources for name in re.findall(r"\[(SR_[A-Z0-9_]+)\]", source.read_text())}
    assert named <= set(RESOURCES)


# What SO-Language and Accept-Language say, and the languages that this means.
HEADERS = [
    (None, None, None),
    (None, "", None),
    (None, "en", ("en",)),
    (None, "sv", ("sv",)),
    (None, "en-us; en-gb", ("en",)),
    (None, "NO-no", ("no",)),
    (None, "nb-NO,nn;q=0.9,en;q=0.8", ("no", "en")),
    (None, "en;q=0.1, fr", ("fr", "en")),
    (None, "en; q = 0.5 ;, de;q=0.7", ("de", "en")),
    (None, "en;q=0, de", ("de",)),
    (None, "en;q=0", None),
    (None, "en;q=high, de", ("en", "de")),
    (None, "*", None),
    (None, "de, *;q=0.5", ("de",)),
    (None, "en_US", ("en",)),
    (None, "zh-Hant-TW", ("zh",)),
    (None, ",,;;, ,fi", ("fi",)),
    (None, "q=1,sv", ("sv",)),
    (None, "english, 12, e, <script>", None),
    (None, "a1,da", ("da",)),
    (None, "aa,bb,cc,dd,ee,ff", ("aa", "bb", "cc", "dd")),
    (None, "\u0661\u0662,\u017fv", None),
    ("no", "en", ("no",)),
    ("no", None, ("no",)),
    ("NO ", "en", ("no",)),
    ("*", "en", None),
    ("x", "en", None),
    ("X", "en", None),
    ("", "en", None),
    ("  ", "en", None),
    ("12", "en", None),
    ("SW", "en", ("sv",)),
    ("GE", None, ("de",)),
    ("us", "no", ("en",)),
    (None, "DK, uk;q=0.5", ("da", "uk")),
]


@pytest.mark.parametrize(("so_language", "accept_language", "languages"), HEADERS)
@pytest.mark.clause("SO-WIRE-012")
def test_languages_are_read_leniently(so_language, accept_language, languages) -> None:
    found = choose_language(so_language, accept_language)
    assert (found.wished if found else None) == languages
    assert found is None or found.code == languages[0]


def test_languages_can_be_keys() -> None:
    assert {choose_language("no", None): 1}[wished("no")] == 1


@given(st.text(max_size=30) | st.from_regex(r'([A-Z]{2}:"[a-z";]{0,5}";?){0,4}', fullmatch=True))
def test_any_text_is_answered(text) -> None:
    assert isinstance(localized(text, wished("no")), str)


@given(
    st.dictionaries(
        st.sampled_from(sorted({key[0] for key in KEYS.values()})), st.text(alphabet="aåé ;:'[]"), min_size=1
    )
)
def test_what_is_written_per_language_is_found(entries) -> None:
    text = "".join(f'{key}:"{value}";' for key, value in entries.items())
    for code, keys in KEYS.items():
        if keys[0] in entries:
            assert localized(text, wished(code)) == entries[keys[0]]


@given(st.text(max_size=60) | st.from_regex(r"[a-z*;,q=.0-9 -]{0,40}", fullmatch=True))
def test_any_header_is_read(header) -> None:
    found = choose_language(None, header)
    assert found is None or 1 <= len(found.wished) <= 4


def hostile(number: int) -> list[str]:
    return [
        'US:"' * number,
        'US:"' + '"' * number,
        'US:"a";' * number,
        "[SR_" * number,
        'US:"' + '" ' * number,
    ]


def read(text: str) -> None:
    localized(text, wished("no"))
    choose_language(None, text)


def test_hostile_texts_are_read() -> None:
    for text in (*hostile(300_000), "en;" * 500_000):
        with no_hang():
            read(text)


@pytest.mark.parametrize("number", range(5))
def test_twice_as_much_is_twice_the_work(number: int) -> None:
    assert_linear(read, hostile(5_000)[number], hostile(10_000)[number])
