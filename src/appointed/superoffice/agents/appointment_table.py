"""Every method of the agent Appointment, and what carries it out (Agents WebAPI, Appointment)."""

from typing import Final

from appointed.superoffice.agents import (
    appointments,
    changes,
    days,
    diaries,
    drafts,
    invitations,
    lists,
    mails,
    tasks,
    video,
)
from appointed.superoffice.agents.carriers import (
    ADDRESS_SYNC_DATA,
    APPOINTMENT_INFO,
    APPOINTMENT_SYNC_DATA,
    PARTICIPANT_SYNC_DATA,
)
from appointed.superoffice.agents.days import DAY_SHAPES
from appointed.superoffice.agents.diaries import NEXT_AVAILABLE_TIME
from appointed.superoffice.agents.drafts import refuse
from appointed.superoffice.agents.letters import LETTER_SHAPES
from appointed.superoffice.agents.lists import Where, between, listed
from appointed.superoffice.agents.mails import APPOINTMENT_SAVE_DATA
from appointed.superoffice.agents.video import USER_CONNECTED_STATE, VIDEO_MEETING_RESERVATION
from appointed.superoffice.carriers.shape import Shape
from appointed.superoffice.service import Service
from appointed.superoffice.start import list_services
from appointed.usecases.query import AllOf

AGENT_SHAPES: dict[str, Shape] = {
    "AppointmentInfo": APPOINTMENT_INFO,
    "AppointmentSyncData": APPOINTMENT_SYNC_DATA,
    "ParticipantSyncData": PARTICIPANT_SYNC_DATA,
    "AddressSyncData": ADDRESS_SYNC_DATA,
    "NextAvailableTime": NEXT_AVAILABLE_TIME,
    "UserConnectedState": USER_CONNECTED_STATE,
    "VideoMeetingReservation": VIDEO_MEETING_RESERVATION,
    "AppointmentSaveData": APPOINTMENT_SAVE_DATA,
    **LETTER_SHAPES,
    **DAY_SHAPES,
}
# Carriers that are only sent.
AGENT_ASKED: dict[str, dict[str, str]] = {
    "AppointmentMoveData": {
        "AppointmentId": "int32",
        "NewStartTime": "date-time",
        "UpdateMode": "enum:RecurrenceUpdateMode",
        "SendEmailToParticipants": "bool",
        "IsAlldayEvent": "bool",
        "IsFree": "bool",
    }
}

_ENTITY, _ROWS = "AppointmentEntity", "Appointment[]"
_SENT = "AppointmentEntity:AppointmentEntity"
_MODE = " UpdateMode:enum:RecurrenceUpdateMode"
_MAIL = " SendEmailToParticipants:bool"
_ID, _TYPE = "AppointmentId:int32", " AppointmentType:enum:AppointmentType"
_SPAN = " StartTime:date-time EndTime:date-time"
_RANGE = f"{_SPAN} Count:int32"
_QUICK = " StartTime:date-time EndTime:date-time Status:enum:AppointmentStatus Type:enum:AppointmentType"
_QUICK = f"Id:int32{_QUICK} AssociateId:int32"
_DAYS = "StartDate:date-time EndDate:date-time AssociateId:int32"

_OWNERS: Final[dict[str, tuple[str, str, Where]]] = {
    "Project": ("of a project", "ProjectId:int32", lists.of("project_id", "ProjectId")),
    "Contact": ("of a company", "ContactId:int32", lists.of("contact_id", "ContactId")),
    "ProjectMember": ("of a project member's projects", "PersonId:int32", lists.of_member),
    "Person": ("of a person", "PersonId:int32 IncludeProjectAppointments:bool", lists.of_person),
}
_BY: Final[dict[str, tuple[str, str, Where]]] = {
    "": ("", "", lambda _ask: AllOf()),
    "ByType": (", of one type", _TYPE, lists.of_type),
    "ByTask": (", of one task", " TaskId:int32", lists.of_task),
    "ByTasks": (", of some tasks", " TaskIds:int32[]", lists.of_tasks),
    "ByTaskHeading": (", of the tasks under a heading", " TaskHeadingId:int32", lists.of_heading),
}
# Get<Owner>Appointments<By>: one method for each of both.
_OWNED: Final[dict[str, Service]] = {
    f"Get{owner}Appointments{by}": Service(
        listed(f"The appointments {words}{more}, by time.", where, narrowed, between),
        _ROWS,
        body=f"{argument}{_RANGE}{further}",
    )
    for owner, (words, argument, where) in _OWNERS.items()
    for by, (more, further, narrowed) in _BY.items()
}

