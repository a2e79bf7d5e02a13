"""The agent Archive: the lists of Archive/{provider}, asked with arguments (Agents WebAPI, Archive)."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.errors import InvalidRequest
from appointed.domain.rights import is_member, may_see_user
from appointed.superoffice.archive.columns import Column
from appointed.superoffice.archive.grammar import LONE, UNARY
from appointed.superoffice.archive.listing import Listing
from appointed.superoffice.archive.meaning import Asked, asked_by
from appointed.superoffice.archive.metadata import NAMES, metadata
from appointed.superoffice.archive.options import MOST_SKIP, MOST_TOP, Mode, Options, read_options
from appointed.superoffice.archive.pages import columns_of, name_of, page_of
from appointed.superoffice.archive.rows import writer_of
from appointed.superoffice.carriers.encoded import decimal_text, number_text, sought
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed
from appointed.superoffice.given import Given
from appointed.superoffice.service import Ask
from appointed.superoffice.start.items import MDO_LIST_ITEM, Item
from appointed.usecases.query_fields import FieldKind

# Whoever asks for more rows at once gets them, but not without end.
MOST_ROWS: Final = 10_000
MOST_BRACKETS: Final = 20
USUAL_SIZE: Final = 100
_NAME = re.compile(r"[A-Za-z0-9_/:.]{1,200}", re.ASCII)
_OPERATOR = re.compile(r"[A-Za-z]{1,40}|[<>=!]{1,2}", re.ASCII)
# What the agent calls an option, and where in one something stands.
_ARGUMENTS: Final = {
    "$filter": "Restriction",
    "$orderBy": "SortOrder",
    "$select": "Columns",
    "$entities": "Entities",
}
_OPTION = re.compile(r"^\$(?:filter|orderBy|select|entities)")
_PLACE = re.compile(r"(?<=^\$filter), (?:character \d+|at its end)")
_JOINTS: Final = {"none": "and", "": "and", "and": "and", "or": "or"}
# Rows of these archives are of one kind; of the others, what hangs on an appointment.
_ENTITIES: Final = {
    "FindAppointment": ("appointment",),
    "FindContact": ("contact",),
    "FindPerson": ("person",),
    "FindProject": ("project",),
    "FindSale": ("sale",),
    "Links": ("appointment", "contact", "document", "person", "project", "sale", "url"),
    "Participants": ("associate", "resource", "externalPerson", "emailParticipant"),
}

ARCHIVE_LIST_ITEM: Shape = (
    Field("EntityName", "string", lambda row, _ctx: row["EntityName"]),
    Field("PrimaryKey", "int32", lambda row, _ctx: row["PrimaryKey"]),
    Field("ColumnData", "map<string,ArchiveColumnData>", lambda row, _ctx: row["Column"]),
    Field("LinkHint", "string", lambda row, _ctx: row["LinkHint"]),
    Field("StyleHint", "string", lambda row, _ctx: row["StyleHint"]),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)
ARCHIVE_COLUMN_DATA: Shape = (
    Field("DisplayValue", "string", lambda cell, _ctx: cell["DisplayValue"]),
    Field("TooltipHint", "string", lambda cell, _ctx: cell["TooltipHint"]),
    Field("LinkHint", "string", lambda cell, _ctx: cell["LinkHint"]),
)
ARCHIVE_LIST_RESULT: Shape = (
    Field("RowCount", "int32", lambda found, _ctx: found[0]),
    Field("Rows", "ArchiveListItem[]", lambda found, _ctx: found[1]),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)
COLUMN_INFO: Final = {
    "DisplayName": "string",
    "DisplayTooltip": "string",
    "DisplayType": "string",
    "CanOrderBy": "bool",
    "Name": "string",
    "CanRestrictBy": "bool",
    "RestrictionType": "string",
    "RestrictionListName": "string",
    "IsVisible": "bool",
    "ExtraInfo": "string",
    "Width": "string",
    "IconHint": "string",
    "HeadingIconHint": "string",
}
ARCHIVE_SHAPES: dict[str, Shape] = {
    "ArchiveListItem": ARCHIVE_LIST_ITEM,
    "ArchiveColumnData": ARCHIVE_COLUMN_DATA,
    "ArchiveListResult": ARCHIVE_LIST_RESULT,
    "ArchiveColumnInfo": tuple(Field(name, kind, fixed(None)) for name, kind in COLUMN_INFO.items()),
}

Found = tuple[int, list[Json]]
Told = Callable[[Given], list[tuple[str, Json]]]


async def rows(ask: Ask) -> Json:
    """A page of an archive: columns, order and restrictions as carriers."""
    _total, found = await _read(ask, _of_carriers, wants_total=False)
    return found


async def rows_of_texts(ask: Ask) -> Json:
    """A page of an archive: columns, order and restrictions as texts, in OData's grammar."""
    _total, found = await _read(ask, _of_texts, wants_total=False)
    return found


