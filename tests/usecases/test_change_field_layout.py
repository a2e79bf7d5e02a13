"""Working on the layout of fields: who may, what is judged, and what the store is asked."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType, Directory
from appointed.domain.errors import Forbidden, InvalidAppointment
from appointed.domain.field_layout import Layout, edited, new_field
from appointed.domain.principal import Principal
from appointed.usecases.change_field_layout import change_field_layout, layout_of
from appointed.usecases.ports import RecordsChange
from tests.builders import ADMIN, CLIENT, KARI, directory, view

NOTE = CustomField(id=1, prog_id="SuperOffice:1", label="Note", type=CustomFieldType.SHORT_TEXT)


class Shelf:
    """A Store with one field."""

    def __init__(self) -> None:
        self.layout: Layout = {1: NOTE}
        self.changes: list[RecordsChange] = []

    async def change_records(self, change: RecordsChange) -> Directory:
        self.changes.append(change)
        change.permit(view())
        self.layout = change.decide(self.layout, 2)
        stands = directory()
        return stands.followed(
            stands.tenant, 2, [("custom_field", key, one) for key, one in self.layout.items()]
        )


def adding(layout: Layout, number: int) -> Layout:
    return edited(layout, new_field(number, CustomFieldType.DATE))


async def test_an_administrators_step_is_kept() -> None:
    shelf: Any = Shelf()
    after = await change_field_layout(shelf, Principal(1, ADMIN), "test", adding)
    (change,) = shelf.changes
    assert (change.tenant_id, change.door, change.kind) == (1, "test", "custom_field")
    assert change.principal == Principal(1, ADMIN)
    assert set(layout_of(after)) == {1, 2}
    assert set(after.custom_fields) == {1}


@pytest.mark.parametrize("associate_id", [KARI, CLIENT], ids=["agent", "client"])
async def test_others_may_not(associate_id: int) -> None:
    shelf: Any = Shelf()
    with pytest.raises(Forbidden) as raised:
        await change_field_layout(shelf, Principal(1, associate_id), "test", adding)
    assert raised.value.thing == "layout of fields"
    assert shelf.layout == {1: NOTE}


async def test_what_breaks_a_rule_is_refused() -> None:
    shelf: Any = Shelf()
    with pytest.raises(InvalidAppointment) as raised:
        await change_field_layout(
            shelf,
            Principal(1, ADMIN),
            "test",
            lambda layout, _number: edited(layout, replace(NOTE, label="")),
        )
    assert [problem.path for problem in raised.value.problems] == ["field.label"]
    assert shelf.layout == {1: NOTE}
