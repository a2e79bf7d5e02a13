"""Who am I, tickets and cookie sessions (Authorization; GET User/currentPrincipal, User/currentToken)."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import Associate, AssociateType, Directory
from appointed.domain.errors import InvalidRequest, Unauthenticated
from appointed.domain.principal import Role
from appointed.domain.rights import caller
from appointed.http.body import media_type_of, read_body
from appointed.http.credentials import no_session_cookies, read_session, session_cookies
from appointed.http.door import Door
from appointed.http.headers import headers_of
from appointed.http.json_body import parse_json
from appointed.http.resource import Resource, route_any_case
from appointed.superoffice.answer import write_error
from appointed.superoffice.carriers.associate import USER_TYPES
from appointed.superoffice.request import wish_of
from appointed.superoffice.service import write_value
from appointed.usecases.authenticate import TICKET_LIFETIME, Authenticator

SESSION = "session"
PRINCIPAL, TICKET = "SoPrincipalCarrier", "TicketCarrier"
ROLE_IDS = {role: number for number, role in enumerate(Role, start=1)}
WRONG_LOGIN = "The username or the password is wrong."
NO_STORE = ("Cache-Control", "no-store")


class SessionRoutes:
    """Answers who the caller is, hands out tickets, opens and closes sessions."""

    def __init__(self, door: Door, authenticator: Authenticator, xsrf_key: bytes) -> None:
        self._door = door
        self._authenticator = authenticator
        self._xsrf_key = xsrf_key

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [
            route_any_case("/api/v1/User/currentPrincipal", Resource({"GET": self.principal}, write_error)),
            route_any_case("/api/v1/User/currentToken", Resource({"GET": self.token}, write_error)),
            # No part of the contract: what fails here is worded as everywhere outside of it.
            Route("/login", self.login, methods=["POST"]),
            Route("/logout", self.logout, methods=["POST"]),
        ]

    async def principal(self, request: Request) -> ASGIApp:
        """GET User/currentPrincipal: the caller as SoPrincipalCarrier, as far as this server knows."""
        principal = await self._door.callers.principal(request.scope)
        wish = wish_of(request)
        directory = await self._door.store.directory(principal.tenant_id)
        return write_value(principal_carrier(caller(principal, directory), directory), PRINCIPAL, wish)

    async def token(self, request: Request) -> ASGIApp:
        """GET User/currentToken: a new ticket for `Authorization: SOTicket`, and when it ends (UTC)."""
        principal = await self._door.callers.principal(request.scope)
        wish = wish_of(request)
        text, expires_at = await self._authenticator.issue(principal)
        made = {"Ticket": text, "ExpiresAt": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return write_value(made, TICKET, wish, NO_STORE)

    async def login(self, request: Request) -> Response:
        """POST /login: open a session by name and password, as JSON or form; sets both cookies."""
        name, password = await self._posted(request)
        address = self._door.client_address(request.scope)
        try:
            principal = await self._authenticator.password(name, password, address)
        except Unauthenticated:
            # The same for a name that nobody has.
            raise Unauthenticated(WRONG_LOGIN) from None
        text, _expires_at = await self._authenticator.issue(principal, SESSION)
        is_secure = self._door.base_url(request.scope).startswith("https:")
        seconds = int(TICKET_LIFETIME.total_seconds())
        cookies = session_cookies(text, self._xsrf_key, is_secure=is_secure, seconds=seconds)
        return _with_headers(Response(status_code=204), (NO_STORE, *cookies))

    async def logout(self, request: Request) -> Response:
        """POST /logout: end the session and take back both cookies."""
        base_url = self._door.base_url(request.scope)
        session = read_session(headers_of(request.scope), base_url, self._xsrf_key)
        await self._authenticator.revoke(session.text)
        self._door.callers.forget()
        cookies = no_session_cookies(is_secure=base_url.startswith("https:"))
        return _with_headers(Response(status_code=204), cookies)

    async def _posted(self, request: Request) -> tuple[str, str]:
        limits = self._door.limits
        body = await read_body(request.scope, request.receive, limits)
        if media_type_of(headers_of(request.scope)) == "application/x-www-form-urlencoded":
            values: Any = dict(parse_qsl(body.decode("utf-8", "replace")))
        else:
            values = parse_json(body or b"{}", limits, fold_keys=True)
        if not isinstance(values, dict):
            raise InvalidRequest("username and password are needed")
        folded = {key.lower(): value for key, value in values.items()}
        name, password = folded.get("username"), folded.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise Unauthenticated("A username and a password are needed.")
        return name, password


def principal_carrier(who: Associate, directory: Directory) -> dict[str, Any]:
    """Write the caller; what this server has no idea of is 0, "" or empty."""
    person = directory.persons.get(who.person_id)
    contact = directory.contacts.get(person.contact_id) if person else None
    return {
        "UserType": USER_TYPES[who.type],
        "Associate": who.name,
        "AssociateId": who.id,
        "IsPerson": who.type is not AssociateType.RESOURCE,
        "PersonId": who.person_id,
        "CountryId": person.country_id if person else 0,
        "HomeCountryId": contact.country_id if contact else 0,
        "ContactId": contact.id if contact else 0,
        "GroupId": who.group_id,
        "BusinessId": 0,
        "CategoryId": 0,
        "ContactOwner": contact.associate_id if contact else 0,
        "RoleId": ROLE_IDS[who.role],
        "RoleName": who.role.value.replace("_", " ").capitalize(),
        "RoleDescription": "",
        "RoleType": "System" if who.type is AssociateType.SYSTEM else "Employee",
        "Licenses": [],
        "FullName": who.full_name,
        "EMailAddress": person.email if person else "",
        "FunctionRights": ["all"] if who.role is Role.ADMINISTRATOR else [],
        "EjUserId": who.ej_user_id,
        "EjAccessLevel": 0,
        "EjUserStatus": "StatusUnknown",
        "ProvidedCredentials": [],
        "SecondaryGroups": list(who.department_ids),
        "DatabaseContextIdentifier": f"Tenant{directory.tenant.id}",
    }


def _with_headers(response: Response, headers: tuple[tuple[str, str], ...]) -> Response:
    for name, value in headers:
        response.headers.append(name, value)
    return response
