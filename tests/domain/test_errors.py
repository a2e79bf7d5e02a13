"""Errors keep what they were told, for the doors to word."""

import inspect
from typing import Any

import pytest

from appointed.domain import errors

# What only HTTP itself refuses.
KINDS: tuple[Any, ...] = (
    errors.RouteNotFound,
    errors.MethodNotAllowed,
    errors.NotProvided,
    errors.TooManyRequests,
    errors.RateLimited,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_keeps_what_it_carries(kind: Any) -> None:
    told = {name: object() for name in inspect.signature(kind).parameters}
    error = kind(**told)
    assert {name: getattr(error, name) for name in told} == told
    assert error.args == tuple(told.values())
