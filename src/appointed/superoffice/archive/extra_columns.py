"""Columns of fields that nobody defined: the `x_` names that a list is asked for (ExtraFields)."""

from collections.abc import Iterator

from msgspec.structs import replace

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.catalogue import UDEF, Columns
from appointed.superoffice.archive.columns import Column, column, where_unset_is
from appointed.superoffice.archive.grammar import Condition, Tree
from appointed.superoffice.archive.options import Options
from appointed.superoffice.carriers.custom import is_extra
from appointed.usecases.query import Order
from appointed.usecases.query_fields import EXTRA

PREFIX = "x_"


def with_extras(columns: Columns, options: Options) -> Columns:
    """Add the columns of the `x_` names that a list is asked for; raises InvalidRequest (ADR 161).

    A row keeps such a name as it was first written, so a list asks for one spelling.
    """
    found: Columns = {}
    for asked in _names(options):
        folded, name = asked.lower(), PREFIX + asked[len(PREFIX) :]
        if not folded.startswith(PREFIX) or folded in columns:
            continue
        defined = columns.get(f"{UDEF}/{name}".lower())
        if defined is not None:
            found[folded] = replace(defined, name=name)
        elif is_extra(name) and found.setdefault(folded, _column(name)).name != name:
            raise InvalidRequest(f"'{name}' is spelt in two ways, and each is a field of its own")
    return columns | found if found else columns


def _names(options: Options) -> Iterator[str]:
    yield from (wanted.name for wanted in options.select or ())
    yield from (wanted.name for wanted in options.orders)
    yield from _restricted(options.tree)


def _restricted(tree: Tree | None) -> Iterator[str]:
    if isinstance(tree, Condition):
        yield tree.column.text
    elif tree is not None:
        for inner in tree.nodes:
            yield from _restricted(inner)


def _column(name: str) -> Column:
    field = f"{EXTRA}{name}"
    return column(
        name,
        "string",
        name,
        lambda row, _asked: row.extra_fields.get(name, ""),
        where=lambda meaning, _asked: where_unset_is("", meaning, field),
        order=lambda _asked: (Order(field=field),),
    )
