"""What POST Appointment/Batch takes and answers, in the OpenAPI document."""

from appointed.superoffice.schemas import (
    ANSWER,
    MERGE_PATCH,
    PATCH,
    TEXT,
    Schema,
    listed,
    named,
    nullable,
    record,
)
from appointed.usecases.change_many import MOST_ITEMS


def batch_request() -> Schema:
    """Describe the request: each item with its patch and what its caller last saw."""
    item = record(
        {
            "AppointmentId": {"type": "integer", "minimum": 1},
            "Patch": {"anyOf": [named(PATCH), named(MERGE_PATCH)]},
            "IfMatch": nullable(TEXT),
            "IfUnmodifiedSince": nullable(TEXT),
            "UpdateMode": nullable(TEXT),
        },
        is_whole=False,
    ) | {"required": ["AppointmentId", "Patch"]}
    items = listed(item) | {"minItems": 1, "maxItems": MOST_ITEMS}
    return record({"Items": items}, is_whole=True)


def batch_result() -> Schema:
    """Describe the answer: the appointments in the order of the items."""
    item = record(
        {
            "AppointmentId": {"type": "integer"},
            "ETag": TEXT,
            "Ignored": listed(TEXT),
            "Entity": named(ANSWER),
        },
        is_whole=True,
    )
    return record({"Items": listed(item)}, is_whole=True)
