"""The loop that delivers: turns until told to stop, whatever a turn does."""

import asyncio

import pytest

from appointed.domain.errors import StoreBusy
from appointed.usecases.worker import Worker


class Turns:
    """Gives prepared answers, then stops the loop."""

    def __init__(self, stop: asyncio.Event, *answers: bool | Exception) -> None:
        self._stop = stop
        self._answers = list(answers)
        self.taken = 0

    async def __call__(self) -> bool:
        self.taken += 1
        if not self._answers:
            self._stop.set()
            return False
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_turns_follow_each_other_and_failures_end_nothing(caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()
    turns = Turns(stop, True, StoreBusy(), False, ValueError("odd"))
    await Worker("letters", turns, stop, poll=0.001).serve()
    assert turns.taken == 5
    assert "letters wait for the store" in caplog.text
    assert "a turn of letters failed" in caplog.text


async def test_who_sleeps_is_woken() -> None:
    stop = asyncio.Event()
    turns = Turns(stop, False)
    worker = Worker("letters", turns, stop, poll=3600)
    task = asyncio.create_task(worker.serve())
    while turns.taken < 1:
        await asyncio.sleep(0)
    worker.wake()
    await asyncio.wait_for(task, 30)
    assert turns.taken == 2
