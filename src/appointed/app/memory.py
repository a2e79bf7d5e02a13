"""How the process keeps its memory: what goes back to the system, and what the collector may leave alone."""

import ctypes
import gc

# glibc's name for the size from which a block is mapped by itself, and given back as soon as it is free.
_MMAP_THRESHOLD = -3
LARGE_BYTES = 1 << 20


def give_back_large_blocks() -> None:
    """Let large blocks, as each proof of a password takes one, go back to the system when they are free.

    Left alone glibc keeps the largest that each thread ever had (docs/performance.md). Other C libraries
    have no such switch, and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)


def freeze_what_is_loaded() -> None:
    """Spare the collector what is loaded now, and let it look more seldom: requests leave few circles."""
    # The default spends a thirteenth of the time on it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
