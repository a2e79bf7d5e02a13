import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from tests.http.keys import rsa_key

from appointed.domain.errors import Unauthenticated
from appointed.http.bearer import Claims, Issuer, TokenVerifier
from appointed.http.limits import Limits

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OWN, OUTSIDE = "http://appointments.example", "https://issuer.example/pool"


class Keys:
    """A key set that counts how often it was asked."""

    def __init__(self, **keys: RSAPrivateKey) -> None:
        self.keys = {name: key.public_key() for name, key in keys.items()}
        self.asked: list[str] = []

    async def key(self, kid: str) -> RSAPublicKey | None:
        self.asked.append(kid)
        return self.keys.get(kid)


class World:
    """One verifier with two issuers and a clock that can be set."""

    def __init__(self, max_remembered: int = 100) -> None:
        self.now = NOW
        self.own = Keys(k1=rsa_key("own"))
        self.outside = Keys(k1=rsa_key("outside"))
        self.verifier = TokenVerifier(
            (Issuer(OWN, self.own), Issuer(OUTSIDE, self.outside, frozenset({"partner"}))),
            lambda: self.now,
            Limits(),
            max_remembered,
        )

    @property
    def asked(self) -> list[str]:
        return self.own.asked + self.outside.asked


@pytest.fixture
def world() -> World:
    return World()


def claims(**given: Any) -> dict[str, Any]:
    made = {
        "iss": OWN,
        "sub": "demo",
        "client_id": "demo",
        "token_use": "access",
        "exp": NOW.timestamp() + 3_600,
    }
    made |= given
    return {name: value for name, value in made.items() if value is not ...}


def token(key: str = "own", header: dict[str, Any] | None = None, **given: Any) -> str:
    headers = {"kid": "k1"} | (header or {})
    return jwt.encode(claims(**given), rsa_key(key), algorithm="RS256", headers=headers)


