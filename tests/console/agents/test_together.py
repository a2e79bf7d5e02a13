"""Those who ask at the same moment share a reading that began after each of them had asked."""

import asyncio

import pytest

from appointed.console.agents.together import Together


class Shelf:
    """Numbers its readings; each goes on until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()
        self.failing = 0

    async def read(self) -> int:
        self.begun += 1
        number = self.begun
        await self.go.wait()
        if number == self.failing:
            raise LookupError(number)
        return number


async def _settle() -> None:
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_it_is_read_waits_for_the_next() -> None:
    together: Together[str, int] = Together()
    shelf = Shelf()
    first = [asyncio.create_task(together.ask("a", shelf.read)) for _each in range(3)]
    await _settle()
    second = [asyncio.create_task(together.ask("a", shelf.read)) for _each in range(2)]
    await _settle()
    assert shelf.begun == 1
    shelf.go.set()
    assert await asyncio.gather(*first, *second) == [1, 1, 1, 2, 2]
    assert await together.ask("a", shelf.read) == 3


async def test_other_questions_are_read_apart() -> None:
    together: Together[str, int] = Together()
    shelf = Shelf()
    shelf.go.set()
    assert sorted(await asyncio.gather(*(together.ask(key, shelf.read) for key in "ab"))) == [1, 2]


async def test_a_failure_is_told_to_all_of_its_readers_and_to_nobody_else() -> None:
    together: Together[str, int] = Together()
    shelf = Shelf()
    shelf.failing = 1
    both = [asyncio.create_task(together.ask("a", shelf.read)) for _each in range(2)]
    await _settle()
    later = asyncio.create_task(together.ask("a", shelf.read))
    shelf.go.set()
    for one in both:
        with pytest.raises(LookupError):
            await one
    assert await later == 2


async def test_who_leaves_takes_nothing_from_the_others() -> None:
    together: Together[str, int] = Together()
    shelf = Shelf()
    leaving, staying = (asyncio.create_task(together.ask("a", shelf.read)) for _each in range(2))
    await _settle()
    leaving.cancel()
    await _settle()
    shelf.go.set()
    assert await staying == 1
    assert leaving.cancelled()
