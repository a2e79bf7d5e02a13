"""How the occurrences of a series follow, stay or go."""

import contextlib
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidAppointment
from appointed.domain.follow import follow, who
from appointed.domain.meeting import Features
from appointed.domain.participant import Claimant, InvitationStatus, Participant
from appointed.domain.recurrence import MOST_OCCURRENCES, Pattern, Rule, Series, days_left, days_of
from appointed.domain.series import Plan, Reach, change, delete, start
from appointed.domain.status import Status
from tests.builders import appointment

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEEKLY = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 16), weekdays=1, count=4)
MONDAYS = ["2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"]
KARI, OLA = Participant(key=1, associate_id=2), Participant(key=2, associate_id=3)


def rename(row: Appointment, new_id: int) -> Appointment:
    return replace(
        row,
        uid=UUID(int=10_000 - new_id),
        reference=f"R{-new_id}",
        link_key=f"L{-new_id}",
        revision=1,
        created_at=NOW,
    )


class Diary:
    """Rows as a store would keep them: new ones get the next ids."""

    def __init__(self, head: Appointment) -> None:
        self.rows = {head.id: head}
        self.next_id = head.id + 1
        self.keep(start(head, rename))

    def keep(self, plan: Plan) -> None:
        wanted = (*plan.replacements, *plan.creations)
        new = {made.id for made in plan.creations} | {row.series_id for row in wanted if row.series_id < 0}
        ids = {old: self.next_id + place for place, old in enumerate(sorted(new, reverse=True))}
        self.next_id += len(ids)
        for row in plan.replacements:
            assert row.id in self.rows
        for row in wanted:
            kept = replace(row, id=ids.get(row.id, row.id), series_id=ids.get(row.series_id, row.series_id))
            self.rows[kept.id] = kept
        for row_id in plan.deletions:
            del self.rows[row_id]

    def series(self, of: Appointment) -> list[Appointment]:
        return [row for row in self.rows.values() if row.series_id == of.series_id]

    def change(
        self, place: int, edit: Callable[[Appointment], Appointment], reach: Reach = Reach.FOLLOWING
    ) -> Plan:
        row = self.sorted()[place]
        plan = change(self.series(row), row, edit(row), reach, rename)
        self.keep(plan)
        return plan

    def sorted(self) -> list[Appointment]:
        return sorted(self.rows.values(), key=lambda row: row.starts_at)

    def times(self) -> list[str]:
        return [row.starts_at.astimezone(OSLO).strftime("%Y-%m-%d %H:%M") for row in self.sorted()]

    def days(self) -> list[str]:
        return [text[:10] for text in self.times()]


def head(rule: Rule = WEEKLY, **members: object) -> Appointment:
    starts_at = datetime(2026, 3, 16, 10, tzinfo=OSLO).astimezone(UTC)
    return appointment(
        id=7,
        title="Weekly",
        participants=(KARI, OLA),
        last_participant_key=2,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        series=Series(rule=rule, zone="Europe/Oslo", on=rule.starts_on),
        **members,
    )


def text(value: str) -> Callable[[Appointment], Appointment]:
    return lambda row: replace(row, title=value)


def later(**by: float) -> Callable[[Appointment], Appointment]:
    def edit(row: Appointment) -> Appointment:
        shift = timedelta(**by)

        def move(at: datetime) -> datetime:
            return (at.astimezone(OSLO) + shift).astimezone(UTC)

        return replace(row, starts_at=move(row.starts_at), ends_at=move(row.ends_at))

    return edit


def ruled(rule: Rule) -> Callable[[Appointment], Appointment]:
    def edit(row: Appointment) -> Appointment:
        assert row.series is not None
        return replace(row, series=replace(row.series, rule=rule))

    return edit


def test_wall_time_holds_over_daylight_saving() -> None:
    diary = Diary(head())
    assert diary.times() == [f"{day} 10:00" for day in MONDAYS]
    assert [row.starts_at.hour for row in diary.sorted()] == [9, 9, 8, 8]
    assert {row.series_id for row in diary.sorted()} == {8}
    assert len({row.uid for row in diary.sorted()}) == 4
    assert {row.ends_at - row.starts_at for row in diary.sorted()} == {timedelta(hours=1)}


def test_a_head_on_another_day_moves_to_the_first_of_the_rule() -> None:
    rule = replace(WEEKLY, weekdays=4, starts_on=date(2026, 3, 16))
    assert Diary(head(rule)).days() == ["2026-03-18", "2026-03-25", "2026-04-01", "2026-04-08"]


