"""Who gets which letter of a mailing: one per receiver, kind and appointment, or series."""

from collections.abc import Callable, Collection, Iterator, Sequence
from enum import StrEnum

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.call import Side
from appointed.domain.directory import Department, Directory
from appointed.domain.follow import who
from appointed.domain.letter import Channel, Item, LetterName, Mailing, Purpose
from appointed.domain.notices import Notice, NoticeKind, claimant_news
from appointed.domain.participant import Participant
from appointed.domain.status import Status
from appointed.usecases.mail_ports import Moment
from appointed.usecases.receivers import ANSWERS, Receiver, letters_to
from appointed.usecases.take_reply import addresses

Told = Sequence[tuple[Item, Moment]]
Pseudonym = Callable[[int, str], str]
"""Turn a tenant's mail address into a name that says nothing of it, always the same."""


class Word(StrEnum):
    """What a letter says."""

    INVITED = "invited"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMINDED = "reminded"
    ASKED = "asked"


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One letter: of the `rows` that it tells (as they were or are), and whoever it is about.

    `former` are those rows before the change, as far as they stood.
    `guest` is the participant that is told, or who answered; None: the letter is the claimant's, or that of
    somebody who is asked to join, as `side`.
    """

    name: LetterName
    word: Word
    channel: Channel
    receiver: Receiver
    directory: Directory
    rows: tuple[Appointment, ...]
    former: tuple[Appointment, ...] = ()
    guest: Participant | None = None
    guest_address: str = ""
    side: Side | None = None

    @property
    def department(self) -> Department | None:
        """The department that tells."""
        return self.directory.departments.get(self.rows[0].department_id)


OVER = frozenset({Status.CANCELLED, Status.COMPLETE, Status.NO_SHOW})
AGAIN = {Purpose.INVITATION: Word.INVITED, Purpose.REMINDER: Word.REMINDED}


def outgoing(mailing: Mailing, told: Told, pseudonym: Pseudonym) -> dict[str, Outgoing]:
    """List the letters of a mailing by their names."""
    found: dict[str, Outgoing] = {}
    for item, moment in told:
        for letter in _letters(mailing, item, moment, pseudonym):
            known = found.get(letter.name.name)
            if known is not None:
                rows, former = (*known.rows, *letter.rows), (*known.former, *letter.former)
                letter = msgspec.structs.replace(letter, rows=rows, former=former)  # noqa: PLW2901 - grown
            found[letter.name.name] = letter
    return found


def _letters(mailing: Mailing, item: Item, moment: Moment, pseudonym: Pseudonym) -> Iterator[Outgoing]:
    if mailing.purpose is not Purpose.CHANGE:
        row = moment.after
        if mailing.purpose is Purpose.JOIN:
            yield from _joining(mailing, row, moment.directory)
        elif row is not None and row.status not in OVER and row.claimant is not None:
            yield from _claimants(row, AGAIN[mailing.purpose], moment.directory)
        return
    if mailing.is_asked:
        for notice, receiver in letters_to(moment.before, moment.after, moment.directory, mailing.by):
            yield from _participants(notice, receiver, moment, pseudonym)
    for way, kind in claimant_news(moment.before, moment.after, mailing.at).items():
        row = moment.before if kind is NoticeKind.CANCELLED else moment.after
        former = (moment.before,) if moment.before is not None else ()
        if row is not None:
            yield from _claimants(row, Word(kind), moment.directory, (way,), former)


def _joining(mailing: Mailing, row: Appointment | None, directory: Directory) -> Iterator[Outgoing]:
    note = mailing.note
    # Words that no key opens any more are left out, and with them whom to tell.
    if note is None or row is None or row.meeting is None or row.status in OVER:
        return
    yield Outgoing(
        name=LetterName(f"r{row.id}/{Word.ASKED}/{note.channel}/{note.role}", f"{mailing.id}"),
        word=Word.ASKED,
        channel=Channel(note.channel),
        receiver=Receiver(address=note.to),
        directory=directory,
        rows=(row,),
        side=Side(note.role),
    )


def _claimants(
    row: Appointment,
    word: Word,
    directory: Directory,
    ways: Collection[Channel] = tuple(Channel),
    former: tuple[Appointment, ...] = (),
) -> Iterator[Outgoing]:
    department, claimant = directory.departments.get(row.department_id), row.claimant
    if department is None or claimant is None:
        return
    known = {Channel.EMAIL: claimant.email, Channel.SMS: claimant.phone_number}
    for channel, address in known.items():
        if channel in ways and channel in department.invites_by and address and address.strip():
            yield Outgoing(
                name=LetterName(f"r{row.id}/{word}/{channel}/claimant", f"r{row.id}/{channel}/claimant"),
                word=word,
                channel=channel,
                receiver=Receiver(address=address.strip(), name=claimant.name or ""),
                directory=directory,
                rows=(row,),
                former=former,
            )


def _participants(
    notice: Notice, receiver: Receiver, moment: Moment, pseudonym: Pseudonym
) -> Iterator[Outgoing]:
    directory, guest, row = moment.directory, notice.participant, notice.appointment
    identity = _identity(receiver, guest, row, pseudonym)
    own_address = next(addresses(guest, directory), "")

    def letter(word: Word, told: Appointment, about: str = "") -> Outgoing:
        thing = f"s{told.series_id}" if told.series_id else f"r{told.id}"
        return Outgoing(
            name=LetterName(f"{thing}/{word}/email/{identity}{about}", f"{thing}/email/{identity}"),
            word=word,
            channel=Channel.EMAIL,
            receiver=receiver,
            directory=directory,
            rows=(told,),
            former=(moment.before,) if moment.before is not None else (),
            guest=guest,
            guest_address=own_address,
        )

    before, after = moment.before, moment.after
    is_renamed = before is not None and after is not None and before.series_id != after.series_id
    if is_renamed and before is not None and notice.kind is NoticeKind.MOVED and not receiver.associate_id:
        # Outside calendars know the date by the former name.
        yield letter(Word.REPLACED, before)
    # Who answered is another one each time.
    yield letter(Word(notice.kind), row, f"/{guest.key}" if notice.kind in ANSWERS else "")


def _identity(receiver: Receiver, guest: Participant, row: Appointment, pseudonym: Pseudonym) -> str:
    if receiver.associate_id:
        return f"a{receiver.associate_id}"
    kind, value = who(guest)
    if kind == "email":
        return f"x{pseudonym(row.tenant_id, receiver.address)}"
    return f"{kind[0]}{value}"
