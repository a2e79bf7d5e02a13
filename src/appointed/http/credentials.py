"""What a caller shows to say who it is: a header, or a session cookie with its XSRF value."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

import msgspec

from appointed.domain.errors import CrossSiteRequest, Unauthenticated
from appointed.domain.principal import Principal
from appointed.http.headers import Headers
from appointed.http.limits import Limits
from appointed.usecases.authenticate import TICKET_PREFIX, Authenticator

SESSION_COOKIE = "appointed_session"
SECURE_SESSION_COOKIE = "__Host-appointed_session"
XSRF_COOKIE = "XSRF-TOKEN"

_OWN_SITES = frozenset({b"same-origin", b"none"})


class Basic(msgspec.Struct, frozen=True, tag=True):
    """A login name and its password, in clear."""

    name: str
    password: str


class Ticket(msgspec.Struct, frozen=True, tag=True):
    """A ticket that this server handed out."""

    text: str


class Bearer(msgspec.Struct, frozen=True, tag=True):
    """A bearer token, not yet verified."""

    token: str


class Session(msgspec.Struct, frozen=True, tag=True):
    """The text of a session cookie whose XSRF value was right."""

    text: str


Credential = Basic | Ticket | Bearer | Session


def read_credential(headers: Headers, base_url: str, xsrf_key: bytes, limits: Limits) -> Credential:
    """Give what the caller shows: the Authorization header, else its session.

    `base_url` is this server's own as the caller sees it. Raises Unauthenticated when there is nothing or
    something broken, CrossSiteRequest for a session that another site may have sent.
    """
    authorization = headers.get(b"authorization")
    if authorization is not None:
        return read_authorization(authorization, limits)
    return read_session(headers, base_url, xsrf_key)


def read_authorization(value: bytes, limits: Limits) -> Credential:
    """Read an Authorization header; the scheme ignores case. Raises Unauthenticated."""
    if len(value) > limits.credential_bytes or not value.isascii():
        raise Unauthenticated
    scheme, _space, text = value.decode("ascii").strip().partition(" ")
    read = _SCHEMES.get(scheme.lower())
    text = text.strip()
    # Whitespace or a comma inside means two credentials: there is no telling which one is meant.
    if read is None or not text or " " in text or "," in text or "\t" in text:
        raise Unauthenticated
    return read(text)


def _basic(text: str) -> Credential:
    if text.startswith(TICKET_PREFIX):
        return Ticket(text)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unauthenticated from None
    try:
        pair = raw.decode()
    except UnicodeDecodeError:
        pair = raw.decode("latin-1")
    if pair.startswith(TICKET_PREFIX):
        # A ticket may stand as user name with a blank password; it holds a colon of its own.
        return Ticket(pair.removesuffix(":"))
    name, colon, password = pair.partition(":")
    if not name or not colon:
        raise Unauthenticated
    return Basic(name, password)


_SCHEMES: dict[str, Callable[[str], Credential]] = {"basic": _basic, "soticket": Ticket, "bearer": Bearer}


def read_session(headers: Headers, base_url: str, xsrf_key: bytes) -> Session:
    """Read the session cookie, demanding its XSRF value and that our own pages sent it.

    Raises Unauthenticated without a session, CrossSiteRequest when the rest is not right.
    """
    text = session_text(headers, base_url)
    if not text:
        raise Unauthenticated
    demand_own_page(headers, base_url, text, headers.get(b"x-xsrf-token", b""), xsrf_key)
    return Session(text)


def session_text(headers: Headers, base_url: str) -> str:
    """Give the text of the session cookie, "" when there is none; it proves nothing of who sent it."""
    return read_cookie(headers, SECURE_SESSION_COOKIE if base_url.startswith("https:") else SESSION_COOKIE)


def demand_own_page(headers: Headers, base_url: str, session: str, given: bytes, xsrf_key: bytes) -> None:
    """Raise CrossSiteRequest unless the XSRF value is this session's and our own pages sent the request."""
    if not hmac.compare_digest(given, xsrf_value(session, xsrf_key).encode()):
        raise CrossSiteRequest
    if not is_own_site(headers, base_url):
        raise CrossSiteRequest


def read_cookie(headers: Headers, name: str) -> str:
    """Give the first cookie of this name; "" when there is none."""
    for piece in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        found, _equals, text = piece.strip().partition("=")
        if found == name:
            return text.strip('"')
    return ""


def is_own_site(headers: Headers, base_url: str) -> bool:
    """Tell whether our own pages sent a request, as far as the browser says; programs say nothing."""
    site = headers.get(b"sec-fetch-site", b"none").lower()
    if site not in _OWN_SITES:
        return False
    origin = headers.get(b"origin")
    if origin == b"null" and site == b"same-origin":
        # What a form says that stands on a page which tells nobody where it is, as all of ours do.
        return True
    own = "/".join(base_url.split("/", 3)[:3])
    return origin is None or origin.decode("latin-1").lower() == own.lower()


def xsrf_value(session: str, xsrf_key: bytes) -> str:
    """Derive the XSRF value of a session."""
    return hmac.new(xsrf_key, session.encode(), hashlib.sha256).hexdigest()


def session_cookies(
    session: str, xsrf_key: bytes, *, is_secure: bool, seconds: int
) -> tuple[tuple[str, str], ...]:
    """Make the headers that give a browser its session and XSRF cookies for `seconds`."""
    return _cookies(session, xsrf_value(session, xsrf_key), is_secure=is_secure, seconds=seconds)


def no_session_cookies(*, is_secure: bool) -> tuple[tuple[str, str], ...]:
    """Make the headers that take both cookies from a browser."""
    return _cookies("", "", is_secure=is_secure, seconds=0)


def _cookies(session: str, xsrf: str, *, is_secure: bool, seconds: int) -> tuple[tuple[str, str], ...]:
    name = SECURE_SESSION_COOKIE if is_secure else SESSION_COOKIE
    common = f"; Path=/; Max-Age={seconds}; SameSite=Lax" + ("; Secure" if is_secure else "")
    return (
        ("set-cookie", f"{name}={session}{common}; HttpOnly"),
        ("set-cookie", f"{XSRF_COOKIE}={xsrf}{common}"),
    )


async def prove(credential: Credential, authenticator: Authenticator, address: str) -> Principal:
    """Find out who shows this credential from an address; raises Unauthenticated and TooManyAttempts."""
    match credential:
        case Basic(name, password):
            return await authenticator.password(name, password, address)
        case Ticket(text):
            return await authenticator.ticket(text)
        case Bearer(token):
            return await authenticator.bearer(token)
        case Session(text):
            return await authenticator.ticket(text, "session")
