"""Each kind of member is read in every form clients send, and refused under its wire path otherwise."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import asdict

from appointed.domain.appointment import (
    AssignmentStatus,
    Caution,
    ExternalOwner,
    Kind,
    Privacy,
    Visibility,
    VisibleFor,
)
from appointed.domain.diary import settle
from appointed.domain.errors import InvalidAppointment
from appointed.domain.participant import InvitationStatus
from appointed.domain.rights import viewers
from appointed.domain.status import Status
from appointed.superoffice.problems import summary
from tests.builders import view
from tests.superoffice.editing import patch, problems, replaced
from tests.superoffice.rows import NEW_YORK, Seen, full

AT = datetime(2026, 3, 3, 12, 34, 45, tzinfo=UTC)

# (wire name, value, attribute, what the row then holds)
READ = [
    ("Description", "z", "description", "z"),
    ("Description", None, "description", ""),
    ("Title", "z", "title", "z"),
    ("Title", None, "title", None),
    ("Title", "", "title", None),
    ("Agenda", "z", "agenda", "z"),
    ("InternalNotes", "", "internal_notes", ""),
    ("Location", "z", "location", "z"),
    ("RejectReason", "z", "reject_reason", "z"),
    ("JoinVideomeetUrl", "https://x.example", "video_url", "https://x.example"),
    ("CentralserviceVideomeetId", None, "video_meeting_id", ""),
    ("StartDate", "2026-03-03T13:34:45", "starts_at", AT),
    ("StartDate", "2026-03-03T12:34:45Z", "starts_at", AT),
    ("StartDate", "2026-03-03T12:34:45.999Z", "starts_at", AT),
    ("StartDate", "2026-03-03T07:34:45-0500", "starts_at", AT),
    ("EndDate", "2026-03-03T14:34:45+02:00", "ends_at", AT),
    ("EndDate", "2026-03-03", "ends_at", datetime(2026, 3, 2, 23, tzinfo=UTC)),
    ("Private", "PrivateUser", "privacy", Privacy.OWNER),
    ("Private", "privategroup", "privacy", Privacy.GROUP),
    ("Private", 1, "privacy", Privacy.OWNER),
    ("Private", "2", "privacy", Privacy.GROUP),
    ("Private", None, "privacy", Privacy.PUBLIC),
    ("Type", "inChecklist", "kind", Kind.CHECKLIST),
    ("Type", "INDIARY", "kind", Kind.DIARY),
    ("Type", 3, "kind", Kind.NOTE),
    ("Completed", "Completed", "status", Status.COMPLETE),
    ("Completed", 2, "status", Status.BEING_SEEN),
    ("Completed", 0, "status", Status.SCHEDULED),
    ("AlarmLeadTime", "PT1H30M", "alarm_minutes", 90),
    ("AlarmLeadTime", "01:30:00", "alarm_minutes", 90),
    ("LeadTime", "1.00:00:00", "lead_minutes", 1440),
    ("LagTime", "P1D", "lag_minutes", 1440),
    ("LagTime", None, "lag_minutes", 0),
    ("HasAlarm", False, "has_alarm", False),
    ("HasAlarm", "false", "has_alarm", False),
    ("HasAlarm", None, "has_alarm", False),
    ("IsFree", True, "is_free", True),
    ("IsAlldayEvent", True, "is_all_day", True),
    ("IsMileStone", False, "is_milestone", False),
    ("ColorIndex", 5, "color_index", 5),
    ("ColorIndex", "5", "color_index", 5),
    ("ColorIndex", 5.0, "color_index", 5),
    ("ColorIndex", None, "color_index", 0),
    ("SuggestedAppointmentId", 9, "suggested_appointment_id", 9),
    ("AssignmentStatus", "Declined", "assignment_status", AssignmentStatus.DECLINED),
    ("InvitationStatus", 5, "invitation_status", InvitationStatus.INVITATION),
    ("CautionWarning", "NotInSync", "caution", Caution.NOT_IN_SYNC),
    ("OwnedExternally", "google", "external_owner", ExternalOwner.GOOGLE),
    ("PreferredTZLocation", 460, "preferred_zone", 460),
    ("PreferredTZLocation", 0, "preferred_zone", 0),
    ("Associate", {"AssociateId": "2"}, "owner_id", 2),
    ("Associate", {"associateId": 3}, "owner_id", 3),
    ("Associate", {"AssociateId": 0, "Name": "kari"}, "owner_id", 2),
    ("Contact", {"ContactId": 3}, "contact_id", 3),
    ("Contact", None, "contact_id", 0),
    ("Person", {"PersonId": 1}, "person_id", 1),
    ("Project", None, "project_id", 0),
    ("Sale", {"SaleId": 0}, "sale_id", 0),
    ("Task", {"TaskListItemId": 2}, "task_id", 2),
    ("Priority", {"Id": 3}, "priority_id", 3),
    ("AssignedBy", None, "assigned_by", 0),
    ("InvitedPerson", {"PersonId": 4}, "invited_person_id", 4),
]


@pytest.mark.parametrize(("name", "value", "attribute", "expected"), READ)
@pytest.mark.parametrize("way", ["patch", "merge"])
def test_a_member_is_read(name, value, attribute, expected, way):
    body = {name: value} if way == "merge" else [{"op": "replace", "path": name, "value": value}]
    after = patch(body).appointment
    assert getattr(after, attribute) == expected


@pytest.mark.parametrize(("name", "value", "attribute", "expected"), READ)
def test_reading_one_member_changes_no_other(name, value, attribute, expected):
    before, after = asdict(full()), asdict(replaced(name, value))
    changed = {key for key in before if before[key] != after[key]}
    # The privacy and the list of those who may see the record say the same.
    assert changed <= {attribute} | ({"visible_for"} if attribute == "privacy" else set())


# (wire name, value, path of the problem, rule)
WRONG = [
    ("Description", 5, "Description", "string"),
    ("Title", {}, "Title", "string"),
    ("Location", ["x"], "Location", "string"),
    ("StartDate", None, "StartDate", "required"),
    ("EndDate", None, "EndDate", "required"),
    ("StartDate", 1772538000, "StartDate", "date"),
    ("StartDate", "2026-02-30T10:00:00", "StartDate", "date"),
    ("StartDate", "10000-01-01T00:00:00", "StartDate", "date"),
    ("StartDate", "2026-03-03T10:00:61", "StartDate", "date"),
    ("StartDate", "tomorrow", "StartDate", "date"),
    ("PublishFrom", "garbage", "PublishFrom", "date"),
    ("Private", "Secret", "Private", "enum"),
    ("Private", 7, "Private", "enum"),
    ("Private", True, "Private", "enum"),
    ("Type", {}, "Type", "enum"),
    ("Completed", "Done", "Completed", "enum"),
    ("AlarmLeadTime", "90", "AlarmLeadTime", "duration"),
    ("AlarmLeadTime", 90, "AlarmLeadTime", "duration"),
    ("LagTime", "PT99999M", "LagTime", "duration"),
    ("HasAlarm", 1, "HasAlarm", "boolean"),
    ("HasAlarm", "yes", "HasAlarm", "boolean"),
    ("IsPublished", [], "IsPublished", "boolean"),
    ("ColorIndex", True, "ColorIndex", "integer"),
    ("ColorIndex", 1.5, "ColorIndex", "integer"),
    ("ColorIndex", "five", "ColorIndex", "integer"),
    ("ColorIndex", 2**31, "ColorIndex", "integer"),
    ("SuggestedAppointmentId", -1, "SuggestedAppointmentId", "range"),
    ("PreferredTZLocation", 99999, "PreferredTZLocation", "exists"),
    ("PreferredTZLocation", "NO", "PreferredTZLocation", "integer"),
    ("Associate", 2, "Associate", "object"),
    ("Associate", {"AssociateId": 99}, "Associate.AssociateId", "exists"),
    ("Associate", {"AssociateId": 9}, "Associate.AssociateId", "exists"),
    ("Associate", {"AssociateId": "x"}, "Associate.AssociateId", "integer"),
    ("Associate", {"AssociateId": -2}, "Associate.AssociateId", "integer"),
    ("Associate", {"Name": "nobody"}, "Associate.Name", "exists"),
    ("Associate", {"Name": 5}, "Associate.Name", "string"),
    ("Associate", {"GroupIdx": 5}, "Associate.AssociateId", "required"),
    ("Task", {"Value": "Nothing"}, "Task.Value", "exists"),
    ("Contact", {"ContactId": True}, "Contact.ContactId", "integer"),
    ("Recurrence", 5, "Recurrence", "object"),
    ("Recurrence", {"IsRecurrence": True, "Pattern": "Hourly"}, "Recurrence.Pattern", "enum"),
    ("Recurrence", {"isRecurrence": "maybe"}, "Recurrence.IsRecurrence", "boolean"),
    ("Participants", {"AssociateId": 1}, "Participants", "array"),
    ("Links", "x", "Links", "array"),
    ("VisibleFor", 1, "VisibleFor", "array"),
    ("CustomFields", [], "CustomFields", "object"),
    ("ExtraFields", "x", "ExtraFields", "object"),
]


@pytest.mark.parametrize(("name", "value", "path", "rule"), WRONG)
def test_a_wrong_value_is_a_problem(name, value, path, rule):
    assert problems([{"op": "replace", "path": name, "value": value}]) == {path: rule}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"Pattern": "Hourly"}, "Pattern must be one of Daily, Weekly, Monthly, Yearly, Custom"),
        (
            {"Pattern": "Monthly", "MonthPattern": {"Pattern": "Often"}},
            "MonthPattern.Pattern must be one of DayOfMonth, WeekdayOfMonth",
        ),
        (
            {"Pattern": "Weekly", "WeekPattern": {"Weekdays": "Noday"}},
            "WeekPattern.Weekdays must be one of Monday, Tuesday",
        ),
    ],
    ids=["pattern", "month", "weekdays"],
)
def test_what_a_rule_may_say_is_named(rule, said):
    with pytest.raises(InvalidAppointment) as caught:
        patch({"Recurrence": {"IsRecurrence": True} | rule})
    assert f"Recurrence.{said}" in summary(caught.value.problems)


def test_all_problems_are_told_at_once():
    assert problems({"Title": 1, "startDate": "x", "hasAlarm": 3, "Task": {"TaskListItemId": 99}}) == {
        "Title": "string",
        "StartDate": "date",
        "HasAlarm": "boolean",
        "Task.TaskListItemId": "exists",
    }


def test_broken_rules_are_told_with_them():
    assert problems({"Title": 1, "Location": "x" * 255}) == {"Title": "string", "location": "longest"}


class TestTimes:
    def test_an_untagged_time_is_wall_time_of_the_zone_asked_for(self):
        after = replaced("StartDate", "2026-03-03T07:34:45", seen=Seen(zone=NEW_YORK))
        assert after.starts_at == AT

    def test_the_start_alone_keeps_the_end(self):
        before = full()
        assert replaced("StartDate", "2026-03-03T12:34:45Z").ends_at == before.ends_at

    @pytest.mark.parametrize("hour", [0, 1])
    def test_in_both_overlap_hours_another_spelling_of_the_same_time_changes_nothing(self, hour):
        starts_at = datetime(2026, 10, 25, hour, 30, 0, 9, tzinfo=UTC)
        row = full(starts_at=starts_at, ends_at=starts_at)
        for spelling in ("2026-10-25T02:30:00", "2026-10-25T02:30:00.000", "2026-10-25 02:30"):
            assert replaced("StartDate", spelling, row) == row

    def test_another_spelling_of_a_date_of_publication_changes_nothing(self):
        assert replaced("PublishEventDate", "2026-03-03T09:00:00Z") == full()

    def test_bounds_of_publication_open_and_close(self):
        row = replaced("PublishFrom", "2026-03-03T12:34:45Z")
        assert row.publication.published_from == AT
        assert replaced("PublishFrom", "0001-01-01T00:00:00", row).publication.published_from is None
        assert replaced("PublishFrom", None, row).publication.published_from is None
        closed = replaced("PublishTo", "2026-03-03T12:34:45Z")
        assert closed.publication.published_to == AT
        assert replaced("PublishTo", "9999-12-31T23:59:59", closed).publication.published_to is None
        assert not replaced("IsPublished", None).publication.is_published


class TestStatus:
    @pytest.mark.parametrize("status", list(Status))
    def test_the_same_step_moves_nothing(self, status):
        row = full(status=status)
        step = {"scheduled": 1, "waiting": 1, "late": 1, "being_seen": 2}.get(status.value, 3)
        assert patch({"Completed": step, "Title": "x"}, row).appointment.status is status

    def test_the_field_wins_over_the_step(self):
        body = {"Completed": "Completed", "CustomFields": {"x_status": "no_show"}}
        assert patch(body).appointment.status is Status.NO_SHOW


class TestPrivacy:
    def changed(self, member, value, row=None):
        """What stands after a change, settled."""
        before = row or settle(None, full(), view())
        return settle(before, replaced(member, value, before), view())

    def test_the_list_follows_the_privacy(self):
        for privacy, found in (
            ("PrivateUser", VisibleFor(Visibility.ASSOCIATE, 1)),
            ("PrivateGroup", VisibleFor(Visibility.GROUP, 1)),
        ):
            assert self.changed("Private", privacy).visible_for == (found,)

    def test_the_privacy_follows_the_list(self):
        whole = settle(None, full(), view())
        row = self.changed("VisibleFor", [{"Visibility": "Associate", "VisibleId": 1}])
        assert row.privacy is Privacy.OWNER
        group = self.changed("VisibleFor", [{"Visibility": 2, "VisibleId": "1"}], row)
        assert group.privacy is Privacy.GROUP
        assert self.changed("VisibleFor", [], group) == whole
        assert self.changed("VisibleFor", [{"Visibility": "All"}], group) == whole
        assert self.changed("Private", "Public", group) == whole
        assert self.changed("VisibleFor", None, group).privacy is Privacy.PUBLIC

    def test_others_who_are_named_open_it_to_nobody_else(self):
        there = {"Visibility": "Group", "VisibleId": 2}
        row = replaced("VisibleFor", [there])
        assert (row.privacy, viewers(row)) == (Privacy.OWNER, {-2})
        own = {"Visibility": "Group", "VisibleId": 1}
        both = replaced("VisibleFor", [there, own, {"Visibility": "Associate", "VisibleId": 3}])
        assert (both.privacy, viewers(both)) == (Privacy.GROUP, {-2, 3})
        everybody = replaced("VisibleFor", [there, {"Visibility": "All"}])
        assert (everybody.privacy, viewers(everybody)) == (Privacy.PUBLIC, set())

    @pytest.mark.parametrize(
        ("item", "path", "rule"),
        [
            (5, "VisibleFor.0", "object"),
            ({"Visibility": "Nobody"}, "VisibleFor.0.Visibility", "enum"),
            ({"Visibility": "Group", "VisibleId": 99}, "VisibleFor.0.VisibleId", "exists"),
            ({"Visibility": "Associate"}, "VisibleFor.0.VisibleId", "integer"),
            ({"VisibleId": 2}, "VisibleFor.0.Visibility", "required"),
            ({"VisibleId": 2, "Visibility": None}, "VisibleFor.0.Visibility", "required"),
            ({"AssociateId": 2}, "VisibleFor.0.Visibility", "required"),
            ({"DisplayValue": "Kari"}, "VisibleFor.0.Visibility", "required"),
        ],
    )
    def test_wrong_rows_are_problems(self, item, path, rule):
        assert problems([{"op": "replace", "path": "VisibleFor", "value": [item]}]) == {path: rule}


class TestOwner:
    def test_null_is_the_caller(self):
        assert replaced("Associate", None, full(owner_id=2), Seen(by=1)).owner_id == 1

    def test_null_for_a_client_is_its_departments_default(self):
        assert replaced("Associate", None, full(owner_id=2), Seen(by=5)).owner_id == 1

    def test_a_deleted_owner_stays_until_another_comes(self):
        row = full(owner_id=9, created_by=1)
        assert replaced("Associate", {"AssociateId": 9, "Name": "new text"}, row) == row


class TestRecurrence:
    def test_a_rule_that_does_not_recur_changes_nothing(self):
        assert patch({"Recurrence": None}) == patch([])

    def test_another_rule_is_ignored_and_named(self):
        edited = patch([{"op": "replace", "path": "Recurrence/Pattern", "value": "Daily"}])
        assert edited.appointment == full()
        assert edited.ignored == ("Recurrence",)

    def test_a_rule_that_recurs_is_kept(self):
        edited = patch([{"op": "replace", "path": "Recurrence/IsRecurrence", "value": True}])
        series = edited.appointment.series
        assert series is not None
        assert (series.rule.pattern, series.zone) == ("weekly", "Europe/Oslo")
