"""Where a field of a query stands: in a column, in the document, or in a dictionary of the document."""

from collections.abc import Callable
from typing import Any

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidRequest
from appointed.domain.status import COMPLETION, Completion
from appointed.store.schema import INDEXED
from appointed.store.search.engines import Engine, Type
from appointed.usecases.query_fields import CUSTOM, EXTRA, FIELDS, FieldKind

TYPES = {
    FieldKind.TEXT: Type.TEXT,
    FieldKind.WORD: Type.WORD,
    FieldKind.NUMBER: Type.INTEGER,
    FieldKind.FLAG: Type.FLAG,
    FieldKind.INSTANT: Type.INSTANT,
}
CUSTOM_TYPES = {"text": Type.TEXT, "number": Type.NUMBER, "flag": Type.FLAG}
COLUMNS = frozenset(FIELDS) & {"id", "revision", "updated_at", *INDEXED}
# Their indexes leave out the rows that have none, so a search has to say that it wants none of those.
SPARSE = frozenset({"mother_id", "series_id", "contact_id", "person_id", "project_id", "sale_id"})


class Field(msgspec.Struct, frozen=True):
    """A field's value in SQL (`a` is the appointment), its type, and whether it may be null."""

    sql: str
    kind: Type
    is_nullable: bool = False


def find(name: str, engine: Engine, key: Callable[[str], str]) -> Field:
    """Find a field by its name; `key` binds the name of an entry. Raises InvalidRequest."""
    if name in COMPUTED:
        return COMPUTED[name](engine)
    if name in FIELDS:
        return _column(name) if name in COLUMNS else _member(name, engine)
    if name.startswith(EXTRA):
        return Field(engine.entry("extra_fields", Type.TEXT, key(name.removeprefix(EXTRA))), Type.TEXT, True)
    kind, _dot, prog_id = name.removeprefix(CUSTOM).partition(".")
    if not name.startswith(CUSTOM) or kind not in CUSTOM_TYPES or not prog_id:
        raise InvalidRequest(name)
    found = engine.entry("custom_fields", CUSTOM_TYPES[kind], key(prog_id))
    if kind == "flag":
        return Field(f"coalesce({found}, FALSE)", Type.FLAG)
    return Field(found, CUSTOM_TYPES[kind], True)


def _column(name: str) -> Field:
    kind = Type.UUID if name == "uid" else TYPES[FIELDS[name].kind]
    return Field(f"a.{name}", kind, name == "updated_at")


def _member(name: str, engine: Engine) -> Field:
    kind = TYPES[FIELDS[name].kind]
    value, default = engine.member(name, kind), DEFAULTS[name]
    return Field(value, kind, True) if default is None else Field(f"coalesce({value}, {default})", kind)


def _default(name: str) -> str | None:
    """Give what a member is that the document leaves out, as a literal."""
    first, _dot, rest = name.partition(".")
    value: Any = next(one.default for one in msgspec.structs.fields(Appointment) if one.name == first)
    if rest:
        value = getattr(value, rest)
    if value is None:
        return None
    return f"'{value}'" if isinstance(value, str) else str(value).upper()


def _active(engine: Engine) -> Field:
    done = ", ".join(f"'{status}'" for status, step in COMPLETION.items() if step is Completion.COMPLETED)
    completed = _member("completed_at", engine).sql
    return Field(
        f"(CASE WHEN a.status IN ({done}) THEN coalesce({completed}, a.starts_at) ELSE a.starts_at END)",
        Type.INSTANT,
    )


def _text(engine: Engine) -> Field:
    described, titled = (engine.member(name, Type.TEXT) for name in ("description", "title"))
    return Field(f"coalesce(nullif({described}, ''), {titled}, '')", Type.TEXT)


COMPUTED: dict[str, Callable[[Engine], Field]] = {
    "is_busy": lambda _engine: Field("(a.busy_owner_id IS NOT NULL)", Type.FLAG),
    "has_claimant": lambda _engine: Field("(a.claimant_id IS NOT NULL)", Type.FLAG),
    "is_in_series": lambda _engine: Field("(a.series_id <> 0)", Type.FLAG),
    "is_in_booking": lambda _engine: Field("(a.mother_id <> 0)", Type.FLAG),
    "is_booking_row": lambda _engine: Field("(a.mother_id <> 0 AND a.mother_id <> a.id)", Type.FLAG),
    "duration_seconds": lambda engine: Field(
        engine.seconds.format(x="a.ends_at", y="a.starts_at"), Type.INTEGER
    ),
    "active_at": _active,
    "text": _text,
    "uid_text": lambda engine: Field(engine.member("uid", Type.TEXT), Type.TEXT),
}
DEFAULTS = {name: _default(name) for name in FIELDS if name not in COLUMNS and name not in COMPUTED}
