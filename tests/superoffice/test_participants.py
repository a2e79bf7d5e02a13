"""Participants: rows keep their keys, the owner's and the claimant's stay, the rest is as told."""

import pytest
from msgspec.structs import replace

from appointed.domain.directory import AssociateType, View
from appointed.domain.participant import ExternalReply, ExternalRole, InvitationStatus, Participant
from appointed.superoffice.render import entity_tree
from tests.superoffice.editing import new, patch, problems, put, replaced
from tests.superoffice.rows import (
    CLAIMANT,
    DEMO_EYES,
    DIRECTORY,
    GUEST_ROW,
    MAIL_ROW,
    NOW,
    OWNER_ROW,
    Seen,
    full,
    video,
)


def wire(row):
    return entity_tree(row, DEMO_EYES.of(row))["Participants"]


def keys(row):
    return [one.key for one in row.participants]


def with_list(items, row=None):
    return patch([{"op": "replace", "path": "Participants", "value": items}], row)


class TestKeys:
    def test_the_same_list_changes_nothing(self):
        assert with_list(wire(full())).appointment == full()

    def test_rows_are_found_in_another_order(self):
        owner, guest, mail = wire(full())
        assert keys(with_list([mail, owner, guest]).appointment) == [4, 1, 2]

    def test_rows_are_found_by_who_they_are(self):
        after = with_list([{"AssociateId": 1}, {"emailAddress": "GUEST@else.example", "Description": "New"}])
        assert after.appointment.participants == (
            OWNER_ROW,
            replace(MAIL_ROW, email_address="GUEST@else.example", description="New"),
        )

    def test_rows_are_found_by_their_place(self):
        after = replaced("Participants/2/EmailAddress", "x@y.example")
        assert after.participants[2] == replace(MAIL_ROW, email_address="x@y.example")

    def test_new_rows_get_keys_that_were_never_used(self):
        row = full(last_participant_key=9)
        after = with_list([*wire(row), {"AssociateId": 2}, {"PersonId": 6}], row).appointment
        assert keys(after) == [1, 2, 4, 10, 11]

    def test_appending(self):
        operations = [
            {"op": "add", "path": "Participants/-", "value": {"associateId": "3"}},
            {"op": "replace", "path": "Participants/3/SendEmail", "value": True},
        ]
        made = patch(operations).appointment.participants[3]
        assert made == Participant(
            key=5,
            associate_id=3,
            person_id=3,
            contact_id=1,
            send_email=True,
            invitation_status=InvitationStatus.INVITATION,
        )

    def test_an_object_merged_is_appended_and_an_array_replaces(self):
        assert keys(patch({"Participants": {"AssociateId": 3}}).appointment) == [1, 2, 4, 5]
        assert keys(patch({"Participants": [{"AssociateId": 1}, {"AssociateId": 3}]}).appointment) == [1, 2]

    def test_inserting_and_removing(self):
        after = patch([{"op": "add", "path": "Participants/1", "value": {"PersonId": 6}}]).appointment
        assert keys(after) == [1, 5, 2, 4]
        assert keys(patch([{"op": "remove", "path": "Participants/1"}]).appointment) == [1, 4]


