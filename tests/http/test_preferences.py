"""Reading `Prefer`."""

import pytest

from appointed.http.preferences import preferences


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"dry-run", {"dry-run": ""}),
        (b"Handling=strict, DRY-RUN", {"handling": "strict", "dry-run": ""}),
        (b'handling="strict"; a=b, return=minimal', {"handling": "strict", "return": "minimal"}),
        (b"handling=lenient, handling=strict", {"handling": "lenient"}),
        (b"=, ,;;, \xff", {}),
        (b"a" * 2000, {}),
    ],
    ids=["one", "case", "quoted", "the first counts", "nonsense", "too long"],
)
def test_preferences(value: bytes, expected: dict[str, str]) -> None:
    assert preferences({b"prefer": value}) == expected


def test_without_any() -> None:
    assert preferences({}) == {}
