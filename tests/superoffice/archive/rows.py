"""The demo tenant's rows, made as various as rows can be, and who asks for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import (
    Appointment,
    AssignmentStatus,
    BookingType,
    Caution,
    Kind,
    Privacy,
    Publication,
)
from appointed.domain.directory import Directory, View
from appointed.domain.meeting import Bandwidth, Features, Redirects
from appointed.domain.participant import InvitationStatus
from appointed.domain.principal import Principal
from appointed.superoffice.archive.meaning import Asked, asked_by
from appointed.superoffice.context import Manner
from appointed.superoffice.texts import Language
from appointed.superoffice.wiretime import parse_zone_header, style_of
from appointed.usecases.demo_data import DEMO, KARI
from appointed.usecases.identifiers import seeded
from appointed.usecases.plant_demo import Sower
from tests.superoffice.rows import directory

SEED = 20260302
# A Wednesday afternoon.
NOW = datetime(2025, 10, 15, 13, 30, tzinfo=UTC)
VIEW = View(directory(), NOW)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks."""

    associate: int = DEMO
    zone: str = ""
    language: str = "en"

    def asked(self, view: View = VIEW) -> Asked:
        return asked_by(self.manner(), view)

    def manner(self) -> Manner:
        def style(found: Directory) -> Any:
            return style_of(parse_zone_header(self.zone), found.zone)

        return Manner(
            principal=Principal(1, self.associate),
            base_url="https://crm.example",
            style=style,
            language=Language((self.language,)) if self.language else None,
            has_conflict=False,
        )


ADMIN, AGENT = Caller(), Caller(KARI)


def various_rows() -> list[Appointment]:
    """Give the demo tenant's rows with members changed at random, always the same."""
    luck = Random(SEED)
    sown = list(Sower(VIEW, seeded("archive"), NOW).rows())
    return [_varied(replace(row, id=number), luck) for number, row in enumerate(sown, 1)]


def _varied(row: Appointment, luck: Random) -> Appointment:
    hour = timedelta(hours=luck.randint(-900, 900))
    customs: dict[str, Any] = {
        "SuperOffice:1": luck.choice(("Ærlig", "note", "Note two")),
        "SuperOffice:2": luck.randint(1, 4),
        "SuperOffice:3": luck.choice(("2025-10-15", "2025-10-14", "2024-02-29")),
        "SuperOffice:4": True,
        "SuperOffice:5": luck.randint(1, 3),
        "SuperOffice:6": "long",
        "SuperOffice:7": "9998-12-31",
        "SuperOffice:8": luck.choice((0.5, 1.25)),
        "my:list": 1,
    }
    return replace(
        row,
        privacy=luck.choice(tuple(Privacy)),
        kind=luck.choice(tuple(Kind)),
        invitation_status=luck.choice(tuple(InvitationStatus)),
        assignment_status=luck.choice(tuple(AssignmentStatus)),
        booking_type=luck.choice(tuple(BookingType)),
        caution=luck.choice(tuple(Caution)),
        location=luck.choice(("", "Room 1", "room 2", "Ægir's 100%")),
        description=luck.choice(("", row.description, "Text of its own")),
        title=luck.choice((None, row.title, "Title")),
        agenda=luck.choice(("", "1. First")),
        task_id=luck.choice((0, 1, 2, 3, 4, 99)),
        priority_id=luck.choice((0, 1, 2, 3)),
        contact_id=luck.choice((0, 1, 2, 3, 99)),
        person_id=luck.choice((0, 4, 5, 6)),
        project_id=luck.choice((0, 1)),
        sale_id=luck.choice((0, 1)),
        is_free=luck.random() < 0.5,
        has_alarm=luck.random() < 0.5,
        is_milestone=luck.random() < 0.5,
        updated_at=luck.choice((None, NOW + hour)),
        completed_at=luck.choice((None, NOW + hour)),
        updated_by=luck.choice((0, DEMO, KARI)),
        suggested_appointment_id=luck.choice((0, 7)),
        invited_person_id=luck.choice((0, 4)),
        publication=luck.choice((Publication(), Publication(is_published=True, published_from=NOW + hour))),
        features=Features(messages_chat=luck.random() < 0.5, bandwidth=luck.choice(tuple(Bandwidth))),
        redirects=luck.choice((Redirects(), Redirects(is_custom=True, agent_url="https://a.example/Room"))),
        custom_fields=dict(luck.sample(sorted(customs.items()), luck.randint(0, len(customs)))),
    )


ROWS = various_rows()
