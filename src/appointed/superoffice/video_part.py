"""JoinVideomeetUrl and CentralserviceVideomeetId: an outside meeting's, else those of the room of our own."""

from collections.abc import Callable

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.meeting import Meeting, Place, agent_url, reserved_by, room_of
from appointed.domain.rights import keys
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.context import Context
from appointed.superoffice.members import Member, Sent, text
from appointed.usecases.create_appointment import NEW_ID

Own = Callable[[Meeting, Appointment, str], str]
"""(meeting, its row, base URL) -> what the room of our own is known by."""


def join_url() -> Member[Appointment]:
    """Make the address to join: one that a caller gave, else the agents' own of the room for who may join.

    That of a reservation gives the row a room of its own, and a new row the UUID that the address names.
    That of a room of ours is no outside address, which readers and guests are told: a row keeps what it has,
    or gets its own back. Without a claimant, who has a link to it, a room goes when its address is emptied.
    """
    shared = _shared(
        "JoinVideomeetUrl",
        "video_url",
        lambda meeting, row, base_url: agent_url(meeting, row.tenant_id, row.id, base_url),
    )

    def write(row: Appointment, ctx: Context) -> Json:
        is_ours = row.meeting is not None and not row.video_url
        # A dry run's row is not made: no address leads to its room.
        is_told = not is_ours or (row.id > 0 and keys(ctx.principal, row, ctx.access).room)
        return shared.write(row, ctx) if is_told else ""

    def read(sent: Sent, row: Appointment) -> Appointment:
        url = sent.value if isinstance(sent.value, str) else ""
        reserved = reserved_by(url, row.tenant_id)
        if reserved is not None:
            uid, meeting = reserved
            kept = uid if row.id == NEW_ID else row.uid
            return replace(row, uid=kept, meeting=meeting, video_url="", video_meeting_id="")
        place = room_of(url, row.tenant_id)
        if place is not None:
            return _own_again(place, sent, row)
        if not sent.value and not row.video_url and row.claimant is None:
            return replace(row, meeting=None)
        return shared.read(sent, row) if shared.read else row

    return replace(shared, write=write, read=read)


def _own_again(place: Place, sent: Sent, row: Appointment) -> Appointment:
    if row.meeting is not None and place.appointment == row.id and place.opens(row.meeting.agent_key):
        return replace(row, video_url="")
    sent.notes.ignore(sent.path)
    return row


def meeting_id() -> Member[Appointment]:
    """Make the meeting's id."""
    return _shared("CentralserviceVideomeetId", "video_meeting_id", lambda meeting, _row, _url: meeting.id)


def _shared(name: str, attribute: str, own: Own) -> Member[Appointment]:
    plain = text(name, attribute)

    def write(row: Appointment, ctx: Context) -> Json:
        if row.meeting is None or getattr(row, attribute):
            return plain.write(row, ctx)
        return own(row.meeting, row, ctx.base_url)

    def read(sent: Sent, row: Appointment) -> Appointment:
        if row.meeting is not None and not getattr(row, attribute):
            # The room stays, whatever host name its address was read under.
            if not sent.value:
                sent.notes.ignore(sent.path)
                return row
            if isinstance(sent.value, str) and sent.value.endswith(own(row.meeting, row, "")):
                return row
        return plain.read(sent, row) if plain.read else row

    return replace(plain, write=write, read=read)
