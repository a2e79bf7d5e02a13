"""Forms of our own pages: names and texts, every one bounded."""

from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from appointed.domain.errors import InvalidRequest, InvalidString, TooManyParts, UnsupportedMediaType
from appointed.http.body import media_type_of, read_body
from appointed.http.headers import headers_of
from appointed.http.limits import Limits

FORM = "application/x-www-form-urlencoded"


class Form(msgspec.Struct, frozen=True):
    """What a form brought; of a name that came more than once the last counts, as with a checkbox."""

    values: dict[str, str]

    def text(self, name: str) -> str:
        """Give a text without the space around it, "" when it is absent."""
        return self.values.get(name, "").strip()

    def beginning(self, prefix: str) -> dict[str, str]:
        """Give the texts whose names begin so as `text` gives them, by the rest of their names."""
        return {name.removeprefix(prefix): self.text(name) for name in self.values if name.startswith(prefix)}


async def read_form(request: Request, limits: Limits) -> Form:
    """Read the body of a POST; raises what `read_body` raises, and what is wrong with the form."""
    if media_type_of(headers_of(request.scope)) not in (FORM, ""):
        raise UnsupportedMediaType("form")
    return parse_form(await read_body(request.scope, request.receive, limits, is_form=True), limits)


def parse_form(body: bytes, limits: Limits) -> Form:
    """Read a body or a query string. Raises TooManyParts, InvalidRequest, InvalidString."""
    if body.count(b"&") >= limits.form_parts:
        raise TooManyParts(str(limits.form_parts))
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise InvalidRequest("form is not UTF-8") from None
    for name, text in pairs:
        if "\0" in text:
            raise InvalidString(name)
    # Browsers send the line ends of a text area as two characters.
    return Form({name: text.replace("\r\n", "\n") for name, text in pairs})