_LISTS: Final[dict[str, Service]] = {
    **_OWNED,
    "GetPublishedAppointment": Service(lists.published_one, "Appointment", body=_ID),
    "GetPublishedAppointments": Service(
        listed("Those of some appointments that are published.", lists.of_ids, lists.published),
        _ROWS,
        body="AppointmentIds:int32[]",
    ),
    "GetMyPublishedAppointments": Service(
        listed("The caller's published appointments.", lists.mine, lists.published), _ROWS
    ),
    "GetPublishedProjectAppointments": Service(
        listed("A project's published appointments.", lists.of("project_id", "ProjectId"), lists.published),
        _ROWS,
        body="ProjectId:int32",
    ),
    "GetAppointmentsByTaskHeading": Service(
        listed("The caller's appointments of the tasks under a heading.", lists.mine, lists.of_heading),
        _ROWS,
        body="TaskHeadingId:int32",
    ),
    "GetAssociateDiary": Service(
        listed("An associate's diary.", lists.of_associate, lists.in_diary, between, is_open=True),
        _ROWS,
        body=f"AssociateId:int32{_RANGE}",
    ),
    "GetDiaryByGroup": Service(
        listed("The diary of a user group.", lists.of_group, lists.in_diary, between, is_open=True),
        _ROWS,
        body=f"GroupId:int32 GroupType:int32{_RANGE}",
    ),
    "GetAssociatesDiary": Service(
        listed("Several associates' diaries.", lists.of_associates, lists.in_diary, between, is_open=True),
        _ROWS,
        body=f"AssociateIds:int32[]{_SPAN}",
    ),
    "GetAssociatesDiaryInfo": Service(
        lists.diary_infos, "AppointmentInfo[]", body=f"AssociateIds:int32[]{_SPAN}"
    ),
    "GetAppointmentRecords": Service(
        listed("All rows of a booking, a series, or both.", lists.of_booking_or_series),
        _ROWS,
        body="MotherId:int32 RecurrenceRuleId:int32",
    ),
    "GetMySyncAppointments": Service(lists.sync_data, "AppointmentSyncData[]", body=_SPAN.strip()),
    "GetAppointmentList": Service(lists.by_ids, _ROWS, raw="int32[]"),
    "GetMyAppointments": Service(
        listed("The caller's appointments and tasks.", lists.mine, between), _ROWS, body=_RANGE.strip()
    ),
    "GetMyDiary": Service(
        listed("The caller's diary.", lists.mine, lists.in_diary, between), _ROWS, body=_RANGE.strip()
    ),
    "GetMyTasks": Service(
        listed("The caller's open tasks.", lists.mine, lists.open_task), _ROWS, body="Count:int32"
    ),
    "GetPersonDiary": Service(
        listed("A person's diary.", lists.of_persons_diary, lists.in_diary, between, is_open=True),
        _ROWS,
        body=f"PersonId:int32{_RANGE}",
    ),
    "GetPersonTasks": Service(
        listed("A person's open tasks.", lists.of_persons_diary, lists.open_task),
        _ROWS,
        body="PersonId:int32 Count:int32",
    ),
    "GetDayInformationListByDatesAndAssociate": Service(
        days.day_information, "DayInformationListItem[]", body=_DAYS
    ),
    "GetActivityInformationListByDatesAndAssociate": Service(
        days.activity_information, "ActivityInformationListItem[]", body=_DAYS
    ),
    "GetRedLetterInformationListByDatesAndAssociate": Service(
        days.red_letter_information, "RedLetterInformationListItem[]", body=_DAYS
    ),
    "GetAlarms": Service(
        days.alarms,
        "MultiAlarmData",
        body="IncludeInvitations:bool IncludeAllAppointments:bool DefaultAlarmLeadTimeInMinutes:int32",
    ),
    "GetNextAvailableTime": Service(
        diaries.next_available_time,
        "NextAvailableTime[]",
        body=f"Associates:int32[]{_RANGE} IsAllDay:bool",
    ),
}