class TestValues:
    def test_statuses_by_name_and_number(self):
        assert replaced("Participants/1/InvitationStatus", 7).participants[1].invitation_status is (
            InvitationStatus.SEEN
        )
        after = replaced("participants/2/invitationstatus", "declined")
        assert after.participants[2].invitation_status is InvitationStatus.DECLINED

    def test_an_unknown_status_means_none_given(self):
        assert replaced("Participants/1/InvitationStatus", "Unknown") == full()

    def test_what_an_outside_calendar_says(self):
        operations = [
            {"op": "replace", "path": "Participants/2/ExternallyOwnedType", "value": "Required"},
            {"op": "replace", "path": "Participants/2/ExternallyOwnedStatus", "value": 1},
        ]
        after = patch(operations).appointment.participants[2]
        assert (after.external_role, after.external_reply) == (ExternalRole.REQUIRED, ExternalReply.TENTATIVE)

    def test_rooms_accept_at_once(self):
        made = with_list([*wire(full()), {"AssociateId": 4}]).appointment.participants[3]
        assert made.invitation_status is InvitationStatus.ACCEPTED

    def test_another_associate_brings_its_own_ids(self):
        row = full(participants=(OWNER_ROW, Participant(key=2, associate_id=2, person_id=2, contact_id=1)))
        after = replaced("Participants/1/AssociateId", 3, row).participants[1]
        assert (after.key, after.associate_id, after.person_id, after.contact_id) == (2, 3, 3, 1)
        other = replaced("Participants/1/PersonId", 6).participants[1]
        assert (other.key, other.person_id, other.contact_id) == (2, 6, 3)

    @pytest.mark.parametrize(
        ("item", "path", "rule"),
        [
            (5, "Participants.3", "object"),
            ({}, "Participants.3", "required"),
            ({"AssociateId": 99}, "Participants.3.AssociateId", "exists"),
            ({"AssociateId": "x"}, "Participants.3.AssociateId", "integer"),
            ({"PersonId": 99}, "Participants.3.PersonId", "exists"),
            ({"AssociateId": 2, "PersonId": 4}, "Participants.3.PersonId", "agrees"),
            ({"PersonId": 6, "ContactId": 2}, "Participants.3.ContactId", "agrees"),
            ({"ContactId": 99}, "Participants.3.ContactId", "exists"),
            ({"AssociateId": 2, "SendEmail": 1}, "Participants.3.SendEmail", "boolean"),
            ({"AssociateId": 2, "InvitationStatus": "Perhaps"}, "Participants.3.InvitationStatus", "enum"),
            ({"EmailAddress": 5}, "Participants.3.EmailAddress", "string"),
            ({"EmailAddress": "x" * 255}, "Participants.3.EmailAddress", "string"),
            ({"EmailAddress": "no address", "SendEmail": True}, "Participants.3.EmailAddress", "email"),
            (
                {"EmailAddress": "Ola <o@x.example>", "SendEmail": True},
                "Participants.3.EmailAddress",
                "email",
            ),
        ],
    )
    def test_wrong_rows_are_problems(self, item, path, rule):
        assert problems([{"op": "add", "path": "Participants/-", "value": item}]) == {path: rule}

    def test_who_gets_no_mail_may_be_called_anything(self):
        item = {"EmailAddress": "no address"}
        row = full(
            participants=(*full().participants, Participant(key=9, email_address="none", send_email=True))
        )
        edited = patch([{"op": "add", "path": "Participants/-", "value": item}], row).appointment
        assert [one.email_address for one in edited.participants[-2:]] == ["none", "no address"]
        problem = [{"op": "replace", "path": "Participants/EmailAddress=no address/SendEmail", "value": True}]
        assert problems(problem, edited) == {"Participants.4.EmailAddress": "email"}

    def test_too_many_are_a_problem(self):
        assert problems({"Participants": [{"EmailAddress": f"{n}@x.example"} for n in range(502)]}) == {
            "Participants": "array"
        }

    def test_somebody_who_is_there_already_is_not_invited_again(self):
        edited = patch([{"op": "add", "path": "Participants/-", "value": {"PersonId": 4}}])
        assert (edited.appointment, edited.ignored) == (full(), ("Participants.3",))

    def test_a_colleague_goes_by_their_person_alone(self):
        edited = patch([{"op": "add", "path": "Participants/-", "value": {"PersonId": 2}}])
        kari = Participant(
            key=5, associate_id=2, person_id=2, contact_id=1, invitation_status=InvitationStatus.INVITATION
        )
        assert edited.appointment.participants[3] == kari
        again = [{"AssociateId": 2}, {"PersonId": 2}, {"AssociateId": 0, "PersonId": 2}]
        for item in again:
            twice = with_list([*wire(edited.appointment), item], edited.appointment)
            assert (twice.appointment, twice.ignored) == (edited.appointment, ("Participants.4",))
            others = [*wire(full()), item]
            assert with_list(others, edited.appointment).appointment == edited.appointment
        assert with_list([*wire(full()), *again]).appointment == edited.appointment

    def test_a_colleague_by_person_takes_nobodys_place(self):
        made = with_list([{"PersonId": 2}]).appointment.participants
        assert (made[0], made[1].associate_id, made[1].key) == (OWNER_ROW, 2, 5)
        named = with_list([{"PersonId": 1}, {"PersonId": 2}]).appointment.participants
        assert (named[0], named[1].associate_id) == (OWNER_ROW, 2)

    def test_another_person_brings_their_associate(self):
        after = replaced("Participants/1/PersonId", 2).participants[1]
        assert (after.key, after.associate_id, after.person_id, after.contact_id) == (2, 2, 2, 1)

    def test_a_row_from_before_the_person_had_a_diary_stays_until_it_is_changed(self):
        row = full(participants=(OWNER_ROW, Participant(key=2, person_id=2, contact_id=1)))
        more = [{"op": "add", "path": "Participants/-", "value": {"PersonId": 6}}]
        assert patch(more, row).appointment.participants[1] == row.participants[1]
        assert replaced("Participants/1/SendEmail", True, row).participants[1].associate_id == 2

    @pytest.mark.parametrize(
        "change",
        [{"is_deleted": True}, {"type": AssociateType.EXTERNAL}, {"type": AssociateType.SYSTEM}],
        ids=["deleted", "external", "system"],
    )
    def test_whoever_has_no_diary_here_stays_a_person(self, change):
        other = replace(DIRECTORY.associates[2], id=20, person_id=6, **change)
        seen = Seen(view=View(DIRECTORY.followed(DIRECTORY.tenant, 2, [("associate", 20, other)]), NOW))
        made = patch([{"op": "add", "path": "Participants/-", "value": {"PersonId": 6}}], seen=seen)
        assert (made.appointment.participants[3].associate_id, made.ignored) == (0, ())

    def test_names_that_no_row_has_and_nulls_do_not_matter(self):
        items = [one | {"Nothing": 5, "EmailId": None} for one in wire(full())]
        assert with_list(items).appointment == full()


