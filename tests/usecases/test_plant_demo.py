"""The demo tenant: the same for everyone, but for the day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from appointed.domain.directory import Contact, Directory, Person, Project, Sale, View
from appointed.domain.status import Status
from appointed.domain.validity import problems
from appointed.usecases import demo_data as data
from appointed.usecases.identifiers import Identifiers, Reserve, seeded
from appointed.usecases.plant_demo import plant_demo
from tests.usecases.fake_store import FakeStore
from tests.usecases.test_authenticate import PlainPasswords

NOW = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


def demo_directory() -> Directory:
    kinds: dict = {}
    names = {"CustomField": "custom_field"}
    for record in data.RECORDS:
        kind = type(record).__name__
        kinds.setdefault(names.get(kind, kind.lower()), {})[record.id] = record
    return Directory(data.TENANT, 1, kinds)


class DemoStore(FakeStore):
    async def change(self, change):
        decision = change.decide((), View(demo_directory(), NOW))
        change.permit((), None)
        self.rows = {-row.id: row for row in decision.creations}


@pytest.fixture
async def store():
    made = DemoStore()
    await plant_demo(made, PlainPasswords(), NOW)
    return made


async def test_every_password_is_the_login(store) -> None:
    names = {(account.kind, account.name): account.secret for account in store.accounts.values()}
    assert names == {
        ("login", "demo"): "hash:demo",
        ("login", "kari"): "hash:kari",
        ("login", "ola"): "hash:ola",
        ("client", "demo"): "hash:demo",
    }


async def test_at_least_sixty_over_four_weeks_around_today(store) -> None:
    days = [
        (row.starts_at.astimezone(OSLO).date() - NOW.astimezone(OSLO).date()).days
        for row in store.rows.values()
    ]
    assert len(days) >= 60
    assert (min(days), max(days)) == (-28, 28)
    assert sorted(store.rows) == list(range(1, len(days) + 1))


async def test_all_are_allowed(store) -> None:
    for row in store.rows.values():
        assert problems(None, row, demo_directory()) == ()


def test_records_tell_by_whom_and_when_they_were_written_and_changed() -> None:
    kept = [one for one in data.RECORDS if isinstance(one, Contact | Person | Project | Sale)]
    assert len(kept) == len(data.WRITTEN) == 11
    for one in kept:
        assert one.created_at is not None
        assert one.created_by in data.LOGINS.values()
        assert (one.revision, one.updated_by == 0) == ((1, True) if one.updated_at is None else (2, False))
        assert one.created_at <= one.modified_at < NOW
    assert {type(one) for one in kept if one.updated_at} == {Contact, Person, Project, Sale}


async def test_claimants_stand_in_every_status(store) -> None:
    assert {row.status for row in store.rows.values() if row.claimant} == set(Status)


async def test_some_are_all_day_and_two_overlap(store) -> None:
    assert sum(row.is_all_day for row in store.rows.values()) >= 2
    first, second = (row for row in store.rows.values() if (row.title or "").startswith("Overlap"))
    assert first.owner_id == second.owner_id
    assert first.starts_at < second.starts_at < first.ends_at


async def test_number_one_is_tomorrow_at_ten_with_every_text(store) -> None:
    one = store.rows[1]
    wall = one.starts_at.astimezone(OSLO)
    assert (wall.date() - NOW.astimezone(OSLO).date(), wall.hour, wall.minute) == (timedelta(days=1), 10, 0)
    assert one.owner_id == data.DEMO
    assert all((one.title, one.description, one.agenda, one.internal_notes, one.location, one.reject_reason))
    assert set(one.custom_fields) == {f"SuperOffice:{n}" for n in range(1, 6)}


async def test_twice_the_same(store) -> None:
    again = DemoStore()
    await plant_demo(again, PlainPasswords(), NOW)
    assert msgspec.json.encode(again.rows) == msgspec.json.encode(store.rows)


def test_seeded_names_repeat_and_random_ones_do_not() -> None:
    assert seeded("a").token() == seeded("a").token() != seeded("b").token()
    assert Identifiers().token() != Identifiers().token()


def test_uuid7_sorts_by_time_and_within_a_moment() -> None:
    ids = seeded("a")
    made = [ids.uuid7(NOW) for _ in range(1000)]
    assert made == sorted(set(made))
    later = ids.uuid7(NOW + timedelta(seconds=1))
    assert (later > made[-1], later.version, later.variant) == (True, 7, "specified in RFC 4122")
    assert abs((later.int >> 80) - (NOW.timestamp() + 1) * 1000) < 2


def test_a_reserve_gives_no_byte_twice() -> None:
    fetched = iter([bytes(range(256)) * 32, b"second" * 2000])
    reserve = Reserve(lambda _size: next(fetched))
    first = b"".join(reserve(100) for _ in range(81))
    assert first == (bytes(range(256)) * 32)[:8100]
    assert reserve(100) == (b"second" * 20)[:100]
    assert Reserve(lambda size: b"x" * size)(9000) == b"x" * 9000


def test_letters_have_the_length_and_only_letters_and_digits() -> None:
    text = seeded("a").letters(1000)
    assert len(text) == 1000
    assert text.isascii()
    assert text.isalnum()


def test_letters_throw_away_what_would_favour_some() -> None:
    stream = iter([bytes([255, 255, 0, 61]), bytes([62, 1, 2, 3])])
    assert Identifiers(lambda _size: next(stream)).letters(3) == "a9a"
