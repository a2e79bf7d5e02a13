"""Where redirects may lead (reliability of redirects: bad input 36)."""

import pytest

from appointed.domain.errors import InvalidAppointment, Problem, UrlNotAllowed, invalid
from appointed.domain.redirect_url import LONGEST, is_allowed


@pytest.mark.parametrize(
    "url",
    [
        "https://www.sampleurl.co.uk",
        "https://example.com/custom-post-call-redirect",
        "HTTPS://Example.com:8443/a?b=c&d=%20#e",
        "https://bücher.example/weg",
        "https://8.8.8.8/",
        "https://[2001:4860:4860::8888]/",
    ],
)
def test_public_https_is_allowed(url):
    assert is_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://example.com/",
        "//example.com/",
        "/path",
        "https:example.com",
        "https:///example.com",
        "https://user@example.com/",
        "https://example.com@evil.org/",
        "https://user:secret@example.com/",
        "https://example.com\\@evil.org/",
        "https:\\\\example.com",
        "https://example.com/\r\nSet-Cookie: a=b",
        "https://example.com/\ta",
        " https://example.com/",
        "java\nscript:alert(1)",
        "https://exa%6dple.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://" + "a" * 254 + ".com/",
        "https://" + "a." * 200 + "com/",
        "https://example.com/" + "a" * LONGEST,
        # Not public:
        "https://localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://127.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://example.0x1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1]/",
    ],
)
def test_all_else_is_refused(url):
    assert not is_allowed(url)


def test_a_host_that_has_no_international_form_is_refused():
    assert not is_allowed(f"https://{'a' * 64}.example.com/")
    assert not is_allowed("https://\u00e5" + "a" * 63 + ".example.com/")


def test_a_list_of_hosts_is_strict():
    hosts = ("example.com", "Bücher.example", "kiosk.local")
    assert is_allowed("https://example.com/a", hosts)
    assert is_allowed("https://xn--bcher-kva.example/a", hosts)
    assert is_allowed("https://kiosk.local/a", hosts)
    assert not is_allowed("https://www.example.com/a", hosts)
    assert not is_allowed("https://example.com.evil.org/a", hosts)
    assert not is_allowed("http://example.com/a", hosts)
    assert not is_allowed("https:///a", (*hosts, ""))


def test_the_error_says_whether_only_addresses_are_wrong():
    bad_url, bad_status = Problem("a", "url_not_allowed"), Problem("b", "in")
    assert type(invalid([bad_url, bad_url])) is UrlNotAllowed
    assert type(invalid([bad_url, bad_status])) is InvalidAppointment
    assert type(invalid([])) is InvalidAppointment
    assert invalid([bad_url, bad_status]).problems == (bad_url, bad_status)
