"""The video part of an appointment: its room, its switches, where its people go afterwards."""

import hashlib
import hmac
import re
from base64 import b32encode, urlsafe_b64encode
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

import msgspec

AGENT_PAGE = "/agent-web/room"
JOIN_PAGE = "/agent-web/join"
# The same as addresses with places in them.
AGENT_PATH = AGENT_PAGE + "/{agent_key}"
AGENT_LIVE_PATH = AGENT_PATH + "/live"
JOIN_PATH = JOIN_PAGE + "/{role}/{join_key}"
CLAIMANT_PAGE = "/client-web/schedule/pre-call/summary"

# 128 bits, as many as the key it is derived from.
INVITED_BYTES = 16

# What every store can look up, then a secret. A room that is reserved before there is an appointment names
# the UUID that it is to have; there callers bring the secret back, and it must be one that nobody guesses.
_PLACE = re.compile(
    r"([1-9][0-9]{0,8})-(?:([1-9][0-9]{0,17})-([A-Za-z0-9_-]{1,64})|([0-9a-f]{32})-([A-Za-z0-9_-]{22,64}))"
)
_ROOM_LETTERS = 26


class Bandwidth(StrEnum):
    """How much video the meeting may use."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Features(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The switches of a meeting; the defaults are those of a department that set none."""

    call_recording: bool = False
    breakout_room: bool = False
    webcam_access_agent: bool = True
    webcam_access_claimant: bool = True
    webcam_background_blurring: bool = True
    microphone_access: bool = True
    screen_sharing: bool = True
    messages_chat: bool = True
    participant_list: bool = True
    bandwidth: Bandwidth = Bandwidth.HIGH


# All but the bandwidth are on or off.
SWITCHES = tuple(name for name in Features.__struct_fields__ if name != "bandwidth")


class Redirects(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where people go after the call; stored and told verbatim."""

    is_custom: bool = False
    claimant_url: str | None = None
    agent_url: str | None = None


class Meeting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A video room. `id` and `room_name` cannot be guessed; `agent_key` opens the agent's link."""

    id: str
    room_name: str
    agent_key: str


class Place(msgspec.Struct, frozen=True):
    """Where a key or the name of a room leads: an appointment, and the secret that opens it."""

    tenant_id: int
    appointment: int | UUID
    secret: str

    def __str__(self) -> str:
        """Write it as it stands in links and names of rooms."""
        named = self.appointment.hex if isinstance(self.appointment, UUID) else self.appointment
        return f"{self.tenant_id}-{named}-{self.secret}"

    def opens(self, secret: str) -> bool:
        """Tell, in the same time for every text, whether this is the secret."""
        return hmac.compare_digest(self.secret.encode(), secret.encode())


def read_place(text: str) -> Place | None:
    """Read a key or the name of a room; None for any other text."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    tenant_id, number, secret, uid, long_secret = found.groups()
    return Place(int(tenant_id), UUID(uid) if uid else int(number), long_secret if uid else secret)


def agent_url(meeting: Meeting, tenant_id: int, appointment: int | UUID, base_url: str) -> str:
    """Give the address that opens the room for an agent; `base_url` (no trailing slash) is our own."""
    return f"{base_url}{AGENT_PAGE}/{Place(tenant_id, appointment, meeting.agent_key)}"


def invited_key(meeting: Meeting, role: str) -> str:
    """Derive the secret of the link of an interpreter or guest.

    Whoever has it cannot tell the agents' key, nor the key of another role.
    """
    digest = hmac.digest(meeting.agent_key.encode(), role.encode(), "sha256")
    return urlsafe_b64encode(digest[:INVITED_BYTES]).rstrip(b"=").decode()


def invited_url(meeting: Meeting, role: str, tenant_id: int, appointment_id: int, base_url: str) -> str:
    """Give the address by which an interpreter or guest joins; `base_url` (no trailing slash) is our own."""
    return f"{base_url}{JOIN_PAGE}/{role}/{Place(tenant_id, appointment_id, invited_key(meeting, role))}"


def reserve(uid: UUID, secret: str) -> Meeting:
    """Make the room of a reservation, the same each time: all there is of it stands in its address."""
    letters = b32encode(hashlib.sha256(secret.encode()).digest()).decode().lower()
    return Meeting(id=str(uid), room_name=letters[:_ROOM_LETTERS], agent_key=secret)


def room_of(url: str, tenant_id: int) -> Place | None:
    """Read where an agents' address of this tenant leads; None for any other address."""
    place = read_place(url.rpartition(f"{AGENT_PAGE}/")[2]) if AGENT_PAGE in url else None
    return place if place is not None and place.tenant_id == tenant_id else None


def reserved_by(url: str, tenant_id: int) -> tuple[UUID, Meeting] | None:
    """Read the UUID and the room of a reservation of this tenant from its address; None for any other."""
    place = room_of(url, tenant_id)
    if place is None or not isinstance(place.appointment, UUID):
        return None
    return place.appointment, reserve(place.appointment, place.secret)


def claimant_url(place: Place, reference: str, base_url: str) -> str:
    """Give the address that the claimant opens; `place` holds the link's secret, `base_url` is our own."""
    return f"{base_url}{CLAIMANT_PAGE}?reference={quote(reference, safe='')}&key={place}"
