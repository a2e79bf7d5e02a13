"""The tree of errors: every leaf has a code of its own, a description, and a place in the drawing."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator

from appointed.domain import errors


def below(kind: type[errors.AppointedError]) -> Iterator[type[errors.AppointedError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


TREE = sorted(set(below(errors.AppointedError)), key=lambda kind: kind.__name__)
LEAVES = [kind for kind in TREE if not kind.__subclasses__()]


def test_every_error_of_the_project_stands_in_the_one_tree() -> None:
    assert {kind.__module__ for kind in TREE} == {errors.__name__}


def test_every_leaf_has_a_code_of_its_own() -> None:
    codes = Counter(leaf.code for leaf in LEAVES)
    assert [code for code, count in codes.items() if count > 1] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []
    assert errors.AppointedError.code not in codes


def test_every_error_says_what_it_means() -> None:
    assert [kind.__name__ for kind in TREE if not inspect.getdoc(kind)] == []


def test_the_drawing_at_the_top_names_every_error_once() -> None:
    drawn = Counter(re.findall(r"[A-Z]\w+", "\n".join(_drawing())))
    assert drawn == Counter(kind.__name__ for kind in (errors.AppointedError, *TREE))


def _drawing() -> Iterator[str]:
    for line in (errors.__doc__ or "").splitlines():
        if line == "AppointedError" or line.startswith(("├", "│", "└", "    ")):
            yield re.split(r"\s{2,}carries", line)[0]