def test_a_rule_of_one_day_makes_no_series() -> None:
    diary = Diary(head(replace(WEEKLY, count=1)))
    (only,) = diary.sorted()
    assert (only.series, only.series_id) == (None, 0)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (Rule(pattern=Pattern.YEARLY, starts_on=date(2026, 1, 1), month=2, day=30), "empty"),
        (Rule(pattern=Pattern.DAILY, starts_on=date(2026, 1, 1)), "most"),
    ],
    ids=["no day", "too many"],
)
def test_a_rule_without_days_or_with_too_many_is_refused(rule: Rule, problem: str) -> None:
    with pytest.raises(InvalidAppointment) as refused:
        start(head(rule), rename)
    assert [each.rule for each in refused.value.problems] == [problem]
    assert MOST_OCCURRENCES == 2000


def test_this_only_makes_an_exception_and_leaves_the_rule() -> None:
    diary = Diary(head())
    diary.change(1, lambda row: later(hours=2)(text("Moved")(row)), Reach.THIS)
    assert diary.times()[1] == "2026-03-23 12:00"
    assert [row.title for row in diary.sorted()] == ["Weekly", "Moved", "Weekly", "Weekly"]
    assert {row.series.rule for row in diary.sorted() if row.series} == {WEEKLY}


def test_what_follows_takes_the_text_but_exceptions_keep_theirs() -> None:
    diary = Diary(head())
    diary.change(2, text("Exception"), Reach.THIS)
    plan = diary.change(1, text("New"))
    assert [row.title for row in diary.sorted()] == ["Weekly", "New", "Exception", "New"]
    assert len(plan.replacements) == 2


def test_a_new_time_moves_what_stood_at_the_old_one() -> None:
    diary = Diary(head())
    diary.change(2, later(hours=3), Reach.THIS)
    diary.change(0, later(hours=1), Reach.ALL)
    assert [time[-5:] for time in diary.times()] == ["11:00", "11:00", "13:00", "11:00"]


def test_another_day_moves_the_following_and_ends_the_old_rule() -> None:
    diary = Diary(head())
    diary.change(2, later(days=1))
    assert diary.days() == ["2026-03-16", "2026-03-23", "2026-03-31", "2026-04-07"]
    first, _second, third, fourth = diary.sorted()
    assert first.series
    assert third.series
    assert first.series.rule.ends_on == date(2026, 3, 23)
    assert third.series_id == fourth.series_id != first.series_id
    assert third.series.rule.weekdays == 2


def test_another_day_on_the_second_leaves_the_first_alone() -> None:
    diary = Diary(head())
    diary.change(1, later(days=1))
    assert diary.sorted()[0].series is None


def test_a_new_pattern_keeps_rows_and_their_exceptions_where_it_can() -> None:
    diary = Diary(head())
    diary.change(3, text("Exception"), Reach.THIS)
    ids = [row.id for row in diary.sorted()]
    longer = replace(WEEKLY, weekdays=1 | 8, count=8)
    diary.change(0, ruled(longer), Reach.ALL)
    assert diary.days() == [day.isoformat() for day in days_of(longer)]
    assert [row.title for row in diary.sorted() if row.id in ids] == ["Weekly"] * 3 + ["Exception"]
    assert {row.series_id for row in diary.sorted()} == {8}


def test_a_shorter_pattern_says_which_exceptions_are_lost() -> None:
    diary = Diary(head())
    diary.change(3, text("Exception"), Reach.THIS)
    last, third = diary.sorted()[3].id, diary.sorted()[2].id
    plan = diary.change(0, ruled(replace(WEEKLY, count=2)), Reach.ALL)
    assert sorted(plan.deletions) == sorted((last, third))
    assert plan.lost == (last,)


def test_a_new_guest_comes_to_every_date_though_one_declined_one() -> None:
    diary = Diary(head())
    declined = replace(OLA, invitation_status=InvitationStatus.DECLINED)
    diary.change(1, lambda row: replace(row, participants=(KARI, declined)), Reach.THIS)
    room = Participant(key=3, associate_id=4)
    diary.change(0, lambda row: replace(row, participants=(KARI, OLA, room)), Reach.ALL)
    assert [[one.associate_id for one in row.participants] for row in diary.sorted()] == [[2, 3, 4]] * 4
    assert diary.sorted()[1].participants[1].invitation_status is InvitationStatus.DECLINED


def test_a_new_occurrence_has_no_past() -> None:
    diary = Diary(head(status=Status.COMPLETE, completed_at=NOW))
    assert [row.status for row in diary.sorted()] == [Status.COMPLETE] + [Status.SCHEDULED] * 3
    assert diary.sorted()[1].completed_at is None


