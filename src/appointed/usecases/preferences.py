"""Read and set preferences as far as the caller may."""

from collections.abc import Sequence

from appointed.domain.directory import Directory
from appointed.domain.errors import Forbidden
from appointed.domain.preference import Level, Preference, may_see, may_set, nearest, owner_of, owners_of
from appointed.domain.principal import Principal
from appointed.domain.rights import caller
from appointed.usecases.ports import Store

THING = "preference"


async def read_preferences(
    store: Store, principal: Principal, directory: Directory, *names: str
) -> dict[str, Preference]:
    """Give the caller's preferences, each from the nearest level; with names those alone."""
    owners = owners_of(caller(principal, directory))
    return nearest(await store.preferences(principal.tenant_id, owners, *names))


async def read_preference_at(
    store: Store, principal: Principal, directory: Directory, name: str, level: Level, owner_id: int | None
) -> Preference | None:
    """Give a preference of one level; no `owner_id` means the caller's own. Raises Forbidden."""
    who = caller(principal, directory)
    owner = owner_of(level, who) if owner_id is None else owner_id
    if not may_see(who, level, owner):
        raise Forbidden(THING)
    found = await store.preferences(principal.tenant_id, ((level, owner),), name)
    return found[0] if found else None


async def set_preferences(
    store: Store,
    principal: Principal,
    directory: Directory,
    wanted: Sequence[Preference],
    *,
    drops_nearer: bool = False,
) -> None:
    """Keep preferences, all or none; `drops_nearer` forgets what others set nearer to themselves.

    Raises Forbidden, or InvalidRequest when an owner would have too many.
    """
    who = caller(principal, directory)
    if not all(may_set(who, one.level) for one in wanted):
        raise Forbidden(THING)
    await store.put_preferences(principal.tenant_id, tuple(wanted), drops_nearer=drops_nearer)
