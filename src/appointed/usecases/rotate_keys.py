"""Change the server's key under a running server, and remove keys that nothing needs (ADR 0150)."""

from collections.abc import Mapping

import msgspec

from appointed.usecases.key_ports import Keyring, WrappedKeys


class KeysInUse(Exception):
    """Something is, or may yet be, wrapped by keys that are not there or would go; the message says what."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """How the keys stand: how much each wraps. `rewrapped` counts what was wrapped anew just now."""

    current: str
    older: tuple[str, ...]
    next: str | None
    uses: Mapping[str, int]
    rewrapped: int = 0

    @property
    def removable(self) -> tuple[str, ...]:
        """List the older keys that wrap nothing any more."""
        return tuple(key for key in self.older if not self.uses.get(key))

    @property
    def missing(self) -> tuple[str, ...]:
        """List keys that wrap something and are not there."""
        known = {self.current, self.next, *self.older}
        return tuple(key for key in self.uses if key not in known)


async def demand_own_keys(ring: Keyring, wrapped: WrappedKeys) -> None:
    """Check that the ring is of this database: that it opens some claimants, if there are any.

    Raises KeysInUse. Whatever a server with other keys wrote, the servers with the right ones could not read.
    """
    used = await wrapped.some()
    ring.refresh()
    if used and used.isdisjoint((ring.current_id, ring.next_id, *ring.older_ids)):
        raise KeysInUse(f"The database was sealed with other keys than these ({ring.current_id}).")


async def keys_of(ring: Keyring, wrapped: WrappedKeys, rewrapped: int = 0) -> Keys:
    """Tell how the keys stand."""
    ring.refresh()
    return Keys(
        current=ring.current_id,
        older=ring.older_ids,
        next=ring.next_id,
        uses=await wrapped.uses(),
        rewrapped=rewrapped,
    )


async def known_keys_of(ring: Keyring, wrapped: WrappedKeys) -> Keys:
    """Tell how the keys stand while they may be rotated: one that seems missing is looked for once more."""
    keys = await keys_of(ring, wrapped)
    # What was wrapped between the look at the file and the count may be under a key made since.
    return await keys_of(ring, wrapped) if keys.missing else keys


async def rotate(ring: Keyring, wrapped: WrappedKeys) -> Keys:
    """Take a new key and wrap everything anew; a rotation that was stopped midway is finished instead.

    Raises KeysInUse before anything is changed.
    """
    before = await keys_of(ring, wrapped)
    if before.missing:
        raise KeysInUse(f"The key file lacks keys that are in use: {', '.join(before.missing)}.")
    is_unfinished = any(before.uses.get(key) for key in before.older)
    if not is_unfinished:
        ring.rotate()
    count = await wrapped.rewrap()
    # A server that has not heard of the new key yet may have wrapped with the old one meanwhile.
    count += await wrapped.rewrap()
    return await keys_of(ring, wrapped, count)


async def retire(ring: Keyring, wrapped: WrappedKeys) -> Keys:
    """Remove the older keys that wrap nothing any more.

    Raises KeysInUse as long as a server may not have heard of the newest key, and wrap with an older one.
    """
    ring.refresh()
    if ring.older_ids and not ring.is_settled:
        raise KeysInUse(
            "The keys were changed just now, and servers may still use older ones: wait a minute."
        )
    before = await keys_of(ring, wrapped)
    ring.retire([key for key in before.older if key not in before.removable])
    return await keys_of(ring, wrapped)
