"""The link of a claimant as it came: who may open it how often, and what it asks for."""

import hmac
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request

from appointed.console.look.visitors import Visitors
from appointed.domain.call import Side
from appointed.domain.errors import AppointmentNotFound, InvalidRequest
from appointed.domain.meeting import CLAIMANT_PAGE, read_place
from appointed.http.body import media_type_of, read_body
from appointed.http.credentials import demand_own_page, xsrf_value
from appointed.http.gate import admit_tenant
from appointed.http.headers import Scope, headers_of
from appointed.http.limits import Limits
from appointed.usecases.meetings import Calls, Visit
from appointed.usecases.zones import known_zones

LIVE_PAGE = CLAIMANT_PAGE + "/live"
# What a link carries besides its reference and its key.
KEPT = ("reference", "key", "lang", "zone")
FIELDS = 10
# What every form on a page brings along.
TOKEN = "token"  # noqa: S105 - the name of a field


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Opens links."""

    calls: Calls
    visitors: Visitors
    limits: Limits
    client_address: Callable[[Scope], str]
    base_url: Callable[[Scope], str]
    forms_key: bytes

    async def visit(self, request: Request) -> Visit:
        """Tell what the link of a request leads to.

        Raises AppointmentNotFound whatever is wrong with it, and TooManyAttempts.
        """
        async with self.visitors.counted(self.client_address(request.scope)):
            return await self._opened(request)

    async def _opened(self, request: Request) -> Visit:
        key = request.query_params.get("key", "")
        place = read_place(key)
        if place is None:
            raise AppointmentNotFound("")
        admit_tenant(request.scope, place.tenant_id)
        self.visitors.opened(key)
        visit = await self.calls.visit(Side.CLAIMANT, key)
        given = request.query_params.get("reference", "").encode(errors="surrogatepass")
        if not hmac.compare_digest(given, visit.row.reference.encode()):
            raise AppointmentNotFound("")
        return visit

    async def form(self, request: Request) -> Mapping[str, str]:
        """Read what somebody has sent to a link; raises InvalidRequest and BodyRejected."""
        data = await read_body(request.scope, request.receive, self.limits)
        media_type_of(headers_of(request.scope))
        try:
            return dict(parse_qsl(data.decode(), keep_blank_values=True, max_num_fields=FIELDS))
        except (UnicodeDecodeError, ValueError):
            raise InvalidRequest("form") from None

    def token(self, request: Request) -> str:
        """Give what the forms of a link's page bring along, the same for as long as the link opens."""
        return xsrf_value(request.query_params.get("key", ""), self.forms_key)

    def demand_own(self, request: Request, form: Mapping[str, str]) -> None:
        """Raise CrossSiteRequest unless a page of this very link has sent a form."""
        headers, base_url = headers_of(request.scope), self.base_url(request.scope)
        given = form.get(TOKEN, "").encode(errors="surrogatepass")
        demand_own_page(headers, base_url, request.query_params.get("key", ""), given, self.forms_key)


def address_of(request: Request, path: str = "", **more: str) -> str:
    """Give the address of a claimant's page with the same link, language and zone."""
    given = request.query_params
    return f"{path}?{urlencode({name: given[name] for name in KEPT if name in given} | more)}"


def zone_of(request: Request, usual: ZoneInfo) -> ZoneInfo:
    """Give the zone that the page's script found, else the tenant's own."""
    return _zone(request.query_params.get("zone", "")) or usual


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name in known_zones() else None
