import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.work import assert_linear, no_hang, steps

from appointed.domain.errors import DuplicateKey, InvalidString, MalformedJson, MissingBody
from appointed.http.json_body import demand_limits, parse_json
from appointed.http.limits import Limits

LIMITS = Limits()


def parse(data: bytes, *, fold_keys: bool = True, limits: Limits = LIMITS) -> object:
    return parse_json(data, limits, fold_keys=fold_keys)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def deep_object(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


MALFORMED = {
    "1: 100,000 brackets": b"[" * 100_000,
    "1: 100,000 closed brackets": nested(100_000),
    "1: object 2,000 deep": deep_object(2_000),
    "1: array depth 33": nested(33),
    "1: object depth 33": deep_object(33),
    "2: NaN": b'{"a":NaN}',
    "2: Infinity": b"[Infinity]",
    "2: minus Infinity": b"[-Infinity]",
    "2: comment": b'{"a":1} // one',
    "2: block comment": b"/* a */ {}",
    "2: half a document": b'{"a":',
    "2: two documents": b"{} {}",
    "2c: unquoted name": b"{a:1}",
    "2c: single quotes": b"{'a':1}",
    "2c: trailing comma": b'{"a":1,}',
    "4: lone high surrogate": b'"\\ud800"',
    "4: lone low surrogate": b'"\\udc00x"',
    "4: high surrogate and a letter": b'"\\ud83d\\u0041"',
    "4: surrogate in a name": b'{"\\ud800":1}',
    "4: invalid UTF-8": b'"\xff"',
    "4: invalid UTF-8 in a name": b'{"\xff":1}',
    "4: surrogate as UTF-8": b'"\xed\xa0\x80"',
    "4: overlong UTF-8": b'"\xc0\x80"',
    "4: UTF-16": '{"a":1}'.encode("utf-16"),
    "4: UTF-16 without mark": '{"a":1}'.encode("utf-16-le"),
    "5: raw NUL": b'"a\x00b"',
    "6: 1e400": b"[1e400]",
    "6: minus 1e400": b"[-1e400]",
    "6: 5,000 digits": b"1" * 5_000,
    "6: 5,000 digits behind a point": b"0." + b"3" * 5_000,
    "6: 2^64": b"18446744073709551616",
    "6: -2^63-1": b"-9223372036854775809",
    "leading zero": b"01",
    "hexadecimal escape": b'"\\x41"',
    "raw line feed": b'"a\nb"',
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf1",
}


# The most that any of them takes is 1,700.
MOST_STEPS = 5_000


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json_is_refused_at_once(data: bytes) -> None:
    with no_hang(), steps() as work, pytest.raises(MalformedJson):
        parse(data)
    assert work.number <= MOST_STEPS


ACCEPTED = {
    b"null": None,
    b" \t\r\n5 ": 5,
    b'"x"': "x",
    b"[]": [],
    b"{}": {},
    b"\xef\xbb\xbf{}": {},
    b"1.0": 1.0,
    b"1E2": 100.0,
    b"9223372036854775808": 2**63,
    b"18446744073709551615": 2**64 - 1,
    b"-9223372036854775808": -(2**63),
    b'"\\ud83d\\ude00"': "\U0001f600",
    b'"\\\\u0000"': "\\u0000",
    b'{"a":{"a":[{"a":1},{"a":2}]}}': {"a": {"a": [{"a": 1}, {"a": 2}]}},
    b'{"a:b":"c:d","e\\":":"{\\"f\\":1}"}': {"a:b": "c:d", 'e":': '{"f":1}'},
}


@pytest.mark.parametrize(("data", "value"), ACCEPTED.items())
def test_plain_json_is_read(data: bytes, value: object) -> None:
    read = parse(data)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_no_body_is_its_own_error(data: bytes) -> None:
    with pytest.raises(MissingBody):
        parse(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'{"op":1,"op":1}', "op"),
        (b'[{"x":1},{"a":{"b":1,"c":2,"b":3}}]', "b"),
        (b'{"op":1,"\\u006fp":2}', "op"),
        (b'{"":1,"":2}', ""),
        (b'{"a\\"b":1,"a\\"b":2}', 'a"b'),
    ],
)
@pytest.mark.parametrize("fold_keys", [True, False])
def test_a_name_given_twice_is_refused(data: bytes, name: str, fold_keys: bool) -> None:
    with pytest.raises(DuplicateKey) as caught:
        parse(data, fold_keys=fold_keys)
    assert caught.value.reason == name


def test_names_that_differ_in_ascii_case_are_the_same_only_when_folded() -> None:
    data = b'{"Title":1,"title":2}'
    assert parse(data, fold_keys=False) == {"Title": 1, "title": 2}
    with pytest.raises(DuplicateKey) as caught:
        parse(data)
    assert caught.value.reason == "title"


@pytest.mark.parametrize("name", ["\u212aey", "\u017ftart", "\u00c9t\u00e9"])
def test_only_ascii_is_folded(name: str) -> None:
    plain = {"\u212aey": "key", "\u017ftart": "start", "\u00c9t\u00e9": "\u00e9t\u00e9"}[name]
    document = {name: 1, plain: 2}
    assert parse(json.dumps(document, ensure_ascii=False).encode()) == document


