"""Small records of two customers, with all that hangs on them: a change of one's leaves the other's."""

from msgspec.structs import replace

from appointed.domain.directory import Associate
from appointed.usecases.ports import Account, Idempotency, RecordDecision, Reply, Ticket
from tests.store.test_records import a_record_change, making, setting
from tests.store.world import ADA, HOUR, NOW, ROOM, START, AnyStore, World, create


async def test_ids_are_counted_for_each(store: AnyStore) -> None:
    made = [await store.change_record(a_record_change(making(), tenant_id=number)) for number in (1, 1, 2)]
    assert [outcome.record and outcome.record.id for outcome in made] == [1, 2, 1]


async def test_a_key_of_one_is_no_key_of_the_other(store: AnyStore) -> None:
    key = Idempotency("key", b"print", lambda _outcome: Reply(200, (), b""))
    for is_known in (False, True):
        for tenant_id in (1, 2):
            change = a_record_change(making(), tenant_id=tenant_id, idempotency=key)
            assert ((await store.change_record(change)).replayed is not None) is is_known


async def test_a_new_password_ends_the_sessions_of_its_user_alone(store: AnyStore) -> None:
    ticket = Ticket(
        tenant_id=1, id="t", kind="ticket", secret_hash=b"x", associate_id=ADA, expires_at=NOW + HOUR
    )
    for tenant_id in (1, 2):
        await store.put_ticket(replace(ticket, tenant_id=tenant_id))
    account = Account(kind="login", name="ada", tenant_id=1, associate_id=ADA, secret="$argon2id$")

    def signing_in(record: object, _view: object) -> RecordDecision:
        assert isinstance(record, Associate)
        return RecordDecision(record, account=account)

    await store.change_record(a_record_change(signing_in, ADA, kind="associate"))
    assert [await store.ticket(number, "t") is not None for number in (1, 2)] == [False, True]


async def test_a_diary_gives_its_own_time_away(store: AnyStore, world: World) -> None:
    for tenant_id, hours in ((1, 0), (2, 0), (2, 3)):
        begins = START + hours * HOUR
        await create(store, tenant_id=tenant_id, owner_id=ROOM, starts_at=begins, ends_at=begins + HOUR)
    for is_exclusive, held in ((False, [(2,), (2,)]), (True, [(1,), (2,), (2,)])):
        decide = setting(is_exclusive=is_exclusive)
        await store.change_record(a_record_change(decide, ROOM, kind="associate"))
        assert sorted(world.run("SELECT tenant_id FROM claim")) == held
