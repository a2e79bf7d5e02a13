"""Tokens for clients: `POST /oauth2/token` (client credentials) and the keys to check them by.

Source: SQOD API authentication; the errors are those of the Cognito token endpoint (RFC 6749 §5.2).
"""

import base64
import binascii
from typing import Any, Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.domain.errors import AppointedError, Unauthenticated
from appointed.http.body import read_body
from appointed.http.door import ClientAddress
from appointed.http.headers import Headers, headers_of
from appointed.http.limits import Limits
from appointed.sqod.input import read_input
from appointed.usecases.authenticate import Authenticator
from appointed.usecases.ports import Clock

PATH: Final = "/oauth2/token"
# What is the server's own to mend, or to wait for; clients of this address read one member of every error.
SERVER_ERRORS: Final = {
    429: "temporarily_unavailable",
    500: "server_error",
    503: "temporarily_unavailable",
    507: "temporarily_unavailable",
}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Signer(Protocol):
    """Signs access tokens, and publishes the keys to check them."""

    def issue(self, client_id: str, now: Any, lifetime_seconds: int) -> str:
        """Make a token for a client."""
        ...

    def jwks(self) -> dict[str, Any]:
        """Give the public keys (RFC 7517 §5)."""
        ...


class OAuthError(Exception):
    """A token request is refused; the argument is the `error` member's value."""


class TokenEndpoint(msgspec.Struct, frozen=True):
    """Hands out access tokens; served on every host name."""

    authenticator: Authenticator
    signer: Signer
    clock: Clock
    limits: Limits
    lifetime_seconds: int
    client_address: ClientAddress

    def routes(self) -> list[Route]:
        """Make the routes of this endpoint."""
        return [
            Route(PATH, self.token, methods=["POST"]),
            Route("/.well-known/jwks.json", self.keys, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """Exchange a client's id and secret for a bearer token; query parameters are ignored."""
        try:
            return _json(200, await self._grant(request), NO_STORE)
        except OAuthError as error:
            return _json(400, {"error": str(error)}, NO_STORE)

    async def keys(self, _request: Request) -> Response:
        """Publish the keys that our tokens are signed with."""
        return _json(200, self.signer.jwks(), {"Cache-Control": "max-age=300"})

    async def _grant(self, request: Request) -> dict[str, Any]:
        values = await self._values(request)
        grant = values.get("grant_type")
        if grant is None:
            raise OAuthError("invalid_request")
        if grant != "client_credentials":
            raise OAuthError("unsupported_grant_type")
        client_id, secret = _client(headers_of(request.scope), values)
        try:
            account = await self.authenticator.client(client_id, secret, self.client_address(request.scope))
        except Unauthenticated as error:
            raise OAuthError("invalid_client") from error
        token = self.signer.issue(account.name, self.clock(), self.lifetime_seconds)
        return {"access_token": token, "expires_in": self.lifetime_seconds, "token_type": "Bearer"}

    async def _values(self, request: Request) -> dict[str, Any]:
        try:
            data = await read_body(request.scope, request.receive, self.limits, is_form=True)
            # The documentation prints a JSON body beside a form's content type: what looks like JSON is.
            headers: Headers = {} if data.lstrip().startswith(b"{") else headers_of(request.scope)
            return read_input(headers, data, self.limits).values
        except AppointedError as error:
            raise OAuthError("invalid_request") from error


def refusal(status: int) -> bytes:
    """Word a failure of a token request by its status, as RFC 6749 §5.2 has it."""
    return msgspec.json.encode({"error": SERVER_ERRORS.get(status, "invalid_request")})


def _client(headers: Headers, values: dict[str, Any]) -> tuple[str, str]:
    scheme, _space, text = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(text.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client") from error
        client_id, _colon, secret = pair.partition(":")
        return client_id, secret
    posted = (values.get("client_id"), values.get("client_secret"))
    if not all(isinstance(value, str) for value in posted):
        raise OAuthError("invalid_client")
    return str(posted[0]), str(posted[1])


def _json(status: int, content: Any, headers: dict[str, str]) -> Response:
    return Response(msgspec.json.encode(content), status, headers, "application/json")