@pytest.mark.parametrize("reach", list(Reach), ids=lambda reach: reach.value)
@pytest.mark.parametrize("place", range(4))
def test_a_row_that_recurs_no_more_ends_its_series(place: int, reach: Reach) -> None:
    diary = Diary(head())
    diary.change(place, lambda row: replace(row, series=None), reach)
    *others, last = diary.sorted()
    assert diary.days() == MONDAYS[: place + 1]
    assert (last.series, last.series_id) == (None, 0)
    # What is left before it is a series as long as there are two.
    assert {
        row.series.rule.ends_on.isoformat() for row in others if row.series and row.series.rule.ends_on
    } == ({MONDAYS[place - 1]} if place > 1 else set())


def test_a_rule_that_is_over_before_this_one_is_refused() -> None:
    diary = Diary(head())
    with pytest.raises(InvalidAppointment):
        diary.change(2, ruled(replace(WEEKLY, count=2)))


def test_stop_ends_with_this_one() -> None:
    diary = Diary(head())
    second = diary.sorted()[1]
    diary.keep(change(diary.series(second), second, second, Reach.STOP, rename))
    assert diary.days() == MONDAYS[:2]
    assert all(row.series and row.series.rule.ends_on == date(2026, 3, 23) for row in diary.sorted())
    first = diary.sorted()[0]
    diary.keep(change(diary.series(first), first, first, Reach.STOP, rename))
    (only,) = diary.sorted()
    assert only.series is None


@pytest.mark.parametrize(
    ("place", "reach", "left", "rule_from", "rule_to"),
    [
        (0, Reach.THIS, MONDAYS[1:], "2026-03-23", "2026-04-06"),
        (3, Reach.THIS, MONDAYS[:3], "2026-03-16", "2026-03-30"),
        (1, Reach.THIS, [MONDAYS[0], *MONDAYS[2:]], "2026-03-16", "2026-04-06"),
        (2, Reach.FOLLOWING, MONDAYS[:2], "2026-03-16", "2026-03-23"),
        (2, Reach.ALL, [], "", ""),
        (1, Reach.STOP, MONDAYS[:2], "2026-03-16", "2026-03-23"),
        (3, Reach.STOP, MONDAYS, "2026-03-16", "2026-04-06"),
    ],
    ids=["the first", "the last", "the second", "and following", "all", "what follows", "what is last"],
)
def test_delete(place: int, reach: Reach, left: list[str], rule_from: str, rule_to: str) -> None:
    diary = Diary(head())
    row = diary.sorted()[place]
    diary.keep(delete(diary.series(row), row, reach))
    assert diary.days() == left
    for row in diary.sorted():
        assert row.series
        days = [day.isoformat() for day in days_of(row.series.rule)]
        assert (days[0], days[-1]) == (rule_from, rule_to)


def test_what_is_deleted_with_others_is_named_when_it_was_an_exception() -> None:
    diary = Diary(head())
    diary.change(3, text("Exception"), Reach.THIS)
    last, second = diary.sorted()[3].id, diary.sorted()[1]
    assert delete(diary.series(second), second, Reach.FOLLOWING).lost == (last,)
    assert change(diary.series(second), second, second, Reach.STOP, rename).lost == (last,)
    assert delete(diary.series(second), second, Reach.THIS).lost == ()


def test_what_is_left_alone_recurs_no_more() -> None:
    diary = Diary(head(replace(WEEKLY, count=2)))
    row = diary.sorted()[0]
    diary.keep(delete(diary.series(row), row, Reach.THIS))
    assert diary.sorted()[0].series is None


def _random_edit(source: random.Random, diary: Diary) -> None:
    row = source.choice(diary.sorted())
    reach = source.choice(list(Reach))
    if row.series is None:
        return
    if source.random() < 0.15 and len(diary.rows) > 3:
        diary.keep(delete(diary.series(row), row, reach) if reach is not Reach.ALL else Plan())
    elif source.random() < 0.1:
        diary.keep(change(diary.series(row), row, row, Reach.STOP, rename))
    else:
        rule = replace(
            row.series.rule, weekdays=source.randint(1, 127), ends_on=None, count=source.randint(1, 12)
        )
        edit = source.choice(
            [
                text(f"T{source.randint(0, 9)}"),
                later(hours=source.randint(-5, 5)),
                later(days=source.randint(-9, 9)),
                ruled(rule) if rule.pattern is Pattern.WEEKLY else text("X"),
            ]
        )
        # A rule whose days are all over before this one is refused, and nothing changes.
        with contextlib.suppress(InvalidAppointment):
            diary.keep(change(diary.series(row), row, edit(row), reach, rename))


