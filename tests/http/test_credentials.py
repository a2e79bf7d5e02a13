import base64

import pytest

from appointed.domain.errors import CrossSiteRequest, Unauthenticated
from appointed.domain.principal import Principal
from appointed.http.credentials import (
    Basic,
    Bearer,
    Credential,
    Session,
    Ticket,
    no_session_cookies,
    prove,
    read_cookie,
    read_credential,
    session_cookies,
    xsrf_value,
)
from appointed.http.limits import Limits

LIMITS = Limits()
KEY = b"k" * 32
PLAIN = "http://appointments.example:8000"
SECURE = "https://appointments.example"
TEXT = "7T:1.abc.def"
XSRF = xsrf_value(TEXT, KEY).encode()


def read(base_url: str = PLAIN, **values: bytes) -> Credential:
    headers = {name.replace("_", "-").encode(): value for name, value in values.items()}
    return read_credential(headers, base_url, KEY, LIMITS)


def b64(text: str, charset: str = "utf-8") -> bytes:
    return base64.b64encode(text.encode(charset))


@pytest.mark.parametrize(
    ("value", "credential"),
    [
        (b"Basic " + b64("demo:demo"), Basic("demo", "demo")),
        (b"bAsIc   " + b64("demo:a:b:") + b" ", Basic("demo", "a:b:")),
        (b"Basic " + b64("ADM0:"), Basic("ADM0", "")),
        (b"Basic " + b64("kåre:ø"), Basic("kåre", "ø")),
        (b"Basic " + b64("kåre:ø", "latin-1"), Basic("kåre", "ø")),
        (b"Basic " + b64("7T:1.abc.def:"), Ticket(TEXT)),
        (b"Basic " + b64("7T:1.abc.def"), Ticket(TEXT)),
        (b"Basic 7T:1.abc.def", Ticket(TEXT)),
        (b"SOTicket 7T:1.abc.def", Ticket(TEXT)),
        (b"SoTicket 7T:1.abc.def", Ticket(TEXT)),
        (b"SOTICKET whatever==", Ticket("whatever==")),
        (b"Bearer a.b.c", Bearer("a.b.c")),
        (b"bearer 7T:1.abc.def", Bearer(TEXT)),
    ],
)
def test_each_scheme_is_read(value: bytes, credential: Credential) -> None:
    assert read(authorization=value) == credential


BROKEN = {
    "31: nothing": b"",
    "31: scheme only": b"Bearer",
    "31: scheme and space": b"Basic  ",
    "31: no base64": b"Basic !!!!",
    "31: junk in base64": b"Basic ZGVt!bzpkZW1v",
    "31: cut base64": b"Basic ZGVtbzpkZW1",
    "31: no colon": b"Basic " + b64("demo"),
    "31: no name": b"Basic " + b64(":demo"),
    "31: two headers": b"Bearer a.b.c, Bearer a.b.c",
    "31: two credentials": b"Bearer a.b.c a.b.c",
    "31: two by tab": b"Bearer a.b.c\ta.b.c",
    "31: over 8 kB": b"Bearer " + b"a" * 8_192,
    "not ASCII": b"Bearer \xe9",
    "another scheme": b"Negotiate abc",
    "digest": b'Digest username="demo"',
}


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_nobody(value: bytes) -> None:
    with pytest.raises(Unauthenticated) as caught:
        read(authorization=value)
    assert not isinstance(caught.value, CrossSiteRequest)


def test_nothing_shown_is_nobody() -> None:
    with pytest.raises(Unauthenticated) as caught:
        read()
    assert type(caught.value) is Unauthenticated


def test_a_broken_header_is_not_saved_by_a_session() -> None:
    cookie = f"appointed_session={TEXT}".encode()
    with pytest.raises(Unauthenticated):
        read(authorization=b"Basic !", cookie=cookie, x_xsrf_token=XSRF)


def test_an_authorization_comes_before_a_session() -> None:
    cookie = f"appointed_session={TEXT}".encode()
    assert read(authorization=b"Bearer a", cookie=cookie) == Bearer("a")


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"sec_fetch_site": b"same-origin"},
        {"sec_fetch_site": b"none"},
        {"origin": b"http://appointments.example:8000"},
        {"origin": b"http://Appointments.Example:8000"},
        {"origin": b"null", "sec_fetch_site": b"same-origin"},
    ],
)
def test_a_session_with_its_xsrf_value(extra: dict[str, bytes]) -> None:
    cookie = f"x=1; appointed_session={TEXT}; XSRF-TOKEN=whatever".encode()
    assert read(cookie=cookie, x_xsrf_token=XSRF, **extra) == Session(TEXT)


