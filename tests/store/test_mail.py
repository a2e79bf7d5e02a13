"""Mailings and letters in the store: kept with the change, claimed by one, in order, and nothing in clear."""

from collections.abc import Awaitable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.letter import (
    UNREAD,
    Channel,
    Item,
    LetterName,
    LetterState,
    Mailing,
    Note,
    Purpose,
    SeriesTold,
)
from appointed.domain.participant import Participant
from appointed.domain.recurrence import Wall
from appointed.usecases.mail_ports import Attempt
from appointed.usecases.ports import ById, NoRows
from tests.store.world import (
    HOUR,
    NOW,
    START,
    AnyStore,
    World,
    a_change,
    a_claimant,
    a_draft,
    adding,
    create,
    deleting,
    edit,
    editing,
    plant,
    refusing,
    settled,
)

LEASE, OTHER = UUID(int=7), UUID(int=8)
MINUTE = timedelta(minutes=1)
GUEST = Participant(key=1, email_address="guest@out.example", send_email=True)
S = LetterState
BROKEN = {"sqlite": "x'0004616263646566'", "postgres": "'\\x0004616263646566'"}


@pytest.fixture
async def store(world: World) -> AnyStore:
    world.options["channels"] = frozenset(Channel)
    store = await world.open()
    await plant(store, tenants=2)
    return store


async def invited(store: AnyStore, note: Note | None = Note(), **more: Any) -> int:  # noqa: B008 - frozen
    change = a_change(adding(a_draft(participants=(GUEST,))), NoRows(), mail=note, **more)
    rows = (await store.change(change)).rows
    return rows[0].id if rows else 0


def a_mailing(number: int, key: str = "") -> Mailing:
    return Mailing(
        tenant_id=1,
        id=UUID(int=number),
        key=key or f"key{number}",
        purpose=Purpose.REMINDER,
        at=NOW,
        items=(Item(1),),
    )


async def claimed(store: AnyStore, lease: UUID = LEASE, at: Any = NOW, limit: int = 10) -> list[Any]:
    return [letter for letter, _mailing in await store.mail.claim(1, at, at + MINUTE, lease, limit)]


async def test_a_mailing_stands_exactly_when_its_change_does(store: AnyStore) -> None:
    await invited(store, None)
    await invited(store, dry_run=True)
    with pytest.raises(ValueError, match="no"):
        await store.change(a_change(refusing(ValueError("no")), NoRows(), mail=Note()))
    assert await store.mail.fresh(1, 10) == ()
    number = await invited(store, Note(subject="Hush", body="hush-hush"))
    (mailing,) = await store.mail.fresh(1, 10)
    assert (mailing.items, mailing.is_asked) == ((Item(number, 1),), True)
    assert mailing.note == Note(subject="Hush", body="hush-hush")
    assert await store.mail.fresh(2, 10) == ()
    assert await store.mail.work(NOW) == (1,)
    # A text concerns nobody.
    await store.change(a_change(editing(description="x"), ById((number,)), mail=Note()))
    assert len(await store.mail.fresh(1, 10)) == 1


async def test_nothing_personal_stands_in_clear(store: AnyStore, world: World) -> None:
    await invited(store, Note(body="hush-hush"))
    rows = repr(world.run("SELECT * FROM mailing"))
    assert "hush" not in rows
    assert b"hush".hex() not in rows
    assert "guest" not in rows


async def test_words_that_no_key_opens_are_left_out(store: AnyStore, world: World) -> None:
    await invited(store, Note(body="hush-hush"))
    world.run("UPDATE mailing SET note = " + BROKEN[world.engine])
    (mailing,) = await store.mail.fresh(1, 10)
    assert mailing.note is None


async def test_a_server_without_ways_keeps_no_mailing(world: World) -> None:
    store = await world.open()
    await plant(store)
    await invited(store)
    assert await store.mail.fresh(1, 10) == ()


