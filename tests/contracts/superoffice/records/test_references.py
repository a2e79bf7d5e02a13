"""What records refer to: whole in their entities, and set by its key (ADR 0076)."""

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.desk import entity, step
from tests.contracts.superoffice.records.shelf import REFERENCES, Shelf, every

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

RECORDS = ("Contact", "Person", "Project")


@every
@pytest.mark.clause("SO-REC-013")
async def test_what_a_record_refers_to_is_shown_whole_and_set_by_its_key(served: Served, name: str) -> None:
    """Every reference, by every way of setting it; the id beside it says the same."""
    shelf = Shelf(served, name)
    known = {other: [await Shelf(served, other).new() for _one in range(2)] for other in RECORDS}
    for other in REFERENCES[name]:
        key, (one, two) = f"{other}Id", known.get(other, [1, 2])
        made = await shelf.made(**{other: {key.lower(): one}})
        number = made[f"{name}Id"]
        assert (made[key], made[other][key]) == (one, one)
        for body, wanted in (
            ([step("replace", f"/{other}", {key: str(two)})], two),
            ({other: {key: one}}, one),
            ([step("test", other, {key: one}), step("replace", f"{other}/{key}", two)], two),
            ({key: one}, one),
        ):
            made = await shelf.patch(number, body)
            assert (made[key], made[other][key]) == (wanted, wanted)
            assert await shelf.read(number) == made
        put = await shelf.call("PUT", number, made | {other: made[other] | {key: two}})
        assert (entity(put)[key], entity(put)[other][key]) == (two, two)
        error = await shelf.refused(number, {other: {key: 99_999}})
        assert list(error["Problems"]) == [f"{other}.{key}"]
        cleared = await shelf.patch(number, [step("remove", other)])
        assert (cleared[key], cleared[other]) == (0, None)


async def test_the_company_of_a_sale_by_the_agent(served: Served) -> None:
    company = await Shelf(served, "Contact").made(Name="Boatyard")
    body = {"Heading": "Boats", "Contact": {"ContactId": company["ContactId"]}, "Nobody": 1}
    answer = await served.so("POST", "Agents/Sale/SaveSaleEntity", json=body)
    assert answer.headers["Appointed-Ignored"] == "Nobody"
    sale = entity(answer)
    assert (sale["ContactName"], sale["Contact"]["Name"]) == ("Boatyard", "Boatyard")
    assert sale["FieldProperties"]["Contact"]["FieldRight"]["Mask"] == "Update"
    renamed = {"SaleId": sale["SaleId"], "Contact": sale["Contact"] | {"Name": "Elsewhere"}}
    answer = await served.so("POST", "Agents/Sale/SaveSaleEntity", json=renamed)
    assert answer.headers["Appointed-Ignored"] == "Contact.Name"
    assert entity(answer)["Contact"] == sale["Contact"]