@pytest.mark.parametrize("seed", range(300))
def test_any_sequence_of_edits_leaves_a_sound_series(seed: int) -> None:
    source = random.Random(seed)
    diary = Diary(head(replace(WEEKLY, count=6, weekdays=source.randint(1, 127))))
    for _step in range(12):
        if diary.rows:
            _random_edit(source, diary)
        for row in diary.rows.values():
            assert (row.series is None) == (row.series_id == 0)
        heads = {row.series_id for row in diary.rows.values()} - {0}
        for series_id in heads:
            rows = [row for row in diary.rows.values() if row.series_id == series_id]
            assert len(rows) > 1
            (rule,) = {row.series.rule for row in rows if row.series}
            days = [row.series.on for row in rows if row.series]
            assert len(set(days)) == len(days)
            assert sorted(days) == days_left(rule)


def test_values_of_fields_follow_one_by_one() -> None:
    diary = Diary(head(custom_fields={"a": 1, "b": 1, "c": 1}))
    diary.change(2, lambda row: replace(row, custom_fields={"a": 1, "b": 9, "c": 1}), Reach.THIS)
    diary.change(0, lambda row: replace(row, custom_fields={"a": 2, "b": 2, "d": 4}), Reach.ALL)
    everywhere = {"a": 2, "b": 2, "d": 4}
    kept = {"a": 2, "b": 9, "d": 4}
    assert [row.custom_fields for row in diary.sorted()] == [everywhere, everywhere, kept, everywhere]


def test_switches_and_the_claimants_members_follow_one_by_one() -> None:
    person = Claimant(id=UUID(int=7), name="Jane", email="old@example.org")
    other = replace(person, id=UUID(int=8), email="other@example.org")
    before = appointment(features=Features(), claimant=person)
    quiet = replace(before, features=Features(messages_chat=False), claimant=replace(person, name="J."))
    after = replace(
        before,
        features=Features(screen_sharing=False),
        claimant=replace(person, email="new@example.org"),
    )
    followed = follow(before, after, quiet)
    assert followed.features == Features(messages_chat=False, screen_sharing=False)
    assert followed.claimant == replace(person, name="J.", email="new@example.org")
    # Somebody else keeps what is theirs, and takes nobody's place by halves.
    assert follow(before, after, replace(before, claimant=other)).claimant == other
    assert follow(before, replace(before, claimant=other), quiet).claimant == quiet.claimant
    assert follow(before, replace(before, claimant=None), quiet).claimant == quiet.claimant


def test_what_changes_of_a_guest_follows_where_it_was_the_same() -> None:
    diary = Diary(head())
    described = replace(OLA, description="By phone")
    diary.change(2, lambda row: replace(row, participants=(KARI, described)), Reach.THIS)
    asked = replace(OLA, send_email=True, description="In the room")
    diary.change(0, lambda row: replace(row, participants=(KARI, asked)), Reach.ALL)
    found = [row.participants[1] for row in diary.sorted()]
    assert [one.send_email for one in found] == [True] * 4
    assert [one.description for one in found] == ["In the room", "In the room", "By phone", "In the room"]


def test_guests_are_who_they_are_whatever_their_key() -> None:
    same = [
        (Participant(key=1, associate_id=2, person_id=9), Participant(key=8, associate_id=2)),
        (Participant(key=1, person_id=9), Participant(key=8, person_id=9, email_address="x@example.org")),
        (
            Participant(key=1, email_address="A@example.org"),
            Participant(key=8, email_address="a@example.org"),
        ),
    ]
    assert all(who(one) == who(other) for one, other in same)
    # Of whom nothing is known but the row is another in each row.
    assert who(Participant(key=1)) != who(Participant(key=8))
    assert len({who(one) for one, _other in same}) == 3


def test_the_date_that_somebody_took_over_is_theirs_still() -> None:
    diary = Diary(head())
    third = diary.sorted()[2]
    taken = replace(third, owner_id=KARI.associate_id, participants=(KARI,))
    diary.rows[third.id] = taken
    diary.change(0, lambda row: replace(row, participants=(OLA,)), Reach.ALL)
    assert [row.participants for row in diary.sorted()] == [(OLA,), (OLA,), (KARI,), (OLA,)]


