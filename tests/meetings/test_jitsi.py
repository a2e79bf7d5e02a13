"""Addresses at a Jitsi server: the token of each side, and what the switches mean in it."""

from datetime import timedelta
from itertools import product
from urllib.parse import urlsplit

import jwt
import pytest
from msgspec.structs import replace

from appointed.domain.call import Side, room_of
from appointed.domain.meeting import Bandwidth, Features, Meeting
from appointed.domain.participant import Claimant
from appointed.meetings.jitsi import JitsiMeetings
from appointed.meetings.plain import PlainMeetings
from appointed.meetings.switches import TOOLBAR, config, token_features
from tests import builders
from tests.meetings import fake_jitsi

NOW = builders.START
UNTIL = NOW + timedelta(hours=2)
JITSI = JitsiMeetings(
    url=fake_jitsi.URL,
    app_id=fake_jitsi.APP_ID,
    secret=fake_jitsi.APP_SECRET.encode(),
    lifetime=timedelta(minutes=5),
)
ROW = builders.appointment(
    reference="REF-77",
    claimant=Claimant(id=builders.appointment().uid, name="Jane Roe", email="jane@example.com"),
    meeting=Meeting(id="m", room_name="AbCdEfGhIjKlMnOpQrStUvWxYz", agent_key="agents-key"),
)

# Flag → (buttons that go, configuration that comes), where it is off; both sides unless the flag names one.
EFFECTS = {
    "call_recording": ({"recording"}, {"localRecording.disable": True}),
    "breakout_room": (
        set(),
        {
            "breakoutRooms.hideAddRoomButton": True,
            "breakoutRooms.hideAutoAssignButton": True,
            "breakoutRooms.hideJoinRoomButton": True,
        },
    ),
    "webcam_access_agent": ({"camera", "toggle-camera"}, {"startWithVideoMuted": True}),
    "webcam_access_claimant": ({"camera", "toggle-camera"}, {"startWithVideoMuted": True}),
    "webcam_background_blurring": ({"select-background"}, {"disableVirtualBackground": True}),
    "microphone_access": ({"microphone"}, {"startWithAudioMuted": True}),
    "screen_sharing": ({"desktop"}, {}),
    "messages_chat": ({"chat"}, {"disablePolls": True}),
    "participant_list": (
        {"participants-pane"},
        {
            "participantsPane.hideModeratorSettingsTab": True,
            "participantsPane.hideMoreActionsButton": True,
            "participantsPane.hideMuteAllButton": True,
        },
    ),
}
ALL_ON = Features(**dict.fromkeys(EFFECTS, True))


def entered(side, **changes):
    changes = {"recording_consent": True} | changes
    return fake_jitsi.opened(JITSI.address(replace(ROW, **changes), side, NOW, UNTIL), NOW)


@pytest.mark.clause("SQ-MEET-token")
@pytest.mark.parametrize("side", list(Side))
def test_a_token_opens_one_room_for_one_side_and_a_short_time(side):
    person = entered(side)
    assert person.room == room_of(ROW) == "1-10-abcdefghijklmnopqrstuvwxyz"
    assert person.claims["exp"] == (NOW + timedelta(minutes=5)).timestamp()
    assert person.claims["context"]["user"]["id"] == side
    with pytest.raises(fake_jitsi.Refused):
        fake_jitsi.opened(JITSI.address(ROW, side, NOW, UNTIL), NOW + timedelta(minutes=5))


@pytest.mark.clause("SQ-MEET-token")
def test_no_token_outlives_the_call():
    until = NOW + timedelta(minutes=1)
    address = JITSI.address(ROW, Side.CLAIMANT, NOW, until)
    assert fake_jitsi.opened(address, NOW).claims["exp"] == until.timestamp()


@pytest.mark.clause("SQ-MEET-moderator", "SQ-MEET-user")
def test_only_agents_moderate_and_all_of_a_user_is_text():
    users = {side: entered(side).claims["context"]["user"] for side in Side}
    assert (users[Side.AGENT]["affiliation"], users[Side.AGENT]["moderator"]) == ("owner", "true")
    assert (users[Side.CLAIMANT]["affiliation"], users[Side.CLAIMANT]["moderator"]) == ("member", "false")
    assert {type(value) for user in users.values() for value in user.values()} == {str}


@pytest.mark.clause("SQ-MEET-address", "SQ-MEET-room", "SQ-MEET-user")
@pytest.mark.parametrize("side", list(Side))
def test_nothing_personal_stands_in_address_or_token(side):
    address = JITSI.address(ROW, side, NOW, UNTIL)
    person = fake_jitsi.opened(address, NOW)
    for secret in ("Jane", "Roe", "jane@", "REF-77", "agents-key"):
        assert secret not in address + str(person.claims)
    # Servers are sent nothing but the room: the token lies behind the hash.
    assert urlsplit(address).query == ""
    assert person.room in urlsplit(address).path


