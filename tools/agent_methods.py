"""The part of the SuperOffice coverage page that names every method of AppointmentAgent with its state."""

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec

from appointed.superoffice.agents.appointment_table import APPOINTMENT, REFUSED

TABLE = Path(__file__).parent.parent / "tests" / "data" / "superoffice_appointment_agent.tsv"

HEAD = """
## The methods of AppointmentAgent

The contract names {count} methods of `POST Agents/Appointment/…`. {served} do their work; {refused} need a
system that this product does not have, and say so in the contract's form of an error. Each of them is called
over HTTP on both engines by `contracts/superoffice/test_agent_methods.py`; `test_agent_forms.py` compares
their arguments and answers with the contract's. What they do is judged by the tests that decision 181 names.

| Method | Arguments | Answers | State |
|---|---|---|---|
"""


class Method(msgspec.Struct, frozen=True):
    """A method as the contract has it: what it takes, in wire types, and what it answers ("" is 204)."""

    method: str
    query: str
    body: str
    raw: str
    answers: str

    @property
    def arguments(self) -> str:
        """Write the arguments as they are sent."""
        if self.query:
            return f"query `{self.query}`"
        return f"body `{self.raw}`" if self.raw else f"`{{{self.body}}}`" if self.body else "–"


def methods() -> tuple[Method, ...]:
    """Read the contract's methods, in its order."""
    _source, *lines = TABLE.read_text().splitlines()
    return tuple(msgspec.convert(row, Method) for row in csv.DictReader(lines, delimiter="\t"))


def section() -> Iterator[str]:
    """Give the lines of the table."""
    rows = methods()
    yield HEAD.format(count=len(rows), served=len(rows) - len(REFUSED), refused=len(REFUSED))
    for row in rows:
        needs = REFUSED.get(row.method)
        state = f"refused: needs {needs}" if needs else f"works: {APPOINTMENT[row.method].summary}"
        answers = f"`{row.answers}`" if row.answers else "204"
        yield f"| `{row.method}` | {row.arguments} | {answers} | {state} |\n"
