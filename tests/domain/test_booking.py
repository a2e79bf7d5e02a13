"""What becomes of the guests' rows of a booking."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import (
    Appointment,
    BookingType,
    Kind,
    Link,
    Privacy,
    Visibility,
    VisibleFor,
)
from appointed.domain.booking import (
    Answer,
    Guests,
    answer,
    answer_for,
    call_off,
    guests_of,
    invite,
    leave,
    master_of,
    unconcerned,
)
from appointed.domain.diary import EVERYBODY
from appointed.domain.participant import Claimant, Participant
from appointed.domain.participant import ExternalReply as R
from appointed.domain.participant import InvitationStatus as S
from appointed.domain.rights import Access, access
from appointed.domain.status import Status
from tests.builders import ADMIN, CLIENT, KARI, OLA, ROOM, appointment, directory, principal

OWNER = Participant(key=1, associate_id=OLA, invitation_status=S.ACCEPTED)
GUEST = Participant(key=2, associate_id=KARI, person_id=2)
THE_ROOM = Participant(key=3, associate_id=ROOM)
OUTSIDER = Participant(key=4, email_address="a@example.org", send_email=True)
HOUR = timedelta(hours=1)


def rename(row: Appointment, new_id: int) -> Appointment:
    return replace(
        row, uid=UUID(int=500 - new_id), reference=f"R{-new_id}", link_key=f"L{-new_id}", revision=1
    )


class Book:
    """One booking as a store would keep it."""

    def __init__(self, *guests: Participant, busy: frozenset[int] = frozenset(), **members: Any) -> None:
        self.rows: dict[int, Appointment] = {}
        self.next_id = 11
        self.keep(self.invited(None, appointment(participants=(OWNER, *guests), title="T", **members), busy))

    def invited(
        self, before: Appointment | None, master: Appointment, busy: frozenset[int] = frozenset()
    ) -> Guests:
        guests = guests_of(list(self.rows.values()), before) if before else []
        return invite(before, master, guests, directory(), rename, count(-2, -1), busy)

    def keep(self, guests: Guests) -> None:
        self.rows[guests.master.id] = guests.master
        for row in guests.replacements:
            self.rows[row.id] = row
        for made in guests.creations:
            self.rows[self.next_id] = replace(made, id=self.next_id)
            self.next_id += 1
        for row_id in guests.deletions:
            del self.rows[row_id]

    def change(self, busy: frozenset[int] = frozenset(), **changes: object) -> Guests:
        found = self.invited(self.master, replace(self.master, **changes), busy)
        self.keep(found)
        return found

    def say(self, owner_id: int, said: Answer, reason: str = "") -> None:
        for row in answer(list(self.rows.values()), self.row(owner_id), said, reason):
            self.rows[row.id] = row

    @property
    def master(self) -> Appointment:
        return self.rows[10]

    def row(self, owner_id: int) -> Appointment:
        return next(row for row in self.rows.values() if row.owner_id == owner_id and row.is_booking_row)

    def replies(self) -> list[R]:
        return [one.external_reply for one in self.master.participants]

    def statuses(self) -> dict[int, S]:
        """Every row must carry the master's own list."""
        assert {row.participants for row in self.rows.values()} == {self.master.participants}
        for row in self.rows.values():
            if row.is_booking_row and row.invitation_status is not S.CANCELLED:
                (one,) = (one for one in row.participants if one.associate_id == row.owner_id)
                assert one.invitation_status is row.invitation_status
        return {one.associate_id: one.invitation_status for one in self.master.participants}


def test_a_row_with_its_owner_alone_is_no_booking() -> None:
    book = Book()
    assert list(book.rows) == [10]
    assert (book.master.mother_id, book.master.booking_type) == (0, BookingType.NONE)


