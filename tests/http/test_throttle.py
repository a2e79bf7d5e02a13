"""How many requests a caller may send in a minute."""

from datetime import timedelta

import pytest
from tests.builders import NOW

from appointed.domain.errors import RateLimited
from appointed.domain.principal import Principal
from appointed.http.throttle import Throttle

ADA, KARI = Principal(1, 1), Principal(1, 2)


class Hands:
    now = NOW

    def __call__(self):
        return self.now


def test_a_minute_begins_with_the_first_request_and_gives_all_back():
    clock = Hands()
    throttle = Throttle(clock, 2)
    assert [throttle.take(ADA), throttle.take(ADA), throttle.take(KARI)] == [1, 0, 1]
    clock.now = NOW + timedelta(seconds=59.5)
    with pytest.raises(RateLimited) as caught:
        throttle.take(ADA)
    error = caught.value
    assert (error.retry_after, error.limit, error.resets_at) == (1, 2, NOW + timedelta(minutes=1))
    clock.now = NOW + timedelta(minutes=1)
    assert throttle.take(ADA) == 1


def test_callers_who_were_not_seen_for_long_are_forgotten():
    throttle = Throttle(Hands(), 1, most_kept=1)
    assert [throttle.take(ADA), throttle.take(KARI), throttle.take(ADA)] == [0, 0, 0]
