"""Every setting is described, and the page of settings is the settings' own."""

from pathlib import Path

import msgspec
import pytest
from tools import settings_page

from appointed.app.parts import limits_of
from appointed.http.limits import Limits
from appointed.settings import Settings, SettingsError, describe, load


def test_the_page_is_up_to_date() -> None:
    assert settings_page.PAGE.read_text() == settings_page.page(), "run make docs"


def test_every_limit_is_a_setting_or_stands_among_the_fixed_ones() -> None:
    numbers = {
        name: value + 1
        for name, value in msgspec.structs.asdict(Settings()).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    limits, other = Limits(), limits_of(Settings(**numbers))
    settable = {name for name in Limits.__struct_fields__ if getattr(limits, name) != getattr(other, name)}
    assert set(settings_page.HTTP) == set(Limits.__struct_fields__) - settable


def test_every_setting_is_described_with_its_unit() -> None:
    assert [row[0] for row in describe()] == list(Settings.__struct_fields__)
    for name, kind, _default, text in describe():
        assert text.endswith("."), name
        for unit in ("seconds", "bytes"):
            assert (unit in name) <= (unit in text), f"{name} ({kind}) does not say its unit"


def test_variables_win_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('port = 1\nhost = "h"\nworkers = 3\ncors_origins = ["http://x", "http://y"]\n')
    settings = load(
        {"APPOINTED_PORT": "2", "APPOINTED_WORKERS": "4", "HOME": "/"}, file, workers=5, demo=None
    )
    assert (settings.host, settings.port, settings.workers) == ("h", 2, 5)
    assert settings.cors_origins == ("http://x", "http://y")


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("port = 1\n")
    assert load({"APPOINTED_CONFIG": str(file)}).port == 1


def test_lists_are_split_at_commas() -> None:
    assert load({"APPOINTED_CORS_ORIGINS": " https://a.example, https://b.example ,"}).cors_origins == (
        "https://a.example",
        "https://b.example",
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"APPOINTED_PROT": "1"}, "prot"),
        ({"APPOINTED_PORT": "x"}, "^APPOINTED_PORT: "),
        ({"APPOINTED_PORT": "99999"}, "^APPOINTED_PORT: .*65535"),
        ({"APPOINTED_WORKERS": "0"}, "^APPOINTED_WORKERS: "),
        ({"APPOINTED_DATABASE": "mysql://db.example/a"}, "^APPOINTED_DATABASE: "),
        ({"APPOINTED_LOG_LEVEL": "loud"}, "^APPOINTED_LOG_LEVEL: "),
        ({"APPOINTED_PUBLIC_URL": "appointed.example"}, "^APPOINTED_PUBLIC_URL: "),
        ({"APPOINTED_TRUSTED_PROXIES": "10.0.0.0/8, proxy"}, "^APPOINTED_TRUSTED_PROXIES: .*proxy"),
        ({"APPOINTED_WEBHOOK_NETWORKS": "10.0.0.0/33"}, "^APPOINTED_WEBHOOK_NETWORKS: .*/33"),
        ({"APPOINTED_CORS_ORIGINS": "http://a.example, foo"}, "^APPOINTED_CORS_ORIGINS: 'foo' is no origin"),
        ({"APPOINTED_CORS_ORIGINS": "https://a.example/app"}, "is no origin"),
        # A pattern is none, and browsers write such a name as xn--bcher-kva.
        ({"APPOINTED_CORS_ORIGINS": "https://*.a.example"}, "is no origin"),
        (
            {"APPOINTED_CORS_ORIGINS": "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example"},
            "is no origin",
        ),
        ({"APPOINTED_CORS_ORIGINS": "https://a.example:443"}, "usual port"),
        ({"APPOINTED_DRAIN_SECONDS": "inf"}, "^APPOINTED_DRAIN_SECONDS: "),
        ({"APPOINTED_LIVE_POLL_SECONDS": "inf"}, "^APPOINTED_LIVE_POLL_SECONDS: "),
        ({"APPOINTED_CONFIG": "/nowhere.toml"}, "nowhere"),
    ],
)
def test_mistakes_are_named(environment, said) -> None:
    with pytest.raises(SettingsError, match=said):
        load(environment)


def test_a_value_that_cannot_be_is_told_by_where_it_was_given(tmp_path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('port = "secret"\n[webhook_ports]\n')
    with pytest.raises(SettingsError, match=r"a\.toml: (port|webhook_ports): Expected ") as told:
        load({}, file)
    assert "secret" not in str(told.value)
    with pytest.raises(SettingsError, match=r"^--live-poll-seconds: "):
        load({"APPOINTED_LIVE_POLL_SECONDS": "1"}, None, live_poll_seconds=-1)


@pytest.mark.parametrize("name", ["cors_origins", "trusted_proxies", "webhook_networks"])
def test_a_list_that_cannot_be_is_told_by_where_it_was_given(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(f'{name} = ["foo"]')
    with pytest.raises(SettingsError, match=rf"a\.toml: {name}: 'foo'"):
        load({}, file)


@pytest.mark.parametrize(
    "origin", ["*", "http://a:8080", "HTTPS://A.example/", "http://[::1]:3000", "app://local"]
)
def test_what_browsers_send_as_origin_is_taken(origin: str) -> None:
    assert load({"APPOINTED_CORS_ORIGINS": origin}).cors_origins == (origin,)


def test_broken_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("port = ")
    with pytest.raises(SettingsError, match=r"a\.toml"):
        load({}, file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"a\.toml: .*utf-8"):
        load({}, file)
