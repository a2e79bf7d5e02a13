"""The video part of an appointment: its room, its switches, where its people go afterwards."""

from enum import StrEnum

import msgspec

AGENT_PAGE = "/agent-web/room"


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


def agent_url(meeting: Meeting, base_url: str) -> str:
    """Give the address that opens the room for an agent; `base_url` (no trailing slash) is our own."""
    return f"{base_url}{AGENT_PAGE}/{meeting.agent_key}"
