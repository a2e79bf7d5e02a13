"""Counts and durations of requests, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

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
