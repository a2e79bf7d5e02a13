"""One thing that can be asked for beside the appointments, whichever address asks it.

A service is a function of an Ask; the addresses of the REST contract and the agents' methods are tables of
them.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from appointed.domain.directory import Directory, View
from appointed.domain.principal import Principal
from appointed.http.door import Door
from appointed.http.replies import WholeAnswer
from appointed.http.trial import rehearsing
from appointed.superoffice.answer import JSON, VARY, XML
from appointed.superoffice.carriers.shape import Shape, written
from appointed.superoffice.context import Context, Manner
from appointed.superoffice.given import Given
from appointed.superoffice.request import Wish, manner_of, tries, wish_of
from appointed.superoffice.trial import tell
from appointed.superoffice.xml import write_xml
from appointed.usecases.ports import Outcome, Reply

Json = Any
NOTHING = ""
NO_CONTENT = 204
ARCHIVE = "ODataSlimResponse"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question: who asks and how the answer is wished for, the tenant's records, and the arguments.

    Whoever only wants to know has a door of which nothing stays; `tried` are the changes that it would make.
    """

    door: Door
    request: Request
    manner: Manner
    ctx: Context
    given: Given
    tried: list[Outcome] | None = None

    @property
    def directory(self) -> Directory:
        """The tenant's small records."""
        return self.ctx.directory

    def write(self, shape: Shape, thing: object) -> Json:
        """Write a thing as a carrier; None is null."""
        return None if thing is None else written(shape, thing, self.ctx)

    def tree(self, rendered: tuple[Json, msgspec.Raw] | None) -> Json:
        """Give the tree of a record that was rendered before; None is null."""
        return None if rendered is None else rendered[0]


Provide = Callable[[Ask], Awaitable[Json]]


class Service(NamedTuple):
    """A function with what it answers and takes, in the contract's wire types ("Name:type Other:type").

    `answers` "" is an empty answer, 204. `raw` is the type of a body that is the argument itself. The first
    line of the function's docstring says on the wire what it does. `may_write`: a dry run is told as such
    also where there is nothing to write. `may_lose`: exceptions of a series may go, and a header names them.
    """

    provide: Provide
    answers: str = NOTHING
    query: str = ""
    body: str = ""
    raw: str = ""
    may_write: bool = False
    may_lose: bool = False

    @property
    def summary(self) -> str:
        """Say in a line what is asked for."""
        return (self.provide.__doc__ or "").partition("\n")[0]


async def ask_of(door: Door, request: Request, principal: Principal, given: Given) -> Ask:
    """Put a question together: how its answer is wished for, and the tenant's records of this moment."""
    manner = manner_of(request, principal, door.base_url(request.scope), door.ids)
    view = View(await door.store.directory(principal.tenant_id), door.clock())
    tried = None
    if tries(request):
        door, tried = rehearsing(door)
    return Ask(door=door, request=request, manner=manner, ctx=manner.general(view), given=given, tried=tried)


async def answer_service(service: Service, ask: Ask) -> ASGIApp:
    """Carry out a service and write its answer; a whole answer made by the service itself stays as it is.

    What was only tried is told in the form of dry runs; what writes nothing answers as ever. A list chooses
    its own columns and form.
    """
    if service.answers == ARCHIVE:
        page: WholeAnswer = await service.provide(ask)
        return page
    wish = wish_of(ask.request)
    answer = _written(service, await service.provide(ask), wish)
    is_told = ask.tried is not None and (ask.tried or service.may_write)
    return tell(ask.request, ask.tried or (), answer) if is_told else answer


def _written(service: Service, value: Json, wish: Wish) -> ASGIApp:
    if isinstance(value, WholeAnswer):
        return value
    if service.answers == NOTHING:
        return Response(status_code=NO_CONTENT)
    return write_value(value, service.answers, wish)


def write_value(value: Json, kind: str, wish: Wish, *headers: tuple[str, str]) -> ASGIApp:
    """Answer a value of a wire type as JSON or XML, carriers reduced to what was selected."""
    if not kind.startswith("map<"):
        value = _selected(value, wish)
    if wish.is_xml:
        return WholeAnswer(
            Reply(200, (("Content-Type", XML), VARY, *headers), write_xml(root_of(kind), value))
        )
    return WholeAnswer(Reply(200, (("Content-Type", JSON), VARY, *headers), msgspec.json.encode(value)))


def root_of(kind: str) -> str:
    """Name the root of an XML answer after its wire type."""
    if kind.endswith("[]"):
        return "ArrayOf" + root_of(kind[:-2])
    return "Dictionary" if kind.startswith("map<") else kind.removeprefix("enum:")


def _selected(value: Json, wish: Wish) -> Json:
    if wish.selection is None:
        return value
    if isinstance(value, list):
        return [_selected(item, wish) for item in value]
    return wish.selection.trimmed(value) if isinstance(value, dict) else value
