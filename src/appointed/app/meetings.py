"""Video meetings put together: which server, by which secrets, and when links work."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from appointed.domain.call import Window
from appointed.meetings.jitsi import JitsiMeetings
from appointed.meetings.plain import ROOM, PlainMeetings
from appointed.settings import Settings
from appointed.usecases.meetings import Calls, Meetings
from appointed.usecases.ports import Clock, IdSource, Store

# As many as HS256 has (RFC 7518 §3.2).
LEAST_SECRET_BYTES = 32


class MeetingsUnusable(Exception):
    """The settings of meetings do not fit each other; the message names what is missing."""


class MeetingParts(msgspec.Struct, frozen=True):
    """Calls, and the secret that the meeting server proves itself by (b"": none)."""

    calls: Calls
    door_secret: bytes

    def __repr__(self) -> str:
        """Say nothing of the secret."""
        return "MeetingParts()"


def meetings_of(settings: Settings, store: Store, clock: Clock, ids: IdSource) -> MeetingParts:
    """Put the parts together; raises MeetingsUnusable."""
    window = Window(
        timedelta(minutes=settings.meetings_minutes_before),
        timedelta(minutes=settings.meetings_minutes_after),
    )
    calls = Calls(store=store, clock=clock, ids=ids, window=window, meetings=_server(settings))
    return MeetingParts(calls, _secret("meetings_door_secret_file", settings.meetings_door_secret_file))


def _server(settings: Settings) -> Meetings | None:
    if settings.meetings_provider == "none":
        return None
    url = settings.meetings_url
    if not url:
        raise MeetingsUnusable(f"meetings_provider {settings.meetings_provider} needs meetings_url.")
    if settings.meetings_provider == "url":
        if ROOM not in url:
            raise MeetingsUnusable(f"meetings_url has no {ROOM}, so that all meetings would be one.")
        return PlainMeetings(url)
    if urlsplit(url).query:
        raise MeetingsUnusable("meetings_url of Jitsi ends where the name of the room begins.")
    secret = _secret("meetings_app_secret_file", settings.meetings_app_secret_file)
    if not secret:
        raise MeetingsUnusable("meetings_provider jitsi needs meetings_app_secret_file.")
    return JitsiMeetings(
        url=url.rstrip("/"),
        app_id=settings.meetings_app_id,
        secret=secret,
        lifetime=timedelta(seconds=settings.meetings_token_seconds),
    )


def _secret(name: str, path: str) -> bytes:
    if not path:
        return b""
    try:
        secret = Path(path).read_bytes().strip()
    except OSError as error:
        raise MeetingsUnusable(f"{name}: {path} cannot be read ({error.strerror}).") from error
    if len(secret) < LEAST_SECRET_BYTES:
        raise MeetingsUnusable(f"{name}: a secret has {LEAST_SECRET_BYTES} bytes or more.")
    return secret
