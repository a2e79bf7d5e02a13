"""For whom, when and how a carrier is written or read: one value that every member gets."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory, View
from appointed.domain.principal import Principal
from appointed.domain.rights import READ, Access, Rights, rights
from appointed.superoffice.texts import Language, localized
from appointed.superoffice.wiretime import TimeStyle
from appointed.usecases.ports import IdSource

# Renderings are kept per zone and language; the headers name both, so their number is bounded.
MOST_MANNERS = 64


# Which appointments stand in the way on which day.
Blockers = Mapping[date, tuple[int, ...]]
NO_BLOCKERS: Blockers = {}


class NewClaimants:
    """Names claimants that a request adds, each appointment's the same however often its edit is run."""

    __slots__ = ("_ids", "_made")

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids
        self._made: dict[UUID, UUID] = {}

    def of(self, row: Appointment) -> UUID:
        """Give the id of a row's new claimant."""
        return self._made.get(row.uid) or self._made.setdefault(row.uid, self._ids.uuid4())


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """The caller and what they may do with this row, how they want dates and texts, and where we live.

    `has_conflict` None means that nobody looked; such an unknown is never equal to anything. `blockers` are
    known when the row was read, and in a change only when its document asks.
    Without `new_claimants` no row can get a claimant.
    `cache` holds renderings of the directory's records in this very zone and language.
    """

    view: View
    principal: Principal
    rights: Rights
    access: Access
    style: TimeStyle
    language: Language | None
    base_url: str
    cache: dict[Any, Any]
    has_conflict: bool | None = None
    blockers: Blockers = NO_BLOCKERS
    new_claimants: NewClaimants | None = None

    @property
    def directory(self) -> Directory:
        """The tenant's small records."""
        return self.view.directory

    def text(self, value: str) -> str:
        """Pick the caller's language out of a multi-language text or resource."""
        return value if self.language is None else localized(value, self.language)


Contexts = Callable[[Appointment, View], Context]


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request a carrier depends on; `style` gives the dates' form in a base zone."""

    principal: Principal
    base_url: str
    style: Callable[[Directory], TimeStyle]
    language: Language | None = None
    has_conflict: bool | None = None
    blockers: Blockers = NO_BLOCKERS
    new_claimants: NewClaimants | None = None

    def context(self, row: Appointment, view: View) -> Context:
        """Make the context of one row; a Contexts."""
        return self._with(rights(self.principal, row, view), view)

    def general(self, view: View) -> Context:
        """Make the context of what is no appointment, and what every caller may read."""
        return self._with(READ, view)

    def _with(self, granted: Rights, view: View) -> Context:
        style = self.style(view.directory)
        return Context(
            view=view,
            principal=self.principal,
            rights=granted,
            access=granted.access,
            style=style,
            language=self.language,
            base_url=self.base_url,
            cache=_cache(view.directory, style, self.language),
            has_conflict=self.has_conflict,
            blockers=self.blockers,
            new_claimants=self.new_claimants,
        )


def _cache(directory: Directory, style: TimeStyle, language: Language | None) -> dict[Any, Any]:
    manners = directory.memo.setdefault("superoffice", {})
    key = (style, language)
    found = manners.get(key)
    if found is None:
        if len(manners) >= MOST_MANNERS:
            manners.clear()
        found = manners[key] = {}
    return found  # type: ignore[no-any-return] # the memo holds anything
