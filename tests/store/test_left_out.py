"""A date taken out of a series in a store: the rule of the others says so, and a longer one leaves it out."""

from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.principal import Principal
from appointed.domain.recurrence import days_left
from appointed.usecases.change_appointment import Call, Edited, change_appointment, delete_appointment
from appointed.usecases.identifiers import seeded
from appointed.usecases.query import Query
from tests.store.test_import import SERIES, take
from tests.store.world import ADA, AnyStore, World

DAYS = ["2032-01-05", "2032-01-12", "2032-01-19", "2032-01-26"]


async def dates(store: AnyStore) -> list[Appointment]:
    page = await store.page(Query(tenant_id=1, limit=100))
    return sorted(page.rows, key=lambda row: row.starts_at)


async def test_a_date_that_was_taken_out_stays_out(store: AnyStore, world: World) -> None:
    await take(store, SERIES)
    first, second, _third = await dates(store)
    call = Call(principal=Principal(1, ADA), door="test", ids=seeded("left out"))
    await delete_appointment(store, call, second.id)
    for row in await dates(store):
        assert row.series is not None
        assert [day.isoformat() for day in days_left(row.series.rule)] == [DAYS[0], DAYS[2]]

    def edit(row: Appointment, _view: Any) -> Edited:
        assert row.series is not None
        return Edited(replace(row, series=replace(row.series, rule=replace(row.series.rule, count=4))))

    before = world.dump()
    tried = await change_appointment(store, replace(call, dry_run=True), first.id, edit)
    assert world.dump() == before
    done = await change_appointment(store, call, first.id, edit)
    assert [row.starts_at for row in done.rows] == [row.starts_at for row in tried.rows]
    assert [row.starts_at.date().isoformat() for row in await dates(store)] == [DAYS[0], *DAYS[2:]]