async def result(ask: Ask) -> Json:
    """A page of an archive with the number of all rows."""
    return ask.write(ARCHIVE_LIST_RESULT, await _read(ask, _of_carriers, wants_total=True))


async def result_of_texts(ask: Ask) -> Json:
    """A page of an archive with the number of all rows; what is asked stands in texts."""
    return ask.write(ARCHIVE_LIST_RESULT, await _read(ask, _of_texts, wants_total=True))


async def default_result(ask: Ask) -> Json:
    """A page without rows."""
    return ask.write(ARCHIVE_LIST_RESULT, (0, []))


async def names(_ask: Ask) -> Json:
    """The names of the archives."""
    return list(NAMES)


async def columns(ask: Ask) -> Json:
    """The columns of an archive, and what can be done with each."""
    asked = _asked(ask)
    return list(metadata(columns_of(ask.given.text("ProviderName"), asked), asked).values())


async def entities(ask: Ask) -> Json:
    """The kinds of rows that an archive has."""
    found = _ENTITIES[name_of(ask.given.text("ProviderName"))]
    items = (
        Item(id=number, name=name, extra=name, type="entity") for number, name in enumerate(found, start=1)
    )
    return [ask.write(MDO_LIST_ITEM, item) for item in items]


async def associates_of_groups(ask: Ask) -> Json:
    """The ids of the members of user groups."""
    groups = ask.given.numbers("GroupIds")
    everybody = (who for who in ask.directory.associates.values() if not who.is_deleted)
    people = (who for who in everybody if may_see_user(ask.ctx.principal, who, ask.directory))
    return [who.id for who in people if any(is_member(who, group) for group in groups)]


async def _read(ask: Ask, told: Told, *, wants_total: bool) -> Found:
    try:
        return await _found(ask, told(ask.given), wants_total=wants_total)
    except InvalidRequest as error:
        raise InvalidRequest(_in_own_words(error.reason, has_text=told is _of_texts)) from None


def _in_own_words(reason: str, *, has_text: bool) -> str:
    """Name the argument that was sent instead of an option; carriers have no text to count characters in."""
    if not has_text:
        reason = _PLACE.sub("", reason)
    return _OPTION.sub(lambda match: _ARGUMENTS[match[0]], reason)


async def _found(ask: Ask, pairs: list[tuple[str, Json]], *, wants_total: bool) -> Found:
    name, asked = name_of(ask.given.text("ProviderName")), _asked(ask)
    size = max(ask.given.number("PageSize", USUAL_SIZE), 0)
    options = replace(
        read_options(pairs),
        mode=Mode.FULL,
        wants_total=wants_total,
        skip=_skipped(ask.given.number("Page", 0), size),
        top=min(size, MOST_TOP),
    )
    listing = await _gathered(name, ask, options, asked, size)
    write = writer_of(listing.columns, options, asked)
    named = {one.name: one for one in listing.columns}
    found = (_encoded(write(thing), named) for thing in listing.things)
    return listing.total or 0, [ask.write(ARCHIVE_LIST_ITEM, row) for row in found]


async def _gathered(name: str, ask: Ask, options: Options, asked: Asked, size: int) -> Listing:
    """Read as many rows as asked for, in pieces; raises InvalidRequest rather than leave some out."""
    first = await page_of(name, ask.door.store, options, asked)
    things, following = list(first.things), first.following
    while following is not None and len(things) < size:
        if len(things) >= MOST_ROWS:
            raise InvalidRequest(f"More than {MOST_ROWS} rows match: ask for pages of at most {MOST_ROWS}.")
        left = min(size - len(things), MOST_TOP)
        further = replace(options, skip=options.skip + len(things), top=left, wants_total=False)
        page = await page_of(name, ask.door.store, further, asked)
        things, following = [*things, *page.things], page.following
    return first._replace(things=things)


def _skipped(page: int, size: int) -> int:
    # A negative page is a number of rows.
    return min(-page if page < 0 else page * size, MOST_SKIP)


