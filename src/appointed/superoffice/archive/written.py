"""A page of a list as an answer: the envelope of OData with its rows, in JSON or XML (OData, $format)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from appointed.http.headers import headers_of
from appointed.http.negotiate import XML_TYPES, negotiate
from appointed.http.replies import WholeAnswer
from appointed.superoffice.answer import JSON, VARY, XML
from appointed.superoffice.archive.links import link
from appointed.superoffice.archive.listing import Listing, counted
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.options import NAMES, Options
from appointed.superoffice.archive.rows import footer, writer_of
from appointed.superoffice.xml import write_xml
from appointed.usecases.ports import Reply

# What the root of an XML answer is called.
CARRIER = "ODataSlimResponse"

Json = Any


def write_page(request: Request, page: Listing, options: Options, asked: Asked, metadata: str) -> ASGIApp:
    """Answer a page; `metadata` is the path of what describes its columns."""
    write = writer_of(page.columns, options, asked)
    value = [write(thing) for thing in page.things]
    totals = {f"{one.function}({one.name})": page.total or 0 for one in counted(options)}
    if totals:
        value.append(footer(totals, "Footer", options))
    base_url = asked.manner.base_url
    envelope: dict[str, Json] = {
        "odata.metadata": base_url + metadata,
        "odata.nextLink": _link(request, page, options, base_url),
    }
    if page.total is not None:
        envelope["odata.count"] = page.total
    return write_answer(envelope | {"value": value}, is_xml=_is_xml(request, options))


def write_answer(value: Json, root: str = CARRIER, *, is_xml: bool) -> ASGIApp:
    """Answer a value as JSON or XML."""
    if is_xml:
        return WholeAnswer(Reply(200, (("Content-Type", XML), VARY), write_xml(root, value)))
    return WholeAnswer(Reply(200, (("Content-Type", JSON), VARY), msgspec.json.encode(value)))


def wants_xml(request: Request) -> bool:
    """Tell whether the caller likes XML best; raises NotAcceptable."""
    return negotiate(headers_of(request.scope)) in XML_TYPES


def _link(request: Request, page: Listing, options: Options, base_url: str) -> str | None:
    if page.following is None:
        return None
    said = dict(options.given) | page.following
    return link(base_url + request.url.path, said, NAMES)


def _is_xml(request: Request, options: Options) -> bool:
    return options.form == "xml" if options.form else wants_xml(request)
