"""What proves who calls: passwords, and tokens of programs."""

from typing import Protocol


class PasswordHasher(Protocol):
    """Proves passwords without knowing them."""

    async def verify(self, hashed: str | None, name: str, password: str, address: str) -> bool:
        """Tell whether the password is right; takes as long for an unknown name (None).

        Raises TooManyAttempts when too many were wrong for this name or from this address.
        """
        ...

    async def hash(self, password: str) -> str:
        """Make the text to store."""
        ...


class TokenReader(Protocol):
    """Proves bearer tokens."""

    async def client_of(self, token: str) -> str:
        """Give the account name (kind "client") behind a token; raises Unauthenticated."""
        ...
