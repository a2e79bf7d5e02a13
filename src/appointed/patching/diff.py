"""The JSON Patch from one object to another, by top-level members; for the event log."""

from typing import Any

from appointed.patching.operations import equal
from appointed.patching.pointer import write

Json = Any


def diff(before: dict[str, Json], after: dict[str, Json]) -> list[dict[str, Json]]:
    """List the operations that make `after` of `before`; the other way round it is the inverse.

    They are to be read as `exact`: two members may differ by case alone.
    """
    operations: list[dict[str, Json]] = [
        {"op": "remove", "path": write((name,))} for name in before if name not in after
    ]
    for name, value in after.items():
        if name not in before:
            operations.append({"op": "add", "path": write((name,)), "value": value})
        elif before[name] is not value and not equal((), before[name], value):
            operations.append({"op": "replace", "path": write((name,)), "value": value})
    return operations
