"""Small appointments and directories for tests; every value can be overridden."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import (
    Associate,
    AssociateType,
    DataField,
    Department,
    Directory,
    Person,
    Priority,
    Task,
    Tenant,
    View,
)
from appointed.domain.events import Event, EventKind, differences
from appointed.domain.principal import Principal, Role
from appointed.domain.webhook import Contract, Fact, Webhook

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)

ADMIN, KARI, OLA, ROOM, CLIENT, PER = 1, 2, 3, 4, 5, 6


def principal(associate_id: int = ADMIN, tenant_id: int = 1) -> Principal:
    return Principal(tenant_id, associate_id)


def directory(**tenant: Any) -> Directory:
    """Department 1: admin (head), ola, room; department 2: kari; client: a system associate in 2 only."""
    records: list[Any] = [
        Department(
            id=1,
            uid=UUID(int=101),
            name="First",
            default_associate_id=ADMIN,
            data_fields=(DataField(id=UUID(int=201), name="Case"),),
        ),
        Department(id=2, uid=UUID(int=102), name="Second", default_associate_id=KARI),
        Associate(id=ADMIN, name="admin", full_name="Ada Admin", role=Role.ADMINISTRATOR, group_id=1),
        Associate(id=KARI, name="kari", full_name="Kari K", group_id=2, person_id=2),
        Associate(id=OLA, name="ola", full_name="Ola O", group_id=1),
        Associate(
            id=ROOM, name="room", full_name="Room", type=AssociateType.RESOURCE, group_id=1, is_exclusive=True
        ),
        Associate(
            id=CLIENT,
            name="client",
            full_name="Client",
            type=AssociateType.SYSTEM,
            role=Role.SCHEDULER,
            group_id=2,
        ),
        Associate(id=PER, name="per", full_name="Per P", is_deleted=True),
        Person(id=2, first_name="Kari", last_name="K", contact_id=7),
        Task(id=1, value="Meeting"),
        Priority(id=1, value="High"),
    ]
    kinds: dict[str, dict[int, Any]] = {}
    for record in records:
        kinds.setdefault(type(record).__name__.lower(), {})[record.id] = record
    return Directory(Tenant(id=1, name="Test", zone="Europe/Oslo", **tenant), 1, kinds)


def view(now: datetime = NOW) -> View:
    return View(directory(), now)


def appointment(**changes: Any) -> Appointment:
    values: dict[str, Any] = {
        "tenant_id": 1,
        "id": 10,
        "uid": UUID(int=10),
        "reference": "REF10",
        "link_key": "key",
        "owner_id": OLA,
        "department_id": 1,
        "starts_at": START,
        "ends_at": START + timedelta(hours=1),
        "created_at": NOW,
        "created_by": OLA,
    }
    return Appointment(**(values | changes))


def a_webhook(**values: Any) -> Webhook:
    """A webhook of SuperOffice's contract that hears of every change."""
    plain: dict[str, Any] = {
        "tenant_id": 1,
        "id": 0,
        "contract": Contract.SUPEROFFICE,
        "name": "Hook",
        "target_url": "https://receiver.example/",
        "events": ("activity.changed",),
        "kinds": tuple(EventKind),
        "created_at": NOW,
        "created_by": ADMIN,
    }
    return Webhook(**(plain | values))


def a_fact(before: Appointment, after: Appointment, kind: EventKind = EventKind.CHANGED) -> Fact:
    """Give what a delivery of this change speaks of, the event told as the store's log tells it."""
    steps = [
        (path, old, new)
        for name in Appointment.__struct_fields__
        if name not in ("revision", "updated_at", "updated_by", "claimant")
        for path, old, new in differences(name, getattr(before, name), getattr(after, name))
        if old != new
    ]
    patch, inverse = (
        tuple(
            {"op": "replace", "path": step[0], "value": msgspec.json.decode(msgspec.json.encode(step[place]))}
            for step in steps
        )
        for place in (2, 1)
    )
    event = Event(
        id=UUID(int=1),
        tenant_id=1,
        appointment_id=after.id,
        revision=after.revision,
        kind=kind,
        at=NOW,
        by=ADMIN,
        door="test",
        patch=patch,
        inverse=inverse,
    )
    return Fact(event, after, directory())
