"""`test` reads its value as the member's type."""

import pytest

from appointed.domain.errors import TestFailed
from appointed.superoffice.render import entity_tree
from tests.superoffice.editing import patch
from tests.superoffice.rows import DEMO_EYES, NEW_YORK, Seen, full, video


def holds(path, value, row=None, seen=DEMO_EYES):
    try:
        patch([{"op": "test", "path": path, "value": value}], row, seen)
    except TestFailed:
        return False
    return True


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Title", "Title"),
        ("StartDate", "2026-03-03T10:00:00"),
        ("StartDate", "2026-03-03T09:00:00Z"),
        ("startdate", "2026-03-03T04:00:00.000-0500"),
        ("CreatedDate", "2026-02-01T12:00:00Z"),
        ("PublishTo", "9999-12-31T23:59:59"),
        ("Private", "public"),
        ("Private", 0),
        ("Private", "0"),
        ("Completed", 1),
        ("AlarmLeadTime", "PT15M"),
        ("AlarmLeadTime", "0:15"),
        ("LagTime", "P1DT1H"),
        ("ColorIndex", 3),
        ("ColorIndex", 3.0),
        ("HasAlarm", True),
        ("Associate", {"AssociateId": 1}),
        ("associate", {"associateid": 1, "Name": "stale"}),
        ("Associate/AssociateId", 1),
        ("Associate/Type", "internalassociate"),
        ("Task/Type", 1),
        ("Contact", {"contactId": 2.0}),
        ("Participants/1/InvitationStatus", 5),
        ("Participants/1/SendEmail", True),
        ("Recurrence/Pattern", 2),
        ("Recurrence/WeekPattern/Weekdays", 2),
        ("Recurrence/StartDate", "2026-03-03"),
        ("Recurrence/Dates/0/Date", "2026-03-03T00:00:00"),
        ("TableRight", {"mask": 15, "reason": ""}),
        ("VisibleFor/0/Visibility", 0),
        ("CustomFields/SuperOffice:2", "[I:5]"),
        ("CustomFields/SuperOffice:2", 5),
        ("CustomFields/superoffice:4", True),
        ("UserDefinedFields/SuperOffice:3", "2026-03-05"),
        ("CustomFields/SuperOffice:1:org", "Note"),
        ("CustomFields/x_status", "scheduled"),
        ("ExtraFields", {"X_FOOBAR": "baz"}),
        (
            "Links",
            [
                {
                    "EntityName": "document",
                    "Id": 1,
                    "Description": "Offer",
                    "ExtraInfo": None,
                    "LinkId": 3,
                    "TableRight": None,
                    "FieldProperties": {},
                }
            ],
        ),
    ],
)
def test_the_same_in_another_form(path, value):
    assert holds(path, value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Title", "title"),
        ("Title", None),
        ("StartDate", "2026-03-03T10:00:01"),
        ("StartDate", "2026-03-03T10:00:00Z"),
        ("StartDate", "garbage"),
        ("StartDate", 5),
        ("Private", 1),
        ("Private", "Nothing"),
        ("Private", False),
        ("AlarmLeadTime", 15),
        ("AlarmLeadTime", "PT16M"),
        ("ColorIndex", "3"),
        ("ColorIndex", [3]),
        ("ColorIndex", True),
        ("HasAlarm", 1),
        ("HasAlarm", "true"),
        ("Associate", {"AssociateId": 2}),
        ("Associate", {"AssociateId": "1"}),
        ("Associate", {"Name": "demo"}),
        ("Associate", None),
        ("Associate", 1),
        ("Participants", []),
        ("Participants/1", {"PersonId": 4}),
        ("Recurrence/StartDate", "2026-03-04"),
        ("Recurrence/StartDate", None),
        ("Links", [{"EntityName": "document"}]),
        ("Links", {}),
        ("ExtraFields", {"x_foobar": "other"}),
        ("ExtraFields", []),
        ("CustomFields/SuperOffice:2", 6),
        ("CustomFields/SuperOffice:2", "five"),
        ("CustomFields/SuperOffice:2", None),
        ("CustomFields/x_status", "Scheduled"),
    ],
)
def test_another_value(path, value):
    assert not holds(path, value)


def test_null_is_null():
    assert holds("Person", None, full(person_id=0))
    assert not holds("Person", {}, full(person_id=0))


def test_whole_members_as_they_are_answered():
    for row in (full(), video()):
        for name, value in entity_tree(row, DEMO_EYES.of(row)).items():
            assert holds(name, value, row), name


def test_untagged_times_are_those_of_the_zone_asked_for():
    assert holds("StartDate", "2026-03-03T04:00:00", seen=Seen(zone=NEW_YORK))


def test_what_nobody_looked_up_is_never_the_same():
    for value in (True, False):
        assert not holds("HasConflict", value, seen=Seen(has_conflict=None))
    assert holds("HasConflict", True, seen=Seen(has_conflict=True))