async def test_claimants_are_told_where_their_department_wants_it(store: AnyStore) -> None:
    await create(store, claimant=a_claimant(1), reference="A")
    (first,) = [one for one in (await store.directory(1)).departments.values() if one.id == 1]
    await store.put_records(1, [replace(first, invites_by=(Channel.SMS,))])
    ringing = a_claimant(2, phone_number="+4712345678")
    row = await create(store, claimant=ringing, reference="B")
    await create(store, claimant=a_claimant(3), reference="C", department_id=2)
    await edit(store, row.id, internal_notes="quiet")
    (mailing,) = await store.mail.fresh(1, 10)
    assert (mailing.items, mailing.is_asked) == ((Item(row.id, 1),), False)
    await store.change(a_change(deleting, ById((row.id,))))
    last = (await store.mail.fresh(1, 10))[-1]
    moment = await store.mail.moment(1, last.items[0])
    assert moment is not None
    assert moment.after is None
    assert moment.before is not None
    assert moment.before.claimant == ringing


async def test_a_moment_is_what_the_change_made_of_it(store: AnyStore) -> None:
    row = await create(store, title="One")
    await edit(store, row.id, title="Two")
    await edit(store, row.id, title="Three")
    titles = []
    for revision in (1, 2, 3, 0):
        moment = await store.mail.moment(1, Item(row.id, revision))
        assert moment is not None
        titles.append((moment.before and moment.before.title, moment.after and moment.after.title))
    assert titles == [(None, "One"), ("One", "Two"), ("Two", "Three"), (None, "Three")]
    assert await store.mail.moment(1, Item(row.id, 9)) is None
    assert await store.mail.moment(2, Item(row.id, 1)) is None
    missing = await store.mail.moment(1, Item(99))
    assert missing is not None
    assert missing.after is None


async def test_what_has_a_key_is_kept_once(store: AnyStore) -> None:
    assert await store.mail.add(a_mailing(1, "same"))
    assert not await store.mail.add(a_mailing(2, "same"))
    assert [one.id for one in await store.mail.fresh(1, 10)] == [UUID(int=1)]


async def test_letters_are_written_down_once_and_taken_by_one(store: AnyStore) -> None:
    mailing = a_mailing(1)
    await store.mail.add(mailing)
    names = [LetterName(f"r1/reminded/email/{who}", f"r1/email/{who}") for who in ("a1", "a2", "a3")]
    await store.mail.spread(mailing, names, NOW)
    await store.mail.spread(mailing, names, NOW)
    taken = await settled([store.mail.claim(1, NOW, NOW + MINUTE, UUID(int=lease), 2) for lease in (1, 2, 3)])
    letters = [letter.name for some in taken for letter, _mailing in some]
    assert sorted(letters) == sorted(name.name for name in names)
    assert await claimed(store) == []
    # A claim ends by itself.
    assert len(await claimed(store, at=NOW + 2 * MINUTE)) == 3


async def test_letters_of_one_mailing_go_one_after_another_in_their_lane(store: AnyStore) -> None:
    mailing, lane = a_mailing(1), "s7/email/x1"
    await store.mail.add(mailing)
    names = [LetterName(f"s7/{word}/email/x1", lane) for word in ("moved", "cancelled", "invited")]
    await store.mail.spread(mailing, [*names, LetterName("s7/moved/email/x2", "s7/email/x2")], NOW)
    first, aside = await claimed(store)
    assert (first.name, aside.lane) == ("s7/cancelled/email/x1", "s7/email/x2")
    assert await store.mail.begin(first)
    assert await claimed(store) == []
    for follows in ("s7/invited/email/x1", "s7/moved/email/x1"):
        await store.mail.settle(first, Attempt(state=S.SENT, at=NOW))
        (first,) = await claimed(store)
        assert first.name == follows


async def test_a_lane_goes_in_order_and_waits_for_what_is_not_known_yet(store: AnyStore) -> None:
    first, second = a_mailing(1), a_mailing(2)
    await store.mail.add(first)
    await store.mail.add(second)
    await store.mail.spread(second, [LetterName("r1/moved/email/a1", "lane")], NOW)
    assert await claimed(store) == []
    await store.mail.spread(first, [LetterName("r1/invited/email/a1", "lane")], NOW)
    (letter,) = await claimed(store)
    assert letter.mailing_id == first.id
    later = Attempt(state=S.WAITING, at=NOW, due_at=NOW + 5 * MINUTE, error="busy")
    await store.mail.settle(letter, later)
    assert await claimed(store) == []
    (again,) = await claimed(store, at=NOW + 5 * MINUTE)
    assert (again.mailing_id, again.rounds, again.last_error) == (first.id, 1, "busy")
    await store.mail.settle(again, Attempt(state=S.SENT, at=NOW))
    (next_one,) = await claimed(store, at=NOW + 5 * MINUTE)
    assert next_one.mailing_id == second.id


