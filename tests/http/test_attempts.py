from datetime import UTC, datetime, timedelta

import pytest

from appointed.domain.errors import TooManyAttempts
from appointed.http.attempts import Attempts, Keys

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HERE, THERE = "192.0.2.1", "198.51.100.7"


class World:
    """Ten attempts a minute and a clock that can be set."""

    def __init__(self, max_kept: int = 100) -> None:
        self.now = START
        self.attempts = Attempts(lambda: self.now, 10, max_kept)

    def use_up(self, name: str, address: str) -> Keys:
        for _ in range(10):
            taken = self.attempts.take(name, address)
        return taken

    def is_held_up(self, name: str, address: str) -> bool:
        try:
            self.attempts.give_back(self.attempts.take(name, address))
        except TooManyAttempts:
            return True
        return False


def test_ten_a_minute_and_then_one_every_six_seconds() -> None:
    world = World()
    world.use_up("demo", HERE)
    with pytest.raises(TooManyAttempts) as refused:
        world.attempts.take("demo", HERE)
    assert (refused.value.retry_after, refused.value.limit) == (6, 10)
    assert refused.value.resets_at == START + timedelta(seconds=6)
    world.now += timedelta(seconds=5.5)
    with pytest.raises(TooManyAttempts) as refused:
        world.attempts.take("demo", HERE)
    assert refused.value.retry_after == 1
    world.now = START + timedelta(seconds=6)
    world.attempts.take("demo", HERE)
    assert world.is_held_up("demo", HERE)
    world.now += timedelta(minutes=1)
    world.use_up("demo", HERE)


@pytest.mark.parametrize(
    ("name", "address", "is_held_up"),
    [
        ("demo", THERE, True),
        ("DEMO", THERE, True),
        ("other", HERE, True),
        ("other", f"::ffff:{HERE}", True),
        ("demo", "", True),
        ("other", THERE, False),
        ("other", "", False),
    ],
)
def test_the_account_and_the_address_have_their_own_count(name: str, address: str, is_held_up: bool) -> None:
    world = World()
    world.use_up("demo", HERE)
    assert world.is_held_up(name, address) is is_held_up


@pytest.mark.parametrize(
    ("address", "is_held_up"),
    [("2001:db8:1:2:ffff::9", True), ("2001:db8:1:3::1", False), ("unknown", False)],
)
def test_an_ipv6_network_is_one_caller(address: str, is_held_up: bool) -> None:
    world = World()
    world.use_up("demo", "2001:db8:1:2::1")
    assert world.is_held_up("other", address) is is_held_up


def test_who_is_held_up_is_counted_no_further() -> None:
    world = World()
    world.use_up("demo", HERE)
    for _ in range(50):
        assert world.is_held_up("demo", HERE)
    assert not world.is_held_up("other", THERE)
    world.now += timedelta(seconds=6)
    assert not world.is_held_up("demo", HERE)


def test_what_is_given_back_is_free_again() -> None:
    world = World()
    world.attempts.give_back(world.use_up("demo", HERE))
    world.attempts.take("demo", HERE)
    assert world.is_held_up("demo", HERE)


def test_memory_is_bounded_and_holds_no_names() -> None:
    world = World(max_kept=4)
    first = world.attempts.take("demo", HERE)
    for number in range(100):
        world.attempts.take(f"user{number}", f"10.0.0.{number}")
    assert len(world.attempts._free_at) == 4
    assert not any(b"user" in key or b"10.0" in key for key in world.attempts._free_at)
    world.attempts.give_back(first)
    assert len(world.attempts._free_at) == 4


def test_a_name_of_any_text_can_be_counted() -> None:
    world = World()
    world.use_up("\ud800", "")
    assert world.is_held_up("\ud800", "")
