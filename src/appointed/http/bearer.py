"""Bearer tokens: signed by this server or by a configured outside issuer (RFC 7515, RFC 7519)."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from appointed.domain.errors import Unauthenticated
from appointed.http.limits import Limits
from appointed.usecases.ports import Clock

ALGORITHM = "RS256"

# With one of these a token would bring its own key, or ask to be read in another way.
REFUSED_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "enc", "zip"})

# Times are judged by our own clock; an access token of this kind names no audience.
_OPTIONS: Any = {
    "require": ["iss", "exp"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
}


class KeySet(Protocol):
    """The public keys of one issuer."""

    async def key(self, kid: str) -> RSAPublicKey | None:
        """Give the key of this name; None when the issuer has none such."""
        ...


class Issuer(msgspec.Struct, frozen=True):
    """Whose tokens count: `name` is the exact `iss`, `clients` those that may come (None: all)."""

    name: str
    keys: KeySet
    clients: frozenset[str] | None = None


class Claims(msgspec.Struct, frozen=True):
    """What a verified token says; times in seconds since 1970."""

    issuer: str
    client_id: str
    valid_from: float
    valid_until: float


class TokenVerifier:
    """Verifies tokens; one that was good is remembered by its hash until it expires."""

    def __init__(
        self, issuers: tuple[Issuer, ...], clock: Clock, limits: Limits, max_remembered: int = 4_096
    ) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._clock = clock
        self._limits = limits
        self._max_remembered = max_remembered
        self._remembered: OrderedDict[bytes, Claims] = OrderedDict()

    async def client_of(self, token: str) -> str:
        """Give the account name (kind "client") behind a token; raises Unauthenticated."""
        return (await self.verify(token)).client_id

    async def verify(self, token: str) -> Claims:
        """Give what a token says that is good now; raises Unauthenticated."""
        if len(token) > self._limits.credential_bytes or not token.isascii():
            raise Unauthenticated
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._remembered.get(digest)
        if claims is None:
            claims = await self._prove(token)
        self._demand_time(claims)
        self._remember(digest, claims)
        return claims

    def _remember(self, digest: bytes, claims: Claims) -> None:
        self._remembered[digest] = claims
        self._remembered.move_to_end(digest)
        if len(self._remembered) > self._max_remembered:
            self._remembered.popitem(last=False)

    def _demand_time(self, claims: Claims) -> None:
        now = self._clock().timestamp()
        leeway = self._limits.token_leeway_seconds
        if not claims.valid_from - leeway <= now < claims.valid_until + leeway:
            raise Unauthenticated

    async def _prove(self, token: str) -> Claims:
        kid, issuer = self._named(token)
        key = await issuer.keys.key(kid)
        if key is None:
            raise Unauthenticated
        try:
            payload = jwt.decode(token, key, algorithms=[ALGORITHM], issuer=issuer.name, options=_OPTIONS)
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise Unauthenticated from None
        return _claims(payload, issuer)

    def _named(self, token: str) -> tuple[str, Issuer]:
        # Only to find the key: nothing of this is believed before the signature was checked.
        try:
            unproved = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError):
            raise Unauthenticated from None
        header, name = unproved["header"], unproved["payload"].get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None or header.get("alg") != ALGORITHM or REFUSED_HEADERS & header.keys():
            raise Unauthenticated
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise Unauthenticated
        return kid, issuer


def _claims(payload: Mapping[str, Any], issuer: Issuer) -> Claims:
    client_id = payload.get("client_id")
    if not isinstance(client_id, str) or not client_id or payload.get("token_use") != "access":
        raise Unauthenticated
    if issuer.clients is not None and client_id not in issuer.clients:
        raise Unauthenticated
    return Claims(issuer.name, client_id, _seconds(payload.get("nbf", 0)), _seconds(payload["exp"]))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e12:
        raise Unauthenticated
    return float(value)