def test_the_one_that_is_changed_makes_another_give_way() -> None:
    both = replace(WEEKLY, weekdays=0b101, count=6)
    diary = Diary(head(both))
    first, last = diary.sorted()[0], diary.sorted()[4]
    # Of six days two are left, and each has its row already.
    diary.change(4, ruled(replace(both, count=2)), Reach.ALL)
    assert diary.days() == ["2026-03-16", "2026-03-18"]
    assert [row.id for row in diary.sorted()] == [first.id, last.id]


def test_with_a_day_to_spare_the_changed_one_takes_it() -> None:
    diary = Diary(head())
    third = diary.sorted()[2]
    diary.change(2, ruled(replace(WEEKLY, weekdays=2, count=2)), Reach.ALL)
    assert diary.days() == ["2026-03-17", "2026-03-24"]
    assert third.id in diary.rows


def test_what_is_in_no_series_has_none_that_could_follow() -> None:
    single = appointment()
    rule = Series(rule=WEEKLY, zone="Europe/Oslo", on=WEEKLY.starts_on)
    with pytest.raises(ValueError, match="no series"):
        change([single], single, replace(single, series=rule), Reach.ALL, rename)


def test_a_new_rule_and_another_day_take_the_following_along() -> None:
    diary = Diary(head())
    both = replace(WEEKLY, weekdays=0b101, count=8)
    ids = [row.id for row in diary.sorted()]
    diary.change(1, lambda row: ruled(both)(later(days=2)(row)))
    # The second Monday is Wednesday now, as are those after it: none stands on the Monday that it has left.
    # With the one before there are as many as the rule says.
    days = [
        "2026-03-16", "2026-03-25", "2026-03-30", "2026-04-01", "2026-04-06", "2026-04-08", "2026-04-13",
        "2026-04-15",
    ]  # fmt: skip
    assert diary.days() == days
    assert [row.id for row in diary.sorted() if row.id in ids] == ids
    assert all(
        row.series and row.series.on.isoformat() == day
        for row, day in zip(diary.sorted()[1:], days[1:], strict=True)
    )


def test_a_day_that_the_new_rule_has_already_is_no_second_row_on_it() -> None:
    daily = Rule(pattern=Pattern.DAILY, starts_on=date(2026, 3, 16), count=3)
    diary = Diary(head(daily))
    first = diary.sorted()[0].id
    tuesdays = replace(daily, starts_on=date(2026, 3, 17))
    diary.change(0, lambda row: ruled(tuesdays)(later(days=1)(row)), Reach.ALL)
    assert diary.days() == ["2026-03-17", "2026-03-18", "2026-03-19"]
    assert diary.sorted()[0].id == first


def test_a_whole_series_that_goes_to_another_day_of_its_rule_happens_as_often_as_was_asked() -> None:
    diary = Diary(head())
    both = replace(WEEKLY, weekdays=0b101)
    diary.change(0, lambda row: ruled(both)(later(days=2)(row)))
    assert diary.days() == ["2026-03-18", "2026-03-23", "2026-03-25", "2026-03-30"]


def test_a_day_beside_the_new_rule_stays_as_it_was_asked_for() -> None:
    diary = Diary(head())
    diary.change(0, lambda row: ruled(replace(WEEKLY, weekdays=2))(later(days=2)(row)))
    # Wednesday was asked for, the others are Tuesdays.
    assert diary.days() == ["2026-03-18", "2026-03-24", "2026-03-31", "2026-04-07"]
    assert [row.series.on.isoformat() for row in diary.sorted() if row.series] == [
        "2026-03-17", "2026-03-24", "2026-03-31", "2026-04-07",
    ]  # fmt: skip


def test_rows_that_go_to_new_days_keep_their_own_time_of_day_and_their_own_day() -> None:
    diary = Diary(head())
    diary.change(2, later(hours=4), Reach.THIS)
    diary.change(3, later(days=-1), Reach.THIS)
    plan = diary.change(0, ruled(replace(WEEKLY, weekdays=2)), Reach.ALL)
    assert diary.times() == [
        "2026-03-17 10:00", "2026-03-24 10:00", "2026-03-31 14:00", "2026-04-05 10:00",
    ]  # fmt: skip
    assert plan.lost == ()


def test_an_extra_guest_makes_an_exception_that_is_named_when_it_is_lost() -> None:
    diary = Diary(head())
    extra = Participant(key=3, associate_id=4)
    diary.change(3, lambda row: replace(row, participants=(*row.participants, extra)), Reach.THIS)
    last = diary.sorted()[3].id
    assert diary.change(0, ruled(replace(WEEKLY, count=2)), Reach.ALL).lost == (last,)
