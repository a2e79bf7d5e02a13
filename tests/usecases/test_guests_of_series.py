"""A guest's own rows of a series: left, or changed, as far as they say."""

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Privacy
from appointed.domain.errors import Forbidden
from appointed.domain.series import Reach
from appointed.usecases.answer_invitation import Said, answer_invitation
from tests.builders import ADMIN, KARI, OLA
from tests.usecases.families import WEEKLY, Ledger

pytestmark = pytest.mark.asyncio

# Reach → the dates that a guest who deletes their second one still has.
LEFT = {
    Reach.THIS: ["accepted", "declined", "accepted", "accepted"],
    Reach.FOLLOWING: ["accepted", "declined", "declined", "declined"],
    Reach.STOP: ["accepted", "accepted", "declined", "declined"],
    Reach.ALL: ["declined"] * 4,
}
# Reach → whose alarm rings when it is set in the second.
RINGS = {
    Reach.THIS: [False, True, False, False],
    Reach.FOLLOWING: [False, True, True, True],
    Reach.ALL: [True] * 4,
    Reach.STOP: [False, True],
}


async def series() -> Ledger:
    store = Ledger()
    await store.create(KARI, ADMIN, rule=WEEKLY)
    for row in store.guests(KARI):
        await answer_invitation(store, store.call(KARI), row.id, Said.ACCEPT)
    return store


@pytest.mark.parametrize("reach", LEFT)
async def test_a_guest_leaves_as_many_dates_as_they_say(reach: Reach) -> None:
    store = await series()
    await store.delete(store.guests(KARI)[1], by=KARI, reach=reach)
    answers = [
        [one.invitation_status.value for one in row.participants if one.associate_id == KARI]
        for row in store.masters()
    ]
    assert answers == [[status] for status in LEFT[reach]]
    assert [row.reject_counter for row in store.masters()] == [
        int(status == "declined") for status in LEFT[reach]
    ]
    assert store.statuses(KARI) == [status for status in LEFT[reach] if status != "declined"]
    # Nobody else's dates are touched, and everybody reads the answer.
    assert store.statuses(ADMIN) == ["invitation"] * 4
    assert [row.participants for row in store.guests(ADMIN)] == [row.participants for row in store.masters()]


@pytest.mark.parametrize("reach", RINGS)
async def test_a_guests_alarm_goes_as_far_as_they_say(reach: Reach) -> None:
    store = await series()

    await store.edit(
        store.guests(KARI)[1], lambda row: replace(row, has_alarm=True, alarm_minutes=5), by=KARI, reach=reach
    )
    assert [row.has_alarm for row in store.guests(KARI)] == RINGS[reach]
    assert not any(row.has_alarm for row in (*store.masters(), *store.guests(ADMIN)))
    assert len(store.masters()) == 4


async def test_stopping_alone_changes_nothing_that_stays() -> None:
    store = await series()
    second = store.guests(KARI)[1]
    outcome = await store.edit(second, by=KARI, reach=Reach.STOP)
    assert store.guests(KARI)[1] == second
    assert len(outcome.deleted) == 2


async def test_nobody_leaves_for_others() -> None:
    store = await series()
    hers = store.guests(KARI)
    # One date is for herself alone: who may delete the second may not delete all of them.
    store.rows[hers[2].id] = replace(hers[2], privacy=Privacy.OWNER)
    with pytest.raises(Forbidden):
        await store.delete(hers[1], by=ADMIN, reach=Reach.FOLLOWING)
    assert len(store.guests(KARI)) == 4
    assert store.masters()[0].owner_id == OLA
