"""POST Appointment/Batch, an address of ours: patches of several appointments in one atomic change."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from appointed.domain.directory import View
from appointed.domain.errors import (
    AppointedError,
    InvalidAppointment,
    InvalidPatch,
    InvalidRequest,
    ReadOnlyMember,
)
from appointed.domain.series import Reach
from appointed.http.batch import condition_of
from appointed.http.conditional import etag
from appointed.http.door import APPOINTMENT, Door, note_fixed
from appointed.http.dry_run import wants_dry_run
from appointed.http.headers import headers_of
from appointed.http.idempotency import fingerprint, read_idempotency_key
from appointed.http.lost import lost_header
from appointed.http.preferences import heeds_strict
from appointed.superoffice.answer import JSON, XML, Seen, answer, context_of
from appointed.superoffice.context import Manner
from appointed.superoffice.culprit import blame
from appointed.superoffice.dialect import edit_of_patch
from appointed.superoffice.enums import read_enum
from appointed.superoffice.given import Given
from appointed.superoffice.render import entity, entity_tree
from appointed.superoffice.request import REACHES, json_of, manner_of, meaning_of, wish_of
from appointed.superoffice.xml import write_xml
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_many import MOST_ITEMS, Item, change_many
from appointed.usecases.ports import Idempotency, Outcome, Reply

DOOR = "superoffice"
ROOT = "BatchResult"
Json = Any


class BatchRoute:
    """Answers the requests of this address."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def post(self, request: Request) -> ASGIApp:
        """POST Appointment/Batch: every patch or none; the answer has each appointment as it stands then."""
        principal = await self._door.callers.principal(request.scope)
        manner = manner_of(request, principal, self._door.base_url(request.scope), self._door.ids)
        is_xml = wish_of(request).is_xml
        document, _body = await json_of(request, self._door.limits)
        items = read_items(document, manner)
        headers = headers_of(request.scope)
        write = self._writer(manner, [int(item.ref) for item in items], is_xml=is_xml)
        key = read_idempotency_key(headers)
        asked = fingerprint(request.scope, document, meaning_of(headers))
        call = Call(
            principal=principal,
            door=DOOR,
            idempotency=Idempotency(key, asked, write) if key is not None else None,
            wants_conflicts=True,
            ids=self._door.ids,
            is_strict=heeds_strict(request.scope),
            dry_run=wants_dry_run(headers),
        )
        try:
            outcome, _ids = await change_many(self._door.store, call, items)
        except InvalidAppointment as error:
            if error.item is not None:
                blame(error, Given(_items(document)[error.item]).anything("Patch"))
            raise
        except ReadOnlyMember as error:
            number = items[error.item].ref if error.item is not None else None
            note_fixed(self._door, request.scope, principal, APPOINTMENT, number, error.members)
            raise
        return answer(outcome, write)

    def _writer(self, manner: Manner, ids: list[int], *, is_xml: bool) -> Any:
        def write(outcome: Outcome) -> Reply:
            if outcome.directory is None:
                raise TypeError("the store answered a change without its directory")
            view = View(outcome.directory, self._door.clock())
            rows = {row.id: row for row in outcome.rows}
            told = []
            for place, number in enumerate(ids):
                row = rows[number]
                ctx = context_of(Seen(row, view, number in outcome.conflicts), manner)
                told.append(
                    {
                        "AppointmentId": number,
                        "ETag": etag(row.revision),
                        "Ignored": [
                            name.partition(":")[2]
                            for name in outcome.ignored
                            if name.partition(":")[0] == str(place)
                        ],
                        "Entity": entity_tree(row, ctx) if is_xml else msgspec.Raw(entity(row, ctx)),
                    }
                )
            lost = lost_header(outcome)
            if is_xml:
                return Reply(200, (("Content-Type", XML), *lost), write_xml(ROOT, {"Items": told}))
            return Reply(200, (("Content-Type", JSON), *lost), msgspec.json.encode({"Items": told}))

        return write


def read_items(document: Json, manner: Manner) -> list[Item]:
    """Read `Items`, or the array alone; an error's `item` says which one is wrong. Raises InvalidRequest."""
    found = _items(document)
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_ITEMS:
        raise InvalidRequest(f"Items must be an array of 1 to {MOST_ITEMS} patches")
    items = []
    for place, one in enumerate(found):
        try:
            items.append(_item(one, manner))
        except AppointedError as error:
            error.item = place
            raise
    return items


def _items(document: Json) -> Json:
    return Given(document).anything("Items") if isinstance(document, dict) else document


def _item(one: Json, manner: Manner) -> Item:
    if not isinstance(one, dict):
        raise InvalidRequest("an item must be an object with AppointmentId and Patch")
    given = Given(one)
    patch = given.anything("Patch")
    if not isinstance(patch, dict | list):
        raise InvalidPatch(reason="Patch must be an array of operations or an object")
    return Item(
        ref=given.number("AppointmentId"),
        edit=edit_of_patch(patch, manner.context),
        precondition=condition_of(given.anything("IfMatch"), given.anything("IfUnmodifiedSince")),
        reach=_reach(given.anything("UpdateMode")),
    )


def _reach(mode: Json) -> Reach:
    if mode is None:
        return Reach.THIS
    try:
        return REACHES[read_enum("RecurrenceUpdateMode", mode)]
    except (ValueError, KeyError):
        raise InvalidRequest("UpdateMode must be a RecurrenceUpdateMode.") from None
