"""Tenants, users and clients by command."""

from typing import Any

import pytest

from appointed.domain.directory import Associate, AssociateType, Department
from appointed.domain.errors import OutcomeUnknown, SealBroken, StorageFull, StoreBusy, StoreFailed
from appointed.domain.principal import Role
from appointed.domain.webhook import Contract, DeliveryState, Usage, Webhook
from appointed.usecases.administer import (
    AT_ONCE,
    MOST_COUNTED,
    NOT_NOTED,
    Administrator,
    Command,
    CommandRefused,
    CreateClient,
    CreateTenant,
    CreateUser,
    ListWebhooks,
    RedeliverWebhook,
    TakeReply,
)
from appointed.usecases.administer_mail import ListLetters
from tests.builders import a_webhook, directory
from tests.usecases.fake_protection import administrator
from tests.usecases.fake_store import FakeStore
from tests.usecases.families import Ledger


class AdminStore(FakeStore):
    async def tenants(self):
        return (directory().tenant,)

    async def create_tenant(self, tenant, records) -> int:
        self.records += records
        return 2

    async def put_records(self, tenant_id, records):
        self.records += records
        return tuple(range(50, 50 + len(records)))


@pytest.fixture
def admin() -> Administrator:
    return administrator(AdminStore(), "admin")


async def test_a_tenant_has_an_administrator_and_a_default_department(admin) -> None:
    report = await admin.run(CreateTenant(name="Acme", zone="Europe/London", login="Boss", password="pw"))
    assert report == {"tenant": 2, "login": "Boss", "department": 1}
    people = [record for record in admin.store.records if isinstance(record, Associate)]
    assert [(one.id, one.role, one.group_id) for one in people] == [(1, Role.ADMINISTRATOR, 1)]
    (department,) = [record for record in admin.store.records if isinstance(record, Department)]
    assert (department.id, department.default_associate_id) == (1, 1)
    account = admin.store.accounts["login", "boss"]
    assert (account.tenant_id, account.associate_id, account.secret) == (2, 1, "hash:pw")


@pytest.mark.parametrize(
    "zone", ["Europe/Osloo", "europe/oslo", "Europe", "", "localtime", "../../etc/passwd", "Mars/Phobos"]
)
async def test_a_tenant_is_somewhere(admin, zone: str) -> None:
    with pytest.raises(CommandRefused, match="time zone"):
        await admin.run(CreateTenant(name="Acme", zone=zone, login="boss", password="pw"))
    assert (admin.store.records, admin.store.accounts) == ([], {})


@pytest.mark.parametrize("login", ["", "a:b", "a b", "a\tb", "x" * 101])
async def test_nobody_is_made_who_can_never_sign_in(admin, login: str) -> None:
    for command in (
        CreateTenant(name="Acme", zone="Europe/London", login=login, password="pw"),
        CreateUser(tenant_id=1, login=login, password="pw", full_name="New One"),
        CreateClient(tenant_id=1, client_id=login),
    ):
        with pytest.raises(CommandRefused, match="signed in with"):
            await admin.run(command)
    assert (list(admin.store.records), admin.store.accounts) == ([], {})


@pytest.mark.parametrize("password", ["", "x" * 1_025])
async def test_a_password_is_one_that_can_be_shown(admin, password: str) -> None:
    for command in (
        CreateTenant(name="Acme", zone="Europe/London", login="boss", password=password),
        CreateUser(tenant_id=1, login="new", password=password, full_name="New One"),
    ):
        with pytest.raises(CommandRefused, match="1 to 1024 characters"):
            await admin.run(command)
    assert (list(admin.store.records), admin.store.accounts) == ([], {})


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (StorageFull(), "The store is full"),
        (StoreBusy(), "say it again"),
        (OutcomeUnknown(), "look, before"),
        (SealBroken(), "keys list"),
    ],
    ids=["full", "busy", "unknown", "sealed"],
)
async def test_a_failing_store_is_told_in_words(admin, failure: StoreFailed, words: str) -> None:
    async def fails(_tenant_id, _records):
        raise failure

    admin.store.put_records = fails
    with pytest.raises(CommandRefused, match=words):
        await admin.run(CreateUser(tenant_id=1, login="new", password="pw", full_name="New One"))
    assert admin.store.accounts == {}


