"""Whether the process lives and whether it can serve, for whoever watches it."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.http.metrics import Waiting
from appointed.usecases.ports import Health, Store

READY_SECONDS = 0.5
log = logging.getLogger(__name__)
Percent = Callable[[], float]
PLENTY = 100.0
DISK_FULL = Health(is_ready=False, detail="the disk is almost full")


class Watch:
    """Answers `/healthz/live`, `/healthz/ready` and `/metrics`; `is_draining` makes it not ready.

    So does a disk with less than `least_percent` of it free, as `free_percent` tells.
    """

    def __init__(
        self,
        store: Store,
        registry: CollectorRegistry,
        free_percent: Percent = lambda: PLENTY,
        least_percent: float = 0.0,
    ) -> None:
        self._store = store
        self._free_percent = free_percent
        self._least_percent = least_percent
        self._registry = registry
        self.is_draining = False

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [
            Route("/healthz/live", self.live),
            Route("/healthz/ready", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def live(self, _request: Request) -> Response:
        """Answer at all: the event loop runs."""
        return _json(200, {"status": "live"})

    async def ready(self, _request: Request) -> Response:
        """Answer 200 when a change could be written now, 503 with the reason otherwise."""
        health = await self.health()
        if health.is_ready:
            return _json(200, {"status": "ready"})
        return _json(503, {"status": "not ready", "detail": health.detail})

    async def health(self) -> Health:
        """Tell whether this server should get requests."""
        if self.is_draining:
            return Health(is_ready=False, detail="stopping")
        if self._free_percent() < self._least_percent:
            return DISK_FULL
        try:
            async with asyncio.timeout(READY_SECONDS):
                return await self._store.health()
        except TimeoutError:
            return Health(is_ready=False, detail="the store does not answer")

    async def metrics(self, _request: Request) -> Response:
        """Give all measurements in Prometheus' text form; without what waits where the store does not say."""
        told = generate_latest(self._registry)
        try:
            async with asyncio.timeout(READY_SECONDS):
                told += generate_latest(Waiting(await self._store.backlog()))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, all else is worth most then
            log.warning("how much waits is not told: %s", type(error).__name__)
        return Response(told, media_type=CONTENT_TYPE_LATEST)


def free_percent_of(folder: Path) -> Percent:
    """Make the question how much is free, for us, of the disk that a folder is on."""

    def ask() -> float:
        found = os.statvfs(folder)
        return PLENTY * found.f_bavail / max(found.f_blocks, 1)

    return ask


def _json(status: int, content: dict[str, str]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(content), status, headers, "application/json")
