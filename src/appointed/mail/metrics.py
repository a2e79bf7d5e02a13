"""Counts of letters, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter

from appointed.domain.letter import Letter, LetterState


class Tally:
    """The metrics of letters; labels say nothing of tenants or receivers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._letters = Counter(
            "appointed_letters", "Letters tried, by what came of it.", ("channel", "state"), registry=registry
        )

    def settled(self, letter: Letter, state: LetterState) -> None:
        """Count one attempt."""
        self._letters.labels(letter.name.split("/")[2], str(state)).inc()
