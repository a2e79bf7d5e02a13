"""What the switches of a meeting mean in Jitsi: features of the token, and configuration of the client.

Source: the handbook's tokens and configuration pages. What the token says counts on the meeting server;
configuration rules the screen alone, and a hostile browser can pass it by.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from appointed.domain.call import INVITED, Side
from appointed.domain.meeting import Bandwidth, Features

Config = Mapping[str, Any]

_JOINING: Final = (
    "microphone",
    "camera",
    "toggle-camera",
    "desktop",
    "chat",
    "participants-pane",
    "raisehand",
    "tileview",
    "select-background",
    "settings",
    "videoquality",
    "fullscreen",
    "hangup",
)

# Inviting others and the room's own secrets are no business of anybody in it.
TOOLBAR: Final[Mapping[Side, tuple[str, ...]]] = {
    Side.AGENT: (
        "microphone",
        "camera",
        "toggle-camera",
        "desktop",
        "chat",
        "participants-pane",
        "recording",
        "raisehand",
        "tileview",
        "select-background",
        "mute-everyone",
        "mute-video-everyone",
        "settings",
        "videoquality",
        "fullscreen",
        "hangup",
    ),
    **dict.fromkeys((Side.CLAIMANT, *INVITED), _JOINING),
}

# With this map in a token, only what is true in it is allowed.
_CLOSED: Final = dict.fromkeys(
    (
        "create-polls",
        "file-upload",
        "inbound-call",
        "livestreaming",
        "live-translation",
        "lobby",
        "moderation",
        "outbound-call",
        "recording",
        "screen-sharing",
        "send-groupchat",
        "send-private-message",
        "sip-inbound-call",
        "sip-outbound-call",
        "transcription",
    ),
    False,
)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What follows for whom where `is_off` holds: buttons that go, and configuration."""

    is_off: Callable[[Features, Side], bool]
    buttons: tuple[str, ...] = ()
    config: Config = {}


def _has_no_camera(features: Features, side: Side) -> bool:
    allowed = {Side.AGENT: features.webcam_access_agent, Side.CLAIMANT: features.webcam_access_claimant}
    return not allowed.get(side, True)


RULES: Final = (
    Rule(
        is_off=lambda features, _side: not features.call_recording,
        buttons=("recording",),
        config={"localRecording.disable": True},
    ),
    Rule(
        is_off=lambda features, _side: not features.breakout_room,
        config={
            "breakoutRooms.hideAddRoomButton": True,
            "breakoutRooms.hideAutoAssignButton": True,
            "breakoutRooms.hideJoinRoomButton": True,
        },
    ),
    Rule(
        is_off=_has_no_camera,
        buttons=("camera", "toggle-camera"),
        config={"startWithVideoMuted": True},
    ),
    Rule(
        is_off=lambda features, _side: not features.webcam_background_blurring,
        buttons=("select-background",),
        config={"disableVirtualBackground": True},
    ),
    Rule(
        is_off=lambda features, _side: not features.microphone_access,
        buttons=("microphone",),
        config={"startWithAudioMuted": True},
    ),
    Rule(is_off=lambda features, _side: not features.screen_sharing, buttons=("desktop",)),
    Rule(
        is_off=lambda features, _side: not features.messages_chat,
        buttons=("chat",),
        config={"disablePolls": True},
    ),
    Rule(
        is_off=lambda features, _side: not features.participant_list,
        buttons=("participants-pane",),
        config={
            "participantsPane.hideModeratorSettingsTab": True,
            "participantsPane.hideMoreActionsButton": True,
            "participantsPane.hideMuteAllButton": True,
        },
    ),
)

# Lines of video.
HEIGHTS: Final = {Bandwidth.LOW: 180, Bandwidth.MEDIUM: 360, Bandwidth.HIGH: 720}
# Looked at when somebody comes in, and not again.
ENTERING: Final = ("startWithVideoMuted", "startWithAudioMuted", "resolution")
# Media by whether the meeting server is to take them from moderators alone (AV moderation).
MODERATED: Final[Mapping[str, Callable[[Features], bool]]] = {
    "audio": lambda features: not features.microphone_access,
    "video": lambda features: not features.webcam_access_claimant,
}
# Buttons of the page before the meeting that a missing button of the toolbar hides, too.
PREMEETING: Final = ("microphone", "camera", "select-background")


def token_features(features: Features, side: Side) -> dict[str, bool]:
    """Give what a token allows: screen and chat as switched, and to agents a recording and the moderation."""
    is_agent = side is Side.AGENT
    return _CLOSED | {
        "lobby": is_agent,
        "moderation": is_agent,
        "recording": is_agent and features.call_recording,
        "screen-sharing": features.screen_sharing,
        "send-groupchat": features.messages_chat,
        "send-private-message": features.messages_chat,
    }


def config(features: Features, side: Side) -> dict[str, Any]:
    """Give the client's configuration, by dotted names."""
    rules = [rule for rule in RULES if rule.is_off(features, side)]
    gone = {button for rule in rules for button in rule.buttons}
    height = HEIGHTS[features.bandwidth]
    values: dict[str, Any] = {
        "toolbarButtons": [button for button in TOOLBAR[side] if button not in gone],
        "hiddenPremeetingButtons": ["invite", *(button for button in PREMEETING if button in gone)],
        "resolution": height,
        "constraints.video.height.ideal": height,
        "constraints.video.height.max": height,
    }
    for rule in rules:
        values |= rule.config
    return values


def live_config(features: Features, side: Side) -> dict[str, Any]:
    """Give the configuration as nested objects, also where a switch is on again: the rules' opposite."""
    usual = {name: False for rule in RULES for name in rule.config}
    nested: dict[str, Any] = {}
    for name, value in (usual | config(features, side)).items():
        *path, last = name.split(".")
        inside = nested
        for step in path:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return nested


def moderated(features: Features, side: Side) -> dict[str, bool]:
    """Give what an agent's page holds the meeting to, by medium; nothing for others, who do not moderate."""
    return {name: is_kept(features) for name, is_kept in MODERATED.items()} if side is Side.AGENT else {}


def entering(features: Features, side: Side) -> str:
    """Tell apart by a digest what counts from the next entering on: the token, and how one comes in."""
    values = config(features, side)
    counted = {name: values.get(name, False) for name in ENTERING} | token_features(features, side)
    return hashlib.sha256(msgspec.json.encode(counted, order="sorted")).hexdigest()[:16]
