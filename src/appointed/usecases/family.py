"""One change and everyone it concerns: the guests of a booking, the occurrences of a series; pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, BookingType
from appointed.domain.booking import call_off, invite, leave, unconcerned
from appointed.domain.claims import Claim, asked_time, claims_of
from appointed.domain.diary import REFUSED, is_refused, settle
from appointed.domain.directory import View
from appointed.domain.errors import Forbidden, InvalidAppointment, Problem, TimeHeld
from appointed.domain.follow import follow
from appointed.domain.participant import InvitationStatus
from appointed.domain.principal import Principal
from appointed.domain.rights import access, refused, rights
from appointed.domain.series import Plan, Reach, Rename, change, delete, start
from appointed.domain.validity import outside_calendar, problems
from appointed.usecases.ports import ByFamily, Change, Decision, IdSource, Rows
from appointed.usecases.presumed import TimeLetGo

# More than that is no appointment any more; it would hold up everybody else for seconds.
MOST_ROWS = 5_000
FIRST_OCCURRENCE_ID = -2
FIRST_GUEST_ID = -1_000_000
REFERENCE_LENGTH = 15
KEPT_BY_SERIES = frozenset({"series", "series_id"})


# Two dates of one change may ask for the same time: the booking says which of them it is.
Asked = tuple[int, datetime, UUID]


def taken_from(held: TimeHeld) -> set[Asked]:
    """Say which guests lost their time, of which bookings."""
    lost = zip(held.clashes, held.bookings, strict=True)
    return {(resource, starts_at, booking) for (resource, starts_at, _blocker), booking in lost}


class ConcernsOthers(Exception):
    """The change must see the rows of a whole family; nothing was written."""

    def __init__(self, family: "Family", family_id: int, *, alone: bool) -> None:
        super().__init__(family_id)
        self._family = family
        self.family_id = family_id
        self._alone = alone

    def widen(self, change: Change) -> Change:
        """Let the change run on the family's rows, if it has any yet."""
        self._family.loaded, self._family.is_alone = self.family_id, self._alone
        scope = ByFamily(self.family_id) if self.family_id else change.scope
        return replace(change, scope=scope, alone=self._alone)


class Family:
    """What expanding one request's change needs; the same names each time it is decided.

    `busy` are (resource, start with lead, booking) that are taken: such a guest declines. `asked` collects
    all those that guests of this change would hold. `loaded` is the family whose rows are at hand, 0 for the
    one row; `is_alone` says that nobody waits behind this change.
    """

    def __init__(self, ids: IdSource, principal: Principal, reach: Reach = Reach.THIS) -> None:
        self.principal = principal
        self.reach = reach
        self.loaded = 0
        self.is_alone = False
        self.busy: frozenset[Asked] = frozenset()
        self.asked: set[Asked] = set()
        self._ids = ids
        self._names: dict[tuple[int, bool], dict[str, object]] = {}

    def demand(self, family_id: int, *, is_series: bool) -> "Family":
        """Raise ConcernsOthers unless the change runs on this family's rows, and a series by itself."""
        if family_id not in (0, self.loaded) or (is_series and not self.is_alone):
            raise ConcernsOthers(self, family_id, alone=is_series)
        return self

    def declines(self, held: TimeHeld) -> bool:
        """Note what is taken, if all of it was asked of guests, who may decline."""
        taken = taken_from(held)
        if not taken or not taken <= self.asked or taken <= self.busy:
            return False
        self.busy |= taken
        return True

    def asks_again(self, freed: TimeLetGo) -> None:
        """Note what is not taken any more."""
        free = {(time.resource_id, time.starts_at) for time in freed.times}
        self.busy = frozenset(asked for asked in self.busy if asked[:2] not in free)

    def rename(self, view: View) -> Rename:
        """Give names of its own to a copy of a row."""

        def renamed(row: Appointment, new_id: int) -> Appointment:
            key = (new_id, row.meeting is None)
            names = self._names.get(key)
            if names is None:
                names = self._names[key] = self._new_names(row, view.now)
            return replace(row, **names)

        return renamed

    def _new_names(self, row: Appointment, now: datetime) -> dict[str, object]:
        ids = self._ids
        meeting = row.meeting and replace(
            row.meeting, id=ids.letters(20), room_name=ids.letters(26), agent_key=ids.token(16)
        )
        return {
            "uid": ids.uuid7(now),
            "reference": ids.letters(REFERENCE_LENGTH),
            "link_key": ids.token(16),
            "meeting": meeting,
            "created_at": now,
            "created_by": self.principal.associate_id,
            "revision": 1,
            "updated_at": None,
            "updated_by": 0,
            "is_second_shared": False,
        }


