"""What keeps data safe, by command: keys, retention, claimants, the audit log, where links may lead."""

from typing import Final

import msgspec

from appointed.domain.audit import Act
from appointed.domain.directory import Tenant
from appointed.domain.redirect_url import MOST_HOSTS, read_host
from appointed.sealing.keys import KeyFileError
from appointed.usecases.administer_audit import AuditCommand, ListAudit, VerifyAudit, audit
from appointed.usecases.administer_claimants import ClaimantCommand, RunRetention, protect
from appointed.usecases.key_ports import Keyring
from appointed.usecases.ports import Clock, Health, Store
from appointed.usecases.protection_refused import CannotProtect
from appointed.usecases.rotate_keys import Keys, KeysInUse, known_keys_of, retire, rotate


class ListKeys(msgspec.Struct, frozen=True, tag="keys list"):
    """Tell which of the server's keys are in use."""


class PrepareKeys(msgspec.Struct, frozen=True, tag="keys prepare"):
    """Make the next key, to be copied to all machines."""


class RotateKeys(msgspec.Struct, frozen=True, tag="keys rotate"):
    """Take a new key and wrap everything anew, or finish what was begun."""


class RetireKeys(msgspec.Struct, frozen=True, tag="keys retire"):
    """Remove the older keys that nothing needs."""


class SetTenant(msgspec.Struct, frozen=True, tag="tenant set", kw_only=True):
    """Say to which hosts people may be led after a call; none means every public one."""

    tenant_id: int
    redirect_hosts: tuple[str, ...]


TenantCommand = AuditCommand | ClaimantCommand | SetTenant


class CheckStore(msgspec.Struct, frozen=True, tag="check"):
    """Tell whether the store takes changes now, and whether the keys open what it holds."""


KeyCommand = ListKeys | PrepareKeys | RotateKeys | RetireKeys
# These leave entries of their own in the audit log, or none.
TellsItself = AuditCommand | ClaimantCommand | CheckStore | ListKeys | SetTenant
ProtectionCommand = TenantCommand | CheckStore | KeyCommand
Report = dict[str, object]
UNOPENED: Final = "appointments whose claimant no key opens"
MOST_NAMED: Final = 10


class Protection(msgspec.Struct, frozen=True):
    """Carries out these commands."""

    store: Store
    clock: Clock
    ring: Keyring

    async def run(self, command: ProtectionCommand) -> Report:
        """Carry out one command and tell what was found or done; raises CannotProtect."""
        if isinstance(command, TenantCommand):
            await self._demand_tenant(command)
        if isinstance(command, AuditCommand):
            return await audit(self.store, command)
        if isinstance(command, ClaimantCommand):
            return await protect(self.store, self.clock, command)
        if isinstance(command, SetTenant):
            return await self.set_tenant(command)
        if isinstance(command, CheckStore):
            return await self.check()
        return await self.keys(command)

    async def check(self) -> Report:
        """Tell how the store is, as the members of `Health`, and how the keys stand in one that is ready."""
        health = await self.store.health()
        if not health.is_ready:
            return msgspec.structs.asdict(health)
        try:
            keys = await known_keys_of(self.ring, self.store.keys)
        except (KeyFileError, OSError) as error:
            raise CannotProtect(str(error)) from None
        if keys.missing:
            names = ", ".join(keys.missing)
            health = Health(is_ready=False, detail=f"no key of the server opens some of it: {names}")
        return msgspec.structs.asdict(health) | {"keys": _keys(keys) | await self._unopened()}

    async def _unopened(self) -> Report:
        found = await self.store.keys.unopened(MOST_NAMED + 1)
        if not found:
            return {}
        named = ", ".join(f"{row} (tenant {tenant})" for tenant, row in found[:MOST_NAMED])
        return {UNOPENED: named + (" and more" if len(found) > MOST_NAMED else "")}

    async def set_tenant(self, command: SetTenant) -> Report:
        """Set a tenant's list of hosts."""
        hosts = [read_host(text) for text in command.redirect_hosts]
        wrong = [text for text, host in zip(command.redirect_hosts, hosts, strict=True) if host is None]
        if wrong or len(hosts) > MOST_HOSTS:
            raise CannotProtect(f"No host names: {', '.join(wrong)}." if wrong else "Too many hosts.")
        kept = tuple(dict.fromkeys(host for host in hosts if host))
        await set_redirect_hosts(self.store, command.tenant_id, 0, "command", kept)
        return {"tenant": command.tenant_id, "redirect hosts": ", ".join(kept) or "every public https host"}

    async def _demand_tenant(self, command: TenantCommand) -> None:
        known = {tenant.id for tenant in await self.store.tenants()}
        # For all tenants, or what concerns none.
        if isinstance(command, ListAudit | VerifyAudit | RunRetention):
            known.add(0)
        if command.tenant_id not in known:
            raise CannotProtect(f"There is no tenant {command.tenant_id}.")

    async def keys(self, command: KeyCommand) -> Report:
        """Change the server's keys, or tell how they stand."""
        try:
            if isinstance(command, PrepareKeys):
                self.ring.prepare()
            if isinstance(command, RotateKeys):
                return _keys(await rotate(self.ring, self.store.keys))
            if isinstance(command, RetireKeys):
                return _keys(await retire(self.ring, self.store.keys))
            return _keys(await known_keys_of(self.ring, self.store.keys))
        except (KeysInUse, KeyFileError, OSError) as error:
            raise CannotProtect(str(error)) from None


async def set_redirect_hosts(
    store: Store, tenant_id: int, by: int, door: str, hosts: tuple[str, ...]
) -> Tenant:
    """Set to which hosts people may be led after a call, and write down who did."""

    def edit(tenant: Tenant) -> Tenant:
        return msgspec.structs.replace(tenant, redirect_hosts=hosts)

    tenant = await store.change_tenant(tenant_id, edit)
    told = {"members": ["redirect_hosts"], "hosts": list(hosts)}
    await store.audit.write(tenant_id, Act.TENANT_CHANGED, by, door=door, details=told)
    return tenant


def _keys(keys: Keys) -> Report:
    report: Report = {f"key {keys.current}": f"current, wraps {keys.uses.get(keys.current, 0)}"}
    for key in keys.older:
        uses = keys.uses.get(key, 0)
        report[f"key {key}"] = f"older, still wraps {uses}" if uses else "older, can be removed: keys retire"
    if keys.next:
        report[f"key {keys.next}"] = "next: copy the key file to all machines, then rotate"
    for key in keys.missing:
        report[f"key {key}"] = f"MISSING, wraps {keys.uses[key]}: nothing opens these"
    return report | ({"wrapped anew": keys.rewrapped} if keys.rewrapped else {})
