"""Lists in the OpenAPI document: the appointments, what hangs on one, its other forms, and the archives."""

from appointed.superoffice.archive.records import RECORD_LISTS
from appointed.superoffice.carriers.simple import SIMPLE
from appointed.superoffice.openapi_parts import (
    FAILURES,
    JSON,
    READING,
    XML,
    failure,
    parameter,
    said,
    xml,
)
from appointed.superoffice.schemas import TEXT, Schema, listed, mapped, named, nullable, record, written

PAGE, ROW, NAMES = "ODataSlimResponse", "ArchiveRow", "ArchiveNames"
COLUMN, FLAT = "ArchiveColumn", "Appointment"
# The root of a dictionary in XML.
KEYED = "Dictionary"
APPOINTMENT, ARCHIVE = "/api/v1/Appointment", "/api/v1/Archive"
FORM_TYPE = "application/x-www-form-urlencoded"
# Who asks for a list asks for no row: conditions and missing rows belong to single ones.
LISTING = READING - {404, 412}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}

OPTIONS: dict[str, tuple[str, Schema]] = {
    "$select": ("Columns to show, comma-separated: `date,contact/name`.", TEXT),
    "$filter": ("Which rows: `date thisWeek and associateId currentAssociate`.", TEXT),
    "$orderBy": ("Columns to order by: `contact/name asc,date desc`.", TEXT),
    "$entities": ("Kinds of rows.", TEXT),
    "$top": ("How many rows, 1000 at most; 100 unless told.", COUNT),
    "$skip": ("How many rows to leave out; the next page's link needs none.", COUNT),
    "$mode": ("`Full` tells raw values, rights and hints beside what people read.", TEXT),
    "$options": ("`GrandTotal=true` counts all rows.", TEXT),
    "$context": ("Taken, and not needed here.", TEXT),
    "$format": ("`json` or `xml`; comes before Accept.", TEXT),
    "$jsonSafe": ("Write names of columns with letters, digits and _ only.", FLAG),
    "$output": ("`Display` shows the hint of an icon for a truth value.", TEXT),
    "$inlineCount": ("`allpages` counts all rows.", TEXT),
    "$skiptoken": ("Where the next page begins, as the link to it says.", TEXT),
}
PARAMETERS = [
    *(parameter(name, text, "query", schema) for name, (text, schema) in OPTIONS.items()),
    parameter("SO-TimeZone", "Code or id of the zone of all times, and `includeTZOffset` for offsets."),
    parameter("SO-Language", "Language of texts; comes before Accept-Language."),
    parameter("Accept-Language", "Language of texts; without one they come in all their languages."),
]
LANGUAGES = PARAMETERS[-2:]
SELECT = parameter("$select", "Members to fill; all others are null.", "query")
ID = parameter("id", "The appointment's id.", "path", {"type": "integer", "minimum": 1})
PROVIDER = parameter(
    "provider",
    "The archive's name; with the suffix `$metadata` its columns are told.",
    "path",
    {
        "type": "string",
        "enum": ["FindAppointment", "Participants", "Links", *(one.name for one in RECORD_LISTS)],
    },
)


def list_tags() -> list[Schema]:
    """Name the groups of these operations."""
    return [{"name": "Archive"}]


