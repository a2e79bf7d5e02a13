"""What real clients send: odd headers, odd paths, odd bodies (Request Headers; Sample request)."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.contracts.superoffice.desk import Desk, entity

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

PATCH = json.dumps({"Location": "There"}).encode()
LIST = json.dumps([{"op": "replace", "path": "Location", "value": "There"}]).encode()


@pytest.mark.clause("SO-HEADER-005", "SO-WIRE-015")
@pytest.mark.parametrize("body", [PATCH, LIST])
@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON;charset=UTF-8",
        "text/json",
        "application/json-patch+json",
        "application/merge-patch+json",
        "text/plain",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "nonsense",
    ],
)
async def test_the_bodys_shape_tells_its_kind_whatever_the_type_says(
    desk: Desk, content_type: str | None, body: bytes
) -> None:
    number = await desk.new()
    headers = {} if content_type is None else {"Content_Type": content_type}
    assert entity(await desk.call("PATCH", number, content=body, **headers))["Location"] == "There"


@pytest.mark.clause("SO-HEADER-005")
@pytest.mark.parametrize("content_type", ["application/xml", "text/xml", "application/json; charset=utf-16"])
async def test_what_is_no_json_by_its_own_word_is_refused(desk: Desk, content_type: str) -> None:
    answer = await desk.call("PATCH", await desk.new(), content=PATCH, Content_Type=content_type)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (415, "unsupported_media_type")


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="Location"\r\n\r\nThere\r\n--x--\r\n'


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        (URLENCODED, b"Location=There", 415, "unsupported_media_type"),
        (MULTIPART, PART, 415, "unsupported_media_type"),
        ("application/json", b"Location=There", 400, "malformed_json"),
        (URLENCODED, b' {"Location": "There"', 400, "malformed_json"),
        (URLENCODED, b'[{"op":', 400, "malformed_json"),
    ],
    ids=["form", "multipart", "no type of a form", "half an object", "half an array"],
)
async def test_a_form_is_no_malformed_json(
    desk: Desk, method: str, content_type: str, body: bytes, status: int, code: str
) -> None:
    number = await desk.new()
    before = await desk.read(number)
    path = "" if method == "POST" else number
    answer = await desk.call(method, path, content=body, Content_Type=content_type)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (status, code)
    assert await desk.read(number) == before


async def test_a_body_may_come_in_chunks_and_with_a_mark(desk: Desk) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for index in range(len(PATCH)):
            yield PATCH[index : index + 1]

    number = await desk.new()
    assert entity(await desk.call("PATCH", number, content=chunks()))["Location"] == "There"
    marked = await desk.call("PATCH", number, content=b"\xef\xbb\xbf" + b'{"Location": "Marked"}')
    assert marked.status_code in (200, 400)
    assert (await desk.read(number))["Location"] == ("Marked" if marked.status_code == 200 else "There")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/Appointment/{}",
        "/api/v1/appointment/{}",
        "/API/V1/APPOINTMENT/{}",
        "/Api/v1/aPPointment/{}/",
        "/api/v1/Appointment/{}?x=1",
        "/api/v1/Appointment/00{}",
    ],
)
@pytest.mark.clause("SO-OP-001")
async def test_paths_ignore_case_and_a_trailing_slash(desk: Desk, path: str) -> None:
    number = await desk.new()
    headers = desk.served.basic("demo")
    answer = await desk.served.client.patch(path.format(number), content=PATCH, headers=headers)
    assert entity(answer)["AppointmentId"] == number
    assert (await desk.served.client.get(path.format(number), headers=headers)).json()["Location"] == "There"


@pytest.mark.parametrize(
    "path", ["/api/v1/appointment/DEFAULT", "/api/v1/Appointment/default/", "/API/v1/appointment/Default"]
)
async def test_names_after_the_collection_do_too(desk: Desk, path: str) -> None:
    answer = await desk.served.client.get(path, headers=desk.served.basic("demo"))
    assert entity(answer)["AppointmentId"] == 0


@pytest.mark.clause("SO-HEADER-018", "SO-WIRE-015")
async def test_an_app_token_and_other_headers_of_clients_are_accepted(desk: Desk) -> None:
    number = await desk.new()
    headers = {
        "SO_AppToken": "0123456789abcdef",
        "SO_Browser_TZ_Offset": "-120",
        "User_Agent": "SO-TS-WebApi/1.0",
        "Content_Type": "application/json",
        "X_XSRF_TOKEN": "left over",
        "Cookie": "other=1; XSRF-TOKEN=left-over",
    }
    plain = await desk.call("GET", number)
    answer = await desk.call("GET", number, **headers)
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert answer.headers["ETag"] == plain.headers["ETag"]
    assert (await desk.patch(number, {"Location": "x"}, **headers))["Location"] == "x"


@pytest.mark.clause("SO-BODY-002")
@pytest.mark.parametrize("body", [{}, []])
async def test_an_empty_patch_is_answered_with_what_stands(desk: Desk, body: object) -> None:
    number = await desk.new()
    before = await desk.call("GET", number)
    answer = await desk.call("PATCH", number, body)
    assert (answer.status_code, answer.content) == (200, before.content)
    assert answer.headers["ETag"] == before.headers["ETag"]
    assert len(await desk.history(number)) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "missing_body"),
        (b"{", "malformed_json"),
        (b'{"Title": 1}{"Title": 2}', "malformed_json"),
        (b'{"Title": "a", "title": "b"}', "duplicate_key"),
        (b"null", "invalid_patch"),
        (b'"x"', "invalid_patch"),
    ],
)
async def test_what_is_no_patch_is_refused(desk: Desk, content: bytes, code: str) -> None:
    number = await desk.new()
    answer = await desk.call("PATCH", number, content=content)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, code)
    desk.served.assert_body("superoffice", answer)
    assert len(await desk.history(number)) == 1
