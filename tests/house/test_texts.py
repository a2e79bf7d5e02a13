"""Nothing tracked names a machine, a registry or unfinished work; documents point at what exists."""

import re

import pytest

from tests.house.files import TOP, named, ours

# Written in pieces, so that this file does not name them itself.
FORBIDDEN = {
    "machine path": r"(?<![\w.$}/])/" + r"(home|root|Users|work|mnt|opt)/\w",
    "registry": r"pypi" + r"\.org|files\.pythonhosted|registry" + r"\.npmjs|deb" + r"\.debian\.org",
    "unfinished work": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    "skipped test": r"pytest\.mark\." + r"(skip|skipif|xfail)\b|pytest\." + r"skip\(",
    "silenced check without its code": r"# type: " + r"ignore(?!\[)|# no" + r"qa(?!: )",
    "patched own code": r"mock\." + r"patch|import mo" + r"ck\b",
}
PROSE = ours("*.md")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
TARGET = re.compile(r"`make ([a-z-]+)")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds_a(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in ours()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("machine path", "see /" + "home/kari/x"),
        ("registry", "https://pypi" + ".org/simple"),
        ("unfinished work", "# TO" + "DO: later"),
        ("skipped test", "@pytest.mark." + "skip"),
        ("silenced check without its code", "x = 1  # type: " + "ignore"),
        ("patched own code", "with mock." + "patch('a'):"),
    ],
)
def test_each_pattern_finds_what_it_is_for(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def test_links_between_documents_lead_somewhere() -> None:
    dead = [
        f"{named(path)}: {link}"
        for path in PROSE
        for link in LINK.findall(path.read_text())
        if not (path.parent / link).exists()
    ]
    assert dead == []


def test_every_make_target_that_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (TOP / "Makefile").read_text(), re.MULTILINE))
    told = {target for path in PROSE for target in TARGET.findall(path.read_text())}
    assert told - targets == set()


def test_every_make_target_is_explained_once() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (TOP / "Makefile").read_text(), re.MULTILINE)
    assert len(targets) == len(set(targets))
    assert {"serve", "check", "test", "test-long", "bench", "bench-full", "golden", "docs", "lock"} <= set(
        targets
    )
