"""The agent Archive: the same lists as the addresses', asked with carriers or with texts (Agents WebAPI)."""

import re
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


ENCODED: list[tuple[str, str, list[Any]]] = [
    ("projectId", "oneOf", ["[I:1]", "[I:99]"]),
    ("projectId", "oneOf", [1, 99]),
    ("projectId", "=", [1]),
    ("sale/amount", ">", ["[F:119999.5]"]),
    ("sale/amount", "between", [119999.5, 120000]),
    ("completed", "set", ["[I:0]"]),
    ("completed", "set", [False]),
    ("endDate", "before", ["[D:12/31/9998 00:00:00.0000000]"]),
    ("endDate", "before", ["[D:12/31/9998]"]),
    ("endDate", "before", ["[D:9998-12-31]"]),
    ("endDate", "between", ["[D:01/15/1970]", "[DT:12/31/9998 10:00:00.0000000]"]),
    ("time", "afterTime", ["[DT:01/15/1970 10:00:00.0000000]"]),
    ("time", "afterTime", ["[DT:1970-01-15T10:00:00]"]),
]


@pytest.mark.clause("SO-ARCAGENT-002")
@pytest.mark.parametrize(
    ("name", "operator", "values"), ENCODED, ids=[str(number) for number in range(len(ENCODED))]
)
async def test_values_of_restrictions_are_encoded_or_plain(
    served: Served, name: str, operator: str, values: list[Any]
) -> None:
    first = {"Name": "appointmentId", "Operator": "=", "Values": ["1"]}
    body = {"ProviderName": "FindAppointment", "Columns": ["date"]}
    restriction = {"Name": name, "Operator": operator, "Values": values}
    for asked_for, found in ((restriction, [1]), (restriction | {"Operator": "isNull", "Values": []}, [])):
        rows = await asked(served, "GetArchiveListByColumns", **body, Restriction=[first, asked_for])
        assert [row["PrimaryKey"] for row in rows] == found


@pytest.mark.clause("SO-ARCAGENT-002")
async def test_a_day_is_its_day_and_a_moment_its_moment(served: Served) -> None:
    made = (await served.so("POST", "Appointment", json={"StartDate": "2031-05-06T10:00:00"})).json()
    first = {"Name": "appointmentId", "Operator": "=", "Values": [made["AppointmentId"]]}

    async def holds(operator: str, value: str) -> bool:
        restriction = [first, {"Name": "date", "Operator": operator, "Values": [value]}]
        body = {"ProviderName": "FindAppointment", "Columns": ["date"], "Restriction": restriction}
        return bool(await asked(served, "GetArchiveListByColumns", **body))

    assert await holds("=", "[D:05/06/2031 00:00:00.0000000]")
    assert await holds("=", "[D:2031-05-06T00:00:00]")
    assert await holds("=", "[DT:05/06/2031 10:00:00.0000000]")
    assert not await holds("=", "[DT:05/06/2031 10:00:01.0000000]")
    assert not await holds("=", "[D:06/05/2031]")


@pytest.mark.clause("SO-ARCAGENT-002")
async def test_what_is_set_without_a_value_is_true(served: Served) -> None:
    done = {"Name": "completed", "Operator": "set", "Values": []}
    body = {"ProviderName": "FindAppointment", "Columns": ["completed"], "PageSize": 1000}
    rows = await asked(served, "GetArchiveListByColumns", **body, Restriction=[done])
    assert rows
    assert {row["ColumnData"]["completed"]["DisplayValue"] for row in rows} == {"True"}
    texts = body | {"Columns": "completed", "Restrictions": "completed set and appointmentId > 0"}
    assert await asked(served, "GetArchiveListByColumns2", **texts) == rows


MADE = {
    "StartDate": "2031-05-07T10:00:00",
    "EndDate": "2031-05-07T11:30:00",
    "Contact": {"ContactId": 2},
    "Sale": {"SaleId": 1},
    "CustomFields": {"SuperOffice:2": 2, "SuperOffice:3": "2031-05-08"},
}
CELLS = {
    "contactId": "[I:2]",
    "rawStatus": "[I:1]",
    "sale/probPercent": "[I:60]",
    "sale/amount": "[F:120000]",
    "date": "[DT:2031-05-07T10:00:00]",
    "endDate": "[D:2031-05-07]",
    "completedDate": "[D:0001-01-01]",
    "appointmentPublish/publishedFrom": "[DT:0001-01-01T00:00:00]",
    "appointmentUdef/SuperOffice:2": "[I:2]",
    "appointmentUdef/SuperOffice:3": "[D:2031-05-08]",
    "associateId": "demo",
    "completed": "False",
    "duration": "01:30:00",
    "sale/heading": "Yearly agreement",
    "project/name": "",
}


@pytest.mark.clause("SO-ARCAGENT-008")
async def test_displayed_values_tell_their_type_and_can_be_searched_for(served: Served) -> None:
    made = (await served.so("POST", "Appointment", json=MADE)).json()["AppointmentId"]
    body = {"ProviderName": "FindAppointment", "Columns": [*CELLS, "appointmentId", "registeredDate"]}
    first = {"Name": "appointmentId", "Operator": "=", "Values": [f"[I:{made}]"]}
    (row,) = await asked(served, "GetArchiveListByColumns", **body, Restriction=[first])
    assert all(
        cell.keys() == {"DisplayValue", "TooltipHint", "LinkHint"} for cell in row["ColumnData"].values()
    )
    shown = {name: cell["DisplayValue"] for name, cell in row["ColumnData"].items()}
    registered = shown.pop("registeredDate")
    assert re.fullmatch(r"\[DT:20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\]", registered)
    assert shown == CELLS | {"appointmentId": f"[I:{made}]"}
    encoded = {name: text for name, text in shown.items() if text[:1] == "[" and "0001" not in text}
    for name, text in (encoded | {"registeredDate": registered}).items():
        same = {"Name": name, "Operator": "=", "Values": [text]}
        assert await asked(served, "GetArchiveListByColumns", **body, Restriction=[first, same]) == [row], (
            name
        )


