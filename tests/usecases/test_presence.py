"""Two agents see who has opened an appointment."""

from datetime import datetime

from appointed.usecases.ports import Presence
from appointed.usecases.presence import COUNTS_FOR, be_present, others_present
from tests.builders import ADMIN, KARI, NOW, OLA, directory, principal


class Presences:
    """Keeps presences, and drops none."""

    def __init__(self) -> None:
        self.kept: list[Presence] = []

    async def put_presence(self, presence: Presence) -> None:
        self.kept.append(presence)

    async def presences(self, tenant_id: int, now: datetime) -> tuple[Presence, ...]:
        return tuple(one for one in self.kept if one.tenant_id == tenant_id and one.until > now)


async def test_others_are_named_by_appointment_and_oneself_is_not() -> None:
    store = Presences()
    for associate_id, appointment_id in ((OLA, 10), (KARI, 10), (ADMIN, 10), (ADMIN, 11), (99, 10)):
        await be_present(store, principal(associate_id), appointment_id, NOW)
    seen = await others_present(store, principal(ADMIN), directory(), NOW)
    assert seen == {10: ("Ola O", "Kari K")}
    assert (await others_present(store, principal(KARI), directory(), NOW))[11] == ("Ada Admin",)
    assert await others_present(store, principal(ADMIN), directory(), NOW + COUNTS_FOR) == {}
    assert await others_present(store, principal(ADMIN, tenant_id=2), directory(), NOW) == {}
