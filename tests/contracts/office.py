"""An office with a caller of each kind, and rows as tests/data/rights.tsv names them, behind a running server."""

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import AssociateType
from appointed.domain.principal import Principal, Role
from appointed.usecases.administer import CreateClient, CreateTenant, CreateUser
from appointed.usecases.create_appointment import blank, new_names
from appointed.usecases.identifiers import Identifiers, seeded
from appointed.usecases.ports import Change, Decide, Decision, NoRows
from appointed.usecases.query import AllOf, Node, Operator, Query, Test
from tests.contracts.served import SO, SQ, Served
from tests.rights_rows import members

USERS = ("administrator", "department_administrator", "scheduler", "agent")
COLLEAGUE, STRANGER = "ola", "kari"
BASE = {SO: "/api/v1/Appointment", SQ: "/api/v1/appointments"}
# More rows than these tests make in the demo tenant.
FAR = 6_000 if os.environ.get("APPOINTED_TEST_SIZE") == "full" else 2_000


@dataclass
class Office:
    """The demo tenant with one caller of each role in department 1, and another tenant's row."""

    served: Served
    headers: dict[str, dict[str, str]]
    ids: dict[str, int]
    foreign: tuple[int, UUID]
    names: Identifiers
    # What else stands in the rows that are placed.
    more: dict[str, Any] = field(default_factory=dict)

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
            return Decision(creations=(replace(made, **values | self.more),))

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


async def an_office(served: Served) -> Office:
    """Give the server its callers: one of each role, a program, and a guest who is in no department."""
    run = served.parts.administrator.run
    headers, ids = {}, {COLLEAGUE: 3, STRANGER: 2}
    for name in USERS:
        command = CreateUser(tenant_id=1, login=name, password=name, full_name=name, role=Role(name))
        ids[name] = int((await run(command))["associate"])
        headers[name] = served.basic(name)
    guest = await run(CreateUser(tenant_id=1, login="guest", password="guest", full_name="Guest"))
    ids["guest"], headers["guest"] = int(guest["associate"]), served.basic("guest")
    known = (await served.parts.store.directory(1)).associates[ids["guest"]]
    outside = replace(known, type=AssociateType.EXTERNAL, group_id=0)
    await served.parts.store.put_records(1, (outside,))
    made = await run(CreateClient(tenant_id=1, client_id="matrix", department_ids=(1,)))
    ids["client"] = int(made["associate"])
    grant = {"grant_type": "client_credentials"}
    answer = await served.client.post(
        "/oauth2/token", data=grant, headers=served.basic("matrix", made["client_secret"])
    )
    headers["client"] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    names = seeded("rights")
    return Office(served, headers, ids, await foreign_row(served, names), names)


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
