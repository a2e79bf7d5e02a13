"""`$select`: which members of a carrier keep their value (Query String Parameters, $select).

Members that are not selected stay present and are null.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec

LONGEST: Final = 8_192
MOST_LEVELS: Final = 32


class Selection(msgspec.Struct, frozen=True):
    """Selected members by lower-case name; each whole (None) or with a selection of its own members."""

    members: dict[str, "Selection | None"]

    def keeps(self, name: str) -> bool:
        """Tell whether a member keeps its value, or at least a part of it."""
        return name.lower() in self.members

    def trimmed(self, carrier: dict[str, Any]) -> dict[str, Any]:
        """Give a copy of a carrier in which what is not selected is null; nested lists item by item."""
        members = self.members
        trimmed: dict[str, Any] = {}
        for name, value in carrier.items():
            folded = name.lower()
            if folded not in members:
                trimmed[name] = None
            elif (inner := members[folded]) is None:
                trimmed[name] = value
            else:
                trimmed[name] = inner._part(value)
        return trimmed

    def _part(self, value: Any) -> Any:
        if isinstance(value, msgspec.Raw):
            value = msgspec.json.decode(value)
        if isinstance(value, dict):
            return self.trimmed(value)
        return [self._part(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=256)
def parse_select(text: str) -> Selection | None:
    """Read `Name,department,category/id` in any case; None selects everything: a blank list or `*`.

    Spaces, empty parts and a stray `?` do not matter; names that no carrier has select nothing.
    """
    tree: dict[str, Any] = {}
    for item in text[:LONGEST].lower().split(","):
        path = [name for name in (part.strip(" \t\r\n?") for part in item.split("/")) if name][:MOST_LEVELS]
        if path == ["*"]:
            return None
        _add(tree, path)
    return _selection(tree) if tree else None


def _add(tree: dict[str, Any], path: list[str]) -> None:
    branch: Any = tree
    for name in path[:-1]:
        branch = branch.setdefault(name, {})
        # A member that is selected whole stays so, also when one of its own members is named too.
        if branch is None:
            return
    if path:
        branch[path[-1]] = None


def _selection(tree: dict[str, Any]) -> Selection:
    return Selection({name: None if inner is None else _selection(inner) for name, inner in tree.items()})
