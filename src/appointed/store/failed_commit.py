"""What callers hear when the commit of their batch has failed, or nobody knows whether it has."""

from collections.abc import Callable, Sequence

from appointed.domain.errors import StoreBusy
from appointed.store.plan import Result
from appointed.usecases.ports import Change, Outcome


def after_failure(
    changes: Sequence[Change], results: Sequence[Result], failure: Callable[[], Exception]
) -> list[Result]:
    """Tell the failure to those alone whose changes were being written.

    A refusal stands, and so does an answer that was stored earlier. Whoever wrote nothing may have read what
    the others wrote, and has to ask again.
    """
    return [_told(change, result, failure) for change, result in zip(changes, results, strict=True)]


def _told(change: Change, result: Result, failure: Callable[[], Exception]) -> Result:
    if not isinstance(result, Outcome) or result.replayed is not None:
        return result
    has_written = not change.dry_run and (result.changed_ids or result.deleted)
    return failure() if has_written else StoreBusy()
