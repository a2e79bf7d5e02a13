"""Add tenants, users and clients: what the command line does, by the same write path as everything else."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from appointed.domain.audit import Act
from appointed.domain.directory import (
    Associate,
    AssociateType,
    Contact,
    DataField,
    Department,
    Directory,
    Person,
    Record,
    Tenant,
)
from appointed.domain.errors import OutcomeUnknown, SealBroken, StorageFull, StoreFailed
from appointed.domain.login import LONGEST_LOGIN, is_login
from appointed.domain.principal import Role
from appointed.domain.webhook import DeliveryState
from appointed.usecases.administer_diaries import CannotBeSet, DiaryCommand, set_up
from appointed.usecases.administer_mail import ListLetters, MailCommand, tend_mail
from appointed.usecases.administer_protection import Protection, ProtectionCommand, TellsItself
from appointed.usecases.change_password import LONGEST_SHOWN
from appointed.usecases.credential_ports import PasswordHasher
from appointed.usecases.import_calendar import (
    CannotImport,
    ImportCalendar,
    import_calendar,
    report_of,
)
from appointed.usecases.ports import Account, IdSource, Store
from appointed.usecases.protection_refused import CannotProtect
from appointed.usecases.stock_lists import PRIORITIES, TASKS
from appointed.usecases.take_reply import mailbox, take_reply
from appointed.usecases.zones import known_zones

# Due since long ago is due now.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
MOST_COUNTED = 1000


class CommandRefused(Exception):
    """A command cannot be carried out; the message says why, in words for the operator."""


class CreateTenant(msgspec.Struct, frozen=True, tag="tenant create", kw_only=True):
    """Add a tenant with one department, one administrator and the usual lists. `zone` is an IANA name."""

    name: str
    zone: str
    login: str
    password: str
    department: str = "Main department"


class CreateUser(msgspec.Struct, frozen=True, tag="user create", kw_only=True):
    """Add an associate who can sign in."""

    tenant_id: int
    login: str
    password: str
    full_name: str
    role: Role = Role.AGENT
    department_id: int = 0


class CreateClient(msgspec.Struct, frozen=True, tag="client create", kw_only=True):
    """Add an OAuth client: a system associate with a role and departments.

    An empty `secret` makes one. `is_outside` clients get no secret: an outside issuer vouches for them.
    """

    tenant_id: int
    client_id: str
    secret: str = ""
    role: Role = Role.SCHEDULER
    department_ids: tuple[int, ...] = ()
    is_outside: bool = False


class RedeliverWebhook(msgspec.Struct, frozen=True, tag="webhook redeliver", kw_only=True):
    """Try again what could not be delivered to a webhook: one delivery, or all (0)."""

    tenant_id: int
    webhook_id: int
    delivery_id: int = 0


class ListWebhooks(msgspec.Struct, frozen=True, tag="webhook list", kw_only=True):
    """Tell how a tenant's webhooks do, and how much of each could not be delivered."""

    tenant_id: int


class TakeReply(msgspec.Struct, frozen=True, tag="mail in", kw_only=True):
    """Take what somebody answered to an invitation: the message's sender, and the calendar it carries."""

    tenant_id: int
    sender: str
    calendar: bytes


Command = (
    CreateTenant
    | CreateUser
    | CreateClient
    | RedeliverWebhook
    | ListWebhooks
    | TakeReply
    | ImportCalendar
    | DiaryCommand
    | MailCommand
    | ProtectionCommand
)
Report = dict[str, Any]
# Commands that administer nothing leave no entry in the audit log, or leave their own.
UNTOLD = (ListWebhooks, ListLetters, TakeReply, TellsItself)
# What an operator reads where the store fails; whatever else fails in it passes by itself.
WHY_NOT = {
    StorageFull: "The store is full: make room on its disk, and say it again.",
    OutcomeUnknown: "The store did not say whether it was done: look, before you say it again.",
    SealBroken: "No key of the server opens what is needed: `appointed keys list` shows which are missing.",
}
BUSY = "The store cannot do it now: say it again in a moment."
NOT_NOTED = "It was done, but the entry about it could not be written: do not say it again."
# Which command makes an account of a kind.
MADE_BY = {"login": "user create", "client": "client create"}


