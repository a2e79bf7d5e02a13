"""Bodies become edits: JSON Patch, merge patch, whole entities and new ones."""

import dataclasses
import json
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.directory import View
from appointed.domain.errors import (
    InvalidAppointment,
    InvalidPatch,
    InvalidPointer,
    MissingBody,
    OperationNotSupported,
    PathNotFound,
    ReadOnlyMember,
    TestFailed,
    TooManyOperations,
)
from appointed.superoffice.defaults import default_appointment
from appointed.superoffice.dialect import (
    asks_conflict,
    edit_of_entity,
    edit_of_patch,
    new_of_entity,
    validate,
)
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.render import entity, entity_tree
from appointed.superoffice.texts import Language
from appointed.usecases.demo_data import CLIENT, KARI, OLA
from tests.superoffice.editing import new, patch, put, replaced
from tests.superoffice.rows import DEMO_EYES, NAMES, NEW_YORK, NOW, UTC_ZONE, Seen, full, video

VIEWS = [
    Seen(),
    Seen(zone=NEW_YORK),
    Seen(zone=NEW_YORK, tagged=True),
    Seen(zone=UTC_ZONE, tagged=True, language=Language(("no",))),
    Seen(language=Language(("en",)), has_conflict=None),
    Seen(zone=UTC_ZONE, tagged=True, has_conflict=None),
]


def sent_back(row, seen):
    """The answer to GET as a client sends it back; only answers look for conflicts."""
    answered = dataclasses.replace(seen, has_conflict=True) if seen.has_conflict is None else seen
    return json.loads(entity(row, answered.of(row)))


class TestJsonPatch:
    def test_the_documented_example(self):
        for path in ("/description", "Description", "description", "/DESCRIPTION"):
            assert replaced(path, "foo") == full(description="foo")

    @pytest.mark.parametrize("body", [[], {}])
    def test_an_empty_patch_changes_nothing(self, body):
        assert patch(body) == patch([])
        assert patch(body).appointment == full()

    @pytest.mark.parametrize("body", [5, None, "x", True, 1.5])
    def test_other_bodies_are_no_patches(self, body):
        with pytest.raises(InvalidPatch):
            edit_of_patch(body, DEMO_EYES.context)

    def test_what_is_wrong_with_the_document_is_told_before_any_row_is_read(self):
        with pytest.raises(OperationNotSupported):
            edit_of_patch([{"op": "move", "path": "a", "from": "b"}], DEMO_EYES.context)
        with pytest.raises(TooManyOperations):
            edit_of_patch([{"op": "remove", "path": "Title"}] * 101, DEMO_EYES.context)
        with pytest.raises(InvalidPointer):
            edit_of_patch([{"op": "remove", "path": "a~2"}], DEMO_EYES.context)

    @pytest.mark.parametrize(
        "path", ["aut", "/__class__", "/Title/x", "Person/Nothing", "/../..", "Links/7", "_links/x"]
    )
    def test_paths_that_name_nothing(self, path):
        with pytest.raises(PathNotFound) as error:
            patch(
                [{"op": "test", "path": "Title", "value": "Title"}, {"op": "add", "path": path, "value": {}}]
            )
        assert (error.value.index, error.value.path) == (1, path)

    @pytest.mark.parametrize("op", ["add", "replace"])
    def test_a_member_that_is_null_exists(self, op):
        row = full(person_id=0)
        assert (
            patch([{"op": op, "path": "/Person", "value": {"PersonId": 1}}], row).appointment.person_id == 1
        )

    def test_below_null_there_is_nothing(self):
        with pytest.raises(PathNotFound):
            patch([{"op": "replace", "path": "/Person/PersonId", "value": 1}], full(person_id=0))

    def test_removing_is_setting_null(self):
        assert patch([{"op": "remove", "path": "Location"}]).appointment == full(location="")
        assert patch([{"op": "remove", "path": "Contact"}]).appointment == full(contact_id=0)

    def test_later_operations_see_what_earlier_ones_left(self):
        operations = [
            {"op": "replace", "path": "Title", "value": "one"},
            {"op": "test", "path": "title", "value": "one"},
            {"op": "replace", "path": "/Title", "value": "two"},
        ]
        assert patch(operations).appointment == full(title="two")

    def test_a_failed_test_leaves_everything(self):
        operations = [
            {"op": "replace", "path": "Title", "value": "one"},
            {"op": "test", "path": "Location", "value": "elsewhere"},
        ]
        with pytest.raises(TestFailed) as error:
            patch(operations)
        assert (error.value.index, error.value.path) == (1, "Location")

    def test_the_root_is_a_whole_entity(self):
        body = sent_back(full(), DEMO_EYES) | {"Title": "new"}
        assert patch([{"op": "replace", "path": "", "value": body}]).appointment == full(title="new")
        with pytest.raises(InvalidPatch):
            patch([{"op": "replace", "path": "", "value": 5}])
        with pytest.raises(ReadOnlyMember) as error:
            patch([{"op": "add", "path": "", "value": body | {"AppointmentId": 64}}])
        assert (error.value.index, error.value.path) == (0, "")


