"""What a dialect finds out while it reads a caller's document: broken values, and members left alone."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from appointed.domain.errors import PatchRejected, Problem, ReadOnlyMember

# They go into a header.
MOST_MISSED, LONGEST_MISSED = 50, 60


class Notes:
    """Gathered while members are read; only the first kind of finding that matters is raised at the end.

    `refused` holds (error, member, key) for a JSON Patch that changes what is fixed or names what is not
    there; entities and merge patches are lenient (`is_strict` false) and such members land in `ignored`.
    """

    def __init__(self, *, is_strict: bool = False) -> None:
        self.is_strict = is_strict
        self.problems: list[Problem] = []
        self.ignored: list[str] = []
        self.refused: list[tuple[type[PatchRejected], str, str | None]] = []
        self._missed = 0

    def wrong(self, path: str, rule: str, value: Any = None, allowed: Any = None) -> None:
        """Note a value that breaks a rule."""
        self.problems.append(Problem(path, rule, value, allowed))

    def ignore(self, path: str) -> None:
        """Note a member that was left alone although the caller wanted another value."""
        # These names go into a header, which holds ASCII only.
        name = path if path.isascii() else path.encode("ascii", "replace").decode()
        if name not in self.ignored:
            self.ignored.append(name)

    def miss(self, names: Iterable[str]) -> None:
        """Note what this server has no place for; only the first of many are named."""
        for name in islice(names, MOST_MISSED - self._missed):
            self.ignore(name[:LONGEST_MISSED])
            self._missed += 1

    def refuse(self, error: type[PatchRejected], member: str, key: str | None = None) -> None:
        """Note a change that a JSON Patch must not ask for; others are ignored and named."""
        if self.is_strict:
            self.refused.append((error, member, key))
        else:
            self.ignore(_named(member, key))

    @property
    def fixed(self) -> tuple[str, ...]:
        """Name the fixed members that a JSON Patch would have changed, as this server spells them."""
        return tuple(_named(member, key) for error, member, key in self.refused if error is ReadOnlyMember)


def _named(member: str, key: str | None) -> str:
    return member if key is None else f"{member}.{key}"
