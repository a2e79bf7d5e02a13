"""Bad credentials, bad ids and what belongs to others: the same list of bad inputs, from the caller's side."""

import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.contracts.served import SO, SQ, Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(served: Served) -> dict[str, str]:
    claims = {"iss": "x", "client_id": "demo", "token_use": "access", "exp": 4_102_444_800, "sub": "demo"}
    header, payload = ({"alg": "none", "typ": "JWT"}, claims)
    unsigned = f"{encoded(header)}.{encoded(payload)}"
    return {
        "none": unsigned + ".",
        "NoNe": unsigned.replace("bm9uZS", "Tm9OZS") + ".",
        "unsigned": served.token.rsplit(".", 1)[0] + ".",
    }


@pytest.mark.parametrize("kind", ["none", "NoNe", "unsigned"])
async def test_28_unsigned_tokens(served: Served, kind: str) -> None:
    await _nobody(served, {"Authorization": f"Bearer {forged(served)[kind]}"})


async def test_29_a_token_signed_with_the_public_key(served: Served) -> None:
    keys = (await served.client.get("/.well-known/jwks.json")).json()["keys"]
    public = jwt.PyJWK(keys[0]).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(served.token, options={"verify_signature": False})
    head = encoded({"alg": "HS256", "typ": "JWT", "kid": keys[0]["kid"]}) + "." + encoded(claims)
    signature = base64.urlsafe_b64encode(hmac.digest(public, head.encode(), "sha256")).rstrip(b"=").decode()
    token = f"{head}.{signature}"
    await _nobody(served, {"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "extra",
    [
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"jku": "https://evil.example/k"},
        {"crit": ["x"], "x": 1},
        {"x5u": "https://evil.example/c"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
    ],
)
async def test_30_odd_token_headers(served: Served, extra: dict[str, object]) -> None:
    claims = jwt.decode(served.token, options={"verify_signature": False})
    token = served.sign(claims, extra)
    await _nobody(served, {"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"nocolon").decode(),
        "Bearer " + "x" * 9000,
        "SOTicket 7T:1.a.b",
        "Digest x",
        "Basic " + base64.b64encode(b"demo:wrong").decode(),
    ],
)
async def test_31_broken_credentials(served: Served, value: str) -> None:
    await _nobody(served, {"Authorization": value} if value else {})


async def test_31_two_authorization_headers(served: Served) -> None:
    pairs = [("Authorization", served.basic("demo")["Authorization"])] * 2
    for path in served.paths.values():
        answer = await served.client.get(path, headers=pairs)
        assert answer.status_code == 401


async def _nobody(served: Served, headers: dict[str, str]) -> None:
    for contract, path in served.paths.items():
        answer = await served.client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (401, "unauthenticated")
        served.assert_body(contract, answer)


async def test_32_another_tenants_row_looks_absent(served: Served) -> None:
    foreign_id, foreign_uid = await served.foreign_row()
    for contract, foreign, absent in (
        (SO, f"/api/v1/Appointment/{foreign_id}", "/api/v1/Appointment/99999"),
        (
            SQ,
            f"/api/v1/appointments/{foreign_uid}",
            "/api/v1/appointments/0f000000-0000-4000-8000-0000000000ff",
        ),
    ):
        got = []
        for path in (foreign, absent):
            answer = await served.client.get(path, headers=served.basic("demo"))
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "not_found")
            served.assert_body(contract, answer)
            got.append(answer.text.replace(path.rsplit("/", 1)[1], "ID"))
        assert got[0] == got[1]


@pytest.mark.parametrize(
    ("ref", "status"),
    [
        ("1%20OR%201=1", 400),
        ("..%2f1", 400),
        ("%D9%A1", 400),
        ("9" * 500, 404),
        (str(2**63), 404),
        ("-1", 400),
    ],
)
async def test_33_odd_ids(served: Served, ref: str, status: int) -> None:
    answer = await served.client.get(f"/api/v1/Appointment/{ref}", headers=served.basic("demo"))
    assert answer.status_code in ({status, 404} if "%2f" in ref else {status})
    answer = await served.client.get(f"/api/v1/appointments/{ref}", headers=served.basic("demo"))
    assert answer.status_code == 404


async def test_34_a_session_needs_its_xsrf_value(served: Served) -> None:
    cookies, xsrf = await served.session("demo")
    path = served.paths[SO]
    good = {"Cookie": cookies, "X-XSRF-TOKEN": xsrf}
    assert (await served.client.get(path, headers=good)).status_code == 200
    for headers in (
        {"Cookie": cookies},
        {"Cookie": cookies, "X-XSRF-TOKEN": "wrong"},
        good | {"Sec-Fetch-Site": "cross-site"},
        good | {"Origin": "https://evil.example"},
    ):
        for contract, each in served.paths.items():
            answer = await served.client.get(each, headers=headers)
            assert (answer.status_code, answer.headers["Appointed-Error"]) == (401, "xsrf")
            served.assert_body(contract, answer)
            assert "XSRF" in answer.text
