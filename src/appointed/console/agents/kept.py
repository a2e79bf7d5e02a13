"""What somebody typed into a form that came without a session: kept until they have signed in again."""

import re
from typing import Final
from uuid import UUID

import msgspec
from starlette.requests import Request

from appointed.console.agents.forms import Form
from appointed.console.agents.session import TOKEN
from appointed.http.headers import headers_of

KEPT: Final = "kept"
PREFIX: Final = "kept."
# Forms that people type into; none of them holds a password.
_TYPED: Final = re.compile(
    r"/agent-web/(?:book|departments/[0-9]{1,18}|appointments/[0-9a-f-]{36}/(?:edit|cancel|reschedule|message|ask))"
)
_UID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER: Final = re.compile(r"/departments/([0-9]+)$")


class Kept(msgspec.Struct, frozen=True):
    """Where a form was sent to, and all that it held but its token."""

    path: str
    fields: dict[str, str]

    @property
    def uid(self) -> UUID | None:
        """Give the appointment that the form changes; None for a new one."""
        found = _UID.search(self.path)
        return UUID(found[0]) if found else None

    @property
    def department_id(self) -> int | None:
        """Give the department that the form changes; None for another form."""
        found = _NUMBER.search(self.path)
        return int(found[1]) if found else None


def is_kept(request: Request) -> bool:
    """Tell whether the form of a request is kept: never one that might not come from a page of ours."""
    return _is_own(request) and _TYPED.fullmatch(request.url.path) is not None


def keep(request: Request, form: Form) -> Kept:
    """Keep a form for later."""
    return Kept(request.url.path, {name: text for name, text in form.values.items() if name != TOKEN})


def kept_in(request: Request, form: Form) -> Kept | None:
    """Read what the form for signing in has kept, where it came from a page of ours."""
    path = form.text(KEPT)
    if not _is_own(request) or not _TYPED.fullmatch(path):
        return None
    found = {name.removeprefix(PREFIX): text for name, text in form.values.items() if name.startswith(PREFIX)}
    return Kept(path, found)


def _is_own(request: Request) -> bool:
    # Whoever presses the button later may not have filled in what it sends: here it has to be certain.
    return headers_of(request.scope).get(b"sec-fetch-site") == b"same-origin"