@pytest.mark.parametrize(
    "failure", [StorageFull(), StoreBusy(), OutcomeUnknown()], ids=["full", "busy", "unknown"]
)
async def test_what_was_done_is_told_though_it_was_not_noted(admin, failure: StoreFailed) -> None:
    async def fails(*_given, **_more):
        raise failure

    admin.store.audit.write = fails
    report = await admin.run(CreateClient(tenant_id=1, client_id="app"))
    assert report["audit log"] == NOT_NOTED
    assert admin.store.accounts["client", "app"].secret == "hash:" + report["client_secret"]


@pytest.mark.parametrize(
    ("command", "made"),
    [
        (
            CreateTenant(name="Acme", zone="Europe/London", login="new", password="pw"),
            ("user", 1, 2, "administrator"),
        ),
        (CreateUser(tenant_id=1, login="new", password="pw", full_name="New One"), ("user", 50, 1, "agent")),
        (CreateClient(tenant_id=1, client_id="new"), ("client", 50, 1, "scheduler")),
    ],
    ids=["tenant", "user", "client"],
)
async def test_what_was_made_without_its_account_is_not_made_twice(
    admin, command: Command, made: tuple[str, int, int, str]
) -> None:
    async def fails(_account):
        raise StoreBusy

    admin.store.put_account = fails
    with pytest.raises(CommandRefused) as told:
        await admin.run(command)
    what, associate, tenant, role = made
    assert str(told.value).startswith(f"Associate {associate} of tenant {tenant} was made, but perhaps not")
    assert f"`appointed {what} create --tenant {tenant} --role {role}`" in str(told.value)


@pytest.mark.parametrize(("what", "names"), [("tenant", {"name": " "}), ("department", {"department": ""})])
async def test_what_is_made_has_a_name(admin, what: str, names: dict[str, str]) -> None:
    given = {"name": "Acme", "zone": "Europe/London", "login": "boss", "password": "pw"} | names
    with pytest.raises(CommandRefused, match=f"The {what} needs a name"):
        await admin.run(CreateTenant(**given))


async def test_a_user(admin) -> None:
    report = await admin.run(CreateUser(tenant_id=1, login="new", password="pw", full_name="New One"))
    assert report == {"tenant": 1, "associate": 50, "login": "new"}
    assert admin.store.records[0].group_id == 1


async def test_a_client_is_told_its_secret_once(admin) -> None:
    report = await admin.run(CreateClient(tenant_id=1, client_id="app", department_ids=(2, 1)))
    (associate,) = admin.store.records
    assert (associate.type, associate.group_id, associate.department_ids) == (AssociateType.SYSTEM, 2, (1,))
    assert admin.store.accounts["client", "app"].secret == "hash:" + report["client_secret"]
    assert len(report["client_secret"]) > 40


async def test_an_outside_client_has_no_secret(admin) -> None:
    report = await admin.run(CreateClient(tenant_id=1, client_id="app", is_outside=True))
    assert report["client_secret"] is None
    assert admin.store.accounts["client", "app"].secret is None


@pytest.mark.parametrize(
    "command",
    [
        CreateUser(tenant_id=9, login="x", password="p", full_name="X"),
        CreateUser(tenant_id=1, login="x", password="p", full_name="X", department_id=9),
        CreateClient(tenant_id=1, client_id="x", department_ids=(1, 9)),
    ],
)
async def test_what_is_not_there_is_named(admin, command) -> None:
    with pytest.raises(CommandRefused, match="9"):
        await admin.run(command)


async def test_names_are_taken_once(admin) -> None:
    command = CreateUser(tenant_id=1, login="new", password="pw", full_name="New One")
    await admin.run(command)
    with pytest.raises(CommandRefused, match="exists already"):
        await admin.run(command)


