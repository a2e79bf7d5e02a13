"""What an appointment's page says of answers, in the words of its language, and what it leaves out at the end."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.console.agents.one import answers_of
from appointed.console.look.pages import load_pages
from appointed.domain.directory import DataField, DataFieldType
from appointed.domain.participant import Answer, Claimant
from tests.builders import appointment, directory
from tests.console.agents.world import World, place

LANGUAGES = load_pages(("appointed.console.agents",)).languages.by_code
FIELD = UUID(int=500)
JANE = {"name": "Jane Roe", "date_of_birth": "1980-02-03"}


@pytest.mark.parametrize(
    ("kind", "text", "language", "said"),
    [
        (DataFieldType.BOOLEAN, "true", "en", "Yes"),
        (DataFieldType.BOOLEAN, "YES", "en", "Yes"),
        (DataFieldType.BOOLEAN, "0", "en", "No"),
        (DataFieldType.BOOLEAN, "no", "cy", "Nac oes"),
        (DataFieldType.BOOLEAN, "perhaps", "en", "perhaps"),
        (DataFieldType.DATE, "1980-02-03", "en", "3 February 1980"),
        (DataFieldType.DATE, "1980-02-03", "cy", "3 Chwefror 1980"),
        (DataFieldType.DATE, "1980-02-30", "en", "1980-02-30"),
        (DataFieldType.NUMBER, "12.5", "cy", "12.5"),
        (DataFieldType.TEXT, "true", "en", "true"),
        (DataFieldType.TEXT, None, "en", ""),
    ],
)
def test_answers_are_in_words(kind: DataFieldType, text: str | None, language: str, said: str) -> None:
    known = directory()
    asked = DataField(id=FIELD, name="Question", type=kind)
    known.departments[1] = replace(known.departments[1], data_fields=(asked,))
    claimant = Claimant(
        id=UUID(int=1), name="Jane", answers=(Answer(FIELD, text), Answer(UUID(int=7), "true"))
    )
    row = appointment(department_id=1, claimant=claimant)
    # What was asked once, by nobody knows which question, stays as it is.
    assert answers_of(row, known, LANGUAGES[language]) == [("Question", said), ("", "true")]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("status", ["complete", "no_show", "cancelled"])
async def test_what_is_over_has_no_links_and_nobody_to_tell_anything(world: World, status: str) -> None:
    row, agent = await world.book(0, claimant=JANE), await world.agent("demo")
    await agent.post(place(row, "/message"), message="In a minute.")
    said = (
        "Ask others to join",
        "Message to the claimant",
        f"/agent-web/join/guest/{row.tenant_id}-{row.id}-",
    )
    page = (await agent.get(place(row))).text
    assert [text in page for text in said] == [True] * 3
    assert "It is shown in the waiting area at once." in page
    await world.patch(row, status="being_seen")
    assert "It is shown above the meeting at once." in (await agent.get(place(row))).text
    await world.patch(row, status=status)
    page = (await agent.get(place(row))).text
    assert [text in page for text in said] == [False] * 3
    assert "In a minute." in page, "what was said stays"
    assert "<dd>3 February 1980</dd>" in page
    assert "<dd>3 Chwefror 1980</dd>" in (await agent.get(place(row, "?lang=cy"))).text