class _Drafts(msgspec.Struct):
    replacements: list[Appointment] = msgspec.field(default_factory=list)
    creations: list[Appointment] = msgspec.field(default_factory=list)
    deletions: list[int] = msgspec.field(default_factory=list)
    lost: tuple[int, ...] = ()
    presumed: list[Claim] = msgspec.field(default_factory=list)

    def decision(self, first: int, ignored: tuple[str, ...]) -> Decision:
        size = len(self.replacements) + len(self.creations) + len(self.deletions)
        if size > MOST_ROWS:
            raise InvalidAppointment((Problem("series", "most", size, MOST_ROWS),))
        return Decision(
            replacements=tuple(self.replacements),
            creations=tuple(self.creations),
            deletions=tuple(self.deletions),
            ignored=ignored,
            first=first,
            lost=self.lost,
            presumed=tuple(self.presumed),
        )


def concerned(before: Appointment | None, after: Appointment, reach: Reach) -> int | None:
    """Tell whose rows a change needs: None for its own alone, a family's id, or 0 for a new one's."""
    if before is None:
        return 0 if after.series is not None or _has_others(after) else None
    if before.is_booking_row:
        return before.series_id or None if reach is not Reach.THIS else None
    is_ruled = after.series != before.series
    if before.series_id and (is_ruled or reach is not Reach.THIS):
        return before.series_id
    if before.mother_id:
        return before.mother_id
    is_asking = after.participants != before.participants and _has_others(after)
    if is_ruled or is_asking or after.owner_id != before.owner_id:
        # Guests of former times may have rows still.
        return before.id
    return None


def is_series(before: Appointment | None, after: Appointment, family_id: int) -> bool:
    """Tell whether a change goes for a whole series, which may be long."""
    if before is not None and before.series_id:
        return family_id == before.series_id
    return after.series is not None


def expand(
    rows: Rows,
    before: Appointment | None,
    after: Appointment,
    view: View,
    family: Family,
    ignored: tuple[str, ...] = (),
) -> Decision:
    """Let a change of one row, already settled and judged, reach everyone it concerns.

    `rows` are the family it belongs to. Raises InvalidAppointment when a rule cannot be kept, and Forbidden
    when the caller may not do so to another row.
    """
    if before is not None and before.is_booking_row:
        return _of_guest(rows, before, after, view, family).decision(after.id, ignored)
    try:
        plan = _plan(rows, before, after, view, family)
        _demand_rights(rows, plan, after.id, view, family.principal)
        return _drafted(rows, plan, after, view, family).decision(after.id, ignored)
    except OverflowError:
        raise InvalidAppointment((Problem("series", "calendar"),)) from None


def withdraw(rows: Rows, row: Appointment, view: View, family: Family) -> Decision:
    """Delete one row, or its series as far as the caller wants, and tell whoever was invited.

    A guest who deletes their own row, or those of later dates with it, has declined.
    """
    if row.is_booking_row:
        own = [] if family.reach is Reach.STOP else [row]
        drafts = _Drafts()
        _leave(drafts, rows, [*own, *_own_dates(rows, row, family.reach)], view, family.principal)
        return drafts.decision(0, ())
    if row.series_id:
        masters = [one for one in rows if not one.is_booking_row]
        plan = delete(masters, row, family.reach)
        _demand_rights(rows, plan, row.id, view, family.principal)
        return _drafted(rows, plan, None, view, family).decision(0, ())
    return _drafted(rows, Plan(deletions=(row.id,)), None, view, family).decision(0, ())


def family_of(row: Appointment, reach: Reach) -> int:
    """Give the family that deleting a row concerns; 0 for none."""
    if row.series_id and (reach is not Reach.THIS or not row.is_booking_row):
        return row.series_id
    return row.mother_id


def _of_guest(rows: Rows, before: Appointment, after: Appointment, view: View, family: Family) -> _Drafts:
    """Let a guest's rows of other dates follow a change of one; STOP has the guest leave those after it."""
    drafts = _Drafts(replacements=[after] if after != before else [])
    others = _own_dates(rows, before, family.reach)
    if family.reach is Reach.STOP:
        _leave(drafts, rows, others, view, family.principal)
        return drafts
    followed = [(one, follow(before, after, one)) for one in others]
    plan = Plan(replacements=tuple(_settled(one, new, view) for one, new in followed if new != one))
    _demand_rights(rows, plan, after.id, view, family.principal)
    drafts.replacements.extend(plan.replacements)
    return drafts


def _own_dates(rows: Rows, row: Appointment, reach: Reach) -> list[Appointment]:
    """List the rows of the same guest on the other dates that a change of one reaches."""
    if row.series is None or reach is Reach.THIS:
        return []
    since = date.min if reach is Reach.ALL else row.series.on
    own = (one for one in rows if one.is_booking_row and one.owner_id == row.owner_id and one.id != row.id)
    return [one for one in own if one.series is not None and one.series.on >= since]


def _leave(drafts: _Drafts, rows: Rows, gone: list[Appointment], view: View, principal: Principal) -> None:
    dates: dict[int, list[Appointment]] = {}
    for row in rows:
        dates.setdefault(row.mother_id or row.id, []).append(row)
    for row in gone:
        if not rights(principal, row, view).may_delete:
            raise Forbidden
        others, number = leave(dates[row.mother_id], row)
        drafts.replacements.extend(others)
        drafts.deletions.append(number)


