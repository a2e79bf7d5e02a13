"""Tenants, users and clients by command."""

import pytest

from appointed.domain.directory import Associate, AssociateType, Department
from appointed.domain.principal import Role
from appointed.usecases.administer import (
    Administrator,
    CommandRefused,
    CreateClient,
    CreateTenant,
    CreateUser,
)
from appointed.usecases.identifiers import seeded
from tests.builders import directory
from tests.usecases.fake_store import FakeStore
from tests.usecases.test_authenticate import PlainPasswords


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
    return Administrator(AdminStore(), PlainPasswords(), seeded("admin"))


async def test_a_tenant_has_an_administrator_and_a_default_department(admin) -> None:
    report = await admin.run(CreateTenant(name="Acme", zone="Europe/London", login="Boss", password="pw"))
    assert report == {"tenant": 2, "login": "Boss", "department": 1}
    people = [record for record in admin.store.records if isinstance(record, Associate)]
    assert [(one.id, one.role, one.group_id) for one in people] == [(1, Role.ADMINISTRATOR, 1)]
    (department,) = [record for record in admin.store.records if isinstance(record, Department)]
    assert (department.id, department.default_associate_id) == (1, 1)
    account = admin.store.accounts["login", "boss"]
    assert (account.tenant_id, account.associate_id, account.secret) == (2, 1, "hash:pw")


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