_ANSWER, _REFUSAL = f"{_ID}{_MODE}", f"{_ID} RejectReason:string{_MODE}"
_INVITATIONS: Final[dict[str, Service]] = {
    "Accept": Service(invitations.accept, body=_ANSWER),
    "AcceptWithEmailConfirmation": Service(invitations.accept_by_mail, body=_ANSWER),
    "AcceptWithSmtpEmailConfirmation": Service(invitations.accept_by_mail, body=_ANSWER),
    "Reject": Service(invitations.reject, body=_REFUSAL),
    "RejectWithEmailConfirmation": Service(invitations.reject_by_mail, body=_REFUSAL),
    "RejectWithSmtpEmailConfirmation": Service(invitations.reject_by_mail, body=_REFUSAL),
    "UpdateAppointmentFromIcsResponse": Service(
        mails.take_ics, "bool", body="EmailAddress:string IcsData:byte", may_write=True
    ),
    "SetSeen": Service(invitations.set_seen, body=_ANSWER),
    "SetSeenMany": Service(invitations.set_seen_many, body=f"AppointmentIds:int32[]{_MODE}"),
    "AcceptRejected": Service(invitations.accept_rejected, _ENTITY, body=_ANSWER),
    "AssignTo": Service(invitations.assign_to, _ENTITY, body=f"{_ID} Participant:ParticipantInfo{_MODE}"),
    "CleanUpBookingDeleted": Service(
        invitations.clean_up, "int32", body="AppointmentIds:int32[]", may_write=True
    ),
    "CleanUpBookingDeletedWithUpdateMode": Service(
        invitations.clean_up_with_mode, body=f"AppointmentIds:int32[]{_MODE}", may_write=True
    ),
    "CleanUpRecurringBookingDeleted": Service(invitations.clean_up_all, "int32", may_write=True),
    "GetOrganizerName": Service(drafts.organizer_name, "string", body="MotherAppointmentId:int32"),
}

_CHANGES: Final[dict[str, Service]] = {
    "SaveWithCustomInvitation": Service(
        mails.save_with_invitation,
        "AppointmentSaveData",
        body=f"{_SENT}{_MODE}{_MAIL} EmailBody:string Subject:string TemplateLanguage:string",
    ),
    "SaveAppointmentEntity": Service(appointments.save, _ENTITY, raw=_ENTITY),
    "Save": Service(changes.save, _ENTITY, body=f"{_SENT}{_MODE}{_MAIL}"),
    "DeleteAppointmentEntity": Service(appointments.delete, query="AppointmentEntityId:int32"),
    "Delete": Service(changes.delete, body=f"{_ID}{_MODE}{_MAIL}"),
    "Move": Service(changes.move, _ENTITY, body=f"{_ID} NewStartTime:date-time{_MODE}"),
    "MoveWithEmail": Service(changes.move, _ENTITY, body=f"{_ID} NewStartTime:date-time{_MODE}{_MAIL}"),
    "MoveExtended": Service(changes.move_extended, _ENTITY, body="AppointmentMoveData:AppointmentMoveData"),
    "UpdateAppointment": Service(changes.update, "Appointment", body=_QUICK),
    "UpdateAppointmentWithMode": Service(changes.update, "Appointment", body=f"{_QUICK}{_MODE}"),
    "UpdateAppointmentWithModeAndEmail": Service(
        changes.update, "Appointment", body=f"{_QUICK}{_MODE}{_MAIL}"
    ),
    "ToggleAppointmentStatus": Service(changes.toggle_status, "enum:AppointmentStatus", body=_ID),
    "ToggleActivity": Service(
        changes.toggle_activity, "enum:ActivityStatus", body="ActivityIdentifier:string"
    ),
    "ToggleActivities": Service(
        changes.toggle_activities, "enum:ActivityStatus", body="ActivityIdentifier:string[]"
    ),
    "SetActivityStatus": Service(
        changes.set_status, body="ActivityIdentifier:string[] ActivityStatus:enum:ActivityStatus"
    ),
    "ToggleAndSetActivities": Service(
        changes.toggle_and_set, "string[]", body="ActivityIdentifiers:string[]"
    ),
    "ConvertAppointmentToTask": Service(changes.convert_to_task, _ENTITY, body=_ID),
    "CreateAppointmentForUID": Service(changes.create_for_uid, _ENTITY, body=f"{_SENT} UID:string"),
}

# What can change or stop the rule of a series, and so delete exceptions.
_RULING: Final = (
    *("SaveAppointmentEntity", "Save", "SaveWithCustomInvitation", "Delete", "AssignTo"),
    *("Move", "MoveWithEmail", "MoveExtended"),
    *("UpdateAppointmentWithMode", "UpdateAppointmentWithModeAndEmail"),
)

