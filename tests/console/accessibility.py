"""axe-core on a page, in light and in dark, and pictures of it for people to look at."""

import os
from pathlib import Path

from playwright.async_api import Page

from tests.house.files import TOP

AXE = TOP / "tests" / "clients" / "node_modules" / "axe-core" / "axe.min.js"
# Kept as test output, for people to look at.
PICTURES = Path(os.environ.get("APPOINTED_TEST_PICTURES") or TOP / "test-output" / "console")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
# A frame is another server's page.
RUN = """async () => {
  const found = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  return found.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.target + " " + node.failureSummary).join("; "));
}"""


async def demand_accessible(page: Page) -> None:
    """Check that axe finds nothing, whichever colours the reader prefers."""
    await page.evaluate(AXE.read_text())
    for scheme in ("dark", "light"):
        # Colours on their way to others are none that anybody reads.
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of two words
        found = await page.evaluate(RUN)
        assert not found, f"{scheme}: {found}"


async def picture(page: Page, name: str) -> None:
    """Keep pictures of a page: on a phone in light, at a desk in the dark."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    for width, scheme in ((PHONE, "light"), (DESK, "dark")):
        await page.set_viewport_size(width)  # type: ignore[arg-type]  # a size
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
        file = PICTURES / f"{name}-{width['width']}-{scheme}.png"
        await page.screenshot(path=file, full_page="call" not in name)
    if size is not None:
        await page.set_viewport_size(size)
