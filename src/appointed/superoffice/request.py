"""What of a request the SuperOffice contract reads besides its body: zone, language, form, selection."""

import zlib
from functools import lru_cache
from typing import Any

import msgspec
from starlette.requests import Request

from appointed.domain.directory import Directory
from appointed.domain.errors import (
    AppointmentNotFound,
    InvalidRequest,
    MalformedJson,
    MissingBody,
    UnsupportedMediaType,
)
from appointed.domain.principal import Principal
from appointed.domain.series import Reach
from appointed.http.body import media_type_of, read_body
from appointed.http.dry_run import wants_dry_run
from appointed.http.headers import Headers, headers_of
from appointed.http.json_body import BYTE_ORDER_MARK, parse_json
from appointed.http.limits import Limits
from appointed.http.negotiate import XML_TYPES, negotiate
from appointed.superoffice.context import Manner, NewClaimants
from appointed.superoffice.enums import read_enum
from appointed.superoffice.fallback_json import read_tolerant
from appointed.superoffice.select import Selection, parse_select
from appointed.superoffice.texts import Language, choose_language
from appointed.superoffice.wiretime import TimeStyle, parse_zone_header, style_of
from appointed.usecases.ports import IdSource

REACHES = {
    "Unknown": Reach.THIS,
    "OnlyThis": Reach.THIS,
    "ThisAndForward": Reach.FOLLOWING,
    "StopRecurrence": Reach.STOP,
}
# Whatever of these a request names makes its answer another form than the plain one.
_VARYING = (b"so-timezone", b"so-language", b"accept-language")
_LONGEST_ID = 18
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How the caller wants the answer: its media type, its members, and a tag's suffix for this form."""

    is_xml: bool
    selection: Selection | None
    form: str


def wish_of(request: Request) -> Wish:
    """Read how the caller wants the answer; raises NotAcceptable."""
    headers = headers_of(request.scope)
    is_xml = negotiate(headers) in XML_TYPES
    select = _parameter(request, "$select")
    varying = tuple(headers.get(name, b"") for name in _VARYING)
    return Wish(
        is_xml=is_xml,
        selection=parse_select(select) if select else None,
        form=_form(is_xml, select, varying),
    )


def tries(request: Request) -> bool:
    """Tell whether this is a write whose caller only wants to know."""
    return request.method != "GET" and wants_dry_run(headers_of(request.scope))


def meaning_of(headers: Headers) -> tuple[str | bool, ...]:
    """Give what decides, besides body and address, what is read and answered: the zone, language and form."""
    named = (headers.get(name, b"").decode("latin-1").strip().lower() for name in _VARYING)
    return (negotiate(headers) in XML_TYPES, *named)


def manner_of(request: Request, principal: Principal, base_url: str, ids: IdSource | None = None) -> Manner:
    """Read zone and language; raises InvalidRequest for a zone that nobody knows.

    `ids` names what an edit of appointments adds.
    """
    headers = headers_of(request.scope)
    zone = headers.get(b"so-timezone", b"").decode("latin-1")
    parsed = parse_zone_header(zone)

    def style(directory: Directory) -> TimeStyle:
        return style_of(parsed, directory.zone)

    return Manner(
        principal=principal,
        base_url=base_url,
        style=style,
        language=_language(headers),
        new_claimants=None if ids is None else NewClaimants(ids),
    )


def reach_of(request: Request) -> Reach:
    """Read how far in a series a change goes: `updateMode`, by name or number; this one without it.

    Raises InvalidRequest.
    """
    mode = _parameter(request, "updateMode")
    if not mode:
        return Reach.THIS
    try:
        return REACHES[read_enum("RecurrenceUpdateMode", int(mode) if mode.isdecimal() else mode)]
    except (ValueError, KeyError):
        raise InvalidRequest("updateMode must be a RecurrenceUpdateMode.") from None


def number_of(request: Request) -> int:
    """Read the id out of the path; raises InvalidRequest, and AppointmentNotFound past all ids."""
    text = request.path_params["id"]
    if not (text.isascii() and text.isdigit()):
        raise InvalidRequest("The id must be a whole number.")
    if len(text) > _LONGEST_ID:
        raise AppointmentNotFound(text)
    return int(text)


async def json_of(request: Request, limits: Limits) -> tuple[Any, bytes]:
    """Read a JSON body, also in the loose forms that samples send, and its bytes; raises MissingBody."""
    # Whatever the type says, JSON is what is read; only XML, odd charsets and what are forms are refused.
    media_type = media_type_of(headers_of(request.scope))
    body = await read_body(request.scope, request.receive, limits)
    if not body.strip():
        raise MissingBody
    try:
        return parse_json(body, limits, fold_keys=True), body
    except MalformedJson:
        return _read_loosely(body, media_type, limits), body


def _read_loosely(body: bytes, media_type: str, limits: Limits) -> Any:
    try:
        return read_tolerant(body, limits)
    except MalformedJson:
        # curl calls JSON a form unless told otherwise: a slip in an object or array stays one.
        is_meant_as_json = body.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] in (b"{", b"[")
        if media_type in _FORMS and not is_meant_as_json:
            raise UnsupportedMediaType(media_type) from None
        raise


def _language(headers: Headers) -> Language | None:
    so_language, accept_language = headers.get(b"so-language"), headers.get(b"accept-language")
    if so_language is None and accept_language is None:
        return None
    return choose_language(
        so_language.decode("latin-1") if so_language is not None else None,
        accept_language.decode("latin-1") if accept_language is not None else None,
    )


def _parameter(request: Request, name: str) -> str:
    if not request.scope["query_string"]:
        return ""
    folded = name.lower()
    return next((value for key, value in request.query_params.items() if key.lower() == folded), "")


@lru_cache(maxsize=256)
def _form(is_xml: bool, select: str, varying: tuple[bytes, ...]) -> str:
    if not (is_xml or select or any(varying)):
        return ""
    return f"{zlib.crc32(repr((is_xml, select.lower(), varying)).encode()):08x}"
