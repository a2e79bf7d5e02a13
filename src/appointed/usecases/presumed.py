"""What a decision takes for held, and what becomes of it when that time has been let go meanwhile."""

from appointed.domain.claims import Claim


class TimeLetGo(Exception):
    """Nobody holds the times any more for which a guest was to decline; nothing was written, decide again."""

    def __init__(self, times: tuple[Claim, ...]) -> None:
        super().__init__(times)
        self.times = times