class Administrator(msgspec.Struct, frozen=True):
    """Carries out commands."""

    store: Store
    passwords: PasswordHasher
    ids: IdSource
    protection: Protection

    async def run(self, command: Command) -> Report:
        """Carry out one command, keep it in the audit log, and tell what was made; raises CommandRefused."""
        try:
            report = await self._carry_out(command)
        except StoreFailed as error:
            raise CommandRefused(WHY_NOT.get(type(error), BUSY)) from error
        if isinstance(command, UNTOLD) or getattr(command, "is_dry_run", False):
            return report
        try:
            await self._note(command, report)
        except StoreFailed:
            # It is done all the same, and a client's secret is told this once.
            return report | {"audit log": NOT_NOTED}
        return report

    async def _note(self, command: Command, report: Report) -> None:
        told = {name: value for name, value in report.items() if isinstance(value, int)}
        tenant_id = told.pop("tenant", 0)
        words = {"command": str(command.__struct_config__.tag)}
        await self.store.audit.write(tenant_id, Act.COMMAND, 0, door="command", details=words | told)

    async def _carry_out(self, command: Command) -> Report:
        if isinstance(command, CreateTenant):
            return await self.create_tenant(command)
        if isinstance(command, CreateUser):
            return await self.create_user(command)
        if isinstance(command, RedeliverWebhook):
            return await self.redeliver(command)
        if isinstance(command, ListWebhooks):
            return await self.list_webhooks(command)
        if isinstance(command, TakeReply):
            return await self.take_reply(command)
        if isinstance(command, ImportCalendar):
            return await self.take_calendar(command)
        if isinstance(command, DiaryCommand):
            return await self.set_up(command)
        if isinstance(command, MailCommand):
            await self._directory(command.tenant_id)
            return await tend_mail(self.store, command)
        if isinstance(command, ProtectionCommand):
            return await self.protect(command)
        return await self.create_client(command)

    async def take_calendar(self, command: ImportCalendar) -> Report:
        """Put events into a diary, and tell what became of each; raises CommandRefused."""
        directory = await self._directory(command.tenant_id)
        try:
            taken = await import_calendar(self.store, self.ids, self.protection.clock, command, directory)
        except CannotImport as error:
            raise CommandRefused(str(error)) from None
        return {"tenant": command.tenant_id, "associate": command.owner_id, **report_of(taken)}

    async def protect(self, command: ProtectionCommand) -> Report:
        """Do what keeps data safe: keys, retention, claimants, the audit log; raises CommandRefused."""
        try:
            return await self.protection.run(command)
        except CannotProtect as error:
            raise CommandRefused(str(error)) from None

    async def set_up(self, command: DiaryCommand) -> Report:
        """Add a room, or say of a diary or a department when it is open; raises CommandRefused."""
        await self._directory(command.tenant_id)
        try:
            return await set_up(self.store, command)
        except CannotBeSet as error:
            raise CommandRefused(str(error)) from None

    async def create_tenant(self, command: CreateTenant) -> Report:
        """Add a tenant; its administrator and department have the id 1."""
        for what, given in (("tenant", command.name), ("department", command.department)):
            if not given.strip():
                raise CommandRefused(f"The {what} needs a name.")
        if command.zone not in known_zones():
            raise CommandRefused(f"There is no time zone {command.zone!r}; one is called Europe/Oslo.")
        await self._demand_free("login", command.login.casefold())
        _demand_password(command.password)
        tenant = Tenant(id=0, name=command.name, zone=command.zone, default_department_id=1)
        tenant_id = await self.store.create_tenant(tenant, self._first_records(command))
        login = await self._login(command.login, tenant_id, 1, command.password)
        await self._put_account(login, Role.ADMINISTRATOR)
        return {"tenant": tenant_id, "login": command.login, "department": 1}

    async def create_user(self, command: CreateUser) -> Report:
        """Add a user to a tenant's department (its default one when none is named)."""
        directory = await self._directory(command.tenant_id)
        await self._demand_free("login", command.login.casefold())
        _demand_password(command.password)
        group = command.department_id or directory.tenant.default_department_id
        self._demand_departments(directory.departments, (group,))
        associate = Associate(
            id=0, name=command.login, full_name=command.full_name, role=command.role, group_id=group
        )
        (associate_id,) = await self.store.put_records(command.tenant_id, (associate,))
        login = await self._login(command.login, command.tenant_id, associate_id, command.password)
        await self._put_account(login, command.role)
        return {"tenant": command.tenant_id, "associate": associate_id, "login": command.login}

    async def create_client(self, command: CreateClient) -> Report:
        """Add an OAuth client; the secret is told once and kept as a hash."""
        directory = await self._directory(command.tenant_id)
        await self._demand_free("client", command.client_id)
        departments = command.department_ids or (directory.tenant.default_department_id,)
        self._demand_departments(directory.departments, departments)
        associate = Associate(
            id=0,
            name=command.client_id,
            full_name=command.client_id,
            type=AssociateType.SYSTEM,
            role=command.role,
            group_id=departments[0],
            department_ids=departments[1:],
        )
        (associate_id,) = await self.store.put_records(command.tenant_id, (associate,))
        secret = None if command.is_outside else command.secret or self.ids.token(32)
        client = Account(
            kind="client",
            name=command.client_id,
            tenant_id=command.tenant_id,
            associate_id=associate_id,
            secret=None if secret is None else await self.passwords.hash(secret),
        )
        await self._put_account(client, command.role)
        return {
            "tenant": command.tenant_id,
            "associate": associate_id,
            "client_id": command.client_id,
            "client_secret": secret,
        }

    async def redeliver(self, command: RedeliverWebhook) -> Report:
        """Let dead deliveries be tried again at once."""
        await self._directory(command.tenant_id)
        if command.webhook_id not in {hook.id for hook in await self.store.webhooks.all(command.tenant_id)}:
            raise CommandRefused(f"There is no webhook {command.webhook_id}.")
        count = await self.store.webhooks.redeliver(
            command.tenant_id, command.webhook_id, AT_ONCE, command.delivery_id
        )
        return {"tenant": command.tenant_id, "webhook": command.webhook_id, "redelivered": count}

    async def list_webhooks(self, command: ListWebhooks) -> Report:
        """Tell of each webhook its state, its failures in a row, and how many deliveries are dead."""
        await self._directory(command.tenant_id)
        report: Report = {}
        for hook in await self.store.webhooks.all(command.tenant_id):
            dead = await self.store.webhooks.deliveries(
                command.tenant_id, hook.id, DeliveryState.DEAD, limit=MOST_COUNTED
            )
            count = f"{MOST_COUNTED} or more" if len(dead) == MOST_COUNTED else len(dead)
            report[f"{hook.id} {hook.name}"] = (
                f"{hook.contract}, {hook.state}, {hook.usage.errors_in_row} failures in a row, {count} dead"
            )
        return report

    async def take_reply(self, command: TakeReply) -> Report:
        """Take an answer that came by mail and tell for how many dates; raises CommandRefused for none."""
        await self._directory(command.tenant_id)
        call = mailbox(command.tenant_id)
        taken = await take_reply(self.store, call, command.sender, command.calendar, is_delivered=True)
        if not taken.dates:
            raise CommandRefused(" ".join(taken.refused))
        return {"tenant": command.tenant_id, "sender": command.sender, "dates": taken.dates}

    def _first_records(self, command: CreateTenant) -> tuple[Record, ...]:
        field = DataField(id=self.ids.uuid4(), name="Case number")
        return (
            Department(
                id=1,
                uid=self.ids.uuid4(),
                name=command.department,
                default_associate_id=1,
                data_fields=(field,),
            ),
            Associate(
                id=1,
                name=command.login,
                full_name=command.login,
                role=Role.ADMINISTRATOR,
                group_id=1,
                person_id=1,
            ),
            Contact(id=1, name=command.name, associate_id=1, is_owner_contact=True),
            Person(id=1, last_name=command.login, contact_id=1, associate_id=1),
            *TASKS,
            *PRIORITIES,
        )

    async def _directory(self, tenant_id: int) -> Directory:
        if tenant_id not in {tenant.id for tenant in await self.store.tenants()}:
            raise CommandRefused(f"There is no tenant {tenant_id}.")
        return await self.store.directory(tenant_id)

    async def _demand_free(self, kind: str, name: str) -> None:
        if not is_login(name):
            raise CommandRefused(
                f"The {kind} {name!r} cannot be signed in with: it has to be 1 to {LONGEST_LOGIN} characters"
                " without blanks and colons."
            )
        if await self.store.account(kind, name) is not None:
            raise CommandRefused(f"The {kind} {name} exists already.")

    @staticmethod
    def _demand_departments(known: dict[int, Department], wanted: tuple[int, ...]) -> None:
        missing = [str(each) for each in wanted if each not in known]
        if missing:
            raise CommandRefused(f"There is no department {', '.join(missing)}.")

    async def _login(self, login: str, tenant_id: int, associate_id: int, password: str) -> Account:
        return Account(
            kind="login",
            name=login.casefold(),
            tenant_id=tenant_id,
            associate_id=associate_id,
            secret=await self.passwords.hash(password),
        )

    async def _put_account(self, account: Account, role: Role) -> None:
        try:
            await self.store.put_account(account)
        except StoreFailed as error:
            # Said again, the whole would make a second tenant.
            made = f"Associate {account.associate_id} of tenant {account.tenant_id}"
            again = f"{MADE_BY[account.kind]} --tenant {account.tenant_id} --role {role}"
            raise CommandRefused(
                f"{made} was made, but perhaps not its {account.kind} {account.name}:"
                f" `appointed {again}` makes another who has it."
            ) from error


def _demand_password(password: str) -> None:
    # A longer one could never be shown again, to change it.
    if not 0 < len(password) <= LONGEST_SHOWN:
        raise CommandRefused(f"A password has 1 to {LONGEST_SHOWN} characters.")
