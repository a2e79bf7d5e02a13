"""What every write answers to `Prefer: dry-run`, in the OpenAPI document."""

from appointed.domain.events import EventKind
from appointed.domain.letter import Channel
from appointed.domain.notices import NoticeKind
from appointed.http.dry_run import CONFIRMED
from appointed.superoffice.openapi_parts import XML, said, xml
from appointed.superoffice.schemas import TEXT, Schema, listed, named, nullable, record
from appointed.superoffice.trial import ROOT
from appointed.superoffice.xsd import ANY_ANSWER

_ID: Schema = {"type": "integer"}
_MOMENT: Schema = TEXT | {"format": "date-time"}
_ANYTHING: Schema = {"type": ["object", "array", "string", "number", "boolean", "null"]}


def trial_answer() -> Schema:
    """Describe the answer that stands in for those of all writes."""
    description = "To every write with `Prefer: dry-run`: what would happen. Nothing is written."
    answer = said(description, named(ROOT))
    answer["content"][XML] = {"schema": xml(ROOT)}
    return answer | {"headers": {"Preference-Applied": {"required": True, "schema": {"enum": [*CONFIRMED]}}}}


def trial_schemas() -> dict[str, Schema]:
    """Describe what a dry run tells: of each appointment that would change, and of each who would be told."""
    told: dict[str, Schema] = {
        "dry_run": {"const": True},
        "status": _ID | {"description": "What the write itself would answer."},
        "refused": nullable(TEXT)
        | {"description": "The code of what it would be refused for as things stand now."},
        "result": _ANYTHING | {"description": "The body of that answer.", ANY_ANSWER: True},
        "ignored": listed(TEXT),
        "changes": listed(named("DryRunChange")),
        "notices": listed(named("DryRunNotice")),
    }
    step = record({"op": TEXT, "path": TEXT, "value": _ANYTHING}, is_whole=False)
    change: dict[str, Schema] = {
        "id": nullable(_ID),
        "kind": _one_of(EventKind),
        "owner_id": _ID,
        "starts_at": _MOMENT,
        "ends_at": _MOMENT,
        "has_conflict": {"type": "boolean"},
        "is_lost": {"type": "boolean"},
        "is_held": {"type": "boolean"},
        "patch": listed(named("DryRunStep")),
    }
    notice: dict[str, Schema] = {
        "kind": _one_of(NoticeKind),
        "appointment_id": nullable(_ID),
        "starts_at": _MOMENT,
        "associate_id": _ID,
        "person_id": _ID,
        "email_address": TEXT,
        "claimant_id": nullable(TEXT),
        "ways": listed(_one_of(Channel)),
    }
    return {
        ROOT: record(told, is_whole=True),
        "DryRunStep": step | {"required": ["op", "path"]},
        "DryRunChange": record(change, is_whole=True),
        "DryRunNotice": record(notice, is_whole=True),
    }


def _one_of(kind: type[EventKind | NoticeKind | Channel]) -> Schema:
    return {"type": "string", "enum": [str(one) for one in kind]}
