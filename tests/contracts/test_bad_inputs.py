"""Bad inputs and their exact answers, each sent to the contracts it concerns; nothing may change.

The numbers are those of the project's own list of bad inputs. Framing and half-sent requests (39, 40) are
tested on real sockets in tests/http.
"""

import json
from dataclasses import dataclass, field

import pytest

from tests.contracts.served import Served

SO, SQ = "superoffice", "sqod"

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True)
class Bad:
    """One request that must be refused. `so` and `sq` are (status, code), None where it does not apply."""

    number: str
    content: bytes | str | object
    so: tuple[int, str] | None = None
    sq: tuple[int, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "PATCH"
    query: str = ""

    def body(self) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        return self.content.encode() if isinstance(self.content, str) else json.dumps(self.content).encode()


def same(number: str, content: object, status: int, code: str, **more: object) -> Bad:
    return Bad(number, content, (status, code), (status, code), **more)


def operations(number: str, ops: list[object], code: str, status: int = 400) -> Bad:
    return Bad(number, ops, so=(status, code))


def replace(path: str, value: object = "x") -> dict[str, object]:
    return {"op": "replace", "path": path, "value": value}


def claimant_of(**changes: object) -> dict[str, object]:
    return {"claimant": changes}


MALFORMED = (400, "malformed_json")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def multipart(boundary: str) -> dict[str, str]:
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}


