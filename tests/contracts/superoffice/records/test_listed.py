"""What records name by an id and a text: the id wins over the text that stood beside it (ADR 197)."""

from typing import Any

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.desk import entity, step
from tests.contracts.superoffice.records.shelf import Shelf

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]
LISTED = {
    "country": ("Contact", "CountryId", "CountryName"),
    "projecttype": ("Project", "TypeId", "Type"),
    "projectstatus": ("Project", "StatusId", "Status"),
    "saletype": ("Sale", "SaleTypeId", "SaleTypeName"),
}
# Of a list of their own, beside whatever the demo and other tests put there.
ONE, TWO, NONE = 9001, 9002, 9003


@pytest.mark.parametrize("listed", sorted(LISTED))
@pytest.mark.clause("SO-REC-014")
async def test_another_id_brings_the_text_of_its_item_along(served: Served, listed: str) -> None:
    name, key, text = LISTED[listed]
    shelf = Shelf(served, name)
    for number, said in ((ONE, "One"), (TWO, "Two")):
        kept = await shelf.made(**{key: number, text: said})
        assert (kept[key], kept[text]) == (number, said)

    async def became(made: dict[str, Any], number: int, said: str) -> None:
        assert (made[key], made[text]) == (number, said)
        assert await shelf.read(made[f"{name}Id"]) == made

    made = await shelf.made(**{key: ONE})
    await became(made, ONE, "One")
    at = made[f"{name}Id"]
    await became(await shelf.patch(at, {key: str(TWO)}), TWO, "Two")
    await became(await shelf.patch(at, [step("replace", f"/{key}", ONE)]), ONE, "One")
    # What stood beside the old id is no new text; another text is, in whatever order they come.
    await became(entity(await shelf.call("PUT", at, made | {key: TWO})), TWO, "Two")
    back = (await shelf.read(at)) | {key: ONE}
    agent = await served.so("POST", f"Agents/{name}/Save{name}Entity", json=back)
    assert (entity(agent)[key], entity(agent)[text]) == (ONE, "One")
    await became(await shelf.patch(at, {text: "Zwei", key: NONE}), NONE, "Zwei")
    await became(await shelf.patch(at, {key: ONE, text: "Zwei"}), ONE, "One")
    await became(await shelf.patch(at, [step("replace", text, "Uno"), step("add", key, ONE)]), ONE, "Uno")
    await became(await shelf.patch(at, {key: ONE}), ONE, "Uno")
    await became(await shelf.patch(at, {key: NONE + 1}), NONE + 1, "")
    await became(await shelf.patch(at, {key: TWO}), TWO, "Two")
    await became(await shelf.patch(at, [step("remove", key)]), 0, "")
    dry = (await shelf.patch(at, {key: TWO}, Prefer="dry-run"))["result"]
    assert (dry[key], dry[text]) == (TWO, "Two")
    await shelf.refused(at, {key: -1})
    items = {one["Id"]: one["Name"] for one in (await served.so("GET", f"MDOList/{listed}")).json()}
    assert (items.get(ONE), items.get(TWO), 0 in items) == ("One", "Two", False)


async def test_a_person_elsewhere_shows_the_name_of_a_country_that_a_company_is_in(
    served: Served,
) -> None:
    await Shelf(served, "Contact").made(CountryId=9010, CountryName="Elsewhere")
    person = await Shelf(served, "Person").new(ContactId=2, CountryId=9010)
    (row,) = (await served.so("GET", f"Person?$select=personCountry&$filter=personId eq {person}")).json()[
        "value"
    ]
    assert row["personCountry"] == "Elsewhere"
    person = await Shelf(served, "Person").new(ContactId=2, CountryId=826)
    asked = f"Person?$select=personCountry&$filter=personId eq {person}"
    (row,) = (await served.so("GET", asked, headers={"SO-Language": "de"})).json()["value"]
    assert row["personCountry"] == "Vereinigtes Königreich"
