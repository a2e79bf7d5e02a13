"""The lists behind columns: named by the metadata, and made out of what records carry (decision 197)."""

import pytest

from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_archive import LIST, get, made, rows

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.clause("SO-ARCHIVE-002")
async def test_lists_that_columns_name_are_there_and_have_their_values(desk: Desk) -> None:
    named: dict[str, str] = {}
    for archive in ("FindAppointment", "FindContact", "FindPerson", "FindProject", "FindSale"):
        columns = (await get(desk, f"Archive/{archive}$metadata")).json()
        lists = {name: one["RestrictionListName"] for name, one in columns.items()}
        named |= {f"{archive} {name}": found for name, found in lists.items() if found}
    assert {
        "FindAppointment contact/country": "country",
        "FindAppointment person/personContact/country": "country",
        "FindAppointment sale/saleType": "saletype",
        "FindContact country": "country",
        "FindPerson personCountry": "country",
        "FindProject type": "projecttype",
        "FindProject status": "projectstatus",
        "FindSale saleType": "saletype",
    }.items() <= named.items()
    for name in set(named.values()):
        assert (await get(desk, f"MDOList/{name}")).status_code == 200, name


@pytest.mark.clause("SO-ARCHIVE-002")
@pytest.mark.parametrize(
    ("kind", "name", "members", "column", "items"),
    [
        ("Contact", "Name", ("CountryId", "CountryName"), "country", "country"),
        ("Project", "Name", ("TypeId", "Type"), "type", "projecttype"),
        ("Project", "Name", ("StatusId", "Status"), "status", "projectstatus"),
        ("Sale", "Heading", ("SaleTypeId", "SaleTypeName"), "saleType", "saletype"),
    ],
)
async def test_what_records_name_by_id_can_be_chosen(
    desk: Desk, kind: str, name: str, members: tuple[str, str], column: str, items: str
) -> None:
    number, text = members
    await made(desk, kind, **{name: "Unnamed", number: 7001})
    await made(desk, kind, **{name: "Named", number: 7002, text: "Utopian"})
    await made(desk, kind, **{name: "Nothing", text: "No number"})
    for path in (f"MDOList/{items}", f"List/{items}/Items"):
        found = (await get(desk, path)).json()
        numbers = [one["Id"] for one in found]
        assert len(set(numbers)) == len(numbers)
        assert [one["Name"] for one in found if one["Id"] in (0, 7001, 7002)] == ["Utopian"], path
    listed = await rows(desk, f"Archive/Find{kind}", select=column, filter=f"{column} oneOf (7002)")
    assert {row[column] for row in listed} == {"Utopian"}


@pytest.mark.clause("SO-ARCHIVE-003")
async def test_the_intention_of_a_type_is_its_number(desk: Desk) -> None:
    found = await rows(desk, LIST, select="intention", filter="intention oneOf (1)", top=1000)
    assert {row["intention"] for row in found} == {"1"}
    others = await rows(desk, LIST, select="intention", filter="intention eq 0", top=1000)
    assert {row["intention"] for row in others} == {""}
