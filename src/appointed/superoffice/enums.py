"""The contract's enums: names out, names or numbers in (Response body, AppointmentEntity and what it nests).

A combination of flags is written as `A, B`.
"""

import re
from functools import reduce
from operator import or_
from typing import Final

import msgspec

# Names and numbers as the contract's own client declares them; of two names for one number the first counts.
_PLAIN: Final = {
    "AppointmentPrivate": "Public=0 PrivateUser=1 PrivateGroup=2",
    "AppointmentType": (
        "Unknown=0 inDiary=1 inChecklist=2 Note=3 Document=4 SavedReport=5 BookingForDiary=6 "
        "BookingForChecklist=7 MergeDraft=8 MergeFinal=9"
    ),
    "ActivityStatus": "Unknown=0 NotStarted=1 Started=2 Completed=3",
    "InvitationStatus": (
        "Unknown=0 None=1 Accepted=2 Hidden=4 Invitation=5 Moved=6 Seen=7 MovedSeen=8 Declined=9 Cancelled=10"
    ),
    "AssignmentStatus": "Unknown=0 None=1 Assigning=11 Seen=12 Declined=13",
    "BookingType": "Unknown=0 None=1 Owner=2 Participant=3",
    "AppointmentCautionWarning": (
        "OK=0 NotInSync=1 NotNotifiedByEmail=2 RecurrencePatternNotSupported=3 "
        "IncomingRecurrenceChangeNotSupported=4 ExternalParticipantsDateTimeMismatch=5"
    ),
    "AppointmentExternalOwner": "None=0 Other=1 Outlook=2 Google=3",
    "ExternallyOwnedType": "Unknown=0 Organizer=1 Required=2 Optional=3 Resource=4",
    "ExternallyOwnedStatus": "Unknown=0 TentativelyAccepted=1 Accepted=2 Declined=3 NotResponded=4",
    "Visibility": "All=0 Associate=1 Group=2",
    "RecurrencePattern": "Unknown=0 Daily=1 Weekly=2 Monthly=3 Yearly=4 Custom=5",
    "RecurrenceEndType": "Unknown=0 EndDate=1 Counter=2",
    "RecurrenceDailyPattern": "Unknown=0 EveryWorkday=1 EveryWeekday=2 EveryCyclicDay=3",
    "RecurrenceMonthlyPattern": "Unknown=0 DayOfMonth=4 WeekdayOfMonth=5",
    "RecurrenceYearlyPattern": "Unknown=0 DayOfMonth=6 WeekdayOfMonth=7",
    "WeekOfMonth": "Unknown=0 First=1 Second=2 Third=3 Fourth=4 Last=5",
    "RecurrenceUpdateMode": "Unknown=0 OnlyThis=1 ThisAndForward=2 StopRecurrence=9",
    "TaskType": (
        "Unknown=0 Appointment=1 Document=2 Email=3 Fax=4 Phone=5 ToDo=6 MailMergeDraft=7 "
        "MailMergeFinal=8 Report=9 SaintAll=10"
    ),
    "TaskDirection": "Unknown=0 Incoming=1 Outgoing=2 SaintAll=3",
    "ColorIndex": (
        "LightBlue=0 DarkBlue=1 LightGray=2 DarkGray=3 LightGreen=4 DarkGreen=5 LightYellow=6 "
        "DarkYellow=7 LightRed=8 DarkRed=9 BlueAlt1=10 BlueAlt2=11 BlueAlt3=12 GrayAlt1=13 GrayAlt2=14 "
        "GrayAlt3=15 GreenAlt1=16 GreenAlt2=17 GreenAlt3=18 YellowAlt1=19 YellowAlt2=20 YellowAlt3=21 "
        "RedAlt1=22 RedAlt2=23 RedAlt3=24"
    ),
    "VideoMeetingStatus": "NoChange=0 VideoMeetingOn=1 VideoMeetingOff=2",
    "UserType": (
        "Unknown=0 InternalAssociate=1 ResourceAssociate=2 ExternalAssociate=3 AnonymousAssociate=4 "
        "SystemAssociate=5"
    ),
    "AddressType": (
        "Unknown=0 ContactPostalAddress=1 ContactStreetAddress=2 PersonPrivateAddress=16387 "
        "QuoteBillingAddress=8196 QuoteShippingAddress=8197"
    ),
    "PreferenceLevel": "Undefined=0 HardDefault=1 SystemWide=2 Database=3 Group=4 Individual=5 PC=6",
    "PrefDescValueType": (
        "Unknown=0 Number=1 Text=2 Bool=3 ListOfValues=4 ListTableRef=5 TimeList=6 ContactID=7 PersonID=8 "
        "ProjectID=9 SelectionID=10 PosSize=11 TimeZone=12 Time=13 Password=14 MultiLineText=15"
    ),
    "OrderBySortType": "ASC=0 DESC=1",
    "InterRestrictionOperator": "None=0 And=1 Or=2",
    "SaleStatus": "Unknown=0 Open=1 Sold=2 Lost=3 Stalled=4 SaintAll=1000",
    "CustomFieldType": (
        "Unknown=0 Integer=1 ShortText=2 LongText=3 Date=4 Blob=5 Checkbox=6 MdoList=7 Decimal=8 DateTime=9 "
        "Time=10 TimeSpan=11 RelationTo=12 Attachment=13 DynamicLink=14 ListText=15"
    ),
    "UDefFieldType": ("Number=1 ShortText=2 LongText=3 Date=4 UnlimitedDate=5 Checkbox=6 List=7 Decimal=8"),
    "UDefType": ("Invalid=0 Contact=7 Person=8 Project=9 Sale=10 Temp=11 Appointment=12 Document=13 None=14"),
    "UdefJustification": "Default=0 Left=1 Center=2 Right=3",
    "WebhookState": "Unknown=0 Active=1 Stopped=2 TooManyErrors=3",
    "WebhookNotifyVia": "None=0 Email=1 InApp=2",
    "WebhookNotifyWhen": "None=0 FirstFailure=1 Disabling=2",
    "AppointmentStatus": (
        "UnknownOrPostIt=0 NotStarted=1 Started=2 Completed=3 Hidden=4 Booking=5 BookingMoved=6 "
        "BookingSeen=7 BookingMovedSeen=8 BookingDeclined=9 BookingDeleted=10 Assignment=11 "
        "AssignmentSeen=12 AssignmentDeclined=13"
    ),
}
_FLAGS: Final = {
    "Weekday": "Unknown=0 Monday=1 Tuesday=2 Wednesday=4 Thursday=8 Friday=16 Saturday=32 Sunday=64",
    "ETableRight": (
        "None=0 Select=1 Update=2 UR=3 Insert=4 RI=5 URI=7 Delete=8 UDR=11 FULL=15 Filtering=16 RF=17 "
        "FI=20 RestrictedUpdate=32 URU=34 WRITE=38 Unused1=64 Uninitialized=128 R=1 F=16"
    ),
    "EFieldRight": (
        "None=0 Read=1 Write=2 Update=3 Unused1=4 Unused2=8 Unused3=16 Nullable=32 Unused4=32 "
        "UIHintMandatory=64 UIHintReadOnly=128 UIHints=192 UndefinedValue256=256"
    ),
}
# The names a combination is written with, each taken while its bits are left.
_WRITTEN: Final = {
    "Weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "ETableRight": "Select Update Insert Delete Filtering RestrictedUpdate Unused1 Uninitialized",
    "EFieldRight": (
        "Update Read Write Unused1 Unused2 Unused3 Nullable UIHintMandatory UIHintReadOnly UndefinedValue256"
    ),
}