async def test_who_lost_the_claim_writes_nothing_and_an_end_without_answer_is_unsure(store: AnyStore) -> None:
    mailing = a_mailing(1)
    await store.mail.add(mailing)
    await store.mail.spread(mailing, [LetterName("r1/reminded/email/a1", "lane")], NOW)
    (mine,) = await claimed(store)
    (theirs,) = await claimed(store, OTHER, at=NOW + 2 * MINUTE)
    assert not await store.mail.begin(mine)
    await store.mail.settle(mine, Attempt(state=S.SENT, at=NOW))
    assert await store.mail.letters(1, [S.SENT]) == ()
    assert await store.mail.begin(theirs)
    assert await claimed(store, at=NOW + 2 * MINUTE) == []
    assert await claimed(store, at=NOW + 9 * MINUTE) == []
    (unsure,) = await store.mail.letters(1, [S.UNSURE])
    assert unsure.lease is None
    assert await store.mail.again(2, NOW) == 0
    assert await store.mail.again(1, NOW) == 1
    assert len(await claimed(store, at=NOW)) == 1


async def test_what_was_told_of_a_series_is_known_once_it_is_sent_and_until_the_next_is_on_its_way(
    store: AnyStore,
) -> None:
    mailings = [a_mailing(1), a_mailing(2), replace(a_mailing(3), tenant_id=2)]
    for mailing in mailings:
        await store.mail.add(mailing)
        await store.mail.spread(mailing, [LetterName("s7/moved/email/x1", "s7/email/x1")], NOW)
    hours = {date(2033, 5, 5): (START, START + HOUR), date(2033, 5, 12): (START, START + 2 * HOUR)}
    told = SeriesTold(receiver="ab", usual=Wall(time(10), HOUR, is_all_day=False), dates=hours, counted=8)
    sent = Attempt(state=S.SENT, at=NOW, told=told)
    (first,) = await claimed(store)
    assert await store.mail.told(first) is None
    assert await store.mail.begin(first)
    await store.mail.settle(replace(first, lease=OTHER), sent)
    assert await store.mail.told(first) is None
    await store.mail.settle(first, sent)
    assert await store.mail.told(first) == told
    assert await store.mail.told(replace(first, tenant_id=2)) is None
    assert await store.mail.told(replace(first, lane="s7/email/x2")) is None
    (second,) = await claimed(store)
    assert not await store.mail.begin(replace(second, lease=OTHER))
    ((theirs, _mailing),) = await store.mail.claim(2, NOW, NOW + MINUTE, LEASE, 10)
    assert await store.mail.begin(theirs)
    assert await store.mail.told(second) == told
    # Nobody knows what became of a letter that is on its way, nor of one that was refused: the count stays.
    assert await store.mail.begin(second)
    assert await store.mail.told(second) == replace(told, dates={})
    assert await store.mail.told(theirs) is None
    await store.mail.settle(second, Attempt(state=S.REFUSED, at=NOW, told=replace(told, counted=9)))
    assert await store.mail.told(second) == replace(told, dates={})


async def test_the_count_of_what_may_have_come_and_of_what_is_called_off_stays_until_it_is_old(
    store: AnyStore,
) -> None:
    for number in (1, 2):
        await store.mail.add(a_mailing(number))
        await store.mail.spread(a_mailing(number), [LetterName("s7/moved/email/x1", "s7/email/x1")], NOW)
    dates = {date(2033, 5, 5): (START, START + HOUR)}
    usual = Wall(time(10), HOUR, is_all_day=False)
    told = SeriesTold(receiver="ab", usual=usual, dates=dates, counted=4)
    (first,) = await claimed(store)
    assert await store.mail.begin(first)
    await store.mail.settle(first, Attempt(state=S.UNSURE, at=NOW, told=told))
    assert await store.mail.told(first) == replace(told, dates={})
    gone = replace(told, dates={}, counted=5)
    (second,) = await claimed(store)
    assert await store.mail.begin(second)
    await store.mail.settle(second, Attempt(state=S.SENT, at=NOW, told=gone))
    await store.mail.forget(NOW)
    assert await store.mail.told(second) == gone
    await store.mail.forget(NOW + MINUTE)
    assert await store.mail.told(second) is None


