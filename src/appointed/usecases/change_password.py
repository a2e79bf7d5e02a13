"""Let somebody change the password that they sign in with, by showing the one they have."""

from typing import Final

from msgspec.structs import replace

from appointed.domain.audit import Act
from appointed.domain.directory import Associate, Record, View
from appointed.domain.errors import Forbidden, Problem, invalid
from appointed.domain.rights import caller
from appointed.usecases.authenticate import FAILED_ONCE_IN
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_user import KIND, NO_PASSWORD, NO_USERS, USER
from appointed.usecases.credential_ports import PasswordHasher
from appointed.usecases.ports import Account, Outcome, RecordChange, RecordDecision, Store

SHORTEST: Final = 8
LONGEST: Final = 128
# One that was set elsewhere may be longer.
LONGEST_SHOWN: Final = 1_024
CURRENT: Final = "current_password"


async def change_own_password(
    store: Store, passwords: PasswordHasher, call: Call, current: str, new: str, address: str
) -> Outcome:
    """Give the caller another password, which ends all their sessions and tickets.

    `address` is where the caller is ("": unknown). Raises Forbidden for programs, InvalidAppointment when the
    current password is not `current` or the new one cannot be, TooManyAttempts, and PreconditionFailed.
    """
    tenant_id = call.principal.tenant_id
    user = caller(call.principal, await store.directory(tenant_id))
    if user.type in NO_PASSWORD | NO_USERS:
        raise Forbidden(USER)
    _judge(new)
    account = await store.account("login", user.name.casefold())
    is_own = account is not None and (account.tenant_id, account.associate_id) == (tenant_id, user.id)
    hashed = account.secret if account is not None and is_own else None
    if not await passwords.verify(hashed, user.name.casefold(), current, address):
        store.audit.note(
            tenant_id, Act.SIGN_IN_FAILED, user.id, address=address, once_in=FAILED_ONCE_IN, door=call.door
        )
        raise invalid([Problem(CURRENT, CURRENT)])
    secret = None if call.dry_run else await passwords.hash(new)

    def decide(before: Record | None, view: View) -> RecordDecision:
        # Whoever was given another one meanwhile has shown one that is good no more.
        if not isinstance(before, Associate) or before.password_set_at != user.password_set_at:
            raise invalid([Problem(CURRENT, CURRENT)])
        made = Account(
            kind="login", name=user.name.casefold(), tenant_id=tenant_id, associate_id=user.id, secret=secret
        )
        return RecordDecision(replace(before, password_set_at=view.now), account=made)

    return await store.change_record(
        RecordChange(
            tenant_id=tenant_id,
            principal=call.principal,
            door=call.door,
            kind=KIND,
            record_id=user.id,
            permit=lambda _record, _view: None,
            decide=decide,
            precondition=call.precondition,
            dry_run=call.dry_run,
            idempotency=call.idempotency,
        )
    )


def _judge(password: str) -> None:
    if len(password) < SHORTEST:
        raise invalid([Problem("password", "min", allowed=SHORTEST)])
    if len(password) > LONGEST:
        raise invalid([Problem("password", "max", allowed=LONGEST)])
