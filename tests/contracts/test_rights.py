"""Who may do what, line by line of tests/data/rights.tsv: every operation through both contracts."""

from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from appointed.superoffice.entity import BY_NAME
from appointed.usecases.list_appointments import readable_rows, visible_rows
from tests.contracts.office import COLLEAGUE, STRANGER, Office, an_office
from tests.contracts.served import SO, SQ, Served
from tests.rights_rows import lines, named

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

CALL = {
    "appointment_at": "2030-05-06T08:00:00Z",
    "duration_in_minutes": 30,
    "claimant": {"name": "Jane Roe"},
}
PRIORITY = {"Priority": {"Id": 1}}
TIMES = "times"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(served: Served) -> Office:
    """The server, with its callers."""
    return await an_office(served)


MATRIX = lines("rights")
CASES = pytest.mark.parametrize("line", MATRIX, ids=named)


def code(answer: httpx.Response) -> str:
    return str(answer.status_code)


class TestSuperOffice:
    @CASES
    async def test_reading(self, office: Office, line: dict[str, str]) -> None:
        number, _uid = await office.place(line["caller"], line["row"])
        answer = await office.call(line["caller"], SO, "GET", f"/{number}")
        told = line["so_read"]
        assert code(answer) == ("200" if told == TIMES else told)
        assert ("Secret" in answer.text) is (told == "200")
        finds = await office.finds(line["caller"], number, visible_rows)
        reads = await office.finds(line["caller"], number, readable_rows)
        assert {(True, True): "yes", (True, False): TIMES}.get((finds, reads), "no") == line["so_list"]

    @CASES
    async def test_listing(self, office: Office, line: dict[str, str]) -> None:
        number, _uid = await office.place(line["caller"], line["row"])
        here, secret = f"appointmentId eq {number}", "text eq 'Secret talk' or location eq 'Secret place'"
        found = [await listed_by(office, line["caller"], one) for one in (here, f"{here} and ({secret})")]
        told = line["so_list"]
        assert [bool(text) for text in found] == [told != "no", told == "yes"]
        for word in ("Secret", "'isFree': True"):
            assert any(word in text for text in found) is (told == "yes")

    @CASES
    async def test_changing(self, office: Office, line: dict[str, str]) -> None:
        number, _uid = await office.place(line["caller"], line["row"])
        people = {"Participants": [{"EmailAddress": "guest@else.example"}]}
        for body, told in (
            ({"Title": "Changed"}, line["so_title"]),
            (PRIORITY, line["so_answer"]),
            (people, line["so_people"]),
        ):
            answer = await office.call(line["caller"], SO, "PATCH", f"/{number}", json=body)
            assert code(answer) == told, (body, answer.text)
            if told != "200":
                office.served.assert_body(SO, answer)
                assert "Secret" not in answer.text

    @CASES
    async def test_sending_it_back(self, office: Office, line: dict[str, str]) -> None:
        number, _uid = await office.place(line["caller"], line["row"])
        read = await office.call(line["caller"], SO, "GET", f"/{number}")
        body = (read.json() if line["so_read"] == "200" else {}) | {"Title": "Changed"}
        answer = await office.call(line["caller"], SO, "PUT", f"/{number}", json=body)
        assert code(answer) == line["so_put"], answer.text

    @CASES
    async def test_deleting(self, office: Office, line: dict[str, str]) -> None:
        number, _uid = await office.place(line["caller"], line["row"])
        answer = await office.call(line["caller"], SO, "DELETE", f"/{number}")
        assert code(answer) == line["so_delete"]


class TestSqod:
    @CASES
    async def test_reading(self, office: Office, line: dict[str, str]) -> None:
        _number, uid = await office.place(line["caller"], line["row"])
        answer = await office.call(line["caller"], SQ, "GET", f"/{uid}")
        assert code(answer) == line["sq_read"]
        assert (str(uid) in await listed(office, line["caller"])) is (line["sq_list"] == "yes")

    @CASES
    async def test_changing(self, office: Office, line: dict[str, str]) -> None:
        _number, uid = await office.place(line["caller"], line["row"])
        answer = await office.call(line["caller"], SQ, "PATCH", f"/{uid}", json={"status": "late"})
        assert code(answer) == line["sq_patch"]

    @CASES
    async def test_cancelling(self, office: Office, line: dict[str, str]) -> None:
        _number, uid = await office.place(line["caller"], line["row"])
        answer = await office.call(line["caller"], SQ, "POST", f"/{uid}/cancel", json={})
        assert code(answer) == line["sq_cancel"], answer.text