def _plan(rows: Rows, before: Appointment | None, after: Appointment, view: View, family: Family) -> Plan:
    rename = family.rename(view)
    if after.series is not None and not (before and before.series_id):
        return start(after, rename, FIRST_OCCURRENCE_ID)
    if before is not None and before.series_id and concerned(before, after, family.reach) == before.series_id:
        masters = [row for row in rows if not row.is_booking_row]
        return change(masters, before, after, family.reach, rename, FIRST_OCCURRENCE_ID)
    return Plan(replacements=(after,))


def _demand_rights(rows: Rows, plan: Plan, own: int, view: View, principal: Principal) -> None:
    """Raise Forbidden unless the caller may do to all rows of a plan what they may do to the first of them.

    That a rule ends or begins elsewhere is no change of the others that stay.
    """
    standing = {row.id: row for row in rows}
    for row_id in plan.deletions:
        if not rights(principal, standing[row_id], view).may_delete:
            raise Forbidden
    for new in plan.replacements:
        former = standing.get(new.id)
        if former is None or new.id == own:
            continue
        granted = access(principal, former, view.directory)
        beyond = set(refused(granted, former, new)) - KEPT_BY_SERIES
        if beyond:
            raise Forbidden(members=tuple(sorted(beyond)))


def _drafted(rows: Rows, plan: Plan, after: Appointment | None, view: View, family: Family) -> _Drafts:
    standing = {row.id: row for row in rows}
    guests: dict[int, list[Appointment]] = {}
    for row in rows:
        if row.is_booking_row:
            guests.setdefault(row.mother_id, []).append(row)
    drafts, ids = _Drafts(lost=plan.lost), count(FIRST_GUEST_ID, -1)
    for new in (*plan.replacements, *plan.creations):
        former = standing.get(new.id)
        settled = _settled(former, new, view) if after is None or new.id != after.id else new
        _keep(drafts, former, settled, guests.get(new.id, []), view, family, ids)
    for row_id in plan.deletions:
        told = guests.get(row_id, [])
        drafts.deletions += [row_id, *unconcerned(told)]
        drafts.replacements.extend(call_off(told))
    return drafts


def _settled(former: Appointment | None, new: Appointment, view: View) -> Appointment:
    """Settle a row that follows, and judge it as the one that is changed was; a copy is as good as that."""
    settled = settle(former, new, view)
    found = problems(former, settled, view.directory) if former else tuple(outside_calendar(settled))
    if found:
        raise InvalidAppointment(found)
    return settled


def _keep(
    drafts: _Drafts,
    former: Appointment | None,
    master: Appointment,
    guests: list[Appointment],
    view: View,
    family: Family,
    ids: Iterator[int],
) -> None:
    made = None
    if guests or _is_booking(former, master):
        starts_at = master.starts_at - timedelta(minutes=master.lead_minutes)
        kept = _kept(former, master, guests) if family.reach is Reach.THIS else frozenset[int]()
        times = {one.associate_id: (one.associate_id, starts_at, master.uid) for one in master.participants}
        others = times.keys() - kept - {master.owner_id}
        family.asked.update(times[guest] for guest in others)
        busy = frozenset(guest for guest, asked in times.items() if asked in family.busy)
        made = invite(former, master, guests, view.directory, family.rename(view), ids, busy)
        master = made.master
        drafts.presumed.extend(_presumed(master, busy, view))
    (drafts.creations if former is None else drafts.replacements).append(master)
    if made is not None:
        drafts.replacements.extend(made.replacements)
        drafts.creations.extend(made.creations)
        drafts.deletions.extend(made.deletions)


def _presumed(master: Appointment, busy: frozenset[int], view: View) -> Iterator[Claim]:
    """Give the times for which rooms decline: what each would hold, had it accepted."""
    for one in master.participants:
        if one.associate_id in busy and one.invitation_status in REFUSED:
            booked = {"booking_type": BookingType.PARTICIPANT, "invitation_status": InvitationStatus.ACCEPTED}
            asked = replace(master, id=0, owner_id=one.associate_id, **booked)
            yield from claims_of(asked, view.directory)


def _kept(former: Appointment | None, master: Appointment, guests: list[Appointment]) -> frozenset[int]:
    """Name those whose time a move of this one row would lose: they do not decline, the move is refused."""
    if former is None or asked_time(former) == asked_time(master):
        return frozenset()
    return frozenset(guest.owner_id for guest in guests if not is_refused(guest))


def _is_booking(former: Appointment | None, master: Appointment) -> bool:
    if former is None:
        return _has_others(master)
    return former.mother_id != 0 or (former.participants != master.participants and _has_others(master))


def _has_others(row: Appointment) -> bool:
    return any(one.associate_id != row.owner_id for one in row.participants)
