"""Short ways to work on the layout of fields."""

from typing import Any

from tests.contracts.superoffice.desk import ACCEPTED, NOTHING, Desk

LAYOUT = "UdefLayout"


async def asked(desk: Desk, method: str, at: str = "", body: Any = NOTHING, query: str = "") -> Any:
    """Call an address of the layout, and give what it answers."""
    answer = await desk.call(method, f"{LAYOUT}/{at}" if at else LAYOUT, body, query=query)
    assert answer.status_code == ACCEPTED, answer.text
    return answer.json()


async def done(desk: Desk, method: str, at: str) -> None:
    """Call an address of the layout that answers nothing."""
    answer = await desk.call(method, f"{LAYOUT}/{at}")
    assert (answer.status_code, answer.content) == (204, b""), answer.text


async def added(desk: Desk, kind: str, **members: Any) -> dict[str, Any]:
    """Add a field and publish it; gives it as it is published."""
    field = await asked(desk, "POST", query=f"?udefFieldType={kind}")
    if members:
        await asked(desk, "PUT", body=[{"UDefFieldId": field["UDefFieldId"]} | members])
    await asked(desk, "POST", "Publish")
    found: dict[str, Any] = await asked(desk, "GET", f"Published/{field['UDefFieldId']}")
    return found


async def refused(
    desk: Desk, method: str, at: str, body: Any = NOTHING, query: str = "", status: int = 400
) -> dict[str, Any]:
    """Check that a call is refused in the contract's form and leaves the layout alone; gives the body."""
    before = await asked(desk, "GET"), await asked(desk, "GET", "Published")
    answer = await desk.call(method, f"{LAYOUT}/{at}" if at else LAYOUT, body, query=query)
    assert answer.status_code == status, answer.text
    desk.served.assert_body("superoffice", answer)
    assert (await asked(desk, "GET"), await asked(desk, "GET", "Published")) == before
    return dict(answer.json())
