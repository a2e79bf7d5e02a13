"""What columns are called, in the caller's language; a caller without one reads English."""

from typing import Final

from appointed.superoffice.texts import Language, read_titles, titled

# English title → language → title.
TITLES: Final = read_titles("appointed.superoffice.archive", "titles.tsv")


def title_in(title: str, language: Language | None) -> str:
    """Say a column's title; that of a user-defined field is what administrators made it."""
    return titled(TITLES, title, language)
