"""The pages of people put together: which parts they have."""

from typing import Final

from appointed.console.look.pages import Pages, load_pages

# Packages with folders of templates, languages and files.
PARTS: Final[tuple[str, ...]] = ()


def pages() -> Pages:
    """Read everything that pages are made of."""
    return load_pages(PARTS)
