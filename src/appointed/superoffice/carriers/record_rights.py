"""TableRight and FieldProperties of records, by the very rule that refuses a change."""

from collections.abc import Callable, Iterable

from appointed.domain.record_rules import record_access
from appointed.domain.rights import Access
from appointed.superoffice.carriers.entity_rights import REASONS
from appointed.superoffice.carriers.right import (
    TABLE_MASKS,
    TEXT,
    UPDATE,
    Row,
    field_property,
    table_right,
)
from appointed.superoffice.carriers.shape import Json, Rendered, Shape, kept, written
from appointed.superoffice.context import Context

# What the server keeps or computes.
KEPT = ("Read", "")
NUMBER, FLAG, WORDS = ("System.Double", 8), ("System.Boolean", 2), (TEXT, 0)


def shown_access(ctx: Context) -> Access:
    """Tell how far the caller may go with records; who is shown one may read it, whoever they are."""
    return max(record_access(ctx.principal, ctx.directory), Access.READ)


def record(kind: str, shape: Shape, found: object, number: int, ctx: Context) -> Rendered:
    """Render one record with what this caller may do with it."""
    return kept(kind, (number, shown_access(ctx)), ctx, lambda: written(shape, found, ctx))


def record_right(_record: object, ctx: Context) -> Json:
    """Write what the caller may do with a record."""
    granted = shown_access(ctx)
    return table_right(TABLE_MASKS[granted], ctx.text(REASONS.get(granted, "")))


def record_fields(rows: Iterable[Row]) -> Callable[[object, Context], Json]:
    """Write what the caller may do with each member, by rows (name, (type, length)[, (mask, reason)])."""
    fields = tuple((name, kind, right[0] if right else UPDATE) for name, kind, *right in rows)

    def write(_record: object, ctx: Context) -> Json:
        is_open = shown_access(ctx) >= Access.CHANGE
        told = ((name, kind, right if is_open else KEPT) for name, kind, right in fields)
        return {name: field_property(mask, ctx.text(reason), *kind) for name, kind, (mask, reason) in told}

    return write
