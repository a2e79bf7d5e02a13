"""The only place that knows all rooms: puts the parts together, opens the doors, runs the server."""

from appointed.app.parts import CannotStart, Parts, assemble, started
from appointed.app.server import check, command, deliver, migrate, serve

__all__ = [
    "CannotStart",
    "Parts",
    "assemble",
    "check",
    "command",
    "deliver",
    "migrate",
    "serve",
    "started",
]
