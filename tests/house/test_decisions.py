"""Every decision is one page of one shape, and stands in the index."""

import re
from pathlib import Path

import pytest

from tests.house.files import TOP

FOLDER = TOP / "docs" / "decisions"
PAGES = sorted(path for path in FOLDER.glob("[0-9]*.md") if path.name != "0000-template.md")
INDEX = (FOLDER / "README.md").read_text()
HEADINGS = ["Context", "Decision", "Consequences"]
ONE_PAGE = 60


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in PAGES]
    assert sorted(set(numbers)) == numbers


def test_the_index_lists_every_decision_by_its_title_in_order() -> None:
    listed = re.findall(r"^- \[(.+)\]\((\d{4}-.+\.md)\)$", INDEX, re.MULTILINE)
    assert listed == [(path.read_text().splitlines()[0].removeprefix("# "), path.name) for path in PAGES]


@pytest.mark.parametrize("page", [FOLDER / "0000-template.md", *PAGES], ids=lambda page: page.stem)
def test_a_decision_is_one_page_of_context_decision_consequences(page: Path) -> None:
    lines = page.read_text().splitlines()
    assert len(lines) <= ONE_PAGE
    assert re.fullmatch(r"# \d+\. .+[^.]", lines[0])
    assert int(lines[0][2:].split(".")[0]) == int(page.name[:4])
    assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
