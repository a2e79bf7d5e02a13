"""Tables taken from the SQOD contract, each with its source named."""

# AppointmentResource and its parts: member → the JSON types it may have (PATCH /api/v1/appointments/{appointment},
# components.schemas; "null" by its response model conventions).
RESOURCE = {
    "id": ("string",),
    "reference": ("string",),
    "appointment_at": ("string",),
    "duration_in_minutes": ("integer",),
    "is_interpreter_needed": ("boolean",),
    "interpreter_language": ("string", "null"),
    "status": ("string",),
    "url": ("string",),
    "created_at": ("string",),
    "cancelled_at": ("string", "null"),
    "cancellation_reason": ("string", "null"),
    "department": ("object", "null"),
    "claimant": ("object",),
    "meeting": ("object", "null"),
    "session_started_at": ("string", "null"),
    "session_ended_at": ("string", "null"),
    "features_call_recording_enable": ("boolean",),
    "features_breakout_room_enable": ("boolean",),
    "features_webcam_access_agent_enable": ("boolean",),
    "features_webcam_access_claimant_enable": ("boolean",),
    "features_webcam_background_blurring_enable": ("boolean",),
    "features_microphone_access_enable": ("boolean",),
    "features_screen_sharing_enable": ("boolean",),
    "features_messages_chat_enable": ("boolean",),
    "features_participant_list_enable": ("boolean",),
    "features_bandwidth": ("string",),
    "use_custom_post_call_redirect": ("boolean",),
    "custom_user_post_call_redirect_url": ("string", "null"),
    "custom_agent_post_call_redirect_url": ("string", "null"),
}
DEPARTMENT = {"id": ("integer",), "name": ("string",)}
CLAIMANT = {
    "name": ("string", "null"),
    "phone_number": ("string", "null"),
    "email": ("string", "null"),
    "date_of_birth": ("string", "null"),
    "data": ("array",),
}
ANSWER = {
    "id": ("string",),
    "value": ("string", "null"),
    "name": ("string", "null"),
    "type": ("string", "null"),
    "required": ("boolean",),
}
MEETING = {
    "id": ("string", "null"),
    "room_name": ("string", "null"),
    "room_url": ("string",),
    "start_date": ("string",),
    "end_date": ("string",),
}
STATUSES = ("no_show", "late", "complete", "being_seen", "waiting", "scheduled", "cancelled")

# Helpdesk article "API endpoints", create: the form as its sample sends it, and the start of its answer.
CREATE_FORM = (
    ("reference", "SXW5qOJBYeIEf0G"),
    ("appointment_at", "2025-08-19T16:50:00.000000"),
    ("duration_in_minutes", "30"),
    ("is_interpreter_needed", "false"),
    ("interpreter_language", ""),
    ("department", ""),
    ("claimant[name]", "John Doe"),
    ("claimant[date_of_birth]", "1990-01-01"),
    ("claimant[phone_number]", "+442071234567"),
    ("claimant[email]", "test@test.com"),
    ("features_call_recording_enable", "false"),
    ("features_breakout_room_enable", "false"),
    ("features_webcam_access_agent_enable", "true"),
    ("features_webcam_access_claimant_enable", "true"),
    ("features_webcam_background_blurring_enable", "false"),
    ("features_microphone_access_enable", "true"),
    ("features_screen_sharing_enable", "false"),
    ("features_messages_chat_enable", "false"),
    ("features_participant_list_enable", "false"),
    ("features_bandwidth", ""),
    ("use_custom_post_call_redirect", "false"),
    ("custom_user_post_call_redirect_url", ""),
    ("custom_agent_post_call_redirect_url", "https://www.sampleurl.co.uk"),
)
CREATE_ANSWER = {
    "reference": "SXW5qOJBYeIEf0G",
    "appointment_at": "2025-08-19T16:50:00.000000Z",
    "duration_in_minutes": 30,
    "is_interpreter_needed": False,
    "interpreter_language": None,
    "status": "scheduled",
}
CREATE_URL_START = "/client-web/schedule/pre-call/summary?reference=SXW5qOJBYeIEf0G"
