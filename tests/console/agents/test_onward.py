"""Where an agent goes after the call."""

import pytest
from msgspec.structs import replace

from appointed.console.agents.one import goes_on
from appointed.domain.meeting import Redirects
from tests.builders import appointment, directory

NEXT = "https://desk.example.com/next"


@pytest.mark.clause("SQ-LIFE-agent-goes")
@pytest.mark.parametrize("is_custom", [True, False])
def test_an_agent_goes_where_the_appointment_says_whatever_the_flag(is_custom: bool) -> None:
    row = appointment(redirects=Redirects(is_custom=is_custom, agent_url=NEXT))
    assert goes_on(row, directory()) == (NEXT, "desk.example.com")
    assert goes_on(replace(row, redirects=Redirects(is_custom=is_custom)), directory()) is None


@pytest.mark.clause("SQ-LIFE-agent-goes")
def test_no_agent_goes_where_nobody_may_be_led() -> None:
    row = appointment(redirects=Redirects(agent_url=NEXT))
    assert goes_on(row, directory(redirect_hosts=("other.example.com",))) is None
