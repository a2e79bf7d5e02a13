"""A server of one process, as `appointed serve` runs it, with two more addresses: streams to be measured.

    python -m bench.streaming_server PORT      # settings from the environment

`/streams/board?department=1` tells of a department as an agent's board is told; with `&appointment=7`, as a
waiting claimant's page is told: nothing but that something moved.
"""

import os
import sys
from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from appointed.app.addresses import application, error_body
from appointed.app.parts import Parts, assemble, limits_of
from appointed.app.server import Server
from appointed.http.event_stream import EventStream, ServerEvent, plain, resumes_after
from appointed.http.gate import Gate
from appointed.http.logs import open_log
from appointed.http.metrics import RequestMetrics
from appointed.http.protocol import server_config
from appointed.settings import load
from appointed.usecases.live import Message, Topic

STREAMS = "/streams/"


async def tell_claimant(batch: tuple[Message, ...]) -> Iterable[ServerEvent]:
    """Tell that something moved, as for a place in a queue, and no ids."""
    return (ServerEvent("{}", "place"),) if batch else ()


def streams(parts: Parts) -> ASGIApp:
    """Make what answers the two addresses."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        numbers = {name: frozenset({int(value)}) for name, value in request.query_params.items()}
        topic = Topic(
            tenant_id=1,
            department_ids=numbers["department"],
            appointment_ids=numbers.get("appointment", frozenset()),
        )
        render = tell_claimant if "appointment" in numbers else plain
        stream = EventStream(parts.live, parts.streams, topic, resumes_after(request), object(), render)
        await stream(scope, receive, send)

    return answer


def main(port: str) -> None:
    """Serve until told to stop."""
    settings = load(os.environ, port=int(port), demo=True)
    parts = assemble(settings)
    served = application(parts)
    log, metrics = open_log(sys.stderr.buffer, "warning"), RequestMetrics(CollectorRegistry())
    told = Gate(streams(parts), parts.door.limits, error_body, log, metrics)

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        app = told if scope["type"] == "http" and scope["path"].startswith(STREAMS) else served
        await app(scope, receive, send)

    config = server_config(
        both,
        limits_of(settings),
        error_body,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        backlog=2048,
    )
    Server(config, parts, lambda _lines: None).run()


if __name__ == "__main__":
    main(sys.argv[1])
