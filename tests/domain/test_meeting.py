"""Where the keys and names of rooms lead, and rooms that are there before their appointment."""

from uuid import UUID

import pytest

from appointed.domain.meeting import (
    Meeting,
    Place,
    agent_url,
    claimant_url,
    read_place,
    reserve,
    reserved_by,
)

UID, SECRET = UUID("01234567-89ab-7def-8123-456789abcdef"), "a-Secret_of-22-letters"


def test_a_place_is_read_as_it_is_written() -> None:
    place = Place(3, 42, "a-Secret_1")
    assert str(place) == "3-42-a-Secret_1"
    assert read_place(str(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"1-{UID.hex}-{SECRET[:21]}",
        f"1-{UID.hex}-{'k' * 65}",
        f"1-{UID}-{SECRET}",
        f"1-{UID.hex.upper()}-{SECRET}",
        "1-2",
        "1-2-",
        "0-2-key",
        "1-0-key",
        "01-2-key",
        "1-2-k y",
        "x1-2-key",
        "1-2-key\n",
        "-1-2-key",
        "1234567890-2-key",
        f"1-{'9' * 19}-key",
        f"1-2-{'k' * 65}",
        "١-2-key",
    ],
)
def test_other_texts_lead_nowhere(text: str) -> None:
    assert read_place(text) is None


def test_a_place_opens_by_its_own_secret_alone() -> None:
    place = Place(1, 2, "secret")
    assert place.opens("secret")
    assert not place.opens("Secret")
    assert not place.opens("sécret")
    assert not place.opens("")


def test_an_agents_address_names_the_place() -> None:
    meeting = Meeting(id="id", room_name="room", agent_key="key")
    assert agent_url(meeting, 1, 42, "https://a.example") == "https://a.example/agent-web/room/1-42-key"


def test_a_reserved_room_stands_in_its_address() -> None:
    room = reserve(UID, SECRET)
    assert (room.id, room.agent_key) == (str(UID), SECRET)
    assert len(room.room_name) == 26
    assert room.room_name.isalnum()
    assert room.room_name.islower()
    assert room.room_name not in SECRET
    url = agent_url(room, 3, UID, "https://a.example")
    assert url == f"https://a.example/agent-web/room/3-{UID.hex}-{SECRET}"
    assert read_place(url.rpartition("/")[2]) == Place(3, UID, SECRET)
    assert reserved_by(url, 3) == (UID, room)
    # Another host name of ours, and no other tenant's.
    assert reserved_by(url.replace("a.example", "b.example"), 3) == (UID, room)
    assert reserved_by(url, 4) is None
    assert reserve(UID, SECRET[::-1]).room_name != room.room_name


@pytest.mark.parametrize(
    "url",
    ["", f"3-{UID.hex}-{SECRET}", "https://a.example/agent-web/room/3-42-key", "https://a.example/room/x"],
)
def test_other_addresses_reserve_nothing(url: str) -> None:
    assert reserved_by(url, 3) is None


def test_a_claimants_link_carries_reference_and_key() -> None:
    url = claimant_url(Place(1, 2, "secret"), "A&B", "https://us.example")
    assert url == "https://us.example/client-web/schedule/pre-call/summary?reference=A%26B&key=1-2-secret"