class TestOwner:
    def test_an_owner_who_was_not_listed_is_no_guest(self):
        made = with_list([{"AssociateId": 1}], full(participants=())).appointment.participants
        assert made == (replace(OWNER_ROW, key=5),)

    @pytest.mark.parametrize("items", [None, [], [{"PersonId": 4}]])
    def test_the_owners_row_stays(self, items):
        edited = with_list(items)
        assert edited.appointment.participants[0] == OWNER_ROW
        assert edited.ignored == ("Participants",)

    def test_the_others_go(self):
        assert with_list([]).appointment.participants == (OWNER_ROW,)

    def test_a_row_without_an_owners_row_needs_none(self):
        row = full(participants=(GUEST_ROW,))
        assert with_list([], row) == with_list(None, row)
        assert with_list([], row).appointment.participants == ()


class TestClaimant:
    def test_it_is_never_read_as_a_participant(self):
        items = wire(video())
        assert len(items) == 4
        assert with_list(items, video()).appointment == video()
        body = entity_tree(video(), DEMO_EYES.of(video()))
        assert put(body, video()).appointment == video()

    def test_dropping_it_changes_nothing(self):
        assert with_list(wire(video())[:3], video()).appointment == video()
        assert patch([{"op": "remove", "path": "Participants/3"}], video()).appointment == video()

    @pytest.mark.parametrize("member", ["EmailAddress", "Description"])
    def test_changing_it_there_is_ignored_and_named(self, member):
        edited = patch(
            [{"op": "replace", "path": f"Participants/3/{member}", "value": "z@z.example"}], video()
        )
        assert (edited.appointment, edited.ignored) == (video(), ("Participants.3",))

    @pytest.mark.parametrize("guest", [{"AssociateId": 3}, {"PersonId": 4}, {"EmailAddress": "g@g.example"}])
    def test_whoever_stands_in_its_place_in_a_list_without_it_is_invited(self, guest):
        row = video(participants=(OWNER_ROW,))
        assert len(wire(row)) == 2
        edited = with_list([{"AssociateId": 1}, guest], row)
        found = wire(edited.appointment)
        assert {name: found[1][name] for name in guest} == guest
        assert (len(found), found[2], edited.ignored) == (3, wire(row)[1], ())

    @pytest.mark.parametrize("email", ["jane@claimant.example", ""])
    def test_a_copy_of_the_entity_makes_no_second_row(self, email):
        row = video(claimant=replace(CLAIMANT, email=email))
        body = entity_tree(row, DEMO_EYES.of(row))
        made = new({name: body[name] for name in ("Title", "Participants", "CustomFields")}).appointment
        assert (len(made.participants), wire(made)) == (3, wire(row))
        assert wire(put(body, full(participants=(OWNER_ROW,))).appointment) == wire(row)

    def test_its_address_makes_no_second_row(self):
        items = [*wire(video()), {"EmailAddress": "JANE@claimant.example"}]
        edited = with_list(items, video())
        assert (edited.appointment, edited.ignored) == (video(), ("Participants.4",))
        assert with_list(
            [{"AssociateId": 1}, {"EmailAddress": "jane@claimant.example"}], video()
        ).appointment == (video(participants=(OWNER_ROW,)))