ROWS = [
    same("1 brackets", b"[" * 100_000, 400, "malformed_json"),
    same("1 deep", b'{"a":' * 2000 + b"1" + b"}" * 2000, 400, "malformed_json"),
    same("1 depth 33", b'{"a":' * 33 + b"1" + b"}" * 33, 400, "malformed_json"),
    same("2 NaN", b'{"Title": NaN}', 400, "malformed_json"),
    same("2 Infinity", b'{"Title": Infinity}', 400, "malformed_json"),
    same("2 comment", b'{"Title": "x" /* no */}', 400, "malformed_json"),
    same("2 half", b'{"Title": "x', 400, "malformed_json"),
    Bad("2b empty", b"", so=(400, "missing_body")),
    Bad("2c unquoted", b"{status: 'waiting',}", sq=MALFORMED),
    same("3 twice", b'{"a": 1, "a": 2}', 400, "duplicate_key"),
    Bad(
        "3 twice in an operation",
        b'[{"op":"test","op":"replace","path":"/Title","value":"x"}]',
        so=(400, "duplicate_key"),
    ),
    Bad("3 folded", b'{"Title": "a", "title": "b"}', so=(400, "duplicate_key")),
    same("4 surrogate", b'{"Title": "\\ud800"}', 400, "malformed_json"),
    same("4 bytes", b'{"Title": "\xff"}', 400, "malformed_json"),
    same("4 UTF-16", '{"Title": "x"}'.encode("utf-16"), 400, "malformed_json"),
    Bad(
        "5 zero",
        b'{"Title": "a\\u0000b", "status": "a\\u0000b"}',
        (400, "invalid_string"),
        (422, "invalid_string"),
    ),
    same("6 huge", b'{"Title": 1e400}', 400, "malformed_json"),
    same("6 digits", b'{"Title": ' + b"1" * 5000 + b"}", 400, "malformed_json"),
    *(
        Bad(f"7 {value}", {"duration_in_minutes": value}, sq=(422, "invalid_value"))
        for value in (True, 60.5, "abc", -1, 0, 2**63 - 1, 525_601, "60.5", [60])
    ),
    *(
        Bad(
            f"8 {value}",
            {"StartDate": value, "appointment_at": value},
            (400, "invalid_value"),
            (422, "invalid_value"),
        )
        for value in (
            "2026-02-30T10:00:00",
            "10000-01-01T00:00:00",
            "2026-01-01T10:00:61",
            1_700_000_000,
            "soon",
        )
    ),
    same("9 declared", b'{"Title": "' + b"x" * 1_048_576 + b'"}', 413, "body_too_large"),
    same("10 gzip", b"{}", 415, "unsupported_media_type", headers={"Content-Encoding": "gzip"}),
    same(
        "11 XML",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        415,
        "unsupported_media_type",
        headers={"Content-Type": "application/xml"},
    ),
    same(
        "11 utf-7",
        b"{}",
        415,
        "unsupported_media_type",
        headers={"Content-Type": "application/json; charset=utf-7"},
    ),
    operations("12 101", [replace("/Title")] * 101, "too_many_operations"),
    *(
        operations(f"13 {token}", [replace(f"/Participants/{token}", {})], "invalid_pointer")
        for token in ("99999999999", "01", "-1", "1e0", "\u0661")
    ),
    operations("13 remove -", [{"op": "remove", "path": "/Participants/-"}], "invalid_pointer"),
    *(
        operations(f"14 {path[:9]}", [replace(path)], "invalid_pointer")
        for path in ("/Title~2", "/~", "/a" * 5000)
    ),
    operations(
        "15 copy", [{"op": "copy", "from": "/Title", "path": "/Agenda"}] * 22, "operation_not_supported"
    ),
    operations("15 move", [{"op": "move", "from": "/Title", "path": "/Agenda"}], "operation_not_supported"),
    *(
        operations(f"16 {path}", [replace(path)], "path_not_found")
        for path in ("/__proto__", "/constructor", "/__class__", "/../..")
    ),
    *(
        operations(f"17 {path}", [replace(path, value)], "read_only")
        for path, value in (
            ("/AppointmentId", 7),
            ("/CreatedBy", {"AssociateId": 2}),
            ("/CreatedDate", "2001-01-01T00:00:00"),
            ("/HasConflict", True),
            ("/CustomFields/x_uid", "other"),
        )
    ),
    operations(
        "16 unknown field",
        [{"op": "test", "path": "/CustomFields/SuperOffice:9x", "value": True}],
        "path_not_found",
    ),
    *(
        operations(
            f"20 {value!r}",
            [{"op": "test", "path": "/Task/TaskListItemId", "value": value}],
            "test_failed",
            409,
        )
        for value in (True, "4", [4], 3)
    ),
    operations(
        "21", [replace("/Title"), {"op": "test", "path": "/Title", "value": "other"}], "test_failed", 409
    ),
    operations("22 no value", [{"op": "replace", "path": "/Title"}], "invalid_patch"),
    operations("22 unknown op", [{"op": "increase", "path": "/Title", "value": 1}], "invalid_patch"),
    operations("22 op no string", [{"op": 5, "path": "/Title", "value": 1}], "invalid_patch"),
    operations("22 root", [replace("", 5)], "invalid_patch"),
    operations("22 no object", [5], "invalid_patch"),
    *(Bad(f"23 {text!r}", text, (400, "invalid_patch"), MALFORMED) for text in (b"5", b"null", b'"x"')),
    Bad(
        "24 no boundary",
        b"x",
        sq=(400, "malformed_multipart"),
        headers={"Content-Type": "multipart/form-data"},
    ),
    Bad(
        "24 unclosed",
        b'--b\r\nContent-Disposition: form-data; name="status"\r\n\r\nlate',
        sq=(400, "malformed_multipart"),
        headers=multipart("b"),
    ),
    Bad("24 long boundary", b"--", sq=(400, "malformed_multipart"), headers=multipart("b" * 300)),
    Bad(
        "25 parts",
        b"".join(b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(1001))
        + b"--b--\r\n",
        sq=(413, "too_many_parts"),
        headers=multipart("b"),
    ),
    Bad(
        "25 part header",
        b'--b\r\nContent-Disposition: form-data; name="' + b"n" * 65_536 + b'"\r\n\r\n1\r\n--b--\r\n',
        sq=(413, "too_many_parts"),
        headers=multipart("b"),
    ),
    Bad("26 index", b"claimant[data][999999999][value]=x", sq=(422, "invalid_value"), headers=FORM),
    Bad("26 brackets", b"a" + b"[b]" * 200 + b"=1", sq=(422, "invalid_value"), headers=FORM),
    Bad("27 DELETE", b"", sq=(405, "method_not_allowed"), method="POST", query="?_method=DELETE"),
    Bad("27 PUT", b"", sq=(405, "method_not_allowed"), method="POST", query="?_method=PUT"),
    Bad("27 none", b"", sq=(405, "method_not_allowed"), method="POST"),
    Bad("27 zero", b"", sq=(400, "invalid_request"), method="POST", query="?_method=patch%00"),
    Bad("27 twice", b"", sq=(400, "invalid_request"), method="POST", query="?_method=PATCH&_method=PATCH"),
    *(
        Bad(f"36 {url[:30]!r}", {"custom_user_post_call_redirect_url": url}, sq=(422, "url_not_allowed"))
        for url in (
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@host.example/",
            "https://host.example\\@evil.example/",
            "//evil.example/x",
            "https://a.example/\r\nSet-Cookie: x",
            "http://plain.example/",
        )
    ),
    Bad(
        "38 long key",
        b"{}",
        (400, "invalid_idempotency_key"),
        (422, "invalid_idempotency_key"),
        {"Idempotency-Key": "k" * 300},
    ),
]


def cases(contract: str) -> list[object]:
    attribute = "so" if contract == SO else "sq"
    return [pytest.param(row, id=row.number) for row in ROWS if getattr(row, attribute)]


@pytest.mark.parametrize("row", cases(SO))
async def test_superoffice(served: Served, row: Bad) -> None:
    await _refused(served, SO, row, row.so)


@pytest.mark.parametrize("row", cases(SQ))
async def test_sqod(served: Served, row: Bad) -> None:
    await _refused(served, SQ, row, row.sq)


async def _refused(served: Served, contract: str, row: Bad, expected: tuple[int, str]) -> None:
    before = await served.snapshot()
    answer = await served.send(contract, row.method, content=row.body(), headers=row.headers, query=row.query)
    assert (answer.status_code, answer.headers.get("Appointed-Error")) == expected, answer.text
    served.assert_body(contract, answer)
    assert await served.snapshot() == before


