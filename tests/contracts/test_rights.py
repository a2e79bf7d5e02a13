"""Who may do what, line by line of tests/data/rights.tsv: every operation through both contracts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.principal import Principal, Role
from appointed.superoffice.entity import BY_NAME
from appointed.usecases.administer import CreateClient, CreateTenant, CreateUser
from appointed.usecases.create_appointment import blank, new_names
from appointed.usecases.identifiers import Identifiers, seeded
from appointed.usecases.list_appointments import readable_rows, visible_rows
from appointed.usecases.ports import Change, Decide, Decision, NoRows
from appointed.usecases.query import AllOf, Node, Operator, Query, Test
from tests.contracts.served import SO, SQ, Served
from tests.rights_rows import lines, members, named

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

CALLERS = ("administrator", "department_administrator", "scheduler", "agent", "client")
COLLEAGUE, STRANGER = "ola", "kari"
BASE = {SO: "/api/v1/Appointment", SQ: "/api/v1/appointments"}
CALL = {
    "appointment_at": "2030-05-06T08:00:00Z",
    "duration_in_minutes": 30,
    "claimant": {"name": "Jane Roe"},
}
PRIORITY = {"Priority": {"Id": 1}}
TIMES = "times"
# More rows than these tests make in the demo tenant.
FAR = 2_000


@dataclass
class Office:
    """The demo tenant with one caller of each role in department 1, and another tenant's row."""

    served: Served
    headers: dict[str, dict[str, str]]
    ids: dict[str, int]
    foreign: tuple[int, UUID]
    names: Identifiers

    async def call(
        self, name: str, contract: str, method: str, path: str = "", **sent: Any
    ) -> httpx.Response:
        """Call as one of them."""
        headers = self.headers[name] | {"Accept": "application/json"} | sent.pop("headers", {})
        return await self.served.client.request(method, BASE[contract] + path, headers=headers, **sent)

    async def row(self, name: str, kind: str) -> Appointment:
        """Keep a row of a kind, as seen from one of the callers."""
        names = new_names(self.names, self.served.parts.clock())
        values = members(
            kind,
            self.ids[name],
            self.ids[COLLEAGUE],
            self.ids[STRANGER],
            self.served.parts.clock(),
            1,
            is_client=name == "client",
        )

        def decide(_rows: Any, view: Any) -> Decision:
            made = blank(names, view, 1, values["created_by"], values["owner_id"], values["starts_at"])
            return Decision(creations=(replace(made, **values),))

        return (await self.served.parts.store.change(change_by(1, decide))).rows[0]

    async def place(self, name: str, kind: str) -> tuple[int, UUID]:
        """Make a row and tell where it is found; another tenant's stands there already."""
        if kind == "tenant":
            return self.foreign
        row = await self.row(name, kind)
        return row.id, row.uid

    async def finds(self, name: str, number: int, reach: Any) -> bool:
        """Tell whether a filter for this caller finds the row."""
        directory = await self.served.parts.store.directory(1)
        where: Node = reach(directory.associates[self.ids[name]])
        query = Query(tenant_id=1, where=AllOf((where, Test("id", Operator.EQ, number))))
        return bool((await self.served.parts.store.page(query)).rows)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(served: Served) -> AsyncIterator[Office]:
    """The server, with its callers."""
    run = served.parts.administrator.run
    headers, ids = {}, {COLLEAGUE: 3, STRANGER: 2}
    for name in CALLERS[:-1]:
        command = CreateUser(tenant_id=1, login=name, password=name, full_name=name, role=Role(name))
        ids[name] = int((await run(command))["associate"])
        headers[name] = served.basic(name)
    made = await run(CreateClient(tenant_id=1, client_id="matrix", department_ids=(1,)))
    ids["client"] = int(made["associate"])
    grant = {"grant_type": "client_credentials"}
    answer = await served.client.post(
        "/oauth2/token", data=grant, headers=served.basic("matrix", made["client_secret"])
    )
    headers["client"] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    names = seeded("rights")
    yield Office(served, headers, ids, await foreign_row(served, names), names)


async def foreign_row(served: Served, names: Identifiers) -> tuple[int, UUID]:
    """Give a row of another tenant under an id that the demo tenant will not reach."""
    command = CreateTenant(name="Elsewhere", zone="Europe/London", login="elsewhere", password="elsewhere")
    tenant_id = (await served.parts.administrator.run(command))["tenant"]
    now = served.parts.clock()

    def decide(_rows: Any, view: Any) -> Decision:
        one = blank(new_names(names, now), view, tenant_id, 1, 1, now)
        return Decision(
            creations=tuple(
                replace(one, id=-number, uid=names.uuid4(), reference=f"F{number}", link_key=f"F{number}")
                for number in range(1, FAR)
            )
        )

    rows = (await served.parts.store.change(change_by(tenant_id, decide))).rows
    assert rows[-1].id == FAR - 1
    return rows[-1].id, rows[-1].uid


def change_by(tenant_id: int, decide: Decide) -> Change:
    """Make a change that asks nobody."""
    return Change(
        tenant_id=tenant_id,
        principal=Principal(tenant_id, 1),
        door="test",
        scope=NoRows(),
        permit=lambda _rows, _view: None,
        decide=decide,
    )


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
