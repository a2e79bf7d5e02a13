"""Members of a request, and what null means (PATCH /api/v1/appointments/{appointment}, requestBody).

Create follows the field list of its own page; cancel takes what a real client sends.
"""

from msgspec.structs import replace

from appointed.domain.meeting import Bandwidth
from appointed.domain.redirect_url import LONGEST as LONGEST_URL
from appointed.domain.status import Status
from appointed.domain.validity import LONGEST, TEXT_LIMITS
from appointed.sqod.readers import (
    answer,
    email,
    integer,
    one_of,
    read_birthday,
    read_boolean,
    read_moment,
    read_reference,
    read_uuid,
    text,
)
from appointed.sqod.validation import Null, Rule, Table

LONGEST_MINUTES = int(LONGEST.total_seconds()) // 60
LONGEST_NAME = 255
LONGEST_ANSWER = 4000

# The nine switches by the domain's names.
SWITCHES = {
    f"features_{name}_enable": name
    for name in (
        "call_recording",
        "breakout_room",
        "webcam_access_agent",
        "webcam_access_claimant",
        "webcam_background_blurring",
        "microphone_access",
        "screen_sharing",
        "messages_chat",
        "participant_list",
    )
}

ANSWER: Table = {
    "id": Rule(read=read_uuid, is_required=True),
    "value": Rule(read=answer(LONGEST_ANSWER), null=Null.CLEARS),
}

CLAIMANT: Table = {
    "name": Rule(read=text(LONGEST_NAME)),
    "email": Rule(read=email(LONGEST_NAME), null=Null.CLEARS),
    "phone_number": Rule(read=text(LONGEST_NAME), null=Null.CLEARS),
    "date_of_birth": Rule(read=read_birthday, null=Null.CLEARS),
    "data": Rule(rows=ANSWER, null=Null.LEAVES),
}

_SWITCH = Rule(read=read_boolean)
_URL = Rule(read=text(LONGEST_URL), null=Null.CLEARS)

PATCH: Table = {
    "appointment_at": Rule(read=read_moment),
    "duration_in_minutes": Rule(read=integer(1, LONGEST_MINUTES)),
    "department_id": Rule(read=read_reference, null=Null.LEAVES),
    "is_interpreter_needed": Rule(read=read_boolean, null=Null.CLEARS, cleared=False),
    "interpreter_language": Rule(read=text(TEXT_LIMITS["interpreter_language"]), null=Null.CLEARS),
    "status": Rule(read=one_of(Status), null=Null.LEAVES),
    "claimant": Rule(members=CLAIMANT),
    **dict.fromkeys(SWITCHES, _SWITCH),
    "features_bandwidth": Rule(read=one_of(Bandwidth), null=Null.LEAVES),
    "use_custom_post_call_redirect": _SWITCH,
    "custom_user_post_call_redirect_url": _URL,
    "custom_agent_post_call_redirect_url": _URL,
}


def _required(table: Table, *names: str) -> Table:
    return {name: replace(rule, is_required=name in names) for name, rule in table.items()}


_CREATED = {
    **PATCH,
    "reference": Rule(read=text(TEXT_LIMITS["reference"]), null=Null.LEAVES),
    "claimant": Rule(members=_required(CLAIMANT, "name")),
}

CREATE: Table = _required(
    {name: rule for name, rule in _CREATED.items() if name != "status"},
    "appointment_at",
    "duration_in_minutes",
    "claimant",
)

CANCEL: Table = {
    "cancellation_reason": Rule(read=text(TEXT_LIMITS["cancellation_reason"]), null=Null.CLEARS),
}
