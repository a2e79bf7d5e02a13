"""What reading a damaged calendar raises."""

from typing import Final

# The library raises ValueError for most, and for some input whatever its parts stumble over.
# OSError: a zone named as a folder of zones is.
DAMAGED: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    OSError,
)
