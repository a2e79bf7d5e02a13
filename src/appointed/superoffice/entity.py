"""AppointmentEntity: the table of its members, in the contract's order (Response body)."""

from appointed.domain.appointment import Appointment, AssignmentStatus, Caution, ExternalOwner, Kind, Privacy
from appointed.domain.participant import InvitationStatus
from appointed.superoffice.carriers.associate import associate
from appointed.superoffice.carriers.contact import contact
from appointed.superoffice.carriers.custom import (
    custom_fields,
    custom_fields_json,
    extra_fields,
    user_defined_fields,
)
from appointed.superoffice.carriers.entity_rights import field_properties_of, table_right_of
from appointed.superoffice.carriers.link import LINK
from appointed.superoffice.carriers.list_items import priority, task
from appointed.superoffice.carriers.participant import INVITATION_STATUSES, participants, participants_json
from appointed.superoffice.carriers.person import person
from appointed.superoffice.carriers.project import project
from appointed.superoffice.carriers.rels import rels, rels_json
from appointed.superoffice.carriers.sale import sale
from appointed.superoffice.carriers.shape import written
from appointed.superoffice.carriers.visible_for import VISIBLE_FOR
from appointed.superoffice.choices import (
    ASSIGNMENT_STATUSES,
    BOOKING_TYPES,
    CAUTIONS,
    COMPLETIONS,
    EXTERNAL_OWNERS,
    KINDS,
    PRIVACIES,
)
from appointed.superoffice.link_rows import read_links
from appointed.superoffice.members import (
    Member,
    carrier,
    choice,
    fixed,
    flag,
    instant,
    kept,
    minutes,
    number,
    reference,
    text,
)
from appointed.superoffice.participant_rows import read_participants
from appointed.superoffice.references import ASSOCIATE, CONTACT, PERSON, PRIORITY, PROJECT, SALE, TASK
from appointed.superoffice.specials import (
    created_at,
    dictionary,
    first_day,
    invitee,
    mother_owner,
    published,
    read_completed,
    read_is_published,
    read_owner,
    read_recurrence,
    read_title,
    read_zone,
    title,
    zone_data,
)
from appointed.superoffice.video_part import join_url, meeting_id
from appointed.superoffice.visible_rows import read_visible_for