async def listed_by(office: Office, name: str, condition: str) -> str:
    """Give the rows that a filter finds as one text, "" without any, in both modes of the list."""
    columns = "appointmentId,text,location,date,isFree,updatedDate,associate/fullName,contact/name"
    texts = []
    for mode in ("Slim", "Full"):
        options = {"$filter": condition, "$select": columns, "$mode": mode}
        answer = await office.call(name, SO, "GET", params=options)
        assert code(answer) == "200", answer.text
        texts.append(str(answer.json()["value"] or ""))
    assert bool(texts[0]) is bool(texts[1])
    return "".join(texts)


async def listed(office: Office, name: str) -> str:
    """Give all pages of a list as one text."""
    found, page = "", 1
    while True:
        answer = await office.call(name, SQ, "GET", f"?per_page=100&page={page}")
        found += answer.text
        if page >= answer.json()["meta"]["last_page"]:
            return found
        page += 1


@pytest.mark.parametrize("line", lines("rights_create"), ids=named)
async def test_creating(office: Office, line: dict[str, str]) -> None:
    name, diary = line["caller"], line["diary"]
    owner = {"group": office.ids[COLLEAGUE], "other": office.ids[STRANGER], "tenant": 4242}.get(diary)
    body = {"Title": "Made"} | ({} if owner is None else {"Associate": {"AssociateId": owner}})
    answer = await office.call(name, SO, "POST", json=body)
    assert code(answer) == line["so_create"], answer.text
    checked = await office.call(name, SO, "POST", "/Validate", json=body)
    assert code(checked) == "200"
    assert ("refused" if checked.json() else "ready") == line["so_validate"]
    department = {"other": 2, "tenant": 4242}.get(diary, 1)
    answer = await office.call(name, SQ, "POST", json=CALL | {"department_id": department})
    assert code(answer) == line["sq_create"], answer.text


class TestWhatIsToldIsTrue:
    """FieldProperties and the refusal come from one rule, so a member is open exactly where it says so."""

    OTHER_VALUES = {
        "ColorIndex": 3,
        "Location": "Elsewhere",
        "RejectReason": "ill",
        "SuggestedAppointmentId": 4,
        "CautionWarning": "NotInSync",
        "Associate": {"AssociateId": 1},
        "Contact": {"ContactId": 2},
        "Description": "Other words",
        "InvitedPerson": {"PersonId": 4},
        "Person": {"PersonId": 4},
        "Priority": {"Id": 2},
        "Private": "PrivateGroup",
        "Project": {"ProjectId": 1},
        "Type": "inChecklist",
        "Completed": "Started",
        "Links": [{"EntityName": "sale", "Id": 1}],
        "AlarmLeadTime": "00:10:00",
        "HasAlarm": True,
        "IsFree": False,
        "IsAlldayEvent": True,
        "LagTime": "00:10:00",
        "LeadTime": "00:10:00",
        "Participants": [{"EmailAddress": "guest@else.example"}],
        "AssignmentStatus": "Assigning",
        "InvitationStatus": "Declined",
        "AssignedBy": {"AssociateId": 1},
        "Task": {"TaskListItemId": 2},
        "PreferredTZLocation": 140,
        "Sale": {"SaleId": 1},
        "IsMileStone": True,
        "JoinVideomeetUrl": "https://meet.example/x",
        "CentralserviceVideomeetId": "x",
        "Title": "Other",
        "Agenda": "Other",
        "InternalNotes": "Other",
        "VisibleFor": [{"VisibleId": 1, "Visibility": "Group"}],
    }

    @pytest.mark.parametrize("kind", ["own", "group", "invited", "external", "other"])
    @pytest.mark.parametrize("name", ["agent", "administrator"])
    async def test_every_member(self, office: Office, name: str, kind: str) -> None:
        row = await office.row(name, kind)
        fields = (await office.call(name, SO, "GET", f"/{row.id}")).json()["FieldProperties"]
        settable = {one.name for one in BY_NAME.values() if one.read is not None} & set(fields)
        # There is no way yet to make a series out of an appointment.
        later = (row.ends_at + timedelta(hours=1)).isoformat()
        others = self.OTHER_VALUES | {"StartDate": later, "EndDate": later}
        assert settable - {"Recurrence"} == set(others)
        for member, value in others.items():
            fresh = await office.row(name, kind)
            step = {"op": "replace", "path": member, "value": value}
            answer = await office.call(name, SO, "PATCH", f"/{fresh.id}", json=[step])
            told = fields[member]["FieldRight"]["Mask"]
            assert (code(answer), told) in {("200", "Update"), ("403", "Read")}, (member, told, answer.text)

    async def test_what_may_not_be_changed_is_named(self, office: Office) -> None:
        row = await office.row("agent", "invited")
        body = {"Title": "x", "Priority": {"Id": 1}, "Contact": {"ContactId": 2}}
        answer = await office.call("agent", SO, "PATCH", f"/{row.id}", json=body)
        assert code(answer) == "403"
        assert answer.json()["Message"] == "The caller may not change Contact, Title of this appointment."


