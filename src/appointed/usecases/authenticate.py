"""Find out who is calling, from whatever they showed."""

import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec

from appointed.domain.audit import Act
from appointed.domain.errors import Unauthenticated
from appointed.domain.principal import Principal
from appointed.usecases.credential_ports import PasswordHasher, TokenReader
from appointed.usecases.ports import Account, Clock, IdSource, Store, Ticket

TICKET_LIFETIME = timedelta(hours=6)
SEPARATOR = "."
# A program that tries again and again is written down once a minute, for each account and address.
FAILED_ONCE_IN = timedelta(minutes=1)
NO_TENANT = 0


class Authenticator(msgspec.Struct, frozen=True):
    """All ways to prove who one is; each ends in the same Principal."""

    store: Store
    passwords: PasswordHasher
    tokens: TokenReader
    clock: Clock
    ids: IdSource

    async def password(self, name: str, password: str, address: str) -> Principal:
        """Prove a login by its password; raises Unauthenticated, as slowly for unknown names.

        `address` is where the caller is ("": unknown); too many wrong ones raise TooManyAttempts.
        """
        account = await self.store.account("login", name.casefold())
        hashed = account.secret if account else None
        if not await self.passwords.verify(hashed, name, password, address) or account is None:
            self._note_failure(account, address)
            raise Unauthenticated
        return _principal(account)

    async def client(self, client_id: str, secret: str, address: str) -> Account:
        """Prove an OAuth client by its secret; raises Unauthenticated and TooManyAttempts."""
        account = await self.store.account("client", client_id)
        hashed = account.secret if account else None
        is_right = await self.passwords.verify(hashed, f"client:{client_id}", secret, address)
        if not is_right or account is None:
            self._note_failure(account, address)
            raise Unauthenticated
        return account

    async def bearer(self, token: str) -> Principal:
        """Prove a bearer token of this server or a configured issuer, or a ticket sent as one."""
        if token.startswith(TICKET_PREFIX):
            return await self.ticket(token)
        account = await self.store.account("client", await self.tokens.client_of(token))
        if account is None:
            raise Unauthenticated
        return _principal(account)

    def _note_failure(self, account: Account | None, address: str) -> None:
        # What was typed as a name may be a password: only names that exist are written down, by their ids.
        tenant_id, associate_id = (account.tenant_id, account.associate_id) if account else (NO_TENANT, 0)
        self.store.audit.note(
            tenant_id, Act.SIGN_IN_FAILED, associate_id, address=address, once_in=FAILED_ONCE_IN
        )

    async def ticket(self, text: str, kind: str = "ticket") -> Principal:
        """Prove a ticket or session that this server handed out; raises Unauthenticated."""
        tenant_id, ticket_id, secret = _parts(text)
        ticket = await self.store.ticket(tenant_id, ticket_id)
        if ticket is None or ticket.kind != kind or ticket.expires_at <= self.clock():
            raise Unauthenticated
        if not hmac.compare_digest(ticket.secret_hash, _digest(secret)):
            raise Unauthenticated
        return Principal(ticket.tenant_id, ticket.associate_id)

    async def issue(self, principal: Principal, kind: str = "ticket") -> tuple[str, datetime]:
        """Hand out a new ticket (or session) that is good for six hours; gives its text and end."""
        ticket_id, secret = self.ids.token(9), self.ids.token(32)
        expires_at = self.clock() + TICKET_LIFETIME
        await self.store.put_ticket(
            Ticket(
                tenant_id=principal.tenant_id,
                id=ticket_id,
                kind=kind,
                secret_hash=_digest(secret),
                associate_id=principal.associate_id,
                expires_at=expires_at,
            )
        )
        return TICKET_PREFIX + SEPARATOR.join((str(principal.tenant_id), ticket_id, secret)), expires_at

    async def revoke(self, text: str) -> None:
        """Forget a ticket or session."""
        tenant_id, ticket_id, _secret = _parts(text)
        await self.store.drop_ticket(tenant_id, ticket_id)


TICKET_PREFIX = "7T:"


def _principal(account: Account) -> Principal:
    return Principal(account.tenant_id, account.associate_id)


def _parts(text: str) -> tuple[int, str, str]:
    parts = text.removeprefix(TICKET_PREFIX).split(SEPARATOR)
    is_whole = len(parts) == 3 and parts[0].isascii() and parts[0].isdigit() and len(parts[0]) < 19
    if not is_whole:
        raise Unauthenticated
    return int(parts[0]), parts[1], parts[2]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
