"""What organisers and guests do to series and bookings, written down so that it can be done again elsewhere."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate, AssociateType, Department, Record, Tenant
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.principal import Principal, Role
from appointed.domain.recurrence import Pattern, Rule, Series
from appointed.domain.series import Reach
from appointed.domain.status import Status
from appointed.usecases.answer_invitation import Said, answer_invitation
from appointed.usecases.change_appointment import Call, Edited, change_appointment, delete_appointment
from appointed.usecases.create_appointment import blank, create_appointment, new_names
from appointed.usecases.identifiers import Identifiers
from appointed.usecases.ports import Outcome
from appointed.usecases.query import Query
from tests.store.world import HOUR, NOW, AnyStore

ORGANISERS, GUESTS, ROOM = (1, 2), (11, 12, 13), 4
OSLO = ZoneInfo("Europe/Oslo")
FIRST = datetime(2026, 3, 16, 10, tzinfo=OSLO).astimezone(UTC)
WEEKLY = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 16), weekdays=1, count=5)
ENOUGH = 24
# In one department of its own each, so that nobody answers for anybody.
PEOPLE: tuple[Record, ...] = (
    *(
        Department(id=number, uid=UUID(int=100 + number), name=f"D{number}", default_associate_id=1)
        for number in (1, *GUESTS)
    ),
    *(
        Associate(id=one, name=f"o{one}", full_name=f"O{one}", role=Role.ADMINISTRATOR, group_id=1)
        for one in ORGANISERS
    ),
    *(Associate(id=one, name=f"g{one}", full_name=f"G{one}", group_id=one) for one in GUESTS),
    Associate(id=ROOM, name="r", full_name="R", type=AssociateType.RESOURCE, group_id=1, is_exclusive=True),
)
TENANT = Tenant(id=0, name="Acts")


class Act(NamedTuple):
    """One thing that somebody does: to the row `number`, as far as `reach`; `value` is what the kind needs."""

    kind: str
    by: int
    number: int = 0
    reach: Reach = Reach.THIS
    value: Any = None


async def do(store: AnyStore, act: Act, ids: Identifiers) -> Outcome:
    """Do it by the use cases, as the doors do."""
    call = Call(principal=Principal(1, act.by), door="test", ids=ids, reach=act.reach)
    if act.kind == "create":
        return await create_appointment(store, call, new_names(ids, NOW), _drafting(act))
    if act.kind == "delete":
        return await delete_appointment(store, call, act.number)
    if act.kind == "answer":
        return await answer_invitation(store, call, act.number, act.value)
    edit = EDITS[act.kind]
    return await change_appointment(store, call, act.number, lambda row, _view: Edited(edit(row, act.value)))


def _drafting(act: Act) -> Callable[..., Edited]:
    days, is_series, guests = act.value

    def draft(names: Any, view: Any) -> Edited:
        starts_at = _later(FIRST, days=days)
        row = blank(names, view, 1, act.by, act.by, starts_at)
        own = Participant(key=1, associate_id=act.by, invitation_status=InvitationStatus.ACCEPTED)
        invited = (Participant(key=2 + place, associate_id=guest) for place, guest in enumerate(guests))
        on = starts_at.astimezone(OSLO).date()
        rule = replace(WEEKLY, starts_on=on, weekdays=1 << on.weekday())
        return Edited(
            replace(
                row,
                ends_at=starts_at + HOUR,
                title="New",
                participants=(own, *invited),
                series=Series(rule=rule, zone="Europe/Oslo", on=on) if is_series else None,
            )
        )

    return draft


def _write(row: Appointment, text: str) -> Appointment:
    return replace(row, title=text)


def _move(row: Appointment, by: dict[str, int]) -> Appointment:
    return replace(row, starts_at=_later(row.starts_at, **by), ends_at=_later(row.ends_at, **by))


def _later(at: datetime, **by: int) -> datetime:
    return (at.astimezone(OSLO) + timedelta(**by)).astimezone(UTC)


def _rule(row: Appointment, value: tuple[int, int]) -> Appointment:
    weekdays, times = value
    on = row.starts_at.astimezone(OSLO).date()
    series = row.series or Series(rule=replace(WEEKLY, starts_on=on), zone="Europe/Oslo", on=on)
    rule = replace(
        series.rule, pattern=Pattern.WEEKLY, dates=(), weekdays=weekdays, count=times, ends_on=None
    )
    return replace(row, series=replace(series, rule=rule))


def _ask(row: Appointment, guest: int) -> Appointment:
    """Invite somebody, or no more: by who it is, whoever else comes and goes."""
    others = tuple(one for one in row.participants if one.associate_id != guest)
    if len(others) < len(row.participants):
        return row if guest == row.owner_id else replace(row, participants=others)
    return replace(
        row, participants=(*others, Participant(key=row.last_participant_key + 1, associate_id=guest))
    )


def _hand_over(row: Appointment, to: int) -> Appointment:
    return replace(row, owner_id=to)


def _cancel(row: Appointment, _value: None) -> Appointment:
    return replace(row, status=Status.CANCELLED)


def _alarm(row: Appointment, minutes: int) -> Appointment:
    return replace(row, has_alarm=True, alarm_minutes=minutes)


EDITS: dict[str, Callable[[Appointment, Any], Appointment]] = {
    "write": _write, "move": _move, "rule": _rule, "ask": _ask, "hand over": _hand_over, "cancel": _cancel,
    "stop": lambda row, _value: row, "alarm": _alarm,
}  # fmt: skip


async def all_rows(store: AnyStore) -> list[Appointment]:
    page = await store.page(Query(tenant_id=1, limit=1_000_000))
    return sorted(page.rows, key=lambda row: row.id)


def organisers_next(source: random.Random, me: int, rows: list[Appointment]) -> Act:
    """Think of something to do to the appointments of both organisers."""
    masters = [row for row in rows if not row.is_booking_row]
    if len(masters) < ENOUGH:
        guests = source.sample((*GUESTS, ROOM), source.randint(0, 4))
        return Act("create", me, value=(source.randint(0, 6), source.random() < 0.6, guests))
    row, reach = source.choice(masters), source.choice([Reach.THIS, Reach.FOLLOWING, Reach.ALL])
    kind = source.choice(
        (
            "write",
            "write",
            "write",
            "move",
            "move",
            "ask",
            "ask",
            "rule",
            "hand over",
            "delete",
            "stop",
            "cancel",
        )
    )
    values: dict[str, Callable[[], Any]] = {
        "write": lambda: f"T{source.randint(0, 99)}",
        "move": lambda: source.choice([{"hours": source.randint(-3, 3)}, {"days": source.randint(-3, 3)}]),
        "ask": lambda: source.choice((*GUESTS, ROOM)),
        "rule": lambda: (source.randint(1, 127), source.randint(1, 6)),
        "hand over": lambda: source.choice(ORGANISERS),
    }
    if kind == "stop":
        reach = Reach.STOP
    if kind in ("delete", "cancel"):
        reach = Reach.THIS
    return Act(kind, me, row.id, reach, values.get(kind, lambda: None)())


def guests_next(source: random.Random, me: int, rows: list[Appointment]) -> Act | None:
    """Think of something to do with an invitation of one's own; None where there is none."""
    own = [row for row in rows if row.is_booking_row and row.owner_id == me]
    if not own:
        return None
    row, kind = source.choice(own), source.choice(("answer", "answer", "answer", "answer", "alarm", "delete"))
    reach = source.choice([Reach.THIS, Reach.FOLLOWING]) if kind == "answer" else Reach.THIS
    value = {"answer": source.choice(list(Said)), "alarm": source.randint(1, 60)}.get(kind)
    return Act(kind, me, row.id, reach, value)
