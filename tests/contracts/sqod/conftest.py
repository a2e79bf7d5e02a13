"""One server per engine for all tests of this folder, each of which works on appointments of its own."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contracts.served import Served, serving
from tests.contracts.sqod.caller import Caller, Hands, sign_in
from tests.contracts.sqod.outside import CLIENT, ISSUER, JWKS
from tests.contracts.sqod.prism import Judge, judging
from tests.postgres_server import PostgresServer

NAME = "sqod_contract"


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def judge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Judge]:
    """Prism, which knows the contract's own schema."""
    async with judging(tmp_path_factory.mktemp("prism")) as made:
        yield made


@pytest.fixture(autouse=True)
def leniency(request: pytest.FixtureRequest) -> None:
    """Tell the judge where this test may send what the document does not describe, and be understood."""
    if "judge" in request.fixturenames:
        judge: Judge = request.getfixturevalue("judge")
        marks = list(request.node.iter_markers("lenient"))
        judge.forgives = tuple(place for mark in marks for place in mark.args or ("",))


@pytest_asyncio.fixture(scope="package", loop_scope="package", params=["sqlite", "postgres"])
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, judge: Judge
) -> AsyncIterator[Served]:
    """A server with the demo tenant and a clock that only tests move, which trusts one outside issuer.

    No answer of it may break the contract's own schema, whatever a test looks at.
    """
    folder = tmp_path_factory.mktemp("served")
    keys = folder / "outside.json"
    keys.write_text(json.dumps(JWKS))
    more = {"token_issuer": ISSUER, "token_jwks": str(keys), "token_clients": (CLIENT,)}
    if request.param == "sqlite":
        async with serving(folder, "sqlite:", more, clock=Hands()) as made:
            made.client.event_hooks["response"].append(judge)
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with serving(folder, server.create(NAME), more, clock=Hands()) as made:
        made.client.event_hooks["response"].append(judge)
        yield made
    server.drop(NAME)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def callers(served: Served) -> dict[str, Caller]:
    """Who calls, by name: see `sign_in`."""
    return await sign_in(served)


@pytest.fixture
def caller(callers: dict[str, Caller]) -> Caller:
    """The demo tenant's own client."""
    return callers["demo"]


@pytest.fixture
def clock(served: Served) -> Hands:
    """The server's clock."""
    assert isinstance(served.parts.clock, Hands)
    return served.parts.clock