def list_paths() -> Schema:
    """Describe every address of a list; the appointments' own shares its address with POST."""
    return {
        f"{APPOINTMENT}/{{id}}/Participants": _of_one("Participants", "Who takes part", PARAMETERS, PAGE),
        f"{APPOINTMENT}/{{id}}/Links": _of_one("Links", "What it is linked to", PARAMETERS, PAGE),
        f"{APPOINTMENT}/{{id}}/Simple": _of_one("Simple", "The flat form", [SELECT, *PARAMETERS[-3:]], FLAT),
        f"{APPOINTMENT}/{{id}}/ForeignKey": _of_one(
            "ForeignKey", "Keys that other programs hung on it; none are kept here", [], None
        ),
        ARCHIVE: {"get": _operation("listArchives", "The archives", [], NAMES, LISTING)},
        f"{ARCHIVE}/{{provider}}": {
            "parameters": [PROVIDER],
            "get": _operation("getArchive", "Rows of an archive", PARAMETERS, PAGE, LISTING | {404}),
            "post": _operation(
                "postArchive",
                "Rows of an archive, options in the body",
                PARAMETERS,
                PAGE,
                FAILURES - {403, 409, 412, 507},
            )
            | {"requestBody": _body()},
        },
        f"{ARCHIVE}/{{provider}}/$metadata": {
            "parameters": [PROVIDER],
            "get": _operation("getMetadata", "Columns of an archive", LANGUAGES, None, LISTING | {404})
            | {"responses": _answers(mapped(named(COLUMN)), KEYED, LISTING | {404})},
        },
    }


def find_operation() -> Schema:
    """Describe the list of appointments."""
    return _operation("findAppointment", "List appointments", PARAMETERS, PAGE, LISTING, tag="Appointment")


def find_records_operation(name: str) -> Schema:
    """Describe the list of a kind of record."""
    return _operation(f"find{name}", f"List records of {name}", PARAMETERS, PAGE, LISTING, tag=name)


def list_schemas() -> Schema:
    """Describe pages, rows and columns."""
    described = {
        "DisplayName": TEXT,
        "DisplayTooltip": TEXT,
        "DisplayType": TEXT,
        "CanOrderBy": FLAG,
        "Name": TEXT,
        "CanRestrictBy": FLAG,
        "RestrictionType": nullable(TEXT),
        "RestrictionListName": nullable(TEXT),
        "IsVisible": FLAG,
        "ExtraInfo": TEXT,
        "Width": TEXT,
        "IconHint": TEXT,
        "HeadingIconHint": TEXT,
    }
    page = {
        "odata.metadata": TEXT,
        "odata.nextLink": nullable(TEXT),
        "value": listed(named(ROW)),
    }
    archive = record({"name": TEXT, "url": TEXT}, is_whole=True)
    return {
        PAGE: record(page | {"odata.count": COUNT}, is_whole=False) | {"required": list(page)},
        ROW: {
            "type": "object",
            "required": ["PrimaryKey", "EntityName"],
            "properties": {"PrimaryKey": {"type": ["string", "integer"]}, "EntityName": TEXT},
            "additionalProperties": True,
        },
        NAMES: record({"odata.metadata": TEXT, "value": listed(archive)}, is_whole=True),
        COLUMN: record(described, is_whole=True),
        FLAT: record({field.name: nullable(written(field.type)) for field in SIMPLE}, is_whole=True),
    }


def _of_one(name: str, summary: str, parameters: list[Schema], carrier: str | None) -> Schema:
    operation = _operation(f"get{name}", summary, parameters, carrier, READING - {412}, tag="Appointment")
    return {"parameters": [ID], "get": operation}


def _operation(
    name: str,
    summary: str,
    parameters: list[Schema],
    carrier: str | None,
    failures: set[int],
    tag: str = "Archive",
) -> Schema:
    schema, root = (named(carrier), carrier) if carrier else (mapped(TEXT), KEYED)
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": parameters,
        "responses": _answers(schema, root, failures),
    }


def _answers(schema: Schema, root: str, failures: set[int]) -> Schema:
    answer = said("What was asked for.", schema)
    answer["content"][XML] = {"schema": xml(root)}
    return {"200": answer} | {str(status): failure(status) for status in sorted(failures)}


def _body() -> Schema:
    texts = {name: {"type": ["string", "integer", "boolean"]} for name in OPTIONS}
    schema: Schema = {"type": "object", "properties": texts}
    form: Schema = {"type": "object", "properties": dict.fromkeys(OPTIONS, TEXT)}
    return {"content": {JSON: {"schema": schema}, FORM_TYPE: {"schema": form}}}
