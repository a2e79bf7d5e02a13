"""What goes out comes back: the SuperOffice entity as a view of an appointment."""

import copy
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from appointed.domain.appointment import Caution, ExternalOwner, Kind, Link, Privacy, Publication
from appointed.domain.errors import InvalidAppointment, PatchRejected
from appointed.domain.meeting import Bandwidth, Features, Redirects
from appointed.domain.participant import Claimant, InvitationStatus, Participant
from appointed.domain.status import Status
from appointed.superoffice.dialect import edit_of_entity, edit_of_patch, new_of_entity
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.render import entity, entity_tree
from appointed.superoffice.texts import Language
from tests.superoffice.rows import NAMES, OWNER_ROW, Seen, full, video

ZONES = [
    ZoneInfo(name) for name in ("UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Dhaka")
]
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
ids = st.integers(0, 2**31 - 1)


@st.composite
def instants(draw):
    """Mostly near the changes of the clock, where a wall time may mean two instants."""
    near = draw(
        st.sampled_from(
            [
                datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
                datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
                datetime(2026, 3, 29, 1, tzinfo=UTC),
                datetime(2026, 4, 4, 15, tzinfo=UTC),
            ]
        )
    )
    minutes = draw(st.integers(-180, 180))
    odd = timedelta(microseconds=draw(st.sampled_from([0, 0, 1, 654_321])))
    return near + timedelta(minutes=minutes) + odd


custom_values = st.fixed_dictionaries(
    {},
    optional={
        "SuperOffice:1": texts.filter(bool),
        "SuperOffice:2": st.integers(-(2**31), 2**31 - 1).filter(bool),
        "SuperOffice:3": st.dates(date(1900, 1, 1), date(2200, 1, 1)).map(str),
        "SuperOffice:4": st.just(True),
        "SuperOffice:5": st.sampled_from([1, 2, 3]),
        "SuperOffice:8": st.floats(allow_nan=False, allow_infinity=False).filter(bool),
    },
)
claimants = st.none() | st.builds(
    Claimant,
    id=st.just(UUID(int=5)),
    name=st.none() | texts,
    email=st.none() | texts,
    phone_number=st.none() | texts,
    born_on=st.none() | st.dates(date(1900, 1, 1), date(2020, 1, 1)),
)
guests = st.lists(
    st.builds(
        Participant,
        key=st.integers(2, 9),
        person_id=st.sampled_from([0, 4, 5, 99]),
        email_address=texts,
        description=texts,
        send_email=st.booleans(),
        invitation_status=st.sampled_from(InvitationStatus),
    ),
    max_size=3,
    unique_by=lambda row: row.key,
)


@st.composite
def appointments(draw):
    return full(
        starts_at=draw(instants()),
        ends_at=draw(instants()),
        created_at=draw(instants()),
        updated_at=draw(st.none() | instants().map(lambda at: at.replace(microsecond=0))),
        title=draw(st.none() | texts),
        description=draw(texts),
        location=draw(texts),
        kind=draw(st.sampled_from(Kind)),
        status=draw(st.sampled_from(Status)),
        privacy=draw(st.sampled_from(Privacy)),
        caution=draw(st.sampled_from(Caution)),
        external_owner=draw(st.sampled_from(ExternalOwner)),
        invitation_status=draw(st.sampled_from(InvitationStatus)),
        alarm_minutes=draw(st.integers(0, 65_535)),
        color_index=draw(st.integers(-32_768, 32_767)),
        task_id=draw(st.sampled_from([0, 1, 4])),
        contact_id=draw(st.sampled_from([0, 2, 99])),
        preferred_zone=draw(st.sampled_from([0, 1, 261])),
        completed_at=draw(st.none() | instants()),
        custom_fields=draw(custom_values),
        extra_fields=draw(st.dictionaries(st.sampled_from(["x_a", "x_b", "x_C"]), texts)),
        claimant=draw(claimants),
        features=draw(st.builds(Features, messages_chat=st.booleans(), bandwidth=st.sampled_from(Bandwidth))),
        redirects=draw(st.builds(Redirects, is_custom=st.booleans(), agent_url=st.none() | texts)),
        participants=(OWNER_ROW, *draw(guests)),
        links=tuple(draw(st.lists(st.builds(Link, key=ids, entity=texts, description=texts), max_size=2))),
        publication=draw(
            st.builds(
                Publication,
                is_published=st.booleans(),
                published_from=st.none() | instants(),
                published_to=st.none() | instants(),
            )
        ),
    )


views = st.builds(
    Seen,
    zone=st.sampled_from(ZONES),
    tagged=st.booleans(),
    language=st.sampled_from([None, Language(("no",)), Language(("en",))]),
    has_conflict=st.sampled_from([None, False, True]),
)


