"""Participants named by who they are in a patch, of either kind, whatever place they have meanwhile."""

import asyncio
from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, step
from tests.contracts.superoffice.test_bookings import KARI, OLA, guest_rows, statuses

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

AT = {"StartDate": "2032-06-07T10:00:00", "EndDate": "2032-06-07T11:00:00"}
BY_KARI, BY_OLA = f"/Participants/AssociateId={KARI}", f"/Participants/AssociateId={OLA}"


def who(entity: dict[str, Any]) -> list[int]:
    return [one["AssociateId"] for one in entity["Participants"]]


async def test_one_is_added_changed_and_removed_by_name(desk: Desk) -> None:
    number = await desk.new(**AT)
    added = await desk.patch(number, [step("add", BY_KARI, {}), step("add", BY_OLA, {"SendEmail": True})])
    assert who(added) == [1, KARI, OLA]
    assert set(await guest_rows(desk, added, 2)) == {KARI, OLA}
    changed = await desk.patch(
        number,
        [
            step("test", f"{BY_OLA}/SendEmail", True),
            step("replace", f"{BY_OLA}/SendEmail", False),
            step("replace", f"/participants/associateid={KARI}/InvitationStatus", "Accepted"),
        ],
    )
    assert statuses(changed) == {1: "Accepted", KARI: "Accepted", OLA: "Invitation"}
    assert [one["SendEmail"] for one in changed["Participants"]][2] is False
    # Adding who is there already changes them, and asks nobody twice.
    again = await desk.patch(number, [step("add", BY_KARI, {"SendEmail": True})])
    assert (who(again), again["Participants"][1]["SendEmail"]) == ([1, KARI, OLA], True)
    assert statuses(again)[KARI] == "Accepted"
    assert who(await desk.patch(number, [step("remove", BY_KARI)])) == [1, OLA]


async def test_strangers_go_by_their_address(desk: Desk) -> None:
    number = await desk.new(**AT)
    path = "/Participants/EmailAddress=ann@guest.example"
    added = await desk.patch(number, [step("add", path, {"Description": "Ann"})])
    assert added["Participants"][1]["EmailAddress"] == "ann@guest.example"
    path = path.replace("ann@guest", "ANN@Guest")
    assert len((await desk.patch(number, [step("remove", path)]))["Participants"]) == 1


async def test_a_merge_names_them_too(desk: Desk) -> None:
    number = await desk.new(**AT, Participants=[{"AssociateId": KARI, "SendEmail": True}])
    merge = {"Participants": {f"AssociateId={OLA}": {}, f"AssociateId={KARI}": {"Description": "First"}}}
    after = await desk.patch(number, merge)
    assert who(after) == [1, KARI, OLA]
    kari = after["Participants"][1]
    assert (kari["Description"], kari["SendEmail"]) == ("First", True)
    gone = {"Participants": {f"AssociateId={KARI}": None, "AssociateId=99": None}}
    assert who(await desk.patch(number, gone)) == [1, OLA]


async def test_two_who_each_add_one_both_succeed(desk: Desk) -> None:
    number = await desk.new(**AT)
    answers = await asyncio.gather(
        desk.call("PATCH", number, [step("add", BY_KARI, {})]),
        desk.call("PATCH", number, {"Participants": {f"AssociateId={OLA}": {}}}),
        *(desk.call("PATCH", number, [step("add", BY_KARI, {})]) for _again in range(4)),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(who(await desk.read(number))) == [1, KARI, OLA]
    assert len(await desk.history(number)) == 3


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (step("remove", BY_KARI), "path_not_found"),
        (step("replace", BY_KARI, {}), "path_not_found"),
        (step("test", f"{BY_KARI}/SendEmail", False), "path_not_found"),
        (step("add", f"{BY_KARI}/SendEmail", True), "path_not_found"),
        (step("add", BY_KARI, {"AssociateId": OLA}), "invalid_patch"),
        (step("add", BY_KARI, None), "invalid_patch"),
        (step("add", BY_KARI, [1]), "invalid_patch"),
        (step("add", "/Participants/AssociateId=0", {}), "invalid_pointer"),
        (step("add", "/Participants/AssociateId=", {}), "invalid_pointer"),
        (step("add", "/Participants/AssociateId=x", {}), "invalid_pointer"),
        (step("add", "/Participants/AssociateId=-1", {}), "invalid_pointer"),
        (step("add", f"/Participants/AssociateId={'9' * 30}", {}), "invalid_pointer"),
        (step("add", "/Participants/ContactId=1", {}), "invalid_pointer"),
        (step("add", "/Participants/=1", {}), "invalid_pointer"),
        (step("add", "/Links/Id=1", {}), "invalid_pointer"),
        (step("add", "/Participants/AssociateId=99999", {}), "invalid_value"),
    ],
)
async def test_what_names_nobody_is_refused(desk: Desk, operation: dict[str, Any], code: str) -> None:
    await desk.refused(await desk.new(**AT), [operation], 400, code)
