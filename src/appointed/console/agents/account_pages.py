"""What somebody who has signed in may see and change of themselves: their password."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.desk import HOME, Desk, leads
from appointed.console.agents.sign_pages import CHANGED, SIGN_IN
from appointed.domain.errors import InvalidAppointment, Problem, TooManyAttempts, TooManyRequests
from appointed.domain.rights import departments_of
from appointed.usecases.change_password import LONGEST, LONGEST_SHOWN, SHORTEST, change_own_password

ACCOUNT: Final = f"{HOME}/account"
BUSY: Final = {TooManyAttempts: "too_many", TooManyRequests: "busy"}


class AccountPages(msgspec.Struct, frozen=True):
    """Answers the page of one's own account."""

    desk: Desk

    async def page(self, request: Request) -> Response:
        """Show who one is, and the form for another password."""
        return await self._show(request)

    async def change(self, request: Request) -> Response:
        """Take another password; it ends all sessions, this one too."""
        visitor, form = await self.desk.sessions.posted(request)
        given = [form.values.get(name, "") for name in ("current_password", "password", "again")]
        if given[1] != given[2]:
            return await self._show(request, 422, (Problem("again", "confirmed"),))
        # What is no password in any case is not even compared.
        current, new = given[0][:LONGEST_SHOWN], given[1][: LONGEST + 1]
        door, passwords = self.desk.door, self.desk.sessions.authenticator.passwords
        address = door.client_address(request.scope)
        try:
            await change_own_password(door.store, passwords, self.desk.call(visitor), current, new, address)
        except InvalidAppointment as error:
            return await self._show(request, 422, error.problems)
        except (TooManyAttempts, TooManyRequests) as error:
            return await self._show(request, 429, busy=BUSY[type(error)], seconds=error.retry_after)
        # Other processes forget within seconds.
        door.callers.forget()
        return leads(f"{SIGN_IN}?done={CHANGED}")

    async def _show(
        self,
        request: Request,
        status: int = 200,
        problems: tuple[Problem, ...] = (),
        busy: str = "",
        seconds: int = 0,
    ) -> Response:
        visitor = await self.desk.sessions.visitor(request)
        known = visitor.directory.departments
        answer = self.desk.page(
            request,
            "agents_account.html",
            visitor,
            status,
            problems=problems,
            busy=busy,
            seconds=seconds,
            shortest=SHORTEST,
            longest=LONGEST_SHOWN,
            departments=[known[number].name for number in departments_of(visitor.who) if number in known],
        )
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer
