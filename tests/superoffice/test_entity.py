"""The entity on the wire: complete, typed, and no more than the caller may see."""

import json
import re
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import ExternalOwner, Privacy
from appointed.domain.directory import View
from appointed.domain.recurrence import Pattern, Rule, Series
from appointed.domain.status import Status
from appointed.superoffice.carriers.entity_rights import SERVER_KEPT
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.render import entity, entity_tree
from appointed.superoffice.texts import Language
from appointed.usecases.demo_data import DEMO, KARI, OLA
from appointed.usecases.stock_lists import TEXTS
from tests.superoffice.rows import (
    BASE,
    CLAIMANT,
    DEMO_EYES,
    NEW_YORK,
    NOW,
    UTC_ZONE,
    Seen,
    directory,
    full,
    video,
)
from tests.superoffice.tables import rows

DICTIONARIES = ("UserDefinedFields", "CustomFields", "ExtraFields", "_Links", "FieldProperties")
KINDS = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
    type(None): "null",
}
# What the observed answer has as null, or always as null, ours may have filled.
NULLABLE = {"null", "string", "object"}


def tree(row, seen=DEMO_EYES):
    return entity_tree(row, seen.of(row))


def places(value, path=""):
    yield path, KINDS[type(value)]
    if isinstance(value, dict) and path.rpartition(".")[2] not in DICTIONARIES:
        for name, member in value.items():
            yield from places(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from places(item, f"{path}[]")


@pytest.mark.clause("SO-CARRIER-001")
def test_every_observed_key_is_there_with_its_type():
    found: dict[str, set[str]] = {}
    for path, kind in places(tree(full(), Seen(has_conflict=True))):
        found.setdefault(path, set()).add(kind)
    for row in rows("observed"):
        kinds = set(row["type"].split(","))
        assert row["path"] in found, row["path"]
        allowed = kinds | NULLABLE if "null" in kinds else kinds
        assert found[row["path"]] <= allowed, row["path"]


def test_keys_beyond_the_observed_ones_are_those_of_the_carrier_tables():
    observed = {row["path"] for row in rows("observed")}
    extra = {path for path, _kind in places(tree(full())) if path and path not in observed}
    top = {path.split(".")[0].removesuffix("[]") for path in extra}
    known = {row["member"] for row in rows("carriers") if row["carrier"] == "AppointmentEntity"}
    assert top <= known
    assert {path for path in extra if "." not in path and "[" not in path} == {
        "OwnedExternally",
        "PreferredTZLocationData",
    }


def test_bytes_and_tree_say_the_same():
    for row in (full(), video(), full(contact_id=0, person_id=0, preferred_zone=0, updated_by=0)):
        for seen in (Seen(), Seen(zone=UTC_ZONE, tagged=True, language=Language(("no",))), Seen(by=OLA)):
            ctx = seen.of(row)
            assert json.loads(entity(row, ctx)) == json.loads(json.dumps(entity_tree(row, ctx)))


def test_members_stand_in_the_contracts_order():
    names = list(json.loads(entity(full(), Seen().of(full()))))
    assert names == [member.name for member in MEMBERS]


def test_a_default_entity_has_no_links():
    row = full()
    body = json.loads(entity(row, Seen().of(row), with_links=False))
    assert "_Links" not in body
    assert len(body) == len(MEMBERS) - 1


def test_plain_members_in_the_base_zone():
    body = tree(full())
    assert body["StartDate"] == "2026-03-03T10:00:00"
    assert body["EndDate"] == "2026-03-03T11:00:00"
    assert body["CreatedDate"] == "2026-02-01T13:00:00"
    assert body["AlarmLeadTime"] == "00:15:00"
    assert body["LagTime"] == "1.01:00:00"
    assert body["Type"] == "inDiary"
    assert body["Private"] == "Public"
    assert body["InvitationStatus"] == "Accepted"
    assert body["AssignmentStatus"] == "None"
    assert body["BookingType"] == "None"
    assert body["CautionWarning"] == "OK"
    assert body["OwnedExternally"] == "None"
    assert body["PublishTo"] == "9999-12-31T23:59:59"
    assert body["PublishFrom"] == "0001-01-01T00:00:00"
    assert body["PublishEventDate"] == "2026-03-03T10:00:00"
    assert body["ActiveDate"] == "2026-03-03T10:00:00"
    assert body["ActiveLinks"] == 1


def test_dates_in_another_zone_with_offsets():
    body = tree(full(), Seen(zone=NEW_YORK, tagged=True))
    assert body["StartDate"] == "2026-03-03T04:00:00-05:00"
    assert body["CreatedDate"] == "2026-02-01T12:00:00Z"
    assert body["Recurrence"]["StartDate"] == "2026-03-03T00:00:00-05:00"


def test_never_updated_is_the_lowest_date():
    body = tree(full(updated_at=None, updated_by=0))
    assert body["UpdatedDate"] == "0001-01-01T00:00:00"
    assert body["UpdatedBy"] is None


@pytest.mark.parametrize(
    ("status", "completed"),
    [
        (Status.SCHEDULED, "NotStarted"),
        (Status.WAITING, "NotStarted"),
        (Status.LATE, "NotStarted"),
        (Status.BEING_SEEN, "Started"),
        (Status.COMPLETE, "Completed"),
        (Status.NO_SHOW, "Completed"),
        (Status.CANCELLED, "Completed"),
    ],
)
def test_statuses_show_as_three_steps(status, completed):
    body = tree(full(status=status))
    assert body["Completed"] == completed
    assert body["CustomFields"]["x_status"] == status.value


class TestTitle:
    def test_its_own(self):
        assert tree(full())["Title"] == "Title"

    def test_without_one_the_descriptions_first_line(self):
        assert tree(full(title=None))["Title"] == "First line"

    def test_of_a_video_appointment_the_claimants_name(self):
        assert tree(video())["Title"] == "Jane Roe"

    def test_of_a_nameless_claimant_the_reference(self):
        assert tree(video(claimant=replace(CLAIMANT, name=None)))["Title"] == "SQOD REF63"


class TestRecurrence:
    @pytest.mark.clause("SO-CARRIER-003")
    def test_it_is_filled_from_the_first_day(self):
        start = full().starts_at.replace(year=2002, month=3, day=31, hour=16)
        rule = tree(full(starts_at=start, ends_at=start))["Recurrence"]
        assert rule == {
            "RecurrenceId": 0,
            "StartDate": "2002-03-31T00:00:00",
            "EndDate": "2003-03-31T00:00:00",
            "RecurrenceCounter": 1,
            "RecurrenceEndType": "EndDate",
            "Pattern": "Weekly",
            "DayPattern": {"Pattern": "EveryCyclicDay", "Cycle": 1},
            "WeekPattern": {"Weekdays": "Sunday", "Cycle": 1},
            "MonthPattern": {
                "Pattern": "DayOfMonth",
                "Cycle": 1,
                "Day": 31,
                "Weekday": "Sunday",
                "WeekOfMonth": "Last",
            },
            "YearPattern": {
                "Pattern": "DayOfMonth",
                "Cycle": 3,
                "Day": 31,
                "Weekday": "Sunday",
                "WeekOfMonth": "Last",
            },
            "Dates": [
                {
                    "Date": "2002-03-31T00:00:00",
                    "IsConflict": False,
                    "Description": None,
                    "DescriptionStyleHint": "",
                    "Tooltip": None,
                }
            ],
            "IsRecurrence": False,
        }

    @pytest.mark.parametrize(
        ("day", "week"),
        [(1, "First"), (7, "First"), (8, "Second"), (15, "Third"), (28, "Fourth"), (29, "Last")],
    )
    def test_weeks_of_a_month(self, day, week):
        start = full().starts_at.replace(day=day)
        assert tree(full(starts_at=start))["Recurrence"]["MonthPattern"]["WeekOfMonth"] == week

    def test_the_day_is_the_base_zones_whatever_zone_is_asked_for(self):
        start = full().starts_at.replace(hour=23, minute=30)
        rule = tree(full(starts_at=start), Seen(zone=UTC_ZONE, tagged=True))["Recurrence"]
        assert rule["StartDate"] == "2026-03-04T00:00:00Z"

    def test_a_leap_day_comes_back_a_day_early(self):
        start = full().starts_at.replace(year=2024, month=2, day=29)
        assert tree(full(starts_at=start))["Recurrence"]["EndDate"] == "2025-02-28T00:00:00"

    def test_the_last_year_has_no_next(self):
        start = full().starts_at.replace(year=9999)
        assert tree(full(starts_at=start))["Recurrence"]["EndDate"] == "9999-12-31T00:00:00"

    @pytest.mark.clause("SO-CARRIER-005")
    def test_a_conflict_marks_the_day(self):
        row = full()
        body = tree(row, Seen(has_conflict=True))
        assert body["HasConflict"] is True
        assert body["Recurrence"]["Dates"][0]["IsConflict"] is True
        assert body["Recurrence"]["Dates"][0]["DescriptionStyleHint"] == "conflict"


class TestReferences:
    def test_unset_ones_are_null(self):
        body = tree(full(contact_id=0, person_id=0, project_id=0, sale_id=0, task_id=0, priority_id=0))
        for name in ("Contact", "Person", "Project", "Sale", "Task", "Priority"):
            assert body[name] is None

    def test_the_owners_person_stands_as_invited(self):
        assert tree(full())["InvitedPerson"]["PersonId"] == 1
        assert tree(full(invited_person_id=4))["InvitedPerson"]["PersonId"] == 4

    def test_the_mothers_owner_is_the_owner_of_a_single_row(self):
        assert tree(full())["MotherAssociate"]["AssociateId"] == 1
        assert tree(full(mother_id=5))["MotherAssociate"] is None

    def test_nested_ones_know_their_company_and_their_people(self):
        body = tree(full())
        assert body["Person"]["ContactFullName"] == "Fjord Shipping, Bergen"
        assert body["Person"]["FormalName"] == "Ingrid Strand"
        assert body["Contact"]["AssociateFullName"] == "Kari Nordmann"
        assert body["Contact"]["FormattedAddress"] == "Bryggen 2\n5003 BERGEN\n"
        assert body["Contact"]["Address"]["Street"]["AtypeIdx"] == "ContactStreetAddress"
        assert body["Contact"]["Address"]["Postal"]["AtypeIdx"] == "ContactPostalAddress"
        assert body["Sale"]["WeightedAmount"] == 72_000.0
        assert body["Sale"]["PersonFullName"] == "Ingrid Strand"
        assert body["Project"]["AssociateFullName"] == "Kari Nordmann"

    def test_texts_come_in_the_callers_language(self):
        assert tree(full())["Task"]["Value"] == TEXTS["meeting"]
        assert tree(full(), Seen(language=Language(("no",))))["Task"]["Value"] == "Møte"
        english = tree(full(), Seen(language=Language(("en",))))
        assert english["Task"]["Value"] == "Meeting"
        assert english["VisibleFor"][0]["DisplayValue"] == "All"
        assert english["Contact"]["FieldProperties"]["Name"]["FieldRight"]["Reason"] == "Mandatory field"

    def test_those_of_nobody_have_no_company(self):
        lonely = replace(DEMO_EYES.view.directory.persons[4], contact_id=0)
        view = View(directory(), NOW)
        view.directory.persons = {**view.directory.persons, 4: lonely}
        view.directory.sales = {1: replace(view.directory.sales[1], contact_id=0, person_id=0, project_id=0)}
        body = tree(full(), Seen(view=view))
        assert (body["Person"]["ContactName"], body["Person"]["ContactFullName"]) == ("", "")
        assert (body["Sale"]["ContactName"], body["Sale"]["PersonFullName"]) == ("", "")

    def test_renderings_of_zones_and_languages_stay_bounded(self):
        row = full()
        for number in range(200):
            Seen(language=Language((f"l{number}",))).of(row)
        assert len(Seen().view.directory.memo["superoffice"]) <= 64


class TestPreferredZone:
    @pytest.mark.clause("SO-CARRIER-007")
    def test_its_rules_are_those_of_the_year(self):
        data = tree(full())["PreferredTZLocationData"]
        assert (data["TZLocationID"], data["TZLocationCode"], data["Name"]) == (261, "NO", "Europe/Oslo")
        summer, winter = data["TimeZoneDSTRules"]["2026"], data["TimeZoneSTDRules"]["2026"]
        assert (summer["StartDay"], summer["StartMonth"], summer["TZOffset"]) == (29, 3, 120)
        assert (summer["EndDay"], summer["EndMonth"]) == (24, 10)
        assert (winter["StartDay"], winter["StartMonth"], winter["TZOffset"]) == (25, 10, 60)
        assert (winter["EndDay"], winter["EndMonth"]) == (28, 3)

    def test_a_zone_without_summer_time_has_one_rule(self):
        data = tree(full(preferred_zone=1))["PreferredTZLocationData"]
        assert data["TimeZoneDSTRules"] == {}
        assert data["TimeZoneSTDRules"]["2026"]["TZOffset"] == 0

    @pytest.mark.parametrize("zone", [0, 77_777])
    def test_one_that_no_table_has_is_null(self, zone):
        assert tree(full(preferred_zone=zone))["PreferredTZLocationData"] is None


def test_addresses_are_absolute_and_leave_out_what_is_unset():
    links = tree(full(sale_id=0))["_Links"]
    assert links["Self"] == f"{BASE}/api/v1/Appointment/63"
    assert links["Contact"] == f"{BASE}/api/v1/Contact/2"
    assert "Sale" not in links
    assert all(re.fullmatch(rf"{BASE}/api/v1/[A-Za-z_]+(/[A-Za-z0-9_]+)*", url) for url in links.values())


def test_only_the_last_host_is_remembered():
    row = full()
    for number in range(50):
        ctx = replace(DEMO_EYES.of(row), base_url=f"https://host{number}.example")
        assert entity_tree(row, ctx)["_Links"]["Archive"].startswith(f"https://host{number}.example/")
    assert len([key for key in ctx.cache if "rels" in str(key)]) == 1


def test_a_claimant_stands_last_among_the_participants():
    found = tree(video())["Participants"]
    assert [row["AssociateId"] for row in found] == [1, 0, 0, 0]
    assert found[-1]["EmailAddress"] == "jane@claimant.example"
    assert found[-1]["Description"] == "Jane Roe"
    assert found[-1]["InvitationStatus"] == "Accepted"


INVITATION = {"owner_id": KARI, "created_by": DEMO + 90, "mother_id": 5}
EXTERNAL = {"owner_id": KARI, "external_owner": ExternalOwner.GOOGLE}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ANSWERED = {"Priority", "HasAlarm", "AlarmLeadTime", "Completed"}
ANNOTATED = ANSWERED | {"Type", "Contact", "IsFree", "Sale", "Project", "InternalNotes"}


class TestFieldProperties:
    @pytest.mark.clause("SO-CARRIER-001")
    def test_they_are_those_of_the_contract(self):
        found = tree(full())["FieldProperties"]
        expected = rows("field_properties")
        assert [name for name in found if "Fields." not in name] == [row["name"] for row in expected]
        for row in expected:
            one = found[row["name"]]
            assert (one["FieldType"], one["FieldLength"]) == (row["type"], int(row["length"]))

    @pytest.mark.parametrize("carrier", ["Contact", "Person", "Project", "Sale"])
    def test_those_of_a_record_are_its_members(self, carrier):
        body = tree(full())[carrier]
        assert list(body["FieldProperties"]) == [
            name for name in body if name not in ("TableRight", "FieldProperties")
        ]

    def test_rights_are_those_of_the_observed_owner_where_they_tell_the_truth(self):
        found = tree(full())["FieldProperties"]
        for row in rows("field_properties"):
            mask = "Read" if row["name"] in SERVER_KEPT else row["mask"]
            assert found[row["name"]]["FieldRight"] == {"Mask": mask, "Reason": row["reason"]}

    def test_what_the_server_keeps_is_what_has_no_way_in(self):
        named = set(tree(full())["FieldProperties"])
        assert {member.name for member in MEMBERS if member.read is None} & named == SERVER_KEPT

    @pytest.mark.clause("SO-CARRIER-008")
    def test_user_defined_fields_stand_twice_before_visible_for(self):
        found = list(tree(full())["FieldProperties"])
        assert found[50:52] == ["UserDefinedFields.SuperOffice:1", "CustomFields.SuperOffice:1"]
        assert found[-1] == "VisibleFor"
        assert len(found) == 50 + 2 * 9 + 1

    def test_who_may_only_read_is_told_so(self):
        body = tree(full(owner_id=OLA, created_by=OLA), Seen(by=KARI))
        assert body["TableRight"] == {"Mask": "Select", "Reason": "[SR_ACCESS_READ_ONLY]"}
        assert {one["FieldRight"]["Mask"] for one in body["FieldProperties"].values()} == {"Read"}

    def test_who_may_delete_is_told_so(self):
        assert tree(full())["TableRight"]["Mask"] == "Select, Update, Insert, Delete"

    @pytest.mark.parametrize(
        ("row", "by", "table", "fields"),
        [
            (INVITATION, KARI, "Select, RestrictedUpdate, Delete", ANSWERED),
            (INVITATION | {"owner_id": DEMO}, OLA, "Select, RestrictedUpdate", ANSWERED),
            (EXTERNAL, KARI, "Select, RestrictedUpdate", ANNOTATED),
            (EXTERNAL | {"ends_at": LONG_AGO}, KARI, "Select, RestrictedUpdate, Delete", ANNOTATED),
        ],
        ids=["invited", "colleague-invited", "external", "external-old"],
    )
    def test_who_may_change_some_members_is_told_which(self, row, by, table, fields):
        body = tree(full(**row), Seen(by=by))
        assert body["TableRight"]["Mask"] == table
        found = body["FieldProperties"]
        assert {name for name, one in found.items() if one["FieldRight"]["Mask"] == "Update"} == fields

    def test_a_colleague_may_change_all_but_who_takes_part(self):
        body = tree(full(), Seen(by=OLA))
        assert body["TableRight"]["Mask"] == "Select, Update, Insert"
        found = body["FieldProperties"]
        assert {name for name, one in found.items() if one["FieldRight"]["Mask"] == "Read"} == (
            SERVER_KEPT | {"Participants"}
        )


class TestTimesOnly:
    SHOWN = {
        "AppointmentId",
        "StartDate",
        "EndDate",
        "Private",
        "Recurrence",
        "TableRight",
        "FieldProperties",
    }
    SEEN = Seen(by=KARI)

    def body(self):
        row = video(owner_id=OLA, created_by=OLA, privacy=Privacy.OWNER, is_free=True, agenda="Confidential")
        return tree(row, self.SEEN), json.loads(entity(row, self.SEEN.of(row)))

    def test_start_and_end_are_shown(self):
        body, _bytes = self.body()
        assert body["AppointmentId"] == 63
        assert body["StartDate"] == "2026-03-03T10:00:00"
        assert body["IsFree"] is False
        assert body["Private"] == "PrivateUser"
        assert body["TableRight"]["Mask"] == "Filtering"

    def test_all_else_is_empty(self):
        empty = (None, "", 0, False, [], {}, "0001-01-01T00:00:00", "00:00:00", "Unknown", "None", "OK")
        for body in self.body():
            for name, value in body.items():
                if name not in self.SHOWN | {"Type", "InvitationStatus"}:
                    assert value in empty, name

    def test_what_is_shown_can_be_read_and_nothing_else(self):
        for body in self.body():
            masks = {name: one["FieldRight"]["Mask"] for name, one in body["FieldProperties"].items()}
            shown = self.SHOWN - {"TableRight", "FieldProperties"}
            assert masks == {name: "Read" if name in shown else "None" for name in masks}
            assert shown <= masks.keys()

    def test_a_series_and_what_is_in_its_way_are_not_told(self):
        row = video(owner_id=OLA, created_by=OLA, privacy=Privacy.OWNER)
        day = row.starts_at.date()
        series = Series(rule=Rule(pattern=Pattern.DAILY, starts_on=day, count=3), zone="Europe/Oslo", on=day)
        of_a_series = replace(row, series_id=70, series=series)
        assert tree(of_a_series, Seen(by=OLA))["Recurrence"]["RecurrenceId"] == 70
        seen = Seen(by=KARI, has_conflict=True)
        assert tree(of_a_series, seen)["Recurrence"] == tree(row, self.SEEN)["Recurrence"]

    def test_nothing_personal_is_told(self):
        for body in self.body():
            text = json.dumps(body)
            for word in (
                "Jane",
                "claimant.example",
                "Room 1",
                "Fjord",
                "REF63",
                "Confidential",
                'SuperOffice:1": "N',
            ):
                assert word not in text
