"""How the methods of the agent Appointment are called, and what they answer where nothing is (section 9)."""

from typing import Any

import pytest
from tools.agent_methods import Method, methods

from appointed.superoffice.agents.appointment_table import APPOINTMENT, REFUSED
from tests.contracts.served import Served
from tests.contracts.superoffice.test_agent_methods import WEEKLY, made, times
from tests.contracts.superoffice.test_agents import asked, call

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NOBODY = 999_999
# Whose mail server sends and fetches is the server's own business.
UNREAD = frozenset({"SmtpEMailConnectionInfo", "ImapEMailConnectionInfo"})
# The oldest method has numbers where the others have enums, which are read from numbers as well.
NUMBERED = {"Status:enum:AppointmentStatus": "Status:int32", "Type:enum:AppointmentType": "Type:int32"}


def words_of(method: Method) -> set[str]:
    return {word for word in method.body.split() if word.partition(":")[0] not in UNREAD}


@pytest.mark.clause("SO-AGENT-023")
async def test_the_methods_are_the_contracts() -> None:
    contract = {one.method: one for one in methods()}
    assert set(contract) == set(APPOINTMENT)
    assert len(contract) == 113
    for name, service in APPOINTMENT.items():
        if name in REFUSED:
            continue
        wanted, body = contract[name], set(service.body.split())
        if name == "UpdateAppointment":
            body = {NUMBERED.get(word, word) for word in body}
        found = (service.query.lower(), body - UNREAD, service.raw, service.answers)
        assert found == (wanted.query.lower(), words_of(wanted), wanted.raw, wanted.answers), name


@pytest.mark.clause("SO-AGENT-005")
@pytest.mark.parametrize(
    "method",
    [one.method for one in methods() if not (one.query or one.body or one.raw) and one.method not in REFUSED],
)
async def test_without_arguments_the_body_is_null_or_nothing(served: Served, method: str) -> None:
    answers = [
        await served.so("POST", f"Agents/Appointment/{method}", content=content)
        for content in (b"null", b"", b"{}")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({type(answer.json()) for answer in answers}) == 1


# What is asked of an appointment that is not there → what is answered.
WITHOUT: dict[str, tuple[Any, Any]] = {
    "GetAppointment": (f"?appointmentId={NOBODY}", None),
    "GetAppointmentEntity": (f"?appointmentEntityId={NOBODY}", None),
    "GetTaskListItem": (f"?taskListItemId={NOBODY}", None),
    "GetPublishedAppointment": ({"AppointmentId": NOBODY}, None),
    "GetAppointmentFromUID": ({"UID": "nobody's"}, None),
    "GetUIDFromAppointmentId": ({"AppointmentId": NOBODY, "UseMotherId": True}, None),
    "GetOrganizerName": ({"MotherAppointmentId": NOBODY}, None),
    "GetAppointmentHaveParticipantsWithEmail": ({"AppointmentId": NOBODY}, False),
    "GetAppointmentList": ([NOBODY], []),
    "GetPublishedAppointments": ({"AppointmentIds": [NOBODY]}, []),
    "GetAppointmentRecords": ({"MotherId": NOBODY, "RecurrenceRuleId": 0}, []),
    "GetAssociateDiary": ({"AssociateId": NOBODY, "Count": -1}, []),
    "GetAssociatesDiary": ({"AssociateIds": [NOBODY]}, []),
    "GetAssociatesDiaryInfo": ({"AssociateIds": [NOBODY]}, []),
    "GetDiaryByGroup": ({"GroupId": NOBODY, "GroupType": 1, "Count": -1}, []),
    "GetPersonDiary": ({"PersonId": NOBODY, "Count": -1}, []),
    "GetPersonTasks": ({"PersonId": NOBODY, "Count": -1}, []),
    "CleanUpBookingDeleted": ({"AppointmentIds": [NOBODY]}, 0),
}


@pytest.mark.clause("SO-AGENT-007")
@pytest.mark.parametrize("method", sorted(WITHOUT))
async def test_what_is_not_there_is_null_or_empty(served: Served, method: str) -> None:
    given, wanted = WITHOUT[method]
    query, body = (given, None) if isinstance(given, str) else ("", given)
    assert await asked(served, f"Appointment/{method}{query}", body) == wanted


# Who changes what is not there hears so: from a 204 nobody could tell that nothing was done.
NEVER = {"AppointmentId": NOBODY}
MOVED = NEVER | {"NewStartTime": "2033-03-08T08:00:00"}
UPDATED = {"Id": NOBODY, "Status": 1}
NAMED = f"appointment_id={NOBODY}"
GONE = NEVER | {"Title": "Gone"}
CHANGES: dict[str, Any] = {
    "Accept": NEVER,
    "AcceptWithEmailConfirmation": NEVER,
    "AcceptWithSmtpEmailConfirmation": NEVER,
    "AcceptRejected": NEVER,
    "AssignTo": NEVER | {"Participant": {"AssociateId": 2}},
    "ConvertAppointmentToTask": NEVER,
    "CreateAppointmentEntityFromExisting": NEVER,
    "Delete": NEVER,
    "DeleteAppointmentEntity": f"?appointmentEntityId={NOBODY}",
    "Move": MOVED,
    "MoveExtended": {"AppointmentMoveData": MOVED},
    "MoveWithEmail": MOVED,
    "Reject": NEVER | {"RejectReason": ""},
    "RejectWithEmailConfirmation": NEVER | {"RejectReason": ""},
    "RejectWithSmtpEmailConfirmation": NEVER | {"RejectReason": ""},
    "Save": {"AppointmentEntity": GONE},
    "SaveAppointmentEntity": GONE,
    "SetActivityStatus": {"ActivityIdentifier": [NAMED], "ActivityStatus": 1},
    "SetSeen": NEVER,
    "SetSeenMany": {"AppointmentIds": [NOBODY]},
    "ToggleActivities": {"ActivityIdentifier": [NAMED]},
    "ToggleActivity": {"ActivityIdentifier": NAMED},
    "ToggleAndSetActivities": {"ActivityIdentifiers": [NAMED]},
    "ToggleAppointmentStatus": NEVER,
    "UpdateAppointment": UPDATED,
    "UpdateAppointmentWithMode": UPDATED,
    "UpdateAppointmentWithModeAndEmail": UPDATED,
}


@pytest.mark.parametrize("method", sorted(CHANGES))
async def test_what_is_not_there_cannot_be_changed(served: Served, method: str) -> None:
    given = CHANGES[method]
    query, body = (given, None) if isinstance(given, str) else ("", given)
    answer = await call(served, f"Appointment/{method}{query}", body)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "not_found"), answer.text
    served.assert_body("superoffice", answer)