FIXED = [
    ("AppointmentId", 7),
    ("CreatedBy", {"AssociateId": 2}),
    ("CreatedBy", None),
    ("CreatedBy/AssociateId", 2),
    ("CreatedDate", "2020-01-01T00:00:00"),
    ("HasConflict", True),
    ("PreferredTZLocationData", None),
    ("preferredtzlocationdata/name", "Mars"),
]
KEPT = [
    ("UpdatedBy", {"AssociateId": 1}),
    ("UpdatedDate", "2020-01-01T00:00:00"),
    ("MotherId", 5),
    ("ActiveLinks", 9),
    ("RejectCounter", 9),
    ("BookingType", "Owner"),
    ("ActiveDate", "2020-01-01T00:00:00"),
    ("MotherAssociate", {"AssociateId": 2}),
    ("TableRight", {"Mask": "None", "Reason": ""}),
    ("FieldProperties", {"Title": {"FieldType": "other"}}),
    ("_Links", {"Self": "https://evil.example"}),
]


class TestFixedMembers:
    @pytest.mark.parametrize(("path", "value"), FIXED)
    def test_a_json_patch_may_not_change_them(self, path, value):
        operations = [
            {"op": "replace", "path": "Title", "value": "x"},
            {"op": "replace", "path": path, "value": value},
        ]
        with pytest.raises(ReadOnlyMember) as error:
            patch(operations)
        assert (error.value.index, error.value.path) == (1, path)

    def test_the_last_operation_that_changed_it_is_told(self):
        operations = [
            {"op": "replace", "path": "CreatedBy/AssociateId", "value": 2},
            {"op": "test", "path": "CreatedBy/AssociateId", "value": 2},
            {"op": "replace", "path": "createdby", "value": {"AssociateId": 3}},
            {"op": "test", "path": "CreatedBy", "value": {"AssociateId": 3}},
        ]
        with pytest.raises(ReadOnlyMember) as error:
            patch(operations)
        assert error.value.index == 2

    def test_a_conflict_that_nobody_looked_for_cannot_be_claimed(self):
        with pytest.raises(ReadOnlyMember):
            replaced("HasConflict", True, seen=Seen(has_conflict=None))

    def test_the_same_value_is_no_change(self):
        operations = [
            {"op": "replace", "path": "AppointmentId", "value": 63},
            {"op": "replace", "path": "CreatedBy", "value": {"AssociateId": 1}},
            {"op": "replace", "path": "CreatedDate", "value": "2026-02-01T12:00:00Z"},
            {"op": "replace", "path": "HasConflict", "value": False},
        ]
        assert patch(operations) == patch([])

    def test_a_text_beside_the_same_id_is_ignored_and_named(self):
        value = {"AssociateId": 1, "Name": "stale"}
        operations = [{"op": "replace", "path": "CreatedBy", "value": value}]
        assert patch(operations) == replace(patch([]), ignored=("CreatedBy.Name",))

    @pytest.mark.parametrize(("path", "value"), [one for one in FIXED if "/" not in one[0]])
    def test_a_merge_or_entity_ignores_and_names_them(self, path, value):
        edited = patch({path[0].lower() + path[1:]: value})
        assert edited.appointment == full()
        assert edited.ignored == (path,)
        if value is not None:
            whole = put(sent_back(full(), DEMO_EYES) | {path: value})
            assert (whole.appointment, whole.ignored) == (full(), (path,))

    @pytest.mark.parametrize(("path", "value"), KEPT)
    def test_what_the_server_keeps_is_ignored_and_named(self, path, value):
        for body in ({path: value}, [{"op": "replace", "path": path, "value": value}]):
            edited = patch(body)
            assert (edited.appointment, edited.ignored) == (full(), (path,))

    def test_unknown_members_are_ignored(self):
        body = {"nothing": 1, "Title": "x", "Participant": [], "": 5}
        assert patch(body).appointment == full(title="x")
        assert put(sent_back(full(), DEMO_EYES) | {"Extra": 1, "extension": {}}).appointment == full()