def test_over_https_only_the_hosts_own_cookie_counts() -> None:
    plain = f"appointed_session={TEXT}".encode()
    assert read(SECURE, cookie=b"__Host-" + plain, x_xsrf_token=XSRF) == Session(TEXT)
    assert read(
        SECURE + "/path", cookie=b"__Host-" + plain, x_xsrf_token=XSRF, origin=SECURE.encode()
    ) == Session(TEXT)
    for base_url, cookie in ((SECURE, plain), (PLAIN, b"__Host-" + plain)):
        with pytest.raises(Unauthenticated):
            read(base_url, cookie=cookie, x_xsrf_token=XSRF)


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"x_xsrf_token": b""},
        {"x_xsrf_token": b"wrong"},
        {"x_xsrf_token": b"\xe9"},
        {"x_xsrf_token": xsrf_value("7T:1.abc.other", KEY).encode()},
        {"x_xsrf_token": xsrf_value(TEXT, b"other").encode()},
        {"x_xsrf_token": XSRF, "sec_fetch_site": b"cross-site"},
        {"x_xsrf_token": XSRF, "sec_fetch_site": b"same-site"},
        {"x_xsrf_token": XSRF, "origin": b"https://evil.example"},
        {"x_xsrf_token": XSRF, "origin": b"null"},
        {"x_xsrf_token": XSRF, "origin": b"null", "sec_fetch_site": b"none"},
        {"x_xsrf_token": XSRF, "origin": b"null", "sec_fetch_site": b"cross-site"},
        {"x_xsrf_token": XSRF, "origin": b"http://appointments.example:8000.evil.example"},
    ],
)
def test_34_a_session_that_another_site_may_have_sent(extra: dict[str, bytes]) -> None:
    cookie = f"appointed_session={TEXT}; XSRF-TOKEN={XSRF.decode()}".encode()
    with pytest.raises(CrossSiteRequest):
        read(cookie=cookie, **extra)


def test_an_empty_session_is_nobody() -> None:
    with pytest.raises(Unauthenticated) as caught:
        read(cookie=b"appointed_session=", x_xsrf_token=XSRF)
    assert type(caught.value) is Unauthenticated


def test_the_first_cookie_of_a_name_counts() -> None:
    headers = {b"cookie": b'a=1;b=2; a=3; c="x=y"; d'}
    assert [read_cookie(headers, name) for name in "abcde"] == ["1", "2", "x=y", "", ""]


def test_the_cookies_of_a_session() -> None:
    assert session_cookies(TEXT, KEY, is_secure=True, seconds=60) == (
        (
            "set-cookie",
            f"__Host-appointed_session={TEXT}; Path=/; Max-Age=60; SameSite=Lax; Secure; HttpOnly",
        ),
        ("set-cookie", f"XSRF-TOKEN={XSRF.decode()}; Path=/; Max-Age=60; SameSite=Lax; Secure"),
    )
    assert no_session_cookies(is_secure=False) == (
        ("set-cookie", "appointed_session=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly"),
        ("set-cookie", "XSRF-TOKEN=; Path=/; Max-Age=0; SameSite=Lax"),
    )


class Doorman:
    """Says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def password(self, name: str, password: str, address: str) -> Principal:
        self.asked.append(("password", name, password, address))
        return Principal(1, 1)

    async def ticket(self, text: str, kind: str = "ticket") -> Principal:
        self.asked.append((kind, text))
        return Principal(1, 2)

    async def bearer(self, token: str) -> Principal:
        self.asked.append(("bearer", token))
        return Principal(1, 3)


@pytest.mark.parametrize(
    ("credential", "asked", "associate_id"),
    [
        (Basic("demo", "pw"), ("password", "demo", "pw", "192.0.2.1"), 1),
        (Ticket("t"), ("ticket", "t"), 2),
        (Bearer("b"), ("bearer", "b"), 3),
        (Session("s"), ("session", "s"), 2),
    ],
)
async def test_each_credential_is_proved_in_its_way(
    credential: Credential, asked: tuple[str, ...], associate_id: int
) -> None:
    doorman = Doorman()
    proved = await prove(credential, doorman, "192.0.2.1")  # type: ignore[arg-type]  # only three methods are asked
    assert proved == Principal(1, associate_id)
    assert doorman.asked == [asked]
