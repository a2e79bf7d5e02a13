"""Members of a changed RecurrenceInfo that do not count under the rule it makes: who sent them is told."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from appointed.domain.recurrence import Pattern, Rule
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.recurrence import RECURRENCE_INFO
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.recurrence_rule import PARTS

Same = Callable[[str, Json, Json], bool]

ALWAYS: Final = frozenset({"Dates", "IsRecurrence"})


def without_effect(
    rule: Rule, given: dict[str, Any], before: dict[str, Any], after: dict[str, Json], same: Same
) -> Iterator[str]:
    """Name the members that are given other than before and stay as they were, or become something else.

    `before` and `after` are as written under the former rule and under this one.
    """
    sent = {fold(name): value for name, value in given.items()}
    idle = {field.name for field in RECURRENCE_INFO} - _counting(rule)
    for field in RECURRENCE_INFO:
        value = sent.get(fold(field.name))
        if field.name not in idle or value is None:
            continue
        if not _agrees(field.type, before.get(field.name), value, same) and not _agrees(
            field.type, after[field.name], value, same
        ):
            yield field.name


def _counting(rule: Rule) -> frozenset[str]:
    if rule.pattern is Pattern.CUSTOM:
        return ALWAYS
    limit = "EndDate" if rule.count is None else "RecurrenceCounter"
    return ALWAYS | {"StartDate", "Pattern", "RecurrenceEndType", PARTS[rule.pattern], limit}


def _agrees(kind: str, written: Json, value: Json, same: Same) -> bool:
    """Compare what is given; what a part leaves out is none of its sender's wishes."""
    if isinstance(written, dict) and isinstance(value, dict):
        names = {fold(name) for name in value}
        return same(kind, {name: one for name, one in written.items() if fold(name) in names}, value)
    return same(kind, written, value)
