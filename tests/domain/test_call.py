"""Who may come in when, what rooms are called, and what happens to an appointment in a call."""

from datetime import timedelta

import pytest

from appointed.domain.call import (
    INVITED,
    UNTOLD,
    WELCOMES,
    Side,
    Welcome,
    Window,
    allowed,
    asks_consent,
    has_call,
    place_of,
    room_of,
    welcome,
)
from appointed.domain.meeting import Features, Meeting, Place, agent_url, invited_url, read_place
from appointed.domain.participant import Claimant
from appointed.domain.principal import server
from appointed.domain.rights import Access, access
from appointed.domain.status import Status
from tests import builders

WINDOW = Window(timedelta(minutes=30), timedelta(minutes=60))
MEETING = Meeting(id="m", room_name="AbC-1", agent_key="k-E_y")
CLAIMANT = Claimant(id=builders.appointment().uid)
S, W = Status, Welcome

# Status → what agents and claimants find within the window.
FOUND = {
    S.SCHEDULED: (W.WAIT, W.ARRIVE),
    S.LATE: (W.WAIT, W.ARRIVE),
    S.WAITING: (W.ENTER, W.WAIT),
    S.BEING_SEEN: (W.ENTER, W.ENTER),
    S.COMPLETE: (W.OVER, W.OVER),
    S.NO_SHOW: (W.OVER, W.OVER),
    S.CANCELLED: (W.OVER, W.OVER),
}


def row(**changes):
    return builders.appointment(**({"meeting": MEETING, "claimant": CLAIMANT} | changes))


@pytest.mark.parametrize("status", list(Status))
def test_within_the_window_the_status_decides(status):
    now = builders.START
    found = tuple(welcome(row(status=status), side, now, WINDOW) for side in (Side.AGENT, Side.CLAIMANT))
    assert found == FOUND[status]


@pytest.mark.parametrize("side", [side for side in Side if side is not Side.CLAIMANT])
@pytest.mark.parametrize("status", list(Status))
def test_without_a_claimant_nobody_is_waited_for(status, side):
    alone = row(status=status, claimant=None)
    found = welcome(alone, side, builders.START, WINDOW)
    assert found is (W.OVER if FOUND[status][0] is W.OVER else W.ENTER)
    early = WINDOW.opens_at(alone) - timedelta(seconds=1)
    assert welcome(alone, side, early, WINDOW) is (W.OVER if found is W.OVER else W.EARLY)
    assert welcome(alone, Side.CLAIMANT, builders.START, WINDOW) is FOUND[status][1]


def test_where_nobody_tells_of_agents_claimants_wait_in_the_room():
    differing = [
        (side, status) for side in Side for status in Status if WELCOMES[side][status] != UNTOLD[side][status]
    ]
    assert differing == [(side, Status.WAITING) for side in Side if side is not Side.AGENT]
    found = welcome(row(status=S.WAITING), Side.CLAIMANT, builders.START, WINDOW, is_told=False)
    assert found is Welcome.ENTER


@pytest.mark.parametrize("side", INVITED)
def test_whom_an_agent_asks_to_join_never_is_the_first(side):
    found = {status: welcome(row(status=status), side, builders.START, WINDOW) for status in Status}
    assert found == {
        **dict.fromkeys(Status, W.OVER),
        **dict.fromkeys((S.SCHEDULED, S.LATE, S.WAITING), W.WAIT),
        S.BEING_SEEN: W.ENTER,
    }


@pytest.mark.parametrize("side", list(Side))
def test_the_window_opens_before_the_start_and_closes_after_the_end(side):
    seen = row(status=S.BEING_SEEN)
    opens, closes = seen.starts_at - timedelta(minutes=30), seen.ends_at + timedelta(minutes=60)
    instant = timedelta(microseconds=1)
    found = [welcome(seen, side, at, WINDOW) for at in (opens - instant, opens, closes - instant, closes)]
    assert found == [W.EARLY, W.ENTER, W.ENTER, W.OVER]
    assert welcome(row(status=S.CANCELLED), side, opens - instant, WINDOW) is W.OVER


def test_only_a_claimant_in_a_room_has_a_call():
    assert has_call(row())
    assert not has_call(row(claimant=None))
    assert not has_call(row(meeting=None))
    assert not has_call(row(created_at=builders.START + timedelta(hours=2)))


def test_rooms_have_one_name_in_any_case():
    assert room_of(row()) == "1-10-abc-1"
    assert place_of("1-10-ABC-1") == place_of("1-10-abc-1") == Place(1, 10, "abc-1")


def test_agents_links_lead_back_to_their_appointment():
    url = agent_url(MEETING, 1, 10, "https://a.example")
    assert url == "https://a.example/agent-web/room/1-10-k-E_y"
    place = read_place(url.rpartition("/")[2])
    assert place == Place(1, 10, "k-E_y")
    assert place.opens("k-E_y")
    assert not place.opens("k-E_")
    assert not place.opens("")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1-10-",
            "1-10",
            "0-1-a",
            "1-0-a",
            "1--a",
            "1-10-a b",
            "1-10-é",
            "١-10-a",
            "1-10-a\n",
            "-1-10-a",
        ),
        *("1" * 10 + "-1-a", "1-" + "1" * 19 + "-a", "1-1-" + "a" * 65),
    ],
    ids=range(14),
)
def test_any_other_text_is_no_place(text):
    assert read_place(text) is None


def test_the_server_may_change_every_row_of_the_tenant():
    for privacy in ("public", "owner", "group"):
        private = row(privacy=privacy, owner_id=builders.KARI, created_by=builders.KARI)
        assert access(server(1), private, builders.directory()) is Access.OWN


def test_each_role_that_joins_has_a_link_of_its_own_that_tells_no_other():
    urls = {side: invited_url(MEETING, side, 1, 10, "https://a.example") for side in INVITED}
    assert urls[Side.GUEST].startswith("https://a.example/agent-web/join/guest/1-10-")
    places = [read_place(url.rpartition("/")[2]) for url in urls.values()]
    secrets = {place.secret for place in places if place}
    assert len(secrets) == 2
    assert all(len(secret) == 22 and MEETING.agent_key not in secret for secret in secrets)
    other = Meeting(id="m", room_name="AbC-1", agent_key="k-E_z")
    assert invited_url(other, Side.GUEST, 1, 10, "https://a.example") not in urls.values()


@pytest.mark.parametrize(
    ("is_on", "claimant", "answer", "asks", "records"),
    [
        (True, CLAIMANT, None, True, False),
        (True, CLAIMANT, True, False, True),
        (True, CLAIMANT, False, False, False),
        # Where nobody can be asked the switch alone counts.
        (True, None, None, False, True),
        (False, CLAIMANT, None, False, False),
        (False, CLAIMANT, True, False, False),
    ],
)
def test_a_claimant_is_recorded_only_after_their_yes(is_on, claimant, answer, asks, records):
    features = Features(call_recording=is_on, breakout_room=True)
    row = builders.appointment(features=features, claimant=claimant, recording_consent=answer)
    assert asks_consent(row) is asks
    assert allowed(row) == Features(call_recording=records, breakout_room=True)