def test_each_associate_gets_a_row_in_their_own_diary() -> None:
    book = Book(GUEST, THE_ROOM, OUTSIDER)
    assert [row.owner_id for row in book.rows.values()] == [OLA, KARI, ROOM]
    assert (book.master.mother_id, book.master.booking_type) == (10, BookingType.OWNER)
    kari, room = book.row(KARI), book.row(ROOM)
    assert (kari.mother_id, kari.booking_type, kari.department_id) == (10, BookingType.PARTICIPANT, 2)
    assert (kari.kind, kari.invitation_status) == (Kind.BOOKING_FOR_DIARY, S.INVITATION)
    assert (kari.title, kari.starts_at, kari.invited_person_id) == ("T", book.master.starts_at, 2)
    assert (room.kind, room.invitation_status) == (Kind.DIARY, S.ACCEPTED)
    assert book.statuses() == {OLA: S.ACCEPTED, KARI: S.INVITATION, ROOM: S.ACCEPTED, 0: S.INVITATION}
    assert len({row.uid for row in book.rows.values()}) == 3


def test_a_room_without_time_declines_that_date() -> None:
    book = Book(GUEST, THE_ROOM, busy=frozenset({ROOM}))
    assert book.row(ROOM).invitation_status is S.DECLINED
    assert book.statuses()[ROOM] is S.DECLINED
    assert book.master.reject_counter == 1
    book.change(starts_at=book.master.starts_at + HOUR, ends_at=book.master.ends_at + HOUR)
    assert book.row(ROOM).invitation_status is S.ACCEPTED
    assert book.master.reject_counter == 0


def test_nobody_accepts_for_a_colleague_by_inviting_them() -> None:
    book = Book(replace(GUEST, invitation_status=S.ACCEPTED), replace(OUTSIDER, invitation_status=S.ACCEPTED))
    assert book.statuses() == {OLA: S.ACCEPTED, KARI: S.INVITATION, 0: S.ACCEPTED}


