"""The whole entity, as different callers get it."""

import json

import pytest

from appointed.domain.appointment import Privacy
from appointed.superoffice.render import entity
from appointed.superoffice.texts import Language
from appointed.usecases.demo_data import KARI, OLA
from tests.golden.files import assert_golden
from tests.superoffice.editing import new
from tests.superoffice.rows import DEMO_EYES, NEW_YORK, UTC_ZONE, Seen, full, video

PRIVATE = {"owner_id": OLA, "created_by": OLA, "privacy": Privacy.OWNER}
ANSWERS = {
    "full": (full(), DEMO_EYES),
    "tagged_norwegian": (full(), Seen(zone=NEW_YORK, tagged=True, language=Language(("no",)))),
    "video_utc": (video(), Seen(zone=UTC_ZONE, tagged=True, has_conflict=True)),
    "times_only": (video(**PRIVATE), Seen(by=KARI)),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_as_reviewed(name: str) -> None:
    row, seen = ANSWERS[name]
    assert_golden(f"superoffice/{name}.json", pretty(entity(row, seen.of(row))))


def test_the_default_entity_is_as_reviewed() -> None:
    row = new({}).appointment
    assert_golden("superoffice/default.json", pretty(entity(row, DEMO_EYES.of(row), with_links=False)))


def pretty(answer: bytes) -> str:
    return json.dumps(json.loads(answer), indent=1, ensure_ascii=False) + "\n"
