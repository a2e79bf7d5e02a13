"""What a delivery speaks of, and what stood there before."""

from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.participant import Claimant, Participant
from appointed.domain.status import Status
from tests.builders import NOW, START, a_fact, appointment

GUESTS = tuple(Participant(key=key, associate_id=key) for key in (1, 2))


def told_before(before: Appointment, after: Appointment) -> Appointment:
    return a_fact(before, after).before()


def test_every_member_is_what_it_was() -> None:
    before = appointment(title=None, participants=GUESTS, custom_fields={"x_a": "1"}, completed_at=None)
    after = appointment(
        uid=UUID(int=11),
        title="New",
        starts_at=START + timedelta(minutes=5),
        status=Status.COMPLETE,
        completed_at=NOW,
        participants=(GUESTS[0], Participant(key=2, associate_id=9)),
        custom_fields={},
        visible_for=(),
    )
    assert told_before(before, after) == before
    assert told_before(after, before) == after


def test_a_claimant_stays_as_they_are() -> None:
    before, after = (appointment(claimant=Claimant(id=UUID(int=1), name=name)) for name in ("Old", "New"))
    assert told_before(before, after) == after
    # What the log keeps of them is sealed, and nothing to be read back.
    fact = a_fact(before, replace(after, title="T"))
    sealed = (*fact.event.inverse, {"op": "replace", "path": "/claimant", "value": {"sealed": "x"}})
    assert replace(fact, event=replace(fact.event, inverse=sealed)).before() == after
