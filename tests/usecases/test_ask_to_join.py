"""Asking an interpreter or a guest to join: to which address, by which way, and once."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.call import Side
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidAppointment
from appointed.domain.letter import Channel, Item, Note, Purpose
from appointed.domain.meeting import Meeting
from appointed.domain.status import Status
from appointed.usecases.ask_to_join import Asked, ask_to_join
from appointed.usecases.identifiers import seeded
from tests.builders import CLIENT, KARI, NOW, OLA, START, appointment, principal
from tests.usecases.test_tell_claimant import Office

EMAIL, SMS = Channel.EMAIL, Channel.SMS
ROW = appointment(meeting=Meeting(id="m", room_name="room", agent_key="agents"))
ADDRESS = "ida@words.example"


async def ask(store: Office, address: str = ADDRESS, role: str = "interpreter", by: int = OLA) -> Asked:
    ids = seeded(f"{address} {len(store.mail.mailings)}")
    return await ask_to_join(
        store, ids, principal(by), ROW.id, role, address, NOW, lambda tenant, text: f"{tenant}-{len(text)}"
    )


async def test_an_address_gets_a_link_once_for_each_time_and_role() -> None:
    store = Office(ROW)
    assert await ask(store) == Asked(EMAIL, is_new=True)
    assert await ask(store, ADDRESS.upper()) == Asked(EMAIL, is_new=False)
    assert (await ask(store, f"i{ADDRESS}")).is_new
    assert (await ask(store, role="guest")).is_new
    store.rows[ROW.id] = replace(ROW, starts_at=START + timedelta(minutes=5))
    assert (await ask(store)).is_new
    first, *_others = store.mail.mailings.values()
    assert (first.purpose, first.items, first.by) == (Purpose.JOIN, (Item(ROW.id),), OLA)
    assert first.note == Note(role=Side.INTERPRETER, channel=EMAIL, to=ADDRESS)
    assert "ida" not in repr(list(store.mail.mailings))
    assert store.audit.told == [], "nobody was shown anything"


@pytest.mark.parametrize(
    ("text", "channels", "expected"),
    [
        ("+44 (0)20 7946-0958", frozenset(Channel), "+4402079460958"),
        ("020 7946 0958", frozenset({SMS}), "02079460958"),
    ],
    ids=["both", "one"],
)
async def test_a_number_gets_a_short_message(text: str, channels: frozenset[Channel], expected: str) -> None:
    store = Office(ROW, channels=channels)
    assert await ask(store, text) == Asked(SMS, is_new=True)
    (mailing,) = store.mail.mailings.values()
    assert mailing.note is not None
    assert mailing.note.to == expected


CANNOT: dict[str, tuple[dict[str, Any], frozenset[Channel], tuple[str, str], str]] = {
    "nobody": ({}, frozenset(Channel), ("", "guest"), "required"),
    "no address": ({}, frozenset(Channel), ("ida@", "guest"), "email"),
    "no number": ({}, frozenset(Channel), ("ida", "guest"), "phone"),
    "a long one": ({}, frozenset(Channel), (f"{'i' * 60}@{'w' * 200}.example", "guest"), "email"),
    "no gateway": ({}, frozenset({EMAIL}), ("020 7946 0958", "guest"), "email"),
    "no mail": ({}, frozenset({SMS}), (ADDRESS, "guest"), "email"),
    "no role": ({}, frozenset(Channel), (ADDRESS, "agent"), "in"),
    "no room": ({"meeting": None}, frozenset(Channel), (ADDRESS, "guest"), "step"),
    "over": ({"status": Status.COMPLETE}, frozenset(Channel), (ADDRESS, "guest"), "step"),
    "past": ({"ends_at": NOW}, frozenset(Channel), (ADDRESS, "guest"), "step"),
}


@pytest.mark.parametrize("name", sorted(CANNOT))
async def test_what_cannot_be_sent_is_refused_and_nothing_kept(name: str) -> None:
    values, channels, (address, role), rule = CANNOT[name]
    store = Office(replace(ROW, **values), channels=channels)
    with pytest.raises(InvalidAppointment) as refused:
        await ask(store, address, role)
    assert [one.rule for one in refused.value.problems] == [rule]
    assert not store.mail.mailings


async def test_only_who_may_change_an_appointment_asks_others_in() -> None:
    store = Office(ROW)
    with pytest.raises(Forbidden):
        await ask(store, by=KARI)
    with pytest.raises(AppointmentNotFound):
        await ask(store, by=CLIENT)
    assert not store.mail.mailings
