"""Errors keep what they were told, for the doors to word."""

import inspect

import pytest

from appointed.domain import errors

# Told in words of their own.
OTHERS = (errors.MoveRefused, errors.ReadOnlyMember, errors.TimeHeld)
KINDS = [
    kind
    for _name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.AppointedError) and "__init__" in vars(kind) and kind not in OTHERS
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_keeps_what_it_carries(kind: type[errors.AppointedError]) -> None:
    names = list(inspect.signature(kind).parameters)
    told = {name: object() for name in names}
    error = kind(**told)
    assert {name: getattr(error, name) for name in names} == told
    assert error.args == tuple(told.values())
