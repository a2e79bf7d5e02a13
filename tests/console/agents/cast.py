"""The people of stories in a browser."""

import asyncio
from contextlib import AsyncExitStack

from playwright.async_api import Browser, Page, expect

from appointed.domain.appointment import Appointment
from tests.browser import Watched, watched
from tests.console.agents.stage import Stage


class Cast:
    """The people of a story, each with a browser context of their own."""

    def __init__(self, stage: Stage, browser: Browser, stack: AsyncExitStack) -> None:
        self.stage, self._browser, self._stack = stage, browser, stack
        self.tabs: list[Watched] = []

    async def somebody(self) -> Page:
        tab = await self._stack.enter_async_context(watched(self._browser))
        self.tabs.append(tab)
        return tab.page

    async def agent(self, name: str = "demo", path: str = "") -> Page:
        """Sign an agent in."""
        page = await self.somebody()
        await page.goto(f"{self.stage.url}/agent-web/sign-in")
        await page.get_by_label("Login name").fill(name)
        await page.get_by_label("Password").fill(name)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        if path:
            await page.goto(self.stage.url + path)
        return page

    async def arrive(self, row: Appointment) -> None:
        """Let the claimant be in the waiting area, as their page does."""
        calls = self.stage.world.served.parts.meetings.calls
        await calls.arrive(f"{row.tenant_id}-{row.id}-{row.link_key}")

    async def status(self, row: Appointment) -> str:
        return (await self.stage.world.again(row)).status

    async def until(self, row: Appointment, status: str) -> None:
        """Wait until an appointment has a status, however it comes by it."""
        async with asyncio.timeout(10):
            while await self.status(row) != status:
                await asyncio.sleep(0.02)

    async def demand_clean(self, *excused: str) -> None:
        """Check that no page complained, and that none asked anybody else for anything."""
        for tab in self.tabs:
            # Whoever leaves a page breaks off its stream.
            words = (*excused, "net::ERR_ABORTED")
            errors = [one for one in tab.errors if not any(word in one for word in words)]
            assert errors == []
            assert await tab.violations() == []
            assert tab.hosts - {""} <= self.stage.hosts
