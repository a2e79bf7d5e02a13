"""Creating, changing, cancelling and deleting through the one write path."""

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidAppointment, PreconditionFailed
from appointed.domain.precondition import Precondition
from appointed.domain.status import Status
from appointed.usecases.cancel_appointment import cancel_appointment
from appointed.usecases.change_appointment import Call, Edited, change_appointment, delete_appointment
from appointed.usecases.create_appointment import blank, create_appointment, new_names
from appointed.usecases.identifiers import seeded
from tests.builders import CLIENT, KARI, NOW, OLA, START, appointment, principal
from tests.usecases.fake_store import uid, with_rows

ROW = appointment()


def call(associate_id: int = OLA, **changes) -> Call:
    return Call(principal=principal(associate_id), door="test", ids=seeded("change"), **changes)


def setting(ignored: tuple[str, ...] = (), **values):
    return lambda row, _view: Edited(replace(row, **values), ignored)


async def test_an_edit_is_kept() -> None:
    store = with_rows(ROW)
    outcome = await change_appointment(store, call(), 10, setting(title="New", ignored=("Odd",)))
    assert store.rows[10].title == "New"
    assert outcome.ignored == ("Odd",)


async def test_by_uid_too() -> None:
    store = with_rows(ROW)
    await change_appointment(store, call(), uid(10), setting(title="New"))
    assert store.rows[10].title == "New"


async def test_an_edit_that_changes_nothing_writes_nothing() -> None:
    store = with_rows(ROW)
    await change_appointment(store, call(), 10, setting(ignored=("HasConflict",)))
    assert store.decisions[0].replacements == ()
    assert store.decisions[0].ignored == ("HasConflict",)


async def test_broken_rules_are_told_and_nothing_changes() -> None:
    store = with_rows(ROW)
    with pytest.raises(InvalidAppointment) as caught:
        await change_appointment(store, call(), 10, setting(task_id=99, location="x" * 300))
    assert {problem.path for problem in caught.value.problems} == {"task_id", "location"}
    assert store.rows[10] == ROW


async def test_a_stale_precondition_fails() -> None:
    store = with_rows(ROW)
    with pytest.raises(PreconditionFailed):
        await change_appointment(
            store, call(precondition=Precondition(if_match=(9,))), 10, setting(title="x")
        )


async def test_a_row_of_another_department_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        await change_appointment(with_rows(ROW), call(KARI), 10, setting(title="x"))


@pytest.mark.parametrize(
    "hidden", [{"department_id": 1, "owner_id": 1}, {"kind": Kind.NOTE, "department_id": 2}]
)
async def test_a_contract_that_hides_answers_as_for_an_absent_row(hidden) -> None:
    store = with_rows(appointment(**({"created_by": 1} | hidden)))
    with pytest.raises(AppointmentNotFound):
        await change_appointment(store, call(CLIENT, hides_foreign=True), 10, setting(title="x"))


async def test_a_row_may_be_moved_to_ones_own_department_only() -> None:
    mine = appointment(owner_id=1, created_by=1)
    store = with_rows(mine)
    with pytest.raises(Forbidden):
        await change_appointment(store, call(OLA), 10, setting(department_id=2, owner_id=KARI))
    await change_appointment(store, call(OLA), 10, setting(department_id=2, owner_id=OLA))
    assert store.rows[10].department_id == 2


async def test_whoever_may_delete_may_move_it_away() -> None:
    store = with_rows(ROW)
    await change_appointment(store, call(OLA), 10, setting(department_id=2, owner_id=KARI, created_by=KARI))
    assert store.rows[10].owner_id == KARI


async def test_delete() -> None:
    store = with_rows(ROW)
    await delete_appointment(store, call(), 10)
    assert store.rows == {}


async def test_delete_needs_more_than_change() -> None:
    store = with_rows(appointment(owner_id=1, created_by=1))
    with pytest.raises(Forbidden):
        await delete_appointment(store, call(OLA), 10)


async def test_cancel_keeps_the_first_time_and_reason() -> None:
    store = with_rows(ROW)
    await cancel_appointment(store, call(), 10, "ill")
    first = store.rows[10]
    assert (first.status, first.cancellation_reason, first.cancelled_at) == (Status.CANCELLED, "ill", NOW)
    await cancel_appointment(store, call(), 10, "again")
    assert store.rows[10] == first


def draft(owner_id: int, **values):
    def make(names, view):
        row = blank(names, view, 1, OLA, owner_id, START)
        return Edited(replace(row, **values), ("Odd",))

    return make


async def test_create() -> None:
    store = with_rows()
    names = new_names(seeded("x"), NOW)
    outcome = await create_appointment(store, call(), names, draft(OLA, title="New"))
    (row,) = outcome.rows
    assert (row.id, row.title, row.reference, row.created_by) == (1, "New", names.reference, OLA)
    assert (row.department_id, row.starts_at, row.ends_at, row.created_at) == (1, START, START, NOW)
    assert outcome.ignored == ("Odd",)
    store.changes[0].permit((), None)


async def test_create_in_a_foreign_diary_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        await create_appointment(with_rows(), call(), new_names(seeded("x"), NOW), draft(KARI))


async def test_create_judges() -> None:
    with pytest.raises(InvalidAppointment):
        await create_appointment(with_rows(), call(), new_names(seeded("x"), NOW), draft(99))


async def test_privacy_does_not_hide_from_oneself() -> None:
    store = with_rows(appointment(privacy=Privacy.OWNER))
    await change_appointment(store, call(hides_foreign=True), 10, setting(title="x"))
    assert store.rows[10].title == "x"
