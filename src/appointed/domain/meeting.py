"""The video part of an appointment: its room, its switches, where its people go afterwards."""

import hmac
import re
from base64 import urlsafe_b64encode
from enum import StrEnum

import msgspec

AGENT_PAGE = "/agent-web/room"
JOIN_PAGE = "/agent-web/join"
CLAIMANT_PAGE = "/client-web/schedule/pre-call/summary"

# 128 bits, as many as the key it is derived from.
INVITED_BYTES = 16

# Numbers that every store can look up, then a secret.
_PLACE = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,17})-([A-Za-z0-9_-]{1,64})")


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
    appointment_id: int
    secret: str

    def __str__(self) -> str:
        """Write it as it stands in links and names of rooms."""
        return f"{self.tenant_id}-{self.appointment_id}-{self.secret}"

    def opens(self, secret: str) -> bool:
        """Tell, in the same time for every text, whether this is the secret."""
        return hmac.compare_digest(self.secret.encode(), secret.encode())


def read_place(text: str) -> Place | None:
    """Read a key or the name of a room; None for any other text."""
    found = _PLACE.fullmatch(text)
    return Place(int(found[1]), int(found[2]), found[3]) if found else None


def agent_url(meeting: Meeting, tenant_id: int, appointment_id: int, base_url: str) -> str:
    """Give the address that opens the room for an agent; `base_url` (no trailing slash) is our own."""
    return f"{base_url}{AGENT_PAGE}/{Place(tenant_id, appointment_id, meeting.agent_key)}"


def invited_key(meeting: Meeting, role: str) -> str:
    """Derive the secret of the link of an interpreter or guest.

    Whoever has it cannot tell the agents' key, nor the key of another role.
    """
    digest = hmac.digest(meeting.agent_key.encode(), role.encode(), "sha256")
    return urlsafe_b64encode(digest[:INVITED_BYTES]).rstrip(b"=").decode()


def invited_url(meeting: Meeting, role: str, tenant_id: int, appointment_id: int, base_url: str) -> str:
    """Give the address by which an interpreter or guest joins; `base_url` (no trailing slash) is our own."""
    return f"{base_url}{JOIN_PAGE}/{role}/{Place(tenant_id, appointment_id, invited_key(meeting, role))}"
