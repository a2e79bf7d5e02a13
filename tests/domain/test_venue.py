"""The location that a booking has of the rooms that come."""

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType
from appointed.domain.participant import InvitationStatus as S
from appointed.domain.participant import Participant
from appointed.domain.venue import located
from tests.builders import KARI, OLA, ROOM, appointment, directory

HALL = 9
OWN = Participant(key=1, associate_id=OLA)
COMES = Participant(key=2, associate_id=ROOM, invitation_status=S.ACCEPTED)
DECLINES = replace(COMES, invitation_status=S.DECLINED)
OTHER = Participant(key=3, associate_id=HALL, invitation_status=S.ACCEPTED)
KARI_TOO = Participant(key=4, associate_id=KARI)

PLACES = directory()
PLACES.associates[HALL] = Associate(id=HALL, name="hall", full_name="H" * 300, type=AssociateType.RESOURCE)
LONG = "H" * 254


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, ("", OWN, COMES), "Room"),
        (None, ("Here", OWN, COMES), "Here"),
        (None, ("", OWN, DECLINES), ""),
        (None, ("", OWN, DECLINES, OTHER), LONG),
        (None, ("", OWN, KARI_TOO), ""),
        (None, ("", replace(COMES, associate_id=OLA)), ""),
        (("", OWN), ("", OWN, COMES), "Room"),
        (("", OWN), ("There", OWN, COMES), "There"),
        (("Here", OWN), ("Here", OWN, COMES), "Here"),
        (("Here", OWN), ("", OWN, COMES), ""),
        (("", OWN, COMES), ("", OWN, COMES), ""),
        (("Room", OWN, COMES), ("", OWN, COMES), ""),
        (("", OWN, DECLINES), ("", OWN, COMES), "Room"),
        (("Room", OWN, COMES), ("Room", OWN, DECLINES), ""),
        (("Room", OWN, COMES), ("Room", OWN), ""),
        (("Room", OWN, COMES), ("Room", OWN, OTHER), LONG),
        (("Room", OWN, COMES, OTHER), ("Room", OWN, OTHER), LONG),
        (("Here", OWN, COMES), ("Here", OWN, OTHER), "Here"),
        (("Here", OWN, COMES), ("Room", OWN), "Room"),
        (("", OWN, COMES), ("", OWN), ""),
    ],
)
def test_a_room_that_comes_names_the_place(
    before: tuple[str | Participant, ...] | None, after: tuple[str | Participant, ...], expected: str
) -> None:
    rows = [
        appointment(owner_id=OLA, location=row[0], participants=tuple(row[1:])) if row else None
        for row in (before, after)
    ]
    assert rows[1] is not None
    assert located(rows[0], rows[1], PLACES).location == expected
