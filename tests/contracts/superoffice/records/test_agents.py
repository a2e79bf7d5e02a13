"""The agents Contact, Person, Project and Sale: the twins of their addresses, and the flat carriers."""

from typing import Any

import httpx
import pytest

from appointed.domain.directory import AssociateType
from appointed.usecases.administer import CreateTenant
from tests.contracts.served import Served
from tests.contracts.superoffice.desk import Desk, entity
from tests.contracts.superoffice.records.shelf import EXAMPLES, Shelf, difference, every
from tests.contracts.superoffice.records.test_rights import login

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

CHANGED = {"UpdatedBy", "UpdatedDate", "Updated"}


async def call(
    served: Served, method: str, body: Any = None, who: str = "demo", **headers: str
) -> httpx.Response:
    """Call a method as the client does: what is no argument goes as the body null."""
    sent = served.basic(who) | {"Content-Type": "application/json"} | headers
    return await served.client.post(f"/api/v1/Agents/{method}", json=body, headers=sent)


async def asked(served: Served, method: str, body: Any = None, **headers: str) -> Any:
    answer = await call(served, method, body, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "_Links"}


@every
@pytest.mark.clause("SO-AGENT-030")
async def test_what_rest_does_the_agent_does(served: Served, name: str) -> None:
    shelf, example, agent = Shelf(served, name), EXAMPLES[name], f"{name}/"
    root, key = f"{name}Entity", f"{name}Id"
    default = await asked(served, f"{agent}CreateDefault{root}")
    assert default == entity(await shelf.call("GET", "default"))
    made = await asked(served, f"{agent}Save{root}", default | example.least | {example.text: "by agent"})
    number = made[key]
    assert made == plain(await shelf.read(number))
    assert (made[example.text], made["CreatedBy"]["AssociateId"]) == ("by agent", 1)
    for argument in (f"{root}Id", f"{root[0].lower()}{root[1:]}Id"):
        assert await asked(served, f"{agent}Get{root}?{argument}={number}") == made
    # As the client sends what it read: names in its own case, all members.
    camel = {one[0].lower() + one[1:]: value for one, value in made.items()}
    saved = await asked(served, f"{agent}Save{root}", camel | {example.text.lower(): "again"})
    assert difference(made, saved) <= {example.text, *example.follows, *CHANGED}
    assert saved == plain(await shelf.read(number))
    assert saved[example.text] == "again"
    answer = await call(served, f"{agent}Save{root}", {key: number, "ActiveErpLinks": 5})
    assert (answer.json(), answer.headers["Appointed-Ignored"]) == (saved, "ActiveErpLinks")
    assert len(await shelf.history(number)) == 2


@every
@pytest.mark.clause("SO-AGENT-030")
async def test_flat_carriers_are_those_that_appointments_show(served: Served, name: str) -> None:
    number = await Desk(served).new(**{name: {f"{name}Id": 1}})
    shown = (await Desk(served).read(number))[name]
    assert await asked(served, f"{name}/Get{name}?{name.lower()}Id=1") == shown
    assert await asked(served, f"{name}/Get{name}List", [1, 99_999, "1"]) == [shown, shown]
    selected = await asked(served, f"{name}/Get{name}?{name}Id=1&$select=TableRight")
    assert {one for one, value in selected.items() if value} == {"TableRight"}


async def test_the_persons_of_a_contact(served: Served) -> None:
    contact = await Shelf(served, "Contact").new()
    persons = Shelf(served, "Person")
    numbers = [await persons.new(ContactId=contact, Rank=rank) for rank in (2, 1)]
    for method in ("Contact/GetPersons", "Person/GetPersonsFromContact"):
        found = await asked(served, method, {"ContactId": contact})
        assert [one["PersonId"] for one in found] == numbers[::-1]
        assert await asked(served, method, {"contactId": 0}) == []


@every
async def test_what_is_not_there_and_what_is_wrong(served: Served, name: str) -> None:
    shelf, root = Shelf(served, name), f"{name}Entity"
    for absent in (0, -1, 99_999):
        assert await asked(served, f"{name}/Get{root}?{root}Id={absent}") is None
        assert await asked(served, f"{name}/Get{name}?{name}Id={absent}") is None
    number = await shelf.new()
    before = await shelf.history(number)
    least = next(iter(EXAMPLES[name].least))
    for method, body, status, code in (
        (f"Save{root}", None, 400, "missing_body"),
        (f"Save{root}", [], 400, "invalid_request"),
        (f"Save{root}", {f"{name}Id": 99_999}, 404, "record_not_found"),
        (f"Save{root}", {f"{name}Id": number, least: ""}, 400, "invalid_value"),
        (f"Save{root}", {}, 400, "invalid_value"),
        (f"Get{root}", None, 400, "invalid_request"),
        (f"Delete{root}?{root}Id={number}", None, 400, "not_provided"),
    ):
        answer = await call(served, f"{name}/{method}", body)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (status, code), answer.text
        served.assert_body("superoffice", answer)
    assert await shelf.history(number) == before


@every
async def test_what_is_tried_is_not_kept(served: Served, name: str) -> None:
    shelf, example, method = Shelf(served, name), EXAMPLES[name], f"{name}/Save{name}Entity"
    number = await shelf.new()
    before = await shelf.read(number)
    snapshot = (await served.parts.store.directory(1)).revision
    for body in ({f"{name}Id": number, example.text: "tried"}, example.least | {example.text: "tried"}):
        answer = await call(served, method, body, Prefer="dry-run")
        assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "dry-run")
        assert answer.json()["result"][example.text] == "tried"
    assert (await served.parts.store.directory(1)).revision == snapshot
    assert await shelf.read(number) == before


@every
async def test_guests_and_other_tenants_reach_none(served: Served, name: str) -> None:
    guest, root = (
        await login(served, "agents_guest", type=AssociateType.EXTERNAL, group_id=1),
        f"{name}Entity",
    )
    methods = [
        (f"CreateDefault{root}", None),
        (f"Get{root}?{root}Id=1", None),
        (f"Get{name}?{name}Id=1", None),
        (f"Get{name}List", [1]),
        (f"Save{root}", {f"{name}Id": 1, EXAMPLES[name].text: "x"}),
        (f"Save{root}", EXAMPLES[name].least),
    ]
    for method, body in methods:
        answer = await call(served, f"{name}/{method}", body, guest)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (403, "forbidden")
    number = await Shelf(served, name).new(**{EXAMPLES[name].text: "Not theirs"})
    other = await stranger(served)
    for method, body, nothing in (
        (f"Get{root}?{root}Id={number}", None, None),
        (f"Get{name}?{name}Id={number}", None, None),
        (f"Get{name}List", [number], []),
    ):
        assert (await call(served, f"{name}/{method}", body, other)).json() == nothing
    missing = await call(served, f"{name}/Save{root}", {f"{name}Id": number}, other)
    assert missing.status_code == 404


async def stranger(served: Served) -> str:
    """Make another tenant with an administrator, once."""
    name = "agents_stranger"
    if not await served.parts.store.account("login", name):
        command = CreateTenant(name="Elsewhere", zone="Europe/London", login=name, password=name)
        await served.parts.administrator.run(command)
    return name
