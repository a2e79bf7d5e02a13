"""What a change leaves for the post: which appointments are to be told of, and the caller's words, sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.errors import SealBroken
from appointed.domain.letter import Channel, Item, Mailing, Note, Purpose
from appointed.domain.notices import claimant_news
from appointed.sealing.sealer import Sealer
from appointed.store.document import Row
from appointed.store.plan import StoredEvent
from appointed.store.scripts import instant, json_text, uuid_of
from appointed.usecases import receivers
from appointed.usecases.ports import Change

Said = tuple[Row | None, Row | None, StoredEvent]
Channels = frozenset[Channel]

COLUMNS = "tenant_id, id, key, purpose, at, by, is_asked, items, note"
INSERT = f"INSERT INTO mailing ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"

_items = msgspec.json.Decoder(tuple[Item, ...]).decode
_note = msgspec.json.Decoder(Note).decode


def mailing_of(
    change: Change, said: Sequence[Said], directory: Directory, channels: Channels
) -> Mailing | None:
    """Gather what of a change somebody is to be told of; None when nobody is."""
    is_asked = change.mail is not None and Channel.EMAIL in channels
    told = [
        event
        for before, after, event in said
        if (is_asked and _has_letters(change, before, after, directory))
        or _has_news(before, after, event, directory, channels)
    ]
    if not told:
        return None
    first = told[0]
    return Mailing(
        tenant_id=change.tenant_id,
        id=first.id,
        key=f"event:{first.id}",
        purpose=Purpose.CHANGE,
        at=first.at,
        items=tuple(Item(event.appointment_id, event.revision) for event in told),
        by=change.principal.associate_id,
        is_asked=is_asked,
        note=change.mail if is_asked and change.mail != Note() else None,
    )


def _has_letters(change: Change, before: Row | None, after: Row | None, directory: Directory) -> bool:
    """Tell whether a participant or the owner is told by mail of what became of one row."""
    by = change.principal.associate_id
    return any(receivers.letters_to(_bare(before), _bare(after), directory, by))


def sends(change: Change, before: Row | None, after: Row | None, directory: Directory, now: datetime) -> bool:
    """Tell whether one of those letters leaves."""
    return receivers.sends(_bare(before), _bare(after), directory, change.principal.associate_id, now)


def _has_news(
    before: Row | None, after: Row | None, event: StoredEvent, directory: Directory, channels: Channels
) -> bool:
    row = after or before
    if row is None or not any(one is not None and one.claimant is not None for one in (before, after)):
        return False
    department = directory.departments.get(row.appointment.department_id)
    if department is None or not (ways := channels.intersection(department.invites_by)):
        return False
    return not ways.isdisjoint(claimant_news(_bare(before), _bare(after), event.at))


def _bare(row: Row | None) -> Appointment | None:
    return row.appointment if row is not None else None


def written(mailing: Mailing, sealer: Sealer) -> tuple[Any, ...]:
    """Give a mailing's values in the order of COLUMNS."""
    return (
        mailing.tenant_id,
        mailing.id,
        mailing.key,
        str(mailing.purpose),
        mailing.at,
        mailing.by,
        int(mailing.is_asked),
        json_text(mailing.items),
        _sealed(mailing, sealer),
    )


def mailing_from(row: Sequence[Any], sealer: Sealer) -> Mailing:
    """Read a mailing's COLUMNS; words that no key opens any more are left out."""
    tenant_id, mailing_id, key, purpose, at, by, is_asked, items, note = row
    bare = Mailing(
        tenant_id=tenant_id,
        id=uuid_of(mailing_id),
        key=key,
        purpose=Purpose(purpose),
        at=instant(at),
        items=_items(items),
        by=by,
        is_asked=bool(is_asked),
    )
    try:
        return msgspec.structs.replace(bare, note=_opened(bare, note, sealer)) if note else bare
    except SealBroken:
        return bare


def note_context(tenant_id: int, mailing_id: UUID) -> bytes:
    """Name whose note is sealed."""
    return b"mailing:%d:%b" % (tenant_id, mailing_id.bytes)


def _sealed(mailing: Mailing, sealer: Sealer) -> bytes:
    if mailing.note is None:
        return b""
    context = note_context(mailing.tenant_id, mailing.id)
    key, wrapped = sealer.new_key(context)
    return len(wrapped).to_bytes(2) + wrapped + sealer.seal(key, msgspec.json.encode(mailing.note), context)


def _opened(mailing: Mailing, sealed: bytes, sealer: Sealer) -> Note:
    context = note_context(mailing.tenant_id, mailing.id)
    end = 2 + int.from_bytes(sealed[:2])
    return _note(sealer.open(sealer.unwrap(sealed[2:end], context), sealed[end:], context))