@pytest.mark.clause("SO-AGENT-028")
async def test_days_of_an_entity_as_argument_and_as_the_body_itself(served: Served) -> None:
    document = times() | {"Recurrence": WEEKLY}
    wrapped = await asked(served, "Appointment/CalculateDays", {"AppointmentEntity": document})
    assert await asked(served, "Appointment/CalculateDays", document) == wrapped
    assert [day["Date"][:10] for day in wrapped["Dates"]][:2] == ["2033-03-07", "2033-03-14"]
    dates = {"Dates": ["2033-03-07T00:00:00"]}
    wrapped = await asked(served, "Appointment/ValidateDays", {"AppointmentEntity": document} | dates)
    assert await asked(served, "Appointment/ValidateDays", document | dates) == wrapped


@pytest.mark.clause("SO-AGENT-008")
@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("CreateDefaultAppointmentEntity", None),
        ("CreateDefaultAppointmentEntityByType", {"Type": "Phone"}),
        ("SaveAppointmentEntity", {"Title": "Chosen"}),
        ("Save", {"AppointmentEntity": {"Title": "Chosen"}}),
    ],
    ids=["default", "by-type", "save-raw", "save"],
)
async def test_entities_are_reduced_to_what_is_selected(served: Served, method: str, body: Any) -> None:
    found = await asked(served, f"Appointment/{method}?$select=title,associate/name", body)
    assert found["Associate"]["Name"] == "demo"
    assert {name for name, value in found.items() if value is not None} <= {"Title", "Associate"}


@pytest.mark.clause("SO-AGENT-002")
@pytest.mark.parametrize("name", ["appointmentEntityId", "APPOINTMENTENTITYID"])
async def test_ids_of_entities_stand_in_the_query(served: Served, name: str) -> None:
    number = (await made(served))["AppointmentId"]
    found = await asked(served, f"Appointment/GetAppointmentEntity?{name}={number}")
    assert found["AppointmentId"] == number
    answer = await call(served, f"Appointment/DeleteAppointmentEntity?{name}={number}")
    assert (answer.status_code, answer.content) == (204, b"")
