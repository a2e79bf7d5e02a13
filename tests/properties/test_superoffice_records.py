"""What goes out comes back: the entities of records as views of them."""

import copy
import json
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from appointed.domain.directory import Address
from appointed.domain.errors import InvalidAppointment, PatchRejected
from appointed.superoffice.context import Context, Manner
from appointed.superoffice.records.tables import KINDS, Kind
from appointed.superoffice.texts import Language
from appointed.superoffice.wiretime import TimeStyle
from tests.properties.test_superoffice_carrier import ZONES, ids, instants, json_values, texts
from tests.superoffice.rows import BASE, DEMO_EYES, VIEW

STAMPS = {"id", "revision", "created_at", "created_by", "updated_at", "updated_by", "is_second_shared"}
every = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
localized = texts | st.just('US:"Yes";NO:"Ja";')
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: localized,
    int: ids,
    float: st.floats(-1e15, 1e15),
    bool: st.booleans(),
    str | None: st.none() | localized,
    datetime | None: st.none() | instants(),
    Address: st.builds(Address, line1=texts, city=texts, zip_code=texts, county=texts),
}


# An address has two members of its own; an id of a list brings its text along (ADR 197).
IN_PAIRS = ("Address", "CountryId", "TypeId", "StatusId", "SaleTypeId")


def records(kind: Kind) -> st.SearchStrategy[Any]:
    """Make records with anything in every member but the stamps."""
    fields = msgspec.structs.fields(kind.type)
    chosen = {one.name: BY_TYPE[one.type] for one in fields if one.name not in STAMPS}
    if kind.name == "Sale":
        chosen["status"] = st.sampled_from(["Open", "Sold", "Lost", "Stalled"])
    return st.builds(kind.type, id=st.just(63), created_at=instants(), **chosen)


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    zone, tagged = draw(st.sampled_from(ZONES)), draw(st.booleans())
    language = draw(st.sampled_from([None, Language(("no",)), Language(("en",))]))
    manner = Manner(
        principal=DEMO_EYES.principal,
        base_url=BASE,
        style=lambda one: TimeStyle(zone, tagged, one.zone),
        language=language,
    )
    return manner.general(VIEW)


@every
@given(data=st.data(), ctx=contexts())
@settings(max_examples=40, deadline=None)
def test_sending_the_answer_back_changes_nothing(kind: Kind, data: Any, ctx: Context) -> None:
    record = data.draw(records(kind))
    body = json.loads(msgspec.json.encode(kind.tree(record, ctx)))
    for work in (kind.entity.whole(body), kind.entity.patch(body), kind.entity.part(body)):
        made = work(record, ctx)
        assert (made.row, made.ignored) == (record, ())


@every
@given(data=st.data(), ctx=contexts())
@settings(max_examples=60, deadline=None)
def test_patching_one_member_changes_no_other(kind: Kind, data: Any, ctx: Context) -> None:
    record, other = data.draw(records(kind)), data.draw(records(kind))
    settable = [member for member in kind.entity.members if member.read is not None]
    member = data.draw(st.sampled_from(settable))
    wanted = json.loads(msgspec.json.encode(member.write(other, ctx)))
    before = asdict(record)
    step = [{"op": "replace", "path": member.name.lower(), "value": wanted}]
    for body in (step, {member.name: wanted} if wanted is not None else step):
        after = kind.entity.patch(body)(record, ctx).row
        changed = {name for name, value in asdict(after).items() if before[name] != value}
        assert len(changed) <= (2 if member.name in IN_PAIRS else 1)
        assert not changed & STAMPS
        assert kind.tree(after, ctx)[member.name] == member.write(other, ctx)
    assert asdict(record) == before


@every
@given(
    data=st.data(),
    ctx=contexts(),
    values=st.lists(json_values | st.dictionaries(texts, json_values, max_size=3), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_any_body_is_a_change_or_a_refusal(kind: Kind, data: Any, ctx: Context, values: list[Any]) -> None:
    record = data.draw(records(kind))
    names = st.sampled_from([member.name for member in kind.entity.members] + ["Nothing", "Address/Street"])
    deeper = st.sampled_from(["", "/City", "/Street/City", "/0", "/-"])
    chosen = data.draw(st.lists(names, min_size=4, max_size=4))
    steps = [
        {"op": op, "path": name + data.draw(deeper), "value": value}
        for op, name, value in zip(("add", "replace", "test", "remove"), chosen, values, strict=True)
    ]
    before = copy.deepcopy(kind.tree(record, ctx))
    body = dict(zip(chosen, values, strict=True))
    for make in (
        lambda: kind.entity.patch(steps[data.draw(st.integers(0, 3)) :]),
        lambda: kind.entity.patch(body),
        lambda: kind.entity.whole(body),
        lambda: kind.entity.part(body),
    ):
        with suppress(PatchRejected, InvalidAppointment):
            make()(record, ctx)
    assert kind.tree(record, ctx) == before
