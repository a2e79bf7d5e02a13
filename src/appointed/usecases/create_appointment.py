"""Create one appointment."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.diary import settle
from appointed.domain.directory import View
from appointed.domain.errors import Forbidden
from appointed.domain.principal import Principal
from appointed.domain.rights import may_create
from appointed.usecases.change_appointment import Call, Edited, family_for, judge, run
from appointed.usecases.family import concerned, expand, is_series
from appointed.usecases.ports import Change, Decision, IdSource, NoRows, Outcome, Rows, Store


class NewNames(msgspec.Struct, frozen=True):
    """Names made before the store runs, so that running a decision twice makes the same appointment."""

    uid: UUID
    reference: str
    link_key: str
    claimant_id: UUID
    meeting_id: str
    room_name: str
    agent_key: str


Draft = Callable[[NewNames, View], Edited]
Finish = Callable[[Decision, Principal, View], Decision]

REFERENCE_LENGTH = 15
NEW_ID = -1


def new_names(ids: IdSource, now: datetime) -> NewNames:
    """Make the names for one new appointment."""
    return NewNames(
        uid=ids.uuid7(now),
        reference=ids.letters(REFERENCE_LENGTH),
        link_key=ids.token(16),
        claimant_id=ids.uuid4(),
        meeting_id=ids.letters(20),
        room_name=ids.letters(26),
        agent_key=ids.token(16),
    )


async def create_appointment(
    store: Store,
    call: Call,
    names: NewNames,
    draft: Draft,
    finish: Finish | None = None,
    reference: str | None = None,
) -> Outcome:
    """Keep what `draft` makes, and the rows of its guests and of its series.

    The draft answers an Appointment with id -1, tenant and stamps of the view; it is the first of the rows.
    `finish` may change the new rows before they are kept; `reference` is the one that the caller asks for.

    Raises Forbidden when the caller may not write in that diary, InvalidAppointment with every problem.
    """
    family = family_for(call)

    def decide(_rows: Rows, view: View) -> Decision:
        made = draft(names, view)
        after = settle(None, made.appointment, view)
        judge(call.principal, None, after, view)
        if not may_create(call.principal, after.owner_id, view.directory):
            raise Forbidden
        if family is None or concerned(None, after, call.reach) is None:
            decision = Decision(creations=(after,), ignored=made.ignored)
        else:
            whole = family.demand(0, is_series=is_series(None, after, 0))
            decision = expand((), None, after, view, whole, made.ignored)
        return finish(decision, call.principal, view) if finish else decision

    return await run(
        store,
        Change(
            tenant_id=call.principal.tenant_id,
            principal=call.principal,
            door=call.door,
            scope=NoRows(),
            permit=lambda _rows, _view: None,
            decide=decide,
            dry_run=call.dry_run,
            wants_conflicts=call.wants_conflicts,
            idempotency=call.idempotency,
            mail=call.mail,
            reference=reference,
        ),
        call,
        family,
    )


def blank(
    names: NewNames, view: View, tenant_id: int, by: int, owner_id: int, starts_at: datetime
) -> Appointment:
    """Make the least appointment there can be: an empty diary row of no length."""
    return Appointment(
        tenant_id=tenant_id,
        id=NEW_ID,
        uid=names.uid,
        reference=names.reference,
        link_key=names.link_key,
        owner_id=owner_id,
        department_id=0,
        starts_at=starts_at,
        ends_at=starts_at,
        created_at=view.now,
        created_by=by,
    )
