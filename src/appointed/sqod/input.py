"""The members of a request as Laravel hands them on, any body form, trimmed, "" as null; the real verb."""

import re
from typing import Any

from appointed.domain.errors import InvalidRequest, MalformedJson, UnsupportedMediaType
from appointed.http.body import media_type_of
from appointed.http.headers import Headers
from appointed.http.json_body import parse_json
from appointed.http.limits import Limits
from appointed.sqod.forms import METHOD, NO_FIELDS, Fields, parse_multipart, parse_urlencoded

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# Laravel trims what Unicode calls space, and three characters that show as nothing.
_INVISIBLE = "\ufeff\u200b\u200e"
_TRIMMED = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + _INVISIBLE
_VERB = re.compile(r"[A-Za-z]+", re.ASCII)


def is_form(headers: Headers) -> bool:
    """Tell whether the body comes as a form, for which another size limit holds."""
    return media_type_of(headers) in (FORM, MULTIPART)


def read_input(headers: Headers, data: bytes, limits: Limits) -> Fields:
    """Read a body by its media type, JSON when it has none and looks so; an empty body has no members.

    Raises UnsupportedMediaType for other types, and what the readers of each type raise.
    """
    media_type = media_type_of(headers)
    if not data or data.isspace():
        return NO_FIELDS
    if "/json" in media_type or "+json" in media_type:
        return Fields(_read_object(data, limits))
    if media_type == FORM:
        return parse_urlencoded(data.strip(b"\r\n"), limits)
    if media_type == MULTIPART:
        return parse_multipart(data, headers[b"content-type"], limits)
    if not media_type and data.lstrip()[:1] in (b"{", b"["):
        return Fields(_read_object(data, limits))
    raise UnsupportedMediaType(media_type)


def read_query(query_string: bytes, limits: Limits) -> Fields:
    """Read a query string as PHP does."""
    return parse_urlencoded(query_string, limits)


def _read_object(data: bytes, limits: Limits) -> dict[str, Any]:
    value = parse_json(data, limits, fold_keys=False)
    if isinstance(value, dict):
        return value
    # PHP cannot tell [] from {}.
    if value == []:
        return {}
    raise MalformedJson("not an object")


def cleaned(value: Any) -> Any:
    """Trim every text within a value, and make null of what is empty then."""
    kind = type(value)
    if kind is str:
        return _trimmed(value)
    if kind is dict:
        return {name: cleaned(item) for name, item in value.items()}
    if kind is list:
        return [cleaned(item) for item in value]
    return value


def _trimmed(text: str) -> str | None:
    return text.strip(_TRIMMED) or None


def requested_verb(headers: Headers, query: Fields, body: Fields) -> str:
    """Give the verb that a POST stands for: the header's, else the body's, else the query's `_method`.

    Upper case; "POST" when nothing says otherwise. Raises InvalidRequest when it is no word, or when the
    place that counts names it twice (PATCH /api/v1/appointments/{appointment}, PatchMethod).
    """
    header = headers.get(b"x-http-method-override", b"").decode("latin-1").strip()
    if header:
        return _verb(header)
    for fields in (body, query):
        if METHOD in fields.repeated:
            raise InvalidRequest(METHOD)
        if fields.values.get(METHOD) is not None:
            return _verb(fields.values[METHOD])
    return "POST"


def _verb(given: Any) -> str:
    if not isinstance(given, str) or not _VERB.fullmatch(given):
        raise InvalidRequest(METHOD)
    return given.upper()