@pytest.mark.clause("SO-ARCAGENT-008")
async def test_displayed_values_say_their_offset_where_it_is_asked_for(served: Served) -> None:
    body = {"ProviderName": "FindAppointment", "Columns": ["date", "endDate"], "PageSize": 1}
    headers = served.basic("demo") | {"SO-TimeZone": "UTC, includeTZOffset"}
    path = "/api/v1/Agents/Archive/GetArchiveListByColumns"
    (row,) = (await served.client.post(path, json=body, headers=headers)).json()
    assert re.fullmatch(r"\[DT:[0-9T:-]{19}Z\]", row["ColumnData"]["date"]["DisplayValue"])
    assert re.fullmatch(r"\[D:[0-9-]{10}\]", row["ColumnData"]["endDate"]["DisplayValue"])


@pytest.mark.clause("SO-ARCAGENT-003")
async def test_what_is_not_active_does_not_count(served: Served) -> None:
    assert await persons(served, NORDMANN, INGRID | {"IsActive": False}) == [2, 3]
    assert await persons(served, NORDMANN | {"IsActive": True}, INGRID | {"IsActive": True}) == []


@pytest.mark.clause("SO-ARCAGENT-002")
async def test_parentheses_of_what_is_not_active_stay(served: Served) -> None:
    either, both, off = {"InterOperator": "Or"}, {"InterOperator": "And"}, {"IsActive": False}
    opens, closes = {"InterParenthesis": 1}, {"InterParenthesis": -1}
    sought = (NORDMANN | both, INGRID | off | either | opens, KARI | either, INGRID | closes)
    assert await persons(served, *sought) == [2]
    assert await persons(served, KARI | either | opens, INGRID | off | both | closes, INGRID) == []
    assert await persons(served, INGRID | off | opens, KARI | off | closes, NORDMANN) == [2, 3]
    assert await persons(
        served, KARI | opens, INGRID | off | opens, INGRID | off | {"InterParenthesis": -2}
    ) == [2]


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
        "Columns": ["text", "appointmentUdef/SuperOffice:3"],
        "Restriction": [{"Name": "appointmentId", "Operator": "=", "Values": [str(private)]}],
    }
    (row,) = (await call(served, "GetArchiveListByColumns", "kari", **body)).json()
    assert row["ColumnData"]["text"]["DisplayValue"] == "Secret talk"
    (row,) = (await call(served, "GetArchiveListByColumns", "ola", **body)).json()
    assert row["ColumnData"]["text"]["DisplayValue"] == ""
    assert row["ColumnData"]["appointmentUdef/SuperOffice:3"]["DisplayValue"] == "[D:0001-01-01]"


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
    ({"Restriction": [KARI | {"Values": [[2]]}]}, 400),
    ({"Restriction": [KARI | {"Values": [2.5]}]}, 400),
    ({"Restriction": [KARI | {"Values": [2**63]}]}, 400),
    ({"Restriction": [KARI | {"Values": ["[D:13/32/2026]"]}]}, 400),
    ({"Restriction": [KARI | {"Name": "personUpdatedDate", "Values": ["[D:13/32/2026]"]}]}, 400),
    ({"Restriction": [KARI | {"Operator": "set", "Values": []}]}, 400),
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


COLUMNS_OF = "GetArchiveListByColumns"
TOLD = [
    (COLUMNS_OF, {"Restriction": [KARI | {"Values": ["x"]}]}, "Restriction, 'x': a whole number"),
    (COLUMNS_OF, {"Restriction": [KARI | {"Name": "nothing"}]}, "Restriction, 'nothing': there is no"),
    (COLUMNS_OF, {"Restriction": [KARI | {"Values": []}]}, "restriction of personId names no value for '='"),
    (COLUMNS_OF, {"SortOrder": [{"Name": "nothing"}]}, "SortOrder, 'nothing': there is no such column"),
    (COLUMNS_OF, {"Columns": ["Sum(personId)"]}, "Columns, 'Sum(personId)': only Count"),
    (
        "GetArchiveListByColumns2",
        {"Restrictions": "personId eq x"},
        "Restriction, character 13, 'x': a whole number",
    ),
]


@pytest.mark.parametrize(("method", "change", "said"), TOLD, ids=[str(number) for number in range(len(TOLD))])
async def test_errors_name_what_was_sent(
    served: Served, method: str, change: dict[str, Any], said: str
) -> None:
    texts: dict[str, Any] = {"Columns": "fullName", "Restrictions": "", "SortOrder": "", "Entities": ""}
    carriers: dict[str, Any] = {"Columns": ["fullName"]}
    body = {"ProviderName": "FindPerson"} | (carriers if method == COLUMNS_OF else texts) | change
    answer = await call(served, method, **body)
    assert answer.status_code == 400
    assert said in answer.json()["Message"]
    assert "$" not in answer.json()["Message"]


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
