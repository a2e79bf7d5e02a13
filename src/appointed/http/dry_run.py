"""The answer to `Prefer: dry-run`: what a write would do, in one form for both contracts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import astuple
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from appointed.domain.appointment import Appointment
from appointed.domain.directory import AssociateType
from appointed.domain.errors import AppointedError, TimeHeld
from appointed.domain.events import EventKind, differences
from appointed.domain.letter import Channel
from appointed.domain.notices import Notice, NoticeKind, notices
from appointed.http.headers import Headers, headers_of
from appointed.http.lost import LOST
from appointed.http.preferences import STRICT, preferences
from appointed.http.replies import WholeAnswer
from appointed.usecases.ports import Outcome, Reply

DRY_RUN = "dry-run"
APPLIED = ("Preference-Applied", DRY_RUN)
# What an answer may confirm, as its readers join two lines of one header.
CONFIRMED = (DRY_RUN, f"{DRY_RUN}, {STRICT}")
# These change with every revision and say nothing about what was asked for.
NEW_IDS = frozenset({"mother_id", "series_id"})
STAMPS = frozenset({"revision", "updated_at", "updated_by", "is_second_shared"})
# So a write is refused for how things stand just now, in both contracts: that is what a dry run is asked for.
REFUSED_NOW = frozenset({409, 412})

_encode = msgspec.json.Encoder().encode


class WouldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment that would change; `id` is null for one that would be made.

    `patch` is a JSON Patch over the domain's names, in which the id of a new series is null. `is_lost` marks
    an exception of a series that the new rule has no place for, `is_held` one whose time an exclusive diary
    has given to another: for that the write would be refused.
    """

    id: int | None
    kind: EventKind
    owner_id: int
    starts_at: datetime
    ends_at: datetime
    has_conflict: bool
    is_lost: bool
    is_held: bool
    patch: list[dict[str, Any]]


class WouldTell(msgspec.Struct, frozen=True, kw_only=True):
    """One participant or claimant who would be told; `appointment_id` is null for one that would be made.

    A participant has one of the ids or an address. A claimant has a `claimant_id` and the `ways` by which a
    letter would go out.
    """

    kind: NoticeKind
    appointment_id: int | None
    starts_at: datetime
    associate_id: int = 0
    person_id: int = 0
    email_address: str = ""
    claimant_id: UUID | None = None
    ways: tuple[Channel, ...] = ()


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """All that would happen. `status` is what the write itself would answer, `result` its body.

    `refused` is the code of what it would be refused for as things stand now; all else is told as if it were
    not. `changes` and `notices` are of appointments; other things that are written have none.
    """

    dry_run: bool
    status: int
    refused: str | None
    result: Any
    ignored: tuple[str, ...]
    changes: list[WouldChange]
    notices: list[WouldTell]


def wants_dry_run(headers: Headers) -> bool:
    """Tell whether the caller only wants to know (`Prefer: dry-run`)."""
    return DRY_RUN in preferences(headers)


def is_told(scope: Scope, status: int) -> bool:
    """Tell whether a request is a dry run, and a refusal with this status what it wants to know."""
    is_write = scope["method"] not in ("GET", "HEAD")
    return is_write and status in REFUSED_NOW and wants_dry_run(headers_of(scope))


def would_be(error: AppointedError) -> Sequence[Outcome]:
    """Give what would be if what a failure is about did not stand in the way, as far as it is known."""
    return (error.would,) if isinstance(error, TimeHeld) and error.would is not None else ()


def dry_run_answer(tried: Sequence[Outcome], real: ASGIApp) -> WholeAnswer:
    """Write what would happen instead of `real`, a whole answer."""
    return WholeAnswer(dry_run_reply(tried, reply_of(real)))


def reply_of(real: ASGIApp) -> Reply:
    """Give what a whole answer would send."""
    if isinstance(real, WholeAnswer):
        return real.reply
    if isinstance(real, Response):
        return Reply(real.status_code, (), bytes(real.body))
    raise TypeError("an answer that is not whole cannot be told")


