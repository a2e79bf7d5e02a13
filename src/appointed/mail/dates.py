"""Which dates of a series a letter tells: those that changed, by names its receiver knows, or the whole."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.follow import who
from appointed.domain.letter import SeriesTold
from appointed.domain.participant import InvitationStatus
from appointed.domain.recurrence import Wall
from appointed.domain.status import Status
from appointed.ical.letters import Method, usual_time
from appointed.mail.outgoing import Outgoing, Word

ALL_OF_THEM: Final = frozenset[int]()
# Whoever refused a date hears no more of it.
REFUSED: Final = frozenset({InvitationStatus.DECLINED, InvitationStatus.HIDDEN})
ANSWERED: Final = frozenset({Word.ACCEPTED, Word.DECLINED})
Rows = dict[int, Appointment]
# When a date begins and ends, and whether it takes whole days.
Times = dict[date, tuple[datetime, datetime, bool]]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The dates of a letter's series as they are now, and what was told of them; `receiver` is told now."""

    receiver: str
    masters: tuple[Appointment, ...] = ()
    told: SeriesTold | None = None


class Dates(msgspec.Struct, frozen=True, kw_only=True):
    """The dates of a letter: all that its receiver has, the ids of those that are told, or none for all.

    `told` is what the receiver has of the series after it; None: of no series, or of none any more.
    """

    rows: list[Appointment]
    method: Method
    only: frozenset[int] = ALL_OF_THEM
    told: SeriesTold | None = None


def dates_told(letter: Outgoing, method: Method, known: Known) -> Dates:
    """Choose what a letter tells of its series.

    Single dates go by the usual time, as long as their receiver has them by it and everything else as it is
    (ADR 205); else the series is told as a whole, as far as it is left.
    """
    first = letter.rows[0]
    if first.series is None or letter.guest is None:
        # Who is no participant gets a letter for each date, which is told by itself.
        return Dates(rows=[first], method=method)
    told = {row.id: row for row in letter.rows}
    now = {row.id: row for row in known.masters if _hears_of(row, letter, known)}
    rows = now | told
    if method not in (Method.REQUEST, Method.CANCEL):
        only = frozenset(told) if told.keys() != rows.keys() else ALL_OF_THEM
        return Dates(rows=list(rows.values()), method=method, only=only)
    if told.keys() != rows.keys() and letter.word is not Word.INVITED and _is_as_told(letter, now, known):
        return _some(rows, told, method, known)
    if method is Method.CANCEL and told.keys() == rows.keys():
        return Dates(rows=list(rows.values()), method=method)
    return _whole(list((now if method is Method.CANCEL else rows).values()), known)


def _is_as_told(letter: Outgoing, now: Rows, known: Known) -> bool:
    """Tell whether the receiver has the letter's dates by their name, and all others as they are."""
    series = known.told
    if series is None or series.receiver != known.receiver:
        return False
    told = {row.id: row for row in letter.rows}
    own = {row.series.on for row in told.values() if row.series}
    if not own <= series.dates.keys() or {_usual(now | told), _usual(now)} != {series.usual}:
        return False
    others = [row for row in now.values() if row.id not in told]
    refused = {row.series.on for row in others if row.series and _has_refused(row, letter)}
    unknown = own | refused
    return _without(_times(others), unknown) == _without(_times_told(series), unknown)


def _whole(rows: list[Appointment], known: Known) -> Dates:
    dates, usual = _times(rows), usual_time(rows)
    told = SeriesTold(receiver=known.receiver, usual=usual, dates={}) if usual and dates else None
    told = told and _telling(told, dates)
    return Dates(rows=rows, method=Method.REQUEST, told=told)


def _some(rows: Rows, told: Rows, method: Method, known: Known) -> Dates:
    series, changed = known.told, list(told.values())
    if series is not None:
        dates = _without(_times_told(series), {row.series.on for row in changed if row.series})
        dates |= {} if method is Method.CANCEL else _times(changed)
        series = _telling(series, dates) if dates else None
    return Dates(rows=list(rows.values()), method=method, only=frozenset(told), told=series)


def _times(rows: list[Appointment]) -> Times:
    """Say when which dates are; those that are called off are not."""
    return {
        row.series.on: (row.starts_at, row.ends_at, row.is_all_day)
        for row in rows
        if row.series and row.status is not Status.CANCELLED
    }


def _times_told(series: SeriesTold) -> Times:
    return {day: (*times, day in series.whole_days) for day, times in series.dates.items()}


def _telling(series: SeriesTold, dates: Times) -> SeriesTold:
    times = {day: (starts_at, ends_at) for day, (starts_at, ends_at, _is_whole) in dates.items()}
    whole_days = frozenset(day for day, (_starts_at, _ends_at, is_whole) in dates.items() if is_whole)
    return replace(series, dates=times, whole_days=whole_days)


def _without(dates: Times, days: Collection[date]) -> Times:
    return {day: times for day, times in dates.items() if day not in days}


def _usual(rows: Rows) -> Wall | None:
    return usual_time(list(rows.values())) if rows else None


def _hears_of(row: Appointment, letter: Outgoing, known: Known) -> bool:
    """Tell whether a date is the receiver's to know: the guest takes part, and mail goes or went there.

    Answers go to the owner, who knows all dates, whether or not the guest wants mail.
    """
    guest, series = letter.guest, known.told
    if guest is None or row.series is None:
        return False
    is_told = series is not None and series.receiver == known.receiver and row.series.on in series.dates
    is_known = is_told or letter.word in ANSWERED
    return any(who(one) == who(guest) and (one.send_email or is_known) for one in row.participants)


def _has_refused(row: Appointment, letter: Outgoing) -> bool:
    guest = letter.guest
    return guest is not None and any(
        one.invitation_status in REFUSED for one in row.participants if who(one) == who(guest)
    )
