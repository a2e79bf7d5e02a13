"""The tolerant reader: what it forgives, and that it forgives nothing else."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.domain.errors import DuplicateKey, InvalidString, MalformedJson
from appointed.http.json_body import parse_json
from appointed.http.limits import Limits
from appointed.superoffice.fallback_json import read_tolerant
from tests.work import assert_linear, no_hang

LIMITS = Limits()


def read(text: str | bytes) -> object:
    return read_tolerant(text.encode() if isinstance(text, str) else text, LIMITS)


# Written as the pages of the vendor write their bodies: unquoted names, single quotes, a last comma.
FORGIVEN = {
    "[{op:'replace',path:'/Person',value:{PersonId:1}}]": [{"op": "replace", "path": "/Person", "value": {"PersonId": 1}}],
    '{ Description: "z", }': {"Description": "z"},
    "{'Task': {'TaskListItemId': 2,},}": {"Task": {"TaskListItemId": 2}},
    "[1,2,]": [1, 2],
    "[[],{},]": [[], {}],
    "{a:true,b:false,c:null,d:-1.5e3}": {"a": True, "b": False, "c": None, "d": -1500.0},
    "{true:1,null:2}": {"true": 1, "null": 2},
    "{$type:1,_a9:2}": {"$type": 1, "_a9": 2},
    "'it\\'s \"so\" \\\\ \\u00e5\\n'": "it's \"so\" \\ å\n",
    "'\\\"'": '"',
    '"it\'s"': "it's",
    "''": "",
    "'\\ud83d\\ude00'": "\U0001f600",
    "\ufeff{a:1}": {"a": 1},
    " \t\r\n{ a : 1 , b : [ 1 , ] , } \n": {"a": 1, "b": [1]},
    "'a\u2028b'": "a\u2028b",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), FORGIVEN.items())
@pytest.mark.clause("SO-RULE-005")
def test_the_samples_own_leniencies_are_read(text, value) -> None:
    found = read(text)
    assert found == value
    assert json.dumps(found) == json.dumps(value)


REFUSED = [
    "", " ", "{", "}", "[", "]", ",", ":", "{,}", "[,]", "[1,,2]", "{a:1,,b:2}", "{a}", "{a:}", "{:1}", "{a 1}", "{1:2}",
    "[1 2]", "{a:1 b:2}", "{op: 'replace' path: 'x'}", "[1}", "{a:1]", "1 2", "{} {}", "{}}", "[]]", "a", "tru", "True",
    "TRUE", "None", "undefined", "NaN", "-NaN", "Infinity", "-Infinity", "[nan]", "+1", "-", "01", "1.", ".5", "1e",
    "0x10", "1_000", "1a", "'", '"', "'a", '"a', "'a\"", "\"a'", "'\n'", '"\t"', "'\\x41'", "'\\u12'", "'\\'", '"\\\'"',
    "{a:1} // one", "/* a */ {}", "# a\n1", "{a-b:1}", "{a.b:1}", "{å:1}", "`a`", "{[1]:2}", "{{}:1}", "'a' 'b'",
    "'\\ud800'", '"\\udc00x"', "'\\ud83d\\u0041'", "\u00a01", "{a:1;}", "(1)", "new Date(1)", "1e400", "[-1e400]",
    "18446744073709551616", "-9223372036854775809", "\0", "\\", "'a'\\", "@",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text)[:30])
def test_anything_else_is_refused(text) -> None:
    with pytest.raises(MalformedJson):
        read(text)


@pytest.mark.parametrize(
    "data", [b"\xff", b"'\xed\xa0\x80'", "{a:1}".encode("utf-16"), b"\xef\xbb\xbf\xef\xbb\xbf1"]
)
def test_only_utf_8_is_read(data) -> None:
    with pytest.raises(MalformedJson):
        read(data)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{op:1,op:2}", "op"),
        ("{op:1,'op':2}", "op"),
        ('{Title:1,"title":2}', "title"),
        ("[{x:{a:1,A:2}}]", "A"),
        ("{a:1,'\\u0061':2}", "a"),
    ],
)
def test_a_name_given_twice_is_refused(text, name) -> None:
    with pytest.raises(DuplicateKey) as caught:
        read(text)
    assert caught.value.reason == name


def test_only_ascii_is_folded() -> None:
    assert read("{'\u212aey':1,key:2}") == {"\u212aey": 1, "key": 2}


def test_nul_is_refused_with_its_path() -> None:
    with pytest.raises(InvalidString) as caught:
        read("{a:['\\u0000']}")
    assert caught.value.reason == "a.0"


def test_each_limit_is_the_last_good_value() -> None:
    read("[" * 32 + "]" * 32)
    read("{a:" * 32 + "1" + "}" * 32)
    read("[" + "1," * 9_999 + "]")
    read("{" + ",".join(f"a{n}:1" for n in range(256)) + "}")
    read("'" + "x" * 65_536 + "'")
    read("0." + "1" * 398)
    for text in (
        "[" * 33 + "]" * 33,
        "{a:" * 33 + "1" + "}" * 33,
        "[" + "1," * 10_000 + "]",
        "{" + ",".join(f"a{n}:1" for n in range(257)) + "}",
        "'" + "x" * 65_537 + "'",
        "0." + "1" * 399,
        "1" * 401,
    ):
        with pytest.raises(MalformedJson):
            read(text)


def test_neighbours_are_not_deeper_than_each_other() -> None:
    assert read("[" + "[]," * 100 + "{a:{}}]") == [*[[]] * 100, {"a": {}}]


def test_reading_stops_at_the_limit() -> None:
    # What comes after the last allowed value is not even looked at.
    with pytest.raises(MalformedJson, match="too many values"):
        read("[" + "1," * 10_000 + "@")
    with pytest.raises(MalformedJson, match="nested too deep"):
        read("[" * 34 + "@")


def hostile(size: int) -> list[str]:
    return [
        "[" * size, "{a:" * (size // 3), "'" + "\\'" * (size // 2), "'" * size, '"' * size, "\\" * size, " " * size,
        "[" + "{}," * (size // 3), "1" * size, "-" * size, "a" * size, "'" + "\\\\" * (size // 2 - 1) + "'",
        "'" + '"' * (size - 2) + "'", "1." + "1e" * (size // 2), "[" + " " * (size - 2) + "]",
    ]  # fmt: skip


def judge(text: str) -> None:
    with contextlib.suppress(MalformedJson):
        read(text)


def test_one_mebibyte_of_anything_is_judged() -> None:
    for text in hostile(1_048_576):
        with no_hang():
            judge(text)


@pytest.mark.parametrize("number", range(15))
def test_twice_as_much_is_twice_the_work(number: int) -> None:
    assert_linear(judge, hostile(14_000)[number], hostile(28_000)[number])


NAMES = st.text(max_size=4)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES.filter(lambda name: "\0" not in name), inner, max_size=4)
    ),
    max_leaves=12,
)


def has_twins(value: object) -> bool:
    if isinstance(value, dict):
        folded = {"".join(c.lower() if c.isascii() else c for c in name) for name in value}
        return len(folded) < len(value) or any(map(has_twins, value.values()))
    return isinstance(value, list) and any(map(has_twins, value))


@given(VALUES.filter(lambda value: not has_twins(value)), st.booleans(), st.sampled_from([None, 1]))
def test_valid_json_is_read_as_json(value, ensure_ascii, indent) -> None:
    text = json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)
    found = read(text)
    assert found == json.loads(text) == value
    assert repr(found) == repr(json.loads(text))


def loosely(value: object) -> str:
    if isinstance(value, dict):
        return "{" + "".join(f"{quoted(name)} : {loosely(item)}," for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + "".join(f"{loosely(item)}," for item in value) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    return "'" + json.dumps(text)[1:-1].replace("'", "\\'").replace('\\"', '"') + "'"


@given(VALUES.filter(lambda value: not has_twins(value)))
def test_the_same_in_single_quotes_with_trailing_commas(value) -> None:
    assert read(loosely(value)) == value


@given(
    st.text(max_size=30)
    | st.text(alphabet="{}[]:,'\"\\ab10.eE-+ntu/ \n", max_size=30)
    | st.lists(
        st.sampled_from(["{", "}", "[", "]", ",", ":", "a", "'b'", '"c"', "1", "true", "null", " "])
    ).map("".join)
)
def test_garbage_is_refused_with_the_right_error(text) -> None:
    try:
        value = read(text)
    except (MalformedJson, DuplicateKey, InvalidString):
        return
    assert read(json.dumps(value)) == value


@given(st.binary(max_size=30))
def test_any_bytes_are_judged(data) -> None:
    try:
        read(data)
    except (MalformedJson, DuplicateKey, InvalidString):
        return


@given(st.text(alphabet='{}[]:,"\\ab10.eE-+tru ', max_size=20))
def test_what_strict_reading_accepts_is_read_alike(text) -> None:
    try:
        strict = parse_json(text.encode(), LIMITS, fold_keys=True)
    except Exception:  # noqa: BLE001 # whatever the strict reader refuses says nothing here
        return
    assert read(text) == strict
