"""The public keys of an outside token issuer, fetched and kept (RFC 7517)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from appointed.http.bearer import ALGORITHM
from appointed.http.deadlines import Deadline
from appointed.http.limits import Limits
from appointed.usecases.ports import Clock

MAX_DOCUMENT_BYTES = 262_144
SMALLEST_KEY_BITS = 2_048


class FetchFailed(Exception):
    """The key document could not be had."""


Fetch = Callable[[str], Awaitable[bytes]]
"""Give the document at a URL or path; raises FetchFailed."""


class RemoteKeys:
    """An issuer's keys: fresh for an hour, used for a day when the issuer is away, asked once a minute."""

    def __init__(self, source: str, fetch: Fetch, clock: Clock, limits: Limits) -> None:
        self._source = source
        self._fetch = fetch
        self._clock = clock
        self._limits = limits
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> RSAPublicKey | None:
        """Give the key of this name, asking the issuer when it is unknown or grew old."""
        is_known = kid in self._keys and self._age(self._fetched_at) < self._limits.jwks_fresh_seconds
        if not is_known:
            await self._refresh()
        if self._age(self._fetched_at) >= self._limits.jwks_stale_seconds:
            return None
        return self._keys.get(kid)

    def _age(self, at: datetime | None) -> float:
        return (self._clock() - at).total_seconds() if at else float("inf")

    async def _refresh(self) -> None:
        if self._refreshing is None:
            if self._age(self._tried_at) < self._limits.jwks_refresh_seconds:
                return
            self._tried_at = self._clock()
            self._refreshing = asyncio.ensure_future(self._ask())
        # Those who wait share one question, and none of them takes it along when giving up.
        await asyncio.shield(self._refreshing)

    async def _ask(self) -> None:
        try:
            with Deadline(self._limits.jwks_seconds):
                document = await self._fetch(self._source)
            self._keys = parse_jwks(document)
            self._fetched_at = self._clock()
        except (FetchFailed, TimeoutError, ValueError):
            # The keys from before go on for their day.
            return
        finally:
            self._refreshing = None


def parse_jwks(document: bytes) -> dict[str, RSAPublicKey]:
    """Read the usable signing keys of a JWK set by `kid`; raises ValueError when it is none."""
    try:
        entries = json.loads(document)["keys"]
    except (TypeError, KeyError, RecursionError):
        raise ValueError("not a JWK set") from None
    found: dict[str, RSAPublicKey] = {}
    for entry in entries if isinstance(entries, list) else ():
        key = _usable(entry) if isinstance(entry, dict) else None
        if key is not None:
            found.setdefault(entry["kid"], key)
    return found


def _usable(entry: dict[str, Any]) -> RSAPublicKey | None:
    is_ours = (
        isinstance(entry.get("kid"), str)
        and entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", ALGORITHM) == ALGORITHM
    )
    if not is_ours:
        return None
    try:
        key = RSAAlgorithm.from_jwk({name: entry[name] for name in ("kty", "n", "e")})
    except (jwt.InvalidKeyError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY_BITS else None


async def fetch_document(source: str) -> bytes:
    """Give the document at an http(s) URL or in a file; follows no redirect, uses no proxy."""
    try:
        if not source.startswith(("https://", "http://")):
            return await asyncio.to_thread(Path(source).read_bytes)
        client = httpx.AsyncClient(trust_env=False, follow_redirects=False)
        async with client, client.stream("GET", source) as answer:
            return await _read_whole(answer)
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchFailed(f"{source}: {error}") from error


async def _read_whole(answer: httpx.Response) -> bytes:
    if answer.status_code != httpx.codes.OK:
        raise FetchFailed(f"{answer.url}: status {answer.status_code}")
    document = b""
    async for piece in answer.aiter_bytes():
        document += piece
        if len(document) > MAX_DOCUMENT_BYTES:
            raise FetchFailed(f"{answer.url}: too large")
    return document