async def test_2b_an_empty_patch_is_a_no_op_on_sqod(served: Served) -> None:
    before = await served.snapshot()
    answer = await served.send(SQ, "PATCH", content=b"")
    assert answer.status_code == 200
    assert await served.snapshot() == before


async def test_2c_the_vendors_own_spelling_is_read_on_superoffice(served: Served) -> None:
    answer = await served.send(SO, "PATCH", content=b"[{op: 'replace', path: 'Location', value: 'Here',},]")
    assert answer.status_code == 200, answer.text
    assert answer.json()["Location"] == "Here"


@pytest.mark.parametrize("content", [b"[]", b"{}"])
async def test_23_an_empty_patch_changes_nothing(served: Served, content: bytes) -> None:
    before = await served.snapshot()
    answer = await served.send(SO, "PATCH", content=content)
    assert answer.status_code == 200
    assert await served.snapshot() == before


async def test_9_chunked(served: Served) -> None:
    async def chunks():
        for _ in range(20):
            yield b" " * 65_536

    for contract in (SO, SQ):
        answer = await served.send(contract, "PATCH", content=chunks())
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (413, "body_too_large")


async def test_18_fixed_members_by_merge_and_put_are_ignored_and_named(served: Served) -> None:
    before = await served.snapshot()
    entity = (await served.send(SO, "GET")).json()
    changes = {
        "AppointmentId": 7,
        "CreatedBy": {"AssociateId": 2},
        "CreatedDate": "2001-01-01T00:00:00",
        "HasConflict": True,
    }
    for method, body in (("PATCH", changes), ("PUT", entity | changes)):
        answer = await served.send(SO, method, content=json.dumps(body).encode())
        assert answer.status_code == 200, answer.text
        named = {name.strip() for name in answer.headers["Appointed-Ignored"].split(",")}
        assert set(changes) <= named
    fixed = {"id": "x", "reference": "other", "created_at": "2001-01-01", "tenant_id": 9}
    answer = await served.send(SQ, "PATCH", content=json.dumps(fixed).encode())
    assert answer.status_code == 200
    assert await served.snapshot() == before


async def test_19_a_test_on_what_one_may_not_read_tells_nothing(served: Served) -> None:
    private = await served.private_of_kari()
    bodies = set()
    for value in ("Secret talk", "wrong", None):
        answer = await served.client.patch(
            f"/api/v1/Appointment/{private}",
            json=[{"op": "test", "path": "/Title", "value": value}],
            headers=served.basic("ola"),
        )
        assert answer.status_code in (403, 409)
        bodies.add(answer.content)
    assert len(bodies) == 1


@pytest.mark.parametrize(
    "headers",
    [{"If-Match": '"999"'}, {"If-Match": 'W/"1"'}, {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}],
)
async def test_35_stale_preconditions(served: Served, headers: dict[str, str]) -> None:
    before = await served.snapshot()
    for contract in (SO, SQ):
        current = (await served.send(contract, "GET")).headers["ETag"]
        answer = await served.send(contract, "PATCH", content=b"{}", headers=headers)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (412, "precondition_failed")
        assert answer.headers["ETag"].strip('"').split("-")[0] == current.strip('"').split("-")[0]
        served.assert_body(contract, answer)
    assert await served.snapshot() == before


async def test_36_what_the_other_contract_would_refuse_is_refused_in_custom_fields_too(
    served: Served,
) -> None:
    answer = await served.send(
        SO, "PATCH", content=json.dumps({"CustomFields": {"x_status": "nonsense"}}).encode()
    )
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "invalid_value")


async def test_38_a_key_used_for_another_request(served: Served) -> None:
    for contract, status, field_name in ((SO, 400, "Location"), (SQ, 422, "interpreter_language")):
        headers = {"Idempotency-Key": f"key-{contract}"}
        first = await served.send(
            contract, "PATCH", content=json.dumps({field_name: "A"}).encode(), headers=headers
        )
        assert first.status_code == 200, first.text
        again = await served.send(
            contract, "PATCH", content=json.dumps({field_name: "A"}).encode(), headers=headers
        )
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"
        before = await served.snapshot()
        other = await served.send(
            contract, "PATCH", content=json.dumps({field_name: "B"}).encode(), headers=headers
        )
        assert (other.status_code, other.headers["Appointed-Error"]) == (status, "idempotency_key_reused")
        assert await served.snapshot() == before


async def test_no_header_carries_what_a_key_holds(served: Served) -> None:
    entity = (await served.send(SO, "GET")).json()
    odd = {"SuperOffice:1\r\nSet-Cookie: a=b;\u2603:org": "x"}
    entity["CustomFields"] |= odd
    for method, body in (("PATCH", {"CustomFields": odd}), ("PUT", entity)):
        answer = await served.send(SO, method, content=json.dumps(body).encode())
        assert answer.status_code in (200, 400), answer.text
        assert "set-cookie" not in answer.headers
        assert all(value.isprintable() and value.isascii() for value in answer.headers.values())
