"""The agent Archive: the same lists as the addresses', asked with carriers or with texts (Agents WebAPI)."""

from typing import Any

import httpx
import pytest

from appointed.domain.directory import Person
from appointed.superoffice.agents.archives import MOST_BRACKETS, MOST_ROWS
from appointed.usecases.administer import CreateTenant
from tests.contracts.served import Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NORDMANN = {"Name": "fullName", "Operator": "contains", "Values": ["Nordmann"]}
KARI = {"Name": "personId", "Operator": "=", "Values": ["2"]}
INGRID = {"Name": "personId", "Operator": "=", "Values": ["[I:4]"]}


async def call(served: Served, method: str, login: str = "demo", **body: Any) -> httpx.Response:
    return await served.client.post(
        f"/api/v1/Agents/Archive/{method}", json=body, headers=served.basic(login) | {"SO-Language": "en"}
    )


async def asked(served: Served, method: str, **body: Any) -> Any:
    answer = await call(served, method, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def persons(served: Served, *restrictions: dict[str, Any], **more: Any) -> list[int]:
    body = {"ProviderName": "FindPerson", "Columns": ["fullName"], "Restriction": restrictions} | more
    return [row["PrimaryKey"] for row in await asked(served, "GetArchiveListByColumns", **body)]


@pytest.mark.clause("SO-ARCAGENT-001")
async def test_a_page_of_an_archive(served: Served) -> None:
    found = await asked(
        served,
        "GetArchiveListByColumns",
        providerName="findperson",
        columns=["personId", "fullName"],
        sortOrder=[{"name": "fullName", "direction": "DESC"}],
        restriction=[NORDMANN],
        entities=["person"],
        page=0,
        pageSize=100,
    )
    assert [row["ColumnData"]["fullName"]["DisplayValue"] for row in found] == [
        "Ola Nordmann",
        "Kari Nordmann",
    ]
    assert found[1]["ColumnData"].keys() == {"personId", "fullName"}
    assert found[1].items() >= {"EntityName": "person", "PrimaryKey": 2, "StyleHint": ""}.items()
    assert "person_id=2" in found[1]["LinkHint"]
    assert await persons(served, NORDMANN, Entities=["all"]) == [2, 3]
    assert await persons(served, NORDMANN, Entities=["contact"]) == []


@pytest.mark.clause("SO-ARCAGENT-001")
async def test_the_columns_are_the_usual_ones_unless_named(served: Served) -> None:
    body = {"GuiName": "x", "ProviderName": "FindAppointment", "PageSize": 1}
    (row,) = await asked(served, "GetArchiveList", **body)
    rest = (await served.so("GET", "Appointment?$top=1&$mode=full")).json()["value"][0]
    assert row["PrimaryKey"] == rest["PrimaryKey"]
    assert row["ColumnData"].keys() == rest["Column"].keys()


@pytest.mark.clause("SO-ARCAGENT-002")
async def test_restrictions_are_joined(served: Served) -> None:
    either = {"InterOperator": "Or"}
    assert await persons(served, NORDMANN, KARI) == [2]
    assert await persons(served, NORDMANN, INGRID) == []
    assert await persons(served, KARI | either, INGRID) == [2, 4]
    assert await persons(served, KARI | {"InterOperator": 2}, INGRID, NORDMANN) == [2]
    assert await persons(
        served,
        NORDMANN | {"InterOperator": "And"},
        KARI | either | {"InterParenthesis": 1},
        INGRID | {"InterParenthesis": -1},
    ) == [2]
    assert await persons(served, NORDMANN | {"SubRestrictions": [KARI]}) == [2]
    several = {"Name": "personId", "Operator": "oneOf", "Values": ["2", "4", "99"]}
    assert await persons(served, several) == [2, 4]
    quoted = {"Name": "fullName", "Operator": "is", "Values": ["it's ') or personId > 0 or ('"]}
    assert await persons(served, quoted) == []


@pytest.mark.clause("SO-ARCAGENT-002")
async def test_operators_without_values(served: Served) -> None:
    mine = {"Name": "associateId", "Operator": "currentAssociate", "Values": []}
    body = {
        "ProviderName": "FindAppointment",
        "Columns": ["associateId"],
        "Restriction": [mine],
        "PageSize": 1000,
    }
    found = await asked(served, "GetArchiveListByColumns", **body)
    assert found
    assert {row["ColumnData"]["associateId"]["DisplayValue"] for row in found} == {"demo"}


@pytest.mark.clause("SO-ARCAGENT-003")
async def test_what_is_not_active_does_not_count(served: Served) -> None:
    assert await persons(served, NORDMANN, INGRID | {"IsActive": False}) == [2, 3]
    assert await persons(served, NORDMANN | {"IsActive": True}, INGRID | {"IsActive": True}) == []


@pytest.mark.clause("SO-ARCAGENT-004")
@pytest.mark.parametrize(
    ("page", "size", "ids"),
    [(0, 2, [1, 2]), (1, 2, [3, 4]), (3, 2, []), (-4, 2, [5, 6]), (0, 0, []), (0, 10**6, [1, 2, 3, 4, 5, 6])],
)
async def test_pages(served: Served, page: int, size: int, ids: list[int]) -> None:
    few = {"Name": "personId", "Operator": "<", "Values": ["7"]}
    assert await persons(served, few, Page=page, PageSize=size) == ids


@pytest.mark.clause("SO-ARCAGENT-005")
async def test_the_same_as_texts(served: Served) -> None:
    body = {
        "ProviderName": "FindPerson",
        "Columns": "personId,fullName",
        "SortOrder": "fullName desc",
        "Restrictions": "fullName contains 'Nordmann'",
        "Entities": "person",
        "Page": 0,
        "PageSize": 10,
    }
    found = await asked(served, "GetArchiveListByColumns2", **body)
    assert [row["PrimaryKey"] for row in found] == [3, 2]
    context = body | {"Restriction": body["Restrictions"], "Context": ""}
    del context["Restrictions"]
    assert await asked(served, "GetArchiveListByColumnsWithContext2", **context) == found
    assert [row["PrimaryKey"] for row in await asked(served, "GetArchiveList2", **body)] == [3, 2]


@pytest.mark.clause("SO-ARCAGENT-006")
async def test_headers(served: Served) -> None:
    body = {"ProviderName": "FindPerson", "Columns": ["fullName"], "Restriction": [NORDMANN], "PageSize": 1}
    result = await asked(served, "GetArchiveListByColumnsWithHeader", **body)
    assert (result["RowCount"], len(result["Rows"])) == (2, 1)
    texts = {"ProviderName": "FindPerson", "Columns": "fullName", "Restrictions": "personId = 2"}
    result = await asked(served, "GetArchiveListByColumnsWithHeader2", **texts)
    assert (result["RowCount"], result["Rows"][0]["PrimaryKey"]) == (1, 2)
    assert await asked(served, "CreateDefaultArchiveListResult") == {
        "RowCount": 0,
        "Rows": [],
        "TableRight": None,
        "FieldProperties": {},
    }


@pytest.mark.clause("SO-ARCAGENT-001")
async def test_what_hangs_on_an_appointment(served: Served) -> None:
    of_first = {"Name": "appointmentRestrictionId", "Operator": "=", "Values": ["1"]}
    body = {"ProviderName": "Participants", "Columns": ["fullName"], "Restriction": [of_first]}
    (row,) = await asked(served, "GetArchiveListByColumns", **body)
    assert row["ColumnData"]["fullName"]["DisplayValue"] == "Demo Administrator"


@pytest.mark.clause("SO-ARCAGENT-007")
async def test_what_archives_there_are(served: Served) -> None:
    names = await asked(served, "GetProviderNames")
    assert {"FindAppointment", "FindContact", "FindPerson", "FindProject", "FindSale"} <= set(names)
    for name in names:
        (row, *_others) = await asked(served, "GetAvailableColumns", ProviderName=name, Context="")
        assert row["Name"]
        kinds = await asked(served, "GetAvailableEntities", ProviderName=name)
        assert kinds[0]["Name"]
    assert await asked(served, "GetGroupAssociateIds", GroupIds=[2]) == [2, 5]


async def test_what_the_caller_may_not_see_is_not_listed(served: Served) -> None:
    private = await served.private_of_kari()
    body = {
        "ProviderName": "FindAppointment",
        "Columns": ["text"],
        "Restriction": [{"Name": "appointmentId", "Operator": "=", "Values": [str(private)]}],
    }
    (row,) = (await call(served, "GetArchiveListByColumns", "kari", **body)).json()
    assert row["ColumnData"]["text"]["DisplayValue"] == "Secret talk"
    (row,) = (await call(served, "GetArchiveListByColumns", "ola", **body)).json()
    assert row["ColumnData"]["text"]["DisplayValue"] == ""


def deep(levels: int) -> dict[str, Any]:
    return KARI | {"SubRestrictions": [deep(levels - 1)]} if levels else KARI


BAD: list[tuple[dict[str, Any], int]] = [
    ({"ProviderName": "Nothing"}, 404),
    ({"ProviderName": None}, 400),
    ({"ProviderName": "InternalUsers"}, 404),
    ({"Restriction": [KARI | {"Name": "nothing"}]}, 400),
    ({"Restriction": [KARI | {"Name": "personId = 1 or personId"}]}, 400),
    ({"Restriction": [KARI | {"Operator": "= 1 or"}]}, 400),
    ({"Restriction": [KARI | {"Operator": "sounds"}]}, 400),
    ({"Restriction": [KARI | {"Values": []}]}, 400),
    ({"Restriction": [KARI | {"Values": ["x"]}]}, 400),
    ({"Restriction": [KARI | {"Values": [None]}]}, 400),
    ({"Restriction": [KARI | {"InterParenthesis": 1}]}, 400),
    ({"Restriction": [KARI | {"InterParenthesis": -1}]}, 400),
    ({"Restriction": [KARI | {"InterParenthesis": 2**31 - 1}]}, 400),
    (
        {
            "Restriction": [KARI | {"InterParenthesis": MOST_BRACKETS + 1}]
            + [KARI | {"InterParenthesis": -1}] * (MOST_BRACKETS + 1)
        },
        400,
    ),
    (
        {
            "Restriction": [KARI | {"InterParenthesis": MOST_BRACKETS}]
            + [KARI | {"InterParenthesis": -1}] * MOST_BRACKETS
        },
        200,
    ),
    ({"Restriction": [KARI | {"InterOperator": "Xor"}]}, 400),
    ({"Restriction": [deep(100)]}, 400),
    ({"Restriction": [KARI] * 1_001}, 400),
    ({"Restriction": [KARI] * 1_000}, 400),
    ({"Restriction": "personId = 2"}, 400),
    ({"SortOrder": [{"Name": "nothing"}]}, 400),
    ({"SortOrder": [{"Name": "fullName", "Direction": "Sideways"}]}, 400),
    ({"SortOrder": ["fullName"]}, 400),
    ({"Columns": "fullName"}, 400),
    ({"Columns": ["x" * 5_000]}, 400),
    ({"Page": "first"}, 400),
    ({"PageSize": 2**40}, 400),
    ({"Page": 2**31 - 1, "PageSize": 2**31 - 1}, 200),
]


@pytest.mark.parametrize(("change", "status"), BAD, ids=[str(number) for number in range(len(BAD))])
async def test_bad_input(served: Served, change: dict[str, Any], status: int) -> None:
    body = {"ProviderName": "FindPerson", "Columns": ["fullName"], "Restriction": []} | change
    answer = await call(served, "GetArchiveListByColumns", **body)
    assert answer.status_code == status, answer.text
    if status >= 400:
        served.assert_body("superoffice", answer)


async def test_many_rows_are_gathered_and_never_left_out(served: Served) -> None:
    command = CreateTenant(name="Many", zone="Europe/London", login="many", password="many")
    tenant = int((await served.parts.administrator.run(command))["tenant"])
    many = [Person(id=0, last_name=f"Person {number}") for number in range(MOST_ROWS)]
    await served.parts.store.put_records(tenant, many)
    body = {"ProviderName": "FindPerson", "Columns": ["personId"], "PageSize": 2_500, "Page": 1}
    found = (await call(served, "GetArchiveListByColumns", "many", **body)).json()
    assert [row["PrimaryKey"] for row in found] == list(range(2_501, 5_001))
    answer = await call(served, "GetArchiveListByColumns", "many", **body | {"Page": 0, "PageSize": 10**6})
    assert answer.status_code == 400
    assert str(MOST_ROWS) in answer.json()["Message"]


async def test_the_rows_of_an_archive_fit_the_schema_in_xml(served: Served) -> None:
    answer = await served.client.post(
        "/api/v1/Agents/Archive/GetArchiveListByColumns",
        json={"ProviderName": "FindPerson", "Columns": ["personId", "fullName"], "PageSize": 2},
        headers=served.basic("demo") | {"Accept": "application/xml"},
    )
    # The client's hook has judged it by the published schema by now.
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert answer.text.count("<ColumnData>") == 2
    assert "fullName" in answer.text
