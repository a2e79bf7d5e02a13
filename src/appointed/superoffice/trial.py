"""What a dry run found, as JSON or XML (`Prefer: dry-run`; docs/contracts/superoffice/xml.md)."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.types import ASGIApp

from appointed.domain.errors import AppointedError
from appointed.http.dry_run import applied, dry_run_of, dry_run_reply, reply_of
from appointed.http.replies import WholeAnswer
from appointed.superoffice.request import wish_of
from appointed.superoffice.xml import DECLARATION, Markup, write_xml
from appointed.usecases.ports import Outcome, Reply

XML: Final = "application/xml; charset=utf-8"
ROOT: Final = "DryRun"


def tell(request: Request, tried: Sequence[Outcome], real: ASGIApp) -> ASGIApp:
    """Tell what would happen instead of a whole answer, in the form that the caller wants."""
    return WholeAnswer(tried_reply(tried, reply_of(real), is_xml=wish_of(request).is_xml))


def tried_reply(
    tried: Sequence[Outcome], real: Reply, *, is_xml: bool, error: AppointedError | None = None
) -> Reply:
    """Write what would happen instead of `real`, whose body is in the same form or empty; always 200."""
    if not is_xml:
        return dry_run_reply(tried, real, error)
    told = msgspec.json.decode(msgspec.json.encode(replace(dry_run_of(tried, real, error), result=None)))
    if real.body:
        told["result"] = Markup(real.body.decode().removeprefix(DECLARATION))
    return Reply(200, (("Content-Type", XML), *applied(real)), write_xml(ROOT, told))


def is_in_xml(reply: Reply) -> bool:
    """Tell whether an answer with a body is XML."""
    return ("Content-Type", XML) in reply.headers
