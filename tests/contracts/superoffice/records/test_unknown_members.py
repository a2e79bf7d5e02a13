"""What of a record's body has no place here is named (ADR 0176)."""

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.records.shelf import EXAMPLES, Shelf, every

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# Members of the larger entities, as the samples of the reference send them, and what says nothing.
LARGER = {"Country": {"CountryId": 826}, "Category": {"Id": 2}, "phones": [{"Value": "+4755512345"}]}
SILENT = {"Interests": [], "Xstop": False, "Source": 0, "Business": None, "Urls": {}, "Kind": ""}


@every
async def test_what_is_not_kept_is_named(served: Served, name: str) -> None:
    shelf, least = Shelf(served, name), EXAMPLES[name].least
    missed = ", ".join(LARGER)
    made = await shelf.call("POST", body=least | LARGER | SILENT)
    assert (made.status_code, made.headers["Appointed-Ignored"]) == (200, missed)
    entity = made.json()
    number = entity[f"{name}Id"]
    for verb, body in (("PATCH", LARGER | SILENT), ("PUT", entity | LARGER | SILENT)):
        answer = await shelf.call(verb, number, body)
        assert (answer.json(), answer.headers["Appointed-Ignored"]) == (entity, missed)
    assert "Appointed-Ignored" not in (await shelf.call("PATCH", number, SILENT)).headers
    by_agent = f"Agents/{name}/Save{name}Entity"
    saved = await served.so("POST", by_agent, json={f"{name}Id": number} | LARGER)
    assert (saved.status_code, saved.headers["Appointed-Ignored"]) == (200, missed)


async def test_the_names_of_what_is_not_kept_are_bounded(served: Served) -> None:
    shelf = Shelf(served, "Contact")
    many = {f"{at:04}" + "\r\n\u00e5" * 400: 1 for at in range(60)}
    answer = await shelf.call("POST", body={"Name": "Wide"} | many)
    named = answer.headers["Appointed-Ignored"].split(", ")
    assert (answer.status_code, len(named)) == (200, 50)
    assert named[0] == "0000" + "???" * 18 + "??"