def dry_run_reply(tried: Sequence[Outcome], real: Reply, error: AppointedError | None = None) -> Reply:
    """Write what would happen instead of `real`, which must be JSON or without a body; always 200."""
    headers = (("Content-Type", "application/json; charset=utf-8"), *applied(real))
    return Reply(200, headers, _encode(dry_run_of(tried, real, error)))


def applied(real: Reply) -> tuple[tuple[str, str], ...]:
    """Give the headers of a dry run: that it was one, and what `real` warns of that would be lost."""
    return (APPLIED, *(header for header in real.headers if header[0] == LOST))


def dry_run_of(tried: Sequence[Outcome], real: Reply, error: AppointedError | None = None) -> DryRun:
    """Gather what would happen, or what stands in its way; the body of `real`, as it is, is the result."""
    clashes = error.clashes if isinstance(error, TimeHeld) else ()
    held = frozenset((resource, starts_at) for resource, starts_at, _blocker in clashes)
    return DryRun(
        dry_run=True,
        status=real.status,
        refused=None if error is None else error.code,
        result=msgspec.Raw(real.body) if real.body else None,
        ignored=tuple(name for outcome in tried for name in outcome.ignored),
        changes=[
            _change(before, after, outcome, held)
            for outcome in tried
            for before, after in outcome.pairs or ()
        ],
        notices=[told for outcome in tried for told in _told(outcome)],
    )


def _told(outcome: Outcome) -> Iterator[WouldTell]:
    for before, after in outcome.pairs or ():
        for one in notices(before, after):
            if _reads(one, outcome):
                yield WouldTell(
                    kind=one.kind,
                    appointment_id=_number(one.appointment),
                    starts_at=one.appointment.starts_at,
                    associate_id=one.participant.associate_id,
                    person_id=one.participant.person_id,
                    email_address=one.participant.email_address,
                )
    for letter in outcome.claimant_notices:
        row = letter.appointment
        yield WouldTell(
            kind=letter.kind,
            appointment_id=_number(row),
            starts_at=row.starts_at,
            claimant_id=row.claimant.id if row.claimant and row.id > 0 else None,
            ways=letter.ways,
        )


def _reads(notice: Notice, outcome: Outcome) -> bool:
    # A room is told nothing, it has answered already; that it refuses concerns the owner.
    if notice.kind is NoticeKind.DECLINED:
        return True
    associates = outcome.directory.associates if outcome.directory else {}
    associate = associates.get(notice.participant.associate_id)
    return associate is None or associate.type is not AssociateType.RESOURCE


def _change(
    before: Appointment | None,
    after: Appointment | None,
    outcome: Outcome,
    held: frozenset[tuple[int, datetime]],
) -> WouldChange:
    row = after or before
    if row is None:
        raise ValueError("a change of nothing")
    is_held = after is not None and (row.owner_id, _claimed_from(row)) in held
    return WouldChange(
        id=_number(row),
        kind=_kind(before, after),
        owner_id=row.owner_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        has_conflict=is_held or (after is not None and row.id in outcome.conflicts),
        is_lost=row.id in outcome.lost,
        is_held=is_held,
        patch=_patch(before, after),
    )


def _claimed_from(row: Appointment) -> datetime:
    return row.starts_at - timedelta(minutes=row.lead_minutes)


def _kind(before: Appointment | None, after: Appointment | None) -> EventKind:
    if before is None:
        return EventKind.CREATED
    return EventKind.CHANGED if after is not None else EventKind.DELETED


def _patch(before: Appointment | None, after: Appointment | None) -> list[dict[str, Any]]:
    if after is None:
        return [{"op": "remove", "path": ""}]
    if before is None:
        return [{"op": "add", "path": "", "value": after}]
    names = Appointment.__struct_fields__
    return [
        {"op": "replace", "path": path, "value": _known(name, value)}
        for name, old, new in zip(names, astuple(before), astuple(after), strict=True)
        if old != new and name not in STAMPS
        for path, _former, value in differences(name, old, new)
    ]


def _known(name: str, value: Any) -> Any:
    # Ids of what is not made yet are the store's to give.
    return None if name in NEW_IDS and value < 0 else value


def _number(row: Appointment) -> int | None:
    return row.id if row.id > 0 else None
