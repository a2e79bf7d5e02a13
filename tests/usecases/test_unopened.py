"""What no key opens is told by who looks for it: the check, and a claimant's export (ADR 0228)."""

import json
from typing import Any

import pytest

from appointed.domain.errors import SealBroken
from appointed.usecases.administer_claimants import ExportClaimant
from appointed.usecases.administer_protection import CheckStore
from tests.usecases.fake_protection import FakeRing, FakeWrapped, administrator
from tests.usecases.test_protection import GRACE, SafeStore, row


@pytest.mark.parametrize(("broken", "name"), [({1}, "Grace Hopper"), ({1, 2}, None)])
async def test_an_export_tells_what_no_key_opens(broken: set[int], name: str | None) -> None:
    store = SafeStore(row(1), row(2))
    read = store.read

    async def damaged(tenant_id: int, scope: Any, **more: Any) -> Any:
        if scope.ids[0] in broken:
            raise SealBroken
        return await read(tenant_id, scope, **more)

    store.read = damaged  # type: ignore[method-assign] # as if bytes of the database had changed
    report = await administrator(store, "x").run(ExportClaimant(tenant_id=1, claimant_id=GRACE))
    told = json.loads(report["export"])
    assert (told["claimant"]["id"], told["claimant"]["name"]) == (str(GRACE), name)
    assert [one["id"] for one in told["appointments"]] == [
        number for number in (1, 2) if number not in broken
    ]
    assert (told["unopened"], [one["appointment"] for one in told["history"]]) == (sorted(broken), [1, 2])


@pytest.mark.parametrize(
    ("count", "named"),
    [(1, "1 (tenant 3)"), (11, ", ".join(f"{n} (tenant 3)" for n in range(1, 11)) + " and more")],
)
async def test_a_check_names_what_no_key_opens(count: int, named: str) -> None:
    store, ring = SafeStore(), FakeRing()
    store.keys = FakeWrapped(ring, {"a": 1})
    store.keys.broken = tuple((3, number) for number in range(1, count + 1))
    told = await administrator(store, "x", ring).run(CheckStore())
    assert told["is_ready"]
    assert told["keys"]["appointments whose claimant no key opens"] == named
