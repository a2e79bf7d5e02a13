"""What letters need from outside: where they are kept until they are sent, and what they speak of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.letter import Channel, Item, Letter, LetterName, LetterState, Mailing, SeriesTold


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment before and after the change that is told; claimants in clear.

    Without an event, to tell how things stand, `before` is None.
    """

    before: Appointment | None
    after: Appointment | None
    directory: Directory


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying to send a letter. WAITING is tried again at `due_at`.

    With `is_round` it counts as one of the rounds that a letter has. `told` is what its receiver has of the
    series then, if it is SENT; if it is UNSURE, only how it was counted is kept.
    """

    state: LetterState
    at: datetime
    due_at: datetime | None = None
    is_round: bool = True
    error: str = ""
    told: SeriesTold | None = None


class MailStore(Protocol):
    """Where letters are kept; of the same suite of tests as the store itself."""

    @property
    def channels(self) -> frozenset[Channel]:
        """The ways by which this server can tell people; none: no letter is ever kept."""
        ...

    async def add(self, mailing: Mailing) -> bool:
        """Keep what shall be told; False, and nothing kept, when its key was told before."""
        ...

    async def known(self, tenant_id: int, keys: Sequence[str]) -> frozenset[str]:
        """Tell which of these keys were told before."""
        ...

    async def work(self, at: datetime) -> tuple[int, ...]:
        """Name the tenants that have something to tell now."""
        ...

    async def fresh(self, tenant_id: int, limit: int) -> tuple[Mailing, ...]:
        """List mailings whose letters are not known yet, oldest first."""
        ...

    async def spread(self, mailing: Mailing, letters: Sequence[LetterName], at: datetime) -> None:
        """Write down which letters a mailing has, due at once; a second time changes nothing."""
        ...

    async def claim(
        self, tenant_id: int, at: datetime, until: datetime, lease: UUID, limit: int
    ) -> tuple[tuple[Letter, Mailing], ...]:
        """Take due letters for oneself until an instant, then they are anybody's again; the oldest first.

        Of one lane only the first that waits. Whose end was on the way when its claim ended is UNSURE.
        """
        ...

    async def begin(self, letter: Letter) -> bool:
        """Write down that the end of a letter is on its way; False when the claim is not ours any more.

        Until it is settled as sent nobody knows what the receivers of its lane have of a series.
        """
        ...

    async def settle(self, letter: Letter, attempt: Attempt) -> None:
        """Write down what came of a letter; what another has claimed since stays as it is."""
        ...

    async def letters(
        self, tenant_id: int, states: Sequence[LetterState], limit: int = 100
    ) -> tuple[Letter, ...]:
        """List letters, the newest mailings first."""
        ...

    async def again(self, tenant_id: int, at: datetime) -> int:
        """Let all that were refused or are unsure be tried again; gives their number."""
        ...

    async def moment(self, tenant_id: int, item: Item) -> Moment | None:
        """Read what an item speaks of; None when it is not there any more."""
        ...

    async def series(self, tenant_id: int, series_id: int) -> tuple[Appointment, ...]:
        """Read the dates of a series as they are now, guests' own rows left out."""
        ...

    async def told(self, letter: Letter) -> SeriesTold | None:
        """Read what this letter's lane has told of a series; without dates, or None, when nobody knows."""
        ...

    async def forget(self, before: datetime) -> None:
        """Drop mailings and letters of the time before, and what was told of series that ended before."""
        ...