def handmade(header: dict[str, Any], payload: dict[str, Any], sign: Any = lambda _data: b"") -> str:
    parts = b".".join(_b64(json.dumps(part).encode()) for part in (header, payload))
    return (parts + b"." + _b64(sign(parts))).decode()


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def public_pem() -> bytes:
    return (
        rsa_key("own")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


async def test_our_own_token_names_its_client(world: World) -> None:
    assert await world.verifier.client_of(token()) == "demo"
    exp = NOW.timestamp() + 3_600
    assert await world.verifier.verify(token()) == Claims(OWN, "demo", 0, exp)


async def test_a_token_of_an_outside_issuer_counts_for_listed_clients(world: World) -> None:
    good = token("outside", iss=OUTSIDE, client_id="partner", aud="whatever", scope="x", version=2, jti="1")
    assert await world.verifier.client_of(good) == "partner"
    with pytest.raises(Unauthenticated):
        await world.verifier.client_of(token("outside", iss=OUTSIDE, client_id="demo"))


REFUSED: dict[str, Any] = {
    "28: alg none": lambda: handmade({"alg": "none", "kid": "k1"}, claims()),
    "28: alg NoNe": lambda: handmade({"alg": "NoNe", "kid": "k1"}, claims()),
    "28: empty signature": lambda: token().rsplit(".", 1)[0] + ".",
    "28: no alg": lambda: handmade({"kid": "k1"}, claims()),
    "28: signature of another token": lambda: (
        token().rsplit(".", 1)[0] + "." + token(jti="2").rsplit(".", 1)[1]
    ),
    "29: HS256 with the public key": lambda: handmade(
        {"alg": "HS256", "typ": "JWT", "kid": "k1"},
        claims(),
        lambda data: hmac.new(public_pem(), data, hashlib.sha256).digest(),
    ),
    "29: RS512": lambda: jwt.encode(claims(), rsa_key("own"), algorithm="RS512", headers={"kid": "k1"}),
    "29: PS256": lambda: jwt.encode(claims(), rsa_key("own"), algorithm="PS256", headers={"kid": "k1"}),
    "another key": lambda: token("outside"),
    "another issuer's key": lambda: token("own", iss=OUTSIDE, client_id="partner"),
    "unknown issuer": lambda: token(iss="https://evil.example"),
    "issuer with a slash more": lambda: token(iss=OWN + "/"),
    "issuer list": lambda: handmade({"alg": "RS256", "kid": "k1"}, claims(iss=[OWN])),
    "no issuer": lambda: token(iss=...),
    "no exp": lambda: token(exp=...),
    "exp text": lambda: handmade_signed(claims(exp="2099")),
    "exp true": lambda: handmade_signed(claims(exp=True)),
    "exp beyond time": lambda: handmade_signed(claims(exp=1e300)),
    "nbf text": lambda: handmade_signed(claims(nbf="x")),
    "id token": lambda: token(token_use="id"),
    "no token_use": lambda: token(token_use=...),
    "no client": lambda: token(client_id=...),
    "empty client": lambda: token(client_id=""),
    "client list": lambda: token(client_id=["demo"]),
    "31: over 8 kB": lambda: token(padding="x" * 8_192),
    "31: garbage": lambda: "garbage",
    "31: dots": lambda: "..",
    "31: not ASCII": lambda: token() + "é",
    "payload no object": lambda: handmade({"alg": "RS256", "kid": "k1"}, [1]),  # type: ignore[arg-type]
    "header deep": lambda: _b64(b"[" * 4_000).decode() + ".e30.AA",
    "payload deep": lambda: token().split(".")[0] + "." + _b64(b"[" * 4_000).decode() + ".AA",
    "number of 5,000 digits": lambda: (
        token().split(".")[0] + "." + _b64(b'{"exp":' + b"1" * 5_000 + b"}").decode() + ".AA"
    ),
}


def handmade_signed(payload: dict[str, Any]) -> str:
    return jwt.api_jws.encode(
        json.dumps(payload).encode(), rsa_key("own"), algorithm="RS256", headers={"kid": "k1"}
    )


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
async def test_a_token_that_is_not_proved_is_nobody(world: World, make: Any) -> None:
    with pytest.raises(Unauthenticated):
        await world.verifier.client_of(make())


UNREAD = [name for name in REFUSED if name.startswith(("28: alg", "28: no alg", "29"))]


@pytest.mark.parametrize("name", UNREAD)
async def test_no_key_is_asked_for_a_token_of_another_algorithm(world: World, name: str) -> None:
    with pytest.raises(Unauthenticated):
        await world.verifier.client_of(REFUSED[name]())
    assert world.asked == []


BAD_HEADERS: dict[str, dict[str, Any]] = {
    "30: kid traversal": {"kid": "../../etc/passwd"},
    "30: kid SQL": {"kid": "k1' OR '1'='1"},
    "30: kid empty": {"kid": ""},
    "30: kid too long": {"kid": "k" * 257},
    "30: jku": {"jku": "https://evil.example/jwks.json"},
    "30: x5u": {"x5u": "https://evil.example/x.pem"},
    "30: x5c": {"x5c": ["MIIB"]},
    "30: jwk": {"jwk": {"kty": "RSA", "n": "AQ", "e": "AQAB"}},
    "30: crit": {"crit": ["exp"]},
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
async def test_a_token_cannot_bring_its_own_key(world: World, header: dict[str, Any]) -> None:
    assert await world.verifier.client_of(token()) == "demo"
    with pytest.raises(Unauthenticated):
        await world.verifier.client_of(token(header=header))
    assert set(world.asked) <= {"k1", header.get("kid")}


@pytest.mark.parametrize(
    "header", [{"alg": "RS256"}, {"alg": "RS256", "kid": ["k1"]}, {"alg": "RS256", "kid": 1}]
)
async def test_a_token_names_its_key_by_text(world: World, header: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await world.verifier.client_of(handmade(header, claims()))
    assert world.asked == []


@pytest.mark.parametrize(("after", "is_good"), [(0, True), (59, True), (60, False), (3_600, False)])
async def test_an_expired_token_is_good_for_a_minute_more(world: World, after: int, is_good: bool) -> None:
    text = token()
    world.now = NOW + timedelta(seconds=3_600 + after)
    if is_good:
        assert await world.verifier.client_of(text) == "demo"
    else:
        with pytest.raises(Unauthenticated):
            await world.verifier.client_of(text)


@pytest.mark.parametrize(("ahead", "is_good"), [(60, True), (61, False)])
async def test_a_token_is_good_a_minute_before_its_start(world: World, ahead: int, is_good: bool) -> None:
    text = token(nbf=NOW.timestamp() + ahead)
    if is_good:
        assert await world.verifier.client_of(text) == "demo"
    else:
        with pytest.raises(Unauthenticated):
            await world.verifier.client_of(text)


async def test_a_good_token_is_proved_once_and_judged_by_time_each_time(world: World) -> None:
    text = token()
    for _ in range(5):
        await world.verifier.client_of(text)
    assert world.own.asked == ["k1"]
    world.now = NOW + timedelta(seconds=3_660)
    with pytest.raises(Unauthenticated):
        await world.verifier.client_of(text)


async def test_a_bad_token_is_not_remembered(world: World) -> None:
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await world.verifier.client_of(token("outside"))
    assert world.verifier._remembered == {}


async def test_the_memory_of_tokens_is_bounded() -> None:
    world = World(max_remembered=2)
    texts = [token(jti=str(number)) for number in range(3)]
    for text in (texts[0], texts[1], texts[0], texts[2], texts[0]):
        await world.verifier.client_of(text)
    assert len(world.verifier._remembered) == 2
    assert len(world.own.asked) == 3