def test_a_token_of_another_secret_is_none():
    other = replace(JITSI, secret=b"x" * 32).address(ROW, Side.AGENT, NOW, UNTIL)
    with pytest.raises(jwt.InvalidSignatureError):
        fake_jitsi.opened(other, NOW)


def test_the_secret_is_not_shown():
    assert fake_jitsi.APP_SECRET not in repr(JITSI)


@pytest.mark.clause("SQ-MEET-buttons")
@pytest.mark.parametrize("flag", sorted(EFFECTS))
@pytest.mark.parametrize("side", list(Side))
def test_a_switch_that_is_off_takes_its_buttons_and_sets_its_configuration(flag, side):
    buttons, settings = EFFECTS[flag]
    on, off = entered(side, features=ALL_ON), entered(side, features=replace(ALL_ON, **{flag: False}))
    gone = set(on.config["toolbarButtons"]) - set(off.config["toolbarButtons"])
    come = {name: value for name, value in off.config.items() if on.config.get(name) != value}
    come.pop("toolbarButtons", None)
    hidden = set(come.pop("hiddenPremeetingButtons", ())) - {"invite"}
    if flag.startswith("webcam_access_") and not flag.endswith(f"_{side}"):
        assert (gone, come, hidden) == (set(), {}, set())
        return
    assert gone == buttons & set(TOOLBAR[side])
    assert come == settings
    assert hidden == buttons & {"microphone", "camera", "select-background"}


# Feature of the token → by flag: who has it where the flag is on; nobody has it where the flag is off.
ENFORCED = {
    "call_recording": {"recording": {Side.AGENT}},
    "screen_sharing": {"screen-sharing": set(Side)},
    "messages_chat": {"send-groupchat": set(Side), "send-private-message": set(Side)},
}


@pytest.mark.clause("SQ-MEET-features", "SQ-MEET-recording")
@pytest.mark.parametrize("flag", sorted(EFFECTS))
@pytest.mark.parametrize("side", list(Side))
def test_what_the_server_enforces_stands_in_the_token(flag, side):
    on, off = (token_features(replace(ALL_ON, **{flag: value}), side) for value in (True, False))
    changed = {name for name in on if on[name] != off[name]}
    owed = {name for name, sides in ENFORCED.get(flag, {}).items() if side in sides}
    assert changed == owed
    assert all(on[name] for name in owed)


@pytest.mark.clause("SQ-MEET-moderation")
def test_agents_hold_the_meeting_to_what_only_a_moderator_can():
    for microphone, camera in product((True, False), repeat=2):
        features = replace(ALL_ON, microphone_access=microphone, webcam_access_claimant=camera)
        held = {side: JITSI.switches(replace(ROW, features=features), side).moderated for side in Side}
        assert held == {side: {} for side in Side} | {
            Side.AGENT: {"audio": not microphone, "video": not camera}
        }


@pytest.mark.clause("SQ-MEET-features")
@pytest.mark.parametrize("side", list(Side))
def test_livestreams_and_transcripts_are_for_nobody(side):
    features = token_features(ALL_ON, side)
    never = ("livestreaming", "transcription", "outbound-call", "sip-outbound-call")
    assert [features[name] for name in never] == [False] * 4
    assert features["moderation"] is features["lobby"] is (side is Side.AGENT)


@pytest.mark.clause("SQ-MEET-invite")
def test_nobody_invites_and_only_agents_mute_everyone():
    for side in Side:
        assert {"invite", "security", "embedmeeting", "livestreaming"} & set(TOOLBAR[side]) == set()
    assert set(TOOLBAR[Side.AGENT]) - set(TOOLBAR[Side.CLAIMANT]) == {
        "mute-everyone",
        "mute-video-everyone",
        "recording",
    }


@pytest.mark.clause("SQ-MEET-bandwidth")
@pytest.mark.parametrize(("bandwidth", "lines"), [("low", 180), ("medium", 360), ("high", 720)])
def test_bandwidth_is_lines_of_video(bandwidth, lines):
    values = config(Features(bandwidth=Bandwidth(bandwidth)), Side.CLAIMANT)
    names = ("resolution", "constraints.video.height.ideal", "constraints.video.height.max")
    assert [values[name] for name in names] == [lines] * 3


@pytest.mark.clause("SQ-MEET-plain")
def test_any_other_server_gets_the_rooms_name_in_its_address():
    plain = PlainMeetings("https://video.example/join?room={room}")
    for side in Side:
        address = plain.address(ROW, side, NOW, UNTIL)
        assert address == "https://video.example/join?room=1-10-abcdefghijklmnopqrstuvwxyz"
    assert (plain.tells, JITSI.tells) == (False, True)


def test_a_meeting_in_a_frame_is_told_that_the_page_around_it_talks():
    address = JITSI.address(ROW, Side.CLAIMANT, NOW, UNTIL)
    framed = JITSI.framed(address)
    assert framed == f"{address}&jitsi_meet_external_api_id=0"
    assert fake_jitsi.opened(framed, NOW).room == room_of(ROW)
