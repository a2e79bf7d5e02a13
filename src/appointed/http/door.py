"""What every contract's door needs: who calls, where we live, and the store behind."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from appointed.domain.audit import Act
from appointed.domain.principal import Principal
from appointed.http.credentials import Credential, prove, read_credential
from appointed.http.gate import add_headers, admit_tenant, note_attempt
from appointed.http.headers import Scope, headers_of
from appointed.http.limits import Limits
from appointed.http.origin import Origins
from appointed.http.throttle import Throttle
from appointed.usecases.authenticate import Authenticator
from appointed.usecases.invitations import Invitations
from appointed.usecases.manage_webhooks import WebhookDesk
from appointed.usecases.ports import Clock, IdSource, Store

# A proven credential counts so long without asking the store again; a revoked one ends no later.
KEPT = timedelta(seconds=5)
MOST_KEPT = 4096
APPOINTMENT = "appointment"
# A program that tries again and again is written down once a minute.
ATTEMPT_ONCE_IN = timedelta(minutes=1)

BaseUrl = Callable[[Scope], str]
ClientAddress = Callable[[Scope], str]


class Callers:
    """Knows who is calling."""

    def __init__(
        self,
        authenticator: Authenticator,
        origins: Origins,
        xsrf_key: bytes,
        limits: Limits,
        clock: Clock,
        throttle: Throttle | None = None,
    ) -> None:
        self._authenticator = authenticator
        self._base_url = origins.base_url
        self._client_address = origins.client_address
        self._xsrf_key = xsrf_key
        self._limits = limits
        self._clock = clock
        self._throttle = throttle
        self._kept: OrderedDict[bytes, tuple[Principal, datetime]] = OrderedDict()
        self._forgotten: list[Callable[[], None]] = []

    async def principal(self, scope: Scope) -> Principal:
        """Give the caller of a request.

        Raises Unauthenticated, TooManyAttempts, RateLimited, and TooManyRequests for a crowded tenant.
        """
        credential = read_credential(headers_of(scope), self._base_url(scope), self._xsrf_key, self._limits)
        key = hashlib.sha256(msgspec.msgpack.encode(credential)).digest()
        kept = self._kept.get(key)
        if kept is None or kept[1] <= self._clock():
            kept = await self._prove(credential, key, self._client_address(scope))
        admit_tenant(scope, kept[0].tenant_id)
        if self._throttle is not None:
            add_headers(scope, self._throttle.headers(self._throttle.take(kept[0])))
        return kept[0]

    async def issue(self, principal: Principal) -> tuple[str, datetime]:
        """Hand out a new ticket to a caller who is known; gives its text and end."""
        return await self._authenticator.issue(principal)

    def forget(self) -> None:
        """Ask the store again for everyone; after a credential was revoked, or rights have changed."""
        self._kept.clear()
        for tell in self._forgotten:
            tell()

    def listen(self, tell: Callable[[], None]) -> None:
        """Have `tell` called whenever everyone is to be asked again."""
        self._forgotten.append(tell)

    async def _prove(self, credential: Credential, key: bytes, address: str) -> tuple[Principal, datetime]:
        proven = (await prove(credential, self._authenticator, address), self._clock() + KEPT)
        self._kept[key] = proven
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return proven


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """One server's outside, the same for both contracts; `has_meetings`: rooms have a meeting server."""

    store: Store
    callers: Callers
    clock: Clock
    ids: IdSource
    limits: Limits
    base_url: BaseUrl
    client_address: ClientAddress
    invitations: Invitations
    webhooks: WebhookDesk
    has_meetings: bool


def note_fixed(
    door: Door, scope: Scope, principal: Principal, kind: str, number: Any, members: tuple[str, ...]
) -> None:
    """Have an attempt to change fixed members written down, in the log and in the audit log (ADR 0056)."""
    note_attempt(scope, {"associate": principal.associate_id, kind: number, "members": members})
    is_appointment = kind == APPOINTMENT and isinstance(number, int)
    about = {} if is_appointment else {kind: str(number)}
    door.store.audit.note(
        principal.tenant_id,
        Act.FIXED_MEMBER,
        principal.associate_id,
        appointment_id=number if is_appointment else 0,
        address=door.client_address(scope),
        details={"members": list(members), **about},
        once_in=ATTEMPT_ONCE_IN,
    )
