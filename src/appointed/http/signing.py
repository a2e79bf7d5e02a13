"""Our own access tokens: signed with a key that lies in a file (RFC 7515, RFC 7517)."""

import hashlib
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from appointed.http.bearer import ALGORITHM

KEY_FILE = "tokens.pem"
PREVIOUS_KEY_FILE = "tokens.previous.pem"
KEY_BITS = 2_048
OWNER_ONLY = 0o600


class TokenSigner:
    """Signs with the first key; tokens of the others are still good. Is the KeySet of our own tokens."""

    def __init__(self, issuer: str, keys: tuple[rsa.RSAPrivateKey, ...]) -> None:
        self.issuer = issuer
        self._keys = {key_id(key.public_key()): key for key in keys}
        self._kid, self._key = next(iter(self._keys.items()))

    def issue(self, client_id: str, now: datetime, lifetime_seconds: int) -> str:
        """Make an access token for a client, good from now on for `lifetime_seconds`."""
        issued_at = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "token_use": "access",
            "iat": issued_at,
            "exp": issued_at + lifetime_seconds,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._kid})

    def jwks(self) -> dict[str, Any]:
        """Give the public keys as a JWK set (RFC 7517 §5)."""
        return {
            "keys": [
                {**_public_numbers(key.public_key()), "kid": kid, "use": "sig", "alg": ALGORITHM}
                for kid, key in self._keys.items()
            ]
        }

    async def key(self, kid: str) -> rsa.RSAPublicKey | None:
        """Give the public key of this name."""
        key = self._keys.get(kid)
        return key.public_key() if key else None


def key_id(key: rsa.RSAPublicKey) -> str:
    """Name a key by its thumbprint (RFC 7638)."""
    canonical = msgspec.json.encode(_public_numbers(key), order="sorted")
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def _public_numbers(key: rsa.RSAPublicKey) -> dict[str, Any]:
    written = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {name: written[name] for name in ("e", "kty", "n")}


def load_signer(folder: Path, issuer: str) -> TokenSigner:
    """Read the signing key from its folder, making it at the first start.

    A key in `tokens.previous.pem` is still accepted, never signed with. Raises PermissionError when
    others than the owner may read a key.
    """
    texts = [_load_or_create(folder / KEY_FILE, _new_key)]
    if (folder / PREVIOUS_KEY_FILE).exists():
        texts.append(_load(folder / PREVIOUS_KEY_FILE))
    return TokenSigner(issuer, tuple(_private_key(text) for text in texts))


def _private_key(text: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(text, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{KEY_FILE} does not hold an RSA key")
    return key


def _new_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path, make())
    return _load(path)


def _create(path: Path, content: bytes) -> None:
    # Several processes may start at once: each writes a file of its own, and the first link wins.
    own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()


def _load(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} must be readable by its owner only (chmod 600)")
    return path.read_bytes()
