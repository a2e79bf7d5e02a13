"""Which columns a webhook of this contract says that an event touched."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from appointed.domain.events import Event, EventKind
from appointed.superoffice.webhooks.columns import STAMPS, changed_columns


@pytest.mark.parametrize(
    ("path", "value"), [("/participants", []), ("/participants/17", {"key": 18})], ids=["whole", "one item"]
)
def test_a_list_is_named_however_much_of_it_changed(path: str, value: Any) -> None:
    event = Event(
        id=UUID(int=1),
        tenant_id=1,
        appointment_id=1,
        revision=2,
        kind=EventKind.CHANGED,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        by=1,
        door="test",
        patch=({"op": "replace", "path": path, "value": value},),
        inverse=(),
    )
    assert changed_columns(event) == ["appointment_id", "external_participants", *STAMPS]
