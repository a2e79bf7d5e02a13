"""What all pages share: every language whole, files kept by their contents, headers strict, texts escaped."""

import string
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from appointed.app.console import PARTS
from appointed.console.look.assets import FOR_EVER, FOR_NOW, load_assets
from appointed.console.look.languages import load_languages
from appointed.console.look.pages import LOOK, load_pages
from appointed.console.look.policy import policy
from tests.house.files import named, ours

PAGES = load_pages(PARTS)
FOLDERS = (LOOK, *PARTS)
LONDON = ZoneInfo("Europe/London")


def request_for(query: str = "", accepted: str = "") -> Request:
    headers = [(b"accept-language", accepted.encode())] if accepted else []
    scope = {"type": "http", "path": "/x", "query_string": query.encode(), "headers": headers}
    return Request(scope | {"scheme": "http", "server": ("x", 80), "method": "GET"})


def placeholders(text: str | list[str]) -> set[str]:
    parts = [text] if isinstance(text, str) else text
    return {name for part in parts for _text, name, _form, _kind in string.Formatter().parse(part) if name}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_has_the_same_languages(folder: str) -> None:
    names = {file.name for file in (files(folder) / "languages").iterdir()}
    assert names == {f"{code}.toml" for code in PAGES.languages.by_code}
    assert {"en.toml", "cy.toml"} <= names


@pytest.mark.parametrize("code", sorted(PAGES.languages.by_code))
def test_every_language_has_every_text_with_the_same_values_in_it(code: str) -> None:
    english, other = PAGES.languages.by_code["en"].texts, PAGES.languages.by_code[code].texts
    assert set(other) == set(english)
    for key, text in other.items():
        assert text, key
        assert placeholders(text) == placeholders(english[key]), key
        assert isinstance(text, str) or len(text) == len(english[key]), key


def test_a_language_is_added_by_adding_a_file(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[language]\nname = "English"\n')
    (tmp_path / "de.toml").write_text('[language]\nname = "Deutsch"\n')
    assert list(load_languages([tmp_path]).by_code) == ["en", "de"]


@pytest.mark.parametrize(
    ("query", "accepted", "code"),
    [
        ("", "", "en"),
        ("lang=cy", "en", "cy"),
        ("lang=xx", "cy-GB,en;q=0.8", "cy"),
        ("", "en;q=0.5, cy", "cy"),
        ("", "cy;q=0, en", "en"),
        ("", "fr, de;q=x", "en"),
        ("", "cy;q=0.2, en;q=0.9", "en"),
    ],
)
def test_the_language_is_chosen_by_address_then_browser(query: str, accepted: str, code: str) -> None:
    assert PAGES.language_of(request_for(query, accepted)).code == code


def test_dates_follow_language_and_zone() -> None:
    at = datetime(2026, 7, 31, 23, 5, tzinfo=UTC)
    english, welsh = (PAGES.languages.by_code[code] for code in ("en", "cy"))
    assert english.moment(at, LONDON) == "Saturday 1 August 2026 at 00:05"
    assert welsh.moment(at, ZoneInfo("UTC")) == "Dydd Gwener 31 Gorffennaf 2026 am 23:05"


@pytest.mark.parametrize(
    ("zone", "instant", "written"),
    [
        ("Europe/London", "2027-10-31T00:30:00+00:00", "01:30 (UTC+1)"),
        ("Europe/London", "2027-10-31T01:30:00+00:00", "01:30 (UTC+0)"),
        ("Europe/London", "2027-10-31T02:00:00+00:00", "02:00"),
        ("Europe/London", "2027-03-28T01:00:00+00:00", "02:00"),
        ("Australia/Lord_Howe", "2027-04-03T15:00:00+00:00", "01:30 (UTC+10:30)"),
        ("America/New_York", "2027-11-07T05:59:00+00:00", "01:59 (UTC-4)"),
    ],
)
def test_a_time_that_comes_twice_in_a_night_says_which_it_is(zone: str, instant: str, written: str) -> None:
    # In Lord Howe clocks go back by half an hour.
    assert PAGES.languages.by_code["en"].time(datetime.fromisoformat(instant), ZoneInfo(zone)) == written


def test_a_missing_text_is_an_error_and_never_a_gap() -> None:
    with pytest.raises(KeyError):
        PAGES.languages.by_code["en"].text("no.such")
    with pytest.raises(KeyError):
        PAGES.languages.by_code["en"].text("dates.months")


def test_what_a_value_says_is_escaped() -> None:
    answer = PAGES.page(
        request_for(), "error.html", PAGES.languages.by_code["en"], title="<b>", text='"><script>'
    )
    text = bytes(answer.body).decode()
    assert "&lt;b&gt;" in text
    assert "<script>" not in text


async def test_files_are_kept_for_ever_under_the_name_of_their_contents() -> None:
    url = PAGES.assets.url("look.css")
    for digest, kept in ((PAGES.assets.digest, FOR_EVER), ("0" * 16, FOR_NOW)):
        request = request_for()
        request.scope["path_params"] = {"digest": digest, "name": "look.css"}
        answer = await PAGES.assets.serve(request)
        assert answer.headers["cache-control"] == kept
    assert url == f"/pages/{PAGES.assets.digest}/look.css"
    with pytest.raises(KeyError):
        PAGES.assets.url("other.css")


def test_another_content_has_another_address(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    first = load_assets([tmp_path]).digest
    (tmp_path / "a.css").write_text("b {}")
    assert load_assets([tmp_path]).digest != first
    (tmp_path / "a.exe").write_text("")
    with pytest.raises(ValueError, match="no kind"):
        load_assets([tmp_path])


def test_headers_allow_nothing_but_our_own_and_one_frame() -> None:
    rules = policy("https://meet.example")["Content-Security-Policy"].split("; ")
    assert rules[0] == "default-src 'none'"
    assert "frame-src https://meet.example" in rules
    assert "frame-ancestors 'none'" in rules
    assert not any("unsafe" in rule or "*" in rule for rule in rules)
    assert "frame-src 'none'" in policy()["Content-Security-Policy"]
    assert 'camera=(self "https://meet.example")' in policy("https://meet.example")["Permissions-Policy"]


def test_no_template_and_no_file_holds_script_or_style_of_its_own_or_a_strangers_address() -> None:
    templates = ours("src/appointed/console/*.html")
    assert templates
    for path in templates:
        text = path.read_text()
        for forbidden in ("style=", "<style", "onclick", "javascript:", "|safe", "http://", "https://"):
            assert forbidden not in text, (named(path), forbidden)
        assert text.count("<script") == text.count('<script type="module" src="{{ asset('), named(path)
    for path in ours("src/appointed/console/*.css", "src/appointed/console/*.js"):
        assert "//" not in path.read_text().replace("// ", "").replace("blob://", ""), named(path)
