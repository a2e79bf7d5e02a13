"""Which columns a webhook of this contract says that an event touched."""

from datetime import timedelta
from typing import Any

import pytest

from appointed.domain.participant import Participant
from appointed.domain.status import Status
from appointed.superoffice.webhooks.columns import STAMPS, changed_columns
from tests.builders import NOW, START, a_fact, appointment

GUESTS = tuple(Participant(key=key, associate_id=key) for key in (1, 2, 3))
DONE = {"status": Status.COMPLETE, "completed_at": NOW}


@pytest.mark.parametrize(
    "guests", [(), (*GUESTS[:2], Participant(key=3, associate_id=4))], ids=["whole", "one item"]
)
def test_a_list_is_named_however_much_of_it_changed(guests: tuple[Participant, ...]) -> None:
    fact = a_fact(appointment(participants=GUESTS), appointment(participants=guests))
    assert changed_columns(fact) == ["appointment_id", "external_participants", *STAMPS]


@pytest.mark.parametrize(
    ("before", "after", "columns"),
    [
        ({}, {"starts_at": START + timedelta(minutes=5)}, {"do_by", "activeDate"}),
        (DONE, DONE | {"starts_at": START + timedelta(minutes=5)}, {"do_by"}),
        ({}, DONE, {"status", "done", "activeDate"}),
        (DONE, DONE | {"status": Status.SCHEDULED}, {"status", "done", "activeDate"}),
        (DONE, DONE | {"status": Status.NO_SHOW}, {"status"}),
        ({}, {"status": Status.WAITING}, {"status"}),
    ],
    ids=["moved", "moved when complete", "completed", "taken up again", "missed instead", "waiting"],
)
def test_the_active_date_is_named_when_it_is_another(
    before: dict[str, Any], after: dict[str, Any], columns: set[str]
) -> None:
    fact = a_fact(appointment(**before), appointment(**after))
    assert set(changed_columns(fact)) == {"appointment_id", *columns, *STAMPS}