class HookStore:
    """Two webhooks, and as many dead deliveries of each as a test wants."""

    dead = {4: 0, 7: 3}
    asked: tuple[object, ...] = ()

    async def all(self, tenant_id: int, contract: Contract | None = None) -> tuple[Webhook, ...]:
        usage = {4: Usage(), 7: Usage(errors_in_row=12)}
        return tuple(
            a_webhook(tenant_id=tenant_id, id=number, contract=Contract.SQOD, name="CRM", usage=usage[number])
            for number in self.dead
        )

    async def deliveries(self, tenant_id, webhook_id, state, after=0, limit=100):
        assert state is DeliveryState.DEAD
        return (None,) * min(self.dead[webhook_id], limit)

    async def redeliver(self, tenant_id, webhook_id, at, delivery_id=0) -> int:
        self.asked = (tenant_id, webhook_id, at, delivery_id)
        return 3


async def test_webhooks_are_listed_with_what_they_could_not_deliver(admin) -> None:
    admin.store.webhooks = HookStore()
    report = await admin.run(ListWebhooks(tenant_id=1))
    assert report == {
        "4 CRM": "sqod, active, 0 failures in a row, 0 dead",
        "7 CRM": "sqod, active, 12 failures in a row, 3 dead",
    }
    admin.store.webhooks.dead = {7: MOST_COUNTED + 1}
    report = await admin.run(ListWebhooks(tenant_id=1))
    assert report["7 CRM"].endswith("1000 or more dead")


async def test_dead_deliveries_are_tried_again_at_once(admin) -> None:
    admin.store.webhooks = HookStore()
    report = await admin.run(RedeliverWebhook(tenant_id=1, webhook_id=7, delivery_id=5))
    assert report == {"tenant": 1, "webhook": 7, "redelivered": 3}
    assert admin.store.webhooks.asked == (1, 7, AT_ONCE, 5)


async def test_a_webhook_that_is_not_there_is_named(admin) -> None:
    admin.store.webhooks = HookStore()
    with pytest.raises(CommandRefused, match="no webhook 5"):
        await admin.run(RedeliverWebhook(tenant_id=1, webhook_id=5))
    assert admin.store.webhooks.asked == ()


@pytest.mark.parametrize(
    "command",
    [ListWebhooks(tenant_id=9), RedeliverWebhook(tenant_id=9, webhook_id=1), ListLetters(tenant_id=9)],
)
async def test_webhooks_and_letters_of_no_tenant(admin, command) -> None:
    with pytest.raises(CommandRefused, match="no tenant 9"):
        await admin.run(command)


class LetterStore:
    async def letters(self, _tenant_id, _states, _limit):
        return ()


async def test_letters_are_listed(admin) -> None:
    admin.store.mail = LetterStore()
    assert await admin.run(ListLetters(tenant_id=1)) == {
        "waiting": 0,
        "sending": 0,
        "refused": 0,
        "unsure": 0,
    }


ELSEWHERE = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Guest//EN
METHOD:REPLY
BEGIN:VEVENT
UID:elsewhere@example.org
DTSTAMP:20260301T000000Z
DTSTART:20260303T090000Z
ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@example.org
END:VEVENT
END:VCALENDAR
"""


async def test_an_answer_by_mail_that_fits_nothing_is_refused_in_words(admin) -> None:
    with pytest.raises(CommandRefused, match="answers to no appointment of this tenant"):
        await admin.run(TakeReply(tenant_id=1, sender="guest@example.org", calendar=ELSEWHERE))
    with pytest.raises(CommandRefused, match="no iCalendar object"):
        await admin.run(TakeReply(tenant_id=1, sender="guest@example.org", calendar=b"hello"))
    with pytest.raises(CommandRefused, match="no tenant 7"):
        await admin.run(TakeReply(tenant_id=7, sender="guest@example.org", calendar=b"hello"))


class MailStore(Ledger, AdminStore):
    pass


async def test_an_answer_by_mail_is_taken_and_its_dates_are_counted() -> None:
    store: Any = MailStore()
    row = await store.create(0)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//EN", "METHOD:REPLY", "BEGIN:VEVENT"]
    lines += [f"UID:{row.uid}", "ATTENDEE;PARTSTAT=DECLINED:mailto:a@example.org", "END:VEVENT"]
    calendar = "\r\n".join([*lines, "END:VCALENDAR"]).encode()
    command = TakeReply(tenant_id=1, sender="a@example.org", calendar=calendar)
    report = await administrator(store, "admin").run(command)
    assert report == {"tenant": 1, "sender": "a@example.org", "dates": 1}
    assert store.rows[row.id].reject_counter == 1