_DRAFTS: Final[dict[str, Service]] = {
    "GetAppointment": Service(appointments.get_simple, "Appointment", query=_ID),
    "GetAppointmentEntity": Service(appointments.get, _ENTITY, query="AppointmentEntityId:int32"),
    "CreateDefaultAppointmentEntity": Service(appointments.create_default, _ENTITY),
    "CreateDefaultAppointmentEntityByType": Service(
        drafts.default_by_type, _ENTITY, body="Type:enum:TaskType"
    ),
    "CreateDefaultAppointmentEntityByTypeAndAssociate": Service(
        drafts.default_by_type_and_associate, _ENTITY, body="Type:enum:TaskType AssociateId:int32"
    ),
    "CreateAppointmentEntityFromExisting": Service(
        drafts.from_existing, _ENTITY, body=f"{_ID} AssociateId:int32"
    ),
    "ValidateAppointmentEntity": Service(appointments.validate, "map<string,string>", body=_SENT),
    "CalculateDays": Service(diaries.calculate_days, "RecurrenceInfo", body=_SENT),
    "ValidateDays": Service(diaries.validate_days, "RecurrenceDate[]", body=f"{_SENT} Dates:date-time[]"),
    "CreateDefaultRecurrence": Service(drafts.default_recurrence, "RecurrenceInfo"),
    "CreateDefaultRecurrenceByDate": Service(
        drafts.default_recurrence_by_date, "RecurrenceInfo", body="StartDate:date-time"
    ),
    "GetCanInsertForAssociates": Service(drafts.can_insert, "bool[]", body="AssociateIds:int32[]"),
    "GetAppointmentHaveParticipantsWithEmail": Service(drafts.have_email, "bool", body=_ID),
    "GetAppointmentFromUID": Service(drafts.from_uid, _ENTITY, body="UID:string"),
    "GetUIDFromAppointmentId": Service(drafts.uid_from_id, "string", body=f"{_ID} UseMotherId:bool"),
    "GetAppointmentEmailInvitation": Service(
        mails.invitation,
        "EMailEntity",
        body="Appointment:AppointmentEntity TemplateName:string Language:string",
    ),
    "WillSendEmail": Service(mails.will_send_email, "bool", body="Appointment:AppointmentEntity"),
    "CreateDefaultTaskListItem": Service(list_services.new_task, "TaskListItem"),
    "SaveTaskListItem": Service(tasks.save, "TaskListItem", raw="TaskListItem"),
    "GetTaskListItem": Service(tasks.one, "TaskListItem", query="TaskListItemId:int32"),
    "GetTaskListItems": Service(list_services.all_tasks, "TaskListItem[]", body="IncludeDeleted:bool"),
    "GetVideoMeetingConnectedState": Service(video.connected_state, "UserConnectedState"),
    "CreateVideoMeetingReservation": Service(video.reserve, "VideoMeetingReservation"),
    "DeleteVideoMeetingReservation": Service(video.release, body="VideoMeetingId:string"),
    "CreateDefaultReOpenAppointment": Service(drafts.default_re_open, _ENTITY, body="SaleId:int32"),
}

GUIDES, LEADS = "sales and project guides", "lead generation"
INBOX = "mail inbox"
# What needs a system that this product does not have: method → which.
REFUSED: Final[dict[str, str]] = {
    "GenerateLead": LEADS,
    "RequestForInfo": LEADS,
    "GetSuggestedAppointment": GUIDES,
    "CreateDefaultSuggestedAppointmentEntity": GUIDES,
    "SaveSuggestedAppointmentEntity": GUIDES,
    "GetSuggestedAppointmentEntity": GUIDES,
    "CreateDefaultAppointmentEntityFromSaleSuggestion": GUIDES,
    "GetNextSuggestedAppointmentBySale": GUIDES,
    "CreateDefaultAppointmentEntityFromProjectSuggestion": GUIDES,
    "CanAssignToProjectMember": GUIDES,
    "CreateAndAccept": INBOX,
    "CreateAndAcceptWithEmailConfirmation": INBOX,
    "DeclineInvitationFromEmailItem": INBOX,
}
_REFUSALS: Final = {method: Service(refuse(needs)) for method, needs in REFUSED.items()}

_ALL: Final = {**_DRAFTS, **_CHANGES, **_INVITATIONS, **_LISTS, **_REFUSALS}
APPOINTMENT: Final[dict[str, Service]] = _ALL | {
    method: _ALL[method]._replace(may_lose=True) for method in _RULING
}
