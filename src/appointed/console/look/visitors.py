"""How often links are opened: so many a minute of each, and so many wrong ones from one address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from appointed.domain.errors import AppointmentNotFound
from appointed.http.attempts import Attempts, network_of
from appointed.http.limits import Limits
from appointed.usecases.attempt_ports import AttemptStore
from appointed.usecases.ports import Clock


class Visitors(msgspec.Struct, frozen=True):
    """Counts openings by link, and wrong ones by address."""

    openings: Attempts
    guesses: Attempts

    @classmethod
    def limited(
        cls, clock: Clock, limits: Limits, shared: AttemptStore | None = None, key: bytes = b""
    ) -> "Visitors":
        """Make the counters; what is wrong is counted for all processes in `shared` (see `Attempts`)."""
        return cls(
            Attempts(clock, limits.link_visits_per_minute),
            Attempts(clock, limits.wrong_links_per_minute, shared=shared, key=key),
        )

    @asynccontextmanager
    async def counted(self, address: str) -> AsyncIterator[None]:
        """Count what is opened from an address if it raises AppointmentNotFound; raises TooManyAttempts."""
        guess = self.guesses.take(f"caller {network_of(address)}", "")
        try:
            yield
        except AppointmentNotFound:
            wrong, guess = guess, ()
            await self.guesses.failed(wrong)
            raise
        finally:
            self.guesses.give_back(guess)

    def opened(self, key: str) -> None:
        """Count an opening of one link; raises TooManyAttempts."""
        self.openings.take(f"link {key}", "")
