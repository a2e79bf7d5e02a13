"""The agents Contact, Person, Project and Sale: what their addresses do, as methods (Agents WebAPI).

As with all agents, conditions and keys of requests are REST's alone: no method reads an If-Match or an
Idempotency-Key. What is answered is the entity, or the flat carrier that an appointment shows.
"""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp

from appointed.domain.directory import Record, View
from appointed.domain.errors import MissingBody, NotProvided, RecordNotFound
from appointed.domain.rights import Access
from appointed.superoffice.agents.calls import call_of
from appointed.superoffice.answer import header_list
from appointed.superoffice.carriers.contact import contact
from appointed.superoffice.carriers.person import person
from appointed.superoffice.carriers.project import project
from appointed.superoffice.carriers.sale import sale
from appointed.superoffice.carriers.shape import Json, Rendered
from appointed.superoffice.context import Context
from appointed.superoffice.records.tables import KINDS, Kind
from appointed.superoffice.request import wish_of
from appointed.superoffice.service import Ask, Provide, Service, write_value
from appointed.usecases.change_record import (
    EditedRecord,
    change_record,
    create_record,
    demand_access,
    read_record,
)
from appointed.usecases.ports import Outcome

FLAT: Final[dict[str, Callable[[int, Context], Rendered | None]]] = {
    "contact": contact,
    "person": person,
    "project": project,
    "sale": sale,
}
# Appointments would point at nothing: ADR 0077.
DELETION: Final = "deletion of records"
_PERSON: Final = next(kind for kind in KINDS if kind.kind == "person")


def _created(kind: Kind) -> Provide:
    async def create_default(ask: Ask) -> Json:
        """What a new record would be."""
        _demand(ask, kind, Access.CHANGE)
        return _entity(kind, kind.new(ask.ctx.principal.associate_id), ask.ctx)

    return create_default


def _got(kind: Kind) -> Provide:
    async def get(ask: Ask) -> Json:
        """One record, null when there is none with this id."""
        number = ask.given.number(f"{kind.root}Id")
        try:
            found = read_record(call_of(ask), ask.ctx.view, kind.kind, number)
        except RecordNotFound:
            return None
        return _entity(kind, found, ask.ctx)

    return get


def _saved(kind: Kind) -> Provide:
    async def save(ask: Ask) -> ASGIApp:
        """Create the record when its id is 0, or else make it what the body says; what is not named stays."""
        if ask.given.body is None:
            raise MissingBody
        given, call = ask.given.carrier(), call_of(ask)
        number = given.number(kind.key, 0)
        work = kind.entity.whole(given.body) if number else kind.entity.part(given.body)

        def edit(record: Record, view: View) -> EditedRecord:
            return EditedRecord(*work(record, ask.manner.general(view)))

        def draft(view: View) -> EditedRecord:
            return edit(kind.new(ask.ctx.principal.associate_id), view)

        if number:
            outcome = await change_record(ask.door.store, call, kind.kind, number, edit)
        else:
            outcome = await create_record(ask.door.store, call, kind.kind, draft)
        return _answer(kind, outcome, ask)

    return save


def _refused(_kind: Kind) -> Provide:
    async def delete(_ask: Ask) -> None:
        """Needs the deletion of records, which this server has not: always refused."""
        raise NotProvided(DELETION)

    return delete


def _shown(kind: Kind) -> Provide:
    async def show(ask: Ask) -> Json:
        """One record as the flat carrier, null when there is none with this id."""
        _demand(ask, kind, Access.READ)
        return ask.tree(FLAT[kind.kind](ask.given.number(kind.key), ask.ctx))

    return show


def _listed(kind: Kind) -> Provide:
    async def listed(ask: Ask) -> Json:
        """Records as flat carriers, by their ids; ids that no record has are left out."""
        _demand(ask, kind, Access.READ)
        found = (FLAT[kind.kind](number, ask.ctx) for number in ask.given.numbers())
        return [rendered[0] for rendered in found if rendered]

    return listed


async def persons_of_contact(ask: Ask) -> Json:
    """The persons of a contact as flat carriers, by rank."""
    _demand(ask, _PERSON, Access.READ)
    number = ask.given.number("ContactId")
    of_it = [one for one in ask.directory.persons.values() if number and one.contact_id == number]
    in_turn = sorted(of_it, key=lambda one: (one.rank, one.id))
    return [ask.tree(person(one.id, ask.ctx)) for one in in_turn]


def _demand(ask: Ask, kind: Kind, needed: Access) -> None:
    demand_access(call_of(ask), ask.ctx.view, kind.kind, needed)


def _entity(kind: Kind, record: Record, ctx: Context) -> Json:
    return kind.tree(record, ctx, with_links=False)


def _answer(kind: Kind, outcome: Outcome, ask: Ask) -> ASGIApp:
    if outcome.directory is None or outcome.record is None:
        raise TypeError("the store answered a change without its record")
    ctx = ask.manner.general(View(outcome.directory, ask.door.clock()))
    headers = [("Appointed-Ignored", header_list(outcome.ignored))] if outcome.ignored else []
    return write_value(_entity(kind, outcome.record, ctx), kind.root, wish_of(ask.request), *headers)


def _methods(kind: Kind) -> dict[str, Service]:
    name, root = kind.name, kind.root
    return {
        f"CreateDefault{root}": Service(_created(kind), root),
        f"Get{root}": Service(_got(kind), root, query=f"{root}Id:int32"),
        f"Save{root}": Service(_saved(kind), root, raw=root),
        f"Delete{root}": Service(_refused(kind), query=f"{root}Id:int32"),
        f"Get{name}": Service(_shown(kind), name, query=f"{name}Id:int32"),
        f"Get{name}List": Service(_listed(kind), f"{name}[]", raw="int32[]"),
    }


_PERSONS: Final = Service(persons_of_contact, "Person[]", body="ContactId:int32")
MORE: Final[dict[str, dict[str, Service]]] = {
    "Contact": {"GetPersons": _PERSONS},
    "Person": {"GetPersonsFromContact": _PERSONS},
}
RECORD_METHODS: Final[dict[str, dict[str, Service]]] = {
    kind.name: _methods(kind) | MORE.get(kind.name, {}) for kind in KINDS
}
REFUSED: Final[dict[str, dict[str, str]]] = {kind.name: {f"Delete{kind.root}": DELETION} for kind in KINDS}