@pytest.mark.parametrize(
    ("said", "then", "status", "kind"),
    [
        ((Answer.SEE,), S.SEEN, S.SEEN, Kind.BOOKING_FOR_DIARY),
        ((Answer.ACCEPT,), S.ACCEPTED, S.ACCEPTED, Kind.DIARY),
        ((Answer.SEE, Answer.ACCEPT), S.ACCEPTED, S.ACCEPTED, Kind.DIARY),
        ((Answer.DECLINE,), S.DECLINED, S.DECLINED, Kind.BOOKING_FOR_DIARY),
        ((Answer.DECLINE, Answer.HIDE), S.HIDDEN, S.HIDDEN, Kind.BOOKING_FOR_DIARY),
        ((Answer.DECLINE, Answer.ACCEPT), S.ACCEPTED, S.ACCEPTED, Kind.DIARY),
        ((Answer.HIDE,), S.INVITATION, S.INVITATION, Kind.BOOKING_FOR_DIARY),
        ((Answer.ACCEPT, Answer.SEE), S.ACCEPTED, S.ACCEPTED, Kind.DIARY),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else None,
)
def test_answers(said: tuple[Answer, ...], then: S, status: S, kind: Kind) -> None:
    book = Book(GUEST)
    for each in said:
        book.say(KARI, each)
    assert book.statuses()[KARI] is then
    assert (book.row(KARI).invitation_status, book.row(KARI).kind) == (status, kind)


def test_a_refusal_keeps_its_reason_and_is_counted_until_it_is_taken_back() -> None:
    book = Book(GUEST)
    book.say(KARI, Answer.DECLINE, "Ill")
    assert (book.row(KARI).reject_reason, book.master.reject_counter) == ("Ill", 1)
    book.say(KARI, Answer.ACCEPT)
    assert (book.row(KARI).reject_reason, book.master.reject_counter) == ("", 0)


def test_a_new_time_asks_everybody_again_who_has_not_said_no() -> None:
    book = Book(GUEST, replace(GUEST, key=5, associate_id=ADMIN, person_id=0), THE_ROOM)
    book.say(KARI, Answer.ACCEPT)
    book.say(ADMIN, Answer.DECLINE)
    book.change(starts_at=book.master.starts_at + HOUR, ends_at=book.master.ends_at + HOUR)
    assert book.statuses() == {OLA: S.ACCEPTED, KARI: S.MOVED, ADMIN: S.DECLINED, ROOM: S.ACCEPTED}
    assert book.row(KARI).kind is Kind.BOOKING_FOR_DIARY
    assert book.row(KARI).starts_at == book.master.starts_at
    book.say(KARI, Answer.SEE)
    assert book.statuses()[KARI] is S.MOVED_SEEN


def test_a_new_text_reaches_the_guests_and_asks_nobody() -> None:
    book = Book(GUEST)
    book.say(KARI, Answer.ACCEPT)
    book.rows[book.row(KARI).id] = replace(book.row(KARI), priority_id=1, has_alarm=True)
    book.change(title="New", location="Here", priority_id=2)
    kari = book.row(KARI)
    assert (kari.title, kari.location, kari.invitation_status) == ("New", "Here", S.ACCEPTED)
    assert (kari.priority_id, kari.has_alarm) == (1, True)


def test_a_guest_reads_the_reference_where_the_claimant_would_be_the_title() -> None:
    book = Book(GUEST)
    who = Claimant(id=UUID(int=9), name="Jane Roe")
    book.change(title=None, claimant=who, reference="AB12")
    assert (book.row(KARI).title, book.row(KARI).claimant, book.master.title) == ("SQOD AB12", None, None)
    book.change(claimant=None)
    assert book.row(KARI).title is None
    book.change(title="T", claimant=who)
    assert book.row(KARI).title == "T"


def test_a_booking_that_becomes_private_is_so_in_its_guests_diaries() -> None:
    book = Book(GUEST, THE_ROOM)
    closed = {"privacy": Privacy.OWNER, "visible_for": (VisibleFor(Visibility.ASSOCIATE, OLA),)}
    book.change(**closed, title="Secret")
    for owner in (KARI, ROOM):
        row = book.row(owner)
        assert (row.title, row.privacy, row.visible_for) == ("Secret", *closed.values())
    book.say(KARI, Answer.ACCEPT)
    book.change(title="Still")
    assert book.row(KARI).privacy is Privacy.OWNER
    book.change(status=Status.CANCELLED, privacy=Privacy.PUBLIC, visible_for=EVERYBODY)
    assert (book.row(KARI).privacy, book.row(KARI).visible_for) == (Privacy.PUBLIC, EVERYBODY)


def test_what_is_for_one_department_is_not_for_the_guests_department() -> None:
    group = {"privacy": Privacy.GROUP, "visible_for": (VisibleFor(Visibility.GROUP, 1),)}
    book = Book(GUEST, THE_ROOM, **group)
    for _each in ("new", "standing"):
        kari, room = book.row(KARI), book.row(ROOM)
        assert (kari.privacy, room.privacy) == (Privacy.OWNER, Privacy.GROUP)
        assert kari.visible_for == room.visible_for == group["visible_for"]
        # One of the guest's department, and one of the other.
        assert access(principal(CLIENT), kari, directory()) is Access.TIMES
        assert access(principal(ADMIN), kari, directory()) is Access.READ
        # One that is open already is closed by whatever else changes.
        book.rows[kari.id] = replace(kari, privacy=Privacy.PUBLIC, visible_for=EVERYBODY)
        book.change(title="Other")
    stands = book.row(KARI)
    assert stands in book.change(title="Other").replacements


def test_who_is_removed_before_seeing_it_never_hears_of_it_and_others_are_told() -> None:
    book = Book(GUEST, replace(GUEST, key=5, associate_id=ADMIN, person_id=0))
    book.say(KARI, Answer.SEE)
    found = book.change(participants=(OWNER,))
    assert found.deletions == (12,)
    assert [row.invitation_status for row in found.replacements] == [S.CANCELLED]
    assert (book.master.mother_id, book.master.booking_type) == (0, BookingType.NONE)
    book.change(participants=(OWNER, replace(GUEST, key=6)))
    assert book.statuses()[KARI] is S.INVITATION


def test_a_guest_who_becomes_the_owner_has_the_masters_row() -> None:
    book = Book(GUEST, THE_ROOM)
    book.say(KARI, Answer.ACCEPT)
    book.change(owner_id=KARI, participants=(replace(GUEST, invitation_status=S.ACCEPTED), THE_ROOM))
    assert [row.owner_id for row in book.rows.values()] == [KARI, ROOM]


def test_calling_off_tells_all_who_had_not_declined() -> None:
    book = Book(GUEST, replace(GUEST, key=5, associate_id=ADMIN, person_id=0), THE_ROOM)
    book.say(ADMIN, Answer.DECLINE)
    rows = guests_of(list(book.rows.values()), book.master)
    assert [(row.owner_id, row.invitation_status) for row in call_off(rows)] == [
        (KARI, S.CANCELLED),
        (ROOM, S.CANCELLED),
    ]
    assert list(unconcerned(rows)) == [book.row(ADMIN).id]
    book.say(ADMIN, Answer.HIDE)
    assert list(unconcerned(guests_of(list(book.rows.values()), book.master))) == [book.row(ADMIN).id]


def test_leaving_is_declining() -> None:
    book = Book(GUEST, THE_ROOM)
    others, gone = leave(list(book.rows.values()), book.row(KARI))
    assert gone == 11
    assert {row.id for row in others} == {10, 12}
    assert others[0].participants[1].invitation_status is S.DECLINED
    assert others[0].reject_counter == 1
    book.say(KARI, Answer.DECLINE)
    assert leave(list(book.rows.values()), book.row(KARI)) == ((), 11)


def test_the_owner_may_note_what_a_guest_told_them() -> None:
    book = Book(GUEST)
    book.change(participants=(OWNER, replace(book.master.participants[1], invitation_status=S.DECLINED)))
    assert book.statuses()[KARI] is S.DECLINED
    assert (book.row(KARI).invitation_status, book.master.reject_counter) == (S.DECLINED, 1)


def test_an_outsider_answers_by_their_key() -> None:
    book = Book(GUEST, OUTSIDER)
    rows = answer_for(list(book.rows.values()), 4, S.DECLINED)
    assert {row.participants[2].invitation_status for row in rows} == {S.DECLINED}
    assert next(row for row in rows if row.id == 10).reject_counter == 1


def test_masters_and_guests_are_told_apart() -> None:
    book = Book(GUEST)
    rows = list(book.rows.values())
    assert master_of(rows, book.row(KARI)) == book.master
    assert master_of(rows, book.master) == book.master
    assert master_of([], book.row(KARI)) is None


def test_who_was_asked_again_is_told_when_they_are_expected_no_more() -> None:
    book = Book(GUEST)
    book.say(KARI, Answer.ACCEPT)
    book.change(starts_at=book.master.starts_at + HOUR, ends_at=book.master.ends_at + HOUR)
    assert book.statuses()[KARI] is S.MOVED
    book.change(participants=(OWNER,))
    assert book.row(KARI).invitation_status is S.CANCELLED


def test_what_a_guest_has_put_away_stays_away() -> None:
    book = Book(GUEST, THE_ROOM)
    book.say(KARI, Answer.SEE)
    book.change(participants=(OWNER, THE_ROOM))
    book.say(KARI, Answer.HIDE)
    book.change(title="New")
    assert book.row(KARI).invitation_status is S.HIDDEN
    # And nobody accepts what they are not asked to any more.
    book.say(KARI, Answer.ACCEPT)
    assert book.row(KARI).invitation_status is S.HIDDEN


def test_a_hidden_refusal_still_counts() -> None:
    book = Book(GUEST)
    book.say(KARI, Answer.DECLINE)
    book.say(KARI, Answer.HIDE)
    assert book.master.reject_counter == 1


def test_a_new_time_asks_outsiders_again_too() -> None:
    book = Book(GUEST, OUTSIDER)
    book.rows |= {row.id: row for row in answer_for(list(book.rows.values()), 4, S.ACCEPTED)}
    book.change(title="New")
    assert book.statuses()[0] is S.ACCEPTED
    book.change(starts_at=book.master.starts_at + HOUR, ends_at=book.master.ends_at + HOUR)
    assert book.statuses()[0] is S.MOVED


def test_a_new_time_makes_what_outside_calendars_answered_an_old_answer() -> None:
    keys = {4: (S.SEEN, R.TENTATIVE), 5: (S.ACCEPTED, R.ACCEPTED), 6: (S.DECLINED, R.DECLINED)}
    book = Book(GUEST, *(replace(OUTSIDER, key=key, email_address=f"{key}@example.org") for key in keys))
    for key, said in keys.items():
        book.rows |= {row.id: row for row in answer_for(list(book.rows.values()), key, *said)}
    book.change(title="New")
    assert book.replies() == [R.UNKNOWN, R.UNKNOWN, R.TENTATIVE, R.ACCEPTED, R.DECLINED]
    book.change(starts_at=book.master.starts_at - HOUR)
    assert book.replies() == [R.UNKNOWN, R.UNKNOWN, R.NOT_RESPONDED, R.NOT_RESPONDED, R.DECLINED]
    # Whoever notes an answer together with the time knows it.
    *others, last = book.master.participants
    told = replace(others.pop(2), external_reply=R.ACCEPTED)
    book.change(starts_at=book.master.starts_at - HOUR, participants=(*others, told, last))
    assert book.replies() == [R.UNKNOWN, R.UNKNOWN, R.NOT_RESPONDED, R.ACCEPTED, R.DECLINED]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"lead_minutes": 30}),
        ({}, {"lag_minutes": 30}),
        ({"is_free": True}, {"is_free": False}),
        ({"kind": Kind.CHECKLIST}, {"kind": Kind.DIARY}),
    ],
    ids=["lead", "lag", "busy", "diary"],
)
def test_what_is_held_around_a_time_asks_the_rooms_alone(
    before: dict[str, object], after: dict[str, object]
) -> None:
    book = Book(GUEST, THE_ROOM)
    book.change(**before)
    book.say(KARI, Answer.ACCEPT)
    book.change(busy=frozenset({ROOM}), **after)
    assert book.statuses() == {OLA: S.ACCEPTED, KARI: S.ACCEPTED, ROOM: S.DECLINED}
    book.change(title="New")
    assert book.statuses()[ROOM] is S.DECLINED
    book.change(lead_minutes=5)
    assert book.statuses() == {OLA: S.ACCEPTED, KARI: S.ACCEPTED, ROOM: S.ACCEPTED}


