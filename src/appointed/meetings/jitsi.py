"""Meetings at a Jitsi server: addresses with a short-lived token for each side.

Source: the handbook's "Authentication (token)" and the module token_affiliation.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import jwt
import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.call import Side, allowed, room_of
from appointed.meetings.switches import config, entering, live_config, moderated, token_features
from appointed.usecases.meetings import Switches

AUDIENCE = "jitsi"
ALGORITHM = "HS256"
# The clocks of the two servers may differ by so much.
LEEWAY = timedelta(seconds=30)
NAMES = {side: side.value.capitalize() for side in Side}
# The number of the frame, as the page around it counts its frames.
FRAME_NUMBER = "jitsi_meet_external_api_id"
AFFILIATIONS = {side: "owner" if side is Side.AGENT else "member" for side in Side}


class JitsiMeetings(msgspec.Struct, frozen=True, kw_only=True):
    """Signs tokens with the secret it shares with the meeting server (HS256)."""

    url: str
    app_id: str
    secret: bytes
    lifetime: timedelta

    def __repr__(self) -> str:
        """Say which server, and no secret."""
        return f"JitsiMeetings({self.url})"

    @property
    def tells(self) -> bool:
        """Whether this server tells who comes and goes: by the module event_sync."""
        return True

    def address(self, row: Appointment, side: Side, now: datetime, until: datetime) -> str:
        """Give the address with token and configuration behind the hash, which browsers send to nobody."""
        token = jwt.encode(self.claims(row, side, now, until), self.secret, algorithm=ALGORITHM)
        values = {"jwt": token} | {
            f"config.{name}": value for name, value in config(allowed(row), side).items()
        }
        pieces = (f"{name}={_json(value)}" for name, value in values.items())
        return f"{self.url}/{room_of(row)}#{'&'.join(pieces)}"

    def framed(self, address: str) -> str:
        """Give an address whose meeting talks with the page around it, by the first scope of its IFrame API.

        Jitsi listens to that page, and tells it anything, only where the address says so.
        """
        return f"{address}&{FRAME_NUMBER}=0"

    def switches(self, row: Appointment, side: Side) -> Switches:
        """Give what a running meeting takes over, by `overwriteConfig` and `toggleModeration`."""
        features = allowed(row)
        return Switches(live_config(features, side), entering(features, side), moderated(features, side))

    def claims(self, row: Appointment, side: Side, now: datetime, until: datetime) -> dict[str, Any]:
        """Give the token's claims: one room, one side, nothing personal; texts only within the user."""
        return {
            "iss": self.app_id,
            "aud": AUDIENCE,
            "sub": "*",
            "room": room_of(row),
            "nbf": int((now - LEEWAY).timestamp()),
            "exp": int(min(now + self.lifetime, until).timestamp()),
            "context": {
                "user": {
                    "id": side.value,
                    "name": NAMES[side],
                    "affiliation": AFFILIATIONS[side],
                    "moderator": "true" if side is Side.AGENT else "false",
                },
                "features": token_features(allowed(row), side),
            },
        }


def _json(value: Any) -> str:
    return quote(msgspec.json.encode(value).decode(), safe="")
