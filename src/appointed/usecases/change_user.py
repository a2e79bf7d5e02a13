"""Create or change a user, and tell which users a caller may know of."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType, Directory, Record, View
from appointed.domain.errors import Forbidden, Problem, RecordNotFound, invalid
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import may_administer_user, may_administer_users, may_see_user
from appointed.usecases.change_appointment import Call
from appointed.usecases.credential_ports import PasswordHasher
from appointed.usecases.ports import Account, Outcome, RecordChange, RecordDecision, Store

KIND: Final = "associate"
USER: Final = "user"
NEW_ID: Final = 0
# Rooms and the like have diaries, but nobody signs in as them.
NO_USERS: Final = frozenset({AssociateType.RESOURCE, AssociateType.ANONYMOUS})
# Programs sign in with a secret of their own.
NO_PASSWORD: Final = frozenset({AssociateType.SYSTEM})

# The user as they stand (None for a new one), and the view → the user as they shall be.
UserEdit = Callable[[Associate | None, View], Associate]


async def create_user(
    store: Store, passwords: PasswordHasher, call: Call, edit: UserEdit, password: str | None
) -> Outcome:
    """Add a user who signs in with `password`; raises Forbidden, InvalidAppointment, or what `edit` raises.

    Without a password `edit` has to raise.
    """

    def allow(directory: Directory) -> None:
        if not may_administer_users(call.principal, directory):
            raise Forbidden(USER)

    return await _run(store, passwords, call, NEW_ID, allow, edit, password)


async def change_user(
    store: Store, passwords: PasswordHasher, call: Call, user_id: int, edit: UserEdit, password: str | None
) -> Outcome:
    """Change a user; a new `password` ends their sessions and tickets.

    Raises RecordNotFound, Forbidden, PreconditionFailed, InvalidAppointment.
    """

    def allow(directory: Directory) -> None:
        found = read_user(call.principal, directory, user_id)
        if not may_administer_user(call.principal, found, directory):
            raise Forbidden(USER)

    return await _run(store, passwords, call, user_id, allow, edit, password)


def read_user(principal: Principal, directory: Directory, user_id: int) -> Associate:
    """Find a user whom the caller may know of; raises RecordNotFound."""
    found = directory.associates.get(user_id)
    if found is None or not _may_know(principal, found, directory):
        raise RecordNotFound(USER, user_id)
    return found


def users_seen(principal: Principal, directory: Directory) -> list[Associate]:
    """List the users whom the caller may know of, by name."""
    seen = (one for one in directory.associates.values() if _may_know(principal, one, directory))
    return sorted(seen, key=lambda one: (one.full_name.lower(), one.id))


def _may_know(principal: Principal, user: Associate, directory: Directory) -> bool:
    if user.type in NO_USERS:
        return False
    # Who cannot sign in any more is left to those who could let them in again.
    return (may_administer_user if user.is_deleted else may_see_user)(principal, user, directory)


async def _run(
    store: Store,
    passwords: PasswordHasher,
    call: Call,
    user_id: int,
    allow: Callable[[Directory], None],
    edit: UserEdit,
    password: str | None,
) -> Outcome:
    secret = None
    if password is not None and not call.dry_run:
        # A hash costs much; nobody gets one for nothing.
        allow(await store.directory(call.principal.tenant_id))
        secret = await passwords.hash(password)

    def decide(before: Record | None, view: View) -> RecordDecision:
        stands = before if isinstance(before, Associate) else None
        after = edit(stands, view)
        if password is not None:
            after = replace(after, password_set_at=view.now)
        if not may_administer_user(call.principal, after, view.directory):
            raise Forbidden(USER)
        problems = list(_problems(stands, after, call.principal, view.directory))
        if problems:
            raise invalid(problems)
        return RecordDecision(after, account=None if password is None else _account(call, after, secret))

    return await store.change_record(
        RecordChange(
            tenant_id=call.principal.tenant_id,
            principal=call.principal,
            door=call.door,
            kind=KIND,
            record_id=user_id,
            permit=lambda _record, view: allow(view.directory),
            decide=decide,
            precondition=call.precondition,
            dry_run=call.dry_run,
            idempotency=call.idempotency,
        )
    )


def _account(call: Call, user: Associate, secret: str | None) -> Account:
    return Account(
        kind="login",
        name=user.name.casefold(),
        tenant_id=call.principal.tenant_id,
        associate_id=user.id,
        secret=secret,
    )


def _problems(
    before: Associate | None, after: Associate, principal: Principal, directory: Directory
) -> Iterator[Problem]:
    """List what only the directory can tell; what did not change is not judged again."""
    if before is None:
        return
    if after.password_set_at != before.password_set_at and after.type in NO_PASSWORD:
        yield Problem("password", "prohibited")
    if after.is_deleted and not before.is_deleted:
        yield from _kept(after, principal, directory)
    if _administers(before) and not _administers(after):
        others = (one for one in directory.associates.values() if one.id != after.id)
        if not any(map(_administers, others)):
            yield Problem("is_active" if after.is_deleted else "role", "last")


def _kept(user: Associate, principal: Principal, directory: Directory) -> Iterator[Problem]:
    """List why a user cannot be locked out."""
    if user.id == principal.associate_id:
        yield Problem("is_active", "yourself")
    for department in directory.departments.values():
        if department.default_associate_id == user.id:
            yield Problem("is_active", "in_use", allowed=department.name)


def _administers(user: Associate) -> bool:
    """Tell whether a person signs in as this user and may do everything."""
    return user.role is Role.ADMINISTRATOR and user.type is AssociateType.INTERNAL and not user.is_deleted
