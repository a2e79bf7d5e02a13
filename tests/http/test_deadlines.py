import asyncio
import gc
import weakref

import pytest
from tests.http.virtual_time import run

from appointed.http.deadlines import NEVER, TICK_SECONDS, Deadline, watch_of


async def _passes_at(seconds: float) -> float:
    with pytest.raises(TimeoutError), Deadline(seconds):
        await asyncio.Event().wait()
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("seconds", [0.1, 1, 9.9, 10])
def test_a_deadline_passes_in_time_and_at_most_a_tick_late(seconds: float) -> None:
    assert seconds <= run(_passes_at(seconds)) <= seconds + TICK_SECONDS


def test_what_ends_before_its_deadline_is_left_alone() -> None:
    async def main() -> None:
        with Deadline(1):
            await asyncio.sleep(0.9)
        await asyncio.sleep(10)

    run(main())


def test_a_restarted_deadline_counts_from_then() -> None:
    async def main() -> float:
        async def restarting() -> None:
            with Deadline(1) as deadline:
                await asyncio.sleep(0.9)
                deadline.restart(5)
                await asyncio.Event().wait()

        with pytest.raises(TimeoutError):
            await restarting()
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(5.9, abs=TICK_SECONDS)


def test_many_deadlines_pass_each_at_its_own_time() -> None:
    async def main() -> list[float]:
        return await asyncio.gather(*[_passes_at(seconds) for seconds in (3, 1, 2, 1)])

    assert run(main()) == pytest.approx([3, 1, 2, 1], abs=TICK_SECONDS)


def test_an_inner_deadline_leaves_the_outer_standing() -> None:
    async def main() -> float:
        async def outer() -> None:
            with Deadline(3):
                await _passes_at(1)
                await asyncio.Event().wait()

        with pytest.raises(TimeoutError):
            await outer()
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(3, abs=TICK_SECONDS)


def test_a_cancellation_from_outside_stays_one() -> None:
    async def waiting() -> None:
        with Deadline(10):
            await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.ensure_future(waiting())
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_what_is_shielded_goes_on() -> None:
    async def main() -> str:
        commit = asyncio.ensure_future(asyncio.sleep(5, "committed"))
        with pytest.raises(TimeoutError), Deadline(1):
            await asyncio.shield(commit)
        return await commit

    assert run(main()) == "committed"


def test_the_tick_stops_when_nothing_is_watched() -> None:
    async def main() -> None:
        with Deadline(1):
            pass
        await asyncio.sleep(TICK_SECONDS * 2)
        # The jumping clock raises AssertionError here, since no timer stands any more.
        await asyncio.Event().wait()

    with pytest.raises(AssertionError, match="never happens"):
        run(main())


def test_a_loop_has_one_watch_and_takes_it_along() -> None:
    loop = asyncio.new_event_loop()
    watch = watch_of(loop)
    assert watch_of(loop) is watch
    gone = weakref.ref(loop)
    loop.close()
    del loop, watch
    gc.collect()
    assert gone() is None


def test_a_deadline_needs_a_task() -> None:
    with pytest.raises(RuntimeError):
        Deadline(1).__enter__()
    assert Deadline(1).due == NEVER
