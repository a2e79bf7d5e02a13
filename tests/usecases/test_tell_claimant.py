"""Inviting a claimant once more and reminding them: to whom, when, and by which ways."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Directory
from appointed.domain.errors import AppointmentNotFound, Forbidden
from appointed.domain.letter import Channel, Item, Mailing, Purpose
from appointed.domain.participant import Claimant
from appointed.domain.status import Status
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Reading
from appointed.usecases.tell_claimant import remind, resend_invitation
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, START, appointment, directory, principal
from tests.usecases.fake_store import FakeStore

EMAIL, SMS = Channel.EMAIL, Channel.SMS
CLAIMANT = Claimant(id=UUID(int=9), name="Grace", email="grace@navy.example", phone_number="+4712345678")
ROW = appointment(claimant=CLAIMANT, created_at=NOW - timedelta(days=9))
DUE = START - timedelta(minutes=60)


@dataclass
class FakeMail:
    channels: frozenset[Channel] = frozenset(Channel)
    mailings: dict[str, Mailing] = field(default_factory=dict)

    async def add(self, mailing: Mailing) -> bool:
        is_new = mailing.key not in self.mailings
        self.mailings.setdefault(mailing.key, mailing)
        return is_new


class Office(FakeStore):
    """A store whose first department tells its claimants."""

    def __init__(
        self, *rows: Any, channels: frozenset[Channel] = frozenset(Channel), **department: Any
    ) -> None:
        super().__init__(rows={row.id: row for row in rows})
        self.mail = FakeMail(channels)
        known = directory()
        values = {"invites_by": (EMAIL, SMS), "reminder_minutes": 60} | department
        changed = replace(known.departments[1], **values)
        records = {"associate": known.associates, "department": {1: changed}}
        self.known = Directory(known.tenant, 2, records)

    async def read(self, tenant_id: int, scope: Any, *, wants_conflict: bool = False) -> Reading:
        found = await super().read(tenant_id, scope, wants_conflict=wants_conflict)
        return Reading(found.row, self.known)


async def resend(store: Office, by: int = ADMIN, now: Any = NOW) -> tuple[Channel, ...]:
    return await resend_invitation(store, seeded("resend"), principal(by), ROW.id, now)


async def test_an_invitation_goes_out_again_each_time_it_is_wanted() -> None:
    store = Office(ROW)
    ids = seeded("again")
    for _time in range(2):
        assert await resend_invitation(store, ids, principal(OLA), ROW.id, NOW) == (EMAIL, SMS)
    first, second = store.mail.mailings.values()
    assert first.id != second.id
    assert (first.purpose, first.items, first.by) == (Purpose.INVITATION, (Item(ROW.id),), OLA)
    assert "grace" not in repr(store.mail.mailings).lower()
    assert store.audit.told == [], "nobody was shown anything"


async def test_one_wish_sends_an_invitation_once() -> None:
    store, ids = Office(ROW), seeded("wish")
    for wish in ("one", "one", "two"):
        ways = await resend_invitation(store, ids, principal(OLA), ROW.id, NOW, wish)
        assert ways == (EMAIL, SMS)
    assert len(store.mail.mailings) == 2


@pytest.mark.parametrize(
    ("row", "department", "channels", "expected"),
    [
        (ROW, {}, frozenset({SMS}), (SMS,)),
        (ROW, {"invites_by": (EMAIL,)}, frozenset(Channel), (EMAIL,)),
        (ROW, {"invites_by": ()}, frozenset(Channel), ()),
        (ROW, {}, frozenset(), ()),
        (replace(ROW, claimant=None), {}, frozenset(Channel), ()),
        (replace(ROW, department_id=8), {}, frozenset(Channel), ()),
        (replace(ROW, claimant=replace(CLAIMANT, email=" ")), {}, frozenset(Channel), (SMS,)),
        (replace(ROW, claimant=replace(CLAIMANT, phone_number=None)), {}, frozenset(Channel), (EMAIL,)),
        (replace(ROW, status=Status.CANCELLED), {}, frozenset(Channel), ()),
        (replace(ROW, ends_at=NOW, starts_at=NOW), {}, frozenset(Channel), ()),
    ],
    ids=[
        "sms",
        "email",
        "unwanted",
        "off",
        "nobody",
        "no department",
        "no email",
        "no phone",
        "over",
        "past",
    ],
)
async def test_ways(row: Any, department: Any, channels: Any, expected: Any) -> None:
    store = Office(row, channels=channels, **department)
    assert await resend(store) == expected
    assert bool(store.mail.mailings) == bool(expected)


async def test_only_who_may_change_it_may_send_and_others_know_nothing() -> None:
    store = Office(ROW)
    with pytest.raises(AppointmentNotFound):
        await resend(store, by=CLIENT)
    with pytest.raises(Forbidden):
        await resend(store, by=KARI)
    assert store.mail.mailings == {}


async def test_who_was_late_for_another_time_is_reminded_of_the_new_one() -> None:
    store = Office(replace(ROW, status=Status.LATE))
    assert await remind(store, seeded("late"), 1, ROW.id, DUE)


async def test_a_reminder_is_kept_once_for_each_time() -> None:
    store, ids = Office(ROW), seeded("remind")
    assert await remind(store, ids, 1, ROW.id, DUE)
    assert not await remind(store, ids, 1, ROW.id, DUE)
    later = timedelta(hours=5)
    store.rows[ROW.id] = replace(ROW, starts_at=ROW.starts_at + later, ends_at=ROW.ends_at + later)
    assert not await remind(store, ids, 1, ROW.id, DUE)
    assert await remind(store, ids, 1, ROW.id, DUE + later)
    assert [one.purpose for one in store.mail.mailings.values()] == [Purpose.REMINDER] * 2


@pytest.mark.parametrize(
    ("row", "department", "now", "noted"),
    [
        (ROW, {}, DUE - timedelta(seconds=1), 0),
        (ROW, {}, START, 0),
        (ROW, {"reminder_minutes": 0}, DUE, 0),
        (ROW, {"invites_by": ()}, DUE, 1),
        (replace(ROW, department_id=8), {}, DUE, 0),
        (replace(ROW, status=Status.WAITING), {}, DUE, 0),
        (replace(ROW, created_at=DUE), {}, DUE, 1),
    ],
    ids=["early", "begun", "unset", "off", "no department", "here", "made late"],
)
async def test_who_is_not_reminded(row: Any, department: Any, now: Any, noted: int) -> None:
    store = Office(row, **department)
    assert not await remind(store, seeded("not"), 1, row.id, now)
    # What is due and reaches nobody is noted, so that nobody looks again.
    assert [one.items for one in store.mail.mailings.values()] == [()] * noted
