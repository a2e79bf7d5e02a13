"""What a call costs, counted instead of timed: the same on every machine, however busy that is."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from cProfile import Profile
from types import FrameType
from typing import Any

# Twice the work for twice the input, and a little for what stands around it.
TWICE = 2.5
# Fifty times what anything here takes and more: it ends what would run for ever, and measures nothing.
HANG_SECONDS = 10


class Hang(Exception):
    """Something worked on and on."""


class Count:
    """What has been counted; 0 until it has ended."""

    number = 0


@contextmanager
def steps() -> Iterator[Count]:
    """Count the lines and calls of Python that are run through: loops, but nothing within a C function."""
    count, before = Count(), sys.gettrace()

    def seen(_frame: FrameType, _event: str, _argument: Any) -> Any:
        count.number += 1
        return seen

    sys.settrace(seen)
    try:
        yield count
    finally:
        sys.settrace(before)


@contextmanager
def calls() -> Iterator[Count]:
    """Count calls, those of C functions included: coarser than steps, and so cheap that whole requests bear it."""
    count, profile = Count(), Profile()
    profile.enable()
    try:
        yield count
    finally:
        profile.disable()
        count.number = sum(entry.callcount for entry in profile.getstats())


def steps_of(act: Callable[[], object]) -> int:
    """Count the steps of one act."""
    with steps() as count:
        act()
    return count.number


def assert_linear(act: Callable[[Any], object], single: Any, double: Any) -> None:
    """Check that twice the input is at most twice the steps."""
    few, many = steps_of(lambda: act(single)), steps_of(lambda: act(double))
    assert many <= TWICE * few, f"{few} steps became {many}"


@contextmanager
def no_hang() -> Iterator[None]:
    """End what works on and on, also within an expression of C that tries and tries.

    Is of use with inputs so long that whoever takes the square of their length could never be done in time.
    The processor's time of this process counts, so that other processes take nothing of it.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
