"""How often links are opened: so many a minute of each, and so many wrong ones from one address."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from appointed.domain.errors import AppointmentNotFound
from appointed.http.attempts import Attempts, network_of
from appointed.http.limits import Limits
from appointed.usecases.ports import Clock


class Visitors(msgspec.Struct, frozen=True):
    """Counts openings by link, and wrong ones by address."""

    openings: Attempts
    guesses: Attempts

    @classmethod
    def limited(cls, clock: Clock, limits: Limits) -> "Visitors":
        """Make the counters; each process has its own."""
        return cls(
            Attempts(clock, limits.link_visits_per_minute), Attempts(clock, limits.wrong_links_per_minute)
        )

    @contextmanager
    def counted(self, address: str) -> Iterator[None]:
        """Count what is opened from an address if it raises AppointmentNotFound; raises TooManyAttempts."""
        guess = self.guesses.take(f"caller {network_of(address)}", "")
        try:
            yield
        except AppointmentNotFound:
            guess = ()
            raise
        finally:
            self.guesses.give_back(guess)

    def opened(self, key: str) -> None:
        """Count an opening of one link; raises TooManyAttempts."""
        self.openings.take(f"link {key}", "")
