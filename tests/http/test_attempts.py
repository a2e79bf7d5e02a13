from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from appointed.domain.errors import StoreBusy, TooManyAttempts
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


class Shared:
    """What two processes count in; `is_away` while it cannot be reached."""

    def __init__(self) -> None:
        self.free_at: dict[bytes, datetime] = {}
        self.is_away = False

    async def count(self, keys: Sequence[bytes], now: datetime, interval: timedelta) -> tuple[datetime, ...]:
        if self.is_away:
            raise StoreBusy
        for key in keys:
            self.free_at[key] = max(self.free_at.get(key, now), now) + interval
        return tuple(self.free_at[key] for key in keys)

    async def forget(self, before: datetime) -> None:
        raise NotImplementedError


class Two:
    """Two processes that share what has failed, and a clock that can be set."""

    def __init__(self) -> None:
        self.now = START
        self.shared = Shared()
        self.processes = [
            Attempts(lambda: self.now, 10, shared=self.shared, key=b"the same in both") for _ in range(2)
        ]

    async def fails(self, process: int, name: str = "demo") -> None:
        attempts = self.processes[process]
        await attempts.failed(attempts.take(name, HERE))


async def test_two_processes_give_a_guesser_no_more_than_one() -> None:
    two = Two()
    for number in range(10):
        await two.fails(number % 2)
    # Each learns of it by one more that fails, and holds up all from then on.
    for process in (0, 1):
        with pytest.raises(TooManyAttempts) as refused:
            await two.fails(process)
        assert refused.value.limit == 10
        with pytest.raises(TooManyAttempts):
            two.processes[process].take("demo", HERE)
        two.processes[process].take("demo2", THERE)
    two.now += timedelta(seconds=18)
    await two.fails(0)


async def test_what_was_right_is_counted_nowhere() -> None:
    two = Two()
    for _ in range(30):
        taken = two.processes[0].take("demo", HERE)
        two.processes[0].give_back(taken)
    assert two.shared.free_at == {}
    await two.processes[0].failed(())
    assert two.shared.free_at == {}


async def test_a_store_that_is_away_leaves_each_process_its_own_count() -> None:
    two = Two()
    two.shared.is_away = True
    for _ in range(10):
        await two.fails(0)
    with pytest.raises(TooManyAttempts):
        await two.fails(0)
    await two.fails(1)


async def test_what_is_kept_tells_no_names() -> None:
    two = Two()
    await two.fails(0)
    other = Attempts(lambda: two.now, 10, shared=two.shared, key=b"of another server")
    await other.failed(other.take("demo", HERE))
    assert len(two.shared.free_at) == 4
    assert not any(b"demo" in key or HERE.encode() in key for key in two.shared.free_at)
