"""The waiting lines that one process shares among all who wait."""

import asyncio

from appointed.console.claimants.lines import Lines
from appointed.domain.status import Status
from appointed.usecases.live import Moved


def moved(number: int, status: Status | None) -> Moved:
    return Moved(
        position="9",
        appointment_id=number,
        uid=None,
        department_id=1,
        former_department_id=0,
        status=status,
        revision=3,
    )


async def test_many_who_wait_share_one_reading_of_the_line() -> None:
    readings = 0

    async def line_of(_tenant: int, _department: int) -> tuple[int, ...]:
        nonlocal readings
        readings += 1
        await asyncio.sleep(0)
        return (7, 8, 9)

    lines = Lines(line_of)
    places = await asyncio.gather(*(lines.place(1, 1, number) for number in (7, 8, 9, 10) * 100))
    assert (places[:4], readings <= 2) == ([1, 2, 3, 0], True)
    await lines.place(1, 1, 7)
    assert readings <= 3
    assert await lines.place(2, 1, 8) == 2


async def test_changes_of_those_who_do_not_wait_ask_for_no_line() -> None:
    async def line_of(_tenant: int, _department: int) -> tuple[int, ...]:
        return (7, 8)

    lines = Lines(line_of)
    assert lines.may_move(1, 1, moved(9, Status.SCHEDULED))
    await lines.place(1, 1, 7)
    for number, status, moves in (
        (9, Status.SCHEDULED, False),
        (9, None, False),
        (9, Status.WAITING, True),
        (8, Status.BEING_SEEN, True),
    ):
        assert lines.may_move(1, 1, moved(number, status)) is moves
