"""No limit stands in the list that nobody keeps to."""

import re

import pytest

from appointed.http.limits import Limits
from tests.house.files import named, ours

SOURCE = "\n".join(
    path.read_text() for path in ours("src/*.py") if named(path) != "src/appointed/http/limits.py"
)


@pytest.mark.parametrize("name", Limits.__struct_fields__)
def test_every_limit_is_read_somewhere(name: str) -> None:
    assert re.search(rf"limits\.{name}\b", SOURCE)
