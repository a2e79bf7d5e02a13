"""Where random tests begin."""

import os
import random

LASTING = 20260321


def a_seed() -> int:
    """Give a seed: the same in every run, or a fresh one at full size; whoever takes it says it on failure."""
    if os.environ.get("APPOINTED_TEST_SIZE") == "full":
        return random.SystemRandom().randint(0, 2**32)
    return LASTING
