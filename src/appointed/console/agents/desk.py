"""What the agents' pages work with, and what every page of theirs shows."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from appointed.console.agents.forms import Form
from appointed.console.agents.session import Sessions, Visitor
from appointed.console.look.languages import FIRST, Language
from appointed.console.look.pages import LANGUAGE, Pages
from appointed.domain.errors import AppointedError, AppointmentNotFound
from appointed.domain.principal import Principal
from appointed.domain.rights import may_administer_users
from appointed.http.credentials import read_cookie
from appointed.http.door import Door
from appointed.http.event_stream import EventStream, Streams, resumes_after
from appointed.http.headers import headers_of
from appointed.usecases.ask_to_join import Pseudonym
from appointed.usecases.change_appointment import Call, Edit
from appointed.usecases.change_department import DepartmentEdit
from appointed.usecases.change_user import UserEdit
from appointed.usecases.create_appointment import Draft
from appointed.usecases.live import Live, Topic
from appointed.usecases.meetings import Calls
from appointed.usecases.ports import IdSource
from appointed.usecases.zones import known_zones

DOOR: Final = "agent-web"
HOME: Final = "/agent-web"
ZONE_COOKIE: Final = "appointed_zone"
LANGUAGE_COOKIE: Final = "appointed_language"
YEAR: Final = 31_536_000

ToEdit = Callable[[Mapping[str, Any], IdSource], Edit]
ToDraft = Callable[[Mapping[str, Any], Principal], Draft]
ToDepartment = Callable[[Mapping[str, Any], IdSource], DepartmentEdit]
# Whether it is a new user comes last; their role is the domain's.
ToUser = Callable[[Mapping[str, Any], Principal, bool], tuple[UserEdit, str | None]]


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Everything behind the pages.

    `to_edit` reads a partial update, `to_draft` a new appointment, `to_department` and `to_user` what a form
    makes of a department or a user, as the API of video appointments does.
    `frame` is the origin of the meetings that a page may show inside, "" for none. `pseudonym` names
    addresses that letters went to, and says nothing of them. `letter_languages` are codes with their names.
    """

    door: Door
    sessions: Sessions
    pages: Pages
    calls: Calls
    to_edit: ToEdit
    to_draft: ToDraft
    to_department: ToDepartment
    to_user: ToUser
    live: Live
    streams: Streams
    pseudonym: Pseudonym
    letter_languages: tuple[tuple[str, str], ...] = ()
    frame: str = ""

    def now(self) -> datetime:
        """Tell the time."""
        return self.door.clock()

    def call(self, visitor: Visitor) -> Call:
        """Say in whose name a page changes something."""
        return Call(principal=visitor.principal, door=DOOR, hides_foreign=True, ids=self.door.ids)

    def language(self, request: Request) -> Language:
        """Choose the language of a page."""
        return self.pages.language_of(request, kept=_cookie(request, LANGUAGE_COOKIE))

    def zone(self, request: Request, visitor: Visitor, form: Form | None = None) -> ZoneInfo:
        """Give the zone that a page's script found the browser in, else the tenant's.

        A form's own zone comes first: what was typed there was meant in the zone that the form was shown in.
        """
        own = read_zone(form.text("zone")) if form else None
        return own or read_zone(_cookie(request, ZONE_COOKIE)) or visitor.directory.zone

    def page(
        self, request: Request, template: str, visitor: Visitor | None, status: int = 200, **values: Any
    ) -> Response:
        """Answer with a page of somebody who has signed in, or of nobody."""
        language = self.language(request)
        if visitor is not None:
            values = self.around(request, visitor) | values
        answer = self.pages.page(
            request, template, language, status=status, frame=self.frame, visitor=visitor, **values
        )
        if request.query_params.get(LANGUAGE) == language.code:
            answer.headers.append("set-cookie", _kept(LANGUAGE_COOKIE, language.code))
        return answer

    def piece(self, request: Request, template: str, visitor: Visitor, **values: Any) -> str:
        """Write a piece of a page, to take the place of an older one."""
        values = self.around(request, visitor) | values
        return self.pages.write(template, self.language(request), visitor=visitor, **values)

    async def stream(self, request: Request, topic_of: Callable[[Visitor], Awaitable[Topic]]) -> ASGIApp:
        """Tell a page of changes while it is open, and its visitor signed in with the same rights."""
        visitor = await self.sessions.visitor(request)
        topic = await topic_of(visitor)

        async def may_hear() -> bool:
            try:
                return await topic_of(await self.sessions.again(request)) == topic
            except AppointedError:
                # A store that is away tells nobody's rights: the page comes again by itself.
                return False

        reader = (topic.tenant_id, visitor.principal.associate_id)
        after = resumes_after(request)
        return EventStream(self.live, self.streams, topic, after, reader, may_hear=may_hear)

    def around(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        """Give what the templates of all pages name."""
        return {
            "zone": self.zone(request, visitor),
            "directory": visitor.directory,
            "now": self.now(),
            "brand": visitor.directory.tenant.name,
            "here": request.url.path,
            "administers": may_administer_users(visitor.principal, visitor.directory),
            "known_problems": self.pages.languages.by_code[FIRST].texts.keys(),
        }


def uid_of(request: Request) -> UUID:
    """Read which appointment an address names. Raises AppointmentNotFound."""
    text = request.path_params["uid"]
    try:
        found = UUID(text)
    except ValueError:
        raise AppointmentNotFound(text) from None
    if str(found) != text:
        raise AppointmentNotFound(text)
    return found


def read_zone(name: str) -> ZoneInfo | None:
    """Find a zone by its IANA name."""
    return ZoneInfo(name) if name in known_zones() else None


def address(uid: UUID, rest: str = "") -> str:
    """Give the address of an appointment's page, or of one below it."""
    return f"{HOME}/appointments/{uid}{rest}"


def leads(where: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Lead the browser to another page after what it has sent."""
    answer = Response(status_code=303, headers={"Location": where, "Cache-Control": "no-store"})
    for name, value in headers:
        answer.headers.append(name, value)
    return answer


def _kept(name: str, value: str) -> str:
    return f"{name}={value}; Path={HOME}; Max-Age={YEAR}; SameSite=Lax"


def _cookie(request: Request, name: str) -> str:
    return read_cookie(headers_of(request.scope), name)
