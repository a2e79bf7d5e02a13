"""Counts and durations of requests, for Prometheus."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from appointed.usecases.safety_ports import Backlog

# The library's own variable: names the folder where several processes count together.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics:
    """The metrics of requests; labels come from the route table, never from what callers sent."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "appointed_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "appointed_request_seconds",
            "Time from the request's head to its last byte answered.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "appointed_requests_in_flight",
            "Requests not yet answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.event_streams = Gauge(
            "appointed_event_streams",
            "Event streams that are open; they count as no request in flight.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        children = self._children.get((method, route, status))
        if children is None:
            verb = method if method in METHODS else "other"
            children = self._requests.labels(verb, route, str(status)), self._seconds.labels(verb, route)
            if verb == method:
                self._children[method, route, status] = children
        children[0].inc()
        children[1].observe(seconds)


class Waiting:
    """What waits to be delivered, counted when it is asked for: the store's, whichever process answers."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give one sample for each kind."""
        told = GaugeMetricFamily("appointed_waiting", "What waits to be delivered.", labels=("kind",))
        for kind, count in self._backlog._asdict().items():
            told.add_metric((kind,), count)
        yield told


def gathered(own: CollectorRegistry) -> CollectorRegistry:
    """Give what is to be shown: this process's own measurements, or those of all that count together."""
    folder = os.environ.get(SHARED_FOLDER)
    if folder is None:
        return own
    _forget_the_dead(Path(folder))
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone, folder)  # type: ignore[no-untyped-call]  # the library has no types here
    return everyone


def _forget_the_dead(folder: Path) -> None:
    # What a killed process had under way is under way no more.
    for file in folder.glob("gauge_live*_*.db"):
        process = file.stem.rpartition("_")[2]
        if not Path("/proc", process).exists():
            mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
