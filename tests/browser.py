"""Debian's Chromium, driven by Playwright, and a page that remembers whatever went wrong on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

CHROMIUM = "/usr/bin/chromium"
SWITCHES = (
    # Nothing but this machine can be reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
# Asked for by browsers, not by pages.
UNASKED = ("/favicon.ico",)
PATIENCE_MS = 90_000
ABORTED = "net::ERR_ABORTED"
WIDE = {"width": 1280, "height": 900}

# Chromium tells violations of a policy on the console too, but not in every frame and not always in one form.
WATCH_POLICY = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__violations.push(event.violatedDirective + " " + event.blockedURI);
});
"""


@dataclass
class Watched:
    """A page of its own browser context; `errors` is what it complained of, `hosts` whom it asked."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def listen(self) -> None:
        """Remember errors and requests from now on."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("requestfailed", self._fail)

    async def violations(self) -> list[str]:
        """Give what the page's own security policy has blocked."""
        found: list[str] = await self.page.evaluate("window.__violations")
        return found

    async def demand_clean(self, host: str) -> None:
        """Check that nothing went wrong and that nobody but `host` (with its port) was asked for anything."""
        assert self.errors == []
        assert await self.violations() == []
        assert self.hosts - {""} == {host}

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and urlsplit(message.location["url"]).path not in UNASKED:
            self.errors.append(message.text)

    def _fail(self, request: Request) -> None:
        # A page that is left for another while it still comes is no failure, nor a stream that ends with its page.
        is_left = request.is_navigation_request() or request.resource_type == "eventsource"
        if is_left and request.failure == ABORTED:
            return
        self.errors.append(f"failed: {request.url} {request.failure}")


@asynccontextmanager
async def chromium(*switches: str) -> AsyncIterator[Browser]:
    """Start a browser without a screen, with further `switches`."""
    async with async_playwright() as playwright:
        args = [*SWITCHES, *switches]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched(browser: Browser, **options: Any) -> AsyncIterator[Watched]:
    """Open an empty page with cookies and a cache of its own, in English and in UTC unless `options` differ."""
    usual: dict[str, Any] = {"viewport": WIDE, "locale": "en-GB", "timezone_id": "UTC"}
    context = await browser.new_context(**(usual | options))
    try:
        # As patient as a busy machine needs; what never comes fails all the same.
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(WATCH_POLICY)
        made = Watched(await context.new_page())
        made.listen()
        yield made
    finally:
        await context.close()
