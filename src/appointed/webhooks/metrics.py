"""Counts of calls and deliveries, for Prometheus."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram

from appointed.domain.webhook import Delivery
from appointed.usecases.webhook_ports import CallResult

BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3_600.0, 86_400.0, 604_800.0)


class Tally:
    """The metrics of webhooks; labels say nothing of tenants or receivers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "appointed_webhook_calls", "Calls made to receivers.", ("result",), registry=registry
        )
        self._deliveries = Counter(
            "appointed_webhook_deliveries", "Deliveries that ended.", ("result",), registry=registry
        )
        self._delay = Histogram(
            "appointed_webhook_delay_seconds",
            "Time from a change to the receiver's answer.",
            buckets=BUCKETS,
            registry=registry,
        )

    def called(self, answer: CallResult, *, is_blocked: bool) -> None:
        """Count one call."""
        result = "blocked" if is_blocked else "failed" if answer.error else "ok"
        self._calls.labels(result).inc()

    def delivered(self, delivery: Delivery, now: datetime) -> None:
        """Count a delivery that was heard."""
        self._deliveries.labels("delivered").inc()
        self._delay.observe(max(0.0, (now - delivery.at).total_seconds()))

    def died(self) -> None:
        """Count a delivery that will not be tried again by itself."""
        self._deliveries.labels("dead").inc()
