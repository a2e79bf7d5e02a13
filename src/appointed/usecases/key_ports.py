"""The server's keys, and what in the store is wrapped by them, as Protocols."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Keyring(Protocol):
    """The server's own keys, by ids that say nothing of them."""

    @property
    def current_id(self) -> str:
        """Name the key that wraps."""
        ...

    @property
    def older_ids(self) -> tuple[str, ...]:
        """Name the keys that only open."""
        ...

    @property
    def next_id(self) -> str | None:
        """Name the key that will wrap after the next rotation, when there is one already."""
        ...

    @property
    def is_settled(self) -> bool:
        """Tell whether every server that shares the keys has had the time to follow their last change."""
        ...

    def refresh(self) -> None:
        """Take the keys that are kept now; a command in another process may have changed them."""
        ...

    def prepare(self) -> None:
        """Make the next key."""
        ...

    def rotate(self) -> None:
        """Let the next key wrap, or a new one."""
        ...

    def retire(self, used: Collection[str]) -> None:
        """Remove the older keys but those in use."""
        ...


class WrappedKeys(Protocol):
    """The keys in the store, each wrapped by one of the server's."""

    async def uses(self) -> Mapping[str, int]:
        """Count what each of the server's keys wraps."""
        ...

    async def some(self) -> frozenset[str]:
        """Name the server's keys that wrap some of the claimants' keys; none when there are no claimants."""
        ...

    async def unopened(self, limit: int) -> tuple[tuple[int, int], ...]:
        """List tenant and id of appointments whose claimant no key opens, so many at most; reads them all."""
        ...

    async def rewrap(self) -> int:
        """Wrap anew, batch by batch, whatever the current key does not wrap; gives how many.

        What nothing opens stays as it is.
        """
        ...
