"""Failed attempts, counted for all processes: one after the other, apart by key, and forgotten."""

import asyncio
from datetime import timedelta

from tests.store.world import NOW, AnyStore, World

A, B = b"a" * 32, b"b" * 32
STEP = timedelta(seconds=6)


async def test_each_failure_takes_its_time(store: AnyStore) -> None:
    count = store.attempts.count
    assert await count((B, A), NOW, STEP) == (NOW + STEP, NOW + STEP)
    assert await count((A,), NOW + STEP / 2, STEP) == (NOW + 2 * STEP,)
    assert await count((A, B), NOW, STEP) == (NOW + 3 * STEP, NOW + 2 * STEP)
    later = NOW + timedelta(minutes=5)
    assert await count((B,), later, STEP) == (later + STEP,)


async def test_two_who_fail_at_once_are_both_counted(store: AnyStore) -> None:
    await asyncio.gather(*(store.attempts.count(keys, NOW, STEP) for keys in ((A, B), (B, A)) * 8))
    assert await store.attempts.count((A, B), NOW, STEP) == (NOW + 17 * STEP,) * 2


async def test_what_is_free_again_is_forgotten(store: AnyStore, world: World) -> None:
    await store.attempts.count((A,), NOW, STEP)
    await store.attempts.count((B,), NOW, 2 * STEP)
    await store.attempts.forget(NOW + STEP)
    assert world.count("attempt") == 2
    await store.attempts.forget(NOW + 2 * STEP)
    assert world.count("attempt") == 1
