"""Passwords: argon2id in a small pool of threads, and a short memory of those that were right."""

import asyncio
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import argon2

from appointed.domain.errors import TooManyRequests
from appointed.http.attempts import Attempts, Keys
from appointed.http.limits import Limits
from appointed.usecases.ports import Clock

MEMORY_KIB = 19 * 1_024
PASSES = 2
LANES = 1

T = TypeVar("T")


class Passwords:
    """Proves passwords, never more than the pool and its short queue hold at once."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        max_remembered: int = 4_096,
        attempts: Attempts | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._hasher = argon2.PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._pool = ThreadPoolExecutor(limits.password_threads, thread_name_prefix="password")
        self._pending = 0
        self._key = secrets.token_bytes(32)
        self._attempts = attempts or Attempts(clock, limits.failed_logins_per_minute)
        self._max_remembered = max_remembered
        self._right_until: OrderedDict[bytes, datetime] = OrderedDict()
        self._proofs: dict[bytes, asyncio.Future[bool]] = {}
        # An unknown name costs as much as a known one.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def verify(self, hashed: str | None, name: str, password: str, address: str) -> bool:
        """Tell whether the password is right.

        Raises TooManyRequests when too many wait already, TooManyAttempts when too many were wrong.
        """
        stored = hashed or self._nobody
        digest = hmac.digest(self._key, "\0".join((stored, name, password)).encode(), "sha256")
        until = self._right_until.get(digest)
        if until is not None and self._clock() < until:
            return True
        proof = self._proofs.get(digest)
        taken: Keys = ()
        if proof is None:
            # What was right before is not held up by the guesses of others.
            taken = self._attempts.take(name, address) if until is None else ()
            proof = self._prove(stored, password, taken)
            self._proofs[digest] = proof
            proof.add_done_callback(partial(self._keep, digest, taken))
        # Those who show the same credential at once share one proof.
        is_right = await asyncio.shield(proof) and hashed is not None
        if not is_right:
            await self._attempts.failed(taken)
        return is_right

    async def hash(self, password: str) -> str:
        """Make the text to store; raises TooManyRequests when too many wait already."""
        return await self._run(lambda: self._hasher.hash(password))

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prove(self, stored: str, password: str, taken: Keys) -> asyncio.Future[bool]:
        try:
            return self._run(lambda: self._is_right(stored, password))
        except TooManyRequests:
            self._attempts.give_back(taken)
            raise

    def _run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        if self._pending >= self._limits.password_threads + self._limits.password_queue:
            raise TooManyRequests
        self._pending += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        running.add_done_callback(self._count_down)
        return running

    def _count_down(self, _done: asyncio.Future[T]) -> None:
        self._pending -= 1

    def _is_right(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def _keep(self, digest: bytes, taken: Keys, done: asyncio.Future[bool]) -> None:
        del self._proofs[digest]
        is_broken = done.cancelled() or done.exception() is not None
        if is_broken or done.result():
            self._attempts.give_back(taken)
        if is_broken or not done.result():
            return
        self._right_until[digest] = self._clock() + timedelta(seconds=self._limits.password_cache_seconds)
        self._right_until.move_to_end(digest)
        if len(self._right_until) > self._max_remembered:
            self._right_until.popitem(last=False)
