"""How the domain's words for states are spelled in the contract."""

from appointed.domain.appointment import (
    AssignmentStatus,
    BookingType,
    Caution,
    ExternalOwner,
    Kind,
    Privacy,
)
from appointed.domain.status import Completion

KINDS = {
    Kind.UNKNOWN: "Unknown",
    Kind.DIARY: "inDiary",
    Kind.CHECKLIST: "inChecklist",
    Kind.NOTE: "Note",
    Kind.DOCUMENT: "Document",
    Kind.SAVED_REPORT: "SavedReport",
    Kind.BOOKING_FOR_DIARY: "BookingForDiary",
    Kind.BOOKING_FOR_CHECKLIST: "BookingForChecklist",
    Kind.MERGE_DRAFT: "MergeDraft",
    Kind.MERGE_FINAL: "MergeFinal",
}
PRIVACIES = {Privacy.PUBLIC: "Public", Privacy.OWNER: "PrivateUser", Privacy.GROUP: "PrivateGroup"}
COMPLETIONS = {
    Completion.NOT_STARTED: "NotStarted",
    Completion.STARTED: "Started",
    Completion.COMPLETED: "Completed",
}
ASSIGNMENT_STATUSES = {
    AssignmentStatus.UNKNOWN: "Unknown",
    AssignmentStatus.NONE: "None",
    AssignmentStatus.ASSIGNING: "Assigning",
    AssignmentStatus.SEEN: "Seen",
    AssignmentStatus.DECLINED: "Declined",
}
BOOKING_TYPES = {
    BookingType.UNKNOWN: "Unknown",
    BookingType.NONE: "None",
    BookingType.OWNER: "Owner",
    BookingType.PARTICIPANT: "Participant",
}
CAUTIONS = {
    Caution.OK: "OK",
    Caution.NOT_IN_SYNC: "NotInSync",
    Caution.NOT_NOTIFIED_BY_EMAIL: "NotNotifiedByEmail",
    Caution.RECURRENCE_PATTERN_NOT_SUPPORTED: "RecurrencePatternNotSupported",
    Caution.INCOMING_RECURRENCE_CHANGE_NOT_SUPPORTED: "IncomingRecurrenceChangeNotSupported",
    Caution.EXTERNAL_PARTICIPANTS_DATE_TIME_MISMATCH: "ExternalParticipantsDateTimeMismatch",
}
EXTERNAL_OWNERS = {
    ExternalOwner.NONE: "None",
    ExternalOwner.OTHER: "Other",
    ExternalOwner.OUTLOOK: "Outlook",
    ExternalOwner.GOOGLE: "Google",
}
COMPLETION_OF = {wire: completion for completion, wire in COMPLETIONS.items()} | {
    # Official samples take an appointment back by the number 0.
    "Unknown": Completion.NOT_STARTED
}
