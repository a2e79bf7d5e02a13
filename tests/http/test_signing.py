import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.http.keys import rsa_key

from appointed.domain.errors import Unauthenticated
from appointed.http.bearer import Issuer, TokenVerifier
from appointed.http.jwks import parse_jwks
from appointed.http.limits import Limits
from appointed.http.signing import KEY_FILE, PREVIOUS_KEY_FILE, TokenSigner, key_id, load_signer

NOW = datetime(2026, 3, 2, 8, 0, 0, 999, tzinfo=UTC)
ISSUER = "http://appointments.example"


def verifier_of(signer: TokenSigner) -> TokenVerifier:
    return TokenVerifier((Issuer(ISSUER, signer),), lambda: NOW, Limits())


async def test_our_token_is_verified_by_us() -> None:
    signer = TokenSigner(ISSUER, (rsa_key("own"),))
    claims = await verifier_of(signer).verify(signer.issue("demo", NOW, 3_600))
    assert claims.client_id == "demo"
    assert claims.valid_until == int(NOW.timestamp()) + 3_600


def test_our_token_is_verified_by_outsiders_with_the_published_keys() -> None:
    signer = TokenSigner(ISSUER, (rsa_key("own"),))
    token = signer.issue("demo", datetime.now(UTC), 60)
    published = jwt.PyJWKSet.from_dict(signer.jwks())
    key = published[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER)
    assert (claims["sub"], claims["client_id"], claims["token_use"]) == ("demo", "demo", "access")
    assert claims["exp"] - claims["iat"] == 60


def test_the_published_keys_are_public_only() -> None:
    signer = TokenSigner(ISSUER, (rsa_key("own"), rsa_key("previous")))
    assert [sorted(key) for key in signer.jwks()["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]] * 2


def test_a_key_is_named_by_its_thumbprint() -> None:
    # RFC 7638 §3.1
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRX"
        "jBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaS"
        "qzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksIN"
        "HaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    document = f'{{"keys":[{{"kty":"RSA","kid":"x","e":"AQAB","n":"{n}"}}]}}'.encode()
    assert key_id(parse_jwks(document)["x"]) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


async def test_after_a_change_of_key_old_tokens_are_good_while_their_key_is_kept() -> None:
    old = TokenSigner(ISSUER, (rsa_key("previous"),)).issue("demo", NOW, 60)
    both = TokenSigner(ISSUER, (rsa_key("own"), rsa_key("previous")))
    assert await verifier_of(both).client_of(old) == "demo"
    assert jwt.get_unverified_header(both.issue("demo", NOW, 60))["kid"] == key_id(
        rsa_key("own").public_key()
    )
    with pytest.raises(Unauthenticated):
        await verifier_of(TokenSigner(ISSUER, (rsa_key("own"),))).client_of(old)


def test_the_first_start_makes_a_key_and_the_next_finds_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    first, second = load_signer(folder, ISSUER), load_signer(folder, ISSUER)
    assert first.jwks() == second.jwks()
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder) == [KEY_FILE]


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        signers = list(pool.map(lambda _: load_signer(tmp_path, ISSUER), range(4)))
    assert len({str(signer.jwks()) for signer in signers}) == 1
    assert os.listdir(tmp_path) == [KEY_FILE]


def test_a_previous_key_is_published_behind_the_new_one(tmp_path: Path) -> None:
    old = load_signer(tmp_path, ISSUER).jwks()["keys"]
    (tmp_path / KEY_FILE).rename(tmp_path / PREVIOUS_KEY_FILE)
    keys = load_signer(tmp_path, ISSUER).jwks()["keys"]
    assert len(keys) == 2
    assert keys[1:] == old


@pytest.mark.parametrize("name", [KEY_FILE, PREVIOUS_KEY_FILE])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, name: str) -> None:
    load_signer(tmp_path, ISSUER)
    path = tmp_path / name
    path.write_bytes((tmp_path / KEY_FILE).read_bytes())
    path.chmod(0o640)
    with pytest.raises(PermissionError, match=name):
        load_signer(tmp_path, ISSUER)


def test_only_rsa_keys_sign(tmp_path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / KEY_FILE
    path.write_bytes(pem)
    path.chmod(0o600)
    with pytest.raises(ValueError, match="RSA"):
        load_signer(tmp_path, ISSUER)