def test_a_room_that_is_invited_again_answers_again() -> None:
    book = Book(THE_ROOM, GUEST)
    book.change(participants=(OWNER, GUEST))
    assert book.row(ROOM).invitation_status is S.CANCELLED
    book.change(participants=(OWNER, GUEST, replace(THE_ROOM, key=9)))
    assert book.statuses()[ROOM] is S.ACCEPTED


def test_a_guest_who_had_declined_and_takes_over_comes() -> None:
    book = Book(GUEST, THE_ROOM)
    book.say(KARI, Answer.DECLINE)
    kari = book.master.participants[1]
    book.change(owner_id=KARI, participants=(kari, book.master.participants[2]))
    assert book.statuses()[KARI] is S.ACCEPTED
    assert book.master.reject_counter == 0


def test_no_key_of_a_link_comes_twice_in_a_guests_row() -> None:
    book = Book(GUEST)
    book.change(links=(Link(key=1, entity="document"),), last_link_key=1)
    assert (book.row(KARI).links, book.row(KARI).last_link_key) == (book.master.links, 1)


def test_a_cancelled_booking_that_is_handed_over_keeps_every_row() -> None:
    book = Book(GUEST, THE_ROOM)
    book.say(KARI, Answer.ACCEPT)
    book.change(status=Status.CANCELLED)
    rows = set(book.rows)
    book.change(owner_id=KARI, participants=(replace(GUEST, invitation_status=S.ACCEPTED), THE_ROOM))
    # What told the new owner that it is off is theirs to put away.
    assert set(book.rows) == rows
    assert book.row(KARI).invitation_status is S.CANCELLED
    assert {row.mother_owner_id for row in book.rows.values() if row.is_booking_row} == {KARI}
    book.say(KARI, Answer.HIDE)
    assert book.row(KARI).invitation_status is S.HIDDEN
    # Putting it away is no refusal of what is their own by now.
    assert book.master.participants[0].invitation_status is S.ACCEPTED


def test_who_is_expected_no_more_knows_a_new_owner_too() -> None:
    book = Book(GUEST, replace(GUEST, key=5, associate_id=ADMIN, person_id=0), THE_ROOM)
    book.say(KARI, Answer.ACCEPT)
    book.change(owner_id=ADMIN, participants=(replace(OWNER, associate_id=ADMIN, key=5), THE_ROOM))
    assert {row.mother_owner_id for row in book.rows.values() if row.is_booking_row} == {ADMIN}