@given(appointments(), views, st.booleans())
@settings(max_examples=60, deadline=None)
def test_sending_the_answer_back_changes_nothing(row, seen, had_conflict):
    answered = replace(
        seen.of(row), has_conflict=seen.has_conflict if seen.has_conflict is not None else had_conflict
    )
    body = json.loads(entity(row, answered))
    edited = edit_of_entity(body, seen.context)(row, seen.view)
    assert edited.appointment == row
    assert edited.ignored == ()
    assert edit_of_patch(body, seen.context)(row, seen.view).appointment == row


@given(appointments(), views, st.sampled_from(MEMBERS))
@settings(max_examples=60, deadline=None)
def test_setting_a_member_to_what_it_shows_changes_nothing(row, seen, member):
    shown = member.write(row, seen.of(row))
    for op in ("replace", "test"):
        if op == "test" and seen.has_conflict is None and member.name == "HasConflict":
            continue
        edit = edit_of_patch([{"op": op, "path": member.name, "value": copy.deepcopy(shown)}], seen.context)
        assert edit(row, seen.view).appointment == row


# A value for each member that can be set, and what of the row may then be another.
SET = {
    "Description": ("other", {"description"}),
    "Title": ("other", {"title"}),
    "Location": ("other", {"location"}),
    "StartDate": ("2027-01-01T10:00:00Z", {"starts_at"}),
    "EndDate": ("2027-01-01T10:00:00Z", {"ends_at"}),
    "Private": ("PrivateUser", {"privacy", "visible_for"}),
    "Completed": ("Started", {"status"}),
    "Type": ("Note", {"kind"}),
    "AlarmLeadTime": ("PT7M", {"alarm_minutes"}),
    "IsFree": (True, {"is_free"}),
    "Associate": ({"AssociateId": 3}, {"owner_id"}),
    "Task": ({"TaskListItemId": 2}, {"task_id"}),
    "Links": ([], {"links"}),
    "Participants": ([{"AssociateId": 1}, {"AssociateId": 3}], {"participants"}),
    "PublishFrom": ("2027-01-01T10:00:00Z", {"publication"}),
    "CustomFields": ({"SuperOffice:2": 77}, {"custom_fields"}),
    "ExtraFields": ({"x_new": "77"}, {"extra_fields"}),
    "PreferredTZLocation": (460, {"preferred_zone"}),
}


@given(appointments(), views, st.sampled_from(sorted(SET)))
@settings(max_examples=60, deadline=None)
def test_patching_one_member_changes_no_other(row, seen, name):
    value, allowed = SET[name]
    for body in ({name: value}, [{"op": "replace", "path": name.lower(), "value": value}]):
        before, after = asdict(row), asdict(edit_of_patch(body, seen.context)(row, seen.view).appointment)
        assert {key for key in before if before[key] != after[key]} <= allowed


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
names = st.sampled_from([member.name for member in MEMBERS] + ["Nothing", "x"])
keys = st.sampled_from(
    [
        "AssociateId",
        "Name",
        "PersonId",
        "Id",
        "Value",
        "0",
        "-",
        "1",
        "SuperOffice:2",
        "SuperOffice:3",
        "x_status",
        "x_claimant_email",
        "x_department",
        "x_uid",
        "IsRecurrence",
        "Visibility",
        "InvitationStatus",
        "EntityName",
    ]
)
values = (
    json_values
    | st.dictionaries(keys, json_values, max_size=3)
    | st.lists(st.dictionaries(keys, json_values), max_size=2)
)
operations = st.builds(
    lambda op, name, key, value: {"op": op, "path": name if key is None else f"{name}/{key}", "value": value},
    st.sampled_from(["add", "replace", "remove", "test"]),
    names,
    st.none() | keys,
    values,
)


@given(st.lists(operations, min_size=1, max_size=4) | st.dictionaries(names, values, max_size=4), views)
@example([{"op": "replace", "path": "CreatedDate", "value": ""}], Seen())
@settings(max_examples=150, deadline=None)
def test_any_body_is_an_edit_or_a_refusal(body, seen):
    row = video()
    before = copy.deepcopy(entity_tree(row, seen.of(row)))
    kinds = [edit_of_patch] if isinstance(body, list) else [edit_of_patch, edit_of_entity]
    for kind in kinds:
        with suppress(PatchRejected, InvalidAppointment):
            kind(body, seen.context)(row, seen.view)
    if isinstance(body, dict):
        with suppress(InvalidAppointment):
            new_of_entity(body, seen.context, seen.principal)(NAMES, seen.view)
    # Neither the row nor the renderings that requests share were touched.
    assert row == video()
    assert entity_tree(row, seen.of(row)) == before