class TestMerge:
    @pytest.mark.parametrize(
        ("body", "changes"),
        [
            ({"Task": {"TaskListItemId": 2}}, {"task_id": 2}),
            ({"description": "z"}, {"description": "z"}),
            ({"Person": None}, {"person_id": 0}),
            ({"Title": None, "Agenda": None}, {"title": None, "agenda": ""}),
            (
                {"CustomFields": {"SuperOffice:2": 7}},
                {"custom_fields": full().custom_fields | {"SuperOffice:2": 7}},
            ),
        ],
    )
    def test_it_sets_what_it_names(self, body, changes):
        assert patch(body).appointment == full(**changes)


class TestPut:
    @pytest.mark.parametrize("seen", VIEWS)
    @pytest.mark.parametrize(
        "row", [full(), video(), full(title=None, extra_fields={}, custom_fields={}, links=())]
    )
    def test_sending_the_answer_back_changes_nothing(self, row, seen):
        edited = put(sent_back(row, seen), row, seen)
        assert edited.appointment == row
        assert edited.ignored == ()

    def test_as_the_official_client_writes_it(self):
        """camelCase names, odd initials, dates as UTC with milliseconds, masks and enums as numbers."""
        body = {name[0].lower() + name[1:]: value for name, value in sent_back(full(), DEMO_EYES).items()}
        body["startDate"], body["endDate"] = "2026-03-03T09:00:00.000Z", "2026-03-03T10:00:00.000Z"
        body["createdDate"] = "2026-02-01T12:00:00.000Z"
        body["alarmLeadTime"], body["lagTime"] = "PT15M", "P1DT1H"
        body["private"], body["type"], body["completed"] = 0, 1, 1
        body["tableRight"] = {"mask": 15, "reason": ""}
        body["recurrence"]["WeekPattern"]["Weekdays"] = 2
        body["recurrence"]["Pattern"] = 2
        body["contact"] = {"contactId": 2, "uRL": "https://x.example", "tableRight": {"mask": 15}}
        body["participants"][0]["invitationStatus"] = 2
        body["description"] = "changed"
        edited = put(body)
        assert edited.appointment == full(description="changed")
        # The company's own, which an appointment does not change.
        assert edited.ignored == ("Contact.URL",)

    def test_a_member_left_out_is_cleared(self):
        body = sent_back(full(), DEMO_EYES)
        for name in (
            "Location",
            "Contact",
            "AlarmLeadTime",
            "IsMileStone",
            "Private",
            "Title",
            "PublishEventDate",
        ):
            del body[name]
        after = put(body).appointment
        expected = full(
            location="",
            contact_id=0,
            alarm_minutes=0,
            is_milestone=False,
            title=None,
            publication=replace(full().publication, event_at=None),
        )
        assert after == expected

    def test_null_clears_as_well(self):
        body = sent_back(full(), DEMO_EYES) | {"Location": None, "Priority": None, "Participants": None}
        after = put(body).appointment
        assert (after.location, after.priority_id, len(after.participants)) == ("", 0, 1)

    def test_dictionaries_and_newer_members_left_out_stay(self):
        body = sent_back(full(), DEMO_EYES)
        for name in (
            "CustomFields",
            "UserDefinedFields",
            "ExtraFields",
            "OwnedExternally",
            "_Links",
            "FieldProperties",
        ):
            del body[name]
        assert put(body).appointment == full()
        assert put(body | {"CustomFields": None, "Recurrence": None}).appointment == full()

    def test_the_times_cannot_be_left_out(self):
        with pytest.raises(InvalidAppointment) as error:
            put({"Title": "only"})
        assert {(one.path, one.rule) for one in error.value.problems} == {
            ("StartDate", "required"),
            ("EndDate", "required"),
        }

    def test_nothing_to_save(self):
        with pytest.raises(MissingBody):
            edit_of_entity(None, DEMO_EYES.context)
        with pytest.raises(InvalidPatch):
            edit_of_entity([], DEMO_EYES.context)


