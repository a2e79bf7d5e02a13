"""Creating, changing and reading a record: the order of things around the store."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Contact, Record, View
from appointed.domain.errors import Forbidden, InvalidAppointment, PreconditionFailed, RecordNotFound
from appointed.domain.precondition import Precondition
from appointed.domain.principal import Principal
from appointed.domain.rights import Access
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_record import (
    EditedRecord,
    change_record,
    create_record,
    demand_access,
    read_record,
)
from appointed.usecases.ports import Idempotency, Outcome, RecordChange, Reply
from tests.builders import KARI, ROOM, directory, view

ACME = Contact(id=7, name="Acme")
CALL = Call(principal=Principal(1, KARI), door="test")


class Shelf:
    """A Store with one contact."""

    def __init__(self, record: Record | None = ACME) -> None:
        self.record = record
        self.changes: list[RecordChange] = []

    async def change_record(self, change: RecordChange) -> Outcome:
        self.changes.append(change)
        change.permit(self.record, view())
        decision = change.decide(self.record, view())
        return Outcome(record=decision.record, ignored=decision.ignored)


def setting(**values: Any) -> Any:
    return lambda record, _view: EditedRecord(replace(record, **values), ("Left",))


async def test_an_edit_is_judged_and_kept() -> None:
    shelf: Any = Shelf()
    key = Idempotency("key", b"", lambda _outcome: Reply(200, (), b""))
    demand = Precondition(if_match=(1,))
    call = Call(principal=CALL.principal, door="test", precondition=demand, idempotency=key, dry_run=True)
    outcome = await change_record(shelf, call, "contact", 7, setting(phone="1"))
    assert (outcome.record, outcome.ignored) == (replace(ACME, phone="1"), ("Left",))
    (change,) = shelf.changes
    assert (change.tenant_id, change.door, change.kind, change.record_id) == (1, "test", "contact", 7)
    assert (change.precondition, change.idempotency, change.dry_run) == (demand, key, True)


async def test_what_breaks_a_rule_is_refused() -> None:
    shelf: Any = Shelf()
    with pytest.raises(InvalidAppointment) as raised:
        await change_record(shelf, CALL, "contact", 7, setting(name="", associate_id=99))
    assert [problem.path for problem in raised.value.problems] == ["contact.name", "contact.associate_id"]
    with pytest.raises(InvalidAppointment):
        await create_record(shelf, CALL, "contact", lambda _view: EditedRecord(Contact(id=0, name="")))


async def test_a_draft_is_made_for_the_view() -> None:
    shelf: Any = Shelf(None)

    def draft(seen: View) -> EditedRecord:
        return EditedRecord(Contact(id=0, name=seen.directory.tenant.name))

    outcome = await create_record(shelf, CALL, "contact", draft)
    assert outcome.record == Contact(id=0, name="Test")
    assert shelf.changes[0].record_id == 0


async def test_a_store_must_find_what_is_changed() -> None:
    shelf: Any = Shelf(None)
    with pytest.raises(TypeError):
        await change_record(shelf, CALL, "contact", 7, setting(phone="1"))


async def test_who_may_not_is_refused_before_all_else() -> None:
    shelf: Any = Shelf()
    call = Call(principal=Principal(1, ROOM), door="test")
    with pytest.raises(Forbidden) as raised:
        await change_record(shelf, call, "contact", 7, setting(name=""))
    assert raised.value.thing == "contact"
    demand_access(CALL, view(), "contact", Access.CHANGE)


def test_a_record_is_read_under_its_precondition() -> None:
    seen = View(directory().followed(directory().tenant, 2, [("contact", 7, ACME)]), view().now)
    assert read_record(CALL, seen, "contact", 7) is ACME
    with pytest.raises(RecordNotFound) as raised:
        read_record(CALL, seen, "contact", 8)
    assert (raised.value.kind, raised.value.ref) == ("contact", 8)
    stale = Call(principal=CALL.principal, door="test", precondition=Precondition(if_match=(9,)))
    with pytest.raises(PreconditionFailed):
        read_record(stale, seen, "contact", 7)
    with pytest.raises(Forbidden):
        read_record(Call(principal=Principal(1, ROOM), door="test"), seen, "contact", 8)