MEMBERS: tuple[Member[Appointment], ...] = (
    carrier(
        "Associate",
        "Associate",
        lambda row, ctx: associate(row.owner_id, ctx),
        read=read_owner,
    ),
    reference("Contact", CONTACT, "contact_id", contact),
    carrier("CreatedBy", "Associate", lambda row, ctx: associate(row.created_by, ctx), is_fixed=True),
    carrier("UpdatedBy", "Associate", lambda row, ctx: associate(row.updated_by, ctx)),
    fixed("CreatedDate", "date-time", created_at),
    fixed("AppointmentId", "int32", lambda row, _ctx: max(row.id, 0), is_open=True),
    text("Description", "description"),
    Member(name="Title", type="string", write=title, read=read_title, empty=""),
    text("Agenda", "agenda"),
    text("InternalNotes", "internal_notes"),
    instant("StartDate", "starts_at"),
    instant("EndDate", "ends_at"),
    reference("InvitedPerson", PERSON, "invited_person_id", person, invitee),
    reference("Person", PERSON, "person_id", person),
    kept("MotherId", "int32", lambda row, _ctx: max(row.mother_id, 0), empty=0),
    reference("Priority", PRIORITY, "priority_id", priority),
    choice("Private", "AppointmentPrivate", "privacy", PRIVACIES, Privacy.PUBLIC, is_open=True),
    reference("Project", PROJECT, "project_id", project),
    choice("Type", "AppointmentType", "kind", KINDS, Kind.DIARY),
    kept("UpdatedDate", "date-time", lambda row, ctx: ctx.style.stamp(row.updated_at)),
    Member(
        name="Completed",
        type="enum:ActivityStatus",
        write=lambda row, _ctx: COMPLETIONS[row.completion],
        read=read_completed,
        empty="Unknown",
    ),
    kept("ActiveLinks", "int32", lambda row, _ctx: len(row.links), empty=0),
    Member(
        name="Links",
        type="Link[]",
        write=lambda row, ctx: [written(LINK, link, ctx) for link in row.links],
        read=read_links,
        empty=[],
    ),
    minutes("AlarmLeadTime", "alarm_minutes"),
    flag("HasAlarm", "has_alarm"),
    number("ColorIndex", "color_index"),
    flag("IsFree", "is_free"),
    flag("IsAlldayEvent", "is_all_day"),
    minutes("LagTime", "lag_minutes"),
    minutes("LeadTime", "lead_minutes"),
    text("Location", "location"),
    kept("RejectCounter", "int32", lambda row, _ctx: row.reject_counter, empty=0),
    text("RejectReason", "reject_reason"),
    carrier("Recurrence", "RecurrenceInfo", first_day, read=read_recurrence, is_open=True),
    Member(
        name="Participants",
        type="ParticipantInfo[]",
        write=participants,
        raw=participants_json,
        read=read_participants,
        # A claimant who comes with the same change is known by the custom fields.
        is_last=lambda row: row.claimant is None,
        empty=[],
    ),
    choice(
        "AssignmentStatus",
        "AssignmentStatus",
        "assignment_status",
        ASSIGNMENT_STATUSES,
        AssignmentStatus.NONE,
    ),
    choice(
        "InvitationStatus",
        "InvitationStatus",
        "invitation_status",
        INVITATION_STATUSES,
        InvitationStatus.ACCEPTED,
    ),
    kept("BookingType", "enum:BookingType", lambda row, _ctx: BOOKING_TYPES[row.booking_type], empty="None"),
    kept("ActiveDate", "date-time", lambda row, ctx: ctx.style.instant(row.active_at)),
    fixed("HasConflict", "bool", lambda _row, ctx: bool(ctx.has_conflict), empty=False),
    reference("AssignedBy", ASSOCIATE, "assigned_by", associate),
    carrier("MotherAssociate", "Associate", mother_owner),
    reference("Task", TASK, "task_id", task),
    Member(
        name="PreferredTZLocation",
        type="int32",
        write=lambda row, _ctx: row.preferred_zone,
        read=read_zone,
        # A series keeps the wall time of this zone.
        is_first=True,
        empty=0,
    ),
    carrier("PreferredTZLocationData", "TimeZoneData", zone_data, is_fixed=True),
    reference("Sale", SALE, "sale_id", sale),
    number("SuggestedAppointmentId", "suggested_appointment_id", low=0),
    flag("IsMileStone", "is_milestone"),
    choice("CautionWarning", "AppointmentCautionWarning", "caution", CAUTIONS, Caution.OK),
    choice(
        "OwnedExternally", "AppointmentExternalOwner", "external_owner", EXTERNAL_OWNERS, ExternalOwner.NONE
    ),
    join_url(),
    meeting_id(),
    dictionary("UserDefinedFields", user_defined_fields),
    dictionary("ExtraFields", extra_fields),
    dictionary("CustomFields", custom_fields, custom_fields_json),
    published("PublishEventDate", "event_at"),
    published("PublishTo", "published_to", is_end=True),
    published("PublishFrom", "published_from"),
    Member(
        name="IsPublished",
        type="bool",
        write=lambda row, _ctx: row.publication.is_published,
        read=read_is_published,
        empty=False,
    ),
    Member(
        name="VisibleFor",
        type="VisibleFor[]",
        write=lambda row, ctx: [written(VISIBLE_FOR, one, ctx) for one in row.visible_for],
        read=read_visible_for,
        empty=[],
    ),
    carrier("TableRight", "TableRight", lambda _row, ctx: table_right_of(ctx), is_open=True),
    carrier(
        "FieldProperties",
        "map<string,FieldProperty>",
        lambda _row, ctx: field_properties_of(ctx),
        is_open=True,
    ),
    kept("_Links", "map<string,string>", rels, raw=rels_json, empty={}),
)

BY_NAME = {member.name.lower(): member for member in MEMBERS}
