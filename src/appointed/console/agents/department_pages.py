"""The departments that somebody administers: a list, and a page for each that changes it."""

from typing import Final

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.audit_filter import read_id
from appointed.console.agents.change_pages import revision_of
from appointed.console.agents.department_form import Choices, changes_of, shown, sort_problems
from appointed.console.agents.desk import HOME, Desk, leads
from appointed.console.agents.edit_form import Typed
from appointed.console.agents.record_form import STALE, done_of, record_page, typed_of
from appointed.console.agents.session import Visitor
from appointed.domain.directory import AssociateType, Department
from appointed.domain.errors import Forbidden, InvalidAppointment, PreconditionFailed, RecordNotFound
from appointed.domain.rights import may_administer_department, may_administer_users
from appointed.usecases.change_department import KIND, change_department, departments_seen, read_department
from appointed.usecases.change_user import users_seen

DEPARTMENTS: Final = f"{HOME}/departments"
DEPARTMENT: Final = f"{DEPARTMENTS}/{{number}}"
# Lines under the headings of groups, by the keys of their texts.
HINTS: Final = ("hours", "holidays", "grace", "telling", "meeting", "after")


class DepartmentPages(msgspec.Struct, frozen=True):
    """Answers these addresses."""

    desk: Desk

    async def list(self, request: Request) -> Response:
        """Show the departments that one may know of; those that one administers can be opened."""
        visitor = await self.desk.sessions.visitor(request)
        principal, directory = visitor.principal, visitor.directory
        if not may_administer_users(principal, directory):
            raise Forbidden(KIND)
        seen = departments_seen(principal, directory)
        own = {one.id for one in seen if may_administer_department(principal, one.id, directory)}
        return self.desk.page(request, "agents_departments.html", visitor, departments=seen, own=own)

    async def form(self, request: Request) -> Response:
        """Show everything of a department that can be changed here."""
        visitor = await self.desk.sessions.visitor(request)
        return self._show(request, visitor, self._department(request, visitor), done=done_of(request))

    async def save(self, request: Request) -> Response:
        """Keep what was changed; whatever goes wrong, nothing that was typed is lost."""
        visitor, form = await self.desk.sessions.posted(request)
        department, typed = self._department(request, visitor), typed_of(form)
        update = changes_of(typed.given, typed.was)
        if not update:
            return leads(f"{DEPARTMENTS}/{department.id}?done=same")
        edit = self.desk.to_department(update, self.desk.door.ids)
        call = replace(self.desk.call(visitor), precondition=revision_of(form))
        try:
            await change_department(self.desk.door.store, call, department.id, edit)
        except PreconditionFailed:
            # What stands now is newer than what was read of the visitor's session.
            newest = await self.desk.door.store.directory(visitor.principal.tenant_id)
            visitor = replace(visitor, directory=newest)
            return self._show(request, visitor, self._department(request, visitor), STALE, typed)
        except InvalidAppointment as error:
            wrong = replace(typed, problems=sort_problems(error.problems, update))
            return self._show(request, visitor, department, 422, wrong)
        return leads(f"{DEPARTMENTS}/{department.id}?done=saved")

    def _department(self, request: Request, visitor: Visitor) -> Department:
        number = read_id(request.path_params["number"])
        if number is None:
            raise RecordNotFound(KIND, request.path_params["number"])
        found = read_department(visitor.principal, visitor.directory, number)
        if not may_administer_department(visitor.principal, number, visitor.directory):
            raise Forbidden(KIND)
        return found

    def _show(
        self,
        request: Request,
        visitor: Visitor,
        department: Department,
        status: int = 200,
        typed: Typed | None = None,
        done: str = "",
    ) -> Response:
        typed = typed or Typed()
        return record_page(
            self.desk,
            request,
            visitor,
            status,
            shown(department, _people(visitor, department), self.desk.letter_languages, typed),
            typed,
            title="agents.departments.one",
            named=department.name,
            action=f"{DEPARTMENTS}/{department.id}",
            back=DEPARTMENTS,
            back_key="agents.departments.back",
            revision=department.revision,
            hints=HINTS,
            # Hours are the tenant's, wherever the browser is.
            zone=visitor.directory.zone,
            done=done,
        )


def _people(visitor: Visitor, department: Department) -> Choices:
    """List who may get a department's appointments: whoever signs in, and who gets them now."""
    known = users_seen(visitor.principal, visitor.directory)
    kept = department.default_associate_id
    return tuple(
        (str(one.id), one.full_name)
        for one in known
        if one.id == kept or (not one.is_deleted and one.type is AssociateType.INTERNAL)
    )
