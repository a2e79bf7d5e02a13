"""The door of the meeting server: may a room open and for how long, and what happened in it.

Source: Prosody's module reservations (the handbook's "Reservation System"), and the module event_sync.
"""

import hmac
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.domain.call import Side
from appointed.domain.errors import AppointmentNotFound, InvalidRequest, MalformedJson, Unauthenticated
from appointed.domain.status import Happening
from appointed.http.body import media_type_of, read_body
from appointed.http.headers import headers_of
from appointed.http.json_body import parse_json
from appointed.http.limits import Limits
from appointed.usecases.meetings import Calls
from appointed.usecases.ports import Clock

PREFIX: Final = "/meeting-server"
FORM: Final = "application/x-www-form-urlencoded"
LONGEST_NAME: Final = 255
NO_STORE: Final = {"Cache-Control": "no-store"}
# Prosody tells the text to whoever wanted the room.
NOT_NOW: Final = "This room is not open now."

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
# Unix seconds, up to the year 2100.
Second = Annotated[float, Meta(ge=0, le=4_102_444_800)]


class Occupant(msgspec.Struct, frozen=True):
    """Who came or went; `id` is the token's user, None for guests without one."""

    id: str | None = None
    joined_at: Second | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What all events have in common; members that are not named here are not read."""

    room_name: Name
    is_breakout: bool = False


class Joined(Told, frozen=True, kw_only=True):
    """`muc-occupant-joined`."""

    occupant: Occupant


class Destroyed(Told, frozen=True, kw_only=True):
    """`muc-room-destroyed`: everybody has left."""

    destroyed_at: Second | None = None
    all_occupants: list[Occupant] = []


T = TypeVar("T", bound=Told)


class MeetingServer(msgspec.Struct, frozen=True, kw_only=True):
    """Answers the meeting server, which proves itself by a secret it shares with us (b"": nobody may)."""

    calls: Calls
    clock: Clock
    limits: Limits
    secret: bytes

    def routes(self) -> list[Route]:
        """Make the routes; what an event means stands in its path alone."""
        return [
            Route(f"{PREFIX}/conference", self.reserve, methods=["POST"]),
            Route(f"{PREFIX}/conference/{{room}}", self.release, methods=["DELETE"]),
            Route(f"{PREFIX}/events/room/created", self.pass_over, methods=["POST"]),
            Route(f"{PREFIX}/events/room/destroyed", self.destroyed, methods=["POST"]),
            Route(f"{PREFIX}/events/occupant/joined", self.joined, methods=["POST"]),
            Route(f"{PREFIX}/events/occupant/left", self.pass_over, methods=["POST"]),
        ]

    async def reserve(self, request: Request) -> Response:
        """Say whether a room may open now and for how many seconds; what it sends of people is not read."""
        self._prove(request)
        name = await self._room_name(request)
        try:
            seconds = await self.calls.seconds_open(name)
        except AppointmentNotFound:
            return _json(404, {"message": NOT_NOW})
        if seconds <= 0:
            return _json(403, {"message": NOT_NOW})
        # Its end is counted from the start it is told; an answer without an owner is not taken.
        begun = self.clock().astimezone(UTC)
        answer = {
            "id": name,
            "name": name,
            "mail_owner": "appointed",
            "start_time": f"{begun:%Y-%m-%dT%H:%M:%S}.000Z",
            "duration": seconds,
        }
        return _json(200, answer)

    async def release(self, request: Request) -> Response:
        """Take note that a room is gone: nothing of it was kept."""
        self._prove(request)
        return Response(status_code=204)

    async def pass_over(self, request: Request) -> Response:
        """Take an event that moves nothing."""
        self._prove(request)
        await self._told(request, Told)
        return Response(status_code=204)

    async def joined(self, request: Request) -> Response:
        """Begin the session when an agent comes to a claimant who waits."""
        self._prove(request)
        told = await self._told(request, Joined)
        if told.occupant.id == Side.AGENT and not told.is_breakout:
            await self._hear(told, Happening.AGENT_JOINED, told.occupant.joined_at)
        return Response(status_code=204)

    async def destroyed(self, request: Request) -> Response:
        """End the session when a room is gone in which both sides had been."""
        self._prove(request)
        told = await self._told(request, Destroyed)
        sides = {occupant.id for occupant in told.all_occupants}
        if sides.issuperset((Side.AGENT, Side.CLAIMANT)) and not told.is_breakout:
            await self._hear(told, Happening.CALL_ENDED, told.destroyed_at)
        return Response(status_code=204)

    async def _hear(self, told: Told, happening: Happening, second: float | None) -> None:
        at = self.clock() if second is None else datetime.fromtimestamp(second, UTC)
        await self.calls.hear(told.room_name, happening, at)

    def _prove(self, request: Request) -> None:
        given = headers_of(request.scope).get(b"authorization", b"")
        scheme, _space, secret = given.partition(b" ")
        is_right = hmac.compare_digest(secret.strip(), self.secret)
        if not (is_right and self.secret and scheme.lower() == b"bearer"):
            raise Unauthenticated

    async def _room_name(self, request: Request) -> str:
        # A form whatever its content type says, or does not say.
        data = await read_body(request.scope, request.receive, self.limits)
        media_type_of(headers_of(request.scope))
        try:
            pairs = parse_qsl(
                data.decode(), keep_blank_values=True, errors="strict", max_num_fields=self.limits.form_parts
            )
        except (UnicodeDecodeError, ValueError):
            raise InvalidRequest("form") from None
        name = dict(pairs).get("name", "")
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidRequest("name")
        return name

    async def _told(self, request: Request, kind: type[T]) -> T:
        data = await read_body(request.scope, request.receive, self.limits)
        media_type_of(headers_of(request.scope))
        value = parse_json(data, self.limits, fold_keys=False)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise MalformedJson(str(error)) from None


def _json(status: int, content: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(content), status, NO_STORE, "application/json")
