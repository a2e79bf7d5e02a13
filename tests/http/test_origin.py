from typing import Any

import pytest

from appointed.domain.errors import InvalidRequest
from appointed.http.origin import Origins

PROXY, OUTSIDE = "10.0.0.7", "203.0.113.9"
BEHIND = Origins(trusted_proxies=["10.0.0.0/8", "2001:db8::/32"])


def scope(client: str | None = OUTSIDE, scheme: str = "http", **headers: str) -> dict[str, Any]:
    return {
        "scheme": scheme,
        "client": (client, 1) if client else None,
        "server": ("127.0.0.1", 8000),
        "headers": [
            (name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()
        ],
    }


def test_the_public_url_is_what_is_set() -> None:
    origins = Origins("https://appointments.example/desk/", ["10.0.0.0/8"])
    forwarded = scope(PROXY, host="evil.example", x_forwarded_host="evil.example")
    assert origins.base_url(forwarded) == "https://appointments.example/desk"
    assert origins.is_secure(forwarded)


@pytest.mark.parametrize(
    ("host", "base_url"),
    [
        ("appointments.example", "http://appointments.example"),
        ("Appointments.Example:8000", "http://appointments.example:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("10.1.2.3", "http://10.1.2.3"),
    ],
)
def test_else_it_is_the_requests_own_host(host: str, base_url: str) -> None:
    assert Origins().base_url(scope(host=host)) == base_url


@pytest.mark.parametrize(
    "host", ["a b", "a/b", "a@b", "a,b", "a\tb", "é", "a:b", "a:123456", "<a>", "[::1", "a?x", "a#x"]
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(InvalidRequest):
        Origins().base_url(scope(host=host))


def test_without_a_host_it_is_where_we_listen() -> None:
    assert Origins().base_url(scope()) == "http://127.0.0.1:8000"
    assert Origins().base_url(scope() | {"server": ("::1", 80)}) == "http://[::1]:80"
    assert Origins().base_url(scope() | {"server": None}) == "http://localhost"


@pytest.mark.parametrize(
    ("headers", "base_url"),
    [
        ({}, "http://inner"),
        ({"x_forwarded_proto": "https"}, "https://inner"),
        ({"x_forwarded_proto": "https", "x_forwarded_host": "outer.example"}, "https://outer.example"),
        ({"x_forwarded_host": "evil.example, outer.example"}, "http://outer.example"),
        ({"x_forwarded_proto": "javascript"}, "http://inner"),
        ({"forwarded": "proto=https;host=outer.example"}, "https://outer.example"),
        ({"forwarded": 'for=1.2.3.4;Host="outer.example:8443" ; PROTO=HTTPS'}, "https://outer.example:8443"),
        ({"forwarded": "host=evil.example, for=1.2.3.4;host=outer.example"}, "http://outer.example"),
        ({"forwarded": "proto=https", "x_forwarded_host": "evil.example"}, "https://inner"),
        ({"forwarded": ""}, "http://inner"),
    ],
)
@pytest.mark.parametrize("client", [PROXY, "2001:db8::1", "::ffff:10.0.0.7"])
def test_a_trusted_proxy_says_where_it_was_called(
    client: str, headers: dict[str, str], base_url: str
) -> None:
    assert BEHIND.base_url(scope(client, host="inner", **headers)) == base_url


@pytest.mark.parametrize("client", [OUTSIDE, "2001:db9::1", None, "not an address"])
def test_nobody_else_may_say_so(client: str | None) -> None:
    lying = scope(
        client,
        host="inner",
        x_forwarded_proto="https",
        x_forwarded_host="evil.example",
        forwarded="host=evil.example",
    )
    assert BEHIND.base_url(lying) == "http://inner"
    lying = scope(PROXY, host="inner", x_forwarded_host="evil.example")
    assert Origins().base_url(lying) == "http://inner"


def test_a_forwarded_host_is_judged_too() -> None:
    with pytest.raises(InvalidRequest):
        BEHIND.base_url(scope(PROXY, host="inner", x_forwarded_host="a b"))


@pytest.mark.parametrize(
    ("client", "forwarded_for", "address"),
    [
        (OUTSIDE, "1.2.3.4", OUTSIDE),
        (PROXY, "1.2.3.4", "1.2.3.4"),
        (PROXY, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (PROXY, "10.0.0.8, 10.0.0.9", "10.0.0.8"),
        (PROXY, "", PROXY),
        (PROXY, "unknown", "unknown"),
        (None, "1.2.3.4", ""),
    ],
)
def test_the_callers_address_is_the_last_hop_that_is_no_proxy_of_ours(
    client: str | None, forwarded_for: str, address: str
) -> None:
    assert BEHIND.client_address(scope(client, x_forwarded_for=forwarded_for)) == address


def test_without_proxies_the_callers_address_is_the_peer() -> None:
    assert Origins().client_address(scope(OUTSIDE, x_forwarded_for="1.2.3.4")) == OUTSIDE


def test_a_network_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="proxy"):
        Origins(trusted_proxies=["proxy"])
