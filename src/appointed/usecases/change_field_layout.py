"""Work on the layout of user-defined fields, publish it, or forget what was worked on."""

from collections.abc import Callable, Mapping
from typing import Final

from appointed.domain.directory import CustomField, Directory, View
from appointed.domain.errors import Forbidden, invalid
from appointed.domain.field_layout import Layout, problems
from appointed.domain.principal import Principal
from appointed.domain.rights import may_administer
from appointed.usecases.ports import RecordsChange, Store

KIND: Final = "custom_field"
THING: Final = "layout of fields"

# The layout, and the id that the next new field gets → the layout as it shall stand.
Step = Callable[[Layout, int], Layout]


def layout_of(directory: Directory) -> Layout:
    """Give all user-defined fields, those that were never published included."""
    return directory.records(KIND)


async def change_field_layout(store: Store, principal: Principal, door: str, step: Step) -> Directory:
    """Take one step of an administrator's work on the newest layout, and give what stands then.

    Raises Forbidden, InvalidAppointment, or what `step` raises; nothing is changed then.
    """

    def permit(view: View) -> None:
        if not may_administer(principal, view.directory):
            raise Forbidden(THING)

    def decide(layout: Layout, number: int) -> Mapping[int, CustomField]:
        wanted = step(layout, number)
        found = problems(wanted, layout)
        if found:
            raise invalid(found)
        return wanted

    change = RecordsChange(
        tenant_id=principal.tenant_id,
        principal=principal,
        door=door,
        kind=KIND,
        permit=permit,
        decide=decide,
    )
    return await store.change_records(change)
