"""Answers from calendars elsewhere, on either engine: who is believed, and what comes of it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate, AssociateType, Person, View
from appointed.domain.errors import Forbidden, StoreBusy
from appointed.domain.participant import ExternalReply, Participant
from appointed.domain.participant import InvitationStatus as S
from appointed.domain.principal import Principal
from appointed.domain.recurrence import Pattern, Rule, Series
from appointed.domain.status import Status
from appointed.ical.letters import Letter, Method, Party, write
from appointed.ical.names import uid_of
from appointed.usecases.change_appointment import Call, Edited
from appointed.usecases.create_appointment import NewNames, blank, create_appointment, new_names
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import ByFamily, ById, ByUid
from appointed.usecases.take_reply import Taken, mailbox, take_reply
from tests.store.processes import IS_FULL
from tests.store.world import ADA, HOUR, KARI, NOW, START, AnyStore, a_change, create, edit, editing, read

GUEST = "guest@example.org"
OUTSIDER = Participant(key=2, email_address="Guest@Example.org", send_email=True)
COLLEAGUE = Participant(key=3, associate_id=KARI, email_address="kari@example.com")
OSLO = ZoneInfo("Europe/Oslo")
WEEKLY = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 3), count=4)
UNKNOWN = "It answers to no appointment of this tenant."
NOT_INVITED = "Its sender is not invited."
MAIL = mailbox(1)
HERS = "kari@example.com"
RIVALS = 200 if IS_FULL else 20


async def invited(store: AnyStore, *, weekly: bool = False, seed: int = 0, **changes: Any) -> Appointment:
    """Make an appointment with an outsider and a colleague, or a series of four; gives its first master."""

    def draft(names: NewNames, view: View) -> Edited:
        row = blank(names, view, 1, ADA, ADA, START)
        series = Series(rule=WEEKLY, zone="Europe/Oslo", on=WEEKLY.starts_on) if weekly else None
        values: dict[str, Any] = {"participants": (OUTSIDER, COLLEAGUE), "title": "Review"}
        values |= {"ends_at": START + HOUR, "series": series}
        return Edited(replace(row, **(values | changes)))

    ids = seeded(f"reply{weekly}{seed}")
    call = Call(principal=Principal(1, ADA), door="test", ids=ids)
    return (await create_appointment(store, call, new_names(ids, NOW), draft)).rows[0]


async def family(store: AnyStore, row: Appointment) -> list[Appointment]:
    seen: list[Appointment] = []

    def decide(rows: Any, _view: View) -> Any:
        seen[:] = rows
        return editing()((), _view)

    await store.change(a_change(decide, ByFamily(row.series_id or row.mother_id), alone=True))
    return sorted(seen, key=lambda one: one.starts_at)


def reply(row: Appointment, answer: str, *more: str, address: str = GUEST, uid: str = "") -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Somebody//EN",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{uid or uid_of(row, 'any.example')}",
        f"ATTENDEE;PARTSTAT={answer}:mailto:{address}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(lines).encode()


async def taken(store: AnyStore, calendar: bytes, address: str = GUEST) -> Taken:
    return await take_reply(store, MAIL, address, calendar, is_delivered=True)


def said(row: Appointment, key: int = 2) -> tuple[S, ExternalReply]:
    one = next(one for one in row.participants if one.key == key)
    return one.invitation_status, one.external_reply


async def test_an_outsider_answers_and_every_row_knows(store: AnyStore) -> None:
    row = await invited(store)
    assert await taken(store, reply(row, "DECLINED"), " Guest@example.ORG ") == Taken(1)
    rows = await family(store, row)
    assert [said(one) for one in rows] == [(S.DECLINED, ExternalReply.DECLINED)] * 2
    assert (await read(store, row.id)).reject_counter == 1


async def test_an_outsider_may_change_their_mind(store: AnyStore) -> None:
    row = await invited(store)
    steps = {"ACCEPTED": S.ACCEPTED, "TENTATIVE": S.SEEN, "DECLINED": S.DECLINED}
    for answer, status in steps.items():
        assert await taken(store, reply(row, answer)) == Taken(1)
        assert said(await read(store, row.id)) == (status, ExternalReply(answer.lower()))


async def test_the_same_answer_again_changes_nothing(store: AnyStore) -> None:
    row = await invited(store)
    assert await taken(store, reply(row, "ACCEPTED")) == Taken(1)
    before = await family(store, row)
    assert await taken(store, reply(row, "ACCEPTED")) == Taken(1)
    assert await family(store, row) == before


async def test_a_colleague_answers_in_their_own_row(store: AnyStore) -> None:
    row = await invited(store)
    calendar = reply(row, "DECLINED", "COMMENT:Away", address="kari@example.com")
    assert await taken(store, calendar, "kari@example.com") == Taken(1)
    own = next(one for one in await family(store, row) if one.owner_id == KARI)
    assert (own.invitation_status, own.reject_reason) == (S.DECLINED, "Away")


async def test_a_person_is_known_by_their_own_address(store: AnyStore) -> None:
    (person_id,) = await store.put_records(1, (Person(id=0, last_name="P", email="P@example.org"),))
    row = await invited(store, participants=(Participant(key=2, person_id=person_id),))
    calendar = reply(row, "ACCEPTED", address="p@example.org")
    assert await taken(store, calendar, "p@example.org") == Taken(1)
    assert said(await read(store, row.id))[0] is S.ACCEPTED


async def test_one_date_of_a_series(store: AnyStore) -> None:
    row = await invited(store, weekly=True)
    # As a reader says it that turned the time into UTC.
    assert await taken(store, reply(row, "DECLINED", "RECURRENCE-ID:20260317T090000Z")) == Taken(1)
    masters = [one for one in await family(store, row) if not one.is_booking_row]
    assert [said(one)[0] for one in masters] == [S.INVITATION, S.INVITATION, S.DECLINED, S.INVITATION]


@pytest.mark.parametrize(
    ("zone", "first", "named"),
    [
        # From eleven in the evening of 28 March the clock goes to midnight, and from midnight of 24 April to one.
        pytest.param("America/Nuuk", "2026-03-27T23:30", "20260329T013000Z", id="before"),
        pytest.param("America/Nuuk", "2026-03-27T23:30", "20260329T003000Z", id="after"),
        pytest.param("Africa/Cairo", "2026-04-23T00:00", "20260423T220000Z", id="before-of-midnight"),
        pytest.param("Africa/Cairo", "2026-04-23T00:00", "20260423T210000Z", id="after-of-midnight"),
    ],
)
async def test_a_date_that_the_clock_skips_is_named_in_utc(
    store: AnyStore, zone: str, first: str, named: str
) -> None:
    starts_at = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    on = date.fromisoformat(first[:10])
    series = Series(rule=Rule(pattern=Pattern.DAILY, starts_on=on, count=3), zone=zone, on=on)
    row = await invited(store, series=series, starts_at=starts_at, ends_at=starts_at + HOUR)
    assert await taken(store, reply(row, "DECLINED", f"RECURRENCE-ID:{named}")) == Taken(1)
    masters = [one for one in await family(store, row) if not one.is_booking_row]
    assert [said(one)[0] for one in masters] == [S.INVITATION, S.DECLINED, S.INVITATION]


async def test_a_moved_date_is_named_by_its_day_in_the_rule(store: AnyStore) -> None:
    row = await invited(store, weekly=True)
    third = [one for one in await family(store, row) if not one.is_booking_row][2]
    await edit(store, third.id, starts_at=START + timedelta(days=20), ends_at=START + timedelta(days=20))
    calendar = reply(row, "ACCEPTED", "RECURRENCE-ID;TZID=Europe/Oslo:20260317T100000")
    assert await taken(store, calendar) == Taken(1)
    assert said(await read(store, third.id))[0] is S.ACCEPTED


async def test_all_dates_of_a_series(store: AnyStore) -> None:
    row = await invited(store, weekly=True)
    assert await taken(store, reply(row, "ACCEPTED")) == Taken(4)
    assert {said(one)[0] for one in await family(store, row)} == {S.ACCEPTED}


async def test_our_own_letter_is_answered(store: AnyStore) -> None:
    row = await invited(store)
    letter = Letter(
        method=Method.REPLY,
        organizer=Party(address="ada@example.com"),
        invited=lambda _row: [Party(address=GUEST, answer="ACCEPTED")],
        at=NOW,
        zone=OSLO,
        host="any.example",
    )
    assert await taken(store, write([row], letter)) == Taken(1)


async def refusal(store: AnyStore, row: Appointment, calendar: bytes, address: str = GUEST) -> str:
    before = await family(store, row)
    result = await taken(store, calendar, address)
    assert result.dates == 0
    assert await family(store, row) == before
    return " ".join(result.refused)


async def test_whose_answer_is_not_taken(store: AnyStore) -> None:
    row = await invited(store)
    stranger = "stranger@example.org"
    assert "another address" in await refusal(store, row, reply(row, "DECLINED"), stranger)
    assert await refusal(store, row, reply(row, "DECLINED", address=stranger), stranger) == NOT_INVITED
    assert await refusal(store, row, reply(row, "DELEGATED")) == "It holds no answer."
    assert await refusal(store, row, b"hello") == "It is no iCalendar object, or a damaged one."
    old = reply(row, "ACCEPTED", "DTSTART:20260304T090000Z")
    assert await refusal(store, row, old) == "It answers to a time that the appointment has no more."


@pytest.mark.parametrize(
    "uid", ["somebody's", str(UUID(int=5)), "series-2-1@x", "series-1-1@x", "series-1-99@x"]
)
async def test_an_answer_to_nothing_of_this_tenant(store: AnyStore, uid: str) -> None:
    row = await invited(store)
    assert (await refusal(store, row, reply(row, "ACCEPTED", uid=uid))).startswith(UNKNOWN[:-1])


async def test_an_answer_to_a_date_that_the_series_lacks(store: AnyStore) -> None:
    row = await invited(store, weekly=True)
    calendar = reply(row, "ACCEPTED", "RECURRENCE-ID;VALUE=DATE:20260318")
    assert (await refusal(store, row, calendar)).startswith(UNKNOWN[:-1])


async def test_an_answer_where_nobody_is_invited(store: AnyStore) -> None:
    row = await create(store)
    assert await taken(store, reply(row, "ACCEPTED")) == Taken(0, (NOT_INVITED,))


async def test_an_answer_to_what_was_cancelled(store: AnyStore) -> None:
    row = await invited(store)
    await edit(store, row.id, status=Status.CANCELLED)
    assert "cancelled" in await refusal(store, await read(store, row.id), reply(row, "ACCEPTED"))


async def test_who_was_removed_by_word_is_asked_no_more(store: AnyStore) -> None:
    row = await invited(store)
    gone = tuple(
        replace(one, invitation_status=S.CANCELLED) if one.key == OUTSIDER.key else one
        for one in row.participants
    )
    await store.change(a_change(editing(participants=gone), ById((row.id,))))
    assert await refusal(store, row, reply(row, "ACCEPTED")) == NOT_INVITED


async def test_the_owner_cannot_answer_their_own_invitation(store: AnyStore) -> None:
    own = Participant(key=1, associate_id=ADA, email_address="ada@example.com")
    row = await invited(store, participants=(own, OUTSIDER))
    calendar = reply(row, "DECLINED", address="ada@example.com")
    assert await refusal(store, row, calendar, "ada@example.com") == NOT_INVITED


async def test_a_time_that_was_given_away_is_not_taken_again(store: AnyStore) -> None:
    only = Associate(id=0, name="only", full_name="Only", group_id=1, is_exclusive=True)
    (number,) = await store.put_records(1, (only,))
    guest = Participant(key=2, associate_id=number, email_address=GUEST)
    row = await invited(store, participants=(guest,))
    assert await taken(store, reply(row, "DECLINED")) == Taken(1)
    await create(store, owner_id=number)
    assert await refusal(store, row, reply(row, "ACCEPTED")) == "The time is taken meanwhile."


async def test_several_answers_count_each(store: AnyStore) -> None:
    row = await invited(store)
    both = reply(row, "ACCEPTED").replace(
        b"END:VEVENT", b"ATTENDEE;PARTSTAT=DECLINED:mailto:kari@example.com\r\nEND:VEVENT"
    )
    result = await taken(store, both)
    assert (result.dates, len(result.refused)) == (1, 1)


async def test_an_answer_brought_by_hand_needs_the_right_to_change(store: AnyStore) -> None:
    row = await invited(store)
    outside = Associate(id=0, name="app", full_name="App", type=AssociateType.SYSTEM, group_id=2)
    (stranger,) = await store.put_records(1, (outside,))
    for number in (stranger, KARI):
        call = Call(principal=Principal(1, number), door="test")
        with pytest.raises(Forbidden):
            await take_reply(store, call, GUEST, reply(row, "ACCEPTED"))
    call = Call(principal=Principal(1, ADA), door="test")
    assert await take_reply(store, call, GUEST, reply(row, "ACCEPTED")) == Taken(1)
    event = (await store.history(1, row.id))[-1]
    assert (event.by, event.door) == (ADA, "test")


async def test_the_log_says_that_it_came_by_mail(store: AnyStore) -> None:
    row = await invited(store)
    await taken(store, reply(row, "ACCEPTED"))
    event = (await store.history(1, row.id))[-1]
    assert (event.by, event.door) == (0, "mail")
    assert (await store.read(1, ByUid(row.uid))).row.updated_by == 0


async def patiently(store: AnyStore, calendar: bytes) -> Taken:
    while True:
        try:
            return await taken(store, calendar, HERS)
        except StoreBusy:
            # So many at once may wait too long for a connection; whoever is told so asks again.
            await asyncio.sleep(0)


async def test_of_many_who_accept_one_time_by_mail_one_holds_it(store: AnyStore) -> None:
    kari = (await store.directory(1)).associates[KARI]
    await store.put_records(1, (replace(kari, is_exclusive=True),))
    rows = []
    for number in range(RIVALS):
        row = await invited(store, seed=number)
        rows.append(row)
        # Hers is the time again before the next one asks for it.
        await taken(store, reply(row, "DECLINED", address=HERS), HERS)
    answers = await asyncio.gather(*(patiently(store, reply(row, "ACCEPTED", address=HERS)) for row in rows))
    assert sorted(answer.dates for answer in answers) == [0] * (RIVALS - 1) + [1]
    assert {answer.refused for answer in answers} == {(), ("The time is taken meanwhile.",)}
    held = [said(await read(store, row.id), 3)[0] for row in rows]
    assert sorted(held) == [S.ACCEPTED] + [S.DECLINED] * (RIVALS - 1)