KARI = {"Visibility": "Associate", "VisibleId": 2}
THERE = {"Visibility": "Group", "VisibleId": 2}


async def seen_of(office: Office, name: str, number: int, uid: str) -> tuple[bool, bool, bool, bool]:
    """Tell whether a caller reads a secret row: at its two addresses, and in the two lists."""
    office.headers.setdefault(name, office.served.basic(name))
    read = await office.call(name, SO, "GET", f"/{number}")
    video = await office.call(name, SQ, "GET", f"/{uid}")
    text = await listed_by(office, name, f"appointmentId eq {number} and text contains 'Secret'")
    return "Secret" in read.text, code(video) == "200", "Secret" in text, uid in await listed(office, name)


async def test_whom_a_private_row_names_may_read_it(office: Office) -> None:
    secret = {"Title": "Secret talk", "StartDate": "2031-05-06T08:00:00Z", "VisibleFor": [KARI]}
    office.headers["ola"] = office.served.basic("ola")
    made = (await office.call("ola", SO, "POST", json=secret)).json()
    number, uid = made["AppointmentId"], made["CustomFields"]["x_uid"]
    assert (made["Private"], made["VisibleFor"][0]["DisplayValue"]) == ("PrivateUser", "Kari Nordmann")
    assert await seen_of(office, "ola", number, uid) == (True,) * 4
    assert await seen_of(office, "kari", number, uid) == (True,) * 4
    for stranger in ("agent", "administrator"):
        assert await seen_of(office, stranger, number, uid) == (False,) * 4
    # Read they may, and no more.
    assert code(await office.call("kari", SO, "PATCH", f"/{number}", json=PRIORITY)) == "403"
    assert code(await office.call("kari", SO, "DELETE", f"/{number}")) == "403"
    assert code(await office.call("kari", SQ, "PATCH", f"/{uid}", json={"status": "late"})) == "403"
    mask = (await office.call("kari", SO, "GET", f"/{number}")).json()["TableRight"]["Mask"]
    assert mask == "Select"
    for change, private, reads in (
        ({"VisibleFor": [THERE]}, "PrivateUser", True),
        ({"Private": "PrivateUser"}, "PrivateUser", True),
        ({"Private": "Public"}, "Public", True),
        ({"Private": "PrivateUser"}, "PrivateUser", False),
        ([{"op": "add", "path": "VisibleFor/-", "value": THERE}], "PrivateUser", True),
        ({"Private": "PrivateGroup"}, "PrivateGroup", False),
    ):
        after = await office.call("ola", SO, "PATCH", f"/{number}", json=change)
        assert after.json()["Private"] == private
        assert await seen_of(office, "kari", number, uid) == (reads,) * 4, change
    assert await seen_of(office, "agent", number, uid) == (True,) * 4


@pytest.mark.parametrize("form", ["application/json", "application/xml"])
@pytest.mark.parametrize("query", ["", "?$select=Title,Contact,Participants,CustomFields,StartDate"])
async def test_a_private_row_is_empty_in_every_form(office: Office, form: str, query: str) -> None:
    row = await office.row("agent", "group_private")
    answer = await office.call("agent", SO, "GET", f"/{row.id}{query}", headers={"Accept": form})
    assert code(answer) == "200"
    for word in ("Secret", row.reference, str(row.uid), "Nordmann"):
        assert word not in answer.text
    for name in ("ETag", "Last-Modified"):
        assert name not in answer.headers
