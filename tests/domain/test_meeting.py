"""Where the keys and names of rooms lead."""

import pytest

from appointed.domain.meeting import Meeting, Place, agent_url, read_place


def test_a_place_is_read_as_it_is_written() -> None:
    place = Place(3, 42, "a-Secret_1")
    assert str(place) == "3-42-a-Secret_1"
    assert read_place(str(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
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