_NUMBER = re.compile(r"\s*([0-9]{1,10})\s*", re.ASCII)


class Enum(msgspec.Struct, frozen=True):
    """One enum: name → number and back, folded name → number, and the names flags are written with."""

    numbers: dict[str, int]
    names: dict[int, str]
    folded: dict[str, int]
    flags: tuple[str, ...] = ()
    every_flag: int = 0


def _enum(declared: str, flags: str = "") -> Enum:
    pairs = (entry.split("=") for entry in declared.split())
    numbers = {name: int(number) for name, number in pairs}
    names = {number: name for name, number in reversed(numbers.items())}
    folded = {name.lower(): number for name, number in numbers.items()}
    written = tuple(flags.split())
    return Enum(numbers, names, folded, written, reduce(or_, (numbers[name] for name in written), 0))


ENUMS: Final[dict[str, Enum]] = {name: _enum(declared) for name, declared in _PLAIN.items()} | {
    name: _enum(declared, _WRITTEN[name]) for name, declared in _FLAGS.items()
}


def read_enum(enum: str, value: object) -> str:
    """Read a value of the named enum as the name (flags: the combination) that is written for it.

    A name in any ASCII case, a number or its digits; flags also `A, B`, a sum or a list. Raises ValueError.
    """
    table = ENUMS[enum]
    if table.flags:
        return write_flags(enum, read_flags(enum, value))
    if type(value) is str and value in table.numbers:
        return value
    found = table.names.get(_number(table, value))
    if found is None:
        raise ValueError(value)
    return found


def read_flags(enum: str, value: object) -> int:
    """Read a combination of flags as their sum; forms and errors as for `read_enum`."""
    table = ENUMS[enum]
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        parts = [parts]
    total = reduce(or_, (_number(table, part) for part in parts), 0)
    if total & ~table.every_flag:
        raise ValueError(value)
    return total


def write_flags(enum: str, total: int) -> str:
    """Write a sum of flags as `A, B` in the declared order; none is the name of zero. Raises ValueError."""
    table = ENUMS[enum]
    names, left = [], total
    for name in table.flags:
        bits = table.numbers[name]
        if left & bits == bits:
            names.append(name)
            left &= ~bits
    if left:
        raise ValueError(total)
    return ", ".join(names) or table.names[0]


def _number(table: Enum, value: object) -> int:
    if isinstance(value, str):
        number = table.folded.get(value.strip().lower()) if value.isascii() else None
        if number is not None:
            return number
        if digits := _NUMBER.fullmatch(value):
            return int(digits[1])
    elif (
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == value // 1
    ):
        return int(value)
    raise ValueError(value)