def _asked(ask: Ask) -> Asked:
    return asked_by(ask.manner, ask.ctx.view)


def _of_texts(given: Given) -> list[tuple[str, Json]]:
    filtered = given.text("Restrictions", "") or given.text("Restriction", "")
    return [
        ("select", given.text("Columns", "")),
        ("orderby", given.text("SortOrder", "")),
        ("filter", filtered),
        ("entities", _entity_names(given.text("Entities", "").split(","))),
    ]


def _of_carriers(given: Given) -> list[tuple[str, Json]]:
    return [
        ("select", ",".join(given.texts("Columns"))),
        ("orderby", ",".join(_sorted(one) for one in given.some("SortOrder"))),
        ("filter", _filter(given.some("Restriction"))),
        ("entities", _entity_names(given.texts("Entities"))),
    ]


def _entity_names(found: Iterable[str]) -> str:
    # Clients name "all" for every kind of row.
    named = [name.strip() for name in found]
    return "" if any(name.lower() == "all" for name in named) else ",".join(named)


def _sorted(one: Given) -> str:
    return (
        f"{_checked(_NAME, one.text('Name'), 'column')} {one.choice('Direction', 'OrderBySortType', 'ASC')}"
    )


def _filter(restrictions: Iterable[Given]) -> str:
    """Write restrictions in OData's grammar, each joined to the next by its InterOperator."""
    # No deeper than JSON may be: whoever reads the body sees to that.
    said, joint, waiting = "", "", 0
    for one in restrictions:
        opened, closed = _parentheses(one)
        if one.has("IsActive") and not one.flag("IsActive"):
            # Its parentheses stay, but for those with nothing inside.
            closing = max(closed - waiting - opened, 0)
            waiting = max(waiting + opened - closed, 0)
            said, joint = said + ")" * closing, _joint(one) if closing else joint
            continue
        said += f"{joint}{'(' * (opened + waiting)}{_condition(one)}{')' * closed}"
        joint, waiting = _joint(one), 0
    return said


def _parentheses(one: Given) -> tuple[int, int]:
    number = one.number("InterParenthesis", 0)
    if abs(number) > MOST_BRACKETS:
        raise InvalidRequest(f"A restriction opens or closes at most {MOST_BRACKETS} parentheses.")
    return max(number, 0), max(-number, 0)


def _joint(one: Given) -> str:
    return f" {_JOINTS[one.choice('InterOperator', 'InterRestrictionOperator', 'None').lower()]} "


def _condition(one: Given) -> str:
    name, operator = one.text("Name"), one.text("Operator")
    said = f"{_checked(_NAME, name, 'column')} {_checked(_OPERATOR, operator, 'operator')}"
    values = [f"'{_quoted(value)}'" for value in one.values("Values")]
    if not values and operator.lower() not in UNARY | LONE:
        raise InvalidRequest(f"A restriction of {name[:40]} names no value for {operator!r}.")
    if values and operator.lower() not in UNARY:
        said += f" {values[0]}" if len(values) == 1 else f" ({','.join(values)})"
    inner = _filter(one.some("SubRestrictions"))
    return f"({said} and ({inner}))" if inner else said


def _quoted(value: str) -> str:
    return sought(value).replace("'", "''")


def _checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise InvalidRequest(f"A restriction or an order names no {what}: {text[:40]!r}.")
    return text


def _encoded(row: dict[str, Any], columns: dict[str, Column]) -> dict[str, Any]:
    """Write displayed values as the agent's clients read them (ADR 196)."""
    return row | {"Column": {name: _cell(cell, columns[name]) for name, cell in row["Column"].items()}}


def _cell(cell: dict[str, Json], one: Column) -> dict[str, Json]:
    shown = _displayed(cell, one)
    return {"DisplayValue": shown, "TooltipHint": cell["TooltipHint"], "LinkHint": cell["LinkHint"]}


def _displayed(cell: dict[str, Json], one: Column) -> str:
    text: str = cell["DisplayValue"]
    if not text:
        return text
    if one.is_day:
        return f"[D:{text[: len('yyyy-mm-dd')]}]"
    if one.kind is FieldKind.INSTANT:
        return f"[DT:{text}]"
    if one.kind is not FieldKind.NUMBER or one.shown is not None:
        return text
    return (decimal_text if one.type == "decimal" else number_text)(cell["RawValue"])
