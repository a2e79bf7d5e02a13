"""Telling a claimant who waits something."""

import pytest

from appointed.domain.errors import Forbidden, InvalidAppointment
from appointed.domain.participant import Claimant, Message
from appointed.domain.status import Status
from appointed.usecases.change_appointment import Call, change_appointment
from appointed.usecases.message_claimant import LONGEST, MOST, message_claimant
from tests.builders import KARI, OLA, appointment, principal, view
from tests.usecases.fake_store import uid, with_rows

CLAIMANT = Claimant(id=uid(3), name="Jane Roe")
ROW = appointment(claimant=CLAIMANT, status=Status.WAITING)


async def tell(store, text: str, by: int = OLA):
    call = Call(principal=principal(by), door="test")
    return await change_appointment(store, call, 10, message_claimant(call.principal, text))


async def test_a_message_is_kept_with_its_time_and_who_wrote_it() -> None:
    store = with_rows(ROW)
    await tell(store, "Soon.")
    assert store.rows[10].claimant.messages == (Message(at=view().now, by=OLA, text="Soon."),)
    assert store.rows[10].claimant.name == "Jane Roe"


async def test_only_the_last_ones_are_kept() -> None:
    store = with_rows(ROW)
    for number in range(MOST + 2):
        await tell(store, str(number))
    assert [one.text for one in store.rows[10].claimant.messages] == [str(n) for n in range(2, MOST + 2)]


@pytest.mark.parametrize(
    ("row", "text", "rule"),
    [
        (ROW, "", "required"),
        (ROW, "x" * (LONGEST + 1), "longest"),
        (appointment(), "Soon.", "reader"),
        (appointment(claimant=CLAIMANT, status=Status.COMPLETE), "Soon.", "reader"),
    ],
    ids=range(4),
)
async def test_what_nobody_could_read_is_refused(row, text: str, rule: str) -> None:
    store = with_rows(row)
    with pytest.raises(InvalidAppointment) as caught:
        await tell(store, text)
    assert [(one.path, one.rule) for one in caught.value.problems] == [("message", rule)]
    assert store.rows[10] == row


async def test_who_may_not_change_the_appointment_tells_its_claimant_nothing() -> None:
    store = with_rows(ROW)
    with pytest.raises(Forbidden):
        await tell(store, "Soon.", KARI)
