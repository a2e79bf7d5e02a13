"""Which members a webhook beside this contract says that an event touched."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from appointed.domain.meeting import Meeting
from appointed.domain.webhook import Delivery
from appointed.sqod.webhooks.event_body import EVENTS, writer
from tests.builders import NOW, START, a_fact, a_webhook, appointment

ROW = {"starts_at": START, "ends_at": START + timedelta(minutes=30)}
ROOM = {"meeting": Meeting(id="m", room_name="r", agent_key="k")}
ELSEWHERE = {"video_url": "https://video.example/1"}
ID = {"video_meeting_id": "V-1"}
FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"starts_at": START + FIVE, "ends_at": ROW["ends_at"] + FIVE}, ["appointment_at"]),
        ({}, {"starts_at": START + FIVE}, ["appointment_at", "duration_in_minutes"]),
        ({}, {"ends_at": ROW["ends_at"] + FIVE}, ["duration_in_minutes"]),
        ({}, {"ends_at": ROW["ends_at"] + timedelta(seconds=59)}, []),
        ({}, ELSEWHERE, ["meeting"]),
        (ROOM, ROOM | ELSEWHERE, []),
        (ELSEWHERE, ELSEWHERE | ID, ["meeting"]),
        (ELSEWHERE | ID, {}, ["meeting"]),
        ({}, ID, []),
    ],
    ids=[
        "moved",
        "later start",
        "later end",
        "some seconds",
        "elsewhere",
        "elsewhere beside a room",
        "id of elsewhere",
        "elsewhere no more",
        "id of nowhere",
    ],
)
def test_members_that_show_another_value_are_named(
    before: dict[str, Any], after: dict[str, Any], told: list[str]
) -> None:
    fact = a_fact(appointment(**(ROW | before)), appointment(**(ROW | after)))
    hook = a_webhook(events=tuple(EVENTS))
    delivery = Delivery(
        tenant_id=1,
        id=1,
        webhook_id=1,
        appointment_id=fact.row.id,
        revision=fact.event.revision,
        event_id=fact.event.id,
        topic="",
        at=NOW,
    )
    message = writer("http://here")(hook, delivery, fact)
    assert message is not None
    assert msgspec.json.decode(message.body)["data"]["changed"] == told
