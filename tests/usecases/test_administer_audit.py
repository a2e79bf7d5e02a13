"""The audit log by command."""

from typing import Any
from uuid import UUID

import pytest

from appointed.domain.audit import Act, Anchor, Entry, Fault, Tampering, Verdict, Wanted
from appointed.usecases.administer import Administrator, CommandRefused, ListWebhooks
from appointed.usecases.administer_audit import MOST_LISTED, ListAudit, VerifyAudit
from appointed.usecases.administer_diaries import CreateRoom
from tests.builders import NOW
from tests.usecases.fake_protection import administrator
from tests.usecases.fake_store import FakeAudit
from tests.usecases.test_administer import AdminStore


class FullAudit(FakeAudit):
    """Has two entries, and faults when told so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []
        self.faults: tuple[Fault, ...] = ()

    async def entries(self, tenant_id: int, wanted: Wanted) -> tuple[Entry, ...]:
        self.asked.append((tenant_id, wanted))
        return (
            Entry(id=UUID(int=1), tenant_id=1, at=NOW, act=Act.CLAIMANT_READ, by=2, appointment_id=7),
            Entry(
                id=UUID(int=2),
                tenant_id=1,
                at=NOW,
                act=Act.COMMAND,
                address="203.0.113.9",
                details={"command": "room create"},
            ),
        )

    async def verify(self, tenant_id: int, anchors: tuple[Anchor, ...] = ()) -> tuple[Verdict, ...]:
        self.asked.append((tenant_id, anchors))
        anchor = Anchor("audit", 2, "ab")
        return (Verdict(tenant_id=tenant_id, anchor=anchor, rows=9, unsealed=1, faults=self.faults),)


@pytest.fixture
def audit() -> FullAudit:
    return FullAudit()


@pytest.fixture
def admin(audit: FullAudit) -> Administrator:
    return administrator(AdminStore(audit=audit), "admin")


async def test_entries_are_lines_by_their_references(admin, audit) -> None:
    report = await admin.run(ListAudit(tenant_id=1, by=2, acts=(Act.COMMAND,), limit=5_000))
    assert list(report) == [str(UUID(int=1)), str(UUID(int=2))]
    first, second = report.values()
    assert first.endswith(f"{Act.CLAIMANT_READ}, by 2, appointment 7")
    assert second.endswith("command, by 0, from 203.0.113.9, command room create")
    assert audit.asked == [(1, Wanted(by=2, acts=(Act.COMMAND,), limit=MOST_LISTED))]


async def test_whole_logs_are_told_with_their_anchors(admin, audit) -> None:
    report = await admin.run(VerifyAudit())
    assert list(report) == ["tenant 0, audit log", "tenant 1, audit log"]
    assert report["tenant 1, audit log"] == "whole: 9 rows sealed, 1 not yet; anchor audit:2:ab"
    await admin.run(VerifyAudit(tenant_id=1, anchors=("event:3:00ff",)))
    assert audit.asked[-1] == (1, (Anchor("event", 3, "00ff"),))


async def test_a_log_that_is_not_whole_is_refused_line_by_line(admin, audit) -> None:
    audit.faults = (
        Fault(Tampering.ROW_CHANGED, 2, UUID(int=5)),
        Fault(Tampering.SEAL_REMOVED, 3),
    )
    with pytest.raises(CommandRefused) as refused:
        await admin.run(VerifyAudit(tenant_id=1))
    assert str(refused.value).splitlines() == [
        f"tenant 1, audit log: row changed {UUID(int=5)} (seal 2)",
        "tenant 1, audit log: seal removed (seal 3)",
    ]


@pytest.mark.parametrize(
    "command",
    [VerifyAudit(tenant_id=1, anchors=("nonsense",)), VerifyAudit(anchors=("event:1:ab",))],
    ids=["no anchor", "no tenant"],
)
async def test_an_anchor_must_be_one_and_have_a_tenant(admin, command) -> None:
    with pytest.raises(CommandRefused):
        await admin.run(command)


async def test_a_command_leaves_an_entry_with_numbers_alone(admin, audit) -> None:
    await admin.run(CreateRoom(tenant_id=1, name="Canary"))
    ((act, by, _appointment, details),) = audit.told
    assert (act, by) == (Act.COMMAND, 0)
    assert details == {"command": "room create", "associate": 50, "exclusive": True}


async def test_looking_leaves_no_entry(admin, audit) -> None:
    await admin.run(ListAudit(tenant_id=1))
    with pytest.raises(AttributeError):
        await admin.run(ListWebhooks(tenant_id=1))
    assert audit.told == []
