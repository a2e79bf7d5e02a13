"""A Jitsi server that makes exactly the calls its documents tell of, and takes tokens as Prosody does.

Sources: the handbook's "Authentication (token)" and "Reservation System"; the module event_sync's page.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import jwt

APP_ID = "appointed"
APP_SECRET = "the secret that tokens are signed with"
DOOR_SECRET = "the secret that the meeting server calls with"
DOMAIN = "meet.example"
URL = f"https://{DOMAIN}"


class Refused(Exception):
    """The room could not be entered; the argument says why."""


@dataclass
class Person:
    """Somebody in a browser: `config` is what the address set, `claims` the token's."""

    room: str
    claims: dict[str, Any]
    config: dict[str, Any]
    joined_at: int = 0


@dataclass
class Room:
    """One room while it is open."""

    created_at: int
    ends_at: int
    inside: list[Person] = field(default_factory=list)
    all_occupants: list[dict[str, Any]] = field(default_factory=list)


def opened(address: str, now: datetime) -> Person:
    """Read an address as browser and Prosody do; raises what PyJWT raises for a token that is not good."""
    parts = urlsplit(address)
    assert parts.netloc == DOMAIN
    assert not parts.query
    pairs = (piece.partition("=") for piece in parts.fragment.split("&"))
    values = {name: json.loads(unquote(text)) for name, _equals, text in pairs}
    token = values.pop("jwt")
    # The clock is the test's, so the two times are compared here.
    options = {"verify_exp": False, "verify_nbf": False, "require": ["exp", "iss", "aud", "room"]}
    claims = jwt.decode(
        token, APP_SECRET, algorithms=["HS256"], issuer=APP_ID, audience="jitsi", options=options
    )
    room = parts.path.removeprefix("/")
    if claims["room"].lower() != room.lower():
        raise Refused("room")
    if not claims["nbf"] <= now.timestamp() < claims["exp"]:
        raise Refused("time")
    config = {name.removeprefix("config."): value for name, value in values.items()}
    return Person(room.lower(), claims, config)


@dataclass
class FakeJitsi:
    """Rooms that people enter and leave."""

    client: httpx.AsyncClient
    now: Any
    secret: str = DOOR_SECRET
    rooms: dict[str, Room] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    async def reserve(self, name: str) -> httpx.Response:
        form = {
            "name": name,
            "start_time": f"{self.now():%Y-%m-%dT%H:%M:%S}.000Z",
            "mail_owner": f"7d5c@{DOMAIN}",
        }
        return await self.client.post("/meeting-server/conference", data=form, headers=self.headers)

    async def tell(self, event: str, name: str, **more: Any) -> httpx.Response:
        told = {
            "event_name": f"muc-{event.replace('/', '-')}",
            "room_name": name,
            "room_jid": f"{name}@conference.{DOMAIN}",
            "is_breakout": False,
        } | more
        # The module's own sample gives a destroyed room the name of the other event.
        if event == "room/destroyed":
            told["event_name"] = "muc-room-created"
        return await self.client.post(f"/meeting-server/events/{event}", json=told, headers=self.headers)

    async def join(self, person: Person) -> None:
        """Enter; the first one opens the room."""
        second = int(self.now().timestamp())
        if person.room not in self.rooms:
            answer = await self.reserve(person.room)
            data = answer.json()
            if answer.status_code not in (200, 201):
                raise Refused(data["message"])
            # What mod_reservations demands of an answer.
            assert data["name"].lower() == person.room
            assert data["id"]
            assert data["mail_owner"]
            start = datetime.strptime(data["start_time"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
            self.rooms[person.room] = Room(second, int(start + float(data["duration"])))
            assert (await self.tell("room/created", person.room, created_at=second)).status_code == 204
        room = self.rooms[person.room]
        person.joined_at = second
        room.inside.append(person)
        occupant = self.occupant(person)
        room.all_occupants.append(occupant)
        told = await self.tell(
            "occupant/joined", person.room, occupant=occupant, active_occupants_count=len(room.inside)
        )
        assert told.status_code == 204, told.text

    async def leave(self, person: Person) -> None:
        """Leave; with the last one the room goes."""
        second = int(self.now().timestamp())
        room = self.rooms[person.room]
        room.inside.remove(person)
        occupant = self.occupant(person) | {"left_at": second}
        told = await self.tell(
            "occupant/left", person.room, occupant=occupant, active_occupants_count=len(room.inside)
        )
        assert told.status_code == 204
        if not room.inside:
            await self.destroy(person.room)

    async def destroy(self, name: str) -> None:
        """End a room."""
        room = self.rooms.pop(name)
        told = await self.tell(
            "room/destroyed",
            name,
            created_at=room.created_at,
            destroyed_at=int(self.now().timestamp()),
            all_occupants=room.all_occupants,
        )
        assert told.status_code == 204, told.text
        gone = await self.client.delete(f"/meeting-server/conference/{name}", headers=self.headers)
        assert gone.status_code == 204

    def occupant(self, person: Person) -> dict[str, Any]:
        user = person.claims["context"]["user"]
        return {
            "occupant_jid": f"{id(person)}@{DOMAIN}/x",
            "joined_at": person.joined_at,
            "name": user["name"],
            "id": user["id"],
        }
