import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import argon2
import pytest

from appointed.domain.errors import TooManyAttempts, TooManyRequests
from appointed.http.limits import Limits
from appointed.http.passwords import Passwords

ADDRESS = "192.0.2.1"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class World:
    """Passwords with a clock that can be set."""

    def __init__(self) -> None:
        self.now = START
        self.passwords = Passwords(lambda: self.now, Limits(failed_logins_per_minute=20))

    @property
    def remembered(self) -> int:
        return len(self.passwords._right_until)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.passwords.close()


async def test_the_right_password_and_only_it(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)
    assert not await world.passwords.verify(hashed, "demo", "Demo", ADDRESS)
    assert not await world.passwords.verify(hashed, "demo", "", ADDRESS)


async def test_hashes_have_the_measured_cost_and_their_own_salt(world: World) -> None:
    first, second = await world.passwords.hash("demo"), await world.passwords.hash("demo")
    assert first != second
    cost = argon2.extract_parameters(first)
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (argon2.Type.ID, 19_456, 2, 1)


async def test_an_unknown_name_costs_the_same_work(world: World) -> None:
    cost = argon2.extract_parameters(world.passwords._nobody)
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (argon2.Type.ID, 19_456, 2, 1)
    asking = asyncio.ensure_future(world.passwords.verify(None, "nobody", "demo", ADDRESS))
    await asyncio.sleep(0)
    assert len(world.passwords._proofs) == 1
    assert not await asking


@pytest.mark.parametrize("hashed", ["", "plain", "$argon2id$v=19$m=1$x", "$2b$12$" + "x" * 53])
async def test_a_stored_text_that_is_no_hash_proves_nothing(world: World, hashed: str) -> None:
    assert not await world.passwords.verify(hashed, "demo", hashed, ADDRESS)


async def test_a_right_password_is_remembered_for_a_minute(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)
    assert world.remembered == 1
    # The pool is gone: only memory can answer now.
    world.passwords.close()
    world.now = START + timedelta(seconds=59.9)
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)
    world.now = START + timedelta(seconds=60)
    with pytest.raises(RuntimeError):
        await world.passwords.verify(hashed, "demo", "demo", ADDRESS)


async def test_memory_answers_for_this_name_hash_and_password_only(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)
    other = await world.passwords.hash("other")
    assert not await world.passwords.verify(hashed, "demo", "demo2", ADDRESS)
    assert not await world.passwords.verify(other, "demo", "demo", ADDRESS)
    assert await world.passwords.verify(hashed, "twin", "demo", ADDRESS)
    assert world.remembered == 2


async def test_a_wrong_password_is_not_remembered(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    assert not await world.passwords.verify(hashed, "demo", "wrong", ADDRESS)
    assert not await world.passwords.verify(None, "nobody", "wrong", ADDRESS)
    assert world.remembered == 0
    assert world.passwords._proofs == {}


async def test_more_than_the_queue_holds_is_refused_and_later_welcome(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    guesses = [world.passwords.verify(hashed, "demo", f"guess{number}", ADDRESS) for number in range(15)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert answers.count(False) == 10
    assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 5
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)


async def test_one_credential_shown_by_many_at_once_is_proved_once(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    answers = await asyncio.gather(
        *[world.passwords.verify(hashed, "demo", "demo", ADDRESS) for _ in range(64)]
    )
    assert answers == [True] * 64


async def test_one_who_gives_up_does_not_take_the_proof_along(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    first = asyncio.ensure_future(world.passwords.verify(hashed, "demo", "demo", ADDRESS))
    second = asyncio.ensure_future(world.passwords.verify(hashed, "demo", "demo", ADDRESS))
    await asyncio.sleep(0)
    first.cancel()
    assert await second
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_memory_is_bounded() -> None:
    passwords = Passwords(lambda: START, Limits(), max_remembered=2)
    hashed = await passwords.hash("x")
    for name in "abcad":
        assert await passwords.verify(hashed, name, "x", ADDRESS)
    assert len(passwords._right_until) == 2
    passwords.close()


async def test_guesses_are_held_up_and_right_passwords_are_not_counted(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    for number in range(20):
        assert await world.passwords.verify(hashed, f"user{number}", "demo", ADDRESS)
        assert not await world.passwords.verify(hashed, "demo", f"guess{number}", ADDRESS)
    with pytest.raises(TooManyAttempts):
        await world.passwords.verify(hashed, "demo", "demo", ADDRESS)
    world.now += timedelta(seconds=3)
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)


async def test_one_who_was_right_before_is_never_held_up(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)
    world.now += timedelta(hours=8)
    for number in range(20):
        assert not await world.passwords.verify(hashed, "demo", f"guess{number}", ADDRESS)
    with pytest.raises(TooManyAttempts):
        await world.passwords.verify(hashed, "demo", "guess", ADDRESS)
    assert await world.passwords.verify(hashed, "demo", "demo", ADDRESS)


async def test_what_the_queue_refuses_is_no_guess(world: World) -> None:
    hashed = await world.passwords.hash("demo")
    guesses = [world.passwords.verify(hashed, "demo", f"guess{number}", ADDRESS) for number in range(15)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert answers.count(False) == 10
    left = [await world.passwords.verify(hashed, "demo", f"more{number}", ADDRESS) for number in range(10)]
    assert left == [False] * 10
    with pytest.raises(TooManyAttempts):
        await world.passwords.verify(hashed, "demo", "last", ADDRESS)