class TestNew:
    def test_defaults_of_an_empty_one(self):
        row = new({}).appointment
        assert (row.owner_id, row.created_by, row.task_id, row.kind) == (1, 1, 1, Kind.DIARY)
        assert row.starts_at.isoformat() == "2026-03-02T08:30:00+00:00"
        assert row.ends_at.isoformat() == "2026-03-02T09:30:00+00:00"
        assert (row.privacy, row.title, row.id) == (Privacy.PUBLIC, None, -1)
        assert row.reference == NAMES.reference

    def test_the_quick_start(self):
        made = new({"Contact": {"ContactId": 2}, "Description": "Hello world!"})
        assert made.appointment == replace(new({}).appointment, contact_id=2, description="Hello world!")
        assert entity_tree(made.appointment, DEMO_EYES.of(made.appointment))["AppointmentId"] == 0

    def test_the_official_clients_first_request(self):
        row = new(
            {
                "description": "z",
                "startDate": "2026-05-01T10:00:00.000Z",
                "type": 1,
                "associate": {"associateId": 3},
            }
        ).appointment
        assert row.owner_id == 3
        assert row.starts_at.isoformat() == "2026-05-01T10:00:00+00:00"
        assert row.ends_at.isoformat() == "2026-05-01T11:00:00+00:00"

    def test_an_end_of_its_own(self):
        row = new({"StartDate": "2026-05-01T10:00:00Z", "EndDate": "2026-05-01T09:00:00Z"}).appointment
        assert row.ends_at.isoformat() == "2026-05-01T09:00:00+00:00"

    def test_null_leaves_the_default(self):
        body = dict.fromkeys(member.name for member in MEMBERS)
        assert new(body) == new({})

    def test_the_default_entity_sent_whole(self):
        other = replace(NAMES, uid=UUID(int=9), reference="OTHER")
        earlier = View(DEMO_EYES.view.directory, NOW - timedelta(seconds=5))
        default = default_appointment(other, DEMO_EYES.principal, earlier)
        body = sent_back(default, Seen(has_conflict=None)) | {"Description": "Text", "Title": ""}
        made = new(body, Seen(has_conflict=None))
        assert made.appointment == replace(new({}).appointment, description="Text")
        assert made.ignored == ()

    def test_what_the_server_keeps_is_named(self):
        made = new(
            {"AppointmentId": 5, "UpdatedDate": "2020-01-01T00:00:00", "CustomFields": {"x_uid": "mine"}}
        )
        assert made.appointment == new({}).appointment
        assert made.ignored == ("AppointmentId", "UpdatedDate", "CustomFields.x_uid")

    def test_a_client_creates_for_its_department(self):
        row = new({}, Seen(by=CLIENT)).appointment
        assert (row.owner_id, row.created_by) == (1, CLIENT)

    def test_problems(self):
        with pytest.raises(InvalidAppointment):
            new({"StartDate": "soon"})
        with pytest.raises(MissingBody):
            new_of_entity(None, DEMO_EYES.context, DEMO_EYES.principal)


class TestValidate:
    def validated(self, body):
        return validate(body, DEMO_EYES.context, DEMO_EYES.principal, NAMES, DEMO_EYES.view)

    def test_nothing_is_wrong(self):
        assert self.validated({"Title": "x"}) == {}

    def test_each_member_that_cannot_be_read(self):
        assert set(self.validated({"Title": 5, "Task": {"Value": "None such"}})) == {"Title", "Task.Value"}

    def test_both_at_once(self):
        assert set(self.validated({"Title": 5, "Location": "x" * 255})) == {"Title", "Location"}

    def test_each_rule_that_is_broken(self):
        found = self.validated({"Location": "x" * 255, "EndDate": "2029-01-01T00:00:00"})
        assert set(found) == {"Location", "EndDate"}


class TestRights:
    def test_a_test_on_what_may_not_be_read_always_fails_alike(self):
        row = video(owner_id=OLA, created_by=OLA, privacy=Privacy.OWNER)
        seen = Seen(by=KARI)
        errors = []
        for value in ("Jane Roe", "wrong", ""):
            with pytest.raises(TestFailed) as error:
                patch([{"op": "test", "path": "Title", "value": value}], row, seen)
            errors.append((type(error.value), error.value.index, error.value.path, error.value.reason))
        assert len(set(errors)) == 1


def test_bodies_that_ask_about_conflicts_are_known():
    assert asks_conflict([{"op": "test", "path": "hasConflict", "value": True}])
    assert asks_conflict({"Recurrence": {}})
    assert not asks_conflict([{"op": "replace", "path": "Title", "value": "x"}])
    assert not asks_conflict({"Title": "x"})
    assert not asks_conflict(5)