async def test_what_was_told_is_forgotten_when_the_series_is_over(store: AnyStore) -> None:
    mailing = a_mailing(1)
    await store.mail.add(mailing)
    await store.mail.spread(mailing, [LetterName("s7/moved/email/x1", "s7/email/x1")], NOW)
    (letter,) = await claimed(store)
    dates = {date(2033, 5, 5): (START, START + HOUR)}
    told = SeriesTold(receiver="ab", usual=Wall(time(10), HOUR, is_all_day=False), dates=dates)
    await store.mail.settle(letter, Attempt(state=S.SENT, at=NOW, told=told))
    await store.mail.forget(START + HOUR)
    assert await store.mail.told(letter) == told
    await store.mail.forget(START + HOUR + MINUTE)
    assert await store.mail.told(letter) is None


async def test_two_customers_letters_of_the_same_names_are_kept_apart(store: AnyStore, world: World) -> None:
    ours = replace(a_mailing(2), at=NOW + MINUTE)
    earlier, theirs = [replace(a_mailing(number, f"theirs{number}"), tenant_id=2) for number in (1, 2)]
    names = [LetterName("r1/reminded/email/a1", "lane"), LetterName(f"{UNREAD}/a1", "other")]

    async def alone(act: Awaitable[Any]) -> Any:
        """Do something for the first customer, which leaves the second's as they are."""
        before = [world.run(f"SELECT * FROM {table} WHERE tenant_id = 2") for table in ("mailing", "letter")]
        done = await act
        after = [world.run(f"SELECT * FROM {table} WHERE tenant_id = 2") for table in ("mailing", "letter")]
        assert sorted(map(repr, after)) == sorted(map(repr, before))
        return done

    for one in (ours, earlier, theirs):
        await store.mail.add(one)
    assert await store.mail.known(1, ["key2", "theirs2"]) == {"key2"}
    await alone(store.mail.spread(ours, names, NOW))
    letters = await alone(claimed(store))
    assert [letter.name for letter in letters] == [name.name for name in names]
    await store.mail.spread(earlier, names, NOW)
    await store.mail.spread(theirs, [LetterName(name.name, name.name) for name in names], NOW)
    assert await alone(claimed(store, OTHER)) == []
    taken = await store.mail.claim(2, NOW, NOW + MINUTE, LEASE, 10)
    assert [mailing.key for _letter, mailing in taken] == ["theirs1"] * 2 + ["theirs2"] * 2
    for letter in letters:
        await alone(store.mail.begin(letter))
        await alone(store.mail.settle(letter, Attempt(state=S.REFUSED, at=NOW)))
    for letter, _mailing in taken:
        if letter.mailing_id == theirs.id:
            await store.mail.settle(letter, Attempt(state=S.REFUSED, at=NOW))
        else:
            assert await store.mail.begin(letter)
    assert len(await store.mail.letters(1, [S.REFUSED])) == 2
    assert await alone(store.mail.again(1, NOW)) == 2
    assert len(await alone(claimed(store, at=NOW + 2 * MINUTE))) == 1
    await store.mail.forget(NOW + MINUTE / 2)
    assert [world.run(f"SELECT DISTINCT tenant_id FROM {table}") for table in ("mailing", "letter")] == [
        [(1,)]
    ] * 2


async def test_the_dates_of_a_series_are_the_customers_own(store: AnyStore) -> None:
    for tenant_id in (1, 2, 2):
        await create(store, tenant_id=tenant_id, series_id=7)
    assert [len(await store.mail.series(tenant_id, 7)) for tenant_id in (1, 2)] == [1, 2]
