"""What one can sign in as: names that HTTP's Basic scheme can carry."""

import re
from typing import Final

LONGEST_LOGIN: Final = 100
# A colon would end the name in a Basic header.
LOGIN_PATTERN: Final = r"[^\s:\x00-\x1f\x7f]+"
_LOGIN: Final = re.compile(LOGIN_PATTERN)


def is_login(text: str) -> bool:
    """Tell whether a user or a client can be called so."""
    return len(text) <= LONGEST_LOGIN and _LOGIN.fullmatch(text) is not None