def test_ascii_letters_beside_others_are_folded() -> None:
    with pytest.raises(DuplicateKey):
        parse('{"Été":1,"ÉtÉ":2,"éTé":3,"été":4}'.encode())


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b'"a\\u0000b"', ""),
        (b'{"claimant":{"name":"a\\u0000b"}}', "claimant.name"),
        (b'[1,{"value":["x","\\u0000"]}]', "1.value.1"),
        (b'{"a\\u0000":1}', "a\0"),
        (b'{"x":"\\\\u0000","y":"\\\\\\u0000"}', "y"),
    ],
)
def test_a_string_with_nul_is_refused_with_its_path(data: bytes, path: str) -> None:
    with pytest.raises(InvalidString) as caught:
        parse(data)
    assert caught.value.reason == path


@pytest.mark.parametrize(
    ("data", "operation"),
    [
        (b'[{"op":"test"},{"path":"/Title","value":"\\u0000"}]', (1, "/Title")),
        (b'[{"path":"/a\\u0000"}]', (0, None)),
        (b'[{"path":1,"value":"\\u0000"}]', (0, None)),
        (b'["\\u0000"]', (0, None)),
        (b'{"path":"/Title","value":"\\u0000"}', (None, None)),
    ],
)
def test_of_a_patch_the_operation_is_named_too(data: bytes, operation: tuple[int | None, str | None]) -> None:
    with pytest.raises(InvalidString) as caught:
        parse(data)
    assert (caught.value.index, caught.value.path) == operation


def test_each_limit_is_the_last_good_value() -> None:
    small = Limits(json_depth=3, json_nodes=5, json_object_keys=2, json_string_bytes=4, json_number_digits=20)
    good = [b"[[[]]]", b"[[[1]]]", b"[1,2,3,4]", b'{"a":1,"b":2}', b'"abcd"', '"éé"'.encode(), b"1" * 20]
    bad = [
        b"[[[[]]]]",
        b"[1,2,3,4,5]",
        b'{"a":1,"b":2,"c":3}',
        b'"abcde"',
        b'{"abcde":1}',
        '"ééé"'.encode(),
        b"0." + b"1" * 21,
    ]
    for data in good:
        parse(data, limits=small)
    for data in bad:
        with pytest.raises(MalformedJson):
            parse(data, limits=small)


def test_the_products_own_limits() -> None:
    parse(nested(32))
    parse(deep_object(32))
    parse(b"[" + b"1," * 9_998 + b"1]")
    parse(json.dumps({str(n): n for n in range(256)}).encode())
    parse(b'"' + b"x" * 65_536 + b'"')
    for data in (
        b"[" + b"1," * 9_999 + b"1]",
        json.dumps({str(n): n for n in range(257)}).encode(),
        b'"' + b"x" * 65_537 + b'"',
        b"[" + b"[]," * 9_999 + b"[]]",
    ):
        with pytest.raises(MalformedJson):
            parse(data)


def hostile(size: int) -> list[bytes]:
    return [
        b"[" + b"{}," * (size // 3) + b"1]",
        b'{"' + b"k" * (size // 17) + b'":[' + b"1," * (size // 116) + b"1]}",
        b'"' + b"\\\\" * (size // 2 - 1) + b'"',
        b'"' + b'\\"' * (size // 2 - 2),
        b'{"a":' * (size // 5),
        b"[" + b'"\\u0000",' * (size // 9) + b"1]",
    ]


def judge(data: bytes) -> None:
    with contextlib.suppress(MalformedJson, InvalidString):
        parse(data)


def test_one_mebibyte_of_anything_is_judged() -> None:
    for data in hostile(1_048_576):
        with no_hang():
            judge(data)


@pytest.mark.parametrize("number", range(6))
def test_twice_as_much_is_twice_the_work(number: int) -> None:
    assert_linear(judge, hostile(14_000)[number], hostile(28_000)[number])


def test_limits_hold_for_values_from_elsewhere() -> None:
    demand_limits({"a": [1, "x", None, True, 1.5]}, LIMITS)
    with pytest.raises(MalformedJson):
        demand_limits(2**64, LIMITS)
    with pytest.raises(InvalidString):
        demand_limits({"a": "\0"}, LIMITS)


class Pairs(list):
    """The members of an object, where a name may come twice."""


NAMES = st.text(alphabet='aAbBkK\u212a":\\{}[],é', max_size=3)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(NAMES, inner), max_size=4).map(Pairs),
    max_leaves=12,
)


def write(value: object) -> str:
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{write(v)}" for name, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write(item) for item in value) + "]"
    return json.dumps(value)


def has_twins(value: object, fold_keys: bool) -> bool:
    if isinstance(value, Pairs):
        names = [name for name, _ in value]
        if fold_keys:
            names = ["".join(c.lower() if c.isascii() else c for c in name) for name in names]
        return len(set(names)) < len(names) or any(has_twins(v, fold_keys) for _, v in value)
    return isinstance(value, list) and any(has_twins(item, fold_keys) for item in value)


@given(VALUES, st.booleans())
def test_duplicates_are_found_exactly(value: object, fold_keys: bool) -> None:
    text = write(value)
    if has_twins(value, fold_keys):
        with pytest.raises(DuplicateKey):
            parse(text.encode(), fold_keys=fold_keys)
    else:
        assert parse(text.encode(), fold_keys=fold_keys) == json.loads(text)
