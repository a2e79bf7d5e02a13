"""What a meeting in a frame is to take over while somebody is in it, as the script of its page reads it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from appointed.usecases.meetings import Switches


class Meeting(msgspec.Struct, frozen=True, omit_defaults=True):
    """`digest` tells one `live` from another; with another `joining` one has to come in again."""

    live: Mapping[str, Any]
    digest: str
    joining: str
    moderated: Mapping[str, bool] = {}


def meeting_of(switches: Switches) -> Meeting:
    """Give what the switches of a meeting come to."""
    digest = hashlib.sha256(msgspec.json.encode(switches.live, order="sorted")).hexdigest()[:16]
    return Meeting(switches.live, digest, switches.joining, switches.moderated)
