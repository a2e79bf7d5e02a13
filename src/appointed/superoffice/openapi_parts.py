"""What every operation of the OpenAPI document is made of: parameters, answers and failures."""

from appointed.superoffice.errors import WORDINGS
from appointed.superoffice.schemas import PATCH, TEXT, Schema, named

JSON, XML = "application/json", "application/xml"
JSON_PATCH, JSON_MERGE = "application/json-patch+json", "application/merge-patch+json"
ERROR = "ErrorCarrier"

# An operation that is described has its verb, and no status of our own failures is promised.
FAILURES = {wording.status for wording in WORDINGS.values()} - {405, 500}
READING = FAILURES - {409, 415, 507}
MAY_BE_LATER = {409, 429, 503}
ASKING = READING - {403, 404, 412}


def parameter(name: str, description: str, place: str = "header", schema: Schema = TEXT) -> Schema:
    """Describe a parameter; those of a path are required."""
    is_required = place == "path"
    return {
        "name": name,
        "in": place,
        "required": is_required,
        "schema": schema,
        "description": description,
    }


FORM = [
    parameter(
        "$select", "Members to fill, comma-separated, `a/b` for nested ones; all others are null.", "query"
    ),
    parameter("SO-TimeZone", "Code or id of the zone of all times, and `includeTZOffset` for offsets."),
    parameter("SO-Language", "Language of texts; comes before Accept-Language."),
    parameter("Accept-Language", "Language of texts; without one they come in all their languages."),
]


def said(description: str, schema: Schema) -> Schema:
    """Describe an answer in JSON."""
    return {"description": description, "content": {JSON: {"schema": schema}}}


def headed(*names: str) -> Schema:
    """Describe an answer's headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def failure(status: int) -> Schema:
    """Refer to all failures of a status: six hundred operations share them."""
    return {"$ref": f"#/components/responses/Failure{status}"}


def shared_failures() -> Schema:
    """Describe the failures that `failure` refers to, by name."""
    return {f"Failure{status}": _failure(status) for status in sorted({w.status for w in WORDINGS.values()})}


def _failure(status: int) -> Schema:
    found = {error.code: wording for error, wording in WORDINGS.items() if wording.status == status}
    phrases = {wording.phrase: None for wording in found.values()}
    described = said(f"{', '.join(phrases)} ({', '.join(found)}).", named(ERROR))
    described["content"][XML] = {"schema": xml("Error")}
    later = ("Retry-After",) if status in MAY_BE_LATER else ()
    return described | {"headers": headed("Appointed-Error", *later)}


def operation(
    name: str,
    tag: str,
    summary: str,
    parameters: list[Schema],
    answers: Schema,
    body: Schema | None = None,
    failures: set[int] = FAILURES,
) -> Schema:
    """Describe an operation; `name` is its id."""
    described: Schema = {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": parameters,
        "responses": answers | {str(status): failure(status) for status in sorted(failures)},
    }
    return described | ({"requestBody": body} if body else {})


def body_of(schema: str) -> Schema:
    """Describe a body in JSON by the name of its schema."""
    return {"required": True, "content": {JSON: {"schema": named(schema)}}}


def patch_body_of(merge: str) -> Schema:
    """Describe a body that is a JSON Patch or a merge patch, by the name of the latter's schema."""
    # The shape decides which of the two it is, not the media type.
    forms = {
        JSON: {"anyOf": [named(PATCH), named(merge)]},
        JSON_PATCH: named(PATCH),
        JSON_MERGE: named(merge),
    }
    return {"required": True, "content": {form: {"schema": schema} for form, schema in forms.items()}}


def xml(root: str) -> Schema:
    """Describe an answer in XML by its root."""
    return TEXT | {
        "contentMediaType": XML,
        "xml": {"name": root},
        "description": f"The root is {root}, with an element per member; null has xsi:nil, the items of an "
        "array are named by their carrier, a dictionary has Entry elements with Key and Value.",
    }
