"""What a carrier is made of: a table of members, each with its wire name, wire type and how it is written."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from appointed.superoffice.context import Context

Json = Any
Rendered = tuple[dict[str, Json], msgspec.Raw]


class Field(NamedTuple):
    """One member of a carrier; `render` takes the thing described and the context.

    Types are those of the contract's own description: int32, string, bool, double, date-time, timespan,
    `enum:Name`, a carrier's name, `X[]`, `map<string,X>`.
    """

    name: str
    type: str
    render: Callable[[Any, Context], Json]


Shape = tuple[Field, ...]


def written(shape: Shape, thing: object, ctx: Context) -> dict[str, Json]:
    """Write a thing as the carrier of this shape."""
    return {field.name: field.render(thing, ctx) for field in shape}


def kept(kind: str, key: object, ctx: Context, make: Callable[[], dict[str, Json]]) -> Rendered:
    """Give the rendering of one small record, made once per directory revision, zone and language.

    The tree is shared: nobody may change it. The same bytes stand beside it for the encoder.
    """
    found: Rendered | None = ctx.cache.get((kind, key))
    if found is None:
        tree = make()
        found = ctx.cache[kind, key] = (tree, msgspec.Raw(msgspec.json.encode(tree)))
    return found


def number(attribute: str) -> Callable[[Any, Context], Json]:
    """Write an attribute as it stands."""
    return lambda thing, _ctx: getattr(thing, attribute)


def text(attribute: str) -> Callable[[Any, Context], Json]:
    """Write a text in the caller's language; None stays null."""

    def render(thing: Any, ctx: Context) -> Json:
        value = getattr(thing, attribute)
        return value if value is None else ctx.text(value)

    return render


def fixed(value: Json) -> Callable[[Any, Context], Json]:
    """Write the same for every thing: members that this server keeps nothing for."""
    return lambda _thing, _ctx: value
