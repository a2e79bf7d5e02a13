"""Diaries through the use cases: who says when they work and whether their time is given away once."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType, Directory, Record, View
from appointed.domain.errors import Forbidden, RecordNotFound
from appointed.domain.precondition import Precondition
from appointed.domain.principal import Role
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_diary import change_diary, diaries_seen, read_diary
from appointed.usecases.ports import Outcome, RecordChange
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, PER, ROOM, directory, principal

HEAD = 9


def with_head() -> Directory:
    """The usual directory, with an administrator of department 1 alone."""
    plain = directory()
    head = Associate(id=HEAD, name="head", full_name="Head", role=Role.DEPARTMENT_ADMINISTRATOR, group_id=1)
    return Directory(plain.tenant, 1, {"associate": plain.associates | {HEAD: head}})


class Shelf:
    """A Store of the directory's associates."""

    def __init__(self) -> None:
        self.changes: list[RecordChange] = []

    async def change_record(self, change: RecordChange) -> Outcome:
        self.changes.append(change)
        view = View(with_head(), NOW)
        record: Record | None = view.directory.associates.get(change.record_id)
        change.permit(record, view)
        return Outcome(record=change.decide(record, view).record)


def call(by: int = ADMIN, **more: Any) -> Call:
    return Call(principal=principal(by), door="test", **more)


def setting(**members: Any) -> Any:
    return lambda owner: replace(owner, **members)


@pytest.fixture
def shelf() -> Any:
    return Shelf()


async def test_a_diary_is_changed_under_the_callers_conditions(shelf: Any) -> None:
    demand = Precondition(if_match=(1,))
    outcome = await change_diary(
        shelf, call(precondition=demand, dry_run=True), KARI, setting(is_exclusive=True, working_hours=())
    )
    assert outcome.record == replace(directory().associates[KARI], is_exclusive=True, working_hours=())
    (change,) = shelf.changes
    assert (change.tenant_id, change.kind, change.record_id) == (1, "associate", KARI)
    assert (change.precondition, change.dry_run) == (demand, True)


@pytest.mark.parametrize(
    ("by", "owner", "hours", "switch"),
    [
        (ADMIN, KARI, True, True),
        (ADMIN, ROOM, True, True),
        (HEAD, OLA, True, True),
        (HEAD, ROOM, True, True),
        (HEAD, KARI, False, False),
        (OLA, OLA, True, False),
        (OLA, ROOM, False, False),
        (KARI, OLA, False, False),
    ],
)
async def test_who_may_say_what_of_a_diary(
    shelf: Any, by: int, owner: int, hours: bool, switch: bool
) -> None:
    changes = {"working_hours": ()}, {"is_exclusive": not directory().associates[owner].is_exclusive}
    for members, may in zip(changes, (hours, switch), strict=True):
        if may:
            assert (await change_diary(shelf, call(by), owner, setting(**members))).record is not None
            continue
        with pytest.raises(Forbidden):
            await change_diary(shelf, call(by), owner, setting(**members))


async def test_what_is_nobodys_diary_is_not_found(shelf: Any) -> None:
    for owner in (PER, CLIENT, 99):
        with pytest.raises(RecordNotFound):
            await change_diary(shelf, call(), owner, setting(working_hours=()))
    # A program hears of its own department's alone.
    with pytest.raises(RecordNotFound):
        read_diary(principal(CLIENT), directory(), OLA)
    assert read_diary(principal(CLIENT), directory(), KARI).id == KARI


async def test_a_diary_needs_an_owner(shelf: Any) -> None:
    with pytest.raises(RecordNotFound):
        await change_diary(shelf, call(), 0, setting())
    await change_diary(shelf, call(), ROOM, setting())
    with pytest.raises(TypeError):
        shelf.changes[-1].decide(None, View(directory(), NOW))


def test_diaries_are_listed_by_name() -> None:
    assert [one.id for one in diaries_seen(principal(ADMIN), directory())] == [ADMIN, KARI, OLA, ROOM]
    assert [one.id for one in diaries_seen(principal(CLIENT), directory())] == [KARI]
    assert AssociateType.SYSTEM not in {one.type for one in diaries_seen(principal(ADMIN), directory())}
