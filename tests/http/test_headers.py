from appointed.http.headers import headers_of


def test_headers_are_read_once() -> None:
    scope = {"headers": [(b"host", b"a"), (b"accept", b"b")]}
    assert headers_of(scope) == {b"host": b"a", b"accept": b"b"}
    assert headers_of(scope) is headers_of(scope)


def test_a_repeated_header_is_one_list() -> None:
    scope = {"headers": [(b"accept", b"a"), (b"host", b"h"), (b"accept", b"b"), (b"accept", b"c")]}
    assert headers_of(scope) == {b"host": b"h", b"accept": b"a, b, c"}


def test_cookies_join_with_a_semicolon() -> None:
    scope = {"headers": [(b"cookie", b"a=1"), (b"cookie", b"b=2")]}
    assert headers_of(scope) == {b"cookie": b"a=1; b=2"}
