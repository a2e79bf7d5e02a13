"""All addresses of the organisation: departments, waiting areas, users, diaries (ours: ADRs 0116, 0129)."""

from starlette.routing import Route

from appointed.http.door import Door
from appointed.sqod.organisation.departments import DepartmentRoutes
from appointed.sqod.organisation.desk import Desk
from appointed.sqod.organisation.diaries import DiaryRoutes
from appointed.sqod.organisation.users import UserRoutes
from appointed.sqod.organisation.waiting_areas import WaitingAreaRoutes
from appointed.usecases.credential_ports import PasswordHasher


class OrganisationRoutes:
    """Answers requests for departments, waiting areas, users and the caller."""

    def __init__(self, door: Door, passwords: PasswordHasher, fingerprint_key: bytes) -> None:
        self._desk = Desk(door)
        self._users = UserRoutes(self._desk, passwords, fingerprint_key)

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [
            *DepartmentRoutes(self._desk).routes(),
            *WaitingAreaRoutes(self._desk).routes(),
            *self._users.routes(),
            *DiaryRoutes(self._desk).routes(),
        ]
