"""All addresses of the organisation: departments, users and the caller (ours: ADR 0116)."""

from starlette.routing import Route

from appointed.http.door import Door
from appointed.sqod.organisation.departments import DepartmentRoutes
from appointed.sqod.organisation.desk import Desk
from appointed.sqod.organisation.users import UserRoutes


class OrganisationRoutes:
    """Answers requests for departments, users and the caller."""

    def __init__(self, door: Door) -> None:
        self._desk = Desk(door)

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [*DepartmentRoutes(self._desk).routes(), *UserRoutes(self._desk).routes()]
